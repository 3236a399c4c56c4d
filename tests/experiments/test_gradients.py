"""Trust in the gradient: the measures by hand and in runs."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.engine.training import recording_steps
from bnviz.experiments import gradients
from bnviz.experiments.gradients import GradientsConfig
from bnviz.experiments.settings import REACHES, WORK_LIMIT, knobs
from tests.made.gradients import STEPS, made
from tests.samples import tiny


class TestMeasures:
    def random(self):
        result = made()
        random = np.random.default_rng(0)
        result.distance[:] = random.uniform(0.1, 5, result.distance.shape)
        result.gradient_norm[:] = random.uniform(0.1, 5, result.gradient_norm.shape)
        result.cosine[:] = random.uniform(-1, 1, result.cosine.shape)
        return result

    def test_predictiveness_is_the_band_over_the_lengths(self):
        result = self.random()
        low, high = result.predictiveness()
        for index in np.ndindex(low.shape):
            distances = [float(d) for d in result.distance[index]]
            assert low[index] == np.float32(min(distances))
            assert high[index] == np.float32(max(distances))
        assert low.shape == (2, 2, len(STEPS))

    def test_smoothness_divides_by_the_way_that_was_walked(self):
        result = self.random()
        smoothness = result.smoothness()
        for index in np.ndindex(smoothness.shape):
            norm = float(result.gradient_norm[index])
            expected = max(
                float(d) / (0.1 * a * norm)
                for d, a in zip(result.distance[index], result.reach, strict=True)
            )
            assert smoothness[index] == pytest.approx(expected, rel=1e-6)

    def test_smoothness_of_a_parabola_is_its_curvature(self):
        """L = c theta^2 / 2: the gradient changes by c * a * g, wherever one stands."""
        result, curvature = made(norm=(3.0, 3.0)), 7.0
        result.distance[:] = curvature * 0.1 * result.reach * 3.0
        np.testing.assert_allclose(result.smoothness(), curvature, rtol=1e-6)

    def test_smoothness_without_a_gradient_is_zero(self):
        result = made(change=(0.0, 1.0), norm=(0.0, 1.0))
        assert (result.smoothness()[0] == 0).all()
        assert (result.smoothness()[1] > 0).all()

    def test_turn_is_the_angle_at_that_length(self):
        result = made(angle=(80, 40))
        for length in result.reach:
            for treatment, angle in enumerate((80, 40)):
                expected = angle * length / 4
                np.testing.assert_allclose(result.turn(length)[treatment], expected, atol=0.05)

    def test_counts_the_seeds_in_which_both_fell(self):
        fell = ((True, True, False, False), (True, False, True, False))
        result = made(fell=fell, lost=((NEVER,) * 4,) * 2)
        np.testing.assert_array_equal(result.counts(), [True, False, False, False])


class TestSweep:
    def test_is_the_same_run_at_settings_of_the_knob(self):
        config = tiny("gradients", gain=0.5)
        pieces = gradients.sweep(config)
        rates = [piece.learning_rate for piece in pieces]
        assert rates == sorted(set(rates))
        assert set(rates) <= set(knobs(GradientsConfig)["learning_rate"].options)
        assert min(rates) == 0.01
        assert max(rates) > 1
        for piece in pieces:
            assert piece.model_copy(update={"learning_rate": config.learning_rate}) == config
            assert GradientsConfig(**piece.model_dump()) == piece


class TestWork:
    def test_counts_the_walk(self):
        config = tiny("gradients", steps=100)
        records = len(recording_steps(100, gradients.RECORDS))
        trained = 2 * config.training_work(records)
        walked = 2 * records * 8 * config.cost().step(config.seeds, config.in_batch())
        assert trained + walked < config.work() < trained + 1.5 * walked

    @pytest.mark.parametrize("steps", [1, 20, 100, 400, 5000])
    @pytest.mark.parametrize("depth", [6, 20, 50])
    @pytest.mark.parametrize("seeds", [5, 32])
    def test_what_a_page_grants_is_within_the_limit_with_its_walk(self, steps, depth, seeds):
        asked = GradientsConfig(width=256, batch_size=512, depth=depth, steps=steps, seeds=seeds)
        granted = asked.affordable()
        assert granted.work() <= WORK_LIMIT
        assert granted.affordable() == granted
        if granted.steps < steps:  # and it is no less than can be paid
            more = granted.model_copy(update={"steps": granted.steps + 1})
            assert more.work() > 0.8 * WORK_LIMIT


@pytest.fixture(scope="module")
def small():
    return gradients.run(tiny("gradients", depth=3, steps=60, seeds=3))


class TestRun:
    def test_shapes(self, small):
        records, lengths = len(small.steps), len(small.reach)
        for values in (small.loss_here, small.gradient_norm):
            assert values.shape == (2, 3, records)
        for values in (small.distance, small.cosine):
            assert values.shape == (2, 3, records, lengths)
        assert small.diverged_at.shape == small.fell.shape == (2, 3)
        assert (small.steps[0], small.steps[-1]) == (0, 60)
        assert records <= gradients.RECORDS + 2

    def test_every_number_is_one(self, small):
        for values in (small.loss_here, small.gradient_norm, small.distance, small.cosine):
            assert np.isfinite(values).all()
        assert (np.abs(small.cosine) <= 1).all()

    def test_the_law_of_cosines_holds_between_its_numbers(self, small):
        """||h - g||^2 = ||h||^2 + ||g||^2 - 2 ||h|| ||g|| cos: no less than the height."""
        g, sine = small.gradient_norm[..., None], np.sqrt(1 - small.cosine**2)
        assert (small.distance >= g * sine * (1 - 1e-3) - 1e-6).all()

    @pytest.mark.parametrize("reach", REACHES)
    def test_walks_as_far_as_it_says(self, reach):
        result = gradients.run(tiny("gradients", reach=reach))
        np.testing.assert_array_equal(result.reach, REACHES[reach])
        assert 1.0 in result.reach  # the step itself
        near = gradients.run(tiny("gradients", reach="1/10 to 1"))
        np.testing.assert_allclose(result.turn(1.0), near.turn(1.0), atol=0.05)

    def test_at_the_start_a_walk_half_as_long_is_that_of_half_the_rate(self):
        one, half = (gradients.run(tiny("gradients", learning_rate=r)) for r in (0.2, 0.1))
        near, far = (list(one.reach).index(a) for a in (1.0, 2.0))
        np.testing.assert_allclose(
            one.distance[:, :, 0, near], half.distance[:, :, 0, far], rtol=1e-4
        )

    def test_without_a_normalized_layer_both_are_the_same(self):
        result = gradients.run(tiny("gradients", depth=1, normalized_layers="second half"))
        np.testing.assert_array_equal(result.distance[0], result.distance[1])

    def test_a_diverged_seed_is_missing_from_there_on(self):
        config = tiny("gradients", learning_rate=100.0, depth=4, width=16, steps=20, seeds=3)
        result = gradients.run(config)
        assert (result.diverged_at != NEVER).any()
        for treatment, seed in np.ndindex(2, 3):
            step = result.diverged_at[treatment, seed]
            alive = result.steps < step if step != NEVER else np.full(len(result.steps), True)
            np.testing.assert_array_equal(np.isfinite(result.loss_here[treatment, seed]), alive)
            assert np.isnan(result.distance[treatment, seed, ~alive]).all()
            assert step == NEVER or not result.fell[treatment, seed]
