"""What a reader calls the treatments, and a sample."""

from bnviz.axes import SHORT

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
NORMALIZERS = SHORT
"""The same in short, with the noisy network of the shift."""
TODAY = {kind: SHORT[kind] for kind in ("plain", "batch", "layer", "rms", "dyt", "weights")}
"""What stands in residual networks today, beside plain and BN."""
HIGHER = {"first": "plain", "second": "BN", "same": "about the same", "unclear": "it differs"}
"""Which network ends with the higher test accuracy, by its standing: the answers to a question."""


POINTS = ("moons", "circles", "spirals", "checkerboard", "XOR", "rings")
"""The data sets that are points of the plane."""


def sample(dataset: str, label: int) -> str:
    """One test sample of this class: test image of an 8; test point of class 1."""
    if dataset != "digits":
        return f"test {_one(dataset)} of class {label}"
    return "test image of an 8" if label == 8 else f"test image of a {label}"


def this(dataset: str, label: int) -> str:
    """The same in short, as one points at it: this 8; this point of class 1."""
    return f"this {label}" if dataset == "digits" else f"this {_one(dataset)} of class {label}"


def samples(dataset: str) -> str:
    """Several of them: digits; points; samples."""
    return "digits" if dataset == "digits" else f"{_one(dataset)}s"


def _one(dataset: str) -> str:
    return "point" if dataset in POINTS else "sample"
