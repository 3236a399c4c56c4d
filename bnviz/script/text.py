"""The text of a script: its first lines, its settings, and the blocks that these need."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bnviz import __version__
from bnviz.experiments.own_samples import OWN_FILE
from bnviz.experiments.settings import knobs
from bnviz.script.comparison import LESSONS, Comparison
from bnviz.script.fill import block
from bnviz.script.needs import CONSTANTS, Needs

if TYPE_CHECKING:
    from bnviz.experiments.settings import Settings

WIDTH = 100  # letters of a line
ABOUT = (
    "The networks of this lesson of bnviz {version}, in plain PyTorch, from the same weights on the"
    " same mini-batches. Only rounding differs{drawn}; it grows, so compare medians."
)
DRAWN = ", and what dropout and noise draw"
NEEDS = "Needs torch, numpy{stored}; matplotlib, where it is there, draws the curves."
TOGETHER = {"DEPTH": "WIDTH", "STEPS": "BATCH"}
"""Constants that stand on one line, where both are there."""


def script(lesson: str, question: str, *configs: Settings, link: str = "") -> str:
    """The script of a lesson at these settings: pure, the same Config, the same text.

    configs: one; in the lab both arms. As on the page, what takes too long is cut: see
    Settings.affordable. question: the lesson's, for the first line; link: of the page.

    Raises KeyError for a lesson without a script, TooLargeError as Settings.affordable does.
    """
    granted = [config.affordable() for config in configs]
    comparison = LESSONS[lesson](*granted)
    needs = Needs(comparison.arms)
    facts = needs.facts() | comparison.facts()
    body = _body(comparison, needs, facts)
    head = block("head", facts | ({"math"} if "math." in body else set()), {})
    told = [question, *_about(comparison, facts), *_settings(comparison, granted)]
    address = [f"# Link: {''.join(link.split())}"] if link else []
    settings = _constants(comparison, needs, body)
    return "\n".join([*_comment(told), *address, "", head, "", *settings, body, ""])


def _body(comparison: Comparison, needs: Needs, facts: set[str]) -> str:
    """All that follows the settings."""
    code = needs.code() | comparison.code()
    some = [name for name in ("noise", "walk", "modes") if name in facts]
    data = [block(name, facts, code) for name in (f"data_{comparison.data_name()}", "batches")]
    defined = [*needs.modules(), *some, "network", "training", "result"]
    first = "\n".join([_networks(needs), "", *data])
    return "\n\n\n".join([first, *(block(name, facts, code) for name in defined)])


def _about(comparison: Comparison, facts: set[str]) -> list[str]:
    drawn = DRAWN if facts & {"noise", "dropout"} else ""
    left_out = f"Left out: {comparison.left_out}" if comparison.left_out else ""
    stored = ", scikit-learn (the data)" if facts & {"digits", "wine", "breast_cancer"} else ""
    stored += f", and {OWN_FILE} beside it" if "your_own" in facts else ""
    said = ABOUT.format(version=__version__, drawn=drawn), left_out, NEEDS.format(stored=stored)
    return list(filter(None, said))


def _settings(comparison: Comparison, configs: Sequence[Settings]) -> list[str]:
    """A sentence for each Config."""
    if len(configs) == 1:
        return [f"Settings: {_turned(configs[0])}."]
    named = zip(comparison.arms, configs, strict=True)
    return [f"Settings of {name}: {_turned(config)}." for name, config in named]


def _turned(config: Settings) -> str:
    """What is not as the lesson opens."""
    fields = type(config).model_fields
    turned = [
        f"{knob.label} {knob.show(getattr(config, name))}"
        for name, knob in knobs(type(config)).items()
        if getattr(config, name) != fields[name].default
    ]
    return ", ".join(turned) or "those with which the lesson opens"


def _comment(texts: Iterable[str]) -> list[str]:
    """As lines of comment, whatever is in them."""
    wrapper = textwrap.TextWrapper(
        WIDTH,
        initial_indent="# ",
        subsequent_indent="#   ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line for text in texts for line in wrapper.wrap(" ".join(text.split()))]


def _networks(needs: Needs) -> str:
    """The literal that says what the networks differ in."""
    lines = ["NETWORKS = {  # what each has of its own; all else they share"]
    for name in needs.traits:
        own = needs.own(name)
        line = f'    "{name}": Own({", ".join(own)}),'
        if len(line) > WIDTH:
            line = "\n".join([f'    "{name}": Own(', *map(_argument, own), "    ),"])
        lines.append(line)
    return "\n".join([*lines, "}"])


def _argument(code: str) -> str:
    """One in a line, or in several."""
    return textwrap.fill(f"{code},", WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 12)


def _constants(comparison: Comparison, needs: Needs, body: str) -> list[str]:
    """The constants that the rest of the script names."""
    shared = {
        constant: (needs.shared(name), about) for name, (constant, about) in CONSTANTS.items()
    }
    named = {
        name: said
        for name, said in (comparison.constants() | shared).items()
        if any(re.search(rf"\b{one}\b", body) for one in name.split(", "))
    }
    return [_constant(*told) for told in _on_few_lines(named)]


def _on_few_lines(named: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Name, value, and what it is; some of two together."""
    after = {one: other for one, other in TOGETHER.items() if one in named and other in named}
    for name, (value, about) in named.items():
        if name in after:
            second = named[after[name]]
            yield f"{name}, {after[name]}", f"{value}, {second[0]}", f"{about}, {second[1]}"
        elif name not in after.values():
            yield name, value, about


def _constant(name: str, value: str, about: str) -> str:
    """With what it is beside it, where there is room, or above."""
    beside, above = f"  # {about}", f"# {about[0].upper()}{about[1:]}:\n"
    indent = " " * len(f"{name} = [")
    text = textwrap.fill(f"{name} = {value}", WIDTH, subsequent_indent=indent)
    fits = len(text.splitlines()[-1] + beside) <= WIDTH
    return text + beside if fits else above + text
