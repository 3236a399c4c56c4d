"""Scale in sentences."""

import numpy as np
import pytest

from bnviz.experiments.scale import FACTORS
from bnviz.verdicts.scale import judge
from bnviz.words import scale as words
from tests.made.scale import TENFOLD, TENTH, made, without_numbers


def headline(result):
    return words.findings(judge(result)).headline


def sentence(result, part):
    told = words.findings(judge(result))
    found = [said for said in (*told.more, *told.further) if part in said]
    assert len(found) <= 1, found
    return found[0] if found else None


def belief(result, part):
    beliefs = words.beliefs(judge(result)).items()
    (answer,) = [said for name, said in beliefs if part in name]
    return answer


class TestHeadline:
    def test_at_right_angles_and_growing(self):
        assert headline(made()) == "BN's gradient is at right angles to W, whose length only grows."

    @pytest.mark.parametrize(
        "changes", [{"shrank": 1}, {"norms": ((1, 1), (100, 100))}, {"norms": ((1, 1), (0, 0))}]
    )
    def test_that_does_not_grow(self, changes):
        told = headline(made(**changes))
        assert told == "BN's gradient is at right angles to its weights W."

    def test_not_at_right_angles(self):
        assert "not everywhere at right" in headline(made(angle=((70, 110), (80, 95))))
        assert "have no gradient" in headline(without_numbers())

    def test_at_right_angles_from_a_step_on(self):
        result = made()
        result.angle[1, :, :, :2, 0, 0] = 88.6  # one layer, at the first two records
        assert headline(result) == "From step 2 on, BN's gradient is at right angles to W."
        result.angle[1, :, :, -1, 0, 0] = 88.6
        assert "not everywhere at right" in headline(result)

    def test_is_one_line(self):
        for angle in ((90, 90), (80, 95), (np.nan, np.nan)):
            assert len(headline(made(angle=((70, 110), angle)))) <= 70


class TestMultiplied:
    def test_bn_is_unchanged(self):
        assert words.multiplied(judge(made())) == (
            "With the trained weights of all hidden layers ten times as large, BN's outputs change"
            " by less than 0.01 %. Plain's outputs change by 50 times their size."
        )

    def test_names_what_is_multiplied(self):
        told = words.multiplied(judge(made(scaled="the first layer")))
        assert "weights of the first layer ten times as large" in told

    def test_looks_at_ten_and_at_no_other_factor(self):
        result = made()
        result.output_change[1] = 0.5
        result.output_change[1, :, TENFOLD] = 1e-3
        assert "BN's outputs change by 0.1 %" in words.multiplied(judge(result))

    def test_a_change_that_the_seeds_do_not_share_has_its_range(self):
        result = made()
        result.output_change[0, :, TENFOLD] = 40.0, 60.0
        result.output_change[1, :, TENFOLD] = 1e-3, 2e-3
        said = words.changes(judge(result))
        assert "BN's outputs change by 0.15 %. Plain's outputs change by 50 times" in said
        assert "Over the seeds, plain's outputs change by 40.0 to 60.0 times their size." in said
        assert "BN's outputs change by 0.1 to 0.2 %." in said
        assert "Over the seeds" not in words.changes(judge(made()))

    def test_bn_changes_too_where_epsilon_matters(self):
        said = words.multiplied(judge(made(change=(50.0, 0.02))))
        assert "even BN's outputs change by 2 %" in said
        assert "ε matters" in said

    def test_plain_that_hardly_depends_on_its_weights(self):
        said = words.multiplied(judge(made(change=(1e-9, 1e-5))))
        assert "which hardly depend on these weights any more, change by less than" in said

    @pytest.mark.parametrize("treatment", [0, 1])
    def test_what_is_no_number_is_not_compared(self, treatment):
        result = made()
        result.output_change[treatment] = np.nan
        name = ("Plain's", "BN's")[treatment]
        assert f"{name} outputs cannot be compared" in words.multiplied(judge(result))


class TestGradients:
    @pytest.mark.parametrize(
        ("ratio", "words"),
        [
            (0.1, "10 times shorter"),
            (30.0, "30 times longer"),
            (1.0, "about as long as before"),
            (0.0, "zero"),
            (np.nan, "too small or too large to compare"),
            (123456.0, "120,000 times longer"),
            (1e20, "more than a million times longer"),
        ],
    )
    def test_in_words(self, ratio, words):
        at = "gradient at ten times the weights is"
        assert f"BN's {at} {words}." in sentence(made(ratio=(30.0, ratio)), at)
        assert f"Plain's {at} {words}." in sentence(made(ratio=(ratio, 0.1)), at)


