"""Challenges in a real browser: answered by keyboard, played by the clock, kept in the link."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from bnviz.experiments.home import HomeConfig
from bnviz.ui.foreseen import challenges_of
from tests.browser import IN_A_BROWSER, LOOK, settled, still, turn, wait_for_frames
from tests.test_browser import check_for_everybody

pytestmark = [*IN_A_BROWSER, pytest.mark.xdist_group("browser")]

FIRST, SECOND = challenges_of("home")[:2]
RIGHT = FIRST.answers.index(FIRST.expected)
DEFAULT = HomeConfig()
ASKED = '[class*="st-key-home-challenge"]'

WATCH = """() => {
  const before = document.querySelector('.js-plotly-plot').data;
  window.watched = [];
  setInterval(() => {
    const chart = document.querySelector('.js-plotly-plot');
    if (!chart?.data || chart.data === before || !window.bnvizClock) return;
    const seen = selector => [...document.querySelectorAll(selector)]
      .some(one => one.checkVisibility({visibilityProperty: true, opacityProperty: true}));
    window.watched.push({
      place: bnvizClock.index,
      last: bnvizClock.steps.length - 1,
      told: seen('[class*="st-key-end-"] [data-testid=stMarkdown], [class*="st-key-end-"] h2'),
      frame: seen('.stPlotlyChart') ? chart._fullLayout?._currentFrame ?? 'fresh' : 'unseen',
    });
  }, 20);
}"""
"""Once the run of the answer is drawn: where the clock stands, what is told, and what is seen."""

TOLD = """() => [...document.querySelectorAll('[class*="st-key-end-"]')]
  .map(one => [...one.querySelectorAll('h2, [data-testid=stMarkdown]')]
    .filter(text => text.checkVisibility({visibilityProperty: true, opacityProperty: true}))
    .map(text => text.innerText).join(' ')).join(' ')"""
"""What is told of the end, as far as it can be seen."""


@pytest.fixture(autouse=True)
def _motion(tab):
    """What one reader prefers is not what the next one does."""
    yield
    tab.emulate_media(reduced_motion="no-preference")


def button(page, label):
    return page.locator(ASKED).get_by_role("button", name=label, exact=True)


def answered(page, label=FIRST.expected):
    """The page once its answer has been played to the end."""
    button(page, label).click()
    return played(page)


def played(page):
    page.wait_for_function(
        "() => document.querySelector('.st-key-end-home-verdict [data-testid=stMarkdown]')"
        " && window.bnvizClock && !bnvizClock.playing"
        " && bnvizClock.index === bnvizClock.steps.length - 1"
        " && document.body.dataset.clock === 'end'",
        polling=LOOK,
    )
    return settled(page)


def verdict(page):
    return page.locator(".st-key-end-home-verdict").inner_text()


def written(page):
    """The link's parameters."""
    return {name: one for name, (one, *_) in parse_qs(urlsplit(page.url).query).items()}


def by_keyboard(page, label):
    """Tab until this button has the focus, which can be seen."""
    wanted = button(page, label)
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            break
    assert wanted.evaluate("one => one === document.activeElement"), label
    shown = wanted.evaluate("one => [getComputedStyle(one).outlineStyle, "
                            "getComputedStyle(one).boxShadow]")  # fmt: skip
    assert shown != ["none", "none"]
    page.keyboard.press("Enter")


def test_a_question_is_answered_and_the_next_one_asked_by_keyboard_alone(reader):
    page = reader("home", at_its_defaults=True)
    assert FIRST.question in page.locator(ASKED).inner_text()
    by_keyboard(page, FIRST.answers[RIGHT])
    played(page)
    assert verdict(page).startswith(f"As you said: {FIRST.expected}.")
    check_for_everybody(page)
    by_keyboard(page, "Next question")
    page.get_by_text(SECOND.question).wait_for()
    assert written(page)["home-ask"] == "2"
    assert "home-said" not in written(page)


