"""The two modes: what is measured, against slow ways to do it; and every sentence, both ways."""

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from torch import nn

from bnviz.engine.networks import Cohort
from bnviz.engine.normalization import Options
from bnviz.engine.training import train
from bnviz.experiments import modes
from bnviz.experiments.modes import ForgetfulConfig, ModesConfig, Sample, Unit
from bnviz.experiments.pair import NEVER
from bnviz.experiments.settings import WORK_LIMIT
from bnviz.words import modes as words

ROOT = Path(__file__).resolve().parents[2]
NAN = math.nan
TINY = {"depth": 2, "width": 8, "steps": 8, "batch_size": 32, "seeds": 2}


def config(**changes):
    return ModesConfig(**TINY | changes)


@pytest.fixture(scope="module")
def small():
    return modes.run(config(steps=30, batch_size=8, momentum=0.3))


@pytest.fixture(scope="module")
def default():
    """The page as it opens: five seeds."""
    return modes.run(ModesConfig())


class TestConfig:
    def test_the_chosen_momentum_is_followed_with_the_others(self):
        assert config().momenta() == modes.MOMENTA
        assert config(momentum=0.05).momenta() == (0.01, 0.03, 0.05, 0.1, 0.3, 0.9)

    @pytest.mark.parametrize(("steps", "since"), [(1, 0), (8, 4), (100, 20), (1600, 20)])
    def test_the_forgetful_network_forgets_within_the_run(self, steps, since):
        assert config(steps=steps).since() == since

    def test_everything_is_measured_at_the_default(self):
        assert ModesConfig().measured() == (modes.RECORDS, ModesConfig().seeds)
        assert ModesConfig().affordable() == ModesConfig()

    def test_large_networks_are_measured_less_and_within_the_limit(self):
        huge = ModesConfig(depth=50, width=256, batch_size=2, seeds=10, steps=1600)
        records, seeds = huge.measured()
        assert (records, seeds) == (modes.FEWEST_RECORDS, 1)
        assert huge.affordable().work() <= WORK_LIMIT
        assert huge.affordable().steps > 20


