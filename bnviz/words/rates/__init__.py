"""How large may the learning rate be?: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import BATCH, PLAIN
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.names import SUBJECTS
from bnviz.words.numbers import percent, seeds, significant
from bnviz.words.race import IMAGENET
from bnviz.words.rates.best import (
    already,
    at_plains_best,
    best_rates,
    fastest,
    small_rates,
    top,
)
from bnviz.words.rates.too_large import alive_is_not_training, at_every_rate, beyond, still_matters

if TYPE_CHECKING:
    from bnviz.verdicts.rates import (
        RatesVerdict,
    )

INTRODUCTION = """
Both networks are trained at **21 learning rates**, each time from the same weights: a point for
each rate. The bars on top span the rates that reach the target, the dotted line.
"""

CLOSER = {
    "way": ("How many steps does each rate take?", "The way to the target, rate by rate."),
    "one": ("What happens at your rate?", "Training at the rate of the mark: click a point above."),
    "paper": (
        "What did the 2015 paper compare?",
        "Its six networks in small, at up to 30 times the rate.",
    ),
}

NOTES = {
    "How it is measured": """
**The sweep.** For each seed, 21 plain and 21 BN networks start from the same weights and see the
same mini-batches in the same order; they differ in the rate alone. Test accuracy is measured in
inference mode at 12 steps. At their defaults the networks are smaller than those of the race, and
looked at less often. Lines are medians over the
seeds that are left, bands their range. A cross stands at each rate at which a seed has diverged:
its loss stopped being a number. In the sentences a diverged seed is behind every other, and of an
even number of seeds the lower of the two in the middle is the median. Where it is counted at how
many rates BN is better, a network that diverged counts as guessing.

**The bars** span the widest range of neighbouring rates at which the median seed has reached the
target by the step on the clock. That it was reached once is enough; it may be lost again.

**The best rates** are all at which the median seed ends within 2 percentage points of the highest
accuracy: on some 450 test samples, which of them comes first is chance. **Small rates** are those
at least half a decade below all that suit plain best, at which one of the two networks has learned,
that is, is closer to being always right than to guessing. Two accuracies within 2 percentage points
of one another are called about the same.

**The paper's experiment.** The target is the best accuracy of the median plain seed at the base
rate, and a network gets there at the first record at which its own median seed has it. The
averaged prediction is the mean of the class probabilities of the seeds' networks after the last
step, without those that diverged.
""",
    "The mathematics": r"""
On a quadratic $\tfrac12 h\theta^2$ a step of gradient descent multiplies $\theta$ by
$1-\mathrm{lr}\,h$: beyond $\mathrm{lr} = 2/h$ each step makes the error larger. In a deep network
without BN, $h$ itself grows with the weights, so that one step that is too long makes the next one
worse, until a number overflows.

With BN the output does not change when the weights $W$ before it are multiplied by $a$, and the
gradient is divided by $a$. A step that is too long lengthens $W$,
$\lVert W'\rVert^2 = \lVert W\rVert^2 + \mathrm{lr}^2\lVert\nabla_W L\rVert^2$, and with it the
effective rate $\mathrm{lr}/\lVert W\rVert^2$ falls. So the loss stays a number over decades of
rates at which plain overflows. That is not yet learning: the output layer has no BN behind it, and
after a few giant steps all effective rates may be too small.
""",
    "What the papers found": f"""
{IMAGENET}
Ioffe & Szegedy (2015), Figures 2 and 3. BN-x5 is not BN and a five times larger rate alone: it also
drops dropout and local response normalization, divides the weight of the L2 penalty by 5, lets the
rate decay faster, shuffles better and distorts its images less (section 4.2.1); so does BN-x30. How
much each of these gave was not measured. Without BN, Inception diverges at 5 times the rate, and
with sigmoid units it stays at chance. An ensemble of six BN networks reached 4.9 % top-5 validation
error.

