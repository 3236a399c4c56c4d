"""One sample in many batches: the two networks that are asked."""

import numpy as np
import pytest
import torch

from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.training import train
from bnviz.experiments import company
from tests.samples import tiny


@pytest.fixture(scope="module")
def small():
    return company.run(company.SampleConfig.like(tiny("batches", steps=40)))


def test_is_the_same_to_the_bit_and_whatever_the_workers(small):
    again = company.run(small.config, workers=1)
    np.testing.assert_array_equal(small.in_batches.probability, again.in_batches.probability)


def test_the_sample_is_asked_of_layer_norm_too(small):
    of = small.config
    size = of.sizes()[of.focus()]
    cohort = Cohort(of.architecture(normalizer="layer"), [0])
    plan = Plan((of.rate(size),), of.updates(size), size)
    train(cohort, [0], of.data(), plan)
    place = int(np.flatnonzero(of.data().test_labels == company.SAMPLE)[0])
    image = torch.tensor(of.data().test_inputs[place])[None, :, None]
    probability = cohort.forward(image, "batch").softmax(1)[0, company.SAMPLE, 0]
    assert small.by_layer == pytest.approx(probability.item(), rel=1e-4)
