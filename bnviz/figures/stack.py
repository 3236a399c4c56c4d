"""The stack of maps: what shares a mean with one of them, before and after it is normalized."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.figures.base import Figure, axis, frames, layout, packed
from bnviz.figures.marks import Trace, text
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import BALANCE_SCALE, Theme, mixed

if TYPE_CHECKING:
    from bnviz.experiments.relatives import RelativesResult

HEIGHT = 430
GAP = 1  # pixels between two maps
TONES = 126  # of a map, each for what is lit and for what is not; above them, the gap
PALE = 0.22  # how much of its colour is left to what is not lit
FEW, MANY = 0.02, 0.98  # quantiles of the values between which the colours reach
NORMALIZED_REACH = 3.0

Numbers = NDArray[Any]


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
        std = np.sqrt(variance + 1e-5)[..., None, None]
        values = (values - mean[..., None, None]) / std
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
            HEIGHT,
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
        text(
            [(channels * (side + GAP) - GAP - 1) / 2],
            [5.0],
            [""],
            theme.text,
            15,
            textposition="middle center",
        ),
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
    told = f"{round(mean, 2) + 0.0:.2f}".replace("-", "−")  # never -0.00
    return f"<b>before</b>: mean <b>{told}</b>, variance <b>{variance:.2f}</b>"


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
