"""The two modes in sentences."""

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bnviz.axes import NEVER, OWN_BATCH
from bnviz.experiments import left_in_inference, modes
from bnviz.experiments.left_in_inference import LeftInInferenceConfig
from bnviz.verdicts.mode_sections import judge_mistakes, judge_sweep, judge_unit
from bnviz.verdicts.modes import judge
from bnviz.words import modes as words
from bnviz.words.modes import beliefs as mode_beliefs
from bnviz.words.modes import challenges
from bnviz.words.modes import sections as closed
from tests.made.modes import (
    LOSSES,
    LOST,
    NAN,
    POOR,
    RUNNING,
    left,
    made,
    with_sample,
    with_way,
    without_prediction,
)
from tests.samples import tiny

ROOT = Path(__file__).resolve().parents[2]


def headline(*arguments, **changes):
    return words.findings(judge(made(*arguments, **changes))).headline


def more(*arguments, **changes):
    return everything(made(*arguments, **changes))


def everything(of):
    said = words.findings(judge(of))
    return " ".join((*said.more, *said.further))


def answering(answers, seeds=2):
    """A run in which the sample gets these answers, by company, in all seeds."""
    of, rows = made(seeds=seeds), np.array(answers)
    probability = np.zeros((2, 5, 10), np.float32)
    probability[:, np.arange(5), rows] = 0.9
    answers = np.repeat(rows[:, None], seeds, axis=1)
    return with_sample(of, probability=probability, answers=answers)


def headline_of(answers):
    return words.findings(judge(answering(answers))).headline


class TestHeadline:
    def test_what_the_sample_is_called_in_training_mode(self):
        assert headline() == "Its company decides what this 7 is called in training mode."
        told = headline(dataset="moons")
        assert told.startswith("Its company decides what this point of class 7 is called")

    def test_where_its_company_does_not_matter(self):
        assert headline_of((7, 7, 7, 7, 7)) == (
            "Here this 7 is called 7 in any company, in both modes."
        )
        assert headline_of((3, 3, 3, 3, 7)) == (
            "In training mode this 7 is called 3, in inference mode 7."
        )

    def test_nothing_learned(self):
        assert headline(POOR) == "BN does not help here, in either mode."
        for plain in (0.1, NAN):
            assert headline(POOR, plain=plain) == "BN learned too little to compare the modes."

    def test_diverged(self):
        assert headline(LOST, LOST).startswith("BN diverged: there are no modes")
        drawn = words.findings(judge(without_prediction(made()))).headline
        assert drawn.startswith("BN diverged in the seed that is drawn")

    def test_is_one_line(self):
        assert len(headline()) <= 60


