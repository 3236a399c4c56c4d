"""How large may the learning rate be?: what is fixed on the page."""

from typing import Any

from bnviz.words.race import IMAGENET

INTRODUCTION = """
Both networks, trained from the same weights on the same mini-batches at **21 learning rates at
once**, from 0.001 to 100. Every point below is a training run of its own, once per seed. The knob
marks one rate; **click a point** to put the mark there. Rates are counted in decades: a decade is
a factor of ten.
"""

DEEPER: dict[str, Any] = {"depth": 6, "width": 32, "target": 0.9}
PRESETS: dict[str, dict[str, Any]] = {
    "Deeper and wider: BN's gain is a larger rate": DEEPER,
    "One hidden layer: BN does not help": DEEPER | {"depth": 1},
    "Sigmoid: plain has no rate at all": {"activation": "sigmoid"},
    "Weights half as large: more than a larger rate": DEEPER | {"gain": 0.5},
    "Adam: other rates, the same question": {"optimizer": "adam", "learning_rate": 0.01},
}
GUESS = "Compared with the rate that suits plain best, the rate that suits BN best is …"

CLOSER = {"one": "What happens at your rate?"}

PAPER = (
    "The experiment of the 2015 paper",
    """
Ioffe and Szegedy trained one network at one rate without BN, then with BN at 1, 5 and 30 times
that rate, and counted the steps until each was as accurate as the first one at its best. Here are
the same six networks in small, four times as many steps as above, six seeds. In the paper the base
rate is simply given. Here you see two: the rate that suits plain best in the sweep above, and one
three quarters of a decade below it.
""",
)

NOTES = {
    "How it is measured": """
**The sweep.** For each seed, 21 plain and 21 BN networks start from the same weights and see the
same mini-batches in the same order; they differ in the rate alone. Test accuracy is measured in
inference mode at 12 steps. At their defaults the networks are smaller than those of the race, and
looked at less often. Lines are medians over the
seeds that are left, bands their range. A cross stands at each rate at which a seed has diverged:
its loss stopped being a number. For the best rate and the accuracies in the sentences, a diverged
seed counts as an accuracy of zero, and of an even number of seeds the lower of the two in the
middle is the median. Where it is counted at how many rates BN is better, a network that diverged
counts as guessing.

**The bars** span the widest range of neighbouring rates at which the median seed has reached the
target by the step on the clock. That it was reached once is enough; it may be lost again.

**Small rates** are those at least half a decade below plain's best rate at which one of the two
networks has learned, that is, is closer to being always right than to guessing. Two accuracies
within 2 points of one another are called about the same.

**The paper's experiment.** The target is the best accuracy of the median plain seed at the base
rate, and a network gets there at the first record at which its own median seed has it. The
averaged prediction is the mean of the class probabilities of the seeds' networks after the last
step, without those that diverged.
""",
    "The mathematics": r"""
On a quadratic $\tfrac12 h\theta^2$ a step of gradient descent multiplies $\theta$ by
$1-\mathrm{lr}\,h$: beyond $\mathrm{lr} = 2/h$ each step makes the error larger. In a deep network
without BN, $h$ itself grows with the weights, so that one step that is too long makes the next one
worse, until a number overflows.

With BN the output does not change when the weights $W$ before it are multiplied by $a$, and the
gradient is divided by $a$. A step that is too long lengthens $W$,
$\lVert W'\rVert^2 = \lVert W\rVert^2 + \mathrm{lr}^2\lVert\nabla_W L\rVert^2$, and with it the
effective rate $\mathrm{lr}/\lVert W\rVert^2$ falls. So the loss stays a number over decades of
rates at which plain overflows. That is not yet learning: the output layer has no BN behind it, and
after a few giant steps all effective rates may be too small.
""",
    "What the papers found": f"""
{IMAGENET}
Ioffe & Szegedy (2015), Figures 2 and 3. Without BN, Inception diverges at 5 times the rate, and
with sigmoid units it stays at chance. An ensemble of six BN networks reached 4.9 % top-5
validation error.

Bjorck, Gomes, Selman & Weinberger (2018), ResNet-110 on CIFAR-10: about 93 % with BN at rate 0.1,
90 % with BN at 0.003, and 81 to 82 % **both with and without BN** at 0.0001. They conclude that
the gain comes from the larger rate. Where a deep plain network hardly learns at any rate, as with
sigmoid units above, that is not the whole story.
""",
}
