"""The front door, judged: who learns, and which layer went first."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import home
from bnviz.experiments.home import HomeConfig
from bnviz.verdicts.home import fates, first_collapse, halves, judge
from tests.made.home import BROKEN, made, sick


class TestFates:
    def test_learned_means_closer_to_right_than_to_guessing(self):
        result = made(((0.56, 0.54), (0.1, 1.0)))
        assert fates(result, 0) == ["learned", "failed"]
        assert fates(result, 1) == ["failed", "learned"]

    def test_with_two_classes_guessing_is_a_half(self):
        result = replace(made(((0.7, 0.76), (0.5, 1.0))), classes=2)
        assert fates(result, 0) == ["failed", "learned"]

    def test_a_divergence_is_no_ordinary_failure(self):
        result = made(((0.9, np.nan), (0.9, 0.9)), ((NEVER, 2), (NEVER, NEVER)))
        assert fates(result, 0) == ["learned", "diverged"]


class TestFirstCollapse:
    def test_none_in_a_healthy_network(self):
        assert first_collapse(made(), 0, 0) is None
        assert judge(made()).first_to_go is None

    @pytest.mark.parametrize(
        ("name", "value", "sign"),
        [("signal", 101.0, "exploded"), ("idle", 0.5, "idle"), ("signal", 1e-4, "faint")],
    )
    def test_each_sign(self, name, value, sign):
        result = made(BROKEN, **sick(name, value, step=2, layer=2))
        found = first_collapse(result, 0, 0)
        assert (found.step, found.layer, found.sign) == (2, 2, sign)
        assert first_collapse(result, 0, 1) is None  # the other seed is well
        assert first_collapse(result, 1, 0) is None  # and so is the other network

    @pytest.mark.parametrize(
        ("name", "value"), [("signal", 99.0), ("idle", 0.49), ("signal", 2e-3)]
    )
    def test_just_within_the_range(self, name, value):
        assert first_collapse(made(**sick(name, value, step=2, layer=2)), 0, 0) is None

    def test_the_earliest_step_counts(self):
        late = sick("idle", 1.0, step=3, layer=1)
        early = sick("signal", 1e-4, step=1, layer=3)
        found = first_collapse(made(BROKEN, **late, **early), 0, 0)
        assert (found.step, found.layer, found.sign) == (1, 3, "faint")

    def test_the_worst_of_several_counts(self):
        array = sick("idle", 0.6, step=2, layer=1)["idle"]
        array[0, 0, 2:, 2] = 0.9
        assert first_collapse(made(BROKEN, idle=array), 0, 0).layer == 3

    def test_an_overflow_where_nothing_was_seen_before(self):
        result = made(
            ((np.nan, 0.9), (0.9, 0.9)),
            ((3, NEVER), (NEVER, NEVER)),
            overflowed=np.array([[2, NEVER], [NEVER, NEVER]]),
        )
        found = first_collapse(result, 0, 0)
        assert (found.step, found.layer, found.sign) == (3, 2, "overflowed")

    def test_the_seed_that_is_drawn_is_told_first(self):
        for typical in (0, 1):
            story = judge(made(BROKEN, typical=typical)).stories[0]
            assert story.seed == typical

    def test_where_it_was_in_the_others(self):
        ill = sick("idle", 1.0, step=1, layer=3)["idle"]
        ill[0, 1, 1:, 1] = 1.0
        assert judge(made(BROKEN, idle=ill)).stories[0].others == ((2,),)

    def test_layers_that_leave_at_the_same_record_leave_together(self):
        ill = sick("idle", 0.6, step=2, layer=1)["idle"]
        ill[0, 0, 2:, 2] = 0.9
        ill[0, 0, 3:, 1] = 1.0  # a step too late
        assert first_collapse(made(BROKEN, idle=ill), 0, 0).together == (1, 3)
        faint = sick("signal", 1e-4, step=2, layer=2)["signal"]
        assert first_collapse(made(BROKEN, idle=ill, signal=faint), 0, 0).together == (1, 2, 3)

    def test_between_two_records_it_may_have_been_earlier(self):
        result = made(BROKEN, **sick("idle", 1.0, step=2, layer=2))
        assert not first_collapse(result, 0, 0).at_the_latest
        sparse = replace(result, steps=np.array([0, 1, 7, 8, 9]))
        assert first_collapse(sparse, 0, 0).at_the_latest

    def test_seeds_in_which_none_left_are_counted(self):
        story = judge(made(BROKEN, **sick("idle", 1.0, step=1, layer=3))).stories[0]
        assert (story.others, story.in_range) == ((), 1)

    def test_of_steps_that_were_not_all_recorded_no_update_is_known(self):
        result = made(BROKEN, **sick("signal", 2500.0, step=2, layer=2))
        sparse = replace(result, steps=np.array([0, 1, 7, 8, 9]))
        assert np.isfinite(first_collapse(result, 0, 0).moved)
        assert np.isnan(first_collapse(sparse, 0, 0).moved)


class TestHalves:
    def test_no_rule_where_they_differ(self):
        ill = sick("idle", 1.0, step=1, layer=3)["idle"]
        assert halves(made(BROKEN, idle=ill)).most is None  # one of two seeds
        ill[0, 1, 1:, 2] = 1.0
        assert halves(made(BROKEN, idle=ill)).most == 1

    def test_layers_of_several_that_leave_together_are_in_none(self):
        ill = sick("idle", 1.0, step=1, layer=3)["idle"]
        ill[0, 1, 1:, :] = 1.0
        found = halves(made(BROKEN, idle=ill))
        assert (found.gone, found.both, found.most) == ((0, 1), 1, None)


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        ((0.95, 0.95, 0.95), "second"),
        ((0.85, 0.85, 0.9), "first"),
        ((0.9, 0.9, 0.6), "same"),  # its mean is 10 points below, by one seed
        ((0.91, 0.9, 0.9), "same"),
    ],
)
def test_the_standing_is_that_of_most_seeds(batch, expected):
    never = ((NEVER,) * 3,) * 2
    assert judge(made(((0.9, 0.9, 0.9), batch), never)).standing == expected


def test_two_seeds_that_disagree_are_no_order():
    verdict = judge(made(((0.9, 0.9), (0.7, 0.95))))
    assert verdict.standing == "unclear"


class TestForTheChallenges:
    def test_a_column_is_dark_when_none_of_its_units_tells_samples_apart(self):
        assert judge(made()).dark == (0, 0)
        units = made().unit_signal
        units[0, -1, :2] = 0.0
        units[0, -1, 1, 3] = 0.01  # one lamp is lit
        units[1, -1] = np.nan  # overflowed
        assert judge(made(unit_signal=units)).dark == (1, 3)

    def test_only_the_end_of_the_run_counts(self):
        units = made().unit_signal
        units[:, :-1] = 0.0
        assert judge(made(unit_signal=units)).dark == (0, 0)

    @pytest.mark.parametrize(
        ("plain", "batch", "standing"),
        [
            ((0.9, 0.9), (0.8, 0.8), "first"),
            ((0.8, 0.8), (0.9, 0.9), "second"),
            ((0.9, 0.9), (0.89, 0.91), "same"),
            ((0.9, 0.5), (0.3, 0.6), "unclear"),
        ],
    )
    def test_who_ends_higher(self, plain, batch, standing):
        assert judge(made((plain, batch))).standing == standing


def learned(result):
    return [fates(result, treatment).count("learned") for treatment in range(2)]


@pytest.fixture(scope="module")
def rate_one():
    return home.run(HomeConfig(learning_rate=1.0))


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    def test_both_learn_at_first(self):
        result = home.run(HomeConfig())
        assert learned(result) == [5, 5]
        assert judge(result).outcome == "both"

    def test_at_rate_one_only_bn_learns(self, rate_one):
        assert learned(rate_one) == [0, 5]
        first = judge(rate_one).first_to_go
        assert first.sign != "faint"
        assert 0 < first.layer <= 8

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        result = home.run(HomeConfig(learning_rate=1.0, seeds=20, first_seed=5))
        plain, batch = learned(result)
        assert plain <= 1
        assert batch >= 19
        assert halves(result).gone[1] >= 13

    def test_the_half_at_the_output_goes_first(self, rate_one):
        assert halves(rate_one).most == 1

    def test_bn_in_every_second_layer_is_enough(self):
        result = home.run(HomeConfig(learning_rate=1.0, normalized=(2, 4, 6, 8)))
        assert learned(result)[1] >= 4

    def test_bn_in_the_first_layer_alone_is_not(self):
        result = home.run(HomeConfig(learning_rate=1.0, normalized=(1,)))
        assert learned(result)[1] <= 2

    @pytest.mark.long
    def test_bn_in_layer_seven_alone_is_in_twenty_further_seeds(self):
        alone = HomeConfig(learning_rate=1.0, normalized=(7,), seeds=20, first_seed=5)
        assert learned(home.run(alone))[1] > 10

    def test_rate_ten_is_too_much_for_both(self):
        result = home.run(HomeConfig(learning_rate=10.0))
        assert learned(result) == [0, 0]
        assert judge(result).neither == "torn"

    def test_at_a_low_rate_bn_does_not_help(self):
        result = home.run(HomeConfig(learning_rate=0.01))
        plain, batch = (float(np.median(result.test_accuracy[t, :, -1])) for t in range(2))
        assert batch <= plain
        assert judge(result).gap <= 0
