"""Why does noise help?: what is fixed on the page."""

from typing import Any

INTRODUCTION = """
BN normalizes each sample with the mean and standard deviation of whoever else is in its mini-batch,
so a sample never looks the same twice. To see what this noise does **and nothing else**, all
networks here make the same steps on the same batches at the same rate; only the number of samples
that share their statistics, the **chunk size**, differs. Small chunks: much noise.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "40 % of labels wrong": {"wrong_labels": 0.4},
    "Clean labels, all the data: a small U": {
        "wrong_labels": 0.0,
        "train_size": 1347,
        "batch_size": 64,
        "learning_rate": 0.18,
        "steps": 150,
    },
    "Too little training: the noise does not help": {
        "wrong_labels": 0.0,
        "learning_rate": 0.0032,
    },
}
GUESS = "Same batches, same steps: with which chunk size is test accuracy highest?"

CLOSER = {
    "law": "How large is the noise?",
    "one": "What does one sample feel of it?",
}

LAW = """
Mini-batches of every size, redrawn 400 times from the training set, at the first hidden layer.
**First, additive noise:** the mean that is subtracted strays. **Second, multiplicative noise:** the
variance strays, and with it the deviation that divides. Dots are measured (median of the units),
bands hold all units, the line in the colour of the text is theory.
"""
SAMPLE = """
The same sample, through the same trained network (BN over the whole batch), up to 200 times for
each batch size; only its batch-mates change. Lines: 10th, 50th and 90th percentile.
"""
DROPOUT = (
    "Noise of another kind: dropout",
    """
Dropout is noise too. The same networks with dropout behind every hidden layer; BN over the whole
batch.
""",
)
SWEEP = (
    "The usual sweep: batch size",
    """
The usual experiment changes the batch size itself, for the same number of epochs. That mixes
**two noises**: that of BN's statistics and that of SGD's gradient, which grows with the rate
divided by the batch size. Plain feels the second alone. With a rate in proportion to the batch,
the second noise stays about the same from size to size; with one rate for all, both change. The
small batches take a moment.
""",
)

NOTES = {
    "How it is measured": """
**The U.** One network without BN and one for every chunk size, from the same weights, on the same
mini-batches in the same order. In each update the batch is cut into chunks, and each chunk is
normalized with its own mean and variance ("ghost batches"). Training loss is that of the
mini-batches, with these statistics, averaged since the record before; test loss and accuracy use
the running averages. Lines are medians over the seeds, bands their range. The learning rate falls
to zero along a cosine. Wrong labels are drawn once, evenly from the other classes; the test set has
none.

**The law.** The inputs of the first BN layer, in the trained network of the first seed with
statistics over the whole batch. For each size 400 mini-batches are drawn without replacement. What
is drawn is the standard deviation, over these batches, of their mean, of their (biased) variance
and of their standard deviation. The theory of the mean and of the variance is exact; the dotted
line for the deviation, half of that for the variance, is an approximation for large batches.

**One sample.** A test image among training images. The unit is the one of the first hidden layer
in which the sample lies closest to one standard deviation from the mean, so that both kinds of
noise show. "The mean alone" divides by the deviation of the whole training set, "the deviation
alone" subtracts its mean. Values beyond ±3.1 are drawn at the edge. Large networks get fewer
batches, down to 16 of each size.
""",
    "The mathematics": r"""
With $N$ training samples, of standard deviation $s$ and kurtosis $k$, a batch of $m$ drawn without
replacement has

$$
\mathrm{std}(\mu_B) = \frac{s}{\sqrt m}\sqrt{\frac{N-m}{N-1}},
$$

and its biased variance, for independent draws,

$$
\mathrm{Var}(v_B) = \Big(\frac{m-1}{m}\Big)^2\,\frac{s^4}{m}\Big(k - \frac{m-3}{m-1}\Big).
$$

Without replacement, which is what the line shows, it is
$\left(\frac{m-1}{m}\right)^2 s^4\left[\left(\frac1m-\frac1N\right)K +
2\left(\frac1{m-1}-\frac1{N-1}\right)Q\right]$ with
$K = \frac{N^2\left((N+1)k-3(N-1)\right)}{(N-1)(N-2)(N-3)}$ and
$Q = \frac{N-1}{N+1}\left(\frac{N^2}{(N-1)^2}-\frac KN\right)$. Both formulas are exact, and for a
large $N$ they agree.

For one sample, $\hat x = (x-\mu_B)/\sqrt{v_B+\epsilon}$: a stray $\mu_B$ **adds** the same to every
value of the batch, a stray $v_B$ **multiplies** them all. A value that belongs to the batch cannot
exceed $|\hat x| \le \sqrt{m-1}$. With $m = 2$ that leaves $+1$ and $-1$, as long as the two values
differ by much more than $\sqrt\epsilon$: all that remains of a number is which of the two was
larger. With $m = 1$ nothing remains.
""",
    "What the papers found": """
Hoffer, Hubara & Soudry (2017) introduced ghost batches, statistics over small chunks of a large
batch, to close the gap in generalization that large-batch training leaves.

Wu & Johnson (2021) draw the curves that are drawn here: training loss with the statistics of the
batch, test loss with those of the population, against the number of samples behind the statistics
at a fixed batch of SGD.

How much of this is seen depends on what there is to learn by heart. With clean labels and all 1347
digits the U is one of test loss alone, and small: test accuracies differ by a few images of 450,
except at chunks of 2 and 4. And where a network does not even fit its training set, the noise only
costs.
""",
}
