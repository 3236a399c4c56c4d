"""What the lesson on scale asks: each challenge at the borders between its answers."""

import numpy as np
import pytest

from bnviz.experiments.scale import FACTORS
from bnviz.verdicts.scale import judge
from bnviz.words.scale import CHALLENGES
from tests.made.scale import TENFOLD, made, without_numbers

ASKED = {one.name: one for one in CHALLENGES}


def answered(name, result):
    return ASKED[name].outcome(judge(result))


class TestTenfold:
    @pytest.mark.parametrize(
        ("ratio", "right"),
        [
            (10.0, "10 times as long"),
            (1.0, "about as long"),
            (0.1, "a tenth as long"),
            (0.092, "a tenth as long"),
            (0.09, None),
            (0.5, None),
            (0.0, None),
            (np.nan, None),
        ],
    )
    def test_how_long_the_gradient_is(self, ratio, right):
        assert answered("tenfold", made(ratio=(30.0, ratio))).right == right

    def test_seeds_that_differ(self):
        result = made()
        result.gradient_ratio[1, 0, TENFOLD] = 0.5
        assert answered("tenfold", result).right is None

    def test_says_why(self):
        told = answered("tenfold", made()).why
        assert told.startswith("It is so in both seeds; BN's outputs change by less than")


class TestSide:
    @pytest.mark.parametrize(
        ("low", "high", "right"),
        [
            (0.5, 1e-5, "left, at small a"),
            (1e-5, 0.5, "right, at large a"),
            (0.5, 0.5, "on both sides"),
            (1e-5, 1e-5, "on neither side"),
            (np.nan, 1e-5, None),
        ],
    )
    def test_where_the_outputs_change(self, low, high, right):
        result = made()
        for place, factor in enumerate(FACTORS):
            if factor != 1:
                result.output_change[1, :, place] = low if factor < 1 else high
        assert answered("side", result).right == right


class TestSmall:
    @pytest.mark.parametrize(
        ("plain", "batch", "right"),
        [(0.1, 0.9, "BN"), (0.9, 0.1, "plain"), (0.9, 0.9, "both"), (0.1, 0.1, "neither")],
    )
    def test_which_networks_learn(self, plain, batch, right):
        result = made(accuracy=((plain, 0.5, 0.1), (batch, 0.97, 0.1)))
        assert answered("small", result).right == right

    def test_who_diverged_has_not_learned(self):
        result = made(lost=((True, False, True), (False,) * 3))
        told = answered("small", result)
        assert (told.right, "Plain's median seed diverged." in told.why) == ("BN", True)


class TestDecay:
    @pytest.mark.parametrize(
        ("last", "right"),
        [
            ((1.0, 1.0, 0.5), "about equally long"),
            ((1.0, 1.0, 0.1), "closer, but not alike"),
            ((1.0, 1.0, 1e-6), "as far apart"),
        ],
    )
    def test_how_far_apart_the_lengths_end(self, last, right):
        result = made(rates=((80.0, 1.0, 1e-6), last), norms=((1, 1), (1, 1)), decay=0.02)
        assert answered("decay", result).right == right

    def test_with_one_start_left_there_is_nothing_to_compare(self):
        result = made()
        result.square[1, :2, :, -1] = np.nan
        assert answered("decay", result).right is None


class TestLarge:
    @pytest.mark.parametrize(
        ("batch", "right"), [(0.9, "yes"), (0.4, "a little"), (0.2, "no"), (np.nan, "no")]
    )
    def test_whether_bn_learns(self, batch, right):
        result = made(accuracy=((0.1, 0.5, 0.1), (0.95, 0.97, batch)))
        assert answered("large", result).right == right

    def test_names_the_output_layer_where_that_is_to_blame(self):
        assert "no BN follows that layer" in answered("large", made()).why
        assert "no BN" not in answered("large", made(spared=(0.1, 0.1))).why


class TestAdam:
    @pytest.mark.parametrize(
        ("angle", "right"),
        [((90, 90), "yes"), ((89.1, 90.9), "yes"), ((88.9, 90), "no"), ((np.nan, np.nan), None)],
    )
    def test_whether_it_is_a_right_angle(self, angle, right):
        assert answered("adam", made(angle=((70, 110), angle))).right == right

    def test_says_how_far_off(self):
        told = answered("adam", made(angle=((70, 110), (80, 95)))).why
        assert told == "For 80 % of the units the angle differs from a right angle by up to 10°."

    def test_that_is_right_only_later(self):
        result = made()
        result.angle[1, :, :, 0, :, 2] = 92
        told = answered("adam", result)
        assert told.right == "yes"
        assert told.why.endswith("by up to 2°. From step 1 on it is right.")


@pytest.mark.parametrize("name", sorted(ASKED.keys() - {"small", "large"}))
def test_without_numbers_nothing_can_be_told(name):
    assert answered(name, without_numbers()).right is None
