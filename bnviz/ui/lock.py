"""Knobs that a link keeps as it sets them, so that a class turns the one that matters.

`lock=race.depth,width` keeps two knobs of a lesson, `lock=race.all` all of them, and
`lock=race.all-but.learning_rate` all but one. The names are those of the knobs in the link. A
challenge still sets what it asks about. It is a guide and no fence: who shortens the address has
every knob.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import streamlit as st

from bnviz.ui import options

Kept = TypeVar("Kept")
ALL, ALL_BUT = "all", "all-but."
LAYERS = "normalized"  # the toggles that switch BN on in each of them


def holds(lesson: str, name: str) -> bool:
    """Whether the link keeps this knob of the lesson."""
    what = _of(lesson)
    if what.startswith(ALL_BUT):
        return name not in what.removeprefix(ALL_BUT).split(",")
    return what == ALL or name in what.split(",")


def any_of(lesson: str) -> bool:
    """Whether the link keeps some knob of this lesson."""
    return bool(_of(lesson))


def written(lesson: str, names: Collection[str], free: Collection[str]) -> str:
    """The option that leaves only these free, of all names of a lesson's knobs; "": all are.

    The shorter of the two ways to write it.
    """
    kept = [name for name in names if name not in free]
    if not kept:
        return ""
    if len(kept) == len(names):
        return f"{lesson}.{ALL}"
    ways = (f"{lesson}.{','.join(kept)}", f"{lesson}.{ALL_BUT}{','.join(free)}")
    return min(ways, key=len)


def sentence(lesson: str, labels: Mapping[str, str]) -> str:
    """What the link keeps of these, by name, or leaves free if that is less; "": it locks none."""
    if not any_of(lesson):  # as nearly always
        return ""
    held = [f"“{label}”" for name, label in labels.items() if holds(lesson, name)]
    free = [f"“{label}”" for name, label in labels.items() if not holds(lesson, name)]
    if not held:
        return ""
    if not free:
        return "The link keeps all knobs as it sets them; questions still turn them."
    if len(free) < len(held):
        return f"The link leaves you {', '.join(free)}, and keeps the other knobs as it sets them."
    return f"The link keeps {', '.join(held)} as it sets {'it' if len(held) == 1 else 'them'}."


def noted(lesson: str, name: str, value: Kept) -> Kept:
    """The value, remembered where the link keeps it: to come back to after a challenge."""
    if holds(lesson, name):
        _first(lesson).setdefault(name, value)
    return value


def first(lesson: str) -> Mapping[str, Any]:
    """What the link has set the knobs to that it keeps, by name."""
    return dict(_first(lesson))


def _first(lesson: str) -> dict[str, Any]:
    kept: dict[str, Any] = st.session_state.setdefault(f"{lesson}-kept-by-link", {})
    return kept


def _of(lesson: str) -> str:
    """What the link says of this lesson; "": nothing."""
    named, _, what = options.value("lock").partition(".")
    return what if named == lesson else ""
