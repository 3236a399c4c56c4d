"""What comes from outside, quoted in a sentence: a link's values, a table's cells, names, searches.

Sentences are Markdown, and what is quoted in them may have been written by a stranger: links,
pictures, directives, emoji codes, formulas, HTML, letters that turn the line around.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 40  # characters
UNSEEN = "\N{REPLACEMENT CHARACTER}"  # stands for what does not print, or changes what is around it


def quoted(text: str, longest: int = LONGEST) -> str:
    """The text as a code span of Markdown, in which nothing has a meaning; cut if it is long.

    Backslashes would not do: Streamlit looks for addresses and emoji codes once more after it has
    read the Markdown. The row of backticks at both ends is longer than any within, so that none
    of them ends the span.
    """
    shown = printed(text)
    shown = shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
    rows = [len(row) for row in re.findall("`+", shown)]
    fence = "`" * (max(rows, default=0) + 1)
    apart = " " if not shown or shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{apart}{shown}{apart if shown else ''}{fence}"


def printed(text: str) -> str:
    """The text on one line, with a mark where a character is no letter, digit or sign.

    Those are control characters, what sets the direction of writing, and half characters.
    """
    line = " ".join(text.split())
    return "".join(UNSEEN if unicodedata.category(one)[0] == "C" else one for one in line)
