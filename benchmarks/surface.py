"""The loss on a plane, against one forward pass per point and the machine's matrix products."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.timing import Spread, heading, row, take_turns, verdict
from bnviz.engine.architecture import Architecture
from bnviz.engine.data import load
from bnviz.engine.networks import Cohort
from bnviz.engine.surface import random_directions, surface
from bnviz.engine.surface_forward import CACHE
from bnviz.engine.threads import one_thread
from bnviz.experiments.jobs import side_by_side

DATA = load("digits")
SAMPLES, DEPTH, WIDTH, SIDE, WORKERS = 512, 6, 64, 41, 2
INPUTS, LABELS = DATA.train_inputs[:SAMPLES], DATA.train_labels[:SAMPLES]
ROUNDS = 7
POINTS = SIDE**2
LOOPED = 13  # a side of the grid of each worker of the slower contestants
TOGETHER = CACHE // (WIDTH * SAMPLES * 4)  # points in one product, as surface() has them
SHARE, FASTER, PACKAGE = 60.0, 2.0, 1.0
OPERATIONS = 2 * SAMPLES * (DATA.features * WIDTH + (DEPTH - 1) * WIDTH**2 + WIDTH * DATA.classes)
NAMES: dict[str, dict[str, Any]] = {
    "BN": {"normalizer": "batch"},
    "BN, skips": {"normalizer": "batch", "skip": True},
    "plain": {},
}


def network(*, normalized: bool) -> nn.Sequential:
    """The same network in torch.nn; no parameter is zero (see `package`)."""
    layers: list[nn.Module] = []
    for inputs in [DATA.features] + [WIDTH] * (DEPTH - 1):
        layers.append(nn.Linear(inputs, WIDTH, bias=not normalized))
        if normalized:
            layers.append(nn.BatchNorm1d(WIDTH))
        layers.append(nn.ReLU())
    model = nn.Sequential(*layers, nn.Linear(WIDTH, DATA.classes))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
    return model


def on_both_cores(work: Sequence[Callable[[], object]]) -> Callable[[], None]:
    """All at once, each in a thread of its own with one thread of torch's."""

    def job(one: Callable[[], object]) -> Callable[[Callable[[int], None]], None]:
        def run(progress: Callable[[int], None]) -> None:
            with one_thread(), torch.no_grad():
                one()

        return run

    jobs = {str(index): job(one) for index, one in enumerate(work)}
    return lambda: void(side_by_side(jobs, 1, workers=len(jobs)))


def void(result: object) -> None:
    """A contestant's result is not looked at."""


def mine(mode: Literal["batch", "inference"], **change: Any) -> Callable[[], None]:
    """The public surface() of a network with nothing left at its first value."""
    cohort = Cohort(Architecture(DATA.features, DATA.classes, DEPTH, WIDTH, **change), [0])
    with torch.no_grad():
        for parameter in cohort.parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
    directions = random_directions(cohort, 0)
    grid = np.linspace(-1, 1, SIDE)
    return lambda: void(
        surface(cohort, directions, grid, grid, INPUTS, LABELS, mode, workers=WORKERS)
    )


def loop(*, normalized: bool) -> Callable[[], None]:
    """One forward pass per point, the way everyone writes it; each worker has its own model."""
    inputs, labels = torch.tensor(INPUTS), torch.tensor(LABELS)

    def work() -> Callable[[], None]:
        model = network(normalized=normalized)
        here = [p.detach().clone() for p in model.parameters()]
        first, second = ([torch.randn_like(p) for p in here] for _ in range(2))
        grid = np.linspace(-1, 1, LOOPED).tolist()

        def visit(x: float, y: float) -> float:
            for p, t, d, e in zip(model.parameters(), here, first, second, strict=True):
                p.copy_(t + x * d + y * e)
            return F.cross_entropy(model(inputs), labels).item()

        return lambda: void([[visit(x, y) for x in grid] for y in grid])

    return on_both_cores([work() for _ in range(WORKERS)])


def package(*, normalized: bool) -> Callable[[], None] | None:
    """loss-landscapes from PyPI, where it is installed.

    Directions are scaled as wholes: its filter normalization, row by row in Python, would be
    most of its time on so small a grid, and divides by zero where a parameter is zero, as every
    beta of a new network is.
    """
    if importlib.util.find_spec("loss_landscapes") is None:
        return None
    landscapes = importlib.import_module("loss_landscapes")
    metrics = importlib.import_module("loss_landscapes.metrics.sl_metrics")
    metric = metrics.Loss(F.cross_entropy, torch.tensor(INPUTS), torch.tensor(LABELS))
    models = [network(normalized=normalized) for _ in range(WORKERS)]

    def work(model: nn.Sequential) -> Callable[[], None]:
        return lambda: void(
            landscapes.random_plane(
                model, metric, 1, LOOPED, normalization="model", deepcopy_model=True
            )
        )

    return on_both_cores([work(model) for model in models])


def products() -> Callable[[], None]:
    """Nothing but the products of the hidden layers, for as many points as the loop visits."""

    def work(a: Tensor, b: Tensor) -> Callable[[], None]:
        def run() -> None:
            for _ in range(DEPTH * LOOPED**2 // TOGETHER):
                torch.bmm(a, b)

        return run

    shapes = ((TOGETHER, WIDTH, WIDTH), (TOGETHER, WIDTH, SAMPLES))
    return on_both_cores([work(*(torch.randn(s) for s in shapes)) for _ in range(WORKERS)])


def _rates(seconds: Sequence[float], operations: float) -> list[float]:
    return [operations / t / 1e9 for t in seconds]


def main() -> None:
    heading(
        f"Surface: {SIDE} x {SIDE} points, {SAMPLES} digits, {DEPTH} hidden layers of {WIDTH}",
        f"{WORKERS} threads on either side, statistics of the batch; wall time",
    )
    contestants: dict[str, Callable[[], None]] = {"products": products()}
    contestants |= {name: mine("batch", **change) for name, change in NAMES.items()}
    contestants["loop"] = loop(normalized=True)
    other = package(normalized=True)
    if other is not None:
        contestants["package"] = other
    times = take_turns(contestants, ROUNDS)
    looped = WORKERS * LOOPED**2
    multiplied = WORKERS * (DEPTH * LOOPED**2 // TOGETHER) * TOGETHER * 2 * WIDTH**2 * SAMPLES
    rate = _rates(times["products"], multiplied)
    for name in NAMES:
        mine_ = _rates(times[name], POINTS * OPERATIONS)
        share = Spread.ratio(mine_, rate, 100)
        aim = f"aim {SHARE:g} %: {verdict(share.middle, SHARE)}" if name == "BN" else ""
        speeds = f"({Spread.of(mine_).middle:.0f} of {Spread.of(rate).middle:.0f} GFLOP/s)"
        row(f"Share of torch.bmm's rate, {name}", share.text(".0f", " %"), f"{aim:<24}{speeds}")
    spread = Spread.ratio(times["loop"], times["BN"], POINTS / looped)
    row(
        "One torch.nn forward pass per point takes, BN",
        spread.text(".1f"),
        f"target {FASTER:g}x: {verdict(spread.middle, FASTER)}",
    )
    if other is None:
        row("loss-landscapes takes, BN", "not installed")
        return
    spread = Spread.ratio(times["package"], times["BN"], POINTS / looped)
    row(
        "loss-landscapes takes, BN",
        spread.text(".1f"),
        f"target {PACKAGE:g}x: {verdict(spread.middle, PACKAGE)}",
    )
