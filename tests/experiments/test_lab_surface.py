"""The loss around the end of any run: as the engine's own surface has it, and for every network."""

import numpy as np
import pytest
import torch

from bnviz.axes import NEVER
from bnviz.engine.networks import Cohort
from bnviz.engine.surface import random_directions, surface
from bnviz.engine.training import train
from bnviz.experiments import lab_surface
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import NAMES
from bnviz.experiments.lab_probes import mixed
from bnviz.experiments.lab_surface import SAMPLES, LabSurfaceConfig
from bnviz.figures import LIGHT, drawn
from bnviz.figures import lab_surface as pictures

TINY = {"depth": 2, "width": 8, "steps": 4, "batch_size": 32, "seeds": 1, "grid": 5}


def config(**changes):
    return LabSurfaceConfig(**TINY | changes)


@pytest.mark.parametrize("normalizer", ["none", "batch"])
def test_is_what_the_engine_has_for_plain_and_bn(normalizer):
    of = config(normalizer=normalizer, first_seed=3)
    found = lab_surface.run(of)
    cohort = Cohort(of.architecture(), [3])
    train(cohort, [3], of.data(), of.plan(1), record_at=[])
    data, order = of.data(), mixed(len(of.data().train_labels))[:SAMPLES]
    expected = surface(
        cohort, random_directions(cohort, 3), found.axis, found.axis,
        torch.tensor(data.train_inputs)[order], torch.tensor(data.train_labels)[order], "batch",
    )  # fmt: skip
    np.testing.assert_allclose(found.loss, expected, rtol=1e-3)


def test_where_there_are_few_samples_they_fill_whole_ghost_batches():
    of = config(dataset="wine", normalizer="batch", chunk=8)  # 89 to train on
    assert np.isfinite(lab_surface.run(of).loss).all()


@pytest.mark.parametrize("normalizer", NAMES)
def test_every_normalizer_has_one(normalizer):
    hard = {"dropout": 0.3, "skip": "on", "chunk": 16, "normalize_inputs": "on"}
    found = lab_surface.run(config(normalizer=normalizer, **hard))
    assert found.loss.shape == (5, 5)
    assert np.isfinite(found.loss).all()
    drawn(pictures.contours([found, found], LIGHT))


def test_in_pieces_it_is_the_same(monkeypatch):
    whole = lab_surface.run(config())
    monkeypatch.setattr(lab_surface, "AT_ONCE", 1.0)
    np.testing.assert_allclose(lab_surface.run(config()).loss, whole.loss, rtol=1e-5)


def test_a_run_that_diverged_is_shown_as_it_was_before():
    found = lab_surface.run(config(gain=1e4, learning_rate=1e3, depth=6))
    assert found.diverged_at != NEVER
    drawn(pictures.contours([found], LIGHT))


def test_the_pieces_are_both_arms_without_what_does_not_matter():
    a = LabConfig(diagnostic="signal size", then="0.1x5")
    first, second = lab_surface.pieces(a, LabConfig(normalizer="layer"))
    assert (first.diagnostic, first.seeds, first.then) == ("none", 1, "0.1x5")
    assert second.normalizer == "layer"


def test_a_large_network_gets_fewer_points():
    assert config(grid=31).side() == 31
    large = config(grid=31, depth=50, width=256)
    assert lab_surface.FEWEST <= large.side() < 31


def test_the_share_that_is_better_than_guessing():
    found = lab_surface.run(config())
    mean = -np.log(1 / 10)
    assert found.better_than_guessing() == pytest.approx((found.loss < 0.9 * mean).mean())
