"""The frame around a lesson that fails: a sentence for the reader, the traceback for the log."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bnviz.ui import frame, lookup

ROOT = Path(__file__).resolve().parents[2]
SECRET = "/srv/secret/folder"


def glossary(**link):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.switch_page("pages/18_glossary.py")
    for name, value in link.items():
        at.query_params[f"glossary-{name}"] = value
    return at.run()


def fails():
    raise RuntimeError(SECRET)


def everything_sent(at):
    return str([getattr(node, "proto", "") for node in at.main] + [*at.main, *at.sidebar])


@pytest.fixture
def broken(monkeypatch, caplog):
    """A page that fails half-way, opened; and what the log has of it."""
    monkeypatch.setattr(lookup, "papers", fails)
    at = glossary(find="ghost\nTraceback of a stranger")
    (record,) = [one for one in caplog.records if one.name == frame.__name__]
    said = caplog.text
    caplog.clear()  # it was meant
    return at, record, said


def test_a_failure_is_a_sentence_without_what_it_is(broken):
    at, *_ = broken
    (said,) = at.error
    assert said.value == frame.SORRY
    assert not at.exception
    assert SECRET not in everything_sent(at)
    assert "RuntimeError" not in everything_sent(at)


def test_what_stood_there_stays_and_the_way_on_is_there(broken):
    at, *_ = broken
    assert any(one.value.startswith("No term has") for one in at.main.markdown)
    assert any("Previous: " in one.proto.body for one in at.get("html"))


def test_the_log_has_the_traceback_and_the_link_on_one_line(broken):
    _, record, said = broken
    assert "RuntimeError: " + SECRET in said
    assert "test_frame.py" in said
    assert record.getMessage().startswith("glossary, opened with {'glossary-find': 'ghost")
    assert "\n" not in record.getMessage()
    assert len(record.getMessage()) < 1100


@pytest.mark.parametrize("way", [st.stop, lambda: st.rerun(scope="app")])
def test_what_streamlit_raises_for_itself_passes(monkeypatch, way):
    calls = []

    def once():
        calls.append(way)
        if len(calls) < 3:
            way()

    monkeypatch.setattr(lookup, "papers", once)
    at = glossary()
    assert not at.error
    assert not at.exception
    assert len(calls) == (1 if way is st.stop else 3)


def page_with_a_button():
    import streamlit as st

    def fails():
        raise RuntimeError("/srv/secret/folder")

    st.button("Fail", on_click=fails)


def test_what_fails_outside_of_a_lesson_is_not_told_either():
    """In a callback, say, or before the frame stands: Streamlit's own box."""
    assert st.get_option("client.showErrorDetails") == "none"
    at = AppTest.from_function(page_with_a_button).run()
    at.button[0].click().run()
    (box,) = at.exception
    assert list(box.stack_trace) == []
    assert box.proto.type == ""
    assert SECRET not in str(box.proto)
    assert "error" in box.message