class TestRun:
    def test_shapes(self, small):
        ways, times = len(small.ways()), len(small.steps)
        assert ways == 3 + len(modes.MOMENTA)
        assert small.test_loss.shape == small.test_accuracy.shape == (ways, 2, times)
        assert small.plain_loss.shape == small.plain_accuracy.shape == (2, times)
        assert small.evaluated.shape == (2, len(small.sizes), 2)
        assert small.diverged_at.shape == (2, 2)
        assert small.sizes[-1] == modes.len_of_test(small) == 450
        assert [f"layer {u.layer}, unit {u.number}" for u in small.units] == modes.names_of_units(
            small.config
        )
        assert small.units[0].batch.shape == (2, 30)
        assert small.sample.probability.shape == (times, 5, 10)
        assert small.steps[-1] == 30

    def test_same_config_same_bits(self, small):
        again = modes.run(small.config, workers=1)
        for name in ("test_loss", "test_accuracy", "plain_loss", "evaluated"):
            np.testing.assert_array_equal(getattr(again, name), getattr(small, name))
        np.testing.assert_array_equal(again.sample.probability, small.sample.probability)
        np.testing.assert_array_equal(again.units[3].population, small.units[3].population)

    def test_who_forgets_comes_out_the_same_again(self, small):
        asked = ForgetfulConfig.like(small.config)
        one, other = (modes.run_forgetful(asked, workers=workers) for workers in (1, 2))
        np.testing.assert_array_equal(one.accuracy, other.accuracy)
        np.testing.assert_array_equal(one.steps, small.steps)
        assert one.accuracy.shape == (2, 2, len(small.steps))
        assert one.diverged_at.shape == (2, 2)

    def test_momentum_does_not_change_the_training(self, small):
        other = modes.run(small.config.model_copy(update={"momentum": 0.01}))
        np.testing.assert_array_equal(other.test_loss, small.test_loss)
        assert other.running() != small.running()

    def test_the_averages_predict_what_a_network_with_this_momentum_predicts(self, small):
        """An ordinary training with running averages, tested at the end as the engine does."""
        settings = small.config
        architecture = settings.architecture(normalizer="batch", options=Options(momentum=0.3))
        cohort = Cohort(architecture, range(2))
        train(cohort, range(2), settings.data(), settings.plan(2), record_at=[])
        data = settings.data()
        inputs = torch.tensor(data.test_inputs).T
        with torch.no_grad():
            logits = cohort.forward(inputs.expand(2, *inputs.shape), "inference")
        for seed in range(2):
            labels = torch.tensor(data.test_labels)
            loss = nn.functional.cross_entropy(logits[seed].T, labels)
            accuracy = (logits[seed].argmax(0) == labels).float().mean()
            assert small.test_loss[small.running(), seed, -1] == pytest.approx(loss, rel=1e-4)
            assert small.test_accuracy[small.running(), seed, -1] == pytest.approx(accuracy)

    def test_a_test_set_in_one_batch_does_not_care_for_its_order(self, small):
        np.testing.assert_allclose(small.evaluated[0, -1], small.evaluated[1, -1], atol=0.005)
        np.testing.assert_allclose(small.evaluated[0, 0], small.evaluated[1, 0], atol=1e-6)

    def test_the_size_of_training_batches_is_the_own_batch(self, small):
        place = small.sizes.tolist().index(8)
        np.testing.assert_allclose(
            small.evaluated[0, place], small.test_accuracy[modes.OWN, :, -1], atol=1e-6
        )

    def test_differences_to_torch_are_those_of_rounding(self, small, default):
        assert (small.from_torch < 1e-5).all()
        assert (default.from_torch < 1e-5).all()
        assert default.from_torch[0] > 0  # it was compared with something computed elsewhere

    def test_reports_and_can_be_stopped(self):
        def stop(share):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            modes.run(config(steps=2000), stop)

    @pytest.mark.parametrize(
        "changes",
        [
            {"batch_size": 1, "steps": 4},
            {"batch_size": 1347, "steps": 2},
            {"steps": 1, "seeds": 1},
            {"dataset": "moons", "steps": 4, "sample": 9},
            {"gain": 1e4, "learning_rate": 1e3, "depth": 6},
            {"learning_rate": 100.0, "depth": 4, "steps": 20, "seeds": 3},
            {"depth": 50, "steps": 2, "seeds": 1},
            {"depth": 1, "width": 4},
        ],
    )
    def test_odd_settings_give_sentences_without_a_nan(self, changes):
        result = modes.run(config(**changes))
        every = [
            *modes.findings(result),
            *modes.misconceptions(result).values(),
            *(modes.of_unit(result, unit) for unit in result.units),
            modes.of_sample(result),
            modes.of_torch(result),
            modes.of_evaluation(result),
            modes.of_forgetting(result, modes.run_forgetful(ForgetfulConfig.like(result.config))),
            modes.of_batch_sizes([result]),
            *modes.best_momentum(result),
        ]
        for sentence in every:
            assert sentence
            assert not {"nan", "inf", "-inf"} & set(sentence.lower().replace(",", " ").split())
        assert modes.best_momentum(result)[0] in modes.GUESSES


