"""Two units of a trained network: what torch.nn makes of the same numbers."""

import numpy as np
import torch

from bnviz.engine.data import load
from bnviz.experiments.trained_units import SAMPLES, trained_units
from bnviz.experiments.typed import read, write


def test_are_those_of_a_network_that_learned():
    units = trained_units()
    assert units.accuracy > 0.9
    assert units.inputs.shape == units.incoming.shape == (SAMPLES, 2)
    assert len(set(units.units)) == 2
    assert np.abs(units.incoming).max() > 0


def test_are_the_same_every_time():
    again = trained_units.__wrapped__()
    np.testing.assert_array_equal(again.inputs, trained_units().inputs)
    np.testing.assert_array_equal(again.outgoing, trained_units().outgoing)


def test_torch_agrees_with_what_went_in_and_came_out():
    """The network's own outputs and gradients, from torch.nn on the recorded inputs."""
    units = trained_units()
    layer = torch.nn.BatchNorm1d(2, dtype=torch.float64)
    layer.weight.data, layer.bias.data = torch.tensor(units.gamma), torch.tensor(units.beta)
    x = torch.tensor(units.inputs, requires_grad=True)
    y = layer(x)
    y.backward(torch.tensor(units.incoming))
    np.testing.assert_allclose(y.detach(), units.outputs, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(x.grad, units.outgoing, rtol=1e-3, atol=1e-6)


def test_the_batch_is_a_real_one():
    images = load("digits").train_inputs[:SAMPLES]
    assert len(np.unique(images, axis=0)) == SAMPLES


def test_what_goes_in_can_be_typed():
    for table in (trained_units().inputs, trained_units().incoming):
        np.testing.assert_array_equal(read(write(table)), table)
