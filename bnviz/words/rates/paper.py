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
    where = f"From {BASES[base.place]}, {significant(base.base)}"
    if not base.learned:
        return (
            f"{where}: plain does not learn (its best is {percent(base.target)}), so its best"
            " accuracy is nothing to race to."
        )
    target = f"plain's best accuracy, {percent(base.target)},"
    fast, published = base.arms[FASTER], f"the paper: {times(base.arms[FASTER].published_fewer)}"
    if fast.needed == "never":
        faster = (
            f"BN at 5 times that rate never reaches {target} within {steps(base.steps)}"
            f" ({published} fewer)"
        )
    else:
        faster = (
            f"BN at 5 times that rate reaches {target} in {steps(fast.steps)}, plain in"
            f" {base.arms[FIRST].steps:g}: {_beside(fast)} ({_range(base)}{published} fewer)"
        )
    return f"{where}: {faster}. {_five_times_plain(base)} {_ensemble(base, fast)}"


def _range(base: BaseVerdict) -> str:
    """Plain's steps over BN's: 2.5 to 5.0 times in 5 of 6 seeds, where both get there."""
    if not base.faster.seeds:
        return "in no seed do both get there; "
    ratio, where = times_between(base.faster.low, base.faster.high), base.faster.seeds
    return f"plain's over BN's: {ratio} in {seeds(where, base.seeds)}, where both get there; "


def _beside(arm: ArmVerdict) -> str:
    """An arm that gets there, beside plain: 4.0 times fewer, as many, 2.0 times as many."""
    if arm.needed == "as many":
        return "as many"
    return f"{times(arm.factor)} {'fewer' if arm.needed == 'fewer' else 'as many'}"


def _five_times_plain(base: BaseVerdict) -> str:
    """Plain at the larger rate: the comparison that tells BN's part from that of the rate."""
    arm = base.arms[FIVE_TIMES]
    if arm.needed != "never":
        return f"Plain at 5 times the rate gets there too, with {_beside(arm)}."
    gone = f": it diverges in {seeds(arm.diverged, base.seeds)}" if arm.diverged else ""
    return f"Plain at 5 times the rate does not get there{gone}."


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
