"""What the challenges of the map answer, at the borders between their answers."""

import numpy as np
import pytest

from bnviz.verdicts.forgiveness import judge
from bnviz.words.forgiveness.challenges import ANY, CHALLENGES, GAINS, GROWING, MORE, WHERE, WHO
from tests.made.forgiveness import BAD, GOOD, HALF, made


def outcome(name, result):
    (challenge,) = (one for one in CHALLENGES if one.name == name)
    return challenge.outcome(judge(result))


def columns(count):
    """A map in which this many of its 21 rates train, in every row."""
    return [[0.9] * count + [0.2] * (21 - count)]


@pytest.mark.parametrize(
    ("plain", "batch", "place"),
    [
        (10, 6, 0),
        (10, 7, 1),
        (10, 14, 1),
        (10, 16, 2),
        (5, 14, 2),
        (5, 16, 3),
        (0, 1, 3),
        (1, 0, 0),
    ],
)
def test_how_many_settings_train_with_bn(plain, batch, place):
    assert outcome("sigmoid", made(columns(plain), columns(batch))).right == MORE[place]


def test_where_nothing_trains_nothing_is_counted():
    for name in ("sigmoid", "adam"):
        assert outcome(name, made(BAD, BAD)).right is None


@pytest.mark.parametrize(("row", "place"), [(0, 0), (4, 0), (5, 1), (6, 2), (9, 2)])
def test_which_gain_plain_needs(row, place):
    of = made(BAD, BAD)
    of.accuracy[0, :, -1, row, :3] = 0.9
    assert outcome("gain", of).right == GAINS[place]


def test_no_gain_or_no_map_of_gains():
    assert outcome("gain", made(BAD, GOOD)).right is None
    assert outcome("gain", made(GOOD, GOOD, against="depth")).right is None


@pytest.mark.parametrize(("rates", "place"), [(0, 0), (1, 1), (10, 1), (11, 2), (21, 2)])
def test_the_deepest_networks(rates, place):
    of = made(BAD, BAD, against="depth")
    of.accuracy[1, :, -1, -1, :rates] = 0.9
    of.accuracy[0, :, -1, 2, 0] = 0.9
    found = outcome("deep", of)
    assert found.right == ANY[place]
    assert ("20 hidden layers with BN" in found.why) == (rates > 0)
    without = "3 hidden layers without." if rates else "3 hidden layers; with BN, none does."
    assert without in found.why


def test_the_deepest_network_of_none():
    why = outcome("deep", made(BAD, BAD, against="depth")).why
    assert why.startswith("No network trains, at any depth.")
    why = outcome("deep", made(BAD, GOOD, against="depth")).why
    assert "has 20 hidden layers; without, none does." in why


@pytest.mark.parametrize("name", ["deep", "batch"])
def test_a_map_of_other_rows_cannot_tell(name):
    assert outcome(name, made(BAD, GOOD)).right is None


def test_gains_that_are_level_are_no_answer():
    of = made(BAD, BAD)
    of.accuracy[0, :, -1, 8:, :3] = 0.9
    assert outcome("gain", of).right == GAINS[2]
    assert "an initial gain of 3 or 10 than with others." in outcome("gain", of).why
    of.accuracy[0, :, -1, 4, :3] = 0.9
    assert outcome("gain", of).right is None
    assert "at as many rates with the gains 0.5, 3 and 10." in outcome("gain", of).why


def test_causes_are_named_only_where_they_are():
    maps = made(columns(5), columns(16), activation="sigmoid")
    assert "is steep" in outcome("sigmoid", maps).why
    assert "is steep" not in outcome("sigmoid", made(columns(5), columns(16))).why
    assert "Adam" not in outcome("adam", made(columns(5), columns(16))).why
    assert "Adam" in outcome("adam", made(columns(5), columns(16), optimizer="adam")).why


@pytest.mark.parametrize(
    ("low", "high", "place"), [(2, 1, 0), (1, 2, 1), (0, 1, 1), (1, 0, 0), (0, 0, 2)]
)
def test_where_plain_is_ahead(low, high, place):
    of = made(BAD, BAD, against="batch size")
    of.accuracy[0, :, -1, 4, :low] = of.accuracy[0, :, -1, 5, :high] = 0.9
    found = outcome("batch", of)
    assert found.right == WHERE[place]
    assert ("noise" in found.why) == (place == 0)


def test_half_of_the_cells_are_no_answer():
    of = made(BAD, BAD, against="batch size")
    of.accuracy[0, :, -1, 4, 0] = of.accuracy[0, :, -1, 5, 0] = 0.9
    found = outcome("batch", of)
    assert found.right is None
    assert found.why == "Plain is clearly ahead in 2 cells, 1 of them in the lower half of the map."


@pytest.mark.parametrize(
    ("plain", "batch", "place"), [(10, 14, 2), (10, 16, 1), (14, 10, 2), (16, 10, 0), (0, 1, 1)]
)
def test_who_trains_at_more_settings(plain, batch, place):
    assert outcome("adam", made(columns(plain), columns(batch))).right == WHO[place]


@pytest.mark.parametrize("name", [one.name for one in CHALLENGES])
def test_a_map_that_grows_cannot_tell_yet(name):
    of = made(HALF, GOOD)
    of.accuracy[:, :, :, 3, 3] = np.nan
    assert (outcome(name, of).right, outcome(name, of).why) == (None, GROWING)
