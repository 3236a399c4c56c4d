"""The quiz: eight questions before the lessons, and eight like them after."""

from bnviz.ui import frame
from bnviz.ui.quiz import quiz
from bnviz.words import quiz as words

with frame.page("quiz"):
    frame.say(words.INTRODUCTION)
    quiz()
    frame.notes(words.NOTES)
