"""Where does it go?: all that the page says, but of the input (words/inputs.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bnviz.axes import AFFINE, BIAS, DROPOUT, PLACE, ZERO
from bnviz.words import bias, branches, dropout, inputs
from bnviz.words.arms import diverged, end, unlearned
from bnviz.words.findings import Findings
from bnviz.words.numbers import magnitude, percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.placement import Affine, Place, PlacementVerdict

INTRODUCTION = """
BN is one line of code, but **which** line? Before the activation or after it, in every layer or on
the input alone, with a bias or without, with γ from 1 or from 0, behind dropout? Choose one
decision: the networks below differ in it and in nothing else, from the same weights, on the same
batches.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "A small learning rate: BN does not help": {"learning_rate": 0.1},
    "Wild features: BN on the input is what counts": {
        "features": "wild",
        "learning_rate": 0.32,
    },
    "A bias that wanders: Adam": {
        "compare": "the bias",
        "optimizer": "adam",
        "learning_rate": 0.01,
    },
    "Branches that start closed": {"compare": "gamma from zero"},
}
GUESS = "With these knobs, which network ends with the highest test accuracy?"
ALIKE = "before and after alike"
SEVERAL = "no clear winner"
GUESSES = ("plain", "before", "after", ALIKE, "input only", SEVERAL)

DETAIL = {
    PLACE: """
**What a layer hands on.** The share of its output that is the same for every sample: it tells the
next layer nothing. BN takes it away; an activation that follows BN, such as ReLU, puts some of it
back. Move the clock to the start to see what depth does to plain.
""",
    BIAS: """
**Does the bias learn?** The gradient of the hidden layers' biases; of the network that has none,
the gradient of β, which stands in its place.
""",
    AFFINE: """
**Does γ move?** How far the γ of each layer is from 1, where it starts. Frozen, it stays there.
""",
    ZERO: """
**Which branches open?** How far the γ of each layer is from where it started. The first layer has
no skip connection beside it; all others are branches.
""",
    DROPOUT: """
**Two variances.** The variance of BN's input in training, dropout on, over that in inference,
dropout off, layer by layer. Filled marks are measured; open marks are what theory says of the
layer's own dropout. On the dotted line the two modes agree.
""",
}

CLOSER = {"input": "On the input: is it the same as scaling the data?"}

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
"diverged" where most did; *better* means by 2 points or more, in the medians and in most seeds.

**Layer by layer,** for 256 training samples (fewer in large networks) with their own batch
statistics. The share that is the same for every sample is the sum over a layer's units of E[h]²
divided by that of E[h²]. Gradients are root mean squares over all hidden units, on the mini-batch
of that step. For the ratio of variances, the inference pass uses the statistics of the training
pass on the same samples, so that nothing but dropout makes the difference; drawn is the median
unit.

**The ground.** Loss (w·x − y)²/2, averaged over the training set, y = 1 for an odd label and −1 for
an even one, no bias. Of all pairs of features, the one is drawn whose deviations come closest to a
ratio of 6 with a correlation of 0.4. Normalizing uses mean and deviation of the whole training set.
The wild features are s·sinh(x), with log₁₀ s even between −2 and 2, drawn once.
""",
    "The mathematics": r"""
**The bias.** BN(z + b) subtracts the mean of z + b, which is that of z plus b. Hence
BN(z + b) = BN(z) and $\partial L/\partial b = 0$; β takes its place (Ioffe & Szegedy
2015, Section 3.2). Behind an activation φ, BN(φ(z + b)) does depend on b.

**γ from zero.** A branch that ends in $y = \gamma\hat x + \beta$ with $\gamma = \beta = 0$ adds
nothing, yet $\partial L/\partial\gamma = \sum_i \hat x_i\,\partial L/\partial y_i$ is not zero: γ
moves first, and the weights behind it follow. Inside, the branch is φ(γx̂ + β), and the gradient has
the factor φ'(0): 1 for tanh, 1/4 for the sigmoid, but for ReLU 0 by convention.

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
    about = verdict.about
    match about.kind:
        case "place":
            said = _place(verdict, about)
        case "bias":
            said = bias.findings(verdict, about)
        case "affine":
            said = _affine(verdict, about)
        case "zero":
            said = branches.findings(verdict, about)
        case "dropout":
            said = dropout.findings(verdict, about)
    return Findings(
        headline=said.headline, more=(*said.more, *diverged(verdict.arms, verdict.seeds))
    )


def beliefs(verdict: PlacementVerdict) -> dict[str, str]:
    """What is often believed of the place of BN, and what this run and the ground say of it."""
    about = verdict.about
    match about.kind:
        case "place":
            own = _beliefs_about_place(verdict, about)
        case "bias":
            own = bias.beliefs(about)
        case "affine":
            own = _beliefs_about_affine(verdict, about)
        case "zero":
            own = branches.beliefs(verdict, about)
        case "dropout":
            own = dropout.beliefs(verdict, about)
    return own | inputs.beliefs(verdict.ground)


def _place(verdict: PlacementVerdict, place: Place) -> Findings:
    more = (_input(verdict, place), *_constant(place))
    return Findings(headline=_before_or_after(verdict, place), more=more)


