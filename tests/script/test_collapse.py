"""The script of collapse: the cosines and effective ranks of the page, to rounding."""

import numpy as np
import pytest

from bnviz.experiments import collapse
from bnviz.experiments.collapse import CollapseConfig
from bnviz.experiments.settings import knobs
from bnviz.script.text import script
from tests.script.test_steps import loaded

SMALL = {"dataset": "digits", "depth": 3, "width": 16, "seeds": 2, "batch_size": 16}
CASES = [
    *({"activation": one} for one in knobs(CollapseConfig)["activation"].options),
    {"skip": "on", "initialization": "glorot", "gain": 1.5},
    {"skip": "on", "depth": 1},
    {"batch_size": 1},
    {"dataset": "wine", "scaling": "raw", "train_size": 64},
    {"dataset": "spirals", "width": 4, "depth": 12},  # in which many samples have no output left
    {"depth": 50, "gain": 0.1},
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_measures_what_the_page_shows(case):
    config = CollapseConfig(**SMALL | case)
    names, page = loaded(script("collapse", "Can it?", config)), collapse.run(config)
    for row, own in enumerate(names["NETWORKS"].values()):
        for seed in range(config.seeds):
            samples = next(names["batches"](seed))[0]
            cosine, rank = np.transpose(names["alike"](names["network"](seed, own), samples))
            np.testing.assert_allclose(cosine, page.cosine[row, seed], rtol=1e-6, atol=1e-9)
            np.testing.assert_allclose(rank, page.rank[row, seed], rtol=1e-6)
