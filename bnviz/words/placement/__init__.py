"""Where does it go?: all that the page says, but of the input (inputs.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import AFFINE, BIAS, DROPOUT, PLACE, ZERO
from bnviz.words.arms import diverged, end, ended, unlearned
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.numbers import percent, seeds
from bnviz.words.placement import affine, bias, branches, dropout, inputs

if TYPE_CHECKING:
    from bnviz.verdicts.arms import Arm
    from bnviz.verdicts.placement import Place, PlacementVerdict

INTRODUCTION = """
BN is one line of code, but **which** line: before the activation function, after it, at the input
only? The knob *Compare* chooses what the networks differ in. γ and β are BN's scale and shift.
"""

DETAIL = {
    PLACE: "The second picture shows how much of a layer's output is the same for every"
    " sample: that part tells the next layer nothing. BN takes it away; an activation that follows"
    " BN, such as ReLU, puts some of it back.",
    BIAS: "The second picture shows the gradient of the hidden layers' biases; of the network"
    " that has none, the gradient of β, which stands in its place.",
    AFFINE: "The second picture shows how far the γ of each layer is from 1, where it starts."
    " Frozen, it stays there.",
    ZERO: "The second picture shows how far the γ of each layer is from where it started. The"
    " first layer has no skip connection beside it; all others are branches.",
    DROPOUT: "The second picture shows the variance of BN's input in training, dropout on,"
    " over that in inference, dropout off. Filled marks are measured; open marks are what theory"
    " says of the layer's own dropout. On the dotted line the two modes agree.",
}
"""What the second picture shows, by what is compared."""

SECOND = {
    PLACE: "What each layer hands on",
    BIAS: "Gradients of the biases",
    AFFINE: "How far γ is from its start",
    ZERO: "How far γ is from its start",
    DROPOUT: "Variances of training and of inference",
}
"""The second picture, for those who listen."""

CLOSER = {
    "loss": ("How well do they fit their training data?", "Training loss over the same steps."),
    "input": (
        "What does normalizing the input do to the loss surface?",
        "The surface over two weights, before and after.",
    ),
    "sweep": (
        "Is BN on the input the same as scaling the data?",
        "Four networks, on made-up and on real features.",
    ),
}

NOTES = {
    "How it is measured": """
**Networks.** All networks of a comparison start from the same weights for each seed and see the
same mini-batches. *After* keeps the layer's bias, since the activation stands between it and BN.
*Input only* is BN without γ and β in front of the first layer. With *frozen*, γ stays 1 and β 0. In
*gamma from zero* every network has skip connections around all hidden layers but the first, h +
branch(h): BN stands at the end of the branch, after the activation, or, in *0, inside*, in front of
the activation. Dropout follows the activation; the BN of the next layer sees what it leaves. Test
accuracy is in inference mode. Lines are medians over the seeds, bands their range, crosses seeds
that diverged. In the sentences, an accuracy is the median of the seeds that did not diverge, or
"diverged" where most did; *better* means by 2 percentage points or more, in the medians and in most
seeds.

**Layer by layer,** for 256 training samples (fewer in large networks) with their own batch
statistics. The share that is the same for every sample is the sum over a layer's units of E[h]²
divided by that of E[h²]. Gradients are root mean squares over all hidden units, on the mini-batch
of that step. For the ratio of variances, the inference pass uses the statistics of the training
pass on the same samples, so that nothing but dropout makes the difference; drawn is the median
unit.

**The loss surface** of the linear unit: loss (w·x − y)²/2, averaged over the training set, y = 1
for an odd label and −1 for an even one, no bias. Of all pairs of features, the one is drawn whose
standard deviations come closest to a ratio of 6 with a correlation of 0.4. Normalizing uses mean
and standard deviation of the whole training set.
The wild features are s·sinh(x), with log₁₀ s even between −2 and 2, drawn once.

