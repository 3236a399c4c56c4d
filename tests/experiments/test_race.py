"""The race: what is measured."""

from itertools import pairwise

import numpy as np
import pytest

from bnviz.axes import LEVELS, NEVER
from bnviz.experiments import race
from bnviz.experiments.pair import typical_seed
from bnviz.experiments.plane import GRID
from bnviz.experiments.race import RaceConfig
from bnviz.figures import LIGHT
from bnviz.figures import race as pictures
from tests.made.race import made
from tests.samples import race_config


class TestStepsToTarget:
    def test_the_first_record_at_the_target(self):
        result = made((4, NEVER), (0, 8))
        np.testing.assert_array_equal(result.steps_to_target(), [[4, NEVER], [0, 8]])

    def test_exactly_the_target_is_enough_and_a_later_fall_does_not_matter(self):
        result = made((NEVER,), (NEVER,), target=0.5)
        result.test_accuracy[0, 0] = [0.1, 0.2, 0.5, 0.1, np.nan]
        assert result.steps_to_target()[0, 0] == 2

    def test_a_diverged_seed_that_never_got_there(self):
        result = made((NEVER,), (2,))
        result.test_accuracy[0, 0] = np.nan
        assert result.steps_to_target()[0, 0] == NEVER


class TestSeconds:
    def test_lost_seeds_do_not_make_the_steps_of_the_others_dear(self):
        settings = {"depth": 6, "width": 16, "seeds": 4, "steps": 20}
        lost = race.run(race_config(learning_rate=1e3, **settings))
        assert (lost.diverged_at[0] != NEVER).any()
        kept = race.run(race_config(learning_rate=0.01, **settings))
        assert (kept.diverged_at == NEVER).all()
        ratio = lost.seconds_per_step / kept.seconds_per_step
        assert (ratio > 1 / 5).all()  # of the same kind: this machine is never quiet
        assert (ratio < 5).all()


class TestMoreSeeds:
    @pytest.mark.parametrize(("seeds", "first"), [(1, 0), (5, 0), (10, 0), (5, 3)])
    def test_are_none_of_the_run_and_none_twice(self, seeds, first):
        config = race_config(seeds=seeds, first_seed=first)
        used = list(range(first, first + seeds))
        for piece in race.more_seeds(config):
            assert RaceConfig(**piece.model_dump()) == piece  # valid
            used += range(piece.first_seed, piece.first_seed + piece.seeds)
        assert len(used) == len(set(used)) == seeds + 20

    def test_differ_in_nothing_else(self):
        config = race_config(gain=0.3, target=0.5)
        for piece in race.more_seeds(config, pieces=2):
            changed = {"seeds": config.seeds, "first_seed": config.first_seed}
            assert piece.model_copy(update=changed) == config


@pytest.fixture(scope="module")
def on_the_plane():
    return race.run(race_config(dataset="moons", steps=40))


class TestRecords:
    def test_shapes(self, on_the_plane):
        records = len(on_the_plane.steps)
        assert on_the_plane.test_accuracy.shape == (2, 2, records)
        assert on_the_plane.train_loss.shape == (2, 2, records)
        assert on_the_plane.decision.shape == (2, records, GRID, GRID)
        assert on_the_plane.decision.max() <= LEVELS
        assert on_the_plane.steps[0] == 0
        assert on_the_plane.steps[-1] == 40
        assert all(a < b for a, b in pairwise(on_the_plane.steps))

    @pytest.mark.parametrize(("first", "place"), [(0, 0), (1, 2), (2, 1)])
    def test_the_plane_is_that_of_a_typical_seed_which_the_picture_names(self, first, place):
        result = race.run(race_config(dataset="moons", seeds=3, first_seed=first))
        assert result.typical == typical_seed(result.test_accuracy[..., -1]) == place
        assert (result.decision[:, -1].std(axis=(1, 2)) > 10).all()
        alone = race.run(race_config(dataset="moons", seeds=1, first_seed=first + place))
        np.testing.assert_array_equal(result.decision, alone.decision)
        for note in pictures.boundaries(result, LIGHT)["layout"]["annotations"]:
            assert f"seed {result.typical + 1} of 3" in note["text"]

    def test_the_map_covers_the_points(self, on_the_plane):
        low, high = on_the_plane.axis[:, 0], on_the_plane.axis[:, -1]
        assert (on_the_plane.points >= low - 0.5).all()
        assert (on_the_plane.points <= high + 0.5).all()

    def test_the_maps_of_both_networks_differ_in_the_end(self, on_the_plane):
        assert not np.array_equal(on_the_plane.decision[0, -1], on_the_plane.decision[1, -1])

    def test_bn_costs_parameters(self, on_the_plane):
        plain, batch = on_the_plane.parameters
        # 2-8-8-2: BN brings gamma and beta for 16 units, and takes the bias of these layers
        assert plain == 2 * 8 + 8 + 8 * 8 + 8 + 8 * 2 + 2
        assert batch == plain + 16

    def test_a_step_takes_time(self, on_the_plane):
        assert (on_the_plane.seconds_per_step > 0).all()

    def test_the_loss_is_the_mean_since_the_record_before(self):
        result = race.run(race_config(seeds=1, steps=8))
        every = result.train_loss[0, 0]
        assert len(every) == 9  # all steps are recorded, so each mean is over one step
        assert np.isfinite(every).all()
