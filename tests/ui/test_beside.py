"""Figures and their sentences: what tells the end of the run stands where the clock hides it."""

import pytest
from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st

    from bnviz.figures import LIGHT
    from bnviz.figures.base import growing, layout
    from bnviz.ui.beside import both_told, told

    def at(column):
        return [{"type": "scatter", "x": [column], "y": [0]}]

    still = {"data": at(0), "layout": layout(LIGHT, 100)}
    moving = growing([0, 1], at) | {"layout": layout(LIGHT, 100)}
    one, other = (moving if letter == "m" else still for letter in st.query_params["figures"])
    told("One alone.", one, "alone")
    both_told("Both of them.", one, other, ("one", "other"), "both")


@pytest.mark.parametrize(
    ("figures", "hidden"),
    [
        ("ss", set()),  # of another run: they stand as they are
        ("ms", {"end-alone", "end-both"}),
        ("sm", {"end-both"}),
        ("mm", {"end-alone", "end-both"}),
    ],
)
def test_a_sentence_waits_for_the_end_where_its_figure_follows_the_clock(figures, hidden):
    at = AppTest.from_function(page)
    at.query_params["figures"] = figures
    at.run()
    assert not at.exception
    assert [one.value for one in at.markdown] == ["One alone.", "Both of them."]
    assert ends(at) == hidden


def ends(at):
    """The containers that the clock hides, by their keys."""
    return {key for key in keys(at.main) if key.startswith("end-")}


def keys(node):
    for child in getattr(node, "children", {}).values():
        if child.type == "flex_container":
            yield child.proto.id.split("-", 2)[-1]
        yield from keys(child)