**The tables.** Wine (Aeberhard and Forina, 1992) and Breast Cancer Wisconsin, Diagnostic (Wolberg,
Mangasarian, Street and Street, 1993) are from the UCI Machine Learning Repository (CC BY 4.0), in
scikit-learn's copies. Half of each is for testing, class by class. *Scaled beforehand*: each
feature minus its mean, over its standard deviation, both of the training half. The depth, the
width, the steps and the seeds are those of the knobs.
""",
    "The mathematics": r"""
**The bias.** BN(z + b) subtracts the mean of z + b, which is that of z plus b. Hence
BN(z + b) = BN(z) and $\partial L/\partial b = 0$; β takes its place (Ioffe & Szegedy
2015, Section 3.2). Behind an activation φ, BN(φ(z + b)) does depend on b.

**γ from zero.** A branch that ends in $y = \gamma\hat x + \beta$ with $\gamma = \beta = 0$ adds
nothing, yet $\partial L/\partial\gamma = \sum_i \hat x_i\,\partial L/\partial y_i$ is not zero: γ
changes first, and the weights behind it follow. Inside, the branch is φ(γx̂ + β), and the gradient
has the factor φ'(0): 1 for tanh, 1/2 for GELU, 1/4 for the sigmoid, but for ReLU 0 by convention.

**Dropout in front of BN.** Each of the inputs $h_j$ of a unit is kept with probability $1-p$ and
divided by it. The mean of $z = \sum_j w_j h_j$ stays, and its variance grows:

$$
\frac{\mathrm{Var}_\text{train}(z)}{\mathrm{Var}(z)} = 1 + \frac{p}{1-p}\,
\frac{\sum_j w_j^2\,\mathrm E[h_j^2]}{\mathrm{Var}\big(\sum_j w_j h_j\big)} .
$$

BN divides by the one in training and, through its running average, in inference as well, where the
other would be right. The layers after it inherit what that leaves.

**The input.** The curvature of the squared loss of a linear unit is $H = \mathrm E[xx^\top]$
everywhere. Gradient descent, $w_t - w^* = (1-\eta H)^t(w_0-w^*)$, is stable for
$\eta < 2/\lambda_\text{max}$, and along the flattest direction shrinks by
$1-\eta\lambda_\text{min}$ a step. With normalized features H is the matrix of their correlations.
""",
    "What the papers found": """
Ioffe and Szegedy (2015, Section 3.2) put BN before the nonlinearity, on Wu + b, and leave the bias
out, since the mean is subtracted and β takes its place.

Li and colleagues (2019) describe the variance shift: dropout in front of BN changes the variance
between training and inference. What is shown here is that ratio. An accuracy story is not: at this
size none could be reproduced.

