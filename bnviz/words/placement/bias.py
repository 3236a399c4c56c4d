"""What is said of a bias in front of BN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.arms import ended
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.numbers import magnitude, points, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.placement import Bias, PlacementVerdict


def findings(verdict: PlacementVerdict, bias: Bias) -> Findings:
    """Whether it gets a gradient, whether one can do without it, and whether it changes."""
    said = (_sizes(bias), *_left_out(verdict, bias), _changed(verdict, bias), _after(bias))
    return Findings.told(_headline(bias), *filter(None, said))


def _headline(bias: Bias) -> str:
    match bias.outcome:
        case "diverged at once":
            return "Every network that keeps the bias diverged at once."
        case "rounding":
            return "A bias in front of BN gets no gradient, only rounding errors."
        case "none at all":
            return "No gradient reaches the bias in front of BN, and none reaches β."
        case "large rounding":
            return "Rounding errors alone give the bias in front of BN a gradient here."


def _sizes(bias: Bias) -> str:
    if bias.outcome in ("diverged at once", "none at all"):
        return ""
    return (
        f"The gradient of the bias in front of BN is typically {magnitude(bias.own)}; that of β in"
        f" the same layers is {magnitude(bias.beta)}."
    )


def _left_out(verdict: PlacementVerdict, bias: Bias) -> tuple[str, ...]:
    without, kept = verdict.arm("no bias"), verdict.arm("bias kept")
    if without.lost == kept.lost == verdict.seeds:
        return ()
    ends = f"{ended('The network without it', without)} {ended('The network that has it', kept)}"
    if bias.alike:
        return (
            f"The bias can be left out. {ends}",
            f"In no seed are the two more than {_at_most(bias.apart)} apart.",
        )
    return (ends, *_gaps(verdict, bias))


def _gaps(verdict: PlacementVerdict, bias: Bias) -> tuple[str, ...]:
    """How far apart the two end, with the bias and without it."""
    said = [*_apart(bias)]
    if bias.one_lost:
        said.append(f"Only one of the two diverged in {seeds(bias.one_lost, verdict.seeds)}.")
    return (*said, "That difference begins as rounding errors, which training amplifies.")


def _apart(bias: Bias) -> tuple[str, ...]:
    if bias.apart != bias.apart:  # NaN
        return ()
    gap = points(bias.apart)
    if bias.none_ahead:
        return (
            f"In a single seed they are up to {gap} apart, but neither is clearly ahead over the"
            " seeds.",
        )
    return (f"In a single seed they are up to {gap} apart.",)


def _at_most(apart: float) -> str:
    """A bound in whole percentage points, rounded up: a gap of 0.4 is not more than 1."""
    return points(-(-apart // 0.01) / 100 if apart else 0.01)


def _after(bias: Bias) -> str:
    if bias.after != bias.after or bias.own != bias.own:  # NaN
        return ""
    gets = magnitude(bias.after)
    if not bias.counts_after:
        return f"With BN after the activation, the gradient of the bias is {gets}."
    return (
        f"With BN after the activation, the bias does get a gradient, {gets}: it decides where the"
        " activation bends, and no β can replace that."
    )


def _changed(verdict: PlacementVerdict, bias: Bias) -> str:
    if bias.moved != bias.moved:  # NaN
        return ""
    size = magnitude(bias.moved)
    if bias.still:
        return f"At the end the bias in front of BN is still {size}: training did not change it."
    if verdict.optimizer == "adam":
        return (
            f"Yet the bias has changed, by {size}: Adam divides each gradient by its own size,"
            " rounding errors included. BN subtracts the bias again."
        )
    return f"Yet the bias has changed, by {size}: rounding errors, times this rate, add up."


def beliefs(bias: Bias) -> dict[str, str]:
    """What is often believed of biases, and what this run says of it."""
    return {
        Belief.BIAS_NEEDED: _needed(bias),
        Belief.NO_BIAS_ANYWHERE: _everywhere(bias),
    }


CANNOT_TELL = "This run cannot tell: networks diverged at once."


def _needed(bias: Bias) -> str:
    match bias.outcome:
        case "diverged at once":
            return CANNOT_TELL
        case "rounding":
            return f"BN subtracts it with the mean. {_gradients(bias)} β takes its place."
    return f"BN subtracts it with the mean, up to rounding errors. {_gradients(bias)}"


def _gradients(bias: Bias) -> str:
    return f"In this run its gradient is {magnitude(bias.own)}, that of β {magnitude(bias.beta)}."


def _everywhere(bias: Bias) -> str:
    if bias.after != bias.after or bias.outcome == "diverged at once":  # NaN
        return CANNOT_TELL
    gets = magnitude(bias.after)
    if bias.counts_after:
        return (
            "Only in front of BN. Where BN follows the activation, the gradient of the bias is"
            f" {gets}."
        )
    return (
        "In this run it looks so: even where BN follows the activation, the gradient of the bias is"
        f" {gets}."
    )


AS_LARGE, SMALLER, ROUNDING = "as large as β's", "smaller, not zero", "zero, up to rounding"
LARGE = 0.5  # of beta's gradient: from here on it counts as as large


def _gets(verdict: PlacementVerdict) -> Outcome:
    """How large the gradient of a bias in front of BN is, beside that of beta."""
    bias = verdict.about
    assert bias.kind == "bias"
    if bias.outcome in ("diverged at once", "none at all"):
        return Outcome(right=None, why=_headline(bias))
    if bias.outcome == "large rounding":
        large = bias.own >= LARGE * bias.beta
        return Outcome(
            right=AS_LARGE if large else SMALLER, why=f"{_headline(bias)} {_sizes(bias)}"
        )
    where = seeds(bias.rounding_in, verdict.seeds)
    return Outcome(
        right=ROUNDING,
        why=f"It is so in {where}: BN subtracts the mean, and the bias with it. β takes its place,"
        " behind the subtraction.",
    )


CHALLENGE = Challenge(
    name="constant",
    question="Keep the bias in front of BN: how large is its gradient, beside that of β?",
    answers=(AS_LARGE, SMALLER, ROUNDING),
    setting={"compare": "the bias"},
    outcome=_gets,
    expected=ROUNDING,
    tempting=Tempting(SMALLER, Belief.SLOW_BIAS),
)
