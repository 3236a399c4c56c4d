"""Who of BN's relatives does well is judged, and comes out the other way where the result does."""

import numpy as np
import pytest

from bnviz.experiments import relatives
from bnviz.experiments.relatives import KINDS, RelativesConfig
from bnviz.verdicts import sizes as of_sizes
from bnviz.verdicts import stack as of_stack
from bnviz.verdicts.criteria import clearly
from bnviz.verdicts.relatives import judge
from bnviz.words import relatives as words
from tests.made.relatives import made


def verdict(**arguments):
    return judge(made(**arguments))


class TestOutcome:
    @pytest.mark.parametrize(
        ("ends", "expected"),
        [
            ({}, "alike"),
            ({"instance": 0.1}, "one behind"),
            ({"instance": 0.1, "group": 0.7}, "matters"),
            ({"instance": 0.1, "plain": 0.3}, "matters"),
            ({"plain": 0.3}, "only plain"),
            (dict.fromkeys(KINDS[1:], 0.6), "only plain"),
            (dict.fromkeys(KINDS, 0.3), "nobody"),
            ({"diverged": KINDS}, "diverged"),
            ({"diverged": ["renorm"]}, "alike"),
            ({"diverged": KINDS[1:]}, "alike"),
        ],
    )
    def test_of_all_seven(self, ends, expected):
        found = verdict(**ends)
        assert found.outcome == expected
        assert found.compared == (expected not in {"nobody", "diverged"})

    def test_four_that_stay_behind_are_not_one(self):
        behind = dict.fromkeys(("plain", "layer", "group"), 0.8)
        assert verdict(**behind, instance=0.1).outcome == "matters"

    def test_apart_are_the_best_and_who_is_clearly_behind_it(self):
        result = made(renorm=0.95, group=0.85)
        result.accuracy["layer"][:, -1] = [0.96, 0.7]  # lower, but not in most seeds
        found = judge(result)
        assert found.outcome == "matters"
        assert (found.normalized.worst, found.apart.worst) == ("layer", "group")
        assert found.apart.best == "renorm"

    def test_a_minority_of_the_seeds_is_no_difference(self):
        result = made()
        result.accuracy["instance"][0, -1] = 0.5  # one of two
        assert judge(result).outcome == "unclear"
        assert judge(result).last is None
        result = made()
        result.accuracy["plain"][0, -1] = 0.5
        assert judge(result).outcome == "unclear"
        assert judge(result).help.unclear

    def test_who_diverged_in_most_seeds_is_left_out(self):
        found = verdict(diverged=["layer"], instance=0.1)
        assert (found.known.kinds, found.normalized.kinds) == (6, 5)
        assert [(one.kind, one.seeds) for one in found.lost] == [("layer", 2)]
        assert found.space is None
        assert found.groups is None


def test_best_and_worst():
    found = verdict(batch=0.95, plain=0.2, instance=0.3)
    assert (found.known.best, found.known.worst) == ("batch", "plain")
    assert (found.normalized.best, found.normalized.worst) == ("batch", "instance")
    assert found.normalized.low == pytest.approx(0.3)
    assert found.normalized.lowest == ("instance",)


def test_who_is_level_with_the_worst_is_as_low():
    found = verdict(layer=0.3, group=0.31, instance=0.33)
    assert found.apart.worst == "layer"
    assert found.apart.lowest == ("layer", "group")  # 3 points are clearly more
    assert found.apart.level == pytest.approx(0.31)


@pytest.mark.parametrize(
    ("ends", "leader"), [({}, "same"), ({"batch": 0.5}, "first"), ({"batch": 0.99}, "second")]
)
def test_bn_beside_the_best_that_needs_no_batch(ends, leader):
    company = verdict(**ends, layer=0.91).company
    assert (company.rival, company.leader) == ("layer", leader)


def test_instance_norm_beside_layer_norm():
    assert verdict().space.one_pixel
    space = verdict(instance=0.97, config={"side": 2}).space
    assert (space.one_pixel, space.numbers, space.leader) == (False, (4, 32), "first")
    assert verdict(instance=0.5, config={"side": 2}).space.leader == "second"


@pytest.mark.parametrize(
    ("ends", "beside"),
    [
        ({"group": 0.7, "instance": 0.5}, "between"),
        ({}, "between"),
        ({"group": 0.5}, "below"),
        ({"group": 0.99}, "above"),
    ],
)
def test_group_norm_is_between_or_beyond(ends, beside):
    groups = verdict(**ends).groups
    assert (groups.beside, groups.many, groups.in_each) == (beside, 2, 4)


def test_group_norm_above_both_in_one_of_two_seeds_is_not_above():
    result = made()
    result.accuracy["group"][0, -1] = 1.0
    assert judge(result).groups.beside == "unclear"


class TestMixture:
    def test_is_a_whole(self):
        result = made()
        result.shares[:, -1, -1, 0] = [[0.1, 0.1, 0.8], [0.8, 0.1, 0.1]]
        mixture = judge(result).mixture
        assert mixture.shares == pytest.approx((0.45, 0.1, 0.45))
        assert sum(mixture.shares) == pytest.approx(1)  # that of medians need not be
        assert mixture.moved
        assert (mixture.steps, mixture.seeds) == (8, 2)

    def test_has_hardly_moved(self):
        assert not verdict(shares=(0.33, 0.35, 0.32)).mixture.moved

    def test_of_who_diverged_there_is_none(self):
        assert verdict(diverged=["switchable"]).mixture is None
        assert verdict(shares=(np.nan,) * 3).mixture is None


