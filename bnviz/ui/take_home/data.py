"""Data to take home: all numbers of the result on the screen, as one tidy table (CSV).

The file is made when the button is clicked, from the result that is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import Any

import streamlit as st
from pydantic import BaseModel

from bnviz import __version__
from bnviz.axes import SHORT
from bnviz.experiments import forgiveness, lab, landscape, rates
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import ARMS
from bnviz.experiments.minibatch import ByHand
from bnviz.experiments.quoting import printed
from bnviz.experiments.result import Axes, Result, declared
from bnviz.experiments.tidy import Tidy, columns, tidy
from bnviz.ui import for_class, gathered
from bnviz.ui.answers import again, at_once
from bnviz.ui.answers import kept as known
from bnviz.ui.course import Lesson
from bnviz.ui.course import lesson as lesson_called
from bnviz.ui.gathered import View
from bnviz.words.comma_separated import comma_separated
from bnviz.words.numbers import many

ABOUT = (
    "**The numbers of this result** as a table (CSV): one number a row, with its treatment, seed,"
    " step, layer and name. What they are of stands in the first lines, which begin with #:"
    ' `pandas.read_csv(…, comment="#")` skips them.'
)
MOST = 100_000  # rows: some 5 MB, a tenth of what a spreadsheet holds

Configs = Sequence[Any]  # one; in the lab both arms


def offer(lesson: str, configs: Sequence[BaseModel], kept: Mapping[str, LabConfig]) -> None:
    """The table to be saved.

    configs: what the page shows; in the lab both arms. kept: the runs beside them in the lab's
    pictures, by name.
    """
    link = for_class.link(lesson, for_class.Wanted(0, lock="", hide=False, present=False))
    st.markdown(ABOUT)
    st.download_button(
        "Data",
        partial(file, lesson_called(lesson), configs, link, kept, gathered.now().views),
        file_name=f"bnviz-{lesson}.csv",
        mime="text/csv",
        icon=":material/table:",
        key=f"{lesson}-data",
        on_click="ignore",
    )


def file(
    here: Lesson,
    configs: Configs,
    link: str,
    kept: Mapping[str, LabConfig] = MappingProxyType({}),
    views: Sequence[View] = (),
) -> bytes:
    """The file: what it is of, what its names mean, and the table.

    views: how the pictures of the page are looked at, once it has come to them.
    """
    results = results_of(here.name, configs)
    results |= {name: again(lab.run, config) for name, config in kept.items()}
    tables = [
        tidy(one, MOST // len(results), **({"treatment": name} if name else {}))
        for name, one in results.items()
    ]
    named = columns(tables)
    rows = (row for table in tables for row in table.rows(named))
    first = _of(here, configs, link) + _further(kept, views)
    runs = (f"{name}: {config.model_dump_json()}" for name, config in kept.items())
    notes = [first, *runs, *dict.fromkeys(_about(results, tables))]
    return comma_separated(_with(named, rows), [printed(note) for note in notes]).encode()


def _with(head: Sequence[object], rows: Iterator[Sequence[object]]) -> Iterator[Sequence[object]]:
    yield head
    yield from rows


def _of(here: Lesson, configs: Configs, link: str) -> str:
    """Version, lesson, link, and every field of the Config, in one line."""
    settings = " and ".join(config.model_dump_json() for config in configs)
    return f"bnviz {__version__}; {here.name}: {here.question} {link} {settings}"


def _further(kept: Mapping[str, LabConfig], views: Sequence[View]) -> str:
    """What is on the page besides, and no field of a Config."""
    also = f"; with {many(len(kept), 'kept run')}, told below" if kept else ""
    shown = (
        f"{one.label}{f' ({one.question})' if one.question else ''}: {one.chosen}" for one in views
    )
    return "; ".join([also, *shown])


def _about(results: Mapping[str, Result], tables: Sequence[Tidy]) -> Iterator[str]:
    """What the names mean, what is not in the table, and how to have all of it."""
    for (name, result), table in zip(results.items(), tables, strict=True):
        of = f"{name}: " if name else ""
        if any(axis == "step" for one in table.parts for axis, _ in one.places):
            yield f"step: {declared(type(result)).get('steps', Axes()).what or 'updates so far'}"
        yield from (f"{one.name}: {one.axes.what}" for one in table.parts if one.axes.what)
        if table.every > 1:
            few = f"one of {table.every} recorded steps, and the last"
            yield f"{of}To keep this file small, it has {few}."
        if table.left_out:
            left_out = ", ".join(table.left_out)
            yield f"{of}Left out, too many numbers: {left_out}; Python's result has them."


# --- which results a page shows


def results_of(lesson: str, configs: Configs) -> dict[str, Result]:
    """The results on the screen, by what a table with several of them calls each."""
    if lesson == "lab":
        return dict(_arms(configs))
    return {"": OF_OTHERS.get(lesson, partial(_usual, lesson))(configs[0])}


def _usual(lesson: str, config: Any) -> Result:
    """What run(config) gives, of the lesson's own experiment."""
    run = import_module(f"bnviz.experiments.{lesson}").run
    result: Result = at_once(run, config) if isinstance(config, ByHand) else again(run, config)
    return result


def _arms(configs: Configs) -> Iterator[tuple[str, Result]]:
    for letter, config in zip(ARMS, configs, strict=True):
        yield f"{letter.upper()} ({SHORT[config.treatment]})", again(lab.run, config)


def _map(config: forgiveness.ForgivenessConfig) -> Result:
    """As far as it is trained."""
    granted = config.affordable()
    pieces = [one for one in forgiveness.pieces(granted) if known(forgiveness.run_piece, one)]
    return forgiveness.assemble(granted, [again(forgiveness.run_piece, one) for one in pieces])


OF_OTHERS: dict[str, Callable[[Any], Result]] = {
    "forgiveness": _map,
    "landscape": lambda config: again(landscape.run, config.along()),
    "rates": lambda config: again(rates.run, config.swept()).at(config),
}
"""Lessons that do not show what run(config) gives."""
