"""The learning rate: the sweep, its sentences, and the paper's experiment in small."""

from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from bnviz.engine.networks import Cohort
from bnviz.experiments import rates
from bnviz.experiments.pair import NEVER, train_pair
from bnviz.experiments.rates import ARMS, PaperConfig, PaperResult, RatesConfig, RatesResult
from bnviz.experiments.settings import LEARNING_RATES, WORK_LIMIT, knobs
from bnviz.ui.answers import page
from bnviz.words import rates as words
from tests.experiments.test_pair import assert_same
from tests.samples import tiny

ROOT = Path(__file__).resolve().parents[2]
STEPS = np.array([0, 10, 20])
RATES = np.array([0.01, 0.032, 0.1, 0.32, 1.0, 3.2, 10.0])
FAILS = (0.1,) * 7


def config(**changes):
    return tiny("rates", **changes)


def made(plain, batch, lost=((0,) * 7,) * 2, slow=0, seeds=3, **changes):
    """A result by hand: final accuracy by rate; `lost`: the share of seeds that diverge.

    All are at chance at first, and where they end at step 10 already; `slow` of the seeds
    at step 20 only.
    """
    accuracy = np.full((2, len(RATES), seeds, 3), 0.1)
    accuracy[..., 1:] = np.array([plain, batch])[..., None, None]
    accuracy[:, :, :slow, 1] = 0.1
    at = np.full((2, len(RATES), seeds), NEVER)
    gone = np.round(np.array(lost) * seeds).astype(int)
    for treatment, place in np.argwhere(gone):
        at[treatment, place, : gone[treatment, place]] = 5
    accuracy[at != NEVER, 1:] = np.nan
    usual = {"seeds": seeds, "steps": 20, "learning_rate": 0.32, "target": 0.9}
    settings = config(**usual | changes)
    return RatesResult(settings, RATES, STEPS, accuracy.astype(np.float32), at)


NO_LOSS = (0.0,) * 7
ALL_ALIVE = (NO_LOSS, NO_LOSS)
NARROW = (0.3, 0.6, 0.92, 0.94, 0.5, 0.1, 0.1)
WIDE = (0.3, 0.6, 0.92, 0.95, 0.98, 0.93, 0.2)
DIES = (0, 0, 0, 0, 0, 1, 1)


def usual(**changes):
    return made(NARROW, WIDE, (DIES, NO_LOSS), **changes)


def said(result):
    return " ".join(rates.findings(result))


class TestConfig:
    def test_another_rate_or_target_is_the_same_sweep(self):
        one, other = config(learning_rate=0.56, target=0.5), config(learning_rate=10, target=0.97)
        assert one.swept() == other.swept()
        assert config(gain=0.5).swept() != one.swept()
        assert one.swept().model_dump() == one.model_dump() | {
            name: RatesConfig.model_fields[name].default for name in ("learning_rate", "target")
        }

    def test_all_rates_are_in_the_estimate_and_within_the_limit(self):
        assert RatesConfig().affordable() == RatesConfig()
        assert RatesConfig().work() > 1.5 * super(RatesConfig, RatesConfig()).work()
        huge = RatesConfig(depth=30, width=128, batch_size=256, seeds=10)
        assert huge.work() > WORK_LIMIT
        assert huge.affordable().work() <= WORK_LIMIT
        assert huge.affordable().seeds < 10

    @pytest.mark.parametrize("steps", [1, 2, 5, 50, 100, 1600])
    def test_records_begin_and_end_with_the_training(self, steps):
        records = rates.records_of(steps)
        assert records[0] == 0
        assert records[-1] == steps
        assert len(records) == min(steps + 1, rates.RECORDS) or steps == 5
        assert records == sorted(set(records))

    def test_presets_offer_what_the_knobs_offer_and_change_something(self):
        declared = knobs(RatesConfig)
        assert any("not help" in label for label in words.PRESETS)
        for values in words.PRESETS.values():
            for name, value in values.items():
                assert value in declared[name].options
            assert RatesConfig(**values).swept() != RatesConfig().swept()


