"""Today's networks: what is trained, and how it is tested."""

import numpy as np
import pytest
import torch

from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.training import train
from bnviz.experiments import today
from bnviz.experiments.relatives import RelativesConfig
from bnviz.experiments.today import (
    ALONE,
    ARMS,
    CHUNK,
    IN_BATCHES,
    INFERENCE,
    OWN,
    PADDED,
    RATES,
    TodayConfig,
)

QUICK = {"steps": 3, "seeds": 2, "width": 8, "depth": 3}


def test_pieces_are_all_networks_with_the_data_and_the_activation_of_the_page():
    pieces = today.pieces(RelativesConfig(seeds=3, dataset="moons", activation="tanh", depth=4))
    assert [one.arm for one in pieces] == list(ARMS)
    shared = {(one.seeds, one.dataset, one.activation, one.depth) for one in pieces}
    assert shared == {(5, "moons", "tanh", 12)}
    assert all(one.affordable() == one for one in pieces)
    assert {one.seeds for one in today.pieces(RelativesConfig(seeds=8))} == {8}


@pytest.mark.parametrize("arm", ARMS)
def test_is_ordinary_training_at_every_rate_in_both_places(arm):
    of = TodayConfig(arm=arm, **QUICK)
    result, data = today.run(of), of.data()
    for place, name in enumerate(today.PLACES):
        network = of.architecture(skip=True, placement=name, **ARMS[arm])
        cohort = Cohort(network, [0, 1])
        history = train(cohort, [0, 1], data, Plan((RATES[2],) * 2, 3, 32), record_at=[3])
        np.testing.assert_array_equal(result.accuracy[place, 2], history.test_accuracies[:, -1])
    np.testing.assert_array_equal(result.tested, today.run(of).tested)
    if arm in today.WITHOUT_PLACE:
        np.testing.assert_array_equal(result.accuracy[0], result.accuracy[1])


def test_every_way_is_that_of_a_loop_over_mini_batches():
    of = TodayConfig(arm="batch", **QUICK)
    data, cohort = of.data(), Cohort(of.architecture(normalizer="batch"), [0, 1])
    train(cohort, [0, 1], data, Plan((0.1,) * 2, 3, 32), record_at=[])
    many = len(data.test_labels) // CHUNK * CHUNK
    inputs, labels = torch.tensor(data.test_inputs[:many]), data.test_labels[:many]

    def right(size, padding=0, mode="batch"):
        named = []
        for start in range(0, many, size):
            rows = torch.cat([inputs[start : start + size], torch.zeros(padding, 64)])
            with torch.no_grad():
                logits = cohort.forward(rows.T.contiguous().expand(2, -1, -1), mode)
            named.append(logits[:, :, :size].argmax(1).numpy())
        return (np.concatenate(named, axis=1) == labels).mean(1)

    found = today.in_every_way(data)(cohort)
    for way, expected in (
        (INFERENCE, right(many, mode="inference")),
        (IN_BATCHES, right(CHUNK)),
        (PADDED, right(OWN, CHUNK - OWN)),
        (ALONE, right(1)),
    ):
        np.testing.assert_allclose(found[:, way], expected, atol=3 / many)  # ties, by rounding


@pytest.mark.parametrize("arm", ["layer", "rms", "dyt", "weights"])
def test_without_a_batch_the_company_changes_nothing(arm):
    result = today.run(TodayConfig(arm=arm, **QUICK))
    alive = ~np.isnan(result.tested[..., INFERENCE])
    spread = np.ptp(result.tested[alive], axis=-1)
    assert alive.any()
    assert spread.max() <= 1 / 448 + 1e-6


def test_alone_bn_names_every_sample_the_same():
    result = today.run(TodayConfig(arm="batch", **QUICK))
    alone = result.tested[..., ALONE]
    assert (alone[~np.isnan(alone)] < 0.2).all()


def test_who_diverges_has_no_accuracy():
    wild = TodayConfig(arm="plain", **QUICK | {"gain": 1e4})
    result = today.run(wild)
    lost = np.isnan(result.accuracy)
    assert lost.any()
    np.testing.assert_array_equal(lost, np.isnan(result.tested).all(axis=3))


def test_a_pass_in_chunks_leaves_the_networks_as_they_are():
    cohort = Cohort(TodayConfig(**QUICK).architecture(normalizer="batch"), [0])
    before = cohort.architecture
    assert today.in_chunks(cohort, 1).architecture != before
    assert cohort.architecture is before
