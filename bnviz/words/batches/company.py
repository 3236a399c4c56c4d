"""What a prediction owes to its batch: all that this part of the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.names import sample
from bnviz.words.numbers import percent, percent_between

if TYPE_CHECKING:
    from bnviz.verdicts.company import SampleVerdict

INTRODUCTION = """
The first picture is the training in the smallest batches. The second is one test sample in many
batches of every size, each time among other training samples. In training mode BN's answer depends
on the whole batch.
"""


def told(verdict: SampleVerdict) -> str:
    """How much the prediction for one sample depends on its batch-mates."""
    if not verdict.ends:
        return "No prediction to show: the network diverged."
    ranges = [f"{percent_between(at.low, at.high)} in batches of {at.size}" for at in verdict.ends]
    said = _of_batch(verdict, ", ".join(ranges))
    if verdict.by_layer == verdict.by_layer:  # no NaN
        said = f"{said} Layer norm says {percent(verdict.by_layer)} in any batch."
    return said


def _of_batch(verdict: SampleVerdict, ranges: str) -> str:
    size, one = verdict.trained_at, sample(verdict.dataset, verdict.label)
    if verdict.diverged:
        return (
            f"One network (BN, trained in batches of {size}, as it was before it diverged) gives"
            f" one {one} a probability of its class that depends on its batch-mates: {ranges} (10th"
            " to 90th percentile)."
        )
    return (
        f"One network (BN, trained in batches of {size}) gives one {one} a probability of its class"
        f" that depends on its batch-mates: {ranges} (10th to 90th percentile)."
    )
