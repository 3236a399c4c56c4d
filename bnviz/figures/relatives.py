"""The pictures of BN's relatives: what shares a mean, who learns, and by batch size."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures import batches, signs
from bnviz.figures.base import (
    Figure,
    axis,
    band,
    frames,
    layout,
    line,
    over_seeds,
    packed,
)
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import BALANCE_SCALE, LABEL, Theme, mixed

if TYPE_CHECKING:
    from bnviz.experiments.recurrent import RecurrentResult
    from bnviz.experiments.relatives import RelativesResult

HEIGHT = 400
STACK_HEIGHT = 430
ROWS = ("plain", "switchable", "renorm", "batch", "instance", "group", "layer")  # from below
GAP = 1  # pixels between two maps
TONES = 126  # of a map, each for what is lit and for what is not; above them, the gap
PALE = 0.22  # how much of its colour is left to what is not lit
FEW, MANY = 0.02, 0.98  # quantiles of the values between which the colours reach
NORMALIZED_REACH = 3.0
ROW, SIGN = 30, 3  # letters of names in a row of the key, on a phone; of a sign and its gap

Numbers = NDArray[Any]
Trace = dict[str, Any]


def lit(result: RelativesResult, kind: str, sample: int, channel: int) -> NDArray[np.bool_]:
    """Which maps of the stack share mean and variance with this one, (S, C)."""
    samples, channels = result.maps[kind].shape[1:3]
    same_sample = np.arange(samples)[:, None] == sample
    same_channel = np.arange(channels)[None] == channel
    size = result.config.in_a_group()
    same_group = np.arange(channels)[None] // size == channel // size
    return {
        "layer": same_sample & np.ones_like(same_channel),
        "group": same_sample & same_group,
        "instance": same_sample & same_channel,
        "switchable": same_sample | same_channel,
    }.get(kind, same_channel & np.ones_like(same_sample))


@drawn_once
def stack(
    result: RelativesResult,
    theme: Theme,
    kind: str,
    place: Sequence[int],
    normalized: bool = False,
) -> Figure:
    """The maps of a convolution, sample by channel; lit is what shares a mean with one of them.

    Before they are normalized, with that mean and variance; or after. Frames: the training.
    """
    sample, channel = place
    values = result.maps[kind].astype(np.float64)
    mean, variance = (one[kind].astype(np.float64) for one in (result.mean, result.variance))
    if normalized:
        deviation = np.sqrt(variance + 1e-5)[..., None, None]
        values = (values - mean[..., None, None]) / deviation
    reach = NORMALIZED_REACH if normalized else _reach(values)
    together = lit(result, kind, sample, channel)

    def at(column: int) -> list[Trace]:
        here = mean[column, sample, channel], variance[column, sample, channel]
        return [
            {"type": "heatmap", "z": packed(_tones(values[column], together, reach))},
            {"text": ["<b>normalized</b>" if normalized else _numbers(*here)]},
        ]

    last, sizes = at(len(result.steps) - 1), values.shape[1:4]
    traces = zip(_empty_stack(theme, sizes), last, strict=True)
    return {
        "data": [trace | now for trace, now in traces],
        "layout": layout(
            theme,
            STACK_HEIGHT,
            margin={"l": 44, "r": 8, "t": 8, "b": 44},
            shapes=[_outline(theme, kind, place, sizes[2])],
            **_stack_axes(theme, sizes),
        ),
        "frames": frames(result.steps, [0, 1], at),
    }


def _empty_stack(theme: Theme, sizes: Sequence[int]) -> list[Trace]:
    """A heatmap without numbers, and a line of text above it without words."""
    _, channels, side = sizes
    return [
        {
            "type": "heatmap",
            "y0": 0,
            "dy": -1,
            "zmin": 0,
            "zmax": 2 * TONES + 1,
            "colorscale": _scale(theme),
            "showscale": False,
            "hovertemplate": "click to look at this map<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "text",
            "x": packed([(channels * (side + GAP) - GAP - 1) / 2]),
            "y": packed([5.0]),
            "textposition": "middle center",
            "textfont": {"size": 15, "color": theme.text},
            "hoverinfo": "skip",
        },
    ]


def _outline(theme: Theme, kind: str, place: Sequence[int], side: int) -> Trace:
    """Around one map."""
    top, left = (-place[0] * (side + GAP), place[1] * (side + GAP))
    return {
        "type": "rect",
        "x0": left - 1,
        "x1": left + side,
        "y0": top + 1,
        "y1": top - side,
        "line": {"color": theme.colour(kind), "width": 3},
    }


def _stack_axes(theme: Theme, sizes: Sequence[int]) -> dict[str, Trace]:
    """Samples from above, channels from the left, each numbered at the middle of its maps."""
    samples, channels, side = sizes
    pitch, middle = side + GAP, (side - 1) / 2

    def numbered(title: str, count: int, sign: int, ends: list[float]) -> Trace:
        return axis(
            theme,
            title,
            range=ends,
            showgrid=False,
            tickvals=[sign * (place * pitch + middle) for place in range(count)],
            ticktext=[str(place + 1) for place in range(count)],
        )

    return {
        "xaxis": numbered("channel", channels, 1, [-1.5, channels * pitch - GAP + 0.5]),
        "yaxis": numbered("sample", samples, -1, [GAP - samples * pitch - 0.5, 9]),
    }


@drawn_once
def stacks(
    result: RelativesResult, theme: Theme, kind: str, place: Sequence[int]
) -> tuple[Figure, Figure]:
    """Before they are normalized, and after."""
    return stack(result, theme, kind, place), stack(result, theme, kind, place, normalized=True)


FAR = 1e12  # beyond any picture; no number beyond it, and no nan, is a place


def chosen(at: Sequence[Any], result: RelativesResult) -> dict[str, str]:
    """Sample and channel, from 1, of a click at x, y in the stack; nothing where it is none."""
    numbers = [one for one in at if isinstance(one, int | float) and abs(one) < FAR]
    if len(numbers) != 2:
        return {}
    samples, channels, side = result.maps["batch"].shape[1:4]
    column, row = (int(one // (side + GAP)) for one in (numbers[0], -numbers[1]))
    return {
        "sample": str(min(max(row, 0), samples - 1) + 1),
        "channel": str(min(max(column, 0), channels - 1) + 1),
    }


def _reach(values: Numbers) -> float:
    """How far from zero the colours go."""
    known = values[np.isfinite(values)]
    if not known.size:
        return 1.0
    reach = float(np.abs(np.quantile(known, [FEW, MANY])).max())
    return reach if reach > 0 else 1.0


def _numbers(mean: float, variance: float) -> str:
    if not np.isfinite([mean, variance]).all():
        return "this network diverged"
    told = round(mean, 2) + 0.0  # never -0.00
    return f"<b>before</b>: mean <b>{told:.2f}</b>, variance <b>{variance:.2f}</b>"


def _tones(maps: Numbers, together: NDArray[np.bool_], reach: float) -> NDArray[np.uint8]:
    """The picture, as places in the colour scale: pale, then lit, then the gaps between."""
    samples, channels, side, _ = maps.shape
    share = np.clip(np.nan_to_num(maps / reach, nan=0.0), -1, 1) / 2 + 0.5
    tone = np.round(share * (TONES - 1)) + np.where(together, TONES, 0)[:, :, None, None]
    pitch = side + GAP
    whole = np.full((samples, pitch, channels, pitch), 2 * TONES + 1, np.uint8)
    whole[:, :side, :, :side] = tone.transpose(0, 2, 1, 3)
    drawn: NDArray[np.uint8] = whole.reshape(samples * pitch, channels * pitch)[:-GAP, :-GAP]
    return drawn


def _scale(theme: Theme) -> list[list[Any]]:
    """Pale colours for the first TONES, full ones for the next, the ground for the gaps."""
    top = 2 * TONES + 1
    scale: list[list[Any]] = []
    for part, strength in ((0, PALE), (1, 1.0)):
        for share, colour in BALANCE_SCALE:
            tone = part * TONES + float(str(share)) * (TONES - 1)
            scale.append([tone / top, mixed(str(colour), theme.background, strength)])
    return [*scale, [(2 * TONES) / top, theme.background], [1.0, theme.background]]


@drawn_once
def ladder(result: RelativesResult, theme: Theme) -> Figure:
    """Test accuracy of every network, a row each, with the numbers behind a mean. Frames."""
    y = np.arange(len(ROWS), dtype=np.float64)
    values = np.stack([result.accuracy[kind].astype(np.float64) for kind in ROWS])
    middles = np.stack([over_seeds(one)[0] for one in values])
    colours = [theme.colour(kind) for kind in ROWS]
    seeds = values.shape[1]
    every = np.repeat(y, seeds)

    def at(column: int) -> list[Trace]:
        return [{"x": packed(values[:, :, column].ravel())}, {"x": packed(middles[:, column])}]

    chance = result.chance()
    still: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": packed([chance, chance]),
            "y": packed([-0.6, len(ROWS) - 0.4]),
            "line": {"color": theme.muted, "width": 1.5, "dash": "dot"},
            "hoverinfo": "skip",
        }
    ]
    moving: list[Trace] = [
        {
            "type": "scatter",
            "mode": "markers",
            "y": packed(every),
            "marker": {"size": 7, "opacity": 0.55, "color": theme.muted},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "y": packed(y),
            "marker": {
                "size": 15,
                "symbol": [signs.SYMBOL[kind] for kind in ROWS],
                "color": colours,
                "line": {"width": 1.5, "color": theme.background},
            },
            "hovertemplate": "%{x:.1%}<extra></extra>",
        },
    ]
    last = at(len(result.steps) - 1)
    return {
        "data": [*still, *(trace | now for trace, now in zip(moving, last, strict=True))],
        "layout": layout(
            theme,
            HEIGHT,
            margin={"l": 128, "r": 12, "t": 12, "b": 48},
            xaxis=axis(theme, "test accuracy", range=[-0.02, 1.04], tickformat=".0%", dtick=0.2),
            yaxis=axis(
                theme,
                "",
                range=[-0.6, len(ROWS) - 0.4],
                tickvals=[float(place) for place in y],
                ticktext=[_row(result, kind, theme) for kind in ROWS],
            ),
        ),
        "frames": frames(result.steps, [1, 2], at),
    }


def _row(result: RelativesResult, kind: str, theme: Theme) -> str:
    """A normalizer's name and how many numbers its means are over."""
    named = signs.named(LABEL[kind], kind, theme)
    if kind == "plain":
        return named
    numbers = result.config.numbers(kind)
    over = "mixed" if kind == "switchable" else f"{numbers} number{'s' if numbers != 1 else ''}"
    return f"{named}<br>{over}"


