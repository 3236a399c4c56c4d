"""Do the samples stay apart on their way through untrained layers, and which half of BN does it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import BATCH, CENTRED, DIVIDED, PLAIN
from bnviz.verdicts import criteria

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnviz.experiments.collapse import CollapseResult
    from bnviz.experiments.collapse_trained import TrainedResult

State = Literal["nothing left", "alike", "closer", "apart"]
Outcome = Literal[
    "one sample", "nothing left", "BN alone", "BN further apart", "BN less alike",
    "plain further apart", "both alike", "both closer", "both apart",
]  # fmt: skip
Half = Literal["the mean", "the standard deviation", "either", "both", "no need", "unclear"]
Way = Literal["level", "rises", "falls"]
Height = Literal["nothing left", "low", "middle", "high"]
NearZero = Literal["not near", "directions kept", "directions lost"]

ALIKE = 0.95
"""Mean cosine: from here on a network hardly tells samples apart, their outputs are within 18°."""
CLOSER = 0.1
"""Of the mean cosine. A network that adds less to that of its first layer keeps them apart."""
LOW = 0.7
"""Mean cosine: below it two outputs are more than 45° apart."""
SAME = 0.05
"""Of two mean cosines: what lies closer is about the same."""
LOST = 0.5
"""Of the directions of the first layer: with fewer left, a low cosine does not tell all."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """One kind of network; medians over the seeds."""

    state: State
    first: float  # mean cosine of the first hidden layer
    last: criteria.Range  # of the last
    directions: criteria.Range  # effective rank of the last layer; at most the samples
    first_directions: float  # of the first layer
    way: Way  # from the first layer to the last
    height: Height  # of the last mean cosine
    near_zero: NearZero  # whether that is near 0, and if so, whether directions were lost


@dataclass(frozen=True, kw_only=True)
class CollapseVerdict:
    """Who keeps the samples apart, and by which half of BN."""

    outcome: Outcome
    depth: int
    activation: str
    skip: bool
    samples: int
    seeds: int
    sample_directions: float
    plain: Network
    batch: Network
    larger: int  # seeds in which plain's last mean cosine is larger than BN's by SAME
    smaller: int  # and smaller
    half: Half  # what alone does what BN does
    centred: criteria.Range  # last mean cosine if only the mean is subtracted
    divided: criteria.Range  # if only the standard deviation divides


def judge(result: CollapseResult) -> CollapseVerdict:
    """By the mean cosine of the last hidden layer: the median, and in most seeds."""
    last = result.cosine[:, :, -1]
    plain, batch = (_network(result, row) for row in (PLAIN, BATCH))
    score = criteria.score(last[PLAIN], last[BATCH], within=SAME)
    ends = [criteria.over_seeds(last[row]) for row in (CENTRED, DIVIDED)]
    config = result.config
    return CollapseVerdict(
        outcome=_outcome(config.in_batch(), plain, batch, score),
        depth=config.depth,
        activation=config.activation,
        skip=config.skip == "on",
        samples=config.in_batch(),
        seeds=config.seeds,
        sample_directions=criteria.median(result.rank[PLAIN, :, 0]),
        plain=plain,
        batch=batch,
        larger=score.first,
        smaller=score.second,
        half=_half(last),
        centred=ends[0],
        divided=ends[1],
    )


def _network(result: CollapseResult, row: int) -> Network:
    first, last = (criteria.median(result.cosine[row, :, layer]) for layer in (1, -1))
    directions = [criteria.median(result.rank[row, :, layer]) for layer in (1, -1)]
    return Network(
        state=_state(first, last),
        first=first,
        last=criteria.over_seeds(result.cosine[row, :, -1]),
        directions=criteria.over_seeds(result.rank[row, :, -1]),
        first_directions=directions[0],
        way=_way(first, last),
        height=_height(last),
        near_zero=_near_zero(last, directions[1] < LOST * directions[0]),
    )


def _height(last: float) -> Height:
    if np.isnan(last):
        return "nothing left"
    if last > ALIKE:
        return "high"
    return "middle" if last >= LOW else "low"


def _near_zero(last: float, lost: bool) -> NearZero:
    if not abs(last) < SAME:
        return "not near"
    return "directions lost" if lost else "directions kept"


def _state(first: float, last: float) -> State:
    if np.isnan(last):
        return "nothing left"
    if last >= ALIKE:
        return "alike"
    return "closer" if last > first + CLOSER else "apart"


def _way(first: float, last: float) -> Way:
    if abs(last - first) < SAME or np.isnan(last):
        return "level"
    return "rises" if last > first else "falls"


def _outcome(samples: int, plain: Network, batch: Network, score: criteria.Score) -> Outcome:
    if samples == 1:
        return "one sample"
    if plain.state == "nothing left" or batch.state == "nothing left":
        return "nothing left"
    leader = score.leader
    if leader == "first" and batch.state != "apart":
        return "BN less alike"
    if leader == "first":
        return "BN alone" if plain.state == "alike" else "BN further apart"
    if leader == "second":
        return "plain further apart"
    return _both(max(plain.last.middle, batch.last.middle), (plain.state, batch.state))


def _both(highest: float, states: Sequence[State]) -> Outcome:
    if highest >= ALIKE:
        return "both alike"
    return "both closer" if "closer" in states else "both apart"


def _half(last: NDArray[np.float64]) -> Half:
    """Which half alone ends as low as BN, in most seeds; no need: plain does, too."""
    reached = [_as_low(last[row], last[BATCH]) for row in (PLAIN, CENTRED, DIVIDED)]
    if None in reached:
        return "unclear"
    plain, mean, deviation = reached
    if plain:
        return "no need"
    if mean and deviation:
        return "either"
    if mean or deviation:
        return "the mean" if mean else "the standard deviation"
    return "both"


def _as_low(one: NDArray[np.float64], batch: NDArray[np.float64]) -> bool | None:
    """Whether its cosine ends no higher than BN's, in most seeds; None: neither in most seeds."""
    known = np.isfinite(one) & np.isfinite(batch)
    low = int((one[known] < batch[known] + SAME).sum())
    if criteria.majority(low, one.size):
        return True
    return False if criteria.majority(int(known.sum()) - low, one.size) else None