class TestRun:
    def test_has_every_rate_and_comes_out_the_same_again(self):
        settings = config(seeds=2, steps=6)
        result = rates.run(settings)
        assert result.test_accuracy.shape == (2, 21, 2, len(result.steps))
        assert_same(result, rates.run(settings, workers=1))
        np.testing.assert_array_equal(result.rates, LEARNING_RATES)

    def test_a_point_is_that_rate_trained_by_torch(self):
        """Against an ordinary loop, one step: the first update is taken at the point's rate."""
        settings = config(seeds=1, steps=1, batch_size=1347, learning_rate=1.0)
        data, result = settings.data(), rates.run(settings)
        for treatment, kind in enumerate(("none", "batch")):
            for place in (0, 8, 12):
                weights = Cohort(settings.architecture(normalizer=kind), [0]).layers
                layers = []
                for layer in weights[:-1]:
                    linear = torch.nn.Linear(*layer.weight.shape[:0:-1], bias=kind == "none")
                    linear.weight.data = layer.weight[0].detach().clone()
                    if kind == "none":
                        torch.nn.init.zeros_(linear.bias)
                    layers += [linear]
                    if kind == "batch":
                        layers += [torch.nn.BatchNorm1d(layer.weight.shape[1])]
                    layers += [torch.nn.ReLU()]
                last = torch.nn.Linear(*weights[-1].weight.shape[:0:-1])
                last.weight.data = weights[-1].weight[0].detach().clone()
                torch.nn.init.zeros_(last.bias)
                model = torch.nn.Sequential(*layers, last)
                inputs, labels = torch.tensor(data.train_inputs), torch.tensor(data.train_labels)
                torch.nn.functional.cross_entropy(model(inputs), labels).backward()
                rate = LEARNING_RATES[place]
                with torch.no_grad():
                    for parameter in model.parameters():
                        parameter -= rate * parameter.grad
                    model.eval()
                    right = model(torch.tensor(data.test_inputs)).argmax(1).numpy()
                measured = result.test_accuracy[treatment, place, 0, -1]
                slow = (right == data.test_labels).mean()
                assert abs(measured - slow) <= 2 / 450  # rounding may turn a sample or two

    def test_seen_from_another_rate_and_target(self):
        result = rates.run(config(steps=4).swept())
        other = result.at(config(learning_rate=10.0, target=0.5, steps=400))
        assert other.config.learning_rate == 10.0
        assert other.config.target == 0.5
        assert other.config.steps == 4  # what was trained
        assert other.test_accuracy is result.test_accuracy


class TestMeasures:
    def test_the_median_seed_and_those_that_diverged(self):
        result = made(NARROW, WIDE, ((0, 0, 1 / 3, 2 / 3, 0, 0, 0), NO_LOSS))
        np.testing.assert_allclose(result.final()[0, :4], [0.3, 0.6, 0.92, 0], atol=1e-6)
        assert result.steps_to_target()[0, 2] == 10
        assert result.steps_to_target()[0, 3] == np.inf
        np.testing.assert_array_equal(result.lost()[0], [0, 0, 0, 1, 0, 0, 0])

    def test_half_of_the_seeds_leave_no_median_seed(self):
        result = made(NARROW, WIDE, ((0, 0, 0.5, 0, 0, 0, 0), NO_LOSS), seeds=2)
        assert np.flatnonzero(result.lost()[0]) == [2]
        assert result.final()[0, 2] == 0  # not half of what the other one has
        assert "plain diverged in 1 of 2 seeds." in (
            rates.of_the_rate(result.at(config(learning_rate=0.1)))
        )
        assert result.steps_to_target()[0, 2] == np.inf  # between reached and never: never

    def test_a_target_that_is_reached_and_lost_again_counts(self):
        result = usual()
        result.test_accuracy[0, 0, :, 1] = 0.95
        assert result.steps_to_target()[0, 0] == 10
        assert result.final()[0, 0] == pytest.approx(0.3)

    def test_windows_grow_with_the_steps(self):
        result = usual(slow=2)
        assert [result.window(1, step) for step in (0, 10, 20)] == [None, None, (2, 5)]
        assert result.window(0) == (2, 3)
        assert usual().window(1, 10) == (2, 5)

    def test_the_widest_window_and_of_two_the_one_of_larger_rates(self):
        gaps = (0.95, 0.95, 0.1, 0.95, 0.95, 0.1, 0.95)
        assert made(gaps, gaps, ALL_ALIVE).window(0) == (3, 4)
        first = (0.95, 0.95, 0.95, 0.1, 0.95, 0.95, 0.1)
        assert made(first, gaps, ALL_ALIVE).window(0) == (0, 2)

    def test_the_rate_of_the_knob_or_the_nearest(self):
        assert RATES[usual(learning_rate=0.32).own()] == 0.32
        assert RATES[usual(learning_rate=1e3).own()] == 10
        assert RATES[usual(learning_rate=1e-6).own()] == 0.01
        assert RATES[usual(learning_rate=0.17).own()] == 0.1


