"""Shift: the claims over five seeds, every sentence the other way, the deep linear network."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.engine.data import changed, changes, load
from bnviz.experiments import shift
from bnviz.experiments.pair import NEVER, medians
from bnviz.experiments.settings import WORK_LIMIT
from bnviz.experiments.shift import (
    GUESSES,
    RATES,
    Inputs,
    InputsConfig,
    LinearConfig,
    MomentsConfig,
    MomentsResult,
    ShiftConfig,
    ShiftResult,
)
from bnviz.words import shift as words
from tests.samples import tiny

STEPS = np.array([0, 1, 5, 20, 60, 100])
LAYERS = np.array([2, 3, 4])


def made_inputs(accuracy=((0.9, 0.5, 0.3), (0.9, 0.5, 0.3), (0.9, 0.9, 0.4)), worlds=None):
    rows = np.array(accuracy, np.float32)[:, :, None].repeat(3, axis=2)
    return Inputs(
        InputsConfig(),
        worlds or ("as it was", "fainter", "moved"),
        np.zeros((3, 64), np.float32),
        np.ones((4, shift.BINS), np.float32),
        np.linspace(-4, 4, shift.BINS + 1),
        np.ones((3, 2)),
        rows,
    )


def made(
    angles=((10, 20), (50, 60), (55, 65)),
    *,
    accuracy=(0.93, 0.95, 0.94),
    distance=(0.1, 0.5, 0.5),
    fell=((True,) * 3,) * 3,
    diverged=((NEVER,) * 3,) * 3,
    **settings,
):
    """A result in which each network's gradient turns by one angle early, and by one later."""
    config = ShiftConfig(depth=3, **settings)
    shape = (3, 3, len(STEPS))
    early = (STEPS <= shift.EARLY)[None, None]
    first, later = (np.array(angles, float)[:, k, None, None] for k in (0, 1))
    turn = np.where(early, first, later) * np.ones(shape)
    lost = np.array(diverged)
    turn = np.where((lost != NEVER)[..., None] & (STEPS > 5), np.nan, turn)
    cosine = np.cos(np.radians(turn))[..., None].repeat(len(LAYERS), axis=-1)

    def filled(values, width):
        return np.ones((*shape, width)) * np.array(values)[:, None, None, None]

    return ShiftResult(
        config,
        STEPS,
        LAYERS,
        np.ones(shape, np.float32),
        (np.ones(shape) * np.array(accuracy)[:, None, None]).astype(np.float32),
        filled((1, 1, 1), len(LAYERS)).astype(np.float32),
        filled(distance, len(LAYERS)).astype(np.float32),
        cosine.astype(np.float32),
        lost,
        np.array(fell),
    )


def made_moments(moved=(0.03, 0.002, 0.4)):
    """Moments that move as far in every layer at every step."""
    values = np.ones((3, 3, len(STEPS), 3)) * np.array(moved)[:, None, None, None]
    return MomentsResult(MomentsConfig(depth=3), STEPS, values.astype(np.float32))


def undecided():
    """Two seeds that count; in one plain's gradient turns more, in the other BN's."""
    result = made()
    cosine = result.cosine.copy()
    cosine[:, 0] = cosine[::-1, 0]
    cosine[:, 1] = np.cos(np.radians(40))
    cosine[0, 1] = np.cos(np.radians(60))
    return replace(result, cosine=cosine, fell=np.array([[1, 0, 1]] * 3, bool))


def all_said(result):
    return " ".join([*shift.findings(result), *shift.misconceptions(result).values()])


@pytest.fixture(scope="module")
def five():
    return shift.run(ShiftConfig(seeds=5))


@pytest.fixture(scope="module")
def small_inputs():
    return shift.run_inputs(InputsConfig.like(tiny("shift")))


@pytest.fixture(scope="module")
def small():
    return shift.run(tiny("shift"))


