"""Placement: what is said follows from the numbers, whichever way they come out."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from bnviz.experiments import inputs, placement
from bnviz.experiments.pair import NEVER
from bnviz.experiments.placement import (
    AFFINE,
    ARMS,
    BIAS,
    DROPOUT,
    PLACE,
    ZERO,
    PlacementConfig,
)
from bnviz.experiments.settings import WORK_LIMIT, Settings, knobs
from bnviz.words import placement as words
from tests.samples import tiny

SEEDS = 3
STEPS = np.array([0, 1, 2, 4])


def made(compare, ends, lost=None, by_layer=None, theory=None, bias=None, pace=None, **changes):
    """A result in which the networks end with these accuracies, the same in every seed."""
    config = tiny("placement", **{"compare": compare, "seeds": SEEDS, "depth": 3} | changes)
    arms = tuple(ARMS[compare])
    accuracy = np.zeros((len(arms), SEEDS, len(STEPS)), np.float32)
    accuracy[:] = np.array([(pace or ends)[arm] for arm in arms])[:, None, None]
    accuracy[:, :, -1] = np.array([ends[arm] for arm in arms])[:, None]
    diverged = np.full((len(arms), SEEDS), NEVER)
    for arm, number in (lost or {}).items():
        accuracy[arms.index(arm), :number, -1] = np.nan
        diverged[arms.index(arm), :number] = 3

    def everywhere(values, width):
        if values is None:
            return None
        rows = np.array([np.broadcast_to(values[arm], (width,)) for arm in arms], np.float32)
        return np.broadcast_to(rows[:, None, None], (len(arms), SEEDS, len(STEPS), width)).copy()

    return placement.PlacementResult(
        config,
        arms,
        STEPS,
        np.ones_like(accuracy),
        accuracy,
        diverged,
        everywhere(by_layer, config.depth),
        everywhere(theory, config.depth),
        everywhere(bias, 3),
        inputs.ground("digits"),
    )


def place(before=0.95, after=0.95, plain=0.2, own=0.3, **more):
    ends = {"plain": plain, "before": before, "after": after, "input only": own}
    shares = {"plain": 0.72, "before": 0.3, "after": 0.0, "input only": 0.5}
    return made(PLACE, ends, by_layer=shares, **more)


def bias(own=1e-9, beta=0.01, after=0.005, moved=1e-9, dropped=0.95, kept=0.95, **more):
    nan = np.nan
    ends = {"plain": 0.2, "no bias": dropped, "bias kept": kept, "after": 0.9}
    measured = {
        "plain": [0.02, nan, 0.1],
        "no bias": [nan, beta, nan],
        "bias kept": [own, beta, moved],
        "after": [after, beta, 0.1],
    }
    return made(BIAS, ends, bias=measured, **more)


def affine(trained=0.95, frozen=0.95, plain=0.2, moved=0.08, **more):
    ends = {"plain": plain, "trained": trained, "frozen": frozen}
    away = {"plain": np.nan, "trained": moved, "frozen": 0.0}
    return made(AFFINE, ends, by_layer=away, **more)


def zero(one=0.95, nought=0.95, opened=0.1, inside=0.0, ends=(0.95, 0.95), **more):
    names = ("plain", "γ from 1", "γ from 0", "0, inside")
    pace = dict(zip(names, (0.2, one, nought, 0.9), strict=True))
    last = dict(zip(names, (0.2, *ends, 0.9), strict=True))
    away = dict(zip(names, (np.nan, 0.4, opened, inside), strict=True))
    return made(ZERO, last, pace=pace, by_layer=away, **more)


def dropout(ratios=(1.0, 1.12, 1.32), theory=(1.0, 1.14, 1.15), ends=(0.97, 0.96, 0.95, 0.5),
            **more):  # fmt: skip
    names = tuple(ARMS[DROPOUT])
    measured = {"no dropout": 1.0, "10 %": 1.05, "20 %": ratios, "40 %": 1.6}
    predicted = {"no dropout": 1.0, "10 %": 1.05, "20 %": theory, "40 %": 1.6}
    last = dict(zip(names, ends, strict=True))
    return made(DROPOUT, last, by_layer=measured, theory=predicted, **more)


def headline(result):
    return placement.findings(result)[0]


def saying(result, part):
    found = [said for said in placement.findings(result) if part in said]
    assert len(found) <= 1, found
    return found[0] if found else None


def belief(result, part):
    (answer,) = [said for name, said in placement.misconceptions(result).items() if part in name]
    return answer


# ------------------------------------------------------------------ before or after


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
        assert placement.who_is_best(result)[0] == placement.ALIKE

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
        last = placement.findings(place(lost={"plain": 2, "input only": 1}))[-1]
        assert last == "Diverged: plain in 2 of 3 seeds; input only in 1 of 3 seeds."
        assert saying(place(), "Diverged") is None

    @pytest.mark.parametrize(
        ("own", "plain", "hidden", "said", "compared"),
        [
            (0.3, 0.2, 0.95, "alone does not help, neither network learns: 30 %", "cannot do"),
            (0.95, 0.2, 0.95, "alone helps: 95 %, plain 20 %", "hidden layers does no more"),
            (0.95, 0.2, 0.8, "alone helps", "alone does less here, 80 % at best"),
            (0.7, 0.8, 0.95, "alone does harm", "cannot do what"),
            (0.8, 0.81, 0.95, "alone does not help: 80 %, plain 81 %", "cannot do what"),
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
            (0.95, 0.94, 0.3, 0.2, placement.ALIKE),
            (0.95, 0.8, 0.3, 0.2, "before"),
            (0.8, 0.95, 0.3, 0.2, "after"),
            (0.8, 0.81, 0.9, 0.2, "input only"),
            (0.8, 0.81, 0.9, 0.95, "plain"),
        ],
    )
    def test_the_guess(self, before, after, own, plain, best):
        right, why = placement.who_is_best(place(before, after, plain, own))
        assert right == best
        assert right in placement.GUESSES
        assert "%" in why


# ------------------------------------------------------------------ the bias


class TestBias:
    def test_gets_no_gradient(self):
        said = headline(bias())
        assert said.startswith("**A bias in front of BN gets no gradient**, only rounding")
        assert "typically 1e-9, while β of the same layers gets 0.01" in said

    def test_gets_one(self):
        assert headline(bias(own=0.01)).startswith("**A bias in front of BN gets a gradient here**")
        assert "in this run its gradient is 0.01" in belief(bias(own=0.01), "before BN is needed")

    @pytest.mark.parametrize(
        ("value", "said"),
        [(0, "exactly 0"), (3e-9, "3e-9"), (0.012, "0.01"), (9.6, "10"), (91.2, "91"),
         (2.4e8, "2e8")],
    )  # fmt: skip
    def test_one_digit(self, value, said):
        assert placement._power(value) == said

    def test_nobody_gets_one(self):
        said = headline(bias(own=0.0, beta=0.0))
        assert said == "**No gradient reaches the bias in front of BN, and none reaches β.**"

    def test_all_diverged_at_once(self):
        result = bias(own=np.nan)
        assert "diverged at once" in headline(result)
        assert "cannot tell" in belief(result, "before BN is needed")
        assert "nan" not in " ".join(placement.findings(result))

    def test_can_be_left_out(self):
        assert "never more than 1 point apart" in saying(bias(kept=0.94), "left out")
        assert "never a full point apart" in saying(bias(), "left out")
        assert "up to 95 points" in saying(bias(lost={"bias kept": 1}), "Rounding alone")
        assert saying(bias(lost={"bias kept": 3, "no bias": 3}), "left out") is None
        said = saying(bias(kept=0.8), "Rounding alone")
        assert "95 % without it and 80 % with it, up to 15 points apart" in said

    def test_behind_the_activation_it_counts(self):
        assert "does get a gradient, 0.005" in saying(bias(), "With BN after")
        assert saying(bias(after=1e-9), "With BN after").endswith("gradient is 1e-9.")
        said = belief(bias(), "no layer needs")
        assert said.startswith("Only in front of BN; where BN follows the activation, the bias's")
        assert "it looks so: even" in belief(bias(after=1e-9), "no layer needs")

    @pytest.mark.parametrize(
        ("moved", "optimizer", "said"),
        [
            (1e-9, "sgd", "still 1e-9: it has not moved"),
            (0.02, "adam", "Adam divides each gradient by its own size"),
            (0.02, "sgd", "rounding, times this learning rate, adds up"),
        ],
    )
    def test_wandering(self, moved, optimizer, said):
        result = bias(moved=moved, optimizer=optimizer)
        assert any(said in one for one in placement.findings(result))


# ------------------------------------------------------------------ gamma and beta


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


# ------------------------------------------------------------------ gamma from zero


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
        assert "from 0 to 0.1 in the typical branch" in saying(zero(), "grows")
        assert saying(zero(opened=np.nan), "grows") is None
        assert saying(zero(opened=0.0), "grows") is None


# ------------------------------------------------------------------ dropout


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
        assert "nan" not in " ".join(placement.findings(result))
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


# ------------------------------------------------------------------ the input


class TestInput:
    def test_wild_features(self):
        data, wild = Settings().data(), inputs.wild("digits")
        there = data.train_inputs[0] != 0
        factors = wild.train_inputs[0, there] / np.sinh(data.train_inputs[0, there])
        assert 0.01 <= factors.min() < 0.02
        assert 50 < factors.max() <= 100
        assert (wild.train_labels == data.train_labels).all()
        varies = wild.train_inputs.std(0) > 0
        centred = wild.train_inputs[:, varies] - wild.train_inputs[:, varies].mean(0)
        kurtosis = (centred**4).mean(0) / (centred**2).mean(0) ** 2
        assert np.median(kurtosis) > 5  # 3 for a normal distribution

    @pytest.mark.parametrize("name", ["digits", "moons"])
    def test_scaling_beforehand(self, name):
        scaled = inputs.rescaled(name)
        deviation = scaled.train_inputs.std(0)
        np.testing.assert_allclose(deviation[deviation > 0], 1, rtol=1e-4)
        np.testing.assert_allclose(scaled.train_inputs.mean(0), 0, atol=1e-4)
        assert np.isfinite(scaled.test_inputs).all()

    @pytest.mark.parametrize("name", ["digits", "circles"])
    def test_the_walk_is_gradient_descent(self, name):
        one = inputs.ground(name)
        walks = one.walk(np.arange(12))
        for kind in range(2):
            w = one.start[kind]
            for step in range(12):
                np.testing.assert_allclose(walks[kind, step], w, rtol=1e-9)
                gradient = one.curvature[kind] @ (w - one.middle[kind])
                w = w - inputs.SHARE * one.rate[kind] * gradient

    def test_the_curvature_is_that_of_the_loss(self):
        one, data = inputs.ground("moons"), inputs.wild("moons")
        x, y = data.train_inputs.astype(float), 2.0 * (data.train_labels % 2) - 1
        kinds = (x, (x - x.mean(0)) / x.std(0))
        for kind, features in enumerate(kinds):

            def loss(w, features=features):
                return 0.5 * ((features @ w - y) ** 2).mean()

            lowest = loss(one.middle[kind])
            assert loss(one.start[kind]) == pytest.approx(lowest + 1)
            for shift in np.eye(2):
                away = 0.3 * shift
                expected = lowest + 0.5 * away @ one.curvature[kind] @ away
                assert loss(one.middle[kind] + away) == pytest.approx(expected)

    def test_beyond_the_largest_rate_the_walk_leaves(self):
        one = inputs.ground("digits")
        for factor, leaves in ((0.99, False), (1.01, True)):
            values = np.linalg.eigvalsh(one.curvature[0])
            left = np.abs(1 - factor * one.rate[0] * values).max()
            assert bool(left > 1) is leaves

    def test_the_sentences(self):
        one = inputs.ground("digits")
        said = inputs.of_the_ground(one)
        assert "is 0.000053 before and 0.3 after each is normalized**: about 6,000 times" in said
        assert "takes 69 steps before and 4 after" in said
        assert "18 billion before, 160 after" in said
        worse = replace(one, all_rate=one.all_rate[::-1])
        assert "does not make it larger" in inputs.of_the_ground(worse)

    def test_patience_is_what_the_walk_takes(self):
        one = inputs.ground("digits")
        for kind in range(2):
            steps = int(one.patience()[kind])
            walk = one.walk(np.array([0, steps - 1, steps]))[kind] - one.middle[kind]
            _, vectors = np.linalg.eigh(one.curvature[kind])
            left = np.abs(walk @ vectors)
            assert (left[2] <= left[0] / inputs.CLOSER * (1 + 1e-9)).all()
            assert (left[1] > left[0] / inputs.CLOSER).any()

    def test_round_or_rounder(self):
        one = inputs.ground("digits")
        assert inputs.beliefs(one).popitem()[1].startswith("Rounder, not round")
        rounder = replace(one, all_condition=np.array([100.0, 1.2]))
        assert inputs.beliefs(rounder).popitem()[1].startswith("Nearly, here")

    @pytest.mark.parametrize(
        ("value", "said"),
        [(5.3455e-5, "0.000053"), (0.2986, "0.3"), (1.5, "1.5"), (159.4, "160"),
         (12345.0, "12,000"), (3.4e6, "3.4 million"), (1.78e10, "18 billion")],
    )  # fmt: skip
    def test_two_digits(self, value, said):
        assert inputs._short(value) == said


def swept(arm, *accuracies):
    config = inputs.InputConfig(arm=arm, seeds=1)
    rates = np.array(inputs.RATES[: len(accuracies)])
    return inputs.InputResult(config, rates, np.array(accuracies, np.float32)[:, None])


class TestSweep:
    def test_the_largest_rates(self):
        arms = [swept("plain", 0.1, 0.2), swept("hidden", 0.6, 0.9), swept("input only", 0.9, 0.1)]
        said = inputs.largest(arms)
        assert "plain **none**" in said
        assert "BN in the hidden layers **0.0032** (at best 90 % test accuracy)" in said
        assert "BN on the input only **0.001** (at best 90 %" in said
        assert "scaling" not in said

    @pytest.mark.parametrize(
        ("scaled", "said"), [((0.8, 0.1), "reaches as far"), ((0.9, 0.9), "do not reach equally")]
    )
    def test_the_same_as_scaling(self, scaled, said):
        assert said in inputs.largest(
            [swept("input only", 0.9, 0.1), swept("scaled data", *scaled)]
        )

    def test_neither_reaches_anything(self):
        said = inputs.largest([swept("input only", 0.1, 0.1), swept("scaled data", 0.1, 0.1)])
        assert said.endswith("Neither BN on the input nor scaling the data is enough here.")

    def test_a_diverged_seed_counts_as_nothing(self):
        one = swept("plain", 0.9, np.nan)
        assert one.middle().tolist() == [pytest.approx(0.9), 0.0]
        assert one.learned().tolist() == [True, False]

    def test_every_piece_is_one_arm_on_its_data(self, monkeypatch):
        monkeypatch.setattr(inputs, "RATES", (0.1, 1e3))
        config = tiny("placement", dataset="moons", learning_rate=0.01)
        pieces = inputs.pieces(config)
        assert [piece.arm for piece in pieces] == list(inputs.ARMS)
        results = [inputs.run(piece) for piece in pieces]
        assert all(one.accuracy.shape == (2, 2) for one in results)
        assert np.isfinite(results[2].accuracy[0]).all()
        again = inputs.run(pieces[2])
        assert np.array_equal(again.accuracy, results[2].accuracy, equal_nan=True)
        assert inputs.largest(results)
        for piece in pieces:
            wild, data = inputs.wild("moons"), piece.data()
            assert (data is wild) is (piece.arm != "scaled data")


# ------------------------------------------------------------------ real runs


@pytest.mark.parametrize("compare", ARMS)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"steps": 1, "seeds": 1},
        {"depth": 1},
        {"gain": 1e4, "learning_rate": 1e3, "depth": 6},
        {"dataset": "moons", "features": "wild", "activation": "gelu", "batch_size": 1},
    ],
    ids=["tiny", "one step", "one layer", "diverged", "wild, one by one"],
)
def test_every_comparison_answers(compare, changes):
    config = tiny("placement", compare=compare, **changes)
    first, again = placement.run(config), placement.run(config, workers=1)
    assert first.arms == tuple(ARMS[compare])
    for name in ("train_loss", "test_accuracy", "by_layer", "theory", "bias"):
        one, two = getattr(first, name), getattr(again, name)
        assert (one is None and two is None) or np.array_equal(one, two, equal_nan=True)
    said = [*placement.findings(first), *placement.misconceptions(first).values()]
    assert len(placement.misconceptions(first)) in (3, 4)
    for sentence in said:
        assert "nan" not in sentence.lower().replace("inference", "").split()
        assert "inf " not in sentence
        assert sentence.endswith((".", "**"))


@pytest.mark.parametrize("compare", ARMS)
def test_networks_differ_in_what_the_arm_says_alone(compare):
    config = tiny("placement", compare=compare)
    first = placement.run(config)
    for place_, changes in enumerate(ARMS[compare].values()):
        architecture = config.architecture(**changes)
        same = {name: getattr(architecture, name) for name in ("depth", "width", "activation")}
        assert same == {"depth": 2, "width": 8, "activation": "relu"}
        assert np.isfinite(first.train_loss[place_]).all()


def test_the_work_bounds_the_arms_and_the_looking():
    one = PlacementConfig()
    assert one.work() > Settings.work(one) * len(ARMS[PLACE]) / 2
    affine_, drop = (one.model_copy(update={"compare": name}) for name in (AFFINE, DROPOUT))
    assert affine_.work() < one.work() < drop.work()
    large = PlacementConfig(width=256, depth=50, batch_size=512, steps=1600, seeds=10)
    assert large.affordable().work() <= WORK_LIMIT


@cache
def trained(compare, **changes):
    return placement.run(PlacementConfig(compare=compare, **changes))


class TestClaims:
    """What the page says at its defaults and in its presets, over five seeds."""

    def test_by_default_hidden_layers_count_and_before_or_after_does_not(self):
        result = trained(PLACE)
        assert result.config.seeds >= 5
        assert headline(result).startswith("**Before or after hardly matters here**")
        assert not result.learned("plain")
        assert not result.learned("input only")
        ends = result.test_accuracy[:, :, -1]
        hidden = ends[[result.place("before"), result.place("after")]]
        assert hidden.min() > 0.9
        assert np.nanmax(ends[[result.place("plain"), result.place("input only")]]) < 0.9

    def test_layers_of_plain_hand_on_mostly_the_same(self):
        shares = trained(PLACE).by_layer[:, :, 0, -1]  # at the start, last hidden layer
        plain, before, after, _ = shares
        assert (plain > before).all()
        assert (before > 0.15).all()
        assert (np.abs(after) < 1e-6).all()

    def test_a_bias_before_bn_is_not_needed(self):
        result = trained(BIAS)
        assert headline(result).startswith("**A bias in front of BN gets no gradient**")
        kept = result.bias[result.place("bias kept")]
        assert (kept[..., 0] < 1e-5 * kept[..., 1]).all()

    def test_branches_from_zero(self):
        result = trained(ZERO)
        assert headline(result).startswith("**Starting γ at zero helps here**")
        assert "no branch ever opens" in saying(result, "in front of the activation and")
        assert placement._branches(result, "γ from 0").all()

    def test_theory_of_dropout(self):
        result = trained(DROPOUT)
        for arm in ("10 %", "20 %", "40 %"):
            place_ = result.place(arm)
            measured, theory = (x[place_, :, -1, 1] for x in (result.by_layer, result.theory))
            np.testing.assert_allclose(measured, theory, rtol=0.1)
        last = result.by_layer[1:, :, -1, -1]
        assert (last[1:] > last[:-1]).all()  # the more dropout, the larger the ratio
        np.testing.assert_allclose(result.by_layer[0, :, -1], 1, rtol=1e-3)

    def test_gamma_and_beta(self):
        result = trained(AFFINE)
        assert headline(result).startswith("**Training γ and β hardly matters here**")
        assert result.learned("frozen")

    def test_preset_small_rate(self):
        result = trained(PLACE, **words.PRESETS["A small learning rate: BN does not help"])
        assert headline(result).startswith("**BN does not help here")

    def test_preset_wild_features(self):
        result = trained(PLACE, **words.PRESETS["Wild features: BN on the input is what counts"])
        ends = np.nan_to_num(result.test_accuracy[:, :, -1])
        plain, before, after, own = ends
        assert headline(result).startswith("**BN on the input is what counts here**")
        assert (own > np.maximum(before, after)).all()
        assert own.min() > 0.9
        assert plain.max() == 0

    def test_preset_adam(self):
        preset = dict(words.PRESETS["A bias that wanders: Adam"])
        result = trained(preset.pop("compare"), **preset)
        assert saying(result, "Adam divides each gradient by its own size")
        assert headline(result).startswith("**A bias in front of BN gets no gradient**")


@pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
def test_presets_are_offered(preset):
    declared = knobs(PlacementConfig)
    for name, value in preset.items():
        assert value in declared[name].options
        assert value != PlacementConfig.model_fields[name].default


def test_words_for_every_comparison():
    assert list(words.DETAIL) == list(ARMS)
