"""Scale in sentences."""

import numpy as np
import pytest

from bnviz.experiments.scale import FACTORS, ScaleConfig
from bnviz.experiments.settings import knobs
from bnviz.verdicts.scale import judge
from bnviz.verdicts.scale_starts import judge_gains
from bnviz.words import scale as words
from bnviz.words.scale_starts import reach
from tests.made.scale import TENFOLD, TENTH, at_gain, made, without_numbers


def headline(result):
    return words.findings(judge(result)).headline


def sentence(result, part):
    found = [said for said in words.findings(judge(result)).more if part in said]
    assert len(found) <= 1, found
    return found[0] if found else None


def belief(result, part):
    beliefs = words.beliefs(judge(result)).items()
    (answer,) = [said for name, said in beliefs if part in name]
    return answer


class TestHeadline:
    def test_bn_is_unchanged(self):
        said = headline(made())
        assert said.startswith(
            "Multiply the trained weights of all hidden layers by 10, and **BN's"
        )
        assert (
            "**BN's outputs change by less than 0.01 %**; plain's change by 50.0 times their size."
            in said
        )

    def test_names_what_is_multiplied(self):
        assert "weights of the first layer by 10" in headline(made(scaled="the first layer"))

    def test_looks_at_ten_and_at_no_other_factor(self):
        result = made()
        result.output_change[1] = 0.5
        result.output_change[1, :, TENFOLD] = 1e-3
        assert "**BN's outputs change by 0.1 %**" in headline(result)

    def test_a_change_that_the_seeds_do_not_share_has_its_range(self):
        result = made()
        result.output_change[0, :, TENFOLD] = 40.0, 60.0
        result.output_change[1, :, TENFOLD] = 1e-3, 2e-3
        said = headline(result)
        assert "change by 0.15 % (0.1 to 0.2 % over 2 seeds)**" in said
        assert said.endswith("change by 50.0 times their size (40.0 to 60.0 times over 2 seeds).")

    def test_bn_changes_too_where_epsilon_matters(self):
        said = headline(made(change=(50.0, 0.02)))
        assert "**even BN's outputs change by 2 %**" in said
        assert "ε matters" in said

    def test_plain_that_hardly_depends_on_its_weights(self):
        said = headline(made(change=(1e-9, 1e-5)))
        assert "which hardly depend on these weights any more, by less than 0.01 %" in said

    @pytest.mark.parametrize("treatment", [0, 1])
    def test_what_is_no_number_is_not_compared(self, treatment):
        result = made()
        result.output_change[treatment] = np.nan
        name = ("plain's", "BN's outputs")[treatment]
        assert f"{name} cannot be compared" in headline(result)


