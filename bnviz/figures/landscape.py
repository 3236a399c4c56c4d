"""The loss along the gradient: a band over training, one step, and long steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.base import (
    Figure,
    axis,
    band,
    frames,
    layout,
    line,
    log_axis,
    moved,
    named_dots,
    names_beside,
    over_seeds,
    packed,
)
from bnviz.figures.marks import Trace, text
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import DASH, LABEL, TREATMENTS, Theme, translucent

if TYPE_CHECKING:
    from bnviz.experiments.landscape import LandscapeResult

LOWEST, HIGHEST = 1e-4, 1e4  # losses that are drawn; what is beyond stays at the edge


@drawn_once
def variation(result: LandscapeResult, theme: Theme) -> Figure:
    """The loss-variation band: from the lowest to the highest loss ahead, over training.

    Medians of the seeds; the line is the loss before the step. Frames: all up to the clock's step.
    """
    middles = [over_seeds(_held(here))[0] for here in result.loss_here]
    lows, highs = ([over_seeds(_held(edge))[0] for edge in both] for both in result.variation())

    def at(column: int) -> list[Trace]:
        traces: list[Trace] = []
        for place, name in enumerate(TREATMENTS):
            x, low, high, here = (
                values[: column + 1]
                for values in (result.steps, lows[place], highs[place], middles[place])
            )
            hover = f"step %{{x}}: %{{y:.3g}}<extra>{LABEL[name]}, before the step</extra>"
            said = f"{LABEL[name]}, from the lowest to the highest loss ahead"
            traces.append(band(x, low, high, name, theme, name=said))
            traces.append(line(x, here, name, theme, hovertemplate=hover))
        return traces + named_dots([result.steps] * 2, middles, theme, column)

    last = float(result.steps[-1])
    across = axis(theme, "training step", range=[-0.02 * last, 1.08 * last])
    return {
        "data": at(len(result.steps) - 1),
        "layout": layout(
            theme, 380, xaxis=across, yaxis=_loss_axis([*lows, *highs, *middles], theme)
        ),
        "frames": frames(result.steps, range(6), lambda column: moved(at(column))),
    }


def _held(loss: NDArray[Any]) -> NDArray[np.float64]:
    """A loss inside the range that is drawn; one that overflowed, at its upper edge."""
    held: NDArray[np.float64] = np.clip(loss.astype(np.float64), LOWEST, HIGHEST)
    return held


def _loss_axis(drawn: list[NDArray[Any]], theme: Theme) -> dict[str, Any]:
    known = np.concatenate([np.ravel(values) for values in drawn])
    known = known[np.isfinite(known)]
    low, high = (known.min(), known.max()) if known.size else (0.1, 10.0)
    edges = [float(np.log10(0.7 * low)), float(np.log10(1.5 * high))]
    return log_axis(theme, "loss of the mini-batch (log)", edges)


@drawn_once
def curve(result: LandscapeResult, theme: Theme) -> Figure:
    """L(theta_t - a g) against a, at the clock's step: the band, cut open. Frames: the steps."""
    far = np.concatenate([[0.0], result.reach])
    loss = np.concatenate([result.loss_here[..., None], result.loss_there], axis=-1)
    held = _held(loss)  # (2, seeds, T, 1 + A)
    middles = [over_seeds(held[t])[0] for t in range(2)]

    def at(column: int) -> list[Trace]:
        moved: list[Trace] = []
        ends = [float(middle[column][-1]) for middle in middles]
        for treatment, beside in enumerate(names_beside([0.0, 0.0], ends)):
            x, y = _one_after_another(far, held[treatment, :, column])
            moved.append({"x": packed(x), "y": packed(y)})
            moved.append({"y": packed(middles[treatment][column])})
            moved.append({"y": packed(middles[treatment][column][-1:]), "textposition": beside})
        return moved

    looks = [look for name in TREATMENTS for look in _looks(far, name, theme)]
    longest = float(far[-1])
    across = axis(theme, "step length (learning rates)", range=[-0.03 * longest, 1.2 * longest])
    return {
        "data": [look | now for look, now in zip(looks, at(-1), strict=True)],
        "layout": layout(theme, 380, xaxis=across, yaxis=_loss_axis(middles, theme)),
        "frames": frames(result.steps, range(6), at),
    }


