"""From a table of cells to samples: numbers, words of which each is a feature, and a class.

What cannot be used is left out, counted and named; nothing is guessed or filled in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bnviz.experiments.own_file import OwnDataError, Sheet, named
from bnviz.experiments.own_numbers import numbers
from bnviz.experiments.own_samples import OwnSamples, own_samples

if TYPE_CHECKING:
    import pandas as pd

FEATURES = 64  # columns of the inputs, at most
CLASSES = 20
VALUES = 12  # of a column of words, each of which becomes a feature
MOSTLY = 0.9  # of its cells: a column is one of numbers; its other cells are gaps
LARGEST, SMALLEST = 1e30, 1e-30  # so that the square of none overflows, or vanishes
DENSE = 1.2  # numbers for each row, at most, of a column that counts them: some may be left out
ORDER = 2015  # the seed that shuffles the rows: a file is often sorted by class
USUAL = ("class", "label", "target", "species", "category", "diagnosis", "outcome", "type", "y")
"""What the column of the class is often called."""


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What was made of a file. Names of columns are quoted: they may stand in Markdown."""

    rows: int  # samples
    features: int  # of each
    numeric: int  # columns of numbers
    worded: tuple[str, ...]  # columns of words, each value of which is a feature
    label: str  # the column of the class
    classes: int
    separator: str
    decimal_comma: bool
    header: bool
    gaps: int  # rows left out, with a gap
    ragged: int  # rows left out, of another length
    alone: int  # rows left out, each the only one of its class
    constant: tuple[str, ...]  # columns left out: one value, or none
    counting: tuple[str, ...]  # columns left out: the number of the row
    many: tuple[str, ...]  # columns left out: more than VALUES words


@dataclass(frozen=True)
class Own:
    """A reader's samples, and what was understood of the file."""

    samples: OwnSamples
    understood: Understood


@dataclass(frozen=True)
class _Columns:
    """Places of the columns, by what they are."""

    numeric: dict[int, NDArray[np.float64]]  # with their numbers, (rows,); NaN: a gap
    worded: list[int]
    constant: list[int]
    counting: list[int]
    many: list[int]


