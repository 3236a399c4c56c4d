"""Dropout and the batch size, beside the noise of the chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, PLAIN, TREATMENTS, Treatment
from bnviz.verdicts import criteria, noise

if TYPE_CHECKING:
    from bnviz.experiments.noise import NoiseResult
    from bnviz.experiments.other_noises import PairResult

Effect = Literal["helps", "little", "harms", "lost", "lost without"]


@dataclass(frozen=True, kw_only=True)
class Dropout:
    """What dropout does to one treatment. Accuracies are those of the median seed."""

    treatment: Treatment
    effect: Effect  # of the best rate that is done; lost: most seeds diverge at every rate
    rates: tuple[float, ...]  # those than which the best one is not clearly better
    best: float  # test accuracy at the best rate; NaN: lost
    without: float  # NaN: lost without dropout


@dataclass(frozen=True, kw_only=True)
class DropoutVerdict:
    treatments: tuple[Dropout, Dropout]
    chunks: noise.Chunks | None  # BN without dropout, in its best chunks


def judge_dropout(result: NoiseResult, pairs: Sequence[PairResult]) -> DropoutVerdict:
    """Whether any of these rates of dropout beats the same network without, plain and BN."""
    rates = [pair.config.dropout for pair in pairs]
    plain, batch = (
        _dropout(name, rates, [pair.test_accuracy[row] for pair in pairs], _without(result, row))
        for row, name in enumerate(TREATMENTS)
    )
    return DropoutVerdict(treatments=(plain, batch), chunks=noise.judge(result).best)


def _without(result: NoiseResult, treatment: int) -> NDArray[np.floating]:
    return result.test_accuracy[PLAIN if treatment == PLAIN else noise.WHOLE, :, -1]


def _dropout(
    treatment: Treatment,
    rates: list[float],
    ends: list[NDArray[np.floating]],
    without: NDArray[np.floating],
) -> Dropout:
    """One treatment: test accuracy at each rate, and without dropout, (seeds,) each."""
    top, places = _top(ends)
    return Dropout(
        treatment=treatment,
        effect=_effect(None if top is None else ends[top], without),
        rates=tuple(rates[place] for place in places),
        best=float("nan") if top is None else criteria.usual(ends[top]),
        without=criteria.usual(without),
    )


def _effect(with_it: NDArray[np.floating] | None, without: NDArray[np.floating]) -> Effect:
    if with_it is None:
        return "lost"
    if np.isnan(criteria.usual(without)):
        return "lost without"
    effects: dict[criteria.Leader, Effect]
    effects = {"first": "helps", "second": "harms", "neither": "little"}
    return effects[criteria.clearly(with_it, without)]


def _top(ends: Sequence[NDArray[np.floating]]) -> tuple[int | None, tuple[int, ...]]:
    """The place of the highest accuracy, and all than which it is not clearly better."""
    middle = np.array([criteria.usual(some) for some in ends])
    if not np.isfinite(middle).any():
        return None, ()
    top = int(np.nanargmax(middle))
    level = (place for place, some in enumerate(ends) if _level(ends[top], some))
    return top, tuple(level)


def _level(best: NDArray[np.floating], other: NDArray[np.floating]) -> bool:
    return criteria.clearly(best, other) == "neither"


@dataclass(frozen=True, kw_only=True)
class SizesVerdict:
    """BN by batch size beside BN by chunk size, of the median seed."""

    sizes: tuple[int, ...]  # the batch sizes than which the best is not clearly better; none: lost
    best: float  # test accuracy
    plain: tuple[float, float] | None  # the lowest and the highest of plain; None: lost
    widest: tuple[float, int] | None  # batches and chunks of the same size: most apart, and where


def judge_sizes(result: NoiseResult, pairs: Sequence[PairResult]) -> SizesVerdict:
    """At which batch sizes BN does best, and whether chunks as large do as well."""
    plain = np.array([criteria.usual(pair.test_accuracy[PLAIN]) for pair in pairs])
    batch = [pair.test_accuracy[BATCH] for pair in pairs]
    sizes = [pair.config.batch_size for pair in pairs]
    top, places = _top(batch)
    known = plain[np.isfinite(plain)]
    return SizesVerdict(
        sizes=tuple(sizes[place] for place in places),
        best=float("nan") if top is None else criteria.usual(batch[top]),
        plain=(float(known.min()), float(known.max())) if known.size else None,
        widest=_widest(result, dict(zip(sizes, batch, strict=True))),
    )


def _widest(
    result: NoiseResult, by_size: dict[int, NDArray[np.floating]]
) -> tuple[float, int] | None:
    """How far batches and chunks of one size are apart in accuracy at most, and at which size."""
    apart = [
        (abs(criteria.usual(by_size[int(chunk)]) - criteria.usual(ends)), int(chunk))
        for chunk, ends in zip(result.chunks, result.test_accuracy[1:, :, -1], strict=True)
        if int(chunk) in by_size
    ]
    known = [one for one in apart if np.isfinite(one[0])]
    return max(known) if known else None
