"""One training run of a cohort, and what it records."""

from __future__ import annotations

import copy
import math
import threading
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort, Trace, accuracies, by_replica, chosen_replicas, losses

EARLY = 8  # steps that are all recorded
TRAIL = 8  # steps of norms kept for a replica that is about to diverge
AT_ONCE = 2**20  # numbers that Adam updates together: 4 MB, for which there is room in any case
ALARM = 3.0  # times its first loss: from here on a replica is watched closely


@dataclass(frozen=True)
class Plan:
    """How to train. `learning_rates` has one entry per replica."""

    learning_rates: tuple[float, ...]
    steps: int = 200
    batch_size: int = 64
    optimizer: Literal["sgd", "momentum", "adam"] = "sgd"
    schedule: Literal["constant", "cosine"] = "constant"
    weight_decay: float = 0.0
    classes_per_batch: int | None = None  # None: mini-batches of any classes, epoch by epoch
    turns: tuple[tuple[int, float], ...] = ()  # (step, factor): see `factor`

    def __post_init__(self) -> None:
        if self.classes_per_batch is not None and self.classes_per_batch < 1:
            raise ValueError(f"classes_per_batch is {self.classes_per_batch}; it must be 1 or more")
        if self.steps < 1:
            raise ValueError(f"steps is {self.steps}; it must be 1 or more")
        if self.batch_size < 1:
            raise ValueError(f"batch_size is {self.batch_size}; it must be 1 or more")
        if not all(math.isfinite(rate) and rate >= 0 for rate in self.learning_rates):
            raise ValueError(f"learning_rates are {self.learning_rates}; each finite, 0 or more")
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(f"weight_decay is {self.weight_decay}; it must be finite, 0 or more")
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(f"optimizer is {self.optimizer!r}; one of {', '.join(OPTIMIZERS)}")
        if self.schedule not in ("constant", "cosine"):
            raise ValueError(f"schedule is {self.schedule!r}; one of constant, cosine")
        ends = [0, *(step for step, _ in self.turns), self.steps]
        if self.turns and not all(a < b for a, b in pairwise(ends)):
            raise ValueError(
                f"turns are at {ends[1:-1]}; each after the one before, from 1 to {self.steps - 1}"
            )
        if not all(math.isfinite(factor) and factor >= 0 for _, factor in self.turns):
            raise ValueError(f"turns are {self.turns}; each factor finite, 0 or more")

    def factor(self, step: int) -> float:
        """What every learning rate is multiplied by at this step: by its turn, and the schedule.

        A turn (s, f) continues the run: from step s on, until the next turn, every learning rate
        is f times what `learning_rates` says, and the optimizer's state goes on. The schedule
        starts anew at each turn (of the cosine: a warm restart, Loshchilov & Hutter 2017), so that
        up to its first turn a run is, to the bit, the run of so many steps without it: going on
        means to replay what was there.
        """
        starts = [0, *(start for start, _ in self.turns)]
        place = bisect_right(starts, step) - 1
        turned = self.turns[place - 1][1] if place else 1.0
        if self.schedule == "constant":
            return turned
        start, end = [*starts, self.steps][place : place + 2]
        return turned * 0.5 * (1 + math.cos(math.pi * (step - start) / (end - start)))


@dataclass(frozen=True)
class Divergence:
    """The end of a replica whose numbers stopped being finite; its weights stay as before."""

    step: int  # the step whose loss or gradient was not finite
    layer: int  # the first layer, in the order of computation, to overflow; depth + 1: the output
    during: Literal["forward", "backward"]
    signal_sizes: NDArray[np.float32]  # (layers,) root mean square of W h + b at that step
    trail_steps: NDArray[np.int64]  # (k,) the last steps before, and that one
    weight_norms: NDArray[np.float32]  # (k, layers) ||W|| at those steps


Coming = Callable[[], list[Tensor]]


@dataclass
class Moment:
    """What a probe sees: the cohort before the update of `step`, and that step's batch.

    Before the update is before the batch: the running statistics, too, are those of the batches
    that came earlier, as they would be if the training ended here. `cohort` holds the replicas
    that are still finite; `gradients` pairs with its parameters. At the last record, after the
    last update, the gradient is that of the batch that would have come next.
    """

    step: int
    cohort: Cohort
    kept: list[int]  # which replicas of the whole cohort these are
    inputs: Tensor  # (R, features, batch)
    labels: Tensor  # (R, batch)
    losses: Tensor  # (R,)
    gradients: list[Tensor]
    coming: Coming = list  # the parameters after the update of this step, as copies
    random: list[Tensor] = field(default_factory=list)  # state of each replica's generator before
    # the pass that gave these gradients; empty where that pass draws nothing
    after_batch: Callable[[], AbstractContextManager[None]] = nullcontext
    # inside, the running statistics are those that this batch is taken into


