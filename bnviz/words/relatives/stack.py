"""The stack of maps: all that this part of the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bnviz.verdicts.stack import Stack

CHOICES = {
    "BN": "batch",
    "layer": "layer",
    "instance": "instance",
    "group": "group",
    "renormalized": "renorm",
    "switchable": "switchable",
}
"""What the reader can choose to look at."""

PICTURES = ("Before", "Normalized")
INTRODUCTION = """
Six images (rows) and what each channel of the first convolution (columns) makes of them. **Lit: the
maps whose numbers share a mean and a variance** with the outlined one. Click on another.
"""


def told(lit: Stack) -> str:
    """What there is to see, and what is lit."""
    return f"{INTRODUCTION.strip()}\n\n{of_lit(lit)}"


def of_lit(lit: Stack) -> str:
    """What the lit part of the stack is, and its mean and variance."""
    averaged = _averaged(lit)
    if not lit.known:
        return f"{averaged} This network diverged."
    mean = round(lit.mean, 2) + 0.0  # never -0.00
    written = f"{mean:.2f}".replace("-", "−")
    return f"{averaged} After training, the mean is {written}, the variance {lit.variance:.2f}."


def _averaged(lit: Stack) -> str:
    """What shares a mean and a variance with the outlined map."""
    sample, channel = lit.sample + 1, lit.channel + 1
    group = f"the {lit.in_a_group} channels" if lit.in_a_group > 1 else "the one channel"
    return {
        "batch": f"BN takes mean and variance of channel {channel} of all {lit.samples} samples,"
        f" {lit.numbers} numbers.",
        "renorm": f"Renormalization takes mean and variance of channel {channel} of all"
        f" {lit.samples} samples, {lit.numbers} numbers, and shifts them towards the running"
        " averages.",
        "layer": f"Layer norm takes mean and variance of all {lit.channels} channels of sample"
        f" {sample}, {lit.numbers} numbers.",
        "group": f"Group norm takes mean and variance of {group} of its group, of sample {sample},"
        f" {lit.numbers} numbers.",
        "instance": f"Instance norm takes mean and variance of channel {channel} of sample {sample}"
        f" alone, {lit.numbers} numbers.",
        "switchable": "Switchable norm takes mean and variance of a mixture: of channel"
        f" {channel}, of sample {sample}, and of both.",
    }[lit.kind]
