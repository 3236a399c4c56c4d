"""What a network is and how it trains, as code: from the engine's descriptions to plain PyTorch.

A trait is one thing that networks can differ in, by name, with the code for it. None: it means
nothing to this network, as the place of a normalization that it has not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bnviz.engine.architecture import Architecture
    from bnviz.engine.plan import Plan

Traits = Mapping[str, str | None]

OF_NETWORK = (
    "depth", "width", "activation", "std", "normalized", "norm", "norm2d",
    "after", "kept", "frozen", "gamma_start", "noise", "input_norm", "skip", "dropout", "trained",
)  # fmt: skip
OF_BATCHES = ("batch",)
OF_TRAINING = ("steps", "rate", "optimizer", "schedule", "recorded")
ALL = (*OF_NETWORK, *OF_BATCHES, *OF_TRAINING)
NOTHING: dict[str, str | None] = dict.fromkeys(ALL)
OFF = {
    "after": "False",
    "kept": "False",
    "frozen": "False",
    "gamma_start": "1.0",
    "noise": "False",
    "input_norm": "nn.Identity()",
    "skip": "False",
    "dropout": "0",
    "trained": '"all"',
}
"""Traits that most networks do not have -> the code for that."""

ACTIVATIONS = {
    "relu": "nn.ReLU()",
    "leaky relu": "nn.LeakyReLU()",
    "gelu": "nn.GELU()",
    "tanh": "nn.Tanh()",
    "sigmoid": "nn.Sigmoid()",
    "identity": "nn.Identity()",
}
STANDARD_DEVIATIONS = {"he": "np.sqrt(2 / inputs)", "glorot": "np.sqrt(2 / (inputs + outputs))"}
CONSTANT = "optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1)"
"""The schedule of a learning rate that stays as it is."""
LONG_RUN = 5  # numbers that follow one another and are written as a range
OPTIMIZERS = {"sgd": "SGD", "momentum": "SGD", "adam": "Adam"}


@dataclass(frozen=True)
class Arm:
    """One network of a script."""

    network: Architecture
    plan: Plan
    gain: float
    recorded: Sequence[int]  # steps

    @property
    def normalized(self) -> list[int]:
        """The hidden layers with a normalization, from 1."""
        network = self.network
        return [layer for layer in range(1, network.depth + 1) if network.is_normalized(layer)]

    def traits(self) -> dict[str, str | None]:
        """By name, as code."""
        return NOTHING | self._sizes() | self._normalization() | self._way() | self._training()

    def _sizes(self) -> dict[str, str | None]:
        network = self.network
        return {
            "depth": str(network.depth),
            "width": str(network.width),
            "activation": ACTIVATIONS[network.activation],
            "std": self._std(),
        }

    def _std(self) -> str:
        """The standard deviation of the initial weights."""
        name = self.network.initialization
        if name == "matched":
            name = "glorot" if by_outputs(self.network) else "he"
        code = STANDARD_DEVIATIONS.get(name, repr(self.network.init_std))
        return code if self.gain == 1 else f"{code} * {self.gain!r}"

    def _normalization(self) -> dict[str, str | None]:
        network, some = self.network, bool(self.normalized)
        kept = network.placement == "after" or network.bias_before == "kept"
        found = {
            "after": str(network.placement == "after"),
            "kept": str(kept),
            "frozen": str(network.affine == "frozen"),
            "gamma_start": repr(network.gamma_start if network.skip else 1.0),
            "norm": self._norm("units"),
        }
        beside: dict[str, str | None] = {
            "normalized": _numbers(self.normalized),
            "noise": str(some and network.noise_after),
            "input_norm": self._input_norm() if network.normalize_inputs else "nn.Identity()",
        }
        return beside | (found if some else dict.fromkeys(found))

    def _norm(self, units: str) -> str:
        """The module that normalizes so many units."""
        name, options = self.network.normalizer, self.network.options
        if name == "group" and options.groups == self.network.width:
            name = "instance"  # of one number
        if name == "layer":
            return f"nn.LayerNorm({units})"
        if name == "group":
            return f"nn.GroupNorm({options.groups}, {units})"
        if name == "instance":
            return f"InstanceNorm({units})"
        if name == "renorm":
            return self._renorm(units)
        if name == "switchable":
            return f"SwitchableNorm({units}{self._momentum()})"
        return self._batch_norm(units, "")

    def _chunk(self) -> int:
        """Samples of one mean and variance."""
        size = self.plan.batch_size
        return min(self.network.options.ghost_batch_size or size, size)

    def _momentum(self) -> str:
        momentum = self.network.options.momentum
        return "" if momentum == 0.1 else f", momentum={momentum!r}"

    def _renorm(self, units: str) -> str:
        """Batch renormalization; of chunks, or of one sample, which torch refuses, it is longer."""
        chunk = self._chunk()
        if chunk == self.plan.batch_size > 1:
            return f"BatchRenorm({units}{self._momentum()})"
        return f"GhostBatchRenorm({units}, {chunk}{self._momentum()})"

    def _batch_norm(self, units: str, more: str) -> str:
        """BN; torch's own where that takes a batch as it is: one sample it refuses."""
        chunk, more = self._chunk(), f"{more}{self._momentum()}"
        if chunk == self.plan.batch_size > 1:
            return f"nn.BatchNorm1d({units}{more})"
        if chunk == 1:
            return f"BatchNormOfOne({units}{more})"
        return f"GhostBatchNorm({units}, {chunk}{more})"

    def _input_norm(self) -> str:
        return self._batch_norm("INPUTS", ", affine=False")

    def _way(self) -> dict[str, str | None]:
        """What goes on around the layers."""
        network = self.network
        skips = network.skip and network.depth > 1
        return {
            "skip": str(skips),
            "dropout": repr(network.dropout or 0),
            "trained": f'"{network.trained}"',
        }

    def _training(self) -> dict[str, str | None]:
        plan = self.plan
        return {
            "batch": str(plan.batch_size),
            "steps": str(plan.steps),
            "recorded": _in_runs(self.recorded),
            "rate": repr(self.plan.learning_rates[0]),
            "optimizer": self._optimizer(),
            "schedule": self._schedule(),
        }

    def _optimizer(self) -> str:
        plan = self.plan
        more = ", momentum=0.9" if plan.optimizer == "momentum" else ""
        if plan.weight_decay:
            more += f", weight_decay={plan.weight_decay!r}"
        return f"optim.{OPTIMIZERS[plan.optimizer]}(parameters, rate{more})"

    def _schedule(self) -> str:
        """What sets the learning rate at each step."""
        plan = self.plan
        if plan.schedule == "cosine" and not plan.restarts:
            return f"optim.lr_scheduler.CosineAnnealingLR(optimizer, {plan.steps})"
        return f"optim.lr_scheduler.LambdaLR(optimizer, lambda step: {self._factor()})"

    def _factor(self) -> str:
        """What the learning rate is multiplied by at `step`."""
        plan = self.plan
        starts = [0, *(start for start, _ in plan.restarts), plan.steps]
        factors = [1.0, *(factor for _, factor in plan.restarts)]
        pieces = zip(factors, pairwise(starts), strict=True)
        parts = [(_piece(factor, *span, plan.schedule), span[1]) for factor, span in pieces]
        *earlier, (last, _) = parts
        return "".join([*(f"{part} if step < {end} else " for part, end in earlier), last])


