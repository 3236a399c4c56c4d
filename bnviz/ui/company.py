"""Who else is with the reader: a class, where they are in a room. None, and nothing is different.

What a page asks of it is declared here; who answers is set by the frame, and known to nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pydantic import BaseModel

    from bnviz.experiments.lab_config import LabConfig
    from bnviz.ui.challenges import Quiz
    from bnviz.words.challenge import Challenge

Join = Callable[[Sequence[str]], None]
"""Takes lines with runs of the lab into its list, as if they had been pasted. For callbacks."""


class Company(Protocol):
    """Who is asked beside the reader."""

    def holds(self, lesson: str, challenge: Challenge) -> bool:
        """Whether the run that answers this challenge is held back for now."""

    def may_show(self, lesson: str, challenge: Challenge) -> bool:
        """Whether the reader, who asks for it, may have it shown. For callbacks."""

    def beside(self, quiz: Quiz, config: type[BaseModel]) -> None:
        """Draw what belongs below the question."""

    def beside_run(self, arm: str, config: LabConfig) -> None:
        """Draw what else may be done with a run of the lab, beside the button that keeps it."""

    def beside_list(self, join: Join) -> None:
        """Draw what brings the class's runs into the list of kept runs."""


COMPANY: ContextVar[Company | None] = ContextVar("bnviz-company", default=None)
"""Of this run of the page; set by its frame."""
