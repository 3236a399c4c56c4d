"""What a run goes on with: "0.01x100_0.001x50" is 100 steps at 0.01, then 50 at 0.001."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from bnviz.experiments.quoting import quoted

Piece = tuple[float, int]
"""A learning rate, and for how many steps."""

PIECES, LONGEST = 4, 5000  # continuations, and steps of all of them together with the first


def pieces_of(then: str) -> list[Piece]:
    """(learning rate, steps) of each continuation in "0.01x100_0.001x50"; "" is none.

    Raises ValueError, with a sentence, for anything else.
    """
    found = []
    for piece in filter(None, then.split("_")):
        match = re.fullmatch(r"([0-9]{0,4}\.?[0-9]{1,8})x([0-9]{1,4})", piece)
        if match is None:
            raise ValueError(
                f"{quoted(piece)} is no continuation; one is rate x steps, such as 0.01x100"
            )
        rate, steps = float(match[1]), int(match[2])
        if not (1e-6 <= rate <= 1e3 and 1 <= steps <= LONGEST):
            raise ValueError(
                f"{quoted(piece)} is no continuation; its rate is from 0.000001 to 1000, its steps"
                f" from 1 to {LONGEST}"
            )
        found.append((rate, steps))
    if len(found) > PIECES:
        raise ValueError(f"{len(found)} continuations; at most {PIECES}")
    return found


def written(pieces: Sequence[Piece]) -> str:
    """The text of continuations that pieces_of reads."""
    plain = (np.format_float_positional(rate, trim="-") for rate, _ in pieces)
    return "_".join(f"{rate}x{n}" for rate, (_, n) in zip(plain, pieces, strict=True))
