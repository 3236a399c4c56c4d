"""How much can γ and β do alone?: all that its page says."""

from bnviz.words.alone.challenges import CHALLENGES
from bnviz.words.alone.told import beliefs, findings, of_gamma, of_sizes

__all__ = [
    "CHALLENGES", "beliefs", "findings", "of_gamma", "of_sizes",
]  # each has a file of its own  # fmt: skip

INTRODUCTION = """
All weights keep their random start, and BN's **γ and β** alone are trained. For comparison, three
more networks train the **output** layer alone, as many weights picked at **random**, or **all**.
"""

CLOSER = {
    "gamma": ("What does γ do?", "How it is spread over the units, and how many it switches off."),
    "widths": ("How many parameters does it take?", "Networks of several sizes."),
}

LINES = """
The first picture shows the test accuracy against that size. The second shows it against the share
of the parameters that is trained.
"""
SIDES = ("Accuracy by size", "Accuracy by the share trained")
"""The two pictures, for those who listen."""
SIZES = {
    "width": f"""
The same four trainings run in networks of 8 to 128 units a layer; the number of hidden layers is
the one chosen above. {LINES.strip()}
""",
    "depth": f"""
The same four trainings run in networks of 1 to 16 hidden layers; their width is the one chosen
above. {LINES.strip()}
""",
}
"""By what the networks differ in."""


NOTES = {
    "How it is measured": """
All networks of a seed have BN in every hidden layer, start from the same weights and see the same
mini-batches, at the same learning rate. What is not trained stays as it is drawn: with γ and β
alone that is every weight, and weights and biases of the output layer, too. γ starts at 1, β at 0.
The running averages of mean and variance follow in all of them: they are measured, not trained.

**Random weights.** Each seed draws two of the weights that lead into each hidden unit. So as many
numbers are trained as there are γ and β, in the same units. Where weight decay is used, it leaves
constants alone.

**Switched off.** We call a unit switched off if |γ| < 0.1, a tenth of where it starts. The
threshold is ours. What such a unit still hands on hardly depends on its inputs.

Curves are medians of the test accuracy, in inference mode; bands are the range of the seeds. We say
that γ and β get far from 80 % on, and that they are not enough below 60 %.
""",
    "The mathematics": r"""
A hidden layer computes
$$
h' = \text{ReLU}\Big(\gamma \, \frac{W h - \mu}{\sqrt{v + \varepsilon}} + \beta\Big).
$$
With $W$ random and fixed, each unit is a fixed direction in the outputs $h$ of the layer below.
$\beta$ moves the point at which the unit comes on, and $\gamma$ says how strongly it counts in the
next layer; with a negative sign, the unit comes on at the other side. One layer has $2n$ such
numbers for $n$ units, where $W$ has $n^2$: the wider the network, the smaller their share, about
$2/n$.

Over several layers, $\gamma$ of one layer weighs the random directions of the next. What one hidden
layer cannot choose, many layers can combine.
""",
    "What the papers found": """
Frankle, Schwab & Morcos (2021) train γ and β alone in convolutional networks. In a deep one they
reach 82 % on CIFAR-10, with all other parameters random; as many single weights, drawn at random,
reach far less. About a third of the features are switched off by γ.

Our networks are small and fully connected, and the digits are an easier task. Here γ and β are less
far ahead of as many random weights, and with another activation function they can be behind.
""",
}
