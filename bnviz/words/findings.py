"""What a page says of its run: a headline, and the rest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The sentences of one verdict, in the page's Markdown."""

    headline: str  # what the picture shows, above it
    more: tuple[str, ...] = ()  # what else this run shows, below it

    @property
    def text(self) -> str:
        """All of it in one go, for those who listen."""
        return " ".join((self.headline, *self.more))
