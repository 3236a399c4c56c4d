"""The pair: nothing differs but batch normalization, and the same config gives the same bits."""

import hashlib
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch

from bnviz.axes import NEVER, TREATMENTS
from bnviz.engine.divergence import Divergence
from bnviz.engine.training import History
from bnviz.experiments import gradients, home, landscape, race, surface
from bnviz.experiments.pair import (
    diverged_at,
    fell,
    stacked,
    train_pair,
)
from bnviz.verdicts.gradients import judge as judge_gradients
from bnviz.verdicts.gradients import judge_sweep
from bnviz.verdicts.home import judge as judge_home
from bnviz.verdicts.race import judge as judge_race
from bnviz.words import gradients as gradients_words
from bnviz.words import race as race_words
from bnviz.words.gradients import beliefs as gradient_beliefs
from bnviz.words.home import findings as home_findings
from tests.samples import TINY, home_config, race_config, tiny

ROOT = Path(__file__).resolve().parents[2]
MEASURED_BY_THE_CLOCK = {"seconds_per_step"}


def gradients_config(**changes):
    return tiny("gradients", **changes)


def landscape_config(**changes):
    return tiny("landscape", **changes)


def surface_config(**changes):
    return surface.SurfaceConfig(**TINY | {"grid": 7, "plane": surface.PLANES[1]} | changes)


NETWORKS = {
    "home": (home, home_config),
    "race": (race, race_config),
    "gradients": (gradients, gradients_config),
    "landscape": (landscape, landscape_config),
    "surface": (surface, surface_config),
}


def spy(moments):
    """A probe that writes down what every network starts from and what it sees."""

    def probe(snapshot):
        cohort = snapshot.cohort
        weights = [layer.weight.detach().clone() for layer in cohort.layers]
        treatment = cohort.architecture.normalizer
        seen = (snapshot.inputs.clone(), snapshot.labels.clone(), weights)
        moments.setdefault(treatment, []).append((snapshot.step, *seen))
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


def test_the_same_bits_in_a_fresh_process():
    here = [
        fingerprint(experiment.run(config(dataset="moons", activation="gelu")))
        for experiment, config in NETWORKS.values()
    ]
    program = (
        "from tests.experiments.test_pair import NETWORKS, fingerprint\n"
        "for experiment, config in NETWORKS.values():\n"
        "    print(fingerprint(experiment.run(config(dataset='moons', activation='gelu'))))"
    )
    there = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert there.stdout.split() == here


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
        assert_no_finding_is_empty(told(home_findings.findings(judge_home(result))))

    def test_race(self, settings):
        result = race.run(race_config(**settings))
        verdict = judge_race(result)
        assert_no_finding_is_empty(told(race_words.findings(verdict)))
        for challenge in race_words.CHALLENGES:
            outcome = challenge.outcome(verdict)
            assert outcome.right is None or outcome.right in challenge.answers
        assert (result.decision is None) == (result.config.dataset == "digits")

    def test_gradients(self, settings):
        result = gradients.run(gradients_config(**settings))
        verdict = judge_gradients(result)
        said = [
            *told(gradients_words.findings(verdict)),
            *gradient_beliefs.beliefs(verdict).values(),
        ]
        assert_no_finding_is_empty([*said, gradients_words.over_rates(judge_sweep([result]))])


def told(findings):
    return [findings.headline, *findings.more]


def assert_no_finding_is_empty(sentences):
    assert len(sentences) >= 2
    for sentence in sentences:
        assert sentence.strip().endswith((".", "?", "!")), sentence
        assert "nan" not in sentence.lower().replace("finance", ""), sentence
        assert "inf " not in sentence, sentence


def test_the_extremes_do_diverge():
    result = home.run(home_config(**EXTREMES["everybody diverges"]))
    assert judge_home(result).plain.fates == ("diverged", "diverged")
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


class TestRecords:
    def steps(self, **more):
        histories = train_pair(home_config(steps=40), (1, 2), **more)
        assert all((h.steps == histories["plain"].steps).all() for h in histories.values())
        return list(histories["plain"].steps)

    def test_where_they_are_asked_for(self):
        assert self.steps(record_at=[40, 0, 7]) == [0, 7, 40]
        assert self.steps(record_at=[]) == []

    def test_otherwise_where_the_training_puts_them(self):
        steps = self.steps()
        assert (steps[0], steps[-1]) == (0, 40)
        assert len(steps) > 20

    def test_change_nothing_about_the_training(self):
        config = home_config(steps=40)
        one, other = (train_pair(config, (1,), record_at=at) for at in ([], range(41)))
        for treatment in TREATMENTS:
            np.testing.assert_array_equal(
                one[treatment].batch_losses, other[treatment].batch_losses
            )


def test_changes_go_to_the_architecture_of_both():
    histories = train_pair(home_config(), (1, 2), skip=True, width=12)
    for treatment, normalizer in (("plain", "none"), ("batch", "batch")):
        architecture = histories[treatment].cohort.architecture
        assert architecture.skip
        assert architecture.width == 12
        assert architecture.normalizer == normalizer
    assert not train_pair(home_config(), (1, 2))["plain"].cohort.architecture.skip


def history(*losses, diverged=()):
    """A history by hand, of which only the mini-batch losses and the divergences matter."""
    rows = np.array(losses, np.float32)
    nothing = np.empty(0, np.float32)
    ends = [
        Divergence(
            step=step,
            layer=1,
            during="forward",
            signal_sizes=nothing,
        )
        if step is not None
        else None
        for step in (diverged or [None] * len(rows))
    ]
    return History(
        steps=nothing,
        batch_losses=rows,
        test_losses=nothing,
        test_accuracies=nothing,
        probes={},
        divergences=ends,
        cohort=None,
        training_seconds=0.0,
        recording_seconds=0.0,
    )


class TestFell:
    def test_to_less_than_half_of_the_first(self):
        losses = [[2.0] * 19 + [end] for end in (0.0, 1.9, 2.0, 5.0)]
        # twenty steps: the last tenth is two of them, so the mean is (2 + end) / 2
        assert list(fell(history(*losses))) == [False] * 4
        losses = [[2.0] * 18 + [end] * 2 for end in (0.0, 0.9, 1.0, 1.1)]
        assert list(fell(history(*losses))) == [True, True, False, False]

    def test_one_good_batch_at_the_end_is_not_enough(self):
        assert list(fell(history([2.0] * 29 + [0.1]))) == [False]

    @pytest.mark.parametrize("steps", [1, 2, 3])
    def test_of_a_few_steps_the_last_one(self, steps):
        losses = [2.0, 1.5, 0.1][:steps]
        assert list(fell(history(losses))) == [steps == 3]

    def test_who_diverged_did_not(self):
        losses = [[2.0, 1.0, 0.5, 0.1], [2.0, 1.0, np.nan, np.nan], [2.0, 1.0, 0.5, 0.1]]
        assert list(fell(history(*losses, diverged=(None, 2, 4)))) == [True, False, False]

    def test_in_a_run_that_learns(self):
        histories = train_pair(home_config(steps=60, width=16), (1, 2))
        assert all(fell(h).all() for h in histories.values())
        lost = train_pair(home_config(learning_rate=1e-6), (1, 2))
        assert not any(fell(h).any() for h in lost.values())
