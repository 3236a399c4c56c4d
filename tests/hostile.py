"""What a stranger may put into a link, a table, a name or a search."""

import re

FOREIGN = "foreign.test"  # a host that nothing of ours may name, or ask for anything

TEXTS = (
    f"a` ![](http://{FOREIGN}/p.png) `b",
    f"``` [x](http://{FOREIGN}) ```",
    f"[here](http://{FOREIGN})",
    f"![]( //{FOREIGN}/p.png)",
    f"http://{FOREIGN}/a",
    f"www.{FOREIGN}",
    f"a@{FOREIGN}",
    f"<http://{FOREIGN}>",
    f'<img src="//{FOREIGN}/p.png">',
    f'<a href="//{FOREIGN}">x</a>',
    f"\n\n# big\n\n[x](//{FOREIGN})",
    f"\r\n> quote\n- item\n1. item http://{FOREIGN}",
    f"$\\href{{http://{FOREIGN}}}{{x}}$",
    "$$\\huge x$$",
    ":red[stop] :rainbow[x]",
    ":material/skull: :skull: :streamlit:",
    ":red-badge[x] :small[y]",
    "<script>alert(1)</script>",
    "&lt;b&gt;&#x3c;",
    "**bold** ~~gone~~ _x_",
    "| a | b |\n| - | - |",
    "`",
    "``",
    "\\`x\\`",
    "%{x} {y}",
)
"""Markdown, directives, emoji codes, formulas, HTML, and what ends a code span."""

DISGUISED = ("\u202eabc", "\u2066x\u2069", "a\x00b", "\x1b[31m", "\u200b0.1", "\ufeff", "a\u00adb")
"""Control characters, and what turns the line around or is not seen at all."""

ALL = (*TEXTS, *DISGUISED)

MARKS = (FOREIGN, "skull", "huge", "alert(", "\u202e", "\x1b")  # no page of ours has one of them

SPAN = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", re.DOTALL)
"""A code span, as CommonMark has it: it ends at the next row of as many backticks."""


def outside(markdown: str) -> str:
    """What stands outside of code spans, where letters have a meaning."""
    return SPAN.sub("", markdown)
