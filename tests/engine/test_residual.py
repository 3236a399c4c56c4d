"""Residual networks with today's normalizers, before the branch or after the sum: torch's twins."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from bnviz.engine.architecture import OF_THE_SUM, Architecture
from bnviz.engine.batchnorm import Options
from bnviz.engine.data import load
from bnviz.engine.networks import Cohort, Intermediates
from bnviz.engine.normalization import dynamic_tanh, rms_norm, standardized
from bnviz.engine.plan import Plan
from bnviz.engine.training import train
from tests.engine.some_layers import UNITS, R, copied, random, some_layer

DOUBLE = {"dtype": torch.float64}
KINDS = {
    "none": {},
    "weights": {"standardize_weights": True},
    "batch": {"normalizer": "batch"},
    "layer": {"normalizer": "layer"},
    "rms": {"normalizer": "rms"},
    "dyt": {"normalizer": "dyt"},
}
SIZES = Architecture(64, 10, depth=3, width=6, skip=True, placement="before the branch")


class DynamicTanh(nn.Module):
    """As Zhu et al. (2025) write it."""

    def __init__(self, units):
        super().__init__()
        self.alpha = nn.Parameter(torch.full((1,), 0.5, **DOUBLE))
        self.weight = nn.Parameter(torch.ones(units, **DOUBLE))
        self.bias = nn.Parameter(torch.zeros(units, **DOUBLE))

    def forward(self, x):
        return self.weight * torch.tanh(self.alpha * x) + self.bias


class StandardizedLinear(nn.Linear):
    """Weights of every unit with mean 0 and the standard deviation they were drawn with."""

    def forward(self, x):
        centred = self.weight - self.weight.mean(1, keepdim=True)
        deviation = (centred.square().mean(1, keepdim=True) + 1e-5).sqrt()
        std = (2 / self.in_features) ** 0.5
        return nn.functional.linear(x, std * centred / deviation, self.bias)


NORMS = {
    "none": lambda units: nn.Identity(),
    "weights": lambda units: nn.Identity(),
    "batch": lambda units: nn.BatchNorm1d(units, **DOUBLE),
    "layer": lambda units: nn.LayerNorm(units, **DOUBLE),
    "rms": lambda units: nn.RMSNorm(units, eps=1e-5, **DOUBLE),
    "dyt": DynamicTanh,
}


class Twin(nn.Module):
    """The network in the terms of torch.nn, parameters in the order of a Cohort's."""

    def __init__(self, kind, place):
        super().__init__()
        linear = StandardizedLinear if kind == "weights" else nn.Linear
        widths = [64, 6, 6]
        self.blocks = nn.ModuleList(
            nn.ModuleList([linear(inputs, 6, **DOUBLE), NORMS[kind](6)]) for inputs in widths
        )
        self.last, self.place = nn.Linear(6, 10, **DOUBLE), place

    def forward(self, x):
        first, norm = self.blocks[0]
        h = torch.relu(first(x))
        if self.place == "after the sum":
            h = norm(h)
            for linear, norm in self.blocks[1:]:
                h = norm(h + torch.relu(linear(h)))
            return self.last(h)
        for linear, following in self.blocks[1:]:
            h = h + torch.relu(linear(norm(h)))
            norm = following
        return self.last(norm(h))

    def as_it_starts(self, cohort):
        """With the parameters of a cohort of one."""
        with torch.no_grad():
            for (linear, norm), layer in zip(self.blocks, cohort.layers[:-1], strict=True):
                linear.weight.copy_(layer.weight[0])
                linear.bias.copy_(layer.bias.flatten())
                for mine, theirs in _pairs(norm, layer):
                    mine.copy_(theirs)
            self.last.weight.copy_(cohort.layers[-1].weight[0])
            self.last.bias.copy_(cohort.layers[-1].bias.flatten())
        return self


def _pairs(norm, layer):
    names = {"weight": "gamma", "bias": "beta", "alpha": "alpha"}
    mine = dict(norm.named_parameters())
    ours = {name: getattr(layer, of) for name, of in names.items()}
    assert set(mine) == {name for name, one in ours.items() if one is not None}
    return [(mine[name], ours[name].detach()) for name in mine]


