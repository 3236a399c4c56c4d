"""The transform in sentences."""

import contextlib
import io
from dataclasses import replace

import numpy as np
import pytest
import torch

from bnviz.experiments.minibatch import TRAINED
from bnviz.experiments.trained_units import trained_units
from bnviz.experiments.transform import BACK, LEARNED
from bnviz.verdicts.transform import judge
from bnviz.words import transform as words
from bnviz.words.transform import beliefs as transform_beliefs
from bnviz.words.transform import code as transform_code
from tests.made.transform import SOURCES, of


def verdict(table=None, feature=0, **changes):
    return judge(of(table, **changes), feature)


def headline(*arguments, **changes):
    return words.findings(verdict(*arguments, **changes)).headline


def more(*arguments, **changes):
    said = words.findings(verdict(*arguments, **changes))
    return [*said.more, *said.further]


def outcome(name, of):
    challenge = next(one for one in words.CHALLENGES if one.name == name)
    said = challenge.outcome(of)
    assert said.right in (*challenge.answers, None)
    return said


class TestHeadline:
    """A claim in words, in one line."""

    def test_well_behaved(self):
        assert headline() == "Normalizing removes mean and scale; γ and β set new ones."

    def test_a_single_row(self):
        assert headline([[5]]).startswith("A batch of one is its own mean")

    def test_two_rows_far_apart_and_close(self):
        assert headline([[1, 7], [9, 7]]) == "Of two rows, only their order is left."
        assert headline([[1], [1.001]]).startswith("ε is too large")

    def test_a_constant_feature_beside_another_and_alone(self):
        assert headline([[1, 7], [2, 7], [4, 7]]) == headline()
        assert headline([[7], [7], [7]]).startswith("Nothing varies here")

    def test_epsilon_too_large_names_the_feature(self):
        told = headline([[1, 0.1], [9, 0.2], [5, 0.3]], epsilon=1.0)
        assert told == "ε is too large for x2: normalized, its variance is 0.0066."

    def test_the_input_back(self):
        assert headline(affine=BACK) == "γ = √(v + ε) and β = μ give the input back."

    def test_as_learned(self):
        assert "learned γ and β" in headline(source=TRAINED, affine=LEARNED)

    @pytest.mark.parametrize("source", SOURCES)
    def test_is_one_line(self, source):
        assert len(headline(source=source)) <= 70


class TestMore:
    def test_what_gamma_and_beta_make_of_it(self):
        said = "x1 have mean 1, which is β, and variance 4, which is γ² · v / (v + ε)."
        assert said in more()[0]
        assert "mean 5, which is β, and variance 4," in more(affine=BACK)[0]
        told = more(source=TRAINED, affine=LEARNED)[0]
        assert f"The outputs of {trained_units().names[0]} have mean 0.0175" in told

    def test_the_variance_is_the_biased_one(self):
        assert "the mean of the squared distances from μ: a sum divided by m." in more()[1]
        assert "of one number is that number" in more([[5]])[1]

    def test_by_hand(self):
        said = words.by_hand(verdict().feature)
        assert said == "x1 has mean 5 and variance 4. Its first number goes 2 → −3 → −1.5 → −2."
        assert said in more()

    def test_of_the_feature_that_is_drawn(self):
        assert words.by_hand(verdict(feature=1).feature).startswith("x2 has mean 30")

    def test_a_constant_feature_is_named_and_only_then(self):
        assert any("x2 is constant: its variance is 0" in one for one in more([[1, 7], [2, 7]]))
        assert more([[1, 7], [2, 7]])[0].startswith("x2 is constant")
        assert "x1 and x2 are constant" in " ".join(more([[1, 7], [1, 7]]))
        assert not any("constant" in one for one in more())

    def test_far_from_zero_and_only_then(self):
        (far,) = [one for one in more([[1e6], [1e6 + 1], [1e6 + 3]]) if "32 bits" in one]
        assert "standard deviations from zero. In 32 bits torch.nn is off by up to" in far
        exact = " ".join(more(source="far from zero"))
        assert "26 standard deviations from zero." in exact
        assert "In 32 bits" not in exact
        assert "from zero" not in " ".join(more())

    def test_the_bound(self):
        assert "value is 2 in size; it cannot exceed √(m − 1) = 2.65." in more()[2]
        assert "with m = 1, that is 0" in " ".join(more([[5]]))

    def test_one_row_with_all_of_the_variance(self):
        assert "87 % of the variance of x1: normalized" in more(source="one outlier")[0]
        assert "has 63 % of the variance" in " ".join(more([[1], [2], [5]]))
        assert "One row" not in " ".join(more())

    def test_on_a_sigmoid(self):
        assert "On a sigmoid, 0 % of the values of x1" in words.sigmoid(
            verdict([[9], [10], [11]]).feature
        )
        assert "100 % of the values of x1" in words.sigmoid(verdict([[0], [0.1], [0.2]]).feature)

    def test_torch_agrees_or_refuses(self):
        assert "gives the same outputs: the largest difference is 4.4e−16" in more()[-1]
        refused = more([[1]])[-1]
        assert "BatchNorm1d refuses a single row in training mode" in refused
        assert "BatchNorm2d takes a single image" in refused

    def test_and_so_does_torch_itself(self):
        with pytest.raises(ValueError, match=words.REFUSAL):
            torch.nn.BatchNorm1d(2)(torch.ones(1, 2))
        assert torch.nn.BatchNorm2d(2)(torch.ones(1, 2, 3, 3)).shape == (1, 2, 3, 3)
        with pytest.raises(ValueError, match=words.REFUSAL):
            torch.nn.BatchNorm2d(2)(torch.ones(1, 2, 1, 1))


