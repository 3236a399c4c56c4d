"""Result arrays in, Plotly figures out. The one place that knows Plotly, and every colour.

A figure is a plain dict in Plotly's JSON form, with arrays packed. `drawn` makes it a
plotly.graph_objects.Figure, for a notebook, a script, or a file.
"""

from bnviz.figures.base import Figure
from bnviz.figures.outside import drawn
from bnviz.figures.theme import DARK, LIGHT, PROJECTED, THEMES, Theme

__all__ = ["DARK", "LIGHT", "PROJECTED", "THEMES", "Figure", "Theme", "drawn"]
