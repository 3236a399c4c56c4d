"""Scale in sentences."""

import numpy as np
import pytest

from bnviz.experiments.scale import FACTORS, ScaleConfig
from bnviz.experiments.settings import knobs
from bnviz.verdicts.scale import judge
from bnviz.words import scale as words
from tests.made.scale import TENFOLD, TENTH, made, without_numbers


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
