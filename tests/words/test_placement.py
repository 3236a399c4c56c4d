"""Placement in sentences: whichever way the numbers come out, they are what is said."""

import numpy as np
import pytest

from bnviz.axes import PLACE
from bnviz.experiments.placement import ARMS
from bnviz.verdicts.placement import judge
from bnviz.words import placement as words
from tests.made.placement import affine, bias, dropout, place, zero


def findings(result):
    said = words.findings(judge(result))
    return [said.headline, *said.more, *said.further]


def headline(result):
    return words.findings(judge(result)).headline


def saying(result, part):
    found = [said for said in findings(result) if part in said]
    assert len(found) <= 1, found
    return found[0] if found else None


def belief(result, part):
    (answer,) = [said for name, said in words.beliefs(judge(result)).items() if part in name]
    return answer


class TestPlace:
    def test_hardly_matters(self):
        result = place(before=0.953, after=0.962)
        assert headline(result) == "Before or after the activation: it hardly matters here."
        assert "The network with BN before the activation ends at 95 %" in findings(result)[1]
        assert "The network with BN on the input alone ends at 30 %" in findings(result)[2]

    @pytest.mark.parametrize(("before", "after"), [(0.95, 0.8), (0.8, 0.95)])
    def test_one_is_better(self, before, after):
        better = "before" if before > after else "after"
        said = headline(place(before=before, after=after))
        assert said == f"BN {better} the activation is better here, in all 3 seeds."

    def test_counts_the_seeds(self):
        result = place(before=0.95, after=0.8)
        result.test_accuracy[result.place("after"), 0, -1] = 0.99
        assert "is better here, in 2 of 3 seeds" in headline(result)

    def test_a_minority_does_not_make_one_better(self):
        result = place()
        result.test_accuracy[result.place("before"), :, -1] = [0.95, 0.97, 0.97]
        result.test_accuracy[result.place("after"), :, -1] = [0.94, 0.94, 0.98]
        assert headline(result).startswith("Neither before nor after the activation is better")

    @pytest.mark.parametrize("before", [0.95, 0.9])
    def test_bn_does_not_help_where_plain_does_as_well(self, before):
        said = headline(place(before=before, after=0.95, plain=0.94))
        assert said == "BN in the hidden layers does not help here, in neither place."

    def test_bn_that_does_not_learn(self):
        result = place(before=0.3, after=0.2, plain=0.1, own=0.2)
        assert headline(result) == "No network learns here."
        result = place(before=0.3, after=0.2, plain=0.9, own=0.2)
        assert headline(result).startswith("BN in the hidden layers does not help here: it does")
        assert "The network with BN before the activation ends at 30 %" in findings(result)[1]

    def test_all_diverged(self):
        result = place(lost=dict.fromkeys(ARMS[PLACE], 3))
        assert headline(result).startswith("Every network diverged here")

    @pytest.mark.parametrize("hidden", [0.3, 0.8])
    def test_the_input_is_what_counts(self, hidden):
        result = place(before=hidden, after=hidden, own=0.95, lost={"plain": 3})
        assert headline(result) == "BN on the input is what counts here: 95 % test accuracy."
        assert "Plain diverged." in findings(result)[2]
        assert "what counts" not in headline(place(own=0.96))
        assert "what counts" not in headline(place(0.3, 0.3, own=0.5, plain=0.6))
        assert "what counts" not in headline(place(0.1, 0.1, own=0.3, plain=0.1))

    def test_where_both_places_diverged_there_is_no_best(self):
        said = findings(place(own=0.95, lost={"before": 3, "after": 3}))
        assert "BN in the hidden layers alone diverged." in said

    def test_most_seeds_diverged(self):
        said = findings(place(lost={"plain": 2, "input only": 1}))
        assert "Plain diverged. The network with BN on the input alone ends at 30 %" in said[2]
        assert said[-3] == "The network “plain” diverged in 2 of 3 seeds."
        assert said[-2] == "The network “input only” diverged in 1 of 3 seeds."
        assert saying(place(), "Diverged") is None

    @pytest.mark.parametrize(
        ("own", "plain", "hidden", "said", "compared"),
        [
            (
                0.3,
                0.2,
                0.95,
                "is not enough: like plain, this network",
                "BN on the input does less than",
            ),
            (0.95, 0.2, 0.95, "alone helps.", "does no more than BN on the input"),
            (0.95, 0.2, 0.8, "alone helps.", "alone does less here, 80 % at best"),
            (0.7, 0.8, 0.95, "alone does harm", "does less than BN in the hidden layers"),
            (0.8, 0.81, 0.95, "alone does not help.", "does less than BN in the hidden layers"),
            (0.1, 0.1, 0.2, "below half of the way", "comes to 20 % at best"),
        ],
    )
    def test_the_input_alone(self, own, plain, hidden, said, compared):
        result = place(own=own, plain=plain, before=hidden, after=hidden)
        assert any(
            one.startswith("BN on the input alone") and said in one for one in findings(result)
        )
        assert saying(result, compared)

    def test_the_constant_share(self):
        said = saying(place(), "At the start, a share")
        assert "72 % in plain. With BN before the activation it is 30 %, with BN after it 0" in said
        result = place()
        result.by_layer[0] = np.nan
        assert saying(result, "At the start, a share") is None

    @pytest.mark.parametrize(
        ("before", "after", "said"),
        [
            (0.95, 0.94, "learns with BN after it as well"),
            (0.8, 0.95, "learns with BN after it as well"),
            (0.95, 0.8, "better there: before 95 %, after 80 %"),
            (0.2, 0.21, "learns with BN in neither place"),
            (0.3, 0.2, "learns with BN in neither place"),
        ],
    )
    def test_must_stand_before(self, before, after, said):
        assert said in belief(place(before=before, after=after), "must stand before")

    @pytest.mark.parametrize(
        ("own", "before", "plain", "said"),
        [
            (0.3, 0.95, 0.2, "and no more: on the input 30 %, in the hidden layers 95 %"),
            (0.95, 0.7, 0.2, "It does something else"),
            (0.95, 0.95, 0.2, "the two end alike"),
            (0.95, 0.95, 0.95, "neither helps"),
            (0.9, 0.7, 0.95, "neither helps"),
            (0.1, 0.2, 0.1, "cannot tell, none of the three learns"),
        ],
    )
    def test_scaling(self, own, before, plain, said):
        assert said in belief(place(own=own, before=before, plain=plain), "Scaling the data")

    @pytest.mark.parametrize("features", ["wild", "scaled"])
    def test_widest_features_are_blamed_where_there_are_any(self, features):
        said = belief(place(own=0.95, before=0.7, features=features), "Scaling the data")
        assert ("widest features" in said) is (features == "wild")