class TestConfig:
    def test_measures_every_layer_above_the_first_where_it_is_cheap(self):
        assert ShiftConfig().measured() == (tuple(range(2, 10)), 3)
        assert ShiftConfig(depth=1, seeds=1).measured() == ((2,), 1)

    def test_fewer_layers_and_seeds_of_large_networks(self):
        layers, seeds = ShiftConfig(depth=50, width=256, batch_size=512, seeds=10).measured()
        assert (len(layers), seeds) == (shift.FEWEST, 1)
        assert (layers[0], layers[-1]) == (2, 51)
        layers, _ = ShiftConfig(depth=50).measured()
        assert len(set(layers)) == shift.LAYERS
        assert (layers[0], layers[-1]) == (2, 51)

    def test_the_estimate_counts_the_third_network_and_the_measuring(self):
        small, large = ShiftConfig(), ShiftConfig(seeds=10)
        assert small.affordable() == small
        assert large.work() > 1.3 * small.work()
        assert super(ShiftConfig, small).work() < 0.7 * small.work()
        huge = ShiftConfig(depth=50, width=256, batch_size=512, seeds=10)
        assert huge.work() > WORK_LIMIT
        assert huge.affordable().work() <= WORK_LIMIT


class TestRun:
    def test_the_same_bits_whatever_the_workers(self, small):
        again = shift.run(tiny("shift"), workers=1)
        for name in ("train_loss", "test_accuracy", "size", "distance", "cosine"):
            np.testing.assert_array_equal(getattr(again, name), getattr(small, name))
        asked = MomentsConfig.like(small.config)
        one, other = (shift.run_moments(asked, workers=workers) for workers in (1, 2))
        np.testing.assert_array_equal(one.moved, other.moved)
        assert one.moved.shape == (3, asked.seeds, len(small.steps), asked.depth)
        np.testing.assert_array_equal(one.steps, small.steps)

    def test_shapes(self, small, small_inputs):
        config, records = small.config, len(small.steps)
        assert small.cosine.shape == (3, config.seeds, records, len(small.layers))
        assert small.test_accuracy.shape == (3, config.seeds, records)
        assert small_inputs.seen.shape == (4, shift.BINS)

    def test_the_noise_is_in_the_third_network_alone(self, small):
        histories = shift.train_arms(
            small.config, {"batch": shift.ARMS["batch"]}, record_at=list(small.steps)
        )
        np.testing.assert_array_equal(small.test_accuracy[1], histories["batch"].test_accuracies)
        assert (small.train_loss[1] != small.train_loss[2]).all()

    def test_changed_inputs_are_judged_as_ordinary_code_judges_them(self, small, small_inputs):
        data = load("digits")
        plain = shift.train_arms(small.config, {"plain": shift.ARMS["plain"]})["plain"].cohort
        for world, name in enumerate(("fainter", "moved"), start=1):
            for seed in range(small.config.seeds):
                h = changed("digits", name).T
                for place, layer in enumerate(plain.layers):
                    h = layer.weight[seed].detach().numpy() @ h + layer.bias[seed].detach().numpy()
                    h = np.tanh(h) if place < small.config.depth else h
                share = (h.argmax(0) == data.test_labels).mean()
                assert small_inputs.accuracy[0, world, seed] == pytest.approx(share, abs=0.003)

    def test_the_drawn_unit_is_typical_and_its_densities_are_densities(self):
        of = shift.run_inputs(InputsConfig.like(tiny("shift", width=64, steps=1, seeds=1)))
        np.testing.assert_allclose(of.seen.sum(1) * np.diff(of.edges)[0], 1, rtol=1e-5)
        centres = (of.edges[:-1] + of.edges[1:]) / 2
        means = (of.seen * centres).sum(1) * np.diff(of.edges)[0]
        assert abs(means[0]) < 0.05
        assert abs(means[2]) == pytest.approx(of.moments[1, 0], rel=0.15)
        assert of.moments[1, 1] == pytest.approx(0.4, abs=0.01)  # 0.4 times the ink

    @pytest.mark.parametrize("kind", [{"dataset": "moons"}, {"learning_rate": 1e3, "gain": 1e4}])
    def test_no_sentence_has_a_hole(self, kind):
        result = shift.run(tiny("shift", **kind))
        changed = shift.run_inputs(InputsConfig.like(result.config))
        moments = shift.run_moments(MomentsConfig.like(result.config))
        text = f"{all_said(result)} {shift.of_inputs(changed)} {shift.noisy_trains(result)}"
        text += f" {shift.of_moments(result, moments)}"
        text += " ".join(shift.believed_of_moments(result, moments).values())
        assert "nan" not in text.lower().replace("nance", "")
        assert "inf " not in text


