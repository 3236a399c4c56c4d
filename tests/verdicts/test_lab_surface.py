"""Who has the wider basin."""

import pytest

from bnviz.axes import NEVER
from bnviz.verdicts.lab_surface import judge
from tests.made.lab import surface


@pytest.mark.parametrize(("a", "b", "wider"), [(0.2, 0.6, "B"), (0.6, 0.2, "A"), (0.6, 0.62, None)])
def test_the_wider_one(a, b, wider):
    verdict = judge([surface(a), surface(b, normalizer="batch")])
    assert verdict.wider == wider
    assert [one.share for one in verdict.basins] == pytest.approx([a, b])
    assert [one.treatment for one in verdict.basins] == ["plain", "batch"]


def test_while_b_is_missing():
    verdict = judge([surface(0.2)])
    assert verdict.wider is None
    assert len(verdict.basins) == 1


def test_a_run_that_diverged():
    lost, there = judge([surface(0.2, diverged_at=3), surface(0.2, diverged_at=NEVER)]).basins
    assert (lost.diverged, there.diverged) == (3, None)
