"""Collapse: how alike the outputs of samples become, against torch.nn, closed forms, a paper."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.axes import BATCH, CENTRED, DIVIDED, PLAIN
from bnviz.engine.networks import Cohort
from bnviz.experiments import collapse, collapse_trained
from bnviz.experiments.collapse import (
    CollapseConfig,
    effective_rank,
    first_batches,
    mean_cosine,
    propagate,
)
from bnviz.verdicts.collapse import SAME
from tests.samples import tiny

FIVE = 5


@pytest.fixture(scope="module")
def deep():
    """The setting of the lesson's first challenge."""
    return collapse.run(CollapseConfig(depth=50, seeds=FIVE))


def brute_cosine(h):
    """(units, samples): the mean over all pairs, one by one."""
    pairs = [
        float(h[:, i] @ h[:, j] / h[:, i].norm() / h[:, j].norm())
        for i in range(h.shape[1])
        for j in range(i)
    ]
    return sum(pairs) / len(pairs)


def test_shapes():
    result = collapse.run(tiny("collapse", depth=3))
    assert result.steps.tolist() == [0, 1, 2, 3]
    assert result.cosine.shape == (4, 2, 4)
    assert result.rank.shape == (2, 2, 4)
    assert result.matrix.shape == (2, 4, 30, 30)
    assert (np.diff(result.labels) >= 0).all()


def test_the_same_config_gives_the_same_bits():
    one, other = (collapse.run(tiny("collapse"), workers=workers) for workers in (1, 2))
    np.testing.assert_array_equal(one.cosine, other.cosine)
    np.testing.assert_array_equal(one.rank, other.rank)
    np.testing.assert_array_equal(one.matrix, other.matrix)


