"""BN's relatives: one small convolutional network, normalized in seven ways."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bnviz.engine.data import Dataset
from bnviz.engine.images import (
    SIDE,
    ConvolutionalArchitecture,
    ConvolutionalCohort,
    images,
)
from bnviz.engine.normalization import Options, shares_of
from bnviz.engine.training import History, Moment, Probe, train
from bnviz.experiments.bounds import FLOAT, PASSING, STATES, bounded
from bnviz.experiments.pair import NEVER, count, diverged_at, median, medians, portion
from bnviz.experiments.running import Job, Report, side_by_side, silent
from bnviz.experiments.settings import OTHERWISE, Knob, LearningRate, Settings, Value

Floats = NDArray[np.float32]

KINDS = ("plain", "batch", "renorm", "switchable", "layer", "group", "instance")
NORMALIZERS = KINDS[1:]
ALONE = ("layer", "group", "instance")  # these never look at another sample
NAMES = {
    "plain": "plain",
    "batch": "BN",
    "renorm": "renormalization",
    "switchable": "switchable norm",
    "layer": "layer norm",
    "group": "group norm",
    "instance": "instance norm",
}
CHOICES = {
    "BN": "batch",
    "layer": "layer",
    "instance": "instance",
    "group": "group",
    "renormalized": "renorm",
    "switchable": "switchable",
}
"""What the reader can choose to look at."""
MIXED = ("instance norm", "layer norm", "BN")  # what switchable norm mixes, in this order

SAMPLES, CHANNELS = 6, 8  # of the stack that is shown; of few channels, all
RECORDS = 8  # moments that are recorded, at most
EARLIER = 1.5  # exponent: the records are closer together at the start of training
TESTED = 150  # samples, spread over the test set
FEWEST_TESTED = 30  # of large networks
MEASURING = 4e9  # operations that testing may take, otherwise
SMALL = 0.03  # of test accuracy: below this, two networks are about as good
MOVED = 0.05  # of a share: below this, switchable norm has hardly chosen

SECONDS_PER_LAYER = 4e-3  # of one step of all seven, of any size, forward and backward
SECONDS_PER_OPERATION = 1e-10
SECONDS_PER_VALUE = 2e-8  # of a feature map
COPIES = 5  # of all feature maps that wait for the way back, over the seven kinds
SIZES = (32, 16, 8, 4, 2)
SEEN = 1600  # samples, in each training of the section on batch sizes


def _squared(value: Value) -> str:
    return f"{value} x {value}"


class RelativesConfig(Settings):
    """The shared settings, of a convolutional network on images of 8 x 8 pixels."""

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
            "Pixels left",
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
        data = images(self.dataset)
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
        samples = min(self.batch_size, len(Settings.data(self).train_labels))
        return {
            "instance": pixels,
            "group": pixels * self.in_a_group(),
            "layer": pixels * self.width,
        }.get(kind, pixels * samples)

    def work(self) -> float:
        """As Settings.work, for all seven networks; switchable norm takes as long as two."""
        samples = self.seeds * min(self.batch_size, len(Settings.data(self).train_labels))
        one = SECONDS_PER_OPERATION * 6 * self._weights() + SECONDS_PER_VALUE * self._values()
        step = SECONDS_PER_LAYER * (self.depth + 1) + (len(KINDS) + 1) * samples * one
        tested = (len(KINDS) + 1) * RECORDS * self.seeds * TESTED * one / 3
        return self.steps * step + tested

    def held(self) -> float:
        """All seven networks of all seeds, which train as one cohort."""
        networks = len(KINDS) * self.seeds
        samples = min(self.batch_size, len(Settings.data(self).train_labels))
        places = [SIDE * SIDE, *[self.side**2] * (self.depth - 1), 0]
        sizes = self.network().sizes()
        patches = sum(many * inputs for many, (inputs, _) in zip(places, sizes, strict=True))
        weights = sum(inputs * outputs for inputs, outputs in sizes)
        values = samples * (COPIES * self._values() + 2 * patches)
        tested = TESTED * (PASSING * self.width * SIDE * SIDE + patches)
        own = (3 + STATES[self.optimizer]) * weights
        return FLOAT * networks * (own + max(values, tested))

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


@dataclass(frozen=True)
class RelativesResult:
    """Test accuracies are from 0 to 1; NaN after a divergence. T: the records; S, C: the stack."""

    config: RelativesConfig
    steps: NDArray[np.int64]  # (T,) updates
    accuracy: dict[str, Floats]  # KINDS -> (seeds, T) inference mode
    diverged_at: dict[str, NDArray[np.int64]]  # KINDS -> (seeds,) update, or NEVER
    labels: NDArray[np.int64]  # (S,) of the samples in the stack, which are a batch of their own
    maps: dict[str, Floats]  # KINDS -> (T, S, C, 8, 8) out of the first convolution, first seed
    mean: dict[str, Floats]  # NORMALIZERS -> (T, S, C) that is subtracted there
    variance: dict[str, Floats]  # NORMALIZERS -> (T, S, C) by whose root is divided
    shares: Floats  # (seeds, T, depth, 2, 3) switchable norm's, of means and variances, as MIXED

    def ends(self, kind: str) -> float:
        """Median test accuracy at the end; NaN where all diverged."""
        return median(self.accuracy[kind][:, -1])

    def size(self) -> dict[str, int]:
        """How many samples and channels the stack has."""
        samples, channels = self.maps["batch"].shape[1:3]
        return {"sample": samples, "channel": channels}

    def learned(self, accuracy: float) -> bool:
        """Whether this is closer to being always right than to guessing."""
        return bool(accuracy >= (1 + self.chance()) / 2)

    def chance(self) -> float:
        """The accuracy of guessing."""
        return 1 / Settings.data(self.config).classes

    def known(self) -> dict[str, float]:
        """The accuracy at the end of those that have one."""
        ends = {kind: self.ends(kind) for kind in KINDS}
        return {kind: end for kind, end in ends.items() if np.isfinite(end)}


@bounded
def run(config: RelativesConfig, report: Report = silent, workers: int = 2) -> RelativesResult:
    """Train all seven from the same weights on the same mini-batches.

    Pure: the same config, the same bits.
    """
    shares = np.linspace(0, 1, RECORDS) ** EARLIER
    records = sorted({round(config.steps * float(share)) for share in shares})
    data = config.data()
    jobs = {"all": _training(config, data, KINDS, records)}
    history = side_by_side(jobs, config.steps, report, workers)["all"]
    stack = (SAMPLES, min(CHANNELS, config.width))

    def first(name: str, more: tuple[int, ...] = ()) -> dict[str, Floats]:
        found = _by_kind(_probed(history, name, (*stack, *more)))
        return {kind: values[0] for kind, values in found.items()}

    mixtures = _probed(history, "shares", (config.depth, 2, len(MIXED)))
    return RelativesResult(
        config,
        np.array(records),
        _by_kind(history.test_accuracies),
        _by_kind(diverged_at(history)),
        data.test_labels[:SAMPLES],
        first("maps", (SIDE, SIDE)),
        first("mean"),
        first("variance"),
        _by_kind(mixtures)["switchable"],
    )


def _by_kind(values: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """(replicas, …) as one array a kind, (seeds, …)."""
    return dict(zip(KINDS, np.split(values, len(KINDS)), strict=True))


def _training(
    config: RelativesConfig, data: Dataset, kinds: Sequence[str], records: Sequence[int]
) -> Job[History]:
    """Train these kinds as one cohort: kind after kind, in each seed after seed."""
    seeds = [*range(config.first_seed, config.first_seed + config.seeds)] * len(kinds)
    names = ["none" if kind == "plain" else kind for kind in kinds for _ in range(config.seeds)]
    probes = [looking_at(torch.tensor(data.test_inputs[:SAMPLES]))]

    def job(progress: Callable[[int], None]) -> History:
        cohort = ConvolutionalCohort(config.network(), names, seeds, [config.gain] * len(seeds))
        plan = config.plan(len(seeds))
        return train(cohort, seeds, data, plan, record_at=records, probes=probes, progress=progress)

    return job


def looking_at(stack: Tensor) -> Probe:
    """A probe: the first convolution's maps of `stack`, (samples, pixels), a batch of its own.

    maps (R, S, C, 8, 8), of at most CHANNELS channels; mean and variance (R, S, C) that the
    normalizer uses there; shares (R, depth, 2, 3) of switchable normalization, NaN for others.
    """

    def probe(moment: Moment) -> Mapping[str, Tensor]:
        cohort = moment.cohort
        assert isinstance(cohort, ConvolutionalCohort)
        with torch.no_grad():
            values, (mean, variance) = cohort.first_maps(stack.T.expand(cohort.replicas, -1, -1))
            maps = values.view(len(values), -1, SIDE, SIDE, len(stack))[:, :CHANNELS]
            seen = {
                "maps": maps.permute(0, 4, 1, 2, 3),
                "mean": mean[:, :CHANNELS].transpose(1, 2),
                "variance": variance[:, :CHANNELS].transpose(1, 2),
            }
            mixes = [layer.mix for layer in cohort.layers if layer.mix is not None]
            if mixes:
                shares = torch.stack([shares_of(mix, cohort.replicas) for mix in mixes], dim=1)
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


# ------------------------------------------------------------------ what it shows


def _start(name: str) -> str:
    return name[0].upper() + name[1:]


def findings(result: RelativesResult) -> list[str]:
    """What this run shows, in sentences, each computed from it."""
    said = [
        _headline(result),
        _company(result),
        _space(result),
        _groups(result),
        _chosen(result),
        _helps(result),
        _lost(result),
    ]
    return [sentence for sentence in said if sentence]


def _unknown(result: RelativesResult) -> str:
    """Why there is nothing to compare; empty: there is."""
    known = result.known()
    if any(result.learned(end) for end in known.values()):
        return ""
    if not known:
        return "**No comparison here**: all seven networks diverged."
    best = max(known, key=known.__getitem__)
    return (
        "**No comparison here**: none of the seven networks learns at these settings; the best,"
        f" {NAMES[best]}, gets {portion(known[best])} of the test samples right."
    )


def _headline(result: RelativesResult) -> str:
    if unknown := _unknown(result):
        return unknown
    known = result.known()
    best, worst = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
    told = (
        f"{NAMES[best]} gets {portion(known[best])} of the test samples right, {NAMES[worst]}"
        f" {portion(known[worst])}"
    )
    if known[best] - known[worst] < SMALL:
        many = "seven" if len(known) == len(KINDS) else "that did not diverge"
        if best == worst:
            told = f"each gets {portion(known[best])} of the test samples right"
        return f"**All {many} do about as well here**: {told}."
    normalized = [end for kind, end in known.items() if kind != "plain"]
    if best == "plain" and max(normalized) - min(normalized) < SMALL:
        return f"**It hardly matters here which numbers are averaged**: {told}."
    others = min(end for kind, end in known.items() if kind != worst)
    if known[best] - others < others - known[worst]:
        return f"**One stays behind**: {told}."
    return f"**It matters which numbers are averaged here**: {told}."


def _company(result: RelativesResult) -> str:
    """BN beside the best of those that need no batch, and how many numbers it has."""
    if _unknown(result):
        return ""
    config, batch = result.config, result.ends("batch")
    rivals = {kind: end for kind, end in result.known().items() if kind in ALONE}
    if not rivals or not np.isfinite(batch):
        return ""
    rival = max(rivals, key=rivals.__getitem__)
    numbers, samples = config.numbers("batch"), min(config.batch_size, _all(config))
    behind = (
        f"behind each of BN's means in the last convolution are {numbers} numbers, {samples}"
        f" {'sample' if samples == 1 else 'samples'} of {numbers // samples}"
        f" {'pixel' if numbers == samples else 'pixels'}"
    )
    told = f"BN {portion(batch)}, {NAMES[rival]}, the best that needs no batch,"
    told += f" {portion(rivals[rival])}"
    if batch < rivals[rival] - SMALL:
        return f"{told}: BN is behind; {behind}."
    verdict = "BN is ahead" if batch > rivals[rival] + SMALL else "BN keeps up"
    return f"{told}: {verdict}; {behind}."


def _all(config: RelativesConfig) -> int:
    return len(Settings.data(config).train_labels)


def _space(result: RelativesResult) -> str:
    """Instance norm, beside layer norm."""
    config = result.config
    instance, layer = result.ends("instance"), result.ends("layer")
    if _unknown(result) or not np.isfinite([instance, layer]).all():
        return ""
    told = f"instance norm {portion(instance)}, layer norm {portion(layer)}"
    if config.numbers("instance") == 1:
        return (
            "Instance norm has one pixel to average, which is its own mean: it hands on β,"
            f" whatever comes in; {told}."
        )
    numbers = config.numbers("instance"), config.numbers("layer")
    where = f"With {numbers[0]} numbers behind a mean, against {numbers[1]}"
    if instance < layer - SMALL:
        return f"{where}: {told}. Instance norm also takes away how strong each channel is."
    verdict = "ahead" if instance > layer + SMALL else "no worse"
    return f"{where}: {told}. Instance norm is {verdict} here."


def _groups(result: RelativesResult) -> str:
    """Group norm, between the two."""
    ends = [result.ends(kind) for kind in ("layer", "group", "instance")]
    if _unknown(result) or not np.isfinite(ends).all():
        return ""
    many = result.config.width // result.config.in_a_group()
    if many in (1, result.config.width):
        twin = "layer norm" if many == 1 else "instance norm"
        return f"With {many} {'group' if many == 1 else 'groups'}, group norm is {twin}."
    told = f"Group norm, with {many} groups of {result.config.in_a_group()} channels,"
    low, high = min(ends[0], ends[2]), max(ends[0], ends[2])
    if low - SMALL <= ends[1] <= high + SMALL:
        return f"{told} is between layer and instance norm, or level: {portion(ends[1])}."
    beyond = "above" if ends[1] > high else "below"
    return f"{told} ends {beyond} both layer and instance norm: {portion(ends[1])}."


def _chosen(result: RelativesResult) -> str:
    """The mixture of switchable norm in the last convolution."""
    if not np.isfinite(result.ends("switchable")):
        return ""
    shares = medians(result.shares[:, -1, -1, 0].T)
    if not np.isfinite(shares).all():
        return ""
    parts = [f"{100 * share:.0f} % {name}" for share, name in zip(shares, MIXED, strict=True)]
    told = f"Switchable norm mixes the means of the last convolution from {', '.join(parts)}"
    if abs(shares - 1 / 3).max() < MOVED:
        steps = int(result.steps[-1])
        after = "one step" if steps == 1 else f"{steps} steps"
        return f"{told}: from equal shares it has hardly moved in {after}."
    return f"{told}; it began with equal shares."


def _helps(result: RelativesResult) -> str:
    """Whether normalizing helps at all."""
    known = result.known()
    others = {kind: end for kind, end in known.items() if kind != "plain"}
    if _unknown(result) or "plain" not in known or not others:
        return ""
    best = max(others, key=others.__getitem__)
    told = f"plain {portion(known['plain'])}, the best of the normalized, {NAMES[best]},"
    told += f" {portion(others[best])}"
    if others[best] - known["plain"] < SMALL:
        return f"Normalization does not help here: {told}."
    better = [kind for kind, end in others.items() if end >= known["plain"] + SMALL]
    ends = "end" if len(better) > 1 else "ends"
    return f"Of the six normalized networks, {len(better)} {ends} clearly above plain: {told}."


def _lost(result: RelativesResult) -> str:
    gone = {kind: int((at != NEVER).sum()) for kind, at in result.diverged_at.items()}
    told = [
        f"{NAMES[kind]} in {count(many, result.config.seeds)}"
        for kind, many in gone.items()
        if many
    ]
    return f"Diverged, and left out: {'; '.join(told)}." if told else ""


def of_the_stack(result: RelativesResult, name: str, place: Sequence[int]) -> str:
    """What the lit part of the stack is, in a sentence; `name`: one of CHOICES.

    place: the sample and the channel of one map, from 0.
    """
    config, kind, (sample, channel) = result.config, CHOICES[name], place
    shown = len(result.labels)
    pixels, channels = SIDE * SIDE, config.width
    parts = {
        "batch": f"channel {channel + 1} of all {shown} samples",
        "renorm": f"channel {channel + 1} of all {shown} samples, moved towards the running"
        " statistics",
        "layer": f"all {channels} channels of sample {sample + 1}",
        "group": f"{_its_group(config.in_a_group())}, of sample {sample + 1}",
        "instance": f"channel {channel + 1} of sample {sample + 1} alone",
        "switchable": f"a mixture: of channel {channel + 1}, of sample {sample + 1}, and of both",
    }
    numbers = {
        "layer": pixels * channels,
        "group": pixels * config.in_a_group(),
        "instance": pixels,
    }.get(kind, pixels * shown)
    mean = result.mean[kind][-1, sample, channel]
    variance = result.variance[kind][-1, sample, channel]
    told = f"{_start(NAMES[kind])} takes mean and variance of {parts[kind]}"
    told += "" if kind == "switchable" else f", {numbers} numbers"
    if not np.isfinite([mean, variance]).all():
        return f"{told}. This network diverged."
    rounded = round(float(mean), 2) + 0.0  # never -0.00
    return f"{told}: at the end, mean {rounded:.2f} and variance {variance:.2f}."


def _its_group(channels: int) -> str:
    return (
        "the one channel of its group" if channels == 1 else f"the {channels} channels of its group"
    )


def over_sizes(results: Sequence[RelativesResult]) -> str:
    """BN and its relatives by batch size, in a sentence."""
    ordered = sorted(results, key=lambda one: one.config.batch_size)
    small, large = ordered[0], ordered[-1]
    told = []
    for one in dict.fromkeys((small.config.batch_size, large.config.batch_size)):
        at = next(result for result in ordered if result.config.batch_size == one)
        batch, alone = at.ends("batch"), max((at.known().get(k, 0.0) for k in ALONE), default=0.0)
        gets = f"gets {_wrong(batch)} wrong" if np.isfinite(batch) else "diverges"
        told.append(
            f"in batches of {one}, BN {gets} and the best that needs no batch {_wrong(alone)}"
        )
    said = _start("; ".join(told)) + "."
    if not any(one.learned(end) for one in ordered for end in one.known().values()):
        return f"None of the networks learns at these settings. {said}"
    behind = [
        one.config.batch_size
        for one in ordered
        if np.nan_to_num(one.ends("batch"))
        < max((one.known().get(k, 0.0) for k in ALONE), default=0.0) - SMALL
    ]
    if not behind:
        pixels = small.config.numbers("batch") // small.config.batch_size
        why = f": its means are over {pixels} pixels of each sample as well" if pixels > 1 else ""
        return f"{said} BN is not clearly behind at any size{why}."
    return f"{said} BN is clearly behind at batch size {', '.join(map(str, behind))}."


def _wrong(accuracy: float) -> str:
    return portion(1 - accuracy)


def misconceptions(result: RelativesResult) -> dict[str, str]:
    """Common beliefs, each with what this run says of it."""
    return {
        "Small batches always break BN.": _always_breaks(result),
        "All of them subtract a mean and divide by a deviation, so it hardly matters which.": (
            _no_matter(result)
        ),
        "Instance norm needs no batch, so it works everywhere.": _everywhere(result),
        "A learned mixture is better than any of its parts.": _better_than_parts(result),
    }


CANNOT_TELL = "This run cannot tell: no network learns, or one that is needed here diverged."


def _always_breaks(result: RelativesResult) -> str:
    said = _company(result)
    if not said:
        return CANNOT_TELL
    config = result.config
    samples = min(config.batch_size, _all(config))
    if samples > 8:
        return f"This run has batches of {samples}, which are not small; choose 2. {said}"
    if "behind;" in said:
        return f"They do here. {said}"
    return f"Not here, in batches of {samples}. {said}"


def _no_matter(result: RelativesResult) -> str:
    known = {kind: end for kind, end in result.known().items() if kind != "plain"}
    if _unknown(result) or len(known) < 2:
        return CANNOT_TELL
    best, worst = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
    told = f"{NAMES[best]} {portion(known[best])}, {NAMES[worst]} {portion(known[worst])}"
    if best == worst:
        told = f"all reach {portion(known[best])}"
    if known[best] - known[worst] < SMALL:
        return f"At these settings it hardly does: {told}. Try one pixel, or batches of two."
    return f"It does: {told}. What counts is over which numbers the mean is, and how many."


def _everywhere(result: RelativesResult) -> str:
    said = _space(result)
    if not said:
        return CANNOT_TELL
    if result.config.numbers("instance") == 1:
        return f"It needs space. {said}"
    return f"{said} With one pixel left, it has nothing to average."


def _better_than_parts(result: RelativesResult) -> str:
    known = result.known()
    parts = {kind: known[kind] for kind in ("instance", "layer", "batch") if kind in known}
    if _unknown(result) or "switchable" not in known or not parts:
        return CANNOT_TELL
    best = max(parts, key=parts.__getitem__)
    told = f"switchable norm {portion(known['switchable'])}, {NAMES[best]} {portion(parts[best])}"
    if known["switchable"] >= parts[best] + SMALL:
        return f"In this run it is: {told}."
    if known["switchable"] > parts[best] - SMALL:
        return f"Not clearly, in this run: {told}. It is about as good as the best of its parts."
    return f"Not in this run: {told}."


ALIKE = "all about the same"
GUESSES = (*(NAMES[kind] for kind in KINDS), ALIKE)


def who_is_last(result: RelativesResult) -> tuple[str, str]:
    """Who ends least accurate, as one of GUESSES, and why."""
    known, why = result.known(), " ".join(filter(None, (_headline(result), _lost(result))))
    if _unknown(result) or max(known.values()) - min(known.values()) < SMALL:
        return ALIKE, why
    return NAMES[min(known, key=known.__getitem__)], why
