"""γ, β and ε of each feature, typed: in the place of their knobs, and in the link."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bnviz.experiments.minibatch import OWN, ByHand
from bnviz.experiments.settings import knobs
from bnviz.experiments.typed import TableError, short
from bnviz.ui import lock
from bnviz.ui.knobs import name_in_link
from bnviz.ui.prose import remark, warn
from bnviz.words.numbers import listed

Config = TypeVar("Config", bound=ByHand)

ABOUT = "One number for all features, or one for each: 1, 2, 3. Empty: as the knob says."


def typed(config: Config, lesson: str, beside: DeltaGenerator) -> Config:
    """Show a field for each knob that a feature may have of its own; the config with what it says.

    beside: where the button stands that opens them. What cannot be used gets a sentence.
    """
    some = config.can_be_typed()
    signs = [_sign(config, name) for name in some]
    with beside.popover(", ".join(signs), help="Typed, for each feature"):
        st.caption(ABOUT if config.features() > 1 else "Empty: as the knob says.")
        texts = {name: _field(config, lesson, name) for name in some}
    told = st.container()
    taken = {}
    for name, text in texts.items():
        try:
            taken[name] = config.own(name, text, config.features()) if text.strip() else None
        except TableError as refused:
            sentence = f"{_sign(config, name)} as typed cannot be used. {refused} The knob counts."
            with told:
                warn(sentence, ":material/edit:")
    used = {name: own.tolist() for name, own in taken.items() if own is not None}
    changed = config.model_copy(update={OWN + name: texts[name] for name in used})
    _tell(changed, used, told)
    return changed


def _sign(config: ByHand, name: str) -> str:
    """γ, of “γ, the scale”."""
    return knobs(type(config))[name].label.split(",")[0]


def _field(config: ByHand, lesson: str, name: str) -> str:
    """What is typed there; "": nothing."""
    text = st.text_input(
        f"{_sign(config, name)} of each feature" if config.features() > 1 else _sign(config, name),
        key=name_in_link(lesson, OWN + name),
        bind="query-params",
        placeholder=short(getattr(config, name)),
        disabled=lock.holds(lesson, name) or lock.holds(lesson, OWN + name),
    )
    return lock.noted(lesson, OWN + name, text or "")


def _tell(config: ByHand, used: dict[str, list[float]], told: DeltaGenerator) -> None:
    """What is computed with, where it is not what the knobs show."""
    if not used:
        return
    parts = []
    for name, own in used.items():
        numbers = [short(one).replace("-", "−") for one in own]
        same = len(set(numbers)) == 1
        parts.append(f"{_sign(config, name)} = {numbers[0] if same else ', '.join(numbers)}")
    sentence = f"Typed: {'; '.join(parts)}."
    chosen = [_sign(config, name) for name in used if name in ("gamma", "beta")]
    if config.scale_chosen and chosen:
        sentence += f" But “More knobs” chooses another {listed(chosen)} now."
    with told:
        remark(sentence)
