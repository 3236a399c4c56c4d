"""The order of the mini-batches belongs to the seed alone."""

from collections import Counter

import numpy as np
import pytest
import torch

from bnviz.engine.architecture import Architecture
from bnviz.engine.batches import BatchOrder, FewClasses
from bnviz.engine.plan import Plan
from tests.engine.runs import BN, DIGITS, PLAIN, TOO_HIGH, assert_same_replica, run, small_data


def test_both_treatments_see_the_same_batches_and_each_seed_its_own():
    def batches(snapshot):
        return {"inputs": snapshot.inputs.flatten(1), "labels": snapshot.labels}

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
        probes=[lambda snapshot: sizes.append(snapshot.inputs.shape) or {}],
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

    def look(snapshot):
        held.extend(len(labels.unique()) for labels in snapshot.labels)
        return {}

    for classes in (2, None):
        plan = Plan((0.1, TOO_HIGH), 8, 32, classes_per_batch=classes)
        run(PLAIN, (1, 2), plan, record_at=range(9), probes=[look])
        assert (set(held) == {2}) == (classes == 2)
        held.clear()
