"""The race: who wins is computed, and comes out the other way where the result does."""

from itertools import pairwise

import numpy as np
import pytest

from bnviz.experiments import race
from bnviz.experiments.pair import NEVER, typical_seed
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.settings import knobs
from bnviz.figures import LIGHT
from bnviz.figures import race as pictures
from bnviz.ui.words import race as words
from tests.samples import race_config

STEPS = np.array([0, 1, 2, 4, 8])
NOBODY = (NEVER, NEVER)


def made(plain=(4, 4), batch=(2, 2), diverged=(NOBODY, NOBODY), seconds=(0.001, 0.002), **changes):
    """A result by hand, in which each seed reaches the target at the step given."""
    seeds = len(plain)
    config = race_config(**{"seeds": seeds, "steps": 8} | changes)
    reached = np.array([plain, batch])
    there = (reached[..., None] <= STEPS) & (reached != NEVER)[..., None]
    accuracy = np.where(there, config.target, config.target / 2).astype(np.float32)
    accuracy[there] += np.float32(0.01)
    return race.RaceResult(
        config,
        STEPS,
        np.ones_like(accuracy),
        np.ones_like(accuracy),
        accuracy,
        np.array(diverged),
        np.array(seconds),
        np.array([1000, 1015]),
        None,
        None,
        None,
        None,
    )


def winner(*arguments, **changes):
    return race.findings(made(*arguments, **changes))[0]


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


class TestWinner:
    def test_bn_was_faster(self):
        said = winner((4, 4), (2, 4))
        assert said.startswith("**BN was faster in 1 of 2 seeds.**")
        assert "BN reached 90 % after 3 steps, plain after 4 steps (medians; a draw in 1" in said

    def test_one_step_and_one_seed(self):
        said = winner((4,), (1,), diverged=((NEVER,), (NEVER,)))
        assert said.endswith("BN reached 90 % after 1 step, plain after 4 steps.")

    def test_bn_was_slower(self):
        said = winner((2, 2), (4, 8))
        assert said.startswith("**BN was slower in all 2 seeds**")
        assert "does not help" in said

    @pytest.mark.parametrize(("plain", "batch"), [((4, 4), (4, 4)), ((2, 4), (4, 2))])
    def test_a_draw(self, plain, batch):
        assert winner(plain, batch).startswith("**A draw**: neither")

    def test_who_never_arrives_is_behind(self):
        said = winner((NEVER, 2), (8, 2))
        assert said.startswith("**BN was faster in 1 of 2 seeds.**")
        assert "(medians; plain got there in 1 of 2 seeds; a draw in 1 of 2 seeds)." in said

    def test_only_bn(self):
        said = winner(NOBODY, (2, NEVER))
        assert said.startswith("**Only BN reached 90 %**: after 2 steps, in 1 of 2 seeds.")
        assert "Plain did not, in 8 steps" in said

    def test_only_plain(self):
        said = winner((2, NEVER), NOBODY)
        assert said.startswith("**Only plain reached 90 %**")
        assert "does not help" in said

    def test_neither(self):
        said = winner(NOBODY, NOBODY)
        assert said.startswith("**Neither network reached 90 %** in 8 steps")
        assert "plain's best was 45 %, BN's 45 %" in said

    def test_just_below_the_target_is_not_rounded_up_to_it(self):
        result = made(NOBODY, NOBODY)
        result.test_accuracy[1, 0, 2] = 0.898
        assert "plain's best was 45 %, BN's 89.8 %" in race.findings(result)[0]

    @pytest.mark.parametrize("none", ["second half", "every second"])
    def test_where_neither_has_bn_nobody_wins(self, none):
        result = made((4, 4), (4, 4), depth=1, normalized_layers=none)
        first, cost = race.findings(result)
        assert first.startswith(f'**No race here**: "{none}" of 1 hidden layer is no layer')
        assert race.first_by_seconds(result) is None
        assert "chance" in cost
        assert "times" not in cost

    def test_neither_and_nothing_was_ever_measured(self):
        result = made(NOBODY, NOBODY, ((0, 0), (0, 0)))
        result.test_accuracy[:] = np.nan
        assert race.findings(result)[0].startswith("**Neither network reached 90 %**")

    @pytest.mark.parametrize("target", [0.5, 0.95])
    def test_the_target_is_named(self, target):
        assert f"{100 * target:g} %" in winner(target=target)