class TestFindings:
    def test_counts_the_seeds_in_which_neighbours_decide(self):
        assert more().startswith("In both seeds, other neighbours lead to another answer")
        answers = np.array([[2, 2, 2], [7, 7, 7], [7, 7, 7], [8, 7, 7], [7, 7, 7]])
        of = with_sample(made(seeds=3), answers=answers, alone=np.ones(3, int))
        assert "In 1 of 3 seeds, other neighbours" in everything(of)
        assert "the one seed that was measured" in more(seeds=1)
        assert "neighbours" not in more(batch_size=1)
        assert "neighbours" not in more(POOR)

    def test_of_the_test_set_who_is_better_and_in_how_many_seeds(self):
        told = more()
        assert "inference mode gets 90 % right and training mode 70 %." in told
        assert "Inference mode is better in both seeds" in told
        assert "batch statistics from one." in told
        three = with_way(OWN_BATCH, (0.95, 0.5, 0.5))
        assert "Inference mode is better in 2 of 3 seeds" in more(three, seeds=3)
        half = with_way(OWN_BATCH, (0.95, 0.5))
        assert "Neither mode is better in more than half of the seeds." in more(half)
        assert "Inference mode is worse in both seeds" in more(with_way(RUNNING, 0.6))
        assert re.search(r"[45] test samples of 450 apart", more(with_way(OWN_BATCH, 0.89)))

    def test_plain_is_told_where_bn_learned_nothing(self):
        assert "gets 60 % right. At this setting BN does not help" in more(POOR)
        assert "The plain network" not in more()

    def test_names_who_diverged(self):
        told = more(diverged_at=np.array([[3, NEVER], [3, 4]]))
        assert "BN diverged in both seeds" in told
        assert "The plain network diverged in 1 of 2 seeds" in told
        assert "diverged" not in more()

    def test_says_what_was_not_measured(self):
        assert "first seed alone" in more(depth=50, width=256, seeds=10)
        assert "take long" not in more()

    def test_all_five_situations_fold_away(self):
        said = words.findings(judge(made()))
        (told,) = [one for one in said.further if one.startswith("The test image of a 7")]
        assert "Alone in training mode it is called **2** (50 %)" in told
        assert "With 7 others it is **7** (60 %), with yet others **7** (70 %)." in told
        assert "Among samples of its own class it is **8** (80 %)." in told
        assert told.endswith("In inference mode it is **7** (90 %).")
        assert "With 1 other it is" in more(batch_size=2)
        assert "own class it is **" not in more(batch_size=1)
        assert "probability of each answer" not in everything(without_prediction(made()))

    @pytest.mark.parametrize(
        ("differences", "part"),
        [
            ((1e-7, 2e-8), "(largest relative difference 1e−7)"),
            ((NAN, 2e-8), "torch.nn.BatchNorm1d refuses a single row"),
        ],
    )
    def test_the_difference_to_torch(self, differences, part):
        assert part in more(from_torch=np.array(differences))
        assert "torch.nn" not in more(from_torch=np.array((NAN, NAN)))


def asked(name):
    (challenge,) = [one for one in words.CHALLENGES if one.name == name]
    return challenge


def outcome(name, *arguments, **changes):
    return asked(name).outcome(judge(made(*arguments, **changes)))