def test_while_an_answer_is_played_nothing_tells_its_end(reader):
    page = reader("home", at_its_defaults=True)
    page.evaluate(WATCH)
    answered(page, "Just show me")
    watched = page.evaluate("() => watched")
    on_the_way = [place for place, one in enumerate(watched) if one["place"] < one["last"]]
    before = watched[: on_the_way[-1] + 1]  # with what the clock of the run before has left
    assert len({one["place"] for one in before}) > 5  # it was played, step by step
    assert not any(one["told"] for one in before)
    assert "fresh" not in {one["frame"] for one in before}  # whose own data are those of the end
    assert str(DEFAULT.steps) not in {one["frame"] for one in before}
    assert before[0]["frame"] in ("unseen", "0")
    assert watched[-1]["told"]
    told = page.evaluate(TOLD)
    assert f"Here: {FIRST.expected}." in told
    assert page.locator("h2").first.inner_text() in told


def test_who_is_in_a_hurry_skips_to_the_end(reader):
    page = reader("home", at_its_defaults=True)
    button(page, FIRST.expected).click()
    skip = page.get_by_role("button", name="Skip to the end of the training")
    skip.click()
    page.wait_for_function("() => bnvizClock.index === bnvizClock.steps.length - 1", polling=LOOK)
    assert not page.evaluate("() => bnvizClock.playing")
    played(page)
    assert f"As you said: {FIRST.expected}." in page.evaluate(TOLD)
    page.get_by_role("button", name="Play the training").wait_for()


def test_who_asked_for_less_motion_is_shown_the_end_at_once(reader):
    page = reader("home", at_its_defaults=True)
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(WATCH)
    answered(page)
    after = [one for one in page.evaluate("() => watched") if one["told"]]
    assert {one["place"] == one["last"] for one in after} == {True}
    assert not [one for one in page.evaluate("() => watched") if 0 < one["place"] < one["last"]]


def test_a_reload_keeps_the_verdict_and_plays_nothing(reader):
    page = answered(reader("home", at_its_defaults=True), "Just show me")
    before, address = verdict(page), page.url
    assert written(page)["home-said"] == "x"
    page.reload()
    settled(page)
    assert page.url == address
    assert verdict(page) == before
    assert not page.evaluate("() => bnvizClock.playing")
    assert before.splitlines()[0] in page.evaluate(TOLD)


def test_a_copied_link_asks_its_reader_too(reader):
    page = answered(reader("home", at_its_defaults=True))
    page.evaluate("() => { navigator.clipboard.writeText = async text => { copied = text } }")
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("() => window.copied", polling=LOOK)
    copied = parse_qs(urlsplit(page.evaluate("() => copied")).query)
    assert copied == {"home-learning_rate": ["1"]}
    assert {"home-said", "home-learning_rate"} <= set(written(page))  # the reader's own keeps it


def test_with_the_clock_at_the_start_nothing_tells_the_end(reader):
    page = reader("home", at_its_defaults=True)
    headline = page.locator("h2").first.inner_text()
    assert headline in page.evaluate(TOLD)
    page.evaluate("() => bnvizClock.goTo(0)")
    assert page.evaluate(TOLD).strip() == ""
    waiting = page.locator('[class*="st-key-end-home-findings"]').evaluate(
        "one => getComputedStyle(one, '::before').content"
    )
    assert waiting.startswith('"Watch the run')
    page.wait_for_url("**clock=0**")
    page.reload()
    settled(page)
    assert page.evaluate("() => bnvizClock.step") == 0
    assert page.evaluate(TOLD).strip() == ""
    page.evaluate("() => bnvizClock.goTo(bnvizClock.steps.length)")
    assert headline in page.evaluate(TOLD)
    page.wait_for_function("() => !location.href.includes('clock')", polling=LOOK)


def test_the_step_in_a_link_is_obeyed_and_stays_while_a_knob_is_turned(reader):
    page = reader("activations")
    step = page.evaluate("() => bnvizClock.steps[5]")
    page.goto(f"{page.url}&clock={step}")
    still(settled(page))
    assert page.evaluate("() => bnvizClock.step") == step
    turn(page, "Learning rate")
    assert page.evaluate("() => bnvizClock.step") == step
    assert written(page)["clock"] == str(step)
    assert "activations-learning_rate" in written(page)
    shown = page.locator(".bnviz-clock output").inner_text()
    assert re.search(rf"\b{step}\b", shown)


