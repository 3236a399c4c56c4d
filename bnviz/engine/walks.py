"""What loss and gradient do on the way along the gradient, from one moment of training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from bnviz.engine.layers import by_replica
from bnviz.engine.networks import Cohort, losses
from bnviz.engine.surface import along
from bnviz.engine.training import Probe, Snapshot

AT_ONCE = 32e6  # bytes of parameters that are evaluated together …
VALUES_AT_ONCE = 64e6  # … and, about, of their values on the way back
COPIES = 3  # of a layer's values


def walk(lengths: Sequence[float]) -> Probe:
    """Loss and gradient at theta - a g for each length a, on the batch that gave g.

    All parameters together, mini-batch statistics at every point, before the update (Santurkar
    et al. 2018, Sec. 3.2). Per replica:

    loss_here (R,): L(theta); gradient_norm (R,): ||g||;
    loss_there (R, A): L(theta - a g); distance (R, A): ||grad L(theta - a g) - g||;
    cosine (R, A): between grad L(theta - a g) and g.

    Loss variation is the range of loss_there over a, gradient predictiveness that of distance,
    and effective beta-smoothness the largest distance / (a ||g||).
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        parts = [_compared(snapshot, part, place) for part, place in _displaced(snapshot, lengths)]
        there = {name: torch.cat([part[name] for part in parts], dim=1) for name in parts[0]}
        squares = _sums([g.square() for g in snapshot.gradients], len(snapshot.kept))
        return {"loss_here": snapshot.losses, "gradient_norm": squares.sqrt(), **there}

    return probe


def losses_along(lengths: Sequence[float], until: int | None = None) -> Probe:
    """The losses of `walk` alone, at a third of its cost: loss_here (R,), loss_there (R, A).

    With `until`, only at the records up to that step, as early_here and early_there; NaN later.
    """
    prefix = "loss" if until is None else "early"

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        replicas = len(snapshot.kept)
        there = torch.full((replicas, len(lengths)), torch.nan)
        if until is None or snapshot.step <= until:
            pieces = []
            for part, count in _displaced(snapshot, lengths):
                with torch.no_grad():
                    pieces.append(_losses(snapshot, part, count).view(replicas, count))
            there = torch.cat(pieces, dim=1)
        return {f"{prefix}_here": snapshot.losses, f"{prefix}_there": there}

    return probe


def _displaced(snapshot: Snapshot, lengths: Sequence[float]) -> Iterator[tuple[Cohort, int]]:
    """The cohort at theta - a g, for some lengths at a time, and how many these are."""
    replicas = snapshot.cohort.replicas
    size = sum(p.numel() * p.element_size() for p in snapshot.cohort.parameters())
    values = values_on_the_way(snapshot.cohort, snapshot.inputs)
    together = max(1, int(min(AT_ONCE / size, VALUES_AT_ONCE / values)))
    for start in range(0, len(lengths), together):
        some = torch.tensor(lengths[start : start + together], dtype=snapshot.losses.dtype)
        yield (
            along(snapshot.cohort, snapshot.gradients, -some.expand(replicas, len(some))),
            len(some),
        )


def values_on_the_way(cohort: Cohort, inputs: Tensor) -> int:
    """About how many bytes of values wait for the gradient, for inputs (R, features, batch)."""
    network, samples = cohort.architecture, inputs[:, 0].numel()
    return COPIES * samples * network.depth * network.width * inputs.element_size()


def _losses(snapshot: Snapshot, part: Cohort, count: int) -> Tensor:
    """The loss of each displaced replica on its own replica's batch, (R * count,)."""
    inputs = snapshot.inputs.repeat_interleave(count, dim=0)
    labels = snapshot.labels.repeat_interleave(count, dim=0)
    return losses(part.forward(inputs, "batch"), labels)


def _compared(snapshot: Snapshot, part: Cohort, count: int) -> dict[str, Tensor]:
    """Losses there, and the gradients there against those here, each (R, count)."""
    replicas = snapshot.cohort.replicas
    loss = _losses(snapshot, part, count)
    there = torch.autograd.grad(loss.sum(), part.parameters())
    sums: list[list[Tensor]] = [[], [], []]
    for mine, own in zip(there, snapshot.gradients, strict=True):  # one layer in memory at a time
        here = by_replica(own, replicas)[:, None]
        change = by_replica(mine, len(loss)).view(replicas, count, -1) - here
        products = (here * here, change * change, change.mul_(here))
        for found, product in zip(sums, products, strict=True):
            found.append(product.sum(2))
    square, moved, along_it = (_added(found) for found in sums)
    # the cosine from g and the change: exact also where the gradient has hardly changed
    length = (square + 2 * along_it + moved).clamp_min(0).sqrt()
    cosine = ((square + along_it) / (square.sqrt() * length)).clamp(-1, 1)
    return {
        "loss_there": loss.detach().view(replicas, count),
        "distance": moved.sqrt(),
        "cosine": cosine,
    }


def _sums(tensors: Sequence[Tensor], replicas: int) -> Tensor:
    """The sum of each replica's numbers over all tensors, (R,)."""
    return _added([by_replica(t, replicas).sum(1) for t in tensors])


def _added(parts: Sequence[Tensor]) -> Tensor:
    # one after the other: how torch sums a stack of them depends on the number of replicas
    return sum(parts[1:], parts[0])
