"""Sorted batches: what is trained, and the same on mixed batches beside it."""

import numpy as np
import pytest
import torch

from bnviz.engine.batchnorm import Options
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.statistics import as_modules, of_buffers
from bnviz.engine.training import Snapshot, train
from bnviz.experiments import batches, sorted_batches
from bnviz.experiments.batches import BatchesConfig
from bnviz.experiments.sorted_batches import SORTED
from tests.samples import tiny


def config(**changes):
    return tiny("batches", **changes)


@pytest.fixture(scope="module")
def small():
    return sorted_batches.run(sorted_batches.few_classes(config(steps=40), 2))


class TestRun:
    def test_is_the_same_to_the_bit_and_whatever_the_workers(self, small):
        again = sorted_batches.run(small.config, workers=1)
        np.testing.assert_array_equal(small.among, again.among)
        for name in ("accuracy", "mixed", "in_company"):
            for kind, values in getattr(small, name).items():
                np.testing.assert_array_equal(values, getattr(again, name)[kind])

    def test_the_batch_size_of_the_knob_is_none_of_the_sorted_batches(self):
        asked = [sorted_batches.few_classes(config(batch_size=size), 2) for size in (4, 64)]
        assert asked[0] == asked[1]

    def test_the_default_is_affordable(self):
        asked = sorted_batches.few_classes(BatchesConfig(), 2)
        assert asked.affordable() == asked

    def test_sorted_runs_see_few_classes_and_renormalization_has_its_ramp(self, small):
        of = small.config
        options = Options(ramp=10)
        cohort = Cohort(of.architecture(normalizer="renorm", options=options), [0, 1])
        plan = Plan((0.32,) * 2, 20, 32, classes_per_batch=2)
        seen = []

        def look(snapshot):
            seen.extend(len(labels.unique()) for labels in snapshot.labels)
            return {}

        history = train(cohort, [0, 1], of.data(), plan, record_at=range(21), probes=[look])
        assert set(seen) == {2}
        np.testing.assert_array_equal(
            small.accuracy["renorm"], history.test_accuracies[:, batches.records(20)]
        )

    @pytest.mark.parametrize("kind", SORTED)
    def test_the_control_is_the_same_network_trained_as_often_on_mixed_batches(self, small, kind):
        of = small.config
        normalizer = "none" if kind == "plain" else kind
        cohort = Cohort(of.architecture(normalizer=normalizer, options=Options(ramp=10)), [0, 1])
        history = train(cohort, [0, 1], of.data(), Plan((0.32,) * 2, 20, 32), record_at=[0, 20])
        np.testing.assert_array_equal(small.mixed[kind][:, [0, -1]], history.test_accuracies)

    def test_in_company_those_without_batch_statistics_are_as_ever(self, small):
        for kind in ("plain", "layer"):
            np.testing.assert_array_equal(small.in_company[kind], small.accuracy[kind])
        assert (small.in_company["batch"] != small.accuracy["batch"]).any()
        assert (small.mixed_in_company != small.mixed["batch"]).any()


class TestBatchesThatAreSorted:
    LABELS = np.arange(90) % 10

    @pytest.mark.parametrize("classes", [1, 2, 3, 5, 10])
    @pytest.mark.parametrize("size", [4, 32])
    def test_hold_so_many_neighbouring_classes_and_all_samples(self, classes, size):
        rows = sorted_batches.sorted_batches(self.LABELS, classes, size)
        assert rows.shape[1] == size
        assert set(rows.flatten()) == set(range(90))
        for row in rows:
            held = np.unique(self.LABELS[row])
            assert len(held) <= classes
            assert len({label // classes for label in held}) == 1

    def test_training_mode_is_that_of_torch_nn_batch_by_batch(self):
        of = config()
        data = of.data()
        cohort = Cohort(of.architecture(normalizer="batch"), [3])
        train(cohort, [3], data, Plan((0.1,), 20, 16))
        snapshot = Snapshot(0, cohort, [0], *[torch.empty(0)] * 3, [])
        measured = sorted_batches.in_training_mode(data, 2)(snapshot)
        slow, right, among = as_modules(cohort, of_buffers(cohort), 0.0).train(), {}, {}
        for row in sorted_batches.sorted_batches(data.test_labels, 2, 32):
            with torch.no_grad():
                outputs = slow(torch.tensor(data.test_inputs[row])).numpy()
            held = np.unique(data.test_labels[row])
            for sample, output in zip(row, outputs, strict=True):
                label = data.test_labels[sample]
                right.setdefault(sample, output.argmax() == label)
                among.setdefault(sample, held[output[held].argmax()] == label)
        assert len(right) == 450
        tolerance = 2 / 450  # a tie that float rounding decides
        assert float(measured["in company"]) == pytest.approx(
            np.mean(list(right.values())), abs=tolerance
        )
        assert float(measured["among"]) == pytest.approx(
            np.mean(list(among.values())), abs=tolerance
        )
        assert measured["among"] > measured["in company"]
