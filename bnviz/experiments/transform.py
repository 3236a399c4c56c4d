"""What BN computes: four stages on a mini-batch that the reader can type in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.experiments.minibatch import (
    READY,
    TRAINED,
    ByHand,
    Table,
    read,
    trained_units,
)
from bnviz.experiments.running import Report, silent
from bnviz.experiments.settings import Knob

Vector = NDArray[np.float64]

SET, BACK, LEARNED = "γ and β as set", "give the input back", "as the units learned"
STAGES = ("x", "centred", "normalized", "scaled, shifted")
FRAMES = 30  # from the first stage to the last, a third of them from stage to stage
MOMENTS = tuple(
    STAGES[place // 10] if place % 10 == 0 else f"{STAGES[place // 10]} …"
    for place in range(FRAMES + 1)
)
"""What each place of the clock is called."""
LINEAR = 1.763  # the sigmoid's slope is at least half of its largest for |z| up to ln(3 + 2√2)


class TransformConfig(ByHand):
    """A mini-batch, and the three numbers that the reader can set."""

    source: Annotated[
        str,
        Knob(
            "Mini-batch",
            (*READY, TRAINED),
            "Ready-made numbers; in the table you can change them. The trained units are two of a"
            " network with BN that has really been trained, on a real mini-batch of digits.",
        ),
    ] = "well-behaved"
    gamma: Annotated[
        float,
        Knob(
            "γ, the scale",
            (-2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
            "Multiplies each normalized value. Learned in training; it starts at 1.",
            -1e3,
            1e3,
        ),
    ] = 2.0
    beta: Annotated[
        float,
        Knob(
            "β, the shift",
            (-10.0, -5.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0),
            "Added at the end. Learned in training; it starts at 0.",
            -1e3,
            1e3,
        ),
    ] = 1.0
    epsilon: Annotated[
        float,
        Knob(
            "ε",
            (1e-12, 1e-8, 1e-5, 1e-3, 0.01, 0.1, 1.0, 10.0, 100.0),
            "Added to the variance, so that nothing is divided by zero. Usually 0.00001.",
            1e-14,
            1e3,
        ),
    ] = 1e-5
    affine: Annotated[
        str,
        Knob(
            "Scale and shift",
            (SET, BACK, LEARNED),
            "Give the input back: γ = √(v + ε) and β = μ for each feature. As the units learned:"
            " the γ and β of the trained units, where these are the mini-batch.",
        ),
    ] = SET

    @property
    def as_learned(self) -> bool:
        """Whether γ and β are those that the trained units on the screen have learned."""
        return self.affine == LEARNED and self.source == TRAINED and not self.table

    def batch(self) -> Table:
        """The numbers on the screen, (rows, features)."""
        if self.table:
            return read(self.table)
        return ready(self.source)

    def names(self) -> tuple[str, ...]:
        """What the features are called."""
        if not self.table:
            return names_of(self.source)
        return tuple(f"x{place + 1}" for place in range(self.batch().shape[1]))


def ready(source: str) -> Table:
    """A ready-made mini-batch."""
    return trained_units().inputs if source == TRAINED else READY[source]


def names_of(source: str) -> tuple[str, ...]:
    """What the features of a ready-made mini-batch are called."""
    if source == TRAINED:
        return trained_units().names
    return tuple(f"x{place + 1}" for place in range(ready(source).shape[1]))


@dataclass(frozen=True)
class Torch:
    """What torch.nn.BatchNorm1d says of the same batch, in training mode."""

    difference: float  # largest |ours - torch's| of an output, both in 64 bits; NaN: it refused
    short: float  # largest |torch in 32 bits - torch in 64|: what rounding alone does
    refusal: str  # its own words, or ""


@dataclass(frozen=True)
class TransformResult:
    """A batch of m rows and f features on its way through the four stages."""

    config: TransformConfig
    steps: NDArray[np.int64]  # (FRAMES + 1,) the places of the clock
    names: tuple[str, ...]  # (f,)
    stages: NDArray[np.float64]  # (4, m, f) x; x - mu; (x - mu) / sqrt(v + eps); y
    mean: Vector  # (f,)
    variance: Vector  # (f,) biased
    gamma: Vector  # (f,)
    beta: Vector  # (f,)
    torch: Torch

    @property
    def rows(self) -> int:
        return int(self.stages.shape[1])

    @property
    def features(self) -> int:
        return len(self.names)

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Which features have one value in all rows, (f,)."""
        flat: NDArray[np.bool_] = np.ptp(self.stages[0], axis=0) == 0
        return flat

    @property
    def kept(self) -> Vector:
        """v / (v + eps): the variance of the normalized values, (f,). 1 where eps is nothing."""
        share: Vector = self.variance / (self.variance + self.config.epsilon)
        return share

    def linear_share(self, stage: int, feature: int) -> float:
        """How many of a feature's values lie in the sigmoid's linear part, from 0 to 1."""
        return float((np.abs(self.stages[stage, :, feature]) <= LINEAR).mean())


