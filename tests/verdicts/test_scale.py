"""Scale: outcomes at their borders, and what the page claims."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import scale
from bnviz.experiments.scale import FACTORS, ScaleConfig
from bnviz.verdicts import scale as verdicts
from bnviz.verdicts.scale import judge
from bnviz.verdicts.scale_starts import judge_gains
from tests.made.scale import TENFOLD, at_gain, made


class TestMultiplied:
    @pytest.mark.parametrize(
        ("ratio", "length"),
        [
            (0.94, "shorter"),
            (0.96, "the same"),
            (1.04, "the same"),
            (1.06, "longer"),
            (0.0, "nothing"),
            (np.nan, "unknown"),
        ],
    )
    def test_length_of_the_gradient(self, ratio, length):
        assert judge(made(ratio=(1.0, ratio))).tenfold[1].length == length

    def test_broken_from_a_hundredth_on(self):
        assert judge(made(change=(50.0, 0.011))).tenfold[1].broken
        assert not judge(made(change=(50.0, 0.009))).tenfold[1].broken

    @pytest.mark.parametrize(("broken_up_to", "outcome"), [(0, "nowhere"), (0.01, "below")])
    def test_identity(self, broken_up_to, outcome):
        result = made(variance=2.0)
        result.output_change[1, :, [f <= broken_up_to for f in FACTORS]] = 0.05
        identity = judge(result).identity
        assert identity.outcome == outcome
        if outcome == "below":
            assert (identity.factor, identity.variance) == pytest.approx((0.01, 2e-4))

    def test_the_factor_that_makes_the_variance_epsilon(self):
        result = made(variance=0.1)
        result.variance[0] = 5.0  # of plain, which is not asked
        assert verdicts.at_epsilon(result) == pytest.approx(0.01)
        assert not np.isfinite(verdicts.at_epsilon(made(variance=0.0)))


class TestOverTraining:
    @pytest.mark.parametrize(
        ("angle", "outcome"),
        [((89.1, 90.9), "right"), ((88.9, 90), "not right"), ((90, 91.1), "not right")],
    )
    def test_right_angles(self, angle, outcome):
        assert judge(made(angle=((70, 110), angle))).angle == outcome

    def test_growth_is_over_layers_and_the_seeds_that_lasted(self):
        result = made()
        result.square[1, 1, 0, -1, 0] = 500
        grown = judge(result).growth[1]
        assert (grown.low, grown.high) == pytest.approx((2, 5))
        result.square[1, 1, 0, -1, 1] = np.nan
        grown = judge(result).growth[1]
        assert (grown.low, grown.high) == pytest.approx((2, 2))

    def test_growth_that_the_prediction_missed(self):
        result = made(off=(0.3, 0.1))
        assert [one.off for one in judge(result).growth] == pytest.approx([0.3, 0.1])
        result.predicted[1, 1, 1, -1, 0] = np.inf
        assert judge(result).growth[1].off == np.inf

    @pytest.mark.parametrize(("last", "stayed"), [(100.19, True), (99.79, False)])
    def test_growth_that_there_is_not(self, last, stayed):
        assert judge(made(norms=((1, 1), (100, last)))).growth[1].stayed is stayed


class TestStarts:
    @pytest.mark.parametrize(
        ("small", "large", "which"),
        [
            (0.9, 0.1, "small"),
            (0.1, 0.9, "large"),
            (0.55, 0.55, "both"),
            (0.54, np.nan, "neither"),
        ],
    )
    def test_from_which_end_bn_learns(self, small, large, which):
        starts = judge(made(accuracy=((0.1,) * 3, (small, 0.97, large)))).starts
        assert starts.which == which

    @pytest.mark.parametrize("gain", scale.ENDS)
    def test_where_the_reader_stands_at_an_end(self, gain):
        assert judge(made(gain=gain)).starts.which == "small"

    def test_a_seed_that_diverged_is_the_lower_one_of_two(self):
        result = made()
        result.accuracy[1, 0, 1] = np.nan
        end = judge(result).starts.ends[1][0]
        assert (end.fate, end.diverged, end.seeds) == ("diverged", 1, 2)

    def test_one_seed_of_two_makes_no_difference(self):
        result = made(accuracy=((0.1,) * 3, (0.95, 0.97, 0.95)))
        result.accuracy[1, 2, 0] = 0.8
        assert judge(result).starts.initialization == "hardly"
        result.accuracy[1, 2, 1] = 0.8
        assert judge(result).starts.initialization == "differs"

    @pytest.mark.parametrize(
        ("spared", "fault"), [(0.9, "most"), (0.3, "a part"), (0.24, "none"), (np.nan, "none")]
    )
    def test_the_output_layers_fault(self, spared, fault):
        assert judge(made(spared=(0.1, spared))).starts.spared.fault == fault

    @pytest.mark.parametrize(
        ("growth", "degrees"), [(1.0001, 1.57), (1.0, 0.0), (0.9999, 0.0), (np.nan, None)]
    )
    def test_how_far_weights_can_have_turned(self, growth, degrees):
        turned = judge(made(spared_growth=growth)).starts.slower.turned
        assert turned == (None if degrees is None else pytest.approx(degrees, abs=0.06))

    @pytest.mark.parametrize("changes", [{"decay": 0.02}, {"optimizer": "adam"}])
    def test_where_steps_are_not_at_right_angles_nobody_knows(self, changes):
        assert judge(made(**changes)).starts.slower.turned is None

    def test_who_learns_from_which_gain(self):
        results = [at_gain(10.0, 0.1, 0.9), at_gain(0.01, 0.1, 0.56), at_gain(1.0, np.nan, 0.54)]
        verdict = judge_gains(results)
        assert [one.gains for one in verdict.reach] == [(), (0.01, 10.0)]
        assert verdict.tried == 3


@pytest.fixture(scope="module")
def default():
    return scale.run(ScaleConfig(seeds=5))


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    def test_the_outputs_of_bn_do_not_change_and_plains_do(self, default):
        assert default.output_change[1, :, TENFOLD].max() < 1e-4
        assert default.output_change[0, :, TENFOLD].min() > 10
        np.testing.assert_allclose(default.gradient_ratio[1, :, TENFOLD], 0.1, rtol=1e-3)

    @pytest.mark.long
    def test_nor_do_they_over_twenty_further_seeds(self):
        further = scale.run(ScaleConfig(seeds=20, first_seed=5, steps=50, width=32))
        plain, batch = judge(further).tenfold
        assert batch.change.seeds == 20
        assert batch.change.high < 1e-4
        assert plain.change.low > 100
        assert batch.gradient.low == pytest.approx(0.1, rel=1e-3)
        assert batch.gradient.high == pytest.approx(0.1, rel=1e-3)
        assert judge(further).angle == "right"
        assert not judge(further).shrank
        assert judge(further).starts.which == "small"

    def test_epsilon_breaks_it_for_small_weights(self, default):
        broken = default.output_change[1] >= verdicts.BROKEN
        assert broken[:, FACTORS.index(0.001)].all()
        assert not broken[:, FACTORS.index(0.1) :].any()

    def test_the_norm_is_predicted_with_bn_and_not_without(self, default):
        off = np.abs(default.predicted / default.square - 1)[:, default.own, :, -1, :-1]
        assert off[1].max() < 1e-3
        lasting = default.diverged_at[0, default.own] == NEVER  # one of five does not last
        assert lasting.sum() >= 4
        assert off[0, lasting].max(axis=1).min() > 0.03

    def test_the_weights_of_bn_only_grow(self, default):
        own = default.own
        assert not default.shrank[1, own, :, :-1].any()
        grown = default.square[1, own, :, -1, :-1] / default.square[1, own, :, 0, :-1]
        assert grown.min() > 1.5
        assert (default.shrank[0, own, :, :-1].sum(axis=1) > 0).all()

    def test_gradients_stand_at_right_angles_with_bn_alone(self, default):
        own = default.own
        assert np.nanmax(np.abs(default.angle[1, own, ..., :-1, :] - 90)) < 1
        spread = np.abs(default.angle[0, own, ..., :-1, :] - 90)
        assert np.nanmax(spread, axis=(1, 2, 3)).min() > 5

    def test_who_trains(self, default):
        plain, batch = default.accuracy  # by start: 0.01, 0.3, 100
        assert (batch[0] > 0.85).all()
        assert (batch[1] > 0.9).all()
        assert (batch[2] < 0.5).all()
        assert (plain[0] < 0.3).all()
        assert (default.diverged_at[0, 2] != NEVER).all()
        assert judge(default).starts.which == "small"

    def test_the_effective_rates_of_small_starts_meet(self, default):
        first, last = default.rate()[1, :2, :, [0, -1], :-1]
        assert (first[0] / first[1] > 500).all()
        assert (np.abs(np.log(last[0] / last[1])) < np.log(3)).all()

    def test_with_decay_all_starts_meet(self):
        result = scale.run(ScaleConfig(decay=0.02, steps=400, seeds=1))
        tuning = judge(result).starts.tuning
        assert tuning.apart_first > 1e7
        assert tuning.apart_last < 3
        assert tuning.outcome == "both"

    def test_at_a_smaller_rate_plain_trains_too_and_from_gain_1_alone(self):
        for gain, trains in ((1.0, True), (0.1, False), (10.0, False)):
            config = ScaleConfig(gain=gain, learning_rate=0.32, seeds=5)
            plain, batch = scale.run_gain(config).accuracy
            assert ((plain > 0.9) == trains).all()
            assert (batch > 0.8).all()

    def test_from_weights_too_large_bn_does_not_help(self, default):
        """And that is the output layer's fault for the larger part."""
        assert np.median(default.accuracy[1, 2]) < 0.3
        assert judge(default).starts.slower.by_the_others  # its hidden weights hardly turned
        assert (default.spared[1] > 0.8).all()
        assert (default.spared[1] < default.accuracy[1, 1]).all()
        assert np.median(default.accuracy[1, 1] - default.spared[1]) > 0.03
        assert judge(default).starts.spared.fault == "most"


def test_from_which_step_on_the_angles_are_right():
    result = made()
    assert (judge(result).angle, judge(result).upright_from) == ("right", 0)
    result.angle[1, :, :, 0, 1, 2] = 91.4
    assert (judge(result).angle, judge(result).upright_from) == ("right later", 1)
    result.angle[1, :, 0, 0, 1, 2] = 90  # the lower median of two seeds is not a majority
    result.angle[1, :, :, -1, :, 2] = 95
    assert (judge(result).angle, judge(result).upright_from) == ("not right", None)
