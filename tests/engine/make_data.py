"""Makes the files of bnviz/engine from scikit-learn's copies. Run once; kept as a record.

python tests/engine/make_data.py
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.model_selection import train_test_split

ENGINE = Path(__file__).parents[2] / "bnviz" / "engine"
FILES = {
    "digits": (load_digits, 450, np.uint8),
    "wine": (load_wine, 89, np.float64),
    "breast cancer": (load_breast_cancer, 285, np.float64),
}
"""By name: where it comes from, how much of it is for testing, and as what it is stored.

Half of a table: of a quarter of the wines, one alone would be two percentage points.
"""


def file(name: str) -> Path:
    """Where the set is stored."""
    return ENGINE / f"{name.replace(' ', '_')}.npz"


def arrays(name: str) -> dict[str, np.ndarray]:
    """All that a file holds: inputs (samples, features), labels (samples,), is_test (samples,)."""
    source, test_size, kind = FILES[name]
    held = source()
    count = len(held.target)
    _, test = train_test_split(
        np.arange(count), test_size=test_size, stratify=held.target, random_state=0
    )
    is_test = np.zeros(count, dtype=bool)
    is_test[test] = True
    return {
        "inputs": held.data.astype(kind),
        "labels": held.target.astype(np.uint8),
        "is_test": is_test,
    }


if __name__ == "__main__":
    for one in FILES:
        np.savez_compressed(file(one), **arrays(one))
