"""What a network may be, and where its normalization may stand."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch.testing import assert_close

from bnviz.engine.networks import Cohort, losses
from tests.engine.small_networks import NORMALIZED, SMALL, assert_equal, normal, traced


# ------------------------------------------------------------------ what is asked for
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depth": 0}, "depth is 0; it must be from 1 to 50"),
        ({"depth": 51}, "depth is 51; it must be from 1 to 50"),
        ({"width": 1}, "width is 1; it must be from 2 to 256"),
        ({"width": 257}, "width is 257; it must be from 2 to 256"),
        ({"dropout": -0.1}, "dropout is -0.1; it must be from 0.0 to 0.95"),
        ({"dropout": 1.0}, "dropout is 1.0; it must be from 0.0 to 0.95"),
        ({"dropout": math.nan}, "dropout is nan; it must be from 0.0 to 0.95"),
        ({"activation": "relu6"}, "activation is 'relu6'; it must be one of relu, leaky relu"),
        ({"initialization": "zero"}, "initialization is 'zero'; it must be one of matched, he"),
        ({"normalizer": "spectral"}, "normalizer is 'spectral'; it must be one of none, batch"),
        ({"placement": "inside"}, "placement is 'inside'; it must be one of before, after"),
        ({"normalized": (1, 4)}, "normalized is 4; it must be from 1 to 3"),
        ({"normalized": (0,)}, "normalized is 0; it must be from 1 to 3"),
        ({"gamma_start": -0.1}, "gamma_start is -0.1; it must be from 0.0 to 10.0"),
        ({"bias_before": "some"}, "bias_before is 'some'; it must be one of dropped, kept"),
        ({"affine": "half"}, "affine is 'half'; it must be one of trained, frozen"),
    ],
)
def test_an_impossible_architecture_is_told_what_is_allowed(change, message):
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **change)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"normalized": (2,)}, []),
        ({"normalizer": "batch"}, [1, 2, 3]),
        ({"normalizer": "batch", "normalized": ()}, []),
        ({"normalizer": "batch", "normalized": (3, 1)}, [1, 3]),
    ],
)
def test_hidden_layers_are_normalized_as_chosen_and_the_output_never(change, expected):
    architecture = replace(SMALL, **change)
    assert [layer for layer in range(1, 5) if architecture.is_normalized(layer)] == expected
    normalized = [layer.running is not None for layer in Cohort(architecture, [0]).layers]
    assert [layer for layer, is_it in enumerate(normalized, start=1) if is_it] == expected


# ------------------------------------------------------------------ where normalization stands
def batches(cohort, count=3):
    """A few passes in training mode, with their gradients; the running statistics move."""
    for seed in range(count):
        logits = cohort.forward(normal(cohort.replicas, 5, 8, seed=seed), "train")
        loss = losses(logits, torch.arange(8).remainder(3).expand(cohort.replicas, 8)).sum()
        gradients = torch.autograd.grad(loss, cohort.parameters())
    return [logits.detach(), *gradients, *(b.clone() for b in cohort.buffers())]


def test_what_is_not_asked_for_changes_no_bit():
    explicit = {"normalize_inputs": False, "bias_before": "dropped", "affine": "trained"}
    for architecture in (SMALL, NORMALIZED, replace(NORMALIZED, placement="after", skip=True)):
        other = replace(architecture, gamma_start=1.0, **explicit)
        assert_equal(batches(Cohort(architecture, [0, 1])), batches(Cohort(other, [0, 1])))
    # gamma_start is for branches alone, and bias_before for what stands before the activation
    elsewhere = replace(NORMALIZED, gamma_start=0.3)
    assert_equal(batches(Cohort(NORMALIZED, [0])), batches(Cohort(elsewhere, [0])))
    after = replace(NORMALIZED, placement="after")
    kept = replace(after, bias_before="kept")
    assert_equal(batches(Cohort(after, [0])), batches(Cohort(kept, [0])))


class Placed(torch.nn.Module):
    """The same in ordinary code: BN of the inputs, a bias before BN, gamma and beta or none."""

    def __init__(self, bias, affine, start):
        super().__init__()
        self.input_running = torch.nn.BatchNorm1d(5, affine=False)
        sizes = [5, 6, 6, 6]
        self.linears = torch.nn.ModuleList(
            torch.nn.Linear(a, b, bias=bias) for a, b in pairwise(sizes)
        )
        self.norms = torch.nn.ModuleList(torch.nn.BatchNorm1d(6, affine=affine) for _ in range(3))
        self.out = torch.nn.Linear(6, 3)
        for norm in self.norms[1:] if affine else ():
            torch.nn.init.constant_(norm.weight, start)

    def forward(self, rows):
        h = self.input_running(rows)
        for index, (linear, norm) in enumerate(zip(self.linears, self.norms, strict=True)):
            branch = torch.relu(norm(linear(h)))
            h = branch if index == 0 else branch + h
        return self.out(h)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("start", [0.0, 0.5])
def test_placements_are_those_of_ordinary_code(bias, affine, start):
    architecture = replace(
        NORMALIZED,
        normalize_inputs=True,
        bias_before="kept" if bias else "dropped",
        affine="trained" if affine else "frozen",
        skip=True,
        gamma_start=start if affine else 1.0,
    )
    cohort = Cohort(architecture, [3, 8], dtype=torch.float64)
    for replica in range(2):
        network = Placed(bias, affine, start).double()
        mine = cohort.select([replica])
        with torch.no_grad():
            for linear, layer in zip([*network.linears, network.out], mine.layers, strict=True):
                linear.weight.copy_(layer.weight[0])
                if linear.bias is not None:
                    linear.bias.copy_(layer.bias[0, :, 0])
        for seed in range(3):
            rows, labels = normal(1, 5, 8, seed=seed).double(), torch.arange(8)[None] % 3
            loss = losses(mine.forward(rows, "train"), labels)[0]
            other = torch.nn.functional.cross_entropy(network(rows[0].T), labels[0])
            assert_close(loss, other)
            ours = torch.autograd.grad(loss, mine.parameters())
            theirs = torch.autograd.grad(other, list(network.parameters()))
            for one, two in zip(ours, by_module(network, theirs), strict=True):
                assert_close(one.flatten(), two.flatten(), rtol=1e-7, atol=1e-12)
        network.eval()
        assert_close(mine.forward(rows, "inference")[0], network(rows[0].T).T)


def by_module(network, gradients):
    """Weight, bias, gamma and beta of each layer, in this order."""
    found = dict(zip(map(id, network.parameters()), gradients, strict=True))
    pairs = zip([*network.linears, network.out], [*network.norms, None], strict=True)
    parameters = [
        p
        for linear, norm in pairs
        for p in (linear.weight, linear.bias, *(norm.parameters() if norm else ()))
        if p is not None
    ]
    return [found[id(p)] for p in parameters]


@pytest.mark.parametrize("hidden", ["none", "batch", "layer", "renorm", "switchable"])
def test_normalized_inputs_are_alike_alone_and_in_company(hidden):
    architecture = replace(SMALL, normalize_inputs=True, normalizer=hidden)
    rows = (normal(19, 5) * 100 + 7).repeat(3, 1)
    wide = rows.view(3, 19, 5).transpose(1, 2)  # the layout in which batches arrive
    together, alone = Cohort(architecture, [1, 2, 3]), Cohort(architecture, [2])
    for mode in ("train", "batch", "inference"):
        company, single = together.forward(wide, mode), alone.forward(wide[:1], mode)
        assert torch.equal(company[1], single[0])
    assert all(
        torch.equal(a.view(3, -1)[1], b)
        for a, b in zip(together.buffers(), alone.buffers(), strict=True)
    )


def test_normalized_inputs_do_not_depend_on_their_scale():
    cohort, inputs = Cohort(replace(SMALL, normalize_inputs=True), [0]), normal(1, 5, 16)
    scales = torch.tensor([0.5, 1.0, 10.0, 100.0, 1000.0])[None, :, None]
    same = traced(cohort, inputs, "batch").pre_activations[-1]
    assert_close(traced(cohort, inputs * scales + 3, "batch").pre_activations[-1], same, rtol=1e-2,
                 atol=1e-3)  # fmt: skip
    assert traced(cohort, inputs[:, :, :1], "batch").pre_activations[-1].isfinite().all()


def test_a_bias_before_the_normalization_changes_nothing_and_gets_no_gradient():
    cohort = Cohort(replace(NORMALIZED, bias_before="kept"), [0, 1], dtype=torch.float64)
    inputs, labels = normal(2, 5, 8).double(), torch.arange(8).remainder(3).expand(2, 8)
    before = cohort.forward(inputs, "batch").detach()
    with torch.no_grad():
        for layer in cohort.layers[:-1]:
            layer.bias.add_(normal(*layer.bias.shape, seed=5))
    after = cohort.forward(inputs, "batch")
    assert_close(before, after.detach(), rtol=0, atol=1e-12)
    biases = [layer.bias for layer in cohort.layers[:-1]]
    betas = [layer.beta for layer in cohort.layers[:-1]]
    slopes = torch.autograd.grad(losses(after, labels).sum(), biases + betas)
    assert max(slope.abs().max() for slope in slopes[:3]) < 1e-15
    assert min(slope.abs().max() for slope in slopes[3:]) > 1e-3


def test_frozen_gamma_and_beta_are_no_parameters_but_travel_with_their_replica():
    cohort = Cohort(replace(NORMALIZED, affine="frozen"), [0, 1, 2])
    assert not any(layer.gamma.requires_grad or layer.beta.requires_grad for layer in
                   cohort.layers[:-1])  # fmt: skip
    part = cohort.select([2, 0])
    assert [layer.gamma.numel() for layer in part.layers[:-1]] == [12] * 3
    inputs = normal(3, 5, 8)
    chosen = traced(part, inputs[[2, 0]], "train").pre_activations[-1]
    assert torch.equal(chosen, traced(cohort, inputs, "train").pre_activations[-1][[2, 0]])
    cohort.paste(part, [2, 0])
    assert torch.equal(cohort.layers[0].running.mean.view(3, -1)[2],
                       part.layers[0].running.mean.view(2, -1)[0])  # fmt: skip


@pytest.mark.parametrize(
    ("activation", "placement", "learns"),
    [
        ("relu", "after", True),
        ("relu", "before", False),
        ("tanh", "before", True),
        ("sigmoid", "before", True),
    ],
)
def test_a_branch_from_zero_adds_nothing_and_may_learn(activation, placement, learns):
    architecture = replace(
        NORMALIZED, skip=True, gamma_start=0.0, activation=activation, placement=placement
    )
    cohort = Cohort(architecture, [0])
    assert [float(layer.gamma[0].detach()) for layer in cohort.layers[:-1]] == [1.0, 0.0, 0.0]
    intermediates = traced(cohort, normal(1, 5, 8), "batch")
    constant = 0.5 if activation == "sigmoid" else 0.0
    assert_close(intermediates.outputs[2], intermediates.outputs[0] + 2 * constant)
    logits, labels = cohort.forward(normal(1, 5, 8), "batch"), torch.arange(8)[None] % 3
    loss = losses(logits, labels).sum()
    (slope,) = torch.autograd.grad(loss, [cohort.layers[2].gamma])
    assert bool((slope != 0).any()) is learns
