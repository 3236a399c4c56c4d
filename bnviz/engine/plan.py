"""How a network is trained: learning rates, steps, batch size, optimizer, schedule."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from bnviz.engine.optimizers import OPTIMIZERS


@dataclass(frozen=True)
class Plan:
    """How to train.

    Raises ValueError, with what is allowed, for numbers that make no plan.
    """

    learning_rates: tuple[float, ...]  # one a replica; finite, 0 or more
    steps: int = 200  # updates
    batch_size: int = 64  # samples; at most all of them
    optimizer: Literal["sgd", "momentum", "adam"] = "sgd"
    schedule: Literal["constant", "cosine"] = "constant"
    weight_decay: float = 0.0  # times each parameter, added to its gradient, as in torch.optim
    classes_per_batch: int | None = None  # None: mini-batches of any classes, epoch by epoch
    restarts: tuple[tuple[int, float], ...] = ()  # (step, factor): see `factor`
    growth: float = 1.0  # of the hidden weights' rate at each step, see engine.hidden_rates; SGD
    hidden_decay: float = 0.0  # weight decay of the hidden weights alone; SGD

    def __post_init__(self) -> None:
        self._check_hidden()
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
        ends = [0, *(step for step, _ in self.restarts), self.steps]
        if self.restarts and not all(a < b for a, b in pairwise(ends)):
            raise ValueError(
                f"restarts are at {ends[1:-1]}; each after the last, from 1 to {self.steps - 1}"
            )
        if not all(math.isfinite(factor) and factor >= 0 for _, factor in self.restarts):
            raise ValueError(f"restarts are {self.restarts}; each factor finite, 0 or more")

    def _check_hidden(self) -> None:
        if not 0 < self.growth < math.inf or not 0 <= self.hidden_decay < math.inf:
            raise ValueError(
                f"growth is {self.growth}, hidden_decay {self.hidden_decay}; each finite, growth"
                " above 0, decay 0 or more"
            )
        if self.optimizer != "sgd" and (self.growth != 1 or self.hidden_decay):
            raise ValueError(f"growth and hidden_decay are for sgd, not for {self.optimizer}")

    def factor(self, step: int) -> float:
        """What every learning rate is multiplied by at this step: by its restart, and the schedule.

        A warm restart (s, f) continues the run: from step s on, until the next one, every learning
        rate is f times what `learning_rates` says, and the optimizer's state goes on. The schedule
        starts anew at each (with the cosine: Loshchilov & Hutter 2017), so that up to its first
        restart a run is, to the bit, the run of so many steps without it: going on means to replay
        what was there.
        """
        starts = [0, *(start for start, _ in self.restarts)]
        place = bisect_right(starts, step) - 1
        restarted = self.restarts[place - 1][1] if place else 1.0
        if self.schedule == "constant":
            return restarted
        start, end = [*starts, self.steps][place : place + 2]
        return restarted * 0.5 * (1 + math.cos(math.pi * (step - start) / (end - start)))
