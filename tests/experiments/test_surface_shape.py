"""The shape of the ground: basins, where it curves downwards, and which seed is typical."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.experiments import surface
from tests.experiments.test_surface import PATH, small
from tests.made.surface import BOWL, DOME, HALF, PLANE, SADDLE, X, Y, made, of_seeds


class TestCurvesDown:
    @pytest.mark.parametrize(
        ("ground", "share"),
        [
            (BOWL, 0),
            (0.001 * BOWL + 2.3, 0),
            (DOME, 1),
            (SADDLE, 1),
            (5 + X**2 - Y**2, 1),
            (X**2, 0),
            (9 - Y**2, 1),
            (PLANE, 0),
            (PLANE / 100, 0),
            (np.full_like(X, 2.3), 0),
            (X**2 - 0.05 * Y**2 + 1, 0),  # nearly flat: a twentieth of the larger curvature
            (X**2 - 0.15 * Y**2 + 1, 1),
        ],
    )
    def test_by_hand(self, ground, share):
        result = made(ground, BOWL)
        np.testing.assert_array_equal(result.curves_down().mean(axis=(1, 2, 3)), [share, 0])
        np.testing.assert_array_equal(
            made(BOWL, ground).curves_down().mean(axis=(1, 2, 3)), [0, share]
        )

    def test_half_a_dome(self):
        ground = np.where(X < 0, X**2, -(X**2)) + 5  # curves up on the left, down on the right
        share = made(ground).curves_down().mean(axis=(1, 2, 3))[0]
        assert share == pytest.approx(0.5, abs=0.06)

    @pytest.mark.parametrize("much", [np.inf, np.nan, 1e30])
    def test_what_overflows_is_a_high_plain(self, much):
        assert made(np.full_like(X, much)).curves_down().mean(axis=(1, 2, 3))[0] == 0
        edge = np.where(np.abs(X) > 0.95, much, X**2)
        assert made(edge).curves_down().mean(axis=(1, 2, 3))[0] == 0  # a wall around a bowl
        assert np.isfinite(made(edge, DOME).curves_down().mean(axis=(1, 2, 3))).all()

    @given(st.floats(0, 2 * np.pi), st.floats(-2, 2), st.floats(-2, 2))
    def test_any_direction_and_any_pair_of_curvatures(self, angle, one, other):
        u, v = np.cos(angle) * X + np.sin(angle) * Y, np.cos(angle) * Y - np.sin(angle) * X
        low, high = sorted([one, other])
        least = surface.HOLLOW * abs(high)
        if abs(low + least) < 0.02 or abs(low) < 0.02:
            return  # on the border, where rounding decides
        share = made(10 + one * u**2 + other * v**2).curves_down().mean(axis=(1, 2, 3))[0]
        assert share == (1.0 if low < -least else 0.0)


class TestHollow:
    def test_is_judged_inside_the_basin_alone(self):
        ground = np.where(X < 0, X**2, 2.5 - X**2)  # a bowl, and beyond it a dome
        assert made(ground).curves_down()[0].mean() > 0.4
        assert made(ground).hollow()[0] < made(ground).curves_down()[0].mean()
        assert made(0.01 * SADDLE, BOWL).hollow()[0] == 1
        assert made(BOWL, 0.01 * SADDLE).hollow()[0] == 0

    def test_without_a_basin_there_is_nothing_to_judge(self):
        assert np.isnan(made(9.0, DOME + 3).hollow()).all()


class TestBetterThanGuessing:
    def test_by_hand(self):
        left = (X[0] < 0).mean()
        np.testing.assert_allclose(
            made(HALF, 10 - HALF).better_than_guessing()[:, 0], [left, 1 - left]
        )

    @pytest.mark.parametrize(("loss", "share"), [(2.05, 1), (2.09, 0), (2.3, 0), (9.0, 0),
                                                 (np.inf, 0), (np.nan, 0)])  # fmt: skip
    def test_clearly(self, loss, share):
        assert made(loss).better_than_guessing()[0] == share

    def test_a_network_that_learned_nothing_is_not(self):
        result = surface.run(small(gain=1e-4))
        assert (result.better_than_guessing() == 0).all()
        assert np.isfinite(result.loss).all()

    def test_guessing_is_the_loss_of_equal_chances(self):
        for dataset, classes in (("digits", 10), ("moons", 2)):
            result = surface.run(small(dataset=dataset, steps=1))
            assert result.guessing == pytest.approx(np.log(classes))


class TestTypical:
    def test_its_basins_are_nearest_to_the_median_ones(self):
        pairs = [(HALF, 1.0), (9.0, 9.0), (HALF, HALF)]
        result = of_seeds(pairs)
        assert result.typical == 2
        np.testing.assert_array_equal(result.loss, made(HALF, HALF).loss)

    def test_of_one_seed_that_one(self):
        assert made().typical == 0


class TestPairs:
    def test_are_the_seeds_one_by_one(self):
        config = small(seeds=3, first_seed=4)
        assert [pair.first_seed for pair in config.pairs()] == [4, 5, 6]
        assert all(pair.seeds == 1 for pair in config.pairs())

    def test_cost_what_they_cost_together(self):
        one, three = small(), small(seeds=3)
        assert three.work() == pytest.approx(3 * one.work())


class TestSkips:
    def test_are_the_same_surface_twice(self):
        config = small(moment="start", **PATH)
        off, on = surface.with_and_without_skips(config)
        assert (off.skip, on.skip) == ("off", "on")
        assert surface.with_and_without_skips(on) == [off, on]
        assert off == config.model_copy(update={"skip": "off"})
