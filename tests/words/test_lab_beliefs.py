"""What is often believed of two runs, and what they say of it."""

import pytest

from bnviz.axes import NEVER
from bnviz.verdicts.lab import judge
from bnviz.words.lab import beliefs as lab_beliefs
from tests.made.lab import bn, made

WELL, LESS, BADLY = (0.9,) * 3, (0.7,) * 3, (0.1,) * 3


def answer(belief, a, b):
    (said,) = (said for one, said in lab_beliefs.beliefs(judge(a, b)).items() if belief in one)
    return said


class TestOnTheWay:
    @pytest.mark.parametrize(
        ("paces", "ends", "expected"),
        [
            ((0.2, 0.8), (LESS, WELL), "It is so here: B is ahead, averaged over training and"),
            ((0.9, 0.2), (LESS, WELL), "Not here: averaged over training A is ahead, at the end B"),
            ((0.2, 0.8), (WELL, WELL), "Not here: averaged over training B is ahead, at the end n"),
            ((0.5, 0.5), (WELL, WELL), "These runs cannot tell: neither is clearly ahead on the"),
            ((0.2, 0.2), (BADLY, BADLY), "These runs cannot tell: there is no way to compare."),
        ],
    )
    def test_is_compared_with_the_end(self, paces, ends, expected):
        a, b = (make(end, pace=[pace] * 3) for make, end, pace in zip((made, bn), ends, paces,
                                                                     strict=True))  # fmt: skip
        assert answer("on the way", a, b).startswith(expected)


class TestOneSeed:
    @pytest.mark.parametrize(
        ("a", "b", "expected"),
        [
            (LESS, WELL, "Here any one would have done: B is ahead in all 3 seeds."),
            (WELL, LESS, "Here any one would have done: A is ahead in all 3 seeds."),
            (WELL, WELL, "Here each seed says the same: neither is ahead, in all 3 seeds."),
            ((0.7, 0.9, 0.7), (0.9, 0.7, 0.9), "Not here: A is ahead in 1 of 3 seeds, B in 2 of"),
            ((0.7, 0.7, 0.9), WELL, "Not here: A is ahead in none of 3 seeds, B in 2 of 3"),
            ((0.9,), (0.7,), "These runs cannot tell: they have one seed in common."),
        ],
    )
    def test_is_enough_where_all_say_the_same(self, a, b, expected):
        assert answer("One seed", made(a), bn(b)).startswith(expected)


class TestNormalization:
    @pytest.mark.parametrize(
        ("a", "b", "expected"),
        [
            (made(LESS), bn(WELL), "It does here: with BN B ends higher in all 3 seeds."),
            (bn(WELL), made(LESS), "It does here: with BN A ends higher in all 3 seeds."),
            (made(BADLY, [2] * 3), bn(WELL), "It does here: with BN B ends higher in all 3 seeds."),
            (made(WELL), bn(LESS), "Not here: with BN B ends higher in none of 3 seeds."),
            (made(WELL), bn(WELL), "Not here: with BN B ends higher in none of 3 seeds."),
            (made(WELL), bn(WELL, [2] * 3), "Not here: with BN B ends higher in none of 3 seeds."),
            (made((0.9, 0.8, 0.5)), bn((0.91, 0.81, 0.4)), "These runs cannot tell: with BN B is"),
            (made(BADLY), bn((0.2,) * 3), "These runs cannot tell: neither has learned much."),
            (made(BADLY, [2] * 3), bn(BADLY, [2] * 3), "These runs cannot tell: neither has"),
        ],
    )
    def test_is_compared_with_plain(self, a, b, expected):
        assert answer("Normalizing", a, b).startswith(expected)

    def test_another_difference_makes_it_unknown(self):
        nothing_else = "These runs cannot tell: that takes a plain run, and one that differs"
        for a, b in (
            (made(LESS), bn(WELL, learning_rate=1.0)),
            (made(LESS), made(WELL, learning_rate=1.0)),
            (bn(LESS), bn(WELL, normalizer="layer")),
        ):
            assert answer("Normalizing", a, b).startswith(nothing_else)


def test_the_same_run_twice_cannot_tell():
    verdict = judge(made(WELL, [NEVER] * 3), made(WELL))
    assert set(lab_beliefs.beliefs(verdict).values()) == {lab_beliefs.SAME}
