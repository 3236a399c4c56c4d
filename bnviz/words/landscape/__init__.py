"""The loss landscape: all that its page says, but of the surface around a point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.criteria import ALIKE
from bnviz.verdicts.landscape import FAR_LONGER
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.landscape import surface
from bnviz.words.landscape.lengths import OWNERS, bears, long_steps
from bnviz.words.names import HIGHER, SUBJECTS
from bnviz.words.numbers import percent, seeds, times, times_between
from bnviz.words.pair import NO_BN, factor, no_bn, no_comparison, not_compared

if TYPE_CHECKING:
    from bnviz.verdicts.landscape import Hill, LandscapeVerdict, Longer, Upwards
    from bnviz.verdicts.surface import SurfaceVerdict

__all__ = ["long_steps"]  # it has a file of its own

INTRODUCTION = """
At each training step, we follow the gradient down and look **ahead**, up to a few learning rates
far. **Green**: the loss is lower there, as promised. **Brown**: higher; the loss surface is rough.
"""

CLOSER = {
    "band": ("How much does the loss vary ahead?", "The paper's band over training, and one step."),
    "long": ("How long may one step be?", "Steps up to length 100, on the first mini-batches."),
    "around": ("What does it look like all around a point?", "Two maps of the loss surface."),
    "skips": ("Is it BN alone that smooths?", "The same maps, without and with skip connections."),
}

BAND = """
Left: the loss before the step (line), and the lowest and highest loss ahead of it (band). Right:
the loss after a step of each length, at the moment of the clock; thin lines are the seeds.
"""
SKIPS = "The surface above, without and with skip connections, one after the other."

LONGER: dict[Longer, str] = {
    "shorter": "a shorter one",
    "alike": "about as long",
    "longer": f"up to {FAR_LONGER:g} times as long",
    "far longer": f"over {FAR_LONGER:g} times as long",
}

NOTES = {
    "How it is measured": """
**Along the gradient.** At a recorded step, before the update, g is the gradient of the mini-batch
loss with respect to all parameters together. The loss is taken again at θ − a g for eight lengths
a, on the same mini-batch with its own statistics; then everything is put back. The maps show this
loss divided by the loss before the step (median over the seeds); each thin line is a factor of two,
the thick line is a loss as before. The band goes from the lowest to the highest of these losses.
The sentences compare the width of the band, averaged over training, in the seeds where **both**
losses fell to less than half.

**Around a point.** The loss of 256 training samples at 21 x 21 points or more (fewer for large
networks). Contours show the logarithm of the loss, both networks on one scale; what is above 100 or
below 0.01 is drawn there. The "path of training" is the plane through the chosen moment along the
two directions in which the weights moved most; there all parameters move, biases, γ and β included,
and each network has a plane of its own. With BN the loss depends on the statistics: taken anew from
the 256 samples at each point, or the running averages of that moment, held fixed; then, at the
settings this page starts with, its basin is hardly the wider one any more. The *basin* is where the
loss is below 90 % of ln(number of classes); *curves downwards* is judged there, from the second
differences inside the plane. Every seed's pair has a square of its own; drawn is the
seed whose basins are nearest to the median ones.

**Long steps.** 19 lengths from 0.0001 to 100; the median of three mini-batches, then of the seeds.
""",
    "The mathematics": r"""
Loss variation (Santurkar et al. 2018, Section 3.2): the range over $a$ of
$L(\theta_t - a\,g)$ with $g = \nabla L(\theta_t)$, for $a$ from ½ to 4 learning rates.

The surface (Li et al. 2018): $L(\theta + x\,d_1 + y\,d_2)$, with each row $i$ of each weight
matrix of a random direction scaled to the length of the same row of the network,
$d_i \leftarrow d_i\,\lVert\theta_i\rVert / \lVert d_i\rVert$. Without this a network with large
weights looks smoother than one with small weights, although with BN both compute the same.
""",
    "What the papers found": """
