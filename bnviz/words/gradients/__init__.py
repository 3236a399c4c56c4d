"""Gradient predictiveness: all that its page says, but of what is often believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import PLAIN
from bnviz.verdicts.gradients import ACROSS, STRAIGHT
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.gradients.turns import OWNERS, findings, in_seeds, over_rates
from bnviz.words.numbers import degrees, seeds, times
from bnviz.words.pair import NO_BN

if TYPE_CHECKING:
    from bnviz.verdicts.gradients import GradientsVerdict, Turned

__all__ = ["findings", "over_rates"]  # they have a file of their own

INTRODUCTION = """
An update follows the gradient as if it stayed the same on the way. We try steps of eight lengths on
the **same mini-batch**. Dotted: the gradient before the step; arrow: after it.
"""

CLOSER = {
    "over": ("Does it stay so over the whole training?", "Change, smoothness and turn by step."),
    "rates": ("Does it depend on the learning rate?", "The same pairs at ten rates."),
}
RATES = "Rates from 0.01 to 1.8, one at a time."

NOTES = {
    "How it is measured": """
At a record of training, before the update, g is the gradient of the mini-batch loss with respect to
all parameters together. Then the parameters are changed by −a g, for eight step lengths a, and loss
and gradient are taken again: on the same mini-batch, with its batch statistics in BN. Afterwards
everything is put back; the training does not notice.

The **turn** is the angle between the two gradients. At a = η, the learning rate, it is the turn
where the update of plain SGD really ends. The picture shows the median of the seeds at the step of
the clock; the sentences give the mean over the seeds and over the steps of training. Two turns that
differ by less than 10° count as about the same.

