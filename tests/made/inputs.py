"""One network on wild features, trained at the first few rates, by hand."""

from functools import partial

import numpy as np

from bnviz.engine.data import load
from bnviz.experiments import inputs
from bnviz.experiments.inputs import RATES, InputConfig, InputResult, TableConfig


def wild(name):
    """The wild features of the set of this name."""
    return inputs.wild(load(name))


def swept(arm, *accuracies, case=inputs.WILD):
    """accuracies: at each rate, of the one seed or of several."""
    rows = np.array(accuracies, np.float32).reshape(len(accuracies), -1)
    kind = InputConfig if case == inputs.WILD else partial(TableConfig, dataset=case)
    config = kind(arm=arm, seeds=rows.shape[1])
    return InputResult(
        config=config,
        rates=np.array(RATES[: len(rows)]),
        accuracy=rows,
        stable=np.array([2e-6, 0.4]),
    )
