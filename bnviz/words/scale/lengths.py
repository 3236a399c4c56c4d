"""How long the weights become, and at which angle their gradient stands, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import BATCH, PLAIN
from bnviz.verdicts.scale import UPRIGHT
from bnviz.words.numbers import between, degrees, fine_percent, significant, times

if TYPE_CHECKING:
    from bnviz.verdicts.scale import Growth, ScaleVerdict, Span

NEAR = 1.1  # times the first value: a growth below it is written with a digit more
WHOLE = 10  # times: from here on two digits are whole numbers
AS_PREDICTED = 0.001  # of ‖W‖²: off by less than that


def growth(verdict: ScaleVerdict) -> list[str]:
    """How long BN's weights became; what the prediction is worth with BN and without."""
    plain, batch = verdict.growth[PLAIN], verdict.growth[BATCH]
    said = []
    if batch is not None:
        said.append(" ".join((length("BN's", batch), *_predicted(batch))))
    if plain is not None and plain.off is not None:
        said.append(" ".join((_in_plain(plain.off), *_angles(verdict, plain.off))))
    if verdict.optimizer != "sgd" and said:
        said.append(
            "There is no prediction for momentum and Adam: they do not step along the gradient."
        )
    return said


def measured(verdict: ScaleVerdict) -> list[str]:
    """The same of plain, without the prediction."""
    plain = verdict.growth[PLAIN]
    return [] if plain is None else [length("Plain's", plain)]


def length(whose: str, one: Growth) -> str:
    """How long the weights became, beside their first value. whose: "BN's" or "Plain's"."""
    if one.stayed:
        return (
            f"{whose} ‖W‖² over all hidden layers stayed where it was, off by"
            f" {_at_most(one.moved)}."
        )
    digits = 3 if max(one.low, one.high) < NEAR else 2
    ends = between(*(significant(end, digits) for end in (one.low, one.high)))
    return f"{whose} ‖W‖² over all hidden layers ended at {ends} times its first value."


def _predicted(one: Growth) -> tuple[str, ...]:
    if one.off is None:
        return ()
    if one.off < AS_PREDICTED:
        return ("The gradients alone predict just that.",)
    if one.off < float("inf"):
        return (f"The prediction from the gradients alone is off by {_at_most(one.off)}.",)
    return ("The prediction from the gradients alone is off beyond all numbers.",)


def _in_plain(off: float) -> str:
    if off < float("inf"):
        return f"In plain the same prediction is off by {_at_most(off)}."
    return "In plain the same prediction is off beyond all numbers."


def _angles(verdict: ScaleVerdict, off: float) -> tuple[str, ...]:
    """Why it is off in plain."""
    span = verdict.spans[PLAIN]
    upright = span is None or max(90 - span.low, span.high - 90) < UPRIGHT
    if off < AS_PREDICTED or upright:
        return ()
    return ("Its gradients stand at other angles.",)


def right_angles(verdict: ScaleVerdict) -> list[str]:
    """The angles of the units' gradients, over all hidden layers and the whole training."""
    plain, batch = verdict.spans
    said = []
    if batch is not None:
        said.append(
            f"With BN the angle is {_span(batch)} in most units, over all hidden layers and steps"
            " (median seed)."
        )
    if plain is not None:
        said.append(
            f"In plain the angle is {_span(plain)} in most units, over all hidden layers and steps"
            " (median seed)."
        )
    return said


def _span(span: Span) -> str:
    return between(degrees(span.low), degrees(span.high))


def _at_most(part: float) -> str:
    """Less than 0.01 %; 0.15 % at most."""
    most = share(part, "its size")
    return most if part < 1e-4 else f"{most} at most"


def share(value: float, whole: str) -> str:
    """A part of a whole: 34 %, less than 0.01 %; from the whole on: 99.0 times their size."""
    if value >= 1:
        return f"{rough(value)} {whole}"
    return fine_percent(value) if value > 0 else "less than 0.01 %"


def rough(ratio: float) -> str:
    """How many times, in two digits: the seeds agree on no more."""
    digits = float(f"{ratio:.2g}")
    return f"{digits:.0f} times" if WHOLE <= digits < 100 else times(digits)
