"""Answers: one place asks for results, each computed once for all who wait for it."""

from bnviz.ui.answers.at_once import at_once
from bnviz.ui.answers.page import NoAnswerError, Run, answer, granted

__all__ = ["NoAnswerError", "Run", "answer", "at_once", "granted"]
