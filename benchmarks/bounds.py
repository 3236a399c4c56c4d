"""What runs take in seconds of one core and in memory, against what was estimated before them."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.memory import ROOT, megabytes
from benchmarks.timing import heading, row
from bnviz.experiments import (
    activations,
    alone,
    backward_mistake,
    batches,
    changed_inputs,
    class_board,
    collapse,
    collapse_trained,
    company,
    deep_linear,
    forgiveness,
    gradients,
    growing_rate,
    home,
    inputs,
    lab,
    lab_surface,
    landscape,
    left_in_inference,
    modes,
    moments,
    noise,
    other_noises,
    paper,
    placement,
    race,
    rates,
    recurrent,
    redrawn_batches,
    relatives,
    scale,
    shift,
    signals,
    sorted_batches,
    surface,
    today,
)
from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.data_knobs import OWN
from bnviz.experiments.own_data import CLASSES, FEATURES
from bnviz.experiments.own_file import ROWS
from bnviz.experiments.own_samples import OwnSamples, own_samples
from bnviz.experiments.settings import MEMORY_LIMIT, WORK_LIMIT, Settings, knobs

SIDE_BY_SIDE = 2  # processes
ROOM = 1_000_000_000  # bytes that a process may have, with what it holds at rest
LARGE: dict[str, Any] = {"depth": 50, "width": 256, "batch_size": 512, "seeds": 10}
ALL_LARGE: dict[str, Any] = LARGE | {"activation": "gelu", "optimizer": "adam"}
"""The costliest link: every slider at its end."""


@dataclass(frozen=True)
class Kind:
    """One kind of run that a page asks for: how, and with which settings."""

    run: Callable[..., Any]
    config: type[Settings]
    pieces: Callable[[Any], Sequence[Settings]] = lambda config: [config]
    """The configs that are run, from what the reader chose."""


KINDS: dict[str, Kind] = {
    "home": Kind(home.run, home.HomeConfig),
    "signals": Kind(signals.run, signals.SignalsConfig),
    "signals, remedies": Kind(signals.run, signals.SignalsConfig, signals.remedies),
    "backward, mistake": Kind(
        backward_mistake.run,
        backward_mistake.MistakeConfig,
        lambda _: backward_mistake.mistakes(),
    ),
    "modes": Kind(modes.run, modes.ModesConfig),
    "modes, left in inference": Kind(
        left_in_inference.run, left_in_inference.LeftInInferenceConfig
    ),
    "modes, batch sizes": Kind(modes.run, modes.ModesConfig, modes.batch_sizes),
    "race": Kind(race.run, race.RaceConfig),
    "race, more seeds": Kind(race.run, race.RaceConfig, race.more_seeds),
    "rates": Kind(rates.run, rates.RatesConfig, lambda config: [config.swept()]),
    "rates, paper": Kind(paper.run, paper.PaperConfig),
    "forgiveness": Kind(
        forgiveness.run_piece,
        forgiveness.ForgivenessConfig,
        lambda config: forgiveness.pieces(config.affordable()),
    ),
    "activations": Kind(activations.run, activations.ActivationsConfig),
    "noise": Kind(noise.run, noise.NoiseConfig),
    "noise, alone": Kind(redrawn_batches.run, redrawn_batches.AloneConfig),
    "noise, dropout": Kind(other_noises.run, noise.NoiseConfig, other_noises.dropouts),
    "noise, batch sizes": Kind(
        other_noises.run,
        noise.NoiseConfig,
        lambda config: [
            piece for how in other_noises.RATES for piece in other_noises.sizes(config, how)
        ],
    ),
    "shift": Kind(shift.run, shift.ShiftConfig),
    "shift, moments": Kind(moments.run, moments.MomentsConfig),
    "shift, inputs": Kind(changed_inputs.run, changed_inputs.InputsConfig),
    "shift, linear": Kind(
        deep_linear.run,
        deep_linear.LinearConfig,
        lambda _: [piece for rate in deep_linear.RATES for piece in deep_linear.linear(rate)],
    ),
    "landscape": Kind(landscape.run, landscape.LandscapeConfig),
    "landscape, surface": Kind(surface.run, surface.SurfaceConfig),
    "landscape, skips": Kind(surface.run, surface.SurfaceConfig, surface.with_and_without_skips),
    "gradients": Kind(gradients.run, gradients.GradientsConfig),
    "scale": Kind(scale.run, scale.ScaleConfig),
    "scale, gains": Kind(scale.run_gain, scale.ScaleConfig, scale.gains),
    "scale, growing rate": Kind(growing_rate.run, growing_rate.GrowingConfig),
    "batches": Kind(batches.run, batches.BatchesConfig),
    "batches, sample": Kind(company.run, company.SampleConfig),
    "batches, sorted": Kind(
        sorted_batches.run,
        batches.BatchesConfig,
        lambda config: [sorted_batches.few_classes(config, config.classes)],
    ),
    "batches, full": Kind(batches.run_full, batches.BatchesConfig, batches.full),
    "placement": Kind(placement.run, placement.PlacementConfig),
    "placement, inputs": Kind(inputs.run, placement.PlacementConfig, inputs.pieces),
    "placement, tables": Kind(
        inputs.run,
        placement.PlacementConfig,
        lambda config: [one for table in inputs.TABLES for one in inputs.of_case(config, table)],
    ),
    "relatives": Kind(relatives.run, relatives.RelativesConfig),
    "relatives, batch sizes": Kind(relatives.run, relatives.RelativesConfig, relatives.by_size),
    "relatives, recurrent": Kind(recurrent.run, relatives.RelativesConfig, recurrent.pieces),
    "relatives, today": Kind(today.run, relatives.RelativesConfig, today.pieces),
    "lab": Kind(lab.run, lab.LabConfig),
    "lab, class board": Kind(class_board.run, lab.LabConfig),
    "lab, surface": Kind(
        lab_surface.run, lab.LabConfig, lambda config: lab_surface.pieces(config, config)[:1]
    ),
    "collapse": Kind(collapse.run, collapse.CollapseConfig),
    "collapse, trained": Kind(collapse_trained.run, collapse_trained.TrainedConfig),
    "alone": Kind(alone.run, alone.AloneConfig),
}


def ends(config: type[Settings]) -> Iterator[dict[str, Any]]:
    """What the reader may choose: the start, each knob at both its ends, and all large ones."""
    options = {name: knob.options for name, knob in knobs(config).items()}
    yield {}
    for name, values in options.items():
        some = values if isinstance(values[0], str) else (values[0], values[-1])
        yield from ({name: value} for value in some)
    own: list[dict[str, Any]] = [ALL_LARGE | {"dataset": OWN}] if OWN in options["dataset"] else []
    for large in (LARGE, ALL_LARGE, *own):
        ends_of = {"depth": options["depth"][-1], "width": options["width"][-1]}
        ends_of |= {"batch_size": options["batch_size"][-1], "seeds": options["seeds"][-1]}
        yield {name: ends_of.get(name, value) for name, value in large.items()}


def asked(name: str, chosen: dict[str, Any]) -> list[Settings]:
    """The configs that a page runs for this choice, as the reader asks for them."""
    kind = KINDS[name]
    given = {"own_data": largest()} if chosen.get("dataset") == OWN else {}
    return list(kind.pieces(kind.config(**chosen, **given)))


@cache
def largest() -> OwnSamples:
    """As much as a reader may give."""
    inputs = np.random.default_rng(0).normal(size=(ROWS, FEATURES))
    return own_samples(inputs, np.arange(ROWS) % CLASSES)


def costliest(configs: Sequence[Settings]) -> Settings:
    """Of several, the one that takes most of what it may, when it is made affordable."""
    return max(
        configs, key=lambda config: config.work() / WORK_LIMIT + config.memory() / MEMORY_LIMIT
    )


def measured(name: str, config: Settings) -> tuple[float, float]:
    """Seconds of the processor and bytes above those at rest, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bounds", name, type(config).__module__]
    command += [type(config).__name__, config.model_dump_json()]
    alone = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    seconds, held = map(float, done.stdout.split())
    return seconds, held