class TestClaims:
    """At the page's default settings, over five seeds."""

    def test_bn_shifts_more_than_plain_in_every_seed(self, five):
        assert five.counts().all()
        found = five.comparison("angle")
        assert found.rougher == "batch"
        assert (found.seeds, found.larger) == (5, 0)
        assert five.turn(1) > 35 > 28 > five.turn(0)
        assert five.comparison("distance").ratio < 0.4
        assert "shifts more, not less" in shift.findings(five)[0]

    def test_early_as_well(self, five):
        assert five.comparison("angle", five.early()).larger == 0
        assert np.median(five.cosine[0, :, 0]) > 0.95 > 0.7 > np.median(five.cosine[1, :, 0])

    def test_noise_makes_the_layers_restless_and_does_not_harm(self, five):
        plain, batch, noisy = shift.run_moments(MomentsConfig.like(five.config)).movement()
        assert batch < 0.1 * plain
        assert noisy > 5 * plain
        assert shift.noisy_trains(five)[0] == "as well as BN"
        assert min(five.accuracies()) > 0.88

    def test_running_statistics_do_not_protect_those_of_the_new_inputs_do(self, five):
        changed = shift.run_inputs(InputsConfig.like(five.config))
        plain, batch, adapted = medians(changed.accuracy)
        assert batch[1] < batch[0] - 0.15
        assert plain[1] < plain[0] - 0.1
        assert adapted[1] == pytest.approx(adapted[0], abs=0.005)
        assert adapted[2] < adapted[0] - 0.3

    def test_presets(self):
        of = {
            label: shift.run(ShiftConfig(**preset | ({"seeds": 1} if "Sigmoid" in label else {})))
            for label, preset in words.PRESETS.items()
        }
        for label, result in of.items():
            headline = shift.findings(result)[0]
            if "flips" in label:
                assert "order flips" in " ".join(shift.findings(result))
            elif "shifts less" in label:
                assert "shifts less here" in headline
            elif "not help" in label:
                assert "shifts more, not less" in headline
                assert result.accuracies()[1] <= result.accuracies()[0] + 0.01
            else:
                assert "No comparison here" in headline
                assert result.accuracies()[0] < 0.2 < 0.85 < result.accuracies()[1]


