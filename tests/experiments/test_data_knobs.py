"""The knobs of the data: what each changes, and that a greyed one changes nothing."""

import typing

import numpy as np
import pytest

from bnviz.engine.data import DATASETS
from bnviz.engine.samples import KINDS
from bnviz.experiments.data_knobs import DATA_KNOBS, Idle, why_idle
from bnviz.experiments.placement import PlacementConfig
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.relatives import RelativesConfig
from bnviz.experiments.settings import Settings, knobs
from bnviz.words.data_knobs import IDLE


def differs(config, name, option):
    """Whether another option of this knob gives other data."""
    one, other = config.data(), config.model_copy(update={name: option}).data()
    return any(
        not np.array_equal(getattr(one, part), getattr(other, part))
        for part in ("train_inputs", "train_labels", "test_inputs", "test_labels")
    )


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize(("name", "option"), [("scaling", "raw"), ("point_noise", 2.0)])
def test_a_knob_is_greyed_exactly_where_it_changes_nothing(dataset, name, option):
    config = Settings(dataset=dataset)
    assert differs(config, name, option) is (why_idle(name, {"dataset": dataset}) is None)


@pytest.mark.parametrize("dataset", DATASETS)
def test_size_and_wrong_labels_change_every_set(dataset):
    config = Settings(dataset=dataset)
    for name, option in (("train_size", 64), ("wrong_labels", 0.1)):
        assert differs(config, name, option)
        assert why_idle(name, {"dataset": dataset}) is None


@pytest.mark.parametrize("features", ["scaled", "wild"])
def test_wild_features_are_those_of_the_standardized_table(features):
    config = PlacementConfig(dataset="wine", features=features)
    idle = why_idle("scaling", {"dataset": "wine", "features": features})
    assert differs(config, "scaling", "raw") is (idle is None)
    assert np.isfinite(config.data().train_inputs).all()


def test_every_reason_has_words_that_say_so():
    assert set(IDLE) == set(typing.get_args(Idle))
    assert all(said.startswith("No effect here: ") for said in IDLE.values())


def test_every_lesson_has_the_knobs_of_the_data_and_at_their_defaults_the_same_data():
    assert set(DATA_KNOBS) <= set(knobs(Settings))
    assert Settings().data() is RaceConfig().data()


def test_what_a_convolution_reads_is_no_table():
    offered = knobs(RelativesConfig)["dataset"].options
    assert set(offered) == {name for name, kind in KINDS.items() if kind != "table"}
    assert len(knobs(RelativesConfig)["scaling"].options) == 1


def test_more_samples_than_there_are_is_all_of_them():
    config = Settings(dataset="wine", batch_size=512)
    assert (len(config.data().train_labels), config.in_batch()) == (89, 89)
    assert config.model_copy(update={"train_size": 256}).data() is config.data()
