"""The quiz: eight questions before the lessons, eight like them after; all that its page says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bnviz.verdicts.quiz import PARTS, Asked
from bnviz.words.challenge import LETTERS, Challenge, Outcome
from bnviz.words.numbers import hundredths, many, percent
from bnviz.words.quiz.questions import FORMS, QUESTIONS, Form, Question

if TYPE_CHECKING:
    from bnviz.verdicts.quiz import Gain, Part, QuizVerdict, Sheet

INTRODUCTION = """
Eight questions before the lessons, and eight like them after. What is right is told when both parts
are handed in, so guess freely: the first part is there to show what you learn.
"""
TITLES = {"pre": "Before the lessons", "post": "After the lessons"}
BUTTONS = {"pre": "Hand in the first part", "post": "Hand in the second part"}
BEGIN = "Begin the second part"
NOT_YET = "Not yet: your teacher opens the second part for the class, after the lessons."
OPEN_IT, SHUT_IT = "Open the second part", "Close the second part"
IS_SHUT = "The second part is closed: who has handed in the first waits for you to open it."
IS_OPEN = "The second part is open to all who have handed in the first."
BETWEEN = """
**The first part is handed in.** Now the lessons: the course is on the left. Come back to this page
afterwards, in this window, for the second part.
"""
ALONE = """
You take it alone: your answers stay in this window, and are gone when it is closed or loaded again.
In a **room** that a teacher has opened, the whole class is counted, without names.
"""
IN_A_ROOM = """
What is kept of you is what you answer, when, and a random number that your browser keeps, which
pairs your two parts.
"""
WAITING = "One moment: your browser is asked for your number in this room."
LATE = "The room has taken no more answers to this part."
NOBODY = """
Nobody has handed in the first part yet. Students open this page in the room, with the link or the
QR code of the room.
"""
BEFORE, AFTER = "before", "after"

NOTES = {
    "How it is measured": """
**Two parallel forms.** Each of the eight questions is bound to one belief that a lesson meets, and
there is a pair of them for each belief. Who has an even number gets form A before and form B after,
who has an odd one the other way round: so it does not matter for the class if one form is harder.
The number is random, and no name belongs to it.

**What counts.** A part counts when all eight are answered. What is handed in first counts. As soon
as one student has handed in both parts, all that is said of the class is said of those students who
did; until then, of everyone who handed in a part.

**The interval** is a bootstrap: 4000 classes of the same size are drawn with replacement from this
one, each student with both parts, and the middle 95 % of their gains are the interval. The draws
are always the same, so the same answers give the same interval. It says how much of the gain is the
chance of who was in the class. It is too narrow for a handful of students, and for one there is
none. A class that knew everything before has no gain.

**What it does not say.** That the lessons did it: for that, another class would have to be without
them. And four answers allow a lucky guess in four, in both parts alike.
""",
    "The mathematics": r"""
Let $\bar p$ be the mean share of right answers before, and $\bar q$ after. The normalized gain of
the class is

$$
g = \frac{\bar q - \bar p}{1 - \bar p}
$$

the share of what was not known before that is known after; it is negative where less is right
after. It is that of the class, from its two means, and not the mean of the students’ own gains,
which one student with nearly everything right before can throw far.
""",
    "What the papers found": """
