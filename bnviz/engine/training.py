"""One training run of a cohort, and what it records."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.architecture import Architecture
from bnviz.engine.batches import batch_order
from bnviz.engine.data import Dataset
from bnviz.engine.divergence import Divergence, diagnosis
from bnviz.engine.hidden_rates import hidden_gradients
from bnviz.engine.layers import by_replica, chosen_replicas
from bnviz.engine.networks import Cohort, accuracies, losses
from bnviz.engine.optimizers import OPTIMIZERS
from bnviz.engine.parts import in_parts
from bnviz.engine.plan import Plan
from bnviz.engine.threads import one_thread

EARLY = 8  # steps that are all recorded
ALARM = 3.0  # times its first loss: from here on every gradient of a replica is looked at
TESTED = 2**18  # values of one layer that are computed together in a test: more leave the cache

Coming = Callable[[], list[Tensor]]


@dataclass
class Snapshot:
    """What a probe sees: the cohort before the update of `step`, and that step's batch.

    Before the update is before the batch: the running statistics, too, are those of the batches
    that came earlier, as they would be if the training ended here. `cohort` holds the replicas
    that are still finite; `gradients` pairs with its parameters. At the last record, after the
    last update, the gradient is that of the batch that would have come next.
    """

    step: int
    cohort: Cohort  # R replicas
    kept: list[int]  # which replicas of the whole cohort these are, (R,)
    inputs: Tensor  # (R, features, batch)
    labels: Tensor  # (R, batch)
    losses: Tensor  # (R,) mean cross entropy of the batch
    gradients: list[Tensor]  # of these losses; `cohort.by_layer` puts them in their places
    coming: Coming = list  # the parameters after the update of this step, as copies
    random: list[Tensor] = field(default_factory=list)  # state of each replica's generator before
    # the pass that gave these gradients; empty where that pass draws nothing
    after_batch: Callable[[], AbstractContextManager[None]] = nullcontext
    # inside, the running statistics are those that this batch is taken into


Probe = Callable[[Snapshot], Mapping[str, Tensor]]
"""Measures a moment without changing it.