def test_whether_normalizing_helps():
    assert verdict().help.better == ()
    helped = verdict(layer=0.99, batch=0.98).help
    assert (helped.best, set(helped.better)) == ("layer", {"layer", "batch"})
    assert verdict(diverged=["plain"]).help is None


def test_the_mixture_beside_the_best_of_its_parts():
    parts = verdict(switchable=0.99, layer=0.95, group=1.0).parts
    assert (parts.best, parts.leader) == ("layer", "first")
    assert verdict().parts.leader == "same"
    assert verdict(switchable=0.5).parts.leader == "second"


def test_the_highest_curve_is_of_those_that_are_drawn():
    assert verdict(switchable=0.99, layer=0.95).highest == "layer"
    assert verdict().highest is None
    assert verdict(diverged=KINDS).highest is None


def test_in_how_many_seeds_a_network_is_ahead_or_learns():
    assert verdict(batch=0.5).company.ahead == 2
    assert verdict().company.ahead == 0
    result = made(instance=0.6)
    assert (judge(result).space.learned, judge(result).space.learned_in) == (True, 2)
    result.accuracy["instance"][0, -1] = 0.4
    assert (judge(result).space.learned, judge(result).space.learned_in) == (False, 1)


def test_last_is_who_is_clearly_behind_all_others():
    assert verdict(group=0.3).last == "group"
    assert verdict(group=0.3, instance=0.31).last is None
    assert verdict().last is None
    assert verdict(diverged=KINDS).last is None


class TestSizes:
    def test_where_bn_is_behind(self):
        small = made(batch=0.4, config={"batch_size": 2})
        found = of_sizes.judge([made(config={"batch_size": 32}), small])
        assert [one.size for one in found.sizes] == [2, 32]
        assert (found.behind, found.learned, found.pixels) == ((2,), True, 1)
        assert of_sizes.judge([made(config={"side": 2})]).pixels == 4

    def test_who_diverges_is_behind(self):
        found = of_sizes.judge([made(config={"batch_size": 2}, diverged=["batch"])])
        assert np.isnan(found.sizes[0].batch)
        assert found.behind == (2,)

    def test_nobody_learns(self):
        assert not of_sizes.judge([made(**dict.fromkeys(KINDS, 0.2))]).learned


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [("batch", 384), ("renorm", 384), ("layer", 512), ("group", 256), ("instance", 64)],
)
def test_the_numbers_behind_a_mean_of_the_stack(kind, numbers):
    result = made()
    lit = of_stack.judge(result, kind, (1, 5))
    assert (lit.numbers, lit.mean) == (numbers, result.mean[kind][-1, 1, 5])
    assert lit.known
    result.mean[kind][:] = np.nan
    assert not of_stack.judge(result, kind, (1, 5)).known


# ------------------------------------------------------------------ claims


def trained(kinds, **changes):
    """Test accuracy at the end of each seed, of these kinds alone; 20 seeds, none of the page's."""
    of = RelativesConfig(**{"seeds": 20, "first_seed": 3} | changes)
    history = relatives.together(of, kinds, [of.steps])(lambda step: None)
    ends = history.test_accuracies[:, -1].reshape(len(kinds), -1)
    return dict(zip(kinds, ends, strict=True))


def setting(name):
    (found,) = (one.setting for one in words.CHALLENGES if one.name == name)
    return found


class TestWhatThePageClaims:
    """At its own settings, and the first claim over twenty further seeds."""

    def test_at_the_default_it_matters(self):
        found = judge(relatives.run(RelativesConfig(seeds=5)))
        assert found.outcome == "matters"
        assert found.last == "instance"
        assert found.company.leader == "second"

    @pytest.mark.long
    def test_instance_norm_guesses_and_bn_is_ahead_in_twenty_further_seeds_too(self):
        ends = trained(["batch", "group", "layer", "instance"])
        assert (ends["instance"] < 0.2).all()
        assert (ends["batch"] > ends["group"] + 0.1).all()
        assert clearly(ends["batch"], ends["layer"]) == "first"

    def test_two_samples_of_one_pixel_break_bn(self):
        ends = trained(["batch", "layer"], **setting("pairs") | {"seeds": 5})
        assert (ends["layer"] > ends["batch"] + 0.1).all()

    def test_with_two_samples_of_many_pixels_it_keeps_up(self):
        kinds = ["batch", "layer", "group", "instance"]
        ends = trained(kinds, **setting("room") | {"seeds": 5})
        assert all(clearly(ends[kind], ends["batch"]) != "first" for kind in kinds)
        assert np.median(ends["batch"]) > 0.85

    def test_four_pixels_are_enough_for_instance_norm_to_learn(self):
        assert (trained(["instance"], **setting("space"))["instance"] > 0.6).all()

    @pytest.mark.parametrize(("groups", "twin"), [(1, "layer"), (8, "instance")])
    def test_group_norm_at_its_ends(self, groups, twin):
        ends = trained(["group", twin], groups=groups, steps=5, seeds=1)
        np.testing.assert_array_equal(ends["group"], ends[twin])
