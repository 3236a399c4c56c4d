"""The recurrent networks: what is trained and tested."""

import numpy as np
import pytest
import torch

from bnviz.engine.plan import Plan
from bnviz.engine.sequences import RecurrentCohort
from bnviz.engine.training import train
from bnviz.experiments import recurrent
from bnviz.experiments.recurrent import ARMS, EMPTY_ROWS, RecurrentConfig
from bnviz.experiments.relatives import RelativesConfig

QUICK = {"steps": 3, "seeds": 2, "width": 8}


def test_pieces_are_the_four_networks_with_the_seeds_and_the_data_of_the_page():
    pieces = recurrent.pieces(RelativesConfig(seeds=5, dataset="moons", learning_rate=100.0))
    assert [one.arm for one in pieces] == list(ARMS)
    assert {(one.seeds, one.dataset, one.learning_rate) for one in pieces} == {(5, "moons", 0.32)}
    assert all(one.affordable() == one for one in pieces)


@pytest.mark.parametrize("arm", ARMS)
def test_is_ordinary_training_tested_on_longer_sequences(arm):
    of = RecurrentConfig(arm=arm, **QUICK)
    result, data = recurrent.run(of), of.data()
    cohort = RecurrentCohort(of.network(), [0, 1])
    history = train(cohort, [0, 1], data, Plan((0.32,) * 2, 3, 32), record_at=[3])
    np.testing.assert_array_equal(result.late[:, 0], history.test_accuracies[:, -1])
    np.testing.assert_array_equal(result.late[:, 0], result.early[:, 0])
    empty = torch.zeros(450, 8 * EMPTY_ROWS[-1])
    for held, parts in ((result.late, (empty, None)), (result.early, (None, empty))):
        images = [torch.tensor(data.test_inputs) if part is None else part for part in parts]
        longer = torch.cat(images, dim=1).T.expand(2, -1, -1)
        named = cohort.forward(longer, "inference").argmax(1).numpy()
        np.testing.assert_allclose(held[:, -1], (named == data.test_labels).mean(1), atol=1e-6)
    again = recurrent.run(of)
    np.testing.assert_array_equal(result.late, again.late)


def test_who_diverges_has_no_accuracy():
    result = recurrent.run(RecurrentConfig(**QUICK | {"gain": 1e4, "learning_rate": 1e3}))
    assert result.image_rows == 8
    for rows in (result.late, result.early):
        lost = np.isnan(rows)
        assert (lost.all(axis=1) | ~lost.any(axis=1)).all()
