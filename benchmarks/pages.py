"""What a page costs on the server: training, recording, drawing, and what it sends."""

from __future__ import annotations

import gc
import gzip
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from unittest import mock

import plotly.io

from benchmarks.shown import BELOW, PAGES, Row
from benchmarks.timing import Spread, heading, row, verdict
from bnviz.engine.training import History, train
from bnviz.experiments import training

ROUNDS = 5
BOUND = 500_000  # bytes of JSON on one page
ANSWER = 0.5  # seconds


@dataclass
class Costs:
    """Seconds of each round, and the page's figures as they are sent."""

    training: list[float] = field(default_factory=list)  # processor time, both treatments
    recording: list[float] = field(default_factory=list)  # processor time, both treatments
    run: list[float] = field(default_factory=list)  # wall time, two workers
    drawing: list[float] = field(default_factory=list)
    writing: list[float] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)


def _measure(one: Row, costs: Costs) -> None:
    experiment, config, draw, run = one
    histories: list[History] = []

    def overheard(*arguments: Any, **options: Any) -> History:
        histories.append(train(*arguments, **options))
        return histories[-1]

    moments = [time.perf_counter()]
    with mock.patch.object(training, "train", overheard):  # where every experiment trains
        result = getattr(experiment, run)(config, workers=2)
    moments.append(time.perf_counter())
    figures = draw(result)
    moments.append(time.perf_counter())
    costs.sent = {
        name: plotly.io.to_json(figure, validate=False) for name, figure in figures.items()
    }
    moments.append(time.perf_counter())
    costs.training.append(sum(history.training_seconds for history in histories))
    costs.recording.append(sum(history.recording_seconds for history in histories))
    costs.run.append(moments[1] - moments[0])
    costs.drawing.append(moments[2] - moments[1])
    costs.writing.append(moments[3] - moments[2])


def _print(name: str, costs: Costs) -> None:
    print(f"{name}:")
    times: dict[str, Sequence[float]] = {
        "training, processor time of both networks": costs.training,
        "recording, processor time of both networks": costs.recording,
        "the whole run on two workers, wall time": costs.run,
        "building the figures": costs.drawing,
        "writing them as JSON": costs.writing,
    }
    for label, seconds in times.items():
        row(f"  {label}", Spread.of([1000 * s for s in seconds]).text(".0f", " ms"))
    if any(costs.training):
        row(
            "  recording for each second of training",
            Spread.ratio(costs.recording, costs.training).text(),
        )
    sizes = {figure: len(text.encode()) for figure, text in costs.sent.items()}
    packed = {figure: len(gzip.compress(text.encode(), 6)) for figure, text in costs.sent.items()}
    for figure, size in sizes.items():
        row(f"  {figure}", f"{size / 1000:.0f} kB", f"gzipped {packed[figure] / 1000:.0f} kB")
    total = sum(sizes.values())
    row(
        "  all figures",
        f"{total / 1000:.0f} kB",
        f"gzipped {sum(packed.values()) / 1000:.0f} kB;"
        f" bound {BOUND / 1000:.0f} kB: {verdict(total, BOUND, at_most=True)}",
    )


def main() -> None:
    costs = {name: Costs() for name in PAGES | BELOW}
    gc.freeze()  # as the server does
    for round_ in range(ROUNDS + 1):
        for name, one in (PAGES | BELOW).items():
            _measure(one, Costs() if round_ == 0 else costs[name])
    for title, rows in (("when they are opened", PAGES), ("below", BELOW)):
        heading(f"Pages on the server, at their defaults: {title}")
        for name in rows:
            _print(name, costs[name])
    answers = [median(costs[name].run) for name in PAGES]
    heading("Default answers, wall time of the whole run on two workers")
    row("median of these rows", f"{1000 * median(answers):.0f} ms")
    row("slowest", f"{1000 * max(answers):.0f} ms", verdict(max(answers), ANSWER, at_most=True))
