"""Both modes in one unit, where switching is forgotten, and by batch size."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import OWN_BATCH, PRECISE
from bnviz.verdicts.mode_sections import judge_mistakes, judge_sweep, judge_unit
from tests.made.modes import (
    LOSSES,
    LOST,
    NAN,
    POOR,
    RUNNING,
    left,
    made,
    with_way,
)


class TestSections:
    def test_how_far_a_unit_is_off(self):
        of = made(steps=200)
        running, newest = judge_unit(of, of.units[1]).off
        assert (running.mean, running.variance) == pytest.approx((0.1, 0.25), abs=1e-4)
        assert (newest.mean, newest.variance) == pytest.approx((0.1, 0.25), abs=1e-4)
        nothing = replace(of.units[0], population=np.full((2, 2), NAN, np.float32))
        assert judge_unit(of, nothing).off is None

    def test_the_widest_gap_is_a_range(self):
        some = [
            made(batch_size=2),
            made(with_way(OWN_BATCH, 0.4), batch_size=4),
            made(with_way(OWN_BATCH, 0.41), batch_size=8),
            made(with_way(OWN_BATCH, 0.89), batch_size=64),
        ]
        found = judge_sweep(some)
        assert (found.widest, found.as_wide, found.last) == (4, (4, 8), 64)
        assert found.apart
        assert not judge_sweep(some[-1:]).apart
        assert judge_sweep([made(LOST, LOST)]) is None

    def test_where_precise_statistics_help(self):
        some = [made(batch_size=2, loss=with_way(PRECISE, 0.2, LOSSES)), made(batch_size=4)]
        some += [made(batch_size=8, loss=with_way(PRECISE, 0.4, LOSSES))]
        cure = judge_sweep(some).cure
        assert (cure.sizes, cure.most) == ((2, 8), 2)
        assert judge_sweep(some[1:2]).cure.sizes == ()


class TestMistakes:
    def outcome(self, always, since, lost=(0, 0), **changes):
        of = made(**changes)
        return judge_mistakes(of, left(of, always, since, lost)).left.outcome

    def test_harm(self):
        assert self.outcome(0.5, 0.8) == "worse"
        assert self.outcome(NAN, 0.8, (2, 1)) == "worse"
        assert self.outcome(0.5, 0.5, accuracy=LOST) == "diverged"

    def test_no_harm(self):
        assert self.outcome(0.9, 0.89) == "harmless"
        assert self.outcome(0.9, 0.89, (1, 0)) == "worse"
        assert self.outcome(0.9, 0.8) == "worse"
        assert self.outcome(0.15, 0.15, accuracy=POOR) == "worse"

    def test_better_in_more_than_half_of_the_seeds_alone(self):
        assert self.outcome(0.95, 0.8) == "better"
        assert self.outcome((0.99, 0.89), 0.8) == "worse"
        lagging = with_way(RUNNING, 0.6)
        assert self.outcome(0.7, 0.8, accuracy=lagging) == "better than the averages"

    def test_evaluation(self):
        of = made()
        found = judge_mistakes(of, left(of, 0.5, 0.5)).evaluation
        assert (found.size, found.alone, found.shuffled, found.by_class) == (16, 0.1, 0.8, 0.2)
        assert judge_mistakes(made(LOST), left(of, 0.5, 0.5)).evaluation is None
