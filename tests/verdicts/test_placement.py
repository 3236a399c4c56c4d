"""Which decision matters is judged, and comes out the other way where the result does."""

from functools import cache

import numpy as np
import pytest

from bnviz.axes import AFFINE, BIAS, DROPOUT, NEVER, PLACE, ZERO
from bnviz.experiments import placement
from bnviz.experiments.placement import ARMS, PlacementConfig
from bnviz.verdicts.placement import ROUNDING, judge
from bnviz.words import placement as words
from tests.made.placement import affine, bias, dropout, place, zero


def about(result):
    return judge(result).about


class TestArms:
    def test_how_they_ended(self):
        verdict = judge(place(before=0.9, after=0.3, plain=0.1, lost={"input only": 2}))
        fates = {arm.name: arm.fate for arm in verdict.arms}
        assert fates == {
            "plain": "nothing", "before": "learned", "after": "little", "input only": "diverged"
        }  # fmt: skip
        assert verdict.arm("input only").lost == 2

    def test_a_seed_that_diverged_is_left_out_of_the_median(self):
        verdict = judge(place(after=0.8, lost={"after": 1}))
        assert verdict.arm("after").accuracy == pytest.approx(0.8)


class TestPlace:
    @pytest.mark.parametrize(
        ("ends", "outcome"),
        [
            ({}, "same"),
            ({"after": 0.8}, "before"),
            ({"before": 0.8}, "after"),
            ({"plain": 0.94}, "no help"),
            ({"own": 0.98}, "input counts"),
            ({"own": 0.96}, "same"),
            ({"before": 0.3, "after": 0.2}, "none learns"),
            ({"before": 0.3, "after": 0.2, "plain": 0.9}, "others learn"),
            ({"lost": dict.fromkeys(ARMS[PLACE], 3)}, "all diverged"),
        ],
    )
    def test_outcome(self, ends, outcome):
        assert about(place(**ends)).outcome == outcome

    def test_a_minority_is_no_victory(self):
        result = place(before=0.9)
        result.test_accuracy[result.place("after"), :, -1] = [0.9, 0.93, 0.91]
        assert about(result).outcome == "same"
        result.test_accuracy[result.place("after"), :, -1] = [0.9, 0.93, 0.95]
        assert about(result).outcome == "after"
        assert about(result).hidden.ahead == 2

    @pytest.mark.parametrize(
        ("ends", "most"),
        [
            ({"after": 0.8}, "before"),
            ({"after": 0.94}, "before and after"),
            ({"after": 0.94, "own": 0.95}, "several"),
            ({"before": 0.9, "after": 0.9, "own": 0.95}, "input only"),
            ({"before": 0.9, "after": 0.9, "plain": 0.95}, "plain"),
            ({"before": 0.9, "after": 0.9, "plain": 0.9}, "several"),
            ({"before": 0.2, "after": 0.4, "plain": 0.1}, "several"),
        ],
    )
    def test_who_is_best_is_clearly_so(self, ends, most):
        assert about(place(**ends)).most == most

    def test_a_share_of_rounding_is_none(self):
        result = place()
        result.by_layer[result.place("after")] = 1e-12
        assert about(result).constant[2] == 0


class TestBias:
    @pytest.mark.parametrize(
        ("own", "beta", "outcome"),
        [
            (0.9 * ROUNDING, 1.0, "rounding"),
            (1.1 * ROUNDING, 1.0, "large rounding"),
            (0.0, 0.0, "none at all"),
            (np.nan, 1.0, "diverged at once"),
        ],
    )
    def test_outcome(self, own, beta, outcome):
        assert about(bias(own=own, beta=beta)).outcome == outcome

    def test_a_lost_network_has_no_accuracy_to_compare(self):
        verdict = about(bias(dropped=0.9, kept=0.91, lost={"bias kept": 1}))
        assert verdict.apart == pytest.approx(0.01, rel=1e-4)
        assert verdict.one_lost == 1
        assert not verdict.alike


class TestTrained:
    @pytest.mark.parametrize(
        ("trained", "frozen", "outcome"),
        [
            (0.95, 0.94, "same"),
            (0.95, 0.9, "helps"),
            (0.9, 0.95, "does not help"),
            (0.2, 0.1, "none learns"),
        ],
    )
    def test_gamma_and_beta(self, trained, frozen, outcome):
        assert about(affine(trained, frozen)).outcome == outcome

    @pytest.mark.parametrize(
        ("trained", "frozen", "plain", "does_it"),
        [
            (0.95, 0.9, 0.2, "no"),
            (0.95, 0.3, 0.2, "yes"),
            (0.95, 0.3, 0.95, "cannot tell"),
            (0.95, 0.95, 0.95, "cannot tell"),
        ],
    )
    def test_what_makes_it_work(self, trained, frozen, plain, does_it):
        assert about(affine(trained, frozen, plain)).does_it == does_it

    def test_gamma_from_zero_by_the_accuracy_over_all_of_training(self):
        verdict = about(zero(one=0.8, nought=0.9, ends=(0.95, 0.95)))
        assert verdict.outcome == "helps"
        assert verdict.pace[0] > verdict.pace[1] + 0.02

    def test_branches(self):
        verdict = about(zero(opened=0.1, inside=(9.0, 0.0, 0.3)))
        assert (verdict.at_the_end.moved, verdict.at_the_end.of) == (6, 6)
        assert (verdict.inside.moved, verdict.inside.of) == (3, 6)


