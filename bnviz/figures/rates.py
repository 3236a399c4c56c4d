"""Pictures over the learning rate: accuracy, steps, and one rate over training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bnviz.axes import BATCH, NEVER, PLAIN
from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    band,
    curve,
    frames,
    growing,
    layout,
    line,
    named_dots,
    over_seeds,
    packed,
    until,
)
from bnviz.figures.marks import Trace, stroke
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, TREATMENTS, Theme
from bnviz.verdicts.criteria import late
from bnviz.verdicts.rates_measured import first_to_target, window

if TYPE_CHECKING:
    from bnviz.experiments.rates import RatesResult

SYMBOLS = {"plain": "diamond", "batch": "circle"}
WINDOWS = {"plain": 1.08, "batch": 1.28}  # heights of the bars, above an accuracy of 1
ARROW = {"plain": WINDOWS["batch"], "BN": WINDOWS["plain"]}
"""Its height, by whom it is drawn to: beside the bar of the other."""
HEIGHT = 290  # pixels: with question, knobs and clock in a laptop's first window
LOST = {"plain": -0.08, "batch": -0.15}  # heights of the crosses, below an accuracy of 0
BARS = ((1.03 + 0.2) / 1.6, (1.36 + 0.2) / 1.6)  # from where to where, as shares of the height
ABOVE = 0.025  # a bar: its name
EARLY = 1.0  # from a bar that begins at this rate or below, its name goes to the right
LATE = 20.0  # an arrow that ends beyond this rate has its words on the left
EMPTY = np.array([np.nan])


@drawn_once
def accuracy(result: RatesResult, theme: Theme) -> Figure:
    """Test accuracy against the learning rate. Frames: the steps.

    Above, the range of rates that have reached the target; below, crosses where seeds diverged.
    """

    def at(column: int) -> list[Trace]:
        standing = [part for t in range(2) for part in _standing(result, t, column, theme)]
        return [*standing, _arrow(result, column)]

    looks = [look for name in TREATMENTS for look in _looks(result, name, theme)]
    looks.append(_arrow_look(theme))
    last = at(len(result.steps) - 1)
    moving = [look | now for look, now in zip(looks, last, strict=True)]
    shares = {"tickformat": ".0%", "tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1]}
    vertical = axis(theme, "test accuracy", range=[-0.2, 1.4], **shares)
    below = _over_rates(result, theme, vertical, gap=BARS)
    if (result.diverged_at != NEVER).any():
        below["annotations"].append(_diverged(result, theme))
    return {
        "data": [_target(result, theme), *moving],
        "layout": below,
        "frames": frames(result.steps, list(range(1, 1 + len(moving))), at),
    }


def _standing(result: RatesResult, treatment: int, column: int, theme: Theme) -> list[Trace]:
    """Where band, line, window and crosses of one treatment stand at a step."""
    values = result.test_accuracy[treatment, :, :, column].astype(np.float64).T
    middle, low, high = over_seeds(values)
    area = band(result.rates, low, high, TREATMENTS[treatment], theme)
    return [
        {"x": area["x"], "y": area["y"]},
        {"x": packed(result.rates), "y": packed(middle)},
        _window(result, treatment, column),
        _crosses(result, treatment, column),
    ]


def _looks(result: RatesResult, name: str, theme: Theme) -> list[Trace]:
    """How band, line, window and crosses of one treatment look, without their numbers."""
    colour = theme.colour(name)
    area = band(np.ones(1), np.ones(1), np.ones(1), name, theme)
    curve = line(
        EMPTY,
        EMPTY,
        name,
        theme,
        mode="lines+markers",
        marker={"size": 7, "symbol": SYMBOLS[name], "color": colour},
        hovertemplate=f"rate %{{x:.2g}}: %{{y:.1%}}<extra>{LABEL[name]}</extra>",
    )
    bar = {
        "type": "scatter",
        "mode": "lines+text",
        "textposition": "top right" if _begins_early(result, name) else "top left",
        "textfont": {"size": 13, "color": colour},
        "line": {"color": colour, "width": 9},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    hover = f"rate %{{x:.2g}}: %{{text}}<extra>{LABEL[name]}</extra>"
    crosses = marks.points(EMPTY, EMPTY, colour, 7, marker={"symbol": "x"}, hovertemplate=hover)
    return [area, curve, bar, crosses]


def _begins_early(result: RatesResult, name: str) -> bool:
    there = window(result, TREATMENTS.index(name))
    return there is None or bool(result.rates[there[0]] <= EARLY)


def _window(result: RatesResult, treatment: int, column: int) -> Trace:
    """The bar over the rates that have reached the target by this step, with its name."""
    name, there = TREATMENTS[treatment], window(result, treatment, result.steps[column])
    last = len(result.steps) - 1
    if there is None:
        ends = np.array([0.0012, 0.0012])
        text = f"{LABEL[name]}: no rate" if column == last else f"{LABEL[name]}: no rate yet"
    else:
        quarter = 10 ** (1 / 16)  # a bar of a single rate is half as long as the gap to the next
        ends = result.rates[list(there)] * np.array([1 / quarter, quarter])
        low, high = (f"{result.rates[place]:g}" for place in there)
        text = f"{LABEL[name]}: {low}" + (f" to {high}" if low != high else "")
    right = there is None or _begins_early(result, name)
    height, start = WINDOWS[name], ends[0] if right else ends[1]
    return {  # the name is a point of its own, above the bar
        "x": packed([*ends, np.nan, start]),
        "y": packed([height, height, np.nan, height + ABOVE]),
        "text": ["", "", "", f"<b>{text}</b>"],
    }


def _arrow(result: RatesResult, column: int) -> Trace:
    """From the largest rate that reaches the target in one network to that of the other."""
    step = result.steps[column]
    tops = [result.rates[found[1]] for t in range(2) if (found := window(result, t, step))]
    if len(tops) < 2 or tops[PLAIN] == tops[BATCH]:
        nothing = packed([np.nan] * 2)
        return {"x": nothing, "y": nothing, "text": ["", ""], "textposition": "bottom right"}
    plain, batch = map(float, tops)
    height = ARROW["BN" if batch > plain else "plain"]
    ends = sorted((plain, batch))
    return {
        "x": packed(ends),
        "y": packed([height, height]),
        "text": ["", f"<b>× {_times(ends[1] / ends[0])}</b>"],
        "textposition": f"bottom {'left' if ends[1] > LATE else 'right'}",
    }


def _times(ratio: float) -> str:
    """As the headline has it."""
    return f"{ratio:.2g}" if ratio < 99.5 else f"{ratio:,.0f}"


def _arrow_look(theme: Theme) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "textfont": {"size": 14, "color": theme.text},
        "line": {"color": theme.text, "width": 1.5},
        "marker": {"symbol": "triangle-right", "size": [0, 11], "color": theme.text},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _crosses(result: RatesResult, treatment: int, column: int) -> Trace:
    """A cross at every rate at which a seed has diverged by this step."""
    at, seeds = result.diverged_at[treatment], result.config.seeds
    gone = ((at != NEVER) & (at <= result.steps[column])).sum(axis=1)
    there = np.flatnonzero(gone)
    return {
        "x": packed(result.rates[there]),
        "y": packed(np.full(len(there), LOST[TREATMENTS[treatment]])),
        "text": [f"{gone[place]} of {seeds} seeds diverged" for place in there],
    }


def _diverged(result: RatesResult, theme: Theme) -> Trace:
    """What the crosses are, beside the first of them, or at their end where there is no room."""
    first = int((result.diverged_at != NEVER).any(axis=(0, 2)).argmax())
    place = {"x": float(np.log10(result.rates[first])), "xanchor": "right", "xshift": -10}
    if first < 5:
        place = {"x": float(np.log10(result.rates[0])), "xanchor": "left", "yshift": 14}
    return {
        "text": "diverged",
        "bgcolor": theme.background,
        "xref": "x",
        "y": sum(LOST.values()) / 2,
        "showarrow": False,
        "font": {"size": 13, "color": theme.muted},
        **place,
    }


def _target(result: RatesResult, theme: Theme) -> Trace:
    """The target as a dotted level line."""
    level = np.full(2, result.config.target)
    return stroke([1e-4, 1e3], level, theme.muted, 1, line={"dash": "dot"}, hoverinfo="skip")


def _mark(rate: float, theme: Theme, gap: tuple[float, float]) -> list[Trace]:
    """The rate of the knob, as a vertical line with a gap, in shares of the figure's height."""
    return [
        {
            "type": "line", "x0": rate, "x1": rate, "yref": "paper", "y0": low, "y1": high,
            "line": {"color": theme.text, "width": 1.5, "dash": "dot"},
        }
        for low, high in ((0, gap[0]), (gap[1], 1))
        if low < high
    ]  # fmt: skip


