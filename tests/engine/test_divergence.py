"""A replica whose numbers stop being finite: it is frozen, and the layer is named."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from bnviz.engine.architecture import Architecture
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.training import train
from tests.engine.runs import (
    assert_equal,
    assert_same_replica,
    last_weights,
    run,
    small_data,
    state,
)

DEEP = Architecture(64, 10, depth=8, width=16)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_a_diverging_replica_is_frozen_at_finite_weights_and_costs_the_others_nothing(optimizer):
    seeds, plan = (1, 1, 2), Plan((0.02, 10.0, 0.02), 40, optimizer=optimizer)
    history = run(DEEP, seeds, plan, probes=[last_weights])
    calm = run(DEEP, (1, 2), replace(plan, learning_rates=(0.02, 0.02)), probes=[last_weights])
    assert_same_replica(history, 0, calm, 0)
    assert_same_replica(history, 2, calm, 1)
    assert history.divergences[0] is history.divergences[2] is None

    end = history.divergences[1]
    assert 0 < end.step < 40
    assert 1 <= end.layer <= 9
    assert end.signal_sizes.shape == (9,)
    if end.during == "forward":
        assert np.isfinite(end.signal_sizes[: end.layer - 1]).all()
        assert not np.isfinite(end.signal_sizes[end.layer - 1])

    # Frozen means: as after `step` updates, and no further.
    shorter = Plan((10.0,), end.step, optimizer=optimizer)
    frozen = run(DEEP, (1,), shorter, record_at=[])
    parameters = history.cohort.select([1]).parameters()
    assert_equal([p.detach() for p in parameters], [p.detach() for p in frozen.cohort.parameters()])
    assert all(torch.isfinite(p).all() for p in parameters)


def test_records_after_a_divergence_are_missing():
    plan = Plan((0.02, 10.0), 30)
    history = run(DEEP, (1, 1), plan, record_at=range(31), probes=[last_weights])
    step = history.divergences[1].step
    for values in (history.test_losses, history.test_accuracies, history.probes["last"]):
        assert np.isnan(values[1, step:]).all()
        assert np.isfinite(values[0]).all()
    assert np.isfinite(history.test_accuracies[1, :step]).all()
    assert np.isnan(history.batch_losses[1, step:]).all()
    assert np.isfinite(history.batch_losses[1, :step]).all()


def test_when_all_replicas_have_diverged_the_run_ends():
    finished = []
    history = run(DEEP, (1, 2), Plan((10.0, 20.0), 500), progress=finished.append)
    assert all(history.divergences)
    assert finished[-1] == max(end.step for end in history.divergences)
    assert history.batch_losses.shape == (2, 500)
    assert np.isnan(history.test_losses[:, -1]).all()


def handmade(seeds=(1, 2, 3)):
    """A cohort of plain ReLU networks, and its bit-identical twin that nobody changes."""
    architecture = Architecture(5, 3, depth=4, width=6)
    return Cohort(architecture, seeds), Cohort(architecture, seeds)


def test_an_overflow_on_the_way_forward_is_traced_to_its_layer():
    cohort, twin = handmade()
    with torch.no_grad():
        for layer in (1, 2, 3):
            cohort.layers[layer - 1].weight[1].abs_()
        cohort.layers[0].bias[1] = 1.0
        cohort.layers[2].weight[1] = 3e38
    before = state(cohort)
    data, plan = small_data(), Plan((0.05,) * 3, 6, 8)
    history = train(cohort, (1, 2, 3), data, plan)
    end = history.divergences[1]
    assert (end.step, end.layer, end.during) == (0, 3, "forward")
    assert np.isfinite(end.signal_sizes[:2]).all()
    assert np.isinf(end.signal_sizes[2])
    for now, then in zip(state(cohort), before, strict=True):
        assert torch.equal(now.view(3, -1)[1], then.view(3, -1)[1])
    calm = train(twin, (1, 2, 3), data, plan)
    for replica in (0, 2):
        assert_same_replica(history, replica, calm, replica)


def test_an_overflow_on_the_way_back_is_traced_to_its_layer():
    architecture = Architecture(5, 3, depth=2, width=6, activation="identity")
    cohort = Cohort(architecture, (1, 2))
    with torch.no_grad():
        cohort.layers[0].weight[1] *= 1e-36
        cohort.layers[1].weight[1] = 1e37
        cohort.layers[2].weight[1] *= 1e4
    history = train(cohort, (1, 2), small_data(), Plan((0.05,) * 2, 3, 8))
    end = history.divergences[1]
    assert (end.step, end.layer, end.during) == (0, 1, "backward")
    assert np.isfinite(end.signal_sizes).all()
    assert history.divergences[0] is None


def huge_losses(size):
    """A run of 60 replicas, each sure of a class that is wrong for most samples."""
    cohort = Cohort(Architecture(5, 3, 1, 6, "identity"), (1,) * 60)
    with torch.no_grad():
        cohort.layers[1].weight.fill_(0.0)
        cohort.layers[1].bias[:, 0] = size
    return train(cohort, (1,) * 60, small_data(), Plan((0.0,) * 60, 1, 8), record_at=[])


def test_large_losses_that_only_overflow_in_their_sum_are_no_divergence():
    history = huge_losses(2e37)
    assert history.divergences == [None] * 60
    assert history.batch_losses.sum(dtype=np.float64) > np.finfo(np.float32).max


def test_a_loss_that_overflows_after_finite_outputs_is_put_down_to_the_output_layer():
    end = huge_losses(3e38).divergences[0]
    assert (end.step, end.layer, end.during) == (0, 2, "forward")
    assert np.isfinite(end.signal_sizes).all()


def test_a_divergence_at_the_last_look_is_reported():
    end = run(DEEP, (1,), Plan((10.0,), 40)).divergences[0].step
    history = run(DEEP, (1,), Plan((10.0,), end))
    assert history.divergences[0].step == end == history.steps[-1]
    assert np.isnan(history.test_losses[0, -1])
    assert np.isfinite(history.batch_losses).all()
