"""For who teaches: which questions in 10, 45 and 90 minutes; and all else the plan's page says.

What a question asks, its answers and what it shows stand with its challenge, in its lesson's words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

INTRODUCTION = """
A question opens on the projector, its answer hidden. Students commit themselves; then you show the
run. What it shows is what is expected, over five seeds.
"""

IN_CLASS = """
1. **Open a question.** Read it and its answers aloud.
2. **Let everybody choose**, each alone: by a show of hands, or on their own devices.
3. **Let neighbours argue** for a minute where opinions are split.
4. **Show the answer**, watch the run to its end, and ask why. Who was wrong learns most.

Page Down, which a clicker sends, shows the answer and then leads to the lesson's next question.
Space plays the run, the arrow keys move it.
"""

RUN_AT_ONCE = "the run at once"
IT_DEPENDS = "it depends on the seeds; let the run say"


class Stop(NamedTuple):
    """One question of a plan: of which lesson, which of its challenges, how long."""

    lesson: str
    challenge: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a class does in these minutes, and what its students can do afterwards."""

    minutes: int
    title: str
    goals: tuple[str, ...]
    stops: tuple[Stop, ...]


PLANS = (
    Plan(
        minutes=10,
        title="One network that breaks, and its mending",
        goals=(
            "say where a deep plain network breaks at a large learning rate;",
            "name a setting where batch normalization does not help.",
        ),
        stops=(
            Stop("home", "break", 4),
            Stop("home", "one-layer", 3),
            Stop("home", "low", 3),
        ),
    ),
    Plan(
        minutes=45,
        title="What it computes, what it does, where it ends",
        goals=(
            "explain why signals and gradients grow or fade with depth;",
            "compute a normalized value, and say what γ and β can undo;",
            "tell training mode from inference mode;",
            "compare two networks at one learning rate without calling the winner better at all.",
        ),
        stops=(
            Stop("home", "break", 4),
            Stop("home", "dark", 2),
            Stop("signals", "explode", 4),
            Stop("signals", "back", 3),
            Stop("transform", "shift", 4),
            Stop("transform", "back", 4),
            Stop("modes", "alone", 4),
            Stop("race", "high", 5),
            Stop("race", "low", 4),
            Stop("shift", "relu", 6),
            Stop("batches", "small", 5),
        ),
    ),
    Plan(
        minutes=90,
        title="The same with the way back, and with the dispute about why",
        goals=(
            "say what batch normalization does to a gradient on its way back;",
            "separate what it allows, a larger learning rate, from what it does at the same one;",
            "name the hypothesis of 2015, and a run that speaks against it;",
            "say what the length of the weights still decides, and what it no longer does;",
            "choose another normalization where batches are small or sorted.",
        ),
        stops=(
            Stop("home", "break", 4),
            Stop("home", "one-layer", 3),
            Stop("home", "low", 3),
            Stop("signals", "explode", 4),
            Stop("signals", "back", 3),
            Stop("signals", "right", 3),
            Stop("transform", "outlier", 4),
            Stop("transform", "back", 4),
            Stop("backward", "same", 5),
            Stop("backward", "alone", 4),
            Stop("modes", "alone", 4),
            Stop("modes", "wrong-mode", 5),
            Stop("race", "high", 5),
            Stop("race", "low", 4),
            Stop("rates", "sigmoid", 6),
            Stop("shift", "relu", 5),
            Stop("shift", "noise", 5),
            Stop("landscape", "tanh", 5),
            Stop("scale", "tenfold", 5),
            Stop("batches", "small", 4),
            Stop("batches", "sorted", 5),
        ),
    ),
)

WORKSHEET = (
    "What does the class write on?",
    "A worksheet of the questions, and its solutions on a page of their own, to print.",
)
LINES = "Why do you think so?"
SEEN = "What did the run show?"


def heading(plan: Plan) -> str:
    """10 minutes: one network that breaks, …"""
    return f"{plan.minutes} minutes: {plan.title[0].lower()}{plan.title[1:]}"
