"""OPTIMIZERS: the updates of torch.optim, for the parameters of all replicas at once."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from bnviz.engine.layers import chosen_replicas

AT_ONCE = 2**20  # numbers that Adam updates together: 4 MB, for which there is room in any case


class Sgd:
    """theta <- theta - lr g, with g + decay * theta in place of g (torch.optim.SGD).

    learning_rates: one a replica. The parameters are those of a cohort, (R, ...) or (R * units,).
    masks: those of a cohort, which leave single numbers constant; empty: all are trained.
    """

    def __init__(
        self,
        parameters: list[Tensor],
        learning_rates: Sequence[float],
        weight_decay: float,
        masks: Sequence[Tensor] = (),
    ) -> None:
        self.weight_decay = weight_decay
        self.rates = torch.tensor(learning_rates, dtype=parameters[0].dtype)
        self.state: list[list[Tensor]] = []
        self.ready: tuple[float, list[Tensor]] | None = None  # the rates, shaped, by factor
        self.masks = list(masks)

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with these replicas only."""
        chosen = torch.tensor(list(kept), dtype=torch.long)
        self.state = [
            [chosen_replicas(t, chosen, len(self.rates)) for t in group] for group in self.state
        ]
        self.masks = [chosen_replicas(mask, chosen, len(self.rates)) for mask in self.masks]
        self.rates = self.rates[chosen]
        self.ready = None

    def copied(self) -> Sgd:
        """Another that goes on from here, and leaves this one as it is."""
        other = copy.copy(self)  # all but the state is never written over, only replaced
        other.state = [[tensor.clone() for tensor in group] for group in self.state]
        return other

    def step(self, parameters: list[Tensor], gradients: list[Tensor], factor: float) -> None:
        """One update, in place; the learning rates are multiplied by `factor`."""
        with torch.no_grad():
            if self.weight_decay:
                decay = self.weight_decay
                gradients = list(torch._foreach_add(gradients, parameters, alpha=decay))
            if self.masks:  # after the decay, which would change what is constant
                gradients = list(torch._foreach_mul(gradients, self.masks))
            self._update(parameters, gradients, factor)

    def _update(self, parameters: list[Tensor], gradients: list[Tensor], factor: float) -> None:
        if self.ready is None or self.ready[0] != factor:  # with a constant schedule, once
            self.ready = (factor, _shaped(self.rates * -factor, parameters))
        torch._foreach_addcmul_(parameters, gradients, self.ready[1])


class Momentum(Sgd):
    """b <- 0.9 b + g; theta <- theta - lr b (torch.optim.SGD with momentum)."""

    def _update(self, parameters: list[Tensor], gradients: list[Tensor], factor: float) -> None:
        if not self.state:
            self.state = [[g.clone() for g in gradients]]
        else:
            torch._foreach_mul_(self.state[0], 0.9)
            torch._foreach_add_(self.state[0], gradients)
        super()._update(parameters, self.state[0], factor)


class Adam(Sgd):
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


OPTIMIZERS: dict[str, type[Sgd]] = {"sgd": Sgd, "momentum": Momentum, "adam": Adam}
