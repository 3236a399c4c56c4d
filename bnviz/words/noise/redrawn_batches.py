"""Mini-batches drawn again: all that these parts of the noise page say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words import names
from bnviz.words.numbers import apart, percent, percent_between

if TYPE_CHECKING:
    from bnviz.verdicts.redrawn_batches import LawVerdict, SampleVerdict

NAMES = {
    part: (f"One unit: {part} redrawn", "Output")
    for part in ("both", "the mean alone", "the standard deviation alone")
}
"""Of the pictures of the one sample, by what each batch redraws."""

FLUCTUATING = ("The mean fluctuates", "The variance fluctuates")
LAW = """
Mini-batches of every size are drawn 400 times from the training set; the pictures show the inputs
of the first BN. **On the left, additive noise:** the mean that is subtracted fluctuates. **On the
right, multiplicative noise:** the variance fluctuates, and with it the standard deviation that
divides. Dots are measured (median of the units), bands hold all units, the dark or white line is
theory.
"""
SAMPLE = """
Now the same sample passes through the same trained network up to 200 times for each batch size;
only its batch-mates change. The lines are the 10th, 50th and 90th percentile.
"""


def sampling(verdict: LawVerdict | None) -> str:
    """How far measurement and theory are apart, over all sizes, for the typical unit."""
    if not verdict:
        return "No unit of the first layer varies over the training set: there is no noise."
    mean, theory = apart(verdict.mean, verdict.theory, most=3)
    return (
        f"{LAW.strip()}\n\nIn mini-batches of {verdict.size}, the mean of a unit fluctuates by"
        f" {mean} of its standard deviation; theory says {theory}. Over all sizes, measurement and"
        f" theory differ by at most {percent(verdict.mean_off)} for the mean and by at most"
        f" {percent(verdict.variance_off)} for the variance."
    )


def sample(verdict: SampleVerdict) -> str:
    """How much the prediction for the one sample depends on its batch-mates."""
    name = names.sample(verdict.dataset, verdict.label)
    if not verdict.ranges:
        return f"The {name}: the numbers of the network are no longer finite; it has no answer."
    ranges = " ".join(
        f"In batches of {one.size} its 10th to 90th percentile is"
        f" {percent_between(one.low, one.high)}."
        for one in verdict.ranges
    )
    return (
        f"{SAMPLE.strip()}\n\nThe {name} gets another probability of its class among other"
        f" batch-mates. {ranges}"
    )
