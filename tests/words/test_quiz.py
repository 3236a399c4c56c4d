"""The quiz: two parallel forms of eight questions, each bound to a belief that a lesson meets."""

import csv
import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest

from bnviz import words as package
from bnviz.ui import course
from bnviz.verdicts.quiz import PARTS, gain, judge
from bnviz.words import quiz as words
from bnviz.words.challenge import LETTERS
from bnviz.words.comma_separated import MARK, comma_separated
from bnviz.words.quiz.questions import FORMS, QUESTIONS, Form
from tests.verdicts.test_quiz import sheet

BOTH = [one.form(letter) for one in QUESTIONS for letter in FORMS]
SOURCES = Path(package.__path__[0])


class TestQuestions:
    def test_eight_of_different_beliefs(self):
        assert len(QUESTIONS) == 8
        assert len({one.belief for one in QUESTIONS}) == 8
        assert len({one.about for one in QUESTIONS}) == 8

    @pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.about)
    def test_the_belief_is_met_by_the_lesson(self, question):
        assert course.lesson(question.lesson).page
        folder = SOURCES / question.lesson
        texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.py")]
        page = Path(course.__file__).parents[2] / course.lesson(question.lesson).page
        assert "frame.beliefs(" in page.read_text(encoding="utf-8")
        assert any(f"Belief.{question.belief.name}:" in text for text in texts)

    @pytest.mark.parametrize("form", BOTH, ids=lambda one: one.question[:30])
    def test_four_answers_one_right_and_a_source(self, form):
        assert len(set(form.answers)) == len(LETTERS)
        assert form.answers.count(form.right) == 1
        assert re.search(r"\b(19|20)\d\d\b", form.why), form.why
        assert form.question.endswith("?")
        assert len(form.question.split()) < 40
        assert all(len(answer.split()) < 16 for answer in form.answers)

    def test_no_letter_is_the_one_to_guess(self):
        for letter in FORMS:
            counted = Counter(one.form(letter).letter for one in QUESTIONS)
            assert counted == dict.fromkeys(LETTERS, 2)

    def test_the_right_answer_is_not_told_by_its_length(self):
        longest = sum(len(form.right) == max(map(len, form.answers)) for form in BOTH)
        assert longest <= len(BOTH) / 2

    def test_nobody_has_the_same_answers_in_both_forms(self):
        assert all(one.a.letter != one.b.letter for one in QUESTIONS)

    @pytest.mark.parametrize(
        ("answers", "right"),
        [(("x", "y", "z", "w"), "v"), (("x", "x", "y", "z"), "x"), (("x", "y", "y", "z"), "x")],
    )
    def test_a_question_without_one_right_answer_is_refused(self, answers, right):
        with pytest.raises(ValueError, match="is not one of"):
            Form(question="?", answers=answers, right=right, why="")


class TestForms:
    def test_each_reader_gets_both(self):
        for number in range(4):
            assert set(words.forms(number)) == set(PARTS)
            assert set(words.forms(number).values()) == set(FORMS)
        assert words.forms(0) != words.forms(1)
        assert words.forms(0) == words.forms(2)

    def test_the_room_knows_every_question_and_its_right_answer(self):
        assert {one.name for one in words.CHALLENGES} == set(words.ASKED)
        for one in words.CHALLENGES:
            asked = words.ASKED[one.name]
            assert one.answer(asked.right) == one.expected
            assert one.expected == QUESTIONS[asked.place].form(asked.form).right
            assert one.outcome(None).right == one.expected


def answered(reader, part, form, right):
    """A sheet of which the first so many answers are right."""
    letters = [
        one.form(form).letter
        if place < right
        else LETTERS[LETTERS.index(one.form(form).letter) - 1]
        for place, one in enumerate(QUESTIONS)
    ]
    return sheet(reader, part, form, letters)


def said(pre, post, paired=True):
    return " ".join(words.class_gain(gain(pre, post, paired=paired)))


class TestSentences:
    def test_a_gain(self):
        told = said([0.25, 0.375, 0.5], [0.75, 0.875, 1.0])
        assert "normalized gain of the class is 0.80" in told
        assert "38 % before, 88 % after" in told
        assert "all of it above 0" in told
        assert "different students" not in told

    def test_none_and_less(self):
        assert "which holds 0" in said([0.25, 0.5, 0.375], [0.5, 0.25, 0.375])
        lost = said([0.75, 0.875, 0.75], [0.25, 0.375, 0.5])
        assert "is −" in lost
        assert "all of it below 0" in lost

    def test_where_there_is_no_gain_or_no_interval(self):
        assert "takes both parts" in said([0.5], [], paired=False)
        assert "nothing to gain" in said([1.0, 1.0], [1.0, 1.0])
        assert "One student has no interval" in said([0.5], [1.0])
        assert "Nearly all was right" in said([1.0] * 9 + [0.5], [1.0] * 10)
        assert "different students" in said([0.5, 0.25], [0.5, 0.75], paired=False)

    def test_how_many_handed_in(self):
        votes = [*answered("r1", "pre", "a", 4), *answered("r2", "pre", "b", 2)]
        votes += answered("r1", "post", "b", 8)
        told = words.handed_in(judge(votes, words.ASKED))
        assert "first part by 2 students, the second by 1 student, both by 1 student" in told

    def test_what_is_missing(self):
        assert words.missing([2]) == "Not handed in yet: question 3 of 8 waits."
        assert words.missing([0, 7]) == "Not handed in yet: questions 1, 8 of 8 wait."

    def test_what_was_right_and_what_is(self):
        form = QUESTIONS[0].a
        right = words.told("pre", form, form.letter)
        assert "✓" in right
        assert "Right:" not in right
        wrong = words.told("post", form, next(one for one in LETTERS if one != form.letter))
        assert "✗" in wrong
        assert f"Right: “{form.right}”" in wrong
        for told in (right, wrong):
            assert form.why in told


class TestTable:
    def test_a_row_for_each_student(self):
        votes = [*answered("r1", "pre", "a", 4), *answered("r2", "pre", "b", 2)]
        votes += answered("r1", "post", "b", 8)
        table = comma_separated(words.rows(judge(votes, words.ASKED)))
        head, one, two = csv.reader(StringIO(table.removeprefix(MARK)))
        assert len(head) == len(one) == len(two) == 1 + 2 * 10
        first, second = dict(zip(head, one, strict=True)), dict(zip(head, two, strict=True))
        assert (first["form before"], first["right before"], first["right after"]) == (
            "a",
            "4",
            "8",
        )
        assert [first[f"before {n}"] for n in range(1, 9)] == ["1"] * 4 + ["0"] * 4
        assert (second["form before"], second["right before"], second["form after"]) == (
            "b",
            "2",
            "",
        )

    def test_the_shares_are_spoken(self):
        verdict = judge(answered("r1", "pre", "a", 4), words.ASKED)
        spoken = words.spoken(verdict)
        assert "what is normalized: 100 % before, nobody after." in spoken
        assert "nan" not in spoken
