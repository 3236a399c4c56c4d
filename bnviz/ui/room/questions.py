"""What may be asked in a room, what may be answered there, and which runs may be sent."""

from __future__ import annotations

from bnviz.experiments.kept import Kept, read, write
from bnviz.ui import course
from bnviz.ui.foreseen import challenges_of
from bnviz.words.challenge import Challenge


def challenge(lesson: str, name: str) -> Challenge | None:
    """The lesson's challenge of this name, if there is one."""
    if lesson not in {one.name for one in course.written()}:
        return None
    return next((one for one in challenges_of(lesson) if one.name == name), None)


def allowed(lesson: str, name: str, answer: str) -> bool:
    """Whether a lesson asks this, and whether that is an answer to it; "": whatever the answer.

    "Just show me" is no answer.
    """
    asked = challenge(lesson, name)
    return asked is not None and (not answer or asked.answer(answer) is not None)


def run_of(text: str) -> str | None:
    """The one run of the lab that a text is, as a link writes it and without a name; or None.

    It is read as links are, so that nothing is kept but settings that the lab offers.
    """
    found, wrong = read(text)
    return write([Kept("", found[0].config)]) if len(found) == 1 and not wrong else None
