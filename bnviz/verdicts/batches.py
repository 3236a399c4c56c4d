"""At which batch sizes BN breaks: held against layer norm, which never looks at other samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.verdicts import criteria
from bnviz.verdicts.criteria import SAME, Leader, Standing, clearly, standing, usual

if TYPE_CHECKING:
    from bnviz.experiments.batches import BatchesResult, FullResult

Where = Literal["nowhere", "small", "everywhere", "elsewhere", "unclear"]
Cure = Literal["much", "some", "in few seeds", "none"]
Felt = Literal["no more", "less", "alone", "more"]

MENDED = 0.5  # of what BN is behind by: precise statistics that give so much back mend it


@dataclass(frozen=True, kw_only=True)
class AtSize:
    """Test accuracies at the end of training with one batch size; NaN: most networks diverged."""

    size: int  # samples in a mini-batch
    plain: float
    batch: float
    layer: float
    precise: float  # BN with precise statistics
    against_layer: Standing  # layer norm first, BN second: who is clearly more accurate
    against_plain: Standing  # plain first, BN second
    mended: Leader  # BN with precise statistics first, with running averages second
    worse_in: int  # seeds in which BN is clearly behind layer norm

    @property
    def behind(self) -> bool:
        """Whether BN is clearly behind layer norm."""
        return self.against_layer == "first"


@dataclass(frozen=True, kw_only=True)
class Noise:
    """What each loses from the largest batches to the smallest of two or more samples."""

    large: int
    small: int
    batch: float  # in accuracy
    plain: float | None  # None: it learns in neither
    layer: float | None
    felt: Felt  # BN loses no more than the others; they gain more; it alone loses; it loses more


@dataclass(frozen=True, kw_only=True)
class Mending:
    """What precise statistics give back where they give most, of the sizes where BN is behind."""

    cure: Cure
    at: AtSize


@dataclass(frozen=True, kw_only=True)
class Lost:
    """Runs of one treatment that diverged, of how many."""

    kind: str
    runs: int
    of: int


@dataclass(frozen=True, kw_only=True)
class BatchesVerdict:
    """BN beside layer norm and plain, by batch size."""

    sizes: tuple[AtSize, ...]  # increasing
    seeds: int
    classes: int
    reference: bool  # whether layer norm learns at all, so that BN can be held against it
    where: Where  # BN is clearly behind
    noise: Noise | None  # None: a network diverged, or BN does not learn
    helped: AtSize | None  # where BN is furthest ahead of plain; None: nowhere clearly
    no_help: bool  # BN is nowhere ahead of plain, not even in few seeds
    plain_trains: bool  # at every size
    mending: Mending | None  # None: BN is nowhere behind, or diverged there
    cure: Cure | None  # the same in the smallest batches
    lost: tuple[Lost, ...]

    @property
    def smallest(self) -> AtSize:
        return self.sizes[0]

    @property
    def largest(self) -> AtSize:
        return self.sizes[-1]

    @property
    def fate(self) -> criteria.Fate:
        """What became of BN in the smallest batches."""
        return criteria.fate(self.smallest.batch, self.classes)

    @property
    def behind(self) -> tuple[AtSize, ...]:
        """The sizes at which BN is clearly behind layer norm."""
        return tuple(at for at in self.sizes if at.behind)

    @property
    def plain_ahead(self) -> tuple[AtSize, ...]:
        """The sizes at which BN is clearly behind plain."""
        return tuple(at for at in self.sizes if at.against_plain == "first")

    @property
    def worst_beside_plain(self) -> AtSize:
        """Of these, the one at which BN is furthest behind plain."""
        return max(self.plain_ahead, key=lambda at: _gap(at.plain, at.batch))

    @property
    def ahead(self) -> AtSize | None:
        """Where BN is furthest ahead of layer norm; None: nowhere clearly."""
        there = [at for at in self.sizes if at.against_layer == "second"]
        return max(there, key=lambda at: _gap(at.batch, at.layer), default=None)


def judge(result: BatchesResult) -> BatchesVerdict:
    """Where BN is clearly behind layer norm, what it is not due to, and what mends it."""
    sizes = tuple(_at_size(result, place) for place in range(len(result.sizes)))
    classes = result.config.data().classes
    return BatchesVerdict(
        sizes=sizes,
        seeds=result.config.seeds,
        classes=classes,
        reference=_reference(sizes, classes),
        where=_where(sizes),
        noise=_noise(sizes, classes),
        helped=_helped(sizes),
        no_help=all(_gap(at.batch, at.plain) < SAME for at in sizes),
        plain_trains=all(criteria.learned(at.plain, classes) for at in sizes),
        mending=_mending(sizes),
        cure=_cure(sizes[0]) if _can_be_mended(sizes[0]) else None,
        lost=lost(result.diverged_at),
    )


def _at_size(result: BatchesResult, place: int) -> AtSize:
    plain, batch, layer = (
        result.accuracy[kind][place, :, -1] for kind in ("plain", "batch", "layer")
    )
    precise = result.precise[place]
    return AtSize(
        size=int(result.sizes[place]),
        plain=usual(plain),
        batch=usual(batch),
        layer=usual(layer),
        precise=usual(precise),
        against_layer=standing(layer, batch),
        against_plain=standing(plain, batch),
        mended=clearly(precise, batch),
        worse_in=criteria.score(layer, batch, within=SAME).first,
    )


def _reference(sizes: Sequence[AtSize], classes: int) -> bool:
    """Whether layer norm ends with a number in the smallest and largest batches, and learns."""
    layer = [sizes[place].layer for place in (0, -1)]
    return bool(np.isfinite(layer).all()) and any(criteria.learned(one, classes) for one in layer)


def _where(sizes: Sequence[AtSize]) -> Where:
    """Where BN is clearly behind; in the smallest batches the seeds may not agree."""
    small = sizes[0]
    if small.against_layer == "unclear" and _gap(small.layer, small.batch) > 0:
        return "unclear"
    return where([at.behind for at in sizes])


def where(behind: Sequence[bool]) -> Where:
    """Where it is so, of sizes that increase: small is from the smallest up to some size."""
    if not any(behind):
        return "nowhere"
    if all(behind):
        return "everywhere"
    return "small" if all(behind[: sum(behind)]) else "elsewhere"


def _noise(sizes: Sequence[AtSize], classes: int) -> Noise | None:
    """Networks without batch statistics feel the noise of small batches in the gradient alone.

    A batch of one is left out: its statistics have no noise, BN's output is beta.
    """
    several = [at for at in sizes if at.size > 1]
    small, large = several[0], several[-1]
    lost: dict[str, float | None] = {}
    for kind in ("plain", "batch", "layer"):
        ends = np.array([getattr(small, kind), getattr(large, kind)])
        if not np.isfinite(ends).all():
            return None
        learns = criteria.learned(float(ends.max()), classes)
        lost[kind] = float(ends[1] - ends[0]) if learns else None
    others = [one for one in (lost["plain"], lost["layer"]) if one is not None]
    if lost["batch"] is None or not others:
        return None
    return Noise(
        large=large.size,
        small=small.size,
        batch=lost["batch"],
        plain=lost["plain"],
        layer=lost["layer"],
        felt=_felt(lost["batch"], max(others)),
    )


def _felt(batch: float, others: float) -> Felt:
    if batch < others + SAME:
        return "no more"
    if batch < SAME:
        return "less"
    return "alone" if others < SAME else "more"


def _helped(sizes: Sequence[AtSize]) -> AtSize | None:
    there = [at for at in sizes if at.against_plain == "second"]
    return max(there, key=lambda at: _gap(at.batch, at.plain), default=None)


def _gap(first: float, second: float) -> float:
    """By how much the first is ahead; a network that diverged has no right answer."""
    return float(np.nan_to_num(first) - np.nan_to_num(second))


def _mending(sizes: Sequence[AtSize]) -> Mending | None:
    behind = list(filter(_can_be_mended, sizes))
    if not behind:
        return None
    at = max(behind, key=lambda one: (one.mended == "first", one.precise - one.batch))
    return Mending(cure=_cure(at), at=at)


def _can_be_mended(at: AtSize) -> bool:
    return at.behind and bool(np.isfinite(at.precise - at.batch))


def _cure(at: AtSize) -> Cure:
    gained = at.precise - at.batch
    if at.mended != "first":
        return "in few seeds" if gained >= SAME else "none"
    return "much" if gained >= MENDED * (at.layer - at.batch) else "some"


def lost(diverged: Mapping[str, NDArray[np.int64]]) -> tuple[Lost, ...]:
    """Who diverged, of treatments with the step at which each run did, or NEVER."""
    gone = {kind: criteria.diverged(steps) for kind, steps in diverged.items()}
    return tuple(
        Lost(kind=kind, runs=int(of.sum()), of=of.size) for kind, of in gone.items() if of.any()
    )


@dataclass(frozen=True, kw_only=True)
class FullVerdict:
    """The whole training, in the smallest batches that there are yet; and where BN is behind."""

    size: int
    ends: dict[str, float]  # test accuracy by treatment
    precise: float  # of BN
    behind: tuple[int, ...]  # batch sizes at which BN is clearly behind layer norm


def judge_full(results: Sequence[FullResult]) -> FullVerdict:
    """All treatments after the whole training, by batch size."""
    ordered = sorted(results, key=lambda one: one.config.batch_size)
    small = ordered[0]
    return FullVerdict(
        size=small.config.batch_size,
        ends={kind: usual(values) for kind, values in small.accuracy.items()},
        precise=usual(small.precise),
        behind=tuple(
            one.config.batch_size
            for one in ordered
            if clearly(one.accuracy["layer"], one.accuracy["batch"]) == "first"
        ),
    )
