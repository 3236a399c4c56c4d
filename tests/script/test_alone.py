"""The script of alone: what stays random, and what is trained, as in the engine."""

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.axes import PARTS
from bnviz.engine.networks import Cohort
from bnviz.engine.threads import one_thread
from bnviz.engine.training import recording_steps, train
from bnviz.experiments import alone
from bnviz.experiments.alone import AloneConfig
from bnviz.experiments.settings import knobs
from bnviz.script.text import script
from tests.script.test_steps import CLOSE, SEED, SMALL, assert_alike, by_script, loaded

CASES = [
    {},
    {"depth": 1},
    {"batch_size": 1},
    *({"optimizer": one} for one in knobs(AloneConfig)["optimizer"].options),
    {"activation": "tanh", "gain": 1.5},
]


def by_engine(config, part):
    """(the cohort at the start, at the end, its curve)."""
    network = config.architecture(normalizer="batch", trained=part)
    made = (network, [SEED], [config.gain], torch.float64)
    cohort, records = Cohort(*made), recording_steps(config.steps, alone.RECORDS)
    history = train(cohort, [SEED], config.data(), config.plan(1), record_at=records)
    return Cohort(*made), cohort, history.test_accuracies[0]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_few_steps_are_those_of_the_engine(case, part):
    config = AloneConfig(**SMALL | case)
    names = loaded(script("alone", "How much?", config))
    with one_thread():
        start, end, curve = by_script(names, alone.PART_NAMES[PARTS.index(part)])
        first, last, accuracies = by_engine(config, part)
    assert_alike(start, first, rtol=0, atol=1e-15)
    assert_alike(end, last, **CLOSE)
    np.testing.assert_allclose(curve, accuracies, atol=1e-6)  # kept in float32


@pytest.mark.parametrize("part", PARTS)
def test_nothing_else_moves_and_as_many_numbers_do_as_the_page_says(part):
    config = AloneConfig(**SMALL)
    names = loaded(script("alone", "How much?", config))
    start, end, _ = by_script(names, alone.PART_NAMES[PARTS.index(part)])
    moved = [p != q for p, q in zip(start.parameters(), end.parameters(), strict=True)]
    trained = by_engine(config, part)[0].parameter_count()
    assert 0.5 * trained < sum(int(one.sum()) for one in moved) <= trained
    norms = [one for one in end.modules() if isinstance(one, nn.BatchNorm1d)]
    still = [bool((one.weight == 1).all() and (one.bias == 0).all()) for one in norms]
    assert all(still) == (part in ("output", "random"))
