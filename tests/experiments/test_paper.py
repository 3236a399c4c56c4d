"""The paper's experiment in small: each arm is its rate and its activation."""

import numpy as np
import pytest
import torch

from bnviz.axes import NEVER
from bnviz.experiments import paper
from bnviz.experiments.pair import train_pair
from bnviz.experiments.paper import ARMS, PaperConfig
from bnviz.experiments.settings import WORK_LIMIT
from bnviz.words.race import IMAGENET
from tests.experiments.test_pair import assert_same
from tests.made.rates import usual


class TestArms:
    def test_are_those_of_the_paper(self):
        for arm in ARMS:
            if np.isfinite(arm.steps):
                assert f"| {arm.steps} million | {100 * arm.best:.1f} % |" in IMAGENET
        assert [arm.times for arm in ARMS] == [1, 5, 1, 5, 30, 5]
        assert [arm.sigmoid for arm in ARMS] == [False] * 5 + [True]


class TestPieces:
    def test_are_the_settings_of_the_page_from_each_base(self):
        low, best = paper.pieces(usual().config, (0.01, 0.32))
        assert (low.base, best.base) == (0.01, 0.32)
        assert low.seeds == best.seeds == 6
        assert best.steps == paper.LONGER * 20
        other = usual(learning_rate=10.0, target=0.5).config
        assert paper.pieces(other, (0.01, 0.32)) == [low, best]
        assert best.affordable() == best
        assert PaperConfig(depth=50, width=256, seeds=6, steps=400).work() > WORK_LIMIT
        assert paper.pieces(usual(steps=5000).config, (0.1,))[0].steps == 5000


class TestRun:
    def test_each_arm_is_its_rate_and_its_activation(self, monkeypatch):
        settings = PaperConfig(depth=2, width=8, batch_size=32, steps=12, seeds=2, base=0.05)
        result = paper.run(settings)
        assert result.test_accuracy.shape == (6, 2, len(result.steps))
        assert_same(result, paper.run(settings, workers=1))
        for place, arm in enumerate(ARMS):
            alone = {"learning_rate": arm.times * 0.05, "activation": "relu"}
            if arm.sigmoid:
                alone["activation"] = "sigmoid"
            pair = train_pair(settings.model_copy(update=alone), (1, 2))[arm.treatment]
            assert pair.test_accuracies.tobytes() == result.test_accuracy[place].tobytes()
            data = settings.data()
            inputs = torch.tensor(data.test_inputs).T.expand(2, -1, -1)
            with torch.no_grad():
                outputs = pair.cohort.forward(inputs, "inference").double().numpy()
            shares = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
            voted = (shares[0] + shares[1]).argmax(axis=0)
            assert result.ensemble[place] == pytest.approx((voted == data.test_labels).mean())

    def test_the_ensemble_is_of_those_that_are_left(self):
        told = np.array([[[0.9, 0.4], [0.1, 0.6]], [[0.2, 0.1], [0.8, 0.9]]], np.float32)
        assert paper.ensemble_accuracy(told, np.array([0, 1])) == 1.0  # 1.1 to 0.9, 0.5 to 1.5
        assert paper.ensemble_accuracy(told[1:], np.array([0, 1])) == 0.5
        assert np.isnan(paper.ensemble_accuracy(told[:0], np.array([0, 1])))

    def test_everybody_diverged(self):
        wild = PaperConfig(depth=6, width=8, gain=1e4, base=1e3, steps=4, seeds=2)
        result = paper.run(wild)
        assert (result.diverged_at[:2] != NEVER).all()
        assert np.isnan(result.ensemble[:2]).all()
