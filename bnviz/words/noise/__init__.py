"""Why does noise help?: all that its page says, but of what can be opened below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.findings import Findings
from bnviz.words.noise import challenges as noise_challenges
from bnviz.words.noise.beliefs import beliefs
from bnviz.words.noise.regularizer import losses, signature
from bnviz.words.numbers import percent, points, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.noise import Chunks, Lost, NoiseVerdict

__all__ = ["beliefs", "losses"]  # each has a file of its own

INTRODUCTION = """
BN's statistics come from few samples, so they are noisy. All networks see the same batches; only
the **ghost batch size** differs: how many samples share statistics. The whole batch is the least
noisy.
"""

CHALLENGES = noise_challenges.CHALLENGES
CLOSER = {
    "losses": ("Is it a regularizer?", "Training and test loss by ghost batch size."),
    "redrawn": ("How large is the noise?", "Mini-batches drawn again and again, and one sample."),
    "dropout": ("Does noise of another kind help as well?", "The same networks with dropout."),
    "sizes": ("What does the usual sweep over batch sizes show?", "Two noises at once."),
}

NOTES = {
    "How it is measured": """
**The U.** One network without BN and one for every ghost batch size, from the same weights, on the
same mini-batches in the same order. In each update the batch is cut into ghost batches, and each of
them is normalized with its own mean and variance. Training loss is that of the
mini-batches, with these statistics, averaged since the record before; test loss and accuracy use
the running averages. Lines are medians over the seeds, bands their range. The learning rate falls
to zero along a cosine. Wrong labels are drawn once, evenly from the other classes; the test set has
none.

**The law.** The inputs of the first BN layer, in the trained network of the first seed with
statistics over the whole batch. For each size 400 mini-batches are drawn without replacement. What
is drawn is the standard deviation, over these batches, of their mean, of their (biased) variance
and of their standard deviation. The theory of the mean and of the variance is exact; the dotted
line for the standard deviation, half of that for the variance, is an approximation for large
batches.

**One sample.** A test image among training images. The unit is the one of the first hidden layer in
which the sample lies closest to one standard deviation from the mean, so that both kinds of noise
show. "The mean alone" divides by the standard deviation of the whole training set, "the standard
deviation alone" subtracts its mean. Values beyond ±3.1 are drawn at the edge. Large networks get
fewer batches, down to 16 of each size.
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

For one sample, $\hat x = (x-\mu_B)/\sqrt{v_B+\epsilon}$: an error of $\mu_B$ **adds** the same to
every value of the batch, an error of $v_B$ **multiplies** them all. A value that belongs to the
batch cannot exceed $|\hat x| \le \sqrt{m-1}$. With $m = 2$ that leaves $+1$ and $-1$, as long as
the two values differ by much more than $\sqrt\epsilon$: all that remains of a number is which of
the two was larger. With $m = 1$ nothing remains.
""",
    "What the papers found": """
Hoffer, Hubara & Soudry (2017) introduced ghost batches, statistics over small parts of a large
batch, to close the gap in generalization that large-batch training leaves.

Wu & Johnson (2021) draw a U like the one here, of classification error: in training with the
statistics of the batch, in testing with those of the population, against the number of samples
behind the statistics at a fixed batch of SGD.

