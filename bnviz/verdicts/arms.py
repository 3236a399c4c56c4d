"""Networks of several arms, judged one by one and two by two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from numpy.typing import ArrayLike

from bnviz.verdicts import criteria
from bnviz.verdicts.criteria import Fate, Standing

if TYPE_CHECKING:
    from bnviz.experiments.placement import PlacementResult

Unlearned = Literal["all diverged", "none learns", "others learn"]
Help = Literal["none learns", "helps", "harms", "no help"]


@dataclass(frozen=True, kw_only=True)
class Arm:
    """How the networks of one arm ended."""

    name: str
    accuracy: float  # on test data, the median of the seeds; NaN: most diverged
    fate: Fate
    lost: int  # seeds that diverged

    @property
    def learned(self) -> bool:
        return self.fate == "learned"


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Two arms, seed by seed."""

    standing: Standing  # who is clearly more accurate
    ahead: int  # in how many seeds that one is


class Arms:
    """A result with its arms judged."""

    def __init__(self, result: PlacementResult) -> None:
        self.result = result
        self.each = {name: arm(result, name) for name in result.arms}

    def learned(self, *names: str) -> bool:
        """Whether any of these does."""
        return any(self.each[name].learned for name in names)

    def contest(self, one: str, other: str) -> Contest:
        return contest(self.result.ends(one), self.result.ends(other))

    def beats(self, one: str, other: str) -> bool:
        return self.contest(one, other).standing == "first"

    def unlearned(self, *names: str) -> Unlearned | None:
        """Where none of these learns: whether any network does; None: one of them learns."""
        if self.learned(*names):
            return None
        if all(arm.fate == "diverged" for arm in self.each.values()):
            return "all diverged"
        return "others learn" if self.learned(*self.each) else "none learns"

    def help(self, one: str, plain: str = "plain") -> Help:
        """What an arm does beside plain."""
        if not self.learned(one, plain):
            return "none learns"
        helps: dict[Standing, Help] = {"first": "helps", "second": "harms"}
        return helps.get(self.contest(one, plain).standing, "no help")

    def layers(self, arm: str, values: str = "by_layer") -> list[float]:
        """The median of the seeds at the end, by layer."""
        found = getattr(self.result, values)
        return [criteria.median(layer) for layer in found[self.result.place(arm), :, -1].T]


def arm(result: PlacementResult, name: str) -> Arm:
    """How the networks of this name ended."""
    accuracy = criteria.usual(result.ends(name))
    return Arm(
        name=name,
        accuracy=accuracy,
        fate=criteria.fate(accuracy, result.config.data().classes),
        lost=int(criteria.diverged(result.diverged_at[result.place(name)]).sum()),
    )


def contest(one: ArrayLike, other: ArrayLike) -> Contest:
    """Of test accuracies, (seeds,) each; NaN: it diverged."""
    standing = criteria.standing(one, other)
    counted = criteria.score(one, other, within=criteria.SAME)
    ahead = {"first": counted.first, "second": counted.second}
    return Contest(standing=standing, ahead=ahead.get(standing, 0))
