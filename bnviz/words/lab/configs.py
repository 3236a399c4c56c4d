"""A run of the lab in a few words, and in what two of them differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from bnviz.words.names import NORMALIZERS
from bnviz.words.numbers import listed, many, percent, steps

if TYPE_CHECKING:
    from bnviz.verdicts.lab_configs import Differences, Odd, Traits, Turned

LENGTH = 40  # characters of a description
COUNTS = ("no", "one", "two", "three", "four", "five", "six")


def _itself(value: object) -> str:
    return str(value)


SHORT: dict[str, Callable[[Any], str]] = {
    "learning_rate": lambda rate: f"rate {rate:g}",
    "pieces": lambda pieces: "then " + ", ".join(f"{rate:g}" for rate, _ in pieces),
    "activation": _itself,
    "optimizer": _itself,
    "depth": lambda depth: many(depth, "layer"),
    "width": lambda width: f"width {width}",
    "batch_size": lambda size: f"batch {size}",
    "dataset": _itself,
    "scaling": _itself,
    "point_noise": lambda times: f"noise {times:g}×",
    "train_size": lambda size: f"{size} samples",
    "wrong_labels": lambda share: f"{percent(share)} wrong",
    "placement": _itself,
    "normalized_layers": lambda some: f"in {some}",
    "groups": lambda groups: many(groups, "group"),
    "chunk": lambda chunk: f"ghost batches of {chunk}",
    "skip": lambda _: "skips",
    "dropout": lambda share: f"dropout {share:g}",
    "gain": lambda gain: f"gain {gain:g}",
    "initialization": _itself,
    "affine": lambda how: f"{how} γ, β",
    "gamma_start": lambda start: f"γ from {start:g}",
    "bias_before": lambda how: f"bias {how}",
    "normalize_inputs": lambda _: "BN on inputs",
    "schedule": _itself,
    "weight_decay": lambda decay: f"decay {decay:g}",
    "momentum": lambda momentum: f"momentum {momentum:g}",
    "steps": steps,
    "first_seed": lambda seed: f"seeds from {seed}",
}
"""What differs from the defaults, in a few letters, the most telling first."""


def described(traits: Traits) -> str:
    """A short name of a run, from what is unusual in it; at most LENGTH characters."""
    unusual = dict(traits.unusual) | ({"pieces": traits.pieces} if traits.pieces else {})
    parts = [NORMALIZERS[traits.treatment]]
    parts += [short(unusual[name]) for name, short in SHORT.items() if name in unusual]
    said = ", ".join(parts)
    while len(said) > LENGTH:
        parts = parts[:-1]
        said = ", ".join(parts) + ", …"
    return said


def going_on(pieces: Sequence[tuple[float, int]]) -> str:
    """0.1 for 100 steps, then 0.01 for 100 steps; of nothing: not at all."""
    return ", then ".join(f"{rate:g} for {steps(some)}" for rate, some in pieces) or "not at all"


def differences(apart: Differences) -> str:
    """In what the two arms differ, and what they share all the same."""
    if not apart.count:
        return "**A and B are the same**: turn a knob of one of them."
    return f"{_in_what(_apart(apart), apart.count)} {_shared(apart)}"


def _in_what(differ: list[tuple[str, str]], number: int) -> str:
    if number == 1:
        ((name, values),) = differ
        return f"A and B differ in **{name} alone** ({values})."
    things = listed([f"{name} ({values})" for name, values in differ])
    if number == 2:
        return f"A and B differ in **two things**: {things}, so neither can be blamed alone."
    count = COUNTS[number] if number < len(COUNTS) else str(number)
    return f"A and B differ in **{count} things**: {things}, so none of them can be blamed alone."


def _apart(apart: Differences) -> list[tuple[str, str]]:
    """What the reader calls each difference, and what it is in A and in B."""
    found = []
    if apart.treatments:
        found.append(("the normalizer", ", ".join(NORMALIZERS[one] for one in apart.treatments)))
    found += [(f"the {_within(knob.label)}", f"{knob.a}, {knob.b}") for knob in apart.knobs]
    if apart.pieces:
        found.append(("how they go on", ", ".join(map(going_on, apart.pieces))))
    return found


def _within(label: str) -> str:
    """A label within a sentence."""
    return label[0].lower() + label[1:]


def _shared(apart: Differences) -> str:
    if apart.same_weights and apart.same_batches:
        return "Both start from the same weights and see the same mini-batches."
    if apart.same_weights:
        return "Both start from the same weights, but see different mini-batches."
    if apart.same_batches:
        return "They start from different weights, but see the same mini-batches."
    return "They start from different weights and see different mini-batches."


def unshared(turned: Sequence[Turned]) -> str:
    """What of a kept run is other than in the arms: "data: moons, seeds: 3"."""
    return ", ".join(f"{knob.label.lower()}: {knob.a}" for knob in turned)


def odd(letter: str, found: Odd) -> list[str]:
    """What a reader might not expect of an arm's settings, in sentences."""
    said = []
    if found.blocked:
        said.append(BLOCKED[found.blocked, found.around].format(letter=letter))
    if found.chunk:
        said.append(
            f"{letter}: ghost batches of {found.chunk[0]} do not divide a mini-batch of"
            f" {found.chunk[1]}, so its statistics are those of the whole batch."
        )
    if found.groups:
        asked, width, instead = found.groups
        said.append(f"{letter}: {_groups(asked, width, instead)}")
    return said


BLOCKED = {
    ("instance", True): (
        "{letter}: instance norm takes mean and standard deviation over the space of one feature,"
        " which here is a single value. It becomes zero, whatever it was, and the input gets by on"
        " the skip connections alone."
    ),
    ("instance", False): (
        "{letter}: instance norm takes mean and standard deviation over the space of one feature,"
        " which here is a single value. It becomes zero, whatever it was, and nothing of the input"
        " gets through."
    ),
    ("single sample", True): (
        "{letter}: a single sample is its own mean, so in training its BN gives β for every input"
        " and inputs differ on the skip connections alone."
    ),
    ("single sample", False): (
        "{letter}: a single sample is its own mean, so in training its BN gives β for every input"
        " and the network cannot tell them apart."
    ),
}
"""Why nothing gets through the normalizers, and whether something gets around them."""


def _groups(asked: int, width: int, instead: int) -> str:
    if instead == 1:
        return f"{asked} groups do not divide {width} units, so there is 1."
    return f"{asked} groups do not divide {width} units, so there are {instead}."
