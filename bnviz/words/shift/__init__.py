"""Is it internal covariate shift?: all that its page says, but of what can be opened below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.numbers import percent
from bnviz.words.shift import changed_inputs
from bnviz.words.shift.turns import ENDED, MORE, ended, findings, in_seeds, turn, uncompared

if TYPE_CHECKING:
    from bnviz.verdicts.changed_inputs import InputsVerdict, Protects
    from bnviz.verdicts.shift import Noisy, Phase, ShiftVerdict

__all__ = ["findings"]  # it has a file of its own

INTRODUCTION = """
*Internal covariate shift* (2015): each update of the layers below changes what a layer learns from,
and so turns its gradient (2018). Does BN reduce that? **Noisy BN** adds noise after BN.
"""

CLOSER = {
    "layers": ("Is it so in every layer?", "Direction and length of the change, by layer."),
    "moments": ("What does BN hold still?", "Mean and standard deviation, over one update."),
    "inputs": (
        "What is covariate shift of the inputs?",
        "Changed test inputs, and whether BN protects.",
    ),
    "linear": ("And in the paper's own network?", "25 linear layers, with and without BN."),
}

LAYERS = """
Each point is one layer at the step of the clock. G is its gradient before the layers below are
updated, G' after. cos(G, G') is 1 where the update changed nothing for the layer, 0 where G says
nothing about G'. The first layer has none below it and is left out; "out" is the output layer.
"""

NOTES = {
    "The hypothesis, and its test": """
Ioffe & Szegedy (2015) carried the thought of covariate shift inside the network: for the fifth
layer, layers one to four *are* the world, and each update changes it. So the fifth layer keeps
learning for inputs that it will not see again. BN fixes mean and standard deviation of what each
unit receives; so, they argued, the layers' worlds hold still, and training is fast.

Santurkar et al. (2018) asked two questions of that. **Does BN keep the world of a layer still?**
Take a layer's gradient G, update only the layers below it, and look again: G'. If nothing had
shifted, they would be the same. **And does stillness matter?** A third network, *noisy BN*, gets
random noise after every BN layer, other noise at each step, so that no distribution stays what it
was.
""",
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
G' would differ from G even if no weight had changed, and we would call noise a shift. The change of
the moments, on the other hand, is taken with fresh noise, because that is what the next layer gets:
there the noise is meant to be the largest part.

**The moments.** Of 128 training samples, before and after the update, normalized with their own
statistics. Per layer, the root of the summed squared changes of mean and standard deviation of its
units, divided by the root of their summed squared standard deviations. The picture shows the median
layer, the sentences give the mean of the layers.

**Changed inputs.** Digits with 0.4 times the ink in every pixel, or moved one pixel to the right;
points of the plane half as far from the origin, or moved by half a standard deviation. The networks
are those at the end of this run. "BN, statistics of these inputs" is the same BN network, which
takes mean and standard deviation from the test inputs in place of its running averages.

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
digit moved by a pixel meets other weights; no mean and no standard deviation puts it back. (Points
of the plane can be: where all of them move alike, that adds a constant to each unit.) """,
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


def _of_phase(verdict: ShiftVerdict, phase: Phase | None, told: str, end: str) -> Outcome:
    """Whose gradient turns more, at some time of training; told: with slots for both angles."""
    if not phase:
        return Outcome(right=None, why=" ".join(uncompared(verdict)))
    angles = told.format(batch=turn(phase.batch), plain=turn(phase.plain))
    if phase.open:
        return Outcome(right=None, why=f"{angles} The seeds do not agree on the order.")
    so = (*in_seeds(phase), end) if phase.more else ()
    return Outcome(right=MORE[phase.more or "neither"], why=" ".join((angles, *so)))


def _early(verdict: ShiftVerdict) -> Outcome:
    early = verdict.compared.early if verdict.compared else None
    told = "In the first steps, the gradient turns by {batch} with BN and by {plain} without."
    return _of_phase(verdict, early, told, "Why, this run does not tell.")


def _overall(verdict: ShiftVerdict) -> Outcome:
    overall = verdict.compared.overall if verdict.compared else None
    told = "Over training, the gradient turns by {batch} with BN and by {plain} without."
    end = "The measure depends on the setting, and is no law for or against BN."
    return _of_phase(verdict, overall, told, end)


