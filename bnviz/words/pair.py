"""What lessons that compare a measure of plain and of BN say alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.names import SUBJECTS
from bnviz.words.numbers import any_seeds, many, seeds, times, times_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnviz.verdicts.criteria import Comparison, Lost


def factor(compared: Comparison) -> str:
    """How many times the larger measure is the smaller one, by the median seed: 9.6 times."""
    return times(compared.factor.middle)


def over_seeds(compared: Comparison) -> str:
    """Between what that lies, and in how many seeds it is so: 5.6 to 12 times, in all 5 seeds."""
    one = compared.factor
    if one.seeds == 1:
        return "in the one seed compared"
    more, spread = f"more in {seeds(compared.agree, one.seeds)}", times_between(one.low, one.high)
    return more if spread == factor(compared) else f"{spread}, {more}"


def no_bn(normalized_layers: str, depth: int) -> str:
    """That the layers chosen for BN are none, as the second half of one."""
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
    whose = "Plain's" if batch else "BN's" if plain else "Neither"
    denied = "loss fell" if whose == "Neither" else "loss did not fall"
    return f"{whose} {denied} by half: there is nothing to compare."


def not_compared(lost: Sequence[Lost]) -> tuple[str, ...]:
    """What became of the seeds in which a loss did not fall; a sentence for each treatment."""
    return tuple(_fates(one) for one in lost if one.diverged or one.stuck)


def _fates(lost: Lost) -> str:
    fates = []
    if lost.diverged:
        fates.append(f"diverged in {seeds(lost.diverged, lost.seeds)}")
    if lost.stuck:
        fates.append(f"its loss did not fall by half in {any_seeds(lost.stuck, lost.seeds)}")
    pairs = "This pair is" if lost.diverged + lost.stuck == 1 else "These pairs are"
    return f"{SUBJECTS[lost.treatment]}: {', '.join(fates)}. {pairs} drawn, but not compared."
