"""How two runs of the lab ended, and which of them is ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER
from bnviz.verdicts import criteria, diagnostics, lab_configs
from bnviz.verdicts.diagnostics import Letter

if TYPE_CHECKING:
    from bnviz.experiments.lab import LabResult


class Ended(Protocol):
    """A run of which no more is known than where it ended."""

    def final(self) -> NDArray[np.float64]:
        """Test accuracy at the end, (seeds,); NaN where it diverged."""


Outcome = Literal[
    "same runs", "both diverged", "A diverged", "B diverged", "neither learned",
    "A ahead", "B ahead", "about the same", "undecided",
]  # fmt: skip
TARGET = 0.8  # of test accuracy: of two runs that get there, one is the first
AHEAD: dict[criteria.Leader, Letter | None] = {"first": "A", "second": "B", "neither": None}


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What became of a run when it went on at another rate."""

    start: int  # steps
    end: int
    before: float  # learning rates
    rate: float
    was: float  # test accuracies at both ends: medians of the seeds that had not diverged by `end`
    became: float
    seeds: int  # how many these are

    @property
    def still(self) -> bool:
        return criteria.same_accuracy(self.was, self.became)


@dataclass(frozen=True, kw_only=True)
class End:
    """How one arm ended."""

    letter: Letter
    treatment: str
    seeds: int
    accuracy: float  # test accuracy of the median seed; NaN: this one diverged
    fate: criteria.Fate  # of the median seed
    diverged: tuple[int, ...]  # steps at which seeds diverged
    overflowed: int | None  # the layer that overflowed first in all of these; None: several
    output: int  # the number of the output layer
    turns: tuple[Turn, ...]
    odd: lab_configs.Odd


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Test accuracy averaged over training, in the seeds in which neither arm diverged."""

    a: float  # medians
    b: float
    score: criteria.Score  # A first, B second
    all_seeds: bool

    @property
    def leader(self) -> Letter | None:
        """Who is clearly higher, in the median seed and in more than half of the seeds."""
        return _leader(self.a, self.b, self.score)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What the networks of both arms cost."""

    parameters: tuple[int, int]  # A, B
    step: float | None  # seconds of one, B / A, measured; None: seeds diverged, so it says nothing

    @property
    def dearer(self) -> Letter | None:
        """Whose step takes clearly longer."""
        if self.step is None or 1 / criteria.ALIKE < self.step < criteria.ALIKE:
            return None
        return "B" if self.step > 1 else "A"


@dataclass(frozen=True, kw_only=True)
class LabVerdict:
    """A against B."""

    outcome: Outcome
    a: End
    b: End
    score: criteria.Score  # A first, B second: test accuracy at the end, seed by seed
    leader: Letter | None  # who ends clearly ahead, whether it learned or not
    guessing: float  # its accuracy
    normalized: Letter | None  # who has a normalizer, where that is all in which they differ
    no_help: str | None  # this normalizer, where it does not help
    pace: Pace | None  # None: it would say nothing
    cost: Cost
    measured: diagnostics.Measured | None  # None: nothing was to be
    crossed: tuple[int | None, int | None]  # the step at which the median is at TARGET; None: never

    @property
    def arms(self) -> tuple[End, End]:
        return self.a, self.b


def judge(a: LabResult, b: LabResult) -> LabVerdict:
    """Which arm ends ahead, in how many seeds; and what else the two runs show."""
    apart, ends = lab_configs.differences(a.config, b.config), (_end("A", a), _end("B", b))
    paired = min(a.config.seeds, b.config.seeds)
    score = criteria.score(a.final()[:paired], b.final()[:paired])
    leader = _leader(ends[0].accuracy, ends[1].accuracy, score)
    outcome, normalized = _outcome(apart.count, ends, leader), _normalized(apart, ends)
    return LabVerdict(
        outcome=outcome,
        a=ends[0],
        b=ends[1],
        score=score,
        leader=leader,
        guessing=1 / a.config.data().classes,
        normalized=normalized,
        no_help=_no_help(normalized, ends, outcome, score),
        pace=_pace(a, b) if apart.count and "learned" in (one.fate for one in ends) else None,
        cost=_cost(a, b),
        measured=diagnostics.judge(a, b),
        crossed=(_crossed(a), _crossed(b)),
    )


def _crossed(result: LabResult) -> int | None:
    """The first recorded step at which the median seed, as it is drawn, is at TARGET."""
    there = np.flatnonzero(accuracies(result) >= TARGET)
    return int(result.steps[there[0]]) if len(there) else None


def _leader(a: float, b: float, score: criteria.Score) -> Letter | None:
    """Who is clearly ahead in the median seed, and ahead in more than half of the seeds."""
    leader = criteria.better(a, b)
    return AHEAD[leader] if leader == score.leader else None


