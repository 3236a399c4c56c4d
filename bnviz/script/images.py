"""The convolutional network of the relatives as code, in all of its normalizations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bnviz.engine.images import HALF, KERNEL
from bnviz.script.traits import NOTHING, Arm, by_outputs

if TYPE_CHECKING:
    from bnviz.experiments.relatives import RelativesConfig


@dataclass(frozen=True)
class ImageArm(Arm):
    """One network of convolutions, with a normalization of this kind."""

    kind: str
    fewest: int  # pixels that a map has in some layer

    def traits(self) -> dict[str, str | None]:
        """By name, as code; nothing that only fully connected networks can have."""
        return NOTHING | self._sizes() | {"norm2d": self._norm2d()} | self._training()

    def _norm2d(self) -> str | None:
        """The module that normalizes WIDTH channels; None without one."""
        groups = self.network.options.groups
        kind = "instance" if (self.kind, groups) == ("group", self.network.width) else self.kind
        instance = "InstanceNorm2d" if self.fewest == 1 else "nn.GroupNorm"
        return {
            "batch": f"{_batch_norm(self.fewest * self.plan.batch_size)}(WIDTH)",
            "renorm": "BatchRenorm2d(WIDTH)",
            "switchable": "SwitchableNorm2d(WIDTH)",
            "layer": "nn.GroupNorm(1, WIDTH)",
            "group": f"nn.GroupNorm({groups}, WIDTH)",
            "instance": f"{instance}(WIDTH, WIDTH)",
        }.get(kind)


def _batch_norm(numbers: int) -> str:
    """BN of so many numbers for each channel: torch's own refuses a single one."""
    return "nn.BatchNorm2d" if numbers > 1 else "BatchNorm2d"


def facts(config: RelativesConfig) -> set[str]:
    """Words for the conditions of the blocks."""
    as_images = {"as_images"} if config.dataset != "digits" else set()
    glorot = {"glorot"} if by_outputs(config.network()) else set()
    return {"maps"} | as_images | glorot


def code(config: RelativesConfig) -> dict[str, str]:
    """What stands for the marks of the blocks."""
    small, fold = config.side == 1, HALF // config.side
    return {
        "kernel": f"1 if layer else {KERNEL}" if small else str(KERNEL),
        "fold": str(fold),
        "folded": f"WIDTH * {fold}**2" if fold > 1 else "WIDTH",
        "flat": "sizes[-1]" if small else f"sizes[-1] * {config.side}**2",
        "tested": str(len(config.data().test_labels)),
        "batch_norm2d": _batch_norm(fewest(config) * config.batch_size),
        "ramp": str(config.network().options.ramp),
    }


def fewest(config: RelativesConfig) -> int:
    """The pixels of a map in the layer that has fewest."""
    return min(config.numbers("instance", layer) for layer in range(1, config.depth + 1))