class TestSentences:
    @pytest.mark.parametrize(
        ("angles", "said"),
        [
            (((10, 20), (50, 60), (55, 65)), "shifts more, not less"),
            (((50, 60), (10, 20), (15, 25)), "shifts less here"),
            (((50, 60), (51, 61), (55, 65)), "about as much"),
        ],
    )
    def test_headline(self, angles, said):
        assert said in shift.findings(made(angles))[0]

    def test_headline_where_the_seeds_disagree(self):
        assert "open here" in shift.findings(undecided())[0]

    @pytest.mark.parametrize(
        ("angles", "said"),
        [
            (((10, 20), (50, 60), (5, 5)), "Early and late agree"),
            (((10, 60), (50, 20), (5, 5)), "order flips"),
            (((10, 50), (50, 50), (5, 5)), "Early and late differ"),
        ],
    )
    def test_over_time(self, angles, said):
        assert said in " ".join(shift.findings(made(angles)))

    @pytest.mark.parametrize(
        ("distance", "said"),
        [
            ((0.1, 0.5, 0.5), "as well, BN's change is the larger one, 5.0 times"),
            ((0.5, 0.1, 0.5), "in contrast to the angle, plain's change is the larger one"),
            ((0.5, 0.5, 0.5), "about as large"),
        ],
    )
    def test_length(self, distance, said):
        assert said in " ".join(shift.findings(made(distance=distance)))

    @pytest.mark.parametrize(
        ("accuracy", "guess", "said"),
        [
            ((0.93, 0.95, 0.94), GUESSES[0], "did no harm"),
            ((0.93, 0.95, 0.80), GUESSES[1], "costs accuracy"),
            ((0.93, 0.95, 0.20), GUESSES[2], "hardly learned"),
            ((0.30, 0.45, 0.44), GUESSES[0], "did no harm"),  # of ten classes: well above guessing
        ],
    )
    def test_noisy(self, accuracy, guess, said):
        result = made(accuracy=accuracy)
        assert shift.noisy_trains(result)[0] == guess
        assert guess in GUESSES
        assert said in shift.findings(result)[1]

    def test_noisy_lost(self):
        lost = ((NEVER,) * 3, (NEVER,) * 3, (7, 7, NEVER))
        result = made(diverged=lost, fell=((True,) * 3, (True,) * 3, (False, False, True)))
        assert result.accuracies()[2] == 0
        assert "Noisy BN diverged in 2 of 3 seeds" in shift.findings(result)[1]

    @pytest.mark.parametrize(
        ("moved", "accuracy", "said"),
        [
            ((0.03, 0.002, 0.4), (0.9, 0.9, 0.9), "by far the least stable layers, and learns as"),
            ((0.3, 0.002, 0.4), (0.9, 0.9, 0.9), "BN has the least stable layers, and learns as"),
            ((0.03, 0.002, 0.4), (0.9, 0.9, 0.7), "least stable layers, and learns less"),
            ((0.9, 0.002, 0.4), (0.9, 0.9, 0.9), "not the largest movement"),
            ((0.03, 0.002, 0.4), (0.9, 0.9, 0.1), "nothing follows"),
            ((np.nan, 0.002, 0.4), (0.9, 0.9, 0.9), "not compared"),
        ],
    )
    def test_moments(self, moved, accuracy, said):
        assert said in shift.of_moments(made(accuracy=accuracy), made_moments(moved))

    def test_no_pair_that_learned(self):
        nobody = made(fell=((False,) * 3, (True,) * 3, (True,) * 3))
        said = shift.findings(nobody)
        assert "No comparison here" in said[0]
        assert "may turn a lot, or not at all" in said[0]
        assert "its loss did not fall by half in any of 3 seeds" in said[-1]

    def test_a_gradient_of_zero_where_both_learned(self):
        result = made()
        silent = replace(result, cosine=np.full_like(result.cosine, np.nan))
        assert "a gradient was zero" in shift.findings(silent)[0]
        assert "nan" not in all_said(silent).split()

    def test_a_lost_pair_is_not_compared(self):
        lost = ((3, NEVER, NEVER), (NEVER,) * 3, (NEVER,) * 3)
        result = made(diverged=lost, fell=((False, True, True), (True,) * 3, (True,) * 3))
        assert result.comparison("angle").seeds == 2
        assert "diverged in 1 of 3 seeds" in shift.findings(result)[-1]

    @pytest.mark.parametrize(
        ("accuracy", "said"),
        [
            (
                ((0.9, 0.5, 0.3), (0.8, 0.5, 0.2), (0.9, 0.9, 0.4)),
                "does not protect from inputs of another kind**: on moved ones it goes from 80 % to"
                " 20 %, plain from 90 % to 30 %",
            ),
            (((0.9, 0.5, 0.3), (0.9, 0.8, 0.8), (0.9, 0.9, 0.4)), "less than half as much"),
            (((0.9, 0.88, 0.89), (0.9, 0.88, 0.89), (0.9, 0.9, 0.9)), "hardly hurt"),
            (((0.1, 0.1, 0.1), (0.2, 0.1, 0.1), (0.1, 0.1, 0.1)), "Neither network has learned"),
            (((0.9, 0.5, 0.3), (0.1, 0.1, 0.1), (0.1, 0.1, 0.1)), "**BN has not learned enough"),
            (
                ((0.1, 0.1, 0.1), (0.9, 0.5, 0.3), (0.9, 0.9, 0.4)),
                "it goes from 90 % to 30 % (plain has not learned enough to compare)",
            ),
            (((0.3, 0.1, 0.1), (0.9, 0.9, 0.9), (0.9, 0.9, 0.9)), "hardly hurt BN; plain has not"),
            (  # where BN loses most, whatever plain loses there
                ((0.9, 0.8, 0.4), (0.9, 0.5, 0.85), (0.9, 0.9, 0.9)),
                "on fainter ones it goes from 90 % to 50 %, plain from 90 % to 80 %",
            ),
            (((np.nan,) * 3, (0.9, 0.5, 0.3), (0.9, 0.9, 0.4)), "nothing to test"),
        ],
    )
    def test_inputs(self, accuracy, said):
        assert said in shift.of_inputs(made_inputs(accuracy))[0]

    def test_new_statistics_of_a_network_that_never_learned_are_left_out(self):
        accuracy = ((0.9, 0.5, 0.3), (0.2, 0.1, 0.1), (0.2, 0.2, 0.2))
        said = shift.of_inputs(made_inputs(accuracy))[1]
        assert "in place of those from training" not in said

    def test_new_statistics_help_or_not(self):
        said = shift.of_inputs(made_inputs())[1]
        assert "BN's 50 % becomes 90 % on fainter ones, as good as before" in said
        assert "30 % becomes 40 % on moved ones, still worse than before" in said


