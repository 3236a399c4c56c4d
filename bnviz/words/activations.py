"""Inside the layers: all that the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.activations import LOST
from bnviz.words.challenge import Challenge, Outcome
from bnviz.words.findings import Findings
from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import (
    at_steps,
    fine_percent,
    listed,
    noticeable,
    percent,
    seeds,
    significant,
    times,
    times_between,
)

if TYPE_CHECKING:
    from bnviz.verdicts.activations import (
        ActivationsVerdict,
        Network,
        SignalLost,
        Wandered,
    )

INTRODUCTION = """
One ridge for each hidden layer: the distribution of the values that enter its activation function,
**plain** on the left, **BN** on the right. The dotted line is step 0.
"""

CLOSER = {
    "others": ("And the outputs, and the gradients?", "The same ridges, of other values."),
    "layers": ("Which layer changes when?", "A map of layers by training steps."),
    "one": (
        "What happens to one unit of the last hidden layer?",
        "Between which values its input lies, as in the 2015 paper.",
    ),
}
THIRDS = ("the first third", "the middle", "the last third")

NOTES = {
    "How it is measured": r"""
At some 18 recorded steps, the first 192 training samples pass through both networks as one batch,
normalized with their own mean and variance, as a batch is in training. Nothing is changed by
that.

- **Ridges**: the first seed; 64 of the samples and up to 64 units of each layer, up to 12 layers.
  Each ridge is drawn as high as its place allows, so compare widths and positions, not heights.
  Exact zeros (what a ReLU gives below zero, the gradients of a dead unit) are left out and
  counted beside the ridge. The axis holds what lies between the 0.2nd and 99.8th percentile (for
  gradients, above the 3rd), over all steps and layers, of both networks, but no more than three
  times BN's own extent: what lies beyond is counted as "off axis". Gradients are those of the
  mini-batch of that step, each entry's size on a logarithmic axis.
- **One unit**: the 15th, 50th and 85th percentile, over the 192 samples, of what enters a unit of
  the last hidden layer ($\gamma \hat x + \beta$ with BN, $Wh + b$ without), first seed. "Typical"
  is the first unit; with ReLU, the first one above zero for 15 % of the samples at the end in both
  networks, if there is one.
- **How far a distribution moved**: the 1-Wasserstein distance between the values that enter the
  activation function of a layer now and at step 0, divided by their standard deviation at step 0.
  It is computed from 128 quantiles of each, for each seed; the typical layer is the middle one of
  a network, and of the seeds the median is told; how many times as far is the median of their
  ratios. A network that starts with very small values moves far in this unit, even where it moves
  little in absolute numbers.
- **Dead or saturated**: a ReLU is dead when it gives zero for all 192 samples; a tanh is
  saturated beyond $\pm 0.97$, a sigmoid outside 0.03 to 0.97.
- **Signal**: the standard deviation of a unit's output over the samples, as the root mean square
  over a layer's units. A layer has lost the signal where that is below 5 % of the first layer's
  at step 0.
- **Update**: the standard deviation of learning rate times gradient, divided by that of the
  weights. For momentum and Adam this is not the update itself. A common guide is one thousandth.

Maps show the median over the seeds that are left; where all diverged, they are empty.
""",
    "The mathematics": r"""
BN gives each unit, over a batch, mean 0 and variance 1, and then $y = \gamma \hat x + \beta$:
mean $\beta$ and deviation $|\gamma|$, whatever the layers below do. These two change only as fast
as they are trained. What BN does **not** fix is the shape: $\hat x$ is $x$ shifted and stretched,
so skewness $E[\hat x^3]$ and kurtosis $E[\hat x^4]$ are those of $x$, and the dependence between
units is free as well.

The distance between two distributions with quantile functions $Q_1, Q_2$ is
$W_1 = \int_0^1 |Q_1(p) - Q_2(p)|\,dp$: how far the values must be carried, on average, to make the
one into the other.
""",
    "What the papers found": """
Ioffe & Szegedy (2015), Figure 1: in a network of 3 layers of 100 sigmoid units on MNIST, trained
for 50 000 steps on batches of 60, the 15th, 50th and 85th percentiles of the inputs to a typical
sigmoid of the last hidden layer stay much steadier with BN. They took it as a sign that BN
reduces *internal covariate shift*. Question 4 above is about that network with our
data, a learning rate of our choice, and far fewer steps.