It returns tensors by name, (R, …): the first axis is the replica, as in the moment's cohort, and
the rest has the same shape at every record. A name may be missing at some of them (NaN there).
"""


@dataclass
class History:
    """What a training run left behind. Missing after a divergence: NaN."""

    steps: NDArray[np.int64]  # (T,) the recorded steps; t means: after t updates
    batch_losses: NDArray[np.float32]  # (R, steps) mini-batch loss, before each update
    test_losses: NDArray[np.float32]  # (R, T) inference mode
    test_accuracies: NDArray[np.float32]  # (R, T) inference mode
    probes: dict[str, NDArray[np.float32]]  # name -> (R, T, …)
    divergences: list[Divergence | None]  # (R,)
    cohort: Cohort  # as it is at the end
    training_seconds: float  # of this thread's processor, without the recording
    recording_seconds: float


Progress = Callable[[int], None]
"""Called with the number of finished steps at a steady pace; may raise to stop the run."""


def recording_steps(steps: int, count: int = 28) -> list[int]:
    """About `count` steps from 0 to `steps`, in order: each of the first few, then ever fewer.

    Most of what goes wrong goes wrong within EARLY steps. The first, the second and the last are
    always among them; where there are no more than `count`, all are.
    """
    if steps <= count:
        return list(range(steps + 1))
    early = min(EARLY, count // 2)
    spread = np.linspace(0, 1, count - early) ** 1.5
    later = (early + round((steps - early) * float(x)) for x in spread)
    return sorted({0, 1, *range(early), *later})


def train(
    cohort: Cohort,
    seeds: Sequence[int],
    data: Dataset,
    plan: Plan,
    *,
    record_at: Sequence[int] | None = None,
    probes: Sequence[Probe] = (),
    tested: bool = True,
    progress: Progress | None = None,
) -> History:
    """Train the cohort in place and return what was recorded.

    At each step, every replica r updates theta_r from the gradient of its mean cross entropy on
    the mini-batch that `seeds[r]` draws, with `plan.learning_rates[r]`. A record belongs to the
    state before its batch: after so many updates, with the running statistics of the batches
    before. Recording changes nothing, not even the state in which the cohort ends. A replica whose
    loss or gradient stops being finite is taken out before the update that would have spread it,
    and costs the others nothing from then on; it stays as it was.

    cohort: R replicas; the data are taken in the dtype of its parameters.
    seeds: one a replica, for the order of the batches alone (the weights have theirs in Cohort).
    data: train inputs (samples, features), labels (samples,); likewise for testing.
    record_at: steps from 0 (before any update) to `plan.steps` (after the last), in any order;
    None: recording_steps(plan.steps).
    probes: what is measured at each record beside the test set; their names share one space.
    tested: whether loss and accuracy of the whole test set, in inference mode, are part of a
    record; NaN otherwise.
    progress: called with the number of finished steps; what it raises ends the training.

    Raises ValueError where seeds, learning rates and replicas are not as many, or a record is out
    of range; and what the normalizer raises for a batch it cannot take.
    """
    if not len(seeds) == len(plan.learning_rates) == cohort.replicas:
        raise ValueError(
            f"{len(seeds)} seeds and {len(plan.learning_rates)} learning rates"
            f" for {cohort.replicas} replicas; one each"
        )
    steps = recording_steps(plan.steps) if record_at is None else sorted(set(record_at))
    if steps and not 0 <= steps[0] <= steps[-1] <= plan.steps:
        raise ValueError(f"record_at is {steps}; each must be from 0 to {plan.steps}")
    with one_thread():
        probes = [_on_test_set(data), *probes] if tested else probes
        return _Run(
            cohort=cohort,
            seeds=seeds,
            data=data,
            plan=plan,
            record_at=steps,
            probes=probes,
            progress=progress,
        ).history()


class _Run:
    """The state of one training run: who is still active, and what was recorded so far."""

    def __init__(
        self,
        cohort: Cohort,
        seeds: Sequence[int],
        data: Dataset,
        plan: Plan,
        record_at: Sequence[int],
        probes: Sequence[Probe],
        progress: Progress | None,
    ) -> None:
        dtype = cohort.layers[0].weight.dtype
        self.whole, self.active = cohort, cohort
        self.kept = list(range(cohort.replicas))  # which replicas of `whole` are in `active`
        self.parameters = cohort.parameters()
        self.earlier = cohort.running_state()  # without the batch that was looked at last
        self.plan, self.probes, self.progress = plan, probes, progress
        self.inputs = torch.tensor(data.train_inputs, dtype=dtype)
        self.labels = torch.tensor(data.train_labels)
        self.order = batch_order(seeds, self.labels, plan)
        self.optimizer = OPTIMIZERS[plan.optimizer](
            self.parameters, plan.learning_rates, plan.weight_decay, cohort.masks()
        )
        self.record_at = np.asarray(record_at, dtype=np.int64)
        self.batch_losses = np.full((cohort.replicas, plan.steps), np.nan, np.float32)
        self.records: dict[str, NDArray[np.float32]] = {}
        self.divergences: list[Divergence | None] = [None] * cohort.replicas
        self.alarming: NDArray[np.float64] | None = None  # losses, of each in `active`

    def history(self) -> History:
        recording, next_record = 0.0, 0
        started = time.thread_time()
        for step in range(self.plan.steps + 1):
            due = next_record < len(self.record_at) and self.record_at[next_record] == step
            if step == self.plan.steps and not due:
                break
            snapshot = self._look(step)
            if snapshot is None:  # nobody is left
                break
            if due:
                before = time.thread_time()
                self._record(next_record, snapshot)
                recording += time.thread_time() - before
                next_record += 1
            if step < self.plan.steps:
                self.batch_losses[self.kept, step] = snapshot.losses.numpy()
                self._update(snapshot.gradients, step)
                if self.progress is not None:
                    self.progress(step + 1)
            else:
                self._undo(snapshot)
            del snapshot  # its gradients, before the next step has its own
        self._paste()
        empty = np.full((self.whole.replicas, len(self.record_at)), np.nan, np.float32)
        return History(
            steps=self.record_at,
            batch_losses=self.batch_losses,
            test_losses=self.records.pop("test_loss", empty),
            test_accuracies=self.records.pop("test_accuracy", empty),
            probes=self.records,
            divergences=self.divergences,
            cohort=self.whole,
            training_seconds=time.thread_time() - started - recording,
            recording_seconds=recording,
        )

    def _update(self, gradients: list[Tensor], step: int) -> None:
        """One step of the optimizer; of what it takes, nothing is kept."""
        wanted = hidden_gradients(self.active, gradients, self.plan, step)
        self.optimizer.step(self.parameters, wanted, self.plan.factor(step))

    def _paste(self) -> None:
        """Bring the active replicas home; those that diverged are there already."""
        if self.active is not self.whole and self.kept:
            self.whole.paste(self.active, self.kept)

    def _look(self, step: int) -> Snapshot | None:
        """Loss and gradient of this step's batch, for the replicas where both are finite."""
        if not self.kept:
            return None
        chosen = self.order.at(step)
        replicas, batch = chosen.shape
        samples = chosen.reshape(-1)
        rows = self.inputs.index_select(0, samples)
        inputs = rows.view(replicas, batch, -1).transpose(1, 2)
        labels = self.labels.index_select(0, samples).view(replicas, batch)
        random, self.earlier = self._random(), self.active.running_state()
        loss = losses(self.active.forward(inputs, "train"), labels)
        gradients = list(torch.autograd.grad(loss, self.parameters, torch.ones_like(loss)))
        snapshot = Snapshot(
            step=step,
            cohort=self.active,
            kept=self.kept,
            inputs=inputs,
            labels=labels,
            losses=loss.detach(),
            gradients=gradients,
            coming=self._coming(step, gradients),
            random=random,
        )
        return self._screened(snapshot)

    def _screened(self, snapshot: Snapshot) -> Snapshot | None:
        """The moment of the replicas that are still finite; None: nobody is left."""
        losses = snapshot.losses.numpy()
        # What overflows on the way back nearly always reaches the first layer. While a loss is
        # alarmingly high, all are looked at.
        alarmed = self._alarmed(losses)
        looked_at = snapshot.gradients if alarmed else snapshot.gradients[:1]
        sums = (gradient.sum().item() for gradient in looked_at)
        finite = np.isfinite(losses).all() and all(map(math.isfinite, sums))
        return snapshot if finite else self._without_diverged(snapshot)

    def _alarmed(self, losses: NDArray[np.float32]) -> bool:
        """Whether one of them is ALARM times its first or more."""
        if self.alarming is None:
            self.alarming = ALARM * losses.astype(np.float64)
        return bool((losses > self.alarming).any())

    def _without_diverged(self, snapshot: Snapshot) -> Snapshot | None:
        finite = torch.isfinite(snapshot.losses) & torch.stack(
            [torch.isfinite(by_replica(g, len(self.kept))).all(1) for g in snapshot.gradients]
        ).all(0)
        if finite.all():  # only the sum overflowed
            return snapshot
        chosen = torch.nonzero(finite).flatten()
        stay, before = chosen.tolist(), len(self.kept)
        part = self.active.select(stay)
        self.active.set_running_state(self.earlier)  # those that diverged stay as they were before
        for place in torch.nonzero(~finite).flatten().tolist():
            self.divergences[self.kept[place]] = diagnosis(snapshot, place)
        self._paste()
        self.earlier = self.active.select(stay).running_state()
        self.active, self.kept = part, [self.kept[i] for i in stay]
        self.parameters = self.active.parameters()
        if not stay:
            return None
        if self.alarming is not None:
            self.alarming = self.alarming[stay]
        self.order.keep(stay)
        self.optimizer.keep(stay)
        gradients = [chosen_replicas(g, chosen, before) for g in snapshot.gradients]
        return Snapshot(
            step=snapshot.step,
            cohort=self.active,
            kept=self.kept,
            inputs=snapshot.inputs[stay],
            labels=snapshot.labels[stay],
            losses=snapshot.losses[stay],
            gradients=gradients,
            coming=self._coming(snapshot.step, gradients),
            random=[snapshot.random[i] for i in stay] if snapshot.random else [],
        )

    def _undo(self, snapshot: Snapshot) -> None:
        """After the last update the pass was for the record alone: it leaves no trace."""
        self.active.set_running_state(self.earlier)
        if snapshot.random:
            for generator, state in zip(self.active.generators, snapshot.random, strict=True):
                generator.set_state(state)

    def _random(self) -> list[Tensor]:
        """What the noise of the coming pass depends on."""
        architecture = self.active.architecture
        if not (architecture.noise_after or architecture.dropout):
            return []
        return [generator.get_state() for generator in self.active.generators]

    def _coming(self, step: int, gradients: list[Tensor]) -> Coming:
        """The parameters after the update that `gradients` are about to make, when asked."""

        def coming() -> list[Tensor]:
            parameters = [p.detach().clone() for p in self.parameters]
            optimizer = self.optimizer.copied()
            stepped = hidden_gradients(self.active, gradients, self.plan, step)
            optimizer.step(parameters, stepped, self.plan.factor(step))
            return parameters

        return coming

    def _record(self, column: int, snapshot: Snapshot) -> None:
        values: dict[str, Tensor] = {}
        later = self.active.running_state()
        snapshot.after_batch = lambda: self.active.having(later)
        with self.active.having(self.earlier):
            for probe in self.probes:
                values.update(probe(snapshot))
        for name, value in values.items():
            if name not in self.records:
                full = (self.whole.replicas, len(self.record_at), *value.shape[1:])
                self.records[name] = np.full(full, np.nan, np.float32)
            self.records[name][self.kept, column] = value.detach().numpy()


def _on_test_set(data: Dataset) -> Probe:
    """Loss and accuracy of each replica in inference mode."""
    inputs = torch.tensor(data.test_inputs).T.contiguous()
    labels = torch.tensor(data.test_labels)

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        cohort, same_type = snapshot.cohort, inputs.to(snapshot.inputs.dtype)
        many = tested_together(cohort.architecture, len(labels))
        found = [_tested(part, same_type, labels) for part in in_parts(cohort, many)]
        loss, accuracy = map(torch.cat, zip(*found, strict=True))
        return {"test_loss": loss, "test_accuracy": accuracy}

    return probe


def tested_together(network: Architecture, samples: int) -> int:
    """How many replicas are tested at a time, on so many samples."""
    return max(1, TESTED // (network.widest * samples))


def _tested(cohort: Cohort, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Loss and accuracy, (R,) each, in inference mode; inputs: (features, samples)."""
    with torch.no_grad():
        logits = cohort.forward(inputs.expand(cohort.replicas, -1, -1), "inference")
    true = labels.expand(cohort.replicas, -1)
    return losses(logits, true), accuracies(logits, true)