def _highest(verdict: ShiftVerdict) -> Outcome:
    """Of the medians at the last record, as they are drawn."""
    if any(angle != angle for angle in verdict.drawn):  # NaN
        return Outcome(right=None, why="Not all networks have a gradient left at the last step.")
    angles = dict(zip(HIGHEST.values(), verdict.drawn, strict=True))
    right = max(angles, key=lambda name: angles[name])
    plain, batch, _ = map(turn, verdict.drawn)
    said = f"At the last step plain's gradient turns by {plain}, BN's by {batch}."
    one = verdict.compared
    if one and one.early.more == "batch" and one.late.more == "plain":
        said = f"{said} In the first steps it was the other way round."
    return Outcome(right=right, why=said)


def _noisy(verdict: ShiftVerdict) -> Outcome:
    """How the network with noise trains beside BN, and what follows."""
    _, batch, noisy = verdict.accuracy
    said = f"{ended('Noisy BN', noisy)} {ended(ENDED[1], batch)}"
    moral = {
        "as well": "No distribution stayed what it was: here training does not need stable ones.",
        "unclear": "The seeds do not agree whether the noise costs accuracy.",
        "worse": "The noise costs accuracy; whether by the shift it makes, this run does not tell.",
        "not at all": "Whether the shift is to blame or the noise itself, this run does not tell.",
    }[verdict.noisy]
    return Outcome(right=NOISE.get(verdict.noisy), why=f"{said} {moral}")


def _protects(verdict: InputsVerdict) -> Outcome:
    said = changed_inputs.findings(verdict)
    right = PROTECTS.get(verdict.protects)
    if right is None:
        return Outcome(right=None, why=said.headline)
    if verdict.protects == "hardly hurt":
        return Outcome(right=right, why=" ".join(map(changed_inputs.reached, verdict.worlds[1:])))
    before, after = verdict.worlds[0], verdict.worst
    falls = (
        f"On {after.name} inputs BN's test accuracy falls from {percent(before.batch)} to"
        f" {percent(after.batch)}."
    )
    if after.restored:
        return Outcome(right=right, why=f"{falls} {BRING_BACK}")
    return Outcome(right=right, why=f"{falls} The batch statistics of these inputs do not mend it.")


BRING_BACK = "The batch statistics of these inputs bring it back."


HIGHEST = {"plain": "plain's", "batch": "BN's", "noisy": "noisy BN's"}
NOISE: dict[Noisy, str] = {
    "as well": "as well as BN",
    "worse": "worse than BN",
    "not at all": "not at all",
}
PROTECTS: dict[Protects, str] = {
    "by half": "yes, by half or more",
    "somewhat": "a little",
    "no": "no",
    "hardly hurt": "no need: neither is hurt",
}
RELU = {"activation": "relu", "depth": 6}

CHALLENGES = (
    Challenge(
        name="relu",
        question="Six layers of ReLU: whose gradient turns more in the first 5 steps?",
        answers=tuple(MORE.values()),
        setting=RELU,
        outcome=_early,
        expected=MORE["batch"],
        tempting=Tempting(MORE["plain"], Belief.REMOVES_SHIFT),
    ),
    Challenge(
        name="highest",
        look=True,
        question="Look at the last step: whose gradient now turns most?",
        answers=tuple(HIGHEST.values()),
        setting=RELU,
        outcome=_highest,
        expected=HIGHEST["plain"],
        tempting=Tempting(HIGHEST["noisy"], Belief.SHIFT_TRAINS_WORSE),
    ),
    Challenge(
        name="noise",
        question="At a learning rate of 0.32: how well does the network with noise train?",
        answers=tuple(NOISE.values()),
        setting={"learning_rate": 0.32, "depth": 6},
        outcome=_noisy,
        expected=NOISE["as well"],
        tempting=Tempting(NOISE["worse"], Belief.SHIFT_TRAINS_WORSE),
    ),
    Challenge(
        name="gain",
        question="Initial weights three times as large: whose gradient turns more?",
        answers=tuple(MORE.values()),
        setting={"gain": 3.0},
        outcome=_overall,
        expected=MORE["plain"],
        tempting=Tempting(MORE["batch"], Belief.INITIALIZATION),
    ),
    Challenge(
        name="inputs",
        question="Test digits fainter, or moved by a pixel: does BN protect its accuracy?",
        answers=tuple(PROTECTS.values()),
        setting=RELU | {"learning_rate": 0.32},
        outcome=_protects,
        expected=PROTECTS["no"],
        tempting=Tempting(PROTECTS["by half"], Belief.SHIFT_OF_INPUTS),
        on="inputs",
        opens="inputs",
    ),
)
