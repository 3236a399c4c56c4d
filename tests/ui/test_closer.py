"""Closed sections: what is in them waits until somebody looks, and the link says who looked."""

from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st

    from bnviz.ui.closer import closer

    with closer("race", "luck", "Is it luck?", ["view"]) as opened:
        if opened:
            st.markdown("computed")
            st.segmented_control(
                "View", ["near", "far"], default="near", key="race-view", bind="query-params"
            )


def run(**link):
    at = AppTest.from_function(page)
    for name, value in link.items():
        at.query_params[f"race-{name}"] = value
    at.run()
    assert not at.exception
    return at


def computed(at):
    return [one.value for one in at.markdown] == ["computed"]


def test_nothing_is_computed_until_it_is_opened():
    at = run()
    assert not computed(at)
    at.session_state["race-luck"] = True
    assert computed(at.run())


def test_the_link_says_whether_it_is_open():
    assert computed(run(luck="true"))
    assert not computed(run(luck="false"))
    assert not computed(run(luck="banana"))


def test_a_link_that_sets_a_choice_in_it_opens_it():
    at = run(view="far")
    assert computed(at)
    assert at.button_group[0].value == "far"


def test_it_stays_closed_where_the_reader_closes_it():
    at = run(view="far")
    at.session_state["race-luck"] = False
    assert not computed(at.run())
    assert not computed(at.run())
    at.query_params["race-view"] = "far"  # as a preset does
    assert computed(at.run())
