"""The glossary: every term in one sentence, and every paper."""

from bnviz.ui import frame, lookup
from bnviz.words import glossary as words

with frame.page("glossary"):
    frame.say(words.INTRODUCTION)
    lookup.terms()
    lookup.papers()