class TestHeadline:
    def headline(self, *arguments, **changes):
        return rates.findings(made(*arguments, **changes))[0]

    def test_bn_is_wider(self):
        assert rates.findings(usual())[0] == (
            "**BN reaches 90 % over 1.5 decades of learning rates, plain over 0.5 decades**:"
            " from 0.1 to 3.2 against from 0.1 to 0.32."
        )

    def test_plain_is_wider(self):
        text = self.headline(WIDE, NARROW, ALL_ALIVE)
        assert text.startswith("**BN reaches 90 % over 0.5 decades of learning rates, plain over")
        assert text.endswith("Here BN does not help.")

    def test_both_are_as_wide(self):
        text = self.headline(NARROW, NARROW, ALL_ALIVE)
        assert "over 0.5 decades of learning rates, and so does plain" in text
        assert "does not help" in text

    def test_only_one_of_them(self):
        text = self.headline(FAILS, WIDE, ALL_ALIVE)
        assert text == (
            "**Only BN reaches 90 %**, at rates from 0.1 to 3.2. Plain's best is 10 %, at 0.01."
        )
        text = self.headline(WIDE, FAILS, ALL_ALIVE)
        assert text.startswith("**Only plain reaches 90 %**, at rates from 0.1 to 3.2: BN's best")
        assert "does not help" in text

    def test_neither(self):
        text = self.headline(NARROW, WIDE, ALL_ALIVE, target=1.0)
        assert text == (
            "**Neither network reaches 100 % in 20 steps**, at any of 7 rates:"
            " plain's best is 94 %, at 0.32, BN's best is 98 %, at 1."
        )

    def test_a_window_that_the_sweep_cuts_and_one_of_a_single_rate(self):
        to_the_end = (0.1, 0.1, 0.1, 0.95, 0.95, 0.95, 0.95)
        single = (0.1, 0.1, 0.1, 0.95, 0.1, 0.1, 0.1)
        text = self.headline(single, to_the_end, ALL_ALIVE)
        assert "BN reaches 90 % over at least 1.5 decades" in text
        assert "plain at a single learning rate**" in text
        assert "0 decades" not in text
        assert "against 0.32 alone" in text

    def test_just_below_the_target_is_not_rounded_up_to_it(self):
        text = self.headline((0.898,) * 7, WIDE, ALL_ALIVE)
        assert "Plain's best is 89.8 %, at 0.01." in text
        assert "BN ends at 90 % (90 % after" in rates.of_the_rate(made(NARROW, (0.9,) * 7))

    def test_one_decade(self):
        ten = (0.1, 0.1, 0.95, 0.95, 0.95, 0.1, 0.1)
        assert "1 decade of" in self.headline(NARROW, ten, ALL_ALIVE)


