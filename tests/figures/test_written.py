"""Written once for all who look at the same figure, as Plotly writes it, and kept by bytes."""

import json

import numpy as np
import plotly.io
import pytest

from bnviz.experiments import race
from bnviz.figures import DARK, LIGHT, written
from bnviz.figures import race as pictures
from bnviz.figures.base import packed
from bnviz.figures.written import Ready
from tests.pages import opened, specs
from tests.samples import LESSONS, race_config

STRANGE = {
    "data": [{"x": packed(np.array([1, np.nan])), "y": [0.1, None], "name": "</script>−γ\u2028"}],
    "layout": {"height": 400, "title": {"text": "NaN / Infinity"}},
    "frames": [{"name": "0", "data": [{"y": [1, 2]}], "traces": [0]}],
}


@pytest.fixture(autouse=True)
def nothing_kept():
    written._kept.clear()


def sent(figure):
    """What st.plotly_chart makes of it."""
    return plotly.io.to_json(Ready(figure).to_dict(), validate=False)


def test_what_is_sent_is_what_plotly_writes():
    for _ in range(2):
        assert sent(STRANGE) == plotly.io.to_json(STRANGE, validate=False)
    assert json.loads(sent(STRANGE)) == STRANGE


def test_a_reader_of_the_dict_finds_the_figure():
    assert Ready(STRANGE).to_dict() == STRANGE


def test_the_same_figure_is_written_once_and_an_equal_one_again():
    first = written.written(STRANGE)
    assert written.written(STRANGE) is first
    other = written.written(dict(STRANGE))
    assert other == first
    assert other is not first


def test_each_theme_has_its_own():
    result = race.run(race_config())
    light, dark = (sent(pictures.accuracy(result, look, False)) for look in (LIGHT, DARK))
    assert light != dark
    assert sent(pictures.accuracy(result, LIGHT, False)) == light
    assert len(written._kept) == 2


def test_a_figure_that_is_gone_is_not_taken_for_another_in_its_place(monkeypatch):
    monkeypatch.setattr(written, "ROOM", 0)
    for name in map(str, range(20)):  # each may take the place of the last in memory
        assert json.loads(sent({"data": [], "layout": {"name": name}}))["layout"]["name"] == name


def test_no_more_is_kept_than_there_is_room_for(monkeypatch):
    figures = [{"data": [], "layout": {"height": 100 + place}} for place in range(4)]
    size = len(written.written(figures[0]))
    monkeypatch.setattr(written, "ROOM", 3 * size)
    for figure in (*figures[:3], figures[0], figures[3]):
        written.written(figure)
    kept = [figure for figure, _ in written._kept.values()]
    assert kept == [figures[2], figures[0], figures[3]]  # the longest unused has gone


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_page_that_is_seen_again_draws_and_writes_nothing(lesson, monkeypatch):
    """And Streamlit asks for each figure in the way that lets us answer from before."""
    asked = []
    usual = written.written
    monkeypatch.setattr(written, "written", lambda figure: asked.append(figure) or usual(figure))
    first = specs(opened(lesson))
    before = {id(text) for _, text in written._kept.values()}
    asked.clear()
    assert specs(opened(lesson)) == first
    assert len(asked) == len(first) > 0
    assert {id(text) for _, text in written._kept.values()} == before
