"""The sections of the relatives lesson that start when asked: what `section` is given for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
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
    draw = _drawn(of_sizes.judge, sizes_words, pictures.sizes, look, "relatives-sizes")
    return sizes_words.SWEEP, relatives.run, relatives.by_size(config), draw, "relatives-sweep"


def by_row(config: RelativesConfig, look: Theme) -> Part:
    """The recurrent networks."""
    draw = _drawn(of_rows.judge, rows_words, rows_pictures.both, look, "relatives-rows")
    return rows_words.READING, recurrent.run, recurrent.pieces(config), draw, "relatives-read"


def of_residuals(config: RelativesConfig, look: Theme) -> Part:
    """What today's networks use instead."""
    draw = _drawn(of_today.judge, today_words, today_pictures.both, look, "relatives-today")
    return today_words.ABOUT, today.run, today.pieces(config), draw, "relatives-residual"


def _drawn(
    judge: Callable[[list[Any]], Any],
    words: ModuleType,
    both: Callable[[list[Any], Theme], tuple[Any, Any]],
    look: Theme,
    key: str,
) -> Callable[[list[Any]], None]:
    """What is said of the pieces there are, over two pictures of them."""

    def draw(there: list[Any]) -> None:
        both_told(words.told(judge(there)), *both(there, look), words.PICTURES, key)

    return draw
