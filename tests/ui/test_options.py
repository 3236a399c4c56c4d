"""What the address carries from lesson to lesson: known options with allowed values alone."""

import re

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bnviz.ui import options
from bnviz.ui.course import lesson


def page():
    import streamlit as st

    from bnviz.ui import options
    from bnviz.ui.course import lesson

    st.text(str(options.kept()))
    st.text(options.address(lesson("race")))
    st.text(options.address(lesson("home"), place="a b"))


def told(**link):
    """What is kept, where the race is, and where a place of the front door is."""
    at = AppTest.from_function(page)
    for name, text in link.items():
        at.query_params[name] = text
    at.run()
    assert not at.exception
    return [one.value for one in at.text]


def test_without_options_an_address_is_the_lessons_own():
    assert told() == ["()", "race", "./#a%20b"]
    assert told(**{"race-depth": "3", "figure": "accuracy"})[1] == "race"


def test_options_go_along_in_one_order():
    kept, race, home = told(room="qwerty", ask="1", present="true")
    assert kept == str((("present", "true"), ("ask", "1"), ("room", "qwerty")))
    assert race == "race?present=true&ask=1&room=qwerty"
    assert home == "./?present=true&ask=1&room=qwerty#a%20b"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("present", "0"),
        ("present", "yes"),
        ("present", "1\n"),
        ("ask", ""),
        ("room", "toolong"),
        ("room", "<b>abc"),
        ("host", "x" * 65),
        ("lock", "a." + "a" * 401),
        ("lock", "www.foreign.test"),
        ("lock", "a&b"),
    ],
)
def test_a_value_that_is_not_known_is_none(name, text):
    assert told(**{name: text})[0] == "()"


def test_who_embeds_stays_embedded(monkeypatch):
    monkeypatch.setattr(type(st.context), "is_embedded", property(lambda _: True))
    assert options.on("embed")
    assert options.address(lesson("race")) == "race?embed=true"


def test_there_is_no_other_option():
    with pytest.raises(KeyError):
        options.value("figure")
    assert all(re.fullmatch("[a-z_]+", name) for name in options.NAMES)
