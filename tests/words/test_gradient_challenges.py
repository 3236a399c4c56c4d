"""What the challenges of the gradient answer, at the borders between their answers."""

import numpy as np
import pytest

from bnviz.verdicts.gradients import judge
from bnviz.words import gradients as words
from tests.made.gradients import NOBODY, STEPS, made


def outcome(name, result):
    challenge = next(one for one in words.CHALLENGES if one.name == name)
    found = challenge.outcome(judge(result))
    assert found.right is None or found.right in challenge.answers
    return found


class TestChallenges:
    @pytest.mark.parametrize(
        ("angle", "place"), [(29.4, 0), (30.4, 1), (59.4, 1), (60.6, 2), (120, 2)]
    )
    def test_how_far_one_update_turns(self, angle, place):
        result = made(angle=(angle, 10), reach="1/10 to 1")
        found = outcome("update", result)
        assert found.right == words.TURNS[place]
        assert "fell by half in both seeds" in found.why
        assert ("why, this run does not tell" in found.why) == (place == 2)
        lost = outcome("update", made(angle=(angle, 10), reach="1/10 to 1", fell=NOBODY))
        assert lost.why.endswith("Plain's loss fell by half in none of 2 seeds.")

    @pytest.mark.parametrize("name", ["tanh", "glorot", "small-batches"])
    @pytest.mark.parametrize(
        ("angle", "right"), [((80, 30), "plain"), ((30, 80), "batch"), ((80, 74), "neither")]
    )
    def test_whose_turns_farther(self, name, angle, right):
        reach = "1/10 to 1" if name == "small-batches" else "½ to 4"
        assert outcome(name, made(angle=angle, reach=reach)).right == words.FARTHER[right]

    @pytest.mark.parametrize("name", ["tanh", "glorot"])
    def test_half_of_the_seeds_cannot_tell(self, name):
        result = made(angle=(80, 40))
        result.cosine[0, 0] = np.cos(np.radians(39))
        found = outcome(name, result)
        assert found.right is None
        assert found.why.endswith("The seeds do not agree on which is larger.")

    def test_at_first_may_be_the_other_way_round(self):
        result = made(angle=(20, 45), norm=(1.0, 4.0))
        result.cosine[0, :, STEPS > 8] = -1
        assert outcome("glorot", result).right == words.FARTHER["batch"]
        assert "BN's gradient is 4.0 times as long" in outcome("glorot", result).why
        assert outcome("tanh", result).right == words.FARTHER["plain"]
        assert "the order is no law" in outcome("backwards", result).why

    @pytest.mark.parametrize(
        ("angle", "right"),
        [((91, 89), "plain's"), ((89, 91), "BN's"), ((91, 92), "both"), ((89, 88), "neither")],
    )
    def test_whose_arrow_points_backwards_as_drawn(self, angle, right):
        assert outcome("backwards", made(angle=angle)).right == right

    @pytest.mark.parametrize(
        ("fell", "right"),
        [
            (((True, False), (True, True)), "BN's"),
            (((True, True), (True, False)), "plain's"),
            (((True, True), (True, True)), "both"),
            (NOBODY, "neither"),
        ],
    )
    def test_whose_loss_fell_in_most_seeds(self, fell, right):
        found = outcome("too-far", made(fell=fell, angle=(30, 80)))
        assert found.right == right
        learned_though_it_turned = found.why.endswith("80°. Turning less is not learning.")
        assert learned_though_it_turned == (right == "BN's")
        other = outcome("too-far", made(fell=fell, angle=(80, 30)))
        assert other.why.endswith("turns by 80°, BN's by 30°.")
        alike = outcome("too-far", made(fell=fell, angle=(80, 85)))
        assert alike.why.endswith("by 80°, BN's by 85°. The turn does not tell who learns.")

    @pytest.mark.parametrize("name", ["update", "small-batches"])
    def test_a_step_of_one_learning_rate_is_the_update_of_sgd_alone(self, name):
        assert "In one update, on average" in outcome(name, made()).why
        other = outcome(name, made(optimizer="momentum"))
        assert "In a step of one learning rate, on average over training, plain's" in other.why
        assert "update" not in other.why

    def test_without_bn_no_statistics_are_to_blame(self):
        same = made(angle=(30, 30), depth=1, normalized_layers="every second")
        assert outcome("small-batches", same).right is None
        assert "statistics" not in outcome("small-batches", same).why