ENDS = """() => [...document.querySelectorAll(
  'details[open] [class*="st-key-end-"] [data-testid=stMarkdown]')]
  .map(one => one.checkVisibility({visibilityProperty: true}))"""
"""Of the sentences in opened sections that tell the end: whether each is seen."""

SPOKEN = """() => [...document.querySelectorAll('.js-plotly-plot')]
  .filter(chart => chart._transitionData._frames.length)
  .map(chart => chart.closest('[role=figure]').ariaLabel)"""
"""What the pictures that move say to those who listen."""

PICTURES = """() => [...document.querySelectorAll('[data-testid=stExpander] .stPlotlyChart')]
  .map(one => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))"""


def at_place(page, place):
    """The page with its clock there, once every picture has followed."""
    step = page.evaluate(f"() => bnvizClock.steps.at({place})")
    page.evaluate(f"() => bnvizClock.goTo(bnvizClock.steps.indexOf({step}))")
    wait_for_frames(page, step)
    return page


def test_what_sections_tell_of_the_end_waits_for_it_and_their_pictures_do_not(reader):
    page = reader("modes")
    page.locator('[class*="st-key-modes-belief-"] button').first.click()
    page.locator('[class*="st-key-end-modes-believed-"]').wait_for()
    settled(page)
    spoken = page.evaluate(SPOKEN)
    assert len(set(spoken)) > 2
    at_place(page, 0)
    ends = page.evaluate(ENDS)
    assert len(ends) > 3
    assert not any(ends)
    assert all(page.evaluate(PICTURES))
    (later,) = set(page.evaluate(SPOKEN))
    assert later.startswith("This picture follows the clock.")
    at_place(page, 2)
    assert all(page.evaluate(ENDS))
    assert page.evaluate(SPOKEN) == [f"At the end of the run: {told}" for told in spoken]
    before = page.locator('[class*="st-key-end-modes-believed-"]').evaluate(
        "one => getComputedStyle(one, '::before').content"
    )
    assert before == '"At the end of the run:"'
    at_place(page, -1)
    assert all(page.evaluate(ENDS))
    assert page.evaluate(SPOKEN) == spoken


def test_how_an_answer_went_is_not_counted_before_the_end_either(reader):
    page = answered(reader("home", at_its_defaults=True))
    counted = page.locator(".st-key-foreseen").get_by_text("1 of 1 foreseen so far")
    assert counted.is_visible()
    at_place(page, 0)
    assert not counted.is_visible()
    at_place(page, -1)
    assert counted.is_visible()


def test_what_no_training_of_the_clock_decides_is_told_at_its_start(reader):
    page = at_place(reader("signals"), 0)
    assert page.get_by_text("the gradient of the product of").is_visible()  # in one step
    assert page.get_by_text("and what was used against that").is_visible()  # not started yet
    page.locator(".st-key-signals-remedies-start button").click()
    page.locator(".st-key-tried .js-plotly-plot").wait_for()
    at_place(page, 0)
    assert page.locator(".st-key-tried").is_visible()
    assert not page.evaluate(ENDS)


def test_a_computation_by_hand_has_no_end_to_keep(reader):
    page = reader("transform")
    spoken = page.evaluate(SPOKEN)
    at_place(page, 0)
    assert page.evaluate(ENDS)
    assert all(page.evaluate(ENDS))
    assert page.evaluate(TOLD).strip()
    assert page.evaluate(SPOKEN) == spoken


def test_nonsense_for_the_step_shows_the_end(reader):
    page = reader("home")
    address = page.url
    for text in ("banana", "9999999", "5.5"):
        page.goto(f"{address}&clock={text}")
        settled(page)
        last = "() => bnvizClock.index === bnvizClock.steps.length - 1"
        assert page.evaluate(last), text
