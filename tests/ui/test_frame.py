"""The frame around a lesson that fails: a sentence for the reader, the traceback for the log."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bnviz.ui import knobs, lookup, mishaps
from bnviz.ui.section import Growing

ROOT = Path(__file__).resolve().parents[2]
SECRET = "/srv/secret/folder"


def glossary(**link):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.switch_page("pages/20_glossary.py")
    for name, value in link.items():
        at.query_params[f"glossary-{name}"] = value
    return at.run()


def fails(*_):
    raise RuntimeError(SECRET)


def everything_sent(at):
    return str([getattr(node, "proto", "") for node in at.main] + [*at.main, *at.sidebar])


@pytest.fixture
def broken(monkeypatch, caplog):
    """A page that fails half-way, opened; and what the log has of it."""
    monkeypatch.setattr(lookup, "papers", fails)
    at = glossary(find="ghost\nTraceback of a stranger")
    (record,) = [one for one in caplog.records if one.name == mishaps.__name__]
    said = caplog.text
    caplog.clear()  # it was meant
    return at, record, said


def test_a_failure_is_a_sentence_without_what_it_is(broken):
    at, *_ = broken
    (said,) = at.error
    assert said.value == mishaps.SORRY
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


def opened(page, **link):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.switch_page(f"pages/{page}.py")
    for name, value in link.items():
        at.query_params[name] = value
    return at.run()


def apologizes(at, said):
    """The sentence, once, with nothing of what it is; that is in the log, with the link."""
    assert [one.value for one in at.error] == [mishaps.SORRY]
    assert not at.exception
    assert SECRET not in everything_sent(at)
    assert "RuntimeError: " + SECRET in said.text
    (record,) = [one for one in said.records if one.name == mishaps.__name__]
    said.clear()  # it was meant
    return record.getMessage()


def test_a_callback_that_fails_is_a_sentence_on_the_page_which_stands(monkeypatch, caplog):
    monkeypatch.setattr(knobs, "back", fails)
    at = opened("02_transform")
    before = len(at.get("plotly_chart"))
    at.button(key="transform-reset").click().run()
    apologizes(at, caplog)
    assert len(at.get("plotly_chart")) == before > 0
    assert not at.run().error  # the next thing the reader does is another matter


def test_a_callback_that_fails_while_a_picture_grows_is_told_until_it_stands(monkeypatch, caplog):
    """The page is run again by itself: the sentence stays."""
    monkeypatch.setattr(knobs, "back", fails)
    small = {"steps": "50", "seeds": "1", "depth": "1", "width": "16"}
    at = opened("07_forgiveness", **{f"forgiveness-{name}": text for name, text in small.items()})
    runs, go_on = [], Growing.go_on

    def counted(growing):
        runs.append(growing)
        if len(runs) == 1:
            knobs.run_again()
        go_on(growing)

    monkeypatch.setattr(Growing, "go_on", counted)
    at.button(key="forgiveness-reset").click().run()
    said = apologizes(at, caplog)
    assert said.startswith("fails, opened with {'forgiveness-steps': '50'")
    assert len(runs) == 2


def test_what_fails_after_the_page_stands_is_a_sentence_above(monkeypatch, caplog):
    monkeypatch.setattr(Growing, "go_on", lambda growing: fails())
    at = opened("07_forgiveness")
    assert apologizes(at, caplog).startswith("forgiveness, opened with {}")
    assert any("Previous: " in one.proto.body for one in at.get("html"))
    assert at.get("plotly_chart")


def page_with_a_button():
    import streamlit as st

    def fails():
        raise RuntimeError("/srv/secret/folder")

    st.button("Fail", on_click=fails)


def test_what_fails_outside_of_a_lesson_is_not_told_either():
    """In a callback that nobody made safe, or before the frame stands: Streamlit's own box."""
    assert st.get_option("client.showErrorDetails") == "none"
    at = AppTest.from_function(page_with_a_button).run()
    at.button[0].click().run()
    (box,) = at.exception
    assert list(box.stack_trace) == []
    assert box.proto.type == ""
    assert SECRET not in str(box.proto)
    assert "error" in box.message


def what_stands_there(at):
    return [one.value for one in at.main.subheader]


def test_the_last_lesson_ends_with_what_was_foreseen_and_no_other_one_does():
    small = {"depth": "1", "width": "8", "steps": "50", "seeds": "1"}
    arms = {f"lab-{arm}-{name}": small[name] for arm in "ab" for name in ("depth", "width")}
    shared = {f"lab-{name}": small[name] for name in ("steps", "seeds")}
    lab = opened("19_lab", answers="home.rw", **arms, **shared)
    assert what_stands_there(lab)[-1] == "What did you foresee?"
    assert "You foresaw **1 of 2** answers. Worth another look:" in [m.value for m in lab.markdown]
    assert "What did you foresee?" not in what_stands_there(opened("02_transform"))
    assert "What did you foresee?" not in what_stands_there(glossary())
