"""The network's input in sentences."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.experiments import inputs
from bnviz.verdicts.inputs import judge, judge_sweep
from bnviz.words.placement import inputs as words
from tests.made.inputs import swept, wild


class TestGround:
    def test_the_sentences(self):
        one = inputs.ground(wild("digits"))
        said = words.of_the_surface(judge(one))
        assert "is 0.000053 before and 0.3 after each is normalized.** That is 5,587 times" in said
        assert "takes 69 steps before and 4 after" in said
        assert "with all 60 features, is about 10¹⁰ before and 159 after." in said
        worse = replace(one, all_rate=one.all_rate[::-1])
        assert "does not make it larger" in words.of_the_surface(judge(worse))

    def test_of_two_features(self):
        said = words.of_the_surface(judge(inputs.ground(wild("moons"))))
        assert said.startswith("**With both features, the largest")
        assert "all 2" not in said

    def test_round_or_rounder(self):
        one = inputs.ground(wild("digits"))
        (belief,) = words.beliefs(judge(one)).values()
        assert belief.startswith("Rounder, not round")
        rounder = replace(one, all_condition=np.array([100.0, 1.2]))
        (belief,) = words.beliefs(judge(rounder)).values()
        assert belief.startswith("Nearly, here")


class TestReach:
    def test_the_largest_rates(self):
        arms = [swept("plain", 0.1, 0.2), swept("hidden", 0.6, 0.9), swept("input only", 0.9, 0.1)]
        said = words.reach(judge_sweep(arms))
        assert "plain **none**" in said
        assert "BN in the hidden layers **0.0032** (at best 90 % test accuracy)" in said
        assert "BN on the input only **0.001** (at best 90 %" in said
        assert "scaling" not in said

    @pytest.mark.parametrize(
        ("own", "scaled", "said"),
        [
            ((0.9, 0.1), (0.8, 0.1), "reaches as far as scaling the data does; the widest gap"),
            (
                (0.9, 0.1),
                (0.9, 0.9),
                "do not reach equally far here; the widest gap is 80 percentage points.",
            ),
            ((0.1, 0.1), (0.1, 0.1), "Neither BN on the input nor scaling the data is enough"),
        ],
    )
    def test_the_same_as_scaling(self, own, scaled, said):
        arms = [swept("input only", *own), swept("scaled data", *scaled)]
        assert said in words.reach(judge_sweep(arms))

    @pytest.mark.parametrize(
        ("hidden", "scaled", "said"),
        [
            ((0.7, 0.7, 0.8), (0.9, 0.9, 0.9), "does not replace it"),
            ((0.7, 0.7, 0.8), (0.9, 0.9, 0.9), "(at their best rates 70 % and 90 %; behind in all"),
            ((0.7, 0.95, 0.95), (0.9, 0.9, 0.9), "does more here (at their best rates 95 % and"),
            ((0.7, 0.95, 0.95), (0.9, 0.9, 0.9), "ahead in 2 of 3 seeds)"),
            ((0.9, 0.9, 0.9), (0.9, 0.9, 0.9), "alone is about as accurate here"),
            ((0.6, 0.7, 0.9), (0.95, 0.705, 0.9), "these seeds leave open"),
        ],
    )
    def test_bn_inside_beside_scaling(self, hidden, scaled, said):
        arms = [swept("hidden", hidden), swept("scaled data", scaled)]
        assert said in words.reach(judge_sweep(arms))

    def test_what_is_scaled_needs_nothing_more(self):
        own = swept("input only", 0.9)
        same, other = (judge_sweep([own, swept("scaled data", x)]) for x in (0.91, 0.8))
        assert "nothing left to do" in words.reach(same)
        assert "nothing left to do" not in words.reach(other)

    def test_the_linear_unit(self):
        _, why = words.reach(judge_sweep([swept("plain", 0.9)])).split("\n\n")
        bears = "is 0.000002 on these features, and 0.4 when each is normalized."
        assert why == f"The largest stable rate of a linear unit {bears}"

    @pytest.mark.parametrize("case", inputs.CASES)
    def test_each_case_is_named(self, case):
        said = words.reach(judge_sweep([swept("plain", 0.9, case=case)]))
        assert said.startswith(words.ON[case])
        assert list(words.SWEEP) == list(words.ON) == list(inputs.CASES)

    def test_every_arm_has_a_name(self):
        assert list(words.SUBJECTS) == list(inputs.ARMS)
