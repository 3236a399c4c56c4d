"""Who of BN's relatives does well, and what it has to do with the numbers behind a mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import MIXTURE
from bnviz.verdicts import criteria
from bnviz.verdicts.criteria import SAME, Standing, standing, usual

if TYPE_CHECKING:
    from bnviz.experiments.relatives import RelativesResult

Outcome = Literal["diverged", "nobody", "alike", "unclear", "only plain", "one behind", "matters"]
Beside = Literal["between", "above", "below", "unclear"]

CURVES = ("plain", "batch", "layer", "group", "instance")  # that are drawn over training
ALONE = ("layer", "group", "instance")  # these never look at another sample
MOVED = 0.05  # of a share: below this, switchable norm has hardly chosen


@dataclass(frozen=True, kw_only=True)
class Span:
    """The best and the worst of some kinds, by the medians."""

    kinds: int
    best: str
    high: float  # test accuracy
    worst: str
    low: float
    lowest: tuple[str, ...]  # the worst, and those that are level with it
    level: float  # the highest of these


@dataclass(frozen=True, kw_only=True)
class Company:
    """BN beside the best of those that need no batch."""

    batch: float
    rival: str
    alone: float
    leader: Standing  # the rival first, BN second
    ahead: int  # seeds in which that one clearly is


@dataclass(frozen=True, kw_only=True)
class Space:
    """Instance norm beside layer norm, and the numbers behind a mean of each."""

    instance: float
    layer: float
    leader: Standing  # instance norm first
    numbers: tuple[int, int]
    learned: bool  # instance norm
    learned_in: int  # seeds

    @property
    def one_pixel(self) -> bool:
        """Whether instance norm has nothing to average: it hands on beta."""
        return self.numbers[0] == 1


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Group norm, between layer norm (one group) and instance norm (a group each)."""

    many: int
    in_each: int  # channels
    accuracy: float
    beside: Beside  # the other two; unclear: beyond both, but not in most seeds
    twin: Literal["layer", "instance"] | None  # whose accuracies are its own, in every seed


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """What switchable norm makes the means of the last convolution of, on average over seeds."""

    shares: tuple[float, ...]  # in the order of MIXTURE; their sum is 1
    moved: bool  # from equal shares, in the median seed
    steps: int
    seeds: int