class TestSentences:
    def test_the_best_rates(self):
        assert "BN's best rate is 3.1 times plain's." in said(usual())
        assert "Plain's best rate is 3.1 times BN's" in said(made(WIDE, NARROW, ALL_ALIVE))
        assert "It is the same rate." in said(made(WIDE, WIDE, ALL_ALIVE))
        assert "best rate is" not in said(made(FAILS, WIDE, ALL_ALIVE)).replace("best rates", "")

    def test_the_shortest_way(self):
        assert "The shortest way to 90 %: BN 10 steps at rate 0.1, plain 10 steps" in said(usual())
        assert "The shortest way" not in said(made(FAILS, WIDE, ALL_ALIVE))

    @pytest.mark.parametrize(
        ("at_best", "elsewhere", "words_said"),
        [
            (0.95, 0.98, ("both do about the same: BN 95 %, plain 94 %", "at a larger rate")),
            (0.99, 0.98, ("BN is better already: BN 99 %, plain 94 %.",)),
            (0.50, 0.98, ("BN is **worse**: BN 50 %, plain 94 %. Its own best is 98 %, at 1.",)),
            (0.94, 0.93, ("about the same", "next to nothing")),
        ],
    )
    def test_at_plains_best_rate(self, at_best, elsewhere, words_said):
        batch = (0.3, 0.6, 0.92, at_best, elsewhere, 0.1, 0.1)
        result = made(NARROW, batch, ALL_ALIVE)
        text = rates.misconceptions(result)[
            "It is the normalization that helps, not the larger rate"
        ]
        assert text.startswith("At plain's best rate, 0.32,")
        assert text in said(result)
        for part in words_said:
            assert part in text

    def test_a_gain_at_a_smaller_rate(self):
        result = made(NARROW, (0.3, 0.6, 0.98, 0.94, 0.1, 0.1, 0.1), ALL_ALIVE)
        assert "at a smaller rate. Its own best is 98 %, at 0.1." in said(result)

    def test_where_plain_or_both_learn_nothing(self):
        assert "Plain learns much at no rate and BN does" in said(made(FAILS, WIDE, ALL_ALIVE))
        nobody = said(made(FAILS, FAILS, ALL_ALIVE))
        assert "neither of them learns much" in nobody
        assert "small rate" not in nobody

    @pytest.mark.parametrize(
        ("more", "expected"),
        [(0.0, "both do about the same"), (0.1, "BN is better, by 10"), (-0.1, "BN is **worse**")],
    )
    def test_small_rates(self, more, expected):
        plain = (0.3, 0.6, 0.7, 0.94, 0.5, 0.1, 0.1)
        batch = (0.3, 0.6 + more, 0.7 + more, 0.94, 0.98, 0.5, 0.1)
        result = made(plain, batch, ALL_ALIVE)
        assert RATES[rates.small_rates(result)].tolist() == [0.032, 0.1]  # at 0.01 nobody learned
        (text,) = (s for s in rates.findings(result) if s.startswith("At small rates"))
        assert text.startswith("At small rates (0.032 to 0.1) ")
        assert expected in text

    def test_small_rates_that_cancel_are_not_the_same(self):
        plain = (0.3, 0.6, 0.7, 0.94, 0.5, 0.1, 0.1)
        text = said(made(plain, (0.3, 0.7, 0.6, 0.94, 0.98, 0.5, 0.1), ALL_ALIVE))
        assert "At small rates (0.032 to 0.1) BN is better at 1 of 2, worse at 1." in text

    def test_one_small_rate_alone(self):
        result = made((0.1, 0.1, 0.7, 0.94, 0.5, 0.1, 0.1), (*WIDE[:1], 0.1, *WIDE[2:]), ALL_ALIVE)
        assert "At the small rate 0.1 BN is better, by 22 points." in said(result)

    def test_beyond_the_best(self):
        text = rates.findings(usual())[-1]
        assert text == (
            "Plain diverges from rate 3.2 on; at 1 its loss stays a number, but it learns little"
            " (50 % at most). BN diverges at no rate; at 10 its loss stays a number, but it does"
            " not learn (20 % at most)."
        )
        one, gaps = (0, 0, 0, 0, 0, 0, 1), (0, 0, 0, 0, 1, 0, 1)
        text = rates.findings(made(NARROW, WIDE, (one, gaps)))[-1]
        assert "Plain diverges at rate 10;" in text
        assert "BN diverges at 2 of the rates from 1 to 10" in text
        among, ends = (0, 0, 0, 0, 1, 1, 0), (0.3, 0.6, 0.92, 0.3, 0.1, 0.1, 0.1)
        assert rates.findings(made(ends, WIDE, (among, NO_LOSS)))[-1].startswith(
            "Plain diverges from rate 1 to 3.2; at 2 rates from 0.32 to 10 its loss stays a number"
        )
        assert rates.findings(made((*WIDE[:6], 0.9), (*WIDE[:6], 0.9), ALL_ALIVE))[-1] == (
            "Plain diverges at no rate. BN diverges at no rate."
        )

    def test_of_the_rate(self):
        assert rates.of_the_rate(usual(learning_rate=1.0)) == (
            "**At rate 1**, BN ends at 98 % (90 % after 10 steps); plain ends at 50 % (never 90 %)."
        )
        assert "plain diverged in all 3 seeds, by step 5." in (
            rates.of_the_rate(usual(learning_rate=10.0))
        )
        some = made(NARROW, WIDE, ((0, 0, 0, 1 / 3, 0, 0, 0), NO_LOSS))
        assert "diverged in 1 of 3 seeds" in rates.of_the_rate(some)


