"""The text of a script: its first lines, its settings, and the blocks that these need."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bnviz import __version__
from bnviz.experiments.own_samples import OWN_FILE
from bnviz.experiments.settings import knobs
from bnviz.script.comparison import LESSONS, Comparison
from bnviz.script.fill import block
from bnviz.script.needs import CONSTANTS, Needs
from bnviz.script.program import WIDTH, Part, Program

if TYPE_CHECKING:
    from bnviz.experiments.settings import Settings

ABOUT = (
    "As in bnviz {version}: the same weights, the same mini-batches. Rounding differs{drawn};"
    " it grows, so compare medians. Needs torch, numpy{stored}; for the curves, matplotlib."
)
UNTRAINED = (
    "As in bnviz {version}: the same weights, the same mini-batches and, but for rounding, the same"
    " numbers. Needs torch, numpy{stored}; for the curves, matplotlib."
)
SHORT = 120  # lines: a script that has as many leaves out what it can spare
DRAWN = ", and what dropout and noise draw"
STORED = ", scikit-learn (the data)"
TOGETHER = ("STEPS", "BATCH", "RATE"), ("INPUTS", "CLASSES", "DEPTH", "WIDTH")
"""Constants that stand on one line, as many of them as are there."""


def script(
    lesson: str, question: str, *configs: Settings, link: str = "", whole: bool = False
) -> str:
    """The script of a lesson at these settings, as the text of a file; see `program`."""
    return program(lesson, question, *configs, link=link, whole=whole).text


def program(
    lesson: str, question: str, *configs: Settings, link: str = "", whole: bool = False
) -> Program:
    """The same in its parts: pure, the same Config, the same program.

    configs: one; in the lab both arms. As on the page, what takes too long is cut: see
    Settings.affordable. question: the lesson's, for the first line; link: of the page. whole: with
    all networks, however long it becomes; otherwise it says which it has no room for.

    Raises KeyError for a lesson without a script, TooLargeError as Settings.affordable does.
    """
    granted = [config.affordable() for config in configs]
    found = LESSONS[lesson](*granted)
    for comparison in (found,) if whole else found.ever_shorter():
        made = _program(comparison, question, granted, link)
        if len(made.text.splitlines()) < SHORT:
            break
    return made


def _program(
    comparison: Comparison, question: str, configs: Sequence[Settings], link: str
) -> Program:
    """Of these networks."""
    needs = Needs(comparison.arms)
    facts = needs.facts() | comparison.facts()
    parts = _parts(comparison, needs, facts)
    settings = _constants(comparison, needs, "\n".join(part.code for part in parts))
    settings.append(_networks(needs))
    first = [Part(block("head", facts, {})), Part("\n".join(settings), "Settings")]
    told = [*_about(comparison, facts), *_settings(comparison, configs)]
    return Program(question, told, link, [*first, *parts])


def _parts(comparison: Comparison, needs: Needs, facts: set[str]) -> list[Part]:
    """All that follows the settings."""
    code = needs.code() | comparison.marks()
    raw, ready = f"data_{comparison.data_name()}", "data"
    data = "\n".join(block(name, facts, code) for name in (raw, ready))
    some = [name for name in ("noise", "skip", "trained", "walk") if name in facts]
    modules = [*needs.modules(), *some]
    network = "network_maps" if "maps" in facts else "network"
    return [
        Part(data, "The data"),
        Part(block("batches", facts, code), function=True),
        *(
            Part(block(name, facts, code), "" if place else "The networks", function=True)
            for place, name in enumerate([*modules, network])
        ),
        *_last(facts, code),
    ]


def _last(facts: set[str], code: Mapping[str, str]) -> list[Part]:
    """What is done with the networks."""
    if "untrained" in facts:
        measure, result = "alike", "result_alike"
        titles = "How alike the samples are", "Layer by layer"
    else:
        measure, result = "training", "result"
        titles = "Training", "What becomes of them"
    return [
        Part(block(measure, facts, code), titles[0], function=True),
        Part(block(result, facts, code), titles[1]),
    ]


def _about(comparison: Comparison, facts: set[str]) -> list[str]:
    drawn = DRAWN if facts & {"noise", "dropout"} else ""
    stored = STORED if facts & {"digits", "wine", "breast_cancer"} else ""
    stored += f", and {OWN_FILE} beside it" if "your_own" in facts else ""
    text = UNTRAINED if "untrained" in facts else ABOUT
    about = text.format(version=__version__, drawn=drawn, stored=stored)
    too_long = ", ".join(comparison.too_long)
    more = [f"Too long for here, but in the notebook: {too_long}."] if too_long else []
    return [about, *more, *([f"Left out: {comparison.left_out}"] if comparison.left_out else [])]


def _settings(comparison: Comparison, configs: Sequence[Settings]) -> list[str]:
    """A sentence for each Config."""
    turned = [_turned(config) for config in configs]
    if len(configs) == 1:
        return [f"Turned here: {', '.join(turned[0])}."] if turned[0] else []
    shared = [one for one in turned[0] if one in turned[1]]
    told = [f"Both: {', '.join(shared)}."] if shared else []
    for name, some in zip(comparison.arms, turned, strict=True):
        own = [one for one in some if one not in shared]
        told.append(f"{name}: {', '.join(own) or 'nothing turned'}.")
    return told


def _turned(config: Settings) -> list[str]:
    """What is not as the lesson opens."""
    fields = type(config).model_fields
    return [
        f"{knob.label} {knob.show(getattr(config, name))}"
        for name, knob in knobs(type(config)).items()
        if getattr(config, name) != fields[name].default
    ]


def _networks(needs: Needs) -> str:
    """The literal that says what the networks differ in."""
    lines = ["NETWORKS = {  # what each has of its own; all else they share"]
    for name in needs.traits:
        own = [f'"{trait}": {code}' for trait, code in needs.own(name).items()]
        line = f'    "{name}": {{{", ".join(own)}}},'
        if len(line) > WIDTH:
            line = "\n".join([f'    "{name}": {{', *_wrapped(own), "    },"])
        lines.append(line)
    return "\n".join([*lines, "}"])


def _wrapped(entries: Sequence[str]) -> list[str]:
    """As many in a line as there is room for; a long one in several."""
    lines = [""]
    for entry in entries:
        longer = f"{lines[-1]} {entry},".lstrip()
        if lines[-1] and len(longer) > WIDTH - 8:
            lines.append(f"{entry},")
        else:
            lines[-1] = longer
    first, later = " " * 8, " " * 12
    return [
        textwrap.fill(line, WIDTH, initial_indent=first, subsequent_indent=later) for line in lines
    ]


def _constants(comparison: Comparison, needs: Needs, body: str) -> list[str]:
    """The constants that the rest of the script names."""
    shared = {
        constant: (needs.shared(name), comparison.called.get(constant, about))
        for name, (constant, about) in CONSTANTS.items()
    }
    named = {
        name: said
        for name, said in (comparison.constants() | shared).items()
        if re.search(rf"\b{name}\b", body)
    }
    return [_constant(*told) for told in _on_few_lines(named)]


def _on_few_lines(named: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Name, value, and what it is; some of several together."""
    left = dict(named)
    for name in named:
        group = next((some for some in TOGETHER if name in some), (name,))
        there = {one: left.pop(one) for one in group if one in left}
        if there:
            values, about = zip(*there.values(), strict=True)
            yield ", ".join(there), ", ".join(values), ", ".join(about)


def _constant(name: str, value: str, about: str) -> str:
    """With what it is beside it, where there is room, or above."""
    beside, above = f"  # {about}", f"# {about[0].upper()}{about[1:]}:\n"
    indent = " " * len(f"{name} = [")
    text = textwrap.fill(f"{name} = {value}", WIDTH, subsequent_indent=indent)
    fits = len(text.splitlines()[-1] + beside) <= WIDTH
    return text + beside if fits else above + text