Santurkar et al. (2018) found a far narrower band with BN in a VGG network, and argue that this is
how BN helps. Li et al. (2018) showed with filter-normalized planes that skip connections smooth the
surface of deep networks, too. Bjorck et al. (2018) looked at the first mini-batches: without BN,
the loss explodes at step lengths that are harmless with it; they conclude that this is how BN
allows a large learning rate. A surface is a picture of two directions among many thousands; it
shows, it does not prove.
""",
}


def findings(verdict: LandscapeVerdict) -> Findings:
    """What this run shows along the gradient."""
    if not verdict.with_bn:
        return Findings.told(NO_BN, no_bn(verdict.normalized_layers, verdict.depth))
    if not verdict.varied:
        none = no_comparison(verdict.fell, verdict.seeds)
        return Findings.told(
            UNCOMPARED, none, *_hills(verdict, *UPWARDS), *not_compared(verdict.lost)
        )
    return Findings.told(
        _headline(verdict),
        _varied(verdict),
        *_hills(verdict, "once"),
        _ends(verdict),
        *_hills(verdict, "hardly ever", "never"),
        *_range(verdict),
        *not_compared(verdict.lost),
    )


UPWARDS: tuple[Upwards, ...] = ("once", "hardly ever", "never")
UNCOMPARED = "These networks cannot be compared: in no pair did both losses fall."


def _headline(verdict: LandscapeVerdict) -> str:
    up = [one for one in verdict.hills if one.upwards == "once"]
    if len(up) == 1:
        (other,) = (one for one in verdict.hills if one is not up[0])
        whose = WHOSE[other.treatment]
        if other.upwards == "never":
            return f"{_rises(up[0])} {whose} never does."
        return f"{_rises(up[0])} {whose} hardly ever does."
    if up:
        return BOTH_RISE[verdict.varies]
    return _nowhere(verdict)


def _nowhere(verdict: LandscapeVerdict) -> str:
    """Where in the median neither loss rises: in any seed?"""
    rare = [one for one in verdict.hills if one.upwards == "hardly ever"]
    never = [one for one in verdict.hills if one.upwards == "never"]
    if not rare:
        return "Neither loss ever rises ahead."
    if not never:
        return "Both losses hardly ever rise ahead."
    some, other = WHOSE[rare[0].treatment], WHOSE[never[0].treatment]
    return f"{some} loss hardly ever rises ahead. {other} never does."


WHOSE = {"plain": "Plain's", "batch": "BN's"}
BOTH_RISE = {
    "plain": "Both losses rise ahead; plain's varies more.",
    "batch": "Both losses rise ahead; BN's varies more.",
    "alike": "Both losses rise ahead; both vary about as much.",
    "unclear": "Both losses rise ahead; the seeds do not agree whose varies more.",
}


def _rises(hill: Hill) -> str:
    whose = WHOSE[hill.treatment]
    if hill.times == float("inf"):
        return f"{whose} loss rises ahead beyond all bounds."
    if hill.times > ALIKE:
        return f"{whose} loss rises ahead, to {times(hill.times)} its value."
    return f"{whose} loss rises ahead a little."


def _varied(verdict: LandscapeVerdict) -> str:
    """Whose loss varies more ahead, in how many seeds, and whether that is roughness."""
    varied, who = verdict.varied, {"plain": "plain", "batch": "BN"}
    assert varied
    if verdict.varies == "alike":
        return "Averaged over training, both losses vary about as much ahead."
    if verdict.varies == "unclear":
        where = seeds(varied.larger, varied.ratio.seeds)
        return f"Plain's loss varies more ahead in {where}, BN's in the others: no clear order."
    one = who.pop(verdict.varies)
    (other,) = who.values()
    where = seeds(varied.agree, varied.ratio.seeds)
    if varied.ratio.seeds == 1 < verdict.seeds:
        where = "the one seed that can be compared"
    said = (
        f"In {where} {one}'s loss varies more ahead than {other}'s: {factor(varied)} as much,"
        " averaged over training."
    )
    if verdict.rougher:
        return said
    (own,) = (one for one in verdict.hills if one.treatment == verdict.varies)
    if own.upwards == "never":
        return f"{said} It falls further and never rises, so this is not roughness."
    return f"{said} It falls further and hardly ever rises, so this is not roughness."


def _range(verdict: LandscapeVerdict) -> tuple[str, ...]:
    """Between what the factor of _varied lies."""
    varied = verdict.varied
    if not varied or verdict.varies not in SUBJECTS or varied.factor.seeds == 1:
        return ()
    other = OWNERS["batch" if verdict.varies == "plain" else "plain"]
    return (
        f"From seed to seed, {OWNERS[verdict.varies]} loss varies"
        f" {times_between(varied.factor.low, varied.factor.high)} as much as {other}.",
    )


def _hill(verdict: LandscapeVerdict, hill: Hill) -> str:
    """In how many seeds the loss rises ahead, and where it does so the most."""
    name, where = SUBJECTS[hill.treatment], seeds(hill.seeds, verdict.seeds)
    if hill.upwards == "never":
        return f"{name}'s loss never rises ahead, in any seed."
    if hill.upwards == "hardly ever":
        return (
            f"{name}'s loss rises somewhere ahead in {where}, but nowhere in the median of the"
            " seeds."
        )
    if hill.a_little:
        return f"{name}'s loss rises ahead in {where}, but only a little, most at step {hill.step}."
    if hill.times < float("inf"):
        return (
            f"{name}'s loss rises ahead in {where}, most at step {hill.step}: to"
            f" {times(hill.times)} the loss before."
        )
    return (
        f"{name}'s loss rises ahead in {where}, most at step {hill.step}: past what a 32-bit float"
        " can hold."
    )


def _hills(verdict: LandscapeVerdict, *upwards: Upwards) -> list[str]:
    return [_hill(verdict, one) for one in verdict.hills if one.upwards in upwards]


def _ends(verdict: LandscapeVerdict) -> str:
    """Whether the one with the smoother surface learned more."""
    ends = accuracies(verdict)
    match verdict.ahead:
        case "same":
            return f"In accuracy they hardly differ. {ends}"
        case "unclear":
            return f"In accuracy the seeds do not agree who is ahead. {ends}"
        case "first":
            return f"Plain learned more. {ends}"
    return f"BN learned more. {ends}"


def accuracies(verdict: LandscapeVerdict) -> str:
    """How accurate both are at the end; of which pairs, where not all are compared."""
    plain, batch = map(percent, verdict.accuracy)
    compared = verdict.varied.ratio.seeds if verdict.varied else 0
    if compared == verdict.seeds:
        return f"Plain ends at {plain} and BN at {batch} test accuracy."
    if compared == 1:
        return f"In the pair compared, plain ends at {plain} and BN at {batch} test accuracy."
    return f"In the pairs compared, plain ends at {plain} and BN at {batch} test accuracy."


RISES = ("plain", "BN", "both", "neither")


def _who_rises(verdict: LandscapeVerdict) -> Outcome:
    if not verdict.varied:
        return Outcome(right=None, why=no_comparison(verdict.fell, verdict.seeds))
    plain, batch = (one.upwards == "once" for one in verdict.hills)
    right = RISES[2] if plain and batch else RISES[0] if plain else RISES[1] if batch else RISES[3]
    return Outcome(right=right, why=" ".join(_hills(verdict, *UPWARDS)))


BROWN = ("less than a third", "about half", "more than two thirds")


def _how_much_brown(verdict: LandscapeVerdict) -> Outcome:
    plain, batch = verdict.uphill
    if plain != plain:  # NaN
        return Outcome(right=None, why="The plain network diverged before its first record.")
    return Outcome(
        right=BROWN[0] if plain < 1 / 3 else BROWN[2] if plain > 2 / 3 else BROWN[1],
        why=" ".join((_how_often(plain, batch), *_median(verdict))),
    )


def _median(verdict: LandscapeVerdict) -> tuple[str, ...]:
    """Of which seeds the map is."""
    if verdict.seeds == 1:
        return ()
    if any(one.diverged for one in verdict.lost):
        return ("The map shows the median of the seeds that have not diverged.",)
    return (f"The map shows the median of {seeds(verdict.seeds, verdict.seeds)}.",)


def _how_often(plain: float, batch: float) -> str:
    one, other = (percent(share) if share else "none" for share in (plain, batch))
    if batch != batch:  # NaN: it diverged at once
        return f"The loss rises somewhere ahead of plain in {one} of the training."
    return (
        f"The loss rises somewhere ahead of plain in {one} of the training, ahead of BN in {other}"
        " of it."
    )


def _how_long(verdict: LandscapeVerdict) -> Outcome:
    one = verdict.bears
    known = one.agree or one.longer == "alike"
    why = bears(one)
    if one.held and known and one.longer in ("longer", "far longer"):
        why = f"{why} With BN, values cannot grow from layer to layer."
    return Outcome(right=LONGER[one.longer] if known else None, why=why)


WIDER = {"first": "plain's", "second": "BN's", "same": "about the same", "unclear": "it differs"}


def _wider_basin(verdict: SurfaceVerdict) -> Outcome:
    score = verdict.wider
    leader = verdict.leads[0]
    right = "same" if score.level else "unclear" if leader == "neither" else leader
    return Outcome(
        right=WIDER[right],
        why=f"{surface.wider(verdict)} A map of two directions out of thousands is no proof.",
    )


VARIES = {"plain": "plain's", "batch": "BN's", "alike": "about the same", "unclear": "it differs"}


def _whose_varies(verdict: LandscapeVerdict) -> Outcome:
    if not verdict.varied:
        return Outcome(right=None, why=no_comparison(verdict.fell, verdict.seeds))
    why = _varied(verdict)
    if verdict.varies in SUBJECTS:
        why = f"{why} Why, this run does not tell."
    return Outcome(right=VARIES[verdict.varies], why=why)


def _which_ends_higher(verdict: LandscapeVerdict) -> Outcome:
    if not verdict.varied:
        return Outcome(right=None, why=no_comparison(verdict.fell, verdict.seeds))
    why = _ends(verdict)
    if all(one.upwards != "once" for one in verdict.hills):
        why = f"{why} No step here is long enough for the loss to rise: nothing to smooth."
    return Outcome(right=HIGHER[verdict.ahead], why=why)


CHALLENGES = (
    Challenge(
        name="large",
        question="At a learning rate of 0.32, ahead of which network does the loss rise?",
        answers=RISES,
        setting={"learning_rate": 0.32},
        outcome=_who_rises,
        expected=RISES[0],
        tempting=Tempting(RISES[3], Belief.GRADIENT_FALLS),
    ),
    Challenge(
        name="brown",
        look=True,
        question="Look at plain's map: in how much of the training is there brown ahead?",
        answers=BROWN,
        setting={"learning_rate": 0.32},
        outcome=_how_much_brown,
        expected=BROWN[2],
        tempting=Tempting(BROWN[0], Belief.GRADIENT_FALLS),
    ),
    Challenge(
        name="long",
        question="12 layers: how long a first step does BN tolerate, compared with plain?",
        answers=tuple(LONGER.values()),
        setting={"depth": 12},
        opens="long",
        outcome=_how_long,
        expected=LONGER["far longer"],
        tempting=Tempting(LONGER["longer"], Belief.NOT_THE_LARGER_RATE),
    ),
    Challenge(
        name="basin",
        question="With skip connections: whose basin of low loss is wider, all around?",
        answers=tuple(WIDER.values()),
        setting={"skip": "on"},
        opens="around",
        on="surface",
        outcome=_wider_basin,
        expected=WIDER["second"],
        tempting=Tempting(WIDER["same"], Belief.SKIP_SUFFICES),
    ),
    Challenge(
        name="tanh",
        question="tanh units at a learning rate of 0.32: whose loss varies more ahead?",
        answers=tuple(VARIES.values()),
        setting={"activation": "tanh", "learning_rate": 0.32},
        outcome=_whose_varies,
        expected=VARIES["batch"],
        tempting=Tempting(VARIES["plain"], Belief.ALWAYS_SMOOTHER),
    ),
    Challenge(
        name="low",
        question="At a rate of 0.01, steps are short. Which network ends more accurate?",
        answers=tuple(HIGHER.values()),
        setting={"learning_rate": 0.01, "steps": 200},
        outcome=_which_ends_higher,
        expected=HIGHER["first"],
        tempting=Tempting(HIGHER["second"], Belief.SMOOTHER_FASTER),
    ),
)
