"""The lesson plan: questions as links at exact settings, and the worksheet to print.

All of it is made from the challenges as their lessons declare them. Each list is one element of
HTML, as those of the lessons' links are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import streamlit as st

from bnviz.ui import course, exact, planned
from bnviz.ui.browser import browser_file, style
from bnviz.ui.closer import closer
from bnviz.ui.foreseen import challenges_of
from bnviz.ui.knobs import one_of
from bnviz.ui.prose import say
from bnviz.words import plan as words
from bnviz.words.challenge import Challenge
from bnviz.words.plan import PLANS, Plan, Stop

NAME = "plan"
STYLE = style("plan")

_print = st.components.v2.component(
    "bnviz.print",
    html='<button type="button">Print the worksheet</button>',
    css=browser_file("share.css"),
    js="export default ({ parentElement }) => {"
    ' parentElement.querySelector("button").onclick = () => window.print(); };',
)


@dataclass(frozen=True)
class Asked:
    """A stop with its challenge, and which question of its lesson it is, from 1."""

    stop: Stop
    challenge: Challenge
    number: int


def of(plan: Plan) -> list[Asked]:
    """The questions of a plan, in its order. Raises ValueError where a lesson asks none such."""
    found = []
    for stop in plan.stops:
        number = exact.position(stop.lesson, stop.challenge)
        found.append(Asked(stop, challenges_of(stop.lesson)[number - 1], number))
    return found


def plans() -> None:
    """All plans: the shortest open, the others closed until somebody looks."""
    st.html(STYLE)
    first, *others = PLANS
    st.header(words.heading(first), anchor=False)
    _shown(first)
    for plan in others:
        title = (f"{plan.minutes} minutes.", f"{plan.title}.")
        with closer(NAME, f"of-{plan.minutes}", title) as opened:
            if opened:
                _shown(plan)


def worksheet() -> None:
    """The questions of a plan for paper, and their solutions, on a page of their own."""
    with closer(NAME, "worksheet", words.WORKSHEET, ["sheet"]) as opened:
        if not opened:
            return
        minutes = [f"{plan.minutes} minutes" for plan in PLANS]
        with st.container(horizontal=True, vertical_alignment="bottom", key="plan-to-print"):
            chosen = one_of(NAME, "sheet", "For the plan of", minutes)
            _print(key="print", width="content", height="content")
        with st.container(key="worksheet"):
            st.html(paper(PLANS[minutes.index(chosen)]))


def _shown(plan: Plan) -> None:
    goals = "\n".join(f"- {goal}" for goal in plan.goals)
    say(f"Afterwards students can\n{goals}")
    st.html(f'<ol class="bnviz-plan">{_lines(plan)}</ol>')


def _lines(plan: Plan) -> str:
    asked = enumerate(of(plan), start=1)
    return "".join(_line(one, planned.written(plan, number)) for number, one in asked)


def _line(asked: Asked, place: str) -> str:
    """What to ask, with its links; what tempts; what the run shows; how long it takes."""
    stop, challenge = asked.stop, asked.challenge
    before, after = (there(stop.lesson, asked.number) for there in (exact.asked, exact.answered))
    question = exact.address(stop.lesson, before, present="1", ask="1", plan=place)
    run = exact.address(stop.lesson, after, present="1", ask="", plan=place)
    return (
        f"<li><small>{stop.minutes} min · {escape(course.lesson(stop.lesson).question)}</small>"
        f"{_link(question, challenge.question)}{_tempts(challenge)}"
        f"<p><b>Shows:</b> {escape(shows(challenge))} ({_link(run, words.RUN_AT_ONCE)})</p></li>"
    )


def _tempts(challenge: Challenge) -> str:
    tempting = challenge.tempting
    if not tempting:
        return ""
    since = f", since “{escape(tempting.belief)}”" if tempting.belief else ""
    return f"<p><b>Tempts:</b> {escape(tempting.answer)}{since}</p>"


def _link(address: str, label: str) -> str:
    """In a tab of its own: the plan stays open, and the question is asked of a new reader."""
    return f'<a href="{escape(address)}" target="_blank" rel="noopener">{escape(label)}</a>'


def shows(challenge: Challenge) -> str:
    """The answer that is expected over the seeds."""
    return challenge.expected or words.IT_DEPENDS


def paper(plan: Plan) -> str:
    """The worksheet and its solutions, as HTML."""
    asked = of(plan)
    name = escape(words.heading(plan))
    return (
        f'<section><h2>Worksheet</h2><p class="bnviz-name">{name} · Name:</p>'
        f"<ol>{''.join(map(_to_answer, asked))}</ol></section>"
        f'<section class="bnviz-solutions"><h2>Solutions</h2><p>{name}</p>'
        f"<ol>{''.join(map(_solved, asked))}</ol></section>"
    )


def _to_answer(asked: Asked) -> str:
    boxes = "".join(f"<li>☐ {escape(answer)}</li>" for answer in asked.challenge.answers)
    lines = "".join(f"<p class='bnviz-line'>{line}</p>" for line in (words.LINES, words.SEEN))
    return f'<li>{escape(asked.challenge.question)}<ul role="list">{boxes}</ul>{lines}</li>'


def _solved(asked: Asked) -> str:
    return f"<li>{escape(asked.challenge.question)}<br>{' '.join(_solution(asked.challenge))}</li>"


def _solution(challenge: Challenge) -> Iterator[str]:
    yield f"<b>{escape(shows(challenge))}.</b>"
    if challenge.tempting:
        yield f"Tempting: {escape(challenge.tempting.answer)}."
        if challenge.tempting.belief:
            yield f"Behind it: “{escape(challenge.tempting.belief)}.”"
