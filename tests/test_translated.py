"""Where a browser translates the page: sentences are never half old, and numbers stay."""

import re

import pytest

from tests.browser import IN_A_BROWSER, LOOK, settled, turn

pytestmark = [*IN_A_BROWSER, pytest.mark.xdist_group("browser")]

TRANSLATE = r"""() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  while (walk.nextNode()) {
    const text = walk.currentNode;
    if (text.data.trim() && !text.parentElement.closest('[translate="no"], script, style')) {
      texts.push(text);
    }
  }
  for (const text of texts) {  // as Chrome does: an element of its own in the place of the text
    const font = document.createElement("font"), inner = document.createElement("font");
    inner.append(text.data.replace(/\p{L}/gu, "ж"));
    font.append(inner);
    text.replaceWith(font);
  }
}"""
"""What a translator does to the page; its language has one letter."""

FINDINGS = '[class*="st-key-end-"][class*="-findings"]'
OURS, FOREIGN = re.compile(r"[^\W\dж_]{2}"), re.compile("ж")


def translated(page):
    page.evaluate(TRANSLATE)
    return page


def told(page):
    return page.locator(FINDINGS).inner_text()


def once_it_is_other(page, before):
    page.wait_for_function(
        "([where, before]) => document.querySelector(where)?.innerText !== before",
        arg=[FINDINGS, before],
        polling=LOOK,
    )
    return told(settled(page))


@pytest.mark.parametrize(
    ("lesson", "label"), [("race", "Learning rate"), ("transform", "γ, the scale")]
)
def test_a_sentence_after_a_knob_is_the_new_one_alone(reader, lesson, label):
    # a link beyond the last question: nothing is kept back until it is answered
    link = {"ask": "99"}
    page = reader(lesson, link)
    turn(page, label)
    fresh = told(page)
    page = translated(reader(lesson, link))
    before = told(page)
    assert FOREIGN.search(before)
    assert not OURS.search(before)
    turn(page, label)
    after = once_it_is_other(page, before)
    assert after == fresh
    assert not FOREIGN.search(after)


def test_figures_formulas_and_numbers_are_not_translated(reader):
    page = translated(reader("transform", {"ask": "99"}))
    assert page.locator(".js-plotly-plot").first.get_attribute("translate") == "no"
    figure = page.locator(".js-plotly-plot").first.inner_text()
    assert "normalized" in figure
    assert not FOREIGN.search(figure)
    assert "scaled, shifted" in page.locator(".bnviz-clock output").inner_text()
    assert all(
        page.locator(".katex").evaluate_all("all => all.map(one => one.translate === false)")
    )
    numbers = page.locator(f'{FINDINGS} span[translate="no"]').all_inner_texts()
    assert numbers
    assert all(re.fullmatch(r"[−\d.,e%\s]+", one) for one in numbers)


def test_a_question_that_follows_another_is_the_new_one_alone(reader):
    page = reader("transform")
    asked = page.locator('[class*="-challenge"] [data-testid=stMarkdownContainer]').first
    first = asked.inner_text()
    translated(page)
    page.get_by_role("button", name=re.compile("ж+", re.UNICODE)).first.wait_for()
    page.locator('[class*="st-key-transform-question-"] button').last.click()
    page.wait_for_function(
        "first => { const now = document.querySelector("
        "'[class*=\"-challenge\"] [data-testid=stMarkdownContainer]').innerText;"
        " return now !== first && !now.includes('ж') }",
        arg=first,
        polling=LOOK,
    )
    assert asked.inner_text().startswith("Question ")