def _before_or_after(verdict: PlacementVerdict, place: Place) -> str:
    before, after, plain, own = (
        end(verdict.arm(name)) for name in ("before", "after", "plain", "input only")
    )
    ends = f"test accuracy {before} with BN before the activation, {after} with BN after it"
    others = f"plain {plain}, BN on the input only {own}"
    match place.outcome:
        case "input counts":
            return (
                f"**BN on the input is what counts here**: test accuracy {own}, before the"
                f" activation {before}, after it {after}, plain {plain}."
            )
        case "no help":
            return (
                f"**BN does not help here, before the activation or after it**: {ends} ({others})."
            )
        case "same":
            return f"**Before or after hardly matters here**: {ends}. For comparison: {others}."
        case "unclear":
            return (
                "**Neither before nor after is better in most seeds here**:"
                f" {ends}. For comparison: {others}."
            )
        case "before" | "after":
            won = seeds(place.hidden.ahead, verdict.seeds)
            return (
                f"**BN {place.outcome} the activation is better here**, in {won}: {ends}. For"
                f" comparison: {others}."
            )
    return unlearned(place.outcome, "BN in the hidden layers", f"{ends} ({others})")


def _input(verdict: PlacementVerdict, place: Place) -> str:
    ends = f"{end(verdict.arm('input only'))}, plain {end(verdict.arm('plain'))}"
    alone = {
        "none learns": "does not help, neither network learns",
        "helps": "helps",
        "harms": "does harm",
        "no help": "does not help",
    }[place.input_alone]
    best = end(verdict.arm(place.best))
    beside = {
        "less": "It does less than BN in the hidden layers.",
        "less, but that does not learn": f"BN in the hidden layers comes to {best} at best.",
        "more": f"BN in the hidden layers alone does less here, {best} at best.",
        "no less": "Here BN in the hidden layers does no more.",
    }[place.beside_hidden]
    return f"BN on the input alone {alone}: {ends}. {beside}"


def _constant(place: Place) -> tuple[str, ...]:
    if place.constant is None:
        return ()
    plain, before, after = map(percent, place.constant)
    return (
        "At the start, of what the last hidden layer hands on, this share is the same for every"
        f" sample: {plain} in plain, {before} with BN before the activation, {after} with BN"
        " after.",
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
        "BN must stand before the activation": must,
        "Scaling the data does what BN does": _scaling(verdict, place),
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
            drowned = (
                " BN in a hidden layer sees sums in which the widest features drown the others."
                if verdict.wild
                else ""
            )
            return f"It does something else. Here it is what counts: {compared}.{drowned}"


def _affine(verdict: PlacementVerdict, affine: Affine) -> Findings:
    moved = (
        (f"By the end γ has moved from 1 by {magnitude(affine.moved)} in the typical layer.",)
        if affine.moved == affine.moved  # not NaN
        else ()
    )
    return Findings(
        headline=_trained_or_frozen(verdict, affine),
        more=(*moved, _normalizing_alone(verdict, affine)),
    )


def _trained_or_frozen(verdict: PlacementVerdict, affine: Affine) -> str:
    trained, frozen = (end(verdict.arm(name)) for name in ("trained", "frozen"))
    ends = f"test accuracy {trained} with γ and β trained, {frozen} with both frozen at 1 and 0"
    won = seeds(affine.contest.ahead, verdict.seeds)
    match affine.outcome:
        case "same":
            return f"**Training γ and β hardly matters here**: {ends}."
        case "unclear":
            return f"**Training γ and β makes no difference in most seeds here**: {ends}."
        case "helps":
            return f"**Training γ and β helps here**, in {won}: {ends}."
        case "does not help":
            return f"**Training γ and β does not help here**: better frozen in {won}, {ends}."
    return unlearned(affine.outcome, "BN, with or without γ and β,", ends)


def _normalizing_alone(verdict: PlacementVerdict, affine: Affine) -> str:
    does = {
        "none learns": "does not make it learn here",
        "helps": "already helps",
        "harms": "is worse than nothing here",
        "no help": "does not help here",
    }[affine.alone]
    ends = f"{end(verdict.arm('frozen'))}, plain {end(verdict.arm('plain'))}"
    return f"Normalizing alone, without γ and β, {does}: {ends}."


def _beliefs_about_affine(verdict: PlacementVerdict, affine: Affine) -> dict[str, str]:
    trained, frozen = verdict.arm("trained"), verdict.arm("frozen")
    ends = f"trained {end(trained)}, frozen {end(frozen)}"
    compared = f"plain {end(verdict.arm('plain'))}, {ends}"
    works = {
        "no": f"No: with both frozen it still does better than plain ({compared}).",
        "yes": f"In this run they do count: {compared}.",
        "cannot tell": f"This run cannot tell: {compared}.",
    }[affine.does_it]
    without = _without(affine, trained.learned, frozen.learned)
    return {
        "Without γ and β a network with BN can hardly learn": f"{without}: {ends}.",
        "It is γ and β that make BN work": works,
    }


def _without(affine: Affine, trained: bool, frozen: bool) -> str:
    """trained, frozen: whether these networks learn."""
    if not frozen:
        return "In this run it is so" if trained else "Here it learns neither with nor without them"
    match affine.contest.standing:
        case "first":
            return "Without them it is weaker here"
        case "second":
            return "This network learns better without them"
        case "same":
            return "This network learns as well without them"
        case "unclear":
            return "This network learns without them, and neither way is ahead in most seeds"


def guess(verdict: PlacementVerdict) -> tuple[str, str]:
    """The answer to GUESS, from a verdict on PLACE, and what this run shows."""
    about = verdict.about
    assert about.kind == "place"
    named = {"before and after": ALIKE, "several": SEVERAL}
    return named.get(about.most, about.most), findings(verdict).headline
