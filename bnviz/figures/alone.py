"""How much can γ and β do alone?: accuracy over training, what γ does, and how many it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import PARTS
from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    frames,
    growing,
    heading,
    last_seen,
    layout,
    log_axis,
    over_seeds,
    packed,
)
from bnviz.figures.marks import Trace, on
from bnviz.figures.once import drawn_once
from bnviz.figures.styles import (
    Style,
    curve,
    heights,
    marker,
    moving_names,
    shade,
)
from bnviz.figures.theme import Theme

if TYPE_CHECKING:
    from bnviz.experiments.alone import AloneResult

HEIGHT, TALL = 300, 360  # pixels: of the first picture, and of the others
RIGHT = 138  # pixels beside the axes, for the names
NAMES = {"affine": "γ and β", "output": "output", "random": "random", "all": "all"}
SHOWN = {"affine": "γ and β alone", "all": "everything"}  # in the picture of γ
KEY = (0.0, 0.3, 0.58, 0.9)  # where the names stand above the picture of the widths
DOMAINS = ([0.0, 0.46], [0.54, 1.0])


def looks(theme: Theme) -> dict[str, Style]:
    """All four have BN: everything as BN everywhere, γ and β strong, the two others grey."""
    return {
        "affine": Style(theme.text, "14px,4px", "star", "★"),
        "output": Style(theme.muted, "longdashdot", "square", "■"),
        "random": Style(theme.muted, "dot", "triangle-up", "▲"),
        "all": Style(theme.batch, "solid", "circle", "●"),
    }


@drawn_once
def accuracy(result: AloneResult, theme: Theme) -> Figure:
    """Test accuracy over training, named with the share that is trained. Frames: the steps."""
    look, steps = looks(theme), result.steps
    values = result.test_accuracy.astype(np.float64)
    middles = [over_seeds(of_seeds)[0] for of_seeds in values]
    vertical = axis(theme, "test accuracy", range=[-0.03, 1.05], tickformat=".0%", dtick=0.2)
    last = float(steps[-1])
    across = axis(theme, "training step", range=[-0.02 * last, 1.03 * last])
    called = {
        part: f"{NAMES[part]}: {_share(share)}"
        for part, share in zip(PARTS, result.shares(), strict=True)
    }
    named = moving_names(look, 1.029 * last, called)

    def at(column: int) -> list[Trace]:
        past = slice(column + 1)
        seen = [last_seen(middle, column) for middle in middles]
        tops = [float(middle[place]) for middle, place in zip(middles, seen, strict=True)]
        rows = list(zip(values, middles, look.items(), strict=True))
        rows, seen = rows[::-1], seen[::-1]  # γ and β on top
        return [
            *(shade(steps[past], each[:, past], NAMES[part], style, theme)
              for each, _, (part, style) in rows),
            *(_curve(steps[past], middle[past], part, style)
              for _, middle, (part, style) in rows),
            *(_dot(steps[[place]], middle[[place]], style, theme)
              for place, (_, middle, (_, style)) in zip(seen, rows, strict=True)),
            named | {"y": packed(heights(tops, vertical, HEIGHT))},
        ]  # fmt: skip

    room = layout(
        theme,
        HEIGHT,
        margin={"l": 52, "r": RIGHT, "t": 28, "b": 44},
        xaxis=across,
        yaxis=vertical,
        annotations=[_key(theme)],
    )
    return growing(steps, at) | {"layout": room}


def _curve(x: NDArray[Any], y: NDArray[Any], part: str, style: Style) -> Trace:
    """γ and β, which the question is about, are drawn stronger than the others."""
    look = {"color": style.colour, "dash": style.dash, "width": 4 if part == "affine" else 2.5}
    return curve(x, y, NAMES[part], style, "step %{x}: %{y:.1%}", line=look)


def _key(theme: Theme) -> dict[str, Any]:
    """What stands beside each curve."""
    look = {"xshift": -44, "font": {"size": 13, "color": theme.muted}}
    return heading("trained: share of parameters", 0.0, 1.01, theme, **look)


def _share(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{float(f'{100 * share:.2g}'):g} %"


def _dot(x: NDArray[Any], y: NDArray[Any], style: Style, theme: Theme) -> Trace:
    look = marker(theme, style, 11)
    return marks.scatter(x, y, "markers", marker=look, cliponaxis=False, hoverinfo="skip")


@drawn_once
def gammas(result: AloneResult, theme: Theme, edges: NDArray[np.float64], off: float) -> Figure:
    """How γ is spread over the hidden units, mean of the seeds. Frames: the steps.

    edges: (bins + 1,) between the bins. off: |γ| below it is what is called switched off.
    """
    rows = [PARTS.index(part) for part in SHOWN]
    shares = [_mean(result.gamma[row]) for row in rows]
    switched = [over_seeds(result.off[row].mean(axis=2))[0] for row in rows]
    middles, highest = (edges[1:] + edges[:-1]) / 2, _highest(shares)

    def at(column: int) -> list[dict[str, Any]]:
        bars: list[dict[str, Any]] = [{"y": packed(of[column])} for of in shares]
        return [*bars, *({"text": [_told(of, column)]} for of in switched)]

    colours = [looks(theme)[part].colour for part in SHOWN]
    data: list[Trace] = [
        {
            "type": "bar", "x": packed(middles), "y": packed(of[-1]), "marker": {"color": colour},
            "hovertemplate": "γ about %{x:.2f}: %{y:.1%} of the units<extra></extra>",
            **on(place),
        }
        for place, (of, colour) in enumerate(zip(shares, colours, strict=True), start=1)
    ]  # fmt: skip
    data += [
        marks.text(
            [edges[-1]], [highest], [_told(of, -1)], theme.text, 13,
            textposition="bottom left", cliponaxis=False, **on(place),
        )
        for place, of in enumerate(switched, start=1)
    ]  # fmt: skip
    return {
        "data": data,
        "layout": layout(
            theme,
            TALL,
            margin={"l": 56, "r": 12, "t": 34, "b": 46},
            bargap=0.08,
            annotations=[
                heading(f"<b>{SHOWN[part]}</b>", domain[0], 1.01, theme,
                        font={"size": 15, "color": colour})
                for part, domain, colour in zip(SHOWN, DOMAINS, colours, strict=True)
            ],
            shapes=[_off(off, highest, theme, place) for place in (1, 2)],
            **_gamma_axes(theme, edges, highest),
        ),
        "frames": frames(result.steps, range(len(data)), at),
    }  # fmt: skip


def _mean(of_seeds: NDArray[np.float32]) -> NDArray[np.float64]:
    """Over the seeds that have numbers, (T, bins); where none has, none."""
    known = np.isfinite(of_seeds)
    total = np.where(known, of_seeds, 0.0).sum(axis=0, dtype=np.float64)
    return total / np.maximum(1, known.sum(axis=0))


def _highest(shares: Sequence[NDArray[np.float64]]) -> float:
    """Of the bars at the end: at the start a single one has all units."""
    return max(0.05, 1.25 * max(float(of[-1].max()) for of in shares))


def _told(of: NDArray[np.float64], column: int) -> str:
    return f"<b>{100 * of[column]:.1f} %</b> off" if np.isfinite(of[column]) else "diverged"


def _off(off: float, highest: float, theme: Theme, place: int) -> dict[str, Any]:
    """The range of γ that is called switched off."""
    return {
        "type": "rect", "x0": -off, "x1": off, "y0": 0, "y1": highest, "layer": "below",
        "xref": f"x{place}", "yref": f"y{place}", "line": {"width": 0}, "fillcolor": theme.grid,
    }  # fmt: skip


def _gamma_axes(theme: Theme, edges: NDArray[np.float64], highest: float) -> dict[str, Any]:
    made: dict[str, Any] = {}
    ends = [float(edges[0]), float(edges[-1])]
    within = range(int(np.ceil(edges[0])) + 1, int(np.floor(edges[-1])))
    names = [f"{one}".replace("-", "−") for one in within]
    first, last = (f"{end:.0f}".replace("-", "−") for end in ends)
    ticks = {
        "tickvals": [ends[0], *within, ends[1]],
        "ticktext": [f"≤ {first}", *names, f"≥ {last}"],
    }
    room = 0.06 * (ends[1] - ends[0])  # so that no tick stands at the foot of the other axis
    for place, domain in enumerate(DOMAINS, start=1):
        title = "share of the hidden units" if place == 1 else ""
        made[f"xaxis{place}"] = axis(
            theme,
            "γ (grey: off)",
            range=[ends[0] - room, ends[1] + room],
            domain=domain,
            anchor=f"y{place}",
            **ticks,
        )
        made[f"yaxis{place}"] = axis(
            theme, title, range=[0, highest], tickformat=".0%", anchor=f"x{place}"
        )
    return made


@drawn_once
def widths(results: Sequence[AloneResult], theme: Theme) -> Figure:
    """Test accuracy against the number of trained parameters, for networks of several widths."""
    look = looks(theme)
    counts = np.array([result.trained for result in results], np.float64)  # (widths, parts)
    ends = np.array([over_seeds(result.test_accuracy[:, :, -1].T)[0] for result in results])
    named = [f"width {result.config.width}" for result in results]
    data = []
    for row, (part, style) in enumerate(look.items()):
        order = np.argsort(counts[:, row], kind="stable")
        hover = "%{text}: %{x:,} trained, %{y:.1%}"
        data.append(
            curve(counts[order, row], ends[order, row], NAMES[part], style, hover)
            | {
                "mode": "lines+markers",
                "marker": marker(theme, style, 11),
                "text": [named[place] for place in order],
            }
        )
    low, high = float(np.log10(counts.min())), float(np.log10(counts.max()))
    return {
        "data": data,
        "layout": layout(
            theme,
            TALL,
            margin={"l": 52, "r": 12, "t": 34, "b": 48},
            xaxis=log_axis(theme, "trained parameters (log)", (low - 0.1, high + 0.1)),
            yaxis=axis(theme, "test accuracy", range=[-0.03, 1.05], tickformat=".0%", dtick=0.2),
            annotations=[
                heading(f"{style.glyph} <b>{NAMES[part]}</b>", place, 1.01, theme,
                        font={"size": 13, "color": style.colour}, xshift=-40)
                for place, (part, style) in zip(KEY, look.items(), strict=True)
            ],
        ),
    }  # fmt: skip
