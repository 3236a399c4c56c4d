"""Placement in sentences: whichever way the numbers come out, they are what is said."""

import numpy as np
import pytest

from bnviz.axes import PLACE
from bnviz.experiments.placement import ARMS, PlacementConfig
from bnviz.experiments.settings import knobs
from bnviz.verdicts.placement import judge
from bnviz.words import placement as words
from tests.made.placement import affine, bias, dropout, place, zero


def findings(result):
    said = words.findings(judge(result))
    return [said.headline, *said.more]


def headline(result):
    return words.findings(judge(result)).headline


def saying(result, part):
    found = [said for said in findings(result) if part in said]
    assert len(found) <= 1, found
    return found[0] if found else None


def belief(result, part):
    (answer,) = [said for name, said in words.beliefs(judge(result)).items() if part in name]
    return answer


def guess(result):
    return words.guess(judge(result))


class TestPlace:
    def test_hardly_matters(self):
        said = headline(place(before=0.953, after=0.962))
        assert said.startswith("**Before or after hardly matters here**: test accuracy 95 %")
        assert "96 % with BN after it" in said
        assert said.endswith("plain 20 %, BN on the input only 30 %.")

    @pytest.mark.parametrize(("before", "after"), [(0.95, 0.8), (0.8, 0.95)])
    def test_one_is_better(self, before, after):
        better = "before" if before > after else "after"
        said = headline(place(before=before, after=after))
        assert said.startswith(f"**BN {better} the activation is better here**, in all 3 seeds")

    def test_counts_the_seeds(self):
        result = place(before=0.95, after=0.8)
        result.test_accuracy[result.place("after"), 0, -1] = 0.99
        assert "is better here**, in 2 of 3 seeds" in headline(result)

    def test_a_minority_does_not_make_one_better(self):
        result = place()
        result.test_accuracy[result.place("before"), :, -1] = [0.95, 0.97, 0.97]
        result.test_accuracy[result.place("after"), :, -1] = [0.94, 0.94, 0.98]
        assert headline(result).startswith("**Neither before nor after is better in most seeds")

    @pytest.mark.parametrize("before", [0.95, 0.9])
    def test_bn_does_not_help_where_plain_does_as_well(self, before):
        said = headline(place(before=before, after=0.95, plain=0.94))
        assert said.startswith("**BN does not help here, before the activation or after it**")

    def test_bn_that_does_not_learn(self):
        said = headline(place(before=0.3, after=0.2, plain=0.1, own=0.2))
        assert said.startswith("**No network learns here**: test accuracy 30 %")
        said = headline(place(before=0.3, after=0.2, plain=0.9, own=0.2))
        assert said.startswith("**BN in the hidden layers does not help here**: test accuracy 30 %")

    def test_all_diverged(self):
        result = place(lost=dict.fromkeys(ARMS[PLACE], 3))
        assert headline(result).startswith("**Every network diverged here**")
        assert guess(result)[0] == words.SEVERAL

    @pytest.mark.parametrize("hidden", [0.3, 0.8])
    def test_the_input_is_what_counts(self, hidden):
        said = headline(place(before=hidden, after=hidden, own=0.95, lost={"plain": 3}))
        assert said.startswith("**BN on the input is what counts here**: test accuracy 95 %")
        assert said.endswith("plain diverged.")
        assert "what counts" not in headline(place(own=0.96))
        assert "what counts" not in headline(place(0.3, 0.3, own=0.5, plain=0.6))
        assert "what counts" not in headline(place(0.1, 0.1, own=0.3, plain=0.1))

    def test_most_seeds_diverged(self):
        said = headline(place(lost={"plain": 2, "input only": 1}))
        assert "plain diverged, BN on the input only 30 %" in said
        last = findings(place(lost={"plain": 2, "input only": 1}))[-1]
        assert last == "Diverged: plain in 2 of 3 seeds; input only in 1 of 3 seeds."
        assert saying(place(), "Diverged") is None

    @pytest.mark.parametrize(
        ("own", "plain", "hidden", "said", "compared"),
        [
            (
                0.3,
                0.2,
                0.95,
                "alone does not help, neither network learns: 30 %",
                "It does less than",
            ),
            (0.95, 0.2, 0.95, "alone helps: 95 %, plain 20 %", "hidden layers does no more"),
            (0.95, 0.2, 0.8, "alone helps", "alone does less here, 80 % at best"),
            (0.7, 0.8, 0.95, "alone does harm", "It does less than BN in the hidden layers"),
            (
                0.8,
                0.81,
                0.95,
                "alone does not help: 80 %, plain 81 %",
                "It does less than BN in the hidden layers",
            ),
            (0.1, 0.1, 0.2, "neither network learns", "hidden layers comes to 20 % at best"),
        ],
    )
    def test_the_input_alone(self, own, plain, hidden, said, compared):
        sentence = saying(place(own=own, plain=plain, before=hidden, after=hidden), "input alone")
        assert said in sentence
        assert compared in sentence

    def test_the_constant_share(self):
        said = saying(place(), "same for every sample")
        assert "72 % in plain, 30 % with BN before the activation, 0 % with BN after" in said
        result = place()
        result.by_layer[0] = np.nan
        assert saying(result, "same for every sample") is None

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

    @pytest.mark.parametrize(
        ("before", "after", "own", "plain", "best"),
        [
            (0.95, 0.94, 0.3, 0.2, words.ALIKE),
            (0.95, 0.8, 0.3, 0.2, "before"),
            (0.8, 0.81, 0.9, 0.2, "input only"),
            (0.8, 0.81, 0.9, 0.95, "plain"),
            (0.9, 0.91, 0.3, 0.9, words.SEVERAL),
        ],
    )
    def test_the_guess(self, before, after, own, plain, best):
        right, why = guess(place(before, after, plain, own))
        assert right == best
        assert right in words.GUESSES
        assert "%" in why


