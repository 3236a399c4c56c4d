"""What a network is: its sizes, its activation, its normalization, and how its weights start."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from bnviz.engine.batchnorm import Options
from bnviz.engine.normalization import NORMALIZERS

VECTOR = 32  # the widest step of torch's elementwise loops, in float32 numbers


def _alike_in_any_cohort(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """The same bits for a replica, however many others stand beside it.

    torch computes the last few numbers of an array with other instructions than the rest, and
    for sigmoid and GELU the two differ in the last bit. Where a replica's values do not fill
    whole vectors, each replica is an array of its own.
    """

    def apply(z: Tensor) -> Tensor:
        if z[0].numel() % VECTOR == 0:
            return function(z)
        return torch.stack([function(replica) for replica in z.unbind(0)])

    return apply


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "leaky relu": F.leaky_relu,
    "gelu": _alike_in_any_cohort(F.gelu),
    "tanh": torch.tanh,
    "sigmoid": _alike_in_any_cohort(torch.sigmoid),
    "identity": lambda z: z,
}

OVERWRITING = {"relu": F.relu_, "leaky relu": F.leaky_relu_, "tanh": torch.tanh_}
"""Activations that may write over their input where nobody else needs it: the same numbers,
without a new array each time."""

INITIALIZATIONS: dict[str, Callable[[int, int, float], float]] = {
    "he": lambda inputs, outputs, init_std: math.sqrt(2 / inputs),
    "glorot": lambda inputs, outputs, init_std: math.sqrt(2 / (inputs + outputs)),
    "normal": lambda inputs, outputs, init_std: init_std,
}
"""The standard deviation of a layer's normal initial weights (He et al. 2015; Glorot & Bengio
2010), from its inputs, its outputs and, for "normal", the chosen deviation."""

CHOSEN = 2
"""Single weights of each hidden unit that are trained, where only such are: as many as it has
gammas and betas (the comparison of Frankle et al. 2021)."""

MATCHED = {"tanh": "glorot", "sigmoid": "glorot", "identity": "glorot"}
"""The initialization made for each activation, where it is not He's."""


OF_THE_SUM = ("before the branch", "after the sum")
"""Placements of the normalization beside a skip, not beside an activation: pre-norm, post-norm."""


