"""The network's input in sentences."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.experiments import inputs
from bnviz.verdicts.inputs import judge, judge_sweep
from bnviz.words import inputs as words
from tests.made.inputs import swept, wild


class TestGround:
    def test_the_sentences(self):
        one = inputs.ground(wild("digits"))
        said = words.of_the_surface(judge(one))
        assert "is 0.000053 before and 0.3 after each is normalized**: 5,587 times larger" in said
        assert "takes 69 steps before and 4 after" in said
        assert "with all 60 features: some 10¹⁰ before, 159 after" in said
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

    def test_every_arm_has_a_name(self):
        assert list(words.SUBJECTS) == list(inputs.ARMS)
