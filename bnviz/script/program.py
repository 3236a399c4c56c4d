"""A program in parts, which a file and a notebook put together each in its own way."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH = 100  # letters of a line


@dataclass(frozen=True)
class Part:
    """Some lines of code that belong together."""

    code: str
    title: str = ""  # in a notebook; "": it goes on with what is before
    function: bool = False  # it defines something: in a file, two empty lines stand around it
    in_notebook: str = ""  # instead, where a notebook does it in another way


@dataclass(frozen=True)
class Program:
    """What it is, and its parts."""

    question: str  # the lesson's
    told: Sequence[str]  # sentences about it
    link: str  # of the page; "": it has none
    parts: Sequence[Part]

    @property
    def text(self) -> str:
        """As a file: pure, the same program, the same text."""
        told = _comment([self.question, *self.told])
        address = [f"# Link: {self.address}"] if self.link else []
        return "\n".join([*told, *address, "", *self._spaced()]) + "\n"

    @property
    def address(self) -> str:
        """The link, in one line."""
        return "".join(self.link.split())

    def _spaced(self) -> Iterable[str]:
        """The parts, with the empty lines between them."""
        yield self.parts[0].code
        for before, part in pairwise(self.parts):
            yield from ("", "") if before.function or part.function else ("",)
            yield part.code


def _comment(texts: Iterable[str]) -> list[str]:
    """As lines of comment, whatever is in them."""
    wrapper = textwrap.TextWrapper(
        WIDTH,
        initial_indent="# ",
        subsequent_indent="#   ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line for text in texts for line in wrapper.wrap(" ".join(text.split()))]
