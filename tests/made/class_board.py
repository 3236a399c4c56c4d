"""Runs of a class, by hand."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.class_board import EndResult, Entry
from bnviz.experiments.lab_config import LabConfig


def result(ends, **changes):
    """Where a run ended in each of its seeds; None: this one diverged."""
    lost = np.array([NEVER if end is not None else 3 for end in ends])
    accuracies = np.array([np.nan if end is None else end for end in ends], np.float32)
    config = LabConfig(**{"seeds": len(ends), "steps": 50} | changes)
    return EndResult(config=config, accuracies=accuracies, diverged_at=lost)


def entries(*runs):
    """(name, ends, changes) of each, in the order of the list."""
    return [
        Entry(number, name, result(ends, **changes))
        for number, (name, ends, changes) in enumerate(runs, start=1)
    ]


def by_rate(ends):
    """Rate -> where the runs at this rate ended, one seed each."""
    return entries(
        *(
            (f"S{place}", (end,), {"normalizer": "batch", "learning_rate": rate})
            for rate, several in ends.items()
            for place, end in enumerate(several)
        )
    )