def normalize(x: Table, epsilon: float) -> tuple[Vector, Vector, Table]:
    """mu = mean(x), v = mean((x - mu)^2), xh = (x - mu) / sqrt(v + eps), per column.

    Ioffe & Szegedy 2015, Alg. 1. A column with one value in all rows is its own mean exactly.
    """
    mean = np.where(np.ptp(x, axis=0) == 0, x[0], x.mean(axis=0))
    variance = np.square(x - mean).mean(axis=0)
    return mean, variance, (x - mean) / np.sqrt(variance + epsilon)


def run(config: TransformConfig, report: Report = silent, workers: int = 2) -> TransformResult:
    """The four stages, and what torch.nn says. The same config gives the same bits."""
    x = config.batch()
    mean, variance, normalized = normalize(x, config.epsilon)
    gamma, beta = _affine(config, mean, variance)
    y = gamma * normalized + beta
    return TransformResult(
        config,
        np.arange(FRAMES + 1),
        config.names(),
        np.stack([x, x - mean, normalized, y]),
        mean,
        variance,
        gamma,
        beta,
        _torch(x, gamma, beta, config.epsilon, y),
    )


def _affine(config: TransformConfig, mean: Vector, variance: Vector) -> tuple[Vector, Vector]:
    if config.affine == BACK:
        return np.sqrt(variance + config.epsilon), mean
    if config.as_learned:
        return trained_units().gamma, trained_units().beta
    return np.full_like(mean, config.gamma), np.full_like(mean, config.beta)


def _torch(x: Table, gamma: Vector, beta: Vector, epsilon: float, y: Table) -> Torch:
    """torch.nn.BatchNorm1d in training mode, in 64 and in 32 bits."""
    layer = torch.nn.BatchNorm1d(x.shape[1], eps=epsilon, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(gamma))
        layer.bias.copy_(torch.tensor(beta))
        try:
            theirs = layer(torch.tensor(x)).numpy()
        except ValueError as refused:
            return Torch(math.nan, math.nan, str(refused))
        coarse = layer.float()(torch.tensor(x, dtype=torch.float32)).double().numpy()
    return Torch(float(np.abs(theirs - y).max()), float(np.abs(coarse - theirs).max()), "")


WHOLE = 6  # digits before the point: numbers with more are written as 1e6


def number(value: float, digits: int = 4) -> str:
    """A number for a sentence: 5, 0.0004, −1.5, 1000 also of one digit, 2 × 10⁻¹⁶ as 2e-16."""
    text = f"{value + 0.0:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        whole = 0 <= int(exponent) < WHOLE
        text = f"{float(text):.0f}" if whole else f"{mantissa}e{int(exponent)}"
    return "0" if text == "-0" else text.replace("-", "−")


LARGE = 0.02  # of the normalized variance: what eps may take before it is called too large
FAR = 20  # standard deviations between the mean and zero
TINY = 1e-9
ROUNDING = 1e-12  # of the values' size: a mean below it is zero


def findings(result: TransformResult, feature: int = 0) -> list[str]:
    """What the batch on the screen shows, in sentences, each computed from it."""
    return [
        _headline(result),
        _by_hand(result, feature),
        *_odd(result),
        _bound(result, feature),
        of_sigmoid(result, feature),
        _check(result),
    ]


