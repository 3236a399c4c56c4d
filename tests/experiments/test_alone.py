"""Alone: what is trained, how γ is counted, and what the page claims, over five seeds."""

import numpy as np
import pytest
import torch

from bnviz.axes import NEVER, PARTS
from bnviz.engine.networks import Cohort
from bnviz.engine.training import Snapshot
from bnviz.experiments import alone
from bnviz.experiments.alone import EDGES, OFF, AloneConfig
from bnviz.verdicts.alone import ALL, judge
from tests.samples import tiny


@pytest.fixture(scope="module")
def result():
    return alone.run(tiny("alone"))


def test_shapes(result):
    records = len(result.steps)
    assert result.steps[0] == 0
    assert result.steps[-1] == result.config.steps
    assert result.test_accuracy.shape == (4, 2, records)
    assert result.gamma.shape == (4, 2, records, len(EDGES) - 1)
    assert result.off.shape == (4, 2, records, 2)
    assert result.diverged_at.shape == (4, 2)


def test_the_same_config_gives_the_same_bits(result):
    other = alone.run(tiny("alone"), workers=1)
    np.testing.assert_array_equal(other.test_accuracy, result.test_accuracy)
    np.testing.assert_array_equal(other.gamma, result.gamma)


def test_what_is_trained_is_counted(result):
    config = result.config
    features, classes = config.data().features, config.data().classes
    vectors, output = 2 * 2 * 8, 8 * classes + classes
    every = features * 8 + 8 * 8 + vectors + output
    assert result.trained.tolist() == [vectors, output, vectors, every]
    np.testing.assert_allclose(result.shares(), result.trained / every)


def test_all_start_from_the_same_network(result):
    for row in range(1, len(PARTS)):
        np.testing.assert_array_equal(
            result.test_accuracy[row, :, 0], result.test_accuracy[0, :, 0]
        )


def test_gamma_moves_where_it_is_trained_alone(result):
    at_one = np.flatnonzero(EDGES <= 1.0 + 1e-9)[-1]
    np.testing.assert_array_equal(result.gamma[..., 0, at_one], 1)
    moved = result.gamma[:, :, -1, at_one] < 1
    assert moved.all(axis=1).tolist() == [True, False, False, True]
    np.testing.assert_allclose(result.gamma.sum(axis=-1), 1, rtol=1e-5)


def test_gamma_is_counted_in_its_bin():
    config = AloneConfig(depth=2, width=8)
    cohort = Cohort(config.architecture(normalizer="batch"), [0, 1])
    with torch.no_grad():
        for place, layer in enumerate(cohort.layers[:-1]):
            layer.gamma.copy_(torch.linspace(-1.5, 3.5, 16) * (1 - place))
    counted = alone.gammas(
        Snapshot(0, cohort, [0, 1], torch.empty(0), torch.empty(0), torch.empty(0), [])
    )
    values = np.stack([layer.gamma.detach().view(2, 8).numpy() for layer in cohort.layers[:-1]], 1)
    for replica in range(2):
        inside = np.clip(values[replica].ravel(), EDGES[0], EDGES[-1] - 1e-6)
        expected = np.histogram(inside, EDGES)[0] / 16
        np.testing.assert_allclose(counted["gamma"][replica], expected, atol=1e-6)
    np.testing.assert_allclose(counted["off"], (np.abs(values) < OFF).mean(2))


def test_a_divergence_is_a_result():
    result = alone.run(tiny("alone", learning_rate=1e3, steps=30, gain=1e4))
    lost = result.diverged_at != NEVER
    assert np.isnan(result.test_accuracy[lost, -1]).all()
    judge(result)


@pytest.mark.parametrize(("by", "other"), [("width", "depth"), ("depth", "width")])
def test_the_section_asks_small_and_large_networks(by, other):
    config = AloneConfig(steps=50, **{other: 4})
    pieces = alone.pieces(config, by)
    assert [getattr(piece, by) for piece in pieces] == list(alone.SIZES[by])
    assert {(piece.steps, getattr(piece, other)) for piece in pieces} == {(50, 4)}


def test_the_section_costs_no_more_than_the_largest_of_its_networks_five_times():
    for by, sizes in alone.SIZES.items():
        work = [piece.work() for piece in alone.pieces(AloneConfig(), by)]
        assert work == sorted(work)
        assert len(sizes) == 5
        assert sum(work) < 5 * AloneConfig(**{by: sizes[-1]}).work()


class TestWhatThePageClaims:
    """Over five seeds."""

    def test_gamma_and_beta_alone_get_far_with_few_numbers(self):
        result = alone.run(AloneConfig(seeds=5))
        verdict = judge(result)
        assert verdict.level == "high"
        assert verdict.affine.share < 0.031
        assert verdict.beside_random == verdict.beside_output == "first"
        assert verdict.beside_all == "second"
        assert (verdict.ahead_of_random.first, verdict.ahead_of_output.first) >= (3, 5)

    def test_what_was_measured_before_comes_out(self):
        """Our own small reproduction: 8 layers of 64, 400 steps."""
        result = alone.run(AloneConfig(depth=8, steps=400, seeds=3))
        verdict = judge(result)
        assert 0.86 < verdict.affine.accuracy < 0.93
        assert verdict.affine.share == pytest.approx(0.03, abs=0.001)

    def test_with_one_hidden_layer_they_are_not_enough(self):
        verdict = judge(alone.run(AloneConfig(depth=1, seeds=5)))
        assert verdict.beside_output == "second"
        assert verdict.ahead_of_output.second == 5
        assert verdict.affine.accuracy < 0.65

    def test_without_momentum_they_are_slower(self):
        with_momentum, without = (
            alone.run(AloneConfig(optimizer=name, seeds=5)) for name in ("momentum", "sgd")
        )
        assert (without.test_accuracy[0, :, -1] < with_momentum.test_accuracy[0, :, -1] - 0.1).all()
        assert (without.test_accuracy[ALL, :, -1] > 0.95).all()
