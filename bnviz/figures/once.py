"""A figure is drawn once for all who look at the same arrays, in the same theme."""

from __future__ import annotations

import dataclasses
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from pydantic import BaseModel

Given = ParamSpec("Given")
Drawn = TypeVar("Drawn")

KEPT = 128  # figures, of some ten to some hundred kilobytes each

_lock = threading.Lock()
_kept: OrderedDict[Hashable, Any] = OrderedDict()  # longest unused first


def drawn_once(draw: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
    """Keep what `draw` returns, for the next call with the same things.

    The same: equal words, numbers and Configs, and the very same arrays. All who call share one
    figure, which nobody may change.
    """

    @wraps(draw)
    def from_before(*given: Given.args, **named: Given.kwargs) -> Drawn:
        key = draw, _known(given), _known(named)
        with _lock:
            if key in _kept:
                _kept.move_to_end(key)
                before: Drawn = _kept[key]
                return before
        drawn = draw(*given, **named)
        with _lock:
            _kept[key] = drawn
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        return drawn

    return from_before


class _Same:
    """Stands for an object in a key, without keeping it alive; equal to itself alone."""

    __slots__ = ("_of", "_place")

    def __init__(self, of: object) -> None:
        self._of, self._place = weakref.ref(of), id(of)

    def __hash__(self) -> int:
        return self._place

    def __eq__(self, other: object) -> bool:
        mine = self._of()
        return isinstance(other, _Same) and mine is not None and mine is other._of()


def _known(value: object) -> Hashable:
    """The value itself where that can be compared; its parts; or that very object."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, BaseModel):  # a Config, which a page may make anew at every view
        return type(value), value
    if isinstance(value, Mapping):
        return tuple((key, _known(part)) for key, part in value.items())
    if isinstance(value, list | tuple):
        return type(value), *map(_known, value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (getattr(value, field.name) for field in dataclasses.fields(value))
        return type(value), *map(_known, fields)
    return _Same(value)
