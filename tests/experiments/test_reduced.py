"""Settings whose run is the same have one answer: what is reduced changes no bit of it."""

from dataclasses import fields

import numpy as np
import pytest

from benchmarks.bounds import KINDS
from bnviz.experiments import forgiveness, lab, race
from bnviz.experiments.data_knobs import EVERYTHING
from bnviz.experiments.forgiveness import ForgivenessConfig
from bnviz.experiments.knob import knobs
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.result import found

SMALL = {"depth": 2, "width": 8, "steps": 6, "seeds": 2}


def arrays(result):
    """Everything that was found, but for what a clock measured."""
    return {one.name: one.values for one in found(result) if not one.name.startswith("seconds")}


@pytest.mark.parametrize(
    ("chosen", "reduced"),
    [
        ({"target": 0.5}, {}),
        ({"scaling": "raw"}, {}),
        ({"point_noise": 3.0}, {}),
        ({"initialization": "he"}, {}),
        ({"activation": "tanh", "initialization": "glorot"}, {"activation": "tanh"}),
        ({"dataset": "circles", "scaling": "raw"}, {"dataset": "circles"}),
        ({"dataset": "wine", "train_size": 512, "point_noise": 0.0}, {"dataset": "wine"}),
    ],
)
def test_what_is_left_out_changes_no_bit_of_a_run(chosen, reduced):
    one, other = RaceConfig(**SMALL, **chosen), RaceConfig(**SMALL, **reduced)
    assert one != other
    assert one.reduced() == other.reduced() == other
    mine, theirs = arrays(race.run(one)), arrays(race.run(other))
    assert mine.keys() == theirs.keys()
    assert all(np.array_equal(mine[name], theirs[name], equal_nan=True) for name in mine)


@pytest.mark.parametrize(
    "chosen",
    [
        {"dataset": "wine", "scaling": "raw"},
        {"dataset": "circles", "point_noise": 3.0},
        {"initialization": "glorot"},
        {"activation": "tanh", "initialization": "he"},
        {"train_size": 512},
        {"wrong_labels": 0.2},
    ],
)
def test_what_changes_a_run_stays(chosen):
    assert RaceConfig(**chosen).reduced() == RaceConfig(**chosen)


def test_a_map_is_read_by_another_bar_without_a_training():
    one, other = (forgiveness.pieces(ForgivenessConfig(target=bar)) for bar in (0.5, 0.9))
    assert [piece.reduced() for piece in one] == [piece.reduced() for piece in other]
    assert one[0].reduced() != one[1].reduced()


@pytest.mark.parametrize("diagnostic", ["none", "gradient size", "bias gradient"])
@pytest.mark.parametrize("normalizer", ["none", "batch", "layer", "group", "switchable"])
def test_what_means_nothing_to_a_normalizer_of_the_lab_changes_no_bit(normalizer, diagnostic):
    common = SMALL | {"normalizer": normalizer, "diagnostic": diagnostic, "batch_size": 16}
    alone = LabConfig(**common)
    turned = {
        "normalized_layers": "first half", "placement": "after", "groups": 4, "chunk": 8,
        "momentum": 0.5, "affine": "frozen", "gamma_start": 0.0, "bias_before": "kept",
    }  # fmt: skip
    idle = {name: value for name, value in turned.items() if not alone.uses(name)}
    other = LabConfig(**common | idle)
    assert alone != other
    assert alone.reduced() == other.reduced()
    mine, theirs = arrays(lab.run(alone)), arrays(lab.run(other))
    assert mine.keys() == theirs.keys()
    assert all(np.array_equal(mine[name], theirs[name], equal_nan=True) for name in mine)
    for name in turned.keys() - idle.keys():
        used = LabConfig(**common | {name: turned[name]})
        assert used.reduced() == used


def test_a_run_that_normalizes_no_layer_does_not_begin_to():
    config = LabConfig(normalizer="batch", normalized_layers="second half", depth=1)
    assert config.treatment == "plain"
    assert config.reduced().normalized() == ()


@pytest.mark.parametrize("name", KINDS)
def test_in_every_lesson_data_and_weights_are_those_of_the_reduced_settings(name):
    kind = KINDS[name].config
    declared = knobs(kind)
    turned = {"scaling": ["raw"], "point_noise": [2.0], "train_size": [256], "initialization": []}
    turned["initialization"] = ["he", "glorot", "normal"]
    met = 0
    for dataset in declared["dataset"].options:
        if dataset in ("drawn", "your own"):
            continue
        for knob, values in turned.items():
            for value in values:
                if value not in declared[knob].options:
                    continue
                config = kind(dataset=dataset, **{knob: value})
                same = config.reduced()
                met += same is not config
                assert same.reduced() is same
                assert same.data() == config.data() or _alike(same.data(), config.data())
                assert stds(same) == stds(config)
                assert same.plan(2) == config.plan(2)
    assert met


def stds(config):
    network = config.architecture()
    return [network.initial_std(*sizes) for sizes in network.sizes()]


def _alike(one, other):
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)]
    return all(np.array_equal(a, b) for a, b in pairs)


def test_no_set_is_larger_than_everything():
    assert RaceConfig().raw_samples().train_count <= EVERYTHING
