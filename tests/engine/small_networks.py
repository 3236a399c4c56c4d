"""Small networks, and inputs for them, that the tests of networks share."""

from dataclasses import replace

import torch

from bnviz.engine.architecture import Architecture
from bnviz.engine.networks import Intermediates

SMALL = Architecture(5, 3, depth=3, width=6)
NORMALIZED = replace(SMALL, normalizer="batch")


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def weights(cohort):
    return [layer.weight.detach() for layer in cohort.layers]


def state(cohort):
    return [t.detach().clone() for t in cohort.parameters() + cohort.buffers()]


def assert_equal(some, others):
    assert len(some) == len(others)
    assert all(torch.equal(a, b) for a, b in zip(some, others, strict=True))


def traced(cohort, inputs, mode):
    intermediates = Intermediates()
    with torch.no_grad():
        cohort.forward(inputs, mode, intermediates)
    return intermediates
