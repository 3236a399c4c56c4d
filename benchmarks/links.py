"""Links that nobody would send in good faith, on every page: each is answered, within its bounds.

What a page does with a link is real: its knobs, its Config, what that may cost, its pictures and
its sentences. Only the training behind it is replaced by that of smaller networks.
"""

from __future__ import annotations

import functools
import importlib
import logging
import multiprocessing
import os
import random
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from unittest.mock import patch

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from benchmarks.timing import heading, row
from bnviz import experiments
from bnviz.experiments import forgiveness
from bnviz.experiments.continuations import written
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.settings import Settings
from bnviz.ui import options, stage
from bnviz.ui.course import COURSE, Lesson
from bnviz.ui.foreseen import IN_LINK
from tests.hostile import DISGUISED, FOREIGN, MARKS, TEXTS, outside

ROOT = Path(__file__).parent.parent
LESSONS = [one for lessons in COURSE.values() for one in lessons if one.page]
LINKS = 10_000
PER_TASK = 50  # links
PATIENCE = 120.0  # seconds for one page
REMEMBERED = 128  # small runs
SMALL = {"width": 8, "batch_size": 32, "steps": 6, "seeds": 2}  # at most, in the training behind
SHAPED = {"PieceConfig": ("steps", "seeds"), "BatchesConfig": ("batch_size",)}  # stay as asked
MEANT_BY_ALL = ("1", "true", "BCDFGH", "new", "first", "first-2", "race.all", "race.all-but.depth")
LONGEST = 800  # characters of a sentence
ACTIVE = {"a", "img", "script", "iframe", "svg", "form"}  # tags that only a stranger writes …
ADDRESSES = {"", *(one.address for one in LESSONS)}  # … but for links to this page and to lessons

ODD = (
    "", " ", "nan", "inf", "-inf", "1e999", "-1", "0", "1e-300", "0x10", "1_000", "null", "true",
    "[]", "{}", "%00", "\uff10.\uff11", "0.1 ", "+8", "08", "8.0", "9" * 4000,
)  # fmt: skip
GRAMMAR = "0123456789.,;~_-+exnrabHNtd \n"  # what tables, lists and continuations are made of
MEANT = (
    "1~2_3~4_5~-6e-3", "7_7_7", "1 2\n3 4", "1~2~3~4", "0.01x50_0.001x20", "0.1x100",
    "nbatch_r0.32_atanh_h2_w8_s50_e1_Nmy-first.21.", "nlayer_h2_w8_s50_e1__nnone_h2_w8_s50_e1_H",
    "ngroup_G4_t0.01x50_dmoons", "1", "3", "ghost", "a", "x", "home.rw-o_race.r",
)  # fmt: skip
"""Some that mean something; most of what is made from them nearly does."""
NOT_KNOBS = (
    "ignored", "again", "state", "growing", "section", "reset", "ask", "said", "plays", "changed",
    "bn-of-50", "",
)  # fmt: skip

Query = dict[str, list[str]]
Doors = dict[str, list[str]]
"""The widgets of a page by their keys, with what each offers."""


class OverBoundsError(AssertionError):
    """A run was asked for that costs more than one may."""


@dataclass
class Tally:
    """What became of the links: how many on each page, and each fault with its link."""

    links: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    warned: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.links += other.links
        self.runs += other.runs
        self.warned += other.warned
        self.faults += other.faults


def opened(lesson: Lesson, query: Query) -> AppTest:
    """The page of a link, in a session of its own."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    if lesson.page != "app.py":
        at.switch_page(str(lesson.page))
    for name, values in query.items():
        at.query_params[name] = values
    return at.run()


def doors(at: AppTest) -> Doors:
    """All that the page lets a link set."""
    found: Doors = {}
    for one in (*at.select_slider, *at.selectbox, *at.button_group):
        found[str(one.key)] = [str(option) for option in one.options]
    for text in (*at.text_input, *at.text_area):
        found[str(text.key)] = []
    return found


def link(chance: random.Random, lesson: Lesson, here: Doors) -> Query:
    """Some of the page's doors, and some that it has not, with anything behind them."""
    names = chance.sample(sorted(here), min(len(here), chance.choice((1, 2, 4, 8, 60))))
    query = {name: _values(chance, here, name) for name in names}
    for _ in range(chance.choice((0, 0, 1, 3, 8))):
        other = chance.choice((*NOT_KNOBS, *TEXTS, *DISGUISED, *ODD))
        prefix = chance.choice((lesson.name, lesson.name, chance.choice(LESSONS).name, "bnviz"))
        query[f"{prefix}-{other}"] = [_anything(chance, here)]
    for asked in (f"{lesson.name}-ask", f"{lesson.name}-said", IN_LINK):
        if chance.random() < 0.2:
            query[asked] = [_anything(chance, here)]
    for option in (*options.CARRIED, stage.FIGURE):  # embed is Streamlit's own: it hides it
        if chance.random() < 0.1:
            query[option] = [chance.choice((*MEANT_BY_ALL, _anything(chance, here)))]
    return query


