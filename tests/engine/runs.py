"""Small trainings that the tests of the engine share, and what it means that two are the same."""

from dataclasses import replace

import numpy as np

from bnviz.engine.architecture import Architecture
from bnviz.engine.data import Dataset, load
from bnviz.engine.networks import Cohort
from bnviz.engine.training import train

DIGITS = load("digits")
PLAIN = Architecture(64, 10, depth=3, width=16)
BN = replace(PLAIN, normalizer="batch")
TOO_HIGH = 3e38  # a learning rate that no network survives for more than a few steps


def small_data(samples=40, features=5, classes=3):
    random = np.random.default_rng(1)
    inputs = random.normal(size=(samples + 10, features)).astype(np.float32)
    labels = random.integers(0, classes, samples + 10)
    split = inputs[:samples], labels[:samples], inputs[samples:], labels[samples:]
    return Dataset("random", *split, classes, "table")


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


def last_weights(snapshot):
    return {"last": snapshot.cohort.layers[-1].weight.detach().flatten(1).clone()}


EVERYTHING = replace(BN, activation="sigmoid", dropout=0.2, noise_after=True, skip=True)
