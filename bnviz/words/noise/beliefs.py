"""What is often believed of noise, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.noise.regularizer import of_both, why_not
from bnviz.words.numbers import loss, percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.noise import Change, Chunks, Contrast, NoiseVerdict

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
        none = "In this run no smaller ghost batch is clearly better than the whole batch."
        return " ".join(filter(None, (none, why_not(verdict))))
    said = (
        f"Here statistics over {smaller.size} samples give {percent(smaller.accuracy)} test"
        f" accuracy, statistics over all {whole.size} give {percent(whole.accuracy)}."
    )
    if verdict.outcome == "little":
        return f"{said} That is about the same."
    if verdict.overfitted and verdict.fit and verdict.fit.change == "higher":
        return f"{said} The noise keeps the network from learning its samples by heart."
    return said


def _nuisance(verdict: NoiseVerdict) -> str:
    """By test loss; and by test accuracy, where that says another thing."""
    lowest = verdict.lowest
    if not lowest:
        return "This run cannot tell: test losses are no numbers."
    by_accuracy = _by_accuracy(lowest.change, verdict.outcome == "helps")
    return " ".join((_by_loss(lowest, verdict.seeds), *by_accuracy))


def _by_loss(lowest: Contrast, of: int) -> str:
    whole, here = of_both(lowest)
    match lowest.change:
        case "lower":
            return (
                f"Here test loss is {here} with ghost batches of {lowest.size} and {whole} with the"
                f" least noise. It is lower in {seeds(lowest.lower, of)}."
            )
        case "higher":
            return f"By test loss it is one here: the least noise gives the lowest, {whole}."
        case "same":
            return (
                f"Here it hardly matters to test loss: it is {loss(lowest.here)} with ghost batches"
                f" of {lowest.size}, and {loss(lowest.whole)} with the least noise."
            )
    return (
        f"Here the seeds disagree: test loss is {here} with ghost batches of {lowest.size} and"
        f" {whole} with the least noise. It is lower in {seeds(lowest.lower, of)}."
    )


def _by_accuracy(change: Change, helps: bool) -> tuple[str, ...]:
    """Where that says another thing than the loss."""
    if change == "lower":
        return () if helps else ("Test accuracy is not clearly higher, though.",)
    return ("By test accuracy the noise helps.",) if helps else ()


THERE = "Where there is an end depends on the problem: change a knob and see."


def _no_end(verdict: NoiseVerdict) -> str:
    fewest, best = verdict.chunks[0], verdict.best
    if not best or fewest.accuracy != fewest.accuracy:  # NaN
        return f"Here networks in ghost batches of {fewest.size} diverged, in most seeds."
    if verdict.where == "two":
        return f"In this run the smallest ghost batches, of {fewest.size}, are the best. {THERE}"
    if best.size == fewest.size:
        return (
            f"In this run the smallest ghost batches, of {fewest.size}, are as good as any:"
            f" {percent(fewest.accuracy)}. {THERE}"
        )
    numbers = _both(fewest, best)
    if fewest.size in verdict.level:
        return f"In this run it makes little difference. {numbers} {THERE}"
    return (
        f"More noise is not more help without end. {numbers} With 2 samples only the sign of their"
        " difference is left."
    )


def _both(fewest: Chunks, best: Chunks) -> str:
    return (
        f"Ghost batches of {fewest.size} reach {percent(fewest.accuracy)}, those of {best.size}"
        f" reach {percent(best.accuracy)}."
    )


ALIKE = "All these networks made the same steps on the same batches at the same rate."


def _only_speed(verdict: NoiseVerdict) -> str:
    low, high = map(percent, verdict.span)
    if not verdict.spread:
        return f"{ALIKE} Here their test accuracies, from {low} to {high}, hardly differ."
    return (
        f"{ALIKE} Only the number of samples that share their statistics differs, and test accuracy"
        f" goes from {low} to {high}."
    )
