"""Mean and variance as constants in the backward pass: the normalizer, and the training with it."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from bnviz.axes import NEVER
from bnviz.engine.architecture import Architecture
from bnviz.engine.batchnorm import Options, RunningStatistics
from bnviz.engine.networks import Cohort
from bnviz.engine.normalization import NORMALIZERS
from bnviz.experiments import backward_mistake
from bnviz.experiments.backward_mistake import MistakeConfig
from tests.samples import TINY


def slow_mistake(x, gamma, beta, dy, epsilon):
    """BN of (units, batch) in plain torch, mean and variance without a gradient."""
    x = x.clone().requires_grad_(True)
    fixed = x.detach()
    std = torch.sqrt(fixed.var(1, unbiased=False, keepdim=True) + epsilon)
    y = gamma[:, None] * (x - fixed.mean(1, keepdim=True)) / std + beta[:, None]
    y.backward(dy)
    return y.detach(), x.grad


def running_of(units):
    return RunningStatistics(
        torch.zeros(units, dtype=torch.float64), torch.ones(units, dtype=torch.float64)
    )


class TestTheMistakenNormalizer:
    @pytest.mark.parametrize("batch", [2, 5, 16])
    def test_outputs_are_right_and_gradients_are_not(self, batch):
        generator = torch.Generator().manual_seed(batch)
        x, dy = (torch.randn(2, 3, batch, dtype=torch.float64, generator=generator) * 3 + 1
                 for _ in range(2))  # fmt: skip
        gamma, beta = torch.rand(6, dtype=torch.float64), torch.rand(6, dtype=torch.float64)
        right, wrong = NORMALIZERS["batch"], NORMALIZERS["batch, constants"]
        told, there = [], []
        for normalizer in (right, wrong):
            given_x, running = x.clone().requires_grad_(True), running_of(6)
            y = normalizer(given_x, gamma, beta, running, "train", Options()).reshape(x.shape)
            y.backward(dy)
            told.append((y.detach(), running.mean, running.variance))
            there.append(given_x.grad)
        for one, other in zip(*told, strict=True):
            torch.testing.assert_close(one, other)
        y, dx = slow_mistake(x.view(6, batch), gamma, beta, dy.view(6, batch), 1e-5)
        torch.testing.assert_close(told[1][0], y.view(x.shape))
        torch.testing.assert_close(there[1], dx.view(x.shape))
        assert (there[0] - there[1]).abs().max() > 0.01

    def test_measuring_changes_nothing_and_inference_is_the_same(self):
        x, running = torch.randn(1, 3, 4, dtype=torch.float64), running_of(3)
        ones = torch.ones(3, dtype=torch.float64)
        NORMALIZERS["batch, constants"](x, ones, ones, running, "batch", Options())
        assert (running.mean == 0).all()
        both = [NORMALIZERS[name](x, ones, ones, running, "inference", Options())
                for name in backward_mistake.ROUTES]  # fmt: skip
        torch.testing.assert_close(*both)

    def test_a_single_row_and_a_chunk(self):
        x, running = torch.randn(1, 3, 1, dtype=torch.float64), running_of(3)
        ones = torch.ones(3, dtype=torch.float64)
        y = NORMALIZERS["batch, constants"](x, ones, ones, running, "train", Options())
        torch.testing.assert_close(y, torch.ones_like(y))
        with pytest.raises(ValueError, match="ghost_batch_size is 2"):
            NORMALIZERS["batch, constants"](
                x, ones, ones, running, "train", Options(ghost_batch_size=2)
            )

    def test_a_step_makes_the_weights_longer_only_with_the_mistake(self):
        """<W, dL/dW> is 0 per unit with the right gradient (epsilon aside), and not with it."""
        inner = {}
        for route in backward_mistake.ROUTES:
            options = Options(epsilon=1e-14)
            one = Architecture(5, 3, 1, 4, normalizer=route, options=options)
            cohort = Cohort(one, [1], dtype=torch.float64)
            x = torch.randn(
                1, 5, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(3)
            )
            loss = F.cross_entropy(cohort.forward(x, "batch"), torch.zeros(1, 8, dtype=torch.long))
            (gradient,) = torch.autograd.grad(loss, [cohort.layers[0].weight])
            inner[route] = (gradient * cohort.layers[0].weight).sum(2).abs().max().item()
        assert inner["batch"] < 1e-12
        assert inner["batch, constants"] > 1e-4


class TestMistake:
    def test_both_start_alike_and_the_right_one_is_plain_bn(self):
        run = backward_mistake.run(MistakeConfig(**TINY | {"steps": 12}))
        assert run.loss.shape == (2, 2, len(run.steps))
        np.testing.assert_allclose(run.loss[0, :, 0], run.loss[1, :, 0], rtol=1e-5)
        assert (run.growth[:, :, 0] == 1).all()
        assert not np.array_equal(run.loss[0, :, -1], run.loss[1, :, -1])

    def test_the_same_config_gives_the_same_bits(self):
        one, other = (backward_mistake.run(MistakeConfig(**TINY | {"steps": 12})) for _ in range(2))
        np.testing.assert_array_equal(one.loss, other.loss)

    def test_a_divergence_is_a_result(self):
        run = backward_mistake.run(MistakeConfig(**TINY | {"gain": 1e4, "learning_rate": 1e3}))
        assert (run.diverged_at != NEVER).any()
        assert np.isfinite(run.loss[:, :, 0]).all()
