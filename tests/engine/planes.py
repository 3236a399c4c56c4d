"""Small networks with nothing left at its first value, and directions through them."""

from dataclasses import replace

import torch

from bnviz.engine.architecture import Architecture
from bnviz.engine.networks import Cohort

FEATURES, CLASSES, WIDTH, DEPTH, SAMPLES = 5, 3, 6, 3, 11
PLAIN = Architecture(FEATURES, CLASSES, DEPTH, WIDTH)
NORMALIZED = replace(PLAIN, normalizer="batch")
XS, YS = [-1.0, 0.0, 0.3], [0.0, 0.5]


def normal(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


INPUTS = normal(SAMPLES, FEATURES, seed=50)
LABELS = torch.arange(SAMPLES) % CLASSES


def used(architecture, dtype=torch.float64):
    """A network with nothing left at its first value; a gamma of zero and a negative one."""
    cohort = Cohort(architecture, [0], dtype=dtype)
    with torch.no_grad():
        for index, parameter in enumerate(cohort.parameters()):
            parameter.add_(0.5 * normal(*parameter.shape, seed=index))
        for index, buffer in enumerate(cohort.buffers()):
            buffer.copy_(0.5 + normal(*buffer.shape, seed=index).abs())
        for layer in cohort.layers:
            if layer.gamma is not None:
                layer.gamma[0], layer.gamma[1], layer.gamma[2] = 0.0, -0.7, -0.0
    return cohort


def somewhere(cohort, seed):
    """A direction in which every parameter moves."""
    return [
        normal(*p.shape, seed=seed + index).to(p.dtype)
        for index, p in enumerate(cohort.parameters())
    ]


def state(cohort):
    tensors = [t.detach().clone() for t in cohort.parameters() + cohort.buffers()]
    return tensors + [g.get_state() for g in cohort.generators]


def assert_equal(some, others):
    assert len(some) == len(others)
    assert all(torch.equal(a, b) for a, b in zip(some, others, strict=True))
