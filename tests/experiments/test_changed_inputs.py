"""Changed inputs: what they are, and that ordinary code judges them as the lesson does."""

import numpy as np
import pytest

from bnviz.engine.data import CHANGES, changed, load
from bnviz.engine.samples import named
from bnviz.experiments import changed_inputs, shift
from bnviz.experiments.changed_inputs import BINS, InputsConfig
from bnviz.experiments.pair import train_arms
from bnviz.words.names import POINTS
from tests.samples import tiny


class TestRun:
    def test_changed_inputs_are_judged_as_ordinary_code_judges_them(self):
        data, config = load("digits"), tiny("shift")
        found = changed_inputs.run(InputsConfig.like(config))
        assert found.seen.shape == (4, BINS)
        plain = train_arms(config, {"plain": shift.ARMS["plain"]})["plain"].cohort
        for world, name in enumerate(("fainter", "moved"), start=1):
            for seed in range(config.seeds):
                h = changed(named("digits"), name).T
                for place, layer in enumerate(plain.layers):
                    h = layer.weight[seed].detach().numpy() @ h + layer.bias[seed].detach().numpy()
                    h = np.tanh(h) if place < config.depth else h
                share = (h.argmax(0) == data.test_labels).mean()
                assert found.accuracy[0, world, seed] == pytest.approx(share, abs=0.003)

    def test_the_drawn_unit_is_typical_and_its_densities_are_densities(self):
        of = changed_inputs.run(InputsConfig.like(tiny("shift", width=64, steps=1, seeds=1)))
        np.testing.assert_allclose(of.seen.sum(1) * np.diff(of.edges)[0], 1, rtol=1e-5)
        centres = (of.edges[:-1] + of.edges[1:]) / 2
        means = (of.seen * centres).sum(1) * np.diff(of.edges)[0]
        assert abs(means[0]) < 0.05
        assert abs(means[2]) == pytest.approx(of.moments[1, 0], rel=0.15)
        assert of.moments[1, 1] == pytest.approx(0.4, abs=0.01)  # 0.4 times the ink


class TestChangedInputs:
    def test_fainter_digits_have_less_ink_and_moved_ones_have_it_elsewhere(self):
        data = load("digits")
        raw = data.test_inputs - data.train_inputs.min(0)
        fainter = changed(named("digits"), "fainter") - data.train_inputs.min(0)
        np.testing.assert_allclose(fainter, 0.4 * raw, atol=1e-5)
        moved = (changed(named("digits"), "moved") - data.train_inputs.min(0)).reshape(-1, 8, 8)
        np.testing.assert_allclose(moved[:, :, 1:], raw.reshape(-1, 8, 8)[:, :, :-1], atol=1e-5)
        np.testing.assert_allclose(moved[:, :, 0], 0, atol=1e-5)

    @pytest.mark.parametrize("name", POINTS)
    def test_points_come_nearer_or_to_the_right(self, name):
        data = load(name)
        assert CHANGES[data.kind] == ("smaller", "moved")
        moved = changed(named(name), "moved") - data.test_inputs
        np.testing.assert_allclose(moved, np.tile([0.5, 0.0], (len(moved), 1)), atol=1e-5)
        spread = changed(named(name), "smaller").std(0) / data.test_inputs.std(0)
        np.testing.assert_allclose(spread, 0.5, rtol=1e-5)

    @pytest.mark.parametrize("name", ["wine", "breast cancer"])
    @pytest.mark.parametrize("scaling", ["standardized", "raw"])
    def test_the_features_of_a_table_come_nearer_to_their_mean_or_move_by_half_a_deviation(
        self, name, scaling
    ):
        data, samples = load(name, scaling=scaling), named(name)
        assert CHANGES[data.kind] == ("narrower", "moved")
        training = data.train_inputs.astype(float)
        mean, std = training.mean(0), training.std(0)
        moved = (changed(samples, "moved", scaling) - data.test_inputs) / std
        np.testing.assert_allclose(moved, 0.5, atol=1e-3)
        narrower = (changed(samples, "narrower", scaling) - mean) / std
        np.testing.assert_allclose(narrower, (data.test_inputs - mean) / std / 2, atol=1e-3)

    @pytest.mark.parametrize(
        "wrong", [("digits", "smaller"), ("moons", "fainter"), ("wine", "smaller")]
    )
    def test_what_there_is_not(self, wrong):
        name, change = wrong
        with pytest.raises(ValueError, match="no change"):
            changed(named(name), change)

    def test_nobody_can_write_on_them(self):
        with pytest.raises(ValueError, match="read-only"):
            changed(named("digits"), "moved")[0] = 0