Santurkar et al. (2018) put noise behind every BN layer, drawn anew at each step. Such a network
has more shift than a plain one and still trains about as well as with BN. Steady distributions go
along with BN, but they are not shown to be the reason why it helps.
""",
}


KEPT = f"{percent(LOST)} of the first one's at the start"


def findings(verdict: ActivationsVerdict) -> Findings:
    """What this run shows; the headline says whose distributions moved farther."""
    return Findings.told(
        _headline(verdict),
        *(_diverged(one, verdict.seeds) for one in verdict.networks if one.diverged),
        *_extent(verdict),
        _accuracy(verdict),
        _farthest(verdict),
        _idle(verdict),
        *_signals(verdict),
        _updates(verdict),
    )


def _headline(verdict: ActivationsVerdict) -> str:
    match verdict.outcome:
        case "at once":
            return f"{_unfollowed(verdict)} diverged at once: there was no movement to follow."
        case "diverged":
            lost = [one for one in verdict.networks if one.most_lost]
            who = "Both networks" if len(lost) == 2 else SUBJECTS[lost[0].treatment]
            return f"{who} diverged in most seeds."
        case "BN not at all":
            return "Plain's distributions changed, BN's did not."
        case "plain farther":
            return f"Plain's distributions moved {_factor(verdict)} as far as BN's."
        case "BN farther":
            return f"BN's distributions moved {_factor(verdict)} as far as plain's."
        case "unclear":
            return "The seeds do not agree on whose distributions moved farther."
        case "as far":
            return "Both networks' distributions moved about as far."


def _factor(verdict: ActivationsVerdict) -> str:
    assert verdict.compared
    return times(verdict.compared.factor.middle)


def _extent(verdict: ActivationsVerdict) -> list[str]:
    """How far the typical layers moved, and in how many seeds who moved farther."""
    if verdict.outcome == "at once":
        return []
    plain, batch = verdict.networks
    when = " or at the last record before" if plain.most_lost or batch.most_lost else ""
    said = [
        f"By the end{when}, plain's typical layer had moved by {noticeable(plain.moved)} of its"
        f" initial standard deviation, BN's by {noticeable(batch.moved)}."
    ]
    if verdict.outcome in ("plain farther", "BN farther"):
        said.append(_range(verdict))
    return said


def _range(verdict: ActivationsVerdict) -> str:
    compared, farther = (
        verdict.compared,
        "Plain's" if verdict.outcome == "plain farther" else "BN's",
    )
    assert compared
    factor = compared.factor
    where = seeds(compared.agree, factor.seeds)
    if factor.seeds < verdict.seeds:
        where += " that can be followed"
    return f"{farther} moved farther in {where}: {times_between(factor.low, factor.high)} as far."


def _unfollowed(verdict: ActivationsVerdict) -> str:
    """Who has no second record; both have, though never in the same seed: both."""
    gone = [SUBJECTS[one.treatment] for one in verdict.networks if one.moved != one.moved]  # NaN
    return " and ".join(gone or SUBJECTS.values())


def _diverged(network: Network, of: int) -> str:
    return (
        f"{SUBJECTS[network.treatment]} diverged in {seeds(len(network.diverged), of)}, at"
        f" {at_steps(network.diverged)}; the last record before counts as the end."
    )


def failure(network: Network) -> str:
    """Plain has not learned; BN has learned little."""
    verb = "learned little" if network.fate == "little" else "not learned"
    return f"{SUBJECTS[network.treatment]} has {verb}"


def failed(verdict: ActivationsVerdict) -> list[Network]:
    """Those that did not end nearer to being right than to guessing."""
    return [one for one in verdict.networks if one.fate != "learned"]


def _end(network: Network) -> str:
    name = NAMES[network.treatment]
    if network.fate == "diverged":
        return f"{name} diverged"
    return f"{name} ended at {percent(network.accuracy)} test accuracy"


def _accuracy(verdict: ActivationsVerdict) -> str:
    both = ", ".join(map(_end, verdict.networks))
    lagging = failed(verdict)
    if lagging:
        some = any(one.fate == "little" for one in lagging)
        neither = f"Neither network has learned{' much' if some else ''}"
        return (
            f"{neither if len(lagging) == 2 else failure(lagging[0])}: {both}. How far a network"
            f" moves that {'hardly learns' if some else 'does not learn'} says nothing of how well"
            " its distributions serve it."
        )
    stiller = verdict.outcome in ("plain farther", "BN not at all")
    match verdict.standing:
        case "same":
            return f"In accuracy they hardly differ: {both}."
        case "unclear":
            return f"In accuracy neither is ahead in most seeds: {both}."
        case "first" if stiller:
            return f"Standing stiller did not help here: {both}."
        case "second" if stiller:
            return f"The stiller network learned more, which does not prove that it is why: {both}."
    return f"In accuracy: {both}."


def _farthest(verdict: ActivationsVerdict) -> str:
    parts = []
    for one in verdict.networks:
        if one.farthest and one.least:
            far, near = one.farthest, one.least
            least = f", and layer {near.layer} least, by {noticeable(near.by)}"
            parts.append(
                f"in {NAMES[one.treatment]}, layer {far.layer} moved farthest, by"
                f" {noticeable(far.by)}{least if far.layer != near.layer else ''}"
            )
    said = "; ".join(parts) or "no layer's distribution could be followed"
    return f"{said[0].upper()}{said[1:]}."


def no_idle(activation: str) -> str:
    """Why no unit is counted."""
    if activation == "gelu":
        return "With gelu, no sharp line tells dead or saturated units: none are counted."
    return f"With {activation}, units can be neither dead nor saturated."


def _idle(verdict: ActivationsVerdict) -> str:
    if verdict.kind is None:
        return no_idle(verdict.activation)
    thing = "units" if verdict.kind == "dead" else "values"
    plain, batch = (fine_percent(one.idle) for one in verdict.networks)
    said = f"At the end {plain} of plain's {thing} are {verdict.kind}, and {batch} of BN's."
    worst = verdict.plain.worst
    if not worst.share:
        return said
    return (
        f"{said} The worst record of plain: {fine_percent(worst.share)} of layer {worst.layer} at"
        f" step {worst.step}, in one seed."
    )


def _signals(verdict: ActivationsVerdict) -> list[str]:
    lost = {SUBJECTS[one.treatment]: one.signal for one in verdict.networks}
    if any(lost.values()):
        return [_signal(name, signal, verdict.seeds) for name, signal in lost.items()]
    if not verdict.signal_known:
        return []
    return [f"Both keep their signal: no layer falls below {KEPT}."]


def _signal(name: str, signal: SignalLost | None, of: int) -> str:
    if signal is None:
        return f"{name} keeps its signal: no layer falls below {KEPT}."
    when = "at the start" if signal.step == 0 else f"at step {signal.step}"
    typically = "typically " if signal.seeds > 1 else ""
    return (
        f"{name} loses its signal in {seeds(signal.seeds, of)}: {typically}in layer"
        f" {signal.layer}, {when}, the outputs vary less than {KEPT}{_whether_back(signal)}"
    )


def _whether_back(signal: SignalLost) -> str:
    if signal.back == signal.seeds:
        return "; at the end it was back."
    if signal.back:
        return f"; in {signal.back} of them it was back at the end."
    return ", and it does not return."


def _updates(verdict: ActivationsVerdict) -> str:
    parts = [
        f"{NAMES[one.treatment]} {noticeable(1000 * one.update)}"
        for one in verdict.networks
        if one.update == one.update  # not NaN
    ]
    if not parts:
        return "No update could be measured."
    other = f" The optimizer {verdict.optimizer} goes other ways than this."
    return (
        "Learning rate times gradient, at the end and in a typical layer, in thousandths of the"
        f" standard deviation of its weights: {', '.join(parts)}. The rule of thumb is 1."
        f"{'' if verdict.optimizer == 'sgd' else other}"
    )


def of_unit(verdict: Wandered) -> str:
    """Over which range the median input of a unit of the last layer wandered."""
    where = f"Unit {verdict.unit} of layer {verdict.layer}"
    spans = {NAMES["plain"]: verdict.plain, NAMES["batch"]: verdict.batch}
    parts = [f"in {name} {_span(*ends)}" for name, ends in spans.items() if ends]
    if not parts:
        return f"{where} could not be measured: both diverged."
    return (
        f"{where}: the median of what enters it wandered {', '.join(parts)}. The band holds the"
        " middle 70 % of the samples."
    )


def _span(low: float, high: float) -> str:
    one, other = _level(low), _level(high)
    return f"hardly at all (at {one})" if one == other else f"between {one} and {other}"


def _level(value: float) -> str:
    """Of a median, which is nothing to speak of below a thousandth."""
    return "about 0" if 0 < abs(value) < 0.0005 else significant(value)


DEAD = ("fewer than 5 in 100", "5 to 30 in 100", "more than 30 in 100")


def _dead(verdict: ActivationsVerdict) -> Outcome:
    idle = verdict.plain.idle
    if verdict.kind != "dead" or idle != idle:  # NaN
        return Outcome(right=None, why=_idle(verdict))
    right = DEAD[0] if idle < 0.05 else DEAD[1] if idle <= 0.3 else DEAD[2]
    return Outcome(
        right=right,
        why=f"{_idle(verdict)} A dead unit gives zero for every sample, so no gradient passes"
        " through it and it cannot come back.",
    )


def _batch_third(verdict: ActivationsVerdict) -> Outcome:
    third, thirds = verdict.drawn[1], verdict.thirds[1]
    if third is None or thirds.farthest is None:
        return Outcome(right=None, why="The network with BN diverged.")
    where = listed(
        [
            f"{name} in {seeds(number, thirds.seeds)}"
            for name, number in zip(THIRDS, thirds.stood, strict=True)
            if number
        ]
    )
    return Outcome(
        right=THIRDS[third],
        why="That is the seed in the picture. Over all seeds, the layer that moved farthest stood"
        f" in {where}. The input of a layer changes with every layer below it.",
    )


FARTHER = {"plain": "plain's", "batch": "BN's", "neither": "about the same"}


def _stiller(verdict: ActivationsVerdict) -> Outcome:
    """Whose values moved less; and whether that network learned."""
    right = {
        "plain farther": FARTHER["batch"],
        "BN not at all": FARTHER["batch"],
        "BN farther": FARTHER["plain"],
        "as far": FARTHER["neither"],
    }.get(verdict.outcome)
    return Outcome(right=right, why=" ".join((*_extent(verdict), _accuracy(verdict))))


HIGHER = {"first": "plain", "second": "BN", "same": "about the same"}


def _higher(verdict: ActivationsVerdict) -> Outcome:
    return Outcome(
        right=HIGHER.get(verdict.standing),
        why=f"{_accuracy(verdict)} {_headline(verdict)}",
    )


PAPER = {
    "activation": "sigmoid",
    "depth": 3,
    "width": 100,
    "batch_size": 60,
    "initialization": "normal",
    "learning_rate": 1.8,
    "steps": 400,
}
CHALLENGES = (
    Challenge(
        name="dead",
        question="At a learning rate of 1.8, how many of plain's units are dead at the end?",
        answers=DEAD,
        setting={"learning_rate": 1.8},
        outcome=_dead,
        expected=DEAD[2],
    ),
    Challenge(
        name="layer",
        look=True,
        question="Which of BN's layers have moved farthest from the dotted line?",
        answers=THIRDS,
        setting={"learning_rate": 1.8},
        outcome=_batch_third,
        expected=THIRDS[2],
    ),
    Challenge(
        name="low",
        question="At rate 0.0056 BN's values hardly change. Which network ends more accurate?",
        answers=tuple(HIGHER.values()),
        setting={"learning_rate": 0.0056, "steps": 400},
        outcome=_higher,
        expected=HIGHER["first"],
    ),
    Challenge(
        name="paper",
        question="The 2015 paper's network, three layers of sigmoid units: whose values move less?",
        answers=tuple(FARTHER.values()),
        setting=PAPER,
        outcome=_stiller,
        expected=FARTHER["batch"],
    ),
    Challenge(
        name="fading",
        question="Six layers of sigmoid units, which weaken the signal: whose values move less?",
        answers=tuple(FARTHER.values()),
        setting={"activation": "sigmoid", "learning_rate": 0.56},
        outcome=_stiller,
        expected=FARTHER["plain"],
    ),
)
