"""The loop everyone writes: one network of a pair in torch.nn, in float64, as an oracle."""

import copy

import numpy as np
import torch
from torch import nn

from bnviz.engine.batches import BatchOrder
from bnviz.engine.networks import Cohort
from bnviz.engine.threads import one_thread
from bnviz.experiments.landscape import FIRST_BATCHES, LENGTHS
from bnviz.experiments.settings import NORMALIZED

MODULES = {"relu": nn.ReLU, "tanh": nn.Tanh}


class Ordinary(nn.Module):
    """One network of a pair, in float64, with the initial weights of its seed."""

    def __init__(self, config, treatment, seed):
        super().__init__()
        start = Cohort(config.architecture(), [seed], [config.gain])
        chosen = NORMALIZED[config.normalized_layers](config.depth)
        self.normalized = chosen if treatment == "batch" else ()
        self.activation, self.skip = MODULES[config.activation](), config.skip == "on"
        self.linears, self.norms = nn.ModuleList(), nn.ModuleList()
        for index, layer in enumerate(start.layers, start=1):
            outputs, inputs = layer.weight[0].shape
            linear = nn.Linear(inputs, outputs, bias=index not in self.normalized).double()
            with torch.no_grad():
                linear.weight.copy_(layer.weight[0])
                if linear.bias is not None:
                    linear.bias.zero_()
            self.linears.append(linear)
            normalizes = index in self.normalized
            self.norms.append(nn.BatchNorm1d(outputs).double() if normalizes else nn.Identity())

    def forward(self, x):
        for place, (linear, norm) in enumerate(zip(self.linears, self.norms, strict=True)):
            if place == len(self.linears) - 1:
                return linear(x)
            out = self.activation(norm(linear(x)))
            x = out + x if self.skip and place > 0 else out
        return x

    def loss(self, x, y):
        return nn.functional.cross_entropy(self(x), y)


def ordinary_training(config, treatment, seed, look):
    """SGD step by step; `look(step, network, gradient, x, y)` before each update and at the end."""
    data = config.data()
    inputs, labels = torch.tensor(data.train_inputs).double(), torch.tensor(data.train_labels)
    order = BatchOrder([seed], len(labels), config.batch_size)
    network = Ordinary(config, treatment, seed).train()
    for step in range(config.steps + 1):
        chosen = order.at(step)[0]
        x, y = inputs[chosen], labels[chosen]
        later = copy.deepcopy(network)  # whose running statistics take in this batch
        gradient = torch.autograd.grad(later.loss(x, y), list(later.parameters()))
        look(step, network, gradient, x, y)
        network = later
        with torch.no_grad():
            for parameter, g in zip(network.parameters(), gradient, strict=True):
                parameter -= config.learning_rate * g


def walked(network, gradient, x, y, length):
    """The loss on the same mini-batch after a step of this length."""
    moved = copy.deepcopy(network)
    with torch.no_grad():
        for parameter, g in zip(moved.parameters(), gradient, strict=True):
            parameter -= length * g
        return moved.loss(x, y).item()


def slow_walks(config, treatment, seed, rates, steps):
    """L(theta - a g), the start first: (steps, 1 + rates), and L / L_0 of the long steps."""
    rows, far = [], []

    def look(step, network, gradient, x, y):
        if step in steps:
            rows.append([walked(network, gradient, x, y, a) for a in (0.0, *rates)])
        if step < FIRST_BATCHES:
            far.append([walked(network, gradient, x, y, a) / rows[-1][0] for a in LENGTHS])

    with one_thread():
        ordinary_training(config, treatment, seed, look)
    return np.array(rows), np.array(far)
