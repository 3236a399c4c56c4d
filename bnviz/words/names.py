"""What a reader calls the treatments, and a sample."""

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


def sample(dataset: str, label: int) -> str:
    """One test sample of this class: the test image of a 7; the test point of class 1."""
    if dataset != "digits":
        return f"the test point of class {label}"
    return f"the test image of {'an' if label == 8 else 'a'} {label}"