@drawn_once
def curves(result: RelativesResult, theme: Theme) -> Figure:
    """Test accuracy over training, BN and those that need no batch. Frames: a dot on each."""
    kinds = ("plain", "batch", "layer", "group", "instance")
    x = result.steps.astype(np.float64)
    spans = {kind: over_seeds(result.accuracy[kind].astype(np.float64)) for kind in kinds}
    still = [band(x, *spans["batch"][1:], "batch", theme)]
    still += [line(x, middle, kind, theme) for kind, (middle, _, _) in spans.items()]

    def at(column: int) -> list[Trace]:
        return [
            signs.dot_of(kind, x, middle, column, theme) for kind, (middle, _, _) in spans.items()
        ]

    reach = float(x[-1])
    figure = signs.all_moving(
        result.steps,
        at,
        theme,
        still,
        xaxis=axis(theme, "training step", range=[-0.02 * reach, 1.03 * reach]),
        yaxis=axis(theme, "test accuracy", range=[-0.02, 1.04], tickformat=".0%", dtick=0.2),
    )
    return _keyed(figure, kinds, theme)


def _keyed(figure: Figure, kinds: Sequence[str], theme: Theme) -> Figure:
    """What each line is, in rows for which a phone has room."""
    rows: list[list[str]] = [[]]
    for kind in kinds:
        if sum(len(LABEL[one]) + SIGN for one in [*rows[-1], kind]) > ROW:
            rows.append([])
        rows[-1].append(kind)
    return signs.with_rows(figure, [signs.key_of(row, theme) for row in rows], theme)