class TestSeconds:
    """The headline counts what the reader chose: a cheaper step can turn the race round."""

    def test_who_is_first_in_steps_can_be_second_in_seconds(self):
        result = made(plain=(4, 4), batch=(2, 2), seconds=(0.001, 0.004))
        assert race.findings(result)[0].startswith("**BN was faster in all 2 seeds.**")
        first = race.findings(result, "seconds")[0]
        assert first.startswith("**BN was slower in all 2 seeds**")
        assert "after 0.008 seconds, plain after 0.004 seconds" in first
        assert "steps" not in first

    def test_where_one_alone_gets_there(self):
        first = race.findings(made((NEVER, NEVER), (2, 4)), "seconds")[0]
        assert first.startswith("**Only BN reached 90 %**: after 0.006 seconds, in all 2 seeds.")

    def test_a_seed_that_never_did_is_behind(self):
        result = made((4, NEVER), (4, 4), seconds=(0.001, 0.0005))
        assert race.findings(result, "seconds")[0].startswith("**BN was faster in all 2 seeds.**")


class TestDivergences:
    def test_nobody(self):
        assert len(race.findings(made())) == 2
        assert not any("diverged" in sentence for sentence in race.findings(made()))

    def test_at_one_step_and_at_several(self):
        _, plain, batch, _ = race.findings(made(diverged=((3, 3), (5, 7))))
        assert plain.startswith("Plain diverged in all 2 seeds, at step 3:")
        assert batch.startswith("BN diverged in all 2 seeds, at steps 5 to 7:")

    def test_of_one_network_alone(self):
        said = race.findings(made(diverged=(NOBODY, (NEVER, 1))))
        assert [s for s in said if "diverged" in s] == [said[1]]
        assert said[1].startswith("BN diverged in 1 of 2 seeds, at step 1")


class TestCost:
    def test_parameters_and_seconds(self):
        said = race.findings(made(seconds=(0.001, 0.0015)))[-1]
        assert "BN has 1.5 % more parameters" in said
        assert "1.5 times as long" in said

    def test_about_as_long_is_no_difference(self):
        said = race.findings(made(seconds=(0.001, 0.00103)))[-1]
        assert "one step took about as long as without it" in said

    def test_why_nobody_wins_in_seconds_where_few_seeds_arrive(self):
        result = made(NOBODY, (2, NEVER))
        assert race.first_by_seconds(result) is None
        assert (
            "Neither reached the target in more than half of the seeds"
            in (race.findings(result)[-1])
        )

    def test_bn_first_by_seconds(self):
        result = made((4, 4), (2, 2), seconds=(0.001, 0.0015))
        assert race.first_by_seconds(result) == "BN"
        assert "counted in seconds, BN reached the target first" in race.findings(result)[-1]

    def test_plain_first_by_seconds_although_bn_needed_fewer_steps(self):
        result = made((4, 4), (2, 2), seconds=(0.001, 0.003))
        assert race.findings(result)[0].startswith("**BN was faster")
        assert race.first_by_seconds(result) == "plain"
        assert "counted in seconds, plain reached the target first" in race.findings(result)[-1]

    @pytest.mark.parametrize(
        ("plain", "batch", "winner"), [(NOBODY, (2, 2), "BN"), ((2, 2), NOBODY, "plain")]
    )
    def test_who_never_arrives_is_beaten_in_seconds_too(self, plain, batch, winner):
        assert race.first_by_seconds(made(plain, batch)) == winner

    def test_one_lucky_seed_does_not_beat_many(self):
        assert race.first_by_seconds(made((0, *NOBODY), (4, 4, 4))) == "BN"

    def test_no_winner_by_seconds_where_nobody_arrives(self):
        result = made(NOBODY, NOBODY)
        assert race.first_by_seconds(result) is None
        assert "counted in seconds" not in race.findings(result)[-1]

    def test_lost_seeds_do_not_make_the_steps_of_the_others_dear(self):
        settings = {"depth": 6, "width": 16, "seeds": 4, "steps": 20}
        lost = race.run(race_config(learning_rate=1e3, **settings))
        assert (lost.diverged_at[0] != NEVER).any()
        kept = race.run(race_config(learning_rate=0.01, **settings))
        assert (kept.diverged_at == NEVER).all()
        ratio = lost.seconds_per_step / kept.seconds_per_step
        assert (ratio > 1 / 5).all()  # of the same kind: this machine is never quiet
        assert (ratio < 5).all()

    def test_the_table_has_a_row_for_each_network(self):
        table = race.costs(made(seconds=(0.001, 0.00234)))
        assert next(iter(table.values())) == ["plain", "BN"]
        assert table["one step of one network"] == ["1.00 ms", "2.34 ms"]
        assert table["parameters"] == ["1,000", "1,015"]


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

    def test_tally(self):
        results = [made((4, NEVER), (2, NEVER)), made((2, 2), (4, NEVER))]
        said = race.tally(results)
        assert "Of 4 further pairs" in said
        assert "fewer steps in **1**, plain in **2**, and neither of them in **1**" in said