@dataclass(frozen=True, kw_only=True)
class Help:
    """The normalized networks beside plain."""

    plain: float
    best: str
    accuracy: float  # of the best
    better: tuple[str, ...]  # those that are clearly ahead of plain
    unclear: bool  # the best is ahead, but not in most seeds


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Switchable norm beside the best of what it mixes."""

    switchable: float
    best: str
    accuracy: float
    leader: Standing  # switchable norm first


@dataclass(frozen=True, kw_only=True)
class Lost:
    """Networks of one kind that diverged."""

    kind: str
    seeds: int


@dataclass(frozen=True, kw_only=True)
class RelativesVerdict:
    """Test accuracies at the end, of the kinds that did not diverge in most seeds."""

    outcome: Outcome
    kinds: int  # that were trained
    seeds: int
    samples: int  # of a mini-batch
    numbers: int  # behind a mean of BN in the last convolution
    known: Span | None  # None: all diverged
    normalized: Span | None  # the same without plain
    apart: Span | None  # of these, the best, and the lowest of those that are clearly behind it
    company: Company | None
    space: Space | None
    groups: Groups | None
    mixture: Mixture | None
    help: Help | None
    parts: Parts | None
    last: str | None  # who is clearly behind every other; None: nobody alone
    highest: str | None  # of the curves that are drawn, at the end; None: several, or none learns
    lost: tuple[Lost, ...]

    @property
    def compared(self) -> bool:
        """Whether any network learns, so that there is something to compare."""
        return self.outcome not in {"diverged", "nobody"}


def highest(accuracies: Mapping[str, float]) -> str:
    return max(accuracies, key=accuracies.__getitem__)


def lowest(accuracies: Mapping[str, float]) -> str:
    return min(accuracies, key=accuracies.__getitem__)


def end(result: RelativesResult, kind: str) -> float:
    """Test accuracy at the end; NaN where most networks of this kind diverged."""
    return usual(result.accuracy[kind][:, -1])


def judge(result: RelativesResult) -> RelativesVerdict:
    """Who is ahead of whom, at the end of training, by the medians and in most seeds."""
    ends = {kind: end(result, kind) for kind in result.accuracy}
    known = {kind: accuracy for kind, accuracy in ends.items() if np.isfinite(accuracy)}
    normalized = {kind: accuracy for kind, accuracy in known.items() if kind != "plain"}
    config, helped = result.config, _help(result, known, normalized)
    outcome = _outcome(result, known, normalized, helped)
    compared = outcome not in {"diverged", "nobody"}
    return RelativesVerdict(
        outcome=outcome,
        kinds=len(ends),
        seeds=config.seeds,
        samples=config.in_batch(),
        numbers=config.numbers("batch"),
        known=_span(known),
        normalized=_span(normalized),
        apart=_apart(result, normalized),
        company=_company(result, known) if compared else None,
        space=_space(result, known) if compared else None,
        groups=_groups(result, known) if compared else None,
        mixture=_mixture(result) if "switchable" in known else None,
        help=helped if compared else None,
        parts=_parts(result, known) if compared else None,
        last=_last(result, known) if compared else None,
        highest=_highest(known) if compared else None,
        lost=_lost(result.diverged_at),
    )


def _span(known: Mapping[str, float]) -> Span | None:
    if not known:
        return None
    best, worst = highest(known), lowest(known)
    level = [kind for kind in known if known[kind] - known[worst] < SAME]
    return Span(
        kinds=len(known),
        best=best,
        high=known[best],
        worst=worst,
        low=known[worst],
        lowest=tuple(level),
        level=max(known[kind] for kind in level),
    )


def _leader(result: RelativesResult, one: str, other: str) -> Standing:
    return standing(result.accuracy[one][:, -1], result.accuracy[other][:, -1])


def _behind(result: RelativesResult, known: Mapping[str, float]) -> list[str]:
    """Those that are clearly behind the best of them."""
    best = highest(known)
    return [kind for kind in known if _leader(result, best, kind) == "first"]


def _apart(result: RelativesResult, normalized: Mapping[str, float]) -> Span | None:
    behind = _behind(result, normalized) if normalized else []
    if not behind:
        return None
    return _span({kind: normalized[kind] for kind in (highest(normalized), *behind)})


def _alike(result: RelativesResult, known: Mapping[str, float]) -> bool:
    """Whether all of them are about as good as the best of them."""
    best = highest(known)
    return all(_leader(result, best, kind) == "same" for kind in known)


def _outcome(
    result: RelativesResult,
    known: Mapping[str, float],
    normalized: Mapping[str, float],
    helped: Help | None,
) -> Outcome:
    """One judgement for headline and belief: do the normalizers differ from one another?"""
    classes = result.config.data().classes
    if not known:
        return "diverged"
    if not any(criteria.learned(one, classes) for one in known.values()):
        return "nobody"
    if normalized and _behind(result, normalized):
        return "one behind" if _behind(result, known) == [_last(result, known)] else "matters"
    if normalized and not _alike(result, normalized):
        return "unclear"
    if helped and (helped.better or _leader(result, "plain", helped.best) == "first"):
        return "only plain"
    return "alike" if _alike(result, known) else "unclear"


def _company(result: RelativesResult, known: Mapping[str, float]) -> Company | None:
    rivals = {kind: known[kind] for kind in ALONE if kind in known}
    if not rivals or "batch" not in known:
        return None
    rival = highest(rivals)
    ends = [result.accuracy[kind][:, -1] for kind in (rival, "batch")]
    leader, counted = standing(*ends), criteria.score(*ends, within=SAME)
    return Company(
        batch=known["batch"],
        rival=rival,
        alone=rivals[rival],
        leader=leader,
        ahead={"first": counted.first, "second": counted.second}.get(leader, 0),
    )


def _space(result: RelativesResult, known: Mapping[str, float]) -> Space | None:
    if not {"instance", "layer"} <= set(known):
        return None
    numbers = result.config.numbers("instance"), result.config.numbers("layer")
    classes, ends = result.config.data().classes, result.accuracy["instance"][:, -1]
    return Space(
        instance=known["instance"],
        layer=known["layer"],
        leader=_leader(result, "instance", "layer"),
        numbers=numbers,
        learned=criteria.learned(known["instance"], classes),
        learned_in=sum(criteria.learned(float(one), classes) for one in ends),
    )


def _groups(result: RelativesResult, known: Mapping[str, float]) -> Groups | None:
    if not set(ALONE) <= set(known):
        return None
    leaders = {_leader(result, "group", other) for other in ("layer", "instance")}
    in_each = result.config.in_a_group()
    return Groups(
        many=result.config.width // in_each,
        in_each=in_each,
        accuracy=known["group"],
        beside=_beside(known, leaders),
        twin=_twin(result),
    )


def _twin(result: RelativesResult) -> Literal["layer", "instance"] | None:
    """Who has the accuracies of group norm in every seed and at every record; both: nobody."""
    own = result.accuracy["group"]
    twins: list[Literal["layer", "instance"]] = [
        kind
        for kind in ("layer", "instance")
        if np.array_equal(own, result.accuracy[kind], equal_nan=True)
    ]
    return twins[0] if len(twins) == 1 else None


def _beside(known: Mapping[str, float], leaders: set[Standing]) -> Beside:
    """Group norm beside the other two, from how it stands to each."""
    if leaders == {"first"}:
        return "above"
    if leaders == {"second"}:
        return "below"
    low, high = sorted((known["layer"], known["instance"]))
    return "between" if low - SAME < known["group"] < high + SAME else "unclear"


def _mixture(result: RelativesResult) -> Mixture | None:
    """A mean over the seeds, whose parts sum to 1, as those of a median need not."""
    shares = result.shares[:, -1, -1, 0].astype(np.float64)  # of the means, last convolution
    there = shares[np.isfinite(shares).all(axis=1)]
    if not len(there):
        return None
    return Mixture(
        shares=tuple(map(float, there.mean(axis=0))),
        moved=criteria.median(np.abs(there - 1 / len(MIXTURE)).max(axis=1)) >= MOVED,
        steps=int(result.steps[-1]),
        seeds=len(there),
    )


def _help(
    result: RelativesResult, known: Mapping[str, float], normalized: Mapping[str, float]
) -> Help | None:
    if "plain" not in known or not normalized:
        return None
    best = highest(normalized)
    return Help(
        plain=known["plain"],
        best=best,
        accuracy=normalized[best],
        better=tuple(kind for kind in normalized if _leader(result, kind, "plain") == "first"),
        unclear=normalized[best] > known["plain"] and _leader(result, best, "plain") == "unclear",
    )


def _parts(result: RelativesResult, known: Mapping[str, float]) -> Parts | None:
    parts = {kind: known[kind] for kind in MIXTURE if kind in known}
    if not parts or "switchable" not in known:
        return None
    best = highest(parts)
    return Parts(
        switchable=known["switchable"],
        best=best,
        accuracy=parts[best],
        leader=_leader(result, "switchable", best),
    )


def _last(result: RelativesResult, known: Mapping[str, float]) -> str | None:
    worst = lowest(known)
    others = [kind for kind in known if kind != worst]
    alone = others and all(_leader(result, kind, worst) == "first" for kind in others)
    return worst if alone else None


def _highest(known: Mapping[str, float]) -> str | None:
    """Of CURVES; a tie is nobody's."""
    drawn = {kind: known[kind] for kind in CURVES if kind in known}
    best = [kind for kind, end in drawn.items() if end == max(drawn.values())]
    return best[0] if len(best) == 1 else None


def _lost(diverged_at: Mapping[str, NDArray[np.int64]]) -> tuple[Lost, ...]:
    gone = {kind: int(criteria.diverged(at).sum()) for kind, at in diverged_at.items()}
    return tuple(Lost(kind=kind, seeds=seeds) for kind, seeds in gone.items() if seeds)
