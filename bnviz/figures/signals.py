"""Signal and gradient layer by layer, the product of scalars, and the remedies side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import NEVER
from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    frames,
    heading,
    layout,
    line,
    moved,
    over_seeds,
    packed,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, TREATMENTS, Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.signals import SignalsResult

SMALLEST, LARGEST = 1e-32, 1e32  # what the logarithmic axes show at most

TITLES = {
    "signal": "<b>signal</b> → from the input up",
    "gradient": "<b>gradient</b> ← from the loss down",
}


@drawn_once
def profile(result: SignalsResult, theme: Theme, which: Literal["signal", "gradient"]) -> Figure:
    """One standard deviation a layer, for each network: median and range over the seeds.

    Dotted: at step 0. What 32-bit numbers cannot resolve is drawn on the lower edge. Frames: the
    recorded steps.
    """
    values = result.signal if which == "signal" else result.gradient
    low, high = _edges(values)
    held = np.clip(values.astype(np.float64), low, high)  # a zero: on the lower edge; NaN stays
    x, last = np.arange(1.0, result.config.depth + 1), len(result.steps) - 1

    def moving(column: int) -> list[dict[str, Any]]:
        spans = [over_seeds(held[t, :, column]) for t in range(2)]
        traces = []
        for name, (middle, bottom, top) in zip(TREATMENTS, spans, strict=True):
            hover = f"layer %{{x}}: %{{y:.2e}}<extra>{LABEL[name]}</extra>"
            traces.append(_band(x, bottom, top, name, theme))
            traces.append(line(x, middle, name, theme, hovertemplate=hover))
        return [*traces, *_names(x, [span[0] for span in spans], low, high, theme, which)]

    def at(column: int) -> list[dict[str, Any]]:
        return moved(moving(column))

    start = [_start(x, held[t, :, 0], name, theme) for t, name in enumerate(TREATMENTS)]
    data = [*start, *moving(last)]
    return {
        "data": data,
        "layout": layout(
            theme,
            400,
            margin={"l": 58, "r": 12, "t": 34, "b": 46},
            annotations=[heading(TITLES[which], 0.0, 1.01, theme)],
            **_profile_axes(len(x), low, high, theme),
        ),
        "frames": frames(result.steps, range(len(start), len(data)), at),
    }


def _profile_axes(depth: int, low: float, high: float, theme: Theme) -> dict[str, Any]:
    return {
        "xaxis": axis(
            theme,
            "hidden layer (dotted: at step 0)",
            range=[0.5, max(2.0, depth + 0.5)],
            dtick=max(1, round(depth / 8)),
        ),
        "yaxis": axis(
            theme,
            "standard deviation (log)",
            type="log",
            range=[float(np.log10(low)), float(np.log10(high))],
            dtick=max(1, round(float(np.log10(high / low)) / 8)),
            exponentformat="power",
        ),
    }


def _edges(values: NDArray[np.float32]) -> tuple[float, float]:
    """Whole powers of ten around all that can be told apart, at least two of them."""
    known = values[np.isfinite(values) & (values > 0)].astype(np.float64)
    if not known.size:
        return 0.1, 10.0
    low = np.floor(np.log10(max(float(known.min()), SMALLEST)) - 0.1)
    high = np.ceil(np.log10(min(float(known.max()), LARGEST)) + 0.1)
    return float(10.0**low), float(10.0 ** max(high, low + 2))


def _band(
    x: NDArray[Any], low: NDArray[Any], high: NDArray[Any], treatment: str, theme: Theme
) -> dict[str, Any]:
    """The range over the seeds as one closed area; a network lives in all layers or in none."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(np.concatenate([x, x[::-1]])),
        "y": packed(np.concatenate([low, high[::-1]])),
        "fill": "toself",
        "fillcolor": translucent(theme.colour(treatment), 0.16),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "name": f"{LABEL[treatment]}, all seeds",
    }


