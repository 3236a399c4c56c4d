"""Two cohorts that start from the same weights and see the same batches: plain and BN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER, TREATMENTS
from bnviz.engine.training import History, Probe
from bnviz.experiments.running import Report, side_by_side, silent
from bnviz.experiments.settings import Settings
from bnviz.experiments.training import training

NAMES = {"plain": "plain", "batch": "BN"}
"""What a reader calls the treatments."""
SUBJECTS = {"plain": "Plain", "batch": "BN"}
"""The same at the start of a sentence."""

NOTHING = 0.15  # of accuracy above guessing: a network within it has learned nothing


def train_pair(
    config: Settings,
    normalized: tuple[int, ...],
    probes: Sequence[Probe] = (),
    report: Report = silent,
    workers: int = 2,
    *,
    record_at: Sequence[int] | None = None,
    tested: bool = True,
    **changes: Any,
) -> dict[str, History]:
    """Train `config.seeds` pairs; the BN networks have BN in the hidden layers `normalized`.

    `changes` go to the architecture of both.
    """
    both = {"normalized": normalized, **changes}
    arms = {
        "plain": {"normalizer": "none", **both},
        "batch": {"normalizer": "batch" if normalized else "none", **both},
    }
    return train_arms(config, arms, probes, report, workers, record_at=record_at, tested=tested)


def train_arms(
    config: Settings,
    arms: Mapping[str, Mapping[str, Any]],
    probes: Sequence[Probe] = (),
    report: Report = silent,
    workers: int = 2,
    *,
    record_at: Sequence[int] | None = None,
    tested: bool = True,
) -> dict[str, History]:
    """Train `config.seeds` networks of each arm, from the same weights, on the same batches.

    An arm is what it changes in the architecture; `probes` look at all of them.
    """
    jobs = {
        name: training(config, changes, record_at=record_at, probes=probes, tested=tested)
        for name, changes in arms.items()
    }
    return side_by_side(jobs, config.steps, report, workers)


def smoothed(history: History) -> NDArray[np.float32]:
    """The mini-batch loss at each record, (seeds, T): its mean over the steps since the last."""
    loss, ends = history.batch_losses, history.steps
    starts = np.concatenate([[0], ends[:-1]])
    columns = [
        loss[:, min(a, loss.shape[1] - 1) : b].mean(1) if b > a else loss[:, a]
        for a, b in zip(starts, ends, strict=True)
    ]
    return np.stack(columns, axis=1)


FELL = 0.5  # of its first loss: a network below it has learned something
LAST = 0.1  # of the steps, over which the last loss is averaged


def fell(history: History) -> NDArray[np.bool_]:
    """Whether each seed's mini-batch loss fell to less than half of the first, (seeds,)."""
    last = max(1, round(LAST * history.batch_losses.shape[1]))
    end = history.batch_losses[:, -last:].mean(axis=1)  # NaN after a divergence: did not fall
    stayed = diverged_at(history) == NEVER  # a divergence after the last update leaves no NaN
    below: NDArray[np.bool_] = (end < FELL * history.batch_losses[:, 0]) & stayed
    return below


def median(values: NDArray[np.floating]) -> float:
    """The median of those that are finite; NaN where none is."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def medians(values: NDArray[Any]) -> NDArray[np.float64]:
    """The same over the last axis, of values (…, seeds)."""
    middle = [median(row) for row in values.reshape(-1, values.shape[-1])]
    return np.array(middle, np.float64).reshape(values.shape[:-1])


def portion(share: float) -> str:
    """A share, such as an accuracy, as the sentences write it: 96 %."""
    return f"{100 * share:.0f} %" if np.isfinite(share) else "no number (diverged)"


def in_points(difference: float) -> str:
    """How far two shares are apart, whichever is the larger one: 1 point; 13 points."""
    points = f"{100 * abs(difference):.0f}"
    return f"{points} point" if points == "1" else f"{points} points"


def sample_name(config: Settings, label: int) -> str:
    """What a reader calls one test sample of this class."""
    if config.dataset != "digits":
        return f"the test point of class {label}"
    return f"the test image of {'an' if label == 8 else 'a'} {label}"


RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(value: float) -> str:
    """The nearest power of ten: 10⁻¹³."""
    return f"10{f'{np.log10(value):.0f}'.translate(RAISED)}"


def count(number: int, of: int) -> str:
    """3 of 5 seeds; all 5 seeds; none of 5 seeds; the one seed."""
    if of == 1:
        return "the one seed" if number else "no seed"
    return f"all {of} seeds" if number == of else f"{number or 'none'} of {of} seeds"


def typical_seed(final: NDArray[np.float32]) -> int:
    """The seed that ends nearest to the median of all, in both treatments together.

    final: (2, seeds) test accuracy; NaN, after a divergence, counts as no right answer at all.
    """
    accuracy = np.nan_to_num(final.astype(np.float64))
    return int(np.abs(accuracy - np.median(accuracy, axis=1, keepdims=True)).sum(axis=0).argmin())


def in_steps(number: float) -> str:
    """1 step; 43 steps; 20.5 steps."""
    return "1 step" if number == 1 else f"{number:g} steps"


def at_steps(some: NDArray[np.int64]) -> str:
    """When it happened: step 7; steps 7 to 12."""
    return f"step {some[0]}" if len(set(some)) == 1 else f"steps {min(some)} to {max(some)}"


def any_of(number: int, of: int) -> str:
    """The same after a "did not": 3 of 5 seeds; any of 5 seeds, where all of them would mislead."""
    return count(number, of).replace("all", "any of")


OVERFLOWED = 1e30  # in place of a measure that a 32-bit float cannot hold
ALIKE = 1.2  # times: two measures closer than this are called about the same


@dataclass(frozen=True)
class Comparison:
    """One measure, plain against BN, in the seeds where both losses fell."""

    ratio: float  # plain / BN, median over these seeds
    larger: int  # in how many of them plain's is the larger one
    seeds: int

    @property
    def rougher(self) -> str:
        """The treatment whose measure is clearly the larger one, or "" if neither's is."""
        return "plain" if self.ratio > ALIKE else "batch" if self.ratio < 1 / ALIKE else ""

    @property
    def factor(self) -> str:
        """How many times the larger one is the smaller one, in words."""
        return times(max(self.ratio, 1 / self.ratio) if self.ratio > 0 else np.inf)