def _over_rates(
    result: RatesResult,
    theme: Theme,
    vertical: Trace,
    gap: tuple[float, float] = (1, 1),
) -> Trace:
    """The layout of a figure over the learning rates, whose axis is logarithmic.

    gap: in the mark at the rate of the knob, where something else stands.
    """
    ends = np.log10(result.rates[[0, -1]]) + np.array([-0.15, 0.15])
    own = float(np.log10(result.rates[result.own()]))
    return layout(
        theme,
        HEIGHT,
        xaxis=axis(
            theme,
            "learning rate (log)",
            type="log",
            range=[float(end) for end in ends],
            tickvals=[0.001, 0.01, 0.1, 1, 10, 100],
            ticktext=["0.001", "0.01", "0.1", "1", "10", "100"],
        ),
        yaxis=vertical,
        shapes=_mark(float(result.rates[result.own()]), theme, gap),
        annotations=[_your_rate(own, result, theme)],
        margin={"l": 52, "r": 12, "t": 24, "b": 44},
    )


def _your_rate(own: float, result: RatesResult, theme: Theme) -> Trace:
    """The name of the mark, above it."""
    return {
        "text": f"your rate: {result.rates[result.own()]:g}",
        "x": own,
        "xref": "x",
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "xanchor": "right" if own > 1 else "left" if own < -2 else "center",
        "showarrow": False,
        "font": {"size": 13, "color": theme.text},
    }


