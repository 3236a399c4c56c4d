"""The lesson plan: what to ask a class in 10, 45 or 90 minutes, and a worksheet."""

from bnviz.ui import frame, plan
from bnviz.words import plan as words

with frame.page("plan"):
    frame.say(words.INTRODUCTION)
    plan.plans()
    plan.worksheet()
    frame.notes({"How does it go in class?": words.IN_CLASS})
