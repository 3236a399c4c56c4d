"""The U of the noise lesson: accuracy and losses over ghost batch size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import PLAIN
from bnviz.figures import marks
from bnviz.figures.base import (
    Figure,
    axis,
    band,
    frames,
    heading,
    layout,
    line,
    log_axis,
    moved,
    over_seeds,
)
from bnviz.figures.marks import Trace
from bnviz.figures.named_lines import apart
from bnviz.figures.once import drawn_once
from bnviz.figures.theme import LABEL, TREATMENTS, Theme
from bnviz.verdicts import criteria
from bnviz.verdicts.noise import PAIR, WHOLE, best, level

if TYPE_CHECKING:
    from bnviz.experiments.noise import NoiseResult

CEILING, FLOOR = 100.0, 1e-4  # of the losses drawn
BESIDE = 0.45  # in doublings: from the last chunk size to the edge
CLEAN = "no training label is wrong"
FIRST, HEIGHT = 310, 380  # pixels: of the first picture, and of the losses
NAMES = 64  # pixels right of the losses, where their names stand …
RING = 0.03  # of the accuracy: from the best to the edge of its ring …
NAME = 0.12  # … and down to the foot of its name, if that is below the ring
APART = 0.1  # … this share of the axis apart

Numbers = NDArray[Any]


@drawn_once
def accuracy(result: NoiseResult, theme: Theme) -> Figure:
    """Test accuracy against ghost batch size, with rings around the best. Frames: the steps.

    A step leads from the whole batch up to the best, where that is clearly ahead.
    """
    x = np.log2(result.chunks)

    def at(column: int) -> list[Trace]:
        ends = result.test_accuracy[:, :, column].astype(np.float64)
        return [*_curves(ends, x, theme), *_lead(ends, x, theme), *_best(ends, result, theme)]

    vertical = axis(theme, "test accuracy", range=[-0.02, 1.1], tickformat=".0%", dtick=0.2)
    figure = _over_chunks(result, theme, vertical, at, 12, FIRST)
    share = result.config.wrong_labels
    wrong = f"{100 * share:g} % of the training labels are wrong" if share else CLEAN
    figure["layout"]["margin"]["t"] = 26
    figure["layout"]["annotations"] = [heading(wrong, 0.0, 1.0, theme, font={"size": 13})]
    return figure


def _lead(values: Numbers, x: Numbers, theme: Theme) -> list[Trace]:
    """How far the best of the smaller ghost batches is ahead of the whole batch, if it clearly is.

    values: (1 + C, seeds).
    """
    middle, lowest, _ = over_seeds(values.T)
    corners = heights = np.full(3, np.nan)  # a frame without points would leave the old ones
    place, said, side = (np.array([np.nan]), np.array([np.nan])), "", "right"
    top = best(values[:WHOLE]) if len(x) > 1 else None
    if top and np.isfinite(middle[WHOLE]) and _clearly_ahead(values, top):
        at, low, high = x[top - 1], middle[WHOLE], middle[top]
        corners, heights = np.array([x[-1], at, at]), np.array([low, low, high])
        under = high - NAME if _named_below(middle, top) else low
        place = np.array([at]), np.array([np.nanmin([low, lowest[PLAIN], under]) - 0.03])
        said = f"<b>{100 * (high - low):.0f} points</b> above<br>the whole batch"
        side = "right" if top <= len(x) / 2 else "left"
    dotted = {"line": {"dash": "dot"}, "hoverinfo": "skip"}
    return [
        marks.stroke(corners, heights, theme.text, 1.5, **dotted),
        marks.text(*place, [said], theme.text, 14, textposition=f"bottom {side}"),
    ]


def _named_below(middle: Numbers, row: int) -> bool:
    """Whether plain's line would cross the name of the best above its ring."""
    return bool(middle[PLAIN] > middle[row] + RING)


def _clearly_ahead(values: Numbers, row: int) -> bool:
    return criteria.clearly(values[row], values[WHOLE]) == "first"


@drawn_once
def losses(result: NoiseResult, theme: Theme) -> Figure:
    """Training and test loss against ghost batch size, named at the edge. Frames: the steps."""
    training, test = (
        np.clip(values.astype(np.float64), FLOOR, CEILING)
        for values in (result.train_loss, result.test_loss)
    )
    known = np.concatenate([training, test])
    known = known[np.isfinite(known)]
    low, high = (known.min(), known.max()) if known.size else (0.1, 1.0)
    x, ends = np.log2(result.chunks), (np.log10(0.6 * low), np.log10(1.7 * high))

    def at(column: int) -> list[Trace]:
        fit, new = training[:, :, column], test[:, :, column]
        return [
            *_curves(fit, x, theme, thin=True),
            *_curves(new, x, theme),
            *_names({"training": fit, "test": new}, x[-1] + BESIDE, ends, theme),
        ]

    return _over_chunks(result, theme, log_axis(theme, "loss (log)", ends), at, NAMES)


def _over_chunks(
    result: NoiseResult,
    theme: Theme,
    vertical: Trace,
    at: Callable[[int], list[Trace]],
    right: float,
    height: int = HEIGHT,
) -> Figure:
    """A figure over the ghost batch sizes whose traces all move; `right`: its margin, in pixels."""
    traces = at(len(result.steps) - 1)
    return {
        "data": traces,
        "layout": layout(
            theme,
            height,
            xaxis=_chunk_axis(result, theme),
            yaxis=vertical,
            margin={"l": 52, "r": right, "t": 12, "b": 60},
        ),
        "frames": frames(result.steps, range(len(traces)), lambda column: moved(at(column))),
    }


