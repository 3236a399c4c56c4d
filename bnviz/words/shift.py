"""Is it internal covariate shift?: all that its page says, but of what can be opened below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bnviz.verdicts.shift import EARLY
from bnviz.words.findings import Findings
from bnviz.words.names import NORMALIZERS
from bnviz.words.numbers import degrees, listed, percent, seeds
from bnviz.words.pair import factor, no_comparison, not_compared, over_seeds

if TYPE_CHECKING:
    from bnviz.verdicts.shift import Compared, Noisy, Phase, ShiftVerdict

THREE = {name: NORMALIZERS[name] for name in ("plain", "batch", "noisy")}
"""What a reader calls the three networks."""

INTRODUCTION = """
BN was invented in 2015 to reduce *internal covariate shift*: each layer learns from what the layers
below it send, and that changes with every update. The hypothesis is plausible, and it can be
tested: by a definition from 2018, and by a third network that was made to decide the matter. It
gets random noise after every BN layer.
"""

CLOSER = {
    "layers": "Is it so in every layer?",
    "moments": "What does BN hold still?",
    "inputs": "What is covariate shift of the inputs, and does BN protect from it?",
}

PRESETS: dict[str, dict[str, Any]] = {
    "ReLU: the order flips in training": {"activation": "relu", "depth": 6},
    "Large initial weights: BN shifts less": {"gain": 3.0},
    "Where plain learns as well: BN does not help": {
        "learning_rate": 0.32,
        "depth": 6,
    },
    "Sigmoid: nothing to compare": {"activation": "sigmoid"},
}
GUESS = (
    "A third network gets random noise after every BN layer, other noise at each step, so that no"
    " distribution stays where it was. How does it train?"
)
NOISE: dict[Noisy, str] = {
    "as well": "as well as BN",
    "worse": "worse than BN",
    "not at all": "not at all",
}
GUESSES = tuple(NOISE.values())

ARGUMENT = """
Ioffe & Szegedy (2015) carried the thought inside: seen from the fifth layer, layers one to four
*are* the world, and each update changes it. So the fifth layer keeps learning for inputs that it
will not see again. BN fixes mean and deviation of what each unit receives; so, they argued, the
layers' worlds hold still, and training is fast.

