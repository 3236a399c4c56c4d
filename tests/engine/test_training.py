"""Training runs: replicas that do not notice each other, order, records, and how a run may end."""

import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bnviz.engine.architecture import Architecture
from bnviz.engine.batches import BatchOrder, FewClasses
from bnviz.engine.batchnorm import Options
from bnviz.engine.data import Dataset, load
from bnviz.engine.divergence import ALARM, TRAIL
from bnviz.engine.networks import Cohort, Trace
from bnviz.engine.plan import Plan
from bnviz.engine.threads import one_thread
from bnviz.engine.training import recording_steps, train

DIGITS = load("digits")
PLAIN = Architecture(64, 10, depth=3, width=16)
BN = replace(PLAIN, normalizer="batch")
TOO_HIGH = 3e38  # a learning rate that no network survives for more than a few steps


def small_data(samples=40, features=5, classes=3):
    random = np.random.default_rng(1)
    inputs = random.normal(size=(samples + 10, features)).astype(np.float32)
    labels = random.integers(0, classes, samples + 10)
    split = inputs[:samples], labels[:samples], inputs[samples:], labels[samples:]
    return Dataset("random", *split, classes)


def run(architecture, seeds, plan, data=DIGITS, gains=None, **more):
    return train(Cohort(architecture, seeds, gains), seeds, data, plan, **more)


def state(cohort):
    return [t.detach().clone() for t in cohort.parameters() + cohort.buffers()]