def _headline(result: TransformResult) -> str:
    config, constant = result.config, result.constant
    if result.rows == 1:
        return (
            "**A batch of one is its own mean**: every normalized value is 0, and the output is β,"
            " whatever you type."
        )
    if config.affine == BACK:
        gap = float(np.abs(result.stages[3] - result.stages[0]).max())
        return (
            "**γ = √(v + ε) and β = μ give the input back**: no output differs from its input by"
            f" more than {number(gap, 2)}. Normalizing takes nothing away that cannot be learned"
            " back."
        )
    if constant.all():
        return (
            "**Nothing varies here**: the variance is 0, every normalized value is 0, and the"
            " output is β."
        )
    worst = int(np.argmin(np.where(constant, np.inf, result.kept)))
    if result.kept[worst] < 1 - LARGE:
        return (
            f"**ε is too large for the variance of {result.names[worst]}**: the normalized values"
            f" have variance {number(result.kept[worst], 2)} instead of 1."
        )
    if result.rows == 2:
        return (
            "**Of two rows, only their order is left**: whatever two different numbers a feature"
            " has, they become +1 and −1."
        )
    varying = np.flatnonzero(~constant)
    everywhere = "each feature has" if len(varying) == len(constant) else "what varies has"
    return f"**Normalized, {everywhere} mean 0 and variance 1**. {_scaled(result)}"


def _scaled(result: TransformResult) -> str:
    if result.config.as_learned:
        told = " and ".join(
            f"γ = {number(g, 3)}, β = {number(b, 2)} of {name}"
            for g, b, name in zip(result.gamma, result.beta, result.names, strict=True)
        )
        return f"Then the network applies what it has learned: {told}."
    gamma, beta = result.config.gamma, result.config.beta
    if gamma == 1 and beta == 0:
        return "With γ = 1 and β = 0 it stays so."
    return (
        f"With γ = {number(gamma)} and β = {number(beta)} the output has mean {number(beta)} and"
        f" variance {number(gamma * gamma)}."
    )


def _by_hand(result: TransformResult, feature: int) -> str:
    rows, name = result.rows, result.names[feature]
    mean, variance = result.mean[feature], result.variance[feature]
    said = (
        f"{name}: the mean of its {rows} numbers is {number(mean)}, their variance"
        f" {number(variance)}"
    )
    if rows == 1:
        return f"{name}: one number, so the mean is {number(mean)} and the variance 0."
    unbiased = variance * rows / (rows - 1)
    said += f", divided by {rows} and not by {rows - 1}, which would give {number(unbiased)}."
    values = [number(result.stages[stage, 0, feature]) for stage in range(4)]
    return said + f" Its first number goes {' → '.join(values)}."


def _odd(result: TransformResult) -> list[str]:
    if result.rows == 1:
        return []
    said = []
    names = [name for name, flat in zip(result.names, result.constant, strict=True) if flat]
    if names:
        has = "is constant: its" if len(names) == 1 else "are constant: their"
        said.append(
            f"{' and '.join(names)} {has} variance is 0, and without ε we would divide 0 by 0."
            " With it, the normalized values are 0 and the output is β."
        )
    deviation = np.sqrt(result.variance) + np.finfo(float).tiny
    distance = np.abs(result.mean) / np.where(result.constant, np.inf, deviation)
    farthest = int(distance.argmax())
    if distance[farthest] > FAR:
        off = number(result.torch.short, 1)
        loss = (
            f" In 32 bits torch.nn is off by up to {off} in this batch: what the values share"
            " fills the digits that their differences need."
        )
        said.append(
            f"{result.names[farthest]} lies {number(distance[farthest], 2)} standard deviations"
            " from zero." + (loss if result.torch.short else "")
        )
    return said