class TestGradients:
    @pytest.mark.parametrize(
        ("ratio", "words"),
        [
            (0.1, "10.0 times shorter"),
            (30.0, "30.0 times longer"),
            (1.0, "about as long as before"),
            (0.0, "zero"),
            (np.nan, "too small or too large to compare"),
            (123456.0, "123,456 times longer"),
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
        assert "lie at 90° with BN and at 70° to 110° without BN." in said

    def test_not_quite(self):
        said = sentence(made(angle=((70, 110), (80, 95))), "80 % of the units")
        assert "**not everywhere at right angles**" in said
        assert "at 80° to 95° with BN" in said

    def test_the_outermost_step_and_layer_and_not_the_output(self):
        result = made()
        result.angle[1, 1, :, 2, 0, 2] = 93.5
        result.angle[1, 1, :, :, -1, 2] = 170
        assert "at 90° to 94° with BN" in sentence(result, "80 % of the units")

    def test_without_a_gradient(self):
        result = made()
        result.angle[1] = np.nan
        assert "With BN no unit of a hidden layer has a gradient" in sentence(result, "80 %")
        result.angle[0] = np.nan
        assert sentence(result, "80 % of the units") is None


class TestGrowth:
    def test_measured_and_predicted(self):
        said = sentence(made(), "‖W‖² over all hidden")
        assert "BN's ended at 2 times its first value (predicted" in said
        assert "off by less than 0.01 %), plain's ended at 1.5 times" in said
        assert "off by 30 % at most)." in said

    def test_the_output_layer_does_not_count(self):
        result = made()
        result.square[..., -1] *= np.linspace(1, 50, 4)
        assert "BN's ended at 2 times" in sentence(result, "‖W‖² over all hidden")

    def test_layers_that_differ(self):
        result = made()
        result.square[1, 1, :, -1, 1] = 500
        said = sentence(result, "‖W‖² over all hidden")
        assert "BN's ended at 2 to 5 times its first value" in said
        result.square[1, 1, :, -1, :2] = 1e-5, 1.234e6
        said = sentence(result, "‖W‖² over all hidden")
        assert "BN's ended at 0.0000001 to 12,340 times its first value" in said

    def test_that_stayed(self):
        result = made(norms=((1, 1.5), (100.0, 100.0101)))
        assert "BN's stayed where it was, off by 0.01 % at most" in sentence(
            result, "‖W‖² over all hidden"
        )

    @pytest.mark.parametrize("optimizer", ["momentum", "adam"])
    def test_no_prediction_for_other_optimizers(self, optimizer):
        said = sentence(made(optimizer=optimizer), "‖W‖² over all hidden")
        assert "The prediction is for SGD" in said
        assert "predicted from" not in said

    def test_what_diverged_is_left_out(self):
        result = made()
        result.square[0, :, :, -1] = np.nan
        assert "plain" not in sentence(result, "‖W‖² over all hidden")
        result.square[1, :, :, -1] = np.nan
        assert sentence(result, "‖W‖² over all hidden") is None


class TestTuning:
    def test_downwards_alone(self):
        said = sentence(made(norms=((1, 1), (100, 100))), "effective rate")
        assert "**tunes itself, and downwards alone**" in said
        assert (
            "from 80 to 0.01 (gain 0.01), from 0.01 to 0.01 (gain 0.3) and from 0.000001 to" in said
        )
        assert "The starts were more than a million times apart, the ends are 10,000 times." in said

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
            "In test accuracy (median seed), BN ended at 95 % from gain 0.01, at 97 % from gain 0.3"
            " and at 10 % from gain 100; plain ended at 10 % from gain 0.01, at 50 % from gain 0.3"
            " and diverged from gain 100."
        )

    def test_where_half_of_the_seeds_diverged(self):
        result = made()
        result.accuracy[1, 0, 0] = np.nan
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

    @pytest.mark.parametrize("spared", [0.1, 0.25, 0.02])
    def test_none_of_it(self, spared):
        said = sentence(made(spared=(0.1, spared)), "in the output layer")
        assert said.endswith("against 10 % from 100 in all of them.")

    def test_that_all_diverged_is_no_accuracy(self):
        nobody = made(spared=(np.nan,) * 2, accuracy=((0.1,) * 3, (0.1, 0.1, np.nan)))
        said = sentence(nobody, "in the output layer")
        assert said.endswith("BN diverged; from 100 in all of them it diverged.")


class TestBeliefs:
    def test_decay(self):
        result = made(ratio=(1.0, 9.99))
        result.output_change[1, :, TENTH] = 6e-4
        said = belief(result, "Weight decay")
        assert "BN computes the same: its outputs change by 0.06 %" in said
        assert "10.0 times as long" in said

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
            ((0.95, 0.97, 0.94), "In this run it hardly did"),
            ((0.99, 0.97, 0.86), "It did in this run, though BN learned from both ends"),
            ((0.1, 0.97, 0.9), "It did in this run"),
            ((0.5, 0.97, 0.6), "It did in this run: BN ended at 50 %"),
            ((0.95, 0.97, np.nan), "Not at all is too much: BN ended at 95 %"),
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
            (0.8, "turned by 1.6° at most: what is left is the work of γ, β"),
            (0.3, "instead of 97 %."),
            (0.96, "neither is clearly the better one"),
            (0.98, "neither is clearly the better one"),
        ],
    )
    def test_learning_rate(self, spared, verdict):
        said = belief(made(spared=(0.1, spared)), "learning rate")
        assert "a gain of 100 instead of 0.3 is at first a rate 111,111 times smaller" in said
        assert f"BN ended at {100 * spared:g} %" in said
        assert verdict in said
        assert "output layer from" not in said

    def test_learning_rate_where_the_hidden_layers_may_have_turned(self):
        said = belief(made(spared=(0.1, 0.85), spared_growth=1.1), "learning rate")
        assert said.endswith("instead of 97 %.")

    def test_learning_rate_with_decay_the_hidden_layers_do_turn(self):
        said = belief(made(spared=(0.1, 0.85), decay=0.02), "learning rate")
        assert said.endswith("instead of 97 %.")

    def test_learning_rate_where_the_smaller_one_is_better(self):
        result = made(spared=(0.1, 0.9), accuracy=((0.1,) * 3, (0.1, 0.5, 0.1)))
        assert "with the smaller rate was the better one" in belief(result, "learning rate")

    def test_learning_rate_of_adam_counts_the_longer_weights_once(self):
        said = belief(made(optimizer="adam"), "learning rate")
        assert "a gain of 100 instead of 0.3 is at first a rate 333 times smaller" in said

    @pytest.mark.parametrize(
        ("own", "spared", "verdict"),
        [
            (np.nan, 0.1, "BN ended at 10 %; from gain 0.3 it diverged."),
            (np.nan, np.nan, "BN diverged; from gain 0.3 it diverged too."),
            (0.5, np.nan, "BN diverged instead of ending at 50 %."),
        ],
    )
    def test_learning_rate_where_a_start_diverged(self, own, spared, verdict):
        result = made(spared=(0.1, spared), accuracy=((0.1,) * 3, (0.1, own, 0.1)))
        assert belief(result, "learning rate").endswith(verdict)

    def test_learning_rate_from_other_gains(self):
        assert "(and with an output layer from 1)" in belief(made(gain=10.0), "learning rate")
        assert "Choose a gain other than 100" in belief(made(gain=100.0), "learning rate")

    def test_growing(self):
        assert belief(made(), "from growing").startswith(
            "They only grew: ‖W‖² of BN's hidden layers"
        )
        assert belief(made(shrank=1), "from growing").startswith("It normalizes what")
        assert belief(made(optimizer="adam"), "from growing").startswith("It normalizes what")
        assert "weight decay, not BN" in belief(made(decay=0.02), "from growing")
        still = made(norms=((1, 1), (100, 100)))
        assert belief(still, "from growing").startswith("In this run they hardly grew")
        still.square[1] = np.nan
        assert "not a number to the end" in belief(still, "from growing")


