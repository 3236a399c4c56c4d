"""A figure outside the app: it shows itself, and is saved, or says what it needs."""

import sys

import plotly.graph_objects as go
import plotly.io as pio
import pytest

from bnviz.figures import drawn

FIGURE = {"data": [{"type": "scatter", "x": [1, 2], "y": [3, 4]}], "layout": {"height": 200}}


@pytest.fixture
def shown(monkeypatch):
    """What Plotly would show."""
    found = []
    monkeypatch.setattr(go.Figure, "show", lambda figure, *given, **named: found.append(given))
    return found


def test_where_plotly_can_show_it_it_does(shown, monkeypatch, capsys):
    monkeypatch.setattr(pio.renderers, "default", "json")
    drawn(FIGURE).show()
    assert shown == [()]
    assert capsys.readouterr().out == ""


def test_a_renderer_that_is_asked_for_is_used(shown, monkeypatch):
    monkeypatch.setattr(pio.renderers, "default", "")
    drawn(FIGURE).show("json")
    assert shown == [("json",)]


def test_where_nothing_can_show_it_a_page_is_written(shown, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(pio.renderers, "default", "")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    drawn(FIGURE).show()
    assert shown == []
    (page,) = tmp_path.iterdir()
    assert str(page) in capsys.readouterr().out
    assert "<html>" in page.read_text(encoding="utf-8")


def test_it_is_saved_as_a_page(tmp_path):
    drawn(FIGURE).save(tmp_path / "race.html", include_plotlyjs="cdn")
    assert "<html>" in (tmp_path / "race.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_picture_says_what_it_needs(kind, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "kaleido", None)  # whoever imports it fails
    monkeypatch.setattr("plotly.io._kaleido.kaleido_available", lambda: False, raising=False)
    with pytest.raises(RuntimeError, match=rf"{kind.upper()} needs kaleido .*Chrome or Chromium"):
        drawn(FIGURE).save(tmp_path / f"race.{kind}")


def test_a_picture_is_plotly_s(monkeypatch, tmp_path):
    written = []
    monkeypatch.setattr(go.Figure, "write_image", lambda figure, path, **more: written.append(more))
    drawn(FIGURE).save(tmp_path / "race.SVG", scale=2)
    assert written == [{"scale": 2}]


def test_any_other_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"race\.gif: a figure is written as \.html, \.svg"):
        drawn(FIGURE).save(tmp_path / "race.gif")
