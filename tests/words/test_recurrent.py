"""The recurrent networks in sentences."""

import numpy as np

from bnviz.experiments.recurrent import ARMS
from bnviz.verdicts.recurrent import judge
from bnviz.words.relatives import recurrent as words
from tests.made.recurrent import made


def told(*arguments, **changes):
    return words.told(judge(made(*arguments, **changes)))


def test_nobody_learns():
    lost = dict.fromkeys(ARMS, np.nan)
    assert "nan" not in told(lost, lost, lost)
    assert told(lost, lost, lost).endswith("layer norm diverged. None of them learns here.")


def test_statistics_of_each_step_or_shared():
    assert "makes no clear difference" in told()
    assert "needs running averages of its own" in told({"shared": 0.5})
    assert "the shared ones are better" in told({"per step": 0.5})


def test_the_seeds_do_not_agree():
    results = made()
    results[2].late[0, 0] = 0.5  # shared, one of two
    assert "The seeds do not agree which are better" in words.told(judge(results))


def test_longer_sequences():
    assert "After 16 empty rows, 24 in all" in told()
    assert "None loses clearly, not even BN (per step), which" in told()
    assert "None loses clearly." in told(arms=ARMS[:1])  # BN is still to come
    two = told(late={"per step": 0.3, "layer": 0.3})
    assert "Clearly worse than in training: BN (per step); layer norm." in two


def test_what_must_be_remembered():
    forgot = dict.fromkeys(ARMS, 0.1)
    assert "All of them lose the image" in told(early=forgot)
    assert "No clear loss: layer norm." in told(early=forgot | {"layer": 0.9})
    assert "All of them lose accuracy" in told(early=forgot | {"shared": 0.8})
