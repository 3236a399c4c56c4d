"""The page to take home: a file of what it shows, with its clock, which needs no server."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Iterator
from functools import cache, partial
from html import escape
from itertools import count, groupby

import orjson
import streamlit as st

from bnviz.figures.written import plotly_script, written
from bnviz.ui import gathered
from bnviz.ui.browser import browser_file
from bnviz.ui.clock import HTML as CLOCK
from bnviz.ui.comparison import as_html
from bnviz.ui.gathered import Code, Gathered, Part, Picture, Table, Text
from bnviz.ui.pictures import SCRIPTS, palettes
from bnviz.ui.setting_table import Setting, table

ABOUT = (
    "**This page as a file**: its pictures with their clock, what is said of them, and the sections"
    " that are open; for slides, a course site, or a place without network. About 2 MB; it opens in"
    " any browser."
)
SAYS = (
    "<noscript><p>The pictures of this page are drawn by JavaScript, which is switched off.</p>"
    "</noscript>"
)
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';"
    " img-src data: blob:; font-src data:"
)
"""Nothing is fetched from anywhere; 'unsafe-eval' is for pictures in three dimensions."""


def offer(lesson: str) -> None:
    """A button that saves it. The file is made when somebody asks for it, not before."""
    st.markdown(ABOUT)
    st.download_button(
        "The page as HTML",
        partial(whole, gathered.now()),
        file_name=f"bnviz-{lesson}.html",
        mime="text/html",
        icon=":material/web:",
        key=f"{lesson}-page",
        on_click="ignore",
    )


def whole(shown: Gathered) -> bytes:
    """The file, of what a run of a page has shown. ValueError before its setting is known."""
    setting = shown.setting
    if setting is None:
        raise ValueError("the page has not come to its end yet")
    pictures = [one for part in shown.parts for one in part.shown if isinstance(one, Picture)]
    head = f"<title>{escape(setting.question)} · bnviz</title><style>{_style()}</style>"
    known = {"clock": shown.clock, "pictures": [*map(_known, pictures)]}
    return "\n".join((
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"{head}</head><body><main>{_body(shown, setting)}</main>",
        _data("bnviz-page", orjson.dumps(known).decode()),
        _data("bnviz-plotly", f'"{_plotly()}"'),
        f'<script type="module">{_script()}</script></body></html>\n',
    )).encode()  # fmt: skip


def _style() -> str:
    """The two themes of the page, as the browser wishes; paper is light."""
    light, dark = (_colours(palettes()[name]) for name in ("light", "dark"))
    wished = f"@media screen and (prefers-color-scheme: dark) {{:root {{{dark}}}}}"
    sheets = map(browser_file, ("paper.css", "clock.css", "comparison.css", "page.css"))
    return "\n".join([f":root {{{light}}}", wished, *sheets])


def _colours(palette: dict[str, str]) -> str:
    named = {
        "text-color": "text", "background-color": "background", "border-color": "grid",
        "secondary-background-color": "background", "primary-color": "batch",
    }  # fmt: skip
    return "; ".join(f"--st-{name}: {palette[colour]}" for name, colour in named.items())


def _script() -> str:
    return "\n".join([SCRIPTS, *map(browser_file, ("clock.js", "page.js"))])


@cache
def _plotly() -> str:
    """Plotly's program, packed to 40 % of its size; the browser unpacks it."""
    packed = gzip.compress(plotly_script().encode(), mtime=0)
    return base64.b64encode(packed).decode()


def _data(name: str, text: str) -> str:
    """JSON in the page. A figure may hold what somebody typed: no "<" ends the element."""
    inert = text.replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{inert}</script>'


def _known(picture: Picture) -> dict[str, object]:
    return {"name": f"bnviz-{picture.key}", "figure": orjson.Fragment(written(picture.figure))}


# --- what is read


def _body(shown: Gathered, setting: Setting) -> str:
    title = f"<h1>{escape(setting.question)}</h1>"
    link = f'<a href="{escape(setting.link)}">The whole lesson at these settings, in bnviz</a>'
    numbers = count()
    parts = "".join(_part(part, numbers) for part in shown.parts if part.shown)
    clock = f'<div id="bnviz-foot">{CLOCK}</div>' if shown.clock else ""
    return f"{title}<p>{link}</p>{table(setting)}{SAYS}{parts}{clock}"


def _part(part: Part, numbers: Iterator[int]) -> str:
    title = f"<h2>{_inline(part.title)}</h2>" if part.title else ""
    inside = []
    for row, some in groupby(part.shown, lambda one: isinstance(one, Picture) and one.row):
        drawn = "".join(_one(shown, numbers) for shown in some)
        inside.append(f'<div class="bnviz-row">{drawn}</div>' if row else drawn)
    return f"<section>{title}{''.join(inside)}</section>"


def _one(shown: Text | Code | Table | Picture, numbers: Iterator[int]) -> str:
    match shown:
        case Text():
            return _said(shown)
        case Code():
            return f'<pre tabindex="0" translate="no"><code>{escape(shown.text)}</code></pre>'
        case Table():
            return as_html(shown.head, shown.rows)
        case Picture():
            return _figure(shown, next(numbers))


def _figure(picture: Picture, number: int) -> str:
    """Its place; the browser draws it there."""
    height = int(picture.figure["layout"].get("height", 300))
    return (
        f'<div role="figure" aria-label="{escape(picture.alternative)}" translate="no">'
        f'<div id="bnviz-picture-{number}" style="height: {height}px"></div></div>'
    )


_HEADING, _ITEM = re.compile(r"#+ +"), re.compile(r"[-*] +")
_SPANS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<b>\1</b>"),
    (re.compile(r"\*(.+?)\*"), r"<i>\1</i>"),
)


def _said(said: Text) -> str:
    """Sentences, whose Markdown has headings, lists, emphasis and formulas alone."""
    told = [_line(line) for line in _lines(said.text)]
    grouped = groupby(told, lambda one: one.startswith("<li>"))
    blocks = [f"<ul>{''.join(some)}</ul>" if listed else "".join(some) for listed, some in grouped]
    return f'<div class="bnviz-end">{"".join(blocks)}</div>' if said.ends else "".join(blocks)


def _lines(text: str) -> Iterator[str]:
    """Headings, items of lists and paragraphs, each in one line."""
    for part in re.split(r"\n\s*\n", text.strip()):
        for block in re.split(r"\n(?=\s*(?:#+|[-*]) )|(?<=^#)\n", part):
            head, _, rest = block.strip().partition("\n")
            if _HEADING.match(head):
                yield head
                block = rest
            if block.strip():
                yield " ".join(block.split())


def _line(line: str) -> str:
    for pattern, tag in ((_HEADING, "h2"), (_ITEM, "li")):
        if begun := pattern.match(line):
            return f"<{tag}>{_inline(line[begun.end() :])}</{tag}>"
    return f"<p>{_inline(line)}</p>"


_CODE = re.compile(r"(`+|\$)(.+?)\1(?!`)")  # a formula is written as it was, in LaTeX


def _inline(text: str) -> str:
    """Escaped, and then what was emphasized or quoted; nothing in a quotation has a meaning."""
    done, parts = 0, []
    for code in _CODE.finditer(text):
        parts += [_emphasized(text[done : code.start()]), f"<code>{escape(code[2].strip())}</code>"]
        done = code.end()
    return "".join([*parts, _emphasized(text[done:])])


def _emphasized(text: str) -> str:
    shown = escape(text)
    for pattern, tags in _SPANS:
        shown = pattern.sub(tags, shown)
    return shown
