"""A figure outside the app: in a notebook, in a script, in a file."""

from __future__ import annotations

import sys
import tempfile
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

from bnviz.figures.base import Figure

KALEIDO = (
    "A picture as {kind} needs kaleido, which is not installed: pip install kaleido. It drives"
    " Chrome or Chromium. A picture as .html needs neither."
)
CHROME = (
    "A picture as {kind} is drawn by Chrome or Chromium, and kaleido {what}. Install one of them,"
    " or set BROWSER_PATH to the program of one that is there. A picture as .html needs none."
)


class Drawn(go.Figure):
    """Plotly's own object, which shows itself wherever it is, and can be saved."""

    def show(self, *given: Any, **named: Any) -> None:
        """Show it: below the cell of a notebook; from a script, in the browser.

        Where there is no browser, it is written as a page, and a line says where.
        """
        if given or named or pio.renderers.default:
            super().show(*given, **named)
            return
        with tempfile.NamedTemporaryFile(prefix="bnviz-", suffix=".html", delete=False) as file:
            self.write_html(file.name)
        sys.stdout.write(f"There is no browser here: the figure is in {file.name}\n")

    def save(self, path: str | Path, **options: Any) -> None:
        """Write it to a file: .html, which any browser opens; .svg, .png or .pdf.

        options: as Plotly's write_html and write_image have them, such as width and scale. Raises
        RuntimeError where what a picture needs is missing, kaleido or its Chrome or Chromium, and
        says which.
        """
        kind = Path(path).suffix.removeprefix(".").lower()
        if kind == "html":
            self.write_html(path, **options)
        elif kind in ("svg", "png", "pdf"):
            self._picture(path, kind.upper(), options)
        else:
            raise ValueError(f"{path}: a figure is written as .html, .svg, .png or .pdf")

    def _picture(self, path: str | Path, kind: str, options: dict[str, Any]) -> None:
        if find_spec("kaleido") is None:  # Plotly would name a version of it, and no browser
            raise RuntimeError(KALEIDO.format(kind=kind))
        try:
            self.write_image(path, **options)
        except RuntimeError as error:  # its browser; what is wrong with an option is no such error
            what = "could not start it" if "Browser" in type(error).__name__ else "finds none"
            raise RuntimeError(CHROME.format(kind=kind, what=what)) from error


def drawn(figure: Figure) -> Drawn:
    """The figure as Plotly's own object, checked against its schema.

    The last line of a notebook's cell shows it; `drawn(…).show()` does so in a script, too, and
    `drawn(…).save("race.svg")` writes it to a file.
    """
    return Drawn(deepcopy(figure))  # Plotly rearranges what it is given, and others share it