Bjorck, Gomes, Selman & Weinberger (2018), ResNet-110 on CIFAR-10: about 93 % with BN at rate 0.1,
90 % with BN at 0.003, and 81 to 82 % **both with and without BN** at 0.0001. They conclude that
the gain comes from the larger rate. Where a deep plain network hardly learns at any rate, as with
sigmoid units above, that is not the whole story.
""",
}


def findings(verdict: RatesVerdict) -> Findings:
    """What this sweep shows; the headline says who reaches the target up to which rate."""
    return Findings.told(
        _headline(verdict),
        *_reach(verdict),
        already(verdict.at_plains_best),
        *_decades(verdict),
        best_rates(verdict),
        *fastest(verdict.fastest, verdict.target),
        *at_plains_best(verdict.at_plains_best, verdict.best[BATCH]),
        *small_rates(verdict.small),
        *(beyond(one) for one in verdict.beyond),
    )


def _headline(verdict: RatesVerdict) -> str:
    tops = verdict.tops
    match verdict.reach:
        case "neither":
            return "Neither network reaches the target at any learning rate."
        case "only BN":
            return "Only BN reaches the target; plain does at no learning rate."
        case "only plain":
            return "Only plain reaches the target; BN does at no learning rate."
    match tops.outcome:
        case "BN" | "plain":
            one, other = ("BN", "plain") if tops.outcome == "BN" else ("Plain", "BN")
            many = f"{significant(tops.times)} times"
            if tops.at_least:
                return f"{one} reaches the target at rates {many} as high as {other}, or more."
            return f"{one} reaches the target at rates up to {many} as high as {other}."
        case "level":
            return "Both networks reach the target up to the same learning rate."
    return "The seeds do not agree on who reaches the target at larger rates."


def _reach(verdict: RatesVerdict) -> list[str]:
    """At which rates the target is reached, and whose range is wider in how many seeds."""
    plain, batch = (top(verdict, t) for t in (PLAIN, BATCH))
    match verdict.reach:
        case "neither":
            return [plain, batch]
        case "only BN":
            return [f"BN reaches {percent(verdict.target)} at {_ends(verdict, BATCH)}.", plain]
        case "only plain":
            return [f"Plain reaches {percent(verdict.target)} at {_ends(verdict, PLAIN)}.", batch]
    tops = verdict.tops
    return [
        f"The largest rate that reaches the target is {significant(tops.batch)} with BN and"
        f" {significant(tops.plain)} without.",
        _wider(verdict),
    ]


def _wider(verdict: RatesVerdict) -> str:
    score = verdict.wider
    match verdict.reach:
        case "BN":
            return f"BN's range of good rates is wider in {seeds(score.second, score.seeds)}."
        case "plain":
            first = seeds(score.first, score.seeds)
            return f"Plain's range of good rates is wider in {first}. {_no_help(verdict)}"
        case "as wide":
            return f"Both ranges of good rates are equally wide. {_no_help(verdict)}"
    return "Seed by seed, neither range of good rates is wider in more than half."


def _no_help(verdict: RatesVerdict) -> str:
    """What is to be said where BN's range is not the wider one."""
    if verdict.helps_in_accuracy:
        return "BN does not make more rates good, but it is better at its best."
    return "Here BN does not help."


def _decades(verdict: RatesVerdict) -> list[str]:
    """How wide the ranges are, in factors of ten."""
    if verdict.windows[PLAIN] is None or verdict.windows[BATCH] is None:
        return []
    return [f"{_wide(verdict, BATCH)} {_wide(verdict, PLAIN)} A decade is a factor of ten."]


def _wide(verdict: RatesVerdict, treatment: int) -> str:
    """In decades: at least so many, where the sweep ends before the window does."""
    name, window = [*SUBJECTS.values()][treatment], verdict.windows[treatment]
    assert window is not None
    if window.single:
        return f"{name} reaches the target at a single learning rate."
    decades = "1 decade" if window.decades == 1 else f"{window.decades:g} decades"
    if window.cut:
        return f"{name} reaches the target over at least {decades}."
    return f"{name} reaches the target over {decades}."


def _ends(verdict: RatesVerdict, treatment: int) -> str:
    """rates 0.1 to 3.2; rate 0.1 alone."""
    window = verdict.windows[treatment]
    assert window is not None
    if window.single:
        return f"rate {significant(window.low)} alone"
    return f"rates {significant(window.low)} to {significant(window.high)}"


def beliefs(verdict: RatesVerdict) -> dict[str, str]:
    """Common beliefs, and what this run says of them."""
    return {
        Belief.RATE_NO_LONGER_MATTERS: still_matters(verdict),
        Belief.BETTER_AT_EVERY_RATE: at_every_rate(verdict),
        Belief.NOT_THE_LARGER_RATE: " ".join(
            (
                already(verdict.at_plains_best),
                *at_plains_best(verdict.at_plains_best, verdict.best[BATCH]),
            )
        ),
        Belief.ALIVE_IS_TRAINING: alive_is_not_training(verdict),
    }


REACHING = ("both", "only plain", "only BN", "neither")
EDGE = ("it learned", "it diverged", "neither of these")
ALREADY = ("BN is better", "about the same", "BN is worse")
SMALL = ("plain", "BN", "about the same")
TOLERATES = ("BN", "about the same", "plain")