Santurkar et al. (2018) asked two questions of that. **Does BN keep the world of a layer still?**
Take a layer's gradient G, update only the layers below it, and look again: G'. If they were one and
the same, the layers below would be no concern of it. **And does stillness matter?** Put noise after
every BN layer, and see.
"""
LAYERS = """
Each point is one layer at the step of the clock: cos(G, G') is 1 where the update of the layers
below changed nothing for it, 0 where the old gradient says nothing about the new one. The first
layer has none below it and is left out; "out" is the output layer.
"""

NOTES = {
    "How it is measured": """
**Three networks** of each seed start from the same weights and see the same mini-batches: plain, BN
in every hidden layer, and *noisy BN*: BN, then noise, then the activation function. Lines are
medians over the seeds, bands their range.

**G and G'.** Before the update of a recorded step, on its own mini-batch. For layer i, all
parameters of the layers below, γ and β among them, are moved to where the optimizer is about to
put them; layer i and all above stay. G' is the gradient of W in layer i in that half-updated
network, with the statistics of the batch. The **turn** is the angle between G and G', averaged over
the layers. A comparison counts only the seeds in which the training loss of both networks fell
to less than half: a gradient in a network that learns nothing may turn a lot, or not at all. At
most ten layers are measured; in networks of many weights, fewer, and fewer seeds.

**The noise.** For G' the noisy network draws *the very noise* that it drew for G. With fresh noise,
G' would differ from G even if no weight had moved, and we would call noise a shift. The movement of
the moments, on the other hand, is taken with fresh noise, because that is what the next layer gets:
there the noise is meant to be the largest part.

**The moments.** Of 128 training samples, before and after the update, normalized with their own
statistics. Per layer, the root of the summed squared changes of mean and deviation of its units,
divided by the root of their summed squared deviations. The picture shows the median layer, the
sentences give the mean of the layers.

**Changed inputs.** Digits with 0.4 times the ink in every pixel, or moved one pixel to the right;
points of the plane half as far from the origin, or moved by half a deviation. The networks are
those at the end of this run. "BN, statistics of these inputs" is the same BN network, which takes
mean and deviation from the test inputs in place of its running averages.

**The deep linear network** (in the section on request) has 24 hidden layers and an output layer,
Glorot weights, biases that start at zero (BN's layers have β instead), and gradient descent on all
samples at once. Loss 1 is that of a network that always says zero.
""",
    "The mathematics": r"""
**Covariate shift.** $P(x)$ changes between training and test, $P(y\mid x)$ does not.

**Internal covariate shift** (Santurkar et al. 2018, Def. 2.1) of layer $i$ at step $t$ is the
difference between

$$
G = \nabla_{W_i} L(W_1^{t}, \dots, W_k^{t}) \quad\text{and}\quad
G' = \nabla_{W_i} L(W_1^{t+1}, \dots, W_{i-1}^{t+1}, W_i^{t}, \dots, W_k^{t}),
$$

given as $\lVert G-G'\rVert_2$ and $\cos(G, G')$, on the same batch.

**Noisy BN** (Alg. 1 there), drawn anew at each step. For each unit $\mu\sim U(-0.5, 0.5)$ and
$\sigma\sim U(1, 1.25)$; for each sample and unit $m\sim U(\mu-0.1, \mu+0.1)$ and
$s\sim N(\sigma, 0.1)$; then $a \leftarrow s\,a + m$.

**Why fainter digits can be undone, and moved ones cannot.** Every pixel times $f$ turns what enters
the first BN, $Wx$, into $f\,Wx$ plus a constant for each unit. BN with the statistics of the new
digits subtracts the constant and divides by $f$: the same values as before, but for $\epsilon$. A
digit moved by a pixel meets other weights; no mean and no deviation puts it back. (Points of the
plane can be: where all of them move alike, that adds a constant to each unit.)
""",
    "What the papers found": """
**Ioffe & Szegedy (2015)** define internal covariate shift as the change in the distribution of
network activations due to the change in network parameters during training, and present BN as a way
to reduce it.

**Santurkar, Tsipras, Ilyas & Mądry (2018)** tested this. Networks with noise after BN have less
stable distributions than plain ones and still train about as well as with BN. By their Definition
2.1, networks with BN often show *more* internal covariate shift than those without. They explain
the success of BN by a smoother loss instead (the next lesson).

What is rejected is one account of *why* BN works, measured in one way. It is no proof that
distributions never matter. And the measure has an order that changes with the activation function
and the time of training: with ReLU, later on, BN is often the one that shifts less.
""",
}


def turn(angle: float) -> str:
    """An angle between gradients; one too small for the measure is no 0°."""
    return degrees(angle or 1e-3)


def findings(verdict: ShiftVerdict) -> Findings:
    """What this run shows."""
    lost, compared = not_compared(verdict.lost), verdict.compared
    if not compared:
        return Findings(headline=_uncompared(verdict), more=(_training(verdict), *lost))
    more = (_training(verdict), _over_time(compared), _length(compared), *lost)
    return Findings(headline=_turning(compared.overall), more=more)


def _uncompared(verdict: ShiftVerdict) -> str:
    if verdict.silent:
        return "**No comparison here**: where both networks learned, a gradient was zero."
    return no_comparison(
        verdict.fell,
        verdict.measured,
        "The gradient of a network that does not learn may turn a lot, or not at all.",
    )


def _turning(overall: Phase) -> str:
    angles = f"by {turn(overall.batch)} with BN and by {turn(overall.plain)} without"
    if overall.open:
        return (
            "**Whether a layer's gradient shifts more with BN is open here**: one update of the"
            f" layers below turns it {angles}, and the seeds disagree."
        )
    said = f"one update of the layers below turns it {angles}"
    if overall.more == "batch":
        return (
            f"**With BN a layer's gradient shifts more, not less**: {said} (BN's turns more in"
            f" {seeds(overall.turns.agree, overall.seeds)})."
        )
    if overall.more == "plain":
        return (
            f"**With BN a layer's gradient shifts less here**: {said} (plain's turns more in"
            f" {seeds(overall.turns.agree, overall.seeds)})."
        )
    return f"**With or without BN, a layer's gradient shifts about as much**: {said}."


def _training(verdict: ShiftVerdict) -> str:
    plain, batch, noisy = map(percent, verdict.accuracy)
    said = f"Test accuracy at the end: plain {plain}, BN {batch}, noisy BN {noisy}."
    if verdict.noisy_lost:
        said += f" Noisy BN diverged in {seeds(verdict.noisy_lost, verdict.seeds)}."
    if verdict.noisy == "not at all" and not verdict.batch_learned:
        return f"{said} Neither BN nor noisy BN learned anything here."
    if verdict.noisy == "worse" and not verdict.noisy_learned:
        return f"{said} Here the noise costs accuracy, though the network learns something."
    return f"{said} {HARM[verdict.noisy]}"


HARM: dict[Noisy, str] = {
    "as well": "Noise after every BN layer did no clear harm.",
    "worse": "Here the noise costs accuracy, though the network learns.",
    "not at all": "Noisy BN learned nothing here.",
}


def _over_time(compared: Compared) -> str:
    early, late = compared.early, compared.late
    numbers = f"in the first {EARLY} steps {_of_both(early)}; in the second half {_of_both(late)}."
    if early.open or late.open:
        return f"Early or late, the seeds disagree: {numbers}"
    if early.more == late.more:
        agree = early.more == compared.overall.more
        return f"Early and late agree{'' if agree else ', but not with the whole'}: {numbers}"
    if early.more and late.more:
        return f"**The order flips in training**: {numbers}"
    return f"Early and late differ: {numbers}"


def _of_both(phase: Phase) -> str:
    return f"BN {turn(phase.batch)}, plain {turn(phase.plain)}"


def _length(compared: Compared) -> str:
    one, angle = compared.length, compared.overall
    if not one.rougher:
        return "By its length ‖G − G'‖, the change is about as large with BN as without."
    who = "BN's" if one.rougher == "batch" else "plain's"
    beside = "as well" if one.rougher == angle.more else "in contrast to the angle"
    return (
        f"By its length ‖G − G'‖ {beside}, {who} change is the larger one, {factor(one)} as large"
        f" ({over_seeds(one)}; a longer gradient also changes by more)."
    )


def guess(verdict: ShiftVerdict) -> tuple[str, str]:
    """Which of GUESSES is right about the network with noise after BN, and why."""
    _, batch, noisy = map(percent, verdict.accuracy)
    why = f"It ended at {noisy} test accuracy, BN without noise at {batch}."
    return NOISE[verdict.noisy], why


UNCOMPARED = "This run cannot say: there is no pair of networks that both learned."


def beliefs(verdict: ShiftVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        "BN works because it removes internal covariate shift.": _removes(verdict),
        "Internal covariate shift is covariate shift of the inputs.": _of_the_inputs(verdict),
        "A network with more shift trains worse.": _trains_worse(verdict),
    }


def _removes(verdict: ShiftVerdict) -> str:
    if not verdict.compared:
        return UNCOMPARED
    overall = verdict.compared.overall
    angles = (
        f"a layer's gradient turns by {turn(overall.batch)} with BN and by"
        f" {turn(overall.plain)} without"
    )
    if overall.open:
        return f"This run leaves it open: {angles}, and the seeds disagree."
    if overall.more == "plain":
        return (
            f"In this run BN has less of it: {angles}. Whether that is why it trains is another"
            " question: noisy BN was made to answer it."
        )
    amount = "more of it" if overall.more == "batch" else "about as much of it"
    return f"Not here: there is {amount} with BN ({angles})."


def _of_the_inputs(verdict: ShiftVerdict) -> str:
    what = "digits" if verdict.dataset == "digits" else "points"
    said = (
        f"No: the {what} that come in are drawn from the same set at every step. What changes is"
        " what the layers below make of them"
    )
    angle = verdict.largest_turn
    if angle != angle:  # NaN
        return f"{said}."
    up_to = "up to " if angle >= 0.1 else ""
    return f"{said}: in plain, a layer's gradient turns by {up_to}{turn(angle)}."


def _trains_worse(verdict: ShiftVerdict) -> str:
    three = verdict.three
    if not three:
        return "This run cannot say: not all three networks learned in one and the same seed."
    named = zip(THREE.values(), three.turns, verdict.accuracy, strict=True)
    facts = ", ".join(f"{name} {turn(angle)} and {percent(end)}" for name, angle, end in named)
    facts = f"(turn, accuracy: {facts})"
    who = listed([THREE[arm] for arm in three.most])
    most = f"{who} shift{'s' * (len(three.most) == 1)} most"
    match three.rank:
        case "alike":
            return f"This run cannot say: all three shift about as much {facts}."
        case "best":
            return f"Not here: {most}, and no other is clearly more accurate {facts}."
        case "worst":
            least = "every other is clearly more accurate"
            least = least if three.alone else "no other is clearly less accurate"
            return f"Here {most}, and {least} {facts}."
    return f"Not in this order: {most}, but others are clearly more and less accurate {facts}."
