"""The network's input: wild features, the ground under them, and the rates they bear."""

import numpy as np
import pytest
import torch

from bnviz.engine.data import load
from bnviz.experiments import inputs
from bnviz.experiments.placement import PlacementConfig
from bnviz.experiments.settings import Settings
from bnviz.verdicts.inputs import judge_sweep
from tests.made.inputs import wild
from tests.samples import tiny

CLOSER = 10.0


class TestInput:
    def test_wild_features(self):
        data, made = Settings().data(), wild("digits")
        there = data.train_inputs[0] != 0
        factors = made.train_inputs[0, there] / np.sinh(data.train_inputs[0, there])
        assert 0.01 <= factors.min() < 0.02
        assert 50 < factors.max() <= 100
        assert (made.train_labels == data.train_labels).all()
        varies = made.train_inputs.std(0) > 0
        centred = made.train_inputs[:, varies] - made.train_inputs[:, varies].mean(0)
        kurtosis = (centred**4).mean(0) / (centred**2).mean(0) ** 2
        assert np.median(kurtosis) > 5  # 3 for a normal distribution

    @pytest.mark.parametrize("name", ["digits", "moons"])
    def test_scaling_beforehand(self, name):
        scaled = inputs.rescaled(wild(name))
        std = scaled.train_inputs.std(0)
        np.testing.assert_allclose(std[std > 0], 1, rtol=1e-4)
        np.testing.assert_allclose(scaled.train_inputs.mean(0), 0, atol=1e-4)
        assert np.isfinite(scaled.test_inputs).all()

    @pytest.mark.parametrize("name", ["digits", "circles"])
    def test_the_walk_is_gradient_descent(self, name):
        one = inputs.ground(wild(name))
        walks = one.walk(np.arange(12))
        for kind in range(2):
            w = one.start[kind]
            for step in range(12):
                np.testing.assert_allclose(walks[kind, step], w, rtol=1e-9)
                gradient = one.curvature[kind] @ (w - one.middle[kind])
                w = w - inputs.SHARE * one.rate[kind] * gradient

    def test_the_curvature_is_that_of_the_loss(self):
        one, data = inputs.ground(wild("moons")), wild("moons")
        x, y = data.train_inputs.astype(float), 2.0 * (data.train_labels % 2) - 1
        kinds = (x, (x - x.mean(0)) / x.std(0))
        for kind, features in enumerate(kinds):

            def loss(w, features=features):
                return 0.5 * ((features @ w - y) ** 2).mean()

            lowest = loss(one.middle[kind])
            assert loss(one.start[kind]) == pytest.approx(lowest + 1)
            for shift in np.eye(2):
                away = 0.3 * shift
                expected = lowest + 0.5 * away @ one.curvature[kind] @ away
                assert loss(one.middle[kind] + away) == pytest.approx(expected)

    def test_beyond_the_largest_rate_the_walk_leaves(self):
        one = inputs.ground(wild("digits"))
        for factor, leaves in ((0.99, False), (1.01, True)):
            values = np.linalg.eigvalsh(one.curvature[0])
            left = np.abs(1 - factor * one.rate[0] * values).max()
            assert bool(left > 1) is leaves

    def test_patience_is_what_the_walk_takes(self):
        one = inputs.ground(wild("digits"))
        for kind in range(2):
            steps = int(one.patience(CLOSER)[kind])
            walk = one.walk(np.array([0, steps - 1, steps]))[kind] - one.middle[kind]
            _, vectors = np.linalg.eigh(one.curvature[kind])
            left = np.abs(walk @ vectors)
            assert (left[2] <= left[0] / CLOSER * (1 + 1e-9)).all()
            assert (left[1] > left[0] / CLOSER).any()


class TestTables:
    @pytest.mark.parametrize("table", inputs.TABLES)
    def test_every_arm_but_one_sees_the_table_as_it_was_measured(self, table):
        config = tiny("placement", dataset="moons", wrong_labels=0.4, train_size=128)
        for piece in inputs.of_case(config, table):
            data = piece.data()
            scaled = load(table, scaling="raw" if piece.arm != "scaled data" else "standardized")
            np.testing.assert_allclose(data.train_inputs, scaled.train_inputs, rtol=1e-4, atol=1e-4)
            np.testing.assert_array_equal(data.train_labels, scaled.train_labels)
            assert (piece.depth, piece.seeds, piece.scaling) == (2, 2, "standardized")

    def test_a_result_names_its_features_and_what_a_linear_unit_bears(self, monkeypatch):
        monkeypatch.setattr(inputs, "RATES", (0.1,))
        config = tiny("placement")
        for case in inputs.CASES:
            result = inputs.run(inputs.of_case(config, case)[2])
            assert result.case == case
            assert result.stable[1] > 1e3 * result.stable[0]

    def test_scaling_and_bn_on_the_input_are_the_same_where_the_batch_is_all_of_the_data(self):
        """The law, in float64: BN of the raw table is the standardized table, but for epsilon."""
        raw, scaled = (load("wine", scaling=how) for how in ("raw", "standardized"))
        x = torch.tensor(raw.train_inputs).double()
        normalized = torch.nn.functional.batch_norm(x, None, None, training=True, eps=1e-30)
        np.testing.assert_allclose(normalized.numpy(), scaled.train_inputs, atol=1e-4)

    @pytest.mark.parametrize("table", inputs.TABLES)
    def test_what_the_page_says_of_the_tables_holds_over_five_seeds(self, table):
        config = PlacementConfig(seeds=5)
        verdict = judge_sweep([inputs.run(one) for one in inputs.of_case(config, table)])
        plain, *others = verdict.reached
        assert not plain.largest > 0.001
        assert all(one.largest >= 0.32 for one in others)
        assert (verdict.same, verdict.needless) == ("as far", True)
        assert verdict.inside.standing == "second"  # a hidden BN does not replace scaling


class TestSweep:
    def test_every_piece_is_one_arm_on_its_data(self, monkeypatch):
        monkeypatch.setattr(inputs, "RATES", (0.1, 1e3))
        config = tiny("placement", dataset="moons", learning_rate=0.01)
        pieces = inputs.pieces(config)
        assert [piece.arm for piece in pieces] == list(inputs.ARMS)
        results = [inputs.run(piece) for piece in pieces]
        assert all(one.accuracy.shape == (2, 2) for one in results)
        assert np.isfinite(results[2].accuracy[0]).all()
        again = inputs.run(pieces[2])
        assert np.array_equal(again.accuracy, results[2].accuracy, equal_nan=True)
        for piece in pieces:
            assert (piece.data() is wild("moons")) is (piece.arm != "scaled data")