def _chunk_axis(result: NoiseResult, theme: Theme) -> Trace:
    """Chunk sizes by doublings; the two ends say what they are."""
    chunks = [int(chunk) for chunk in result.chunks]
    named = {PAIR: "<br>all ±1"} | {chunks[-1]: "<br>whole"}
    places = np.log2(chunks)
    return axis(
        theme,
        "ghost batch size, in samples (log)",
        range=[float(places[0]) - BESIDE, float(places[-1]) + BESIDE],
        tickvals=[float(place) for place in places],
        ticktext=[f"<b>{chunk}</b>{named[chunk]}" if chunk in named else str(chunk)
                  for chunk in chunks],
    )  # fmt: skip


def _curves(values: Numbers, x: Numbers, theme: Theme, thin: bool = False) -> list[Trace]:
    """Plain as a level line and BN over the chunk sizes, each with its range over the seeds.

    values: (1 + C, seeds).
    """
    middle, low, high = over_seeds(values.T)
    ends = np.array([x[0] - BESIDE, x[-1] + BESIDE])
    level_, lowest, highest = (np.repeat(one[PLAIN], 2) for one in (middle, low, high))
    plain = line(ends, level_, "plain", theme, hovertemplate="%{y:.3g}<extra>plain</extra>")
    batch = line(
        x,
        middle[1:],
        "batch",
        theme,
        mode="lines+markers",
        marker={"size": 8, "symbol": "circle-open" if thin else "circle", "color": theme.batch},
        hovertemplate="%{y:.3g}<extra>BN</extra>",
    )
    plain["line"]["width"], batch["line"]["width"] = (1.5, 1.5) if thin else (2.5, 3)
    return [
        band(ends, lowest, highest, "plain", theme),
        band(x, low[1:], high[1:], "batch", theme),
        plain,
        batch,
    ]


def _best(values: Numbers, result: NoiseResult, theme: Theme) -> list[Trace]:
    """Rings around the best chunk sizes, with the name of the best, and the name of plain."""
    (middle, low, high), x = over_seeds(values.T), np.log2(result.chunks)
    places = [row - 1 for row in level(values)]
    top = (best(values) or len(x)) - 1
    above = bool(middle[PLAIN] > middle[WHOLE])
    right = top > len(x) / 2
    side = "bottom" if _named_below(middle, top + 1) else "top"
    along = "left" if top == len(x) - 1 and top else "center" if top else "right"
    ring = {"symbol": "circle-open", "line": {"width": 2}}
    name = marks.scatter(
        x[[top]],
        middle[[top + 1]],
        "markers+text",
        text=[_best_named(sorted(int(result.chunks[place]) for place in places), result)],
        textposition=f"{side} {along}",
        textfont={"size": 14, "color": theme.batch},
        marker={"size": 17, "opacity": 0},  # it keeps the name off the ring
        cliponaxis=False,
        hoverinfo="skip",
    )
    rings = marks.points(
        x[places], middle[1:][places], theme.text, 17, marker=ring, cliponaxis=False,
        hoverinfo="skip",
    )  # fmt: skip
    plain = named(
        "plain",
        x[0] - 0.42 if right else x[-1] + 0.42,  # where the other name is not
        (high if above else low)[PLAIN],
        f"{'top' if above else 'bottom'} {'right' if right else 'left'}",
        theme,
        "plain",
    )
    return [rings, name, plain]


def _best_named(sizes: list[int], result: NoiseResult) -> str:
    """BN, best at 4; BN, about level at 4 to 16; nothing where all diverged."""
    if not sizes:
        return ""
    between = [size for size in result.chunks if sizes[0] <= size <= sizes[-1]]
    all_of_them = len(sizes) > 2 and len(between) == len(sizes)
    told = f"{sizes[0]} to {sizes[-1]}" if all_of_them else ", ".join(map(str, sizes))
    return f"<b>BN, best at {told}</b>" if len(sizes) == 1 else f"<b>BN, about level at {told}</b>"


def named(treatment: str, x: float, y: float, position: str, theme: Theme, text: str) -> Trace:
    """The name of a curve, above or below one of its points."""
    return marks.scatter(
        [x],
        [y],
        "markers+text",
        text=[f"<b>{text}</b>"],
        textposition=position,
        textfont={"size": 13, "color": theme.colour(treatment)},
        marker={"size": 9, "opacity": 0},  # it keeps names above and below a point apart
        cliponaxis=False,
        hoverinfo="skip",
    )


def _names(
    values: dict[str, Numbers], x: float, ends: tuple[float, float], theme: Theme
) -> list[Trace]:
    """Which loss is which: right of the figure, beside the ends of the curves.

    values: (1 + C, seeds) of each loss; ends: those of the axis, as powers of ten.
    """
    whole = {"plain": PLAIN, "batch": WHOLE}
    heights = {
        (treatment, what): np.log10(over_seeds(loss.T)[0][whole[treatment]])
        for treatment in TREATMENTS
        for what, loss in values.items()
    }
    gap, (low, high) = APART * (ends[1] - ends[0]), ends
    places = 10 ** apart(np.array(list(heights.values())), gap, low, high - gap / 2)
    return [
        marks.text(
            [x], [place], [f"<b>{LABEL[treatment]}</b>,<br>{what}"], theme.colour(treatment),
            textposition="middle right", cliponaxis=False,
        )
        for (treatment, what), place in zip(heights, places, strict=True)
    ]  # fmt: skip