def assert_equal(some, others):
    """The same tensors, bit for bit (and NaN where the other has NaN)."""
    assert len(some) == len(others)
    for a, b in zip(some, others, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def assert_same_replica(one, here, other, there):
    """Replica `here` of one history is replica `there` of the other, to the last bit."""
    for name in ("batch_losses", "test_losses", "test_accuracies"):
        np.testing.assert_array_equal(getattr(one, name)[here], getattr(other, name)[there])
    assert one.probes.keys() == other.probes.keys()
    for name in one.probes:
        np.testing.assert_array_equal(one.probes[name][here], other.probes[name][there])
    assert_equal(state(one.cohort.select([here])), state(other.cohort.select([there])))


def last_weights(moment):
    return {"last": moment.cohort.layers[-1].weight.detach().flatten(1).clone()}


# ------------------------------------------------------------------ replicas do not mix

AWKWARD = [  # sizes that do not fill the processor's vectors
    *[(name, 7, 13, "sgd", BN) for name in ("relu", "leaky relu", "gelu", "tanh", "identity")],
    ("sigmoid", 7, 13, "sgd", PLAIN),
    ("sigmoid", 7, 13, "adam", BN),
    ("sigmoid", 7, 13, "momentum", replace(BN, placement="after")),
    ("sigmoid", 100, 60, "adam", BN),
    ("sigmoid", 100, 60, "sgd", PLAIN),
    ("gelu", 100, 60, "momentum", replace(BN, placement="after")),
    ("gelu", 33, 5, "adam", replace(BN, normalized=(2,), skip=True)),
    ("tanh", 33, 5, "adam", replace(BN, dropout=0.3)),
    ("relu", 17, 31, "momentum", replace(BN, noise_after=True, placement="after")),
    ("sigmoid", 13, 12, "sgd", replace(BN, options=Options(chunk=4), noise_after=True)),
    ("relu", 7, 12, "adam", replace(BN, options=Options(chunk=1))),
    ("relu", 2, 2, "adam", BN),
]


@pytest.mark.parametrize(("activation", "width", "batch", "optimizer", "base"), AWKWARD)
def test_a_replica_is_the_same_to_the_bit_in_any_company(activation, width, batch, optimizer, base):
    architecture = replace(base, activation=activation, width=width)
    rates, seeds = (0.05, TOO_HIGH, 0.02), (4, 1, 9)
    plan = Plan(rates, 8, batch, optimizer, weight_decay=0.01)
    more = {"record_at": [0, 4, 8], "probes": [last_weights]}
    together = run(architecture, seeds, plan, **more)
    assert 0 < together.divergences[1].step < 8, "the neighbour leaves in the middle"
    for replica in range(3):
        alone = replace(plan, learning_rates=(rates[replica],))
        single = run(architecture, seeds[replica : replica + 1], alone, **more)
        assert_same_replica(together, replica, single, 0)


def test_a_replica_may_stand_at_any_place():
    plan = Plan((0.1,) * 3, 6, 13)
    one, other = run(BN, (1, 2, 3), plan), run(BN, (3, 1, 2), plan)
    for here, there in ((0, 1), (1, 2), (2, 0)):
        assert_same_replica(one, here, other, there)


@pytest.mark.parametrize("architecture", [PLAIN, BN, replace(BN, activation="sigmoid")])
def test_one_row_and_one_replica_alone_are_off_by_rounding(architecture):
    """The exception: a product with a single column in all goes to another kernel of the BLAS."""
    together = run(architecture, (1, 2), Plan((0.01, 0.01), 2, 1))
    alone = run(architecture, (1,), Plan((0.01,), 2, 1))
    np.testing.assert_allclose(alone.batch_losses[0], together.batch_losses[0], rtol=1e-5)


EVERYTHING = replace(BN, activation="sigmoid", dropout=0.2, noise_after=True, skip=True)


def busy_run(_=None):
    return run(EVERYTHING, (1, 2), Plan((0.1, 0.2), 12, 24, "adam"), probes=[last_weights])


def test_the_same_plan_gives_the_same_bits_every_time():
    first, second = busy_run(), busy_run()
    for replica in range(2):
        assert_same_replica(first, replica, second, replica)


def test_two_threads_at_once_give_the_same_bits():
    expected = busy_run()
    with ThreadPoolExecutor(2) as pool:
        for history in pool.map(busy_run, range(4)):
            for replica in range(2):
                assert_same_replica(expected, replica, history, replica)


# ------------------------------------------------------------------ the order of the batches


def test_both_treatments_see_the_same_batches_and_each_seed_its_own():
    def batches(moment):
        return {"inputs": moment.inputs.flatten(1), "labels": moment.labels}

    plan = Plan((0.1, 0.1, 0.01), 25, 64)
    histories = [
        run(architecture, (3, 8, 3), plan, record_at=range(25), probes=[batches])
        for architecture in (PLAIN, BN)
    ]
    for name in ("inputs", "labels"):
        plain, bn = (history.probes[name] for history in histories)
        np.testing.assert_array_equal(plain, bn)
        np.testing.assert_array_equal(plain[0], plain[2])
        assert (plain[0] != plain[1]).any(axis=1).all()


@pytest.mark.parametrize(("samples", "size"), [(12, 4), (13, 4), (10, 10), (7, 100), (5, 1)])
def test_every_epoch_is_a_new_permutation_without_repeats(samples, size):
    order = BatchOrder([0, 1], samples, size)
    full = min(size, samples)
    per_epoch, epochs = samples // full, []
    for epoch in range(3):
        batches = [order.at(epoch * per_epoch + i) for i in range(per_epoch)]
        assert all(batch.shape == (2, full) for batch in batches)
        epochs.append(torch.cat(batches, dim=1))
        for replica in epochs[-1].tolist():
            assert max(Counter(replica).values()) == 1
            assert set(replica) <= set(range(samples))
            assert len(replica) == samples - samples % full
    if samples > 5:
        assert not torch.equal(epochs[0], epochs[1])


def test_a_batch_larger_than_the_data_set_is_cut_to_it():
    data, architecture = small_data(), Architecture(5, 3, 2, 6, normalizer="batch")
    sizes = []
    large = run(
        architecture,
        (1,),
        Plan((0.1,), 5, 1000),
        data,
        probes=[lambda moment: sizes.append(moment.inputs.shape) or {}],
    )
    assert set(sizes) == {(1, 5, 40)}
    assert_same_replica(large, 0, run(architecture, (1,), Plan((0.1,), 5, 40), data), 0)


@pytest.mark.parametrize(("classes", "size"), [(1, 8), (2, 32), (3, 5), (10, 64), (99, 64)])
def test_sorted_batches_hold_few_classes_without_repeats(classes, size):
    labels = torch.tensor(DIGITS.train_labels)
    order, seen = FewClasses([3, 5, 3], labels, size, classes), Counter()
    for step in range(40):
        batch = order.at(step)
        assert batch.shape == (3, size)
        assert torch.equal(batch[0], batch[2])
        for replica in batch.tolist():
            assert len(set(replica)) == size
            held = set(labels[replica].tolist())
            assert len(held) == classes or size < 32 * min(classes, 10)
            assert len(held) <= classes
            seen.update(held)
    assert set(seen) == set(range(10))


def test_further_classes_fill_a_batch_that_is_too_large_for_its_own():
    labels = torch.arange(12) // 4
    batch = FewClasses([0], labels, 6, 1).at(0)[0]
    assert len(set(batch.tolist())) == 6
    assert len(labels[batch].unique()) == 2
    assert sorted(FewClasses([0], labels, 100, 1).at(0)[0].tolist()) == list(range(12))


def test_sorted_batches_belong_to_the_seed_alone():
    labels = torch.tensor(DIGITS.train_labels)
    alone, together = FewClasses([5], labels, 16, 2), FewClasses([3, 5, 8], labels, 16, 2)
    for step in range(6):
        if step == 3:
            together.keep([1, 2])
        place = 1 if step < 3 else 0
        batch = together.at(step)
        assert torch.equal(batch[place], alone.at(step)[0])
        assert not torch.equal(batch[0], batch[1])


def test_a_plan_with_few_classes_trains_on_sorted_batches():
    held = []

    def look(moment):
        held.extend(len(labels.unique()) for labels in moment.labels)
        return {}

    for classes in (2, None):
        plan = Plan((0.1, TOO_HIGH), 8, 32, classes_per_batch=classes)
        run(PLAIN, (1, 2), plan, record_at=range(9), probes=[look])
        assert (set(held) == {2}) == (classes == 2)
        held.clear()


# ------------------------------------------------------------------ records


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


def running_means(moment):
    means = [layer.running.mean.clone() for layer in moment.cohort.layers[:-1]]
    return {"means": torch.stack(means).view(3, moment.cohort.replicas, -1).movedim(1, 0)}


def with_the_batch(moment):
    with moment.after_batch():
        found = running_means(moment)
    return {"with": found["means"], "again": running_means(moment)["means"]}


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


# ------------------------------------------------------------------ schedules and updates


def steps_taken(plan, architecture=BN):
    """(w before - w after, gradient) of the first layer at each step, replica 0, in float64."""
    seen = []

    def keep(moment):
        seen.append((moment.cohort.layers[0].weight.detach().clone(), moment.gradients[0].clone()))
        return {}

    cohort = Cohort(architecture, [1], dtype=torch.float64)
    train(cohort, [1], DIGITS, plan, record_at=range(plan.steps + 1), probes=[keep])
    return [(before - after, gradient, before) for (before, gradient), (after, _) in pairwise(seen)]


def test_the_cosine_schedule_falls_from_the_whole_rate_to_nothing():
    plan = Plan((0.1,), 10, schedule="cosine")
    assert [plan.factor(step) for step in (0, 5, 10)] == pytest.approx([1, 0.5, 0])
    for step, (moved, gradient, _) in enumerate(steps_taken(plan)):
        rate = 0.1 * (1 + math.cos(math.pi * step / 10)) / 2
        torch.testing.assert_close(moved, rate * gradient)


TURNS = ((4, 0.1), (7, 3.0))


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_up_to_a_turn_a_run_is_the_run_without_it_to_the_bit(optimizer, schedule):
    plan = Plan((0.1, TOO_HIGH, 0.02), 4, 24, optimizer, schedule, weight_decay=0.01)
    seeds, more = (4, 1, 9), {"record_at": [0, 2, 4], "probes": [last_weights]}
    shorter = run(EVERYTHING, seeds, plan, **more)
    longer = run(EVERYTHING, seeds, replace(plan, steps=12, turns=TURNS), **more)
    np.testing.assert_array_equal(longer.batch_losses[:, :4], shorter.batch_losses)
    for name in ("test_losses", "test_accuracies"):
        np.testing.assert_array_equal(getattr(longer, name), getattr(shorter, name))
    np.testing.assert_array_equal(longer.probes["last"], shorter.probes["last"])
    assert shorter.divergences[1].step == longer.divergences[1].step
    assert np.isfinite(longer.batch_losses[0]).all()


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_turn_is_what_another_rate_is_in_torch(optimizer):
    rates = [0.05] * 4 + [0.005] * 3 + [0.15] * 5
    weights, moments = [], []

    def keep(moment):
        weights.append([p.detach().clone() for p in moment.cohort.parameters()])
        moments.append((moment.inputs[0].T, moment.labels[0]))
        return {}

    cohort = Cohort(PLAIN, [1], dtype=torch.float64)
    plan = Plan((0.05,), 12, 32, optimizer, weight_decay=0.01, turns=TURNS)
    train(cohort, [1], DIGITS, plan, record_at=range(13), probes=[keep])

    sizes = [64, 16, 16, 16, 10]
    linears = [torch.nn.Linear(a, b).double() for a, b in pairwise(sizes)]
    network = torch.nn.Sequential(*(m for one in linears for m in (one, torch.nn.ReLU())))[:-1]
    theirs = [p for one in linears for p in (one.weight, one.bias)]
    with torch.no_grad():
        for parameter, start in zip(theirs, weights[0], strict=True):
            parameter.copy_(start.view(parameter.shape))
    if optimizer == "adam":
        trainer = torch.optim.Adam(theirs, rates[0], weight_decay=0.01)
    else:
        momentum = 0.9 if optimizer == "momentum" else 0.0
        trainer = torch.optim.SGD(theirs, rates[0], momentum, weight_decay=0.01)
    for rate, (inputs, labels), ours in zip(rates, moments[:-1], weights[1:], strict=True):
        trainer.param_groups[0]["lr"] = rate
        trainer.zero_grad()
        torch.nn.functional.cross_entropy(network(inputs), labels).backward()
        trainer.step()
        for mine, parameter in zip(ours, theirs, strict=True):
            torch.testing.assert_close(
                mine.view(parameter.shape), parameter.detach(), rtol=1e-9, atol=1e-12
            )


def test_the_factor_of_a_turn_holds_until_the_next_and_the_cosine_starts_anew():
    plan = Plan((0.1,), 10, turns=TURNS)
    assert [plan.factor(step) for step in range(11)] == [1.0] * 4 + [0.1] * 3 + [3.0] * 4
    assert [Plan((0.1,), 10).factor(step) for step in (0, 9, 10)] == [1.0] * 3
    cosine = replace(plan, schedule="cosine")
    factors = [cosine.factor(step) for step in (0, 2, 4, 7, 10)]
    assert factors == pytest.approx([1, 0.5, 0.1, 3, 0])


def test_weight_decay_pulls_every_weight_towards_zero():
    plan = Plan((0.1,), 4, weight_decay=0.5)
    for moved, gradient, before in steps_taken(plan):
        torch.testing.assert_close(moved, 0.1 * (gradient + 0.5 * before))


def test_a_rate_of_zero_moves_nothing():
    start = state(Cohort(PLAIN, (1,)))
    assert_equal(start, state(run(PLAIN, (1,), Plan((0.0,), 4)).cohort))


@pytest.mark.parametrize("architecture", [PLAIN, BN])
def test_training_learns_the_digits(architecture):
    history = run(architecture, (1, 2), Plan((0.1, 0.1), 200))
    assert (history.test_accuracies[:, 0] < 0.3).all()
    assert (history.test_accuracies[:, -1] > 0.9).all()


@pytest.mark.parametrize("normalizer", ["none", "batch"])
def test_fifty_layers_of_sigmoid_run_to_the_end(normalizer):
    architecture = Architecture(64, 10, 50, 16, "sigmoid", normalizer=normalizer)
    history = run(architecture, (1, 2), Plan((0.1, 0.1), 10))
    assert history.divergences == [None, None]
    assert np.isfinite(history.batch_losses).all()
    assert np.isfinite(history.test_losses).all()


# ------------------------------------------------------------------ divergence


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
    assert end.weight_norms.shape == (len(end.trail_steps), 9)
    assert len(end.trail_steps) <= TRAIL + 1
    assert end.trail_steps[-1] == end.step
    assert (np.diff(end.trail_steps) > 0).all()
    assert np.isfinite(end.weight_norms).all()
    assert end.weight_norms[-1].max() > end.weight_norms[0].max()
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


def test_a_trail_has_no_hole_where_others_diverged():
    history = run(DEEP, (1,) * 6, Plan((3.0, 10.0, 30.0, 100.0, 1e3, 1e5), 40))
    assert len({end.step for end in history.divergences}) > 2
    for end, loss in zip(history.divergences, history.batch_losses, strict=True):
        alarmed = np.flatnonzero(loss > ALARM * loss[0])
        assert set(alarmed[-TRAIL:]) <= set(end.trail_steps)


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
    assert end.trail_steps.tolist() == [0]
    np.testing.assert_allclose(end.weight_norms[0, 2], np.inf)  # six times 3e38, in float32
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
    assert np.isfinite(end.weight_norms).all()
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


# ------------------------------------------------------------------ progress, threads, denormals


def flushes_denormals():
    return (torch.tensor([1e-310], dtype=torch.float64) * 1.0 == 0).item()


@pytest.fixture
def _two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_progress_counts_every_step_and_stops_at_the_last():
    finished = []
    run(PLAIN, (1,), Plan((0.1,), 9), progress=finished.append)
    assert finished == list(range(1, 10))


@pytest.mark.usefixtures("_two_threads")
def test_an_exception_from_progress_ends_the_run_and_leaves_the_thread_as_it_was():
    inside = []

    def stop(finished):
        inside.append((torch.get_num_threads(), flushes_denormals()))
        if finished == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(PLAIN, (1,), Plan((0.1,), 9), progress=stop)
    assert inside == [(1, True)] * 3
    assert torch.get_num_threads() == 2
    assert not flushes_denormals()


@pytest.mark.usefixtures("_two_threads")
def test_one_thread_may_be_nested():
    with one_thread():
        with one_thread():
            pass
        assert torch.get_num_threads() == 1
        assert flushes_denormals()
    assert torch.get_num_threads() == 2
    assert not flushes_denormals()


def test_one_thread_keeps_denormals_off_where_they_were_off():
    torch.set_flush_denormal(True)
    try:
        with one_thread():
            pass
        assert flushes_denormals()
    finally:
        torch.set_flush_denormal(False)


# ------------------------------------------------------------------ bad arguments


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps is 0; it must be 1 or more"),
        ({"batch_size": 0}, "batch_size is 0; it must be 1 or more"),
        ({"classes_per_batch": 0}, "classes_per_batch is 0; it must be 1 or more"),
        ({"learning_rates": (0.1, -1.0)}, "each finite, 0 or more"),
        ({"learning_rates": (math.inf,)}, "each finite, 0 or more"),
        ({"learning_rates": (math.nan,)}, "each finite, 0 or more"),
        ({"optimizer": "lion"}, "optimizer is 'lion'; one of sgd, momentum, adam"),
        ({"schedule": "linear"}, "schedule is 'linear'; one of constant, cosine"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1; it must be finite, 0 or more"),
        ({"weight_decay": math.nan}, "weight_decay is nan; it must be finite, 0 or more"),
        ({"turns": ((0, 1.0),)}, r"turns are at \[0\]; each after the one before, from 1 to 199"),
        ({"turns": ((9, 1.0), (9, 2.0))}, "each after the one before"),
        ({"turns": ((200, 1.0),)}, "each after the one before, from 1 to 199"),
        ({"turns": ((9, math.nan),)}, "each factor finite, 0 or more"),
        ({"turns": ((9, -1.0),)}, "each factor finite, 0 or more"),
    ],
)
def test_an_impossible_plan_is_told_what_is_allowed(change, message):
    with pytest.raises(ValueError, match=message):
        replace(Plan((0.1,)), **change)


