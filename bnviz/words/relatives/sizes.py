"""BN and its relatives by batch size: what this section says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.batches.errors import at_sizes
from bnviz.words.numbers import percent

if TYPE_CHECKING:
    from bnviz.verdicts.sizes import OfSize, SizesVerdict

PICTURES = ("Here", "On ImageNet, published")
SWEEP = """
All seven networks with batches from 32 down to 2, each on 1600 samples, with a learning rate in
proportion to the batch. Beside them, the published table. Batches of 2 take longest, about ten
seconds.
"""


def told(verdict: SizesVerdict) -> str:
    """BN and its relatives by batch size."""
    ends = dict.fromkeys((verdict.sizes[0], verdict.sizes[-1]))
    said = " ".join(map(_at_size, ends))
    if not verdict.learned:
        return f"None of the networks learns at these settings. {said}"
    if verdict.behind:
        return f"{said} BN is clearly behind at {at_sizes(verdict.behind)}."
    if verdict.pixels == 1:
        return f"{said} BN is not clearly behind at any size."
    return (
        f"{said} BN is not clearly behind at any size: its means are over {verdict.pixels} pixels"
        " of each sample as well."
    )


def _at_size(one: OfSize) -> str:
    alone = percent(1 - one.alone)
    if one.batch != one.batch:  # NaN
        return (
            f"In batches of {one.size}, BN diverges. The best that needs no batch gets {alone}"
            " wrong."
        )
    return (
        f"In batches of {one.size}, BN gets {percent(1 - one.batch)} wrong and the best that needs"
        f" no batch {alone}."
    )