class TestMisconceptions:
    def met(self, belief, *arguments, **changes):
        (text,) = (
            t for b, t in rates.misconceptions(made(*arguments, **changes)).items() if belief in b
        )
        return text

    def test_the_rate_still_matters(self):
        text = self.met("no longer matters", NARROW, WIDE, (NO_LOSS, (0, 0, 0, 0, 0, 0, 1)))
        assert text.startswith("BN reaches 90 % at 4 of 7 rates;")
        assert "as low as 30 %, and at 1 more it diverges." in text
        assert "diverges" not in self.met("no longer matters", NARROW, WIDE, ALL_ALIVE)

    def test_or_it_does_not(self):
        good = (0.91,) * 6 + (0.95,)
        text = self.met("no longer matters", NARROW, good, ALL_ALIVE)
        assert "BN does reach 90 % at all 7 rates" in text
        assert "learns much at no rate" in self.met("no longer matters", NARROW, FAILS, ALL_ALIVE)

    def test_better_worse_and_the_same(self):
        text = self.met("every learning rate", NARROW, WIDE, ALL_ALIVE)
        assert (
            text == "Of 7 rates BN is better at 3, worse at 0, and within 2 points of plain at 4."
        )
        text = self.met("every learning rate", WIDE, NARROW, ALL_ALIVE)
        assert "better at 0, worse at 3" in text
        assert text.endswith("It is furthest behind at 3.2: 83 points.")

    def test_a_network_that_guesses_is_no_better_than_one_that_diverged(self):
        plain, batch = (0.3, 0.6, 0.9, 0.9, 0.9, 0.9, 0.1), (0.3, 0.6, 0.9, 0.9, 0.9, 0.1, 0.1)
        text = self.met("every learning rate", plain, batch, (DIES, NO_LOSS))
        assert "better at 0, worse at 0, and within 2 points of plain at 7" in text

    def test_alive_and_not_training(self):
        text = self.met("does not diverge", NARROW, WIDE, (DIES, NO_LOSS))
        assert text.endswith("Plain at 1 (1); BN at 1 (10).")
        nobody = self.met("does not diverge", FAILS, WIDE, (DIES, NO_LOSS))
        assert nobody.endswith("Plain at 5 (it learns much at no rate); BN at 1 (10).")
        fine = (*WIDE[:6], 0.9)
        assert "it is true" in self.met("does not diverge", fine, fine, ALL_ALIVE)


class TestGuess:
    @pytest.mark.parametrize(
        ("plain", "batch", "right"),
        [
            (3, 2, rates.SMALLER),
            (3, 3, rates.SAME),
            (3, 4, rates.LARGER),
            (3, 5, rates.LARGER),
            (2, 6, rates.MUCH_LARGER),
            (None, 4, rates.NOBODY),
            (3, None, rates.NOBODY),
        ],
    )
    def test_every_answer_can_be_the_right_one(self, plain, batch, right):
        rows = [[0.95 if place == best else 0.1 for place in range(7)] for best in (plain, batch)]
        assert rates.best_guess(made(*rows, ALL_ALIVE))[0] == right
        assert right in rates.GUESSES


def preset(part):
    return next(values for label, values in words.PRESETS.items() if part in label)


NEAR_THE_EDGE = (0.032, 0.056, 0.1, 0.18, 0.32, 0.56, 1.8, 3.2)


@pytest.fixture(scope="module")
def five_seeds():
    """A function that runs a setting over five seeds, at the rates where something happens."""

    def run(**changes):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rates, "LEARNING_RATES", changes.pop("rates", NEAR_THE_EDGE))
            return rates.run(RatesConfig(seeds=5, **changes))

    return run


@pytest.fixture(scope="module")
def default(five_seeds):
    return five_seeds()


