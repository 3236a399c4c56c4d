"""The backward pass in sentences."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments.backward import LEARNED, TRAINED
from bnviz.verdicts.backward import judge, judge_mistakes
from bnviz.words import backward as words
from bnviz.words.backward import beliefs as backward_beliefs
from bnviz.words.backward import equations as six
from bnviz.words.backward.mistakes import mistakes
from tests.made.backward import SOURCES, mistaken, of


def headline(*arguments, **changes):
    return words.findings(judge(of(*arguments, **changes))).headline


def more(*arguments, **changes):
    said = words.findings(judge(of(*arguments, **changes)))
    return " ".join((*said.more, *said.further))


def outcome(name, verdict):
    challenge = next(one for one in words.CHALLENGES if one.name == name)
    said = challenge.outcome(verdict)
    assert said.right in (*challenge.answers, None)
    return said


class TestHeadline:
    def test_how_much_gets_through(self):
        share = np.linalg.norm(of().hand.x) / np.linalg.norm(of().straight)
        assert headline().startswith(f"{100 * share:.0f} % of the gradient's length gets through.")

    @pytest.mark.parametrize("source", ["the same for all rows", "along the normalized values"])
    def test_nothing_gets_through(self, source):
        assert headline(source=source) == "Nothing of the gradient gets through."
        assert "a change that the mean and the variance undo." in more(source=source)

    def test_epsilon_lets_some_of_it_through(self):
        changes = {"source": "along the normalized values", "epsilon": 1.0}
        assert headline(**changes).startswith("20 % of the gradient's length")
        assert "leaves 0.2 of it" in more(**changes)

    def test_a_batch_of_one(self):
        assert headline([3], [1]).startswith("Nothing gets through a batch of one")
        assert "the output is β" in more([3], [1])

    def test_a_constant_feature(self):
        told = headline(source="constant feature")
        assert told == "A constant feature multiplies the gradient by 632."
        assert "once its mean is subtracted" in more(source="constant feature")

    def test_nearly_all_leaves_no_rest(self):
        told = headline(source="two rows", epsilon=100.0)
        assert told.startswith("Nearly all of the gradient's length gets through")
        assert "It hardly asks for a change" in more(source="two rows", epsilon=100.0)

    def test_no_gradient(self):
        assert headline([1, 2], [0, 0]).startswith("No gradient arrives")
        assert headline(gamma=0.0).startswith("No gradient arrives")
        assert "γ or every ∂L/∂y is 0" in more(gamma=0.0)

    @pytest.mark.parametrize("source", SOURCES)
    def test_is_one_line(self, source):
        assert len(headline(source=source)) <= 70


class TestMore:
    def test_the_sum(self):
        sums = "∂L/∂x is 0, up to rounding; with mean and variance as constants it would be 4."
        assert sums in more()

    def test_rounding_is_told_as_zero(self):
        assert "x̂ is 0; with mean and variance as constants it would be 0." in more(
            [1, 2, 4], [0.5, 0.5, 0.5]
        )

    def test_rows_without_a_gradient_of_their_own(self):
        told = more(source="one row alone has a gradient")
        assert "No gradient arrives at the output of row 8" in told
        assert "at the output of row" not in more([1, 2, 4], [1, 2, 5])

    def test_autograd(self):
        assert "Of all 20 numbers by hand, none differs" in more()
        run = of()
        off = replace(run, autograd=replace(run.autograd, mean=run.autograd.mean + 1))
        assert "by more than 1." in words.findings(judge(off)).text

    def test_the_network_only_where_it_is_its_own(self):
        whole = "through the whole network"
        assert whole in more(source=TRAINED, scale=LEARNED)
        assert whole not in more(source=TRAINED)


class TestEquations:
    def test_of_the_row_that_is_chosen(self):
        for row in (1, 8):
            first, second, *_ = six.equations(judge(of(), row))
            assert first.told().startswith(f"row {row}: **")
            assert "row" not in second.told()
            assert "autograd" in second.told()

    def test_the_third_is_told_to_have_a_term_that_is_zero(self):
        assert "second term of\nequation 3 is always 0" in six.SIX

    def test_all_rows_in_a_table(self):
        rows = six.rows(judge(of()))
        assert {len(row) for row in rows} == {len(six.HEAD)}
        assert [row[0] for row in rows] == [str(row) for row in range(1, 9)]
        assert all(row[5] == row[6] for row in rows)  # by hand, and by autograd


class TestBeliefs:
    def met(self, part, *arguments, **changes):
        found = backward_beliefs.beliefs(judge(of(*arguments, **changes)))
        return next(text for belief, text in found.items() if part in belief)

    def test_straight_through(self):
        assert "In 2 of 8 rows the sign is the opposite one" in self.met("straight")
        assert "it is 0.25" in self.met("straight")
        assert "no gradient gets through" in self.met("straight", [1], [1])
        told = self.met("straight", [1, 2, 4], [0.5, 0.5, 0.5])
        assert "it is 0. In none of 3 rows the sign" in told

    def test_own_affair(self):
        assert "changed in 7 of the 7 other rows" in self.met("own affair")
        assert "batch of one" in self.met("own affair", [1], [1])
        assert "changed in the other row, too" in self.met("own affair", source="two rows")
        assert "Here γ is 0" in self.met("own affair", gamma=0.0)

    def test_larger_inputs(self):
        assert "is 0.1 times what it was" in self.met("Larger")
        assert "ε decides" in self.met("Larger", [7, 7, 7], [1, 2, 4])
        told = self.met("Larger", epsilon=100.0)
        assert "0.316 times" in told
        assert "ε is not small here, so the outputs change, too" in told
        assert "Outputs stay" not in told
        assert "nothing to compare" in self.met("Larger", source="the same for all rows")

    def test_bias(self):
        assert "here 0, up to rounding. β, after BN, gets 4" in self.met("bias")


class TestChallenges:
    @pytest.mark.parametrize(
        ("reaches", "right"), [("the same", 0), ("different", 1), ("nothing", 2)]
    )
    def test_what_reaches_the_inputs(self, reaches, right):
        assert outcome("same", replace(judge(of()), reaches=reaches)).right == words.REACHES[right]

    @pytest.mark.parametrize(("rows", "right"), [(8, 0), (7, 1), (1, 1), (0, 2)])
    def test_on_the_line(self, rows, right):
        said = outcome("line", replace(judge(of()), on_the_line=rows))
        assert said.right == words.ON_THE_LINE[right]
        assert said.why.startswith(f"{rows} of 8 hollow dots")

    @pytest.mark.parametrize(("rows", "right"), [(1, 0), (2, 1), (7, 1), (8, 2), (0, None)])
    def test_which_inputs_get_one(self, rows, right):
        said = outcome("alone", replace(judge(of()), reached=rows))
        assert said.right == (None if right is None else words.GETS[right])

    @pytest.mark.parametrize(
        ("share", "right"), [(0.09, 0), (0.11, 1), (0.89, 1), (0.91, 2), (1.0, 2)]
    )
    def test_how_much_gets_through_two_rows(self, share, right):
        verdict = replace(judge(of(source="two rows")), through=share)
        assert outcome("two-rows", verdict).right == words.THROUGH[right]

    @pytest.mark.parametrize(
        ("times", "right"), [(0.09, 0), (0.11, 1), (9.9, 1), (10.1, 2), (600.0, 2)]
    )
    def test_what_a_constant_feature_does(self, times, right):
        verdict = replace(judge(of(source="constant feature")), lengthened=times)
        assert outcome("constant", verdict).right == words.GROWN[right]

    @pytest.mark.parametrize(("share", "right"), [(0.49, 0), (0.5, 1), (0.9, 1), (0.91, 2)])
    def test_how_much_of_a_trained_units_gradient(self, share, right):
        verdict = replace(judge(of(source=TRAINED, scale=LEARNED)), through=share)
        assert outcome("trained", verdict).right == words.SHARES[right]

    @pytest.mark.parametrize("name", ["two-rows", "constant", "trained"])
    def test_where_no_gradient_arrives_nothing_is_told(self, name):
        assert outcome(name, judge(of(gamma=0.0))).right is None


class TestMistakes:
    def said(self, *arguments, **changes):
        return mistakes(judge_mistakes([mistaken(*arguments, **changes)]))

    def test_its_price(self):
        assert self.said() == (
            "**Rate 0.32.** With the mistake the loss is higher in both seeds. Training loss is 2"
            " instead of 1. Test accuracy is 60 % instead of 90 %. The weights changed their length"
            " by +38 % instead of +3 %."
        )

    def test_or_none(self):
        assert "With the mistake the loss is lower in both seeds" in self.said((2, 2), (1, 1))
        assert "Test accuracy is 90 % with both." in self.said(accuracy=(0.9, 0.9))

    def test_a_half_is_no_rule(self):
        told = self.said((1, 2), (2, 1))
        assert "Neither gradient ends with the lower loss in more than half" in told

    def test_losses_read_apart(self):
        told = self.said((0.2268, 0.2268), (0.2271, 0.2271))
        assert "Training loss is 0.2271 instead of 0.2268" in told

    def test_divergences(self):
        told = self.said(diverged=[(NEVER, NEVER), (3, NEVER)])
        assert "Of 2 networks, none diverged with the right gradient and 1 with" in told

    def test_growth(self):
        told = self.said(growth=(1.0039, 0.88))
        assert "their length by −12 % instead of +0.4 %" in told


@pytest.mark.parametrize("epsilon", [1e-14, 1e3])
@pytest.mark.parametrize(
    "table", [([1e9, -1e9], [1e9, -1e9]), ([1e-300, 0], [1, 2]), ([5], [1e9]), ([0], [0])]
)
def test_extremes_give_sentences_without_a_nan(table, epsilon):
    verdict = judge(of(*table, gamma=1e3, epsilon=epsilon))
    said = words.findings(verdict)
    every = [said.text, *backward_beliefs.beliefs(verdict).values()]
    every += [one.outcome(verdict).why for one in words.CHALLENGES]
    every += [equation.told() for equation in six.equations(verdict)]
    assert not any("nan" in one.lower().split() for one in every)


def test_the_clock_names_every_place():
    assert len(words.PLACES) == len(of().steps)
    assert words.PLACES[0] == "∂L/∂y arrives"
    assert words.PLACES[1] == words.PLACES[5] == "equation 1"
    assert words.PLACES[-1] == "equation 6"