def _values(chance: random.Random, here: Doors, name: str) -> list[str]:
    def one() -> str:
        offered = here[name] or [_made_up(chance)]
        return chance.choice(offered) if chance.random() < 0.5 else _anything(chance, here)

    return [one() for _ in range(chance.choice((1, 1, 1, 1, 2, 5)))]


def _anything(chance: random.Random, here: Doors) -> str:
    other = chance.choice([option for options in here.values() for option in options] or [""])
    return chance.choice(
        (
            other,
            chance.choice(TEXTS),
            chance.choice(DISGUISED),
            chance.choice(ODD),
            chance.choice(TEXTS) + other,
            _made_up(chance),
        )
    )


def _made_up(chance: random.Random) -> str:
    """Letters in any order, or a text that means something with some letters exchanged."""
    if chance.random() < 0.3:
        return "".join(chance.choices(GRAMMAR, k=chance.choice((1, 4, 12, 60, 300))))
    letters = [*chance.choice(MEANT)]
    for _ in range(chance.choice((0, 0, 1, 2, 4))):
        place = chance.randrange(len(letters))
        letters[place : place + chance.choice((0, 1))] = chance.choice((*GRAMMAR, *TEXTS))
    return "".join(letters)


def faults(at: AppTest) -> Iterator[str]:
    """What must not be on a page, whatever its link says."""
    yield from (f"failed: {one.value}" for one in (*at.exception, *at.error))
    yield from (f"not quoted: {said[:200]!r}" for said in texts(at) if _marked(outside(said)))
    for said in (one.value for one in (*at.warning, *at.caption)):
        if len(said) > LONGEST:
            yield f"{len(said)} characters long: {said[:200]!r}"
    for one in at.get("html"):
        yield from (f"in HTML: {tag!r}" for tag in foreign_tags(one.proto.body))
    if any(_marked(chart.proto.spec) for chart in at.get("plotly_chart")):
        yield "a stranger's text in a picture"
    if any(FOREIGN in str(onward.proto) for onward in at.get("page_link")):
        yield f"leads to {FOREIGN}"


def texts(at: AppTest) -> list[str]:
    """All that is Markdown on a page."""
    titles = [*at.title, *at.header, *at.subheader]
    return [one.value for one in (*titles, *at.markdown, *at.caption, *at.warning, *at.info)]


def _marked(text: str) -> bool:
    return any(mark in text for mark in MARKS)


def foreign_tags(html: str) -> list[str]:
    """Tags that only a stranger would write, or with a stranger's text in them."""
    page = _Html()
    page.feed(html)
    return page.foreign


def _without_query(address: str | None) -> str | None:
    """Where a link leads, whatever it asks for there; None: to no place."""
    return address.partition("?")[0] if address else None


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        leads = {
            name: _without_query(text) if name in ("href", "data-link") else text
            for name, text in attrs
        }
        ours = tag == "a" and leads.get("href") in ADDRESSES
        if (tag in ACTIVE and not ours) or FOREIGN in str(leads):
            self.foreign.append(str(self.get_starttag_text()))


Work = Callable[..., Any]