@pytest.mark.parametrize(("seeds", "rates"), [((1,), (0.1, 0.1)), ((1, 2), (0.1,)), ((), ())])
def test_one_seed_and_one_rate_for_each_replica_are_asked_for(seeds, rates):
    with pytest.raises(ValueError, match="for 2 replicas; one each"):
        train(Cohort(PLAIN, (1, 2)), seeds, DIGITS, Plan(rates))


@pytest.mark.parametrize("record_at", [[-1, 2], [0, 6]])
def test_a_record_outside_the_run_is_refused(record_at):
    with pytest.raises(ValueError, match="each must be from 0 to 5"):
        run(PLAIN, (1,), Plan((0.1,), 5), record_at=record_at)


def test_a_chunk_that_does_not_divide_the_batch_is_refused():
    with pytest.raises(ValueError, match="chunk is 5; it must divide the batch of 64"):
        run(replace(BN, options=Options(chunk=5)), (1,), Plan((0.1,), 5))


def test_running_statistics_are_those_of_all_batches_seen():
    """One forward pass a step, none for the records: the running mean is a sum we can write."""
    means = []

    def look(moment):
        with moment.cohort.untouched(), torch.no_grad():
            trace = Trace()
            moment.cohort.forward(moment.inputs, "batch", trace)
        means.append(trace.pre_activations[0].mean(2).flatten())
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
