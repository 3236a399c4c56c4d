"""Internal covariate shift: what an update of the layers below does to a layer's gradient.

Definition 2.1 of Santurkar et al. 2018, and how far the moments of what enters a layer move in
one update.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from bnviz.engine.layers import by_replica
from bnviz.engine.networks import Cohort, Intermediates, losses
from bnviz.engine.training import Probe, Snapshot
from bnviz.engine.walks import AT_ONCE, VALUES_AT_ONCE, values_on_the_way

Loss = Callable[[Tensor, int], Tensor]
"""The loss (R * n,) from the outputs of n copies of each replica, copy after copy, and n."""


def shift(layers: Sequence[int], first: int | None = None) -> Probe:
    """How the coming update of the layers below turns and changes the gradient of each layer.

    For layer i (from 1; depth + 1 is the output layer), on the batch of step t,

        G  = grad_{W_i} L(W_1^t, …, W_k^t),
        G' = grad_{W_i} L(W_1^{t+1}, …, W_{i-1}^{t+1}, W_i^t, …, W_k^t)

    (Santurkar et al. 2018, Def. 2.1), where all parameters of a layer below, gamma and beta among
    them, take the coming update. Per replica and layer of `layers`, each (R, layers):

    size: ||G||; distance: ||G - G'||; cosine: between the two, NaN where there is no gradient.

    G is the gradient that makes the update. Noise and dropout in G' are the very draws of that
    pass: fresh ones would count as shift what is noise. With `first`, only the first so many
    replicas of the whole cohort are measured; the others are NaN.
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        total = len(snapshot.kept)
        some = [at for at, kept in enumerate(snapshot.kept) if first is None or kept < first]
        nothing = torch.full((total, len(layers)), torch.nan, dtype=torch.float64)
        found = {name: nothing.clone() for name in ("size", "distance", "cosine")}
        if some and layers:
            for name, values in _of_some(snapshot, some, layers).items():
                found[name][some] = values
        return found

    return probe


def _of_some(snapshot: Snapshot, some: list[int], layers: Sequence[int]) -> dict[str, Tensor]:
    """The measures of `shift` for the replicas `some` of the moment's cohort."""
    chosen, total = torch.tensor(some), len(snapshot.kept)
    part, coming = snapshot.cohort, snapshot.coming()
    if len(some) < total:  # copies of large networks are dear
        part = part.select(some)
        coming = [by_replica(p, total)[chosen] for p in coming]
    gradients = snapshot.cohort.by_layer(snapshot.gradients)
    here = [gradients[layer - 1].of_weight[chosen] for layer in layers]
    inputs, labels = snapshot.inputs[chosen], snapshot.labels[chosen]
    random = [snapshot.random[place] for place in some] if snapshot.random else None

    def loss(outputs: Tensor, copies: int) -> Tensor:
        return losses(outputs, labels.repeat_interleave(copies, dim=0))

    there = gradients_after(part, coming, layers, inputs, loss, random)
    return compared(here, there)


def gradients_after(
    cohort: Cohort,
    coming: Sequence[Tensor],
    layers: Sequence[int],
    inputs: Tensor,
    loss: Loss,
    random: Sequence[Tensor] | None = None,
) -> list[Tensor]:
    """G' of each layer in `layers`, (R, out, in): the layers below it are already updated.

    `coming` pairs with the cohort's parameters. Each layer needs a network of its own, half
    before and half after the update: these are the replicas of one cohort, as many at once as
    AT_ONCE allows. The cohort itself is not touched.
    """
    found: list[Tensor] = []
    for some in _in_pieces(cohort, layers, inputs):
        part = half_updated(cohort, coming, some, random)
        outputs = part.forward(inputs.repeat_interleave(len(some), dim=0), "train")
        weights = [part.layers[layer - 1].weight for layer in some]
        gradients = torch.autograd.grad(loss(outputs, len(some)).sum(), weights)
        found += [gradient[at :: len(some)] for at, gradient in enumerate(gradients)]
    return found


def _in_pieces(cohort: Cohort, layers: Sequence[int], inputs: Tensor) -> Iterator[Sequence[int]]:
    size = sum(p.numel() * p.element_size() for p in cohort.parameters())
    together = max(1, int(min(AT_ONCE / size, VALUES_AT_ONCE / values_on_the_way(cohort, inputs))))
    for start in range(0, len(layers), together):
        yield layers[start : start + together]


