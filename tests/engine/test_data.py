"""The data sets: what is in them, how they are split, and what may be asked of them."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from bnviz.engine.data import DATASETS, load, prepared
from bnviz.engine.points import DRAWN, NOISE, TEST_POINTS, TRAIN_POINTS, draw
from bnviz.engine.samples import KINDS
from bnviz.words.names import POINTS
from tests.engine.make_data import FILES, arrays, file

GENERATED = sorted(DRAWN)
TABLES = ["wine", "breast cancer"]


def reference_split(name):
    """scikit-learn's copy, as (train inputs, train labels, test inputs, test labels)."""
    source, test_size, _ = FILES[name]
    inputs, labels = source(return_X_y=True)
    train, test = train_test_split(
        np.arange(len(labels)), test_size=test_size, stratify=labels, random_state=0
    )
    train, test = np.sort(train), np.sort(test)
    return inputs[train], labels[train], inputs[test], labels[test]


def rows(inputs):
    return {row.tobytes() for row in inputs}


def test_digits_are_those_of_scikit_learn_in_its_fixed_stratified_split():
    data = load("digits")
    train, train_labels, test, test_labels = reference_split("digits")
    train, test = train / 16, test / 16
    mean, std = train.mean(0), (train - train.mean(0)).std()
    np.testing.assert_array_equal(data.train_labels, train_labels)
    np.testing.assert_array_equal(data.test_labels, test_labels)
    np.testing.assert_allclose(data.train_inputs, (train - mean) / std, atol=1e-6)
    np.testing.assert_allclose(data.test_inputs, (test - mean) / std, atol=1e-6)
    assert (len(train_labels), len(test_labels), data.features, data.classes) == (1347, 450, 64, 10)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("scaling", ["standardized", "raw"])
