"""What is often believed of the gradient, and what a run says of it."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.verdicts.gradients import judge
from bnviz.words.gradients import beliefs as gradient_beliefs
from tests.made.gradients import NOBODY, made


def beliefs(result):
    return gradient_beliefs.beliefs(judge(result))


class TestMisconceptions:
    def answer(self, belief, result):
        (found,) = (a for b, a in beliefs(result).items() if belief in b)
        return found

    def test_are_three_or_four(self):
        assert 3 <= len(beliefs(made())) <= 4

    def test_the_gradient_points_elsewhere(self):
        said = self.answer("points to", made(angle=(80, 20)))
        assert said.endswith(
            "turned by 20° (plain), averaged over training. The other has hardly turned: by"
            " 5° (BN)."
        )
        said = self.answer("points to", made(angle=(80, 60)))
        assert said.endswith(
            "already: it has turned by 20° (plain) and 15° (BN), averaged over training."
        )
        assert "One step along it" in said
        assert "One learning rate along it" in self.answer("points to", made(optimizer="adam"))

    def test_the_gradient_hardly_turns(self):
        said = self.answer("points to", made(angle=(36, 20)))
        assert "so: one step along it hardly turns it, on average by 9° (plain) and 5° (BN)" in said
        assert "may look so" not in self.answer("points to", made(angle=(20, 44)))

    def test_only_one_gradient_is_left(self):
        result = made(angle=(80, 80))
        result.cosine[0] = np.nan
        assert self.answer("points to", result).endswith(
            "turned by 20° (BN), averaged over training."
        )

    def test_no_gradient_is_left(self):
        result = made(angle=(np.nan, np.nan))
        assert "no gradient left" in self.answer("points to", result)

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (
                (3.0, 1.0),
                "It does in this run: plain's gradient changes 3.0 times as much as BN's.",
            ),
            ((1.0, 3.0), "Not in this run: BN's gradient changes 3.0 times as much as plain's."),
            ((1.0, 1.1), "Not in this run: there is hardly a difference."),
        ],
    )
    def test_always(self, change, expected):
        result = made(change, angle=(30, 80) if change[1] > 2 else (50, 50))
        assert self.answer("always", result).startswith(expected)

    @pytest.mark.parametrize(
        ("change", "angle", "expected"),
        [
            (
                (1.0, 3.0),
                (80, 30),
                "In part: in direction and length together, BN's gradient changes 3.0 times as"
                " much as plain's, but in the longest step plain's turns more.",
            ),
            (
                (3.0, 1.0),
                (30, 80),
                "In part: in direction and length together, plain's gradient changes 3.0 times as"
                " much as BN's, but in the longest step BN's turns more.",
            ),
            (
                (1.0, 1.1),
                (80, 30),
                "In the longest step plain's gradient turns more. In direction and length"
                " together, both change about as much.",
            ),
        ],
    )
    def test_always_does_not_contradict_the_headline(self, change, angle, expected):
        assert self.answer("always", made(change, angle)) == expected

    def test_always_with_tanh_does_not_recommend_it(self):
        assert self.answer("always", made()).endswith("Try tanh.")
        assert "Try" not in self.answer("always", made(activation="tanh"))

    def test_always_without_a_comparison(self):
        assert self.answer("always", made(fell=NOBODY)).startswith("This run cannot tell")

    def smoother(self, *arguments, **changes):
        return self.answer("smoother", made(*arguments, **changes))

    @pytest.mark.parametrize(("change", "name"), [((1.0, 2.0), "Plain"), ((2.0, 1.0), "BN")])
    def test_both_learn(self, change, name):
        said = self.smoother(change)
        assert said.startswith(f"{name} is the smoother one here")
        assert "both losses fell: plain's in both seeds, BN's in both seeds." in said

    def test_one_seed_of_many_is_no_difference(self):
        fell, never = ((True,) * 3, (False, True, True)), ((NEVER,) * 3,) * 2
        said = self.smoother((2.0, 1.0), fell=fell, lost=never)
        assert said.startswith("BN is the smoother one here, and both losses fell: plain's in all")
        fell = ((False,) * 3, (False, False, True))
        said = self.smoother((2.0, 1.0), fell=fell, lost=never)
        assert said.startswith("Here neither loss falls by half in most seeds (plain's in none of")

    @pytest.mark.parametrize(("change", "name"), [((1.0, 2.0), "plain"), ((2.0, 1.0), "BN")])
    def test_neither_learns(self, change, name):
        said = self.smoother(change, fell=NOBODY)
        assert said.startswith(f"Here neither loss falls by half, and {name} is the smoother one")

    def test_neither_learns_and_they_hardly_differ(self):
        assert self.smoother((1.1, 1.0), fell=NOBODY).startswith("In this run neither of them is")

    def test_the_smoother_one_learns_less(self):
        said = self.smoother((1.0, 2.0), fell=((False, False), (True, True)))
        assert said.startswith("Not here. Plain's gradient changes less, in direction and length")
        assert said.endswith(
            "in none of 2 seeds, BN's in both seeds. What hardly learns can change hardly at all."
        )
        said = self.smoother((2.0, 1.0), fell=((True, True), (True, False)))
        assert said.startswith("Not here. BN's gradient changes less, in direction and length")
        assert "BN's in 1 of 2 seeds." in said
        assert "What hardly learns" not in said  # the seeds that are compared did learn

    def test_the_smoother_one_learns_more(self):
        assert self.smoother((2.0, 1.0), fell=((False, True), (True, True))).startswith(
            "Here it is. BN's gradient changes less"
        )
        assert self.smoother((1.0, 2.0), fell=((True, True), (True, False))).startswith(
            "Here it is. Plain's gradient changes less"
        )

    def test_who_diverged_is_not_smooth(self):
        said = self.smoother(
            (1.0, 2.0), fell=((False, False), (True, True)), lost=((1, 1), (-1,) * 2)
        )
        assert said.startswith("Here it is. BN's gradient changes less")

    @pytest.mark.parametrize(
        "result",
        [
            made((1.0, 1.0)),
            made((1.1, 1.0)),
            made((1.0, 1.0), fell=NOBODY),
            made((1.0, 2.0), fell=NOBODY, lost=((0, 0), (0, 0))),
        ],
        ids=[
            "the same network twice",
            "about alike",
            "and it does not learn",
            "everybody diverged",
        ],
    )
    def test_neither_is_smoother(self, result):
        assert self.answer("smoother", result).startswith("In this run neither of them is clearly")
