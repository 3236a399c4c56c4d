"""What a page is set to, and how it is written as a table."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from bnviz import __version__

LONG = 24  # letters of a value that has a line of its own


@dataclass(frozen=True)
class Setting:
    """What a page shows, of what, and where it is to be found again."""

    lesson: str
    question: str
    link: str
    rows: tuple[tuple[str, str, bool], ...]  # label, value, whether it is not as the page opens


def table(setting: Setting) -> str:
    """As HTML. Its attributes are what a saved picture is signed with, see pictures.js."""
    about = {
        "lesson": setting.lesson,
        "question": setting.question,
        "link": setting.link,
        "version": __version__,
    }
    told = " ".join(f'data-{name}="{escape(text)}"' for name, text in about.items())
    rows = "".join([*map(_row, setting.rows), _row(("Link", setting.link, False), LONG)])
    return (
        f'<table class="bnviz-settings" translate="no" {told}><caption>Settings</caption>'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(row: tuple[str, str, bool], more: int = 0) -> str:
    label, text, turned = row
    mark = (" data-turned" if turned else "") + (" data-long" if len(text) + more > LONG else "")
    return f'<tr{mark}><th scope="row">{escape(label)}</th><td>{escape(text)}</td></tr>'