class TestUnit:
    @pytest.mark.parametrize("momentum", [0.01, 0.3, 1.0])
    def test_averages_are_those_of_torch(self, momentum):
        """BatchNorm1d in float64, fed with batches whose statistics the unit knows."""
        random = np.random.default_rng(0)
        batches = random.normal(2, 3, size=(9, 5))
        norm = nn.BatchNorm1d(1, momentum=momentum).double()
        unit = Unit(
            1, 1, 5,
            np.stack([batches.mean(1), batches.var(1, ddof=1)]).astype(np.float32),
            np.zeros((2, 2), np.float32),
        )  # fmt: skip
        ours = unit.averages(momentum)
        assert ours.shape == (2, 10)
        for step, batch in enumerate(batches):
            np.testing.assert_allclose(ours[0, step], norm.running_mean.item(), rtol=1e-6)
            np.testing.assert_allclose(ours[1, step], norm.running_var.item(), rtol=1e-6)
            norm(torch.tensor(batch)[:, None])

    def test_biased_averages_the_variance_that_normalizes(self):
        batch = np.stack([np.zeros(400), np.full(400, 4.0)]).astype(np.float32)
        unit = Unit(1, 1, 4, batch, np.zeros((2, 2), np.float32))
        assert unit.averages(0.1)[1, -1] == pytest.approx(4)
        assert unit.averages(0.1, biased=True)[1, -1] == pytest.approx(3)  # 3/4 of it

    def test_follows_the_mini_batches_of_the_training(self, small):
        """The running statistics of the whole network, from the statistics of one unit."""
        settings = small.config
        architecture = settings.architecture(normalizer="batch", options=Options(momentum=0.3))
        cohort = Cohort(architecture, [0])
        train(cohort, [0], settings.data(), settings.plan(1), record_at=[])
        for unit in small.units:
            running = cohort.layers[unit.layer - 1].running
            mean, variance = unit.averages(0.3)[:, -1]
            assert mean == pytest.approx(running.mean[unit.number - 1].item(), rel=1e-3, abs=1e-4)
            assert variance == pytest.approx(running.variance[unit.number - 1].item(), rel=1e-3)

    def test_the_population_of_layer_1_is_a_pass_over_the_training_set(self, small):
        settings = small.config
        cohort = Cohort(settings.architecture(normalizer="batch"), [0])
        train(cohort, [0], settings.data(), settings.plan(1), record_at=[])
        inputs = settings.data().train_inputs.astype(np.float64)
        values = inputs @ cohort.layers[0].weight[0].detach().double().numpy().T
        for unit in small.units:
            if unit.layer == 1:  # 1347 = 168 x 8 + 3: three samples are left out
                mean, variance = unit.population[:, -1]
                place = unit.number - 1
                assert mean == pytest.approx(values[:, place].mean(), abs=0.02)
                assert variance == pytest.approx(values[:, place].var(), rel=0.01)

    @given(st.floats(0.001, 0.999))
    def test_half_of_the_weight_lies_on_the_newest(self, momentum):
        k = modes.half_life(momentum)
        assert 1 - (1 - momentum) ** k >= 0.5 - 1e-9
        assert k == 1 or 1 - (1 - momentum) ** (k - 1) < 0.5


WAYS = {"own": 0.7, "precise": 0.9, "all": 0.88}
MOMENTA = (0.85, 0.88, 0.9, 0.89, 0.8)


