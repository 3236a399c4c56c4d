"""What the lesson on batches asks: each challenge at the borders between its answers."""

import numpy as np
import pytest

from bnviz.verdicts.batches import judge
from bnviz.verdicts.sorted_batches import judge as judge_sorted
from bnviz.words.batches import CHALLENGES
from tests.made.batches import made, made_sorted

ASKED = {one.name: one for one in CHALLENGES}


def answered(name, result):
    verdict = judge_sorted(result) if ASKED[name].on else judge(result)
    return ASKED[name].outcome(verdict)


class TestSmall:
    @pytest.mark.parametrize(
        ("plain", "batch", "layer", "right"),
        [
            (0.9, 0.5, 0.9, "BN"),
            (0.9, 0.88, 0.9, "about the same"),
            (0.5, 0.9, 0.9, "plain"),
            (0.9, 0.9, 0.5, "layer norm"),
            (0.5, 0.5, 0.9, None),
            (0.9, np.nan, 0.9, "BN"),
        ],
    )
    def test_who_makes_most_errors(self, plain, batch, layer, right):
        ends = {"plain": plain, "batch": batch + 1e-3, "layer": layer}
        result = made(**{kind: (end, 0.9, 0.9) for kind, end in ends.items()})
        assert answered("small", result).right == right

    def test_one_of_two_seeds_is_no_rule(self):
        result = made()
        result.accuracy["batch"][0, 0] = 0.9
        assert answered("small", result).right is None

    def test_says_in_how_many_seeds_and_why(self):
        told = answered("small", made()).why
        assert told.startswith(
            "The test error ends at 50 % with BN, at 10 % with layer norm. BN is behind in both"
        )
        assert "the mean and variance of 2 samples" in told


class TestLarge:
    @pytest.mark.parametrize(
        ("batch", "right"), [(0.92, "BN"), (0.905, None), (0.8, None), (np.nan, None)]
    )
    def test_whose_line_is_lowest(self, batch, right):
        assert answered("large", made(batch=(0.5, 0.9, batch))).right == right

    def test_it_may_be_another(self):
        assert answered("large", made(plain=(0.9, 0.9, 0.95))).right == "plain"
        assert answered("large", made(layer=(0.9, 0.9, 0.95))).right == "layer norm"


class TestOne:
    @pytest.mark.parametrize(
        ("batch", "right"),
        [
            (0.1, "nothing"),
            (0.24, "nothing"),
            (0.26, "less than layer norm"),
            (0.7, "less than layer norm"),
            (0.9, "as much as layer norm"),
            (np.nan, None),
        ],
    )
    def test_what_is_learned(self, batch, right):
        assert answered("one", made(batch=(batch, 0.9, 0.9), sizes=(1, 2, 32))).right == right

    def test_names_what_guessing_gives(self):
        told = answered("one", made(batch=(0.1, 0.9, 0.9), sizes=(1, 2, 32))).why
        assert told.startswith("BN ends at 90 % test error; guessing gives 90 %.")

    def test_seeds_that_differ(self):
        result = made()
        result.accuracy["batch"][0, 0] = 0.9
        assert answered("one", result).right is None


class TestMended:
    @pytest.mark.parametrize(
        ("precise", "right"),
        [(0.5, "hardly any"), (0.51, "hardly any"), (0.55, "part of it"), (0.8, "most of it")],
    )
    def test_how_much(self, precise, right):
        assert answered("mended", made(precise=(precise, 0.9, 0.92))).right == right

    def test_few_seeds_are_no_rule(self):
        result = made()
        result.precise[0] = [0.5, 0.7]
        told = answered("mended", result)
        assert (told.right, told.why.endswith("not in most seeds.")) == (None, True)

    def test_nothing_is_broken(self):
        assert answered("mended", made(batch=(0.9, 0.9, 0.9))).right is None


class TestShallow:
    @pytest.mark.parametrize(
        ("plain", "right"),
        [
            ((0.9, 0.9, 0.9), "at none"),
            ((0.9, 0.9, 0.7), "in large batches only"),
            ((0.9, 0.7, 0.7), "in large batches only"),
            ((0.7, 0.7, 0.7), "at every size"),
            ((0.7, 0.9, 0.7), None),
        ],
    )
    def test_where_bn_is_ahead(self, plain, right):
        result = made(plain=plain, batch=(0.9, 0.9, 0.9))
        assert answered("shallow", result).right == right

    def test_few_seeds_are_no_rule(self):
        result = made(plain=(0.9, 0.9, 0.9), batch=(0.9, 0.9, 0.9))
        result.accuracy["plain"][1, 0] = 0.5
        assert answered("shallow", result).right is None


class TestSorted:
    @pytest.mark.parametrize(
        ("few", "right"),
        [
            ((0.94, 0.7, 0.9, 0.94), "BN"),
            ((0.7, 0.9, 0.9, 0.9), "plain"),
            ((0.9, 0.9, 0.9, 0.7), "layer norm"),
            ((0.94, 0.94, 0.9, 0.94), "none of them"),
            ((0.7, 0.7, 0.9, 0.9), None),
            ((0.9, np.nan, 0.9, 0.9), "BN"),
        ],
    )
    def test_who_loses_most(self, few, right):
        assert answered("sorted", made_sorted(few=few)).right == right

    def test_one_of_two_seeds_is_no_rule(self):
        result = made_sorted(few=(0.95, 0.5, 0.95, 0.95))
        result.accuracy["batch"][0, -1] = 0.95
        assert answered("sorted", result).right is None

    def test_where_nothing_is_skewed_or_learned(self):
        assert answered("sorted", made_sorted(dataset="moons")).right is None
        assert answered("sorted", made_sorted(mixed=(0.3, 0.3, 0.3, 0.3))).right is None