def _bound(result: TransformResult, feature: int) -> str:
    rows, name = result.rows, result.names[feature]
    if rows == 1:
        return "No value can exceed √(m − 1) in size once it is normalized: with m = 1, that is 0."
    largest = float(np.abs(result.stages[2, :, feature]).max())
    most = math.sqrt(rows - 1)
    said = (
        f"The largest normalized value of {name} is {number(largest, 3)} in size; in a batch of"
        f" {rows} none can exceed √({rows} − 1) = {number(most, 3)}."
    )
    if rows > 2 and largest > 0.95 * most:
        ordered = np.sort(np.abs(result.stages[2, :, feature]))
        share = ordered[-1] ** 2 / (ordered**2).sum()
        said += (
            f" One row has taken {100 * share:.0f} % of the variance: all the others lie within"
            f" {number(ordered[-2], 2)} of 0."
        )
    return said


def of_sigmoid(result: TransformResult, feature: int) -> str:
    """Where the values stand on a sigmoid: before, normalized, and after scale and shift."""
    before, normal, after = (
        f"{100 * result.linear_share(stage, feature):.0f} %" for stage in (0, 2, 3)
    )
    return (
        f"On a sigmoid, {before} of {result.names[feature]} would lie in the linear part, of the"
        f" normalized values {normal}, of the outputs {after}: γ and β let the layer choose."
    )


def _check(result: TransformResult) -> str:
    if result.torch.refusal:
        return (
            "torch.nn.BatchNorm1d refuses this batch in training mode:"
            f" “{result.torch.refusal.split(', got')[0]}”."
        )
    return (
        "torch.nn.BatchNorm1d, in 64 bits, gives the same outputs: the largest difference is"
        f" {number(result.torch.difference, 2)}."
    )


def correlation(result: TransformResult, stage: int, one: int, other: int) -> float:
    """The correlation of two features at a stage; NaN where one of them does not vary."""
    values = result.stages[stage]
    if result.rows < 2 or result.constant[[one, other]].any():
        return math.nan
    centred = values - values.mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    if not length[[one, other]].all():
        return math.nan
    unit = centred / np.where(length, length, 1)
    # Rounded, so that what the stages do to the last digit does not show as 0.812 and 0.813.
    return round(float(np.clip(unit[:, one] @ unit[:, other], -1, 1)), 12)


def partner(result: TransformResult, feature: int) -> int | None:
    """The feature to draw this one against: the next one, or the one before the last."""
    features = len(result.names)
    if features == 1:
        return None
    return feature + 1 if feature + 1 < features else feature - 1


def correlations(result: TransformResult, one: int) -> tuple[str, str]:
    """What stands above a feature and its partner, before and after normalizing."""
    other = partner(result, one)
    if other is None:
        return "before", "after"
    told = [correlation(result, stage, one, other) for stage in (0, 2)]
    before, after = ("none" if math.isnan(r) else number(r, 3) for r in told)
    return f"before: r = {before}", f"after: r = {after}"


def misconceptions(result: TransformResult, feature: int = 0) -> dict[str, str]:
    """What is often believed, and what the batch on the screen says of it."""
    return {
        "BN standardizes the weights": _of_weights(result),
        "BN whitens the features": _of_whitening(result, feature),
        "The outputs always have mean 0 and variance 1": _of_outputs(result, feature),
        "BN makes the values normally distributed": _of_shape(result, feature),
    }


def _of_weights(result: TransformResult) -> str:
    units = trained_units()
    weights, inputs = units.weights[0], units.inputs[:, 0]
    table = "its one row is a sample" if result.rows == 1 else f"its {result.rows} rows are samples"
    return (
        f"No weight is in the table: {table}. In a network that was"
        f" really trained, the weights of {units.names[0]} in layer {units.layer} have mean"
        f" {number(weights.mean(), 2)} and standard deviation {number(weights.std(), 2)}; BN has"
        f" left them alone. What it standardizes is what they compute on a mini-batch: here mean"
        f" {number(inputs.mean(), 2)} and deviation {number(inputs.std(), 2)} become 0 and 1."
    )


