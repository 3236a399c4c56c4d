"""The sections of the relatives lesson that start when asked: what `section` is given for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bnviz.experiments import recurrent, relatives, today
from bnviz.experiments.relatives import RelativesConfig
from bnviz.experiments.settings import Settings
from bnviz.figures import Theme
from bnviz.figures import recurrent as rows_pictures
from bnviz.figures import relatives as pictures
from bnviz.figures import today as today_pictures
from bnviz.ui.answers import Run
from bnviz.ui.beside import both_told
from bnviz.verdicts import recurrent as of_rows
from bnviz.verdicts import sizes as of_sizes
from bnviz.verdicts import today as of_today
from bnviz.words.relatives import recurrent as rows_words
from bnviz.words.relatives import sizes as sizes_words
from bnviz.words.relatives import today as today_words

Part = tuple[str, Run[Any, Any], Sequence[Settings], Callable[[list[Any]], object], str]
"""What is computed, in a sentence; how; its pieces; how it is drawn; a key."""


def by_size(config: RelativesConfig, look: Theme) -> Part:
    """All seven by batch size."""

    def draw(some: list[Any]) -> None:
        said = sizes_words.told(of_sizes.judge(some))
        drawn = pictures.sizes(some, look)
        both_told(said, *drawn, sizes_words.PICTURES, "relatives-sizes")

    return sizes_words.SWEEP, relatives.run, relatives.by_size(config), draw, "relatives-sweep"


def by_row(config: RelativesConfig, look: Theme) -> Part:
    """The recurrent networks."""

    def draw(read: list[Any]) -> None:
        said = rows_words.told(of_rows.judge(read))
        drawn = rows_pictures.both(read, look)
        both_told(said, *drawn, rows_words.PICTURES, "relatives-rows")

    return rows_words.READING, recurrent.run, recurrent.pieces(config), draw, "relatives-read"


def of_residuals(config: RelativesConfig, look: Theme) -> Part:
    """What today's networks use instead."""

    def draw(trained: list[Any]) -> None:
        said = today_words.told(of_today.judge(trained))
        drawn = today_pictures.both(trained, look)
        both_told(said, *drawn, today_words.PICTURES, "relatives-today")

    return today_words.ABOUT, today.run, today.pieces(config), draw, "relatives-residual"
