"""What the networks of a script share, what each has of its own, and which code that takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from bnviz.script.traits import (
    ALL,
    IN_FORWARD,
    IRRELEVANT_IF_CONSTANT,
    OF_BATCHES,
    OF_TRAINING,
    Arm,
    Traits,
)

OFF = ("False", "0", "[]", "nn.Identity()")
CONSTANTS = {
    "steps": ("STEPS", "updates of each network"),
    "rate": ("RATE", "learning rate"),
    "batch": ("BATCH", "samples of a mini-batch"),
    "depth": ("DEPTH", "hidden layers"),
    "width": ("WIDTH", "units of each"),
    "dropout": ("DROPOUT", "share of the values that are set to zero in training"),
    "gamma_start": ("GAMMA", "where gamma starts in the branches beside a skip connection"),
    "normalized": ("NORMALIZED", "hidden layers with a normalization"),
    "recorded": ("RECORDED", "steps that are tested"),
}
"""A trait that all networks share -> what it is called in the script, and what it is."""
FUNCTIONS = {
    "norm": "lambda units: ",
    "input_norm": "lambda: ",
    "std": "lambda inputs, outputs: ",
    "optimizer": "lambda parameters, rate: ",
    "rate_at": "lambda rate, step: ",
}
"""What of a network's own is a function, and of what."""
MODULES = {
    "norm_ghost": "GhostBatchNorm(",
    "norm_renorm": "BatchRenorm(",
    "norm_switchable": "SwitchableNorm(",
    "norm_instance": "InstanceNorm(",
}
"""Blocks with a module that torch does not have, and how it is called."""
AVERAGING = ("BatchNorm1d(", "GhostBatchNorm(", "BatchRenorm(", "SwitchableNorm(")


class Needs:
    """Of the networks of a script, by their names."""

    def __init__(self, arms: Mapping[str, Arm]) -> None:
        self.traits: dict[str, Traits] = {name: arm.traits() for name, arm in arms.items()}
        if not any(arm.scheduled for arm in arms.values()):
            nothing = dict.fromkeys(IRRELEVANT_IF_CONSTANT)
            self.traits = {name: {**one, **nothing} for name, one in self.traits.items()}

    @cached_property
    def known(self) -> dict[str, list[str]]:
        """Of each trait the different values, of the networks to which it means something."""
        found = {name: [one[name] for one in self.traits.values()] for name in ALL}
        return {name: list(dict.fromkeys(filter(None, some))) for name, some in found.items()}

    @cached_property
    def differing(self) -> list[str]:
        """The traits in which the networks differ."""
        return [name for name in ALL if len(self.known[name]) > 1]

    def shared(self, name: str) -> str:
        """The value of a trait that all share; "": it means nothing to any."""
        return next(iter(self.known[name]), "")

    def modules(self) -> list[str]:
        """The blocks of modules that these networks need."""
        return [block for block, call in MODULES.items() if self._calls(call)]

    def _calls(self, *names: str) -> bool:
        everything = [value for some in self.known.values() for value in some]
        return any(name in value for name in names for value in everything)

    def facts(self) -> set[str]:
        """Words for the conditions of the blocks: a trait that is there; `~`: one that differs."""
        there = {name for name, some in self.known.items() if not {*some} <= {*OFF}}
        there -= {"gamma_start"} if self.known["gamma_start"] == ["1.0"] else set()
        facts = there | {f"~{name}" for name in self.differing}
        conditions = {
            "normalizes": "normalized" in there,
            "identity": self.known["activation"] == ["lambda z: z"],
            "keeps_own": not {*IN_FORWARD}.isdisjoint(self.differing),
            "short": facts.isdisjoint({"skip", "dropout", "after", "~activation"}),
            "cosine": self._calls("half_cosine("),
            "scheduled": bool(self.known["rate_at"]),
            "averages": self._calls(*AVERAGING),
        }
        return facts | {word for word, true in conditions.items() if true}

    def code(self) -> dict[str, str]:
        """What stands for the marks of the blocks."""
        found = {name: self._called(name, "own") for name in ALL}
        found |= {f"self.{name}": self._called(name, "self.own") for name in ALL}
        if "activation" in self.differing:
            found["activation"] = "f"
        found["norm"] = found["norm"].replace("units", "outputs")
        for name in ("optimizer", "rate_at"):
            code = re.sub(r"\brate\b", found["rate"], found[name])
            found[name] = code.replace("parameters", "model.parameters()")
        found["batches_own"] = self._argument(OF_BATCHES)
        found["train_own"] = self._argument(OF_TRAINING)
        return found

    def _called(self, name: str, own: str) -> str:
        """A trait, where it is used."""
        if name not in self.differing:
            return CONSTANTS[name][0] if name in CONSTANTS else self.shared(name)
        arguments = FUNCTIONS.get(name, "").removeprefix("lambda").removesuffix(": ").strip()
        return f"{own}.{name}({arguments})" if name in FUNCTIONS else f"{own}.{name}"

    def _argument(self, names: Iterable[str]) -> str:
        """What a function is given besides, where one of these traits differs."""
        return ", own" if any(name in self.differing for name in names) else ""

    def own(self, network: str) -> list[str]:
        """What this network has of its own, as `name=code`; None: it means nothing to it."""
        values = {name: self.traits[network][name] for name in self.differing}
        return [
            f"{name}={None if code is None else FUNCTIONS.get(name, '') + code}"
            for name, code in values.items()
        ]
