"""Why does noise help?: all that its page says, but of what can be opened below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.findings import Findings
from bnviz.words.noise import challenges as noise_challenges
from bnviz.words.numbers import apart, loss, percent, points, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.noise import Change, Chunks, Contrast, NoiseVerdict

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
        _signature(verdict),
        _turning(verdict),
        _plain(verdict),
    )
    return Findings.told(_headline(verdict), *filter(None, more))


def _labels(verdict: NoiseVerdict) -> str:
    """What makes this run special."""
    return f"With {percent(verdict.wrong)} wrong labels" if verdict.wrong else "With clean labels"


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
        case "helps":
            return f"{_labels(verdict)}, BN's noise helps."
        case "little":
            return f"{_labels(verdict)}, BN's noise does not clearly help."
        case "no help":
            return f"{_labels(verdict)}, BN's noise does not help."
    return "BN diverged at every ghost batch size, in most seeds."


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
    gap = points(smaller.accuracy - verdict.whole.accuracy)
    better = seeds(verdict.score.first, verdict.seeds)
    which = f"Ghost batches of {smaller.size}"
    match verdict.outcome:
        case "helps":
            return (
                f"{which} end {gap} of test accuracy above the whole batch: they are better in"
                f" {better}."
            )
        case "little":
            lead = "by little" if verdict.close else "and behind in others"
            return f"{which} end {gap} above the whole batch: they are better in {better}, {lead}."
    if smaller.accuracy == verdict.whole.accuracy:
        return f"The best smaller ghost batches, of {smaller.size}, end level with the whole batch."
    return f"The best smaller ghost batches, of {smaller.size}, end {gap} behind the whole batch."


def _signature(verdict: NoiseVerdict) -> str:
    """Whether training loss and test loss change against each other, as with a regularizer."""
    fit, new = verdict.fit, verdict.new
    if verdict.tells != "yes" or not (fit and new):
        return ""
    said = (
        f"With this noise the network {FIT[fit.change]},"
        f" {_on_new_data(new.change, verdict.outcome == 'helps')}."
    )
    if new.change == "lower":
        return said + REGULARIZER[fit.change]
    return said if verdict.outcome == "helps" else f"{said} {_why_not(verdict)}".rstrip()


def losses(verdict: NoiseVerdict) -> str:
    """Training loss and test loss in the best of the smaller ghost batches, in numbers."""
    fit, new = verdict.fit, verdict.new
    if not (fit and new):
        return "There are no two ghost batch sizes whose losses could be compared."
    trained, tested = (" to ".join(_losses(one)) for one in (fit, new))
    return (
        f"From the whole batch to ghost batches of {fit.size}, training loss goes from {trained}."
        f" Test loss goes from {tested}: it is lower in {seeds(new.lower, verdict.seeds)}."
        f" {_signature(verdict)}"
    ).rstrip()


def _losses(one: Contrast) -> tuple[str, str]:
    """That of the whole batch and that of the ghost batches, so that one sees which is larger."""
    return apart(one.whole, one.here)


FIT: dict[Change, str] = {
    "higher": "fits its samples less well",
    "lower": "fits its samples better",
    "same": "fits its samples about as well",
    "open": "fits its samples less well in some seeds, better in others",
}
REGULARIZER: dict[Change, str] = {
    "higher": " That is what a regularizer does.",
    "lower": " Better on both is not the work of a regularizer.",
    "same": "",
    "open": "",
}


def _on_new_data(loss: Change, helps: bool) -> str:
    """What the test loss says; and the accuracy, where that says another thing."""
    if loss == "lower":
        return "and does better on new data" if helps else "and has a lower loss on new data"
    said = {
        "higher": "and does worse on new data",
        "same": "and does about the same on new data",
        "open": "and on new data the seeds disagree",
    }[loss]
    return f"{said} by this loss, though not by accuracy" if helps else said


def _why_not(verdict: NoiseVerdict) -> str:
    """Whether the whole batch had anything to regularize."""
    if verdict.overfitted:
        return ""
    new, learned = apart(verdict.new_loss, verdict.learned_loss)
    where = "not far above" if verdict.new_loss > verdict.learned_loss else "not above"
    return (
        f"With the whole batch, test loss ({new}) is {where} training loss ({learned}): there is"
        " little overfitting to prevent."
    )


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
    said = (
        "In ghost batches of 2, a normalized value tells little more than which of the two was"
        " larger"
    )
    if verdict.pairs == "falls":
        return f"{said}: test accuracy falls to {accuracy}."
    return f"{said}; even so, test accuracy is {accuracy}."


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
    fates = [
        f"{f'BN in ghost batches of {one.size}' if one.size else 'The plain network'} diverged in"
        f" {seeds(one.seeds, verdict.seeds)}."
        for one in verdict.lost
    ]
    return " ".join([*fates, "The medians leave them out."] if fates else [])


NO_CHUNKS = "This run cannot tell: it has no two ghost batch sizes to compare."
NOT_LEARNED = "This run cannot tell: BN over the whole batch did not learn much."


def beliefs(verdict: NoiseVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    met = {
        Belief.LARGER_BATCHES: _larger,
        Belief.NUISANCE: _nuisance,
        Belief.WITHOUT_END: _no_end,
        Belief.ONLY_SPEED: _only_speed,
    }
    if verdict.tells == "no chunks":
        return dict.fromkeys(met, NO_CHUNKS)
    if verdict.tells == "not learned":
        return dict.fromkeys(met, NOT_LEARNED)
    return {belief: say(verdict) for belief, say in met.items()}


def _larger(verdict: NoiseVerdict) -> str:
    smaller, whole = verdict.smaller, verdict.whole
    if verdict.outcome == "no help" or not smaller:
        return (
            "In this run no smaller ghost batch is clearly better than the whole batch."
            f" {_why_not(verdict)}".rstrip()
        )
    said = (
        f"Here statistics over {smaller.size} samples give {percent(smaller.accuracy)} test"
        f" accuracy, statistics over all {whole.size} give {percent(whole.accuracy)}"
    )
    if verdict.outcome == "little":
        return f"{said}: about the same."
    if verdict.overfitted and verdict.fit and verdict.fit.change == "higher":
        return f"{said}: the noise keeps the network from learning its samples by heart."
    return f"{said}."


def _nuisance(verdict: NoiseVerdict) -> str:
    """By test loss; and by test accuracy, where that says another thing."""
    lowest, helps = verdict.lowest, verdict.outcome == "helps"
    if not lowest:
        return "This run cannot tell: test losses are no numbers."
    whole, here = _losses(lowest)
    also = {True: " By test accuracy the noise helps.", False: ""}[helps]
    match lowest.change:
        case "lower":
            also = "" if helps else " Test accuracy is not clearly higher, though."
            return (
                f"Here test loss is {here} with ghost batches of {lowest.size} and {whole} with the"
                f" least noise. It is lower in {seeds(lowest.lower, verdict.seeds)}.{also}"
            )
        case "higher":
            return f"By test loss it is one here: the least noise gives the lowest, {whole}.{also}"
        case "same":
            return (
                f"Here it hardly matters to test loss: it is {loss(lowest.here)} with ghost batches"
                f" of {lowest.size}, and {loss(lowest.whole)} with the least noise.{also}"
            )
    return (
        f"Here the seeds disagree: test loss is {here} with ghost batches of {lowest.size} and"
        f" {whole} with the least noise. It is lower in {seeds(lowest.lower, verdict.seeds)}.{also}"
    )


def _no_end(verdict: NoiseVerdict) -> str:
    fewest, best = verdict.chunks[0], verdict.best
    if not best or fewest.accuracy != fewest.accuracy:  # NaN
        return f"Here networks in ghost batches of {fewest.size} diverged, in most seeds."
    there = "Where there is an end depends on the problem: change a knob and see."
    if verdict.where == "two":
        return f"In this run the smallest ghost batches, of {fewest.size}, are the best. {there}"
    if best.size == fewest.size:
        return (
            f"In this run the smallest ghost batches, of {fewest.size}, are as good as any:"
            f" {percent(fewest.accuracy)}. {there}"
        )
    numbers = (
        f"ghost batches of {fewest.size} reach {percent(fewest.accuracy)}, those of {best.size}"
        f" reach {percent(best.accuracy)}"
    )
    if fewest.size in verdict.level:
        return f"In this run it makes little difference: {numbers}. {there}"
    return (
        f"More noise is not more help without end: {numbers}. With 2 samples only the sign of their"
        " difference is left."
    )


def _only_speed(verdict: NoiseVerdict) -> str:
    low, high = verdict.span
    same = "All these networks made the same steps on the same batches at the same rate"
    if not verdict.spread:
        return (
            f"{same}; here their test accuracies, from {percent(low)} to {percent(high)}, hardly"
            " differ."
        )
    return (
        f"{same}. Only the number of samples that share their statistics differs, and test"
        f" accuracy goes from {percent(low)} to {percent(high)}."
    )
