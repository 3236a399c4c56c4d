"""What a training run records, of which state, and that recording changes nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bnviz.engine import training
from bnviz.engine.networks import Cohort, Intermediates
from bnviz.engine.plan import Plan
from bnviz.engine.training import recording_steps, train
from tests.engine.runs import (
    BN,
    DIGITS,
    EVERYTHING,
    PLAIN,
    TOO_HIGH,
    assert_equal,
    last_weights,
    run,
    state,
)


@given(steps=st.integers(1, 20_000), count=st.integers(3, 80))
@settings(deadline=None)
def test_recording_steps_run_from_first_to_last_and_thin_out(steps, count):
    chosen = recording_steps(steps, count)
    assert chosen[:2] == [0, 1]
    assert chosen[-1] == steps
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= count + 1
    if steps <= count:
        assert chosen == list(range(steps + 1))
    else:
        middle = sum(step <= steps / 2 for step in chosen)
        assert middle >= len(chosen) / 2


@pytest.mark.parametrize("architecture", [PLAIN, BN, EVERYTHING])
def test_many_replicas_are_tested_some_at_a_time_with_the_same_bits(architecture, monkeypatch):
    plan = Plan((0.1, TOO_HIGH, 0.3, 0.2), 6)
    whole = run(architecture, (1, 1, 2, 3), plan)
    monkeypatch.setattr(training, "TESTED", 1)  # one after another
    parts = run(architecture, (1, 1, 2, 3), plan)
    np.testing.assert_array_equal(whole.test_losses, parts.test_losses)
    np.testing.assert_array_equal(whole.test_accuracies, parts.test_accuracies)


def test_a_record_shows_the_state_after_as_many_updates():
    for step in (0, 3, 5):
        history = run(BN, (1,), Plan((0.1,), 5), record_at=[step], probes=[last_weights])
        if step:
            shorter = run(BN, (1,), Plan((0.1,), step), record_at=[]).cohort
        else:
            shorter = Cohort(BN, (1,))
        expected = shorter.layers[-1].weight.detach().flatten().numpy()
        np.testing.assert_array_equal(history.probes["last"][0, 0], expected)


def test_the_last_record_and_the_cohort_show_the_end():
    cohort = Cohort(BN, (1, 2))
    history = train(cohort, (1, 2), DIGITS, Plan((0.1, 0.1), 7), probes=[last_weights])
    assert history.cohort is cohort
    assert history.steps[-1] == 7
    final = cohort.layers[-1].weight.detach().flatten(1).numpy()
    np.testing.assert_array_equal(history.probes["last"][:, -1], final)
    assert history.batch_losses.shape == (2, 7)
    assert history.test_losses.shape == history.test_accuracies.shape == (2, len(history.steps))
    assert history.training_seconds > 0
    assert history.recording_seconds > 0


def test_recording_does_not_change_the_training():
    plan = Plan((0.1, 0.2), 9, 32, "adam")
    often = run(EVERYTHING, (1, 2), plan, record_at=range(9), probes=[last_weights])
    never = run(EVERYTHING, (1, 2), plan, record_at=[])
    np.testing.assert_array_equal(often.batch_losses, never.batch_losses)
    assert_equal(state(often.cohort), state(never.cohort))
    assert never.test_losses.shape == (2, 0)


RENORM = replace(BN, normalizer="renorm")


@pytest.mark.parametrize("architecture", [EVERYTHING, RENORM])
def test_the_record_after_the_last_update_leaves_no_trace(architecture):
    """Its pass is for the gradient alone: it is no batch that was trained on."""
    plan = Plan((0.1, 0.2), 9)
    last, never = (run(architecture, (1, 2), plan, record_at=at) for at in ([9], []))
    assert_equal(state(last.cohort), state(never.cohort))
    for mine, other in zip(last.cohort.generators, never.cohort.generators, strict=True):
        assert torch.equal(mine.get_state(), other.get_state())
    counted = [[layer.running.updates for layer in one.cohort.layers[:-1]] for one in (last, never)]
    assert counted[0] == counted[1]


def running_means(snapshot):
    means = [layer.running.mean.clone() for layer in snapshot.cohort.layers[:-1]]
    return {"means": torch.stack(means).view(3, snapshot.cohort.replicas, -1).movedim(1, 0)}


def with_the_batch(snapshot):
    with snapshot.after_batch():
        found = running_means(snapshot)
    return {"with": found["means"], "again": running_means(snapshot)["means"]}


@pytest.mark.parametrize("architecture", [BN, RENORM])
def test_a_probe_sees_the_running_statistics_before_the_batch_and_may_ask_for_those_after(
    architecture,
):
    plan, probes = Plan((0.1, TOO_HIGH), 6), [running_means, with_the_batch]
    history = run(architecture, (1, 2), plan, record_at=range(7), probes=probes)
    before, after = history.probes["means"], history.probes["with"]
    np.testing.assert_array_equal(before, history.probes["again"])
    assert (before[:, 0] == 0).all()
    np.testing.assert_array_equal(before[0, 1:], after[0, :-1])
    assert (after[0] != before[0]).any(axis=(1, 2)).all()
    end = history.divergences[1]
    assert end is not None
    own = [layer.running.mean.view(2, -1)[1] for layer in history.cohort.layers[:-1]]
    np.testing.assert_array_equal(torch.stack(own), after[1, end.step - 1])


@pytest.mark.parametrize("record_at", [[5, 0, 5, 2], (2, 0, 5), np.array([0, 2, 5])])
def test_steps_to_record_may_come_in_any_order(record_at):
    history = run(PLAIN, (1,), Plan((0.1,), 5), record_at=record_at)
    assert history.steps.tolist() == [0, 2, 5]
    assert np.isfinite(history.test_losses).all()


def test_running_statistics_are_those_of_all_batches_seen():
    """One forward pass a step, none for the records: the running mean is a sum we can write."""
    means = []

    def look(snapshot):
        with snapshot.cohort.untouched(), torch.no_grad():
            intermediates = Intermediates()
            snapshot.cohort.forward(snapshot.inputs, "batch", intermediates)
        means.append(intermediates.pre_activations[0].mean(2).flatten())
        return {}

    history = run(BN, (1,), Plan((0.1,), 6), record_at=range(6), probes=[look])
    expected = torch.zeros_like(means[0])
    for mean in means:
        expected = 0.9 * expected + 0.1 * mean
    torch.testing.assert_close(history.cohort.layers[0].running.mean, expected)


def test_without_testing_everything_else_is_the_same():
    plan = Plan((0.1, 0.1), steps=4)
    tested, untested = (
        run(PLAIN, (1, 2), plan, probes=[last_weights], tested=tested) for tested in (True, False)
    )
    for name in ("test_losses", "test_accuracies"):
        assert np.isfinite(getattr(tested, name)).all()
        assert np.isnan(getattr(untested, name)).all()
        assert getattr(untested, name).shape == getattr(tested, name).shape
    np.testing.assert_array_equal(untested.batch_losses, tested.batch_losses)
    assert untested.probes.keys() == tested.probes.keys() == {"last"}
    np.testing.assert_array_equal(untested.probes["last"], tested.probes["last"])