Probe = Callable[[Moment], Mapping[str, Tensor]]
"""Measures a moment without changing it; each tensor's first axis is the replica."""


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
    """About `count` steps from 0 to `steps`: each of the first few, then ever fewer.

    Most of what goes wrong goes wrong within EARLY steps.
    """
    if steps <= count:
        return list(range(steps + 1))
    early = min(EARLY, count // 2)
    spread = np.linspace(0, 1, count - early) ** 1.5
    later = (early + round((steps - early) * float(x)) for x in spread)
    return sorted({0, 1, *range(early), *later})


class BatchOrder:
    """Mini-batches in an order that belongs to the seed alone, so that treatments share it.

    Every epoch is a new permutation; a last batch that is not full is left out.
    """

    def __init__(self, seeds: Sequence[int], samples: int, batch_size: int) -> None:
        unique = sorted(set(seeds))
        self._which = torch.tensor([unique.index(seed) for seed in seeds])
        self._generators = [torch.Generator().manual_seed(~seed & 0x7FFFFFFF) for seed in unique]
        self._samples, self._size = samples, min(batch_size, samples)
        self._per_epoch = samples // self._size
        self._epoch = torch.empty(0)

    def at(self, step: int) -> Tensor:
        """The samples of each replica at this step, (R, batch). Steps must come in order."""
        position = step % self._per_epoch
        if position == 0:
            permutations = [torch.randperm(self._samples, generator=g) for g in self._generators]
            used = torch.stack(permutations)[self._which, : self._per_epoch * self._size]
            batches = used.view(len(used), self._per_epoch, self._size)
            self._epoch = batches.transpose(0, 1).contiguous()  # batch after batch
        return self._epoch[position]

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with these replicas only."""
        chosen = torch.tensor(list(kept), dtype=torch.long)
        self._which, self._epoch = self._which[chosen], self._epoch[:, chosen]


class FewClasses(BatchOrder):
    """Mini-batches of a few classes each, in an order that belongs to the seed alone.

    At every step the classes are drawn anew, and then the samples among theirs, without
    repeats; all classes come up equally often. Where these classes have too few samples for a
    batch, further classes fill it.
    """

    def __init__(self, seeds: Sequence[int], labels: Tensor, batch_size: int, classes: int) -> None:
        super().__init__(seeds, len(labels), batch_size)
        self._classes = classes
        self._members = [torch.nonzero(labels == c).flatten() for c in labels.unique()]

    def at(self, step: int) -> Tensor:
        """The samples of each replica at this step, (R, batch). Steps must come in order."""
        drawn = torch.stack([self._drawn(generator) for generator in self._generators])
        return drawn[self._which]

    def _drawn(self, generator: torch.Generator) -> Tensor:
        order = torch.randperm(len(self._members), generator=generator).tolist()
        count, available = 0, 0
        while count < min(self._classes, len(order)) or available < self._size:
            available += len(self._members[order[count]])
            count += 1
        pool = torch.cat([self._members[place] for place in order[:count]])
        return pool[torch.randperm(len(pool), generator=generator)[: self._size]]

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with these replicas only."""
        self._which = self._which[torch.tensor(list(kept), dtype=torch.long)]


def _order(seeds: Sequence[int], labels: Tensor, plan: Plan) -> BatchOrder:
    if plan.classes_per_batch is None:
        return BatchOrder(seeds, len(labels), plan.batch_size)
    return FewClasses(seeds, labels, plan.batch_size, plan.classes_per_batch)


_lock = threading.Lock()
_running = 0
_threads_before = 1


@contextmanager
def one_thread() -> Iterator[None]:
    """One intra-op thread and no denormal numbers, for this thread; afterwards as before.

    Two computations with an intra-op team each would wait for one another a hundred times
    longer than they compute. Denormals make a dying network several times slower.
    """
    global _running, _threads_before
    tiny = torch.tensor([1e-310], dtype=torch.float64)
    had_denormals = bool((tiny * 1.0 != 0).item())
    with _lock:
        if _running == 0:
            _threads_before = torch.get_num_threads()
        _running += 1
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(not had_denormals)
        with _lock:
            _running -= 1
            if _running == 0:
                torch.set_num_threads(_threads_before)


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

    A record is what the probes see, and loss and accuracy on the test set (NaN unless `tested`).

    Replica r sees the mini-batches of `seeds[r]` with `plan.learning_rates[r]`. A replica whose
    loss or gradient stops being finite is taken out before the update that would have spread
    it, and costs the others nothing from then on.
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
        return _Run(cohort, seeds, data, plan, steps, probes, progress).history()


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
        self.order = _order(seeds, self.labels, plan)
        self.optimizer = OPTIMIZERS[plan.optimizer](cohort.parameters(), plan)
        self.record_at = np.asarray(record_at, dtype=np.int64)
        self.batch_losses = np.full((cohort.replicas, plan.steps), np.nan, np.float32)
        self.records: dict[str, NDArray[np.float32]] = {}
        self.divergences: list[Divergence | None] = [None] * cohort.replicas
        self.first_losses: dict[int, float] = {}
        self.trail: deque[tuple[int, dict[int, NDArray[np.float32]]]] = deque(maxlen=TRAIL)

    def history(self) -> History:
        recording, next_record = 0.0, 0
        started = time.thread_time()
        for step in range(self.plan.steps + 1):
            due = next_record < len(self.record_at) and self.record_at[next_record] == step
            if step == self.plan.steps and not due:
                break
            moment = self._look(step)
            if moment is None:  # nobody is left
                break
            if due:
                before = time.thread_time()
                self._record(next_record, moment)
                recording += time.thread_time() - before
                next_record += 1
            if step < self.plan.steps:
                self.batch_losses[self.kept, step] = moment.losses.numpy()
                self.optimizer.step(self.parameters, moment.gradients, self.plan.factor(step))
                if self.progress is not None:
                    self.progress(step + 1)
            else:
                self._undo(moment)
            del moment  # its gradients, before the next step has its own
        self._paste()
        empty = np.full((self.whole.replicas, len(self.record_at)), np.nan, np.float32)
        return History(
            self.record_at,
            self.batch_losses,
            self.records.pop("test_loss", empty),
            self.records.pop("test_accuracy", empty),
            self.records,
            self.divergences,
            self.whole,
            time.thread_time() - started - recording,
            recording,
        )

    def _paste(self) -> None:
        """Bring the active replicas home; those that diverged are there already."""
        if self.active is not self.whole and self.kept:
            self.whole.paste(self.active, self.kept)

    def _look(self, step: int) -> Moment | None:
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
        moment = Moment(
            step,
            self.active,
            self.kept,
            inputs,
            labels,
            loss.detach(),
            gradients,
            self._coming(step, gradients),
            random,
        )
        now = dict(zip(self.kept, moment.losses.tolist(), strict=True))
        if not self.first_losses:
            self.first_losses = now
        alarmed = any(now[r] > ALARM * self.first_losses[r] for r in self.kept)
        # What overflows on the way back nearly always reaches the first layer. While a loss is
        # alarmingly high, all are looked at.
        looked_at = gradients if alarmed else gradients[:1]
        sums = [*now.values(), *(gradient.sum().item() for gradient in looked_at)]
        remaining = moment if all(map(math.isfinite, sums)) else self._without_diverged(moment)
        if remaining is not None and alarmed:
            norms = _weight_norms(remaining.cohort)
            self.trail.append((step, dict(zip(self.kept, norms, strict=True))))
        return remaining

    def _without_diverged(self, moment: Moment) -> Moment | None:
        finite = torch.isfinite(moment.losses) & torch.stack(
            [torch.isfinite(by_replica(g, len(self.kept))).all(1) for g in moment.gradients]
        ).all(0)
        if finite.all():  # only the sum overflowed
            return moment
        chosen = torch.nonzero(finite).flatten()
        stay, before = chosen.tolist(), len(self.kept)
        part = self.active.select(stay)
        self.active.set_running_state(self.earlier)  # those that diverged stay as they were before
        for place in torch.nonzero(~finite).flatten().tolist():
            replica = self.kept[place]
            self.divergences[replica] = self._diagnosis(moment, place, replica)
        self._paste()
        self.earlier = self.active.select(stay).running_state()
        self.active, self.kept = part, [self.kept[i] for i in stay]
        self.parameters = self.active.parameters()
        if not stay:
            return None
        self.order.keep(stay)
        self.optimizer.keep(stay)
        gradients = [chosen_replicas(g, chosen, before) for g in moment.gradients]
        return Moment(
            moment.step,
            self.active,
            self.kept,
            moment.inputs[stay],
            moment.labels[stay],
            moment.losses[stay],
            gradients,
            self._coming(moment.step, gradients),
            [moment.random[i] for i in stay] if moment.random else [],
        )

    def _undo(self, moment: Moment) -> None:
        """After the last update the pass was for the record alone: it leaves no trace."""
        self.active.set_running_state(self.earlier)
        if moment.random:
            for generator, state in zip(self.active.generators, moment.random, strict=True):
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
            optimizer = copy.deepcopy(self.optimizer)
            optimizer.step(parameters, gradients, self.plan.factor(step))
            return parameters

        return coming

    def _diagnosis(self, moment: Moment, place: int, replica: int) -> Divergence:
        """Which layer overflowed first, found by one more look at that replica alone."""
        alone = moment.cohort.select([place])
        trace = Trace()
        with torch.no_grad():
            alone.forward(moment.inputs[[place]], "batch", trace)
        sizes = np.array([_root_mean_square(z) for z in trace.pre_activations], np.float32)
        overflowed = np.flatnonzero(~np.isfinite(sizes))
        during: Literal["forward", "backward"] = "forward"
        if len(overflowed):
            layer = int(overflowed[0]) + 1
        elif not math.isfinite(moment.losses[place]):  # the outputs were finite, not their loss
            layer = len(sizes)
        else:
            during, layer = "backward", self._last_bad_gradient(moment, place)
        seen = [(step, norms[replica]) for step, norms in self.trail if replica in norms]
        seen.append((moment.step, _weight_norms(alone)[0]))
        return Divergence(
            moment.step,
            layer,
            during,
            sizes,
            np.array([step for step, _ in seen]),
            np.stack([norms for _, norms in seen]),
        )

    @staticmethod
    def _last_bad_gradient(moment: Moment, place: int) -> int:
        """The layer nearest to the output whose gradient overflowed: backward starts there."""
        bad = len(moment.cohort.layers)
        for index, layer in enumerate(moment.cohort.by_layer(moment.gradients), start=1):
            mine = [by_replica(gradient, moment.cohort.replicas)[place] for gradient in layer.all()]
            finite = [bool(torch.isfinite(gradient).all()) for gradient in mine]
            bad = bad if all(finite) else index
        return bad

    def _record(self, column: int, moment: Moment) -> None:
        values: dict[str, Tensor] = {}
        later = self.active.running_state()
        moment.after_batch = lambda: self.active.having(later)
        with self.active.having(self.earlier):
            for probe in self.probes:
                values.update(probe(moment))
        for name, value in values.items():
            if name not in self.records:
                full = (self.whole.replicas, len(self.record_at), *value.shape[1:])
                self.records[name] = np.full(full, np.nan, np.float32)
            self.records[name][self.kept, column] = value.detach().numpy()


def _on_test_set(data: Dataset) -> Probe:
    """Loss and accuracy of each replica in inference mode."""
    inputs = torch.tensor(data.test_inputs).T.contiguous()
    labels = torch.tensor(data.test_labels)

    def probe(moment: Moment) -> Mapping[str, Tensor]:
        replicas, same_type = moment.cohort.replicas, inputs.to(moment.inputs.dtype)
        with torch.no_grad():
            logits = moment.cohort.forward(same_type.expand(replicas, -1, -1), "inference")
        true = labels.expand(replicas, -1)
        return {"test_loss": losses(logits, true), "test_accuracy": accuracies(logits, true)}

    return probe


def _weight_norms(cohort: Cohort) -> NDArray[np.float32]:
    """||W|| of every layer, (R, layers)."""
    wide = torch.float64  # float32 squares overflow long before the weights do
    norms = [
        torch.linalg.vector_norm(y.weight.detach(), dim=(1, 2), dtype=wide) for y in cohort.layers
    ]
    return torch.stack(norms, dim=1).float().numpy()


def _root_mean_square(z: Tensor) -> float:
    return float(z.double().square().mean().sqrt().float())


class _Sgd:
    """theta <- theta - lr g, with g + decay * theta in place of g (torch.optim.SGD)."""

    def __init__(self, parameters: list[Tensor], plan: Plan) -> None:
        self.plan = plan
        self.rates = torch.tensor(plan.learning_rates, dtype=parameters[0].dtype)
        self.state: list[list[Tensor]] = []
        self.ready: tuple[float, list[Tensor]] | None = None  # the rates, shaped, by factor

    def keep(self, kept: Sequence[int]) -> None:
        chosen = torch.tensor(list(kept), dtype=torch.long)
        self.state = [
            [chosen_replicas(t, chosen, len(self.rates)) for t in group] for group in self.state
        ]
        self.rates = self.rates[chosen]
        self.ready = None

    def step(self, parameters: list[Tensor], gradients: list[Tensor], factor: float) -> None:
        with torch.no_grad():
            if self.plan.weight_decay:
                decay = self.plan.weight_decay
                gradients = list(torch._foreach_add(gradients, parameters, alpha=decay))
            self._update(parameters, gradients, factor)

    def _update(self, parameters: list[Tensor], gradients: list[Tensor], factor: float) -> None:
        if self.ready is None or self.ready[0] != factor:  # with a constant schedule, once
            self.ready = (factor, _shaped(self.rates * -factor, parameters))
        torch._foreach_addcmul_(parameters, gradients, self.ready[1])


class _Momentum(_Sgd):
    """b <- 0.9 b + g; theta <- theta - lr b (torch.optim.SGD with momentum)."""

    def _update(self, parameters: list[Tensor], gradients: list[Tensor], factor: float) -> None:
        if not self.state:
            self.state = [[g.clone() for g in gradients]]
        else:
            torch._foreach_mul_(self.state[0], 0.9)
            torch._foreach_add_(self.state[0], gradients)
        super()._update(parameters, self.state[0], factor)


class _Adam(_Sgd):
    """Adam (Kingma & Ba 2015) with betas 0.9 and 0.999 and epsilon 1e-8, as torch.optim.Adam."""

    steps = 0

    def _update(self, parameters: list[Tensor], gradients: list[Tensor], factor: float) -> None:
        if not self.state:
            self.state = [[torch.zeros_like(p) for p in parameters] for _ in range(2)]
        self.steps += 1
        factor /= 1 - 0.9**self.steps
        if self.ready is None or self.ready[0] != factor:
            self.ready = (factor, _shaped(self.rates * -factor, parameters))
        columns = (parameters, gradients, *self.state, self.ready[1])
        for part in _portions(gradients):  # what is on the way is as large as the gradients
            self._update_part(*(column[part] for column in columns))

    def _update_part(
        self,
        parameters: list[Tensor],
        gradients: list[Tensor],
        mean: list[Tensor],
        square: list[Tensor],
        rates: list[Tensor],
    ) -> None:
        torch._foreach_lerp_(mean, gradients, 0.1)
        torch._foreach_mul_(square, 0.999)
        torch._foreach_addcmul_(square, gradients, gradients, 0.001)
        root = torch._foreach_sqrt(square)
        torch._foreach_div_(root, math.sqrt(1 - 0.999**self.steps))
        torch._foreach_add_(root, 1e-8)
        torch._foreach_addcmul_(parameters, torch._foreach_div(mean, root), rates)


def _portions(tensors: list[Tensor]) -> Iterator[slice]:
    """The tensors in order, some at a time: no more than AT_ONCE numbers, but one at least."""
    start, numbers = 0, 0
    for place, tensor in enumerate(tensors):
        if place > start and numbers + tensor.numel() > AT_ONCE:
            yield slice(start, place)
            start, numbers = place, 0
        numbers += tensor.numel()
    yield slice(start, len(tensors))


def _shaped(rates: Tensor, parameters: list[Tensor]) -> list[Tensor]:
    """The rates, (R,), ready to multiply parameters of shape (R, …, …) or (R * units,)."""
    matrix = rates[:, None, None]
    vectors = {p.numel(): p for p in parameters if p.dim() == 1}
    vector = {n: rates.repeat_interleave(n // len(rates)) for n in vectors}
    return [vector[p.numel()] if p.dim() == 1 else matrix for p in parameters]


OPTIMIZERS: dict[str, type[_Sgd]] = {"sgd": _Sgd, "momentum": _Momentum, "adam": _Adam}