@drawn_once
def by_size(results: Sequence[RelativesResult], theme: Theme) -> Figure:
    """Test error of every network by batch size, after as many samples."""
    ordered = sorted(results, key=lambda one: one.config.batch_size)
    sizes = np.array([one.config.batch_size for one in ordered])
    x = np.log2(sizes)
    wrong = {kind: np.array([1 - one.ends(kind) for one in ordered], np.float64) for kind in ROWS}
    data = [signs.marked_line(x, wrong[kind], kind, theme) for kind in ROWS]
    figure: Figure = {
        "data": data,
        "layout": layout(
            theme,
            HEIGHT,
            margin={"l": 52, "r": 12, "t": 72, "b": 48},
            xaxis=signs.size_axis(sizes, theme),
            yaxis=axis(theme, "test error", range=[-0.02, 1], tickformat=".0%", dtick=0.2),
        ),
    }
    kinds = ("plain", "batch", "layer", "group", "instance", "renorm", "switchable")
    return _keyed(figure, kinds, theme)


@drawn_once
def published(theme: Theme) -> Figure:
    """BN, group, layer and instance norm on ImageNet, by batch size per worker, as published."""
    figure = deepcopy(batches.published(theme))  # which others share
    at_32 = signs.marked_line(
        np.log2(batches.PUBLISHED_SIZES)[-1:],
        np.array([batches.PUBLISHED_INSTANCE]) / 100,
        "instance",
        theme,
    )
    figure["data"].append(at_32 | {"mode": "markers"})
    del figure["layout"]["annotations"]
    return _keyed(figure, ("batch", "group", "layer", "instance"), theme)