class TestBias:
    def test_gets_no_gradient(self):
        said = headline(bias())
        assert said.startswith("**A bias in front of BN gets no gradient**, only rounding")
        assert "typically some 10⁻⁹, while β of the same layers gets 0.01" in said

    def test_gets_one(self):
        assert headline(bias(own=0.01)).startswith("**Rounding alone gives a bias in front of BN a")
        assert "in this run its gradient is 0.01" in belief(bias(own=0.01), "before BN is needed")

    def test_nobody_gets_one(self):
        said = headline(bias(own=0.0, beta=0.0))
        assert said == "**No gradient reaches the bias in front of BN, and none reaches β.**"

    def test_all_diverged_at_once(self):
        result = bias(own=np.nan)
        assert "diverged at once" in headline(result)
        assert "cannot tell" in belief(result, "before BN is needed")
        assert "nan" not in " ".join(findings(result))

    def test_can_be_left_out(self):
        assert "never more than 1 point apart" in saying(bias(kept=0.94), "left out")
        assert "never more than 1 point apart" in saying(bias(), "left out")
        one_lost = saying(bias(lost={"bias kept": 1}), "Rounding alone")
        assert "only one of the two diverged in 1 of 3 seeds" in one_lost
        assert saying(bias(lost={"bias kept": 3, "no bias": 3}), "left out") is None
        said = saying(bias(kept=0.8), "Rounding alone")
        assert "95 % without it and 80 % with it, up to 15 points apart" in said

    def test_behind_the_activation_it_counts(self):
        assert "does get a gradient, 0.005" in saying(bias(), "With BN after")
        assert saying(bias(after=1e-9), "With BN after").endswith("gradient is some 10⁻⁹.")
        said = belief(bias(), "no layer needs")
        assert said.startswith("Only in front of BN; where BN follows the activation, the bias's")
        assert "it looks so: even" in belief(bias(after=1e-9), "no layer needs")

    @pytest.mark.parametrize(
        ("moved", "optimizer", "said"),
        [
            (1e-9, "sgd", "still some 10⁻⁹: it has not moved"),
            (0.02, "adam", "Adam divides each gradient by its own size"),
            (0.02, "sgd", "rounding, times this learning rate, adds up"),
        ],
    )
    def test_wandering(self, moved, optimizer, said):
        result = bias(moved=moved, optimizer=optimizer)
        assert any(said in one for one in findings(result))