def made(
    accuracy=(0.7, 0.9, 0.88, 0.85, 0.88, 0.9, 0.89, 0.8),
    loss=(0.9, 0.5, 0.55, 0.8, 0.6, 0.5, 0.52, 1.0),
    plain=0.6,
    **changes,
):
    """A result by hand: own batch, precise, average of all, then the five momenta.

    Numbers for all seeds, or one for each.
    """
    fields = {
        name: changes.pop(name) for name in list(changes) if name not in ModesConfig.model_fields
    }
    of = config(**{"batch_size": 8, "seeds": 2} | changes)

    def over_seeds(values):
        rows = [np.broadcast_to(value, of.seeds) for value in values]
        last = np.stack(rows).astype(np.float32)
        return np.stack([np.full_like(last, 0.1), last], axis=-1)

    sizes = np.array([1, 2, 4, 8, 16, 450])
    shuffled = np.array([0.1, 0.3, 0.5, 0.7, 0.8, 0.9])
    by_class = np.array([0.1, 0.1, 0.12, 0.14, 0.2, 0.9])
    population = np.tile([[0.5], [4.0]], 2).astype(np.float32)
    batch = np.tile([[0.7], [5.0]], of.steps).astype(np.float32)
    probability = np.zeros((2, 5, 10), np.float32)
    for row, answer in enumerate((2, 7, 7, 8, 7)):
        probability[:, row, answer] = 0.5 + 0.1 * row
    ready = {
        "config": of,
        "steps": np.array([0, of.steps]),
        "test_loss": over_seeds(loss),
        "test_accuracy": over_seeds(accuracy),
        "plain_loss": over_seeds([0.5])[0],
        "plain_accuracy": over_seeds([plain])[0],
        "changed": np.full(of.seeds, 0.2, np.float32),
        "evaluated": np.stack([shuffled, by_class])[:, :, None] + np.zeros(of.seeds),
        "sizes": sizes,
        "diverged_at": np.full((2, of.seeds), NEVER),
        "units": tuple(Unit(layer, 1, 8, batch, population) for layer in (2, 1)),
        "sample": Sample(np.zeros(64, np.float32), 7, probability, 1e-7),
        "from_torch": np.array([1e-7, 2e-8], np.float32),
    }
    return modes.ModesResult(**ready | fields)


def with_way(index, value, base=(0.7, 0.9, 0.88, 0.85, 0.88, 0.9, 0.89, 0.8)):
    values = list(base)
    values[index] = value
    return tuple(values)


LOSSES = (0.9, 0.5, 0.55, 0.8, 0.6, 0.5, 0.52, 1.0)
RUNNING = 5  # the row of momentum 0.1
LOST = (NAN,) * 8
POOR = (0.12, 0.15, 0.15, 0.15, 0.15, 0.15, 0.15, 0.12)


class TestHeadline:
    def said(self, *arguments, **changes):
        return modes.findings(made(*arguments, **changes))[0]

    def test_two_answers(self):
        said = self.said()
        assert said == (
            "**Same weights, two answers**: inference mode gets 90 % of the test set right,"
            " training mode, in batches of 8, 70 %. Inference is better in all 2 seeds."
        )

    def test_counts_the_seeds(self):
        assert "better in 1 of 2 seeds" in self.said(with_way(0, (0.95, 0.5)))

    def test_inference_is_the_worse_one(self):
        said = self.said(with_way(RUNNING, 0.6))
        assert "the running averages give the worse one" in said
        assert "Inference is worse in all 2 seeds" in said

    def test_equally_good(self):
        said = self.said(with_way(0, 0.89))
        assert said.startswith("**Here both modes are about equally good**")
        assert "4 test samples of 450 apart" in said or "5 test samples of 450 apart" in said

    def test_nothing_learned(self):
        assert self.said(POOR).startswith("**BN does not help here, in either mode**")
        for plain in (0.1, NAN):
            said = self.said(POOR, plain=plain)
            assert said.startswith("**BN learned too little to compare the modes**")
        lag = self.said(with_way(1, 0.7, POOR), plain=0.1)  # the weights have learned
        assert lag.startswith("**Same weights, two answers**")

    def test_diverged(self):
        assert self.said(LOST, LOST).startswith("**BN diverged**")


