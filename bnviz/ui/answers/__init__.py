"""Answers: one place asks for results, each computed once for all who wait for it."""

from bnviz.ui.answers.at_once import at_once
from bnviz.ui.answers.page import NoAnswerError, Run, again, answer, granted, kept

__all__ = ["NoAnswerError", "Run", "again", "answer", "at_once", "granted", "kept"]
