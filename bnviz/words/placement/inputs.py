"""BN on the network's input: what is said of its loss surface and of its rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.numbers import percent, points, seeds, significant, times

if TYPE_CHECKING:
    from bnviz.verdicts.inputs import GroundVerdict, Inside, Reached, SweepVerdict

SURFACE = """
Each pixel gets a scale of its own, between 0.01 and 100, and heavy tails (a few very large values).
Below is the loss surface of a linear unit over two of its weights. **Before**, it is a long valley:
a learning rate that the steep side tolerates makes little progress along the flat one. **After**
each feature is normalized, as BN on the input does, it is a bowl. On both, gradient descent takes
3/4 of the largest stable rate.
"""
ARMS = """
Four networks train at rates from 0.001 to 100, one after the other: plain, BN in the hidden layers,
BN on the input only, and plain on data that were scaled beforehand.
""".strip()
SWEEP = {
    "wild": f"""
The features are **wild**, each with a scale of its own. {ARMS}""",
    "wine": f"""
The data are a real table, **as it was measured**: 13 features of 178 wines, from a hue of
about 1 to milligrams of proline, about 750. The three classes are the growers. {ARMS}""",
    "breast cancer": f"""
The data are a real table, **as it was measured**: 30 features of the cell nuclei in 569
images, from a fractal dimension of about 0.06 to areas of about 650. The classes are malignant and
benign. {ARMS}""",
}
"""What is compared, by the features."""

SUBJECTS = {
    "plain": "plain",
    "hidden": "BN in the hidden layers",
    "input only": "BN on the input only",
    "scaled data": "plain on data scaled beforehand",
}
ON = {
    "wild": "On wild features",
    "wine": "On the wines as they were measured",
    "breast cancer": "On the cells as they were measured",
}


NEEDLESS = "Where data are scaled already, it has nothing left to do."


def of_the_surface(verdict: GroundVerdict) -> str:
    """What the curvature says."""
    first, then = (significant(rate) for rate in verdict.rate)
    larger = "Here normalizing does not make it larger."
    if verdict.larger > 1:
        larger = f"That is {times(verdict.larger)} larger."
    slow, fast = verdict.patience
    before, after = (significant(ratio) for ratio in verdict.condition)
    every = "both" if verdict.features == 2 else f"all {verdict.features}"
    return (
        f"**With {every} features, the largest stable learning rate of this linear unit is {first}"
        f" before and {then} after each is normalized.** {larger} To come"
        f" {verdict.closer:g} times closer to the lowest point takes {slow:,} steps before and"
        f" {fast:,} after, with the two features drawn here. The steepest curvature over the"
        f" flattest, with {every} features, is {before} before and {after} after."
    )


def beliefs(verdict: GroundVerdict) -> dict[str, str]:
    """What is often believed of scaling, and what the loss surface says of it."""
    before, after = (significant(ratio) for ratio in verdict.condition)
    falls = (
        f"Rounder, not round. The ratio of steepest to flattest falls from {before} to {after}."
        " Features that go up and down together keep it above 1; BN scales each feature alone and"
        " turns nothing."
    )
    if verdict.nearly_round:
        falls = (
            f"Nearly, here. The ratio of steepest to flattest falls from {before} to {after},"
            " because these features go up and down together but a little. BN scales each feature"
            " alone and turns nothing; where features are related, more is left."
        )
    return {Belief.MAKES_ROUND: falls}


def reach(verdict: SweepVerdict) -> str:
    """Up to which rate each arm learns, and how well at best; from the arms that are done.

    And, in a second paragraph, what of it is BN's doing.
    """
    said = "; ".join(map(_of_one, verdict.reached))
    why = " ".join((_linear(verdict), *_same_as_scaling(verdict), *_inside(verdict.inside)))
    return (
        f"{ON[verdict.case]}, the largest learning rate at which most seeds learn: {said}.\n\n{why}"
    )


def _of_one(one: Reached) -> str:
    name = SUBJECTS[one.arm]
    if one.largest != one.largest:  # NaN
        return f"{name} **none**"
    return f"{name} **{one.largest:g}** (at best {percent(one.best)} test accuracy)"


def _inside(inside: Inside | None) -> tuple[str, ...]:
    """Whether BN in the hidden layers does what scaling does."""
    if inside is None:
        return ()
    numbers = f"at their best rates {percent(inside.hidden)} and {percent(inside.scaled)}"
    among = f"in {seeds(inside.agree, inside.seeds)}"
    said = {
        "second": "BN in the hidden layers does not replace it: the first layer adds up the raw"
        f" features before any BN sees them ({numbers}; behind {among}).",
        "first": f"BN in the hidden layers does more here ({numbers}; ahead {among}).",
        "same": f"BN in the hidden layers alone is about as accurate here ({numbers}).",
        "unclear": "Whether BN in the hidden layers is as accurate, these seeds leave open"
        f" ({numbers}).",
    }
    return (said[inside.standing],)


def _linear(verdict: SweepVerdict) -> str:
    """Why: what a single unit makes of the features."""
    before, after = (significant(rate) for rate in verdict.stable)
    return (
        f"The largest stable rate of a linear unit is {before} on these features, and {after} when"
        " each is normalized."
    )


def _same_as_scaling(verdict: SweepVerdict) -> tuple[str, ...]:
    apart = points(verdict.widest)
    match verdict.same:
        case "neither":
            return ("Neither BN on the input nor scaling the data is enough here.",)
        case "as far":
            said = (
                "BN on the input reaches as far as scaling the data does; the widest gap between"
                f" the two, at any rate, is {apart}."
            )
            return (said, NEEDLESS) if verdict.needless else (said,)
        case "not equally far":
            return (
                "BN on the input and scaling the data do not reach equally far here; the widest"
                f" gap is {apart}.",
            )
    return ()
