"""What an experiment found: arrays whose axes have names, and one tidy table of all of them.

A Result declares each field once, with its axes, unit and meaning:

    test_accuracy: Annotated[Floats, Axes("treatment seed step", "inference mode, 0 to 1")]

Its short form in a notebook, the table of `to_frame` and the file that a page gives to take home
all come from that one declaration.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Self, get_type_hints

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import SHORT, TREATMENTS

if TYPE_CHECKING:
    import pandas

    from bnviz.experiments.settings import Settings

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Levels = NDArray[np.uint8]


@dataclass(frozen=True)
class Axes:
    """How a field of a Result is to be read.

    names: of its axes, outermost first, with blanks between; those of a mapping are its keys, and
    then the axes of each value. "rate=rates": what stands along the axis is said by `rates`, of
    the Result, its Config or its module. Without: treatments, seeds and recorded steps as the
    Result has them, and all else counted from 1.
    """

    names: str = ""
    what: str = ""  # unit and meaning
    drawn: bool = False  # a picture: more numbers than a table has use for
    maybe: bool = False  # NEVER stands in it, where something did not happen
    apart: bool = False  # a mapping of unlike arrays, which have some of these axes; more: drawn

    def split(self) -> list[tuple[str, str]]:
        """(name, where its places stand) of each axis."""
        parts = (name.partition("=") for name in self.names.split())
        return [(name, source) for name, _, source in parts]


@dataclass(frozen=True)
class Found:
    """One array of a Result, with the places along each of its axes."""

    name: str  # in a part of the Result: hand.x
    axes: Axes
    values: NDArray[Any]
    places: tuple[tuple[str, tuple[object, ...]], ...]  # the name of an axis, and what stands on it


class Result:
    """The base of what experiments return: a frozen dataclass of declared fields."""

    def __repr__(self) -> str:
        """A line for each array: its name, axes and lengths, and its unit."""
        return "\n".join([type(self).__name__, *(f"  {line}" for line in _lines(self))])

    def to_frame(self) -> pandas.DataFrame:
        """All numbers as a tidy table (pandas): treatment, seed, step, layer, …, name, value.

        A row is one number. Further axes, such as a learning rate, are columns between layer and
        name; a column is empty where a number has no such axis. Empty values: after a divergence,
        or what never happened. Pictures (maps, densities) are left out: they stand in the arrays.
        """
        from bnviz.experiments.tidy import frame  # what trains has no use for pandas

        return frame(self)

    def as_of(self, asked: Settings) -> Self:
        """This result, found for the reduced settings, as that of the settings that were asked."""
        config = getattr(self, "config", None)
        reduced = asked.reduced()
        other = {name: one for name, one in asked if one != getattr(reduced, name)}
        if config is None or not other:
            return self
        return replace(self, config=config.model_copy(update=other))  # type: ignore[type-var]

    def alike(self) -> dict[str, str]:
        """What is the same for all numbers: the name of an axis, and its only place."""
        return {}


def declared(kind: type[Result]) -> dict[str, Axes]:
    """The declared fields of a Result class."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        name: one
        for name, hint in hints.items()
        for one in getattr(hint, "__metadata__", ())
        if isinstance(one, Axes)
    }


def found(result: Result, whole: Result | None = None, before: str = "") -> Iterator[Found]:
    """The declared arrays of a Result, and of the Results that are parts of it.

    A field that only says what stands along an axis is not among them. `whole`: the Result that
    this one is a part of, whose seeds and steps it shares.
    """
    whole, own = whole or result, declared(type(result))
    along = {source for axes in own.values() for _, source in axes.split()} | {"steps"}
    for name, axes in own.items():
        value = getattr(result, name)
        if axes.apart:
            yield from _apart(before + name, axes, value, (result, whole))
        elif value is not None and name not in along:
            yield _found(before + name, axes, value, (result, whole))
    for field in fields(result):  # type: ignore[arg-type]  # a Result is a dataclass
        part = getattr(result, field.name)
        if isinstance(part, Result):
            yield from found(part, whole, f"{before}{field.name}.")


def _apart(
    name: str, axes: Axes, several: Mapping[str, NDArray[Any]], owners: tuple[Result, Result]
) -> Iterator[Found]:
    names = axes.names.split()
    for key, value in several.items():
        unnamed = [f"axis{place}" for place in range(value.ndim - len(names))]
        own = replace(axes, names=" ".join([*names, *unnamed][: value.ndim]), drawn=bool(unnamed))
        yield _found(f"{name}.{key}", own, value, owners)


def _found(name: str, axes: Axes, value: Any, owners: tuple[Result, Result]) -> Found:
    keys: tuple[object, ...] = ()
    if isinstance(value, Mapping):
        keys, value = tuple(value), list(value.values())
    array = np.asarray(value)
    places = tuple(
        (axis, tuple(map(_said, keys if keys and not at else _along(axis, source, owners, length))))
        for at, ((axis, source), length) in enumerate(zip(axes.split(), array.shape, strict=True))
    )
    return Found(name, axes, array, places)


def _along(name: str, source: str, owners: tuple[Result, Result], length: int) -> Sequence[Any]:
    """What stands along an axis."""
    own, whole = owners
    if name == "step":
        source = source or "steps"
    if source:
        return _looked_up(source, own, whole, getattr(whole, "config", None))
    if name == "treatment":
        return TREATMENTS
    first = whole.config.first_seed if name == "seed" else 1  # type: ignore[attr-defined]
    return range(first, first + length)


def _looked_up(source: str, own: Result, *others: object) -> Sequence[Any]:
    """What an attribute says, or a method without arguments, or a constant of the module."""
    owner = next((one for one in (own, *others) if hasattr(one, source)), None)
    said = getattr(owner or sys.modules[type(own).__module__], source)
    places = said() if callable(said) else said
    return places.tolist() if isinstance(places, np.ndarray) else tuple(places)


def _said(place: object) -> object:
    """A network as its readers call it; any other place as it is."""
    return SHORT.get(place, place) if isinstance(place, str) else place


def _lines(result: Result) -> Iterator[str]:
    own = declared(type(result))
    for field in fields(result):  # type: ignore[arg-type]  # as above
        value = getattr(result, field.name)
        shape = _shape(own.get(field.name), value)
        what = own[field.name].what if field.name in own and value is not None else ""
        yield f"{field.name}: {shape}{', ' if shape and what else ''}{what}"


def _shape(axes: Axes | None, value: Any) -> str:
    """Axes with their lengths; of what has none, as much as a line holds."""
    if value is None:
        return "none here"
    keys = ""
    if axes and axes.apart:
        return f"({axes.names.replace(' ', ', ')}) of {', '.join(value) or 'nothing'}"
    if isinstance(value, Mapping) and value:
        keys, value = " of " + ", ".join(map(str, value)), np.asarray(list(value.values()))
    if axes and isinstance(value, np.ndarray) and value.ndim:
        named = zip(axes.split(), value.shape, strict=True)
        return f"({', '.join(f'{name} {length}' for (name, _), length in named)}){keys}"
    if is_dataclass(value):
        return _shortened(f"{type(value).__name__}: {', '.join(one.name for one in fields(value))}")
    if isinstance(value, tuple) and value and is_dataclass(value[0]):
        return f"{len(value)} of {type(value[0]).__name__}"
    return _shortened(f"{value:.4g}" if isinstance(value, float) else repr(value))


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 72 else f"{line[:71]}…"