class TestFindings:
    def said(self, *arguments, **changes):
        return " ".join(modes.findings(made(*arguments, **changes))[1:])

    def test_names_both_conventions(self):
        assert "momentum 0.1 in PyTorch, 0.9 in many texts" in self.said()

    @pytest.mark.parametrize(
        ("precise", "verdict"),
        [
            (0.3, "the averages were the weak point, not the weights"),
            (0.49, "these do not help here, the averages are about as good"),
            (0.8, "here they are no cure, the averages do better"),
        ],
    )
    def test_precise_statistics_are_a_cure_or_not(self, precise, verdict):
        assert verdict in self.said(loss=with_way(1, precise, LOSSES))

    def test_precise_statistics_cure_no_weights_that_learned_nothing(self):
        said = self.said(POOR, loss=with_way(1, 0.3, LOSSES))
        assert "with none of them has BN learned much" in said
        assert "not the weights" not in said

    def test_a_batch_of_one_has_nothing_to_average(self):
        assert "A mini-batch of one sample has no variance" in self.said(batch_size=1)

    def test_the_best_and_the_worst_momentum(self):
        said = self.said()
        assert "Of the momenta, 0.1 ends with the lowest test loss, 0.5, and 0.9" in said
        assert "the newest mini-batch alone has 90 % of the weight" in said
        assert "Within 10 % of the best are 0.1 and 0.3." in said

    def test_the_smallest_momentum_can_be_the_worst(self):
        said = self.said(loss=with_way(3, 3.0, LOSSES), steps=50)
        assert "and 0.01 (the start values, mean 0 and variance 1, still have 61 % of the" in said
        said = self.said(loss=with_way(3, 3.0, LOSSES), steps=100)
        assert "and 0.01 (half of the weight lies on the newest 69 mini-batches)" in said

    def test_one_momentum_alone_or_all_of_them(self):
        assert "10 % of the best" not in self.said(loss=(0.9, 0.5, 0.55, 0.8, 0.7, 0.5, 0.6, 1.0))
        flat = (0.9, 0.5, 0.55, 0.51, 0.5, 0.5, 0.52, 0.54)
        assert "All of them are within 10 % of the best" in self.said(loss=flat)

    def test_biased_and_unbiased(self):
        said = self.said()
        assert "mini-batch of 8 is on average 1.09 times that of the population (the whole" in said
        assert "8/7 of it, which PyTorch's running_var averages, 1.25 times" in said
        assert "no longer independent" not in said

    def test_layers_that_differ_are_named(self):
        of = made()
        batch = of.units[0].batch.copy()
        batch[1] = 8.0
        deep = replace(of.units[0], batch=batch)
        said = " ".join(modes.findings(replace(of, units=(deep, of.units[1]))))
        assert "In layer 2 the unbiased one is 2.00 times" in said
        assert "no longer independent" in said
        batch[1] = 4.1  # more than in layer 1, and no more than the population
        low = [replace(of.units[1], batch=batch * 0.8), replace(of.units[0], batch=batch)]
        said = " ".join(modes.findings(replace(of, units=tuple(low[::-1]))))
        assert "1.02 times the population" not in said
        assert "no longer independent" not in said

    def test_plain_is_the_reference(self):
        assert "Plain, which has one mode only, reaches 60 %." in self.said()
        assert "at this setting BN does not help" in self.said(plain=0.95)
        assert "not help, in whatever" not in self.said(with_way(0, 0.97), plain=0.95)
        assert "Plain, which has one mode only, diverged." in self.said(plain=NAN)

    def test_names_who_diverged(self):
        lost = np.array([[3, 4], [3, NEVER]])
        said = self.said(diverged_at=lost)
        assert "BN, all 2 seeds; plain, 1 of 2 seeds." in said
        assert "Diverged" not in self.said()

    def test_says_what_was_not_measured(self):
        assert "first seed alone" in self.said(depth=50, width=256, seeds=10)
        assert "take long" not in self.said()


class TestOfUnit:
    def test_says_how_far_off(self):
        of = made(steps=200)
        said = modes.of_unit(of, of.units[1])
        assert said == (
            "Layer 1, unit 1, at the last step: the running mean is 0.10 standard deviations and"
            " its variance 25 % away from the population's. For the last mini-batch alone, the"
            " mean is 0.10 standard deviations and its variance 25 % away."
        )

    def test_or_that_there_is_nothing(self):
        of = made()
        nothing = replace(of.units[0], population=np.full((2, 2), NAN, np.float32))
        assert "no statistics to compare" in modes.of_unit(of, nothing)


