"""The loss along the gradient: ordinary torch.nn code is the oracle, and results made by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.axes import NEVER, TREATMENTS
from bnviz.engine.networks import Cohort
from bnviz.engine.training import recording_steps
from bnviz.experiments import landscape
from bnviz.experiments.landscape import FIRST_BATCHES, LENGTHS, RECORDS, LandscapeConfig
from bnviz.experiments.settings import REACHES, WORK_LIMIT, knobs
from bnviz.verdicts import criteria
from tests.experiments.ordinary import slow_walks
from tests.experiments.test_pair import assert_same
from tests.made.landscape import made
from tests.samples import tiny

ON_THE_WAY = {
    "the default": {},
    "skip connections": {"skip": "on", "depth": 4},
    "BN in one layer, tanh": {"normalized_layers": "first only", "activation": "tanh"},
    "a short walk": {"reach": "1/10 to 1", "gain": 0.5, "learning_rate": 0.56},
    "other seeds, on the plane": {"first_seed": 3, "dataset": "moons", "skip": "on"},
}


@pytest.mark.parametrize("changes", ON_THE_WAY.values(), ids=list(ON_THE_WAY))
def test_losses_are_those_of_ordinary_code_at_the_right_lengths_and_steps(changes):
    config = tiny("landscape", **changes)
    result = landscape.run(config)
    rates = [a * config.learning_rate for a in REACHES[config.reach]]
    for row, treatment in enumerate(TREATMENTS):
        for place in range(config.seeds):
            seed = config.first_seed + place
            along, far = slow_walks(config, treatment, seed, rates, result.steps)
            np.testing.assert_allclose(result.loss_here[row, place], along[:, 0], rtol=2e-4)
            np.testing.assert_allclose(result.loss_there[row, place], along[:, 1:], rtol=2e-4)
            np.testing.assert_allclose(result.growth[row, place], far, rtol=2e-3)


def test_the_two_treatments_differ_and_start_alike_in_nothing_but_bn():
    result = landscape.run(tiny("landscape"))
    assert not np.array_equal(result.loss_here[0], result.loss_here[1])
    none = landscape.run(tiny("landscape", depth=1, normalized_layers="second half"))
    np.testing.assert_array_equal(none.loss_there[0], none.loss_there[1])


class TestRecords:
    @pytest.mark.parametrize("steps", [1, 2, 8, 60])
    def test_shapes(self, steps):
        result = landscape.run(tiny("landscape", steps=steps, seeds=3))
        np.testing.assert_array_equal(result.steps, recording_steps(steps, RECORDS))
        records, batches = len(result.steps), min(FIRST_BATCHES, steps + 1)
        assert result.steps[0] == 0
        assert result.steps[-1] == steps
        assert result.loss_here.shape == result.test_accuracy.shape == (2, 3, records)
        assert result.loss_there.shape == (2, 3, records, len(result.reach))
        assert result.growth.shape == (2, 3, batches, len(LENGTHS))
        assert result.variation().shape == (2, 2, 3, records)
        assert result.fell.shape == result.diverged_at.shape == result.too_long().shape == (2, 3)

    @pytest.mark.parametrize("reach", REACHES)
    def test_the_walk_reaches_as_far_as_chosen(self, reach):
        result = landscape.run(tiny("landscape", reach=reach, seeds=1))
        np.testing.assert_array_equal(result.reach, REACHES[reach])
        assert (np.diff(result.reach) > 0).all()
        assert 1.0 in result.reach  # the length of a step; `rises` looks there

    def test_the_first_mini_batches_are_recorded_one_by_one(self):
        for steps in (3, 100, 1600, 5000):
            assert recording_steps(steps, RECORDS)[:FIRST_BATCHES] == list(range(FIRST_BATCHES))

    def test_the_walk_leaves_the_training_alone(self):
        one, other = (landscape.run(tiny("landscape", reach=r)) for r in list(REACHES)[:2])
        np.testing.assert_array_equal(one.loss_here, other.loss_here)
        np.testing.assert_array_equal(one.test_accuracy, other.test_accuracy)

    def test_the_same_bits_whatever_the_number_of_workers(self):
        config = tiny("landscape", skip="on", activation="gelu")
        assert_same(*(landscape.run(config, workers=workers) for workers in (1, 2)))

    def test_a_divergence_is_a_gap_and_an_overflow_on_the_walk_is_not(self):
        config = tiny("landscape", learning_rate=100.0, depth=4, width=16, steps=20, seeds=3,
                      reach="1/100 to 30")  # fmt: skip
        result = landscape.run(config)
        known = np.isfinite(result.loss_here)
        lost = result.diverged_at != NEVER
        assert lost.any()
        for place in zip(*np.nonzero(lost), strict=True):
            expected = result.steps < result.diverged_at[place]
            np.testing.assert_array_equal(known[place], expected)
        np.testing.assert_array_equal(np.isnan(result.loss_there).any(-1), ~known)
        assert np.isinf(result.loss_there).any()  # so the test has something to tell apart


class TestWork:
    def passes(self, config):
        """Forward passes of the walks in each network, by what work() makes of them."""
        cost, records = config.cost(), len(recording_steps(config.steps, landscape.RECORDS))
        each = cost.look(config.seeds, config.in_batch())
        each += landscape.MOVED * cost.weights * config.seeds
        return (config.work() / 2 - config.training_work(records)) / each

    @pytest.mark.parametrize("steps", [8, 50])
    def test_counts_the_passes_that_the_walks_make(self, steps, monkeypatch):
        config, columns, forward = tiny("landscape", steps=steps, seeds=1), [], Cohort.forward

        def counted(cohort, inputs, mode, trace=None):
            if mode == "batch":
                columns.append(inputs.shape[0] * inputs.shape[2])
            return forward(cohort, inputs, mode, trace)

        monkeypatch.setattr(Cohort, "forward", counted)
        landscape.run(config, workers=1)
        assert sum(columns) / (2 * config.batch_size) == pytest.approx(self.passes(config))

    @given(st.data())
    def test_nothing_on_the_page_costs_more_than_the_limit(self, data):
        declared = knobs(LandscapeConfig)
        chosen = {name: data.draw(st.sampled_from(k.options)) for name, k in declared.items()}
        granted = LandscapeConfig(**chosen).affordable()
        assert granted.work() <= WORK_LIMIT
        assert granted.work() > 2 * granted.training_work()

    def test_the_largest_run_is_shortened(self):
        largest = {name: knob.options[-1] for name, knob in knobs(LandscapeConfig).items()}
        config = LandscapeConfig(**largest | {"depth": 50, "width": 256, "dataset": "digits"})
        granted = config.affordable()
        assert granted.steps < config.steps
        same = {"steps": config.steps, "seeds": config.seeds}
        assert granted.model_copy(update=same) == config


def comparison(result):
    return criteria.compare(result.width(), result.steps, result.counts())


class TestVariation:
    def test_is_the_lowest_and_the_highest_loss_on_the_walk(self):
        result = made()
        result.loss_there[0, 1, 2] = [3, 1, 4, 1, 5, 9, 2, 6]
        low, high = result.variation()
        assert (low[0, 1, 2], high[0, 1, 2]) == (1, 9)
        assert (low[0, 0, 0], high[0, 0, 0]) == (0, 4)

    def test_counts_where_both_fell(self):
        assert list(made(fell=[[True, True], [True, False]]).counts()) == [True, False]
        assert not made(fell=[[True, False], [False, True]]).counts().any()

    def test_compares_the_widths_over_training(self):
        result = made(3.0, 1.0)
        result.loss_there[0, 0, :, -1] += [0, 0, 1, 1]  # from step 1 to 2 up to one, then one
        assert comparison(result).ratio.middle == pytest.approx(3 + 8.5 / 20, rel=1e-6)

    def test_only_the_seeds_that_count_are_compared(self):
        result = made([6.0, 0.5], [2.0, 1.0], fell=[[True, False], [True, True]])
        found = comparison(result)
        assert (found.ratio.middle, found.larger, found.ratio.seeds) == (3.0, 1, 1)

    def test_a_walk_that_overflows_is_the_rougher_one(self):
        result = made(1.0, 5.0)
        result.loss_there[0, :, 1, -1] = np.inf
        assert comparison(result).rougher == "plain"
        result.loss_there[0, :, 1] = np.inf  # all of the walk: then there is no width at all
        assert comparison(result).rougher == "plain"


def growth(*pairs, otherwise=1.0):
    """L / L_0 along LENGTHS: `otherwise`, but the values given for some places."""
    values = np.full(len(LENGTHS), otherwise, np.float32)
    for place, value in pairs:
        values[place] = value
    return values


LAST = len(LENGTHS) - 1


class TestTooLong:
    def at(self, *rows):
        result = made(seeds=1)
        curves = np.broadcast_to(np.array(rows, np.float32), (2, 1, len(rows), len(LENGTHS)))
        changed = landscape.LandscapeResult(**vars(result) | {"growth": curves})
        one, other = changed.too_long()[:, 0]
        assert one == other
        return one

    def test_never(self):
        assert self.at(growth()) == np.inf
        assert self.at(growth((LAST, 9.99))) == np.inf

    def test_at_once(self):
        assert self.at(growth(otherwise=10.0)) == LENGTHS[0]
        assert self.at(growth(otherwise=np.inf)) == LENGTHS[0]

    def test_exactly_at_a_length(self):
        assert self.at(growth((7, 10.0), otherwise=1.0)) == pytest.approx(LENGTHS[7])

    def test_between_two_lengths_on_a_line_in_log_and_log(self):
        # from 1 to 100, ten lies half of the way in powers of ten; from 0.1 to 1000, too
        halfway = np.sqrt(LENGTHS[6] * LENGTHS[7])
        assert self.at(growth((7, 100.0))) == pytest.approx(halfway)
        assert self.at(growth((6, 0.1), (7, 1000.0))) == pytest.approx(halfway)
        assert self.at(growth((7, 1e4))) == pytest.approx(
            LENGTHS[6] * (LENGTHS[7] / LENGTHS[6]) ** 0.25
        )

    def test_the_first_crossing_counts(self):
        assert self.at(growth((3, 100.0), (9, 100.0))) < LENGTHS[3] * 1.0001

    @pytest.mark.parametrize("lost", [np.nan, np.inf])
    def test_an_overflow_is_more_than_tenfold(self, lost):
        assert self.at(growth((7, lost), (8, lost))) == pytest.approx(LENGTHS[7])

    def test_a_loss_that_vanishes_and_comes_back(self):
        assert LENGTHS[6] < self.at(growth((6, 0.0), (7, 20.0))) <= LENGTHS[7]

    def test_is_the_median_of_the_mini_batches(self):
        three = (growth((5, 10.0)), growth((7, 10.0)), growth((9, 10.0)))
        assert self.at(*three) == pytest.approx(LENGTHS[7])
        assert self.at(growth((5, 10.0)), growth(), growth()) == np.inf

    def test_mini_batches_after_a_divergence_do_not_count(self):
        assert self.at(growth((5, 10.0)), growth(otherwise=np.nan)) == pytest.approx(LENGTHS[5])

    def test_who_diverged_at_once_bears_nothing(self):
        assert self.at(growth(otherwise=np.nan)) == LENGTHS[0]

    def test_in_a_run_plain_bears_less_of_large_weights(self):
        calm, wild = (landscape.run(tiny("landscape", gain=g)).too_long()[0] for g in (1.0, 10.0))
        assert (wild < calm).all()
