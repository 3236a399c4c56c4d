"""From the blocks of a script to its text: the lines that are needed, with what stands in them.

A block is a file of `blocks/`, Python as a reader shall see it, with two kinds of marks:

    hidden.append(nn.Dropout($dropout))  #? dropout

A line with `#?` stands in the script where its condition holds: words that must all be among the
facts, `!` for one that must not be, `|` between two of which one is enough. And `$name` is
replaced by the code that has this name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

BLOCKS = Path(__file__).with_name("blocks")
MARK = re.compile(r"\$([a-z_]+[a-z0-9_]*)")


def block(name: str, facts: Collection[str], code: Mapping[str, str]) -> str:
    """The text of a block, without an empty line at its end.

    Raises KeyError for a mark that has no code, FileNotFoundError for an unknown name.
    """
    text = (BLOCKS / f"{name}.txt").read_text(encoding="utf-8")
    lines = []
    for line in text.splitlines():
        kept, _, condition = line.partition("  #? ")
        if holds(condition, facts):
            lines.append(MARK.sub(lambda found: code[found[1]], kept.rstrip()))
    return "\n".join(lines)


def holds(condition: str, facts: Collection[str]) -> bool:
    """Whether all words of a condition are true; "": always."""
    return all(any(_true(one, facts) for one in word.split("|")) for word in condition.split())


def _true(word: str, facts: Collection[str]) -> bool:
    return word[1:] not in facts if word.startswith("!") else word in facts
