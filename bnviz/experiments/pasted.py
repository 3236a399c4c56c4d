"""Runs of many readers at once: links to the lab and lines of a list, as a class sends them.

A line is one reader's. It holds a link to the lab, or runs as the list of kept runs writes them;
what stands before it, or else behind it, is the reader's name:

    Anna: https://example.org/lab?lab-b-learning_rate=1
    Ben, nbatch_r0.32_atanh

A link stands for its kept runs; without any, for the arm that was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bnviz.experiments import links
from bnviz.experiments.data_knobs import OWN, POINTS
from bnviz.experiments.kept import LIMIT, MOST, SEPARATOR, Kept, clean, configured, read, write
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import ARMS, NOTHING, SHARED
from bnviz.experiments.quoting import quoted
from bnviz.experiments.settings import knobs

Arm = Literal["a", "b", "both"]

LONGEST = 8000  # characters of a line: a link with a full list of kept runs
LINES = 300  # of one paste
ALL = 60_000  # characters of one paste
SHOWN = 32  # characters of what is complained about
COMPLAINTS = 5  # at most; more are counted

_AROUND = " \t,;:|<>()[]\"'–—-"
_LINK = re.compile(r"[^\s<>\"'(),;|]*\?[^\s<>\"'()|]*")
_RUNS = re.compile(r"[A-Za-z0-9._-]+$")


@dataclass(frozen=True)
class Joined:
    """A list of kept runs, and what became of the lines that were to join it."""

    runs: list[Kept]
    added: int
    known: int  # were in the list already, under the same name
    wrong: list[str]  # sentences, in Markdown: what could not be read
    left: list[str]  # lines of which nothing is in the list
    full: int  # of these, runs that do not fit into the list


def joined(kept: Sequence[Kept], texts: Iterable[str], arm: Arm = "b") -> Joined:
    """The list with the runs of these texts behind it, as far as they fit.

    Every text is one reader's; empty ones are nobody's. Two readers may send the same run, so it
    counts for both; what the list had before, under the same name, is not taken once more.
    """
    runs, before = _List(kept), {(one.name, one.config) for one in kept}
    wrong: list[str] = []
    left: list[str] = []
    known = full = 0
    for place, text in enumerate(texts, start=1):
        found, complaints = one_reader(text, arm)
        wrong += [f"Line {place}: {sentence}" for sentence in complaints]
        new = [one for one in found if (one.name, one.config) not in before]
        known += len(found) - len(new)
        fitting = [one for one in new if runs.takes(one)]
        full += len(new) - len(fitting)
        if text.strip() and not fitting and len(found) == len(new):
            left.append(text)
    return Joined(runs.kept, len(runs.kept) - len(kept), known, _few(wrong), left, full)


class _List:
    """A list that grows within the bounds of a link; each run is written once."""

    def __init__(self, kept: Sequence[Kept]) -> None:
        self.kept, self._length = list(kept), len(write(kept))

    def takes(self, one: Kept) -> bool:
        """Whether a run fits; then it is in the list."""
        if len(self.kept) == MOST:
            return False
        longer = self._length + len(SEPARATOR) * bool(self.kept) + len(write([one]))
        if longer > LIMIT:
            return False
        self.kept.append(one)
        self._length = longer
        return True


def _few(complaints: list[str]) -> list[str]:
    more = len(complaints) - COMPLAINTS
    return [*complaints[:COMPLAINTS], *([f"{more} more of the kind."] if more > 0 else [])]


def lines(pasted: str) -> tuple[list[str], list[str]]:
    """The lines of a paste, and a sentence where it is longer than what is read."""
    complaints = []
    if len(pasted) > ALL:
        complaints.append(f"{len(pasted)} characters were pasted; the first {ALL} are read.")
    found = pasted[:ALL].splitlines()
    if len(found) > LINES:
        complaints.append(f"{len(found)} lines were pasted; the first {LINES} are read.")
    return found[:LINES], complaints


def one_reader(text: str, arm: Arm) -> tuple[list[Kept], list[str]]:
    """The runs of one reader's line, named after the reader, and what could not be read of it."""
    line = " ".join(text.split())
    if not line:
        return [], []
    if len(line) > LONGEST:
        return [], [f"it has {len(line)} characters; at most {LONGEST} are read."]
    link = _LINK.search(line)
    where = link or _RUNS.search(line)
    if where is None:
        return [], [f"{quoted(line, SHOWN)} is neither a link nor a kept run."]
    found, wrong = _of_link(where.group(), arm) if link else _listed(where.group())
    name = clean(line[: where.start()].strip(_AROUND) or line[where.end() :].strip(_AROUND))
    return list(_named(found, name)), wrong


def _listed(text: str) -> tuple[list[Kept], list[str]]:
    """The runs as the list writes them; of one alone, its place in the list says nothing."""
    found, wrong = read(text)
    first = "" if SEPARATOR in text else "Kept run 1: "
    return found, [sentence.removeprefix(first) for sentence in wrong]


def _named(runs: Sequence[Kept], name: str) -> Iterator[Kept]:
    """The runs, those without a name under the reader's; of several, with a number."""
    for place, one in enumerate(runs, start=1):
        numbered = f"{name} {place}" if len(runs) > 1 and name else name
        yield one if one.name else replace(one, name=numbered)


def _of_link(link: str, arm: Arm) -> tuple[list[Kept], list[str]]:
    """The runs of a link to the lab."""
    try:
        asked = links.parameters(link)
    except ValueError as refused:
        return [], [f"{refused}."]
    given = {
        key.removeprefix("lab-"): texts[-1]
        for key, texts in asked.items()
        if key.startswith("lab-") and texts[-1]
    }
    if not given and not re.search(r"(^|/)lab/?\?", link):
        return [], [f"{quoted(link, SHOWN)} is no link to the lab."]
    if given.get("kept"):
        return _listed(given["kept"])
    if given.get("dataset") == OWN:
        return [], ["its runs are on the reader’s own data, which no link holds."]
    wrong: list[str] = []
    letters = tuple(ARMS) if arm == "both" else (arm,)
    return [Kept("", _arm(letter, given, wrong)) for letter in letters], wrong


def _arm(letter: str, given: Mapping[str, str], wrong: list[str]) -> LabConfig:
    """One arm of a link: knobs as the page writes them into its address."""
    chosen: dict[str, Any] = {**ARMS[letter], "diagnostic": NOTHING}
    for name, knob in knobs(LabConfig).items():
        key = name if name in SHARED else f"{letter}-{name}"
        if key not in given or name == "diagnostic":
            continue
        option = links.meant(given[key], knob)
        if option is not None:
            chosen[name] = option
        else:
            wrong.append(f"“{knob.label}” = {quoted(given[key], SHOWN)} is not offered.")
    chosen |= {POINTS: given.get(POINTS, ""), "then": given.get(f"{letter}-then", "")}
    return configured(chosen, wrong)