def _outcome(differences: int, ends: tuple[End, End], leader: Letter | None) -> Outcome:
    fates = [end.fate for end in ends]
    if not differences:
        return "same runs"
    if fates[0] == fates[1] == "diverged":
        return "both diverged"
    if "diverged" in fates:
        return "A diverged" if fates[0] == "diverged" else "B diverged"
    if "learned" not in fates:
        return "neither learned"
    if leader:
        return "A ahead" if leader == "A" else "B ahead"
    alike = criteria.same_accuracy(ends[0].accuracy, ends[1].accuracy)
    return "about the same" if alike else "undecided"


def _normalized(apart: lab_configs.Differences, ends: tuple[End, End]) -> Letter | None:
    """The one arm that has a normalizer, where that is all that differs."""
    has = [end.letter for end in ends if end.treatment != "plain"]
    return has[0] if len(has) == apart.count == 1 else None


def _no_help(
    normalized: Letter | None, ends: tuple[End, End], outcome: Outcome, score: criteria.Score
) -> str | None:
    """What the one arm is normalized by, where it is no better.

    Who is hardly better, but in more than half of the seeds, is no example of it.
    """
    if normalized is None:
        return None
    behind: tuple[Outcome, Outcome] = ("A diverged", "B ahead")
    if normalized == "B":
        behind = ("B diverged", "A ahead")
    hardly = outcome == "about the same" and AHEAD[score.leader] != normalized
    (kind,) = (end.treatment for end in ends if end.letter == normalized)
    return kind if hardly or outcome in behind else None


def _end(letter: Letter, result: LabResult) -> End:
    config, diverged = result.config, criteria.diverged(result.diverged_at)
    accuracy = kept(result).accuracy
    layers = {int(layer) for layer in result.overflowed[diverged]}
    return End(
        letter=letter,
        treatment=config.treatment,
        seeds=config.seeds,
        accuracy=accuracy,
        fate=criteria.fate(accuracy, config.data().classes),
        diverged=tuple(int(step) for step in result.diverged_at[diverged]),
        overflowed=layers.pop() if len(layers) == 1 and NEVER not in layers else None,
        output=config.depth + 1,
        turns=_turns(result),
        odd=lab_configs.odd(config),
    )


def _turns(result: LabResult) -> tuple[Turn, ...]:
    """What each continuation changed, where a seed lived to see it."""
    found, segments = [], result.segments
    ends = [*result.config.starts[2:], result.config.total_steps]
    for (_, before), (start, rate), end in zip(segments, segments[1:], ends, strict=False):
        columns = np.searchsorted(result.steps, [start, end])
        both = result.test_accuracies[:, columns].astype(np.float64)
        both = both[np.isfinite(both).all(1)]
        if len(both):
            was, became = np.median(both, axis=0)
            found.append(
                Turn(
                    start=start,
                    end=end,
                    before=before,
                    rate=rate,
                    was=float(was),
                    became=float(became),
                    seeds=len(both),
                )
            )
    return tuple(found)


def _pace(a: LabResult, b: LabResult) -> Pace | None:
    """Who was ahead on the way, where both are as long and a pair of seeds is left."""
    if a.steps[-1] != b.steps[-1]:
        return None
    paired = min(a.config.seeds, b.config.seeds)
    lost = [criteria.diverged(arm.diverged_at[:paired]) for arm in (a, b)]
    alive = ~(lost[0] | lost[1])
    if not alive.any():
        return None
    ways: list[NDArray[np.float64]] = [
        criteria.over_training(arm.test_accuracies[:paired][alive].astype(np.float64), arm.steps)
        for arm in (a, b)
    ]
    return Pace(
        a=criteria.median(ways[0]),
        b=criteria.median(ways[1]),
        score=criteria.score(*ways),
        all_seeds=bool(alive.all()),
    )


def _cost(a: LabResult, b: LabResult) -> Cost:
    lost = any(criteria.diverged(arm.diverged_at).any() for arm in (a, b))
    timed = not lost and min(a.seconds, b.seconds) > 0  # where seeds are lost, others get dearer
    return Cost(
        parameters=(a.parameters, b.parameters), step=b.seconds / a.seconds if timed else None
    )


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Where a run ended: its one number, wherever it stands."""

    accuracy: float  # test accuracy of the median seed; NaN: this one diverged
    diverged: int
    seeds: int


def kept(result: Ended) -> Kept:
    """Where this run ended."""
    ends = result.final()
    return Kept(
        accuracy=float(criteria.median_seed(ends)),
        diverged=int(np.isnan(ends).sum()),
        seeds=len(ends),
    )


def accuracies(result: LabResult) -> NDArray[np.float64]:
    """The same at every record, (T,): what a picture draws, which so ends at that number."""
    return criteria.median_seed(result.test_accuracies.T)


def losses(result: LabResult) -> NDArray[np.float64]:
    """The loss of the median seed at every record, (T,); NaN: this one diverged."""
    return -criteria.median_seed(-result.losses.T)