class TestOfSample:
    def test_tells_all_situations(self):
        said = modes.of_sample(made())
        assert said.startswith("The test image of a 7. In training mode, alone, the answer is **2")
        assert "with 7 others **7 (60 %)**, with yet others **7 (70 %)**" in said
        assert "among samples of its own class **8 (80 %)**" in said
        assert said.endswith("In inference mode, alone, it is **7 (90 %)**.")

    def test_of_a_point_with_one_other_or_none(self):
        assert "test point of class 7" in modes.of_sample(made(dataset="moons"))
        assert "with 1 other **" in modes.of_sample(made(batch_size=2))
        assert "there is no company" in modes.of_sample(made(batch_size=1))

    def test_of_a_network_that_diverged(self):
        of = made()
        nothing = replace(of.sample, probability=np.full((2, 5, 10), NAN, np.float32))
        assert "no prediction to compare" in modes.of_sample(replace(of, sample=nothing))


class TestOfTorch:
    @pytest.mark.parametrize(
        ("differences", "part"),
        [
            ((1e-7, 2e-8), "(largest relative difference 1e−7)"),
            ((NAN, 2e-8), "torch.nn refuses a batch of one sample"),
            ((NAN, NAN), "BN diverged"),
        ],
    )
    def test_shows_the_difference(self, differences, part):
        assert part in modes.of_torch(made(from_torch=np.array(differences)))


class TestMistakes:
    def test_evaluated_in_training_mode(self):
        said = modes.of_evaluation(made())
        assert "10 % one sample at a time, 80 % in batches of 16, and 20 % in" in said
        assert "In inference mode 90 %, in whatever company." in said
        assert "BN diverged" in modes.of_evaluation(made(LOST))

    def forgot(self, always, since, lost=(0, 0), **changes):
        of = made(**changes)
        ends = np.broadcast_to(np.array([[[always]], [[since]]], np.float32), (2, 2, 2))
        diverged = np.full((2, 2), NEVER)
        for row, many in enumerate(lost):
            diverged[row, :many] = 3
        settings = ForgetfulConfig.like(of.config)
        forgetful = modes.ForgetfulResult(settings, of.steps, ends, diverged)
        return modes.of_forgetting(of, forgetful)

    def test_trained_in_inference_mode(self):
        said = self.forgot(0.5, 0.8)
        assert "always in inference mode, 50 %; left in inference mode after step 4, 80 %" in said
        assert said.endswith("Trained the right way, 90 %.")

    def test_that_diverged(self):
        said = self.forgot(NAN, 0.8, (2, 1))
        assert "always in inference mode, diverged in all 2 seeds; left" in said
        assert "80 %, and diverged in 1 of 2 seeds" in said

    def test_that_does_no_harm(self):
        assert "does no harm" in self.forgot(0.9, 0.89)
        assert "does no harm" not in self.forgot(0.9, 0.89, (1, 0))
        assert "does no harm" not in self.forgot(0.9, 0.8)
        assert "does no harm" not in self.forgot(0.15, 0.15, accuracy=POOR)

    def test_that_does_better(self):
        assert "does better: nothing in it" in self.forgot(0.95, 0.8)
        lagging = with_way(RUNNING, 0.6)
        assert "better than these running averages" in self.forgot(0.7, 0.8, accuracy=lagging)

    def test_nothing_to_compare(self):
        assert "even when it was trained the right way" in self.forgot(0.5, 0.5, accuracy=LOST)


