"""How a class spreads is judged from the runs' one number each."""

import numpy as np
import pytest

from bnviz.verdicts import lab
from bnviz.verdicts.class_board import judge
from tests.made.class_board import by_rate, entries, result


def board(*ends):
    """Runs of one seed each."""
    return judge(entries(*((f"S{n}", (end,), {}) for n, end in enumerate(ends))))


class TestSpread:
    def test_quartiles_are_runs_that_there_are(self):
        verdict = board(0.8, 0.1, 0.4, 0.2, 0.7, 0.3, 0.6, 0.5)
        found = (verdict.lowest, verdict.lower, verdict.middle, verdict.upper, verdict.highest)
        assert found == pytest.approx((0.1, 0.2, 0.4, 0.6, 0.8))

    def test_they_are_those_of_numpy_by_its_own_definition(self):
        generator = np.random.default_rng(3)
        for runs in (1, 2, 3, 4, 5, 17, 31, 60):
            ends = generator.random(runs)
            verdict = board(*ends)
            found = (verdict.lower, verdict.middle, verdict.upper)
            wanted = np.quantile(np.float32(ends), [0.25, 0.5, 0.75], method="inverted_cdf")
            assert found == pytest.approx(tuple(wanted))

    def test_a_diverged_run_is_behind_every_other(self):
        verdict = board(0.9, None, 0.1, 0.5)
        assert np.isnan(verdict.lowest)
        assert np.isnan(verdict.lower)
        assert (verdict.middle, verdict.upper) == pytest.approx((0.1, 0.5))
        assert verdict.lost == 1
        assert verdict.ranks == [0, 3, 2, 1]

    def test_all_diverged(self):
        verdict = board(None, None)
        assert np.isnan([verdict.lowest, verdict.middle, verdict.highest]).all()
        assert verdict.alike

    def test_alike(self):
        assert board(0.90, 0.91).alike
        assert not board(0.90, 0.93).alike
        assert not board(0.90, None).alike

    def test_nobody(self):
        with pytest.raises(ValueError, match="a run"):
            judge([])


class TestOneNumber:
    def test_of_the_median_seed_with_a_diverged_one_behind(self):
        (student,) = judge(entries(("A", (0.9, 0.95, None, 0.85, 0.87), {}))).students
        assert student.end.accuracy == pytest.approx(0.87)
        assert (student.end.diverged, student.end.seeds) == (1, 5)
        assert (student.low, student.high) == pytest.approx((0.85, 0.95))
        assert not student.lost

    def test_it_is_the_labs(self):
        for ends in ((0.9, None, 0.8), (None, None, 0.8), (0.9, 0.8), (0.7,)):
            one = result(ends)
            (student,) = judge(entries(("A", ends, {}))).students
            assert repr(student.end) == repr(lab.kept(one))


class TestAlong:
    def test_the_knobs_in_which_runs_differ(self):
        verdict = judge(
            entries(
                ("A", (0.9,), {"normalizer": "batch", "learning_rate": 1.0}),
                ("B", (0.8,), {"normalizer": "batch", "learning_rate": 0.1, "momentum": 0.5}),
            )
        )
        assert list(verdict.along) == ["Learning rate", "Momentum of the averages"]

    def test_a_knob_that_means_nothing_to_a_run_is_no_difference(self):
        verdict = judge(
            entries(
                ("A", (0.9,), {"normalizer": "none", "momentum": 0.5}),
                ("B", (0.8,), {"normalizer": "batch"}),
            )
        )
        assert list(verdict.along) == ["Normalizer"]

    def test_how_a_run_goes_on_is_one(self):
        verdict = judge(entries(("A", (0.9,), {}), ("B", (0.8,), {"then": "0.01x100"})))
        (found,) = verdict.along.values()
        assert [group.setting for group in found.groups] == ["none", "0.01 for 100"]

    def test_groups_stand_in_the_order_of_the_knob(self):
        verdict = judge(by_rate({10.0: [0.1], 0.32: [0.9, 0.8, 0.7], 1.0: [0.6]}))
        found = verdict.along["Learning rate"]
        assert [group.setting for group in found.groups] == ["0.32", "1", "10"]
        assert [group.members for group in found.groups] == [(1, 2, 3), (4,), (0,)]
        assert [group.middle for group in found.groups] == pytest.approx([0.8, 0.6, 0.1])
        assert (found.best, found.worst) == ((0,), 2)
        assert found.top == pytest.approx(0.8)

    def test_settings_about_the_same_share_the_best_place(self):
        found = judge(by_rate({0.1: [0.90], 0.32: [0.91], 1.0: [0.5]})).along["Learning rate"]
        assert found.best == (0, 1)
        assert not found.level
        assert judge(by_rate({0.1: [0.90], 0.32: [0.91]})).along["Learning rate"].level

    def test_a_setting_at_which_the_median_run_diverged_is_the_worst(self):
        found = judge(by_rate({0.1: [0.9], 10.0: [None, 0.9, None]})).along["Learning rate"]
        assert np.isnan(found.groups[1].middle)
        assert (found.best, found.worst) == ((0,), 1)

    def test_where_all_diverged_none_is_best(self):
        found = judge(by_rate({1.0: [None], 10.0: [None]})).along["Learning rate"]
        assert found.best == ()
        assert np.isnan(found.top)

    def test_a_knob_without_a_meaning_for_some_runs_has_a_group_of_those(self):
        verdict = judge(
            entries(
                ("A", (0.9,), {"normalizer": "none"}),
                ("B", (0.8,), {"normalizer": "batch", "momentum": 0.5}),
                ("C", (0.7,), {"normalizer": "batch"}),
            )
        )
        found = verdict.along["Momentum of the averages"]
        assert [group.setting for group in found.groups] == ["", "0.1", "0.5"]
