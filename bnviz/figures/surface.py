"""The loss around a point: contours, a relief, and the path of training across it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.base import Figure, axis, frames, heading, layout, packed, seed_named
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import GROUND_SCALE, LABEL, TREATMENTS, Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.surface import SurfaceResult

LOWEST, HIGHEST = 0.01, 100.0  # losses the colours tell apart
LEVELS = 16  # contour lines
LABELLED = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)


@drawn_once
def contours(result: SurfaceResult, theme: Theme) -> Figure:
    """Both surfaces from above, on one colour scale; frames, if there is a path: where it was."""
    span = _span([result])
    data = [_contour(result, t, theme, span, f"{t + 1}") for t in range(2)]
    data += [_middle(result, t, theme) for t in range(2)]
    figure: Figure = {
        "data": data,
        "layout": layout(
            theme,
            480,
            margin={"l": 12, "r": 12, "t": 40, "b": 84},
            annotations=[_name(t, 0.53 * t, 1.0, theme, _seed(result)) for t in range(2)],
            **_squares(result, theme),
        ),
    }
    if result.path is not None:
        figure["data"] += [_path(result, t, theme) for t in range(2)]
        walkers = [len(figure["data"]), len(figure["data"]) + 1]
        figure["data"] += [_walker(result, t, theme) for t in range(2)]

        def at(column: int) -> list[dict[str, Any]]:
            return [_standing(result, t, column) for t in range(2)]

        figure["frames"] = frames(result.steps, walkers, at)
    return figure


def _span(results: list[SurfaceResult]) -> tuple[float, float]:
    """The shared ends of the colour scale, in powers of ten."""
    losses = np.concatenate([np.ravel(result.loss) for result in results]).astype(np.float64)
    held = np.clip(np.nan_to_num(losses, nan=HIGHEST), LOWEST, HIGHEST)
    low, high = float(np.log10(held.min())), float(np.log10(held.max()))
    return low, max(high, low + 0.3)


def _height(result: SurfaceResult, treatment: int) -> NDArray[np.float64]:
    """log10 of the loss, held inside what the colours tell apart."""
    loss = np.nan_to_num(result.loss[treatment].astype(np.float64), nan=HIGHEST)
    height: NDArray[np.float64] = np.log10(np.clip(loss, LOWEST, HIGHEST))
    return height


def _contour(
    result: SurfaceResult, treatment: int, theme: Theme, span: tuple[float, float], place: str
) -> dict[str, Any]:
    low, high = span
    return {
        "type": "contour",
        "z": packed(_height(result, treatment)),
        "x": packed(result.axis[0]),
        "y": packed(result.axis[1]),
        "zmin": low,
        "zmax": high,
        "colorscale": GROUND_SCALE,
        "contours": {"start": low, "end": high, "size": (high - low) / LEVELS},
        "line": {"width": 0.7, "color": translucent(theme.text, 0.35), "smoothing": 0.7},
        "showscale": place == "1",
        "colorbar": colorbar(span, theme),
        "customdata": packed(np.clip(np.nan_to_num(result.loss[treatment], nan=1e9), 0, 1e9)),
        "hovertemplate": f"loss %{{customdata:.3g}}<extra>{LABEL[TREATMENTS[treatment]]}</extra>",
        "xaxis": f"x{place}",
        "yaxis": f"y{place}",
    }


def colorbar(span: tuple[float, float], theme: Theme) -> dict[str, Any]:
    shown = [loss for loss in LABELLED if span[0] - 0.02 <= np.log10(loss) <= span[1] + 0.02]
    words = {LOWEST: f"≤ {LOWEST:g}", HIGHEST: f"≥ {HIGHEST:g}"}
    return {
        "orientation": "h",
        "x": 0.5,
        "y": -0.06,
        "yanchor": "top",
        "len": 0.7,
        "thickness": 12,
        "outlinewidth": 0,
        "title": {
            "text": "loss (log)",
            "side": "bottom",
            "font": {"size": 12, "color": theme.muted},
        },
        "tickvals": [float(np.log10(loss)) for loss in shown],
        "ticktext": [words.get(loss, f"{loss:g}") for loss in shown],
        "tickfont": {"size": 12, "color": theme.muted},
    }


def _name(treatment: int, x: float, y: float, theme: Theme, more: str = "") -> dict[str, Any]:
    name = TREATMENTS[treatment]
    font = {"size": 16, "color": theme.colour(name)}
    return heading(f"<b>{LABEL[name]}</b>{more}", x, y, theme, font=font)


def _seed(result: SurfaceResult) -> str:
    return f" {seed_named(result.typical, result.config.seeds)}"


def _squares(result: SurfaceResult, theme: Theme) -> dict[str, Any]:
    """Two square panels side by side, on the same coordinates."""
    squares: dict[str, Any] = {}
    for t in range(2):
        domain = [0.0, 0.47] if t == 0 else [0.53, 1.0]
        squares[f"xaxis{t + 1}"] = _plain_axis(
            result.axis[0], theme, domain=domain, anchor=f"y{t + 1}"
        )
        squares[f"yaxis{t + 1}"] = _plain_axis(result.axis[1], theme, anchor=f"x{t + 1}")
    return squares


def _plain_axis(values: NDArray[np.float64], theme: Theme, **more: Any) -> dict[str, Any]:
    """An axis without numbers: the lengths of the directions mean nothing to a reader."""
    ends = [float(values[0]), float(values[-1])]
    hidden = {"showticklabels": False, "showgrid": False, "ticks": "", "fixedrange": True}
    return axis(theme, "", range=ends, **hidden, **more)


def cross(theme: Theme, said: str, there: Mapping[str, Any]) -> dict[str, Any]:
    """A cross at the weights around which a plane is drawn, on the axes `there`."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [0.0],
        "y": [0.0],
        "marker": {
            "symbol": "cross",
            "size": 11,
            "color": theme.background,
            "line": {"width": 1.5, "color": theme.text},
        },
        "hovertemplate": f"{said}<extra></extra>",
        **there,
    }