def limit() -> None:
    """From here on, this process gets no more memory than a small host has."""
    resource.setrlimit(resource.RLIMIT_DATA, (ROOM, ROOM))


def _measure(name: str, config: Settings) -> None:
    """Print what one run takes; the process has run something small before."""
    limit()
    torch.set_num_threads(1)
    race.run(race.RaceConfig(depth=1, width=8, seeds=1, steps=1))
    config.data()
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # VmHWM starts anew
    rest, started = megabytes("VmRSS"), time.process_time()
    KINDS[name].run(config)
    print(time.process_time() - started, 1e6 * (megabytes("VmHWM") - rest))


def one(name: str, chosen: dict[str, Any]) -> str:
    """The costliest run of this choice: what was estimated, and what it took."""
    try:
        config = costliest([piece.affordable() for piece in asked(name, chosen)])
    except TooLargeError as refused:
        return f"refused: {refused}"
    try:
        seconds, held = measured(name, config)
    except RuntimeError as failed:
        return f"FAILED: {failed}"
    over = [
        what
        for what, is_over in (
            ("TIME ABOVE ITS ESTIMATE", seconds > config.work()),
            ("MEMORY ABOVE ITS ESTIMATE", held > config.memory()),
            ("OVER THE BOUNDS", seconds > WORK_LIMIT or held > MEMORY_LIMIT),
        )
        if is_over
    ]
    told = f"{config.steps} steps, {config.seeds} seeds: {seconds:.1f} of {config.work():.1f} s,"
    return " ".join([told, f"{held / 1e6:.0f} of {config.memory() / 1e6:.0f} MB", *over])


def main(names: Sequence[str] = tuple(KINDS)) -> None:
    heading("Seconds of one core and memory of the costliest runs, of what was estimated")
    choices = [(name, chosen) for name in names for chosen in ends(KINDS[name].config)]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        told = pool.map(lambda choice: one(*choice), choices)
        for (name, chosen), said in zip(choices, told, strict=True):
            written = " ".join(f"{knob}={value}" for knob, value in chosen.items())
            row(f"{name}: {written or 'as it is'}", said)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        of, module, config, described = sys.argv[1:]
        settings = json.loads(described)
        if settings.get("own_data"):  # of which the text has the digest alone
            settings["own_data"] = largest()
        made = getattr(sys.modules[module], config)(**settings)
        _measure(of, made)
    else:
        main(sys.argv[1:] or tuple(KINDS))