@dataclass(frozen=True)
class Architecture:
    """A fully connected network: `depth` hidden layers of `width` units and an output layer.

    A hidden layer computes activation(normalize(W h)) ("before" the activation) or
    normalize(activation(W h + b)) ("after"). Where the normalization comes before the
    activation the bias is left out: beta replaces it (`bias_before` keeps it nevertheless). With
    `skip`, each hidden layer but the first adds its input to its output: h + branch(h), where the
    normalization is part of the branch. Dropout follows the hidden layer's last operation, so the
    next layer's normalization sees what it left.

    Two placements exist with `skip` alone; there every branch is activation(W h + b). "before the
    branch" (pre-norm): the sum h' = h + branch(norm(h)) goes on as it is, and each branch, and the
    output layer, see it normalized. "after the sum" (post-norm): h' = norm(h + branch(h)), so the
    skip carries what was normalized. The first hidden layer is no branch: it makes the first h.

    `normalize_inputs` puts BN without gamma and beta in front of the first layer, whatever the
    normalizer of the hidden layers. `affine` "frozen" leaves gamma and beta at their first values.
    `gamma_start` is where gamma starts in the branches that have a skip beside them.
    With `standardize_weights` the hidden layers' are standardized (normalization.standardized).

    `trained` names what is not a constant: "all"; "affine", gammas and betas alone; "output",
    weights and biases of the output layer; "random", CHOSEN weights of each hidden unit, which each
    seed draws for itself.
    """

    inputs: int
    outputs: int
    depth: int = 8
    width: int = 64
    activation: str = "relu"
    initialization: str = "matched"
    init_std: float = 0.05  # of the weights, for the initialization "normal" alone
    normalizer: str = "none"
    normalized: tuple[int, ...] | None = None  # hidden layers, from 1; None: all of them
    placement: Literal["before", "after", "before the branch", "after the sum"] = "before"
    options: Options = field(default_factory=Options)
    noise_after: bool = False  # noise after each normalized layer (Santurkar et al. 2018, Alg. 1)
    skip: bool = False
    dropout: float = 0.0
    normalize_inputs: bool = False
    bias_before: Literal["dropped", "kept"] = "dropped"
    affine: Literal["trained", "frozen"] = "trained"
    gamma_start: float = 1.0
    standardize_weights: bool = False
    trained: Literal["all", "affine", "output", "random"] = "all"

    def __post_init__(self) -> None:
        _within("depth", self.depth, 1, 50)
        _within("width", self.width, 2, 256)
        _within("dropout", self.dropout, 0.0, 0.95)
        _within("gamma_start", self.gamma_start, 0.0, 10.0)
        _known("activation", self.activation, ACTIVATIONS)
        _known("initialization", self.initialization, ["matched", *INITIALIZATIONS])
        _known("normalizer", self.normalizer, self.normalizers())
        _known("placement", self.placement, ["before", "after", *OF_THE_SUM])
        _known("bias_before", self.bias_before, ["dropped", "kept"])
        _known("affine", self.affine, ["trained", "frozen"])
        if self.placement in OF_THE_SUM and not self.skip:
            raise ValueError(f"placement is {self.placement!r}; without skip there is no sum")
        _known("trained", self.trained, ["all", "affine", "output", "random"])
        if self.normalizer == "group" and self.width % self.options.groups:
            raise ValueError(
                f"groups is {self.options.groups}; it must divide the width of {self.width}"
            )
        for layer in self.normalized or ():
            _within("normalized", layer, 1, self.depth)
        if self.trained == "affine" and not self._has_trained_affine():
            raise ValueError("trained is 'affine'; there must be a layer whose gamma is trained")

    def _has_trained_affine(self) -> bool:
        some = any(self.is_normalized(layer) for layer in range(1, self.depth + 1))
        return some and self.affine == "trained"

    def normalizers(self) -> Iterable[str]:
        """The names of those this network can have."""
        return NORMALIZERS

    def is_normalized(self, layer: int) -> bool:
        """Whether hidden layer `layer` (from 1) is normalized."""
        if self.normalizer == "none" or layer > self.depth:
            return False
        return self.normalized is None or layer in self.normalized

    def constants(self, layer: int) -> tuple[str, ...]:
        """The parameters of this layer (from 1), by their names there, that are not trained."""
        if self.trained == "all":
            return ("gamma", "beta") if self.affine == "frozen" else ()
        vectors = ("bias", "gamma", "beta", "importance_logits", "alpha")
        output = layer > self.depth
        if self.trained == "affine":
            return ("weight", "bias", "importance_logits", "alpha")
        if self.trained == "output":
            return () if output else ("weight", *vectors)
        return ("weight", *vectors) if output else vectors

    def first_gamma(self, layer: int) -> float:
        """Where gamma starts in hidden layer `layer` (from 1)."""
        return self.gamma_start if self.skip and layer > 1 else 1.0

    def sizes(self) -> list[tuple[int, int]]:
        """(inputs, outputs) of every layer, the output layer last."""
        widths = [self.inputs, *[self.width] * self.depth, self.outputs]
        return list(pairwise(widths))

    @property
    def widest(self) -> int:
        """Numbers of one sample that the widest layer takes or hands on."""
        return max(self.inputs, self.width)

    def initial_std(self, inputs: int, outputs: int) -> float:
        name = self.initialization
        if name == "matched":
            name = MATCHED.get(self.activation, "he")
        return INITIALIZATIONS[name](inputs, outputs, self.init_std)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} is {value}; it must be from {low} to {high}")


def _known(name: str, value: str, allowed: Iterable[str]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(allowed)}")
