"""The pair: nothing differs but batch normalization, and the same config gives the same bits."""

import hashlib
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch

from bnviz.experiments import home, race
from bnviz.experiments.pair import NEVER, TREATMENTS, diverged_at, stacked, train_pair
from tests.samples import home_config, race_config

ROOT = Path(__file__).resolve().parents[2]
MEASURED_BY_THE_CLOCK = {"seconds_per_step"}
NETWORKS = {"home": (home, home_config), "race": (race, race_config)}


def spy(moments):
    """A probe that writes down what every network starts from and what it sees."""

    def probe(moment):
        cohort = moment.cohort
        weights = [layer.weight.detach().clone() for layer in cohort.layers]
        treatment = cohort.architecture.normalizer
        seen = (moment.inputs.clone(), moment.labels.clone(), weights)
        moments.setdefault(treatment, []).append((moment.step, *seen))
        return {"seen": torch.zeros(cohort.replicas)}

    return probe


def assert_same(one, other, but=frozenset()):
    """Two results of the same class, bit for bit."""
    for field in fields(one):
        if field.name in but:
            continue
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype, field.name
            assert a.shape == b.shape, field.name
            assert a.tobytes() == b.tobytes(), field.name
        else:
            assert a == b, field.name


def fingerprint(result):
    digest = hashlib.sha256()
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray) and field.name not in MEASURED_BY_THE_CLOCK:
            digest.update(field.name.encode() + value.tobytes())
    return digest.hexdigest()


class TestOneChange:
    def moments(self, **changes):
        seen = {}
        config = home_config(seeds=3, **changes)
        train_pair(config, config.with_bn(), [spy(seen)])
        return seen

    @pytest.mark.parametrize("changes", [{}, {"depth": 3, "normalized": (2,)}, {"gain": 0.3}])
    def test_both_start_from_the_same_weights(self, changes):
        seen = self.moments(**changes)
        assert set(seen) == {"none", "batch"}
        (plain_step, *_, plain), (bn_step, *_, batch) = (seen[t][0] for t in ("none", "batch"))
        assert plain_step == bn_step == 0
        for a, b in zip(plain, batch, strict=True):
            assert torch.equal(a, b)
        assert not torch.equal(plain[0][0], plain[0][1])  # each seed has weights of its own

    def test_both_see_the_same_batches_at_every_step(self):
        seen = self.moments(steps=50, batch_size=40)  # more than one epoch of 1347 samples
        assert len(seen["none"]) == len(seen["batch"]) > 20
        for (step, inputs, labels, _), (other, others, their, _) in zip(
            seen["none"], seen["batch"], strict=True
        ):
            assert step == other
            assert torch.equal(inputs, others)
            assert torch.equal(labels, their)
        _, inputs, _, _ = seen["none"][0]
        assert not torch.equal(inputs[0], inputs[1])  # each seed has an order of its own

    def test_the_training_makes_them_differ(self):
        seen = self.moments()
        assert not torch.equal(seen["none"][-1][3][0], seen["batch"][-1][3][0])

    def test_without_a_normalized_layer_both_are_the_same_network(self):
        result = home.run(home_config(normalized=()))
        for field in fields(result):
            value = getattr(result, field.name)
            if isinstance(value, np.ndarray) and field.name != "steps":
                np.testing.assert_array_equal(value[0], value[1], err_msg=field.name)

    def test_seeds_are_numbered_from_the_first(self):
        alone = home.run(home_config(seeds=1, first_seed=1))
        both = home.run(home_config(seeds=2, first_seed=0))
        np.testing.assert_array_equal(alone.test_accuracy[:, 0], both.test_accuracy[:, 1])
        np.testing.assert_array_equal(alone.signal[:, 0], both.signal[:, 1])


