"""The loss around a point: whose network it is, and that torch.nn finds the same loss there."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from bnviz.engine.networks import Cohort
from bnviz.engine.surface import surface as engine_surface
from bnviz.engine.training import one_thread, recording_steps
from bnviz.experiments import landscape, surface
from bnviz.experiments.bounds import SECONDS_PER_OPERATION
from bnviz.experiments.landscape import RECORDS, LandscapeConfig
from bnviz.experiments.pair import TREATMENTS, train_pair
from bnviz.experiments.settings import NORMALIZED, knobs
from bnviz.experiments.surface import MOMENTS, PLANES, STATISTICS, SurfaceConfig
from bnviz.words import landscape as words
from tests.experiments.test_landscape import ODD, ordinary_training
from tests.experiments.test_pair import assert_no_finding_is_empty, assert_same
from tests.samples import TINY

PATH = {"plane": PLANES[1]}


def small(**changes):
    return SurfaceConfig(**TINY | {"grid": 7, "samples": 64} | changes)


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
        config = small(first_seed=seed, seeds=3, activation="gelu")
        surface.run(config)
        histories = together(config.model_copy(update={"first_seed": 0}), seeds=3)
        for treatment, centre in zip(TREATMENTS, seen.centres, strict=True):
            assert_same_network(centre, histories[treatment].cohort.select([seed]))

    def test_the_seeds_of_the_run_make_no_difference(self):
        one, other = (surface.run(small(seeds=seeds)) for seeds in (1, 5))
        np.testing.assert_array_equal(one.loss, other.loss)

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
            np.testing.assert_allclose(result.explained[t], [1, 0], atol=1e-6)
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
        assert (result.explained.sum(axis=1) <= 1 + 1e-9).all()
        assert (result.explained[:, 0] >= result.explained[:, 1]).all()

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
        assert f"at step {result.step[0]}" in surface.findings(result)[0]

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
        seconds = 2 * side**2 * 2 * weights * config.samples * SECONDS_PER_OPERATION
        assert surface.FEWEST <= side <= config.grid
        assert seconds <= surface.SECONDS or side == surface.FEWEST
        if side < config.grid:  # and no smaller than it must be
            assert seconds * ((side + 1) / side) ** 2 > surface.SECONDS

    def test_the_largest_network_gets_a_coarser_picture_and_says_so(self):
        config = SurfaceConfig(depth=50, width=256)
        assert surface.FEWEST <= config.side() < 21
        result = made(depth=50, width=256, grid=21)
        assert surface.findings(result)[-1] == (
            f"For a network this large the picture has {config.side()} points along a side."
        )
        assert SurfaceConfig(depth=50, width=64).side() == 21

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


# ------------------------------------------------------------------ results made by hand

X, Y = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-1, 1, 21))


def made(plain=X**2 + Y**2, batch=X**2 + Y**2, step=(8, 8), explained=None, **changes):
    """A result with these two surfaces."""
    config = SurfaceConfig(**TINY | changes)
    steps = np.arange(9)
    path = None
    if explained is not None:
        path = np.zeros((2, 9, 2))
        explained = np.array(explained)
    loss = np.stack([np.broadcast_to(one, X.shape) for one in (plain, batch)]).astype(np.float32)
    return surface.SurfaceResult(
        config,
        steps,
        np.array(step),
        np.stack([X[0], X[0]]),
        loss,
        path,
        explained,
        np.array([1234, 1250]),
        float(np.log(10)),
    )


BOWL, DOME, SADDLE = X**2 + 0.3 * Y**2, 9 - X**2 - Y**2, 5 + X * Y
PLANE = 2.3 + 0.1 * X - 0.037 * Y
LOW_DOME = DOME / 9
HALF = np.where(X < 0, 1.0, 9.0)
FEW = np.where((X > 0.95) & (Y > 0), 9.0, 1.0)


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
        np.testing.assert_array_equal(result.curves_down().mean(axis=(1, 2)), [share, 0])
        np.testing.assert_array_equal(
            made(BOWL, ground).curves_down().mean(axis=(1, 2)), [0, share]
        )

    def test_half_a_dome(self):
        ground = np.where(X < 0, X**2, -(X**2)) + 5  # curves up on the left, down on the right
        share = made(ground).curves_down().mean(axis=(1, 2))[0]
        assert share == pytest.approx(0.5, abs=0.06)

    @pytest.mark.parametrize("much", [np.inf, np.nan, 1e30])
    def test_what_overflows_is_a_high_plain(self, much):
        assert made(np.full_like(X, much)).curves_down().mean(axis=(1, 2))[0] == 0
        edge = np.where(np.abs(X) > 0.95, much, X**2)
        assert made(edge).curves_down().mean(axis=(1, 2))[0] == 0  # a wall around a bowl
        assert np.isfinite(made(edge, DOME).curves_down().mean(axis=(1, 2))).all()

    @given(st.floats(0, 2 * np.pi), st.floats(-2, 2), st.floats(-2, 2))
    def test_any_direction_and_any_pair_of_curvatures(self, angle, one, other):
        u, v = np.cos(angle) * X + np.sin(angle) * Y, np.cos(angle) * Y - np.sin(angle) * X
        low, high = sorted([one, other])
        least = surface.HOLLOW * abs(high)
        if abs(low + least) < 0.02 or abs(low) < 0.02:
            return  # on the border, where rounding decides
        share = made(10 + one * u**2 + other * v**2).curves_down().mean(axis=(1, 2))[0]
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
        np.testing.assert_allclose(made(HALF, 10 - HALF).better_than_guessing(), [left, 1 - left])

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


class TestSentences:
    @pytest.mark.parametrize(
        ("plain", "batch", "verdict"),
        [
            (HALF, 1.0, "48 % of plain's square and in 100 % of BN's: BN has the wider basin."),
            (1.0, HALF, "100 % of plain's square and in 48 % of BN's: plain has the wider basin."),
            (HALF, HALF, "48 % of plain's square and in 48 % of BN's: no difference."),
            (9.0, np.nan, "0 % of plain's square and in 0 % of BN's: no difference."),
            (FEW, 1.0, "98 % of plain's square and in 100 % of BN's: hardly a difference."),
        ],
    )
    def test_basin(self, plain, batch, verdict):
        assert surface.findings(made(plain, batch))[0].endswith(verdict)

    def test_which_weights(self):
        assert "Around the weights at step 8," in surface.findings(made())[0]
        said = surface.findings(made(step=(3, 8)))[0]
        assert "the weights at step 3 (plain) and 8 (BN)" in said

    @pytest.mark.parametrize(
        ("highest", "word"),
        [(7.25, "7.2"), (530.6, "531"), (3e38, "some 10³⁸"), (np.inf, "more than a 32-bit"),
         (np.nan, "more than a 32-bit")],
    )  # fmt: skip
    def test_highest_point(self, highest, word):
        wall = np.where(X > 0.95, highest, 1.0)
        assert f"plain's square is {word}" in surface.findings(made(wall, 5.0))[1]
        assert f"of BN's {word}" in surface.findings(made(5.0, wall))[1]

    def test_curvature(self):
        said = surface.findings(made(BOWL, DOME / 9))[1]
        assert "in some direction in 0 % of plain's basin and in 100 % of BN's basin." in said
        assert "curves" not in surface.findings(made(9.0, 9.0))[1]
        said = surface.findings(made(9.0, BOWL))[1]
        assert said.endswith("curves downwards in some direction in 0 % of BN's basin.")

    def test_a_single_place_does_not_read_as_none(self):
        bump = X**2 + Y**2 + 1
        bump[10, 10] += 0.5
        assert 0 < made(bump).hollow()[0] < 0.03
        one = made(bump, bump)
        one.loss[:, 12:] = one.loss[:, 11:12]
        assert "0 % of" not in surface.findings(one)[1].replace("10 % of", "")

    def test_the_path(self):
        said = surface.findings(made(explained=[[0.7, 0.2], [0.5, 0.25]], **PATH))[2]
        assert said.startswith("The two directions hold 90 % of plain's and 75 % of BN's way")
        assert len(surface.findings(made())) == 2

    def test_convex_or_not(self):
        belief = "With BN the loss is convex"
        said = surface.misconceptions(made(BOWL, LOW_DOME))[belief]
        assert said.startswith("In 100 % of its basin the ground curves downwards")
        assert "nothing contradicts it" in surface.misconceptions(made(LOW_DOME, BOWL))[belief]
        assert "no basin" in surface.misconceptions(made(BOWL, 9.0))[belief]

    def test_a_picture_is_not_the_landscape(self):
        said = surface.misconceptions(made())["This picture is the landscape"]
        assert "2 of 1,234 directions (BN: 1,250)" in said


class TestSkips:
    def said(self, off, on):
        return surface.skips([made(*off), made(*on, skip="on")])

    def test_are_the_same_surface_twice(self):
        config = small(moment="start", **PATH)
        off, on = surface.with_and_without_skips(config)
        assert (off.skip, on.skip) == ("off", "on")
        assert surface.with_and_without_skips(on) == [off, on]
        assert off == config.model_copy(update={"skip": "off"})

    def test_half_of_the_work(self):
        assert surface.skips([made()]).startswith("Without skip connections; the other half")

    DOWN, SAME, UP = "they smooth it", "they change little", "they roughen it"

    @pytest.mark.parametrize(
        ("off", "on", "verdicts"),
        [
            ((LOW_DOME, LOW_DOME), (BOWL, BOWL), (DOWN, DOWN)),
            ((LOW_DOME, BOWL), (BOWL, BOWL), (DOWN, SAME)),
            ((BOWL, LOW_DOME), (BOWL, BOWL), (SAME, DOWN)),
            ((BOWL, BOWL), (LOW_DOME, BOWL), (UP, SAME)),
        ],
    )
    def test_verdict(self, off, on, verdicts):
        plain, batch = self.said(off, on).rstrip(".").split("; ")
        assert plain.endswith(verdicts[0])
        assert batch.endswith(verdicts[1])

    def test_shares(self):
        said = self.said((LOW_DOME, BOWL), (BOWL, LOW_DOME))
        assert "plain 100 % without skip connections, 0 % with them" in said
        assert "BN 0 % without skip connections, 100 % with them" in said

    def test_without_a_basin(self):
        said = self.said((9.0, BOWL), (BOWL, 9.0))
        assert "plain has a basin only with skip connections, and there it is 0 %" in said
        assert "BN has a basin only without skip connections, and there it is 0 %" in said
        assert "plain has no basin, with skip connections or without" in self.said((9, 9), (9, 9))


@pytest.mark.parametrize("settings", ODD.values(), ids=list(ODD))
@pytest.mark.parametrize("changes", [{}, PATH | {"statistics": STATISTICS[1], "moment": "middle"}])
def test_no_sentence_is_empty_or_without_a_number(settings, changes):
    result = surface.run(small(**{"seeds": 1, "grid": 5} | settings | changes))
    said = [*surface.findings(result), *surface.misconceptions(result).values()]
    assert_no_finding_is_empty([*said, surface.skips([result]), surface.skips([result, result])])
    for sentence in said:
        assert len(sentence) < 300


# ------------------------------------------------------------------ what the page says by itself

FIVE = range(5)


def surfaces(**changes):
    return [surface.run(SurfaceConfig(first_seed=seed, **changes)) for seed in FIVE]


@pytest.fixture(scope="module")
def at_the_default():
    return surfaces()


def middle(result):
    half = result.loss.shape[1] // 2
    return result.loss[:, half, half]


class TestClaims:
    def test_the_basin_of_bn_is_the_wider_one(self, at_the_default):
        wider = [np.subtract(*r.better_than_guessing()[::-1]) > 0.05 for r in at_the_default]
        assert sum(wider) >= 4
        said = [surface.findings(result)[0] for result in at_the_default]
        assert sum("BN has the wider basin" in sentence for sentence in said) >= 4

    def test_both_networks_have_learned(self, at_the_default):
        assert all((middle(result) < 0.3).all() for result in at_the_default)

    def test_skip_connections_smooth_the_ground_of_bn(self, at_the_default):
        with_skips = surfaces(skip="on")
        less = [
            on.hollow()[1] < off.hollow()[1] - 0.05
            for off, on in zip(at_the_default, with_skips, strict=True)
        ]
        assert sum(less) >= 4
        said = surface.skips([at_the_default[1], with_skips[1]])
        assert "BN " in said
        assert said.endswith("with them: they smooth it.")

    def test_in_twelve_layers_plain_learns_with_skip_connections_and_not_without(self):
        preset = words.PRESETS["Skip connections in 12 layers"]
        assert preset["skip"] == "on"
        learned = [middle(r)[0] for r in surfaces(**preset, grid=5)]
        stuck = [middle(r)[0] for r in surfaces(**preset | {"skip": "off"}, grid=5)]
        assert sum(loss < 0.5 for loss in learned) >= 4
        assert sum(loss > 0.9 * np.log(10) for loss in stuck) >= 4

    def test_look_along_the_path(self):
        (preset,) = (p for p in words.PRESETS.values() if "plane" in p)
        assert preset == PATH
        result = surface.run(SurfaceConfig(**preset))
        assert (result.explained.sum(axis=1) > 0.8).all()
