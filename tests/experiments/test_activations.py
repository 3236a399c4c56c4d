"""Inside the layers: every sentence is computed, and comes out the other way where the run does."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.engine.distributions import QUANTILES
from bnviz.experiments import activations
from bnviz.experiments.activations import (
    BINS,
    HIGHEST,
    MAPS,
    QUANTITIES,
    RIDGES,
    ActivationsConfig,
    common_range,
    densities,
    shown_layers,
)
from bnviz.experiments.pair import NEVER
from bnviz.experiments.settings import knobs
from bnviz.words import activations as words
from tests.samples import tiny

STEPS = np.array([0, 1, 2, 4])
NOBODY = (NEVER, NEVER)
UNITS = {
    "mean": (-0.2, 0.0, 0.3),
    "deviation": (0.8, 1.0, 1.4),
    "skewness": (0.1, 0.5, 1.0),
    "kurtosis": (-1.0, -0.6, 2.0),
}


def made(
    moved=((0.5, 1.0), (0.05, 0.1)),
    accuracy=(0.9, 0.95),
    diverged=(NOBODY, NOBODY),
    idle=((0.0, 0.0), (0.0, 0.0)),
    zeros=0.5,
    units=None,
    update=0.001,
    **changes,
):
    """A result by hand: two layers, two seeds; `moved` and `idle` per network and layer."""
    config = tiny("activations", **{"seeds": 2, "depth": 2, "width": 8, "steps": 4} | changes)
    shape = (2, 2, len(STEPS), 2)
    growing = (STEPS / STEPS[-1])[:, None]
    maps = {name: np.ones(shape) for name in MAPS}
    maps["moved"] = np.array(moved)[:, None, None] * growing * np.ones(shape)
    maps["idle"] = np.array(idle)[:, None, None] * growing * np.ones(shape)
    maps["update"] = update * np.ones(shape)
    accuracies = np.array(accuracy)[:, None, None] * np.ones(shape[:3])
    for treatment, seed in np.argwhere(np.array(diverged) != NEVER):
        gone = np.array(diverged)[treatment, seed] <= STEPS
        accuracies[treatment, seed, gone] = np.nan
        for values in maps.values():
            values[treatment, seed, gone] = np.nan
    found = UNITS | (units or {})
    parts = (len(QUANTITIES), 2, len(STEPS), 2)
    return activations.ActivationsResult(
        config,
        STEPS,
        accuracies.astype(np.float32),
        np.array(diverged),
        shown_layers(2),
        np.tile(np.float32([-1, 1]), (len(QUANTITIES), 1)),
        np.zeros((*parts, BINS), np.uint8),
        np.full(parts, zeros, np.float32),
        np.zeros(parts, np.float32),
        np.zeros((2, len(STEPS), 8, 3), np.float32) + np.float32([-1, 0, 1]),
        np.stack([maps[name] for name in MAPS]).astype(np.float32),
        {name: np.float32([values, values]) for name, values in found.items()},
    )


def headline(**changes):
    return activations.findings(made(**changes))[0]


def sentences(**changes):
    return " ".join(activations.findings(made(**changes)))


def belief(start, **changes):
    met = activations.misconceptions(made(**changes))
    return next(said for believed, said in met.items() if believed.startswith(start))


class TestHeadline:
    def test_plain_moved_farther(self):
        said = headline()
        assert said.startswith("**Plain's distributions moved 10 times as far as BN's**")
        assert "moved by 0.75 of the initial standard deviation, BN's by 0.075" in said
        assert "(all 2 seeds)" in said

    def test_bn_moved_farther(self):
        said = headline(moved=((0.05, 0.1), (0.5, 1.0)))
        assert said.startswith("**BN's distributions moved farther than plain's**")

    @pytest.mark.parametrize("batch", [0.9, 1.0, 1.1])
    def test_about_as_far(self, batch):
        said = headline(moved=((1.0, 1.0), (batch, batch)))
        assert said.startswith("**Both networks' distributions moved about as far**")

    def test_of_a_seed_that_diverged_the_last_record_counts(self):
        said = headline(diverged=((2, NEVER), NOBODY))  # at step 1 a quarter of the way
        assert "moved by 0.47" in said  # the median of 0.1875 and 0.75
        assert "(all 2 seeds)" in said

    def test_most_seeds_diverged(self):
        said = headline(diverged=((2, 4), NOBODY))
        assert said.startswith("**Plain diverged in most seeds.** Until then, plain's")
        assert headline(diverged=(NOBODY, (2, 4))).startswith("**BN diverged in most")
        assert headline(diverged=((2, 2), (2, 4))).startswith("**Both networks diverged in most")

    def test_nothing_but_the_start_was_recorded(self):
        assert headline(diverged=((1, 1), NOBODY)).startswith("**Plain diverged at once**")
        assert headline(diverged=((0, 1), (0, 0))).startswith("**Plain and BN diverged at once**")

    def test_not_all_seeds(self):
        result = made()
        result.maps[MAPS.index("moved"), 0, 1] *= 0.01
        assert "(1 of 2 seeds)" in activations.findings(result)[0]


class TestOutcome:
    def test_the_stiller_network_learned_more(self):
        said = sentences()
        assert "The stiller network learned more, which does not prove" in said
        assert "plain ended at 90 % test accuracy, BN ended at 95 % test accuracy" in said

    def test_standing_still_did_not_help(self):
        assert "Standing stiller did not help here" in sentences(accuracy=(0.95, 0.8))

    def test_hardly_different(self):
        assert "In accuracy they hardly differ" in sentences(accuracy=(0.95, 0.945))

    def test_bn_was_not_the_stiller_one(self):
        said = sentences(moved=((0.1, 0.1), (0.5, 0.5)))
        assert "In accuracy: plain" in said
        assert "stiller" not in said

    @pytest.mark.parametrize(
        ("accuracy", "who"),
        [
            ((0.1, 0.9), "Plain has not"),
            ((0.9, 0.5), "BN has learned little"),
            ((0.1, 0.1), "Neither network"),
        ],
    )
    def test_who_has_not_learned(self, accuracy, who):
        assert f"{who}" in sentences(accuracy=accuracy)
        assert "stiller" not in sentences(accuracy=accuracy)

    def test_halfway_depends_on_the_classes(self):
        assert "Plain has learned little" in sentences(accuracy=(0.7, 0.9), dataset="moons")
        assert "Plain has not learned" in sentences(accuracy=(0.6, 0.9), dataset="moons")
        assert "has not learned" not in sentences(accuracy=(0.7, 0.9))

    def test_diverged(self):
        said = sentences(diverged=((1, 2), NOBODY))
        assert "plain diverged, BN ended at 95 %" in said
        half = sentences(diverged=((1, NEVER), NOBODY))  # half of 90 % would be nobody's accuracy
        assert "plain diverged, BN ended at 95 %" in half
        assert "Plain diverged in all 2 seeds, at steps 1 to 2" in said
        assert "BN diverged in 1 of 2 seeds, at step 4" in sentences(diverged=(NOBODY, (4, NEVER)))
        assert "diverged" not in sentences()


class TestLayers:
    def test_which_moved_farthest(self):
        said = sentences(moved=((1.0, 0.5), (0.05, 0.1)))
        assert "In plain, layer 1 moved farthest, by 1, and layer 2 least, by 0.5" in said
        assert "in BN, layer 2 moved farthest, by 0.1, and layer 1 least, by 0.05" in said

    def test_of_one_that_cannot_be_followed(self):
        assert "In BN, layer 2 moved farthest" in sentences(diverged=((0, 0), NOBODY))
        said = sentences(diverged=((0, 0), (0, 0)))
        assert "No layer's distribution could be followed" in said

    @pytest.mark.parametrize(("moved", "third"), [((1, 0.5), 0), ((0.5, 1), 2)])
    def test_the_guess(self, moved, third):
        right, why = activations.where_farthest(made(moved=(moved, (0, 0))))
        assert right == activations.THIRDS[third]
        assert f"Layer {1 + third // 2} moved farthest, by 1 of" in why
        assert ("did not decide" in why) == (third == 0)
        result = made(moved=(moved, (0, 0)))
        alone = activations.replace(result, maps=result.maps[..., :1])
        assert activations.where_farthest(alone)[1].startswith("The only layer there is moved")

    def test_the_guess_in_the_middle_and_of_nothing(self):
        result = made()
        result = activations.replace(result, maps=result.maps[..., [0, 1, 0]])
        assert activations.where_farthest(result)[0] == "the middle"
        right, why = activations.where_farthest(made(diverged=((0, 0), NOBODY)))
        assert right in activations.THIRDS
        assert "diverged" in why


class TestIdle:
    def test_dead_units(self):
        said = sentences(idle=((0.1, 0.5), (0.0, 0.02)))
        assert "At the end 30 % of plain's units are dead, and 1 % of BN's" in said
        assert "The worst record of plain: 50 % of layer 2 at step 4, in one seed" in said

    def test_none(self):
        assert "At the end none of plain's units are dead, and none of BN's." in sentences()
        assert "worst" not in sentences()

    @pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
    def test_saturated_values(self, activation):
        said = sentences(idle=((0.1, 0.5), (0.0, 0.0)), activation=activation)
        assert "30 % of plain's values are saturated, and none of BN's" in said

    @pytest.mark.parametrize("activation", ["leaky relu", "identity"])
    def test_no_such_state(self, activation):
        assert f"With {activation}, units can be neither" in sentences(activation=activation)
        assert "Choose relu" in belief("Only the plain", activation=activation)

    def test_gelu_can_be_nearly_dead(self):
        assert "can be neither" not in sentences(activation="gelu")
        assert "none are counted. Choose relu" in belief("Only the plain", activation="gelu")


def with_signal(values, treatment=0):
    """A result whose outputs vary like this, per record and layer."""
    result = made()
    result.maps[MAPS.index("signal"), treatment] = np.array(values)
    return result


class TestSignal:
    def test_both_keep_it(self):
        assert "Both keep their signal: no layer falls below 5 %" in sentences()

    def test_lost_from_the_start_and_for_good(self):
        result = with_signal([[1, 0.01]] * 4)
        assert activations.losses_of_signal(result, 0) == [(0, 2, True)] * 2
        said = " ".join(activations.findings(result))
        assert "Plain loses its signal in all 2 seeds: typically in layer 2, at the start" in said
        assert "it does not return" in said
        assert "BN keeps its signal" in said

    def test_lost_on_the_way_and_found_again(self):
        result = with_signal([[1, 1], [1, 1], [0.04, 0.04], [1, 1]], treatment=1)
        assert activations.losses_of_signal(result, 1) == [(2, 1, False)] * 2
        said = " ".join(activations.findings(result))
        assert "BN loses its signal in all 2 seeds: typically in layer 1, at step 2" in said
        assert "vary less than 5 % of the first one's at the start; at the end it was back" in said
        result.maps[MAPS.index("signal"), 1, 1, 3] = 0.01
        said = " ".join(activations.findings(result))
        assert "in 1 of them it was back at the end" in said
        assert "Plain keeps its signal" in said

    def test_is_measured_against_the_first_layer_at_the_start(self):
        assert activations.losses_of_signal(with_signal([[20, 1.1]] * 4), 0) == []
        assert activations.losses_of_signal(with_signal([[1, 1], *[[9, 0.4]] * 3]), 0) == []
        assert len(activations.losses_of_signal(with_signal([[20, 0.9]] * 4), 0)) == 2


class TestUpdates:
    def test_in_thousandths(self):
        assert "plain 2.5, BN 2.5. The rule of thumb is 1." in sentences(update=0.0025)

    def test_other_optimizers_take_other_steps(self):
        assert sentences(optimizer="adam").endswith("The optimizer adam goes other ways than this.")
        assert "optimizer" not in sentences()

    def test_nothing_measured(self):
        assert "No update could be measured" in sentences(diverged=((0, 0), (0, 0)))


class TestGaussian:
    def test_no(self):
        said = belief("BN makes")
        assert said.startswith("No. BN shifts")
        assert "skewness of 0.5" in said
        assert "excess kurtosis of −0.6" in said
        assert "50 % of the values are exactly 0" in said

    def test_nearly(self):
        near = {"skewness": (0.0, 0.12, 0.3), "kurtosis": (-0.4, -0.05, 0.4)}
        assert belief("BN makes", units=near).startswith("In this run nearly")
        for name in near:  # one of the two alone is not enough
            assert belief("BN makes", units=near | {name: UNITS[name]}).startswith("No.")

    def test_without_zeros(self):
        assert "exactly 0" not in belief("BN makes", zeros=0)

    def test_what_samples_of_a_gaussian_show(self):
        draws = np.random.default_rng(1).normal(size=(4000, activations.PROBE_SAMPLES))
        z = (draws - draws.mean(1, keepdims=True)) / draws.std(1, keepdims=True)
        typical = np.median(np.abs((z**3).mean(1)))
        assert pytest.approx(typical, rel=0.06) == activations.GAUSSIAN_SKEWNESS


class TestStopped:
    def test_slows(self):
        said = belief("BN stops")
        assert said.startswith("It slows them: BN's moved in its typical layer by 0.075")
        assert "the one that moved most by 0.1; plain's by 0.75." in said

    def test_nearly(self):
        said = belief("BN stops", moved=((1, 1), (0.01, 0.02)))
        assert said.startswith("In this run nearly")

    def test_on_the_contrary(self):
        said = belief("BN stops", moved=((0.1, 0.1), (1, 1)), accuracy=(0.1, 0.9))
        assert said.startswith("On the contrary")
        assert said.endswith("Plain has not learned.")

    def test_not_at_all(self):
        said = belief("BN stops", moved=((1, 1), (0, 0)))
        assert said.startswith("In this run it does: BN's moved in its typical layer by 0 of")

    def test_as_far(self):
        assert belief("BN stops", moved=((1, 1), (1, 1))).startswith("Not here")

    def test_nothing_measured(self):
        assert "diverged before" in belief("BN stops", diverged=(NOBODY, (0, 0)))


class TestStandard:
    def test_gamma_and_beta_have_moved(self):
        said = belief("After BN")
        assert "They have moved: at the end, nine units in ten have a mean between −0.20" in said
        assert "and 0.30 and a deviation between 0.80 and 1.40." in said

    def test_hardly(self):
        near = {"mean": (-0.0001, 0, 0.02), "deviation": (0.99, 1, 1.01)}
        said = belief("After BN", units=near)
        assert "They have hardly moved yet" in said
        assert "a mean between 0.00 and 0.02" in said
        for name in near:
            assert "They have moved" in belief("After BN", units=near | {name: UNITS[name]})

    @pytest.mark.parametrize("start", ["After BN", "BN makes"])
    def test_no_unit_with_bn(self, start):
        nothing = dict.fromkeys(UNITS, (np.nan,) * 3)
        assert belief(start, units=nothing) == activations.NO_UNIT


class TestOnlyPlain:
    def test_it_is_so(self):
        said = belief("Only the plain", idle=((0.4, 0), (0, 0)))
        assert said.startswith(
            "In this run it is so: BN shows none that are dead, plain up to 40 %"
        )

    def test_bn_has_some(self):
        said = belief("Only the plain", idle=((0, 0), (0, 0.25)), activation="tanh")
        assert said.startswith("On the contrary: BN has some that are saturated, up to 25 %")
        assert said.endswith("plain has none.")
        said = belief("Only the plain", idle=((0.1, 0), (0, 0.2)))
        assert said.startswith("No: BN has some that are dead too, up to 20 % of layer 2")
        assert said.endswith("plain has up to 10 %.")

    def test_neither(self):
        assert "neither network" in belief("Only the plain")

    def test_nothing_measured(self):
        assert "diverged before" in belief("Only the plain", diverged=((0, 0), NOBODY))


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "said"),
        [(0, "0"), (1e-5, "less than 0.001"), (0.0456, "0.046"), (-0.31, "−0.31"), (12.4, "12"),
         (478.3, "478"), (1e9, "more than 1000"), (-1e9, "less than −1000"),
         (np.nan, "an unknown amount")],
    )  # fmt: skip
    def test_amounts(self, value, said):
        assert activations.amount(value) == said

    @pytest.mark.parametrize(
        ("value", "said"),
        [(0, "none"), (1e-6, "less than 0.01 %"), (0.004, "0.4 %"), (0.526, "53 %"), (1, "100 %"),
         (np.nan, "an unknown share")],
    )  # fmt: skip
    def test_shares(self, value, said):
        assert activations.share(value) == said

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            (0.001, "0.00"),
            (-0.001, "0.00"),
            (-0.256, "−0.26"),
            (1, "1.00"),
            (-1e9, "less than −1000"),
        ],
    )
    def test_hundredths(self, value, said):
        assert activations.hundredths(value) == said


class TestUnits:
    def test_a_typical_one_first(self):
        result = made()
        assert activations.units(result.config)[:2] == ("typical", "1")
        assert activations.units(result.config)[-1] == "8"
        assert activations.unit(result, "typical") == 1
        assert activations.unit(result, "7") == 7

    def test_typical_is_alive_in_both(self):
        result = made()
        result.percentiles[0, -1, 0] = [-3, -2, -0.1]
        result.percentiles[1, -1, 1] = [-3, -2, 0]
        assert result.typical_unit() == 3
        result.percentiles[0, -1] = np.nan
        assert result.typical_unit() == 1
        assert made(activation="tanh").typical_unit() == 1

    def test_says_how_far_the_median_wandered(self):
        result = made()
        result.percentiles[0, :, 4, 1] = [0.5, -1.5, 2, np.nan]
        said = activations.of_unit(result, 5)
        assert said.startswith("Unit 5 of layer 2: the median of what enters it wandered")
        assert "in plain between −1.5 and 2, in BN hardly at all (at 0)" in said
        result.percentiles[:, :2, 4, 1] = [[-1e5, 1e5], [2e5, 1e5]]
        result.percentiles[1, 2:, 4, 1] = 3e5
        said = activations.of_unit(result, 5)
        assert "in plain between less than −1000 and more than 1000, in BN beyond 1000" in said
        result.percentiles[0] = np.nan
        assert "in plain" not in activations.of_unit(result, 5)
        result.percentiles[1] = np.nan
        assert "could not be measured" in activations.of_unit(result, 5)


def slow_density(values, low, high):
    """One row of densities(), value by value."""
    points = []
    for one, other in pairwise(values):
        points += [one + (other - one) * k / 4 for k in range(4)]
    points.append(values[-1])
    counts = [0] * BINS
    for point in points:
        if low <= point <= high:
            counts[min(BINS - 1, int((point - low) / (high - low) * BINS))] += 1
    weights = {-2: 1, -1: 4, 0: 6, 1: 4, 2: 1}
    smooth = [
        sum(w * counts[k + d] for d, w in weights.items() if 0 <= k + d < BINS) / 16
        for k in range(BINS)
    ]
    return [round(HIGHEST * s / max(smooth)) if max(smooth) else 0 for s in smooth]


class TestDensities:
    def test_are_smoothed_histograms(self):
        random = np.random.default_rng(3)
        values = np.sort(random.normal(size=(2, 3, QUANTILES)) * [[[1], [0.1], [9]]], axis=-1)
        found = densities(values, -2.0, 2.0)
        assert found.dtype == np.uint8
        for place in np.ndindex(2, 3):
            expected = slow_density(values[place].tolist(), -2.0, 2.0)
            np.testing.assert_allclose(found[place], expected, atol=1)

    def test_of_nothing_are_flat(self):
        values = np.full((2, QUANTILES), np.nan)
        values[1] = 100.0
        assert densities(values, 0.0, 1.0).max() == 0

    def test_of_one_value_are_a_needle_where_it_is(self):
        needle = densities(np.full((1, QUANTILES), 0.5), 0.0, 1.0)[0]
        assert needle.argmax() == BINS // 2
        assert needle.max() == HIGHEST
        assert (needle > 0).sum() == 5

    def test_of_a_normal_distribution(self):
        values = np.sort(np.random.default_rng(1).normal(size=100_000))
        bell = densities(activations_quantiles(values), -4.0, 4.0) / HIGHEST
        x = (np.arange(BINS) + 0.5) * 8 / BINS - 4
        np.testing.assert_allclose(bell, np.exp(-(x**2) / 2), atol=0.1)


def activations_quantiles(ordered):
    ranks = ((np.arange(QUANTILES) + 0.5) / QUANTILES * len(ordered)).astype(int)
    return ordered[ranks]


class TestCommonRange:
    def test_holds_both(self):
        low, high = common_range(np.array([[-3.0, 0, 3], [-1.0, 2, 4]]))
        assert low < -2.9
        assert high > 3.9

    def test_an_explosion_of_plain_does_not_hide_bn(self):
        low, high = common_range(np.array([[-1e9, 0, 1e9], [-1.0, 0, 1.0]]))
        assert -3.5 < low < -2.5
        assert 2.5 < high < 3.5

    def test_where_bn_diverged_plain_decides(self):
        low, high = common_range(np.array([[0.0, 5.0], [np.nan, np.nan]]))
        assert low < 0.1
        assert high > 4.9

    @given(st.lists(st.floats(-1e30, 1e30) | st.just(np.nan), min_size=4, max_size=4))
    def test_is_always_a_range(self, numbers):
        low, high = common_range(np.array(numbers).reshape(2, 2))
        assert np.isfinite([low, high]).all()
        assert low < high
        assert np.float32(low) < np.float32(high)


@given(st.integers(1, 50))
def test_layers_shown_are_a_few_evenly_chosen(depth):
    layers = shown_layers(depth)
    assert len(set(layers.tolist())) == len(layers) == min(depth, RIDGES)
    assert (layers[0], layers[-1]) == (1, depth)
    if depth > 1:
        assert np.ptp(np.diff(layers)) <= 1


@pytest.fixture(scope="module")
def small():
    return activations.run(tiny("activations", steps=30))


class TestRecords:
    def test_shapes(self, small):
        records, parts = len(small.steps), (len(QUANTITIES), 2, len(small.steps), 2)
        assert small.density.shape == (*parts, BINS)
        assert small.zeros.shape == small.outside.shape == parts
        assert small.percentiles.shape == (2, records, 8, 3)
        assert small.maps.shape == (len(MAPS), 2, 2, records, 2)
        assert all(values.shape == (2, 3) for values in small.units.values())
        assert np.isfinite(small.maps).all()

    def test_the_same_config_gives_the_same_bits(self, small):
        again = activations.run(small.config, workers=1)
        for name in ("density", "zeros", "outside", "percentiles", "maps", "ranges"):
            np.testing.assert_array_equal(getattr(small, name), getattr(again, name))
        assert activations.findings(small) == activations.findings(again)

    def test_nothing_has_moved_at_the_start(self, small):
        assert (small.map("moved")[:, :, 0] == 0).all()
        assert (small.map("moved")[:, :, -1] > 0).all()

    def test_bn_starts_with_mean_0_and_deviation_1(self, small):
        np.testing.assert_allclose(small.map("mean")[1, :, 0], 0, atol=1e-5)
        np.testing.assert_allclose(small.map("deviation")[1, :, 0], 1, atol=0.01)
        assert np.abs(small.map("deviation")[0, :, 0] - 1).min() > 0.02

    def test_before_and_after_bn_are_one_for_plain(self, small):
        inner, entering = (QUANTITIES.index(name) for name in ("inner", "entering"))
        np.testing.assert_array_equal(small.zeros[inner, 0], small.zeros[entering, 0])
        config = tiny("activations", normalized_layers="every second", depth=1)
        without = activations.run(config)  # of one layer, none
        for name in ("density", "outside"):
            values = getattr(without, name)
            np.testing.assert_array_equal(values[inner], values[entering])
            np.testing.assert_array_equal(values[:, 0], values[:, 1])
        assert np.isnan(without.units["mean"][1]).all()

    def test_zeros_are_those_of_relu(self, small):
        output = QUANTITIES.index("output")
        assert (small.zeros[output] > 0.1).all()
        assert (small.zeros[QUANTITIES.index("entering")] == 0).all()
        smooth = activations.run(tiny("activations", activation="gelu"))
        assert (smooth.zeros[output] == 0).all()

    def test_units_with_bn_alone_are_counted(self):
        half = activations.run(tiny("activations", normalized_layers="first only", gain=3.0))
        whole = activations.run(tiny("activations", gain=3.0))
        assert half.units["deviation"][1, 2] < 1.5
        assert half.units["deviation"][0, 2] > 1.5  # plain: all layers
        assert not np.array_equal(half.units["mean"][1], whole.units["mean"][1])


class TestConfig:
    def test_offers_the_network_of_the_paper(self):
        offered = knobs(ActivationsConfig)
        assert 100 in offered["width"].options
        assert 60 in offered["batch_size"].options
        for name in ("width", "batch_size"):
            options = list(offered[name].options)
            assert options == sorted(options)
            assert set(knobs(activations.Settings)[name].options) < set(options)


class TestPresets:
    @pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
    def test_are_settings_of_the_knobs(self, preset):
        assert ActivationsConfig(**preset) != ActivationsConfig()
        for name, value in preset.items():
            assert value in knobs(ActivationsConfig)[name].options
            assert value != ActivationsConfig.model_fields[name].default

    def test_are_two_to_four_one_of_them_without_help_from_bn(self):
        assert 2 <= len(words.PRESETS) <= 4
        assert any("not help" in label for label in words.PRESETS)


def run_preset(part):
    return activations.run(
        ActivationsConfig(**next(p for label, p in words.PRESETS.items() if part in label))
    )


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    def test_plain_moves_farther_and_most_in_its_last_layers(self):
        result = activations.run(ActivationsConfig())
        plain, batch = activations.typical(result)
        assert (plain > 4 * batch).all()
        assert activations.learned(result) == [True, True]
        assert activations.where_farthest(result)[0] == activations.THIRDS[2]
        assert activations.findings(result)[0].startswith("**Plain's distributions moved")
        assert result.map("idle")[0].max() > 0.25  # a layer with a quarter of its units dead
        assert result.map("idle")[1].max() < 0.05
        met = activations.misconceptions(result)
        assert met["BN stops the distributions from moving."].startswith("It slows them")
        assert met["BN makes the activations Gaussian."].startswith("No.")

    def test_the_network_of_the_paper(self):
        result = run_preset("paper")
        plain, batch = activations.typical(result)
        assert (plain > 10 * batch).all()
        plain, batch = np.ptp(result.percentiles[:, :, :, 1], axis=1)  # of the median, every unit
        assert np.median(plain) > 3 * np.median(batch)

    def test_at_a_low_rate_bn_holds_still_and_does_not_help(self):
        result = run_preset("not help")
        plain, batch = activations.typical(result)
        assert (batch < 0.05).all()
        assert (plain > 5 * batch).all()
        accuracy = result.test_accuracy[:, :, -1]
        assert (accuracy[0] > accuracy[1]).sum() >= 4
        assert "Standing stiller did not help here" in " ".join(activations.findings(result))

    def test_a_rate_that_kills_units(self):
        result = run_preset("kills")
        idle = result.final("idle")
        assert (idle[0].max(-1) > 0.2).sum() >= 3
        assert (idle[1] < 0.05).all()
        assert activations.learned(result) == [False, True]

    def test_a_signal_that_fades(self):
        result = run_preset("fades")
        lost = activations.losses_of_signal(result, 0)
        assert [(step, layer) for step, layer, _ in lost] == [(0, 4)] * 5
        assert activations.losses_of_signal(result, 1) == []
        assert activations.learned(result) == [False, True]