class TestBreaks:
    def broken_up_to(self, factor, variance=1.0):
        result = made(variance=variance)
        result.output_change[1, :, [f <= factor for f in FACTORS]] = 0.05
        return sentence(result, "ε counts") or sentence(result, "At no factor in this sweep")

    def test_says_where(self):
        said = self.broken_up_to(0.01)
        assert said.startswith("At a = 0.01 BN's outputs change by 5 %: the variance")
        assert "is only 0.0001 there" in said

    def test_nowhere(self):
        assert "At no factor in this sweep" in self.broken_up_to(0.0)

    def test_everywhere(self):
        said = self.broken_up_to(1e4, variance=2e-4)
        assert said.startswith("For these weights ε counts even as they are")
        assert "0.0002" in said

    def test_no_numbers(self):
        result = made()
        result.output_change[1, :, 0] = np.nan
        assert "cannot be said" in sentence(result, "Where ε begins to count")


class TestRightAngles:
    def test_with_bn_and_without(self):
        assert sentence(made(), "With BN the angle").startswith(
            "With BN the angle is 90° in most units, over all hidden layers and steps"
        )
        assert "angle is 70° to 110° in most" in sentence(made(), "In plain the angle")

    def test_the_outermost_step_and_layer_and_not_the_output(self):
        result = made()
        result.angle[1, 1, :, 2, 0, 2] = 93.5
        result.angle[1, 1, :, :, -1, 2] = 170
        assert "angle is 90° to 94°" in sentence(result, "With BN the angle")

    def test_without_a_gradient(self):
        result = made()
        result.angle[:] = np.nan
        assert sentence(result, "the angle is") is None


class TestGrowth:
    def test_as_predicted(self):
        said = sentence(made(), "BN's ‖W‖² over all hidden")
        assert said.endswith(
            "ended at 2 times its first value. The gradients alone predict just that."
        )

    def test_not_as_predicted(self):
        said = sentence(made(off=(0.3, 0.02)), "BN's ‖W‖² over all hidden")
        assert said.endswith(". The prediction from the gradients alone is off by 2 % at most.")

    def test_in_plain_the_prediction_is_off(self):
        said = sentence(made(), "In plain the same")
        assert said == (
            "In plain the same prediction is off by 30 % at most. Its gradients stand at other"
            " angles."
        )
        upright = sentence(made(angle=((90, 90), (90, 90))), "In plain the same")
        assert upright.endswith("at most.")
        assert "ended at 1.5 times" in sentence(made(), "Plain's ‖W‖²")

    def test_the_output_layer_does_not_count(self):
        result = made()
        result.square[..., -1] *= np.linspace(1, 50, 4)
        assert "ended at 2 times" in sentence(result, "BN's ‖W‖²")

    def test_layers_that_differ(self):
        result = made()
        result.square[1, 1, :, -1, 1] = 500
        assert "ended at 2 to 5 times its first value" in sentence(result, "BN's ‖W‖²")
        result.square[1, 1, :, -1, :2] = 101, 102.3
        assert "ended at 1.01 to 1.02 times" in sentence(result, "BN's ‖W‖²")

    def test_that_stayed(self):
        result = made(norms=((1, 1.5), (100.0, 100.0101)))
        assert "stayed where it was, off by 0.01 % at most" in sentence(result, "BN's ‖W‖²")

    @pytest.mark.parametrize("optimizer", ["momentum", "adam"])
    def test_no_prediction_for_other_optimizers(self, optimizer):
        result = made(optimizer=optimizer)
        assert sentence(result, "There is no prediction for momentum and Adam")
        assert "predicted" not in sentence(result, "BN's ‖W‖²")
        assert sentence(result, "In plain the same") is None

    def test_what_diverged_is_left_out(self):
        result = made()
        result.square[0, :, :, -1] = np.nan
        assert sentence(result, "In plain the same") is None
        result.square[1, :, :, -1] = np.nan
        assert sentence(result, "BN's ‖W‖²") is None


class TestBeliefs:
    def test_decay(self):
        result = made(ratio=(1.0, 9.99))
        result.output_change[1, :, TENTH] = 6e-4
        said = belief(result, "Weight decay")
        assert "BN computes the same: its outputs change by 0.06 %" in said
        assert "10 times as long" in said

    def test_decay_where_epsilon_matters(self):
        result = made()
        result.output_change[1, :, TENTH] = 0.07
        assert "At weights this small there is something in it" in belief(result, "Weight decay")
        result.output_change[1, :, TENTH] = np.nan
        assert belief(result, "Weight decay").startswith("This run cannot tell")

    def test_growing(self):
        assert belief(made(), "from growing").startswith(
            "They only grew. BN's ‖W‖² over all hidden layers"
        )
        assert belief(made(shrank=1), "from growing").startswith("It normalizes what")
        assert belief(made(optimizer="adam"), "from growing").startswith("It normalizes what")
        assert "weight decay, not BN" in belief(made(decay=0.02), "from growing")
        still = made(norms=((1, 1), (100, 100)))
        assert belief(still, "from growing").startswith("In this run they hardly grew")
        still.square[1] = np.nan
        assert "not a number to the end" in belief(still, "from growing")


def everything_said(verdict):
    said = words.findings(verdict)
    asked = [one.outcome(verdict).why for one in words.CHALLENGES]
    told = (said.headline, *said.more, *said.further, words.changes(verdict))
    return [*told, *words.beliefs(verdict).values(), *asked]


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