def _of_whitening(result: TransformResult, feature: int) -> str:
    other = partner(result, feature)
    if other is None:
        return (
            "It would also have to remove the correlation between features. With one feature there"
            " is none to see: “well-behaved” has two."
        )
    names = f"{result.names[feature]} and {result.names[other]}"
    before, after = (correlation(result, stage, feature, other) for stage in (0, 2))
    if math.isnan(before) or math.isnan(after):
        return (
            f"It would also have to remove correlations. {names} have none to compare here, because"
            " one of them does not vary."
        )
    same = "as before" if abs(before - after) < TINY else f"before {number(before, 3)}"
    return (
        f"It treats each feature by itself. The correlation of {names} is {number(after, 3)}"
        f" after normalizing, {same}. Whitening would make it 0."
    )


def _of_outputs(result: TransformResult, feature: int) -> str:
    y, name = result.stages[3, :, feature], result.names[feature]
    mean, variance = float(y.mean()), float(y.var())
    if abs(mean) < ROUNDING * np.abs(y).max():
        mean = 0.0
    told = f"the outputs of {name} have mean {number(mean, 3)} and variance {number(variance, 3)}"
    if abs(mean) < 0.01 and abs(variance - 1) < 0.01:
        return f"Here yes: {told}. But γ and β are learned, and with them it ends."
    return f"Not here: {told}. That is β and γ² · v / (v + ε), and the network learns γ and β."


def _of_shape(result: TransformResult, feature: int) -> str:
    name = result.names[feature]
    before, after = (kurtosis(result.stages[stage, :, feature]) for stage in (0, 2))
    if math.isnan(before) or math.isnan(after):
        return f"Here {name} does not even vary."
    return (
        "It shifts and stretches, and keeps the shape. The kurtosis, which is 3 for a normal"
        f" distribution, is {number(before, 3)} for {name} before and {number(after, 3)} after."
    )


def kurtosis(values: Vector) -> float:
    """mean(c^4) / mean(c^2)^2 with c = x - mean(x); NaN where nothing varies."""
    if np.ptp(values) == 0:
        return math.nan
    centred = values - values.mean()
    scaled = centred / np.abs(centred).max()
    return float((scaled**4).mean() / (scaled**2).mean() ** 2)


SHIFTED = 100.0
SHIFTS = ("by 100", "by 100 times γ", "not at all")


def shifted(result: TransformResult) -> tuple[str, str]:
    """What becomes of the outputs if 100 is added to every input: right guess, and why."""
    x, gamma, beta = result.stages[0], result.gamma, result.beta
    again = gamma * normalize(x + SHIFTED, result.config.epsilon)[2] + beta
    most = float(np.abs(again - result.stages[3]).max())
    return SHIFTS[2], (
        f"We did it: no output moved by more than {number(most, 1)}. The mean of the batch"
        " moves along, and is subtracted. That is why a bias before BN does nothing; β takes its"
        " place."
    )


def code(result: TransformResult) -> dict[str, str]:
    """The same in a few lines to copy, with the numbers on the screen: library -> program."""
    config = result.config
    rows = ",\n     ".join(f"[{', '.join(map(repr, row))}]" for row in config.batch().tolist())
    table = f"x = {{}}(\n    [{rows}]\n)"
    gamma, beta = ([*map(float, values)] for values in (result.gamma, result.beta))
    plain = table.format("np.array")
    tensor = table.format("torch.tensor")
    return {
        "NumPy": (
            f"import numpy as np\n\n{plain}\ngamma = np.array({gamma})\nbeta = np.array({beta})\n\n"
            "mean = x.mean(axis=0)\n"
            "v = ((x - mean) ** 2).mean(axis=0)\n"
            f"normalized = (x - mean) / np.sqrt(v + {config.epsilon!r})\n"
            "y = gamma * normalized + beta\nprint(y)\n"
        ),
        "torch.nn": (
            f"import torch\n\ntorch.set_default_dtype(torch.float64)\n{tensor}\n"
            f"bn = torch.nn.BatchNorm1d({len(gamma)}, eps={config.epsilon!r})\n"
            f"bn.weight.data = torch.tensor({gamma})  # gamma\n"
            f"bn.bias.data = torch.tensor({beta})  # beta\n\n"
            "bn.train()  # the statistics of this batch\ny = bn(x)\nprint(y)\n"
        ),
    }
