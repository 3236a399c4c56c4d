"""A run in a few words, and in what two differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import ARMS
from bnviz.experiments.settings import knobs
from bnviz.verdicts import lab_configs as verdicts
from bnviz.words.lab import configs as words
from tests.made.lab import config
from tests.own import carried


def described(**changes):
    return words.described(verdicts.traits(LabConfig(**changes)))


def told(a, b):
    return words.differences(verdicts.differences(a, b))


class TestDescribed:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({}, "plain"),
            ({"normalizer": "batch"}, "BN"),
            ({"normalizer": "batch", "learning_rate": 0.1, "activation": "tanh"},
             "BN, rate 0.1, tanh"),
            ({"normalizer": "group", "groups": 8, "then": "0.01x50"},
             "group norm, then 0.01, 8 groups"),
            ({"groups": 8, "chunk": 8, "momentum": 0.5}, "plain"),
            ({"normalizer": "layer", "batch_size": 4, "skip": "on"}, "layer norm, batch 4, skips"),
            ({"normalizer": "group", "groups": 1, "depth": 1}, "group norm, 1 layer, 1 group"),
        ],
    )  # fmt: skip
    def test_says_what_is_not_usual(self, changes, said):
        assert described(**changes) == said

    @given(st.data())
    def test_is_never_long(self, data):
        names = [name for name in knobs(LabConfig) if name not in ("seeds", "first_seed")]
        chosen = {
            name: data.draw(st.sampled_from(knobs(LabConfig)[name].options)) for name in names
        }
        assert len(described(**carried(chosen))) <= words.LENGTH

    def test_every_knob_has_its_few_letters(self):
        known = {*words.SHORT, "normalizer", "diagnostic", "seeds"} - {"pieces"}
        assert known == set(knobs(LabConfig))


class TestDifferences:
    def test_none(self):
        assert told(config(), config()).startswith("**A and B are the same**")

    def test_one(self):
        said = told(LabConfig(**ARMS["a"]), LabConfig(**ARMS["b"]))
        assert said.startswith("A and B differ in **the normalizer alone** (plain, BN).")
        assert said.endswith("Both start from the same weights and see the same mini-batches.")

    def test_two_and_three(self):
        two = config(normalizer="batch", learning_rate=1.0)
        said = told(config(), two)
        assert "**two things**: the normalizer (plain, BN) and the learning rate (0.32, 1)" in said
        assert "neither can be blamed alone" in said
        three = two.model_copy(update={"depth": 3})
        assert "**three things**" in told(config(), three)
        assert "none of them can be blamed alone" in told(config(), three)

    def test_more_than_there_are_words_for(self):
        many = {"depth": 3, "width": 16, "gain": 2.0, "dropout": 0.1, "skip": "on", "steps": 50}
        assert "**7 things**" in told(config(), config(**many, learning_rate=1.0))

    def test_how_they_go_on(self):
        said = told(config(), config(then="0.1x5_0.01x1"))
        assert (
            "**how they go on alone** (not at all, 0.1 for 5 steps, then 0.01 for 1 step)" in said
        )

    @pytest.mark.parametrize(
        ("changes", "shared"),
        [
            ({"batch_size": 16}, "from the same weights, but see different mini-batches."),
            ({"width": 16}, "from different weights, but see the same mini-batches."),
            ({"width": 16, "batch_size": 16}, "from different weights and see different"),
        ],
    )
    def test_what_they_share(self, changes, shared):
        assert shared in told(config(), config(**changes))


class TestOdd:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"normalizer": "instance"}, "a single value. It becomes zero, whatever it was, and"
             " nothing of the input gets through."),
            ({"normalizer": "batch", "chunk": 32, "batch_size": 48},
             "ghost batches of 32 do not divide a mini-batch of 48"),
            ({"normalizer": "batch", "batch_size": 1}, "the network cannot tell them apart."),
            ({"normalizer": "group", "groups": 8, "width": 12}, "8 groups do not divide 12 units,"
             " so there are 4."),
            ({"normalizer": "group", "groups": 8, "width": 9}, "so there is 1."),
        ],
    )  # fmt: skip
    def test_what_a_reader_might_not_expect(self, changes, said):
        (sentence,) = words.odd("A", verdicts.odd(config(**changes)))
        assert sentence.startswith("A: ")
        assert said in sentence

    def test_nothing(self):
        assert words.odd("A", verdicts.odd(config())) == []

    def test_skip_connections_lead_around(self):
        around = {"depth": 3, "skip": "on", "normalized_layers": "last only"}
        for changes in ({"normalizer": "instance"}, {"normalizer": "batch", "batch_size": 1}):
            (sentence,) = words.odd("B", verdicts.odd(config(**changes, **around)))
            assert "on the skip connections alone" in sentence


def test_what_a_kept_run_does_not_share():
    other = LabConfig(dataset="moons", seeds=3)
    assert words.unshared(verdicts.unshared(other, LabConfig())) == "data: moons, seeds: 3"
