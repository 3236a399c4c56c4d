"""A layer's values to normalize, and a slow batch renormalization, for the tests of both."""

import torch
from hypothesis import strategies as st
from torch import nn

from bnviz.engine.batchnorm import RunningStatistics

R, UNITS, BATCH = 2, 3, 12


def random(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


def some_layer(batch=BATCH):
    """Values, gamma, beta and running statistics of a layer that has seen training."""
    x = 3 + 2 * random(R, UNITS, batch)
    gamma, beta = random(R * UNITS, seed=1), random(R * UNITS, seed=2)
    running = RunningStatistics(random(R * UNITS, seed=3), 0.5 + random(R * UNITS, seed=4).abs())
    return x, gamma, beta, running


def copied(running):
    return RunningStatistics(running.mean.clone(), running.variance.clone())


sizes = st.sampled_from([0.0, 1e-300, 1e-30, 1e-5, 1.0, 1e4, 1e30, 1e100])


spread = st.lists(st.floats(-1, 1, allow_subnormal=False), min_size=6, max_size=6)


class Renorm(nn.Module):
    """Batch renormalization of (batch, units), word by word from the definition."""

    def __init__(self, units, rmax, dmax, momentum=0.1, epsilon=1e-5):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(units)), nn.Parameter(torch.zeros(units))
        self.register_buffer("running_mean", torch.zeros(units))
        self.register_buffer("running_var", torch.ones(units))
        self.rmax, self.dmax, self.momentum, self.epsilon = rmax, dmax, momentum, epsilon

    def forward(self, x):
        mean, variance = x.mean(0), x.var(0, correction=0)
        spread, long = (torch.sqrt(v + self.epsilon) for v in (variance, self.running_var))
        with torch.no_grad():
            r = torch.clip(spread / long, 1 / self.rmax, self.rmax)
            d = torch.clip((mean - self.running_mean) / long, -self.dmax, self.dmax)
            unbiased = x.var(0) if len(x) > 1 else torch.zeros_like(mean)
            self.running_mean += self.momentum * (mean - self.running_mean)
            self.running_var += self.momentum * (unbiased - self.running_var)
        return ((x - mean) / spread * r + d) * self.weight + self.bias
