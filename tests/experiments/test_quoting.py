"""What is quoted stays text, whatever it holds."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bnviz.experiments.quoting import LONGEST, UNSEEN, printed, quoted
from tests.hostile import DISGUISED, SPAN, TEXTS, outside


def spans(markdown):
    """What the code spans of a text hold, and what is left outside of them."""
    return [held(found[2]) for found in SPAN.finditer(markdown)], outside(markdown)


def held(inside):
    """One blank at both ends only keeps backticks apart."""
    apart = inside[0] == inside[-1] == " " and inside.strip(" ")
    return inside[1:-1] if apart else inside


HARD = st.text("`[](!)<>$:*_~\\|#\n a1") | st.text()


@given(HARD, HARD)
@example("", "`")
@example("a` ![](http://foreign.test/p.png) `b", "``")
def test_nothing_of_it_stands_outside_a_code_span(one, other):
    sentence = f"A link asks for {quoted(one)} and {quoted(other)}."
    inside, outside = spans(sentence)
    assert outside == "A link asks for  and ."
    assert len(inside) == 2
    for text, shown in zip((one, other), inside, strict=True):
        line = printed(text)
        assert shown == (line[: LONGEST - 1] + "…" if len(line) > LONGEST else line or " ")


@given(st.text() | st.text(st.characters(categories=["C"])))
def test_it_is_one_line_of_bounded_length_without_what_cannot_be_seen(text):
    shown = quoted(text)
    assert len(shown) <= 3 * LONGEST + 4  # backticks alone, between two longer rows of them
    assert not any(unicodedata.category(one)[0] == "C" for one in shown)
    assert len(shown.splitlines()) == 1


@pytest.mark.parametrize("text", DISGUISED)
def test_what_cannot_be_seen_is_marked(text):
    assert UNSEEN in quoted(text)


@pytest.mark.parametrize("text", TEXTS)
def test_the_worst_of_them(text):
    assert spans(f"Not offered: {quoted(text)}.")[1] == "Not offered: ."


def test_the_second_opinion_sees_what_gets_out():
    assert spans("`a` ![](http://foreign.test) `b`")[1] == " ![](http://foreign.test) "
    assert quoted("banana") == "`banana`"
    assert quoted("a`b") == "``a`b``"
    assert quoted("`") == "`` ` ``"
    assert quoted("") == quoted(" \n") == "` `"
