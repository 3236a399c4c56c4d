"""The starts of scale in sentences."""

import numpy as np
import pytest

from bnviz.verdicts.scale_starts import judge_gains
from bnviz.words.scale.starts import reach
from tests.made.scale import at_gain, made
from tests.words.test_scale import belief, sentence


class TestTuning:
    def test_downwards_alone(self):
        said = sentence(made(norms=((1, 1), (100, 100))), "effective learning rate")
        assert "tunes itself, and downwards alone" in said
        assert "From gain 0.01 it goes from 80 to 0.01. From gain 0.3 it goes from 0.01 to" in said
        assert "The starts are more than a million times apart, the ends 10,000 times." in said

    @pytest.mark.parametrize(
        ("last", "verdict"),
        [
            ((80, 0.01, 1e-6), "hardly changes in this run"),
            ((0.01, 0.01, 0.01), "tunes itself, downwards and upwards"),
            ((80, 0.01, 0.01), "rises"),
            ((10, 0.01, 1.1e-6), "tunes itself, but not downwards alone"),
        ],
    )
    def test_other_ways(self, last, verdict):
        result = made(rates=((80, 0.01, 1e-6), last), norms=((1, 1), (100, 100)))
        assert verdict in sentence(result, "effective learning rate")

    def test_of_adam_it_is_only_a_number(self):
        said = sentence(made(optimizer="adam"), "With BN lr/‖W‖²")
        assert "only a number" in said
        assert "effective" not in said
        assert "tunes itself" not in said
        assert "only a number" not in sentence(made(), "effective learning rate")

    def test_with_one_start_left_there_is_nothing_to_compare(self):
        result = made()
        result.square[1, :2, :, -1] = np.nan
        assert sentence(result, "effective learning rate") is None


class TestAccuracies:
    def test_every_start(self):
        assert sentence(made(), "a test accuracy of") == (
            "BN ended at a test accuracy of 95 % from gain 0.01, 97 % from gain 0.3 and 10 % from"
            " gain 100 (median seed). Plain ended at a test accuracy of 10 % from gain 0.01 and"
            " 50 % from gain 0.3 (median seed). From gain 100, plain diverged in both seeds."
        )

    def test_where_half_of_the_seeds_diverged(self):
        result = made()
        result.accuracy[1, 0, 0] = np.nan
        said = sentence(result, "a test accuracy of")
        assert "From gain 0.01, BN diverged in 1 of 2 seeds." in said

    def test_who_diverged_from_every_gain_has_no_accuracy(self):
        said = sentence(made(lost=((True,) * 3, (False,) * 3)), "a test accuracy of")
        assert "Plain ended" not in said
        assert said.count("plain diverged in both seeds") == 3


class TestSpared:
    def test_most_of_the_fault_is_the_output_layers(self):
        said = sentence(made(), "in the output layer")
        assert said.startswith("From gain 100 in the hidden layers and 0.3 in the output layer, BN")
        assert "ended at 90 %. Most of what goes wrong from 100" in said

    def test_a_part_of_it(self):
        said = sentence(made(spared=(0.1, 0.3)), "in the output layer")
        assert "ended at 30 %. Only a part of what goes wrong" in said

    @pytest.mark.parametrize("spared", [0.1, 0.25, 0.02])
    def test_none_of_it(self, spared):
        said = sentence(made(spared=(0.1, spared)), "in the output layer")
        assert said.endswith("From 100 in all of them it ended at 10 %.")

    def test_that_all_diverged_is_no_accuracy(self):
        nobody = made(spared=(np.nan,) * 2, accuracy=((0.1,) * 3, (0.1, 0.1, np.nan)))
        said = sentence(nobody, "in the output layer")
        assert said.endswith("From 100 in all of them it diverged in both seeds.")


class TestBeliefs:
    @pytest.mark.parametrize(
        ("accuracy", "verdict"),
        [
            ((0.95, 0.97, 0.1), "“Not at all” goes too far. BN ended at a test accuracy of 95 %"),
            ((0.95, 0.97, 0.94), "In this run it hardly did"),
            ((0.99, 0.97, 0.86), "It did in this run, though BN learned from both ends"),
            ((0.1, 0.97, 0.9), "It did in this run"),
            ((0.5, 0.97, 0.6), "It did in this run. BN ended at a test accuracy of 50 %"),
            (
                (0.95, 0.97, np.nan),
                "“Not at all” goes too far. BN ended at a test accuracy of 95 %",
            ),
            ((0.1, 0.97, 0.1), "This run cannot tell"),
            ((0.2, 0.3, 0.1), "This run cannot tell"),
        ],
    )
    def test_initialization(self, accuracy, verdict):
        said = belief(made(accuracy=((0.1,) * 3, accuracy)), "initialization")
        assert said.startswith(verdict)
        assert ("output layer spared" in said) == verdict.startswith("“Not at all”")

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
        assert "output layer is another one" not in said

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
            (np.nan, 0.1, "BN ended at 10 %. From gain 0.3 it diverged in both seeds."),
            (np.nan, np.nan, "BN diverged in both seeds. From gain 0.3 it diverged in both seeds."),
            (0.5, np.nan, "BN diverged in both seeds instead of ending at 50 %."),
        ],
    )
    def test_learning_rate_where_a_start_diverged(self, own, spared, verdict):
        result = made(spared=(0.1, spared), accuracy=((0.1,) * 3, (0.1, own, 0.1)))
        assert belief(result, "learning rate").endswith(verdict)

    def test_learning_rate_from_other_gains(self):
        assert "The output layer is another one, too: it starts from 1." in belief(
            made(gain=10.0), "learning rate"
        )
        assert "Choose a gain other than 100" in belief(made(gain=100.0), "learning rate")


class TestReach:
    def test_a_range_one_and_none(self):
        results = [at_gain(0.01, 0.1, 0.9), at_gain(1.0, 0.95, 0.97), at_gain(10.0, 0.1, 0.85)]
        assert reach(judge_gains(results)) == (
            "The picture has 3 initial gains; the median seed counts. BN learns from 3 of them,"
            " 0.01 to 10. Plain learns from 1 alone."
        )
        assert "Plain learns from none of them." in reach(judge_gains([at_gain(1.0, 0.5, 0.5)]))
