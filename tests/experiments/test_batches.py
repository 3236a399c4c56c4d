"""When BN breaks: what is trained and measured, by batch size."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.statistics import as_modules, of_buffers
from bnviz.engine.training import train
from bnviz.experiments import batches, company, sorted_batches
from bnviz.experiments.batches import FULL, BatchesConfig
from bnviz.experiments.settings import WORK_LIMIT, knobs
from bnviz.verdicts.batches import judge
from bnviz.words import batches as words
from tests.samples import tiny


def config(**changes):
    return tiny("batches", **changes)


@pytest.fixture(scope="module")
def small():
    return batches.run(config(steps=40, batch_size=2))


class TestConfig:
    @pytest.mark.parametrize(
        ("size", "sizes", "focus"),
        [
            (4, (4, 8, 16, 32), 0),
            (1, (1, 2, 4, 8, 16, 32), 0),
            (3, (3, 4, 8, 16, 32), 0),
            (512, (32, 512), 1),
        ],
    )
    def test_from_the_chosen_batch_size_on(self, size, sizes, focus):
        assert config(batch_size=size).sizes() == sizes
        assert config(batch_size=size).focus() == focus

    def test_all_sizes_see_as_many_samples_at_a_rate_in_proportion(self):
        chosen = BatchesConfig(steps=256, learning_rate=0.32)
        assert {size * chosen.updates(size) for size in (1, 2, 4, 8, 16, 32, 64)} == {512}
        assert chosen.rate(32) == 0.32
        assert chosen.rate(4) == pytest.approx(0.04)
        plan = chosen.plan_for(8, 10, 2)
        assert plan.learning_rates == (0.08,) * 5
        assert (plan.batch_size, plan.steps, plan.classes_per_batch) == (8, 10, 2)

    def test_there_is_always_an_update(self):
        assert config(steps=1).updates(512) == config(steps=1).sorted_updates() == 1

    def test_a_sorted_batch_holds_no_more_classes_than_there_are(self):
        assert config(classes=5).in_a_batch() == 5
        assert config(classes=5, dataset="moons").in_a_batch() == 2

    def test_large_networks_are_measured_on_fewer_samples(self):
        assert len(BatchesConfig().data().test_labels) == 450
        assert BatchesConfig().precise_samples() == batches.PRECISE
        large = BatchesConfig(depth=50, width=256)
        assert len(large.data().test_labels) == batches.FEWEST_TESTED
        assert large.precise_samples() == batches.FEWEST_PRECISE
        assert set(large.data().test_labels) == set(range(10))

    def test_the_cost_is_within_bounds(self):
        assert BatchesConfig().affordable() == BatchesConfig()
        for name, knob in knobs(BatchesConfig).items():
            for option in knob.options:
                one = BatchesConfig(**{name: option}).affordable()
                assert one.work() <= WORK_LIMIT, (name, option)
        huge = BatchesConfig(depth=50, width=256, batch_size=1, seeds=5)
        assert huge.affordable().steps < huge.steps
        assert huge.affordable().work() < 1.2 * WORK_LIMIT
        for asked in (sorted_batches.few_classes(huge, 2), company.SampleConfig.like(huge)):
            assert 0 < asked.work() < huge.work()
        assert batches.full(BatchesConfig())[-1].affordable().steps == 2694


def test_records_are_the_shares_of_any_training():
    assert batches.records(1000) == [10 * percent for percent in batches.PERCENTS]
    assert batches.records(1)[0] == 0
    assert batches.records(1)[-1] == 1
    assert len(words.moments(batches.PERCENTS)) == len(batches.PERCENTS) >= 6


class TestRun:
    def test_is_the_same_to_the_bit_and_whatever_the_workers(self, small):
        again = batches.run(config(steps=40, batch_size=2), workers=1)
        for kind, values in small.accuracy.items():
            np.testing.assert_array_equal(values, again.accuracy[kind])
        np.testing.assert_array_equal(small.precise, again.precise)

    @pytest.mark.parametrize(("kind", "normalizer"), [("plain", "none"), ("layer", "layer")])
    def test_is_ordinary_training_at_each_size(self, small, kind, normalizer):
        of = small.config
        cohort = Cohort(of.architecture(normalizer=normalizer), [0, 1])
        plan = Plan((0.32 * 8 / 32,) * 2, 10, 8)
        history = train(cohort, [0, 1], of.data(), plan, record_at=[0, 5, 10])
        place = list(small.sizes).index(8)
        ours = small.accuracy[kind][place][:, [0, batches.PERCENTS.index(50), -1]]
        np.testing.assert_array_equal(ours, history.test_accuracies)

    def test_every_treatment_starts_alike(self, small):
        for values in (small.accuracy["plain"], small.accuracy["layer"]):
            assert (values[:, :, 0] == values[:1, :, 0]).all()  # the same network at every size

    def test_progress_reaches_the_end_and_never_goes_back(self):
        told = []
        batches.run(config(), told.append)
        assert all(0 <= a <= b <= 1 for a, b in pairwise(told))

    def test_a_run_in_which_everybody_diverges(self):
        result = batches.run(config(depth=6, gain=1e4, learning_rate=1e3))
        said = words.findings(judge(result))
        assert "nan" not in said.text
        assert "diverged" in said.text


def test_precise_statistics_are_those_of_the_training_set():
    of = config()
    data, cohort = of.data(), Cohort(of.architecture(normalizer="batch"), [0, 1])
    history = train(cohort, [0, 1], data, Plan((0.1, 3e38), 20, 16))
    ours = batches._with_precise(history, data, len(data.train_labels), len(data.train_labels))
    assert np.isnan(ours[1]), "a diverged replica has no accuracy"
    first = cohort.select([0])
    slow = as_modules(first, of_buffers(first), None)  # cumulative: one batch is all there is
    for norm in slow:
        if isinstance(norm, torch.nn.BatchNorm1d):
            norm.reset_running_stats()
    with torch.no_grad():
        slow.train()(torch.tensor(data.train_inputs))
        outputs = slow.eval()(torch.tensor(data.test_inputs)).numpy()
    expected = np.mean(outputs.argmax(1) == data.test_labels)
    assert ours[0] == pytest.approx(expected, abs=2 / 450)


def test_the_whole_training_trains_all_treatments_at_one_size(monkeypatch):
    monkeypatch.setattr(batches, "EPOCHS", 1)
    pieces = batches.full(config())
    assert [piece.batch_size for piece in pieces] == [32, 16, 8, 4, 2]
    assert [piece.steps for piece in pieces[:2]] == [42, 84]
    result = batches.run_full(pieces[0])
    assert set(result.accuracy) == set(FULL)
    cohort = Cohort(pieces[0].architecture(normalizer="layer"), [0, 1])
    history = train(cohort, [0, 1], pieces[0].data(), Plan((0.32,) * 2, 42, 32), record_at=[42])
    np.testing.assert_array_equal(result.accuracy["layer"], history.test_accuracies[:, -1])