class TestMisconceptions:
    def met(self, part, *arguments, **changes):
        met = modes.misconceptions(made(*arguments, **changes))
        (belief,) = [belief for belief in met if part in belief]
        return met[belief]

    def test_dropout(self):
        assert "90 test samples of 450 get another class" in self.met("dropout")
        assert "That is little" in self.met("dropout", changed=np.full(2, 0.01))
        assert "That is little" not in self.met("dropout")
        assert "1 test sample of 450 gets another" in self.met(
            "dropout", changed=np.full(2, 1 / 450)
        )
        assert "none of 450 test samples changes" in self.met("dropout", changed=np.zeros(2))
        said = self.met("dropout", POOR, changed=np.full(2, 0.01))
        assert said.endswith("That is little, because BN hardly tells the samples apart.")
        assert "cannot tell" in self.met("dropout", changed=np.full(2, NAN))

    def test_all_of_training(self):
        said = self.met("all of training", loss=with_way(RUNNING, 0.52, LOSSES))
        assert "half of the weight lies on the newest 7 mini-batches" in said
        assert said.endswith("gives a test loss of 0.55 in place of 0.52: about the same.")
        worse = self.met("all of training", loss=with_way(2, 0.9, LOSSES))
        assert "worse, for most of these mini-batches were seen by other weights" in worse
        better = self.met("all of training", loss=with_way(2, 0.3, LOSSES), steps=50)
        assert "better: here the longer memory pays" in better
        better = self.met("all of training", loss=with_way(2, 0.3, LOSSES), steps=10)
        assert "better: the running averages are still 35 % start values" in better
        assert "average over all" not in self.met("all of training", LOST, LOST)

    def test_a_larger_momentum(self):
        said = self.met("momentum")
        assert "0.9, the largest, gives a test loss of 1, 0.1 one of 0.5" in said
        assert "the smallest here, 0.01, gives 0.8" in said
        assert "In this run it is" in self.met("momentum", loss=with_way(7, 0.2, LOSSES))
        long = self.met("momentum", loss=with_way(3, 0.2, LOSSES))
        assert (
            "0.01 one of 0.2. In the other convention larger means a longer memory: there" in long
        )
        assert "cannot tell" in self.met("momentum", POOR)

    def test_needs_a_batch(self):
        assert "changes by more than 1e−7, which is rounding" in self.met("every sample")
        of = made()
        exact, nothing = (
            modes.misconceptions(replace(of, sample=replace(of.sample, in_company=change)))
            for change in (0.0, NAN)
        )
        assert "no probability changes at all" in " ".join(exact.values())
        assert "cannot tell" in " ".join(nothing.values())

    def test_there_are_four(self):
        assert len(modes.misconceptions(made())) == 4


class TestGuess:
    @pytest.mark.parametrize(
        ("best", "group"),
        [(3, modes.LONG), (4, modes.MIDDLE), (5, modes.MIDDLE), (7, modes.SHORT)],
    )
    def test_is_the_momentum_with_the_lowest_loss(self, best, group):
        assert modes.best_momentum(made(loss=with_way(best, 0.1, LOSSES)))[0] == group

    def test_or_none(self):
        assert modes.best_momentum(made(POOR))[0] == modes.NONE
        assert modes.best_momentum(made(LOST, LOST))[0] == modes.NONE


class TestSweep:
    def test_keeps_all_but_the_batch_size(self):
        pieces = modes.batch_sizes(config(momentum=0.3))
        assert [piece.batch_size for piece in pieces] == list(modes.SWEPT)
        assert {piece.model_copy(update={"batch_size": 1}) for piece in pieces} == {
            config(momentum=0.3, batch_size=1)
        }

    def test_tells_the_widest_gap_and_the_last(self):
        some = [
            made(batch_size=2),
            made(with_way(0, 0.4), batch_size=4),
            made(with_way(0, 0.89), batch_size=64),
        ]
        said = modes.of_batch_sizes(some)
        assert "furthest apart in batches of 4: 40 % in training mode, 90 % in" in said
        assert "In batches of 64 it is 1 point." in said
        assert "no more than 10 % at any" in said

    def test_no_gap_is_not_called_the_widest(self):
        alike = with_way(0, 0.89)
        some = [made(alike, batch_size=2), made(batch_size=4, accuracy=alike)]
        assert "are 1 point apart at most, in batches of 2." in modes.of_batch_sizes(some[:1])
        assert "are 1 point apart at most, in batches of 2 to 4." in modes.of_batch_sizes(some)

    def test_tells_where_precise_statistics_help(self):
        some = [made(batch_size=2, loss=with_way(1, 0.2, LOSSES)), made(batch_size=4)]
        said = modes.of_batch_sizes(some)
        assert "help most in batches of 2: test loss 0.2 in place of 0.5" in said

    def test_all_diverged(self):
        assert "diverged at every" in modes.of_batch_sizes([made(LOST, LOST)])


