"""Why a knob of the data is without effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bnviz.experiments.data_knobs import Idle

IDLE: dict[Idle, str] = {
    "one unit": "No effect here: all features of this set have one unit. Choose a table.",
    "wild": "No effect here: wild features have a scale of their own.",
    "measured": "No effect here: this set was measured, and its noise with it.",
    "evenly filled": "No effect here: the board is evenly filled, up to its edges.",
    "placed": "No effect here: the points stay where they are drawn.",
}
"""By the reason, what stands behind the question mark of the knob."""