class TestGuess:
    @pytest.mark.parametrize(
        ("small", "large", "right"), [(0.9, 0.1, 0), (0.1, 0.9, 1), (0.9, 0.9, 2), (0.1, 0.1, 3)]
    )
    def test_says_what_came_of_every_start(self, small, large, right):
        result = made(accuracy=((0.1,) * 3, (small, 0.97, large)))
        option, why = words.guess(judge(result))
        assert option == words.GUESSES[right]
        assert why == sentence(result, "In test accuracy")


class TestReach:
    def test_a_range_one_and_none(self):
        results = [at_gain(0.01, 0.1, 0.9), at_gain(1.0, 0.95, 0.97), at_gain(10.0, 0.1, 0.85)]
        assert reach(judge_gains(results)) == (
            "Of 3 initial gains, BN learns from 3 of them, 0.01 to 10; plain from 1 alone"
            " (median seed)."
        )
        assert "plain from none of them" in reach(judge_gains([at_gain(1.0, 0.5, 0.5)]))


def everything_said(verdict):
    said = words.findings(verdict)
    return [said.headline, *said.more, *words.beliefs(verdict).values(), words.guess(verdict)[1]]


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
    for said in everything_said(judge(result)):
        assert said.strip().endswith((".", ")"))
        for word in ("nan", "inf", "-1"):
            assert word not in said.lower().replace(",", " ").replace("°", " ").split(), said


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