@drawn_once
def steps(result: RatesResult, theme: Theme) -> Figure:
    """Steps to the target against the learning rate.

    Frames: a line that climbs with the clock, and the rates that have got there by then.
    """
    needed, last = late(result.seeds_to_target()), float(result.steps[-1])
    middles = first_to_target(result)

    def at(column: int) -> list[Trace]:
        now, traces = float(result.steps[column]), []
        for treatment, name in enumerate(TREATMENTS):
            shown = until(middles[treatment], now)
            there = np.isfinite(shown)
            _, low, high = over_seeds(np.where(there, until(needed[treatment], now).T, np.nan))
            area = band(result.rates, low, high, name, theme)
            if not there.any():  # Plotly drops a trace without points
                area |= {"x": packed(EMPTY), "y": packed(EMPTY)}
            traces += [
                area,
                line(
                    result.rates,
                    shown,
                    name,
                    theme,
                    mode="lines+markers",
                    marker={"size": 8, "symbol": SYMBOLS[name], "color": theme.colour(name)},
                    hovertemplate=f"rate %{{x:.2g}}: %{{y:g}} steps<extra>{LABEL[name]}</extra>",
                ),
            ]
        return [*traces, stroke([1e-4, 1e3], [now] * 2, theme.muted, 2, hoverinfo="skip")]

    target = f"{100 * result.config.target:g} %"
    vertical = axis(
        theme, f"steps to {target} (median seed)", range=[-0.04 * last, 1.12 * last], nticks=6
    )
    return {"layout": _over_rates(result, theme, vertical), **growing(result.steps, at)}


@drawn_once
def one_rate(result: RatesResult, theme: Theme) -> Figure:
    """Test accuracy over training at the rate of the knob. Frames: the steps."""
    own, last = result.own(), float(result.steps[-1])
    spreads = [over_seeds(values[own].astype(np.float64)) for values in result.test_accuracy]

    def at(column: int) -> list[Trace]:
        traces = []
        for name, spread in zip(TREATMENTS, spreads, strict=True):
            hover = f"step %{{x}}: %{{y:.1%}}<extra>{LABEL[name]}</extra>"
            traces += curve(result.steps, spread, name, theme, column, hovertemplate=hover)
        middles = [spread[0] for spread in spreads]
        return [*traces, *named_dots([result.steps] * 2, middles, theme, column)]

    target = _target(result, theme) | {"x": packed(np.array([-last, 2 * last]))}
    below = layout(
        theme,
        300,
        xaxis=axis(theme, "training step", range=[-0.02 * last, 1.04 * last]),
        yaxis=axis(theme, "test accuracy", range=[-0.05, 1.08], tickformat=".0%"),
        margin={"l": 52, "r": 12, "t": 12, "b": 48},
    )
    return {"layout": below, **growing(result.steps, at, [target])}