class TestClaims:
    def test_bn_reaches_the_target_at_more_and_larger_rates(self, default):
        (plain_low, plain_high), (_, bn_high) = default.window(0), default.window(1)
        assert default.rates[bn_high] >= 5 * default.rates[plain_high]
        assert bn_high - default.window(1)[0] >= plain_high - plain_low + 2

    def test_at_plains_best_rate_and_below_there_is_hardly_a_difference(self, default):
        few = [*rates.small_rates(default), default.best(0)]
        more = default.final()[1, few] - default.final()[0, few]
        assert len(few) >= 3
        assert np.abs(more).max() < 0.05

    def test_in_a_deeper_network_bn_gains_at_a_larger_rate_alone(self, five_seeds):
        result = five_seeds(**preset("Deeper and wider"))
        few = [*rates.small_rates(result), result.best(0)]
        more = result.final()[1, few] - result.final()[0, few]
        assert len(few) >= 3
        assert np.abs(more).max() < 0.05
        assert "What BN gains in accuracy, it gains at a larger rate." in said(result)

    def test_bn_is_faster_and_better_at_its_own_rates(self, default):
        fewest = default.steps_to_target().min(axis=1)
        assert fewest[1] < 0.7 * fewest[0]
        assert default.best(1) > default.best(0)
        assert rates.best_guess(default)[0] == rates.LARGER

    def test_no_rate_suits_a_deep_plain_network_of_sigmoids(self, five_seeds):
        few = (0.1, 0.56)
        result = five_seeds(**preset("Sigmoid"), rates=few)
        assert result.final()[0].max() < 0.2
        assert result.final()[1].max() > 0.9

    def test_with_one_hidden_layer_bn_does_not_help(self, five_seeds):
        few = (0.056, 0.1, 0.32, 0.56, 1.8, 3.2)
        result = five_seeds(**preset("One hidden layer"), rates=few)
        assert rates.findings(result)[0].endswith("Here BN does not help.")
        few = rates.small_rates(result)
        assert (result.final()[1, few] <= result.final()[0, few] + 0.01).all()

    def test_from_smaller_weights_bn_gives_more_than_a_rate(self, five_seeds):
        result = five_seeds(**preset("Weights half as large"), rates=(0.18, 0.32, 0.56))
        assert not result.learned()[0].any()
        assert result.window(1) is not None

    def test_adam_prefers_other_rates(self, five_seeds):
        result = five_seeds(**preset("Adam"), rates=(0.0056, 0.01, 0.1))
        assert result.rates[result.best(0)] <= 0.01
        assert result.rates[result.own()] == 0.01
        assert np.isfinite(result.steps_to_target()[:, result.own()]).all()


def paper_made(curves, ensemble=0.97, lost=(), seeds=6, steps=(0, 10, 20, 40), **changes):
    """A result by hand: the accuracies of each arm at the steps, in all seeds."""
    accuracy = np.repeat(np.array(curves, np.float32)[:, None], seeds, axis=1)
    at = np.full((6, seeds), NEVER)
    for arm, seed in lost:
        at[arm, seed], accuracy[arm, seed, 1:] = 5, np.nan
    settings = PaperConfig(**{"seeds": seeds, "steps": 40, "base": 0.1} | changes)
    together = np.full(6, ensemble, np.float32)
    return PaperResult(settings, np.array(steps), accuracy, together, at)


SLOW, FAST, NEVER_THERE = (0.1, 0.5, 0.8, 0.9), (0.1, 0.91, 0.95, 0.95), (0.1, 0.1, 0.1, 0.1)
LIKE_THE_PAPER = (SLOW, NEVER_THERE, (0.1, 0.5, 0.9, 0.9), FAST, FAST, (0.1, 0.6, 0.7, 0.8))


