"""The cohort against the loop everyone writes, and against the machine's matrix products."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, grad, stack_module_state, vmap

from benchmarks.timing import Spread, heading, row, take_turns, verdict
from bnviz.engine import training
from bnviz.engine.architecture import Architecture
from bnviz.engine.batches import BatchOrder
from bnviz.engine.data import load
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.threads import one_thread
from bnviz.engine.training import History, train
from bnviz.experiments.jobs import side_by_side

DATA = load("digits")
INPUTS, LABELS = torch.tensor(DATA.train_inputs), torch.tensor(DATA.train_labels)
DEPTH, BATCH, RATE, STEPS = 5, 64, 0.05, 30
REPLICAS, WIDTHS = (1, 2, 8, 32, 128), (16, 64, 128)
ROUNDS = 5
PRODUCTS = 100  # matrix products in one look at the machine's rate
TARGETS = {(32, 64, True): 3.0, (32, 16, True): 8.0}
ALONE, BOTH_CORES, SHARE = 1.0, 5.0, 55.0
RECORDING = 0.25
LESSONS = (
    *("home", "race", "activations", "modes", "noise", "shift", "landscape", "gradients", "scale"),
    *("batches", "placement", "relatives", "signals", "lab", "forgiveness", "rates"),
)


def network(
    width: int, normalized: bool, *, running: bool = True, depth: int = DEPTH
) -> nn.Sequential:
    """The same network in torch.nn."""
    layers: list[nn.Module] = []
    for inputs in [DATA.features] + [width] * (depth - 1):
        layers.append(nn.Linear(inputs, width, bias=not normalized))
        if normalized:
            layers.append(nn.BatchNorm1d(width, track_running_stats=running))
        layers.append(nn.ReLU())
    return nn.Sequential(*layers, nn.Linear(width, DATA.classes))


def loop(
    width: int, normalized: bool, steps: int = STEPS, *, depth: int = DEPTH, batch: int = BATCH
) -> Callable[[], None]:
    """So many steps of one network, the way everyone writes it."""
    model = network(width, normalized, depth=depth)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def run() -> None:
        for step in range(steps):
            if step % (len(LABELS) // batch) == 0:
                batches = torch.randperm(len(LABELS)).split(batch)
            chosen = batches[step % (len(LABELS) // batch)]
            optimizer.zero_grad()
            loss = F.cross_entropy(model(INPUTS[chosen]), LABELS[chosen])
            loss.backward()
            optimizer.step()

    return run


def cohort(
    seeds: Sequence[int], width: int, normalized: bool, steps: int = STEPS
) -> Callable[[], None]:
    """The public train(), recording nothing, on a cohort that goes on from call to call."""
    architecture = Architecture(
        DATA.features,
        DATA.classes,
        depth=DEPTH,
        width=width,
        normalizer="batch" if normalized else "none",
    )
    replicas = Cohort(architecture, seeds)
    plan = Plan((RATE,) * len(seeds), steps=steps, batch_size=BATCH)

    def run() -> None:
        train(replicas, seeds, DATA, plan, record_at=[])

    return run


def functional(replicas: int, width: int) -> Callable[[], None]:
    """torch.func: the gradient of one network, mapped over stacked parameters."""
    models = [network(width, True, running=False) for _ in range(replicas)]
    base = models[0]
    parameters, _ = stack_module_state(models)

    def loss(parameters: dict[str, Tensor], inputs: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(functional_call(base, parameters, (inputs,)), labels)

    gradient = vmap(grad(loss))

    def run() -> None:
        order = BatchOrder(range(replicas), len(LABELS), BATCH)
        with torch.no_grad():
            for step in range(STEPS):
                chosen = order.at(step)
                gradients = gradient(parameters, INPUTS[chosen], LABELS[chosen])
                for name, parameter in parameters.items():
                    parameter.sub_(gradients[name], alpha=RATE)

    return run


def products(replicas: int, width: int) -> Callable[[], None]:
    """Nothing but torch.bmm."""
    a, b = torch.randn(replicas, width, width), torch.randn(replicas, width, BATCH)

    def run() -> None:
        for _ in range(PRODUCTS):
            torch.bmm(a, b)

    return run


def operations(width: int) -> float:
    """In the matrix products of one step of one network; the inputs need no gradient."""
    weights = 2 * DATA.features * width + 3 * (DEPTH - 1) * width**2 + 3 * width * DATA.classes
    return 2.0 * BATCH * weights


def _against_the_loop() -> None:
    heading(
        "Engine: times faster than one torch.nn loop per network, per network and step",
        f"{DEPTH} hidden layers, batch {BATCH}; but for both cores: one thread, processor time",
    )
    names = [
        f"width {width}, {'BN' if bn else 'plain'}" for width in WIDTHS for bn in (True, False)
    ]
    print(f"{'R':<5}" + "".join(f"{name:<22}" for name in names))
    reached: dict[tuple[int, int, bool], float] = {}
    for replicas in REPLICAS:
        cells = []
        for width in WIDTHS:
            for normalized in (True, False):
                spread = _ratio(replicas, width, normalized)
                cells.append(spread.text(".1f"))
                reached[replicas, width, normalized] = spread.middle
        print(f"{replicas:<5}" + "".join(f"{cell:<22}" for cell in cells), flush=True)
    for (replicas, width, normalized), target in TARGETS.items():
        value = reached[replicas, width, normalized]
        name = f"R = {replicas}, width {width}, BN"
        row(name, f"{value:.1f}x", f"target {target:g}x: {verdict(value, target)}")
    lowest = min(value for (replicas, _, _), value in reached.items() if replicas == 1)
    row("R = 1, the lowest of its row", f"{lowest:.2f}x", f"target 1x: {verdict(lowest, ALONE)}")


def _ratio(replicas: int, width: int, normalized: bool) -> Spread:
    one, all_ = (90, 90) if replicas <= 2 else (STEPS, STEPS if replicas <= 32 else 10)
    contestants = {
        "loop": loop(width, normalized, one),
        "cohort": cohort(range(replicas), width, normalized, all_),
    }
    times = take_turns(contestants, ROUNDS, time.thread_time)
    return Spread.ratio(times["loop"], times["cohort"], replicas * all_ / one)


def _against_products() -> None:
    contestants = {"products": products(32, 64), "cohort": cohort(range(32), 64, True)}
    times = take_turns(contestants, 2 * ROUNDS, time.thread_time)
    rate = [PRODUCTS * 2 * 32 * 64 * 64 * BATCH / t / 1e9 for t in times["products"]]
    mine = [32 * STEPS * operations(64) / t / 1e9 for t in times["cohort"]]
    share = Spread.ratio(mine, rate, 100)
    row(
        "Share of torch.bmm's rate, R = 32, width 64, BN",
        share.text(".0f", " %"),
        f"aim {SHARE:g} %: {verdict(share.middle, SHARE)}"
        f"  ({Spread.of(mine).middle:.0f} of {Spread.of(rate).middle:.0f} GFLOP/s)",
    )


def _both_cores() -> None:
    halves = {"first": cohort(range(16), 64, True), "second": cohort(range(16, 32), 64, True)}

    def job(half: Callable[[], None]) -> Callable[[Callable[[int], None]], None]:
        return lambda progress: half()

    def together() -> None:
        side_by_side({name: job(half) for name, half in halves.items()}, STEPS)

    contestants = {"loop": loop(64, True), "cohorts": together}
    times = take_turns(contestants, 2 * ROUNDS)
    spread = Spread.ratio(times["loop"], times["cohorts"], 32)
    row(
        "Both cores, 2 cohorts of 16, width 64, BN; wall time",
        spread.text(".1f"),
        f"target {BOTH_CORES:g}x: {verdict(spread.middle, BOTH_CORES)}",
    )


def _against_vmap() -> None:
    for replicas in (8, 32):
        contestants = {
            "vmap": functional(replicas, 64),
            "cohort": cohort(range(replicas), 64, True),
        }
        times = take_turns(contestants, ROUNDS, time.thread_time)
        spread = Spread.ratio(times["vmap"], times["cohort"])
        row(f"torch.func.vmap takes, R = {replicas}, width 64, BN", spread.text(".1f"))


def _recording() -> None:
    heading(
        "Recording: processor time of what a lesson measures, against the training it watches",
        "default settings; test evaluation and probes, with the number of records of a run",
    )
    lessons = {name: import_module(f"bnviz.experiments.{name}") for name in LESSONS}
    gc.freeze()  # as the server does: whoever is at work would pay for the search of all of it
    for name, lesson in lessons.items():
        shares, records = [], 0
        for _ in range(3):
            histories = _trained(lesson)
            watching = sum(one.recording_seconds for one in histories)
            shares.append(watching / sum(one.training_seconds for one in histories))
            records = max(len(one.steps) for one in histories)
        spread = Spread.of(shares)
        told = f"aim {RECORDING:g}x: {verdict(spread.middle, RECORDING, at_most=True)}"
        row(f"{name}, {records} records", spread.text(), told)


def _trained(lesson: ModuleType) -> list[History]:
    """What the trainings of a lesson's default run left behind."""
    kept: list[History] = []

    def keep(**values: Any) -> History:
        kept.append(History(**values))
        return kept[-1]

    with patch.object(training, "History", keep):
        lesson.run(getattr(lesson, f"{lesson.__name__.rpartition('.')[2].title()}Config")())
    return kept


def main() -> None:
    _recording()
    with one_thread():
        _against_the_loop()
        _against_products()
        _both_cores()
        _against_vmap()