class TestDropout:
    @pytest.mark.parametrize(
        ("ratios", "outcome", "layer"),
        [
            ((1.0, 1.12, 1.32), "disagree", 3),
            ((1.0, 0.5, 1.3), "disagree", 2),
            ((9.0, 1.01, 0.99), "hardly", 3),
            ((1.0, np.nan, np.nan), "diverged", 0),
        ],
    )
    def test_outcome(self, ratios, outcome, layer):
        verdict = about(dropout(ratios=ratios))
        assert (verdict.outcome, verdict.layer) == (outcome, layer)

    def test_the_range_is_that_of_the_seeds(self):
        result = dropout()
        result.by_layer[result.place("20 %"), :, -1, 2] = [1.2, 1.3, 1.6]
        ratio = about(result).ratio
        assert (ratio.low, ratio.middle, ratio.high) == pytest.approx((1.2, 1.3, 1.6))

    @pytest.mark.parametrize(
        ("measured", "inherited"), [((1.0, 1.14, 1.32), True), ((1.0, 1.34, 1.32), False)]
    )
    def test_what_is_inherited_is_more_than_the_first_layer_is_off(self, measured, inherited):
        assert about(dropout(ratios=measured)).inherited is inherited


@cache
def trained(compare, **changes):
    return placement.run(PlacementConfig(compare=compare, **changes))


def test_who_is_ahead_of_plain_learns_as_well():
    assert about(place(plain=0.9)).ahead_of_plain == ("before", "after")
    assert about(place(before=0.91, plain=0.9)).ahead_of_plain == ("after",)
    assert about(place(before=0.3, after=0.3, plain=0.1)).ahead_of_plain == ()


def test_in_how_many_seeds_the_input_is_ahead():
    result = place(0.8, 0.7, own=0.9)
    assert about(result).input_ahead == 3
    result.test_accuracy[result.place("input only"), 0, -1] = 0.81
    assert about(result).input_ahead == 2
    result.test_accuracy[result.place("input only"), 1, -1] = 0.81
    assert about(result).input_ahead == 0


def test_seeds_with_nothing_but_rounding():
    result = bias()
    assert about(result).rounding_in == 3
    result.bias[result.place("bias kept"), 0, :, 0] = 1.1 * ROUNDING * 0.01
    assert about(result).rounding_in == 2


def test_when_the_curves_are_at_90_percent():
    result = zero()
    result.test_accuracy[result.place("γ from 0"), :, 0] = 0.5
    result.test_accuracy[result.place("0, inside")] = 0.89
    found = about(result)
    assert dict(found.reached) == {"γ from 1": 0, "γ from 0": 1, "0, inside": NEVER}
    assert found.latest == "0, inside"


def setting(name):
    return dict(next(one.setting for one in words.CHALLENGES if one.name == name))


class TestWhatThePageClaims:
    """At its own settings and its challenges', over five seeds; the first over twenty more."""

    def test_hidden_layers_count_and_before_or_after_does_not(self):
        verdict = judge(trained(PLACE))
        assert verdict.seeds >= 5
        assert verdict.about.outcome == "same"
        assert [arm.learned for arm in verdict.arms] == [False, True, True, False]

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        config = PlacementConfig(first_seed=100).model_copy(update={"seeds": 20})
        result = placement.run(config)
        assert judge(result).about.outcome == "same"
        hidden = np.stack([result.ends("before"), result.ends("after")])
        others = np.nan_to_num([result.ends("plain"), result.ends("input only")])
        assert hidden.min() > 0.9
        assert others.max() < 0.9

    def test_layers_of_plain_hand_on_mostly_the_same(self):
        shares = trained(PLACE).by_layer[:, :, 0, -1]  # at the start, last hidden layer
        plain, before, after, _ = shares
        assert (plain > before).all()
        assert (before > 0.15).all()
        assert (np.abs(after) < 1e-6).all()

    def test_a_bias_before_bn_is_not_needed(self):
        result = trained(BIAS)
        assert about(result).outcome == "rounding"
        kept = result.place("bias kept")
        assert (result.bias_gradient[kept] < 1e-5 * result.beta_gradient[kept]).all()

    def test_branches_from_zero(self):
        verdict = about(trained(ZERO))
        assert (verdict.outcome, verdict.contest.ahead) == ("helps", 5)
        assert verdict.inside.moved == 0
        assert verdict.at_the_end.moved == verdict.at_the_end.of > 0

    def test_theory_of_dropout(self):
        result = trained(DROPOUT)
        for arm in ("10 %", "20 %", "40 %"):
            place_ = result.place(arm)
            measured, theory = (x[place_, :, -1, 1] for x in (result.by_layer, result.theory))
            np.testing.assert_allclose(measured, theory, rtol=0.1)
        last = result.by_layer[1:, :, -1, -1]
        assert (last[1:] > last[:-1]).all()  # the more dropout, the larger the ratio
        np.testing.assert_allclose(result.by_layer[0, :, -1], 1, rtol=1e-3)
        assert about(result).inherited

    def test_gamma_and_beta(self):
        verdict = judge(trained(AFFINE))
        assert verdict.about.outcome == "same"
        assert verdict.arm("frozen").learned

    def test_at_a_small_rate(self):
        assert about(trained(PLACE, **setting("low"))).outcome == "no help"

    def test_wild_features(self):
        result = trained(PLACE, **setting("wild"))
        plain, before, after, own = np.nan_to_num(result.test_accuracy[:, :, -1])
        assert about(result).outcome == "input counts"
        assert (own > np.maximum(before, after)).all()
        assert own.min() > 0.9
        assert plain.max() == 0

    def test_adam_changes_the_bias(self):
        verdict = about(trained(BIAS, optimizer="adam", learning_rate=0.01))
        assert verdict.outcome == "rounding"
        assert not verdict.still
