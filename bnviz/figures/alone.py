"""How much can γ and β do alone?: accuracy over training, what γ does, and how many it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import PARTS
from bnviz.figures import marks, signs
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
KEY = (0.0, 0.3, 0.58, 0.9)  # where the names stand above the pictures of the sizes
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
    """Test accuracy over training; above it, the shares that are trained. Frames: the steps."""
    look, steps = looks(theme), result.steps
    values = result.test_accuracy.astype(np.float64)
    middles = [over_seeds(of_seeds)[0] for of_seeds in values]
    vertical = axis(theme, "test accuracy", range=[-0.03, 1.05], tickformat=".0%", dtick=0.2)
    last = float(steps[-1])
    across = axis(theme, "training step", range=[-0.02 * last, 1.03 * last])
    names = moving_names(look, 1.029 * last)

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
            names | _reached(look, last, tops) | {"y": packed(heights(tops, vertical, HEIGHT))},
        ]  # fmt: skip

    room = layout(
        theme,
        HEIGHT,
        margin={"l": 52, "r": RIGHT, "t": 28, "b": 44},
        xaxis=across,
        yaxis=vertical,
        annotations=[_key(result, look, theme)],
    )
    return growing(steps, at) | {"layout": room}


def _curve(x: NDArray[Any], y: NDArray[Any], part: str, style: Style) -> Trace:
    """γ and β, which the question is about, are drawn stronger than the others."""
    look = {"color": style.colour, "dash": style.dash, "width": 4 if part == "affine" else 2.5}
    return curve(x, y, NAMES[part], style, "step %{x}: %{y:.1%}", line=look)


def _reached(look: Mapping[str, Style], last: float, tops: Sequence[float]) -> Trace:
    """Beside each curve, its name and how high it is: what the headline says, in the picture."""
    called = {part: f"{NAMES[part]}: {_whole(top)}" for part, top in zip(look, tops, strict=True)}
    return {"text": moving_names(look, 1.029 * last, called)["text"]}


def _whole(accuracy: float) -> str:
    return f"{100 * accuracy:.0f} %" if np.isfinite(accuracy) else "no number"


def _key(result: AloneResult, look: Mapping[str, Style], theme: Theme) -> dict[str, Any]:
    """Which share of the parameters each of them trains."""
    shares = zip(look.values(), result.shares(), strict=True)
    each = ", ".join(f"{style.glyph} {_share(share)}" for style, share in shares)
    font = {"size": 13, "color": theme.muted}
    return heading(f"share trained: {each}", 0.0, 1.01, theme, xshift=-44, font=font)


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


def sizes(results: Sequence[AloneResult], theme: Theme, by: str) -> tuple[Figure, Figure]:
    """Test accuracy in networks of several sizes: against the size, and against the share trained.

    results: from small networks to large ones; by: their size, width or depth.
    """
    return by_size(results, theme, by), by_share(results, theme, by)


@drawn_once
def by_size(results: Sequence[AloneResult], theme: Theme, by: str) -> Figure:
    """Test accuracy of each part, against the width or the depth."""
    of = np.array([getattr(result.config, by) for result in results], np.float64)
    lines = [
        _line(results, np.log2(of), by, row, theme) for row in range(len(PARTS) - 1, -1, -1)
    ]  # γ and β on top
    return {"data": lines, "layout": _sized(theme, signs.size_axis(of, theme, UNITS[by]))}


@drawn_once
def by_share(results: Sequence[AloneResult], theme: Theme, by: str) -> Figure:
    """The same against the share of the parameters that is trained; the ends are named."""
    shares = np.array([result.shares() for result in results])
    lines = [
        _line(results, shares[:, row], by, row, theme) for row in range(len(PARTS) - 1, -1, -1)
    ]
    low, high = float(np.log10(shares.min())), 0.0
    room = 0.12 + 0.3 * (high - low)  # for the name at the left end
    across = log_axis(theme, "share of the parameters trained (log)", (low - room, high + 0.1))
    across["ticktext"] = [_share(value) for value in across["tickvals"]]
    lines.append(_named_ends(results, shares[:, 0], by, theme))
    return {"data": lines, "layout": _sized(theme, across)}


UNITS = {"width": "units a layer (log)", "depth": "hidden layers (log)"}


def _line(
    results: Sequence[AloneResult], x: NDArray[np.float64], by: str, row: int, theme: Theme
) -> Trace:
    part, style = PARTS[row], looks(theme)[PARTS[row]]
    named = [
        f"{by} {getattr(result.config, by)}, {result.trained[row]:,} numbers trained"
        for result in results
    ]
    look = {"mode": "lines+markers", "marker": marker(theme, style, 11), "text": named}
    return curve(x, _last(results, row), NAMES[part], style, "%{text}: %{y:.1%}") | look


def _last(results: Sequence[AloneResult], row: int) -> NDArray[np.float64]:
    ends = [over_seeds(result.test_accuracy[row, :, -1:])[0][0] for result in results]
    return np.array(ends, np.float64)


def _named_ends(
    results: Sequence[AloneResult], x: NDArray[np.float64], by: str, theme: Theme
) -> Trace:
    """Which end of the first line is the smallest network, and which the largest."""
    places = [0, -1] if len(x) > 1 else [0]
    said = [f"{by} {getattr(results[place].config, by)}" for place in places]
    sides = ["right" if x[place] > np.median(x) else "left" for place in places]
    heights_of = np.nan_to_num(_last(results, 0)[places])
    where = [f"middle {side}" for side in sides]
    said = [f"{name}\u2002" if side == "left" else f"\u2002{name}"
            for name, side in zip(said, sides, strict=True)]  # fmt: skip
    return marks.text(x[places], heights_of, said, theme.text, 12, textposition=where)


def _sized(theme: Theme, across: dict[str, Any]) -> dict[str, Any]:
    """What stands around both pictures."""
    return layout(
        theme,
        TALL,
        margin={"l": 52, "r": 12, "t": 34, "b": 48},
        xaxis=across,
        yaxis=axis(theme, "test accuracy", range=[-0.03, 1.05], tickformat=".0%", dtick=0.2),
        annotations=[
            heading(f"{style.glyph} <b>{NAMES[part]}</b>", place, 1.01, theme,
                    font={"size": 13, "color": style.colour}, xshift=-40)
            for place, (part, style) in zip(KEY, looks(theme).items(), strict=True)
        ],
    )  # fmt: skip
