"""What the networks of a script share, what each has of its own, and which code that takes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from functools import cached_property

from bnviz.script.traits import ALL, CONSTANT, OF_BATCHES, OF_TRAINING, OFF, Arm, Traits

CONSTANTS = {
    "steps": ("STEPS", "updates"),
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
    "norm2d": "lambda: ",
    "input_norm": "lambda: ",
    "std": "lambda inputs, outputs: ",
    "optimizer": "lambda parameters, rate: ",
    "schedule": "lambda optimizer: ",
}
"""What of a network's own is a function, and of what."""
MODULES = {
    "norm_ghost": "GhostBatchNorm",
    "norm_one": "BatchNormOfOne",
    "norm_renorm": r"\bBatchRenorm",
    "norm_renorm_ghost": "GhostBatchRenorm",
    "norm_switchable": "SwitchableNorm",
    "norm_instance": "InstanceNorm",
    "norm2d_batch": r"(?<!nn\.)BatchNorm2d",
    "norm2d_renorm": "BatchRenorm2d",
    "norm2d_switchable": "SwitchableNorm2d",
    "norm2d_instance": "InstanceNorm2d",
}
"""Blocks with a module that torch does not have -> its name, as a pattern."""
LONG = 85  # letters of what is written in one line behind a name
AVERAGING = "BatchNorm|BatchRenorm|SwitchableNorm"


class Needs:
    """Of the networks of a script, by their names."""

    def __init__(self, arms: Mapping[str, Arm]) -> None:
        self.traits: dict[str, Traits] = {name: arm.traits() for name, arm in arms.items()}

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
        return [block for block, name in MODULES.items() if self._calls(rf"{name}\(")]

    def _calls(self, pattern: str) -> bool:
        everything = [value for some in self.known.values() for value in some]
        return any(re.search(pattern, value) for value in everything)

    def facts(self) -> set[str]:
        """Words for the conditions of the blocks: a trait that is there; `~`: one that differs."""
        there = {name for name, some in self.known.items() if {*some} - {OFF.get(name), "[]"}}
        conditions = {
            "normalizes": "normalized" in there,
            "averages": self._calls(AVERAGING),
            "scheduled": self.known["schedule"] != [CONSTANT],
            "ghost": self._calls(r"\bGhostBatchNorm\("),
            "single": "1" in self.known["batch"],
        }
        told = {word for word, true in conditions.items() if true}
        return there | told | {f"~{name}" for name in self.differing}

    def code(self) -> dict[str, str]:
        """What stands for the marks of the blocks."""
        found = {name: self._called(name) for name in ALL}
        found["norm"] = found["norm"].replace("units", "outputs")
        found["optimizer"] = re.sub(r"\brate\b", found["rate"], found["optimizer"]).replace(
            "parameters", "model.parameters()"
        )
        found["schedule"] = textwrap.fill(found["schedule"], LONG, subsequent_indent=" " * 8)
        facts = self.facts()
        found["renorm_of"] = "GhostBatchNorm" if "ghost" in facts else "nn.BatchNorm1d"
        found["parts_in_order"] = self._in_order(facts)
        listed = "dropout" in facts or "~after" in facts
        found["parts"] = "*parts" if listed else found["parts_in_order"]
        found["batches_own"] = self._argument(OF_BATCHES)
        found["train_own"] = self._argument(OF_TRAINING)
        return found

    def _in_order(self, facts: set[str]) -> str:
        """What a hidden layer consists of, where no network differs in that."""
        parts = ["linear", "norm", self._called("activation")]
        if "normalizes" not in facts:
            parts.remove("norm")
        elif "after" in facts:
            parts.reverse()
            parts.insert(0, parts.pop())
        return ", ".join(parts)

    def _called(self, name: str) -> str:
        """A trait, where it is used."""
        if name in self.differing:
            return _own(name)
        return CONSTANTS[name][0] if name in CONSTANTS else self.shared(name)

    def _argument(self, names: Iterable[str]) -> str:
        """What a function is given besides, where one of these traits differs."""
        return ", own" if any(name in self.differing for name in names) else ""

    def own(self, network: str) -> dict[str, str]:
        """What this network has of its own, as code."""
        values = {name: self.traits[network][name] for name in self.differing}
        return {
            name: FUNCTIONS.get(name, "") + code
            for name, code in values.items()
            if code and code != OFF.get(name)
        }


def _own(name: str) -> str:
    """What a network has of its own, where it is used: some have it not."""
    if name == "input_norm":
        return f'own.get("{name}", nn.Identity)()'
    if name in OFF:
        default = "" if OFF[name] == "False" else f", {OFF[name]}"
        return f'own.get("{name}"{default})'
    if name not in FUNCTIONS:
        return f'own["{name}"]'
    arguments = FUNCTIONS[name].removeprefix("lambda ").removesuffix(": ")
    return f'own["{name}"]({arguments})'
