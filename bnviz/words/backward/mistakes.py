"""What it costs to treat mean and variance as constants: what the page on the gradient says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.numbers import apart, many, percent, seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnviz.verdicts.backward import MistakeVerdict


def mistakes(verdicts: Sequence[MistakeVerdict]) -> str:
    """What the mistake cost, at one learning rate after the other."""
    return " ".join(_mistake(verdict) for verdict in verdicts)


def _mistake(verdict: MistakeVerdict) -> str:
    rate = f"**Rate {verdict.rate:g}**"
    if verdict.outcome == "diverged":
        right, mistaken = (number or "none" for number in verdict.diverged)
        return (
            f"{rate}: of {many(verdict.seeds, 'network')}, {right} diverged with the right gradient"
            f" and {mistaken} with the mistaken one."
        )
    right_loss, mistaken_loss = apart(*verdict.loss)
    right_accuracy, mistaken_accuracy = map(percent, verdict.accuracy)
    right_growth, mistaken_growth = (_grown(growth - 1) for growth in verdict.growth)
    accuracy = f"test accuracy {mistaken_accuracy} instead of {right_accuracy}"
    if mistaken_accuracy == right_accuracy:
        accuracy = f"test accuracy {right_accuracy} with both"
    return (
        f"{rate}: {_compared(verdict)}. Training loss {mistaken_loss} instead of {right_loss},"
        f" {accuracy}; the weights changed their length by {mistaken_growth} instead of"
        f" {right_growth}."
    )


def _compared(verdict: MistakeVerdict) -> str:
    score = verdict.score
    if verdict.outcome == "mixed":
        return "neither gradient ends with the lower loss in more than half of the seeds"
    number = score.first if verdict.outcome == "higher" else score.second
    return f"with the mistake the loss is {verdict.outcome} in {seeds(number, score.seeds)}"


def _grown(share: float) -> str:
    """+38 %; +0.4 %; −12 %."""
    change = 100 * share
    return f"{change:+.{0 if abs(change) >= 1 else 1}f} %".replace("-", "−")