def half_updated(
    cohort: Cohort,
    coming: Sequence[Tensor],
    layers: Sequence[int],
    random: Sequence[Tensor] | None = None,
) -> Cohort:
    """Copies of each replica, one for each of `layers`: there, the layers below are updated.

    Replica r's copies stand together, (R * layers). With `random`, generator states by replica,
    all copies of a replica draw what it drew from there.
    """
    count = len(layers)
    updated = [
        torch.tensor([number < above for above in layers])
        for number, layer in enumerate(cohort.layers, start=1)
        for _ in layer.parameters()
    ]
    threes = zip(cohort.parameters(), coming, updated, strict=True)
    part = _Copies(cohort, count, [_half(*three, cohort.replicas) for three in threes])
    for generator, state in zip(part.generators[::count], random or (), strict=False):
        generator.set_state(state)
    return part


def _half(parameter: Tensor, value: Tensor, updated: Tensor, replicas: int) -> Tensor:
    """A parameter of copies of each replica: the coming value where `updated`, (copies,)."""
    old, new = (by_replica(t.detach(), replicas)[:, None] for t in (parameter, value))
    half = torch.where(updated[:, None], new, old)
    return half.view(-1, *parameter.shape[1:])


class _Copies(Cohort):
    """`count` copies of each replica, side by side, which all draw what the first of them draws."""

    def __init__(self, cohort: Cohort, count: int, parameters: Sequence[Tensor]) -> None:
        each = [replica for replica in range(cohort.replicas) for _ in range(count)]
        vars(self).update(vars(cohort.select(each, parameters)))
        self._count = count

    def _drawn(self, draw: Callable[..., Tensor], like: Tensor) -> Tensor:
        shape, dtype = like.shape[1:], like.dtype
        firsts = self.generators[:: self._count]
        drawn = [draw(shape, dtype=dtype, generator=generator) for generator in firsts]
        return torch.stack(drawn).repeat_interleave(self._count, dim=0)


def compared(here: Sequence[Tensor], there: Sequence[Tensor]) -> dict[str, Tensor]:
    """||G||, ||G - G'|| and cos(G, G') of each layer, (R, layers); in 64 bits."""
    columns = [_compared(g, h) for g, h in zip(here, there, strict=True)]
    return {name: torch.stack([c[name] for c in columns], dim=1) for name in columns[0]}


def _compared(here: Tensor, there: Tensor) -> dict[str, Tensor]:
    g = by_replica(here.contiguous(), len(here)).double()
    change = by_replica(there.contiguous(), len(here)).double() - g
    square, moved, product = ((a * b).sum(1) for a, b in ((g, g), (change, change), (g, change)))
    # the cosine from G and the change: exact also where the gradient has hardly changed
    length = (square + 2 * product + moved).clamp_min(0).sqrt()
    cosine = ((square + product) / (square.sqrt() * length)).clamp(-1, 1)
    return {"size": square.sqrt(), "distance": moved.sqrt(), "cosine": cosine}


def movement(samples: Tensor) -> Probe:
    """How far the moments of what enters each activation function move in the coming update.

    moved (R, depth): sqrt(sum (mu' - mu)^2 + (s' - s)^2) / sqrt(sum s^2) over the units of a
    hidden layer, where mu and s are a unit's mean and standard deviation over `samples`
    (samples, features) before the update, mu' and s' after it: the distance of Wasserstein
    between Gaussians of these moments, in the layer's deviations. The samples are normalized
    with their own statistics, and noise is drawn afresh for each pass, as in training.
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        part = snapshot.cohort.select(range(snapshot.cohort.replicas))
        before = _moments(part, samples)
        with torch.no_grad():
            for parameter, value in zip(part.parameters(), snapshot.coming(), strict=True):
                parameter.copy_(value)
        pairs = zip(before, _moments(part, samples), strict=True)
        return {"moved": torch.stack([_moved(*pair) for pair in pairs], dim=1)}

    return probe


def _moments(cohort: Cohort, samples: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Mean and deviation, each (R, width), of what enters each activation function."""
    shared, intermediates = samples.T.expand(cohort.replicas, *samples.T.shape), Intermediates()
    with torch.no_grad():
        cohort.forward(shared, "train", intermediates)
    before = cohort.architecture.placement == "before"
    pairs = zip(intermediates.normalized, intermediates.pre_activations, strict=False)
    entering = [y if before and y is not None else z for y, z in pairs]
    return [_mean_and_std(values.double()) for values in entering]


def _mean_and_std(values: Tensor) -> tuple[Tensor, Tensor]:
    mean = values.mean(2)
    return mean, (values - mean[:, :, None]).square().mean(2).sqrt()


def _moved(before: tuple[Tensor, Tensor], after: tuple[Tensor, Tensor]) -> Tensor:
    way = sum((b - a).square().sum(1) for a, b in zip(before, after, strict=True))
    assert isinstance(way, Tensor)
    return (way / before[1].square().sum(1)).sqrt()
