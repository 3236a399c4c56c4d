"""Inside the layers in sentences: they come out the other way where the run does."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import MEASURES, NEVER
from bnviz.experiments.activations import PROBE_SAMPLES
from bnviz.verdicts.activations import (
    gaussian_skewness,
    judge,
    judge_unit,
    losses_of_signal,
)
from bnviz.words import activations as words
from bnviz.words.activations import beliefs as activation_beliefs
from bnviz.words.activations.findings import findings, of_unit
from tests.made.activations import NOBODY, UNITS, made, with_signal


def told(result):
    return findings(judge(result)).text


def headline(**changes):
    return findings(judge(made(**changes))).headline


def outcome(name, result):
    (challenge,) = (one for one in words.CHALLENGES if one.name == name)
    told = challenge.outcome(judge(result))
    assert told.right is None or told.right in challenge.answers
    return told


def sentences(**changes):
    return told(made(**changes))


def belief(start, **changes):
    met = activation_beliefs.beliefs(judge(made(**changes)))
    return next(said for believed, said in met.items() if believed.startswith(start))


class TestHeadline:
    def test_plain_moved_farther(self):
        assert headline() == "Plain's distributions moved farther than BN's."
        said = sentences()
        assert "plain's typical layer had moved by 0.75 of its initial standard deviation" in said
        assert "deviation, BN's by 0.075. Plain's moved farther in both seeds: 10.0 times" in said

    def test_bn_moved_farther(self):
        moved = ((0.05, 0.1), (0.5, 1.0))
        assert headline(moved=moved) == "BN's distributions moved farther than plain's."
        assert "BN's moved farther in both seeds: 10.0 times as far." in sentences(moved=moved)

    @pytest.mark.parametrize("batch", [0.9, 1.0, 1.1])
    def test_about_as_far(self, batch):
        said = headline(moved=((1.0, 1.0), (batch, batch)))
        assert said == "Both networks' distributions moved about as far."

    def test_of_a_seed_that_diverged_the_last_record_counts(self):
        said = sentences(diverged=((2, NEVER), NOBODY))  # at step 1 a quarter of the way
        assert "moved by 0.47" in said  # the median of 0.1875 and 0.75
        assert "Plain's moved farther in both seeds: 2.5 to 10.0 times as far." in said

    def test_most_seeds_diverged(self):
        gone = ((2, 4), NOBODY)
        assert headline(diverged=gone) == "Plain diverged in most seeds."
        assert (
            "By the end or at the last record before, plain's typical layer had moved by 0.28"
        ) in sentences(diverged=gone)
        assert headline(diverged=(NOBODY, (2, 4))) == "BN diverged in most seeds."
        assert headline(diverged=((2, 2), (2, 4))) == "Both networks diverged in most seeds."
        assert "last record before, plain's" not in sentences()

    def test_nothing_but_the_start_was_recorded(self):
        assert headline(diverged=((1, 1), NOBODY)).startswith("Plain diverged at once:")
        assert headline(diverged=((0, 1), (0, 0))).startswith("Plain and BN diverged at once:")
        assert "had moved" not in sentences(diverged=((1, 1), NOBODY))

    def test_not_all_seeds(self):
        result = made(seeds=2)
        result.maps[MEASURES.index("moved"), 0, 1] *= 0.01
        said = findings(judge(result)).headline
        assert said == "The seeds do not agree on whose distributions moved farther."

    def test_seeds_that_cannot_be_followed_are_not_counted(self):
        said = sentences(diverged=((1, NEVER), NOBODY))
        assert "farther in the one seed that can be followed: 10.0 times as far" in said

    def test_bn_that_does_not_move(self):
        said = headline(moved=((1, 1), (0, 0)))
        assert said == "Plain's distributions changed, BN's did not."


class TestOutcome:
    def test_the_stiller_network_learned_more(self):
        said = sentences()
        assert "The network that moved less learned more, which does not prove" in said
        assert "Test accuracy ends at 90 % in plain and at 95 % in BN." in said

    def test_standing_still_did_not_help(self):
        assert "Moving less did not help here" in sentences(accuracy=(0.95, 0.8))

    def test_hardly_different(self):
        assert "They hardly differ in the end" in sentences(accuracy=(0.95, 0.945))

    def test_bn_was_not_the_stiller_one(self):
        said = sentences(moved=((0.1, 0.1), (0.5, 0.5)))
        assert "Test accuracy ends at 90 % in plain" in said
        assert "oved less" not in said

    @pytest.mark.parametrize(
        ("accuracy", "who"),
        [
            ((0.1, 0.9), "Plain has not"),
            ((0.9, 0.5), "BN has learned little"),
            ((0.1, 0.1), "Neither network"),
        ],
    )
    def test_who_has_not_learned(self, accuracy, who):
        assert f"{who}" in sentences(accuracy=accuracy)
        assert "oved less" not in sentences(accuracy=accuracy)

    def test_halfway_depends_on_the_classes(self):
        assert "Plain has learned little" in sentences(accuracy=(0.7, 0.9), dataset="moons")
        assert "Plain has not learned" in sentences(accuracy=(0.6, 0.9), dataset="moons")
        assert "has not learned" not in sentences(accuracy=(0.7, 0.9))

    def test_diverged(self):
        said = sentences(diverged=((1, 2), NOBODY))
        assert "Plain diverged, and BN's test accuracy ends at 95 %" in said
        half = sentences(diverged=((1, NEVER), NOBODY))  # half of 90 % would be nobody's accuracy
        assert "Test accuracy ends at 90 % in plain and at 95 % in BN" in half
        assert "Plain diverged in both seeds, at steps 1 to 2" in said
        assert "BN diverged in 1 of 2 seeds, at step 4" in sentences(diverged=(NOBODY, (4, NEVER)))
        assert "diverged" not in sentences()


class TestLayers:
    def test_which_moved_farthest(self):
        said = sentences(moved=((1.0, 0.5), (0.05, 0.1)))
        assert "In plain, layer 1 moved farthest, by 1, and layer 2 least, by 0.5" in said
        assert "In BN, layer 2 moved farthest, by 0.1, and layer 1 least, by 0.05" in said

    def test_of_one_that_cannot_be_followed(self):
        assert "In BN, layer 2 moved farthest" in sentences(diverged=((0, 0), NOBODY))
        said = sentences(diverged=((0, 0), (0, 0)))
        assert "No layer's distribution could be followed" in said


class TestIdle:
    def test_dead_units(self):
        said = sentences(idle=((0.1, 0.5), (0.0, 0.02)))
        assert "At the end 30 % of plain's units are dead, and 1 % of BN's" in said
        assert "At worst, in one seed, it was 50 % of plain's layer 2." in said

    def test_none(self):
        assert "At the end none of plain's units are dead, and none of BN's." in sentences()
        lost = sentences(diverged=((4, NEVER), NOBODY))
        assert "At each seed's last record none of plain's units are dead" in lost
        assert "At worst" not in sentences()

    @pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
    def test_saturated_values(self, activation):
        said = sentences(idle=((0.1, 0.5), (0.0, 0.0)), activation=activation)
        assert "30 % of plain's values are saturated, and none of BN's" in said

    @pytest.mark.parametrize("activation", ["leaky relu", "identity"])
    def test_no_such_state(self, activation):
        assert f"With {activation}, units can be neither" in sentences(activation=activation)
        assert "Choose relu" in belief("Only the plain", activation=activation)

    def test_gelu_can_be_nearly_dead(self):
        assert "can be neither" not in sentences(activation="gelu")
        assert "none are counted. Choose relu" in belief("Only the plain", activation="gelu")


class TestSignal:
    def test_both_keep_it(self):
        assert "Both keep their signal: no layer falls below 5 %" in sentences()

    def test_lost_from_the_start_and_for_good(self):
        result = with_signal([[1, 0.01]] * 4)
        assert losses_of_signal(result, 0) == [(0, 2, True)] * 2
        said = told(result)
        assert "Plain loses its signal in both seeds, typically in layer 2 at step 0." in said
        assert "It does not return." in said
        assert "BN keeps its signal" in said

    def test_lost_on_the_way_and_found_again(self):
        result = with_signal([[1, 1], [1, 1], [0.04, 0.04], [1, 1]], treatment=1)
        assert losses_of_signal(result, 1) == [(2, 1, False)] * 2
        said = told(result)
        assert "BN loses its signal in both seeds, typically in layer 1 at step 2." in said
        assert "vary less than 5 % of the first one's at the start. At the end it was back." in said
        result.maps[MEASURES.index("signal"), 1, 1, 3] = 0.01
        said = told(result)
        assert "In 1 of them it was back at the end." in said
        assert "Plain keeps its signal" in said

    def test_is_measured_against_the_first_layer_at_the_start(self):
        assert losses_of_signal(with_signal([[20, 1.1]] * 4), 0) == []
        assert losses_of_signal(with_signal([[1, 1], *[[9, 0.4]] * 3]), 0) == []
        assert len(losses_of_signal(with_signal([[20, 0.9]] * 4), 0)) == 2


class TestUpdates:
    def test_in_thousandths(self):
        assert "weights, 2.5 in plain and 2.5 in BN. A rule of thumb is" in sentences(update=0.0025)

    def test_other_optimizers_take_other_steps(self):
        assert "The updates of adam are others than this." in sentences(optimizer="adam")
        assert "optimizer" not in sentences()

    def test_nothing_measured(self):
        assert "No update could be measured" in sentences(diverged=((0, 0), (0, 0)))


class TestGaussian:
    def test_no(self):
        said = belief("BN makes")
        assert said.startswith("No. BN shifts")
        assert "skewness of 0.5" in said
        assert "excess kurtosis of −0.6" in said
        assert "50 % of the values are exactly 0" in said

    def test_nearly(self):
        near = {"skewness": (0.0, 0.12, 0.3), "kurtosis": (-0.4, -0.05, 0.4)}
        assert belief("BN makes", units=near).startswith("In this run nearly")
        for name in near:  # one of the two alone is not enough
            assert belief("BN makes", units=near | {name: UNITS[name]}).startswith("No.")

    def test_without_zeros(self):
        assert "exactly 0" not in belief("BN makes", zeros=0)

    def test_what_samples_of_a_gaussian_show(self):
        draws = np.random.default_rng(1).normal(size=(4000, PROBE_SAMPLES))
        z = (draws - draws.mean(1, keepdims=True)) / draws.std(1, keepdims=True)
        typical = np.median(np.abs((z**3).mean(1)))
        assert pytest.approx(typical, rel=0.06) == gaussian_skewness(PROBE_SAMPLES)


class TestStopped:
    def test_slows(self):
        said = belief("BN stops")
        assert said.startswith("It slows them. BN's moved in its typical layer by 0.075")
        assert "the one that moved most by 0.1; plain's by 0.75." in said

    def test_nearly(self):
        said = belief("BN stops", moved=((1, 1), (0.01, 0.02)))
        assert said.startswith("In this run nearly")

    def test_on_the_contrary(self):
        said = belief("BN stops", moved=((0.1, 0.1), (1, 1)), accuracy=(0.1, 0.9))
        assert said.startswith("On the contrary")
        assert said.endswith("Plain has not learned.")

    def test_not_at_all(self):
        said = belief("BN stops", moved=((1, 1), (0, 0)))
        assert said.startswith("In this run it does. BN's moved in its typical layer by 0 of")

    def test_as_far(self):
        assert belief("BN stops", moved=((1, 1), (1, 1))).startswith("Not here")

    def test_nothing_measured(self):
        assert "diverged before" in belief("BN stops", diverged=(NOBODY, (0, 0)))


class TestStandard:
    def test_gamma_and_beta_have_moved(self):
        said = belief("After BN")
        assert "They have moved. At the end, nine units in ten have a mean between −0.20" in said
        assert "and 0.30 and a standard deviation between 0.80 and 1.40." in said

    def test_hardly(self):
        near = {"mean": (-0.0001, 0, 0.02), "deviation": (0.99, 1, 1.01)}
        said = belief("After BN", units=near)
        assert "They have hardly moved yet" in said
        assert "a mean between 0.00 and 0.02" in said
        for name in near:
            assert "They have moved" in belief("After BN", units=near | {name: UNITS[name]})

    @pytest.mark.parametrize("start", ["After BN", "BN makes"])
    def test_no_unit_with_bn(self, start):
        nothing = dict.fromkeys(UNITS, (np.nan,) * 3)
        assert belief(start, units=nothing) == activation_beliefs.NO_UNIT


class TestOnlyPlain:
    def test_it_is_so(self):
        said = belief("Only the plain", idle=((0.4, 0), (0, 0)))
        assert said.startswith(
            "In this run it is so: BN shows none that are dead, plain up to 40 %"
        )

    def test_bn_has_some(self):
        said = belief("Only the plain", idle=((0, 0), (0, 0.25)), activation="tanh")
        assert said.startswith("On the contrary: BN has some that are saturated, up to 25 %")
        assert said.endswith("plain has none.")
        said = belief("Only the plain", idle=((0.1, 0), (0, 0.2)))
        assert said.startswith("No: BN has some that are dead too, up to 20 % of layer 2")
        assert said.endswith("plain has up to 10 %.")

    def test_neither(self):
        assert "neither network" in belief("Only the plain")

    def test_nothing_measured(self):
        assert "diverged before" in belief("Only the plain", diverged=((0, 0), NOBODY))


class TestUnits:
    def test_says_where_the_median_lay(self):
        result = made()
        result.percentiles[0, :, 4, 1] = [0.5, -1.5, 2, np.nan]
        said = of_unit(judge_unit(result, 5))
        assert said.startswith("The median input of unit 5 of layer 2 lay at −1.5 to 2 in plain")
        assert "in plain and at 0 in BN." in said
        result.percentiles[:, :2, 4, 1] = [[-1e5, 1e5], [2e5, 1e5]]
        result.percentiles[1, 2:, 4, 1] = 3e5
        said = of_unit(judge_unit(result, 5))
        assert "at −100,000 to 100,000 in plain and at 100,000 to 300,000 in BN" in said
        result.percentiles[0] = np.nan
        assert "in plain" not in of_unit(judge_unit(result, 5))
        result.percentiles[1] = np.nan
        assert "could not be measured" in of_unit(judge_unit(result, 5))


class TestChallenges:
    """What a run answers, at the borders between two answers."""

    @pytest.mark.parametrize(
        ("share", "right"), [(0.04, 0), (0.05, 1), (0.29, 1), (0.31, 2), (1.0, 2)]
    )
    def test_how_many_units_are_dead(self, share, right):
        told = outcome("dead", made(idle=((share, share), (0.0, 0.0))))
        assert told.right == words.DEAD[right]
        assert "of plain's units are dead, and none of BN's" in told.why

    @pytest.mark.parametrize("changes", [{"activation": "tanh"}, {"diverged": ((0, 0), NOBODY)}])
    def test_where_no_unit_can_be_dead_nothing_is_said(self, changes):
        assert outcome("dead", made(**changes)).right is None

    @pytest.mark.parametrize(("moved", "third"), [((1, 0.5), 0), ((0.5, 1), 2)])
    def test_which_layers_moved_farthest_in_the_picture(self, moved, third):
        result = made(moved=((1, 1), moved))
        assert outcome("layer", result).right == words.THIRDS[third]
        result.maps[MEASURES.index("moved"), 1, 1] *= np.array(
            [0.01, 100] if third == 0 else [100, 0.01]
        )
        told = outcome("layer", result)
        assert told.right == words.THIRDS[third]  # it is the first seed that is drawn
        assert "The layer that moved farthest stands there in 1 of 2 seeds." in told.why

    def test_in_the_middle(self):
        result = made()
        result = replace(result, maps=result.maps[..., [0, 1, 0]])
        assert outcome("layer", result).right == words.THIRDS[1]

    def test_of_a_network_that_diverged_nothing_is_said(self):
        assert outcome("layer", made(diverged=(NOBODY, (0, NEVER)))).right is None

    @pytest.mark.parametrize("name", ["paper", "fading"])
    @pytest.mark.parametrize(
        ("plain", "batch", "right"),
        [
            (1.0, 0.1, "BN's"),
            (1.0, 0.0, "BN's"),
            (0.1, 1.0, "plain's"),
            (1.0, 1.1, "about the same"),
        ],
    )
    def test_whose_values_move_less(self, name, plain, batch, right):
        told = outcome(name, made(moved=((plain, plain), (batch, batch))))
        assert told.right == right
        assert "typical layer had moved by" in told.why

    @pytest.mark.parametrize("diverged", [((2, 4), NOBODY), ((1, 1), NOBODY)])
    def test_whose_values_move_less_where_one_diverged(self, diverged):
        assert outcome("paper", made(diverged=diverged)).right is None

    @pytest.mark.parametrize(
        ("accuracy", "right"),
        [((0.92, 0.89), "plain"), ((0.89, 0.92), "BN"), ((0.9, 0.91), "about the same")],
    )
    def test_which_network_ends_more_accurate(self, accuracy, right):
        told = outcome("low", made(accuracy=accuracy))
        assert told.right == right
        assert "Plain's distributions moved farther than BN's." in told.why

    def test_seeds_that_do_not_agree_answer_nothing(self):
        result = made()
        result.test_accuracy[:, :, -1] = [[0.9, 0.5], [0.3, 0.6]]
        assert outcome("low", result).right is None