def _looks(far: NDArray[Any], name: str, theme: Theme) -> list[Trace]:
    """How one treatment's seeds, median and name look, without what the clock moves."""
    seeds = {"color": translucent(theme.colour(name), 0.4), "width": 1, "dash": DASH[name]}
    return [
        {"type": "scatter", "mode": "lines", "line": seeds, "hoverinfo": "skip"},
        line(far, far, name, theme, mode="lines+markers"),
        _named(far[-1:], far[-1:], f"<b>{LABEL[name]}</b>", name, theme, cliponaxis=False),
    ]


def _named(
    x: NDArray[Any], y: NDArray[Any], words: str, name: str, theme: Theme, **more: Any
) -> Trace:
    """A curve's name, in its colour."""
    return text(x, y, [words], theme.colour(name), 15, **more)


def _one_after_another(
    x: NDArray[Any], rows: NDArray[np.float64]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Several curves over the same x as one line with gaps."""
    gap = np.full((len(rows), 1), np.nan)
    xs = np.concatenate([np.broadcast_to(x, rows.shape), gap], axis=1)
    return xs.ravel(), np.concatenate([rows, gap], axis=1).ravel()


@drawn_once
def long_steps(result: LandscapeResult, theme: Theme) -> Figure:
    """Loss after a step / loss before it, against the step's length, on the first mini-batches.

    Median and range over the seeds, each the median of its mini-batches (Bjorck et al. 2018).
    """
    data = [trace for t in range(2) for trace in _grown(result, t, theme)]
    first, last = np.log10(result.lengths[[0, -1]])
    across = _powers(theme, "length of the step along the gradient (log)", first, last + 0.15)
    up = _powers(theme, "loss after / before (log)", -1.5, 4.1)
    levels = [_level(times, theme) for times in (1, 10)]
    return {"data": data, "layout": layout(theme, 340, xaxis=across, yaxis=up, shapes=levels)}


def _grown(result: LandscapeResult, treatment: int, theme: Theme) -> list[Trace]:
    """How many times as large the loss of one treatment gets: range, median and name."""
    name, lengths = TREATMENTS[treatment], result.lengths
    grown = result.growth[treatment].astype(np.float64)
    grown = np.nan_to_num(grown, nan=np.inf, posinf=np.inf)  # finite: their mean overflows
    middle, low, high = over_seeds(np.clip(np.median(grown, axis=1), 0.03, 1e4))
    hover = f"length %{{x:.3g}}: %{{y:.3g}} times<extra>{LABEL[name]}</extra>"
    return [
        band(lengths, low, high, name, theme),
        line(lengths, middle, name, theme, hovertemplate=hover),
        _label(lengths, middle, name, theme),
    ]


def _powers(theme: Theme, title: str, low: float, high: float) -> Trace:
    """A logarithmic axis with a tick at each power of ten; its ends are given as such."""
    ends, look = [float(low), float(high)], {"dtick": 1, "exponentformat": "power"}
    return axis(theme, title, type="log", range=ends, **look)


def _level(times: float, theme: Theme) -> Trace:
    """A dotted level line across the whole figure."""
    look = {"color": theme.muted, "width": 1, "dash": "dot"}
    ends = {"x0": 0, "x1": 1, "xref": "paper", "y0": times, "y1": times}
    return {"type": "line", **ends, "line": look}


def _label(lengths: NDArray[Any], middle: NDArray[np.float64], name: str, theme: Theme) -> Trace:
    """The treatment's name where its curve first passes 30."""
    high = np.flatnonzero(middle >= 30)
    place = [int(high[0]) if len(high) else len(lengths) - 3]
    side = "middle left" if name == "plain" else "top left"
    words = f"<b>{LABEL[name]}</b> "
    return _named(lengths[place], middle[place], words, name, theme, textposition=side)