**Gradient predictiveness** is ‖g(after) − g‖ over the lengths: the band goes from the smallest to
the largest, its upper edge is drawn as a line. **Effective β-smoothness** is the largest of
‖g(after) − g‖ / (a ‖g‖), which leaves out how long the gradient itself is (this β has nothing to do
with BN's shift β).

Lines are medians over the seeds. The sentences compare each seed's mean over the steps of training,
and only the seeds in which **both** mini-batch losses fell to less than half: a network that does
not learn can look perfectly smooth. Where no seed can be compared, the turns are those of all
seeds, for as long as they last.
""",
    "The mathematics": r"""
With $g = \nabla L(\theta_t)$ on the batch about to be used (Santurkar et al. 2018, Section 3.2):

$$
\text{predictiveness: the range over } a \text{ of } \lVert \nabla L(\theta_t - a g) - g \rVert_2
\qquad \beta = \max_a \frac{\lVert \nabla L(\theta_t - a g) - g \rVert_2}{a \lVert g \rVert_2}
$$

A loss whose gradient is β-Lipschitz is sure to fall for any step shorter than $2/\beta$. The
smaller β is along the way, the larger a learning rate can be. As $a \to 0$ the predictiveness
goes to 0.

Why tanh can turn it round, and Glorot weights in the first steps: with them the plain network
passes on a weaker signal from layer to layer. Its loss depends little on its weights, its gradient
is short, and what is short changes little. BN stretches every layer's signal to spread 1, and the
slope with it.
""",
    "What the papers found": """
Santurkar, Tsipras, Ilyas and Mądry (2018) measured this on VGG, for step lengths of ½ to 4 learning
rates, and on a deep linear network, for 1/100 to 30: with BN, the loss and the gradient vary less
along the way. They argue that this smoothing, and not a reduced internal covariate shift, is how BN
helps. As the questions above show, it is no law.
""",
}


TURNS = "less than 30°", "30° to 60°", "more than 60°"
FARTHER = {"plain": "plain's", "batch": "BN's", "neither": "both about as much"}
FELL = {
    (True, False): "plain's",
    (False, True): "BN's",
    (True, True): "both",
    (False, False): "neither",
}
BACKWARDS = FELL  # the same answers, of another question
LONGEST = "In the longest step, on average, plain's gradient turns by {plain}, BN's by {batch}."
EARLY = (
    "In the longest step, early in training, plain's gradient turns by {plain}, BN's by {batch}."
)
UPDATE = (
    "In one update, on average over training, plain's gradient turns by {plain}, BN's by {batch}."
)
ONE_RATE = (
    "In a step of one learning rate, on average over training, plain's gradient turns by {plain},"
    " BN's by {batch}."
)
"""The update of an optimizer other than SGD goes elsewhere."""
UNKNOWN = "In one of the networks no gradient is left to compare."


def _one_step(verdict: GradientsVerdict) -> str:
    """With slots for both angles."""
    return UPDATE if verdict.optimizer == "sgd" else ONE_RATE


def _one_update(verdict: GradientsVerdict) -> Outcome:
    turned = verdict.near[PLAIN]
    if turned != turned:  # NaN
        return Outcome(right=None, why=UNKNOWN)
    right = TURNS[0] if turned < 30 else TURNS[1] if turned <= 60 else TURNS[2]
    counted = seeds(verdict.fell[PLAIN], verdict.seeds)
    fell = f"Plain's loss fell by half in {counted}."
    if right == TURNS[2] and verdict.most_fell[PLAIN]:
        fell = f"Plain's loss still fell by half in {counted}; why, this run does not tell."
    return Outcome(
        right=right,
        why=f"{_one_step(verdict).format(plain=degrees(turned), batch=degrees(verdict.step.batch))}"
        f" {fell}",
    )


def _farther(turned: Turned, told: str, end: str) -> Outcome:
    """Whose gradient turns farther, and by how much; told: with slots for both angles."""
    if turned.plain != turned.plain or turned.batch != turned.batch:  # NaN
        return Outcome(right=None, why=UNKNOWN)
    angles = told.format(plain=degrees(turned.plain), batch=degrees(turned.batch))
    if turned.open:
        return Outcome(right=None, why=f"{angles} The seeds do not agree on which is larger.")
    return Outcome(right=FARTHER[turned.more or "neither"], why=f"{angles} {end}")


def _along_the_step(verdict: GradientsVerdict) -> Outcome:
    return _farther(verdict.walk, LONGEST, _reason(verdict, verdict.walk))


def _first_steps(verdict: GradientsVerdict) -> Outcome:
    return _farther(verdict.first, EARLY, _reason(verdict, verdict.first))


def _reason(verdict: GradientsVerdict, turned: Turned) -> str:
    """In how many seeds; why, where BN's turns farther beside a plain one that is short."""
    if turned.more is None:
        return f"We count a difference of less than {STRAIGHT:.0f}° as none."
    compared = verdict.compared
    if turned.more == "batch" and compared and compared.faded:
        return (
            f"BN's is larger in {in_seeds(turned)}: plain's loss is flat at the start, where BN's"
            f" gradient is {times(compared.longer)} as long."
        )
    return f"{OWNERS[turned.more]} is larger in {in_seeds(turned)}. Why, this run does not tell."


def _backwards(verdict: GradientsVerdict) -> Outcome:
    plain, batch = verdict.drawn
    if plain != plain or batch != batch:  # NaN
        return Outcome(right=None, why=UNKNOWN)
    why = (
        f"After the longest step, the thick arrows (medians) have turned by {degrees(plain)} in"
        f" plain and by {degrees(batch)} in BN."
    )
    if verdict.first.more == "batch" and plain > batch:
        why = f"{why} In the first steps BN's turned more: the order is no law."
    return Outcome(right=BACKWARDS[plain > ACROSS, batch > ACROSS], why=why)


def _whose_loss_fell(verdict: GradientsVerdict) -> Outcome:
    plain, batch = (seeds(number, verdict.seeds) for number in verdict.fell)
    return Outcome(
        right=FELL[verdict.most_fell],
        why=f"Plain's loss falls so far in {plain}, BN's in {batch}. {_smoothness(verdict)}",
    )


def _smoothness(verdict: GradientsVerdict) -> str:
    """Whose gradient turns how far; that it proves no learning, where this run shows that."""
    walk, (plain_fell, batch_fell) = verdict.walk, verdict.most_fell
    if walk.plain != walk.plain or walk.batch != walk.batch:  # NaN
        return UNKNOWN
    turns = f"Plain's gradient turns by {degrees(walk.plain)}, BN's by {degrees(walk.batch)}."
    if walk.more == "batch" and batch_fell and not plain_fell:
        return f"{turns} Turning less is not learning."
    return turns if walk.more else f"{turns} The turn does not tell who learns."


def _small_batches(verdict: GradientsVerdict) -> Outcome:
    if not verdict.with_bn:
        return Outcome(right=None, why=NO_BN)
    end = _reason(verdict, verdict.step)
    if verdict.step.more is None:
        end = (
            "In the turn BN gains nothing; whether statistics of few samples are why, this run"
            " does not tell."
        )
    return _farther(verdict.step, _one_step(verdict), end)


CHALLENGES = (
    Challenge(
        name="update",
        question="At rate 0.32, how far does one update turn the plain network's gradient?",
        answers=TURNS,
        setting={"learning_rate": 0.32},
        outcome=_one_update,
        expected=TURNS[2],
        tempting=Tempting(TURNS[0], Belief.TO_THE_MINIMUM),
    ),
    Challenge(
        name="tanh",
        question="With tanh in place of ReLU: whose gradient turns more in the longest step?",
        answers=tuple(FARTHER.values()),
        setting={"activation": "tanh"},
        outcome=_along_the_step,
        expected=FARTHER["batch"],
        tempting=Tempting(FARTHER["plain"], Belief.MORE_PREDICTABLE),
    ),
    Challenge(
        name="glorot",
        question="Glorot's smaller initial weights: whose gradient turns more at first?",
        answers=tuple(FARTHER.values()),
        setting={"initialization": "glorot"},
        outcome=_first_steps,
        expected=FARTHER["batch"],
        tempting=Tempting(FARTHER["plain"], Belief.MORE_PREDICTABLE),
    ),
    Challenge(
        name="backwards",
        look=True,
        question="At the end of training: whose last arrow points backwards, past 90°?",
        answers=tuple(BACKWARDS.values()),
        setting={"initialization": "glorot"},
        outcome=_backwards,
        expected=BACKWARDS[True, False],
        tempting=Tempting(BACKWARDS[(False, False)], Belief.TO_THE_MINIMUM),
    ),
    Challenge(
        name="too-far",
        question="At a learning rate of 1, whose training loss falls to less than half?",
        answers=tuple(FELL.values()),
        setting={"learning_rate": 1.0},
        outcome=_whose_loss_fell,
        expected=FELL[False, True],
        tempting=Tempting(FELL[(True, True)], Belief.ONLY_FASTER),
    ),
    Challenge(
        name="small-batches",
        question="Mini-batches of 8 samples: whose gradient does one update turn more?",
        answers=tuple(FARTHER.values()),
        setting={"batch_size": 8},
        outcome=_small_batches,
        expected=FARTHER["neither"],
        tempting=Tempting(FARTHER["plain"], Belief.MORE_PREDICTABLE),
    ),
)
