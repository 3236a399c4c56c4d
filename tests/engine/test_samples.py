"""Samples of anybody's own: split once, and from then on a data set like any other."""

import numpy as np
import pytest

from bnviz.engine.architecture import Architecture
from bnviz.engine.data import changed, prepared
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.samples import given, named, stratified
from bnviz.engine.training import train

COUNTS = (40, 30, 9, 2)


def own(**changes):
    """Four classes of very different sizes; two features of their own unit, and a constant one."""
    random = np.random.default_rng(0)
    labels = random.permutation(np.repeat(np.arange(4), COUNTS))
    inputs = random.normal(0, 1, (len(labels), 3)) + labels[:, None]
    inputs = inputs * [1000.0, 0.01, 0.0] + [0, 0, 7.3]
    return given("mine", **{"inputs": inputs, "labels": labels} | changes)


class TestSplit:
    def test_each_class_gives_its_share_and_never_nothing_nor_all(self):
        samples = own()
        tested = np.bincount(samples.labels[samples.is_test])
        assert tested.tolist() == [10, 8, 2, 1]

    def test_the_same_labels_are_split_the_same_way(self):
        one, other = own(), own()
        assert one is not other
        np.testing.assert_array_equal(one.is_test, other.is_test)

    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
    def test_any_share_leaves_something_of_each_class_on_both_sides(self, share):
        labels = np.repeat([0, 1], [2, 50])
        for part in (labels[stratified(labels, share)], labels[~stratified(labels, share)]):
            assert set(part) == {0, 1}


class TestLikeAnyOther:
    def test_it_is_standardized_feature_by_feature_and_a_constant_one_stays_at_zero(self):
        data = prepared(own())
        np.testing.assert_allclose(data.train_inputs.mean(0), 0, atol=1e-6)
        np.testing.assert_allclose(data.train_inputs.std(0), [1, 1, 0], atol=1e-6)
        assert (data.test_inputs[:, 2] == 0).all()
        assert (data.name, data.features, data.classes, data.kind) == ("mine", 3, 4, "table")

    def test_raw_it_is_as_it_came(self):
        samples = own()
        data = prepared(samples, scaling="raw")
        np.testing.assert_allclose(data.test_inputs, samples.inputs[samples.is_test], rtol=1e-6)

    def test_it_can_be_smaller_and_wrong_and_changed(self):
        samples = own()
        data = prepared(samples, 20, 0.5)
        assert data.train_labels.shape == (20,)
        for change in ("narrower", "moved"):
            assert changed(samples, change).shape == data.test_inputs.shape
        with pytest.raises(ValueError, match="no change 'fainter' of 'mine'"):
            changed(samples, "fainter")

    def test_every_number_is_a_test_sample_of_its_class_however_few_there_are(self):
        data = prepared(own())
        assert [data.test_labels[data.place_of(n)] for n in range(40)] == [0, 1, 2, 3] * 10

    def test_networks_learn_it(self):
        data = prepared(own())
        cohort = Cohort(Architecture(data.features, data.classes, 2, 16, normalizer="batch"), [0])
        history = train(cohort, [0], data, Plan((0.3,), 60, 16))
        assert history.test_accuracies[0, -1] > 0.6

    def test_what_it_was_made_of_may_change_and_it_may_not(self):
        inputs = np.arange(12.0).reshape(6, 2)
        samples = given("mine", inputs, [0, 1] * 3)
        inputs[:] = 0
        assert samples.inputs.sum() == 66
        assert not samples.inputs.flags.writeable

    def test_the_same_samples_are_prepared_once(self):
        samples = own()
        assert prepared(samples, 20) is prepared(samples, 20)
        assert prepared(samples) is not prepared(own())
        assert named("wine") is named("wine")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"inputs": np.zeros(4)}, r"shape \(4,\)"),
        ({"inputs": np.zeros((0, 2)), "labels": []}, "they must be"),
        ({"labels": [0, 1]}, "they must be"),
        ({"inputs": np.array([[1.0], [np.nan], [2], [3]])}, "mine holds a value that is no finite"),
        ({"labels": [0.0, 1.0, 0.0, 1.0]}, "must be whole numbers from 0"),
        ({"labels": [0, -1, 0, -1]}, "must be whole numbers from 0"),
        ({"labels": [0, 0, 0, 0]}, "two classes or more"),
        ({"labels": [0, 0, 0, 1]}, "two samples or more of each"),
        ({"labels": [0, 0, 10**15, 10**15]}, "two samples or more of each"),
        ({"labels": [0, 0, 2, 2]}, "two samples or more of each"),
    ],
)
def test_what_is_no_data_set_is_told_why(wrong, message):
    right = {"inputs": np.arange(4.0)[:, None], "labels": [0, 1, 0, 1]}
    with pytest.raises(ValueError, match=message):
        given("mine", **right | wrong)