def _reaching(verdict: RatesVerdict) -> Outcome:
    """Which networks reach the target at some rate."""
    rights = {"neither": REACHING[3], "only BN": REACHING[2], "only plain": REACHING[1]}
    return Outcome(
        right=rights.get(verdict.reach, REACHING[0]),
        why=f"{' '.join(_reach(verdict)[:2])} {already(verdict.at_plains_best)}",
    )


def _at_the_edge(verdict: RatesVerdict) -> Outcome:
    """What has become of BN at the largest rate."""
    match verdict.edge:
        case "learned":
            return Outcome(right=EDGE[0], why="It ends nearer to being right than to guessing.")
        case "diverged":
            return Outcome(
                right=EDGE[1], why="A cross stands there: its loss stopped being a number."
            )
        case "little":
            return Outcome(
                right=EDGE[2],
                why="Its median seed has no cross, so the loss is still a number; but it has"
                " learned little. Not to diverge is not to learn.",
            )
    return Outcome(
        right=EDGE[2],
        why="Its median seed has no cross, so the loss is still a number; but it has learned"
        " nothing. Not to diverge is not to learn.",
    )


def _at_plains_rates(verdict: RatesVerdict) -> Outcome:
    """Who is more accurate where plain is at its best."""
    rights = {"better": ALREADY[0], "even": ALREADY[1], "worse": ALREADY[2]}
    there = verdict.at_plains_best
    said = at_plains_best(there, verdict.best[BATCH])
    return Outcome(
        right=rights.get(there.outcome),
        why=said[0] if said else already(there),
    )


def _at_small_rates(verdict: RatesVerdict) -> Outcome:
    if verdict.small is None:
        return Outcome(right=None, why="No network has learned at a small rate.")
    rights = {"worse": SMALL[0], "better": SMALL[1], "same": SMALL[2]}
    return Outcome(
        right=rights.get(verdict.small.outcome),
        why=f"{small_rates(verdict.small)[0]} Why, this sweep does not tell.",
    )


def _still_higher(verdict: RatesVerdict) -> Outcome:
    rights = {"BN": TOLERATES[0], "level": TOLERATES[1], "plain": TOLERATES[2]}
    return Outcome(
        right=rights.get(verdict.tops.outcome),
        why=" ".join(_reach(verdict)[:2]),
    )


CHALLENGES = (
    Challenge(
        name="sigmoid",
        question="Sigmoid units: which networks reach 80 % at any of the learning rates?",
        answers=REACHING,
        setting={"activation": "sigmoid"},
        outcome=_reaching,
        expected=REACHING[2],
        tempting=Tempting(REACHING[0], Belief.ONLY_A_BAD_RATE),
    ),
    Challenge(
        name="edge",
        look=True,
        question="At rate 100, at the far right: what has become of the network with BN?",
        answers=EDGE,
        setting={"activation": "sigmoid"},
        outcome=_at_the_edge,
        expected=EDGE[2],
        tempting=Tempting(EDGE[1], Belief.ALIVE_IS_TRAINING),
    ),
    Challenge(
        name="wide",
        question="Twice as wide, at the rates that suit plain best: who is more accurate?",
        answers=ALREADY,
        setting={"width": 32, "target": 0.9},
        outcome=_at_plains_rates,
        expected=ALREADY[1],
        tempting=Tempting(ALREADY[0], Belief.NOT_THE_LARGER_RATE),
    ),
    Challenge(
        name="one-layer",
        question="One hidden layer, at small rates: which network ends more accurate?",
        answers=SMALL,
        setting={"depth": 1},
        outcome=_at_small_rates,
        expected=SMALL[0],
        tempting=Tempting(SMALL[1], Belief.BETTER_AT_EVERY_RATE),
    ),
    Challenge(
        name="adam",
        question="With another optimizer, Adam: which network tolerates the larger rates?",
        answers=TOLERATES,
        setting={"optimizer": "adam"},
        outcome=_still_higher,
        expected=TOLERATES[0],
        tempting=Tempting(TOLERATES[1], Belief.ADAM_DOES_IT),
    ),
    Challenge(
        name="batch",
        question="Mini-batches of 4 images, at plain's best rates: who is more accurate?",
        answers=ALREADY,
        setting={"batch_size": 4},
        outcome=_at_plains_rates,
        expected=ALREADY[2],
        tempting=Tempting(ALREADY[0], Belief.ONLY_NOISIER),
    ),
)