@pytest.mark.parametrize("name", NETWORKS)
class TestTheSameBits:
    def test_twice(self, name):
        experiment, config = NETWORKS[name]
        one, other = (experiment.run(config(dataset="moons")) for _ in range(2))
        assert_same(one, other, MEASURED_BY_THE_CLOCK)

    def test_whatever_the_number_of_workers(self, name):
        experiment, config = NETWORKS[name]
        one, other = (experiment.run(config(), workers=workers) for workers in (1, 2))
        assert_same(one, other, MEASURED_BY_THE_CLOCK)

    def test_in_a_fresh_process(self, name):
        experiment, config = NETWORKS[name]
        here = fingerprint(experiment.run(config(dataset="moons", activation="gelu")))
        program = (
            f"from bnviz.experiments import {name}\n"
            f"from tests.experiments.test_pair import fingerprint, {name}_config\n"
            f"config = {name}_config(dataset='moons', activation='gelu')\n"
            f"print(fingerprint({name}.run(config)))"
        )
        there = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert there.stdout.strip() == here


EXTREMES = {
    "one sample a batch": {"batch_size": 1},
    "a batch larger than the data": {"batch_size": 1347, "dataset": "moons"},
    "all samples in a batch": {"batch_size": 1347},
    "fifty sigmoid layers": {"depth": 50, "activation": "sigmoid"},
    "fifty layers without a nonlinearity": {"depth": 50, "activation": "identity", "gain": 2.0},
    "one layer": {"depth": 1},
    "the lowest rate": {"learning_rate": 1e-6},
    "the highest rate": {"learning_rate": 1e3},
    "the smallest gain": {"gain": 1e-4},
    "the largest gain": {"gain": 1e4},
    "one step": {"steps": 1},
    "one seed": {"seeds": 1},
    "momentum at a high rate": {"optimizer": "momentum", "learning_rate": 100.0},
    "adam at a high rate": {"optimizer": "adam", "learning_rate": 1e3},
    "everybody diverges": {"depth": 50, "gain": 1e4, "learning_rate": 1e3},
    "everybody diverges on the plane": {
        "dataset": "spirals", "depth": 50, "gain": 1e4, "learning_rate": 1e3,
    },
}  # fmt: skip


@pytest.mark.parametrize("settings", EXTREMES.values(), ids=list(EXTREMES))
class TestNoDeadEnd:
    """Warnings are errors here, so these runs end without any."""

    def test_front_door(self, settings):
        result = home.run(home_config(**settings))
        assert_no_finding_is_empty(home.findings(result))
        for treatment in range(2):
            assert set(result.fates(treatment)) <= {"learned", "failed", "diverged"}
            for seed in range(result.config.seeds):
                home.first_collapse(result, treatment, seed)

    def test_race(self, settings):
        result = race.run(race_config(**settings))
        assert_no_finding_is_empty(race.findings(result))
        assert race.first_by_seconds(result) in {"BN", "plain", None}
        assert len(race.costs(result)) == 3
        assert (result.decision is None) == (result.config.dataset == "digits")


def assert_no_finding_is_empty(sentences):
    assert len(sentences) >= 2
    for sentence in sentences:
        assert sentence.strip().endswith((".", "?", "!")), sentence
        assert "nan" not in sentence.lower().replace("finance", ""), sentence
        assert "inf " not in sentence, sentence


def test_the_extremes_do_diverge():
    result = home.run(home_config(**EXTREMES["everybody diverges"]))
    assert result.fates(0) == ["diverged"] * 2
    assert np.isnan(result.test_accuracy[0, :, -1]).all()
    assert (result.overflowed[0] != NEVER).all()


def test_who_diverged_is_frozen_and_the_others_go_on():
    result = home.run(home_config(seeds=2, learning_rate=1e3, depth=6, steps=12))
    for treatment in range(2):
        for seed in range(2):
            step = result.diverged_at[treatment, seed]
            known = np.isfinite(result.test_accuracy[treatment, seed])
            expected = result.steps < step if step != NEVER else np.full(len(known), True)
            np.testing.assert_array_equal(known, expected)


def test_what_a_cohort_never_recorded_is_nan():
    config = home_config(**EXTREMES["everybody diverges"])
    histories = train_pair(config, config.with_bn())
    array = stacked(histories, "never measured", (3, 4))
    assert array.shape == (len(TREATMENTS), 2, len(histories["plain"].steps), 3, 4)
    assert np.isnan(array).all()
    assert diverged_at(histories["plain"]).shape == (2,)
