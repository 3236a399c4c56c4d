"""In what two runs differ, and what is odd about one, from their settings alone."""

import pytest

from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import ARMS
from bnviz.verdicts.lab_configs import Turned, differences, odd, traits, unshared
from tests.made.lab import config


class TestDifferences:
    def test_none(self):
        apart = differences(config(), config())
        assert apart.count == 0
        assert apart.same_weights
        assert apart.same_batches

    def test_of_the_arms_as_the_page_opens(self):
        apart = differences(LabConfig(**ARMS["a"]), LabConfig(**ARMS["b"]))
        assert apart.treatments == ("plain", "batch")
        assert apart.count == 1

    def test_every_kind_counts(self):
        other = config(normalizer="batch", learning_rate=1.0, depth=3, then="0.1x5_0.01x6")
        apart = differences(config(), other)
        assert [knob.label for knob in apart.knobs] == ["Hidden layers", "Learning rate"]
        assert apart.knobs[1] == Turned(label="Learning rate", a="0.32", b="1")
        assert apart.pieces == ((), ((0.1, 5), (0.01, 6)))
        assert apart.count == 4

    def test_a_knob_that_one_of_them_does_not_have_is_no_difference(self):
        assert differences(config(), config(normalizer="batch", momentum=0.5, chunk=8)).count == 1
        both = config(normalizer="batch"), config(normalizer="batch", momentum=0.5)
        (knob,) = differences(*both).knobs
        assert knob.label == "Momentum of the averages"

    def test_what_is_measured_is_none(self):
        assert differences(config(), config(diagnostic="signal size")).count == 0


def test_traits_are_what_changes_the_run():
    found = traits(LabConfig(groups=8, chunk=8, momentum=0.5, depth=4, then="0.01x5"))
    assert found.treatment == "plain"
    assert found.unusual == {"depth": 4}
    assert found.pieces == ((0.01, 5),)


def test_what_a_kept_run_does_not_share_with_the_arms():
    arm = LabConfig(depth=20, diagnostic="signal size")
    assert unshared(LabConfig(), arm) == ()
    data, seeds = unshared(LabConfig(dataset="moons", seeds=3), arm)
    assert (data.a, data.b, seeds.a, seeds.b) == ("moons", "digits", "3", "5")


class TestOdd:
    @pytest.mark.parametrize(
        ("changes", "name", "value", "usual"),
        [
            ({"normalizer": "instance"}, "blocked", "instance", {"normalizer": "layer"}),
            ({"normalizer": "batch", "chunk": 32, "batch_size": 48}, "chunk", (32, 48),
             {"chunk": 16}),
            ({"normalizer": "batch", "batch_size": 1}, "blocked", "single sample",
             {"batch_size": 2}),
            ({"normalizer": "group", "groups": 8, "width": 12}, "groups", (8, 12, 4),
             {"groups": 4}),
        ],
    )  # fmt: skip
    def test_what_a_reader_might_not_expect(self, changes, name, value, usual):
        assert getattr(odd(config(**changes)), name) == value
        for other in (usual, {"normalizer": "none"}):
            assert getattr(odd(config(**changes | other)), name) is None

    @pytest.mark.parametrize(
        "changes", [{"normalizer": "instance"}, {"normalizer": "batch", "batch_size": 1}]
    )
    def test_skip_connections_lead_around_what_blocks(self, changes):
        for skip, layers, around in (
            ("on", "last only", True), ("on", "all", False), ("off", "last only", False)
        ):  # fmt: skip
            found = odd(config(**changes, depth=3, skip=skip, normalized_layers=layers))
            assert found.blocked
            assert found.around == around
