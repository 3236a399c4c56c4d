"""The lab: any run, how it goes on, and any diagnostic on it."""

import re

import numpy as np
import pytest

from bnviz.axes import LEVELS, NEVER
from bnviz.experiments import lab
from bnviz.experiments.diagnostics import DIAGNOSTICS
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import NAMES, NOTHING
from bnviz.experiments.settings import knobs
from bnviz.verdicts.lab import judge
from bnviz.verdicts.lab_configs import differences, traits
from bnviz.words import lab as words
from bnviz.words.lab import configs as lab_configs
from tests.made.lab import bn, config, made, measuring, ran
from tests.own import carried

BAD = re.compile(r"\bnan\b|\binf\b|\bNone\b")


def assert_same_training(one, other):
    for name in ("losses", "test_losses", "test_accuracies", "diverged_at"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def assert_sound(*results):
    """What is said of both runs is sentences, without anything that is no number."""
    said = words.findings(judge(*results))
    whys = (one.outcome(judge(*results)).why for one in words.CHALLENGES)
    sentences = (said.headline, *said.more, *said.further, *whys)
    told = lab_configs.differences(differences(*(one.config for one in results)))
    for sentence in (*sentences, told):
        assert sentence.endswith((".", "%")), sentence
        assert not BAD.search(sentence), sentence
        assert "—" not in sentence


OPTIONS = [
    (name, option)
    for name, knob in knobs(LabConfig).items()
    for option in knob.options
    if name not in ("diagnostic", "seeds", "first_seed", "steps")
]


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_every_option_of_every_knob_runs(name, option):
    changes = carried({"normalizer": "batch", "seeds": 1, "steps": 2} | {name: option})
    if name in ("groups", "gamma_start"):
        changes |= {"normalizer": "group", "skip": "on"}
    one = ran(**changes)
    assert one.test_accuracies.shape == (1, len(one.steps))
    assert_sound(ran(seeds=1, steps=2), one)
    assert len(lab_configs.described(traits(one.config))) <= lab_configs.LENGTH


def test_where_no_layer_is_normalized_the_network_is_plain():
    some = config(normalizer="batch", depth=1, normalized_layers="second half")
    assert some.treatment == "plain"
    assert_same_training(lab.run(some), ran(depth=1))


class TestGoingOn:
    @pytest.mark.parametrize("schedule", ["constant", "cosine"])
    @pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
    def test_going_on_leaves_what_was_there_to_the_bit(self, optimizer, schedule):
        changes = {
            "normalizer": "batch", "optimizer": optimizer, "schedule": schedule,
            "dropout": 0.1, "learning_rate": 0.01, "diagnostic": "signal size",
        }  # fmt: skip
        short, long = ran(**changes), ran(**changes, then="0.1x7_0.001x3")
        past = len(short.steps)
        np.testing.assert_array_equal(long.steps[:past], short.steps)
        assert long.steps[-1] == 16
        for name in ("losses", "test_losses", "test_accuracies"):
            mine = getattr(long, name)[:, : past - 1]  # the last loss is of the batch to come
            np.testing.assert_array_equal(mine, getattr(short, name)[:, :-1])
        np.testing.assert_array_equal(long.test_losses[:, past - 1], short.test_losses[:, -1])
        np.testing.assert_array_equal(long.measured["value"][:, :past], short.measured["value"])

    def test_the_rate_makes_a_difference_from_there_on(self):
        one, other = ran(then="0.32x6"), ran(then="0.01x6")
        assert one.segments == ((0, 0.32), (6, 0.32))
        start = int(np.flatnonzero(one.steps == 6)[0])
        np.testing.assert_array_equal(
            one.test_losses[:, : start + 1], other.test_losses[:, : start + 1]
        )
        assert (one.test_losses[:, -1] != other.test_losses[:, -1]).all()

    def test_going_on_at_the_same_rate_is_a_longer_run(self):
        one, other = ran(then="0.32x6"), ran(steps=12)
        np.testing.assert_array_equal(one.test_losses[:, -1], other.test_losses[:, -1])


def test_the_same_config_gives_the_same_bits():
    changes = {"normalizer": "noisy", "dropout": 0.3, "diagnostic": "shift, turn"}
    one, other = lab.run(config(**changes)), lab.run(config(**changes))
    assert_same_training(one, other)
    np.testing.assert_array_equal(one.measured["value"], other.measured["value"])


FEW = ("signal size", "values leaving", "shift, turn", "change of the gradient", "way of gamma",
       "noise of the means", "two modes")  # fmt: skip
HARD = {
    "renorm, dropout": {"normalizer": "renorm", "dropout": 0.3, "skip": "on"},
    "noisy, ghosts": {"normalizer": "noisy", "chunk": 8, "optimizer": "adam"},
    "switchable": {"normalizer": "switchable", "normalize_inputs": "on"},
}


@pytest.mark.parametrize("setting", HARD)
def test_measuring_never_changes_the_training(setting):
    changes = HARD[setting] | {"then": "0.1x1", "steps": 2, "seeds": 1}
    quiet = ran(**changes)
    assert quiet.measured == {}
    for name in FEW:
        assert_same_training(ran(**changes, diagnostic=name), quiet)


@pytest.mark.parametrize("normalizer", NAMES)
def test_every_diagnostic_on_every_normalizer(normalizer):
    """It is measured, or it is said why not; and it never changes the training."""
    small = {"seeds": 1, "steps": 2, "dropout": 0.1}
    quiet = ran(**small, normalizer=normalizer)
    for name, told in DIAGNOSTICS.items():
        plain = ran(**small, diagnostic=name)
        one = ran(**small, diagnostic=name, normalizer=normalizer)
        assert_same_training(one, quiet)
        value, layers = one.measured["value"], one.layers()
        shape = {"run": (), "layers": (len(layers),), "ridges": (2, 128)}[told.shape]
        assert value.shape == (1, 3, *shape)
        dead = normalizer == "instance"  # a network that says the same for everything
        assert np.isfinite(value).any() or one.why_not() or dead, name
        assert_sound(plain, one)
        assert_sound(one, plain)


EDGES = {
    "everything diverged": {"gain": 1e4, "learning_rate": 1e3, "depth": 6},
    "one step": {"steps": 1, "seeds": 1},
    "single samples": {"batch_size": 1, "normalizer": "batch"},
    "all in one batch": {"batch_size": 1347, "steps": 1, "seeds": 1, "normalizer": "batch"},
    "in the plane": {"dataset": "moons", "normalizer": "batch"},
    "fifty layers": {"depth": 50, "steps": 2, "seeds": 1, "normalizer": "batch"},
}


DEAR = ("fifty layers", "in the plane", "all in one batch", "single samples")


@pytest.mark.parametrize("edge", EDGES)
def test_every_diagnostic_at_the_edges(edge):
    changes = EDGES[edge]
    for name in FEW if edge in DEAR else DIAGNOSTICS:
        one = ran(**changes, diagnostic=name)
        other = ran(**{k: v for k, v in changes.items() if k != "normalizer"}, diagnostic=name)
        assert_sound(one, other)
        assert_sound(other, one)
        if DIAGNOSTICS[name].shape == "ridges":
            for half in one.ridges_with(other):
                assert half.low < half.high
                assert half.density.shape[1] == len(half.layers)


def test_records_of_the_plane():
    one = ran(dataset="moons", normalizer="batch")
    assert one.decision.shape == (len(one.steps), 48, 48)
    assert one.decision.max() <= LEVELS
    assert ran().decision is None


def test_two_results_share_a_clock():
    one, other = ran(steps=4), ran(steps=6)
    np.testing.assert_array_equal(lab.clock_steps(one, other), np.arange(7))


def test_a_seed_that_diverged_has_no_final_accuracy():
    np.testing.assert_allclose(made((0.9, 0.9), [3, NEVER]).final(), [np.nan, 0.9], rtol=1e-6)


def test_drift_is_in_the_deviation_at_the_start():
    start = np.linspace(-1, 1, 128)
    moved = np.stack([start, 2 * start, np.full(128, np.nan)])[None, :, None].repeat(2, 2)
    zeros = {"zeros": np.zeros((1, 3, 2), np.float32)}
    drift = measuring(made((0.9,)), "values entering", moved, **zeros).drift()
    expected = np.abs(start).mean() / start.std()  # and where it last had a number
    assert drift == pytest.approx([expected] * 2, rel=1e-3)


class TestRidges:
    def test_both_stand_on_one_axis_on_which_the_narrow_one_is_seen(self):
        start = np.linspace(-1, 1, 128)
        zeros = {"zeros": np.zeros((1, 1, 2), np.float32)}
        narrow = measuring(bn((0.9,)), "values entering", start[None, None, None].repeat(2, 2),
                           **zeros)  # fmt: skip
        wide = measuring(made((0.9,)), "values entering",
                         1e6 * start[None, None, None].repeat(2, 2), **zeros)  # fmt: skip
        for one, other in ((narrow, wide), (wide, narrow)):
            halves = one.ridges_with(other)
            assert halves[0].low == halves[1].low
            assert halves[0].high - halves[0].low < 10
        assert wide.ridges_with(narrow)[0].outside.min() > 0.9
        assert wide.ridges_with(narrow)[1].outside.max() < 0.1


def test_nothing_is_measured_unless_it_is_asked_for():
    assert LabConfig().diagnostic == NOTHING
    assert ran().measured == {}
