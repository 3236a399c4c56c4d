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
    ranges = ", ".join(
        f"{percent_between(at.low, at.high)} in batches of {at.size}" for at in verdict.ends
    )
    trained = f"in batches of {verdict.trained_at}"
    if verdict.diverged:
        trained += ", as it was before it diverged"
    said = (
        f"One network (BN, trained {trained}) gives one {sample(verdict.dataset, verdict.label)} a"
        f" probability of its class that depends on its batch-mates: {ranges} (10th to 90th"
        " percentile)."
    )
    if verdict.by_layer == verdict.by_layer:  # no NaN
        said += f" Layer norm says {percent(verdict.by_layer)} in any batch."
    return said
