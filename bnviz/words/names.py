"""What a reader calls the treatments."""

NAMES = {"plain": "plain", "batch": "BN"}
"""Within a sentence."""
SUBJECTS = {"plain": "Plain", "batch": "BN"}
"""At its start."""
NORMALIZERS = NAMES | {
    "layer": "layer norm",
    "group": "group norm",
    "instance": "instance norm",
    "renorm": "renorm",
    "switchable": "switchable",
    "noisy": "noisy BN",
}
"""Of all treatments, where a network may have any."""
