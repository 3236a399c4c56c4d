"""Gradient predictiveness: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bnviz.verdicts.gradients import EARLY
from bnviz.words.findings import Findings
from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import degrees, learning_rates, listed, many, seeds, times, times_between
from bnviz.words.pair import factor, no_bn, no_comparison, not_compared, over_seeds

if TYPE_CHECKING:
    from bnviz.verdicts.criteria import Comparison
    from bnviz.verdicts.gradients import Compared, GradientsVerdict, SweepVerdict

INTRODUCTION = """
An update follows the gradient, and trusts that it still points the same way where the step ends.
Here we check. At each moment of training we walk along the gradient, on the **same mini-batch**,
and look at the gradient again: the dotted line is where it pointed before, the needle where it
points now.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "Where BN does not help: tanh": {"activation": "tanh"},
    "Glorot weights: rougher at first": {"initialization": "glorot"},
    "About the largest rate plain survives": {"learning_rate": 0.32},
    "Too large for plain: rate 1": {"learning_rate": 1.0},
}
CLOSER = {"over": "Does it stay so over the whole training?"}
GUESS = "With tanh instead of ReLU, whose gradient changes more along the walk?"
GUESSES = ("plain", "BN", "about the same")

NOTES = {
    "How it is measured": """
At a record of training, before the update, g is the gradient of the mini-batch loss with respect to
all parameters together. Then the parameters are moved by −a g, for eight lengths a, and loss and
gradient are taken again: on the same mini-batch, with that mini-batch's own statistics in BN.
Afterwards everything is put back; the training does not notice.

**Gradient predictiveness** is ‖g(after) − g‖ over the lengths: the band goes from the smallest to
the largest, its upper edge is drawn as a line. **Effective β-smoothness** is the largest of
‖g(after) − g‖ / (a ‖g‖), which leaves out how long the gradient itself is (this β has nothing to do
with BN's shift β). The **turn** is the angle between the two gradients after one learning rate:
where the update of plain SGD really ends.

Lines are medians over the seeds. The sentences compare each seed's mean over the steps of training,
and only the seeds in which **both** mini-batch losses fell to less than half: a network that does
not learn can look perfectly smooth. The turn in the sentences is that of all seeds, for as long as
they last.
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
helps. As the presets show, it is no law.
""",
}


def findings(verdict: GradientsVerdict) -> Findings:
    """What this run shows."""
    if not verdict.with_bn:
        nothing = no_bn(verdict.normalized_layers, verdict.depth)
        return Findings(headline=f"**No comparison here**: {nothing}")
    lost, turns = not_compared(verdict.lost), _turns(verdict)
    compared = verdict.compared
    if not compared:
        return Findings(headline=no_comparison(verdict.fell, verdict.seeds), more=(*turns, *lost))
    more = (_steepness(compared), *_at_first(compared), *turns, *lost)
    return Findings(headline=_trust(verdict, compared), more=more)


def _trust(verdict: GradientsVerdict, compared: Compared) -> str:
    change, where = compared.change, f"Within {learning_rates(verdict.reach)} along the gradient"
    if change.more == "plain":
        return (
            f"{where}, **plain's gradient changes {factor(change)} as much as BN's** (averaged"
            f" over training; {over_seeds(change)})."
        )
    if change.more == "batch":
        return (
            f"{where}, **BN's gradient changes {factor(change)} as much as plain's** (averaged over"
            f" training; {over_seeds(change)}): at this setting BN is the rougher one."
        )
    beside = f"averaged over training; plain's {_beside(change)}"
    if change.open:
        return f"{where}, **the seeds do not agree whose gradient changes more** ({beside})."
    return f"{where}, **both gradients change about as much** ({beside})."


def _beside(compared: Comparison) -> str:
    """From seed to seed, where neither is the larger one: 0.9 to 1.1 times BN's."""
    return f"{times_between(compared.ratio.low, compared.ratio.high)} BN's"


def _steepness(compared: Compared) -> str:
    beta = compared.smoothness
    smaller, larger = ("BN", "plain") if beta.more == "plain" else ("plain", "BN")
    if beta.more:
        said = f"{larger}'s change is {factor(beta)} {smaller}'s ({over_seeds(beta)})"
    elif beta.open:
        said = f"the seeds do not agree whose is the larger change (plain's is {_beside(beta)})"
    else:
        said = f"both change alike by the median seed (plain's is {_beside(beta)})"
    return (
        "Counted per step length and per length of the gradient (effective β-smoothness; not BN's"
        f" β), {said}."
    )


def _at_first(compared: Compared) -> tuple[str, ...]:
    """That it was the other way round at first, where it was; and why that can be."""
    early, per_length = compared.early, compared.early_smoothness
    if not early or early.more != "batch":
        return ()
    said = f"In the first {EARLY} steps BN's gradient changes {factor(early)} as much as plain's"
    said += "; that turns later on." if compared.change.more == "plain" else "."
    if compared.faded:
        said += (
            f" BN's gradient itself is {times(compared.longer)} as long at the start, and what is"
            " short changes little: where a loss hardly depends on the weights, it is flat, not"
            " easy."
        )
        if per_length and per_length.more == "batch":
            said += f" Per length, too, BN's changes more there: {factor(per_length)} as much."
    return (said,)


