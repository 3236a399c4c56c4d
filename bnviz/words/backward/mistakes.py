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
    if verdict.outcome == "diverged":
        right, mistaken = (number or "none" for number in verdict.diverged)
        return (
            f"**Rate {verdict.rate:g}.** Of {many(verdict.seeds, 'network')}, {right} diverged with"
            f" the right gradient and {mistaken} with the mistaken one."
        )
    right, mistaken = apart(*verdict.loss)
    loss = f"Training loss is {mistaken} instead of {right}."
    return " ".join(
        (
            f"**Rate {verdict.rate:g}.**",
            _compared(verdict),
            loss,
            _accuracy(verdict),
            _length(verdict),
        )
    )


def _compared(verdict: MistakeVerdict) -> str:
    score = verdict.score
    match verdict.outcome:
        case "higher":
            return f"With the mistake the loss is higher in {seeds(score.first, score.seeds)}."
        case "lower":
            return f"With the mistake the loss is lower in {seeds(score.second, score.seeds)}."
    return "Neither gradient ends with the lower loss in more than half of the seeds."


def _accuracy(verdict: MistakeVerdict) -> str:
    right, mistaken = map(percent, verdict.accuracy)
    if mistaken == right:
        return f"Test accuracy is {right} with both."
    return f"Test accuracy is {mistaken} instead of {right}."


def _length(verdict: MistakeVerdict) -> str:
    right, mistaken = (_grown(growth - 1) for growth in verdict.growth)
    return f"The weights changed their length by {mistaken} instead of {right}."


def _grown(share: float) -> str:
    """+38 %; +0.4 %; −12 %."""
    change = 100 * share
    return f"{change:+.{0 if abs(change) >= 1 else 1}f} %".replace("-", "−")