class TestBeliefs:
    def met(self, part, table=None, **changes):
        met = transform_beliefs.beliefs(verdict(table, **changes))
        (belief,) = [belief for belief in met if part in belief]
        return met[belief]

    def test_of_weights(self):
        assert f"{trained_units().weights[0].std():.2g}" in self.met("weights")
        assert "its 8 rows are samples" in self.met("weights")
        assert "its one row is a sample." in self.met("weights", [[5]])

    def test_whitening(self):
        assert "is 0.812 after normalizing, as before" in self.met("whitens")
        assert "With one feature there is none" in self.met("whitens", [[1], [2]])
        assert "does not vary" in self.met("whitens", [[1, 7], [2, 7]])

    def test_outputs(self):
        assert self.met("outputs").startswith("Not here")
        told = self.met("outputs", [[1], [2], [4]], gamma=1.0, beta=0.0)
        assert told.startswith("Here yes")
        assert "have mean 0 and variance 1" in told

    def test_shape(self):
        assert "is 1 for x1 before and 1 after" in self.met("normally", [[-1], [1], [-1], [1]])
        assert "does not even vary" in self.met("normally", [[7], [7]])

    def test_are_plain(self):
        for source in SOURCES:
            met = transform_beliefs.beliefs(verdict(source=source))
            assert 3 <= len(met) <= 4
            assert not any('"' in belief or "“" in belief for belief in met)


def test_what_stands_above_a_pair():
    assert words.pair(verdict(epsilon=100.0).pair) == ("before: r = 0.812", "after: r = 0.812")
    assert words.pair(verdict([[1, 7], [2, 7]]).pair) == ("before: r = none", "after: r = none")
    assert words.pair(verdict([[1], [2]]).pair) == ("before", "after")


