"""To go through a lesson plan while presenting: `plan=45.3` stands at its third question.

Then the next question is the plan's, in whatever lesson it is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

import streamlit as st

from bnviz.ui import exact, options, stage
from bnviz.ui.course import lesson as lesson_called
from bnviz.words.plan import PLANS, Plan, Stop

OPTION = "plan"  # in the address
SEEN = "bnviz-plan"  # in the session: what it was when a page last read it
END = "End of the plan"


def written(plan: Plan, number: int) -> str:
    """What the address has at a question of a plan, from 1."""
    return f"{plan.minutes}.{number}"


def _read() -> tuple[Plan, int] | None:
    """The plan that the address names, and the question, from 1; None where there is none such."""
    minutes, _, number = options.value(OPTION).partition(".")
    plan = next((one for one in PLANS if str(one.minutes) == minutes), None)
    return (plan, int(number)) if plan and int(number) <= len(plan.stops) else None


def arrived(lesson: str) -> bool:
    """Whether a link has just led to a question of this lesson, which may have been left before."""
    text, found = options.value(OPTION), _read()
    if found is None or st.session_state.get(SEEN) == text:
        return False
    st.session_state[SEEN] = text
    plan, number = found
    return plan.stops[number - 1].lesson == lesson


@dataclass(frozen=True)
class Place:
    """A question of a plan that is being presented."""

    plan: Plan
    number: int  # from 1

    def beside(self, step: int) -> Stop | None:
        """The question so many further on; None: the plan has none there."""
        place = self.number - 1 + step
        return self.plan.stops[place] if 0 <= place < len(self.plan.stops) else None

    def note(self, step: int = 0) -> None:
        """Into the address: here, or so many further on."""
        text = written(self.plan, self.number + step)
        st.session_state[SEEN] = text
        if st.query_params.get(OPTION) != text:
            st.query_params[OPTION] = text

    def link(self, step: int, label: str, seen: bool = False) -> str:
        """To a question of another lesson, or to the plan once it has ended; as HTML.

        seen: its run was shown before, and is shown again.
        """
        stop = self.beside(step)
        if stop is None:
            there, more, less = lesson_called("plan").address, {}, f"present ask {OPTION}"
        else:
            number = exact.position(stop.lesson, stop.challenge)
            there = exact.address(
                stop.lesson, (exact.answered if seen else exact.asked)(stop.lesson, number)
            )
            more, less = {OPTION: written(self.plan, self.number + step)}, ""
        title = f"{self.plan.minutes} minutes: question {self.number} of {len(self.plan.stops)}"
        return (
            f'<a class="bnviz-to bnviz-planned" href="{escape(there)}" title="{escape(title)}"'
            f' data-more="{escape(urlencode(more))}" data-less="{less}">'
            f"{escape(label if stop else END)}</a>"
        )


def place(lesson: str, challenge: str) -> Place | None:
    """Where the plan of the address has this question; None: it has not, or nobody presents."""
    found = _read() if stage.presenting() else None
    if found is None:
        return None
    plan, _ = found
    asked = [(stop.lesson, stop.challenge) for stop in plan.stops]
    if (lesson, challenge) not in asked:
        return None
    return Place(plan, asked.index((lesson, challenge)) + 1)
