"""The race: plain against BN, by steps and by seconds, to a target accuracy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.engine.networks import Cohort
from bnviz.engine.probes import decisions
from bnviz.engine.training import History, recording_steps, train
from bnviz.experiments.bounds import FLOAT, bounded
from bnviz.experiments.pair import (
    NAMES,
    NEVER,
    TREATMENTS,
    at_steps,
    count,
    diverged_at,
    in_steps,
    smoothed,
    stacked,
    train_pair,
    typical_seed,
)
from bnviz.experiments.running import Report, silent
from bnviz.experiments.settings import (
    NORMALIZED,
    Depth,
    LearningRate,
    NormalizedLayers,
    Settings,
    Target,
    percent,
)

TIMED = 12  # steps, to time fresh networks where a run lost some
GRID = 48  # points along each side of the map of decisions


class RaceConfig(Settings):
    """The shared settings, which layers have BN, and the accuracy that ends the race."""

    depth: Depth = 6
    learning_rate: LearningRate = 0.32
    normalized_layers: NormalizedLayers = "all"
    target: Target = 0.9

    def work(self) -> float:
        """As Settings.work, with maps of the plane and the steps that are only timed."""
        cost, seeds = self.cost(), self.seeds
        timed = cost.start(seeds) + self.timed() * cost.step(seeds, self.in_batch())
        drawn = cost.look(1, GRID * GRID) * len(recording_steps(self.steps)) * self._on_a_plane()
        return super().work() + 2 * (timed + drawn)

    def kept(self) -> float:
        """As Settings.kept, with the maps of the plane."""
        numbers = 6 * self.seeds * len(recording_steps(self.steps)) * GRID * GRID
        return super().kept() + FLOAT * numbers * self._on_a_plane()

    def held(self) -> float:
        cost = self.cost()
        drawn = cost.passing(1, GRID * GRID) + cost.parameters(1)
        return self.training_memory(drawn * self._on_a_plane())

    def after(self) -> float:
        return self.cost().training(self.seeds, self.in_batch())

    def timed(self) -> int:
        """Steps that are timed where a run lost networks."""
        return min(TIMED, self.steps)

    def _on_a_plane(self) -> bool:
        return self.data().features == 2


@dataclass(frozen=True)
class RaceResult:
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: RaceConfig
    steps: NDArray[np.int64]  # (T,)
    train_loss: NDArray[np.float32]  # (2, seeds, T) mini-batch loss, mean since the last record
    test_loss: NDArray[np.float32]  # (2, seeds, T) inference mode
    test_accuracy: NDArray[np.float32]  # (2, seeds, T) inference mode, 0 to 1
    diverged_at: NDArray[np.int64]  # (2, seeds) step, or NEVER
    seconds_per_step: NDArray[np.float64]  # (2,) for one network, of one core; measured here
    parameters: NDArray[np.int64]  # (2,) trainable numbers of one network
    decision: NDArray[np.uint8] | None  # (2, T, GRID, GRID) of `typical`, P(class 1) x 250; y, x
    axis: NDArray[np.float32] | None  # (2, GRID) coordinates of the map, x and y
    points: NDArray[np.float32] | None  # (test samples, 2)
    labels: NDArray[np.int64] | None  # (test samples,)

    @property
    def typical(self) -> int:
        """The place of the seed whose networks are drawn on the plane: see typical_seed."""
        return typical_seed(self.test_accuracy[..., -1])

    def steps_to_target(self) -> NDArray[np.int64]:
        """The first recorded step at the target accuracy, (2, seeds), or NEVER."""
        reached = self.test_accuracy >= self.config.target
        return np.where(reached.any(-1), self.steps[reached.argmax(-1)], NEVER)


@bounded
def run(config: RaceConfig, report: Report = silent, workers: int = 2) -> RaceResult:
    """Train the pairs. The same config gives the same bits, but for `seconds_per_step`."""
    data = config.data()
    axis = plane_axis(data.train_inputs) if data.features == 2 else None
    probes = [] if axis is None else [decisions(plane_points(axis))]
    normalized = NORMALIZED[config.normalized_layers](config.depth)
    histories = train_pair(config, normalized, probes, report, workers)
    plane = axis is not None
    accuracy = np.stack([histories[t].test_accuracies for t in TREATMENTS])
    drawn = typical_seed(accuracy[..., -1])
    return RaceResult(
        config,
        histories["plain"].steps,
        np.stack([smoothed(histories[t]) for t in TREATMENTS]),
        np.stack([histories[t].test_losses for t in TREATMENTS]),
        accuracy,
        np.stack([diverged_at(histories[t]) for t in TREATMENTS]),
        np.array([_step_cost(histories[t], config) for t in TREATMENTS]),
        np.array([histories[t].cohort.parameter_count() for t in TREATMENTS]),
        as_bytes(stacked(histories, "decision", (GRID * GRID,))[:, drawn]) if plane else None,
        axis,
        data.test_inputs if plane else None,
        data.test_labels if plane else None,
    )


def plane_axis(points: NDArray[np.float32]) -> NDArray[np.float32]:
    margin = 0.25
    low, high = points.min(0) - margin, points.max(0) + margin
    return np.linspace(low, high, GRID, dtype=np.float32).T


def plane_points(axis: NDArray[np.float32]) -> torch.Tensor:
    x, y = np.meshgrid(axis[0], axis[1])
    return torch.tensor(np.stack([x.ravel(), y.ravel()], axis=1))


def as_bytes(probability: NDArray[np.float32]) -> NDArray[np.uint8]:
    """250 levels are all a colour scale shows; 125 (undecided) where the network diverged."""
    filled = np.nan_to_num(probability, nan=0.5)
    return np.rint(250 * filled).astype(np.uint8).reshape(*filled.shape[:2], GRID, GRID)


def _step_cost(history: History, config: RaceConfig) -> float:
    """Processor seconds of one step of one network.

    Where networks were lost on the way, the others' steps were dearer than in full company; then
    a few steps of as many fresh networks are timed instead, at a rate of zero.
    """
    if all(divergence is None for divergence in history.divergences):
        return history.training_seconds / (config.steps * config.seeds)
    seeds, data = range(config.seeds), config.data()
    steps = config.timed()
    plan = replace(config.plan(config.seeds), learning_rates=(0.0,) * config.seeds, steps=steps)
    fresh = train(Cohort(history.cohort.architecture, seeds), seeds, data, plan, record_at=[])
    return fresh.training_seconds / (steps * config.seeds)


Unit = Literal["steps", "seconds"]
UNITS: tuple[Unit, ...] = ("steps", "seconds")


def findings(result: RaceResult, unit: Unit = "steps") -> list[str]:
    """What this run shows, in sentences, each computed from it; the first counts in `unit`."""
    return [_winner(result, unit), *_losses_of_seeds(result), _cost(result)]


def _winner(result: RaceResult, unit: Unit) -> str:
    if _without_bn(result):
        return (
            f'**No race here**: "{result.config.normalized_layers}" of'
            f" {_layers(result.config.depth)} is no layer at all. Neither network has BN, and both"
            " are the same."
        )
    target, reached = percent(result.config.target), result.steps_to_target()
    plain, batch = (row[row != NEVER] for row in reached)
    after = [_after(result, treatment, unit) for treatment in range(2)]
    seeds = result.config.seeds
    if not plain.size and not batch.size:
        best = [_best(accuracies, result.config.target) for accuracies in result.test_accuracy]
        return (
            f"**Neither network reached {target}** in {in_steps(result.config.steps)}:"
            f" plain's best was {best[0]}, BN's {best[1]}."
        )
    if not plain.size:
        return (
            f"**Only BN reached {target}**: after {after[1]},"
            f" in {count(len(batch), seeds)}."
            f" Plain did not, in {in_steps(result.config.steps)}."
        )
    if not batch.size:
        return (
            f"**Only plain reached {target}**: after {after[0]},"
            f" in {count(len(plain), seeds)}."
            f" BN did not, in {in_steps(result.config.steps)}: here it does not help."
        )
    return _both(result, unit)


def _without_bn(result: RaceResult) -> bool:
    """Whether the knobs leave no layer with BN, as the second half of one layer does."""
    return not NORMALIZED[result.config.normalized_layers](result.config.depth)


def _layers(depth: int) -> str:
    return "1 hidden layer" if depth == 1 else f"{depth} hidden layers"


def _best(accuracies: NDArray[np.float32], target: float) -> str:
    """In whole percent; with a decimal where rounding would say that it is the target."""
    known = accuracies[np.isfinite(accuracies)]
    if not known.size:
        return "no number at all"
    best = 100 * float(known.max())
    return f"{best:.1f} %" if round(best) >= 100 * target else f"{best:.0f} %"


def _both(result: RaceResult, unit: Unit) -> str:
    reached, seeds = result.steps_to_target(), result.config.seeds
    never_last = np.where(reached == NEVER, np.inf, reached * _each(result, unit)[:, None])
    ahead = int((never_last[1] < never_last[0]).sum())
    behind = int((never_last[1] > never_last[0]).sum())
    target = percent(result.config.target)
    short = [
        f"{name} got there in {count(int((own != NEVER).sum()), seeds)}"
        for name, own in (("BN", reached[1]), ("plain", reached[0]))
        if (own == NEVER).any()
    ]
    even = int(((never_last[0] == never_last[1]) & (reached[0] != NEVER)).sum())
    if even and ahead != behind:
        short.append(f"a draw in {count(even, seeds)}")
    of = "; ".join((["medians"] if seeds > 1 else []) + short)
    plain, batch = (_after(result, treatment, unit) for treatment in range(2))
    times = f"BN reached {target} after {batch}, plain after {plain}"
    times += f" ({of})" if of else ""
    if ahead > behind:
        return f"**BN was faster in {count(ahead, seeds)}.** {times}."
    if behind > ahead:
        return f"**BN was slower in {count(behind, seeds)}**: here it does not help. {times}."
    return f"**A draw**: neither was faster in more seeds than the other. {times}."


def _each(result: RaceResult, unit: Unit) -> NDArray[np.float64]:
    """How much of the unit one step of each treatment takes."""
    return result.seconds_per_step if unit == "seconds" else np.ones(2)


def _after(result: RaceResult, treatment: int, unit: Unit) -> str:
    """When the treatment reached the target: the median of the seeds that did."""
    row = result.steps_to_target()[treatment]
    if not (row != NEVER).any():
        return "never"
    middle = float(np.median(row[row != NEVER]))
    if unit == "steps":
        return in_steps(middle)
    return f"{middle * _each(result, unit)[treatment]:.2g} seconds"


def _losses_of_seeds(result: RaceResult) -> list[str]:
    sentences = []
    for row, name in zip(result.diverged_at, ("Plain", "BN"), strict=True):
        lost = row[row != NEVER]
        if len(lost):
            sentences.append(
                f"{name} diverged in {count(len(lost), result.config.seeds)}, at {at_steps(lost)}:"
                " its loss stopped being a number."
            )
    return sentences


def _cost(result: RaceResult) -> str:
    if _without_bn(result):
        return "A step of two equal networks costs the same: what was measured beyond is chance."
    more = 100 * (result.parameters[1] / result.parameters[0] - 1)
    sentence = f"BN has {more:.1f} % more parameters, and one step took {_dearer(result)}"
    winner = first_by_seconds(result)
    if winner:
        return f"{sentence}: counted in seconds, {winner} reached the target first."
    if (result.steps_to_target() == NEVER).all():
        return f"{sentence}."
    return (
        f"{sentence}. Neither reached the target in more than half of the seeds, so that none is"
        " first in seconds."
    )


def _dearer(result: RaceResult) -> str:
    plain, batch = result.seconds_per_step
    ratio = f"{batch / plain:.1f}"
    return f"{'about' if ratio == '1.0' else f'{ratio} times'} as long as without it"


def first_by_seconds(result: RaceResult) -> str | None:
    """Who reached the target in less time, by the median seed; None: neither did.

    A seed that never did counts as infinitely late. Where neither network has BN, nobody wins.
    """
    if _without_bn(result):
        return None
    reached = result.steps_to_target()
    late = np.where(reached == NEVER, np.inf, reached)
    plain, batch = np.median(late, axis=1) * result.seconds_per_step
    if np.isinf(plain) and np.isinf(batch):
        return None
    return "BN" if batch < plain else "plain"


def costs(result: RaceResult) -> dict[str, list[str]]:
    """A small table: what one network of each treatment costs."""
    return {
        "network": [NAMES[t] for t in TREATMENTS],
        "one step of one network": [f"{1000 * s:.2f} ms" for s in result.seconds_per_step],
        "parameters": [f"{n:,}" for n in result.parameters],
    }


def more_seeds(config: RaceConfig, pieces: int = 4) -> list[RaceConfig]:
    """The same race with seeds that the run on the page has not seen, five at a time."""
    first = config.first_seed + config.seeds
    starts = range(first, first + 5 * pieces, 5)
    return [config.model_copy(update={"seeds": 5, "first_seed": start}) for start in starts]


def tally(results: list[RaceResult]) -> str:
    """Who reached the target in fewer steps, counted over the seeds of several runs."""
    reached = np.concatenate([result.steps_to_target() for result in results], axis=1)
    late = np.where(reached == NEVER, np.iinfo(np.int64).max, reached)
    batch, plain = int((late[1] < late[0]).sum()), int((late[1] > late[0]).sum())
    total, target = reached.shape[1], percent(results[0].config.target)
    return (
        f"Of {total} further pairs, BN reached {target} in fewer steps in **{batch}**,"
        f" plain in **{plain}**, and neither of them in **{total - batch - plain}**."
    )