class TestBias:
    def test_gets_no_gradient(self):
        said = findings(bias())
        assert said[0] == "A bias in front of BN gets no gradient, only rounding errors."
        assert "typically about 10⁻⁹; that of β in the same layers is 0.01" in said[1]

    def test_gets_one(self):
        assert headline(bias(own=0.01)).startswith("Rounding errors alone give the bias")
        assert "In this run its gradient is 0.01" in belief(bias(own=0.01), "before BN is needed")

    def test_nobody_gets_one(self):
        said = headline(bias(own=0.0, beta=0.0))
        assert said == "No gradient reaches the bias in front of BN, and none reaches β."

    def test_all_diverged_at_once(self):
        result = bias(own=np.nan)
        assert "diverged at once" in headline(result)
        assert "cannot tell" in belief(result, "before BN is needed")
        assert "nan" not in " ".join(findings(result))

    def test_can_be_left_out(self):
        for same in (bias(kept=0.94), bias()):
            assert saying(same, "can be left out")
            assert saying(same, "In no seed are the two more than 1 percentage point apart.")
        lost = bias(lost={"bias kept": 1})
        assert saying(lost, "Only one of the two diverged in 1 of 3 seeds.")
        assert saying(lost, "training amplifies")
        assert saying(bias(lost={"bias kept": 3, "no bias": 3}), "left out") is None
        result = bias(kept=0.8)
        assert saying(
            result,
            "ends at 95 % test accuracy. The network that has it ends at 80 % test accuracy.",
        )
        assert saying(result, "In a single seed they are up to 15 percentage points apart.")

    def test_behind_the_activation_it_counts(self):
        assert "does get a gradient, 0.005" in saying(bias(), "With BN after")
        assert saying(bias(after=1e-9), "With BN after").endswith("of the bias is about 10⁻⁹.")
        said = belief(bias(), "no layer needs")
        assert said.startswith("Only in front of BN. Where BN follows the activation, the gradient")
        assert "it looks so: even" in belief(bias(after=1e-9), "no layer needs")

    @pytest.mark.parametrize(
        ("moved", "optimizer", "said"),
        [
            (1e-9, "sgd", "still about 10⁻⁹: training did not change it"),
            (0.02, "adam", "Adam divides each gradient by its own size"),
            (0.02, "sgd", "rounding errors, times this rate, add up"),
        ],
    )
    def test_whether_it_changes(self, moved, optimizer, said):
        result = bias(moved=moved, optimizer=optimizer)
        assert any(said in one for one in findings(result))


