"""Knobs that change nothing as the others stand: greyed, and why."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import BaseModel

from bnviz.experiments.data_knobs import DATA_KNOBS, why_idle
from bnviz.experiments.links import name_in_link
from bnviz.experiments.minibatch import OWN
from bnviz.experiments.typed import TableError, numbers
from bnviz.words.data_knobs import IDLE

DECIDING = ("dataset", "features")
"""The knobs that decide whether one of the data has an effect."""


def replaced(config: type[BaseModel], lesson: str, name: str) -> bool:
    """Whether numbers are typed in the place of this knob."""
    if OWN + name not in config.model_fields:
        return False
    try:
        return bool(numbers(_chosen(lesson, OWN + name) or ""))
    except TableError:  # the knob counts
        return False


def why(config: type[BaseModel], lesson: str, name: str) -> str | None:
    """Why this knob changes nothing, as the others stand; None: it does."""
    if name not in DATA_KNOBS:
        return None
    there = [deciding for deciding in DECIDING if deciding in config.model_fields]
    defaults = {one: config.model_fields[one].default for one in there}
    chosen = {one: _chosen(lesson, one) or default for one, default in defaults.items()}
    reason = why_idle(name, chosen)
    return None if reason is None else IDLE[reason]


def _chosen(lesson: str, name: str) -> Any:
    """What stands on the page, or before its widget has read it, in the link."""
    key = name_in_link(lesson, name)
    return st.session_state.get(key, st.query_params.get(key))
