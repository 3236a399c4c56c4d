"""The runs a reader kept, as a short text: it stands in the link and is read from it again.

A run is its fields, joined by "_"; runs are joined by "__". A field is one letter and a value:

    nbatch_r0.32_atanh_Nmy-first.21.

Only what differs from the defaults is written, but for the normalizer, which is always there. N is
the name, where the reader gave one; in it, whatever is neither a letter nor a digit is written as
its code point. H says that the run is hidden. So the text holds letters,
digits, ".", "-" and "_" alone, which stand in a link as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import ValidationError

from bnviz.experiments import data_knobs, drawn_points
from bnviz.experiments.continuations import LONGEST, PIECES
from bnviz.experiments.data_knobs import OWN, POINTS
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.quoting import quoted
from bnviz.experiments.settings import Knob, Value, knobs, number

MOST = 60  # runs: a class
DRAWN = 8  # of these are in the pictures of the lab; the class board has all
LIMIT = 6000  # characters of the text: with all knobs, or most and as many drawn points as fit, an
# address stays below the 8190 bytes that web servers commonly take
LENGTH = 40  # characters of a name
SHOWN = 24  # characters of what is complained about
COMPLAINTS = 3  # at most; more are counted

CODES = {
    "normalizer": "n",
    "learning_rate": "r",
    "activation": "a",
    "batch_size": "b",
    "dataset": "d",
    "depth": "h",
    "width": "w",
    "initialization": "i",
    "gain": "g",
    "optimizer": "o",
    "steps": "s",
    "seeds": "e",
    "first_seed": "f",
    "normalized_layers": "l",
    "placement": "p",
    "groups": "G",
    "chunk": "c",
    "momentum": "m",
    "affine": "A",
    "gamma_start": "y",
    "bias_before": "B",
    "normalize_inputs": "I",
    "skip": "k",
    "dropout": "D",
    "schedule": "S",
    "weight_decay": "W",
    "diagnostic": "q",
    "then": "t",
    "scaling": "v",
    "point_noise": "j",
    "train_size": "T",
    "wrong_labels": "x",
    "points": "P",
}
"""Field -> letter. Links in the world hold these letters: a new field takes a new one, and no
letter is given away again."""

NAME, HIDDEN, SEPARATOR = "N", "H", "__"
FIELDS = {code: field for field, code in CODES.items()}
CONFUSING = str.maketrans({"<": "\u2039", ">": "\u203a", "{": "(", "}": ")"})
"""What Plotly would take for markup, and what looks alike."""


Refusal = Literal["own data", "kept already", "no more runs", "too long a link"]


@dataclass(frozen=True)
class Kept:
    """A run that the reader kept: how it is called, what it is, and whether it is drawn."""

    name: str  # "": the reader gave it none
    config: LabConfig
    shown: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", clean(self.name))


def clean(typed: str) -> str:
    """What may be a name, of whatever was typed: one line of at most 40 harmless characters."""
    printed = "".join(one for one in typed if one.isspace() or unicodedata.category(one)[0] != "C")
    return " ".join(printed.translate(CONFUSING).split())[:LENGTH].strip()


def write(kept: Sequence[Kept]) -> str:
    """The text of the runs.

    Raises ValueError if there are more than MOST, or the text would be longer than LIMIT.
    """
    text = SEPARATOR.join(_run(one) for one in kept)
    if len(kept) > MOST or len(text) > LIMIT:
        raise ValueError(f"{len(kept)} runs in {len(text)} characters do not fit into a link")
    return text


def place_of(kept: Sequence[Kept], config: LabConfig) -> int | None:
    """The number, from 1, under which this run is kept."""
    return next((n for n, one in enumerate(kept, start=1) if one.config == config), None)


def refused(kept: Sequence[Kept], another: LabConfig) -> Refusal | None:
    """Why this run cannot be kept too; None: it can."""
    if another.own_data is not None:
        return "own data"
    if place_of(kept, another):
        return "kept already"
    if len(kept) >= MOST:
        return "no more runs"
    return None if fits([*kept, Kept("", another)]) else "too long a link"


def fits(kept: Sequence[Kept]) -> bool:
    """Whether the runs can be written."""
    try:
        write(kept)
    except ValueError:
        return False
    return True


def drawn(kept: Sequence[Kept]) -> list[int]:
    """The places, from 0, of those that are in the pictures: the first DRAWN that are shown."""
    return [place for place, one in enumerate(kept) if one.shown][:DRAWN]


def renamed(kept: Sequence[Kept], place: int, name: str) -> list[Kept]:
    """The runs, that at this place with another name: as much of it as fits."""
    several, cut = list(kept), clean(name)
    while True:
        several[place] = replace(kept[place], name=cut)
        if fits(several):
            return several
        if not cut:
            return list(kept)
        cut = cut[:-1].strip()


def _run(kept: Kept) -> str:
    given = kept.config.model_dump()
    fields = [
        code + _value(given[field])
        for field, code in CODES.items()
        if field == "normalizer" or given[field] != LabConfig.model_fields[field].default
    ]
    if kept.name:
        fields.append(NAME + _escaped(kept.name))
    if not kept.shown:
        fields.append(HIDDEN)
    return "_".join(fields)


def _value(value: Value) -> str:
    return re.sub(r"[^A-Za-z0-9.]", "-", number(value))


def _escaped(name: str) -> str:
    return "".join(
        one if one.isascii() and one.isalnum() else "-" if one == " " else f".{ord(one):x}."
        for one in name
    )


def _unescaped(text: str) -> str:
    """The name; what is no code point is left as it stands."""

    def letter(match: re.Match[str]) -> str:
        point = int(match[1], 16)
        return chr(point) if point <= 0x10FFFF else ""

    return re.sub(r"\.([0-9a-f]{1,6})\.", letter, text.replace("-", " "))


def read(text: str) -> tuple[list[Kept], list[str]]:
    """The runs of a text, and a sentence for all in it that could not be used.

    A run with a field that cannot be read has the default there. What is no run is left out.
    """
    kept: list[Kept] = []
    complaints: list[str] = []
    if len(text) > LIMIT:
        complaints.append(
            f"The list of kept runs has {len(text)} characters; at most {LIMIT} are read."
        )
        text = text[:LIMIT].rpartition(SEPARATOR)[0]
    runs = text.split(SEPARATOR) if text else []
    if len(runs) > MOST:
        complaints.append(f"The link has {len(runs)} kept runs; the first {MOST} are used.")
    for place, one in enumerate(runs[:MOST], start=1):
        found, wrong = _read(one)
        kept += [found] if found else []
        complaints += [f"Kept run {place}: {sentence}" for sentence in wrong]
    more = len(complaints) - COMPLAINTS
    if more > 0:
        complaints[COMPLAINTS:] = [f"{more} more of the kind."]
    return kept, complaints


def _read(run: str) -> tuple[Kept | None, list[str]]:
    """One run, or None, and what is wrong with it."""
    given: dict[str, Any] = {}
    name, shown, wrong, declared = "", True, [], knobs(LabConfig)
    for part in run.split("_"):
        code, text = part[:1], part[1:]
        if code == NAME:
            name = _unescaped(text)
        elif part == HIDDEN:
            shown = False
        elif code not in FIELDS:
            wrong.append(f"{quoted(part, SHOWN)} is unknown.")
        elif FIELDS[code] == "then":
            given["then"] = text.replace("-", "_")
        elif FIELDS[code] == POINTS:
            given[POINTS] = text
        else:
            _take(FIELDS[code], declared[FIELDS[code]], text, given, wrong)
    if "normalizer" not in given:
        return None, [f"{quoted(run, SHOWN)} is no run."]
    return Kept(name, configured(given, wrong), shown), wrong


def _take(field: str, knob: Knob, text: str, given: dict[str, Any], wrong: list[str]) -> None:
    """Put what the text means for this knob into `given`, or a sentence into `wrong`."""
    meant = [one for one in knob.options if _value(one) == text and one != OWN]
    if meant:
        given[field] = meant[0]
        return
    default = LabConfig.model_fields[field].default
    wrong.append(
        f"“{knob.label}” = {quoted(text, SHOWN)} is not offered."
        f" Taken instead: {knob.show(default)}."
    )


def configured(given: dict[str, Any], wrong: list[str]) -> LabConfig:
    """The run with these fields; without what it cannot go on with, and a sentence on that."""
    _see_to_points(given, wrong)
    try:
        return LabConfig(**given)
    except ValidationError:
        wrong.append(
            f"it cannot go on with {quoted(given.get('then', ''), SHOWN)}. Taken instead: it ends"
            f" before. At most {PIECES} continuations and {LONGEST} steps in all fit."
        )
        return LabConfig(**given | {"then": ""})


def _see_to_points(given: dict[str, Any], wrong: list[str]) -> None:
    """Take points out that cannot be used, with a sentence; those of other data have no effect."""
    points = given.pop(POINTS, "")
    if given.get("dataset") != data_knobs.DRAWN:
        return
    try:
        drawn_points.usable(points)
        given[POINTS] = points
    except drawn_points.DrawnError as refused:
        wrong.append(f"its drawn points cannot be used: {refused}. Taken instead: two arcs.")
