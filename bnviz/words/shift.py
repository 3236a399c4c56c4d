"""Is it internal covariate shift?: what is fixed on the page."""

from typing import Any

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

INPUTS = """
**Covariate shift:** train on some inputs, test on others that come from another distribution. The
question (which digit?) has stayed the same, the inputs have not. On the left the same test sample
in each world, beside it what one typical unit of the first layer computes from all of them, before
any training.
"""
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
MOMENTS = """
What BN sets are the first two moments: on its own mini-batch they are β and |γ|, and move only as
these do. Here is how far mean and deviation of what enters an activation function move in a single
update (the median layer).
"""
LINEAR = (
    "The paper's own: a deep linear network",
    """
25 layers of 10 x 10, no activation function, 1000 Gaussian inputs in one batch, a linear target.
The three networks one after the other; the noisy one takes a moment.
""",
)

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
