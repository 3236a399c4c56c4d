"""The first window of every lesson: title, question and picture; and a page that can be read.

`pytest -s` prints the table. A lesson that asks nothing is left out.
"""

import sys

import pytest

from bnviz.experiments.settings import knobs
from bnviz.ui import exact, foreseen
from bnviz.ui.knobs import spoken
from bnviz.words.challenge import LONGEST_WHY, SHOWN, Outcome, changed, verdict_on
from tests.browser import (
    DESK,
    IN_A_BROWSER,
    LOOK,
    PHONE,
    SETTLING,
    settled,
    still,
    there,
    visits,
)
from tests.samples import LESSONS

pytestmark = [*IN_A_BROWSER, pytest.mark.xdist_group("looks")]

ASKING = [name for name in LESSONS if foreseen.challenges_of(name)]
SCREENS, WORDS, NUMBERS = 2.5, 250, 20  # at most, at the desk

SEEN = r"""() => {
  const main = document.querySelector("[data-testid=stMain]");
  const charts = [...main.querySelectorAll(".stPlotlyChart")].map(c => c.getBoundingClientRect());
  const first = charts[0];
  const beside = charts.filter(c => Math.abs(c.top - first.top) < 40); // one thought, side by side
  const clock = document.querySelector(".bnviz-clock")?.getBoundingClientRect();
  const text = "h1, h2, h3, [data-testid=stMarkdownContainer], [data-testid=stCaptionContainer]";
  const said = [...main.querySelectorAll(text)]
    .filter(one => !one.closest("button, label, .stPlotlyChart, .bnviz-clock")
      && !one.parentElement.closest(text)
      && one.checkVisibility({visibilityProperty: true}))
    .map(one => one.innerText).join(" ");
  return {
    title: main.querySelector("h1").getBoundingClientRect().bottom,
    asked: main.querySelector('[class*="-challenge"]').getBoundingClientRect().bottom,
    top: first.top,
    middle: (first.top + first.bottom) / 2,
    bottom: Math.max(...beside.map(c => c.bottom)),
    room: Math.min(clock?.top ?? innerHeight, innerHeight),
    height: main.querySelector("[data-testid=stMainBlockContainer]").scrollHeight,
    words: said.split(/\s+/).filter(word => /[\p{L}\p{N}]/u.test(word)).length,
    numbers: (said.match(/\d[\d.,]*/g) ?? []).length,
  };
}"""
"""Where things end, in pixels from the window's top; and how much there is to be read: no figure,
no knob, no button, nothing that is folded away but the folds' own titles."""

LONGEST = """({questions, verdict, changes}) => {
  const [asked, told, turned] = [...document.querySelectorAll(
    '[class*="-challenge"] [data-testid=stMarkdown] p')].slice(0, 3);
  const high = text => {
    asked.querySelector("strong").innerText = text;
    return asked.getBoundingClientRect().height;
  };
  const heights = questions.map(text => [high(text), text]).sort((one, other) => one[0] - other[0]);
  high(heights.at(-1)[1]);
  told.innerHTML = `<strong>${verdict[0]}</strong>${verdict[1]}`;
  turned.innerText = changes;
}"""
"""What an answered challenge says, in the longest words that any of the lesson may have."""

UPON = """() => {
  const parts = [...(document.querySelector('[class*="st-key-row-"]')?.children ?? [])];
  const reach = parts.map(part => [...part.querySelectorAll("label, button")]
      .map(one => one.getBoundingClientRect()).filter(one => one.width))
    .filter(boxes => boxes.length)
    .map(boxes => [Math.min(...boxes.map(b => b.left)), Math.max(...boxes.map(b => b.right))]);
  return reach.slice(1).filter(([left], before) => left < reach[before][1] - 1);
}"""
"""What stands in the row of knobs upon what comes before it, from left to right."""

ANSWERED = """() => document.querySelector('[class*="-verdict"] [data-testid=stMarkdown]')
  && window.bnvizClock && bnvizClock.index === bnvizClock.steps.length - 1"""


@pytest.fixture(scope="module")
def table():
    """What was seen, line by line, printed whole at the end."""
    lines = [
        f"{'lesson':12}  picture ends, answered, at most, of room  screens  words  numbers"
        "  phone: half of it, of room"
    ]
    yield lines
    sys.stdout.write("\n".join(("", *lines, "")))


def line(lesson, desk, answered, most, hand):
    return (
        f"{lesson:12} {desk['bottom']:13.0f} {answered['bottom']:9.0f} {most['bottom']:8.0f}"
        f" {desk['room']:8.0f}"
        f" {desk['height'] / DESK['height']:8.2f} {desk['words']:6} {desk['numbers']:8}"
        f" {hand['middle']:18.0f} {hand['room']:8.0f}"
    )


def seen(page):
    still(page)
    return page.evaluate(SEEN)


def of_size(page, size):
    """The page in a window of another size, for which every picture is drawn again."""
    page.set_viewport_size(size)
    page.wait_for_timeout(SETTLING)
    return there(page)


def answered(page):
    """The page once its first question is answered, and the end of that run is on the screen."""
    page.emulate_media(reduced_motion="reduce")  # at once
    page.locator('[class*="-challenge"] [class*="-answer-"] button').first.click()
    page.wait_for_function(ANSWERED, polling=LOOK)
    settled(page)
    page.emulate_media(reduced_motion="no-preference")
    return page


def longest(lesson):
    """What an answer to a question of this lesson may say at most, whatever its run has shown.

    The sentences of why are of a run; here, as many letters of the lesson's questions.
    """
    asked, config = foreseen.challenges_of(lesson), exact.config_of(lesson)
    words = " ".join(one.question for one in asked) * 2
    turned = [
        f"{spoken(config, name)} {knob.show(knob.options[0])} → {knob.show(knob.options[-1])}"
        for name, knob in knobs(config).items()
        if len(knob.options) > 1
    ]
    return {
        "questions": [one.question for one in asked],
        "verdict": [max(map(boldest, asked), key=len), f" {words[:LONGEST_WHY]}"],
        "changes": changed(turned),
    }


def boldest(challenge):
    """The longest of what was said, and what happened."""
    told = [
        verdict_on(challenge, letter, Outcome(right=right, why=""))
        for right in challenge.answers
        for letter in ("a", "b", "c", "d", SHOWN)
    ]
    return max(told, key=len).strip("* ")


@pytest.mark.parametrize("lesson", visits(ASKING))
def test_question_and_picture_are_in_the_first_window_and_the_page_is_short(reader, table, lesson):
    page = reader(lesson, at_its_defaults=True)
    desk, hand, upon = seen(page), seen(of_size(page, PHONE)), page.evaluate(UPON)
    then = seen(answered(of_size(page, DESK)))
    page.evaluate(LONGEST, longest(lesson))
    most = page.evaluate(SEEN)
    table.append(line(lesson, desk, then, most, hand))
    for window in (desk, then, most, hand):
        assert 0 < window["title"] < window["asked"] < window["top"]
    for window in (desk, then, most):
        assert window["bottom"] <= window["room"] + 1  # a picture ends with a margin
    assert desk["height"] <= SCREENS * DESK["height"]
    assert desk["words"] <= WORDS
    assert desk["numbers"] <= NUMBERS
    assert hand["middle"] <= hand["room"]
    assert not upon  # each knob and button can be reached
