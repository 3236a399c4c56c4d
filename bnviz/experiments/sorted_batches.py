"""Sorted batches: the same networks on mini-batches of few classes, and on mixed ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.data import Dataset
from bnviz.engine.networks import accuracies
from bnviz.engine.statistics import predicted_in_batches
from bnviz.engine.training import History, Probe, Snapshot
from bnviz.experiments.batches import (
    DEARER,
    PERCENTS,
    REFERENCE,
    BatchesConfig,
    at_records,
    one_training,
    probed,
    thinned,
)
from bnviz.experiments.bounds import bounded
from bnviz.experiments.jobs import Job, Report, side_by_side, silent
from bnviz.experiments.pair import diverged_at
from bnviz.experiments.result import Axes, Floats, Result, Whole

SORTED = ("plain", "batch", "renorm", "layer")
WITH_COMPANY = ("batch", "renorm")  # to the others, training mode is inference mode
CONTROL = "mixed "  # before the name of a training on mini-batches of all classes


class SortedConfig(BatchesConfig):
    """A question of its own: sorted batches of REFERENCE samples."""

    def _runs(self) -> int:
        return 2 * len(SORTED)

    def work(self) -> float:
        """As Settings.work, for all treatments twice; some are tested in company as well."""
        alone = self.one(REFERENCE, self.sorted_updates())
        looked = self.one(REFERENCE, self.sorted_updates(), 2 * len(self.data().test_labels))
        many = len(WITH_COMPANY) + 1  # and BN on mixed batches
        return DEARER * (many * looked + (self._runs() - many) * alone)

    def held(self) -> float:
        """Of layer norm, or of a look at the test set in company."""
        return self.one_held(REFERENCE, 2 * len(self.data().test_labels))


def few_classes(config: BatchesConfig, classes: int) -> SortedConfig:
    """These settings on sorted batches, which have a size of their own."""
    return SortedConfig.like(config, batch_size=REFERENCE, classes=classes)


@dataclass(frozen=True, kw_only=True, repr=False)
class SortedResult(Result):
    """Test accuracies are from 0 to 1, NaN after a divergence; T: the records, as PERCENTS."""

    config: SortedConfig
    steps: Annotated[Whole, Axes("step", "percent of each training")]
    accuracy: Annotated[dict[str, Floats], Axes("treatment seed step", "inference mode")]
    mixed: Annotated[
        dict[str, Floats],
        Axes("treatment seed step", "the same, trained on mixed batches, as often: the control"),
    ]
    in_company: Annotated[
        dict[str, Floats], Axes("treatment seed step", "training mode, test batches alike")
    ]
    mixed_in_company: Annotated[
        Floats, Axes("seed step", "the same of BN trained on mixed batches")
    ]
    among: Annotated[
        Floats, Axes("seed step", "for BN, if only the classes of the batch could be named")
    ]
    diverged_at: Annotated[
        dict[str, Whole], Axes("treatment seed", "update; empty: never", maybe=True)
    ]
    mixed_diverged_at: Annotated[
        dict[str, Whole], Axes("treatment seed", "the same of the control", maybe=True)
    ]


@bounded
def run(config: SortedConfig, report: Report = silent, workers: int = 2) -> SortedResult:
    """Train every treatment on sorted and on mixed batches. Same config, same bits."""
    updates = config.sorted_updates()
    last = side_by_side(_jobs(config, updates), len(PERCENTS), report, workers)
    few = {kind: last[kind] for kind in SORTED}
    mixed = {kind: last[CONTROL + kind] for kind in SORTED}

    def tested(of: Mapping[str, History]) -> dict[str, Floats]:
        return {k: at_records(h.test_accuracies, h, updates) for k, h in of.items()}

    def in_company(kind: str, history: History) -> Floats:
        return at_records(_in_company(kind, history), history, updates)

    return SortedResult(
        config=config,
        steps=np.array(PERCENTS),
        accuracy=tested(few),
        mixed=tested(mixed),
        in_company={kind: in_company(kind, history) for kind, history in few.items()},
        mixed_in_company=in_company("batch", mixed["batch"]),
        among=at_records(probed(few["batch"], "among"), few["batch"], updates),
        diverged_at={kind: diverged_at(history) for kind, history in few.items()},
        mixed_diverged_at={kind: diverged_at(history) for kind, history in mixed.items()},
    )


def _jobs(config: SortedConfig, updates: int) -> dict[str, Job[History]]:
    """Each treatment twice: on sorted batches, and with CONTROL before its name on mixed ones."""
    few = config.in_a_batch()
    company = in_training_mode(config.data(), few)

    def job(kind: str, classes: int | None, looked: bool) -> Job[History]:
        probes = [company] if looked else []
        return thinned(one_training(config, kind, REFERENCE, updates, classes, probes))

    return {kind: job(kind, few, kind in WITH_COMPANY) for kind in SORTED} | {
        CONTROL + kind: job(kind, None, kind == "batch") for kind in SORTED
    }


def _in_company(kind: str, history: History) -> Floats:
    """Test accuracy in training mode, in test batches as sorted as those of the training."""
    return probed(history, "in company") if kind in WITH_COMPANY else history.test_accuracies


def sorted_batches(labels: NDArray[np.int64], classes: int, size: int) -> NDArray[np.int64]:
    """Mini-batches that hold so many classes each, (batches, size), of all samples.

    Neighbouring classes stand together, their samples in a fixed random order; where they do not
    fill the last batch, the first of them fill it up.
    """
    random, rows = np.random.default_rng(7), []
    for first in range(0, int(labels.max()) + 1, classes):
        members = np.flatnonzero((labels >= first) & (labels < first + classes))
        if len(members):
            batches = -(-len(members) // size)
            rows.append(np.resize(random.permutation(members), (batches, size)))
    return np.concatenate(rows)


def in_training_mode(data: Dataset, classes: int) -> Probe:
    """A probe: accuracy on the test set in training mode, in batches of so many classes, (R,).

    "in company": in the usual way; "among": where only the classes of its batch may be named. A
    sample that fills up a batch a second time does not count again.
    """
    batches = sorted_batches(data.test_labels, classes, REFERENCE)
    order = batches.flatten()
    _, first = np.unique(order, return_index=True)
    inputs, labels = torch.tensor(data.test_inputs[order]), torch.tensor(data.test_labels)
    groups = torch.arange(data.classes)[:, None] // classes  # those that stand together
    elsewhere = torch.where(groups == labels // classes, 0.0, -torch.inf)

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        cohort = snapshot.cohort
        outputs = predicted_in_batches(cohort, inputs, REFERENCE)[:, :, first]
        right = labels.expand(cohort.replicas, -1)
        return {
            "in company": accuracies(outputs, right),
            "among": accuracies(outputs + elsewhere, right),
        }

    return probe
