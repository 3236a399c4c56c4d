"""The recurrent networks: what is trained and tested, and the sentences."""

import numpy as np
import pytest
import torch

from bnviz.engine.sequences import RecurrentCohort
from bnviz.engine.training import Plan, train
from bnviz.experiments import recurrent
from bnviz.experiments.recurrent import ARMS, EMPTY_ROWS, RecurrentConfig, RecurrentResult
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
    assert np.isnan(result.late).all() or np.isfinite(result.late).any()
    nothing = np.full((1, len(EMPTY_ROWS)), np.nan, np.float32)
    rows = np.array(EMPTY_ROWS)
    lost = [RecurrentResult(RecurrentConfig(arm=arm), rows, nothing, nothing) for arm in ARMS]
    assert "nan" not in recurrent.told(lost)
    assert "None of them learns here" in recurrent.told(lost)


def made(ends=None, late=None, early=None):
    """Results by hand: accuracy with no empty rows, and with any."""
    ends, late, early = (dict.fromkeys(ARMS, 0.9) | (one or {}) for one in (ends, late, early))
    results = []
    for arm in ARMS:
        rows = [
            np.array([[ends[arm]] + [longer[arm]] * (len(EMPTY_ROWS) - 1)] * 2)
            for longer in (late, early)
        ]
        results.append(RecurrentResult(RecurrentConfig(arm=arm), np.array(EMPTY_ROWS), *rows))
    return results


def test_statistics_of_each_step_or_shared():
    assert "makes no clear difference" in recurrent.told(made())
    assert "needs statistics of its own" in recurrent.told(made({"shared": 0.5}))
    assert "the shared ones are better" in recurrent.told(made({"per step": 0.5}))


def test_longer_sequences():
    assert "None loses clearly, not even BN, per step, which" in recurrent.told(made())
    assert "None loses clearly." in recurrent.told(made()[:1])  # BN is still to come
    told = recurrent.told(made(late={"per step": 0.3}))
    assert "Clearly worse than in training: BN, per step." in told


def test_what_must_be_remembered():
    forgot = dict.fromkeys(ARMS, 0.1)
    assert "All of them lose it" in recurrent.told(made(early=forgot))
    told = recurrent.told(made(early=forgot | {"layer": 0.9}))
    assert "No clear loss: layer norm." in told
    assert "All of them lose by it" in recurrent.told(made(early=forgot | {"shared": 0.8}))


def test_at_the_default_neither_kind_of_statistics_is_at_a_loss():
    of = [RecurrentConfig(arm=arm, seeds=5) for arm in ("per step", "shared")]
    results = [recurrent.run(one) for one in of]
    for one in results:
        assert one.ends(True, 0) > 0.85
        assert one.ends(True, -1) > one.ends(True, 0) - 0.05
        assert one.ends(False, EMPTY_ROWS.index(4)) < 0.5
    assert abs(results[0].ends(True, 0) - results[1].ends(True, 0)) < 0.05