class TestChallenges:
    @pytest.mark.parametrize(
        ("table", "right"),
        [([[1], [2], [3], [4]], 0), ([[1], [2], [1], [99]], 1), ([[0], [0], [0], [1]], 1)],
    )
    def test_where_the_others_lie(self, table, right):
        assert outcome("outlier", verdict(table)).right == words.OUTLIER[right]

    @pytest.mark.parametrize(
        ("column", "right"),
        [
            ([1, 2, 3, 4, 5, 6, 7, 8], "four"),
            ([1, 1, 1, 1, 1, 6, 7, 8], "five or six"),
            ([1, 1, 1, 1, 1, 1, 7, 8], "five or six"),
            ([1, 1, 1, 1, 1, 1, 1, 8], "seven"),
            ([8, 8, 8, 8, 8, 8, 8, 1], None),
        ],
    )
    def test_how_many_lie_below_the_mean(self, column, right):
        assert outcome("below", verdict([[value] for value in column])).right == right

    @pytest.mark.parametrize("by", ["shift", "shift times γ", "not"])
    def test_a_shift(self, by):
        said = outcome("shift", replace(verdict(), moved_by=by))
        place = ("shift", "shift times γ", "not").index(by)
        assert said.right == words.SHIFTED[place]
        assert "and the outputs stayed as they were." in outcome("shift", verdict()).why
        moved = outcome("shift", replace(verdict(), moved=2e-12)).why
        assert "the outputs changed at most by 2e−12." in moved

    def test_the_input_back(self):
        assert outcome("back", verdict(affine=BACK)).right == words.UNDONE[0]
        assert outcome("back", verdict(beta=5.0)).right == words.UNDONE[1]
        assert outcome("back", verdict()).right == words.UNDONE[2]

    @pytest.mark.parametrize(
        ("spans", "right"), [((2.0, 1.99), 2), ((2.0, 1.9), 0), ((1.9, 2.0), 1), ((2.0,), None)]
    )
    def test_whose_outputs_lie_farther_apart(self, spans, right):
        expected = None if right is None else words.FARTHER[right]
        assert outcome("two-rows", replace(verdict(), spans=spans)).right == expected

    @pytest.mark.parametrize(
        ("gamma", "right"), [((1.2, 0.71), 0), ((1.0, 1.3), 1), ((0.0, 1.0), 1), ((2.1, 1.0), 2)]
    )
    def test_how_far_gamma_has_come(self, gamma, right):
        of = replace(verdict(source=TRAINED, affine=LEARNED), gamma=gamma)
        assert outcome("learned", of).right == words.CHANGED[right]

    def test_gammas_that_were_set_were_not_learned(self):
        assert outcome("learned", verdict()).right is None


class TestPrograms:
    @pytest.mark.parametrize("library", [0, 1])
    @pytest.mark.parametrize("source", [name for name in SOURCES if name != "a single row"])
    def test_run_and_give_the_outputs_on_the_page(self, source, library):
        run, there = of(source=source), {}
        default = torch.get_default_dtype()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(transform_code.programs(judge(run))[library], there)
        finally:
            torch.set_default_dtype(default)
        y = there["y"].detach().numpy() if library else there["y"]
        np.testing.assert_allclose(y, run.stages[3], rtol=1e-9, atol=1e-9)

    @pytest.mark.parametrize("library", [0, 1])
    def test_each_feature_may_have_numbers_of_its_own(self, library):
        own = {"own_gamma": "1, -2", "own_beta": "0.5", "own_epsilon": "1e-3, 0.1"}
        run, there = of(**own), {}
        default = torch.get_default_dtype()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(transform_code.programs(judge(run))[library], there)
        finally:
            torch.set_default_dtype(default)
        np.testing.assert_allclose(np.asarray(there["y"]), run.stages[3], rtol=1e-12, atol=1e-12)


def test_what_32_bits_make_of_a_constant_feature_is_told():
    said = words.findings(verdict([[123456789]] * 4, gamma=1.0, beta=0.0)).more[0]
    assert "In 32 bits torch.nn is off by up to 1040 for x1" in said
    assert "32 bits" not in words.findings(verdict([[7]] * 4)).more[0]


@pytest.mark.parametrize("epsilon", [1e-14, 1e3])
@pytest.mark.parametrize("table", [[[1e9], [-1e9]], [[1e-300], [0]], [[1e9], [1e9]], [[0]] * 64])
def test_extremes_give_sentences_without_a_nan(table, epsilon):
    found = verdict(table, gamma=1e3, epsilon=epsilon)
    said = words.findings(found)
    whys = [one.outcome(found).why for one in words.CHALLENGES]
    told = [said.text, *transform_beliefs.beliefs(found).values(), *whys]
    assert not any("nan" in one.lower().split() for one in told)


def test_the_clock_names_every_place():
    assert len(words.PLACES) == len(of().steps)
    assert words.PLACES[0] == "x"
    assert words.PLACES[1] == "x …"
    assert words.PLACES[-1] == "scaled, shifted"
