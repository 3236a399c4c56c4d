"""Makes bnviz/engine/digits.npz from scikit-learn's copy of the digits. Run once; kept as a record.

python tests/engine/make_digits.py
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

TEST_SIZE = 450


def arrays() -> dict[str, np.ndarray]:
    """All that the file holds: images (1797, 64), labels (1797,), is_test (1797,)."""
    digits = load_digits()
    count = len(digits.target)
    _, test = train_test_split(
        np.arange(count), test_size=TEST_SIZE, stratify=digits.target, random_state=0
    )
    is_test = np.zeros(count, dtype=bool)
    is_test[test] = True
    return {
        "images": digits.data.astype(np.uint8),
        "labels": digits.target.astype(np.uint8),
        "is_test": is_test,
    }


if __name__ == "__main__":
    home = Path(__file__).parents[2] / "bnviz" / "engine"
    np.savez_compressed(home / "digits.npz", **arrays())
