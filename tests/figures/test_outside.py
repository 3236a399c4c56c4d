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


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_a_picture_without_kaleido_says_how_to_get_it(kind, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "kaleido", None)  # it is not installed
    with pytest.raises(
        RuntimeError, match=rf"as {kind.upper()} needs kaleido.*pip install kaleido"
    ):
        drawn(FIGURE).save(tmp_path / f"race.{kind}")


class BrowserFailedError(RuntimeError):
    """As kaleido has it where the browser ends at once."""


@pytest.fixture
def pictured(monkeypatch):
    """A function that has Plotly answer so; what it was asked to write is returned."""
    written = []
    monkeypatch.setattr("bnviz.figures.outside.find_spec", lambda name: name)

    def answer(error=None):
        def write_image(figure, path, **options):
            written.append((path, options))
            if error:
                raise error

        monkeypatch.setattr(go.Figure, "write_image", write_image)
        return written

    return answer


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (RuntimeError("Kaleido requires Google Chrome to be installed."), "kaleido finds none"),
        (BrowserFailedError("closed immediately"), "kaleido could not start it"),
    ],
)
def test_a_picture_without_a_browser_says_what_to_set(pictured, tmp_path, error, what):
    pictured(error)
    with pytest.raises(RuntimeError, match=rf"as PNG .*{what}\..* BROWSER_PATH") as raised:
        drawn(FIGURE).save(tmp_path / "race.png")
    assert raised.value.__cause__ is error
    assert "pip install" not in str(raised.value)  # kaleido is there


def test_what_is_wrong_with_an_option_is_not_laid_on_kaleido(pictured, tmp_path):
    pictured(ValueError("Invalid format 'gif'"))
    with pytest.raises(ValueError, match="Invalid format 'gif'"):
        drawn(FIGURE).save(tmp_path / "race.png", format="gif")


def test_a_picture_is_plotly_s(pictured, tmp_path):
    written, path = pictured(), tmp_path / "race.SVG"
    drawn(FIGURE).save(path, scale=2)
    assert written == [(path, {"scale": 2})]


def test_any_other_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"race\.gif: a figure is written as \.html, \.svg"):
        drawn(FIGURE).save(tmp_path / "race.gif")
