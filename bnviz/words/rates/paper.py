"""The experiment of the 2015 paper in small: all that is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.paper import FASTER, FIRST, FIVE_TIMES
from bnviz.words.numbers import percent, seeds, significant, steps, times, times_between

if TYPE_CHECKING:
    from bnviz.verdicts.paper import ArmVerdict, BaseVerdict, PaperVerdict

ABOUT = """
Ioffe and Szegedy trained one network at one rate without BN, then with BN at 1, 5 and 30 times
that rate, and counted the steps until each was as accurate as the first one at its best. Here are
the same six networks in small, four times as many steps as above, six seeds; they differ in BN, the
rate and the activation alone. (The paper's BN ×5 and ×30 differ in more: see *What the papers
found*.) In the paper the base rate is simply given. Here you see two: one in the middle of those
that suit plain best in the sweep above, and one three quarters of a decade below all of these, or
the smallest of the sweep.
"""
BASES = ("a low rate", "a rate that suits plain best")


def findings(verdict: PaperVerdict) -> str:
    """The arms beside the paper's, in sentences; the bases that have been trained."""
    said = [of_a_base(base) for base in verdict.bases]
    if verdict.base_decides:
        said.append(
            "**The base decides**: seen from a low rate, a larger one gains more. How many times"
            " BN is faster says as much about plain's rate as about BN."
        )
    elif verdict.base_decides is False:
        said.append("Here the low base does not make BN look better than plain's best rate does.")
    return "\n".join(f"- {sentence}" for sentence in said)


def of_a_base(base: BaseVerdict) -> str:
    """The arms from one base rate."""
    if not base.learned:
        return (
            f"From {_named(base)}: plain does not learn (its best is {percent(base.target)}), so"
            " its best accuracy is nothing to race to."
        )
    fast = base.arms[FASTER]
    said = (
        _never(base) if fast.needed == "never" else f"{_reaches(base, fast)} {_range(base)}",
        f"In the paper it took {times(fast.published_fewer)} fewer steps.",
        _five_times_plain(base),
        _ensemble(base, fast),
    )
    return " ".join(said)


def _named(base: BaseVerdict) -> str:
    return f"{BASES[base.place]}, {significant(base.base)}"


def _never(base: BaseVerdict) -> str:
    return (
        f"From {_named(base)}: BN at 5 times that rate never reaches plain's best accuracy,"
        f" {percent(base.target)}, within {steps(base.steps)}."
    )


def _reaches(base: BaseVerdict, arm: ArmVerdict) -> str:
    reaches = (
        f"From {_named(base)}: BN at 5 times that rate reaches plain's best accuracy,"
        f" {percent(base.target)}, in {steps(arm.steps)}, plain in {base.arms[FIRST].steps:g}."
    )
    match arm.needed:
        case "fewer":
            return f"{reaches} That is {times(arm.factor)} fewer."
        case "as many":
            return f"{reaches} That is as many."
    return f"{reaches} That is {times(arm.factor)} as many."


def _range(base: BaseVerdict) -> str:
    """Plain's steps over BN's, in the seeds in which both get there."""
    if not base.faster.seeds:
        return "In no seed do both get there."
    ratio = times_between(base.faster.low, base.faster.high)
    where = seeds(base.faster.seeds, base.seeds)
    return f"Plain's steps over BN's are {ratio} in {where}, where both get there."


def _five_times_plain(base: BaseVerdict) -> str:
    """Plain at the larger rate: the comparison that tells BN's part from that of the rate."""
    arm = base.arms[FIVE_TIMES]
    match arm.needed:
        case "never" if arm.diverged:
            where = seeds(arm.diverged, base.seeds)
            return f"Plain at 5 times the rate does not get there: it diverges in {where}."
        case "never":
            return "Plain at 5 times the rate does not get there."
        case "fewer":
            return f"Plain at 5 times the rate gets there too, with {times(arm.factor)} fewer."
        case "as many":
            return "Plain at 5 times the rate gets there too, with as many."
    return f"Plain at 5 times the rate gets there too, with {times(arm.factor)} as many."


def _ensemble(base: BaseVerdict, arm: ArmVerdict) -> str:
    if arm.ensemble != arm.ensemble:  # NaN
        return "Of BN at 5 times the rate no network is left to average."
    return (
        f"The averaged prediction of BN's networks at 5 times the rate gets"
        f" {100 * arm.ensemble:.1f} % right, one of them alone {100 * base.alone:.1f} % on average."
    )


def table(base: BaseVerdict) -> dict[str, list[str]]:
    """The arms, here and in the paper."""
    arms = base.arms
    return {
        "network": [arm.name for arm in arms],
        "rate": [significant(arm.rate) for arm in arms],
        "steps to plain's best": [_steps(arm.steps) for arm in arms],
        "best accuracy": [_accuracy(arm.best, "") for arm in arms],
        "averaged prediction": [_accuracy(arm.ensemble, "all diverged") for arm in arms],
        "paper: million steps": [arm.published_told or _steps(arm.published_steps) for arm in arms],
        "paper: best": [_accuracy(arm.published_best, "") for arm in arms],
    }


def _steps(number: float) -> str:
    return f"{number:g}" if number < float("inf") else "never"


def _accuracy(share: float, missing: str) -> str:
    return f"{100 * share:.1f} %" if share == share else missing  # NaN is no number
