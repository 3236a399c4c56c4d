"""What the lesson on signals asks, and what a run answers."""

import pytest

from bnviz.axes import NEVER
from bnviz.verdicts.signals import judge
from bnviz.words.signals import CHALLENGES, DIRECTIONS, GROWTH, HELPS, LEARNS
from tests.made.signals import ALL, NOBODY, made


def outcome(name, result):
    challenge = next(one for one in CHALLENGES if one.name == name)
    said = challenge.outcome(judge(result))
    assert said.right in (*challenge.answers, None)
    return said


class TestChallenges:
    @pytest.mark.parametrize(
        ("factor", "right"), [(10**0.19, 0), (10**0.21, 1), (10**0.29, 1), (10**0.31, 2)]
    )
    def test_how_far_it_grows(self, factor, right):
        said = outcome("explode", made((factor, 1.0), lost=((2, 2), NOBODY)))
        assert said.right == GROWTH[right]
        assert (
            f"Each layer passes it on {factor:.2f} times as large. Plain then diverged in both"
            " seeds." in said.why
        )
        assert outcome("skip", made(gradient=(0.5, factor))).right == GROWTH[right]

    def test_not_where_it_overflowed(self):
        assert outcome("explode", made(lost=((0, 0), NOBODY))).right is None

    @pytest.mark.parametrize(
        ("each", "fate"), [(1.2, "grows"), (1.0, "stays"), (0.8, "fades"), (1.06, "grows")]
    )
    def test_what_bns_gradient_does_at_the_start(self, each, fate):
        said = outcome("back", made(gradient=(0.5, each), later=2 - each))
        assert said.right == DIRECTIONS[fate]
        assert f"At each layer it is {each:.2f} times as large." in said.why

    def test_not_without_a_way(self):
        assert outcome("back", made(depth=1)).right is None
        assert outcome("back", made(lost=(NOBODY, (0, 0)))).right is None

    @pytest.mark.parametrize(("reached", "right"), [(NOBODY, 0), ((3, NEVER), 1), (ALL, 2)])
    def test_who_learns(self, reached, right):
        assert outcome("right", made(learned=(reached, ALL))).right == LEARNS[right]
        assert outcome("deep", made(learned=(NOBODY, reached))).right == LEARNS[right]

    def test_a_signal_that_gets_through_is_not_enough(self):
        assert "is not enough" in outcome("right", made(signal=(0.9, 1.0))).why
        assert "is not enough" not in outcome("right", made()).why
        assert "is not enough" not in outcome("right", made((0.9, 1.0), learned=(ALL, ALL))).why

    @pytest.mark.parametrize(
        ("learned", "right"),
        [
            ((NOBODY, ALL), 0),
            (((8, 8), (3, 3)), 0),
            (((4, 4), (3, 3)), 1),
            (((3, 3), (4, 4)), 2),
            ((ALL, NOBODY), 2),
        ],
    )
    def test_whether_bn_helps(self, learned, right):
        assert outcome("tanh", made(learned=learned)).right == HELPS[right]