class TestMisconceptions:
    def met(self, result, place):
        return list(shift.misconceptions(result).values())[place]

    @pytest.mark.parametrize(
        ("result", "said"),
        [
            (made(), "more of it with BN"),
            (made(((50, 60), (10, 20), (15, 25))), "BN has less of it"),
            (made(((50, 60), (51, 60), (15, 25))), "about as much of it"),
            (made(fell=((False,) * 3,) * 3), "cannot say"),
            (undecided(), "leaves it open"),
        ],
    )
    def test_removes(self, result, said):
        assert said in self.met(result, 0)

    def test_of_the_inputs(self):
        assert "digits that come in" in self.met(made(), 1)
        assert "by up to 20°" in self.met(made(), 1)
        assert "points that come in" in self.met(made(dataset="moons"), 1)
        still = made(((0.01, 0.01), (50, 60), (50, 60)))
        assert "gradient turns by less than 0.1°" in self.met(still, 1)

    @pytest.mark.parametrize(
        ("angles", "accuracy", "said"),
        [
            (((10, 10), (50, 50), (60, 60)), (0.9, 0.9, 0.9), "Not here: noisy BN shifts most"),
            (((60, 60), (10, 10), (20, 20)), (0.7, 0.9, 0.9), "plain shifts most and is the worst"),
            (((10, 10), (50, 50), (20, 20)), (0.7, 0.8, 0.9), "Not in this order: BN"),
            (((60, 60), (10, 10), (20, 20)), (0.7, 0.9, 0.7), "plain shifts most and is among the"),
            (((10, 10), (11, 11), (11, 11)), (0.9, 0.9, 0.9), "all three shift about as much"),
        ],
    )
    def test_trains_worse(self, angles, accuracy, said):
        assert said in self.met(made(angles, accuracy=accuracy), 2)

    def test_trains_worse_where_not_all_learned(self):
        result = made(fell=((True,) * 3, (True,) * 3, (False,) * 3))
        assert "cannot say" in self.met(result, 2)

    @pytest.mark.parametrize(
        ("moved", "said"),
        [
            ((0.03, 0.003, 0.4), "10.0 times less"),
            ((0.003, 0.03, 0.4), "Not even the moments: they move by 0.03 of a deviation"),
            ((2.0, 1.9, 2.4), "Not even the moments: they move by 1.9 deviations"),
            ((np.nan, 0.03, 0.4), "cannot say"),
        ],
    )
    def test_still(self, moved, said):
        (met,) = shift.believed_of_moments(made(), made_moments(moved)).values()
        assert said in met


@pytest.fixture(scope="module")
def done():
    return {
        arm: shift.run_linear(LinearConfig(arm=arm, steps=20, learning_rate=float(RATES[0])))
        for arm in ("plain", "batch")
    }


