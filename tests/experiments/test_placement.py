"""Placement: what is trained, and what is measured."""

import numpy as np
import pytest

from bnviz.axes import AFFINE, DROPOUT, PLACE
from bnviz.experiments import placement
from bnviz.experiments.placement import ARMS, PlacementConfig
from bnviz.experiments.settings import WORK_LIMIT, Settings
from bnviz.verdicts.placement import judge
from bnviz.words import placement as words
from tests.made.placement import bias, place
from tests.samples import tiny


def test_arms_by_name():
    result = place(own=0.4)
    assert result.arms[result.place("input only")] == "input only"
    np.testing.assert_allclose(result.ends("input only"), 0.4)


def test_measures_of_the_bias_by_name():
    result = bias(own=1e-9, beta=0.02, moved=3.0)
    kept = result.place("bias kept")
    for values, expected in (
        (result.bias_gradient, 1e-9),
        (result.beta_gradient, 0.02),
        (result.bias_size, 3.0),
    ):
        np.testing.assert_allclose(values[kept], expected, rtol=1e-6)


def test_the_question_is_about_the_same_settings():
    config = tiny("placement", compare=DROPOUT, gain=0.3)
    asked = placement.first(config)
    assert asked.compare == PLACE
    assert asked.model_copy(update={"compare": DROPOUT}) == config


@pytest.mark.parametrize("compare", ARMS)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"steps": 1, "seeds": 1},
        {"depth": 1},
        {"gain": 1e4, "learning_rate": 1e3, "depth": 6},
        {"dataset": "moons", "features": "wild", "activation": "gelu", "batch_size": 1},
    ],
    ids=["tiny", "one step", "one layer", "diverged", "wild, one by one"],
)
def test_every_comparison_answers(compare, changes):
    config = tiny("placement", compare=compare, **changes)
    first, again = placement.run(config), placement.run(config, workers=1)
    assert first.arms == tuple(ARMS[compare])
    for name in ("train_loss", "test_accuracy", "by_layer", "theory", "bias"):
        one, two = getattr(first, name), getattr(again, name)
        assert (one is None and two is None) or np.array_equal(one, two, equal_nan=True)
    verdict = judge(first)
    said, beliefs = words.findings(verdict), words.beliefs(verdict)
    assert len(beliefs) in (3, 4)
    for sentence in (said.headline, *said.more, *said.further, *beliefs.values()):
        assert "nan" not in sentence.lower().replace("inference", "").split()
        assert "inf " not in sentence
        assert sentence.endswith((".", "**"))


@pytest.mark.parametrize("compare", ARMS)
def test_networks_differ_in_what_the_arm_says_alone(compare):
    config = tiny("placement", compare=compare)
    first = placement.run(config)
    for place_, changes in enumerate(ARMS[compare].values()):
        architecture = config.architecture(**changes)
        same = {name: getattr(architecture, name) for name in ("depth", "width", "activation")}
        assert same == {"depth": 2, "width": 8, "activation": "relu"}
        assert np.isfinite(first.train_loss[place_]).all()


def test_the_work_bounds_the_arms_and_the_looking():
    one = PlacementConfig()
    assert one.work() > Settings.work(one) * len(ARMS[PLACE]) / 2
    affine_, drop = (one.model_copy(update={"compare": name}) for name in (AFFINE, DROPOUT))
    assert affine_.work() < one.work() < drop.work()
    large = PlacementConfig(width=256, depth=50, batch_size=512, steps=1600, seeds=10)
    assert large.affordable().work() <= WORK_LIMIT
