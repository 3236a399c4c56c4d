"""The lab: one run of any network, and any diagnostic on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER
from bnviz.engine.distributions import distance
from bnviz.engine.probes import decisions
from bnviz.engine.training import History, Probe
from bnviz.experiments.bounds import bounded
from bnviz.experiments.data_knobs import DRAWN
from bnviz.experiments.diagnostics import DIAGNOSTICS, Diagnostic, Reason
from bnviz.experiments.jobs import Report, side_by_side, silent
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import NOTHING
from bnviz.experiments.lab_ridges import Ridges, ridges
from bnviz.experiments.pair import diverged_at, smoothed, stacked
from bnviz.experiments.plane import GRID, as_bytes, plane_axis, plane_points
from bnviz.experiments.result import Axes, Floats, Levels, Result, Whole
from bnviz.experiments.training import training


@dataclass(frozen=True, kw_only=True, repr=False)
class LabResult(Result):
    """One run. NaN: after a divergence."""

    config: LabConfig
    steps: Annotated[Whole, Axes("step")]
    losses: Annotated[Floats, Axes("seed step", "mini-batch loss, mean since the last record")]
    test_losses: Annotated[Floats, Axes("seed step", "inference mode")]
    test_accuracies: Annotated[Floats, Axes("seed step", "inference mode, 0 to 1")]
    diverged_at: Annotated[Whole, Axes("seed", "step; empty: never", maybe=True)]
    overflowed: Annotated[
        Whole, Axes("seed", "the first layer to overflow; empty: never", maybe=True)
    ]
    seconds: Annotated[float, Axes("", "of one core, for one step of one network; measured here")]
    parameters: Annotated[int, Axes("", "trainable numbers of one network")]
    moments: Annotated[Whole, Axes("step", "at which the diagnostic was measured")]
    measured: Annotated[
        Mapping[str, Floats],
        Axes("seed step=moments layer=layers", "the diagnostic, see Diagnostic", apart=True),
    ]
    decision: Annotated[
        Levels | None, Axes("step y x", "first seed, P(class 1) x LEVELS; y, x", drawn=True)
    ]
    axis: Annotated[
        Floats | None, Axes("axis place", "coordinates of the map, x and y", drawn=True)
    ]
    points: Annotated[Floats | None, Axes("sample axis", drawn=True)]
    labels: Annotated[Whole | None, Axes("sample", drawn=True)]
    learned: Annotated[
        Floats | None, Axes("sample axis", "training points, of a drawn set alone", drawn=True)
    ] = None
    learned_labels: Annotated[Whole | None, Axes("sample", drawn=True)] = None

    @property
    def segments(self) -> tuple[tuple[int, float], ...]:
        """(first step, learning rate) of each piece of the run."""
        rates = [rate for rate, _ in self.config.pieces]
        return tuple(zip(self.config.starts, rates, strict=True))

    def final(self) -> NDArray[np.float64]:
        """Test accuracy at the end, (seeds,); NaN where it diverged."""
        end = self.test_accuracies[:, -1].astype(np.float64)
        return np.where(self.diverged_at == NEVER, end, np.nan)

    @property
    def diagnostic(self) -> Diagnostic:
        """What was measured; KeyError where nothing was."""
        return DIAGNOSTICS[self.config.diagnostic]

    def layers(self) -> tuple[int, ...]:
        """The layers (from 1; depth + 1 is the output layer) that were measured."""
        return self.diagnostic.layers(self.config)

    def why_not(self) -> Reason | Literal["too large"] | None:
        """Why the diagnostic was not measured on this run; None: it was."""
        if not len(self.moments):
            return "too large"
        return self.diagnostic.why_not(self.config)

    def drift(self) -> NDArray[np.float64]:
        """How far each layer's distribution moved by its last moment, (layers,).

        In the standard deviation of where it was at the start; of the shape "ridges" alone.
        """
        values = self.measured["value"][0].astype(np.float64)
        known = np.flatnonzero(np.isfinite(values).any(axis=(1, 2)))
        start, end = values[0], values[known[-1] if len(known) else 0]
        with np.errstate(all="ignore"):
            moved: NDArray[np.float64] = distance(end, start) / np.maximum(start.std(-1), 1e-12)
        return moved

    def ridges_with(self, other: LabResult) -> tuple[Ridges, Ridges]:
        """Both runs' distributions as densities on one axis, with those of the other."""
        return ridges(self, other)


@dataclass(frozen=True)
class LabelledResult:
    """A result as the pictures show it: under a letter (the arms), or a number (those kept)."""

    label: str  # "A", "B", "1", "2", …
    result: LabResult


def clock_steps(*results: LabResult) -> NDArray[np.int64]:
    """The moments of the page's clock: all that one of the results has recorded."""
    return np.unique(np.concatenate([result.steps for result in results]))


@bounded
def run(config: LabConfig, report: Report = silent, workers: int = 2) -> LabResult:
    """Train one arm. The same config gives the same bits, but for `seconds`.

    A continuation replays what came before it: that is the same to the bit.
    """
    data = config.data()
    axis = plane_axis(data.train_inputs) if data.on_a_plane else None
    probes = [] if axis is None else [decisions(plane_points(axis))]
    moments = config.moments()
    if moments:
        probes.append(_at(moments, DIAGNOSTICS[config.diagnostic].probe(config)))
    jobs = {"run": training(config, record_at=config.records(), probes=probes)}
    history = side_by_side(jobs, config.total_steps, report, workers)["run"]
    plane = axis is not None
    places = np.searchsorted(history.steps, moments)
    decided = stacked({"run": history}, "decision", (GRID * GRID,), ["run"]) if plane else None
    return LabResult(
        config=config,
        steps=history.steps,
        losses=smoothed(history),
        test_losses=history.test_losses,
        test_accuracies=history.test_accuracies,
        diverged_at=diverged_at(history),
        overflowed=np.array([NEVER if one is None else one.layer for one in history.divergences]),
        seconds=history.training_seconds / (config.total_steps * config.seeds),
        parameters=history.cohort.parameter_count(),
        moments=np.array(moments, np.int64),
        measured=_kept(history, config, places),
        decision=None if decided is None else as_bytes(decided[:, 0])[0],
        axis=axis,
        points=data.test_inputs if plane else None,
        labels=data.test_labels if plane else None,
        learned=data.train_inputs if config.dataset == DRAWN else None,
        learned_labels=data.train_labels if config.dataset == DRAWN else None,
    )


def _kept(
    history: History, config: LabConfig, places: NDArray[np.int64]
) -> dict[str, NDArray[np.float32]]:
    """What the diagnostic found at its moments; of whole distributions, the first seed's alone."""
    first = config.diagnostic != NOTHING and DIAGNOSTICS[config.diagnostic].shape == "ridges"
    return {
        name: values[:1, places] if first else values[:, places]
        for name, values in history.probes.items()
        if name in ("value", "low", "high", "zeros")
    }


def _at(moments: Sequence[int], probe: Probe) -> Probe:
    """The probe, at these steps alone."""
    return lambda snapshot: probe(snapshot) if snapshot.step in moments else {}