class TestAffine:
    @pytest.mark.parametrize(
        ("trained", "frozen", "said"),
        [
            (0.95, 0.94, "**Training γ and β hardly matters here**"),
            (0.95, 0.8, "**Training γ and β helps here**, in all 3 seeds"),
            (0.8, 0.95, "**Training γ and β does not help here**: better frozen in all 3 seeds"),
            (0.2, 0.3, "**No network learns here**: test accuracy 20 %"),
        ],
    )
    def test_headline(self, trained, frozen, said):
        assert headline(affine(trained, frozen)).startswith(said)

    def test_bn_that_does_not_learn(self):
        said = headline(affine(0.2, 0.3, plain=0.9))
        assert said.startswith("**BN, with or without γ and β, does not help here**")
        alone = saying(affine(0.2, 0.3, plain=0.1), "Normalizing alone")
        assert "does not make it learn here: 30 %, plain 10 %" in alone

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
        assert "from 1 by 0.08" in saying(affine(), "moved")
        assert saying(affine(moved=np.nan), "moved") is None

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
            (0.9, 0.95, (0.9, 0.9), "**Starting γ at zero helps here**"),
            (0.95, 0.8, (0.9, 0.9), "**Starting γ at zero does not help here**"),
            (0.95, 0.951, (0.9, 0.9), "**Starting γ at zero hardly matters here**"),
            (0.2, 0.1, (0.2, 0.1), "**BN at the end of the branches does not help here**"),
        ],
    )
    def test_headline(self, one, nought, ends, said):
        assert headline(zero(one, nought, ends=ends)).startswith(said)

    def test_nobody_learns(self):
        result = zero(0.2, 0.1, ends=(0.2, 0.1))
        result.test_accuracy[result.place("0, inside")] = 0.2
        assert headline(result).startswith("**No network learns here**")

    def test_the_ends(self):
        said = saying(zero(ends=(0.9, 0.95), lost={"plain": 3}), "At the end")
        assert "γ from 0 95 %, γ from 1 90 %, plain diverged" in said

    @pytest.mark.parametrize(
        ("inside", "said"),
        [
            (0.0, "**no branch ever opens**"),
            (0.2, "every branch opens here"),
            ((9.0, 0.0, 0.3), "γ moves in 3 of 6 branches"),
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
        assert "by 0.1 in the typical branch" in saying(zero(), "moves away from 0")
        assert saying(zero(opened=np.nan), "moves away from 0") is None
        assert saying(zero(opened=0.0), "moves away from 0") is None


class TestDropout:
    def test_makes_them_disagree(self):
        said = headline(dropout())
        assert said.startswith("**Dropout makes training and inference disagree**")
        assert "in layer 3 is given 1.32 times the variance" in said
        assert said.endswith("without dropout 1.00 times.")

    def test_a_variance_that_shrinks_counts_as_well(self):
        assert "in layer 2 is given 0.50 times" in headline(dropout(ratios=(1.0, 0.5, 1.3)))

    def test_the_first_layer_has_none_in_front(self):
        assert "layer 1" not in headline(dropout(ratios=(9.0, 1.1, 1.2)))

    def test_hardly(self):
        said = headline(dropout(ratios=(1.0, 1.01, 0.99)))
        assert said.startswith("**Dropout hardly shifts the variance here**")

    @pytest.mark.parametrize(("ratios", "depth"), [((1.0,), 1), ((1.0, np.nan, np.nan), 3)])
    def test_nothing_to_see(self, ratios, depth):
        result = dropout(ratios=ratios, theory=ratios, depth=depth)
        words_ = "nothing shifts" if depth == 1 else "nothing to compare"
        assert words_ in headline(result)
        assert "nan" not in " ".join(findings(result))
        assert "No layer to look at" in belief(result, "running statistics")

    def test_own_and_inherited(self):
        said = saying(dropout(), "Layer 2 is the first")
        assert "measured 1.12, predicted 1.14" in said
        assert "In layer 3 its own dropout predicts 1.15, and 1.32 is measured: the diff" in said
        alike = dropout(ratios=(1.0, 1.1, 1.15))
        assert saying(alike, "Layer 2 is").endswith("predicts 1.15, and 1.15 is measured.")
        short = saying(dropout(ratios=(1.0, 1.2), theory=(1.0, 1.1), depth=2), "Layer 2 is")
        assert short.endswith("predicted 1.10.")

    def test_accuracy_is_told_with_a_warning(self):
        said = saying(dropout(), "Test accuracy")
        assert "97 % (no dropout), 96 % (10 %), 95 % (20 %), 50 % (40 %)" in said
        assert "Do not read the shift out of this" in said

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

    def test_running_statistics(self):
        said = belief(dropout(), "running statistics")
        assert said.startswith("They describe training.")
        assert "1.12 to 1.32 times" in said
        one = dropout(ratios=(1.0, 2.2), theory=(1.0, 2.2), depth=2)
        assert "a layer has 2.20 times" in belief(one, "running statistics")


@pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
def test_presets_are_offered(preset):
    declared = knobs(PlacementConfig)
    for name, value in preset.items():
        assert value in declared[name].options
        assert value != PlacementConfig.model_fields[name].default


def test_words_for_every_comparison():
    assert list(words.DETAIL) == list(ARMS)
