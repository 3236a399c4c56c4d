"""One network on wild features, trained at the first few rates, by hand."""

import numpy as np

from bnviz.experiments.inputs import RATES, InputConfig, InputResult


def swept(arm, *accuracies):
    """accuracies: at each rate, of the one seed or of several."""
    rows = np.array(accuracies, np.float32).reshape(len(accuracies), -1)
    config = InputConfig(arm=arm, seeds=rows.shape[1])
    return InputResult(config=config, rates=np.array(RATES[: len(rows)]), accuracy=rows)