class TestAffine:
    @pytest.mark.parametrize(
        ("trained", "frozen", "said"),
        [
            (0.95, 0.94, "Training γ and β hardly matters here"),
            (0.95, 0.8, "Training γ and β helps here, in all 3 seeds"),
            (0.8, 0.95, "Training γ and β does not help here: frozen is better in all 3 seeds"),
            (0.2, 0.3, "No network learns here."),
        ],
    )
    def test_headline(self, trained, frozen, said):
        assert headline(affine(trained, frozen)).startswith(said)

    def test_bn_that_does_not_learn(self):
        said = headline(affine(0.2, 0.3, plain=0.9))
        assert said.startswith("BN, with or without γ and β, does not help here")
        alone = saying(affine(0.2, 0.3, plain=0.1), "Normalizing alone")
        assert "does not make it learn here. Plain ends at 10 %" in alone

    @pytest.mark.parametrize(
        ("plain", "said"),
        [(0.2, "already helps"), (0.99, "worse than nothing"), (0.95, "does not help here")],
    )
    def test_against_plain(self, plain, said):
        assert said in saying(affine(plain=plain), "Normalizing alone")
        works = belief(affine(plain=plain), "make BN work")
        assert works.startswith("No:" if plain < 0.9 else "This run cannot tell")

    @pytest.mark.parametrize(
        ("trained", "frozen", "said"),
        [(0.9, 0.2, "In this run they do count"), (0.3, 0.4, "This run cannot tell")],
    )
    def test_what_makes_it_work(self, trained, frozen, said):
        assert belief(affine(trained, frozen, plain=0.2), "make BN work").startswith(said)

    def test_how_far_gamma_moved(self):
        assert "γ is 0.08 away from 1" in saying(affine(), "By the end")
        assert saying(affine(moved=np.nan), "By the end") is None

    @pytest.mark.parametrize(
        ("trained", "frozen", "said"),
        [
            (0.95, 0.8, "weaker here"),
            (0.95, 0.945, "as well"),
            (0.9, 0.95, "learns better without them"),
            (0.2, 0.2, "neither with nor"),
            (0.9, 0.2, "In this run it is so"),
        ],
    )
    def test_without_them(self, trained, frozen, said):
        assert said in belief(affine(trained, frozen), "hardly learn")


class TestZero:
    @pytest.mark.parametrize(
        ("one", "nought", "ends", "said"),
        [
            (0.9, 0.95, (0.9, 0.9), "γ from zero helps here: it learns faster in all 3 seeds."),
            (
                0.95,
                0.8,
                (0.9, 0.9),
                "γ from zero does not help: γ from 1 learns faster in all 3 seeds.",
            ),
            (0.95, 0.951, (0.9, 0.9), "Whether γ starts at 0 or at 1 hardly matters here."),
            (0.2, 0.1, (0.2, 0.1), "BN at the end of the branches does not help here"),
        ],
    )
    def test_headline(self, one, nought, ends, said):
        assert headline(zero(one, nought, ends=ends)).startswith(said)

    def test_nobody_learns(self):
        result = zero(0.2, 0.1, ends=(0.2, 0.1))
        result.test_accuracy[result.place("0, inside")] = 0.2
        assert headline(result).startswith("No network learns here")

    def test_the_ends(self):
        result = zero(ends=(0.9, 0.95), lost={"plain": 3})
        assert saying(result, "The network with γ from 1 ends at 90 %").startswith(
            "The network with γ from 0 ends at 95 %"
        )
        assert saying(result, "Plain, which has the same skip connections, diverged.")

    @pytest.mark.parametrize(
        ("inside", "said"),
        [
            (0.0, "**no branch learns**"),
            (0.2, "every branch begins to learn here"),
            ((9.0, 0.0, 0.3), "γ leaves 0 in 3 of 6 branches"),
        ],
    )
    def test_inside(self, inside, said):
        assert said in saying(zero(inside=inside), "in front of the activation and")

    def test_no_branches(self):
        result = zero(depth=1)
        assert saying(result, "in front of the activation and") is None
        assert "no branch to look at" in belief(result, "can never learn")

    @pytest.mark.parametrize(("opened", "number"), [(0.1, 6), (0.0, 0), ((9.0, 0.1, 0.0), 3)])
    def test_can_learn(self, opened, number):
        assert f"has left zero in {number} of 6" in belief(zero(opened=opened), "can never learn")
        assert "in 0 of 6 branches" in belief(zero(opened=opened), "Where in the branch")

    def test_how_far_they_open(self):
        assert "it is 0.1 away from it in the typical branch" in saying(zero(), "γ leaves 0: at")
        assert saying(zero(opened=np.nan), "γ leaves 0: at") is None
        assert saying(zero(opened=0.0), "γ leaves 0: at") is None