def _middle(result: SurfaceResult, treatment: int, theme: Theme) -> dict[str, Any]:
    there = {"xaxis": f"x{treatment + 1}", "yaxis": f"y{treatment + 1}"}
    return cross(theme, f"the weights at step {result.step[treatment]}", there)


def _path(result: SurfaceResult, treatment: int, theme: Theme) -> dict[str, Any]:
    assert result.path is not None
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": packed(result.path[treatment, :, 0]),
        "y": packed(result.path[treatment, :, 1]),
        "line": {"color": theme.background, "width": 2.5},
        "marker": {"size": 4, "color": theme.text},
        "hovertemplate": "on the way<extra></extra>",
        "xaxis": f"x{treatment + 1}",
        "yaxis": f"y{treatment + 1}",
    }


def _walker(result: SurfaceResult, treatment: int, theme: Theme) -> dict[str, Any]:
    name = TREATMENTS[treatment]
    return {
        "type": "scatter",
        "mode": "markers",
        "marker": {
            "size": 14,
            "symbol": "diamond" if name == "plain" else "circle",
            "color": theme.colour(name),
            "line": {"width": 2, "color": theme.background},
        },
        "hoverinfo": "skip",
        "xaxis": f"x{treatment + 1}",
        "yaxis": f"y{treatment + 1}",
        **_standing(result, treatment, len(result.steps) - 1),
    }


def _standing(result: SurfaceResult, treatment: int, column: int) -> dict[str, Any]:
    """Where training stood at this record; after a divergence, where it was last seen."""
    assert result.path is not None
    path = result.path[treatment]
    seen = np.flatnonzero(np.isfinite(path[: column + 1, 0]))
    place = int(seen[-1]) if len(seen) else 0
    return {"x": packed(path[[place], 0]), "y": packed(path[[place], 1])}


@drawn_once
def relief(result: SurfaceResult, theme: Theme) -> Figure:
    """Both surfaces as hills, height and colour on one scale."""
    span = _span([result])
    scenes = {
        name: _scene(ends, span, theme)
        for name, ends in (("scene", [0.0, 0.49]), ("scene2", [0.51, 1.0]))
    }
    return {
        "data": [_hills(result, t, theme, span, name) for t, name in enumerate(scenes)],
        "layout": layout(
            theme,
            480,
            margin={"l": 0, "r": 0, "t": 40, "b": 84},
            dragmode="turntable",
            annotations=[_name(t, 0.53 * t, 1.0, theme, _seed(result)) for t in range(2)],
            **scenes,
        ),
    }


def _hills(
    result: SurfaceResult, treatment: int, theme: Theme, span: tuple[float, float], scene: str
) -> dict[str, Any]:
    return {
        "type": "surface",
        "z": packed(_height(result, treatment)),
        "x": packed(result.axis[0]),
        "y": packed(result.axis[1]),
        "cmin": span[0],
        "cmax": span[1],
        "colorscale": GROUND_SCALE,
        "showscale": treatment == 0,
        "colorbar": colorbar(span, theme),
        "scene": scene,
        "hovertemplate": f"{LABEL[TREATMENTS[treatment]]}<extra></extra>",
    }


def _scene(across: list[float], span: tuple[float, float], theme: Theme) -> dict[str, Any]:
    """The room of one relief: both reliefs are seen from the same side."""
    flat = {"title": {"text": ""}, "showticklabels": False, "showbackground": False}
    flat |= {"gridcolor": theme.grid}
    return {
        "domain": {"x": across, "y": [0.0, 1.0]},
        "xaxis": flat,
        "yaxis": flat,
        "zaxis": _level(span, theme),
        "aspectratio": {"x": 1, "y": 1, "z": 0.8},
        "camera": {"eye": {"x": 1.15, "y": 1.15, "z": 0.85}},
    }


def _level(span: tuple[float, float], theme: Theme) -> dict[str, Any]:
    """The axis of the height, with the ticks of the colour scale."""
    shown = colorbar(span, theme)
    return {
        "title": {"text": "loss", "font": {"size": 12, "color": theme.muted}},
        "range": [span[0], span[1]],
        "tickvals": shown["tickvals"],
        "ticktext": shown["ticktext"],
        "tickfont": {"size": 11, "color": theme.muted},
        "gridcolor": theme.grid,
        "showbackground": False,
    }


@drawn_once
def skips(results: list[SurfaceResult], theme: Theme) -> Figure:
    """Four surfaces on one colour scale: without and with skip connections, plain and BN."""
    span, rows = _span(results), [(0.53, 0.96), (0.0, 0.43)]
    words = (", without skips", ", with skips")
    data, axes, names = [], {}, []
    for row, (result, (bottom, top), word) in enumerate(zip(results, rows, words, strict=False)):
        for t in range(2):
            place = f"{2 * row + t + 1}"
            data.append(_contour(result, t, theme, span, place))
            across = [0.0, 0.47] if t == 0 else [0.53, 1.0]
            axes[f"xaxis{place}"] = _plain_axis(
                result.axis[0], theme, domain=across, anchor=f"y{place}"
            )
            axes[f"yaxis{place}"] = _plain_axis(
                result.axis[1], theme, domain=[bottom, top], anchor=f"x{place}"
            )
            names.append(_name(t, across[0], top, theme, word))
    return {
        "data": data,
        "layout": layout(
            theme,
            760,
            margin={"l": 12, "r": 12, "t": 20, "b": 84},
            annotations=names,
            **axes,
        ),
    }
