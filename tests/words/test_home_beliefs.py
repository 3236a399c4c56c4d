"""What is often believed of BN at the front door, and what a run says of it."""

import pytest

from bnviz.verdicts.home import judge
from bnviz.words.home import beliefs as home_beliefs
from tests.made.home import BROKEN, made


def answer(belief, *arguments, **changes):
    verdict = judge(made(*arguments, **changes))
    (said,) = (a for b, a in home_beliefs.beliefs(verdict).items() if belief in b)
    return said


WELL, BADLY = (0.9, 0.9), (0.1, 0.1)


class TestHelps:
    @pytest.mark.parametrize(
        ("ends", "expected"),
        [
            (BROKEN, "It helps here. BN learned in both seeds. Plain did not learn in"),
            ((BADLY, (0.9, 0.1)), "It may help here. BN learned in 1 of 2 seeds. Plain did"),
            ((WELL, BADLY), "Not here. BN did not learn in either of 2 seeds. Plain"),
            (((0.9, 0.1),) * 2, "Not here. BN learned in 1 of 2 seeds. Plain learned in 1"),
            ((BADLY, BADLY), "Not here: at a learning rate of 0.1 neither network learns."),
            (((0.8, 0.8), WELL), "It helps here: both learn, and BN ends 10 percentage points hig"),
            ((WELL, (0.8, 0.8)), "Not here: both learn, and BN ends 10 percentage points lower."),
            ((WELL, WELL), "Not here: both learn, and end with about the same test accuracy."),
            (((0.8, 0.95), (0.9, 0.7)), "This run cannot tell: both learn, and the seeds do not"),
        ],
    )
    def test_says_who_learned_and_who_ends_higher(self, ends, expected):
        assert answer("only help", ends, learning_rate=0.1).startswith(expected)

    def test_one_rate_is_not_every_rate(self):
        assert answer("only help", BROKEN).endswith("One learning rate is not every one.")


class TestAnyRate:
    def test_one_rate_at_which_it_learns_is_not_any(self):
        said = answer("any learning rate", BROKEN, learning_rate=1.0)
        assert said.startswith(
            "This run cannot tell. At a rate of 1 the network with BN learned in both"
        )
        assert said.endswith("One rate is not any rate. Turn it further up.")

    @pytest.mark.parametrize("ends", [BADLY, (0.9, 0.1)])
    def test_one_rate_at_which_it_does_not_is_enough(self, ends):
        said = answer("any learning rate", (WELL, ends), learning_rate=10.0)
        assert said.startswith("Not here. At a rate of 10 the network with BN ")

    def test_says_where_bn_is_if_not_everywhere(self):
        assert answer("any learning rate", (WELL, BADLY), normalized=(2,)).endswith(
            "BN is in layer 2."
        )
        assert "BN is in" not in answer("any learning rate", (WELL, BADLY))


class TestEveryLayer:
    @pytest.mark.parametrize(
        ("ends", "normalized", "expected"),
        [
            (BROKEN, None, "This run cannot tell: every layer has BN. Switch some off above."),
            (BROKEN, (2,), "Not here: BN in layer 2 was enough in both seeds. Plain did not"),
            (BROKEN, (1, 3), "Not here: BN in layers 1 and 3 was enough in both seeds. Plain"),
            ((BADLY, BADLY), (2,), "Perhaps at this rate. With BN in layer 2 the network did not"),
            ((BADLY, (0.9, 0.1)), (2,), "Perhaps at this rate. With BN in layer 2 the network"),
            ((WELL, WELL), (2,), "This run cannot tell: at this rate, the plain network learns"),
        ],
    )
    def test_says_what_some_layers_did(self, ends, normalized, expected):
        assert answer("every layer", ends, normalized=normalized).startswith(expected)


def test_without_bn_no_run_can_tell():
    verdict = judge(made(normalized=()))
    assert set(home_beliefs.beliefs(verdict).values()) == {home_beliefs.NO_BN}