STYLES = {  # of the recurrent networks: colour and dash of a treatment, and a sign
    "plain": ("plain", "plain", "diamond"),
    "per step": ("batch", "batch", "circle"),
    "shared": ("batch", "group", "circle-open"),
    "layer": ("layer", "layer", "square"),
}
SIGNS = {"diamond": "◆", "circle": "●", "circle-open": "○", "square": "■"}


@drawn_once
def waiting(results: Sequence[RecurrentResult], theme: Theme, late: bool = True) -> Figure:
    """Accuracy of the recurrent networks by empty rows, before the digit (late) or behind it."""
    traces: list[Trace] = []
    for one in results:
        kind, dash, symbol = STYLES[one.config.arm]
        values = (one.late if late else one.early).astype(np.float64)
        traces.append(
            line(
                one.rows,
                over_seeds(values)[0],
                dash,
                theme,
                mode="lines+markers",
                name=one.config.name(),
                marker={"size": 10, "symbol": symbol, "color": theme.colour(kind)},
                hovertemplate="%{y:.1%}<extra>" + one.config.name() + "</extra>",
            )
        )
        traces[-1]["line"]["color"] = theme.colour(kind)
    named = [
        signs.named(f"{SIGNS[symbol]} {one.config.name()}", kind, theme)
        for one in results
        for kind, _, symbol in (STYLES[one.config.arm],)
    ]
    where = "before" if late else "behind"
    figure: Figure = {
        "data": traces,
        "layout": layout(
            theme,
            360,
            margin={"l": 52, "r": 12, "t": 56, "b": 48},
            xaxis=axis(theme, f"empty rows {where} the digit", range=[-0.7, 16.7], dtick=4),
            yaxis=axis(theme, "test accuracy", range=[-0.02, 1.04], tickformat=".0%", dtick=0.2),
        ),
    }
    rows = ["   ".join(named[start : start + 2]) for start in range(0, len(named), 2)]
    return signs.with_rows(figure, rows, theme)
