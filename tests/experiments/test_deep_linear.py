"""The deep linear network against torch.nn in float64."""

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.engine.networks import Architecture, Cohort
from bnviz.experiments import deep_linear, shift
from bnviz.experiments.deep_linear import RATES, LinearConfig


class TestDeepLinearNetwork:
    def test_is_what_ordinary_code_finds(self, monkeypatch):
        monkeypatch.setattr(deep_linear, "SAMPLES_SEEN", 40)
        config = LinearConfig(steps=2, seeds=1, depth=4, learning_rate=0.01)
        result = deep_linear.run(config)
        draw = torch.Generator().manual_seed(2018)
        x = torch.randn(10, 40, generator=draw).double()
        y = (torch.randn(10, 10, generator=draw) / 10**0.5).double() @ x
        size = Architecture(10, 10, 4, 10, "identity")
        start = [layer.weight[0].detach().double() for layer in Cohort(size, [0]).layers]
        layers = [nn.Linear(10, 10).double() for _ in start]
        with torch.no_grad():
            for layer, weight in zip(layers, start, strict=True):
                layer.weight.copy_(weight)
                layer.bias.zero_()
        for record in range(3):
            loss, slopes = self.looked_at(layers, x, y)
            assert result.loss[0, record] == pytest.approx(
                loss.item() / y.square().sum(0).mean().item(), rel=1e-4
            )
            turns = []
            for place in range(1, len(layers)):
                mixed = [self.moved(layer, *slopes[k]) for k, layer in enumerate(layers[:place])]
                again = self.looked_at([*mixed, *layers[place:]], x, y)[1][place][0]
                cosine = torch.cosine_similarity(slopes[place][0].flatten(), again.flatten(), 0)
                turns.append(np.degrees(np.arccos(cosine.item())))
            assert result.angle[0, record] == pytest.approx(np.mean(turns), rel=1e-3)
            layers = [self.moved(layer, *slopes[k]) for k, layer in enumerate(layers)]

    def looked_at(self, layers, x, y):
        loss = (nn.Sequential(*layers)(x.T) - y.T).square().sum(1).mean()
        slopes = torch.autograd.grad(loss, [p for la in layers for p in (la.weight, la.bias)])
        return loss.detach(), list(zip(slopes[::2], slopes[1::2], strict=True))

    def moved(self, layer, weight, bias):
        new = nn.Linear(10, 10).double()
        with torch.no_grad():
            new.weight.copy_(layer.weight - 0.01 * weight)
            new.bias.copy_(layer.bias - 0.01 * bias)
        return new

    def test_a_rate_at_which_it_explodes_ends_in_holes_not_in_an_error(self, monkeypatch):
        monkeypatch.setattr(deep_linear, "SAMPLES_SEEN", 20)
        result = deep_linear.run(LinearConfig(steps=12, learning_rate=10.0, seeds=2))
        assert np.isnan(result.loss[:, -1]).all()
        assert np.isnan(result.angle[np.isnan(result.loss)]).all()

    def test_the_noisy_one_and_the_pieces(self, monkeypatch):
        monkeypatch.setattr(deep_linear, "SAMPLES_SEEN", 20)
        assert [piece.arm for piece in deep_linear.linear(RATES[1])] == list(shift.ARMS)
        assert all(piece.affordable() == piece for piece in deep_linear.linear(RATES[0]))
        config = LinearConfig(arm="noisy", steps=2, seeds=1)
        one, other = deep_linear.run(config), deep_linear.run(config)
        np.testing.assert_array_equal(one.angle, other.angle)
        assert np.isfinite(one.angle).all()