class TestDropout:
    def test_makes_them_disagree(self):
        said = findings(dropout())
        assert said[0] == "With dropout, BN gets 1.32 times the variance in training."
        assert "BN gets 1.32 times the variance" in said[1]
        assert said[2].startswith("That is in layer 3, where the two differ most. Without dropout")

    def test_a_variance_that_shrinks_counts_as_well(self):
        said = findings(dropout(ratios=(1.0, 0.5, 1.3)))
        assert "BN gets 0.50 times" in said[1]
        assert "in layer 2" in said[2]

    def test_the_first_layer_has_none_in_front(self):
        assert "layer 1" not in findings(dropout(ratios=(9.0, 1.1, 1.2)))[2]

    def test_hardly(self):
        assert headline(dropout(ratios=(1.0, 1.01, 0.99))).startswith("Dropout hardly changes")

    @pytest.mark.parametrize(("ratios", "depth"), [((1.0,), 1), ((1.0, np.nan, np.nan), 3)])
    def test_nothing_to_see(self, ratios, depth):
        result = dropout(ratios=ratios, theory=ratios, depth=depth)
        words_ = "nothing shifts" if depth == 1 else "nothing to compare"
        assert words_ in headline(result)
        assert "nan" not in " ".join(findings(result))
        assert "No layer to look at" in belief(result, "running averages")

    def test_own_and_inherited(self):
        assert saying(dropout(), "In the first layer").endswith(
            "1.12 times is measured and 1.14 times predicted."
        )
        last = "In the last hidden layer its own"
        assert "predicts 1.15 times, and 1.32 times is measured. The difference" in saying(
            dropout(), last
        )
        alike = dropout(ratios=(1.0, 1.1, 1.15))
        assert saying(alike, last).endswith("predicts 1.15 times, and 1.15 times is measured.")
        short = dropout(ratios=(1.0, 1.2), theory=(1.0, 1.1), depth=2)
        assert saying(short, "In the first layer").endswith("1.10 times predicted.")

    def test_accuracy_is_told_with_a_warning(self):
        said = saying(dropout(), "Test accuracy")
        assert "97 % (no dropout), 96 % (10 %), 95 % (20 %), 50 % (40 %)" in said
        assert saying(dropout(), "Do not read the shift out of these accuracies")

    @pytest.mark.parametrize(
        ("ends", "said"),
        [
            ((0.97, 0.96, 0.95, 0.9), "Networks with both learn here"),
            ((0.97, 0.96, 0.3, 0.1), "Some networks with both learn here, some do not"),
            ((0.97, 0.3, 0.2, 0.1), "In this run they do not"),
            ((0.2, 0.3, 0.2, 0.1), "This run cannot tell"),
        ],
    )
    def test_go_together(self, ends, said):
        assert belief(dropout(ends=ends), "never go together").startswith(said)

    def test_running_averages(self):
        said = belief(dropout(), "running averages")
        assert said.startswith("They describe training.")
        assert "1.12 to 1.32 times" in said
        one = dropout(ratios=(1.0, 2.2), theory=(1.0, 2.2), depth=2)
        assert "a layer has 2.20 times" in belief(one, "running averages")


def test_words_for_every_comparison():
    assert list(words.DETAIL) == list(words.SECOND) == list(ARMS)


def test_headlines_are_one_line():
    every = (
        place(),
        place(0.95, 0.8),
        place(0.8, 0.8, own=0.9),
        bias(),
        affine(),
        zero(),
        dropout(),
    )
    assert max(len(headline(result)) for result in every) <= 70