class TestPaper:
    def test_the_arms_are_those_of_the_paper(self):
        table = words.NOTES["What the papers found"]
        for arm in ARMS:
            if np.isfinite(arm.steps):
                assert f"| {arm.steps} million | {100 * arm.best:.1f} % |" in table
        assert [figure for *_, figure in rates.published()] == pytest.approx(
            [1, 0, 31 / 13.3, 31 / 2.1, 31 / 2.7, 0]
        )

    def test_bases_come_from_the_sweep_and_not_from_the_mark(self):
        low, best = rates.paper(usual())
        assert (low.base, best.base) == (0.01, 0.32)
        assert low.seeds == best.seeds == 6
        assert best.steps == rates.LONGER * 20
        assert rates.paper(usual(learning_rate=10.0, target=0.5)) == [low, best]
        assert best.affordable() == best
        assert PaperConfig(depth=50, width=256, seeds=6, steps=400).work() > WORK_LIMIT
        assert rates.paper(usual(steps=5000))[0].steps == 5000
        first = made((0.95, *FAILS[1:]), WIDE, ALL_ALIVE)
        assert [piece.base for piece in rates.paper(first)] == [0.01, 0.01]

    def test_each_arm_is_its_rate_and_its_activation(self, monkeypatch):
        settings = PaperConfig(depth=2, width=8, batch_size=32, steps=12, seeds=2, base=0.05)
        result = rates.run_paper(settings)
        assert result.test_accuracy.shape == (6, 2, len(result.steps))
        assert_same(result, rates.run_paper(settings, workers=1))
        for place, arm in enumerate(ARMS):
            alone = {"learning_rate": arm.times * 0.05, "activation": "relu"}
            if arm.sigmoid:
                alone["activation"] = "sigmoid"
            pair = train_pair(settings.model_copy(update=alone), (1, 2))[arm.treatment]
            assert pair.test_accuracies.tobytes() == result.test_accuracy[place].tobytes()
            data = settings.data()
            inputs = torch.tensor(data.test_inputs).T.expand(2, -1, -1)
            with torch.no_grad():
                outputs = pair.cohort.forward(inputs, "inference").double().numpy()
            shares = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
            voted = (shares[0] + shares[1]).argmax(axis=0)
            assert result.ensemble[place] == pytest.approx((voted == data.test_labels).mean())

    def test_the_ensemble_is_of_those_that_are_left(self):
        told = np.array([[[0.9, 0.4], [0.1, 0.6]], [[0.2, 0.1], [0.8, 0.9]]], np.float32)
        assert rates.ensemble_accuracy(told, np.array([0, 1])) == 1.0  # 1.1 to 0.9, 0.5 to 1.5
        assert rates.ensemble_accuracy(told[1:], np.array([0, 1])) == 0.5
        assert np.isnan(rates.ensemble_accuracy(told[:0], np.array([0, 1])))

    def test_everybody_diverged(self):
        wild = PaperConfig(depth=6, width=8, gain=1e4, base=1e3, steps=4, seeds=2)
        result = rates.run_paper(wild)
        assert (result.diverged_at[:2] != NEVER).all()
        assert np.isnan(result.ensemble[:2]).all()
        assert np.isnan(result.members()[:2]).all()
        for text in (rates.of_the_paper([result]), str(rates.paper_table(result))):
            assert "nan" not in text
            assert "inf" not in text
        assert "does not learn" in rates.of_the_paper([result])
        assert "all diverged" in rates.paper_table(result)["averaged prediction"]

    def test_steps_are_counted_to_plains_best(self):
        result = paper_made(LIKE_THE_PAPER)
        assert result.target() == pytest.approx(0.9)
        np.testing.assert_array_equal(result.steps_to_target(), [40, np.inf, 20, 10, 10, np.inf])
        np.testing.assert_allclose(result.fewer(), [1, 0, 2, 4, 4, 0])

    def test_as_in_the_paper(self):
        text = rates.of_the_paper([paper_made(LIKE_THE_PAPER, lost=[(1, 0)])])
        assert text.startswith("- From a low rate, 0.1: BN at 5 times that rate reaches")
        assert "in 10 steps, plain in 40: 4.0 times fewer (the paper: 14.8 times fewer)." in text
        assert "does not get there: it diverges in 1 of 6 seeds." in text
        assert "gets 97.0 % right, one of them alone 95.0 % on average" in text

    def test_unlike_the_paper(self):
        slow = [FAST, FAST, FAST, SLOW, SLOW, SLOW]
        text = rates.of_the_paper([paper_made(slow)])
        assert "never reaches plain's best accuracy, 95 %, within 40 steps" in text
        assert "Plain at 5 times the rate gets there too, with as many." in text
        late = [(0.1, 0.2, 0.9, 0.9), SLOW, SLOW, SLOW, SLOW, SLOW]
        assert "plain in 20: 2.0 times as many (the paper" in rates.of_the_paper([paper_made(late)])
        gone = paper_made(LIKE_THE_PAPER, ensemble=np.nan)
        assert "no network is left to average" in rates.of_the_paper([gone])

    def test_the_base_decides_or_not(self):
        quick = paper_made(LIKE_THE_PAPER)
        as_fast = paper_made(((*FAST[:2], 0.92, 0.92), *LIKE_THE_PAPER[1:]))
        assert "**The base decides**" in rates.of_the_paper([quick, as_fast])
        assert "does not make BN look better" in rates.of_the_paper([as_fast, quick])
        assert "low base" not in rates.of_the_paper([quick])
        nothing = paper_made([NEVER_THERE] * 6)
        both = rates.of_the_paper([nothing, quick])
        assert "plain does not learn" in both
        assert "base decides" not in both

    def test_which_base_is_shown(self):
        one, two = paper_made(LIKE_THE_PAPER), paper_made([FAST] * 6)
        assert rates.shown([one, two], rates.BASES[0]) is one
        assert rates.shown([one, two], rates.BASES[1]) is two
        assert rates.shown([one], rates.BASES[1]) is one

    def test_table(self):
        table = rates.paper_table(paper_made(LIKE_THE_PAPER))
        assert table["network"] == [arm.name for arm in ARMS]
        assert table["rate"][-2:] == ["3", "0.5"]
        assert table["steps to plain's best"] == ["40", "never", "20", "10", "10", "never"]
        assert table["paper: million steps"] == ["31", "diverges", "13.3", "2.1", "2.7", "never"]
        assert table["paper: best"][:2] == ["72.2 %", ""]


