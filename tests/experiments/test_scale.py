"""Scale: what is said follows from the numbers, whichever way they come out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.experiments import scale
from bnviz.experiments.pair import NEVER
from bnviz.experiments.scale import FACTORS, TENFOLD, TENTH, GainResult, ScaleConfig
from bnviz.experiments.settings import GAINS, WORK_LIMIT, knobs
from bnviz.words import scale as words
from tests.samples import tiny

STEPS = np.array([0, 1, 2, 4])
A = len(FACTORS)


def made(
    change=(50.0, 1e-5),  # of the outputs, at every factor but 1
    ratio=(30.0, 0.1),  # of the gradient, at every factor
    variance=1.0,
    norms=((100.0, 150.0), (100.0, 200.0)),  # ||W||^2 first and last, of the reader's start
    off=(0.3, 0.0),  # how far the prediction is from the last one, relatively
    angle=((70.0, 110.0), (90.0, 90.0)),  # of the units
    accuracy=((0.1, 0.5, 0.1), (0.95, 0.97, 0.1)),  # by treatment and start
    lost=((False, False, True), (False, False, False)),  # whether the start diverged
    rates=((80.0, 0.01, 1e-6), (0.01, 0.01, 1e-6)),  # of BN: first and last, by start
    shrank=0,
    spared=(0.1, 0.9),  # accuracy where the output layer does not start from 100
    **changes,
):
    """A result of two seeds and two hidden layers in which this came out."""
    config = tiny("scale", **{"depth": 2, "gain": 0.3, "seeds": 2, "learning_rate": 1.0} | changes)
    starts = config.starts()
    count, layers = len(starts), config.depth + 1
    places = [0, 1, 2] if count == 3 else [0, 2]
    square = np.ones((2, count, 2, len(STEPS), layers))
    first, last = (config.learning_rate / np.array(rates)[k][places] for k in (0, 1))
    square[1] = np.linspace(first, last, len(STEPS)).T[:, None, :, None]
    own = list(starts).index(config.gain)
    for t in range(2):
        square[t, own] = np.linspace(*norms[t], len(STEPS))[:, None]
    predicted = square * (1 + np.array(off))[:, None, None, None, None]
    if config.optimizer != "sgd":
        predicted[:] = np.nan
    angles = np.full((2, count, 2, len(STEPS), layers, 3), 90.0, np.float32)
    for t in range(2):
        angles[t, ..., 0], angles[t, ..., 2] = angle[t]
    outputs = np.broadcast_to(np.array(change)[:, None, None], (2, 2, A)).copy()
    outputs[:, :, FACTORS.index(1.0)] = 0
    where = np.array(lost)[:, places]
    values = np.where(where, 0.0, np.array(accuracy)[:, places])
    return scale.ScaleResult(
        config,
        np.array(starts),
        STEPS,
        np.array(FACTORS),
        outputs,
        np.broadcast_to(np.array(ratio)[:, None, None], (2, 2, A)).copy(),
        np.full((2, 2), variance),
        square,
        predicted,
        np.full((2, count, 2, layers), shrank),
        angles,
        np.repeat(values[:, :, None], 2, axis=2),
        np.repeat(np.where(where, 3, NEVER)[:, :, None], 2, axis=2),
        np.repeat(np.array(spared)[:, None], 2, axis=1),
    )


def sentence(result, part):
    found = [said for said in scale.findings(result) if part in said]
    assert len(found) <= 1, found
    return found[0] if found else None


def belief(result, part):
    (answer,) = [said for name, said in scale.misconceptions(result).items() if part in name]
    return answer


class TestHeadline:
    def test_bn_is_unchanged(self):
        said = scale.findings(made())[0]
        assert said.startswith(
            "Multiply the trained weights of all hidden layers by 10, and **BN's"
        )
        assert "**BN's outputs change by 0.001 %**; plain's change by 50 times their size." in said

    def test_names_what_is_multiplied(self):
        assert (
            "weights of the first layer by 10" in scale.findings(made(scaled="the first layer"))[0]
        )

    def test_looks_at_ten_and_at_no_other_factor(self):
        result = made()
        result.output_change[1] = 0.5
        result.output_change[1, :, TENFOLD] = 1e-3
        assert "**BN's outputs change by 0.1 %**" in scale.findings(result)[0]

    def test_bn_changes_too_where_epsilon_matters(self):
        said = scale.findings(made(change=(50.0, 0.02)))[0]
        assert "**even BN's outputs change by 2 %**" in said
        assert "ε matters" in said

    def test_plain_that_hardly_depends_on_its_weights(self):
        said = scale.findings(made(change=(1e-9, 1e-5)))[0]
        assert "which hardly depend on these weights any more, by less than 0.000001 %" in said

    @pytest.mark.parametrize("treatment", [0, 1])
    def test_what_is_no_number_is_not_compared(self, treatment):
        result = made()
        result.output_change[treatment] = np.nan
        name = ("plain's", "BN's outputs")[treatment]
        assert f"{name} cannot be compared" in scale.findings(result)[0]


class TestGradients:
    @pytest.mark.parametrize(
        ("ratio", "words"),
        [
            (0.1, "10 times shorter"),
            (30.0, "30 times longer"),
            (1.0, "as long as before"),
            (0.0, "zero"),
            (np.nan, "too small or too large to compare"),
            (123456.0, "120,000 times longer"),
            (1e20, "more than a million times longer"),
        ],
    )
    def test_in_words(self, ratio, words):
        assert f"BN's gradient is {words}," in sentence(made(ratio=(30.0, ratio)), "ten times as")
        assert f"plain's {words}." in sentence(made(ratio=(ratio, 0.1)), "ten times as")


class TestBreaks:
    def broken_up_to(self, factor, variance=1.0):
        result = made(variance=variance)
        result.output_change[1, :, [f <= factor for f in FACTORS]] = 0.05
        return sentence(result, "ε = 0.00001") or sentence(result, "Nowhere in this sweep")

    def test_says_where(self):
        said = self.broken_up_to(0.01)
        assert said.startswith("BN's identity breaks at a = 0.01, where its outputs change by 5 %")
        assert "is only 0.0001 there" in said

    def test_nowhere(self):
        assert "Nowhere in this sweep" in self.broken_up_to(0.0)

    def test_everywhere(self):
        said = self.broken_up_to(1e4, variance=2e-4)
        assert "does not even hold for these weights as they are" in said
        assert "0.0002" in said

    def test_no_numbers(self):
        result = made()
        result.output_change[1, :, 0] = np.nan
        assert "cannot be said" in sentence(result, "Where BN's identity breaks")


class TestRightAngles:
    def test_with_bn(self):
        said = sentence(made(), "80 % of the units")
        assert "With BN a unit's gradient stands **at right angles**" in said
        assert "lie at 90.0° with BN and between 70.0° and 110.0° without BN." in said

    def test_not_quite(self):
        said = sentence(made(angle=((70, 110), (80, 95))), "80 % of the units")
        assert "**not quite at right angles**" in said
        assert "between 80.0° and 95.0° with BN" in said

    def test_the_outermost_step_and_layer_and_not_the_output(self):
        result = made()
        result.angle[1, 1, :, 2, 0, 2] = 93.5
        result.angle[1, 1, :, :, -1, 2] = 170
        assert "between 90.0° and 93.5° with BN" in sentence(result, "80 % of the units")

    def test_without_a_gradient(self):
        result = made()
        result.angle[1] = np.nan
        assert "With BN no unit of a hidden layer has a gradient" in sentence(result, "80 %")
        result.angle[0] = np.nan
        assert sentence(result, "80 % of the units") is None


class TestGrowth:
    def test_measured_and_predicted(self):
        said = sentence(made(), "‖W‖² of the hidden layers")
        assert "BN's ended at 2 times its first value (predicted" in said
        assert "off by less than 0.000001 % at most), plain's ended at 1.5 times" in said
        assert "off by 30 % at most)." in said

    def test_the_output_layer_does_not_count(self):
        result = made()
        result.square[..., -1] *= np.linspace(1, 50, 4)
        assert "BN's ended at 2 times" in sentence(result, "‖W‖² of the hidden layers")

    def test_layers_that_differ(self):
        result = made()
        result.square[1, 1, :, -1, 1] = 500
        said = sentence(result, "‖W‖² of the hidden")
        assert "BN's ended at 2 to 5 times its first value" in said
        result.square[1, 1, :, -1, :2] = 1e-5, 1.234e6
        said = sentence(result, "‖W‖² of the hidden")
        assert "BN's ended at 0.0000001 to 12,300 times its first value" in said

    def test_that_stayed(self):
        result = made(norms=((1, 1.5), (100.0, 100.01)))
        assert "BN's stayed where it was, within 0.01 %" in sentence(result, "‖W‖² of the hidden")

    @pytest.mark.parametrize("optimizer", ["momentum", "adam"])
    def test_no_prediction_for_other_optimizers(self, optimizer):
        said = sentence(made(optimizer=optimizer), "‖W‖² of the hidden")
        assert "The prediction is for SGD" in said
        assert "predicted from" not in said

    def test_what_diverged_is_left_out(self):
        result = made()
        result.square[0, :, :, -1] = np.nan
        assert "plain" not in sentence(result, "‖W‖² of the hidden")
        result.square[1, :, :, -1] = np.nan
        assert sentence(result, "‖W‖² of the hidden") is None


class TestTuning:
    def test_downwards_alone(self):
        said = sentence(made(norms=((1, 1), (100, 100))), "effective rate")
        assert "**tunes itself, and downwards alone**" in said
        assert (
            "from 80 to 0.01 (gain 0.01), from 0.01 to 0.01 (gain 0.3) and from 0.000001 to" in said
        )
        assert "The starts were 80,000,000 times apart, the ends are 10,000 times." in said

    @pytest.mark.parametrize(
        ("last", "verdict"),
        [
            ((80, 0.01, 1e-6), "hardly moves in this run"),
            ((0.01, 0.01, 0.01), "tunes itself, downwards and upwards"),
            ((80, 0.01, 0.01), "rises"),
            ((10, 0.01, 1.1e-6), "tunes itself, but not downwards alone"),
        ],
    )
    def test_other_ways(self, last, verdict):
        result = made(rates=((80, 0.01, 1e-6), last), norms=((1, 1), (100, 100)))
        assert f"**{verdict}**" in sentence(result, "effective rate")

    def test_of_adam_it_is_only_a_number(self):
        said = sentence(made(optimizer="adam"), "lr/‖W‖² **")
        assert "only a number" in said
        assert "effective" not in said
        assert "tunes itself" not in said
        assert "only a number" not in sentence(made(), "effective rate")

    def test_with_one_start_left_there_is_nothing_to_compare(self):
        result = made()
        result.square[1, :2, :, -1] = np.nan
        assert sentence(result, "effective rate") is None


class TestAccuracies:
    def test_every_start(self):
        said = sentence(made(), "In test accuracy")
        assert said == (
            "In test accuracy, BN ended at 95 % from gain 0.01, at 97 % from gain 0.3 and at 10 %"
            " from gain 100; plain ended at 10 % from gain 0.01, at 50 % from gain 0.3 and"
            " diverged from gain 100."
        )

    def test_where_half_of_the_seeds_diverged(self):
        result = made()
        result.diverged_at[1, 0, 0] = 5
        said = sentence(result, "In test accuracy")
        assert "BN diverged in 1 of 2 seeds from gain 0.01, ended at 97 %" in said

    def test_the_verb_comes_back_after_a_divergence(self):
        said = sentence(made(lost=((True, False, True), (False,) * 3)), "In test accuracy")
        assert "plain diverged from gain 0.01, ended at 50 % from gain 0.3 and diverged" in said


class TestSpared:
    def test_most_of_the_fault_is_the_output_layers(self):
        said = sentence(made(), "in the output layer")
        assert said.startswith("From gain 100 in the hidden layers and 0.3 in the output layer, BN")
        assert "ended at 90 %: most of what goes wrong from 100" in said

    def test_a_part_of_it(self):
        said = sentence(made(spared=(0.1, 0.3)), "in the output layer")
        assert "ended at 30 %: only a part of what goes wrong" in said

    @pytest.mark.parametrize("spared", [0.1, 0.14, 0.02])
    def test_none_of_it(self, spared):
        said = sentence(made(spared=(0.1, spared)), "in the output layer")
        assert said.endswith("against 10 % from 100 in all of them.")

    def test_that_all_diverged_is_no_accuracy(self):
        nobody = made(spared=(0.0, 0.0), accuracy=((0.1,) * 3, (0.1, 0.1, 0.0)))
        said = sentence(nobody, "in the output layer")
        assert said.endswith("BN diverged; from 100 in all of them it diverged.")

    @pytest.mark.parametrize(("gain", "instead"), [(0.3, 0.3), (1.0, 1.0), (10.0, 1.0)])
    def test_starts_like_the_reader_or_from_one(self, gain, instead):
        assert ScaleConfig(gain=gain).spared() == instead


class TestBeliefs:
    def test_decay(self):
        result = made(ratio=(1.0, 9.99))
        result.output_change[1, :, TENTH] = 6e-4
        said = belief(result, "Weight decay")
        assert "BN computes the same: its outputs change by 0.06 %" in said
        assert "9.99 times as long" in said

    def test_decay_where_epsilon_matters(self):
        result = made()
        result.output_change[1, :, TENTH] = 0.07
        assert "At weights this small there is something in it" in belief(result, "Weight decay")
        result.output_change[1, :, TENTH] = np.nan
        assert belief(result, "Weight decay").startswith("This run cannot tell")

    @pytest.mark.parametrize(
        ("accuracy", "verdict"),
        [
            ((0.95, 0.97, 0.1), "Not at all is too much: BN ended at 95 %"),
            ((0.95, 0.97, 0.92), "In this run it hardly did"),
            ((0.99, 0.97, 0.86), "It did in this run, though BN trained from both ends"),
            ((0.1, 0.97, 0.9), "It did in this run"),
            ((0.7, 0.97, 0.1), "It did in this run: BN ended at 70 %"),
            ((0.1, 0.97, 0.1), "This run cannot tell"),
            ((0.2, 0.3, 0.1), "This run cannot tell"),
        ],
    )
    def test_initialization(self, accuracy, verdict):
        said = belief(made(accuracy=((0.1,) * 3, accuracy)), "initialization")
        assert said.startswith(verdict)
        assert ("output layer spared" in said) == verdict.startswith("Not at all")

    def test_initialization_where_the_output_layer_is_not_the_reason(self):
        assert "spared" not in belief(made(spared=(0.1, 0.12)), "initialization")

    @pytest.mark.parametrize(
        ("spared", "verdict"),
        [
            (0.8, "instead of 97 %: what is left is the work of γ, β"),
            (0.3, "instead of 97 %."),
            (0.95, "made little difference"),
            (0.93, "made little difference"),
        ],
    )
    def test_learning_rate(self, spared, verdict):
        said = belief(made(spared=(0.1, spared)), "learning rate")
        assert "a gain of 100 instead of 0.3 is a rate 110,000 times smaller" in said
        assert f"BN ended at {100 * spared:g} %" in said
        assert verdict in said
        assert "output layer from" not in said

    def test_learning_rate_with_decay_the_hidden_layers_do_turn(self):
        said = belief(made(spared=(0.1, 0.85), decay=0.02), "learning rate")
        assert said.endswith("instead of 97 %.")

    def test_learning_rate_where_the_smaller_one_is_better(self):
        result = made(spared=(0.1, 0.9), accuracy=((0.1,) * 3, (0.1, 0.5, 0.1)))
        assert "the smaller rate was the better one" in belief(result, "learning rate")

    def test_learning_rate_of_adam_counts_the_longer_weights_once(self):
        said = belief(made(optimizer="adam"), "learning rate")
        assert "a gain of 100 instead of 0.3 is a rate 330 times smaller" in said

    @pytest.mark.parametrize(
        ("own", "spared", "verdict"),
        [
            (0.0, 0.1, "BN ended at 10 %; from gain 0.3 it diverged."),
            (0.0, 0.0, "BN diverged; from gain 0.3 it diverged too."),
            (0.5, 0.0, "BN diverged instead of ending at 50 %."),
        ],
    )
    def test_learning_rate_where_a_start_diverged(self, own, spared, verdict):
        result = made(spared=(0.1, spared), accuracy=((0.1,) * 3, (0.1, own, 0.1)))
        assert belief(result, "learning rate").endswith(verdict)

    def test_learning_rate_from_other_gains(self):
        assert "(and with an output layer from 1)" in belief(made(gain=10.0), "learning rate")
        assert "Choose a gain other than 100" in belief(made(gain=100.0), "learning rate")

    def test_growing(self):
        assert belief(made(), "from growing").startswith("The opposite: ‖W‖² of BN's hidden layers")
        assert belief(made(shrank=1), "from growing").startswith("It normalizes what")
        assert belief(made(optimizer="adam"), "from growing").startswith("It normalizes what")
        assert "weight decay, not BN" in belief(made(decay=0.02), "from growing")
        still = made(norms=((1, 1), (100, 100)))
        assert belief(still, "from growing").startswith("In this run they hardly grew")
        still.square[1] = np.nan
        assert "not a number to the end" in belief(still, "from growing")


class TestGuess:
    @pytest.mark.parametrize(
        ("small", "large", "right"),
        [(0.9, 0.1, 0), (0.1, 0.9, 1), (0.9, 0.9, 2), (0.1, 0.1, 3), (0.79, 0.8, 1)],
    )
    def test_which_end(self, small, large, right):
        option, why = scale.which_end(made(accuracy=((0.1,) * 3, (small, 0.97, large))))
        assert option == scale.GUESSES[right]
        assert "In test accuracy" in why

    @pytest.mark.parametrize("gain", scale.ENDS)
    def test_where_the_reader_stands_at_an_end(self, gain):
        assert scale.which_end(made(gain=gain))[0] == scale.GUESSES[0]


def at_gain(gain, plain, batch):
    accuracy = np.array([[plain] * 3, [batch] * 3], np.float32)
    return GainResult(tiny("scale", gain=gain), accuracy)


class TestWhoTrains:
    def test_a_range_one_and_none(self):
        results = [at_gain(0.01, 0.1, 0.9), at_gain(1.0, 0.95, 0.97), at_gain(10.0, 0.1, 0.85)]
        said = scale.who_trains(results)
        assert said == (
            "Of 3 initial gains, BN reaches 80 % from 3 of them, 0.01 to 10; plain reaches 80 %"
            " from 1 alone (median seed)."
        )
        assert "from none of them" in scale.who_trains([at_gain(1.0, 0.5, 0.5)])

    def test_the_pieces_are_settings_of_the_knob(self):
        pieces = scale.gains(ScaleConfig(seeds=5))
        assert [p.gain for p in pieces] == [*GAINS, 30.0, 100.0]
        assert all(p.seeds == 5 for p in pieces)


def everything_said(result):
    return [
        *scale.findings(result),
        *scale.misconceptions(result).values(),
        scale.which_end(result)[1],
    ]


def without_numbers():
    result = made(lost=((True,) * 3,) * 2)
    nothing = {n: np.full_like(getattr(result, n), np.nan) for n in NUMBERS}
    return replace(result, **nothing)


NUMBERS = ("output_change", "gradient_ratio", "variance", "square", "predicted", "angle")


@pytest.mark.parametrize(
    "result",
    [
        made(),
        without_numbers(),
        made(change=(np.inf, np.inf), ratio=(np.inf, np.inf), variance=0.0),
        made(change=(0.0, 0.0), ratio=(0.0, 0.0)),
        made(change=(1e300, 1e300), ratio=(1e-300, 1e300)),
        made(norms=((1.0, 1e300), (1e-300, 1.0)), off=(1e7, -1.0)),
        made(norms=((1.0, 0.0), (0.0, 0.0))),
        made(off=(np.inf, np.nan)),
        made(gain=100.0),
    ],
)
def test_no_sentence_has_a_number_that_is_none(result):
    for said in everything_said(result):
        assert said.strip().endswith((".", ")"))
        for word in ("nan", "inf", "-1"):
            assert word not in said.lower().replace(",", " ").replace("°", " ").split(), said


class TestWritten:
    @given(st.floats(1e-300, 1e300))
    def test_is_the_number_to_two_figures(self, value):
        short = scale._written(value)
        assert float(short) == pytest.approx(value, rel=0.051)
        assert ("e" in short) == (not 1e-9 < value < 1e6)

    @pytest.mark.parametrize(
        ("value", "text"), [(1e-5, "0.00001"), (78.4, "78"), (1.0, "1"), (0.0307, "0.031")]
    )
    def test_in_figures(self, value, text):
        assert scale._written(value) == text


class TestConfig:
    @pytest.mark.parametrize("gain", [0.01, 0.3, 100.0])
    def test_starts_at_both_ends_and_here(self, gain):
        starts = ScaleConfig(gain=gain).starts()
        assert starts == tuple(sorted({0.01, gain, 100.0}))

    @pytest.mark.parametrize("steps", [1, 100, 5000])
    @pytest.mark.parametrize("depth", [4, 50])
    def test_what_a_page_grants_is_within_the_limit(self, steps, depth):
        asked = ScaleConfig(width=256, batch_size=512, depth=depth, steps=steps, seeds=10)
        granted = asked.affordable()
        assert granted.work() <= WORK_LIMIT or granted.steps == 1
        assert granted.affordable() == granted

    def test_decay_reaches_the_plan(self):
        assert ScaleConfig(decay=0.02).plan(3).weight_decay == 0.02


@pytest.fixture(scope="module")
def small():
    return scale.run(tiny("scale", depth=3, steps=40, seeds=2))


class TestRun:
    def test_shapes(self, small):
        records, factors = len(small.steps), len(FACTORS)
        assert small.output_change.shape == small.gradient_ratio.shape == (2, 2, factors)
        assert small.square.shape == small.predicted.shape == (2, 3, 2, records, 4)
        assert small.angle.shape == (2, 3, 2, records, 4, 3)
        assert small.shrank.shape == (2, 3, 2, 4)
        assert small.accuracy.shape == small.diverged_at.shape == (2, 3, 2)
        assert (small.steps[0], small.steps[-1]) == (0, 40)
        assert records <= scale.RECORDS + 2

    def test_starts_are_multiples_of_one_another(self, small):
        norms = small.square[:, :, :, 0] / small.starts[:, None, None] ** 2
        np.testing.assert_allclose(norms, norms[:1, :1] + 0 * norms, rtol=1e-4)

    def test_predicts_the_normalized_layers_alone(self, small):
        off = np.abs(small.predicted / small.square - 1)[1, small.own, :, -1]
        assert off[:, :-1].max() < 1e-3
        assert off[:, -1].min() > 1e-3

    def test_adds_up_every_step(self):
        """The prediction, from a run in which every step is recorded."""
        result = scale.run(tiny("scale", steps=8, decay=0.02))
        assert list(result.steps) == list(range(9))
        off = np.abs(result.predicted / result.square - 1)[1, result.own, :, :, :-1]
        assert off.max() < 1e-3
        np.testing.assert_array_equal(result.predicted[..., 0, :], result.square[..., 0, :])

    @pytest.mark.parametrize("optimizer", ["momentum", "adam"])
    def test_predicts_sgd_alone(self, optimizer):
        result = scale.run(tiny("scale", optimizer=optimizer))
        assert np.isnan(result.predicted).all()
        assert np.isfinite(result.square[1]).all()

    def test_multiplies_the_networks_of_the_readers_own_start(self):
        """Trained again in torch.nn's own words: the second seed's network, first layer by 10."""
        config = tiny("scale", depth=2, steps=1, learning_rate=1e-6, scaled="the first layer")
        result = scale.run(config)
        data = config.data()
        network = initial(config, seed=1)
        inputs = data.train_inputs[: scale.SAMPLES].astype(np.float64)
        before, after = (outputs(network, inputs, factor) for factor in (1.0, 10.0))
        change = np.linalg.norm(after - before) / np.linalg.norm(before)
        assert result.output_change[0, 1, TENFOLD] == pytest.approx(change, rel=1e-3)

    def test_spares_the_output_layer_alone(self):
        """What is trained last is the BN network from 100, but for its output layer."""
        config = tiny("scale", steps=30, seeds=2)
        cohort = scale.Cohort(config.architecture(normalizer="batch"), [0, 1], [100.0, 100.0])
        with scale.torch.no_grad():
            cohort.layers[-1].weight.mul_(0.3 / 100)
        history = scale.train(cohort, [0, 1], config.data(), config.plan(2), record_at=[30])
        found = scale.run(config).spared[1]
        np.testing.assert_allclose(found, history.test_accuracies[:, 0], atol=0.03)

    def test_counts_the_steps_at_which_weights_shrank(self):
        result = scale.run(tiny("scale", steps=8, seeds=1))
        falls = result.square[..., 1:, :] < (1 - scale.NOISE) * result.square[..., :-1, :]
        np.testing.assert_array_equal(result.shrank, falls.sum(axis=3))

    def test_a_diverged_seed_ends_at_zero(self):
        result = scale.run(tiny("scale", depth=6, learning_rate=100.0, steps=20))
        assert (result.diverged_at[0] != NEVER).any()
        assert (result.accuracy[result.diverged_at != NEVER] == 0).all()
        for said in everything_said(result):
            assert "nan" not in said.lower().split()

    def test_the_same_config_gives_the_same_bits(self):
        one, other = (scale.run(tiny("scale", steps=4)) for _ in range(2))
        for name in (*NUMBERS, "accuracy", "shrank"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))

    def test_one_gain_ends_as_it_does_in_company(self):
        config = tiny("scale", steps=20)
        alone, together = scale.run_gain(config), scale.run(config)
        np.testing.assert_allclose(alone.accuracy, together.accuracy[:, together.own], rtol=1e-6)


def initial(config, seed):
    """The plain network as it starts: weights by layer."""
    cohort = scale.Cohort(config.architecture(), [seed], [config.gain])
    return [layer.weight[0].detach().double().numpy() for layer in cohort.layers]


def outputs(weights, inputs, factor):
    h = inputs.T
    for place, weight in enumerate(weights[:-1]):
        h = np.maximum((factor if place == 0 else 1.0) * weight @ h, 0)
    return weights[-1] @ h


class TestPresets:
    @pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
    def test_are_settings_of_the_knobs(self, preset):
        assert ScaleConfig(**preset) != ScaleConfig()
        for name, value in preset.items():
            assert value in knobs(ScaleConfig)[name].options
            assert value != ScaleConfig.model_fields[name].default

    def test_are_two_to_four_one_of_them_without_help_from_bn(self):
        assert 2 <= len(words.PRESETS) <= 4
        assert any("not help" in label for label in words.PRESETS)


@pytest.fixture(scope="module")
def default():
    return scale.run(ScaleConfig(seeds=5))


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    def test_the_outputs_of_bn_do_not_change_and_plains_do(self, default):
        assert default.output_change[1, :, TENFOLD].max() < 1e-4
        assert default.output_change[0, :, TENFOLD].min() > 10
        np.testing.assert_allclose(default.gradient_ratio[1, :, TENFOLD], 0.1, rtol=1e-3)

    def test_epsilon_breaks_it_for_small_weights(self, default):
        broken = default.output_change[1] >= scale.BROKEN
        assert broken[:, FACTORS.index(0.001)].all()
        assert not broken[:, FACTORS.index(0.1) :].any()

    def test_the_norm_is_predicted_with_bn_and_not_without(self, default):
        off = np.abs(default.predicted / default.square - 1)[:, default.own, :, -1, :-1]
        assert off[1].max() < 1e-3
        lasting = default.diverged_at[0, default.own] == NEVER  # one of five does not last
        assert lasting.sum() >= 4
        assert off[0, lasting].max(axis=1).min() > 0.03

    def test_the_weights_of_bn_only_grow(self, default):
        own = default.own
        assert not default.shrank[1, own, :, :-1].any()
        grown = default.square[1, own, :, -1, :-1] / default.square[1, own, :, 0, :-1]
        assert grown.min() > 1.5
        assert (default.shrank[0, own, :, :-1].sum(axis=1) > 0).all()

    def test_gradients_stand_at_right_angles_with_bn_alone(self, default):
        own = default.own
        assert np.nanmax(np.abs(default.angle[1, own, ..., :-1, :] - 90)) < 1
        spread = np.abs(default.angle[0, own, ..., :-1, :] - 90)
        assert np.nanmax(spread, axis=(1, 2, 3)).min() > 5

    def test_who_trains(self, default):
        plain, batch = default.accuracy  # by start: 0.01, 0.3, 100
        assert (batch[0] > 0.85).all()
        assert (batch[1] > 0.9).all()
        assert (batch[2] < 0.5).all()
        assert (plain[0] < 0.3).all()
        assert (default.diverged_at[0, 2] != NEVER).all()
        assert scale.which_end(default)[0] == scale.GUESSES[0]

    def test_the_effective_rates_of_small_starts_meet(self, default):
        first, last = default.rate()[1, :2, :, [0, -1], :-1]
        assert (first[0] / first[1] > 500).all()
        assert (np.abs(np.log(last[0] / last[1])) < np.log(3)).all()

    def test_with_decay_all_starts_meet(self):
        preset = next(p for label, p in words.PRESETS.items() if "decay" in label)
        result = scale.run(ScaleConfig(**preset, seeds=1))
        first, last = (scale._apart(scale._rates(result, 1), moment) for moment in (1, 2))
        assert first > 1e7
        assert last < 3
        assert "downwards and upwards" in sentence(result, "effective rate")

    def test_at_a_smaller_rate_plain_trains_too_and_from_gain_1_alone(self):
        for gain, trains in ((1.0, True), (0.1, False), (10.0, False)):
            config = ScaleConfig(gain=gain, learning_rate=0.32, seeds=5)
            plain, batch = scale.run_gain(config).accuracy
            assert ((plain > 0.9) == trains).all()
            assert (batch > 0.8).all()
        preset = next(p for label, p in words.PRESETS.items() if "plain trains too" in label)
        assert preset == {"gain": 1.0, "learning_rate": 0.32}

    def test_from_weights_too_large_bn_does_not_help(self, default):
        """And that is the output layer's fault for the larger part."""
        assert np.median(default.accuracy[1, 2]) < 0.3
        assert (default.spared[1] > 0.8).all()
        assert (default.spared[1] < default.accuracy[1, 1]).all()
        assert np.median(default.accuracy[1, 1] - default.spared[1]) > 0.03
        assert "most of what goes wrong" in sentence(default, "in the output layer, BN")