def test_tables_are_those_of_scikit_learn_in_a_fixed_stratified_split(name, scaling):
    data = load(name, scaling=scaling)
    train, train_labels, test, test_labels = reference_split(name)
    mean, std = (train.mean(0), train.std(0)) if scaling == "standardized" else (0, 1)
    np.testing.assert_array_equal(data.train_labels, train_labels)
    np.testing.assert_array_equal(data.test_labels, test_labels)
    np.testing.assert_allclose(data.train_inputs, (train - mean) / std, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(data.test_inputs, (test - mean) / std, rtol=1e-6, atol=1e-6)


def test_tables_are_as_large_as_the_page_says():
    for name, sizes in {"wine": (89, 89, 13, 3), "breast cancer": (284, 285, 30, 2)}.items():
        data = load(name)
        counts = len(data.train_labels), len(data.test_labels)
        assert (*counts, data.features, data.classes) == sizes


@pytest.mark.parametrize("name", FILES)
def test_a_file_holds_what_its_script_writes(name):
    with np.load(file(name)) as held:
        for part, values in arrays(name).items():
            np.testing.assert_array_equal(held[part], values)


@pytest.mark.parametrize(
    ("name", "within"), [("digits", 0.002), *((name, 0.02) for name in TABLES)]
)
def test_what_was_measured_has_the_same_mix_of_classes_in_both_parts(name, within):
    data = load(name)
    shares = [np.bincount(labels) / len(labels) for labels in (data.train_labels, data.test_labels)]
    np.testing.assert_allclose(*shares, atol=within)


@pytest.mark.parametrize("name", DATASETS)
def test_training_inputs_are_standardized(name):
    inputs = load(name).train_inputs.astype(np.float64)
    np.testing.assert_allclose(inputs.mean(0), 0, atol=1e-6)
    assert inputs.std() == pytest.approx(1, abs=1e-6)
    if KINDS[name] == "table":
        np.testing.assert_allclose(inputs.std(0), 1, atol=1e-5)


@pytest.mark.parametrize("name", DATASETS)
def test_arrays_have_the_promised_types_and_cannot_be_written_to(name):
    data = load(name)
    for inputs, labels in (
        (data.train_inputs, data.train_labels),
        (data.test_inputs, data.test_labels),
    ):
        assert (inputs.dtype, labels.dtype) == (np.float32, np.int64)
        assert inputs.shape == (len(labels), data.features)
        assert set(labels) == set(range(data.classes))
        assert not inputs.flags.writeable
        assert not labels.flags.writeable


@pytest.mark.parametrize("name", GENERATED)
def test_generated_sets_have_two_features_and_two_balanced_classes(name):
    data = load(name)
    assert (len(data.train_labels), len(data.test_labels)) == (TRAIN_POINTS, TEST_POINTS)
    assert (data.features, data.classes) == (2, 2)
    chance = 0.08  # the checkerboard draws points, not classes: three deviations of 500 coins
    assert data.train_labels.mean() == pytest.approx(0.5, abs=chance)
    assert data.test_labels.mean() == pytest.approx(0.5, abs=chance)


@pytest.mark.parametrize("name", GENERATED)
def test_nearest_neighbours_tell_the_generated_classes_apart(name):
    data = load(name)
    distances = ((data.test_inputs[:, None] - data.train_inputs) ** 2).sum(2)
    guesses = data.train_labels[distances.argmin(1)]
    assert (guesses == data.test_labels).mean() > 0.9


@pytest.mark.parametrize("name", GENERATED)
def test_noise_moves_points_in_proportion_and_leaves_the_rest(name):
    none, usual, double = (load(name, noise=times) for times in (0.0, 1.0, 2.0))
    again = load(name, noise=1.0)
    np.testing.assert_array_equal(again.train_inputs, usual.train_inputs)
    np.testing.assert_array_equal(none.train_labels, double.train_labels)
    if name == "checkerboard":
        np.testing.assert_array_equal(none.train_inputs, double.train_inputs)
        return
    clean, once, twice = (draw(name, times)[0] for times in (0.0, 1.0, 2.0))
    np.testing.assert_allclose(twice - clean, 2 * (once - clean), atol=1e-12)
    assert (once - clean).std() == pytest.approx(NOISE[name], rel=0.05)


def test_without_noise_rings_are_rings_and_corners_corners():
    rings, corners = draw("rings", 0.0)[0], draw("XOR", 0.0)
    np.testing.assert_allclose(np.unique(np.hypot(*rings.T).round(9)), [0.25, 0.5, 0.75, 1])
    np.testing.assert_array_equal(corners[1] == 1, corners[0].prod(axis=1) < 0)
    assert len(np.unique(corners[0], axis=0)) == 4


def test_the_words_know_which_sets_are_points():
    assert {name for name, kind in KINDS.items() if kind == "points"} == set(POINTS)


@pytest.mark.parametrize("name", ["digits", "spirals"])
def test_loading_again_gives_the_same_numbers(name):
    first = load(name, 300, 0.2)
    prepared.cache_clear()
    second = load(name, 300, 0.2)
    assert first is not second
    np.testing.assert_array_equal(first.train_inputs, second.train_inputs)
    np.testing.assert_array_equal(first.train_labels, second.train_labels)


@pytest.mark.parametrize("name", DATASETS)
def test_a_smaller_set_is_part_of_every_larger_one(name):
    total = len(load(name).train_labels)
    sizes = [2, 80, min(512, total - 1), total]
    sets = [load(name, size) for size in sizes]
    assert [len(part.train_labels) for part in sets] == sizes
    for smaller, larger in pairwise(sets):
        assert rows(smaller.train_inputs) <= rows(larger.train_inputs)


def test_a_smaller_set_keeps_the_label_of_each_sample():
    whole, part = load("digits"), load("digits", 512)
    label_of = dict(
        zip((row.tobytes() for row in whole.train_inputs), whole.train_labels, strict=True)
    )
    kept = [label_of[row.tobytes()] for row in part.train_inputs]
    np.testing.assert_array_equal(kept, part.train_labels)


@pytest.mark.parametrize("name", ["digits", "moons", "wine"])
@pytest.mark.parametrize("size", [None, 80])
@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_wrong_labels_are_exactly_as_many_as_asked_for(name, size, share):
    right, wrong = load(name, size), load(name, size, share)
    changed = right.train_labels != wrong.train_labels
    assert changed.sum() == round(share * len(changed))
    assert wrong.train_labels.min() >= 0
    assert wrong.train_labels.max() < wrong.classes
    np.testing.assert_array_equal(right.train_inputs, wrong.train_inputs)


def test_wrong_labels_fall_evenly_on_the_other_classes():
    right, wrong = load("digits"), load("digits", None, 1.0)
    shifts = np.bincount((wrong.train_labels - right.train_labels) % 10, minlength=10)
    assert shifts[0] == 0
    np.testing.assert_allclose(shifts[1:] / 1347, 1 / 9, atol=0.04)


@pytest.mark.parametrize("name", DATASETS)
def test_the_test_set_is_never_touched(name):
    whole, part = load(name), load(name, 80, 0.5)
    np.testing.assert_array_equal(whole.test_inputs, part.test_inputs)
    np.testing.assert_array_equal(whole.test_labels, part.test_labels)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mnist",), "'mnist'; there are digits, moons, circles"),
        (("digits", 1), "train_size is 1; digits allows 2 to 1347"),
        (("digits", 1348), "train_size is 1348; digits allows 2 to 1347"),
        (("moons", 1001), "train_size is 1001; moons allows 2 to 1000"),
        (("digits", None, -0.1), "wrong_labels is -0.1; it is a share from 0 to 1"),
        (("digits", None, 1.5), "wrong_labels is 1.5; it is a share from 0 to 1"),
        (("digits", None, float("nan")), "wrong_labels is nan; it is a share from 0 to 1"),
    ],
)
def test_bad_arguments_are_told_what_is_allowed(arguments, message):
    with pytest.raises(ValueError, match=message):
        load(*arguments)


@pytest.mark.parametrize(
    ("name", "how", "message"),
    [
        ("moons", {"scaling": "raw"}, "raw is for tables; moons are points"),
        ("moons", {"noise": -0.1}, "noise is -0.1; it is a number from 0"),
        ("moons", {"noise": float("nan")}, "noise is nan; it is a number from 0"),
    ],
)
def test_bad_choices_are_told_what_is_allowed(name, how, message):
    with pytest.raises(ValueError, match=message):
        load(name, **how)