@contextmanager
def small_runs() -> Iterator[list[Settings]]:
    """Whatever is asked for is checked against its bounds, and trained with small networks.

    Gives the list of all that was asked for.
    """
    asked: list[Settings] = []
    known: OrderedDict[tuple[str, str], Any] = OrderedDict()

    def small(run: Work) -> Work:
        @functools.wraps(run)
        def instead(config: Settings, *args: Any, **kwargs: Any) -> Any:
            if not isinstance(config, Settings):  # by hand: there is nothing to make smaller
                return run(config, *args, **kwargs)
            asked.append(config)
            if not config.fits():
                costs = f"{config.work():.0f} s and {config.memory() / 1e6:.0f} MB"
                raise OverBoundsError(f"{config!r} costs {costs}")
            less = _smaller(config)
            key = f"{run.__module__}.{run.__qualname__}", less.model_dump_json()
            if key not in known:
                known[key] = run(less, *args, **kwargs)
            while len(known) > REMEMBERED:
                known.popitem(last=False)
            return known[key]

        return instead

    rows = {name: (knob, few[::4]) for name, (knob, few) in forgiveness.ROWS.items()}
    fewer = patch.multiple(forgiveness, RATES=forgiveness.RATES[::10], ROWS=rows)
    replaced = [
        patch.object(module, name, small(run)) for module, name, run in runs_of_experiments()
    ]
    with fewer:
        for one in replaced:
            one.start()
        try:
            yield asked
        finally:
            for one in replaced:
                one.stop()


def runs_of_experiments() -> Iterator[tuple[Any, str, Work]]:
    """Every run of every experiment that trains."""
    for found in iter_modules(experiments.__path__):
        module = importlib.import_module(f"{experiments.__name__}.{found.name}")
        for name, run in vars(module).items():
            own = getattr(run, "__module__", "") == module.__name__
            if own and (name == "run" or name.startswith("run_")):
                yield module, name, run


def _smaller(config: Settings) -> Settings:
    kept = SHAPED.get(type(config).__name__, ())
    less: dict[str, Any] = {
        name: min(most, getattr(config, name))
        for name, most in SMALL.items()
        if name not in kept and hasattr(config, name)
    }
    if isinstance(config, LabConfig):
        few = [(rate, min(steps, SMALL["steps"])) for rate, steps in config.pieces[1:]]
        less["then"] = written(few)
    return config.model_copy(update=less)


def look_at(seed: int, count: int, lessons: list[Lesson]) -> Tally:
    """So many links on each of these lessons, after the lesson itself; the same for each seed."""
    tally = Tally()
    with small_runs() as asked:
        for lesson in lessons:
            here = doors(_followed(lesson, {}, tally))
            for place in range(count):
                chance = random.Random(f"{seed} {lesson.name} {place}")
                query = link(chance, lesson, here)
                try:
                    _followed(lesson, query, tally)
                except RuntimeError as late:  # AppTest's own: it waited PATIENCE
                    tally.faults.append(f"{late}, on {lesson.name} {query!r}")
        tally.runs = len(asked)
    return tally


def _followed(lesson: Lesson, query: Query, tally: Tally) -> AppTest:
    at = opened(lesson, query)
    tally.links[lesson.name] += 1
    tally.warned += bool(at.warning)
    tally.faults += [f"{fault}, on {lesson.name} {query!r}" for fault in faults(at)]
    return at


def main() -> None:
    each = -(-LINKS // len(LESSONS))
    tasks = [(seed, lesson) for seed in range(-(-each // PER_TASK)) for lesson in LESSONS]
    heading(f"{LINKS} links of strangers", "Training behind them: small networks.")
    started, tally = time.monotonic(), Tally()
    cores, fresh = len(os.sched_getaffinity(0)), multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, fresh, _begin) as pool:
        for done, part in enumerate(pool.map(_task, tasks), 1):
            tally.add(part)
            if done % len(LESSONS) == 0:
                row("  so far", f"{tally.links.total()}, {len(tally.faults)} with a fault")
    row("followed", f"{tally.links.total()} in {time.monotonic() - started:.0f} s")
    row("told that something is not offered", f"{tally.warned}")
    row("runs asked for, none over its bounds", f"{tally.runs}")
    row("exceptions, and what was not shown as text", f"{len(tally.faults)}", "target 0")
    for fault in tally.faults[:20]:
        print(fault[:1000])


def _begin() -> None:
    """In each process: no word of Streamlit's outside of a server, one look for components."""
    logging.disable(logging.WARNING)
    once = functools.cache(manifest_scanner.scan_component_manifests)
    manifest_scanner.scan_component_manifests = once


def _task(task: tuple[int, Lesson]) -> Tally:
    seed, lesson = task
    return look_at(seed, PER_TASK, [lesson])
