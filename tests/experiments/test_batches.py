"""When BN breaks: what is trained and measured, and every sentence, also the other way round."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from bnviz.engine.networks import Cohort
from bnviz.engine.normalization import Options
from bnviz.engine.statistics import as_modules, of_buffers
from bnviz.engine.training import Moment, Plan, train
from bnviz.experiments import batches
from bnviz.experiments.batches import MIXED, SORTED, SWEPT, BatchesConfig, FullResult
from bnviz.experiments.pair import NEVER
from bnviz.experiments.settings import WORK_LIMIT, knobs
from bnviz.words import batches as words
from tests.samples import tiny

ROOT = Path(__file__).resolve().parents[2]


def config(**changes):
    return tiny("batches", **changes)


@pytest.fixture(scope="module")
def small():
    return batches.run(config(steps=40))


@pytest.fixture(scope="module")
def small_sorted():
    return batches.run_sorted(batches.few_classes(config(steps=40), 2))


@pytest.fixture(scope="module")
def small_sample():
    return batches.run_sample(batches.SampleConfig.like(config(steps=40)))


class TestConfig:
    @pytest.mark.parametrize(
        ("size", "sizes", "focus"),
        [
            (4, (2, 4, 8, 16, 32), 1),
            (1, (1, 2, 4, 8, 16, 32), 0),
            (512, (2, 4, 8, 16, 32, 512), 5),
        ],
    )
    def test_the_chosen_batch_size_is_among_the_sizes(self, size, sizes, focus):
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
        huge = BatchesConfig(depth=50, width=256, batch_size=512, seeds=5)
        assert huge.affordable().steps < huge.steps
        assert huge.affordable().work() < 1.2 * WORK_LIMIT
        for asked in (batches.few_classes(huge, 2), batches.SampleConfig.like(huge)):
            assert 0 < asked.work() < huge.work()
        assert batches.full(BatchesConfig())[-1].affordable().steps == 2694


def test_records_are_the_shares_of_any_training():
    assert batches.records(1000) == [10 * percent for percent in batches.PERCENTS]
    assert batches.records(1)[0] == 0
    assert batches.records(1)[-1] == 1
    assert len(batches.MOMENTS) == len(batches.PERCENTS) >= 6


class TestRun:
    def test_is_the_same_to_the_bit_and_whatever_the_workers(
        self, small, small_sorted, small_sample
    ):
        again = batches.run(config(steps=40), workers=1)
        for kind, values in small.accuracy.items():
            np.testing.assert_array_equal(values, again.accuracy[kind])
        np.testing.assert_array_equal(small.precise, again.precise)
        again = batches.run_sorted(small_sorted.config, workers=1)
        np.testing.assert_array_equal(small_sorted.among, again.among)
        for name in ("accuracy", "in_company"):
            for kind, values in getattr(small_sorted, name).items():
                np.testing.assert_array_equal(values, getattr(again, name)[kind])
        again = batches.run_sample(small_sample.config, workers=1)
        np.testing.assert_array_equal(small_sample.jitter.probability, again.jitter.probability)

    def test_the_batch_size_of_the_knob_is_none_of_the_sorted_batches(self):
        asked = [batches.few_classes(config(batch_size=size), 2) for size in (4, 64)]
        assert asked[0] == asked[1]

    @pytest.mark.parametrize(("kind", "normalizer"), [("plain", "none"), ("layer", "layer")])
    def test_is_ordinary_training_at_each_size(self, small, kind, normalizer):
        of = small.config
        cohort = Cohort(of.architecture(normalizer=normalizer), [0, 1])
        plan = Plan((0.32 * 8 / 32,) * 2, 10, 8)
        history = train(cohort, [0, 1], of.data(), plan, record_at=[0, 5, 10])
        place = list(small.sizes).index(8)
        ours = small.accuracy[kind][place][:, [0, batches.PERCENTS.index(50), -1]]
        np.testing.assert_array_equal(ours, history.test_accuracies)

    def test_sorted_runs_see_few_classes_and_renormalization_has_its_ramp(self, small_sorted):
        of = small_sorted.config
        options = Options(ramp=10)
        cohort = Cohort(of.architecture(normalizer="renorm", options=options), [0, 1])
        plan = Plan((0.32,) * 2, 20, 32, classes_per_batch=2)
        seen = []

        def look(moment):
            seen.extend(len(labels.unique()) for labels in moment.labels)
            return {}

        history = train(cohort, [0, 1], of.data(), plan, record_at=range(21), probes=[look])
        assert set(seen) == {2}
        np.testing.assert_array_equal(
            small_sorted.accuracy["renorm"], history.test_accuracies[:, batches.records(20)]
        )

    def test_every_treatment_starts_alike(self, small):
        for values in (small.accuracy["plain"], small.accuracy["layer"]):
            assert (values[:, :, 0] == values[:1, :, 0]).all()  # the same network at every size

    def test_progress_reaches_the_end_and_never_goes_back(self):
        told = []
        batches.run(config(), told.append)
        assert all(0 <= a <= b <= 1 for a, b in pairwise(told))

    def test_a_run_in_which_everybody_diverges(self):
        result = batches.run(config(depth=6, gain=1e4, learning_rate=1e3))
        assert all("nan" not in one for one in batches.findings(result))
        assert any("diverged" in one for one in batches.findings(result))


class TestSortedBatches:
    LABELS = np.arange(90) % 10

    @pytest.mark.parametrize("classes", [1, 2, 3, 5, 10])
    @pytest.mark.parametrize("size", [4, 32])
    def test_hold_so_many_neighbouring_classes_and_all_samples(self, classes, size):
        rows = batches.sorted_batches(self.LABELS, classes, size)
        assert rows.shape[1] == size
        assert set(rows.flatten()) == set(range(90))
        for row in rows:
            held = np.unique(self.LABELS[row])
            assert len(held) <= classes
            assert len({label // classes for label in held}) == 1

    def test_training_mode_is_that_of_torch_nn_batch_by_batch(self):
        of = config()
        data = of.data()
        cohort = Cohort(of.architecture(normalizer="batch"), [3])
        train(cohort, [3], data, Plan((0.1,), 20, 16))
        moment = Moment(0, cohort, [0], *[torch.empty(0)] * 3, [])
        measured = batches.in_training_mode(data, 2)(moment)
        slow, right, among = as_modules(cohort, of_buffers(cohort), 0.0).train(), {}, {}
        for row in batches.sorted_batches(data.test_labels, 2, 32):
            with torch.no_grad():
                outputs = slow(torch.tensor(data.test_inputs[row])).numpy()
            held = np.unique(data.test_labels[row])
            for sample, output in zip(row, outputs, strict=True):
                label = data.test_labels[sample]
                right.setdefault(sample, output.argmax() == label)
                among.setdefault(sample, held[output[held].argmax()] == label)
        assert len(right) == 450
        tolerance = 2 / 450  # a tie that float rounding decides
        assert float(measured["in company"]) == pytest.approx(
            np.mean(list(right.values())), abs=tolerance
        )
        assert float(measured["among"]) == pytest.approx(
            np.mean(list(among.values())), abs=tolerance
        )
        assert measured["among"] > measured["in company"]


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


def test_the_sample_is_asked_of_layer_norm_too(small_sample):
    of = small_sample.config
    size = of.sizes()[of.focus()]
    cohort = Cohort(of.architecture(normalizer="layer"), [0])
    plan = Plan((of.rate(size),), of.updates(size), size)
    train(cohort, [0], of.data(), plan)
    place = int(np.flatnonzero(of.data().test_labels == batches.SAMPLE)[0])
    image = torch.tensor(of.data().test_inputs[place])[None, :, None]
    probability = cohort.forward(image, "batch").softmax(1)[0, batches.SAMPLE, 0]
    assert small_sample.by_layer == pytest.approx(probability.item(), rel=1e-4)


# ------------------------------------------------------------------ sentences

SIZES = (2, 8, 32)


@cache
def smallest():
    return batches.run(config(steps=1))


def spread(values):
    return np.repeat(np.array(values, np.float32)[..., None], 2, axis=-1)


def over_time(values):
    return np.repeat(spread(values)[..., None], len(batches.PERCENTS), axis=-1)


def made(
    batch=(0.5, 0.9, 0.92),
    layer=(0.9, 0.9, 0.9),
    plain=(0.91, 0.9, 0.9),
    precise=None,
    **changes,
):
    """A result by hand: test accuracies at the end, the same in both seeds."""
    return replace(
        smallest(),
        config=config(**changes),
        sizes=np.array(SIZES),
        accuracy=dict(zip(SWEPT, over_time([plain, batch, layer]), strict=True)),
        precise=spread(batch if precise is None else precise),
        diverged_at={kind: np.full((3, 2), NEVER) for kind in SWEPT},
    )


def made_sorted(
    sorted_=(0.92, 0.7, 0.9, 0.93, 0.95),  # plain, BN, renorm, layer; mixed BN
    own=0.4,
    among=0.95,
    classes=2,
    **changes,
):
    """The same for sorted batches."""
    kinds = [*SORTED, MIXED]
    return batches.SortedResult(
        batches.few_classes(config(**changes), classes),
        np.array(batches.PERCENTS),
        dict(zip(kinds, over_time(sorted_), strict=True)),
        {kind: over_time(own) for kind in kinds},
        over_time(among),
        {kind: np.full(2, NEVER) for kind in kinds},
    )


def said(**arguments):
    return batches.findings(made(**arguments))


class TestHeadline:
    def test_bn_breaks_in_small_batches(self):
        first, second, *_ = said()
        assert first.startswith("**BN breaks in small batches**: BN gets 50 %")
        assert "in batches of 2, layer norm 10 %; 8 % in batches of 32" in first
        assert second == "At batch size 2 alone BN is clearly behind, in all 2 seeds."

    def test_up_to_a_larger_size(self):
        _, second, *_ = said(batch=(0.5, 0.8, 0.92))
        assert second.startswith("BN is clearly behind up to batch size 8; at the smallest, in all")

    def test_bn_does_not_break(self):
        everything = said(batch=(0.89, 0.9, 0.92))
        assert everything[0].startswith("**BN does not break here**")
        assert not any("clearly behind" in one for one in everything)

    def test_bn_is_behind_everywhere(self):
        assert said(batch=(0.5, 0.6, 0.7))[0].startswith("**BN is behind at every batch size**")

    def test_behind_at_large_batches_alone_is_no_break_in_small_ones(self):
        assert said(batch=(0.9, 0.9, 0.7))[0].startswith("**BN does not break here**")

    def test_nothing_to_compare_with(self):
        (only,) = said(layer=(0.1, 0.1, 0.2))
        assert only.startswith("**No comparison here**: layer normalization")
        assert "test error 90 %" in only

    def test_all_of_bn_diverged_at_the_smallest_size(self):
        first = said(batch=(np.nan, 0.9, 0.92))[0]
        assert first.startswith("**BN breaks")
        assert (
            "Test error in batches of 2, BN diverged, layer norm 10 %; in batches of 32, BN 8"
            in (first)
        )


class TestNoise:
    def test_the_others_hardly_lose(self):
        (one,) = [s for s in said() if s.startswith("From batches")]
        assert "BN loses 42 points, plain gains 1 point, layer norm loses nothing" in one
        assert one.endswith("what breaks BN is the noise of its statistics.")

    def test_the_others_lose_as_well(self):
        (one,) = [s for s in said(plain=(0.6, 0.8, 0.9)) if s.startswith("From batches")]
        assert "The part that only BN pays" in one

    def test_bn_loses_no_more(self):
        (one,) = [
            s for s in said(batch=(0.8, 0.9, 0.9), plain=(0.7, 0.8, 0.9)) if s.startswith("From")
        ]
        assert one.endswith("Small batches cost BN no more than the others.")

    def test_a_network_that_does_not_learn_loses_nothing(self):
        (one,) = [s for s in said(plain=(0.1, 0.1, 0.1)) if s.startswith("From batches")]
        assert "plain learns in neither, layer norm loses nothing" in one
        assert "felt without BN as well" in one

    def test_who_diverged_is_not_compared(self):
        assert not any(one.startswith("From batches") for one in said(plain=(0.9, 0.9, np.nan)))


class TestHelp:
    def test_no_help_anywhere(self):
        (one,) = [s for s in said(batch=(0.5, 0.9, 0.91)) if "it does not help" in s]
        assert one.endswith("because the network trains without it.")

    def test_where_it_helps_most(self):
        (one,) = [s for s in said(plain=(0.9, 0.8, 0.6)) if s.startswith("BN helps most")]
        assert "at batch size 32: 8 % test error, plain 40 %" in one

    def test_nobody_trains(self):
        (one,) = [s for s in said(plain=(0.2, 0.2, 0.2), batch=(0.2, 0.2, 0.2)) if "not help" in s]
        assert "because" not in one


class TestPrecise:
    @pytest.mark.parametrize(
        ("precise", "told"),
        [
            (0.5, "do not mend it"),
            (0.45, "do not mend it"),
            (0.55, "are a partial cure"),
            (0.8, "mend much of it"),
        ],
    )
    def test_says_how_much_they_mend(self, precise, told):
        (one,) = [s for s in said(precise=(precise, 0.9, 0.92)) if "Precise" in s]
        assert told in one
        assert f"from 50 % to {100 - 100 * precise:.0f} %" in one

    def test_is_silent_where_nothing_is_broken(self):
        assert not any("Precise" in one for one in said(batch=(0.9, 0.9, 0.9)))


def test_who_diverged_is_named():
    result = made()
    result.diverged_at["plain"][2] = 5
    assert batches.findings(result)[-1].endswith("left out: plain, 2 of 6.")


def of_sorted(**arguments):
    return batches.of_sorted(made_sorted(**arguments), made())


class TestSorted:
    def test_hurt_bn(self):
        first, second, plain, third, fourth = of_sorted()
        assert first.startswith("**Sorted batches hurt BN**: trained on batches of 2 classes")
        assert "70 % of the test samples right at inference, on mixed batches 95 %" in first
        assert first.endswith("worse in all 2 seeds.")
        assert "40 %. Asked only which of the 2 classes of the batch it is" in second
        assert plain == (
            "Plain, on the same batches: 92 %; it has no statistics that could be skewed."
        )
        assert third.startswith("Batch renormalization, on the same batches: 90 %; it normal")
        assert fourth.startswith("Layer norm, on the same batches: 93 %; it never")

    def test_do_no_harm(self):
        assert of_sorted(sorted_=(0.9, 0.94, 0.9, 0.9, 0.95))[0].startswith("**Sorted batches do")

    def test_mixed_batches_are_not_learned_either(self):
        assert of_sorted(sorted_=(0.9, 0.2, 0.9, 0.9, 0.3))[0].startswith("**No comparison")

    def test_good_in_the_company_it_knows(self):
        assert "good in the company it knows" in of_sorted(own=0.9)[1]
        assert "better in the company" in of_sorted(own=0.2, sorted_=(0.9, 0.1, 0.9, 0.9, 0.95))[1]

    def test_the_same_in_both_modes(self):
        assert of_sorted(own=0.7)[1].endswith("70 %, about the same.")

    def test_not_even_among_its_own_classes(self):
        assert of_sorted(among=0.45)[1].endswith("40 %.")

    @pytest.mark.parametrize(
        ("renorm", "told"), [(0.71, "no better than BN"), (0.5, "worse than BN")]
    )
    def test_a_cure_that_cures_nothing(self, renorm, told):
        assert told in of_sorted(sorted_=(0.9, 0.7, renorm, 0.9, 0.95))[3]

    @pytest.mark.parametrize(("plain", "told"), [(0.71, "no better"), (0.5, "worse")])
    def test_hard_on_sgd_itself(self, plain, told):
        said = of_sorted(sorted_=(plain, 0.7, 0.9, 0.9, 0.95))[2]
        assert f"{told} than BN: such batches are hard on SGD itself" in said
        assert said.endswith("On mixed batches of 32, in no more updates, plain gets 90 %.")
        skewed = made_sorted(sorted_=(plain, 0.7, 0.9, 0.9, 0.95))
        stuck = made(plain=(0.4, 0.4, 0.4))
        assert batches.of_sorted(skewed, stuck)[2].endswith(f"{told} than BN.")

    def test_better_than_bn_and_no_cure(self):
        said = of_sorted(sorted_=(0.9, 0.1, 0.3, 0.9, 0.95))[3]
        assert said.endswith("30 %, better than BN, but it does not learn them either.")

    def test_divergences(self):
        said = of_sorted(sorted_=(0.9, 0.7, np.nan, 0.9, 0.95))
        assert said[3] == "Batch renormalization diverged on these batches."
        nobody = of_sorted(sorted_=(0.9, np.nan, 0.8, 0.9, 0.95))
        assert "2 classes BN diverged; test accuracy after mixed batches: 95 %" in nobody[0]
        assert any("BN diverged" in one for one in nobody)
        result = made_sorted()
        result.diverged_at["plain"][:] = 3
        assert batches.of_sorted(result, made())[-1].endswith("left out: plain, 2 of 2.")

    def test_two_classes_cannot_be_sorted_into_two(self):
        (only,) = of_sorted(dataset="moons")
        assert "nothing is skewed" in only
        assert len(of_sorted(dataset="moons", classes=1)) > 1


def test_the_sample_in_words(small_sample):
    told = batches.of_the_sample(small_sample)
    assert told.startswith("One test image of an 8, one network (BN, trained in batches of 32)")
    low, high = np.nanquantile(small_sample.jitter.probability[0], [0.1, 0.9])
    assert f"from {100 * low:.0f} to {100 * high:.0f} % in batches of 2" in told
    assert told.endswith(f"Layer norm says {100 * small_sample.by_layer:.0f} % in any company.")
    nothing = replace(
        small_sample.jitter, probability=np.full_like(small_sample.jitter.probability, np.nan)
    )
    assert "diverged" in batches.of_the_sample(replace(small_sample, jitter=nothing))
    told = batches.of_the_sample(replace(small_sample, lost=True))
    assert "in batches of 32, as it was before it diverged)" in told


class TestMisconceptions:
    def met(self, number, **arguments):
        return [*batches.misconceptions(made(**arguments)).values()][number]

    def test_no_reason(self):
        assert "at batch size 2: at 2, 9 % test error against 50 %" in self.met(0)
        assert "there is none" in self.met(0, batch=(0.9, 0.9, 0.92))
        layer = self.met(0, plain=(0.1, 0.1, 0.1))
        assert layer.endswith("at batch size 2 it has 10 % test error, BN 50 %.")

    def test_only_noise(self):
        assert "noise of its statistics" in self.met(1)
        assert "cost BN no more" in self.met(1, batch=(0.9, 0.9, 0.9))
        assert "a network diverged" in self.met(1, plain=(0.9, np.nan, np.nan))
        assert "does not learn" in self.met(1, batch=(0.1, 0.1, 0.1))

    def test_safer(self):
        assert self.met(2, layer=(0.9, 0.9, 0.8)).startswith("Not here: at batch size 32 BN has 8")
        assert "nowhere clearly worse" in self.met(2, batch=(0.5, 0.9, 0.91))
        assert "25.3 %" in self.met(2)

    def test_better_statistics(self):
        assert "do not mend" in self.met(3)
        assert "nothing to mend" in self.met(3, batch=(0.9, 0.9, 0.9))

    def test_nothing_can_be_told_without_a_reference(self):
        met = batches.misconceptions(made(layer=(0.1, 0.1, 0.1)))
        assert set(met.values()) == {batches.CANNOT_TELL}


@pytest.mark.parametrize(
    ("batch", "answer"),
    [
        ((0.5, 0.9, 0.92), "only at 2"),
        ((0.5, 0.8, 0.92), "at 8 and below"),
        ((0.5, 0.8, 0.82), batches.EVERYWHERE),
        ((0.9, 0.9, 0.92), batches.NOT_AT_ALL),
    ],
)
def test_the_guess(batch, answer):
    right, why = batches.where_it_breaks(made(batch=batch))
    assert right == answer
    assert right in batches.GUESSES
    assert why == batches.findings(made(batch=batch))[0]


def test_the_guess_with_a_batch_of_one():
    of_one = {
        up_to: replace(made(batch=batch), sizes=np.array([1, 2, 32]))
        for up_to, batch in ((1, (0.5, 0.9, 0.92)), (2, (0.5, 0.8, 0.92)))
    }
    assert batches.where_it_breaks(of_one[1])[0] == "only at 1"
    assert batches.where_it_breaks(of_one[2])[0] == "at 2 and below"


class TestFull:
    def full(self, size, batch, layer):
        piece = batches.FullConfig(**config().model_dump() | {"batch_size": size})
        row = {"plain": 0.9, "batch": batch, "renorm": 0.8, "layer": layer}
        ends = {kind: np.full(2, value, np.float32) for kind, value in row.items()}
        return FullResult(piece, ends, np.full(2, batch, np.float32))

    def test_in_words(self):
        told = batches.of_full([self.full(32, 0.95, 0.9), self.full(2, 0.5, 0.9)])
        assert told.startswith("Test error in batches of 2: plain 10 %, BN 50 %")
        assert told.endswith("behind layer norm at batch size 2.")
        assert batches.of_full([self.full(4, 0.9, 0.9)]).endswith("at any batch size here.")
        assert "diverged" in batches.of_full([self.full(4, np.nan, 0.9)])

    def test_trains_all_treatments_at_one_size(self, monkeypatch):
        monkeypatch.setattr(batches, "EPOCHS", 1)
        pieces = batches.full(config())
        assert [piece.batch_size for piece in pieces] == [32, 16, 8, 4, 2]
        assert [piece.steps for piece in pieces[:2]] == [42, 84]
        result = batches.run_full(pieces[0])
        assert set(result.accuracy) == set(SORTED)
        cohort = Cohort(pieces[0].architecture(normalizer="layer"), [0, 1])
        history = train(cohort, [0, 1], pieces[0].data(), Plan((0.32,) * 2, 42, 32), record_at=[42])
        np.testing.assert_array_equal(result.accuracy["layer"], history.test_accuracies[:, -1])


# ------------------------------------------------------------------ the claims of the page


@pytest.fixture(scope="module")
def default():
    return batches.run(BatchesConfig())


class TestClaims:
    """At the default settings, over five seeds."""

    def test_bn_is_the_worst_of_all_in_small_batches_and_the_best_in_large_ones(self, default):
        assert default.config.seeds == 5
        ends = {kind: values[:, :, -1] for kind, values in default.accuracy.items()}
        for other in ("plain", "layer"):
            assert (ends[other][0] - ends["batch"][0] > 0.4).all()
            assert (ends[other][1] > ends["batch"][1]).all()
            assert default.ends("batch")[-1] - default.ends(other)[-1] > batches.SMALL
        assert 4 <= default.sizes[default.breaks_up_to()] <= 8
        told = batches.findings(default)
        assert told[0].startswith("**BN breaks in small batches**")
        assert any(one.startswith("BN helps most at batch size 32") for one in told)
        assert any("what breaks BN is the noise of its statistics" in one for one in told)

    def test_precise_statistics_are_a_partial_cure_at_best(self, default):
        told = " ".join(batches.findings(default))
        assert "partial cure" in told or "do not mend" in told
        assert batches.misconceptions(default)["Layer norm is always the safer choice."].startswith(
            "Not here"
        )

    def test_sorted_batches_hurt_bn_and_renormalization_helps_most(self, default):
        skewed = batches.run_sorted(batches.few_classes(default.config, 2))
        ends = {kind: values[:, -1] for kind, values in skewed.accuracy.items()}
        assert (ends[MIXED] - ends["batch"] > 0.2).all()
        assert (ends["renorm"] > ends["batch"]).all()
        assert np.median(ends["renorm"]) > np.median(ends["layer"]) > np.median(ends["batch"])
        told = batches.of_sorted(skewed, default)
        assert told[0].startswith("**Sorted batches hurt BN**")
        assert "it tells them apart" in told[1]

    def test_a_prediction_depends_on_its_company_less_in_larger_batches(self, default):
        ratios = []
        for seed in range(5):
            chosen = batches.SampleConfig.like(default.config, first_seed=seed)
            probability = batches.run_sample(chosen).jitter.probability
            low, high = np.nanquantile(probability, [0.1, 0.9], axis=1)
            ratios.append((high[0] - low[0]) / (high[-1] - low[-1]))
        assert min(ratios) > 1
        assert np.median(ratios) > 2


def ends(chosen, kind, size, *sort):
    """Test accuracies at the end of one training of the page, (seeds,)."""
    updates = chosen.sorted_updates() if sort else chosen.updates(size)
    job = batches._training(chosen, chosen.data(), kind, size, updates, *sort)
    return job(lambda step: None).test_accuracies[:, -1]


def preset(label):
    return BatchesConfig(**words.PRESETS[label])


class TestPresets:
    def test_set_what_the_knobs_offer_and_differ_from_the_defaults(self):
        assert any("not help" in label for label in words.PRESETS)
        for values in words.PRESETS.values():
            for name, value in values.items():
                assert value in knobs(BatchesConfig)[name].options
                assert value != BatchesConfig.model_fields[name].default

    def test_a_batch_of_one_leaves_nothing(self):
        chosen = preset("A batch of one")
        assert chosen.batch_size == 1
        assert ends(chosen, "batch", 1).max() < 0.2

    def test_one_class_in_each_batch(self):
        chosen = preset("One class in each batch")
        last = {kind: ends(chosen, kind, 32, 1) for kind in ("batch", "renorm", "layer", "plain")}
        assert last["batch"].max() < 0.2
        assert (last["renorm"] > last["batch"] + 0.2).all()
        assert (last["layer"] > last["renorm"]).all()
        assert np.median(last["plain"]) > 0.8

    def test_two_layers_need_no_bn(self):
        chosen = preset("Two layers: BN does not help at any size")
        for size in chosen.sizes():
            batch, plain = (np.median(ends(chosen, kind, size)) for kind in ("batch", "plain"))
            assert batch < plain + batches.SMALL


def test_published_figures_are_those_of_the_paper():
    text = words.NOTES["What the papers found"]
    assert "27.3, 34.7; group norm 24.1, 24.2, 24.0, 24.2, 24.1" in text


def test_the_whole_training_starts_when_asked(monkeypatch):
    monkeypatch.setattr(batches, "SIZES", (16, 32))
    monkeypatch.setattr(batches, "EPOCHS", 1)
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    at.switch_page("pages/14_batches.py")
    for name, value in {"depth": "2", "width": "8", "steps": "50", "seeds": "1"}.items():
        at.query_params[f"batches-{name}"] = value
    charts = len(at.run().get("plotly_chart"))
    next(button for button in at.button if button.key == "batches-full-start").click()
    at.run()
    assert not at.exception
    assert len(at.get("plotly_chart")) == charts + 1
    assert any(one.value.startswith("Test error in batches of 16") for one in at.markdown)
