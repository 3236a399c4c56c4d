"""The lab's knobs: each runs, says what it does, and costs what a visitor may have."""

import numpy as np
import pytest

from bnviz.engine.networks import Cohort
from bnviz.experiments import lab, lab_config
from bnviz.experiments.diagnostics import DIAGNOSTICS
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import ARMS, NAMES
from bnviz.experiments.settings import WORK_LIMIT, knobs
from bnviz.figures.theme import LABEL
from bnviz.words.names import NORMALIZERS
from tests.made.lab import config, ran


@pytest.mark.parametrize("name", knobs(LabConfig))
def test_every_knob_says_what_it_does(name):
    knob = knobs(LabConfig)[name]
    assert knob.label[0].isupper()
    assert knob.help.endswith(".")
    assert LabConfig.model_fields[name].default in knob.options


def test_every_normalizer_is_called_the_same_by_knobs_figures_and_sentences():
    assert LABEL == NORMALIZERS
    for name, said in NAMES.items():
        assert NORMALIZERS[config(normalizer=name).treatment] == said


class TestUses:
    """A knob that is said to change nothing changes nothing, to the bit."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"groups": 8}, {"chunk": 8}, {"momentum": 0.5}, {"normalized_layers": "last only"},
            {"placement": "after"}, {"affine": "frozen"}, {"bias_before": "kept"},
            {"gamma_start": 0.0},
            {"normalizer": "group", "chunk": 8}, {"normalizer": "layer", "momentum": 0.5},
            {"normalizer": "switchable", "chunk": 8}, {"normalizer": "batch", "groups": 8},
            {"normalizer": "batch", "gamma_start": 0.0},
            {"normalizer": "batch", "placement": "after", "bias_before": "kept"},
            {"normalizer": "batch", "depth": 1, "skip": "on"},
            {"normalizer": "batch", "depth": 1, "skip": "on", "gamma_start": 0.0},
        ],
    )  # fmt: skip
    def test_nothing(self, changes):
        *shared, (name, value) = changes.items()
        with_it, without = config(**changes), config(**dict(shared))
        assert getattr(with_it, name) == value != getattr(without, name)
        assert not with_it.uses(name)
        one, other = lab.run(with_it), lab.run(without)
        np.testing.assert_array_equal(one.test_losses, other.test_losses)

    @pytest.mark.parametrize(
        "changes",
        [
            {"normalizer": "group", "groups": 8}, {"normalizer": "batch", "chunk": 8},
            {"normalizer": "renorm", "momentum": 0.5}, {"skip": "on"}, {"dropout": 0.3},
            {"normalizer": "layer", "placement": "after"},
            {"normalizer": "layer", "skip": "on", "gamma_start": 0.0},
            {"normalizer": "batch", "bias_before": "kept"},
        ],
    )  # fmt: skip
    def test_something(self, changes):
        *shared, (name, _) = changes.items()
        assert config(**changes).uses(name)
        assert name in config(**changes).unusual()
        if name != "bias_before":  # beta replaces it: another way to the same outputs
            one, other = ran(**changes), ran(**dict(shared))
            assert (one.test_losses != other.test_losses).any()


@pytest.mark.parametrize(
    ("changes", "weights", "batches"),
    [
        ({"normalizer": "batch"}, True, True),
        ({"learning_rate": 1.0}, True, True),
        ({"batch_size": 16}, True, False),
        ({"width": 16}, False, True),
        ({"activation": "tanh"}, False, True),  # another matched initialization
        ({"activation": "gelu"}, True, True),
        ({"gain": 2.0}, False, True),
        ({"gain": 2.0, "batch_size": 16}, False, False),
    ],
)
def test_what_two_runs_share_is_true(changes, weights, batches):
    one, other = config(), config(**changes)
    assert one.same_weights(other) == weights
    assert one.same_batches(other) == batches
    first = [Cohort(c.architecture(), [0], [c.gain]).layers for c in (one, other)]
    same = all(
        a.weight.shape == b.weight.shape and bool((a.weight == b.weight).all())
        for a, b in zip(*first, strict=True)
    )
    assert same == weights


def test_what_is_turned_in_two_runs():
    plain, batch = (LabConfig(**ARMS[arm]) for arm in ("a", "b"))
    assert plain.turned(batch) == {}
    assert plain.turned(batch.model_copy(update={"chunk": 8, "diagnostic": "idle units"})) == {}
    other = batch.model_copy(update={"chunk": 8, "depth": 3})
    assert batch.turned(other) == {
        "Hidden layers": (str(batch.depth), "3"),
        "Ghost batches": ("whole batch", "8"),
    }


class TestCost:
    def test_what_is_affordable_stays_as_it_is(self):
        one = config(then="0.1x100")
        assert one.affordable() == one

    def test_what_is_continued_is_cut_first_and_the_beginning_stays(self):
        large = {"depth": 20, "width": 256, "batch_size": 512, "learning_rate": 0.1}
        start = next(
            one for n in range(1, 200)
            if (one := config(**large, steps=n)).work() > 0.6 * WORK_LIMIT
        )  # fmt: skip
        granted = LabConfig(**start.model_dump() | {"then": "0.1x4000_0.01x100"}).affordable()
        assert granted.work() <= WORK_LIMIT
        assert granted.steps == start.steps
        assert 1 < granted.pieces[1][1] < 4000
        assert len(granted.pieces) == 2

    def test_too_long_a_beginning_is_cut_and_nothing_follows(self):
        granted = config(
            depth=50, width=256, batch_size=512, steps=4000, seeds=5, then="0.1x10"
        ).affordable()
        assert 1 <= granted.steps < 4000
        assert granted.then == ""

    def test_what_is_measured_counts(self):
        quiet = config()
        for name in DIAGNOSTICS:
            assert config(diagnostic=name).work() >= quiet.work()
        assert config(diagnostic="change of the gradient").work() > 1.05 * quiet.work()

    @pytest.mark.parametrize("name", DIAGNOSTICS)
    def test_however_large_the_cost_is_bounded_and_the_steps_are_the_same(self, name):
        for changes in ({}, {"depth": 50, "width": 256, "batch_size": 512, "steps": 1600}):
            quiet = config(**changes, seeds=5).affordable()
            loud = config(**changes, seeds=5, diagnostic=name).affordable()
            assert loud.work() <= WORK_LIMIT
            assert loud.total_steps == quiet.total_steps

    def test_what_takes_too_long_is_not_measured(self, monkeypatch):
        monkeypatch.setattr(lab_config, "MEASURING", 1e-9)
        one = lab.run(config(diagnostic="values entering"))
        assert one.measured == {}
        assert one.why_not() == "too large"
        other = ran(diagnostic="values entering")
        assert len(other.ridges_with(one)[1].density) == 1
