"""BN on the network's input: what is said of its loss surface and of its rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.numbers import percent, points, significant, times

if TYPE_CHECKING:
    from bnviz.verdicts.inputs import GroundVerdict, Reached, SweepVerdict

SURFACE = """
Give each pixel a scale of its own, between 0.01 and 100, and heavy tails (a few very large values).
Below is the loss surface of a linear unit over two of its weights. **Before**, a long valley: a
learning rate that the steep side tolerates gets nowhere along the flat one. **After** each feature
is normalized, as BN on the input does, a bowl. Gradient descent goes at 3/4 of the largest stable
rate of each.
"""
SWEEP = """
The same networks on such **wild** features, at rates from 0.001 to 100: plain, with BN in the
hidden layers, with BN on the input only, and plain again on data that were scaled beforehand.
One network at a time.
"""

SUBJECTS = {
    "plain": "plain",
    "hidden": "BN in the hidden layers",
    "input only": "BN on the input only",
    "scaled data": "plain on data scaled beforehand",
}


def of_the_surface(verdict: GroundVerdict) -> str:
    """What the curvature says."""
    first, then = (significant(rate) for rate in verdict.rate)
    larger = ": here normalizing does not make it larger."
    if verdict.larger > 1:
        larger = f": {times(verdict.larger)} larger."
    slow, fast = verdict.patience
    before, after = (significant(ratio) for ratio in verdict.condition)
    every = "both" if verdict.features == 2 else f"all {verdict.features}"
    return (
        f"**With {every} features, the largest stable learning rate of this linear"
        f" unit is {first} before and {then} after each is normalized**{larger}"
        f" To come {verdict.closer:g} times closer to the lowest point, with the two features drawn"
        f" here, takes {slow:,} steps before and {fast:,} after. Steepest over flattest curvature,"
        f" with {every} features: {before} before, {after} after."
    )


def beliefs(verdict: GroundVerdict) -> dict[str, str]:
    """What is often believed of scaling, and what the loss surface says of it."""
    before, after = (significant(ratio) for ratio in verdict.condition)
    falls = f"the ratio of steepest to flattest falls from {before} to {after}"
    rounder = (
        f"Rounder, not round: {falls}. Features that go up and down together keep it above 1; BN"
        " scales each feature alone and turns nothing."
    )
    if verdict.nearly_round:
        rounder = (
            f"Nearly, here: {falls}, because these features go up and down together but a little."
            " BN scales each feature alone and turns nothing; where features are related, more is"
            " left."
        )
    return {Belief.MAKES_ROUND: rounder}


def reach(verdict: SweepVerdict) -> str:
    """Up to which rate each arm learns, and how well at best; from the arms that are done."""
    said = "; ".join(map(_of_one, verdict.reached))
    return (
        f"On wild features, the largest learning rate at which most seeds learn: {said}."
        f"{_same_as_scaling(verdict)}"
    )


def _of_one(one: Reached) -> str:
    name = SUBJECTS[one.arm]
    if one.largest != one.largest:  # NaN
        return f"{name} **none**"
    return f"{name} **{one.largest:g}** (at best {percent(one.best)} test accuracy)"


def _same_as_scaling(verdict: SweepVerdict) -> str:
    apart = points(verdict.widest)
    match verdict.same:
        case "neither":
            return " Neither BN on the input nor scaling the data is enough here."
        case "as far":
            return (
                " BN on the input reaches as far as scaling the data does; the widest gap between"
                f" the two, at any rate, is {apart}."
            )
        case "not equally far":
            return (
                " BN on the input and scaling the data do not reach equally far here; the widest"
                f" gap is {apart}."
            )
    return ""