class TestClaims:
    """What the lesson says, at its default settings, in all of five seeds."""

    def ends(self, result, way):
        return result.test_accuracy[way, :, -1]

    def test_the_modes_differ_in_every_seed(self, default):
        assert default.config.seeds == 5
        gap = self.ends(default, default.running()) - self.ends(default, modes.OWN)
        assert (gap > 0.08).all()
        assert modes.findings(default)[0].startswith("**Same weights, two answers**")

    def test_one_sample_alone_in_training_mode_is_a_guess(self, default):
        assert (default.evaluated[:, 0] < 0.2).all()

    def test_neighbours_of_one_class_ruin_it_in_every_seed(self, default):
        place = default.sizes.tolist().index(16)
        assert (default.evaluated[1, place] < default.evaluated[0, place] - 0.4).all()

    def test_the_largest_momentum_is_the_worst_in_every_seed(self, default):
        losses = default.test_loss[modes.FIRST_MOMENTUM :, :, -1]
        assert (losses[-1] > 1.1 * losses[2]).all()

    def test_trained_in_inference_mode_is_worse_in_every_seed(self, default):
        right = self.ends(default, default.running())
        forgetful = modes.run_forgetful(ForgetfulConfig.like(default.config))
        always = np.nan_to_num(forgetful.accuracy[0, :, -1], nan=0.0)
        assert (always < right - 0.1).all()

    def test_the_biased_variance_falls_short_in_layer_1(self, default):
        first = modes.shortfall(default, 1)
        assert first == pytest.approx(1, abs=0.05)
        assert first * 7 / 8 < 0.93

    def test_presets(self, default):
        presets = [ModesConfig(**preset) for preset in words.PRESETS.values()]
        lag = replace(default, config=presets[0])  # momentum does not change the training
        large, rate, small = (modes.run(preset) for preset in presets[1:])
        ends = lag.final(lag.test_loss)
        assert ends[modes.PRECISE] < modes.HELPED * ends[lag.running()]
        assert modes.findings(large)[0].startswith("**Here both modes are about equally good**")
        forgetful = modes.run_forgetful(ForgetfulConfig.like(rate.config))
        assert (forgetful.diverged_at[0] != NEVER).sum() >= 3
        assert (rate.diverged_at[0] == NEVER).all()
        assert modes.findings(small)[0].startswith("**BN does not help here, in either mode**")
        assert any("at this setting BN does not help" in said for said in modes.findings(small))


def test_the_page_draws_the_sweep_and_other_units():
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    at.switch_page("pages/04_modes.py")
    for name, value in {"depth": 2, "width": 8, "steps": 50, "seeds": 1}.items():
        at.query_params[f"modes-{name}"] = str(value)
    at.query_params["modes-unit"] = "layer 1, unit 3"  # which opens its section
    at.run()
    assert not at.exception
    without_links = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", one.value) for one in at.markdown]
    assert any("Layer 1, unit 3" in text for text in without_links)
    assert len(at.get("plotly_chart")) == 4
    next(button for button in at.button if button.label == "Start").click()
    at.run()
    assert not at.exception
    assert len(at.get("plotly_chart")) == 5
