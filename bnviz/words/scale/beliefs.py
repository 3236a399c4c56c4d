"""Why doesn't the scale of the weights matter?: what is often believed of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import BATCH
from bnviz.words.belief import Belief
from bnviz.words.scale import starts as scale_starts
from bnviz.words.scale.lengths import length, rough, share

if TYPE_CHECKING:
    from bnviz.verdicts.scale import ScaleVerdict


def beliefs(verdict: ScaleVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        Belief.DECAY_SIMPLE: _decay(verdict),
        Belief.INITIALIZATION_AT_ALL: scale_starts.initialization(verdict.starts),
        Belief.RATE_IRRELEVANT: scale_starts.learning_rate(verdict.starts),
        Belief.KEEPS_SMALL: _keeps_small(verdict),
    }


def _decay(verdict: ScaleVerdict) -> str:
    change, ratio = verdict.tenth.change.middle, verdict.tenth.gradient.middle
    whose = f"the weights of {verdict.scaled}"
    if not (verdict.tenth.change.seeds and verdict.tenth.gradient.seeds):
        return "This run cannot tell: BN's outputs cannot be compared."
    if verdict.tenth.broken:
        return (
            f"At weights this small there is something in it: with {whose} a tenth as large, BN's"
            f" outputs change by {share(change, 'their size')}. That is ε's doing, and not what"
            " decay is for."
        )
    return (
        f"With {whose} a tenth as large, BN computes the same: its outputs change by"
        f" {share(change, 'their size')}. Its gradient, though, is {rough(ratio)} as long, and"
        " that on weights a tenth as long: decay on these weights sets how fast they turn, not what"
        " can be computed. (γ, β and the output layer are another matter: their size does count.)"
    )


def _keeps_small(verdict: ScaleVerdict) -> str:
    one = verdict.growth[BATCH]
    if one is None:
        return "This run cannot tell: ‖W‖² of BN's hidden layers was not a number to the end."
    grown = length("BN's", one)
    if verdict.decay:
        return f"What can pull them back is weight decay, not BN. {grown}"
    if one.stayed:
        return f"In this run they hardly grew. {grown} lr²‖g‖² is little beside ‖W‖² here."
    if verdict.optimizer == "sgd" and not verdict.shrank:
        return (
            f"They only grew. {grown} In no step, layer or seed did it become smaller. BN"
            " normalizes what the weights compute, not the weights."
        )
    return f"It normalizes what the weights compute, not the weights. {grown}"
