"""Why depth is hard: what is fixed on the page."""

from typing import Any

INTRODUCTION = """
A deep network passes its input through layer after layer, and the gradient of the loss comes back
the same way. If every layer makes it a little smaller, or a little larger, it does so **every
time**. Here all weights start half as large as they should (a **gain** of 0.5): turn the gain to 1,
then to 2, and watch what arrives with BN and without.
"""

CLOSER = {"product": "What if all layers move at once?"}

CHAIN = """
The gradient says what a change of **one** weight does while all others stand still. An update
moves them all. Take the smallest deep network there is: one unit per layer, no activation, so that
its output is a product of weights, $y = w_1 w_2 \\cdots w_L$. All of them are 1 at first, and y
should become 2.
"""

REMEDIES = (
    "What one did before BN",
    "Ten sigmoid layers with small normal weights and a large learning rate (0.56), and what was"
    " used against that, alone and together: each with BN and without, on your data, width and"
    " batch size. 200 steps, three seeds.",
)

PRESETS: dict[str, dict[str, Any]] = {
    "He's weights as they are: gain 1": {"gain": 1.0},
    "Twice as large: plain explodes": {"gain": 2.0},
    "Tanh with its own weights: BN does not help": {
        "activation": "tanh",
        "gain": 1.0,
        "steps": 100,
    },
    "50 layers: BN's gradient explodes": {"depth": 50, "gain": 1.0},
}
GUESS = (
    "What does the gradient of the **BN** network do on its way from the last layer to the first?"
)

NOTES = {
    "How it is measured": r"""
At eight recorded steps, or fewer, the first 96 training samples pass through both networks and
back, normalized with their own mean and variance, as a mini-batch is in training. Nothing is
changed by that.

- **Signal** of a layer: the standard deviation of a unit's output over the samples, as the root
  mean square over the units. It says how far different inputs can still be told apart. (The size
  of the outputs, mean included, is something else: with He's weights a plain ReLU layer keeps the
  size, but outputs for different inputs become ever more alike.)
- **Gradient** of a layer: the standard deviation, over samples and units, of $\partial L /
  \partial h$ with $h$ the layer's output and $L$ the mean cross entropy.
- A signal below one millionth of the outputs' own size is lost in the rounding of 32-bit numbers.
  It counts as zero and is drawn on the lower edge.
- The **factor per layer** is the slope of a straight line through the logarithms of all hidden
  layers, for each seed; sentences tell the median of the seeds. Lines are medians, bands the range
  over the seeds, dotted lines the medians at step 0.
- **Learned**: the training loss, averaged over ten steps, fell below half of what guessing costs
  ($\ln 10 = 2.30$ for ten classes), and the network did not diverge.
- **First step**: the change of the mini-batch loss by one learning rate along its own gradient,
  against $-\eta \lVert g \rVert^2$. Momentum and Adam step elsewhere.
""",
    "The mathematics": r"""
**Forward.** A unit's input is a sum of $n$ products, so its variance is $n \sigma_w^2$ times the
mean square of the outputs below. ReLU halves the mean square. A layer therefore multiplies the
mean square by $n \sigma_w^2 / 2$, and $L$ layers by the $L$-th power of that: He et al. choose
$\sigma_w^2 = 2/n$ to make it 1. The gain multiplies $\sigma_w$, so with gain ½ sixteen layers
leave $2^{-16}$, about 1/65,000.

**Backward.** The same sums run the other way: $\partial L / \partial h$ is multiplied by
$\sigma_w \sqrt{n/2}$ per ReLU layer, by far less where a sigmoid has a slope of ¼ at most.

**With BN** the scale of $W$ cancels. The gradient is divided by the deviation of the
pre-activation and multiplied by the weights. A ReLU takes in variance 1 and gives out mean square
½ but variance $\tfrac12 - \tfrac1{2\pi}$. BN divides by the deviation that comes from the smaller
one, and the way back pays for it with $\sqrt{\pi/(\pi-1)} \approx 1.21$ per layer, in wide layers
at the start.

**The product.** With $w_i = 1$, the loss $\tfrac12 (y - 2)^2$ and rate $\eta$, every gradient is
$-1$. The promise of $L$ such gradients is $-\eta L$. The step makes every factor $1 + \eta$ and the
output $(1+\eta)^L$, so the loss changes by $\tfrac12 ((1+\eta)^L - 2)^2 - \tfrac12$. It rises as
soon as $(1+\eta)^L > 3$: the largest useful rate is about $1.1 / L$.
""",
    "What the papers found": r"""
Glorot & Bengio (2010) chose the deviation of the weights from the number of inputs and outputs,
He et al. (2015) adapted it to ReLU. Ioffe & Szegedy (2015) report that Inception with sigmoid
units reaches 69.8 % on ImageNet with BN (BN-x5-Sigmoid) and stays at chance without.

Goodfellow, Bengio & Courville (*Deep Learning*, 2016, in the section on batch normalization) use
the product $y = x w_1 w_2 \cdots w_l$ to show what happens when all layers are updated at once.

Yang, Pennington, Rao, Sohl-Dickstein & Schoenholz (*A Mean Field Theory of Batch Normalization*,
2019) show that in wide, fully connected networks with BN the gradient grows exponentially with
depth at initialization, whatever the variance of the weights and the activation function. They
conclude that at large depth such networks cannot be trained without skip connections, and observe
that after a single step the gradients' range becomes dramatically smaller. Kyle Luther (*Why Batch
Norm Causes Exploding Gradients*, 2020) derives the factor $\sqrt{\pi/(\pi-1)}$ for ReLU in a few
lines.
""",
}