def test_the_mean_cosine_is_that_of_all_pairs():
    h = torch.randn(2, 7, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    expected = [brute_cosine(one) for one in h]
    np.testing.assert_allclose(mean_cosine(h), expected, rtol=1e-12)


def test_a_sample_without_output_has_no_direction():
    h = torch.tensor([[[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]], dtype=torch.float64)
    assert mean_cosine(h).item() == pytest.approx(math.sqrt(0.5))
    assert torch.isnan(mean_cosine(h[..., :2])).all()


def test_the_effective_rank_counts_directions():
    equal = torch.eye(6, dtype=torch.float64)[None]
    assert effective_rank(equal).item() == pytest.approx(6)
    alike = torch.outer(torch.arange(1.0, 6), torch.ones(4)).double()[None]
    assert effective_rank(alike).item() == pytest.approx(1)
    h = torch.randn(1, 9, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    share = torch.linalg.svdvals(h[0]) ** 2
    share = share / share.sum()
    expected = torch.exp(-(share * share.log()).sum())
    for turned in (h, h.mT):
        assert effective_rank(1e-20 * turned).item() == pytest.approx(expected.item())
    assert torch.isnan(effective_rank(torch.zeros(1, 3, 4))).all()


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
def test_plain_and_bn_are_those_of_torch(activation):
    config = CollapseConfig(depth=3, width=16, batch_size=12, seeds=1, activation=activation)
    images = first_batches(config)[0]
    weights = [layer.weight.detach() for layer in Cohort(config.architecture(), [0]).layers[:-1]]
    unit = {"relu": nn.ReLU, "tanh": nn.Tanh, "identity": nn.Identity}[activation]
    for normalized in (False, True):
        h, expected = images[0].T, []
        for weight in weights:
            linear = nn.Linear(weight.shape[2], weight.shape[1], bias=False).double()
            linear.weight.data = weight[0].double()
            norm = nn.BatchNorm1d(weight.shape[1]).double() if normalized else nn.Identity()
            h = nn.Sequential(linear, norm, unit())(h)
            expected.append(h.detach().T)
        found = propagate(weights, images, activation, centred=normalized, divided=normalized)
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one[0], other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("skip", ["off", "on"])
def test_bn_is_that_of_the_trained_networks_at_step_0(skip):
    """The two files agree: one passes weights on by itself, one asks the cohort that trains."""
    config = tiny("collapse", depth=4, skip=skip, width=16)
    images = torch.tensor(config.data().train_inputs[:32]).T.double()[None]
    trained = collapse_trained.run(collapse_trained.pieces(config)[0])
    for row in (PLAIN, BATCH):
        both = bool(row)
        cohort = Cohort(config.architecture(), [0])
        weights = [layer.weight.detach() for layer in cohort.layers[:-1]]
        *_, last = propagate(weights, images, "relu", centred=both, divided=both, skip=skip == "on")
        assert trained.cosine[row, 0, 0] == pytest.approx(mean_cosine(last).item(), abs=1e-5)


def test_half_of_bn_leaves_what_its_name_says():
    images = torch.randn(1, 6, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    weight = torch.randn(1, 5, 6, generator=torch.Generator().manual_seed(4))
    mean = next(propagate([weight], images + 3, "identity", centred=True, divided=False))
    spread = next(propagate([weight], images + 3, "identity", centred=False, divided=True))
    np.testing.assert_allclose(mean.mean(2), 0, atol=1e-12)
    assert mean.std(2, correction=0).std() > 0.1
    np.testing.assert_allclose(spread.std(2, correction=0), 1, atol=1e-4)
    assert spread.mean(2).abs().max() > 1


def relu_cosine(cosine):
    """What an infinitely wide layer of ReLU units makes of the cosine between two inputs.

    (√(1 − c²) + c (π − arccos c)) / π; of two inputs at a right angle, 1/π.
    Source: Cho & Saul 2009, "Kernel Methods for Deep Learning", the arc-cosine kernel of order 1.
    """
    angle = math.acos(min(1.0, max(-1.0, cosine)))
    return (math.sin(angle) + math.cos(angle) * (math.pi - angle)) / math.pi


def test_a_wide_relu_layer_follows_the_arc_cosine_kernel():
    """Cho & Saul 2009; at a right angle 1/π."""
    assert relu_cosine(0.0) == pytest.approx(1 / math.pi)
    assert relu_cosine(1.0) == pytest.approx(1)
    generator = torch.Generator().manual_seed(5)
    for cosine in (-0.5, 0.0, 0.3, 0.9):
        pair = torch.tensor([[1.0, cosine], [0.0, math.sqrt(1 - cosine**2)]]).double()[None]
        weight = torch.randn(1, 200_000, 2, generator=generator)
        wide = next(propagate([weight], pair, "relu", centred=False, divided=False))
        assert mean_cosine(wide).item() == pytest.approx(relu_cosine(cosine), abs=0.01)


def test_the_published_numbers_come_out(deep):
    """Our own small reproduction (mean cosine and rank at layers 1, 4, 8, 16, 50)."""
    layers = [1, 4, 8, 16, 50]
    plain, batch = (np.median(deep.cosine[row], axis=0)[layers] for row in (PLAIN, BATCH))
    np.testing.assert_allclose(plain, [0.34, 0.66, 0.89, 0.97, 0.998], atol=0.03)
    np.testing.assert_allclose(batch, 0.32, atol=0.02)
    ends = np.median(deep.rank[:, :, -1], axis=1)
    assert ends[PLAIN] < 1.2
    assert ends[BATCH] > 12


def test_in_every_seed_plain_collapses_and_bn_does_not(deep):
    assert (deep.cosine[PLAIN, :, -1] > 0.9).all()
    assert (deep.cosine[BATCH, :, -1] < 0.4).all()


def test_neither_half_of_bn_does_it_alone_over_fifty_layers(deep):
    for row in (CENTRED, DIVIDED):
        assert (deep.cosine[row, :, -1] > deep.cosine[BATCH, :, -1] + SAME).all()


def test_with_tanh_and_identity_the_cosine_needs_no_bn():
    for activation in ("tanh", "identity"):
        result = collapse.run(CollapseConfig(depth=30, activation=activation, seeds=FIVE))
        assert (np.abs(result.cosine[PLAIN, :, -1]) < 0.05).all()
        assert (result.rank[PLAIN, :, -1] < 0.5 * result.rank[PLAIN, :, 1]).all()


def test_with_skip_connections_bn_draws_samples_together_too():
    result = collapse.run(CollapseConfig(depth=30, skip="on", seeds=FIVE))
    assert (result.cosine[BATCH, :, -1] > 0.8).all()


def test_two_samples_are_at_a_right_angle_with_bn_whatever_they_are():
    result = collapse.run(tiny("collapse", batch_size=2, depth=4, width=64))
    np.testing.assert_allclose(result.cosine[BATCH, :, 1:], 0, atol=1e-12)


def test_one_sample_has_nobody_to_be_compared_with():
    result = collapse.run(tiny("collapse", batch_size=1))
    assert np.isnan(result.cosine).all()


def test_a_weak_signal_keeps_its_direction():
    weak, usual = (collapse.run(tiny("collapse", gain=gain, depth=50)) for gain in (1e-4, 1.0))
    np.testing.assert_allclose(weak.cosine[PLAIN], usual.cosine[PLAIN], atol=1e-4)


def test_a_network_that_starts_alike_learns_late_and_comes_apart():
    """Twenty layers at the page's learning rate: what the closed section shows."""
    result = collapse_trained.run(collapse_trained.pieces(CollapseConfig(depth=20, seeds=FIVE))[0])
    assert (result.cosine[PLAIN, :, 0] > 0.9).all()
    assert (result.cosine[BATCH, :, 0] < 0.4).all()
    accuracy = result.test_accuracy[:, :, -1]
    assert np.median(accuracy[BATCH]) > np.median(accuracy[PLAIN]) + 0.2
    assert (result.cosine[PLAIN, :, -1] < result.cosine[PLAIN, :, 0]).all()