def by_outputs(network: Architecture) -> bool:
    """Whether the outputs of a layer, too, set its initial weights, as in Glorot's rule."""
    return network.initial_std(1, 1) != network.initial_std(1, 2)


def _piece(factor: float, start: int, end: int, schedule: str) -> str:
    """The factor of a piece of the training; of a cosine, on its way to zero."""
    if schedule != "cosine":
        return f"{factor:.10g}"
    since = f"(step - {start})" if start else "step"
    return f"{factor / 2:.10g} * (1 + np.cos(np.pi * {since} / {end - start}))"


def _in_runs(some: Sequence[int]) -> str:
    """Whole numbers that rise, where many follow one another as a range."""
    runs: list[list[int]] = []
    for one in some:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return f"[{', '.join(map(_run, runs))}]"


def _run(numbers: list[int]) -> str:
    if len(numbers) < LONG_RUN:
        return ", ".join(map(str, numbers))
    start = f"{numbers[0]}, " if numbers[0] else ""
    return f"*range({start}{numbers[-1] + 1})"


def _numbers(some: Sequence[int]) -> str:
    """Whole numbers, shortly."""
    if len(some) > 2 and some[-1] - some[0] == len(some) - 1:
        return f"range({some[0]}, {some[-1] + 1})"
    return str(list(some))
