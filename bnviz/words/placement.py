"""Where does it go?: what is fixed on the page."""

from typing import Any

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

DETAIL = {
    "before or after": """
**What a layer hands on.** The share of its output that is the same for every sample: it tells the
next layer nothing. BN takes it away; an activation that follows BN, such as ReLU, puts some of it
back. Move the clock to the start to see what depth does to plain.
""",
    "the bias": """
**Does the bias learn?** The gradient of the hidden layers' biases; of the network that has none,
the gradient of β, which stands in its place.
""",
    "gamma and beta": """
**Does γ move?** How far the γ of each layer is from 1, where it starts. Frozen, it stays there.
""",
    "gamma from zero": """
**Which branches open?** How far the γ of each layer is from where it started. The first layer has
no skip connection beside it; all others are branches.
""",
    "dropout before it": """
**Two variances.** The variance of BN's input in training, dropout on, over that in inference,
dropout off, layer by layer. Filled marks are measured; open marks are what theory says of the
layer's own dropout. On the dotted line the two modes agree.
""",
}

CLOSER = {"input": "On the input: is it the same as scaling the data?"}

GROUND = """
Give each pixel a scale of its own, between 0.01 and 100, and heavy tails (a few very large values).
The ground below is the loss of a linear unit over two of its weights: **before**, a long valley,
where a rate that the steep side can bear gets nowhere along the flat one; **after** each feature is
normalized, as BN on the input does, a bowl. The walk goes at 3/4 of the largest stable rate of
each.
"""
SWEEP = (
    "Which learning rates do wild features bear?",
    """
The same networks on such **wild** features, at rates from 0.001 to 100: plain, with BN in the
hidden layers, with BN on the input only, and plain again on data that were scaled beforehand.
One network at a time.
""",
)

NOTES = {
    "How it is measured": """
**Networks.** All networks of a comparison start from the same weights for each seed and see the
same mini-batches. *After* keeps the layer's bias, since the activation stands between it and BN.
*Input only* is BN without γ and β in front of the first layer. With *frozen*, γ stays 1 and β 0. In
*gamma from zero* every network has skip connections around all hidden layers but the first, h +
branch(h): BN stands at the end of the branch, after the activation, or, in *0, inside*, in front of
the activation. Dropout follows the activation; the BN of the next layer sees what it leaves. Test
accuracy is in inference mode. Lines are medians over the seeds, bands their range, crosses seeds
that diverged; in the sentences a seed that diverged counts as 0 %.

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