Hake (1998) compared courses of physics by this gain, from a test before and after, since classes
that start from different levels cannot be compared by the difference alone. Each answer that is
right here has its source named beside it once both parts are handed in.
""",
}


def forms(first: int) -> dict[Part, str]:
    """Which form a reader with this number gets in each part."""
    one, other = FORMS if first % 2 == 0 else FORMS[::-1]
    return {"pre": one, "post": other}


def name_of(part: Part, form: str, place: int) -> str:
    """Of a question, in what a room keeps; place from 0."""
    return f"{part}-{form}-{place + 1}"


def numbered(place: int, form: Form) -> str:
    """A question above its answers."""
    return f"**{place + 1}. {form.question}**"


def _told(form: Form) -> Any:
    return lambda _verdict: Outcome(right=form.right, why=form.why)


CHALLENGES = tuple(
    Challenge(
        name=name_of(part, letter, place),
        question=one.form(letter).question,
        answers=one.form(letter).answers,
        outcome=_told(one.form(letter)),
        expected=one.form(letter).right,
    )
    for part in PARTS
    for letter in FORMS
    for place, one in enumerate(QUESTIONS)
)
"""What may be answered in a room."""

ASKED = {
    name_of(part, letter, place): Asked(
        part=part, form=letter, place=place, right=one.form(letter).letter
    )
    for part in PARTS
    for letter in FORMS
    for place, one in enumerate(QUESTIONS)
}


def missing(places: list[int]) -> str:
    """Which questions wait for an answer; places from 0."""
    which, of = ", ".join(str(place + 1) for place in places), len(QUESTIONS)
    if len(places) == 1:
        return f"Not handed in yet: question {which} of {of} waits."
    return f"Not handed in yet: questions {which} of {of} wait."


def own_result(before: int, after: int) -> str:
    """What one reader had right in both parts."""
    of = len(QUESTIONS)
    return f"**You had {before} of {of} right before the lessons, and {after} of {of} after.**"


def told(part: Part, question: Form, letter: str) -> str:
    """One question with what was answered, what is right, and why; in Markdown."""
    said, right = (one.rstrip(".") for one in (_answer(question, letter), question.right))
    told = [
        f"*{TITLES[part]}:* {question.question} You said “{said}”. {_mark(question, letter)}",
        f"Right: “{right}”.",
        question.why,
    ]
    return " ".join(told if said != right else told[::2])


def _answer(question: Form, letter: str) -> str:
    return question.answers[LETTERS.index(letter)]


def _mark(question: Form, letter: str) -> str:
    return "✓" if letter == question.letter else "✗"


def heading(place: int, letters: Mapping[Part, tuple[str, str]]) -> str:
    """Above both forms of a question: whether they were right. letters: form and answer."""
    marks = (_mark(QUESTIONS[place].form(form), letter) for form, letter in letters.values())
    before, after = marks
    return f"{before} before, {after} after: **{QUESTIONS[place].about}**"


def explained(question: Question) -> str:
    """The belief behind a question."""
    return f"**What is often believed:** “{question.belief}.”"


def handed_in(verdict: QuizVerdict) -> str:
    """How many have handed in what."""
    before, after, both = verdict.handed_in
    return (
        f"Handed in: the first part by {many(before, 'student')}, the second by"
        f" {many(after, 'student')}, both by {many(both, 'student')}."
    )


def class_gain(found: Gain) -> list[str]:
    """The normalized gain of the class and its interval, in sentences."""
    if found.missing == "nobody":
        return ["**There is no gain yet:** it takes both parts."]
    if found.missing == "all right before":
        return ["**All was right before,** so there was nothing to gain."]
    said = [
        f"**The normalized gain of the class is {hundredths(found.value)}.**",
        f"Right answers: {percent(found.before)} before, {percent(found.after)} after.",
        _interval(found),
    ]
    if not found.paired:
        said.append("Nobody has handed in both parts, so different students are compared.")
    return said


def _interval(found: Gain) -> str:
    if found.open == "one student":
        return "One student has no interval: the next may be quite different."
    if found.open == "nearly all right before":
        return "Nearly all was right before, so the gain has no interval."
    low, high = hundredths(found.low), hundredths(found.high)
    return INTERVAL[found.tells].format(low=low, high=high)


INTERVAL = {
    "gained": "Its 95 % interval is {low} to {high}, all of it above 0.",
    "lost": (
        "Its 95 % interval is {low} to {high}, all of it below 0: the class had less right after."
    ),
    "unclear": (
        "Its 95 % interval is {low} to {high}, which holds 0: this class cannot tell whether there"
        " is a gain."
    ),
    None: "Its 95 % interval is {low} to {high}.",
}


def rows(verdict: QuizVerdict) -> list[tuple[object, ...]]:
    """The class as a table, for a file: a row for each student, 1 where an answer is right."""
    places = range(1, len(QUESTIONS) + 1)
    head: list[object] = ["reader"]
    for when in (BEFORE, AFTER):
        head += [f"form {when}", *(f"{when} {place}" for place in places), f"right {when}"]
    body = [
        (reader, *_sheet(parts.get("pre")), *_sheet(parts.get("post")))
        for reader, parts in verdict.sheets.items()
    ]
    return [tuple(head), *body]


def _sheet(sheet: Sheet | None) -> tuple[object, ...]:
    if sheet is None:
        return ("",) * (len(QUESTIONS) + 2)
    return (sheet.form, *map(int, sheet.right), sum(sheet.right))


def spoken(verdict: QuizVerdict) -> str:
    """The shares of all questions, for who cannot see them."""
    return " ".join(
        f"{one.about}: {_share(item.before)} before, {_share(item.after)} after."
        for one, item in zip(QUESTIONS, verdict.items, strict=True)
    )


def _share(share: float) -> str:
    return percent(share) if math.isfinite(share) else "nobody"


SOLUTIONS = ("What is asked, and what is right", "For the teacher: both forms with their answers.")


def solution(place: int) -> str:
    """Both forms of a question, with the right answers, for the teacher."""
    one = QUESTIONS[place]
    told_of = [
        f"- Form {letter.upper()}: {one.form(letter).question} **{one.form(letter).right}**"
        for letter in FORMS
    ]
    return "\n".join([f"**{place + 1}. {one.about}.** {explained(one)}", "", *told_of])
