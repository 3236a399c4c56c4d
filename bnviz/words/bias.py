"""What is said of a bias in front of BN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.arms import end
from bnviz.words.findings import Findings
from bnviz.words.numbers import magnitude, points, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.placement import Bias, PlacementVerdict


def findings(verdict: PlacementVerdict, bias: Bias) -> Findings:
    """Whether it gets a gradient, whether one can do without it, and whether it moves."""
    more = (_left_out(verdict, bias), _after(bias), _moved(verdict, bias))
    return Findings(headline=_headline(bias), more=tuple(filter(None, more)))


def _headline(bias: Bias) -> str:
    sizes = (
        f"typically {magnitude(bias.own)}, while β of the same layers gets {magnitude(bias.beta)}"
    )
    match bias.outcome:
        case "diverged at once":
            return "**Every network that keeps the bias diverged at once**: nothing to compare."
        case "rounding":
            return f"**A bias in front of BN gets no gradient**, only rounding: {sizes}."
        case "none at all":
            return "**No gradient reaches the bias in front of BN, and none reaches β.**"
        case "large rounding":
            return (
                "**Rounding alone gives a bias in front of BN a gradient that shows here**:"
                f" {sizes}."
            )


def _left_out(verdict: PlacementVerdict, bias: Bias) -> str:
    without, kept = verdict.arm("no bias"), verdict.arm("bias kept")
    if without.lost == kept.lost == verdict.seeds:
        return ""
    both = f"{end(without)} without it and {end(kept)} with it"
    if bias.alike:
        return (
            f"It can be left out: test accuracy {both}; the two are never more than"
            f" {_at_most(bias.apart)} apart in a seed."
        )
    gaps = []
    if bias.apart == bias.apart:  # not NaN
        gaps.append(f"up to {points(bias.apart)} apart in a seed")
    if bias.one_lost:
        gaps.append(f"only one of the two diverged in {seeds(bias.one_lost, verdict.seeds)}")
    even = "; neither is clearly ahead over the seeds" if bias.none_ahead else ""
    return (
        f"Test accuracy is {both}, {' and '.join(gaps)}{even}. Rounding alone makes that"
        " difference: training amplifies it."
    )


def _at_most(apart: float) -> str:
    """A bound in whole points, rounded up: a gap of 0.4 is not more than 1 point."""
    return points(-(-apart // 0.01) / 100 if apart else 0.01)


def _after(bias: Bias) -> str:
    if bias.after != bias.after or bias.own != bias.own:  # NaN
        return ""
    gets = magnitude(bias.after)
    if not bias.counts_after:
        return f"With BN after the activation the bias's gradient is {gets}."
    return (
        f"With BN after the activation the bias does get a gradient, {gets}: it decides where the"
        " activation bends, and no β can replace that."
    )


def _moved(verdict: PlacementVerdict, bias: Bias) -> str:
    if bias.moved != bias.moved:  # NaN
        return ""
    size = magnitude(bias.moved)
    if bias.still:
        return f"At the end the bias in front of BN is still {size}: it has not moved."
    if verdict.optimizer == "adam":
        return (
            f"Yet it has moved, by {size}: Adam divides each gradient by its own size, rounding"
            " included. BN subtracts it again."
        )
    return f"Yet it has moved, by {size}: rounding, times this learning rate, adds up."


def beliefs(bias: Bias) -> dict[str, str]:
    """What is often believed of biases, and what this run says of it."""
    return {
        "The bias before BN is needed": _needed(bias),
        "With BN, no layer needs a bias": _everywhere(bias),
    }


CANNOT_TELL = "This run cannot tell: networks diverged at once."


def _needed(bias: Bias) -> str:
    gets = f"its gradient is {magnitude(bias.own)}, β's {magnitude(bias.beta)}"
    match bias.outcome:
        case "diverged at once":
            return CANNOT_TELL
        case "rounding":
            return f"BN subtracts it with the mean: {gets}. β takes its place."
    return f"BN subtracts it with the mean, up to rounding; in this run {gets}."


def _everywhere(bias: Bias) -> str:
    if bias.after != bias.after or bias.outcome == "diverged at once":  # NaN
        return CANNOT_TELL
    gets = f"where BN follows the activation, the bias's gradient is {magnitude(bias.after)}"
    if bias.counts_after:
        return f"Only in front of BN; {gets}."
    return f"In this run it looks so: even {gets}."
