"""The quiz's picture: a row for each question, before and after told apart by their marks."""

import numpy as np
import pytest

from bnviz.figures import DARK, LIGHT, drawn
from bnviz.figures import quiz as pictures
from bnviz.verdicts.quiz import judge
from bnviz.words.quiz import ASKED
from bnviz.words.quiz.questions import QUESTIONS
from tests.figures.parts import unpacked
from tests.words.test_quiz import answered

ABOUT = [one.about for one in QUESTIONS]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_question_before_and_after(theme):
    votes = [*answered("r1", "pre", "a", 4), *answered("r1", "post", "b", 6)]
    figure = pictures.shares(judge(votes, ASKED), ABOUT, theme)
    drawn(figure)
    before, after = (one for one in figure["data"] if one["mode"] == "markers")
    assert before["marker"]["symbol"] != after["marker"]["symbol"]
    assert unpacked(before["x"]).tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    assert unpacked(after["x"]).tolist() == [1, 1, 1, 1, 1, 1, 0, 0]
    assert figure["layout"]["yaxis"]["ticktext"] == ABOUT


def test_before_alone():
    figure = pictures.shares(judge(answered("r1", "pre", "a", 4), ASKED), ABOUT, LIGHT)
    drawn(figure)
    _, after = (one for one in figure["data"] if one["mode"] == "markers")
    assert np.isnan(unpacked(after["x"])).all()
