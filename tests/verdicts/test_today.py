"""Today's networks are judged, at the borders and over seeds."""

import numpy as np

from bnviz.experiments import today
from bnviz.experiments.relatives import RelativesConfig
from bnviz.experiments.today import ARMS
from bnviz.verdicts.today import judge
from tests.made.today import made


def test_alike_is_a_tie_whoever_is_first():
    found = judge(made())
    assert set(found.beside.values()) == {"same"}
    assert set(found.moved.values()) == {"same"}
    assert (found.rates, found.seeds) == (6, 5)
    assert {one.learned for one in found.before.values()} == {4}


def test_who_is_behind_and_who_loses_after_the_sum():
    found = judge(made({"batch": 0.97, "dyt": 0.7}, {"batch": 0.97, "rms": 0.5, "dyt": 0.8}))
    assert found.leader == "batch"
    assert found.beside["dyt"] == "first"
    assert found.moved == {"batch": "same", "layer": "same", "rms": "first", "dyt": "second"}
    assert (found.after["rms"].best, found.after["rms"].learned) == (0.5, 0)


def test_a_minority_of_the_seeds_is_no_difference():
    results = made({"batch": 0.95})
    (layer,) = [one for one in results if one.config.arm == "layer"]
    layer.accuracy[0, 1:-1] = [0.95, 0.95, 0.92, 0.92, 0.92]
    assert judge(results).beside["layer"] == "first"
    layer.accuracy[0, 1:-1] = [0.95, 0.95, 0.94, 0.92, 0.92]
    assert judge(results).beside["layer"] == "same"


def test_the_company():
    found = judge(made(ways={"batch": (0.9, 0.88, 0.6, 0.1)}))
    assert not found.ways["batch"].same
    assert found.ways["rms"].same


def test_nobody_learns():
    found = judge(made(dict.fromkeys(ARMS, 0.1)))
    assert (found.leader, found.beside, found.ways) == (None, {}, {})
    lost = judge(made(dict.fromkeys(ARMS, np.nan)))
    assert lost.before["plain"].best == np.float32(0.1)
    assert judge(made({"plain": 0.1}, arms=("plain",))).after == {}


def test_at_the_default_the_sum_before_the_branch_is_what_trains():
    """Over five seeds: DyT and RMSNorm lose after the sum; BN alone only guesses, RMSNorm not."""
    pieces = [one for one in today.pieces(RelativesConfig()) if one.arm in ("batch", "rms", "dyt")]
    found = judge([today.run(one) for one in pieces])
    assert found.moved["rms"] == found.moved["dyt"] == "first"
    assert found.before["batch"].learned > found.before["dyt"].learned
    assert found.ways["batch"].alone < 0.2 < 0.7 < found.ways["batch"].inference
    assert found.ways["batch"].padded < found.ways["batch"].batches - 0.05
    assert found.ways["rms"].same


def test_with_tanh_plain_is_no_worse():
    """A setting where normalization does not help."""
    pieces = today.pieces(RelativesConfig(activation="tanh"))
    trained = [one for one in pieces if one.arm in ("plain", "batch", "layer", "rms")]
    found = judge([today.run(one) for one in trained])
    assert set(found.beside.values()) == {"same"}
    assert found.moved["layer"] == found.moved["rms"] == "same"
