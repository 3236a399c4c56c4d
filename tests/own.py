"""A reader's own data, made for tests."""

import numpy as np

from bnviz.experiments.data_knobs import OWN
from bnviz.experiments.own_samples import own_samples


def own(rows=120, features=3, classes=3, seed=0):
    """Samples whose class can be told from them, the last feature constant but for one row."""
    random = np.random.default_rng(seed)
    labels = np.arange(rows) % classes
    inputs = random.normal(size=(rows, features)) + 2 * labels[:, None] * np.arange(features)
    inputs[:, -1] = np.arange(rows) == 0
    return own_samples(inputs, labels)


def carried(setting):
    """A setting with the data that it asks for."""
    return setting | {"own_data": own()} if setting.get("dataset") == OWN else setting


def csv(rows=30, separator=",", decimal=".", header=True):
    """A table of two columns of numbers and one of words, sorted by its class."""
    lines = [separator.join(("height", "width", "kind"))] if header else []
    for row in range(rows):
        numbers = (f"{row / 7:.3f}".replace(".", decimal), f"{row % 5}{decimal}5")
        lines.append(separator.join((*numbers, "abc"[3 * row // rows])))
    return "\n".join(lines) + "\n"
