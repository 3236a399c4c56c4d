"""The front door: which layers failed first, how, and by how much, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.names import NAMES
from bnviz.words.numbers import layers, listed, percent, significant

if TYPE_CHECKING:
    from bnviz.verdicts.home import Collapse, HomeVerdict, Story

FIRST = {
    "overflowed": (
        "In seed {seed}, **{layer} of the {name} network failed first**: the numbers grew beyond"
        " what the computer can hold."
    ),
    "exploded": (
        "In seed {seed}, **{layer} of the {name} network failed first**: the signal grew to a"
        " hundred times its size at the start, or more."
    ),
    "faint": (
        "In seed {seed}, **{layer} of the {name} network failed first**: the output hardly varies"
        " from sample to sample, so samples are hard to tell apart."
    ),
    "dead": (
        "In seed {seed}, **{layer} of the {name} network failed first**: half of the units or more"
        " were dead, zero for every sample, so no gradient passes through them."
    ),
    "saturated": (
        "In seed {seed}, **{layer} of the {name} network failed first**: half of the values or more"
        " were saturated, on the flat ends, where hardly any gradient passes."
    ),
}
"""Of one layer: how it fails. How much, says `measured`."""

FIRST_TOGETHER = "In seed {seed}, **{layers} of the {name} network failed first**, together."
TOGETHER = {
    "overflowed": "In layer {layer}, the numbers grew beyond what the computer can hold.",
    "exploded": (
        "In layer {layer}, the signal grew to a hundred times its size at the start, or more."
    ),
    "faint": (
        "In layer {layer}, the output hardly varies from sample to sample, so samples are hard to"
        " tell apart."
    ),
    "dead": (
        "In layer {layer}, half of the units or more were dead, zero for every sample, so no"
        " gradient passes through them."
    ),
    "saturated": (
        "In layer {layer}, half of the values or more were saturated, on the flat ends, where"
        " hardly any gradient passes."
    ),
}
"""Of several: how the one of them that is told of fails."""

BEFORE = "It was so before the first update: the initialization did it, not the learning rate."


def collapsed(verdict: HomeVerdict, story: Story) -> str:
    """Which layers failed first, how, and whether the initialization did it."""
    collapse = story.collapse
    assert collapse
    sign, which = _sign(verdict, collapse), collapse.together
    seed, name = story.seed + 1, NAMES[story.treatment]
    if len(which) == 1:
        said = FIRST[sign].format(seed=seed, name=name, layer=_named(which, verdict.depth))
    else:
        those = _together(which, verdict.depth)
        said = (
            f"{FIRST_TOGETHER.format(seed=seed, name=name, layers=those)}"
            f" {TOGETHER[sign].format(layer=collapse.layer)}"
        )
    return said if collapse.step else f"{said} {BEFORE}"


def _sign(verdict: HomeVerdict, collapse: Collapse) -> str:
    """How a layer fails; of idle units, by their activation function, dead ones or saturated."""
    if collapse.sign != "idle":
        return collapse.sign
    return "dead" if verdict.activation == "relu" else "saturated"


def measured(verdict: HomeVerdict, story: Story) -> str:
    """The same in numbers: when, by how much, and how far the weights had been changed."""
    collapse = story.collapse
    if not collapse:
        return ""
    which, name = _named((collapse.layer,), verdict.depth), NAMES[story.treatment]
    when = f"At step {collapse.step}, {which} of the {name} network failed."
    if collapse.at_the_latest:
        when = f"By step {collapse.step}, {which} of the {name} network had failed."
    return " ".join(filter(None, (when, _amount(verdict, collapse), _blame(collapse))))


def _amount(verdict: HomeVerdict, collapse: Collapse) -> str:
    match _sign(verdict, collapse):
        case "overflowed":
            return ""
        case "exploded" if collapse.amount == float("inf"):
            return "Its signal was beyond all bounds."
        case "exploded":
            return f"Its signal was {significant(collapse.amount)} times that at the start."
        case "faint" if not collapse.amount:
            return "Its output did not vary at all."
        case "faint":
            return f"Its output varied by {significant(collapse.amount, 1)}."
        case "dead":
            return f"Of its units, {percent(collapse.amount)} were dead."
    return f"Of its values, {percent(collapse.amount)} were saturated."


def _blame(collapse: Collapse) -> str:
    if collapse.step == 0 or collapse.moved != collapse.moved:  # NaN
        return ""
    moved = f"{significant(100 * collapse.moved)} %"
    return f"By then one update had changed its weights by {moved} of their length."


def elsewhere(verdict: HomeVerdict, story: Story) -> str:
    """Which layers it was in the other seeds: one seed is not the rule."""
    if not story.others:
        return ""
    named = _one_of(story.others, verdict.depth)
    others = _others(len(story.others), verdict.seeds)
    if not story.collapse:
        return f"In {others}, {named} failed first."
    if not story.in_range:
        return f"In {others} it was {named}."
    return f"In {others} it was {named}, in {_others(story.in_range)} it was none."


def _together(which: tuple[int, ...], depth: int) -> str:
    """layers 4 to 8; 3 layers, where they do not follow one another."""
    in_a_row = which[-1] - which[0] == len(which) - 1
    return _named(which, depth) if in_a_row else f"{len(which)} layers"


def _named(which: tuple[int, ...], depth: int) -> str:
    """layer 3; layers 3 and 4; layers 4 to 8; the output layer."""
    if which[0] > depth:
        return "the output layer"
    first, last = which[0], which[-1]
    in_a_row = len(which) > 2 and last - first == len(which) - 1
    return f"layers {first} to {last}" if in_a_row else layers(which)


def _one_of(those: tuple[tuple[int, ...], ...], depth: int) -> str:
    """layer 7 or the output layer; one or more of layers 3 to 8; of one seed: layers 3 to 8."""
    if len(those) == 1:
        return _named(those[0], depth)
    which = sorted({layer for seed in those for layer in seed})
    if all(len(seed) == 1 for seed in those):
        return listed([_named((layer,), depth) for layer in which], "or")
    hidden = [layer for layer in which if layer <= depth]
    some = [f"one or more of layers {hidden[0]} to {hidden[-1]}"]
    if hidden[-1] - hidden[0] == 1:
        some = [f"one or both of layers {hidden[0]} and {hidden[-1]}"]
    return listed([*some, "the output layer"] if which[-1] > depth else some, "or")


def _others(number: int, of: int = 0) -> str:
    """In how many other seeds; `of`: of so many in all, where it may have been all the others."""
    if of == 2:
        return "the other seed"
    if number == of - 1:
        return "the other seeds"
    return "one other seed" if number == 1 else "some other seeds"
