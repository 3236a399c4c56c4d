"""What lessons that compare a measure of plain and of BN say alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import any_seeds, many, seeds, times, times_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnviz.verdicts.criteria import Comparison, Lost


def factor(compared: Comparison) -> str:
    """How many times the larger measure is the smaller one, by the median seed: 9.6 times."""
    return times(compared.factor.middle)


def over_seeds(compared: Comparison) -> str:
    """Between what that lies, and in how many seeds the larger one is the larger one."""
    one = compared.factor
    if one.seeds == 1:
        return "Only one seed can be compared."
    where, spread = seeds(compared.agree, one.seeds), times_between(one.low, one.high)
    if spread == factor(compared):
        return f"It is more in {where}."
    return f"Over the seeds it is {spread}, and more in {where}."


NO_BN = "Neither network has BN here: there is nothing to compare."


def no_bn(normalized_layers: str, depth: int) -> str:
    """That the layers chosen for BN are none."""
    return (
        f'"{normalized_layers}" of {many(depth, "hidden layer")} is no layer at all. Neither'
        " network has BN, and both are the same."
    )


def no_comparison(
    fell: tuple[int, int],
    of: int,
    moral: str = "A network that does not learn can look perfectly smooth.",
) -> str:
    """That there is no pair in which both losses fell."""
    if not any(fell):
        return f"Neither training loss fell to less than half in {any_seeds(of, of)}. {moral}"
    plain, batch = (seeds(number, of) for number in fell)
    return (
        f"Plain's training loss fell to less than half in {plain}, BN's in {batch}, and in no seed"
        f" did both. {moral}"
    )


def nothing_fell(fell: tuple[int, int]) -> str:
    """The same in one line, for a headline."""
    plain, batch = fell
    if plain and batch:
        return "In no seed did both losses fall by half: there is nothing to compare."
    if not plain and not batch:
        return "Neither loss fell by half: there is nothing to compare."
    whose = "Plain's" if batch else "BN's"
    return f"{whose} loss did not fall by half: there is nothing to compare."


def not_compared(lost: Sequence[Lost]) -> tuple[str, ...]:
    """What became of the seeds in which a loss did not fall; a sentence for each treatment."""
    return tuple(_fates(one) for one in lost if one.diverged or one.stuck)


def _fates(lost: Lost) -> str:
    name, fates = SUBJECTS[lost.treatment], []
    if lost.diverged:
        fates.append(f"{name} diverged in {seeds(lost.diverged, lost.seeds)}.")
    if lost.stuck:
        stuck = any_seeds(lost.stuck, lost.seeds)
        fates.append(f"The loss of {NAMES[lost.treatment]} did not fall by half in {stuck}.")
    if lost.diverged + lost.stuck == 1:
        return " ".join((*fates, "This pair is drawn, but not compared."))
    return " ".join((*fates, "These pairs are drawn, but not compared."))
