"""A challenge: a question about a setting that is not on the screen yet, and its answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bnviz.words.belief import Belief

LETTERS = "abcd"
SHOWN = "x"
"""In the place of a letter: the reader asked to be shown, and made no guess."""
LONGEST_QUESTION = 78  # letters: one line of a laptop, with its number, once it is answered
LONGEST_VERDICT = 300  # three lines, at the setting that a challenge declares
LONGEST_WHY = (
    270  # at any: four lines, with what was said; the picture is still in the first window
)
LONGEST_CHANGES = 140  # two small lines


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run answers: one of a challenge's answers; None where it cannot tell; and why.

    why: also for who was right; in how many seeds; and what the run leaves unexplained.
    """

    right: str | None
    why: str


class Tempting(NamedTuple):
    """The wrong answer that tempts most, and the belief that makes it tempt.

    None: no belief, but a look that was too quick.
    """

    answer: str
    belief: Belief | None


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """A setting, a question, and which of its answers a run makes right.

    name: in the link and in what is kept, of its own in the lesson.
    question: in one or two short sentences; never answered by what is on the screen before.
    answers: two to four, a few words each; the tempting one among them.
    setting: knob -> value, all other knobs at their defaults; "layers": the toggles of the home
    page.
    outcome: what a verdict on that setting answers; for every verdict, since seeds and versions
    differ.
    expected: the answer at this setting, over five and more seeds; None: it depends on them.
    tempting: for who teaches: the wrong answer to reckon with.
    look: about the picture of the run on the screen, of the same setting as the challenge before.
    opens: the closed section that shows it, opened with the answer.
    on: of which verdict, where it is not the lesson's own; see Quiz.of.
    """

    name: str
    question: str
    answers: tuple[str, ...]
    outcome: Callable[[Any], Outcome]
    expected: str | None
    tempting: Tempting | None = None
    setting: Mapping[str, Any] = field(default_factory=dict)
    look: bool = False
    opens: str = ""
    on: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError where the answers are not two to four, or one that is named is none."""
        if not 2 <= len(self.answers) <= len(LETTERS):
            raise ValueError(f"{self.name}: {len(self.answers)} answers; it can be two to four")
        if self.expected is not None and self.expected not in self.answers:
            raise ValueError(f"{self.name}: {self.expected!r} is none of {self.answers}")
        if self.tempting and self.tempting.answer not in {*self.answers} - {self.expected}:
            raise ValueError(f"{self.name}: {self.tempting.answer!r} is no wrong answer")

    def answer(self, letter: str) -> str | None:
        """What a letter stands for; None for "just show me", and for what no answer has."""
        place = LETTERS.find(letter) if len(letter) == 1 else -1
        return self.answers[place] if 0 <= place < len(self.answers) else None

    def knows(self, letter: str) -> bool:
        """Whether a letter, from a link perhaps, says something here."""
        return letter == SHOWN or self.answer(letter) is not None


def verdict_on(challenge: Challenge, letter: str, outcome: Outcome) -> str:
    """What was said and what happened, in one bold sentence; then why."""
    said, right = challenge.answer(letter), outcome.right
    if right is None:
        told = f"You said “{said}”. This run cannot tell." if said else "This run cannot tell."
    elif said is None:
        told = f"Here: {right}."
    elif said == right:
        told = f"As you said: {right}."
    else:
        told = f"You said “{said}”. Here: {right}."
    return f"**{told}** {outcome.why}"


def changed(turned: Sequence[str]) -> str:
    """Which knobs an answer has turned, such as "steps 50 → 100", as many as have room."""
    for named in range(len(turned), 0, -1):
        listed, left = "; ".join(turned[:named]), len(turned) - named
        if len(listed) <= LONGEST_CHANGES or named == 1:
            return f"Changed: {listed}; and {left} more." if left else f"Changed: {listed}."
    return ""
