"""Points that a reader puts on the plane by hand: two classes, few enough to travel in a link.

A point stands on a grid, from -REACH to REACH across and up, and is written as two letters. Those
of class 0 come first, then a "-", then those of class 1:

    0a1b-Xy

So a text holds letters, digits and one "-", which stand in a link as they are; "" is USUAL, with
which a lesson opens. A place holds one point. The samples are a point's place over REACH.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from math import cos, pi, sin
from string import ascii_letters, digits
from zlib import crc32

import numpy as np

from bnviz.engine.samples import Samples, given
from bnviz.experiments.data_knobs import DRAWN

REACH = 30
SIDE = 2 * REACH + 1
LETTERS = (digits + ascii_letters)[:SIDE]
MOST = 400  # points
FEWEST = 4  # of each class: three to learn from, one to test
LONGEST = 2 * MOST + 1  # letters
CLASSES = 2
TOO_MANY = f"there are more than {MOST}, which is all that fit"

Place = tuple[int, int]
Places = tuple[tuple[Place, ...], ...]
"""By class: where its points are, across and up, in the order in which they came."""

_TEXT = re.compile(f"(?:[{LETTERS}]{{2}})*-(?:[{LETTERS}]{{2}})*")
_LINE = re.compile(r"\s*([0-9])[\s,;]+([+-]?[0-9]{1,3})[\s,;]+([+-]?[0-9]{1,3})\s*")
_SIGNS = str.maketrans({"\N{MINUS SIGN}": "-"})


class DrawnError(ValueError):
    """Why some points cannot be used, in a sentence without its full stop."""


def read(text: str) -> Places:
    """The points of a text. Raises DrawnError: it is none, or they do not fit on the plane."""
    if not text:
        return USUAL
    if len(text) > LONGEST:
        raise DrawnError(TOO_MANY)
    if not _TEXT.fullmatch(text):
        raise DrawnError(
            "each is written as two letters or digits, those of class 0 first, then a “-”, then"
            " those of class 1"
        )
    return _apart(tuple(map(_of_letters, text.split("-"))))


def usable(text: str) -> Places:
    """The same of which a network can learn. Raises DrawnError, too, where there are too few."""
    places = read(text)
    if min(map(len, places)) < FEWEST:
        zero, one = map(len, places)
        raise DrawnError(
            f"{zero} {'is' if zero == 1 else 'are'} of class 0 and {one} of class 1, and each class"
            f" needs at least {FEWEST}"
        )
    return places


def written(places: Places) -> str:
    """The text that `read` reads."""
    return "-".join(
        "".join(LETTERS[along + REACH] for place in of_class for along in place)
        for of_class in places
    )


def as_lines(places: Places) -> str:
    """A line for each point, to be read and typed: class, across, up."""
    return "\n".join(
        f"{label} {across} {up}" for label, of_class in enumerate(places) for across, up in of_class
    )


def of_lines(text: str) -> Places:
    """The points of such lines. Raises DrawnError, with the number of the line."""
    found: list[list[Place]] = [[] for _ in range(CLASSES)]
    for place, line in enumerate(text.translate(_SIGNS).splitlines(), start=1):
        if line.strip():
            label, point = _of_line(line, place)
            found[label].append(point)
    if sum(map(len, found)) > MOST:
        raise DrawnError(TOO_MANY)
    return _apart(tuple(map(tuple, found)))


def told(text: str) -> str:
    """How many points, and a number that tells two drawings apart."""
    return f"{sum(map(len, read(text)))} points, drawing {number(text)}"


def number(text: str) -> int:
    """One that two drawings hardly share."""
    return crc32(text.encode())


@lru_cache(maxsize=64)
def samples(text: str) -> Samples:
    """These points as a data set: its coordinates from -1 to 1, a quarter of each class to test.

    Raises DrawnError as `usable` does.
    """
    places = usable(text)
    labels = np.repeat(np.arange(CLASSES), [len(of_class) for of_class in places])
    inputs = np.concatenate([np.array(of_class) for of_class in places]) / REACH
    return given(DRAWN, inputs, labels, kind="points")


def _of_letters(text: str) -> tuple[Place, ...]:
    along = [LETTERS.index(one) - REACH for one in text]
    return tuple(zip(along[::2], along[1::2], strict=True))


def _of_line(line: str, place: int) -> tuple[int, Place]:
    found = _LINE.fullmatch(line)
    label, across, up = map(int, found.groups()) if found else (CLASSES, 0, 0)
    if label >= CLASSES or max(abs(across), abs(up)) > REACH:
        raise DrawnError(
            f"line {place} is no point: it takes a class, 0 or 1, and two whole numbers from"
            f" −{REACH} to {REACH}, such as “1 12 −5”"
        )
    return label, (across, up)


def _apart(places: Places) -> Places:
    """The same. Raises DrawnError where two points are at one place."""
    every = [place for of_class in places for place in of_class]
    if len(set(every)) < len(every):
        raise DrawnError("two are at the same place")
    return places


def _arc(middle: Place, turned: int, count: int = 30) -> Iterable[Place]:
    """Half an ellipse, its line a little uneven; turned: 1 for one that opens downwards, or -1."""
    for point in range(count):
        angle, wide = pi * point / (count - 1), 1 + 0.13 * sin(2.4 * point)
        across, up = 17 * wide * cos(angle), 20 * wide * sin(angle)
        yield middle[0] + round(turned * across), middle[1] + round(turned * up)


USUAL: Places = (tuple(_arc((-8, -6), 1)), tuple(_arc((8, 6), -1)))
"""Two arcs, one within reach of the other."""
