"""What the axes of a result mean, and the marks in it that are no number: one place for all floors.

An experiment writes them, a verdict judges by them, a figure draws them; none of these may load
the others, all of them may load this.
"""

from __future__ import annotations

from typing import Final, Literal

Treatment = Literal["plain", "batch"]
TREATMENTS: Final[tuple[Treatment, ...]] = ("plain", "batch")
"""The two networks of a pair, in the order of the first axis of every result."""
PLAIN, BATCH = 0, 1
"""Their rows."""

NEVER: Final = -1
"""In place of a step, a layer or a place, where something did not happen."""

LEVELS: Final = 250
"""A share in a byte: 0 is none, 250 all. No picture shows finer steps."""

MIXTURE: Final = ("instance", "layer", "batch")
"""What switchable normalization mixes, in the order of its shares."""
