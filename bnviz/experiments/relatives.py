"""BN's relatives: one small convolutional network, normalized in seven ways."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.axes import MIXTURE
from bnviz.engine.batchnorm import Options
from bnviz.engine.data import Dataset
from bnviz.engine.images import (
    SIDE,
    ConvolutionalArchitecture,
    ConvolutionalCohort,
    images,
)
from bnviz.engine.normalization import importance_weights
from bnviz.engine.training import History, Probe, Snapshot, tested_together
from bnviz.experiments.bounds import FLOAT, PASSING, STATES, bounded
from bnviz.experiments.data_knobs import ImageName, OneScale
from bnviz.experiments.jobs import Job, Report, side_by_side, silent
from bnviz.experiments.pair import diverged_at
from bnviz.experiments.result import Axes, Floats, Result, Whole
from bnviz.experiments.settings import OTHERWISE, Knob, LearningRate, Settings, Value
from bnviz.experiments.training import seeds_of, training

KINDS = ("plain", "batch", "renorm", "switchable", "layer", "group", "instance")
NORMALIZERS = KINDS[1:]

SAMPLES, CHANNELS = 6, 8  # of the stack that is shown; of few channels, all
RECORDS = 8  # moments that are recorded, at most
EARLIER = 1.5  # exponent: the records are closer together at the start of training
TESTED = 150  # samples, spread over the test set
FEWEST_TESTED = 30  # of large networks
MEASURING = 4e9  # operations that testing may take, otherwise

SECONDS_PER_LAYER = 4e-3  # of one step of all seven, of any size, forward and backward
SECONDS_PER_OPERATION = 1e-10
SECONDS_PER_VALUE = 2e-8  # of a feature map
HOLES = 1e7  # bytes of the heap that lie unused between the arrays
COPIES = 5  # of all feature maps that wait for the way back, over the seven kinds
SIZES = (32, 16, 8, 4, 2)
SEEN = 1600  # samples, in each training of the section on batch sizes


def _squared(value: Value) -> str:
    return f"{value} x {value}"


class RelativesConfig(Settings):
    """The shared settings, of a convolutional network on images of 8 x 8 pixels."""

    dataset: ImageName = "digits"
    scaling: OneScale = "standardized"
    depth: Annotated[
        int,
        Knob("Convolutions", (1, 2, 3, 4), "How many convolutional layers, 3 x 3 each.", 1, 50),
    ] = 2
    width: Annotated[
        int, Knob("Channels", (4, 8, 16), "Feature maps of each convolution.", 4, 64)
    ] = 8
    learning_rate: LearningRate = 0.18
    batch_size: Annotated[
        int,
        Knob(
            "Batch size",
            (1, 2, 4, 8, 16, 32),
            "Samples per update, and the samples whose mean and variance BN takes.",
            1,
            1347,
        ),
    ] = 8
    steps: Annotated[int, Knob("Steps", (50, 100, 200), "Updates in one run.", 1, 5000)] = 50
    seeds: Annotated[
        int,
        Knob(
            "Seeds",
            (1, 3, 5),
            "How many networks of each kind are trained. A seed sets the initial weights and the"
            " order of the batches; all kinds share it.",
            1,
            32,
        ),
    ] = 3
    side: Annotated[
        int,
        Knob(
            "Pixels/channel",
            (1, 2, 4),
            "The space that is left for all convolutions but the first. Pixels are folded into"
            " channels, so nothing is lost: less space, more channels.",
            show=_squared,
        ),
    ] = 1
    groups: Annotated[
        int,
        Knob(
            "Groups",
            (1, 2, 4, 8),
            "Group norm: into so many groups the channels are put. One group is layer norm, as many"
            " as there are channels instance norm.",
            1,
            64,
        ),
    ] = 2

    def data(self) -> Dataset:
        """The data as images; of the test set, fewer samples."""
        data = images(super().data())
        affordable = MEASURING / (RECORDS * len(KINDS) * self.seeds * 2 * self._weights())
        tested = int(np.clip(affordable, FEWEST_TESTED, TESTED))
        kept = np.linspace(0, len(data.test_labels) - 1, tested).round().astype(np.int64)
        return replace(data, test_inputs=data.test_inputs[kept], test_labels=data.test_labels[kept])

    def _weights(self) -> int:
        """Multiplications of one sample in one pass."""
        network = ConvolutionalArchitecture(SIDE * SIDE, 10, self.depth, self.width, side=self.side)
        places = [SIDE * SIDE, *[self.side**2] * (self.depth - 1), 1]
        sizes = zip(places, network.sizes(), strict=True)
        return sum(many * inputs * outputs for many, (inputs, outputs) in sizes)

    def in_batch(self) -> int:
        """The samples that a mini-batch really has; asks for no images."""
        return min(self.batch_size, len(Settings.data(self).train_labels))

    def in_a_group(self) -> int:
        """Channels of a group: the groups of the knob, or as many as can be equally large."""
        return self.width // math.gcd(self.groups, self.width)

    def network(self) -> ConvolutionalArchitecture:
        """The network; renormalization leaves BN over the first half of training."""
        data = self.data()
        options = Options(
            groups=math.gcd(self.groups, self.width), ramp=max(1, round(self.steps / 2))
        )
        return ConvolutionalArchitecture(
            inputs=data.features,
            outputs=data.classes,
            depth=self.depth,
            width=self.width,
            activation=self.activation,
            initialization=self.initialization,
            options=options,
            side=self.side,
        )

    def numbers(self, kind: str, layer: int | None = None) -> int:
        """How many numbers are behind a mean in this convolution, from 1; None: the last one."""
        last = self.depth if layer is None else layer
        pixels = SIDE * SIDE if last == 1 else self.side**2
        samples = self.in_batch()
        return {
            "instance": pixels,
            "group": pixels * self.in_a_group(),
            "layer": pixels * self.width,
        }.get(kind, pixels * samples)

    def work(self) -> float:
        """As Settings.work, for all seven networks; switchable norm takes as long as two."""
        samples = self.seeds * self.in_batch()
        one = SECONDS_PER_OPERATION * 6 * self._weights() + SECONDS_PER_VALUE * self._values()
        step = SECONDS_PER_LAYER * (self.depth + 1) + (len(KINDS) + 1) * samples * one
        tested = (len(KINDS) + 1) * RECORDS * self.seeds * TESTED * one / 3
        return self.steps * step + tested

    def held(self) -> float:
        """All seven networks of all seeds, which train as one cohort."""
        networks = len(KINDS) * self.seeds
        samples = self.in_batch()
        places = [SIDE * SIDE, *[self.side**2] * (self.depth - 1), 0]
        sizes = self.network().sizes()
        patches = sum(many * inputs for many, (inputs, _) in zip(places, sizes, strict=True))
        weights = sum(inputs * outputs for inputs, outputs in sizes)
        values = samples * (COPIES * self._values() + 2 * patches)
        tested = TESTED * (PASSING * self.width * SIDE * SIDE + patches)
        some = min(networks, tested_together(self.network(), TESTED))
        own = (3 + STATES[self.optimizer]) * weights
        return FLOAT * (networks * own + max(networks * values, some * tested)) + HOLES

    def kept(self) -> float:
        """What is recorded: maps above all."""
        maps = RECORDS * SAMPLES * CHANNELS * (SIDE * SIDE + 2)
        return 2 * FLOAT * len(KINDS) * self.seeds * maps + OTHERWISE

    def too_large(self) -> str:
        return (
            f"Even one step of one seed of networks with {self.depth} convolutions of {self.width}"
            f" channels and mini-batches of {self.batch_size} would take too much for one visitor:"
            " make the number of channels, of convolutions or of pixels, or the batch smaller."
        )

    def _values(self) -> int:
        """Numbers in all feature maps of one sample."""
        return self.width * (SIDE * SIDE + (self.depth - 1) * self.side**2)


MOMENTS = ("mean", "variance")


@dataclass(frozen=True, kw_only=True, repr=False)
class RelativesResult(Result):
    """Test accuracies are from 0 to 1; NaN after a divergence. T: the records; S, C: the stack."""

    config: RelativesConfig
    steps: Annotated[Whole, Axes("step", "updates")]
    accuracy: Annotated[dict[str, Floats], Axes("treatment seed step", "inference mode")]
    diverged_at: Annotated[
        dict[str, Whole], Axes("treatment seed", "update; empty: never", maybe=True)
    ]
    labels: Annotated[
        Whole,
        Axes("sample", "of the samples in the stack, which are a batch of their own", drawn=True),
    ]
    maps: Annotated[
        dict[str, Floats],
        Axes(
            "treatment step sample channel y x",
            "out of the first convolution, first seed",
            drawn=True,
        ),
    ]
    mean: Annotated[
        dict[str, Floats], Axes("treatment step sample channel", "that is subtracted there")
    ]
    variance: Annotated[
        dict[str, Floats], Axes("treatment step sample channel", "by whose root is divided")
    ]
    shares: Annotated[
        Floats,
        Axes(
            "seed step layer moment=MOMENTS of=MIXTURE",
            "what switchable norm mixes, 0 to 1",
        ),
    ]

    def size(self) -> dict[str, int]:
        """How many samples and channels the stack has."""
        samples, channels = self.maps["batch"].shape[1:3]
        return {"sample": samples, "channel": channels}

    def chance(self) -> float:
        """The accuracy of guessing."""
        return 1 / Settings.data(self.config).classes


@bounded
def run(config: RelativesConfig, report: Report = silent, workers: int = 2) -> RelativesResult:
    """Train all seven from the same weights on the same mini-batches.

    Pure: the same config, the same bits.
    """
    records, data = recorded(config.steps), config.data()
    jobs = {"all": together(config, KINDS, records)}
    history = side_by_side(jobs, config.steps, report, workers)["all"]
    stack = (SAMPLES, min(CHANNELS, config.width))

    def first(name: str, more: tuple[int, ...] = ()) -> dict[str, Floats]:
        found = _by_kind(_probed(history, name, (*stack, *more)))
        return {kind: values[0] for kind, values in found.items()}

    mixtures = _probed(history, "shares", (config.depth, 2, len(MIXTURE)))
    return RelativesResult(
        config=config,
        steps=np.array(records),
        accuracy=_by_kind(history.test_accuracies),
        diverged_at=_by_kind(diverged_at(history)),
        labels=data.test_labels[:SAMPLES],
        maps=first("maps", (SIDE, SIDE)),
        mean=first("mean"),
        variance=first("variance"),
        shares=_by_kind(mixtures)["switchable"],
    )


def recorded(steps: int) -> list[int]:
    """The moments that are recorded in so many steps, closer together at their start."""
    shares = np.linspace(0, 1, RECORDS) ** EARLIER
    return sorted({round(steps * float(share)) for share in shares})


def _by_kind(values: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """(replicas, …) as one array a kind, (seeds, …)."""
    return dict(zip(KINDS, np.split(values, len(KINDS)), strict=True))


def together(config: RelativesConfig, kinds: Sequence[str], records: Sequence[int]) -> Job[History]:
    """Train these kinds as one cohort: kind after kind, in each seed after seed."""
    names = ["none" if kind == "plain" else kind for kind in kinds for _ in range(config.seeds)]
    stack = torch.tensor(config.data().test_inputs[:SAMPLES])

    def build(seeds: Sequence[int], gains: Sequence[float]) -> ConvolutionalCohort:
        return ConvolutionalCohort(config.network(), names, seeds, gains)

    return training(
        config,
        seeds=[*seeds_of(config)] * len(kinds),
        build=build,
        record_at=records,
        probes=[looking_at(stack)],
    )


def looking_at(stack: Tensor) -> Probe:
    """A probe: the first convolution's maps of `stack`, (samples, pixels), a batch of its own.

    maps (R, S, C, 8, 8), of at most CHANNELS channels; mean and variance (R, S, C) that the
    normalizer uses there; shares (R, depth, 2, 3) of switchable normalization, NaN for others.
    """

    def probe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        cohort = snapshot.cohort
        assert isinstance(cohort, ConvolutionalCohort)
        with torch.no_grad():
            values, (mean, variance) = cohort.first_maps(stack.T.expand(cohort.replicas, -1, -1))
            maps = values.view(len(values), -1, SIDE, SIDE, len(stack))[:, :CHANNELS]
            seen = {
                "maps": maps.permute(0, 4, 1, 2, 3),
                "mean": mean[:, :CHANNELS].transpose(1, 2),
                "variance": variance[:, :CHANNELS].transpose(1, 2),
            }
            mixes = [
                layer.importance_logits
                for layer in cohort.layers
                if layer.importance_logits is not None
            ]
            if mixes:
                shares = torch.stack(
                    [
                        importance_weights(importance_logits, cohort.replicas)
                        for importance_logits in mixes
                    ],
                    dim=1,
                )
                others = torch.tensor([kind != "switchable" for kind in cohort.kinds])
                seen["shares"] = shares.masked_fill(others.view(-1, 1, 1, 1), torch.nan)
        return seen

    return probe


def _probed(history: History, name: str, shape: tuple[int, ...]) -> Floats:
    """What a probe measured, NaN where nothing was recorded or a number is too large to show."""
    empty = np.full((*history.test_losses.shape, *shape), np.nan, np.float32)
    measured = history.probes.get(name, empty)
    return np.where(np.isfinite(measured), measured, np.float32(np.nan))


def by_size(config: RelativesConfig) -> list[RelativesConfig]:
    """The same networks at each batch size, with as many samples, the rate in proportion."""
    available = len(Settings.data(config).train_labels)
    own = min(config.batch_size, available)
    return [
        config.model_copy(
            update={
                "batch_size": size,
                "steps": SEEN // size,
                "learning_rate": min(1e3, max(1e-6, config.learning_rate * size / own)),
            }
        )
        for size in SIZES
    ]