def _turns(verdict: GradientsVerdict) -> tuple[str, ...]:
    """How far the direction turns, where both networks have a number."""
    if any(angle != angle for angle in (*verdict.near, *verdict.far)):  # NaN
        return ()
    plain, batch = map(degrees, verdict.near)
    step = "the step itself" if verdict.optimizer == "sgd" else "one learning rate"
    sentence = f"After {step} the gradient has turned by {plain} without BN and by {batch} with it"
    if verdict.reach != 1:
        plain, batch = map(degrees, verdict.far)
        sentence += f"; after {learning_rates(verdict.reach)} by {plain} and {batch}"
    lasted = ", for as long as each network lasts" if verdict.any_diverged else ""
    return (
        f"{sentence} (averaged over training{lasted}; at 90° the old gradient says nothing any"
        " more).",
    )


def beliefs(verdict: GradientsVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        "The gradient points to the minimum": _points(verdict),
        "BN always makes the gradient more predictable": _always(verdict),
        "The smoother network is the one that learns": _smoother(verdict),
    }


def _points(verdict: GradientsVerdict) -> str:
    far, little = _turned(verdict, hardly=False), _turned(verdict, hardly=True)
    step = "one step" if verdict.optimizer == "sgd" else "one learning rate"
    if not (far or little):
        return "In this run there was no gradient left to follow."
    if not far:
        return f"At this rate it may look so: {step} along it hardly turns it, by {listed(little)}."
    besides = f"; hardly turned, by {listed(little)}" if little else ""
    return (
        f"It says which way is down from here. {step.capitalize()} along it, on the very same"
        f" mini-batch, it points elsewhere already: turned by {listed(far)}{besides}."
    )


def _turned(verdict: GradientsVerdict, *, hardly: bool) -> list[str]:
    """By how much one learning rate turns those gradients that it turns, or hardly turns."""
    each = list(zip(verdict.near, verdict.hardly, NAMES.values(), strict=True))
    return [
        f"{degrees(angle)} ({name})" if verdict.with_bn else degrees(angle)
        for angle, little, name in (each if verdict.with_bn else each[:1])
        if little == hardly and angle == angle
    ]


def _always(verdict: GradientsVerdict) -> str:
    if not verdict.with_bn:
        return "This run cannot tell: neither network has BN."
    if not verdict.compared:
        return "This run cannot tell: there is no pair in which both losses fell."
    change = verdict.compared.change
    if change.more == "plain":
        elsewhere = "One run is not always." if verdict.activation == "tanh" else "Try tanh."
        return f"It does in this run: plain's changes {factor(change)} as much. {elsewhere}"
    if change.more == "batch":
        return f"Not in this run: BN's changes {factor(change)} as much."
    if change.open:
        return "Not in this run: the seeds do not agree."
    return "Not in this run: there is hardly a difference."


def _smoother(verdict: GradientsVerdict) -> str:
    if not verdict.smoother:  # about alike; or both have diverged, and are both rough
        return "In this run neither of them is clearly the smoother one."
    name, of = NAMES[verdict.smoother], verdict.seeds
    plain, batch = verdict.fell
    own, other = (plain, batch) if verdict.smoother == "plain" else (batch, plain)
    each = f"plain's in {seeds(plain, of)}, BN's in {seeds(batch, of)}"
    match verdict.most_fell:
        case (False, False):
            where = f" in most seeds ({each})" if own or other else ""
            return (
                f"Here neither loss falls by half{where}, and {name} is the smoother one all the"
                " same."
            )
        case (True, True):
            return (
                f"{SUBJECTS[verdict.smoother]} is the smoother one here, and both losses fell:"
                f" {each}. Smoothness allows larger steps; it is not learning itself."
            )
    here = f"{name} has the smaller changes; the losses fell, {each}."
    if own < other:
        hardly = "" if verdict.compared else " What hardly learns can change hardly at all."
        return f"Not here: {here}{hardly}"
    return (
        f"Here it is: {here} That is one run, not a rule: a network that does not learn at all can"
        " be the smoothest."
    )


def guess(verdict: GradientsVerdict) -> tuple[str, str]:
    """The right answer to GUESS, and why."""
    right = NAMES[verdict.rougher] if verdict.rougher else "about the same"
    return right, findings(verdict).headline


def over_rates(verdict: SweepVerdict) -> str:
    """What a sweep over the learning rates shows."""
    if not verdict.compared:
        return "At none of these rates did both losses of a pair fall: nothing to compare yet."
    first, last = verdict.compared[0], verdict.compared[-1]
    rates = many(verdict.rates, "rate")
    where = f"from {first:g} to {last:g}" if len(verdict.compared) > 1 else f"at {first:g}"
    said = (
        f"Both losses of a pair fell at {len(verdict.compared)} of {rates}, {where}; at"
        f" {verdict.plain_rougher or 'none'} of them plain's gradient changes clearly more."
    )
    if verdict.most:
        said += (
            f" The most at {verdict.most_at:g}: {factor(verdict.most)} as much as BN's"
            f" ({over_seeds(verdict.most)})."
        )
    if verdict.plain_dead_from is not None:
        where = f"From {verdict.plain_dead_from:g} on"
        said += f" {where}, plain's loss falls by half at none of these rates."
    return said
