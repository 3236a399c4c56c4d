"""The experiment of Ioffe & Szegedy (2015, Section 4.2, Figures 2 and 3), in small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.axes import NEVER, Treatment
from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort
from bnviz.engine.threads import one_thread
from bnviz.experiments import sweep
from bnviz.experiments.bounds import FLOAT, bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import LEARNING_RATES, OTHERWISE, Knob, Settings

MEMBERS = 6  # of the paper's ensemble
DEARER = 1.3  # times as long as a sweep in two groups
LONGER = 4  # times as many steps as in the sweep: to the best accuracy


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One network of the paper's experiment, and what became of it there."""

    name: str
    treatment: Treatment
    times: float  # the base rate
    sigmoid: bool
    steps: float  # millions, to the best accuracy of the first one; infinite: never
    best: float  # its best accuracy; NaN: not given
    told: str = ""  # of the paper, instead of numbers


def _arm(name: str, treatment: Treatment, times: float, steps: float, best: float) -> Arm:
    return Arm(
        name=name,
        treatment=treatment,
        times=times,
        sigmoid=name.endswith("sigmoid"),
        steps=steps,
        best=best,
    )


ARMS = (
    _arm("plain", "plain", 1, 31.0, 0.722),
    replace(_arm("plain ×5", "plain", 5, np.inf, np.nan), told="diverges"),
    _arm("BN", "batch", 1, 13.3, 0.727),
    _arm("BN ×5", "batch", 5, 2.1, 0.730),
    _arm("BN ×30", "batch", 30, 2.7, 0.748),
    _arm("BN ×5, sigmoid", "batch", 5, np.inf, 0.698),
)


class PaperConfig(Settings):
    """The shared settings, and the rate of which the arms take 1, 5 and 30 times."""

    base: Annotated[
        float, Knob("Base rate", LEARNING_RATES, "Plain trains at this rate.", 1e-6, 1e3)
    ] = 0.1

    def arms(self) -> tuple[Arm, ...]:
        """The networks on the first axis of a result."""
        return ARMS

    def names(self) -> tuple[str, ...]:
        """What they are called."""
        return tuple(arm.name for arm in self.arms())

    def work(self) -> float:
        """As Settings.work, for all arms."""
        return DEARER * sweep.work(self, len(ARMS) * self.seeds // 2)

    def held(self) -> float:
        return sweep.largest(self, len(ARMS) * self.seeds // 2)

    def kept(self) -> float:
        """The records, and the predictions of all at the end."""
        data = self.data()
        predictions = len(ARMS) * self.seeds * data.classes * len(data.test_labels)
        return 4 * FLOAT * predictions + 3 * OTHERWISE  # measured: three groups' leftovers


@dataclass(frozen=True, kw_only=True, repr=False)
class PaperResult(Result):
    """The arms of ARMS on the first axis. NaN: after a divergence."""

    config: PaperConfig
    steps: Annotated[Whole, Axes("step")]
    test_accuracy: Annotated[Floats, Axes("treatment=names seed step", "inference mode")]
    ensemble: Annotated[
        Floats, Axes("treatment=names", "accuracy of the seeds' averaged prediction at the end")
    ]
    diverged_at: Annotated[Whole, Axes("treatment=names seed", "step; empty: never", maybe=True)]


def pieces(config: Settings, bases: Sequence[float]) -> list[PaperConfig]:
    """The paper's experiment at these settings, from each of these base rates."""
    trained = set(Settings.model_fields) - {"learning_rate"}
    shared = config.model_dump(include=trained)
    shared |= {"seeds": MEMBERS, "steps": min(5000, LONGER * config.steps)}
    return [PaperConfig(**shared | {"base": base}) for base in bases]


@bounded
def run(config: PaperConfig, report: Report = silent, workers: int = 2) -> PaperResult:
    """Train the six arms from the same weights on the same batches. Same config, same bits."""
    places: dict[str, list[int]] = {}  # arms of one architecture train as one group
    for place, arm in enumerate(ARMS):
        places.setdefault(f"{arm.treatment} {arm.sigmoid}", []).append(place)
    groups = {name: _group(config, mine) for name, mine in places.items()}
    runs = sweep.train_groups(config, groups, report, workers, ending=predictions(config.data()))
    accuracy, ensemble = [np.empty(0, np.float32)] * len(ARMS), np.empty(len(ARMS), np.float32)
    lost = [np.empty(0, np.int64)] * len(ARMS)
    for name, mine in places.items():
        for row, place in enumerate(mine):
            seeds = slice(row * config.seeds, (row + 1) * config.seeds)
            accuracy[place] = runs[name].test_accuracies[seeds]
            lost[place] = runs[name].diverged_at[seeds]
            told = runs[name].endings
            assert told is not None
            ensemble[place] = ensemble_accuracy(
                told[seeds][lost[place] == NEVER], config.data().test_labels
            )
    return PaperResult(
        config=config,
        steps=next(iter(runs.values())).steps,
        test_accuracy=np.stack(accuracy),
        ensemble=ensemble,
        diverged_at=np.stack(lost),
    )


def _group(
    config: PaperConfig, places: Sequence[int]
) -> tuple[list[sweep.Start], Mapping[str, Any]]:
    """The starts of the arms that share an architecture, the seeds innermost; the architecture."""
    arms = [ARMS[place] for place in places]
    rates = [arm.times * config.base for arm in arms]
    sigmoid = {"activation": "sigmoid"} if arms[0].sigmoid else {}
    return sweep.grid(config, rates, [config.gain]), {**sweep.PAIR[arms[0].treatment], **sigmoid}


def predictions(data: Dataset) -> sweep.Ending:
    """The probability of each class for each test sample, (R, classes, test samples)."""
    inputs = torch.tensor(data.test_inputs).T

    def ending(cohort: Cohort) -> NDArray[np.float32]:
        with torch.no_grad(), one_thread():
            logits = cohort.forward(inputs.expand(cohort.replicas, -1, -1), "inference")
            told: NDArray[np.float32] = logits.softmax(dim=1).numpy()
        return told

    return ending


def ensemble_accuracy(told: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The share of test samples that the members' averaged probabilities get right.

    `told` is (members, classes, test samples). NaN: there is no member.
    """
    if not len(told):
        return float("nan")
    together = told.astype(np.float64).mean(axis=0)
    return float((together.argmax(axis=0) == labels).mean())
