"""Scripts against their pages, over many seeds: do they end alike?

Step by step they do the same (tests/script), but in 32 bits roundings grow, so that single curves
part: what has to agree is what is said of the seeds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import heading, row
from bnviz.experiments import alone, race, relatives
from bnviz.experiments.settings import Settings
from bnviz.script.text import script

SEEDS = 20
CONFIGS: dict[str, Settings] = {
    "race": race.RaceConfig(seeds=SEEDS),
    "relatives": relatives.RelativesConfig(seeds=SEEDS),
    "alone": alone.AloneConfig(seeds=SEEDS),
}

Ends = dict[str, NDArray[Any]]
"""Test accuracy at the end, (seeds,), by network."""


def by_script(lesson: str) -> Ends:
    """As the script trains them."""
    names: dict[str, Any] = {"__name__": "loaded"}
    exec(compile(script(lesson, "", CONFIGS[lesson], whole=True), "script", "exec"), names)
    train, network, batches = (names[name] for name in ("train", "network", "batches"))
    return {
        name: np.array([train(network(seed, own), batches(seed))[-1] for seed in names["SEEDS"]])
        for name, own in names["NETWORKS"].items()
    }


def by_page(lesson: str) -> Ends:
    """As the page does."""
    config = CONFIGS[lesson]
    if isinstance(config, relatives.RelativesConfig):
        return {kind: curves[:, -1] for kind, curves in relatives.run(config).accuracy.items()}
    if isinstance(config, alone.AloneConfig):
        return dict(zip(alone.PART_NAMES, alone.run(config).test_accuracy[:, :, -1], strict=True))
    assert isinstance(config, race.RaceConfig)
    ends = race.run(config).test_accuracy[:, :, -1]
    return dict(zip(("plain", "BN"), ends, strict=True))


def main() -> None:
    for lesson in CONFIGS:
        heading(f"Scripts: {lesson} at its defaults, {SEEDS} seeds, test accuracy at the end")
        page, own = by_page(lesson), by_script(lesson)
        for name in own:
            _compare(name, page[name], own[name])


def _compare(name: str, page: NDArray[Any], own: NDArray[Any]) -> None:
    (low, middle, high), mine = (np.quantile(ends, [0.25, 0.5, 0.75]) for ends in (page, own))
    alike = low <= mine[1] <= high and mine[0] <= middle <= mine[2]
    row(f"{name}, page", f"{middle:.1%} ({low:.1%}–{high:.1%})")
    told = "within the middle half of the other: " + ("reached" if alike else "MISSED")
    row(f"{name}, script", f"{mine[1]:.1%} ({mine[0]:.1%}–{mine[2]:.1%})", told)