How much of this is seen depends on what there is to learn by heart. With clean labels and all 1347
digits the U is one of test loss alone, and small: test accuracies differ by a few images of 450,
except in ghost batches of 2 and 4. And where a network does not even fit its training set, the
noise only costs.
""",
}


def findings(verdict: NoiseVerdict) -> Findings:
    """What this run shows of the ghost batch sizes."""
    more = (
        _compared(verdict),
        _lost(verdict),
        _pairs(verdict),
        signature(verdict),
        _turning(verdict),
        _plain(verdict),
    )
    return Findings.told(_headline(verdict), *filter(None, more))


def _headline(verdict: NoiseVerdict) -> str:
    match verdict.outcome:
        case "one size":
            return "Nothing to compare: there is one ghost batch size."
        case "nobody":
            return "No network with BN learned much here."
        case "whole lost":
            return "BN over the whole batch diverged, in most seeds."
        case "only smaller":
            return "Only smaller ghost batches learned much here."
        case "helps" | "little" | "no help":
            return _with_labels(verdict)
    return "BN diverged at every ghost batch size, in most seeds."


CLEAN = {
    "helps": "With clean labels, BN's noise helps.",
    "little": "With clean labels, BN's noise does not clearly help.",
    "no help": "With clean labels, BN's noise does not help.",
}


def _with_labels(verdict: NoiseVerdict) -> str:
    if not verdict.wrong:
        return CLEAN[verdict.outcome]
    wrong = percent(verdict.wrong)
    return {
        "helps": f"With {wrong} wrong labels, BN's noise helps.",
        "little": f"With {wrong} wrong labels, BN's noise does not clearly help.",
        "no help": f"With {wrong} wrong labels, BN's noise does not help.",
    }[verdict.outcome]


def _compared(verdict: NoiseVerdict) -> str:
    """The best of the smaller ghost batches, or the best of all, beside the whole batch."""
    best, whole, smaller = verdict.best, verdict.whole, verdict.smaller
    match verdict.outcome:
        case "one size":
            return f"A batch of {whole.size} has no smaller ghost batches with a variance."
        case "lost":
            return "There is nothing to compare."
        case "nobody" | "whole lost" | "only smaller" if best:
            return (
                f"The best, ghost batches of {best.size}, reached {percent(best.accuracy)} test"
                " accuracy."
            )
    if not smaller:
        return f"The whole batch of {whole.size} reached {percent(whole.accuracy)} test accuracy."
    return _ahead(verdict, smaller)


def _ahead(verdict: NoiseVerdict, smaller: Chunks) -> str:
    match verdict.outcome:
        case "helps":
            return (
                f"Ghost batches of {smaller.size} end {_gap(verdict, smaller)} of test accuracy"
                f" above the whole batch: they are better in {_better_in(verdict)}."
            )
        case "little":
            return _little(verdict, smaller)
    if smaller.accuracy == verdict.whole.accuracy:
        return f"The best smaller ghost batches, of {smaller.size}, end level with the whole batch."
    return (
        f"The best smaller ghost batches, of {smaller.size}, end {_gap(verdict, smaller)} behind"
        " the whole batch."
    )


def _little(verdict: NoiseVerdict, smaller: Chunks) -> str:
    gap, better = _gap(verdict, smaller), _better_in(verdict)
    if verdict.close:
        return (
            f"Ghost batches of {smaller.size} end {gap} above the whole batch: they are better in"
            f" {better}, by little."
        )
    return (
        f"Ghost batches of {smaller.size} end {gap} above the whole batch: they are better in"
        f" {better}, and behind in others."
    )


def _gap(verdict: NoiseVerdict, smaller: Chunks) -> str:
    return points(smaller.accuracy - verdict.whole.accuracy)


def _better_in(verdict: NoiseVerdict) -> str:
    return seeds(verdict.score.first, verdict.seeds)


def _turning(verdict: NoiseVerdict) -> str:
    """Up to when the least noise was better, where in the end it was not."""
    at = verdict.turning
    if not at or not verdict.smaller:
        return ""
    return (
        f"The noise costs accuracy at first: up to step {at.step} the whole batch was ahead of"
        f" ghost batches of {verdict.smaller.size}. Move the clock to see it turn."
    )


def _pairs(verdict: NoiseVerdict) -> str:
    """What became of ghost batches of 2, in which a value can only be the larger or the smaller."""
    if not verdict.pairs:
        return ""
    accuracy = percent(verdict.chunks[0].accuracy)
    end = {
        "falls": f"Test accuracy falls to {accuracy} there.",
        "stands": f"Even so, test accuracy is {accuracy} there.",
    }[verdict.pairs]
    return (
        "In ghost batches of 2, a normalized value tells little more than which of the two was"
        f" larger. {end}"
    )


def _plain(verdict: NoiseVerdict) -> str:
    plain, whole, smaller = verdict.plain, verdict.whole, verdict.smaller
    if not smaller or plain != plain or whole.accuracy != whole.accuracy:  # NaN
        return ""
    return (
        f"The plain network, on the same batches, reaches {percent(plain)}. BN reaches"
        f" {percent(whole.accuracy)} with the whole batch. With ghost batches of {smaller.size} it"
        f" reaches {percent(smaller.accuracy)}."
    )


def _lost(verdict: NoiseVerdict) -> str:
    fates = [_of_lost(one, seeds(one.seeds, verdict.seeds)) for one in verdict.lost]
    return " ".join([*fates, "The medians leave them out."] if fates else [])


def _of_lost(one: Lost, where: str) -> str:
    if one.size is None:
        return f"The plain network diverged in {where}."
    return f"BN in ghost batches of {one.size} diverged in {where}."
