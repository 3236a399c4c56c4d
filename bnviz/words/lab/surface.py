"""The ground around the end of both runs of the lab, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.names import NORMALIZERS
from bnviz.words.numbers import listed, percent

if TYPE_CHECKING:
    from bnviz.verdicts.lab_surface import BasinsVerdict


def told(verdict: BasinsVerdict) -> str:
    """Which arm has the wider basin; while B is missing, what A has."""
    shares = [
        f"{percent(one.share)} in {one.letter} ({NORMALIZERS[one.treatment]})"
        for one in verdict.basins
    ]
    where = (
        "In the first seed the loss is clearly better than guessing in this share of the square:"
        f" {listed(shares)}."
    )
    lost = [
        f"{one.letter} diverged: its middle is where it was before step {one.diverged}."
        for one in verdict.basins
        if one.diverged is not None
    ]
    if len(verdict.basins) < 2:
        return " ".join((where, "B is still to come.", *lost))
    basin = f"{verdict.wider} has the wider basin." if verdict.wider else "They hardly differ."
    seed = "This is one seed, and these are 2 directions among very many."
    return " ".join((where, basin, seed, *lost))