def _start(x: NDArray[Any], values: NDArray[Any], treatment: str, theme: Theme) -> dict[str, Any]:
    """Where the median of the seeds stood at step 0."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(x),
        "y": packed(over_seeds(values)[0]),
        "line": {"color": translucent(theme.colour(treatment), 0.75), "dash": "dot", "width": 2},
        "hoverinfo": "skip",
        "name": f"{LABEL[treatment]} at step 0",
    }


def _names(
    x: NDArray[Any],
    middles: list[NDArray[Any]],
    low: float,
    high: float,
    theme: Theme,
    which: str,
) -> list[dict[str, Any]]:
    """Each network's name at the far end of its way: above the higher curve, below the lower."""
    place = len(x) - 1 if which == "signal" else 0
    side = "left" if which == "signal" else "right"
    ends = [float(middle[place]) for middle in middles]
    lost = [not np.isfinite(end) for end in ends]
    lower = 0 if lost[0] or not ends[0] > ends[1] else 1
    bottom, top = np.log10(low), np.log10(high)
    traces = []
    for treatment, (name, end) in enumerate(zip(TREATMENTS, ends, strict=True)):
        below, text = treatment == lower, f"<b>{LABEL[name]}</b>"
        if lost[treatment]:
            end = 10 ** (bottom + (0.06 if treatment == 0 else 0.14) * (top - bottom))
            text, below = f"<b>{LABEL[name]} has diverged</b>", False
        share = (np.log10(end) - bottom) / (top - bottom)
        below = share > 0.9 or (below and share > 0.1)  # inside the picture
        traces.append(
            {
                "type": "scatter",
                "mode": "text",
                "x": packed(x[[place]]),
                "y": packed([end]),
                "text": [text],
                "textposition": f"{'bottom' if below else 'top'} {side}",
                "textfont": {"size": 15, "color": theme.colour(name)},
                "cliponaxis": False,
                "hoverinfo": "skip",
            }
        )
    return traces


LINEAR = 0.01  # a change of the loss below this is drawn in proportion, one above by its logarithm
HELD = 1e6  # the largest change drawn
TICKS = {
    -100.0: "−100", -10.0: "−10", -1.0: "−1", -0.1: "−0.1", 0.0: "0", 0.1: "+0.1",
    1.0: "+1", 10.0: "+10", 100.0: "+100", 1e4: "+10,000", 1e6: "+1 million",
}  # fmt: skip


def signed_log(change: NDArray[np.float64]) -> NDArray[np.float64]:
    """sign(c) log10(1 + |c| / LINEAR): a logarithm on both sides of zero."""
    scaled: NDArray[np.float64] = np.sign(change) * np.log10(1 + np.abs(change) / LINEAR)
    return scaled


@drawn_once
def chain(result: SignalsResult, theme: Theme) -> Figure:
    """The change of a product's loss in one step: promised (dotted) and true, against the rate."""
    data: list[dict[str, Any]] = []
    for place in range(len(result.chains)):
        data += _product(result, place, theme)
    shapes, rate = [_zero(theme)], result.config.learning_rate
    if result.rates[0] <= rate <= result.rates[-1]:
        shapes.append(_rate(rate, theme))
    return {
        "data": data,
        "layout": layout(
            theme,
            430,
            margin={"l": 70, "r": 12, "t": 34, "b": 46},
            annotations=[
                heading("true change (dotted: promised)", 0.0, 1.01, theme, font={"size": 13}),
                _said("worse ↑", 10.0, theme),
                _said("better ↓", -30.0, theme),
            ],
            shapes=shapes,
            **_chain_axes(result.rates, theme),
        ),
    }


def _product(result: SignalsResult, place: int, theme: Theme) -> list[dict[str, Any]]:
    """What one length promises and does, and how many factors it has."""
    length = int(result.chains[place])
    own, said = length == result.config.depth, f"{length} factor{'s' if length > 1 else ''}"
    colour, width = (theme.text, 3.0) if own else (theme.muted, 1.5)
    both = {"promised": result.chain_promised[place], "true": result.chain_delivered[place]}
    curves = [
        marks.stroke(
            result.rates,
            signed_log(np.where(values > HELD, np.nan, values)),
            colour,
            width,
            line={"dash": "dot" if name == "promised" else "solid"},
            name=f"{name}, {said}",
            hoverinfo="name+x",
        )
        for name, values in both.items()
    ]
    return [*curves, _length(result.rates, both["true"], said, colour)]


