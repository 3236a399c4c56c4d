"""What a reader calls the treatments."""

NAMES = {"plain": "plain", "batch": "BN"}
"""Within a sentence."""
SUBJECTS = {"plain": "Plain", "batch": "BN"}
"""At its start."""

RELATIVES = NAMES | {
    "renorm": "renormalization",
    "switchable": "switchable norm",
    "layer": "layer norm",
    "group": "group norm",
    "instance": "instance norm",
}
"""All ways to normalize, within a sentence."""