def likely_class(sheet: Sheet) -> int:
    """The place of the column that is most likely the class: by its name, its words, its place."""
    places = range(len(sheet.names))
    most = min(CLASSES, len(sheet.cells) // 2)  # two rows or more of a class
    possible = [place for place in places if 2 <= _kinds(sheet, place) <= most]
    called = [place for place in possible if sheet.names[place].casefold() in USUAL]
    words = [place for place in possible if not _is_numeric(_numbers(sheet, place), sheet, place)]
    return next(iter([*called, *words[::-1], *possible[::-1]]), len(sheet.names) - 1)


def understood(sheet: Sheet, label: int) -> Own:
    """The samples of a table whose class is in column `label`, from 0.

    Raises OwnDataError where they are no data set; IndexError where there is no such column.
    """
    classes = _classes(sheet, label)
    columns = _sorted_out(sheet, label)
    whole = classes != ""
    for found in columns.numeric.values():
        whole &= ~np.isnan(found)
    for place in columns.worded:
        whole &= _texts(sheet, place) != ""
    if not whole.any():
        raise OwnDataError("Every row has a gap, so none is left.")
    _not_too_many(sheet, label, len(set(classes[whole])))
    kept, alone = _without_loners(classes, whole)
    known, labels = np.unique(classes[kept], return_inverse=True)
    if len(known) < 2:
        raise OwnDataError(
            f"The class in {named(sheet, label)} needs two values or more, and two rows or more of"
            f" each; {'one' if len(known) else 'none'} is left."
        )
    inputs, flat = _inputs(sheet, columns, kept)
    if not 1 <= inputs.shape[1] <= FEATURES:
        raise OwnDataError(_no_features(inputs.shape[1]))
    order = np.random.default_rng(ORDER).permutation(len(labels))
    constant = [*columns.constant, *flat]
    said = Understood(
        rows=len(labels),
        features=inputs.shape[1],
        numeric=len(set(columns.numeric) - set(flat)),
        worded=_names(sheet, set(columns.worded) - set(flat)),
        label=named(sheet, label),
        classes=len(known),
        separator=sheet.separator,
        decimal_comma=sheet.decimal_comma,
        header=sheet.header,
        gaps=int((~whole).sum()),
        ragged=sheet.ragged,
        alone=alone,
        constant=_names(sheet, constant),
        counting=_names(sheet, columns.counting),
        many=_names(sheet, columns.many),
    )
    return Own(own_samples(inputs[order], labels[order]), said)


def _names(sheet: Sheet, places: Iterable[int]) -> tuple[str, ...]:
    return tuple(named(sheet, place) for place in sorted(places))


def _no_features(features: int) -> str:
    if not features:
        return "Beside the class, no column is left that tells anything."
    return (
        f"Its columns make {features} features, as each value of a column of words is one; at most"
        f" {FEATURES} are used. Leave some columns out."
    )


def _texts(sheet: Sheet, place: int) -> NDArray[np.object_]:
    texts: NDArray[np.object_] = sheet.cells.iloc[:, place].to_numpy(dtype=object)
    return texts


def _kinds(sheet: Sheet, place: int) -> int:
    """How many values a column has."""
    return len(set(_texts(sheet, place)) - {""})


def _numbers(sheet: Sheet, place: int) -> NDArray[np.float64]:
    """(rows,); NaN where a cell holds no number that can be computed with."""
    column: pd.Series[str] = sheet.cells.iloc[:, place]
    found = np.array(numbers(column, sheet.decimal_comma), dtype=np.float64)  # a copy
    found[np.abs(found) > LARGEST] = np.nan
    found[np.abs(found) < SMALLEST] = 0.0
    return found


def _is_numeric(found: NDArray[np.float64], sheet: Sheet, place: int) -> bool:
    written = _texts(sheet, place) != ""
    return bool(written.any()) and float(np.isfinite(found[written]).mean()) >= MOSTLY


def _classes(sheet: Sheet, label: int) -> NDArray[np.object_]:
    """The class of each row; numbers in one way of writing, so that 1 and 1.0 are one class."""
    texts, found = _texts(sheet, label).copy(), _numbers(sheet, label)
    written = texts != ""
    if written.any() and np.isfinite(found[written]).all():
        texts[written] = [f"{number:g}" for number in found[written]]
    return texts


def _sorted_out(sheet: Sheet, label: int) -> _Columns:
    columns = _Columns({}, [], [], [], [])
    for place in range(len(sheet.names)):
        if place == label:
            continue
        found, kinds = _numbers(sheet, place), _kinds(sheet, place)
        if kinds < 2:
            columns.constant.append(place)
        elif _is_numeric(found, sheet, place):
            if _counts(found):
                columns.counting.append(place)
            else:
                columns.numeric[place] = found
        else:
            (columns.worded if kinds <= VALUES else columns.many).append(place)
    return columns


def _counts(found: NDArray[np.float64]) -> bool:
    """Whether it numbers the rows: in a sorted file that would tell the class."""
    steps = np.diff(found)
    rising = len(found) > 2 and bool((steps >= 1).all()) and bool((found % 1 == 0).all())
    return rising and found[0] <= 1 and found[-1] - found[0] <= DENSE * len(found)


def _without_loners(
    classes: NDArray[np.object_], whole: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], int]:
    """The rows to keep, and how many are left out since nobody shares their class."""
    rows = np.flatnonzero(whole)
    _, which, counts = np.unique(classes[rows], return_inverse=True, return_counts=True)
    shared = counts[which] > 1
    return rows[shared], int((~shared).sum())


def _not_too_many(sheet: Sheet, label: int, classes: int) -> None:
    if classes > CLASSES:
        raise OwnDataError(
            f"The class in {named(sheet, label)} has {classes} values; at most {CLASSES} are used."
            " Choose another column as the class."
        )


def _inputs(
    sheet: Sheet, columns: _Columns, kept: NDArray[np.int64]
) -> tuple[NDArray[np.float64], list[int]]:
    """The features of these rows, (rows, features), in the order of the columns.

    And the places of the columns that have the same value in all of them.
    """
    features, flat = [], []
    for place in sorted([*columns.numeric, *columns.worded]):
        if place in columns.numeric:
            values = columns.numeric[place][kept][:, None]
        else:
            texts = _texts(sheet, place)[kept]
            values = (texts[:, None] == np.unique(texts)).astype(np.float64)
        if (values == values[0]).all():
            flat.append(place)
        else:
            features.append(values)
    empty = np.empty((len(kept), 0))
    return np.concatenate([empty, *features], axis=1), flat