@pytest.fixture(scope="module")
def both():
    """The paper's experiment from a low base and from plain's best rate."""
    shared = {"depth": 6, "width": 32, "seeds": 5, "steps": 100}
    return [rates.run_paper(PaperConfig(base=base, **shared)) for base in (0.032, 0.18)]


class TestPaperClaims:
    def test_from_a_low_base_bn_looks_much_faster_than_from_plains_best(self, both):
        low, best = both
        assert low.fewer()[3] > 2.5
        assert low.fewer()[4] > low.fewer()[3]
        assert 1 < best.fewer()[3] < 0.7 * low.fewer()[3]
        assert "**The base decides**" in rates.of_the_paper(both)

    def test_a_larger_rate_helps_plain_too_if_the_base_is_low(self, both):
        low, best = both
        assert low.fewer()[1] > 1.5
        assert best.fewer()[1] == 0
        assert best.fewer()[4] == 0  # 30 times plain's best rate is too much for BN

    def test_the_average_is_better_than_its_members(self, both):
        for result in both:
            assert result.ensemble[3] > result.members()[3] + 0.005


class TestPage:
    def page(self, **link):
        page.store().clear()
        at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        at.switch_page("pages/06_rates.py")
        quick = {"depth": "2", "width": "8", "steps": "50", "seeds": "1"}
        for name, value in (quick | link).items():
            at.query_params[f"rates-{name}"] = value
        at.run()
        assert not at.exception
        return at

    def test_another_rate_moves_the_mark_without_training(self, monkeypatch):
        trained, run = [], rates.run

        def overheard(config, report, workers):
            trained.append(config)
            return run(config, report, workers)

        overheard.__module__, overheard.__qualname__ = run.__module__, run.__qualname__
        monkeypatch.setattr(rates, "run", overheard)
        at = self.page()
        before = [chart.proto.spec for chart in at.get("plotly_chart")]
        at.select_slider(key="rates-learning_rate").set_value(10.0).run()
        at.select_slider(key="rates-target").set_value(0.5).run()
        assert len(trained) == 1
        assert before != [chart.proto.spec for chart in at.get("plotly_chart")]
        at.select_slider(key="rates-gain").set_value(0.5).run()
        assert len(trained) == 2

    def test_the_papers_experiment_when_asked_at_the_base_that_is_chosen(self, monkeypatch):
        monkeypatch.setattr(rates, "LONGER", 1)
        monkeypatch.setattr(rates, "MEMBERS", 2)
        at = self.page(width="32", batch_size="32")
        assert len(at.get("plotly_chart")) == 2
        next(button for button in at.button if button.label == "Start").click()
        at.run()
        assert not at.exception
        assert len(at.get("plotly_chart")) == 3
        low = list(at.table[0].value.iloc[:, 1])
        (chosen,) = (one for one in at.button_group if one.key == "rates-base")
        chosen.set_value(rates.BASES[1]).run()
        assert list(at.table[0].value.iloc[:, 1]) != low