@pytest.fixture(scope="module")
def on_the_plane():
    return race.run(race_config(dataset="moons", steps=40))


class TestRecords:
    def test_shapes(self, on_the_plane):
        records = len(on_the_plane.steps)
        assert on_the_plane.test_accuracy.shape == (2, 2, records)
        assert on_the_plane.train_loss.shape == (2, 2, records)
        assert on_the_plane.decision.shape == (2, records, race.GRID, race.GRID)
        assert on_the_plane.decision.max() <= 250
        assert on_the_plane.steps[0] == 0
        assert on_the_plane.steps[-1] == 40
        assert all(a < b for a, b in pairwise(on_the_plane.steps))

    def test_the_plane_is_that_of_a_typical_seed_which_the_picture_names(self):
        result = race.run(race_config(dataset="moons", seeds=3))
        assert result.typical == typical_seed(result.test_accuracy[..., -1])
        alone = race.run(race_config(dataset="moons", seeds=1, first_seed=result.typical))
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


class TestPresets:
    @pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
    def test_are_settings_of_the_knobs(self, preset):
        assert RaceConfig(**preset) != RaceConfig()
        for name, value in preset.items():
            assert value in knobs(RaceConfig)[name].options
            assert value != RaceConfig.model_fields[name].default

    def test_are_two_to_four_one_of_them_without_help_from_bn(self):
        assert 2 <= len(words.PRESETS) <= 4
        assert any("not help" in label for label in words.PRESETS)


def ahead(result):
    """In how many seeds BN needed fewer steps, and in how many plain did."""
    reached = result.steps_to_target()
    late = np.where(reached == NEVER, np.iinfo(np.int64).max, reached)
    return int((late[1] < late[0]).sum()), int((late[0] < late[1]).sum())


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    def test_bn_wins_at_first(self):
        result = race.run(RaceConfig())
        assert ahead(result)[0] >= 4
        assert race.findings(result)[0].startswith("**BN was faster")

    def test_at_the_same_low_rate_it_does_not(self):
        preset = next(p for name, p in words.PRESETS.items() if "not help" in name)
        result = race.run(RaceConfig(**preset))
        assert ahead(result)[0] <= ahead(result)[1]
        assert "BN was faster" not in race.findings(result)[0]
        assert "Only BN" not in race.findings(result)[0]

    def test_a_rate_at_which_only_bn_learns(self):
        result = race.run(RaceConfig(learning_rate=1.0))
        assert race.findings(result)[0].startswith("**Only BN reached 90 %**")
        assert ahead(result) == (5, 0)

    def test_spirals(self):
        preset = next(p for p in words.PRESETS.values() if p.get("dataset") == "spirals")
        result = race.run(RaceConfig(**preset))
        assert race.findings(result)[0].startswith(("**BN was faster", "**Only BN"))
        assert result.decision is not None