def compare(
    values: NDArray[np.floating], steps: NDArray[np.int64], counts: NDArray[np.bool_]
) -> Comparison:
    """Plain against BN in a measure, (2, seeds, T), averaged over the steps of training.

    Only the seeds that count, (seeds,), of which there must be one.
    """
    known = np.nan_to_num(values[:, counts].astype(np.float64), nan=OVERFLOWED, posinf=OVERFLOWED)
    plain, batch = over_training(known, steps)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(plain == batch, 1.0, plain / batch)
    return Comparison(float(np.median(ratios)), int((ratios > 1).sum()), len(ratios))


def over_training(values: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean over the steps of training, (…), of values at the records, (…, T).

    Between two records it goes along a straight line: early records, which stand close
    together, do not count for more.
    """
    if len(steps) == 1:
        return values[..., 0]
    mean: NDArray[np.float64] = np.trapezoid(values, steps, axis=-1) / (steps[-1] - steps[0])
    return mean


def times(ratio: float) -> str:
    """1.3 times; 412 times; more than a million times."""
    if ratio > 1e6:
        return "more than a million times"
    return f"{ratio:.1f} times" if ratio < 100 else f"{ratio:,.0f} times"


def no_comparison(
    fell_in: NDArray[np.bool_], moral: str = "What does not learn can look perfectly smooth."
) -> str:
    """That there is no pair in which both losses fell, from (2, seeds)."""
    plain, batch = (count(int(row.sum()), len(row)) for row in fell_in)
    return (
        f"**No comparison here**: the training loss fell to less than half in {plain} without BN"
        f" and in {batch} with it, never in both of a pair. {moral}"
    )


def not_compared(lost_at: NDArray[np.int64], fell_in: NDArray[np.bool_]) -> list[str]:
    """What became of the seeds in which a loss did not fall; a sentence for each treatment."""
    sentences = []
    for treatment, name in enumerate(TREATMENTS):
        diverged = int((lost_at[treatment] != NEVER).sum())
        stuck = int((~fell_in[treatment] & (lost_at[treatment] == NEVER)).sum())
        fates = [
            f"{verb} in {of(number, len(fell_in[treatment]))}"
            for verb, number, of in (
                ("diverged", diverged, count),
                ("its loss did not fall by half", stuck, any_of),
            )
            if number
        ]
        if fates:
            pairs = "This pair is" if diverged + stuck == 1 else "These pairs are"
            sentences.append(
                f"{SUBJECTS[name]}: {', '.join(fates)}. {pairs} drawn, but not compared."
            )
    return sentences


def diverged_at(history: History) -> NDArray[np.int64]:
    """The step at which each seed diverged, (seeds,); NEVER where it did not."""
    return np.array([NEVER if d is None else d.step for d in history.divergences])


def stacked(
    histories: dict[str, History],
    name: str,
    shape: tuple[int, ...],
    arms: Sequence[str] = TREATMENTS,
) -> NDArray[np.float32]:
    """One probe of all arms, (arms, seeds, T, *shape); NaN where nothing was recorded.

    A cohort that diverged before its first record has recorded nothing at all.
    """
    arrays = []
    for arm in arms:
        history = histories[arm]
        found = history.probes.get(name)
        if found is None:
            found = np.full((*history.test_losses.shape, *shape), np.nan, np.float32)
        arrays.append(found)
    return np.stack(arrays)


def keeping(history: History, replicas: Sequence[int] = ()) -> History:
    """The history with these of its trained networks alone, so that the others' memory is free."""
    return replace(history, cohort=history.cohort.select(replicas))
