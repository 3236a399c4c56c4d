"""What a page is set to, and how it is written as a table."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from bnviz import __version__
from bnviz.ui.gathered import View

LONG = 24  # letters of a value that has a line of its own


@dataclass(frozen=True)
class Setting:
    """What a page shows, of what, and where it is to be found again."""

    lesson: str
    question: str
    link: str
    rows: tuple[tuple[str, str, bool], ...]  # label, value, whether it is not as the page opens
    views: tuple[View, ...] = ()


def table(setting: Setting) -> str:
    """As HTML. Its attributes are what a saved picture is signed with, see pictures.js."""
    about = {
        "lesson": setting.lesson,
        "question": setting.question,
        "link": setting.link,
        "version": __version__,
    }
    told = " ".join(f'data-{name}="{escape(text)}"' for name, text in about.items())
    views = map(_view, setting.views)
    rows = "".join([*map(_row, setting.rows), *views, _row(("Link", setting.link, False), LONG)])
    return (
        f'<table class="bnviz-settings" translate="no" {told}><caption>Settings</caption>'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(row: tuple[str, str, bool], more: int = 0) -> str:
    label, text, turned = row
    return _entry(escape(label), text, turned, len(text) + more > LONG)


def _view(view: View) -> str:
    """With the section of which it is, whose pictures alone are signed with it."""
    if not view.question:
        return _row((view.label, view.chosen, view.turned))
    question = escape(view.question)
    label = f"{escape(view.label)}<span> · {question}</span>"
    return _entry(label, view.chosen, view.turned, True, f' data-of="{question}"')


def _entry(label: str, text: str, turned: bool, long: bool, more: str = "") -> str:
    mark = (" data-turned" if turned else "") + (" data-long" if long else "") + more
    return f'<tr{mark}><th scope="row">{label}</th><td>{escape(text)}</td></tr>'