Whether before or after is better this page does not settle: it depends on the activation, on the
rate and on the features, and is often within the range of the seeds. Try.
""",
}


def findings(verdict: PlacementVerdict) -> Findings:
    """What this run shows of the decision that is compared."""
    said = _of_what_is_compared(verdict)
    lost = diverged(verdict.arms, verdict.seeds)
    return Findings.told(said.headline, *said.more, *said.further, *lost, DETAIL[verdict.compare])


def _of_what_is_compared(verdict: PlacementVerdict) -> Findings:
    about = verdict.about
    match about.kind:
        case "place":
            return _place(verdict, about)
        case "bias":
            return bias.findings(verdict, about)
        case "affine":
            return affine.findings(verdict, about)
        case "zero":
            return branches.findings(verdict, about)
        case "dropout":
            return dropout.findings(verdict, about)


def beliefs(verdict: PlacementVerdict) -> dict[str, str]:
    """What is often believed of the place of BN, and what this run and the surface say of it."""
    about = verdict.about
    match about.kind:
        case "place":
            own = _beliefs_about_place(verdict, about)
        case "bias":
            own = bias.beliefs(about)
        case "affine":
            own = affine.beliefs(verdict, about)
        case "zero":
            own = branches.beliefs(verdict, about)
        case "dropout":
            own = dropout.beliefs(verdict, about)
    return own | inputs.beliefs(verdict.ground)


def _place(verdict: PlacementVerdict, place: Place) -> Findings:
    return Findings.told(
        _before_or_after(verdict, place),
        _hidden(verdict),
        _others(verdict),
        *_input(verdict, place),
        *_constant(place),
    )


def _hidden(verdict: PlacementVerdict) -> str:
    before = ended("The network with BN before the activation", verdict.arm("before"))
    return f"{before} {ended('The network with BN after it', verdict.arm('after'))}"


def _others(verdict: PlacementVerdict) -> str:
    plain = ended("Plain", verdict.arm("plain"))
    return f"{plain} {ended('The network with BN on the input alone', verdict.arm('input only'))}"


def _before_or_after(verdict: PlacementVerdict, place: Place) -> str:
    match place.outcome:
        case "input counts":
            own = end(verdict.arm("input only"))
            return f"BN on the input is what counts here: {own} test accuracy."
        case "no help":
            return "BN in the hidden layers does not help here, in neither place."
        case "same":
            return "Before or after the activation: it hardly matters here."
        case "unclear":
            return "Neither before nor after the activation is better in most seeds."
        case "before" | "after":
            won = seeds(place.hidden.ahead, verdict.seeds)
            return f"BN {place.outcome} the activation is better here, in {won}."
    return unlearned(place.outcome, "BN in the hidden layers")


def _input(verdict: PlacementVerdict, place: Place) -> tuple[str, str]:
    """What it does by itself, and beside BN in the hidden layers."""
    alone = {
        "none learns": "BN on the input alone is not enough: like plain, this network stays below"
        " half of the way from guessing to 100 %.",
        "helps": "BN on the input alone helps.",
        "harms": "BN on the input alone does harm.",
        "no help": "BN on the input alone does not help.",
    }[place.input_alone]
    return alone, _beside_hidden(verdict.arm(place.best), place)


def _beside_hidden(best: Arm, place: Place) -> str:
    """best: of the two with BN in the hidden layers."""
    match place.beside_hidden:
        case "less":
            return "BN on the input does less than BN in the hidden layers."
        case "no less":
            return "Here BN in the hidden layers does no more than BN on the input."
    if best.fate == "diverged":
        return "BN in the hidden layers alone diverged."
    if place.beside_hidden == "more":
        return f"BN in the hidden layers alone does less here, {end(best)} at best."
    return f"BN in the hidden layers comes to {end(best)} at best."


def _constant(place: Place) -> tuple[str, ...]:
    if place.constant is None:
        return ()
    plain, before, after = map(percent, place.constant)
    return (
        "At the start, a share of what the last hidden layer hands on is the same for every sample:"
        f" {plain} in plain. With BN before the activation it is {before}, with BN after it"
        f" {after}.",
    )


def _beliefs_about_place(verdict: PlacementVerdict, place: Place) -> dict[str, str]:
    before, after = verdict.arm("before"), verdict.arm("after")
    ends = f"before {end(before)}, after {end(after)}"
    if before.learned and place.hidden.standing == "first":
        must = f"Here it is better there: {ends}. See whether that holds for other activations."
    elif after.learned:
        must = f"This network learns with BN after it as well: {ends}."
    elif before.learned:
        must = f"In this run it is so: {ends}."
    else:
        must = f"Here it learns with BN in neither place: {ends}."
    return {
        Belief.BEFORE_ACTIVATION: must,
        Belief.SCALING_DOES_IT: _scaling(verdict, place),
    }


def _scaling(verdict: PlacementVerdict, place: Place) -> str:
    own, before, plain = (end(verdict.arm(name)) for name in ("input only", "before", "plain"))
    compared = f"on the input {own}, in the hidden layers {before}, plain {plain}"
    match place.scaling:
        case "none learns":
            return f"This run cannot tell, none of the three learns: {compared}."
        case "no help":
            return f"In this run neither helps ({compared}), so it cannot tell the two apart."
        case "less":
            return (
                f"It does what BN on the input does, and no more: {compared}. What the hidden"
                " layers make of the data changes in training; only BN inside follows."
            )
        case "alike":
            return f"In this run the two end alike ({compared}). At another rate they may not."
        case "unclear":
            return f"In this run neither of the two is ahead in most seeds ({compared})."
        case "more":
            said = f"It does something else. Here it is what counts: {compared}."
            return f"{said} {DROWNED}" if verdict.wild else said


DROWNED = "BN in a hidden layer sees sums in which the widest features outweigh the others."


INSIDE, INPUT, NO_WINNER = "BN in hidden layers", "BN on the input", "no clear winner"
HIGHEST = {
    "plain": "plain",
    "before": INSIDE,
    "after": INSIDE,
    "before and after": INSIDE,
    "input only": INPUT,
    "several": NO_WINNER,
}
"""Who ends with the highest test accuracy -> the answer."""


def _highest(verdict: PlacementVerdict) -> Outcome:
    """Which of the networks ends clearly above all others."""
    place = verdict.about
    assert place.kind == "place"
    if place.outcome == "all diverged":
        return Outcome(right=None, why=_before_or_after(verdict, place))
    return Outcome(right=HIGHEST[place.most], why=_why_highest(verdict, place))


def _why_highest(verdict: PlacementVerdict, place: Place) -> str:
    if place.most != "input only":
        return f"{_hidden(verdict)} {_others(verdict)}"
    where = seeds(place.input_ahead, verdict.seeds)
    ahead = f"It is ahead in {where}, at {end(verdict.arm('input only'))}."
    if not verdict.wild:
        return f"{ahead} Why, this run does not show."
    return (
        f"{ahead} The first layer adds up raw pixels: those of the largest scales outweigh the"
        " others before a hidden BN sees the sum."
    )


BOTH, BEFORE, AFTER, NEITHER = "in both places", "only before", "only after", "in neither"
HELPED = {
    ("before", "after"): BOTH,
    ("before",): BEFORE,
    ("after",): AFTER,
    (): NEITHER,
}
"""Where BN is ahead of plain -> the answer."""


def _where_it_helps(verdict: PlacementVerdict) -> Outcome:
    place = verdict.about
    assert place.kind == "place"
    if place.outcome in ("all diverged", "none learns"):
        return Outcome(right=None, why=_before_or_after(verdict, place))
    plain, best = verdict.arm("plain"), verdict.arm(place.best)
    ends = (ended("Plain", plain), ended("The better of the two with BN", best))
    if place.ahead_of_plain:
        why = ("BN is clearly ahead of plain there, in most seeds.", *ends)
        return Outcome(right=HELPED[place.ahead_of_plain], why=" ".join(why))
    mend = (
        ("Plain learns at this rate by itself: there is nothing to mend.",) if plain.learned else ()
    )
    why = ("Neither is clearly ahead in most seeds.", *ends, *mend)
    return Outcome(right=NEITHER, why=" ".join(why))


CHALLENGES = (
    bias.CHALLENGE,
    Challenge(
        name="wild",
        question="Each pixel gets a scale of its own, rate 0.32: which network ends highest?",
        answers=("plain", INSIDE, INPUT, NO_WINNER),
        setting={"features": "wild", "learning_rate": 0.32},
        outcome=_highest,
        expected=INPUT,
        tempting=Tempting(INSIDE, Belief.SCALING_DOES_IT),
    ),
    Challenge(
        name="low",
        question="At a learning rate of 0.1: where does BN in the hidden layers beat plain?",
        answers=(BOTH, BEFORE, AFTER, NEITHER),
        setting={"learning_rate": 0.1},
        outcome=_where_it_helps,
        expected=NEITHER,
        tempting=Tempting(BEFORE, Belief.BEFORE_ACTIVATION),
    ),
    *branches.CHALLENGES,
)
