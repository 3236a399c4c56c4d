"""What a reader calls the treatments."""

NAMES = {"plain": "plain", "batch": "BN"}
"""Within a sentence."""
SUBJECTS = {"plain": "Plain", "batch": "BN"}
"""At its start."""