def _chain_axes(rates: NDArray[np.float64], theme: Theme) -> dict[str, Any]:
    ends = np.log10(rates[[0, -1]])
    low, high = signed_log(np.array([-250.0, HELD]))
    return {
        "xaxis": axis(
            theme,
            "learning rate (log)",
            type="log",
            range=[float(ends[0]), float(ends[1]) + 0.03],
            dtick=1,
        ),
        "yaxis": axis(
            theme,
            "change of the loss (log)",
            range=[float(low), float(high) + 0.5],
            tickvals=[float(tick) for tick in signed_log(np.array(list(TICKS)))],
            ticktext=list(TICKS.values()),
        ),
    }


def _length(
    rates: NDArray[np.float64], values: NDArray[np.float64], said: str, colour: str
) -> dict[str, Any]:
    """How many factors, where the true change leaves the picture or ends."""
    place = int(np.flatnonzero(values <= HELD)[-1])
    return {
        "type": "scatter",
        "mode": "text",
        "x": packed(rates[[place]]),
        "y": packed(signed_log(values[[place]])),
        "text": [said],
        "textposition": "top left",
        "textfont": {"size": 13, "color": colour},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _zero(theme: Theme) -> dict[str, Any]:
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0,
        "line": {"color": theme.muted, "width": 1},
    }  # fmt: skip


def _rate(rate: float, theme: Theme) -> dict[str, Any]:
    """Where the networks' learning rate stands."""
    return {
        "type": "line", "x0": rate, "x1": rate, "yref": "paper", "y0": 0, "y1": 1,
        "line": {"color": theme.muted, "width": 1, "dash": "dash"},
    }  # fmt: skip


def _said(text: str, height: float, theme: Theme) -> dict[str, Any]:
    """Quiet words on the left, at this change of the loss."""
    return {
        "text": text,
        "xref": "paper", "x": 0.01, "xanchor": "left",
        "y": float(signed_log(np.array(height))), "yanchor": "middle",
        "showarrow": False,
        "font": {"size": 12, "color": theme.muted},
    }  # fmt: skip


SYMBOL = {"plain": "diamond", "batch": "circle"}


@drawn_once
def remedies(results: list[SignalsResult], names: list[str], theme: Theme) -> Figure:
    """After how many steps each pair learned; in the column on the right: it never did.

    Small marks are the seeds, large ones the median of them.
    """
    longest = float(max(result.config.steps for result in results))
    rows, ticks = len(results), [float(tick) for tick in np.linspace(0, longest, 5)]
    data = []
    for treatment in range(2):
        data += _learned(results, treatment, NEVER_AT * longest, theme)
    return {
        "data": data,
        "layout": layout(
            theme,
            120 + 52 * max(rows, 3),
            margin={"l": 150, "r": 12, "t": 12, "b": 46},
            xaxis=axis(
                theme,
                "steps until it has learned",
                range=[-0.03 * longest, 1.22 * longest],
                tickvals=[*ticks, NEVER_AT * longest],
                ticktext=[*(f"{tick:.0f}" for tick in ticks), "never"],
            ),
            yaxis=axis(
                theme,
                "",
                range=[-0.6, rows - 0.4],
                tickvals=list(range(rows)),
                ticktext=names[:rows][::-1],
                automargin=True,
            ),
        ),
    }


NEVER_AT = 1.14  # of the longest run: the column of those who never did


def _learned(
    results: list[SignalsResult], treatment: int, never: float, theme: Theme
) -> list[dict[str, Any]]:
    """When each seed of one treatment learned, and the typical one of each pair."""
    name, rows = TREATMENTS[treatment], len(results)
    steps = np.array([result.learned_at[treatment] for result in results])
    at = np.where(steps == NEVER, never, steps.astype(np.float64))
    y = np.arange(rows, dtype=float)[::-1] + (0.17 if treatment == 0 else -0.17)
    colour, each = theme.colour(name), at.shape[1]
    symbol = {"symbol": SYMBOL[name]}
    seeds = marks.points(
        at.ravel(),
        np.repeat(y, each),
        translucent(colour, 0.45),
        6,
        marker=symbol,
        hoverinfo="skip",
    )
    middle = marks.scatter(
        np.sort(at, axis=1)[:, each // 2],
        y,
        "markers+text",
        text=[f"<b>{LABEL[name]}</b>"] + [""] * (rows - 1),
        textposition="middle left",
        textfont={"size": 13, "color": colour},
        marker=symbol | {"size": 13, "color": colour},
        hovertemplate=f"{LABEL[name]}: %{{x:.0f}} steps<extra></extra>",
    )
    return [seeds, middle]