Learning = Literal["BN alone", "plain alone", "both", "neither"]


@dataclass(frozen=True, kw_only=True)
class TrainedVerdict:
    """What becomes of the pair when it is trained."""

    learning: Learning  # which of them learned, by the median
    standing: criteria.Standing  # who ends clearly higher
    steps: int
    seeds: int
    accuracy: tuple[float, float]  # median test accuracy; NaN: most diverged
    before: tuple[float, float]  # mean cosine of the last hidden layer at step 0, median
    after: tuple[float, float]  # and at the end; NaN: diverged
    diverged: tuple[int, int]  # seeds
    in_spite: bool  # plain starts more alike, and yet it ends clearly higher


def judge_trained(result: TrainedResult) -> TrainedVerdict:
    """Who learns, and whether the samples come apart."""
    last, classes = result.test_accuracy[:, :, -1], result.config.data().classes
    plain, batch = (criteria.usual(row) for row in last)
    lost = criteria.diverged(result.diverged_at).sum(axis=1)
    before, after = (criteria.medians(result.cosine[:, :, column]) for column in (0, -1))
    standing = criteria.standing(last[PLAIN], last[BATCH])
    return TrainedVerdict(
        learning=_learning(criteria.learned(plain, classes), criteria.learned(batch, classes)),
        standing=standing,
        steps=result.config.steps,
        seeds=result.config.seeds,
        accuracy=(plain, batch),
        before=(float(before[PLAIN]), float(before[BATCH])),
        after=(float(after[PLAIN]), float(after[BATCH])),
        diverged=(int(lost[PLAIN]), int(lost[BATCH])),
        in_spite=standing == "first" and bool(before[PLAIN] > before[BATCH] + SAME),
    )


def _learning(plain: bool, batch: bool) -> Learning:
    if plain and batch:
        return "both"
    if plain or batch:
        return "plain alone" if plain else "BN alone"
    return "neither"
