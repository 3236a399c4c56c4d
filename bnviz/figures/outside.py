"""A figure outside the app: in a notebook, in a script, in a file."""

from __future__ import annotations

import sys
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

from bnviz.figures.base import Figure

NEEDS = (
    "A picture as {kind} needs kaleido (pip install kaleido), and Chrome or Chromium, which it"
    " drives; a picture as .html needs neither."
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
        RuntimeError where what a picture needs is missing: kaleido, or its Chrome or Chromium.
        """
        kind = Path(path).suffix.removeprefix(".").lower()
        if kind == "html":
            self.write_html(path, **options)
            return
        if kind not in ("svg", "png", "pdf"):
            raise ValueError(f"{path}: a figure is written as .html, .svg, .png or .pdf")
        try:
            self.write_image(path, **options)
        except (ImportError, RuntimeError, ValueError) as error:  # kaleido, or its browser
            raise RuntimeError(NEEDS.format(kind=kind.upper())) from error


def drawn(figure: Figure) -> Drawn:
    """The figure as Plotly's own object, checked against its schema.

    The last line of a notebook's cell shows it; `drawn(…).show()` does so in a script, too, and
    `drawn(…).save("race.svg")` writes it to a file.
    """
    return Drawn(deepcopy(figure))  # Plotly rearranges what it is given, and others share it