class TestChallenges:
    def alone(self, answers, distinct):
        of = made(seeds=len(distinct))
        rows = np.tile(np.array(answers), (5, 1))
        of = with_sample(of, answers=rows, alone=np.array(distinct))
        return asked("alone").outcome(judge(of))

    def test_alone_all_get_one_answer_or_not(self):
        found = self.alone((2, 2, 2), (1, 1, 5))
        assert found.right == challenges.ALIKE
        assert found.why.startswith("In 2 of 3 seeds all 450 test samples get one and the same")
        assert self.alone((7, 7, 2), (5, 5, 1)).right == challenges.OWN
        assert self.alone((7, 2, 2), (5, 5, 1)).right is None
        nothing = asked("alone").outcome(judge(without_prediction(made())))
        assert nothing.right is None

    @pytest.mark.parametrize(("rows", "right"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (5, 2)])
    def test_counts_the_rows_that_are_right(self, rows, right):
        answers = [7] * rows + [1] * (5 - rows)
        found = asked("rows").outcome(judge(answering(answers)))
        assert found.right == challenges.ROWS[right]
        assert found.why.startswith(f"The answer is right in {rows} of the five")
        assert asked("rows").outcome(judge(without_prediction(made()))).right is None

    def test_which_mode_is_more_accurate(self):
        assert outcome("large").right == "inference mode"
        assert outcome("large", with_way(RUNNING, 0.6)).right == "training mode"
        equal = outcome("large", with_way(OWN_BATCH, 0.89))
        assert equal.right == "about the same"
        assert equal.why.startswith("Inference mode gets 90 % right and training mode 89 %.")
        assert outcome("large", with_way(OWN_BATCH, (0.95, 0.5))).right is None
        assert outcome("large", POOR).right is None

    @pytest.mark.parametrize(
        ("losses", "right"),
        [(0.45, 0), (0.47, 2), (0.54, 2), (0.56, 1), ((0.1, 0.9), None)],
    )
    def test_a_longer_memory_is_better_or_worse_by_a_tenth(self, losses, right):
        found = outcome("longer", loss=with_way(3, losses, LOSSES), momentum=0.01, steps=100)
        assert found.right == (None if right is None else challenges.BETTER[right])
        assert "the values that the averages started from still have 37 %" in found.why
        assert ("It is clearly higher in both seeds." in found.why) == (right == 1)
        assert ("It is clearly lower in both seeds." in found.why) == (right == 0)

    def test_the_usual_momentum_is_compared_with_nothing(self):
        assert outcome("longer").right is None
        assert outcome("longer", POOR, momentum=0.01).right is None

    def wrong_mode(self, always, lost, **changes):
        of = made(seeds=3, **changes)
        mistaken = judge_mistakes(of, left(of, always, 0.5, (lost, 0)))
        return asked("wrong-mode").outcome(mistaken)

    def test_the_wrong_mode_in_training(self):
        found = self.wrong_mode((NAN, NAN, 0.5), 2)
        assert found.right == "it diverges"
        assert "it diverged in 2 of 3 seeds and otherwise reaches 50 %. Trained the" in found.why
        assert self.wrong_mode((NAN, 0.5, 0.5), 1).right == "it learns less"
        assert self.wrong_mode(0.9, 0).right == "it learns as well"
        assert self.wrong_mode(0.5, 0, accuracy=LOST).right is None

    def test_who_is_most_accurate_in_mini_batches_of_2(self):
        found = outcome("two", POOR)
        assert found.right == "plain"
        assert "gets 60 % right" in found.why
        assert "BN gets 15 % right in its better mode" in found.why
        assert outcome("two").right == "BN, inference mode"
        assert outcome("two", with_way(RUNNING, 0.6)).right == "BN, training mode"
        assert outcome("two", with_way(OWN_BATCH, 0.89)).right is None


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_size": 1, "steps": 4},
        {"batch_size": 1347, "steps": 2},
        {"steps": 1, "seeds": 1},
        {"dataset": "moons", "steps": 4, "sample": 9},
        {"gain": 1e4, "learning_rate": 1e3, "depth": 6},
        {"learning_rate": 100.0, "depth": 4, "steps": 20, "seeds": 3},
        {"depth": 50, "steps": 2, "seeds": 1},
        {"depth": 1, "width": 4},
    ],
)
def test_odd_settings_give_sentences_without_a_nan(changes):
    result = modes.run(tiny("modes", **changes))
    verdict = judge(result)
    said = words.findings(verdict)
    left = left_in_inference.run(LeftInInferenceConfig.like(result.config))
    mistakes = judge_mistakes(result, left)
    asked = [(one, mistakes if one.on else verdict) for one in words.CHALLENGES]
    outcomes = [(one, one.outcome(of)) for one, of in asked]
    every = [
        said.headline,
        *said.more,
        *said.further,
        closed.gap(verdict),
        closed.memory(verdict),
        closed.reference(verdict),
        *mode_beliefs.beliefs(verdict).values(),
        *(closed.unit(judge_unit(result, unit), verdict) for unit in result.units),
        closed.mistakes(mistakes),
        closed.sweep(judge_sweep([result])),
        *(outcome.why for _, outcome in outcomes),
    ]
    for sentence in every:
        assert sentence
        assert not {"nan", "inf", "-inf"} & set(sentence.lower().replace(",", " ").split())
    assert all(outcome.right in (None, *one.answers) for one, outcome in outcomes)


def test_the_page_draws_the_sweep_and_other_units():
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    at.switch_page("pages/04_modes.py")
    for name, value in {"depth": 2, "width": 8, "steps": 50, "seeds": 1}.items():
        at.query_params[f"modes-{name}"] = str(value)
    at.query_params["modes-unit"] = "layer 1, unit 3"  # which opens its section
    at.query_params["modes-sizes"] = "true"
    at.run()
    assert not at.exception
    without_links = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", one.value) for one in at.markdown]
    assert any("unit 3 of layer 1" in text for text in without_links)
    assert len(at.get("plotly_chart")) == 3
    next(button for button in at.button if button.label == "Start").click()
    at.run()
    assert not at.exception
    assert len(at.get("plotly_chart")) == 4
