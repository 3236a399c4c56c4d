"""What the browser does with the page's pictures: it saves them, and puts them on paper."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from bnviz.figures import PROJECTED, THEMES, Theme
from bnviz.figures.theme import FIXED, PALED
from bnviz.ui.browser import browser_file

_EMPTY = "const PALETTES = {}, FIXED = [], PALED = [];"


def palettes() -> dict[str, dict[str, str]]:
    """The colours of every theme, by its name, or by that name and "projected"."""
    projected = {f"{name}, projected": theme for name, theme in PROJECTED.items()}
    themes: Mapping[str, Theme] = THEMES | projected
    return {name: _colours(theme) for name, theme in themes.items()}


def _colours(theme: Theme) -> dict[str, str]:
    known = asdict(theme)
    return {name: value for name, value in known.items() if str(value).startswith("#")}


def _recolour() -> str:
    text = browser_file("recolour.js")
    assert _EMPTY in text
    known = {"PALETTES": palettes(), "FIXED": FIXED, "PALED": PALED}
    said = ", ".join(f"{name} = {json.dumps(value)}" for name, value in known.items())
    return text.replace(_EMPTY, f"const {said};")


RECOLOUR = _recolour()
SCRIPTS = RECOLOUR + browser_file("pictures.js") + browser_file("paper.js")
"""Functions alone, and what listens to the page's document: no component of its own."""