@pytest.mark.parametrize("place", OF_THE_SUM)
@pytest.mark.parametrize("kind", KINDS)
def test_training_is_that_of_torch_nn(kind, place):
    network = replace(SIZES, placement=place, **KINDS[kind])
    cohort, data, seen = Cohort(network, [3, 4], dtype=torch.float64), load("digits"), []
    twin = Twin(kind, place).as_it_starts(cohort.select([1]))

    def look(snapshot):
        seen.append((snapshot.inputs[1].T.clone(), snapshot.labels[1].clone()))
        return {}

    plan = Plan((0.3, 0.1), 5, 16)
    history = train(cohort, [3, 4], data, plan, record_at=range(6), probes=[look])
    optimizer = torch.optim.SGD(twin.parameters(), 0.1)
    for step, (inputs, labels) in enumerate(seen[:5]):
        loss = nn.functional.cross_entropy(twin(inputs), labels)
        assert history.batch_losses[1, step] == pytest.approx(loss.item(), rel=1e-6)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    trained = Twin(kind, place).as_it_starts(cohort.select([1]))
    for mine, theirs in zip(trained.parameters(), twin.parameters(), strict=True):
        assert_close(mine, theirs, rtol=1e-9, atol=1e-11)
    assert cohort.parameter_count() == sum(p.numel() for p in twin.parameters())
    with torch.no_grad():
        tested = torch.tensor(data.test_inputs, **DOUBLE)
        ours = cohort.forward(tested.T.expand(2, -1, -1), "inference")[1].T
        assert_close(ours, twin.eval()(tested), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("mode", ["train", "batch", "inference"])
@pytest.mark.parametrize("kind", ["rms", "dyt"])
def test_values_and_gradients_are_those_of_torch_for_every_replica(kind, mode):
    x, gamma, beta, running = some_layer(7)
    alpha, before = random(R, seed=8), copied(running)
    of = [t.clone().requires_grad_() for t in (x, gamma, beta, alpha)]
    if kind == "rms":
        y = rms_norm(*of[:2], None, running, mode, Options())
    else:
        y = dynamic_tanh(*of[:3], running, mode, Options(), of[3])
    expected, twins = [], []
    for replica in range(R):
        twin = NORMS[kind](UNITS)
        with torch.no_grad():
            twin.weight.copy_(gamma.view(R, UNITS)[replica])
            if kind == "dyt":
                twin.bias.copy_(beta.view(R, UNITS)[replica])
                twin.alpha.copy_(alpha[replica : replica + 1])
        twins.append(twin)
        expected.append(twin(x[replica].T).T)
    assert_close(y, torch.stack(expected))
    pull = random(R, UNITS, 7, seed=5)
    (y * pull).sum().backward()
    (torch.stack(expected) * pull).sum().backward()
    assert_close(of[1].grad, torch.cat([twin.weight.grad for twin in twins]))
    if kind == "dyt":
        assert_close(of[3].grad, torch.cat([twin.alpha.grad for twin in twins]))
    assert torch.equal(running.mean, before.mean)


def test_standardized_weights_have_mean_0_and_the_deviation_asked_for():
    weight = 3 * random(R, 4, 50, seed=2) + 1
    found = standardized(weight, 0.2, 0.0)
    assert_close(found.mean(2), torch.zeros(R, 4, **DOUBLE), atol=1e-12, rtol=0)
    assert_close(found.std(2, unbiased=False), torch.full((R, 4), 0.2, **DOUBLE))
    assert_close(standardized(7 * weight + 2, 0.2, 0.0), found)  # scale and mean change nothing


@pytest.mark.parametrize("place", OF_THE_SUM)
@pytest.mark.parametrize("kind", KINDS)
def test_a_replica_is_to_the_bit_what_it_is_alone(kind, place):
    network = replace(SIZES, placement=place, **KINDS[kind])
    data, plan = load("digits"), Plan((0.1,) * 3, 3, 16)
    several = Cohort(network, [0, 1, 2])
    train(several, [0, 1, 2], data, plan, record_at=[])
    alone = Cohort(network, [1])
    train(alone, [1], data, Plan((0.1,), 3, 16), record_at=[])
    part = several.select([1])
    for mine, theirs in zip(part.parameters(), alone.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_what_is_handed_on_is_normalized_after_the_sum_alone():
    inputs = torch.randn(1, 64, 9, generator=torch.Generator().manual_seed(0))
    for place, known in (("before the branch", False), ("after the sum", True)):
        seen = Intermediates()
        network = replace(SIZES, placement=place, normalizer="layer")
        Cohort(network, [0]).forward(inputs, "batch", seen)
        assert all((one is not None) == known for one in seen.normalized)
        assert (seen.outputs[-1].mean(1).abs().max() < 1e-5) == known


def test_a_sum_there_must_be():
    with pytest.raises(ValueError, match="without skip there is no sum"):
        replace(SIZES, skip=False)
