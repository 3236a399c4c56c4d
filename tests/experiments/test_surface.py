"""The loss around a point: whose network it is, and that torch.nn finds the same loss there."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from bnviz.axes import TREATMENTS
from bnviz.engine.networks import Cohort
from bnviz.engine.surface import surface as engine_surface
from bnviz.engine.threads import one_thread
from bnviz.engine.training import recording_steps
from bnviz.experiments import landscape, surface
from bnviz.experiments.bounds import SECONDS_PER_OPERATION
from bnviz.experiments.landscape import RECORDS, LandscapeConfig
from bnviz.experiments.pair import train_pair
from bnviz.experiments.settings import NORMALIZED, knobs
from bnviz.experiments.surface import MOMENTS, PLANES, STATISTICS, SurfaceConfig
from tests.experiments.ordinary import ordinary_training
from tests.experiments.test_pair import assert_same
from tests.samples import TINY

PATH = {"plane": PLANES[1]}


def small(**changes):
    return SurfaceConfig(**TINY | {"seeds": 1, "grid": 7, "samples": 64} | changes)


class Seen:
    """What the engine was asked: for each treatment the network and the directions."""

    def __init__(self, monkeypatch):
        self.asked = []

        def asked(cohort, directions, *rest):
            self.asked.append((cohort, directions, *rest))
            return engine_surface(cohort, directions, *rest)

        monkeypatch.setattr(surface, "surface", asked)

    @property
    def centres(self):
        return [cohort for cohort, *_ in self.asked]


@pytest.fixture
def seen(monkeypatch):
    return Seen(monkeypatch)


def together(config, seeds, record_at=None, probes=()):
    """The pair run of several seeds, of which the surface shows one network."""
    many = config.model_copy(update={"seeds": seeds})
    normalized = NORMALIZED[config.normalized_layers](config.depth)
    return train_pair(many, normalized, probes, record_at=record_at, skip=config.skip == "on")


def state(cohort):
    return cohort.parameters() + cohort.buffers()


def assert_same_network(one, other):
    for a, b in zip(state(one), state(other), strict=True):
        assert torch.equal(a, b)


class TestTheMiddle:
    @pytest.mark.parametrize("statistics", STATISTICS)
    @pytest.mark.parametrize("plane", PLANES)
    @pytest.mark.parametrize("skip", ["off", "on"])
    def test_is_the_loss_that_ordinary_code_finds_after_ordinary_training(
        self, statistics, plane, skip, seen
    ):
        config = small(statistics=statistics, plane=plane, skip=skip, depth=3, first_seed=2)
        result = surface.run(config)
        data = config.data()
        x = torch.tensor(data.train_inputs[: config.samples]).double()
        y = torch.tensor(data.train_labels[: config.samples])
        expected = []

        def look(step, network, *_):
            if step == config.steps:
                network.train(statistics == STATISTICS[0])
                with torch.no_grad():
                    expected.append(nn.functional.cross_entropy(network(x), y).item())

        with one_thread():
            for treatment in TREATMENTS:
                ordinary_training(config, treatment, config.first_seed, look)
        still = [engine_surface(*arguments[:2], [0.0], [0.0], *arguments[4:7]).item()
                 for arguments in seen.asked]  # fmt: skip
        np.testing.assert_allclose(still, expected, rtol=2e-4)
        if plane == PLANES[0]:
            np.testing.assert_allclose(result.loss[:, 3, 3], expected, rtol=2e-4)

    @pytest.mark.parametrize("seed", [0, 1, 2])
    def test_is_the_network_that_the_pair_run_trains_among_others(self, seed, seen):
        config = small(first_seed=seed, activation="gelu")
        surface.run(config)
        histories = together(config.model_copy(update={"first_seed": 0}), seeds=3)
        for treatment, centre in zip(TREATMENTS, seen.centres, strict=True):
            assert_same_network(centre, histories[treatment].cohort.select([seed]))

    def test_each_seed_is_what_it_is_alone(self):
        three = surface.run(small(seeds=3))
        for seed in range(3):
            alone = surface.run(small(first_seed=seed))
            np.testing.assert_array_equal(three.losses[:, seed], alone.loss)

    def test_at_the_start_it_is_the_network_before_any_update(self, seen):
        config = small(moment="start", first_seed=4)
        result = surface.run(config)
        assert list(result.step) == [0, 0]
        for normalizer, centre in zip(("none", "batch"), seen.centres, strict=True):
            start = Cohort(config.architecture(normalizer=normalizer), [4], [config.gain])
            for a, b in zip(start.parameters(), centre.parameters(), strict=True):
                assert torch.equal(a, b)

    @pytest.mark.parametrize(("steps", "middle"), [(8, 4), (100, 50), (1, 0), (40, 20)])
    def test_in_the_middle_half_of_the_training_is_done(self, steps, middle, seen):
        result = surface.run(small(moment="middle", steps=steps, grid=5))
        records = recording_steps(steps, RECORDS)
        nearest = min(records, key=lambda step: abs(step - steps / 2))
        assert list(result.step) == [nearest] * 2
        assert abs(nearest - middle) <= 0.07 * steps
        states = {}
        histories = together(
            small(steps=steps), 1, records, [lambda m: states.setdefault(  # keeps the networks
                (m.cohort.architecture.normalizer, m.step), m.cohort.select([0])) and {}],
        )  # fmt: skip
        assert set(histories) == set(TREATMENTS)
        for normalizer, centre in zip(("none", "batch"), seen.centres, strict=True):
            assert_same_network(centre, states[normalizer, nearest])

    def test_at_the_end_all_updates_are_made(self):
        assert list(surface.run(small(moment="end", steps=9)).step) == [9, 9]

    @pytest.mark.parametrize("changes", [{"normalized_layers": "every second"},
                                         {"normalized_layers": "second half"}])  # fmt: skip
    def test_without_a_normalized_layer_both_are_the_same_network(self, changes):
        result = surface.run(small(depth=1, **changes, **PATH))
        np.testing.assert_array_equal(result.loss[0], result.loss[1])
        np.testing.assert_array_equal(result.path[0], result.path[1])
        assert len(np.unique(result.path[0], axis=0)) == len(result.steps)


def between(loss, axis, point):
    """The loss at (x, y) by bilinear interpolation of a surface, which is (y, x)."""
    (x, y), places, shares = point, [], []
    for value, along in zip((x, y), axis, strict=True):
        place = int(np.clip(np.searchsorted(along, value) - 1, 0, len(along) - 2))
        places.append(place)
        shares.append((value - along[place]) / (along[place + 1] - along[place]))
    (i, j), (s, t) = places, shares
    low = (1 - s) * loss[j, i] + s * loss[j, i + 1]
    high = (1 - s) * loss[j + 1, i] + s * loss[j + 1, i + 1]
    return (1 - t) * low + t * high


class TestThePath:
    @pytest.mark.parametrize("moment", MOMENTS)
    def test_goes_through_the_middle_at_the_chosen_moment(self, moment):
        result = surface.run(small(moment=moment, **PATH))
        assert result.path.shape == (2, len(result.steps), 2)
        for path, step in zip(result.path, result.step, strict=True):
            place = list(result.steps).index(step)
            np.testing.assert_array_equal(path[place], [0, 0])
            assert np.isfinite(path).all()
            assert (np.delete(path, place, axis=0) != 0).any(axis=1).all()

    @pytest.mark.parametrize("settings", [{}, {"learning_rate": 3.2, "first_seed": 7}])
    def test_stays_inside_a_square_that_both_share(self, settings):
        result = surface.run(small(**settings, **PATH))
        x, y = result.axis
        assert np.ptp(x) == pytest.approx(np.ptp(y))
        np.testing.assert_allclose(np.diff(x), np.diff(x)[0])
        known = result.path[np.isfinite(result.path).all(-1)]
        assert (known > result.axis[:, 0]).all()
        assert (known < result.axis[:, -1]).all()
        width = np.ptp(known, axis=0).max()
        assert np.ptp(x) == pytest.approx(surface.MARGIN * width)

    @pytest.mark.parametrize("statistics", STATISTICS)
    def test_a_plane_contains_both_ends_of_one_step(self, statistics, seen):
        config = small(steps=1, grid=41, learning_rate=1.0, statistics=statistics, **PATH)
        result = surface.run(config)
        x, y, mode = seen.asked[0][4:7]
        states, ends = {}, [0, 1]
        together(config, 1, ends, [lambda m: states.setdefault(
            (m.cohort.architecture.normalizer, m.step), m.cohort.select([0])) and {}])  # fmt: skip
        for t, normalizer in enumerate(("none", "batch")):
            np.testing.assert_allclose(result.explained[t, 0], [1, 0], atol=1e-6)
            for record, step in enumerate(ends):
                snapshot = states[normalizer, step]
                if statistics == STATISTICS[1] and step == 0:
                    continue  # the statistics are those of the middle, everywhere
                there = engine_surface(snapshot, seen.asked[t][1], [0.0], [0.0], x, y, mode).item()
                point = result.path[t, record]
                exact = engine_surface(*seen.asked[t][:2], point[:1], point[1:], x, y, mode).item()
                assert exact == pytest.approx(there, rel=1e-4)
                found = between(result.loss[t].astype(float), result.axis, point)
                assert found == pytest.approx(there, rel=0.01)

    def test_rows_are_y_and_columns_are_x(self, seen):
        result = surface.run(small(**PATH))
        for t, (cohort, directions, xs, ys, x, y, mode, *_) in enumerate(seen.asked):
            one = engine_surface(cohort, directions, xs[5:6], ys[1:2], x, y, mode).item()
            assert result.loss[t, 1, 5] == pytest.approx(one, rel=1e-5)
            np.testing.assert_array_equal([xs, ys], result.axis)

    def test_shares_of_the_path(self):
        result = surface.run(small(**PATH))
        assert (result.explained > 0).all()
        assert (result.explained.sum(axis=-1) <= 1 + 1e-9).all()
        assert (result.explained[..., 0] >= result.explained[..., 1]).all()

    def test_there_is_none_in_a_random_plane(self):
        result = surface.run(small())
        assert result.path is None
        assert result.explained is None
        np.testing.assert_array_equal(result.axis[:, [0, 3, 6]], [[-1, 0, 1]] * 2)


class TestDivergence:
    LOST = {"learning_rate": 1e3, "depth": 6, "steps": 12}  # noqa: RUF012

    @pytest.mark.parametrize("plane", PLANES)
    def test_the_last_network_that_was_seen_stands_in_the_middle(self, plane):
        result = surface.run(small(plane=plane, **self.LOST))
        run = landscape.run(small(**self.LOST, seeds=1).along())
        assert (run.diverged_at[0] > 0).all()
        for t, lost in enumerate(run.diverged_at[:, 0]):
            alive = result.steps < lost if lost >= 0 else np.full(len(result.steps), True)
            assert result.step[t] == result.steps[alive][-1]
            if result.path is not None:
                np.testing.assert_array_equal(np.isfinite(result.path[t]).all(-1), alive)
        assert result.step[0] < 12

    @pytest.mark.parametrize("plane", PLANES)
    @pytest.mark.parametrize("moment", MOMENTS)
    def test_before_the_first_record_it_is_the_network_as_it_began(self, plane, moment, seen):
        config = small(depth=50, gain=10.0, plane=plane, moment=moment)
        result = surface.run(config)
        assert landscape.run(config.along()).diverged_at[0, 0] == 0
        assert result.step[0] == 0
        assert not np.isfinite(result.loss[0, 3, 3])
        start = Cohort(config.architecture(), [0], [10.0])
        assert_same_network(seen.centres[0], start)
        if result.path is not None:
            assert np.isnan(result.path[0, 1:]).all()


class TestConfig:
    def test_along_and_around_are_a_round_trip(self):
        config = small(skip="on", moment="start", statistics=STATISTICS[1], first_seed=3)
        along = config.along()
        assert type(along) is LandscapeConfig
        own = [name for name in knobs(SurfaceConfig) if name not in knobs(LandscapeConfig)]
        assert own == ["moment", "plane", "statistics", "grid", "samples"]
        assert surface.around(along, {name: getattr(config, name) for name in own}) == config
        assert surface.around(along, {}).along() == along

    @given(st.data())
    def test_side_bounds_the_cost(self, data):
        chosen = {
            name: data.draw(st.sampled_from(knobs(SurfaceConfig)[name].options))
            for name in ("depth", "width", "grid", "dataset")
        }
        config = SurfaceConfig(**chosen)
        side, sizes = config.side(), config.architecture().sizes()
        weights = sum(a * b for a, b in sizes)
        seconds = config.seeds * 2 * side**2 * 2 * weights * config.samples * SECONDS_PER_OPERATION
        assert surface.FEWEST <= side <= config.grid
        assert seconds <= surface.SECONDS or side == surface.FEWEST
        if side < config.grid:  # and no smaller than it must be
            assert seconds * ((side + 1) / side) ** 2 > surface.SECONDS

    def test_the_largest_network_gets_a_coarser_picture(self):
        config = SurfaceConfig(depth=50, width=256)
        assert surface.FEWEST <= config.side() < 21
        assert SurfaceConfig(depth=50, width=64, seeds=1).side() == 21

    def test_the_picture_has_that_many_points(self, monkeypatch):
        monkeypatch.setattr(SurfaceConfig, "side", lambda _: 9)
        result = surface.run(small(grid=41))
        assert result.loss.shape == (2, 9, 9)
        assert result.axis.shape == (2, 9)


@pytest.mark.parametrize("plane", PLANES)
def test_the_same_bits_whatever_the_number_of_workers(plane):
    config = small(plane=plane, skip="on", activation="sigmoid", grid=15)
    assert_same(*(surface.run(config, workers=workers) for workers in (1, 2)))


def test_progress_goes_from_nothing_to_all():
    shares = []
    surface.run(small(grid=15), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert 0 <= shares[0] <= 1


def test_parameters_are_counted():
    plain, batch = surface.run(small()).parameters
    assert plain == 64 * 8 + 8 + 8 * 8 + 8 + 8 * 10 + 10
    assert batch == plain + 16
