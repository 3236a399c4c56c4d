"""A sweep: every start comes out, to the bit, as the same run trained alone."""

import numpy as np
import pytest

from bnviz.axes import NEVER, TREATMENTS
from bnviz.experiments import sweep
from bnviz.experiments.pair import diverged_at, train_pair
from bnviz.experiments.settings import Settings
from tests.samples import TINY

RATES, GAINS = (0.032, 0.56, 1e3), (1.0, 30.0)  # from harmless to a sure divergence


def settings(**changes):
    return Settings(**TINY | {"depth": 3, "width": 9} | changes)


def alone(config, start):
    """The same run by train_pair, one seed at a time."""
    single = {"learning_rate": start.learning_rate, "gain": start.gain}
    single |= {"seeds": 1, "first_seed": start.seed}
    one = config.model_copy(update=single)
    return train_pair(one, tuple(range(1, config.depth + 1)), record_at=[0, 3, config.steps])


class TestTrainSweep:
    @pytest.mark.parametrize(
        "changes", [{}, {"optimizer": "adam"}, {"activation": "sigmoid", "batch_size": 7}]
    )
    def test_each_start_is_the_same_run_alone_to_the_bit(self, changes, monkeypatch):
        monkeypatch.setattr(sweep, "MOST", 5)  # blocks that end within a setting's seeds
        monkeypatch.setattr(sweep, "FEWEST", 5)
        config = settings(**changes)
        starts = sweep.grid(config, RATES, GAINS)
        assert len(sweep.blocks(config, len(starts))) == 3
        runs = sweep.train_sweep(config, starts, sweep.PAIR, record_at=[0, 3, config.steps])
        lost = 0
        for place, start in enumerate(starts):
            histories = alone(config, start)
            for name in TREATMENTS:
                ours, theirs = runs[name], histories[name]
                lost += int(ours.diverged_at[place] != NEVER)
                assert ours.diverged_at[place] == diverged_at(theirs)[0]
                np.testing.assert_array_equal(ours.steps, theirs.steps)
                for field in ("batch_losses", "test_losses", "test_accuracies"):
                    one, other = getattr(ours, field)[place], getattr(theirs, field)[0]
                    assert one.tobytes() == other.tobytes(), (name, start, field)
        if not changes:
            assert 0 < lost < 2 * len(starts)

    def test_blocks_and_workers_change_nothing(self, monkeypatch):
        config, starts = settings(), sweep.grid(settings(), RATES, GAINS)
        whole = sweep.train_sweep(config, starts, sweep.PAIR, workers=1)
        monkeypatch.setattr(sweep, "ROOM", 1.0)  # each run a block of its own
        assert len(sweep.blocks(config, len(starts))) == len(starts)
        cut = sweep.train_sweep(config, starts, sweep.PAIR)
        for name in TREATMENTS:
            assert whole[name].batch_losses.tobytes() == cut[name].batch_losses.tobytes()
            assert whole[name].test_accuracies.tobytes() == cut[name].test_accuracies.tobytes()

    def test_own_rate_gain_and_seeds_of_the_settings_play_no_role(self):
        config, other = settings(), settings(learning_rate=0.9, gain=3.0, seeds=5, first_seed=7)
        starts = sweep.grid(config, RATES[:1], GAINS[:1])
        one, two = (sweep.train_sweep(c, starts, sweep.PAIR) for c in (config, other))
        assert one["batch"].test_losses.tobytes() == two["batch"].test_losses.tobytes()

    def test_groups_with_starts_of_their_own_and_a_look_at_what_was_trained(self, monkeypatch):
        monkeypatch.setattr(sweep, "MOST", 2)
        monkeypatch.setattr(sweep, "FEWEST", 2)
        config = settings()
        groups = {
            "plain": (sweep.grid(config, RATES[:1], GAINS[:1]), sweep.PAIR["plain"]),
            "batch": (sweep.grid(config, RATES[:2], GAINS[:1]), sweep.PAIR["batch"]),
        }

        def first_weights(cohort):
            return cohort.layers[0].weight.detach()[:, 0].numpy().copy()

        runs = sweep.train_groups(config, groups, ending=first_weights)
        assert [len(runs[name].test_losses) for name in groups] == [2, 4]
        for place, start in enumerate(groups["batch"][0]):
            trained = alone(config, start)["batch"].cohort
            np.testing.assert_array_equal(runs["batch"].endings[place], first_weights(trained)[0])
        assert sweep.train_groups(config, groups)["plain"].endings is None

    def test_what_a_report_raises_comes_out(self):
        def refuse(share):
            raise KeyboardInterrupt

        starts = sweep.grid(settings(), RATES, GAINS)
        with pytest.raises(KeyboardInterrupt):
            sweep.train_sweep(settings(steps=1600), starts, sweep.PAIR, refuse)


class TestGrid:
    def test_seeds_are_the_innermost(self):
        starts = sweep.grid(settings(first_seed=4), (1.0, 2.0), (0.1, 0.2))
        assert starts[:3] == [
            sweep.Start(learning_rate=1.0, gain=0.1, seed=4),
            sweep.Start(learning_rate=1.0, gain=0.1, seed=5),
            sweep.Start(learning_rate=1.0, gain=0.2, seed=4),
        ]
        assert len(set(starts)) == len(starts) == 8


class TestBlocks:
    @pytest.mark.parametrize("runs", [1, 2, 7, 63, 630])
    @pytest.mark.parametrize("width", [8, 32, 256])
    @pytest.mark.parametrize(("depth", "batch"), [(1, 1), (6, 64), (50, 512)])
    def test_cover_every_run_once_and_fit_into_the_memory(self, runs, width, depth, batch):
        config = Settings(depth=depth, width=width, batch_size=batch)
        parts = sweep.blocks(config, runs)
        places = [place for part in parts for place in range(runs)[part]]
        assert places == list(range(runs))
        sizes = [part.stop - part.start for part in parts]
        assert max(sizes) - min(sizes) <= 1
        held = depth * width * batch + (depth - 1) * width**2
        assert max(sizes) == 1 or max(sizes) * held * 4 * 4 < 130e6  # bytes

    def test_small_networks_train_in_large_blocks(self):
        assert len(sweep.blocks(Settings(depth=2, width=8), 63)) == 1
        assert len(sweep.blocks(Settings(depth=6, width=32), 63)) == 2


class TestWork:
    def test_counts_runs_steps_and_records(self):
        config = Settings(depth=6, width=32)
        one = sweep.work(config, 63, 12)
        assert 1.7 * one < sweep.work(config, 126, 12) < 2.1 * one
        assert sweep.work(config.model_copy(update={"steps": 200}), 63, 12) > 1.6 * one
        assert sweep.work(config, 63, 100) > 1.3 * one
        assert sweep.work(config, 63) > one  # of as many records as a lesson usually has

    def test_is_not_below_that_of_a_pair_with_as_many_seeds(self):
        config = Settings(depth=6, width=32, seeds=10)
        assert sweep.work(config, 10, 0) == pytest.approx(2 * config.training_work())
