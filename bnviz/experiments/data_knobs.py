"""The knobs of the data: which set, how it is scaled, how noisy, how much, how wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from bnviz.engine.data import DATASETS, Scaling
from bnviz.engine.points import NOISE
from bnviz.engine.samples import KINDS, Kind
from bnviz.experiments.knob import Knob, Value, number, percent

DATA_KNOBS = ("dataset", "scaling", "point_noise", "train_size", "wrong_labels")

EVERYTHING = 1347  # training samples: all, of the largest set that has a name

OWN = "your own"
"""The data set that the reader gives: the link says so, and has nothing of it."""
DRAWN = "drawn"
"""Points that the reader puts on the plane, which the link has: see experiments/drawn_points.py."""
POINTS = "points"  # the field that has them
BROUGHT: dict[str, Kind] = {OWN: "table", DRAWN: "points"}

Idle = Literal["one unit", "measured", "evenly filled", "placed", "wild"]
"""Why a knob of the data is without effect."""


def _samples(value: Value) -> str:
    return "all" if value == EVERYTHING else number(value)


def _times(value: Value) -> str:
    return f"{number(value)}×"


ABOUT = (
    "digits: 1797 handwritten digits of 8 x 8 pixels. {tables}The others are points in the plane,"
    " where you can see the decision boundary."
)
TABLES = (
    "wine: 13 measurements of 178 wines; breast cancer: 30 of 569 images of cells, both in units"
    " of all sizes. "
)
DataName = Annotated[str, Knob("Data", DATASETS, ABOUT.format(tables=TABLES))]
OwnOrNamed = Annotated[
    str,
    Knob(
        "Data",
        (*DATASETS, DRAWN, OWN),
        f"{ABOUT.format(tables=TABLES)} {DRAWN}: points that you put there yourself. {OWN}: a table"
        " that you give; it is not in the link.",
    ),
]
"""Of lessons to which a reader may bring a set: see experiments/own_samples.py."""
ImageName = Annotated[
    str,
    Knob(
        "Data",
        tuple(name for name, kind in KINDS.items() if kind != "table"),
        ABOUT.format(tables=""),
    ),
]
"""Of sets that can be drawn as images."""
Scale = Annotated[
    str,
    Knob(
        "Scaling",
        ("standardized", "raw"),
        "Of a table. Standardized: each feature has mean 0 and standard deviation 1 in training."
        " Raw: as it was measured.",
    ),
]
OneScale = Annotated[str, Knob("Scaling", ("standardized",), "Images have one unit.")]
PointNoise = Annotated[
    float,
    Knob(
        "Noise of points",
        (0.0, 0.5, 1.0, 1.5, 2.0, 3.0),
        "How far points stray from where they belong, in multiples of the usual: a standard"
        f" deviation of {', '.join(f'{noise:g} ({name})' for name, noise in NOISE.items())}.",
        0.0,
        10.0,
        _times,
    ),
]
TrainSize = Annotated[
    int,
    Knob(
        "Training samples",
        (128, 256, 512, EVERYTHING),
        "How many samples there are to learn from; of a smaller set, all. The fewer, the easier to"
        " learn by heart.",
        16,
        EVERYTHING,
        _samples,
    ),
]
WrongLabels = Annotated[
    float,
    Knob(
        "Wrong labels",
        (0.0, 0.1, 0.2, 0.4),
        "The share of training samples that carry the label of another class. The test set"
        " is never touched.",
        0.0,
        1.0,
        percent,
    ),
]


def as_scaling(asked: str, kind: Kind) -> Scaling:
    """How these samples are scaled: only a table can be raw."""
    return "raw" if asked == "raw" and kind == "table" else "standardized"


def why_idle(name: str, chosen: Mapping[str, object]) -> Idle | None:
    """Why turning this knob changes nothing, by what else is chosen; None: it does."""
    dataset = str(chosen.get("dataset", "digits"))
    kind = BROUGHT.get(dataset) or KINDS.get(dataset)
    if name == "scaling" and kind != "table":
        return "one unit"
    if name == "scaling" and chosen.get("features") == "wild":
        return "wild"
    if name == "point_noise" and dataset == DRAWN:
        return "placed"
    if name == "point_noise" and dataset not in NOISE:
        return "evenly filled" if kind == "points" else "measured"
    return None
