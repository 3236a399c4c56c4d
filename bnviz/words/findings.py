"""What a page says of its run: a headline, and the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST = 3  # sentences below a picture; what else a run shows folds away


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The sentences of one verdict, in the page's Markdown."""

    headline: str  # a claim in words, in one line, with at most one number; the picture shows it
    more: tuple[str, ...] = ()  # below it: at most three sentences, of at most two numbers each
    further: tuple[str, ...] = ()  # what else this run shows, folded away

    @classmethod
    def told(cls, headline: str, *sentences: str) -> Findings:
        """The most important sentences first: the rest folds away."""
        return cls(headline=headline, more=sentences[:MOST], further=sentences[MOST:])

    def __str__(self) -> str:
        """All of it for a terminal: a sentence a line, without Markdown's marks."""
        return "\n".join(
            re.sub(r"[*`]", "", one) for one in (self.headline, *self.more, *self.further)
        )

    @property
    def text(self) -> str:
        """All of it in one go, for those who listen."""
        return " ".join((self.headline, *self.more, *self.further))

    @property
    def listed(self) -> str:
        """All of it in a closed section: the headline, and below it a list."""
        return "\n".join(
            (f"**{self.headline}**", "", *(f"- {one}" for one in (*self.more, *self.further)))
        )
