"""What the shift lesson says of judged results."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import changed_inputs, moments, shift
from bnviz.experiments.changed_inputs import InputsConfig
from bnviz.experiments.moments import MomentsConfig
from bnviz.verdicts import changed_inputs as of_inputs
from bnviz.verdicts import moments as of_moments
from bnviz.verdicts.shift import judge
from bnviz.words import shift as words
from bnviz.words.shift import beliefs as shift_beliefs
from bnviz.words.shift import changed_inputs as input_words
from bnviz.words.shift import moments as moment_words
from tests.made.shift import ALL, made, made_inputs, undecided
from tests.samples import tiny


def findings(*arguments, **changes):
    return words.findings(judge(made(*arguments, **changes)))


def met(result, place):
    return list(shift_beliefs.beliefs(judge(result)).values())[place]


@pytest.mark.parametrize(
    ("angles", "headline", "counted"),
    [
        (
            ((10, 20), (50, 60), (55, 65)),
            "more internal covariate shift, not less.",
            "BN's gradient turns more in all 3 seeds.",
        ),
        (
            ((50, 60), (10, 20), (15, 25)),
            "less internal covariate shift here.",
            "Plain's gradient turns more in all 3 seeds.",
        ),
        (((50, 60), (51, 61), (55, 65)), "hardly changes the internal covariate shift here.", ""),
    ],
)
def test_headline(angles, headline, counted):
    said = findings(angles)
    assert said.headline.endswith(headline)
    assert counted in said.text
    assert counted or "turns more in" not in said.text


def test_first_the_angles_then_the_noise_then_the_order():
    angles, noisy, order = findings().more
    assert angles.endswith("turns a layer's gradient by 59° with BN and by 19° without.")
    assert noisy.startswith("Noisy BN (random noise after every BN layer) ends at 94 % test")
    assert order.startswith("BN's gradient turns more both early and late")


def test_headline_where_the_seeds_disagree():
    said = words.findings(judge(undecided()))
    assert said.headline == "The seeds do not agree on who has more internal covariate shift."
    assert "Early or late in training, the seeds do not agree" in said.text


@pytest.mark.parametrize(
    ("angles", "said"),
    [
        (((10, 20), (50, 60), (5, 5)), "In the first 5 steps BN's gradient turns by 50°, plain's"),
        (
            ((10, 20), (50, 60), (5, 5)),
            "In the second half BN's gradient turns by 60°, plain's by 20°.",
        ),
        (((10, 20), (50, 60), (5, 5)), "BN's gradient turns more both early and late in training."),
        (
            ((10, 60), (50, 20), (5, 5)),
            "The order changes: early in training BN's gradient turns more, late plain's.",
        ),
        (
            ((50, 20), (10, 60), (5, 5)),
            "The order changes: early in training plain's gradient turns more",
        ),
        (((10, 50), (50, 50), (5, 5)), "BN's gradient turns more only early in training."),
    ],
)
def test_over_time(angles, said):
    assert said in findings(angles).text


def test_over_time_beside_the_whole():
    result = made(((10, 30), (50, 60), (5, 5)))
    cosine = result.cosine.copy()
    cosine[1, :, 3] = 1.0  # between the first steps and the second half BN's does not turn at all
    cosine[0, :, 3] = -1.0
    said = words.findings(judge(replace(result, cosine=cosine))).text
    assert "both early and late in training, but not on average." in said


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        (
            (0.1, 0.5, 0.5),
            "too, BN's gradient changes more: 5.0 times as much as plain's. It is more in all",
        ),
        ((0.5, 0.1, 0.5), "in contrast to the angle, plain's gradient changes more"),
        ((0.5, 0.5, 0.5), "changes about as much with BN as without"),
    ],
)
def test_length(distance, said):
    assert said in findings(distance=distance).text


def test_length_where_the_seeds_do_not_agree():
    result = made(distance=(1.0, 4.0, 4.0), fell=np.array([[1, 0, 1]] * 3, bool))
    distance = result.distance.copy()
    distance[:2, 2] = distance[1::-1, 2] * [[[1.0]], [[0.5]]]  # 1 and 4 become 4 and 0.5
    said = words.findings(judge(replace(result, distance=distance))).text
    assert "the seeds do not agree on whose gradient changes more" in said


@pytest.mark.parametrize(
    ("accuracy", "right", "said"),
    [
        ((0.93, 0.95, 0.94), "as well as BN", "did no clear harm"),
        ((0.93, 0.95, 0.80), "worse than BN", "costs accuracy"),
        ((0.93, 0.95, 0.20), "not at all", "The network with noise learned nothing"),
        ((0.93, 0.11, 0.10), "not at all", "Neither of them learned anything"),
    ],
)
def test_noisy(accuracy, right, said):
    verdict = judge(made(accuracy=accuracy))
    assert outcome("noise", verdict).right == right
    assert said in words.findings(verdict).more[1]


def test_noisy_lost():
    lost = ((NEVER,) * 3, (NEVER,) * 3, (7, 7, NEVER))
    said = findings(diverged=lost, fell=((True,) * 3, (True,) * 3, (False, False, True))).text
    assert (
        "after every BN layer) diverged. BN without noise ends at 95 % test accuracy. The" in said
    )
    assert "Noisy BN diverged in 2 of 3 seeds." in said


def test_no_pair_that_learned():
    said = findings(fell=((False,) * 3, (True,) * 3, (True,) * 3))
    assert said.headline == "Plain's loss did not fall by half: there is nothing to compare."
    assert said.more[0].endswith("may turn a lot, or not at all.")
    assert "The loss of plain did not fall by half in any of 3 seeds" in said.text


def test_a_gradient_of_zero_where_both_learned():
    result = made()
    silent = judge(replace(result, cosine=np.full_like(result.cosine, np.nan)))
    assert "a gradient was zero" in words.findings(silent).headline
    assert "nan" not in " ".join(shift_beliefs.beliefs(silent).values()).split()


class TestBeliefs:
    @pytest.mark.parametrize(
        ("result", "said"),
        [
            (made(), "more of it with BN"),
            (made(((50, 60), (10, 20), (15, 25))), "BN has less of it"),
            (made(((50, 60), (51, 60), (15, 25))), "about as much of it"),
            (made(fell=((False,) * 3,) * 3), "cannot say"),
            (undecided(), "leaves it open"),
        ],
    )
    def test_removes(self, result, said):
        assert said in met(result, 0)

    def test_of_the_inputs(self):
        assert "digits that come in" in met(made(), 1)
        assert "by up to 20°" in met(made(), 1)
        assert "points that come in" in met(made(dataset="moons"), 1)
        still = made(((0.01, 0.01), (50, 60), (50, 60)))
        assert "gradient turns by less than 0.1°" in met(still, 1)

    @pytest.mark.parametrize(
        ("angles", "accuracy", "said"),
        [
            (
                ((10, 10), (40, 40), (60, 60)),
                (0.9, 0.9, 0.9),
                "the most shift is in noisy BN, and no other",
            ),
            (
                ((10, 10), (50, 50), (52, 52)),
                (0.9, 0.9, 0.9),
                "the most shift is in BN and noisy BN, and no",
            ),
            (
                ((60, 60), (10, 10), (20, 20)),
                (0.7, 0.9, 0.9),
                "in plain, and every other is",
            ),
            (((60, 60), (10, 10), (20, 20)), (0.7, 0.9, 0.7), "in plain, and no other is"),
            (
                ((10, 10), (50, 50), (20, 20)),
                (0.7, 0.8, 0.9),
                "Not in this order: the most shift is in BN,",
            ),
            (((10, 10), (11, 11), (11, 11)), (0.9, 0.9, 0.9), "all three shift about as much"),
        ],
    )
    def test_trains_worse(self, angles, accuracy, said):
        assert said in met(made(angles, accuracy=accuracy), 2)

    def test_trains_worse_where_not_all_learned(self):
        assert "cannot say" in met(made(fell=(*ALL[:2], (False,) * 3)), 2)


@pytest.mark.parametrize("kind", [{"dataset": "moons"}, {"learning_rate": 1e3, "gain": 1e4}])
def test_no_sentence_has_a_hole(kind):
    result = shift.run(tiny("shift", **kind))
    verdict = judge(result)
    moved = of_moments.judge(moments.run(MomentsConfig.like(result.config)))
    tested = of_inputs.judge(changed_inputs.run(InputsConfig.like(result.config)))
    sentences = (
        words.findings(verdict).text,
        *shift_beliefs.beliefs(verdict).values(),
        *(one.outcome(verdict).why for one in words.CHALLENGES if not one.on),
        moment_words.told(moved, verdict),
        input_words.told(tested),
        outcome("inputs", tested).why,
    )
    text = " ".join(sentences)
    assert "nan" not in text.lower().replace("nance", "")
    assert "inf " not in text


def outcome(name, verdict):
    challenge = next(one for one in words.CHALLENGES if one.name == name)
    found = challenge.outcome(verdict)
    assert found.right is None or found.right in challenge.answers
    return found


NOT_LEARNED = {"fell": ((False,) * 3, (True,) * 3, (True,) * 3)}


class TestChallenges:
    @pytest.mark.parametrize(
        ("angles", "early", "whole"),
        [
            (((10, 20), (50, 60), (5, 5)), "batch", "batch"),
            (((50, 60), (10, 20), (5, 5)), "plain", "plain"),
            (((50, 60), (51, 61), (5, 5)), "neither", "neither"),
            (((10, 60), (50, 20), (5, 5)), "batch", "plain"),
        ],
    )
    def test_whose_gradient_shifts_more(self, angles, early, whole):
        verdict = judge(made(angles))
        assert outcome("relu", verdict).right == words.MORE[early]
        assert outcome("gain", verdict).right == words.MORE[whole]

    @pytest.mark.parametrize("name", ["relu", "gain"])
    def test_cannot_tell(self, name):
        assert outcome(name, judge(made(**NOT_LEARNED))).right is None
        disagree = outcome(name, judge(undecided()))
        assert disagree.right is None
        assert disagree.why.endswith("The seeds do not agree on the order.")

    @pytest.mark.parametrize(
        ("angles", "right"),
        [
            (((10, 60), (50, 20), (5, 5)), "plain"),
            (((10, 20), (50, 60), (5, 5)), "batch"),
            (((10, 20), (50, 60), (5, 65)), "noisy"),
        ],
    )
    def test_whose_turns_most_at_the_last_step(self, angles, right):
        found = outcome("highest", judge(made(angles)))
        assert found.right == words.HIGHEST[right]
        assert ("the other way round" in found.why) == (right == "plain")

    def test_a_network_without_a_gradient_at_the_last_step(self):
        result = made()
        result.cosine[2, :, -1] = np.nan
        assert outcome("highest", judge(result)).right is None

    def test_seeds_that_do_not_agree_on_the_noise_decide_nothing(self):
        apart = judge(made(accuracy=((0.9,) * 3, (0.9, 0.95, 0.8), (0.85, 0.96, 0.82))))
        assert "The seeds do not agree whether the noise costs" in words.findings(apart).text
        found = outcome("noise", apart)
        assert found.right is None
        assert found.why.endswith("The seeds do not agree whether the noise costs accuracy.")

    def test_noise_and_what_follows(self):
        verdict = judge(made(accuracy=(0.93, 0.95, 0.94)))
        assert "training does not need stable ones" in outcome("noise", verdict).why
        for accuracy in ((0.93, 0.95, 0.80), (0.93, 0.95, 0.20)):
            assert "does not tell" in outcome("noise", judge(made(accuracy=accuracy))).why

    @pytest.mark.parametrize(
        ("plain", "batch", "right"),
        [
            ((0.9, 0.5, 0.3), (0.9, 0.5, 0.3), "no"),
            ((0.9, 0.5, 0.3), (0.9, 0.8, 0.8), "by half"),
            ((0.9, 0.5, 0.3), (0.9, 0.6, 0.45), "somewhat"),
            ((0.9, 0.89, 0.885), (0.9, 0.89, 0.885), "hardly hurt"),
            ((0.9, 0.5, 0.3), (0.1, 0.1, 0.1), None),
            ((np.nan,) * 3, (0.9, 0.5, 0.3), None),
        ],
    )
    def test_inputs(self, plain, batch, right):
        verdict = of_inputs.judge(made_inputs((plain, batch, (0.9, 0.9, 0.4))))
        found = outcome("inputs", verdict)
        assert found.right == (right and words.PROTECTS[right])

    def test_inputs_that_hurt_nobody_are_told_by_what_is_reached_on_them(self):
        unhurt = (0.9, 0.89, 0.885)
        said = outcome("inputs", of_inputs.judge(made_inputs((unhurt, unhurt, (0.9,) * 3)))).why
        assert said.startswith("On fainter inputs, plain has 89 % test accuracy, BN 89 %. On moved")
        assert "falls" not in said

    @pytest.mark.parametrize(
        ("adapted", "said"),
        [
            (
                (0.9, 0.9, 0.4),
                "falls from 90 % to 30 %. The batch statistics of these inputs do not mend it",
            ),
            ((0.9, 0.9, 0.89), "statistics of these inputs bring it back."),
        ],
    )
    def test_what_new_statistics_do(self, adapted, said):
        worlds = (0.9, 0.5, 0.3)
        verdict = of_inputs.judge(made_inputs((worlds, worlds, adapted)))
        assert said in outcome("inputs", verdict).why
