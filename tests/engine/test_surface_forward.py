"""The loss at every point of a plane, against torch.nn code that visits one after the other."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from bnviz.engine.batchnorm import Options
from bnviz.engine.networks import losses
from bnviz.engine.surface import along, surface
from bnviz.engine.threads import one_thread
from tests.engine.planes import (
    CLASSES,
    FEATURES,
    INPUTS,
    LABELS,
    NORMALIZED,
    PLAIN,
    XS,
    YS,
    normal,
    somewhere,
    used,
)

MODULES = {
    "relu": nn.ReLU,
    "leaky relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}


# ------------------------------------------------------------------ the loop everyone writes
class Hidden(nn.Module):
    def __init__(self, architecture, index, inputs):
        super().__init__()
        width, normalized = architecture.width, architecture.is_normalized(index)
        self.before = architecture.placement == "before"
        self.linear = nn.Linear(inputs, width, bias=not (normalized and self.before))
        self.norm = nn.BatchNorm1d(width) if normalized else nn.Identity()
        self.activation = MODULES[architecture.activation]()
        self.skip = architecture.skip and index > 1

    def forward(self, h):
        z = self.linear(h)
        out = self.activation(self.norm(z)) if self.before else self.norm(self.activation(z))
        return out + h if self.skip else out


def ordinary_network(architecture):
    sizes = [inputs for inputs, _ in architecture.sizes()]
    layers = [Hidden(architecture, i, sizes[i - 1]) for i in range(1, architecture.depth + 1)]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], architecture.outputs)).double()


def load_into(tensors, values):
    with torch.no_grad():
        for tensor, value in zip(tensors, values, strict=True):
            tensor.copy_(value.view(tensor.shape))


def slow_surface(cohort, directions, mode):
    network = ordinary_network(cohort.architecture)
    network.train(mode == "batch")
    buffers = [b for name, b in network.named_buffers() if "running" in name]
    load_into(buffers, cohort.buffers())
    values = np.empty((len(YS), len(XS)))
    for i, y in enumerate(YS):
        for j, x in enumerate(XS):
            theta = zip(cohort.parameters(), *directions, strict=True)
            load_into(network.parameters(), [p + x * d + y * e for p, d, e in theta])
            with torch.no_grad():
                values[i, j] = nn.functional.cross_entropy(network(INPUTS), LABELS)
    return values


def check(architecture, mode):
    cohort = used(architecture)
    directions = [somewhere(cohort, 100), somewhere(cohort, 200)]
    with one_thread():
        expected = slow_surface(cohort, directions, mode)
    found = surface(cohort, directions, XS, YS, INPUTS, LABELS, mode)
    assert found.dtype == np.float32
    assert expected.std() > 0.02
    np.testing.assert_allclose(found, expected, rtol=2e-7)  # float32 rounds at 6e-8


NORMALIZED_LAYERS = {"no layer": (), "all layers": None, "layer 2": (2,), "every second": (1, 3)}


@pytest.mark.parametrize("mode", ["batch", "inference"])
@pytest.mark.parametrize("skip", [False, True], ids=["", "skip"])
@pytest.mark.parametrize("placement", ["before", "after"])
@pytest.mark.parametrize("layers", NORMALIZED_LAYERS)
@pytest.mark.parametrize("activation", MODULES)
def test_every_point_is_that_of_ordinary_code(activation, layers, placement, skip, mode):
    architecture = replace(
        NORMALIZED,
        activation=activation,
        normalized=NORMALIZED_LAYERS[layers],
        placement=placement,
        skip=skip,
    )
    check(architecture, mode)


@pytest.mark.parametrize("mode", ["batch", "inference"])
def test_the_plain_network_without_any_normalizer(mode):
    check(PLAIN, mode)


@pytest.mark.parametrize(
    "change",
    [{"dropout": 0.5}, {"noise_after": True}, {"options": Options(ghost_batch_size=4)}],
    ids=["dropout", "noise", "ghost batches"],
)
def test_chance_is_off_and_the_statistics_are_those_of_all_samples(change):
    cohort, noisy = used(NORMALIZED), used(replace(NORMALIZED, **change))
    directions = [somewhere(cohort, 100), somewhere(cohort, 200)]
    calm = surface(cohort, directions, XS, YS, INPUTS, LABELS, "batch")
    found = surface(noisy, directions, XS, YS, INPUTS, LABELS, "batch")
    assert np.array_equal(calm, found)


def test_epsilon_is_that_of_the_options():
    wide = replace(NORMALIZED, options=Options(epsilon=0.5))
    for mode in ("batch", "inference"):
        cohort = used(wide)
        with torch.no_grad():
            logits = cohort.forward(INPUTS.T[None].contiguous(), mode)
        still = [[torch.zeros_like(p) for p in cohort.parameters()]] * 2
        found = surface(cohort, still, [0.0], [0.0], INPUTS, LABELS, mode)
        expected = losses(logits, LABELS[None]).item()
        assert found.item() == pytest.approx(expected, rel=2e-7)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 5),
    st.integers(1, 4),
    st.sampled_from(["batch", "inference"]),
    st.booleans(),
    st.integers(0, 10**6),
)
def test_float32_agrees_with_the_forward_pass_for_any_size(samples, wide, high, mode, skip, seed):
    cohort = used(replace(NORMALIZED, skip=skip), torch.float32)
    directions = [somewhere(cohort, seed), somewhere(cohort, seed + 1000)]
    inputs = normal(samples, FEATURES, seed=seed, dtype=torch.float32)
    labels = torch.arange(samples) % CLASSES
    xs, ys = np.linspace(-0.5, 0.5, wide), np.linspace(-0.2, 0.6, high)
    found = surface(cohort, directions, xs, ys, inputs, labels, mode)
    assert found.shape == (high, wide)
    lines = [along(cohort, directions[1], np.array([ys])).select([i]) for i in range(high)]
    for line, row in zip(lines, found, strict=True):
        there = along(line, directions[0], xs[None])
        shared = inputs.T.expand(wide, FEATURES, samples)
        with torch.no_grad():
            logits = there.forward(shared, mode)
        expected = losses(logits, labels.expand(wide, samples)).numpy()
        # a unit that hardly varies, or a single sample, is divided by sqrt(eps) = 1/316
        close = 1e-3 if mode == "batch" and samples < 5 else 1e-4
        np.testing.assert_allclose(row, expected, rtol=close, atol=close)


@pytest.mark.parametrize("mode", ["batch", "inference"])
def test_gamma_and_beta_that_are_constants_stay_where_they_are(mode):
    cohort = used(replace(NORMALIZED, affine="frozen"))
    one, other = somewhere(cohort, 1), somewhere(cohort, 2)
    found = surface(cohort, [one, other], XS, [0.0], INPUTS, LABELS, mode)[0]
    moved = along(cohort, one, [XS])
    logits = moved.forward(INPUTS.T.expand(len(XS), -1, -1), mode)
    expected = losses(logits, LABELS.expand(len(XS), -1)).detach()
    np.testing.assert_allclose(found, expected, rtol=1e-6)
