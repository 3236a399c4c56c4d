"""Noise of other kinds beside that of the chunks: dropout, and the batch size itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bnviz.axes import TREATMENTS
from bnviz.experiments.bounds import SECONDS_PER_DRAW, bounded
from bnviz.experiments.jobs import Report, silent
from bnviz.experiments.noise import NoiseConfig
from bnviz.experiments.pair import train_pair
from bnviz.experiments.result import Axes, Floats, Result
from bnviz.experiments.settings import Knob, Settings

DROPOUTS = (0.1, 0.2, 0.35, 0.5, 0.7)
SWEPT = (4, 8, 16, 32, 64, 128, 256, 512)
MOST_STEPS, RATE_BOUNDS = 5000, (1e-6, 1e3)  # what the knobs allow
RATES = ("in proportion to the batch", "the same for all")
"""How the learning rate goes with the batch size in the sweep over it."""


class PairConfig(NoiseConfig):
    """A pair beside the main run: plain and BN over the whole batch, both with dropout."""

    dropout: Annotated[
        float,
        Knob("Dropout", (0.0, *DROPOUTS), "The share of outputs that are set to zero.", 0.0, 0.9),
    ] = 0.0

    def work(self) -> float:
        """The pair, and what is drawn for its dropout."""
        drawn = self.depth * self.width * self.in_batch() * self.seeds * self.steps
        return 2 * (self.training_work(1) + SECONDS_PER_DRAW * drawn * (self.dropout > 0))

    def held(self) -> float:
        return self.training_memory(dropout=self.dropout)

    def kept(self) -> float:
        return Settings.kept(self)


@dataclass(frozen=True, kw_only=True, repr=False)
class PairResult(Result):
    """Plain and BN on the first axis, at the end of training. NaN: diverged."""

    config: PairConfig
    test_loss: Annotated[Floats, Axes("treatment seed", "inference mode")]
    test_accuracy: Annotated[Floats, Axes("treatment seed", "inference mode, 0 to 1")]


@bounded
def run(config: PairConfig, report: Report = silent, workers: int = 2) -> PairResult:
    """Train plain and BN, both with the dropout of this config. Pure: same config, same bits."""
    layers = tuple(range(1, config.depth + 1))
    histories = train_pair(
        config, layers, (), report, workers, record_at=[config.steps], dropout=config.dropout
    )
    return PairResult(
        config=config,
        test_loss=np.stack([histories[name].test_losses[:, -1] for name in TREATMENTS]),
        test_accuracy=np.stack([histories[name].test_accuracies[:, -1] for name in TREATMENTS]),
    )


def dropouts(config: NoiseConfig) -> list[PairConfig]:
    """The same training with dropout at several rates."""
    return [PairConfig.like(config, dropout=rate) for rate in DROPOUTS]


def sizes(config: NoiseConfig, rates: str) -> list[PairConfig]:
    """The same number of epochs at other batch sizes; `rates`: one of RATES.

    No more than 5000 steps, so that small batches of a long training see fewer epochs.
    """
    available, whole = len(config.data().train_labels), config.whole()
    pieces = []
    for size in (size for size in SWEPT if size <= available):
        rate = config.learning_rate * (size / whole if rates == RATES[0] else 1.0)
        steps = round(config.steps * whole / size)
        pieces.append(
            PairConfig.like(
                config,
                batch_size=size,
                steps=min(MOST_STEPS, max(1, steps)),
                learning_rate=min(RATE_BOUNDS[1], max(RATE_BOUNDS[0], rate)),
            )
        )
    return pieces
