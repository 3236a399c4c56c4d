"""The stack of maps: all that this part of the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.names import RELATIVES

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
    sample, channel = lit.sample + 1, lit.channel + 1
    group = f"the {lit.in_a_group} channels" if lit.in_a_group > 1 else "the one channel"
    parts = {
        "batch": f"channel {channel} of all {lit.samples} samples",
        "renorm": f"channel {channel} of all {lit.samples} samples, shifted towards the running"
        " averages",
        "layer": f"all {lit.channels} channels of sample {sample}",
        "group": f"{group} of its group, of sample {sample}",
        "instance": f"channel {channel} of sample {sample} alone",
        "switchable": f"a mixture: of channel {channel}, of sample {sample}, and of both",
    }
    name = RELATIVES[lit.kind]
    said = f"{name[0].upper()}{name[1:]} takes mean and variance of {parts[lit.kind]}"
    said += "" if lit.kind == "switchable" else f", {lit.numbers} numbers"
    if not lit.known:
        return f"{said}. This network diverged."
    mean = round(lit.mean, 2) + 0.0  # never -0.00
    written = f"{mean:.2f}".replace("-", "−")
    return f"{said}: after training, the mean is {written}, the variance {lit.variance:.2f}."
