"""The recurrent networks are judged, at the borders and over seeds."""

import numpy as np
import pytest

from bnviz.experiments import recurrent
from bnviz.experiments.recurrent import ARMS, RecurrentConfig
from bnviz.verdicts.recurrent import judge
from tests.made.recurrent import made


@pytest.mark.parametrize(
    ("ends", "leader"),
    [({}, "same"), ({"shared": 0.5}, "first"), ({"per step": 0.5}, "second")],
)
def test_statistics_of_each_step_or_shared(ends, leader):
    assert judge(made(ends)).statistics.leader == leader


def test_without_one_of_them_there_is_no_comparison():
    assert judge(made(arms=ARMS[:2])).statistics is None
    assert judge(made({"shared": np.nan})).statistics is None


def test_who_loses_by_longer_sequences():
    found = judge(made(late={"per step": 0.3}))
    assert (found.late.rows, found.late.worse) == (16, ("per step",))
    assert "per step" not in found.late.kept
    assert found.early.rows == 4
    assert found.early.kept == ARMS
    forgot = judge(made(early=dict.fromkeys(ARMS, 0.1))).early
    assert (forgot.kept, forgot.learned) == ((), False)


def test_a_minority_of_the_seeds_loses_nothing():
    results = made()
    results[0].late[0, -1] = 0.3  # one of two
    assert judge(results).late.worse == ()


def test_who_diverged_has_no_place():
    lost = dict.fromkeys(ARMS, np.nan)
    found = judge(made(lost, lost, lost))
    assert not found.learned
    assert found.late is None
    assert found.early is None


def test_at_the_default_neither_kind_of_statistics_is_at_a_loss():
    arms = ("per step", "shared")
    found = judge([recurrent.run(RecurrentConfig(arm=arm, seeds=5)) for arm in arms])
    assert all(end > 0.85 for end in found.trained.values())
    assert found.statistics.leader == "same"
    assert all(found.late.ends[arm] > found.trained[arm] - 0.05 for arm in arms)
    assert (found.early.kept, found.early.learned) == ((), False)