class TestDeepLinearNetwork:
    def test_is_what_ordinary_code_finds(self, monkeypatch):
        monkeypatch.setattr(shift, "SAMPLES_SEEN", 40)
        config = LinearConfig(steps=2, seeds=1, depth=4, learning_rate=0.01)
        result = shift.run_linear(config)
        draw = torch.Generator().manual_seed(2018)
        x = torch.randn(10, 40, generator=draw).double()
        y = (torch.randn(10, 10, generator=draw) / 10**0.5).double() @ x
        size = shift.Architecture(10, 10, 4, 10, "identity")
        start = [layer.weight[0].detach().double() for layer in shift.Cohort(size, [0]).layers]
        layers = [nn.Linear(10, 10).double() for _ in start]
        with torch.no_grad():
            for layer, weight in zip(layers, start, strict=True):
                layer.weight.copy_(weight)
                layer.bias.zero_()
        for record in range(3):
            loss, slopes = self.looked_at(layers, x, y)
            assert result.loss[0, record] == pytest.approx(
                loss.item() / y.square().sum(0).mean().item(), rel=1e-4
            )
            turns = []
            for place in range(1, len(layers)):
                mixed = [self.moved(layer, *slopes[k]) for k, layer in enumerate(layers[:place])]
                again = self.looked_at([*mixed, *layers[place:]], x, y)[1][place][0]
                cosine = torch.cosine_similarity(slopes[place][0].flatten(), again.flatten(), 0)
                turns.append(np.degrees(np.arccos(cosine.item())))
            assert result.angle[0, record] == pytest.approx(np.mean(turns), rel=1e-3)
            layers = [self.moved(layer, *slopes[k]) for k, layer in enumerate(layers)]

    def looked_at(self, layers, x, y):
        loss = (nn.Sequential(*layers)(x.T) - y.T).square().sum(1).mean()
        slopes = torch.autograd.grad(loss, [p for la in layers for p in (la.weight, la.bias)])
        return loss.detach(), list(zip(slopes[::2], slopes[1::2], strict=True))

    def moved(self, layer, weight, bias):
        new = nn.Linear(10, 10).double()
        with torch.no_grad():
            new.weight.copy_(layer.weight - 0.01 * weight)
            new.bias.copy_(layer.bias - 0.01 * bias)
        return new

    def test_bn_learns_faster_and_shifts_more(self, done):
        plain, batch = done["plain"], done["batch"]
        assert (batch.loss[:, -1] < plain.loss[:, -1]).all()
        assert batch.angle.mean() > 4 * plain.angle.mean()
        assert "BN's turns more" in shift.of_linear([plain, batch])

    def test_says_nothing_of_what_is_not_done(self, done):
        said = shift.of_linear([done["plain"]])
        assert "° on average" in said
        assert "BN" not in said
        assert "plain: loss" in said

    def test_the_other_way_round(self, done):
        plain, batch = done["plain"], done["batch"]
        swapped = [replace(plain, angle=batch.angle), replace(batch, angle=plain.angle)]
        assert "plain's turns more, at the end too" in shift.of_linear(swapped)
        late = plain.angle.copy()
        late[:, -1] = batch.angle[:, -1] * 3
        assert "at the last step plain's turns more" in shift.of_linear(
            [replace(plain, angle=late), batch]
        )

    def test_lost(self, done):
        nothing = np.full_like(done["plain"].loss, np.nan)
        lost = replace(done["plain"], loss=nothing, angle=nothing)
        said = shift.of_linear([lost, done["batch"]])
        assert "plain: diverged in all 3 seeds" in said
        assert "nothing to compare" in said

    def test_a_rate_at_which_it_explodes_ends_in_holes_not_in_an_error(self, monkeypatch):
        monkeypatch.setattr(shift, "SAMPLES_SEEN", 20)
        result = shift.run_linear(LinearConfig(steps=12, learning_rate=10.0, seeds=2))
        assert np.isnan(result.loss[:, -1]).all()
        assert np.isnan(result.angle[np.isnan(result.loss)]).all()

    def test_the_noisy_one_and_the_pieces(self, monkeypatch):
        monkeypatch.setattr(shift, "SAMPLES_SEEN", 20)
        assert [piece.arm for piece in shift.linear(RATES[1])] == list(shift.ARMS)
        assert all(piece.affordable() == piece for piece in shift.linear(RATES[0]))
        config = LinearConfig(arm="noisy", steps=2, seeds=1)
        one, other = shift.run_linear(config), shift.run_linear(config)
        np.testing.assert_array_equal(one.angle, other.angle)
        assert np.isfinite(one.angle).all()


class TestChangedInputs:
    def test_fainter_digits_have_less_ink_and_moved_ones_have_it_elsewhere(self):
        data = load("digits")
        raw = data.test_inputs - data.train_inputs.min(0)
        fainter = changed("digits", "fainter") - data.train_inputs.min(0)
        np.testing.assert_allclose(fainter, 0.4 * raw, atol=1e-5)
        moved = (changed("digits", "moved") - data.train_inputs.min(0)).reshape(-1, 8, 8)
        np.testing.assert_allclose(moved[:, :, 1:], raw.reshape(-1, 8, 8)[:, :, :-1], atol=1e-5)
        np.testing.assert_allclose(moved[:, :, 0], 0, atol=1e-5)

    @pytest.mark.parametrize("name", ["moons", "circles", "spirals", "checkerboard"])
    def test_points_come_nearer_or_to_the_right(self, name):
        data = load(name)
        assert changes(name) == ("smaller", "moved")
        moved = changed(name, "moved") - data.test_inputs
        np.testing.assert_allclose(moved, np.tile([0.5, 0.0], (len(moved), 1)), atol=1e-5)
        spread = changed(name, "smaller").std(0) / data.test_inputs.std(0)
        np.testing.assert_allclose(spread, 0.5, rtol=1e-5)

    @pytest.mark.parametrize(
        "wrong", [("digits", "smaller"), ("moons", "fainter"), ("no", "moved")]
    )
    def test_what_there_is_not(self, wrong):
        with pytest.raises(ValueError, match="no change"):
            changed(*wrong)

    def test_nobody_can_write_on_them(self):
        with pytest.raises(ValueError, match="read-only"):
            changed("digits", "moved")[0] = 0
