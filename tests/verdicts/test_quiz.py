"""The normalized gain of a class, against closed forms, exact enumeration and known classes."""

from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.verdicts import quiz
from bnviz.verdicts.quiz import Asked, gain, judge


def delta_interval(pre, post):
    """The interval of the paired gain by the delta method: an independent closed form.

    g = (q - p) / (1 - p): dg/dq = 1 / (1 - p), dg/dp = (q - 1) / (1 - p)^2.
    """
    p, q = pre.mean(), post.mean()
    slopes = np.array([(q - 1) / (1 - p) ** 2, 1 / (1 - p)])
    spread = np.sqrt(slopes @ (np.cov(pre, post, ddof=0) / len(pre)) @ slopes)
    g = (q - p) / (1 - p)
    return g - 1.96 * spread, g + 1.96 * spread


def some_class(generator, students, p=0.4, q=0.7):
    """Students of different ability, eight questions each before and after."""
    ability = generator.normal(0, 0.12, students)
    before = generator.binomial(8, np.clip(p + ability, 0.02, 0.98)) / 8
    after = generator.binomial(8, np.clip(q + ability, 0.02, 0.98)) / 8
    return before, after


class TestValue:
    @pytest.mark.parametrize(
        ("pre", "post", "wanted"),
        [
            ([0.5, 0.5], [0.75, 0.75], 0.5),
            ([0.0, 0.5], [0.5, 0.5], 1 / 3),
            ([0.5, 0.5], [0.25, 0.25], -0.5),
            ([0.25], [1.0], 1.0),
            ([1.0, 0.0], [1.0, 0.0], 0.0),
        ],
    )
    def test_of_the_means(self, pre, post, wanted):
        found = gain(pre, post, paired=True)
        assert found.value == pytest.approx(wanted)
        assert found.missing is None

    def test_it_is_not_the_mean_of_the_students_own(self):
        pre, post = np.array([0.875, 0.0]), np.array([0.5, 1.0])
        own = ((post - pre) / (1 - pre)).mean()
        assert gain(pre, post, paired=True).value == pytest.approx(5 / 9)
        assert own == pytest.approx(-1.0)

    def test_pairs_must_match(self):
        with pytest.raises(ValueError, match="3 shares before and 2 after"):
            gain([0.1] * 3, [0.2] * 2, paired=True)


class TestNoGain:
    def test_nobody(self):
        for pre, post in (([], []), ([0.5], []), ([], [0.5])):
            found = gain(pre, post, paired=False)
            assert (found.missing, found.open, found.tells) == ("nobody", None, None)
            assert np.isnan([found.value, found.low, found.high]).all()

    def test_all_right_before(self):
        found = gain([1.0, 1.0], [1.0, 0.5], paired=True)
        assert (found.missing, found.open) == ("all right before", None)
        assert np.isnan([found.value, found.low, found.high]).all()
        assert (found.before, found.after) == (1.0, 0.75)

    def test_one_student_has_no_interval(self):
        found = gain([0.5], [1.0], paired=True)
        assert (found.value, found.open) == (1.0, "one student")
        assert np.isnan([found.low, found.high]).all()

    def test_nearly_all_right_before_has_none_either(self):
        found = gain([1.0] * 9 + [0.5], [1.0] * 10, paired=True)
        assert found.value == pytest.approx(1.0)
        assert found.open == "nearly all right before"


class TestInterval:
    def test_agrees_with_a_closed_form_for_a_large_class(self):
        for seed in range(5):
            pre, post = some_class(np.random.default_rng(seed), 300)
            found = gain(pre, post, paired=True)
            assert (found.low, found.high) == pytest.approx(delta_interval(pre, post), abs=0.012)

    def test_agrees_with_all_resamples_of_a_small_class(self):
        """Five students have 5^5 resamples, all as likely."""
        pre, post = np.array([0.1, 0.4, 0.3, 0.6, 0.25]), np.array([0.5, 0.45, 0.9, 0.7, 0.3])
        all_drawn = np.array(list(product(range(5), repeat=5)))
        p, q = pre[all_drawn].mean(1), post[all_drawn].mean(1)
        exact = np.quantile((q - p) / (1 - p), [0.025, 0.975])
        found = gain(pre, post, paired=True)
        assert (found.low, found.high) == pytest.approx(tuple(exact), abs=0.03)

    def test_holds_the_true_gain_nearly_always(self):
        """Over many classes of thirty from one population, whose gain is known."""
        pre, post = some_class(np.random.default_rng(99), 200_000)
        true = (post.mean() - pre.mean()) / (1 - pre.mean())
        held = []
        for seed in range(200):
            found = gain(*some_class(np.random.default_rng(seed), 30), paired=True)
            held.append(found.low <= true <= found.high)
        assert 0.88 <= np.mean(held) <= 0.99

    def test_pairs_are_narrower_where_students_stay_as_they_are(self):
        generator = np.random.default_rng(1)
        pre = generator.integers(0, 5, 40) / 8
        paired, apart = (gain(pre, pre + 0.25, paired=how) for how in (True, False))
        assert paired.value == apart.value
        assert paired.high - paired.low < 0.5 * (apart.high - apart.low)

    def test_it_is_the_same_every_time_and_leaves_global_randomness_alone(self):
        pre, post = some_class(np.random.default_rng(5), 25)
        assert gain(pre, post, paired=True) == gain(pre, post, paired=True)

    @pytest.mark.parametrize(
        ("pre", "post", "tells"),
        [
            ([0.25, 0.375, 0.5], [0.75, 0.875, 1.0], "gained"),
            ([0.75, 0.875, 0.75], [0.25, 0.375, 0.5], "lost"),
            ([0.25, 0.5, 0.375], [0.5, 0.25, 0.375], "unclear"),
        ],
    )
    def test_on_which_side_of_nothing_it_lies(self, pre, post, tells):
        assert gain(pre, post, paired=True).tells == tells

    @given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=12))
    def test_any_class_is_answered(self, class_):
        pre, post = (np.array([one[side] for one in class_]) / 8 for side in (0, 1))
        found = gain(pre, post, paired=True)
        assert (found.missing is None) == bool(np.isfinite(found.value))
        if np.isfinite(found.low):
            assert found.low <= found.high
            assert found.open is None
        elif found.missing is None:
            assert found.open is not None


class Vote(NamedTuple):
    reader: str
    challenge: str
    answer: str


ASKED = {
    f"{part}-{form}-{place + 1}": Asked(part=part, form=form, place=place, right="abcd"[place])
    for part in ("pre", "post")
    for form in ("x", "y")
    for place in range(4)
}


def sheet(reader, part, form, answers):
    return [Vote(reader, f"{part}-{form}-{n}", one) for n, one in enumerate(answers, start=1)]


class TestClass:
    def test_two_students(self):
        votes = [
            *sheet("r1", "pre", "x", "abdd"),  # three right
            *sheet("r2", "pre", "y", "dddd"),  # one
            *sheet("r1", "post", "y", "abcd"),
            *sheet("r2", "post", "x", "abdd"),
        ]
        verdict = judge(votes, ASKED)
        assert verdict.handed_in == (2, 2, 2)
        assert (verdict.gain.before, verdict.gain.after) == (0.5, 0.875)
        assert verdict.gain.value == pytest.approx(0.75)
        assert verdict.gain.paired
        assert [item.before for item in verdict.items] == [0.5, 0.5, 0.0, 1.0]
        assert [item.after for item in verdict.items] == [1.0, 1.0, 0.5, 1.0]
        assert verdict.sheets["r1"]["pre"].form == "x"
        assert verdict.sheets["r2"]["pre"].right == (False, False, False, True)

    def test_who_has_both_parts_counts_alone(self):
        votes = [
            *sheet("r1", "pre", "x", "abcd"),
            *sheet("r2", "pre", "x", "dddd"),
            *sheet("r2", "post", "y", "abdd"),
            *sheet("r3", "post", "x", "dddd"),
        ]
        verdict = judge(votes, ASKED)
        assert verdict.handed_in == (2, 2, 1)
        assert (verdict.gain.before, verdict.gain.after, verdict.gain.students) == (0.25, 0.75, 1)

    def test_nobody_in_both(self):
        votes = [*sheet("r1", "pre", "x", "dddd"), *sheet("r2", "post", "y", "abdd")]
        verdict = judge(votes, ASKED)
        assert verdict.handed_in == (1, 1, 0)
        assert not verdict.gain.paired
        assert verdict.gain.value == pytest.approx((0.75 - 0.25) / 0.75)

    def test_the_first_part_alone(self):
        verdict = judge(sheet("r1", "pre", "x", "abdd"), ASKED)
        assert verdict.gain.missing == "nobody"
        assert [item.before for item in verdict.items] == [1.0, 1.0, 0.0, 1.0]
        assert np.isnan([item.after for item in verdict.items]).all()

    def test_nothing(self):
        verdict = judge([], ASKED)
        assert verdict.handed_in == (0, 0, 0)
        assert len(verdict.items) == 4

    def test_a_part_that_is_not_whole_does_not_count(self):
        votes = [*sheet("r1", "pre", "x", "abc"), *sheet("r1", "pre", "y", "d")]
        assert judge(votes, ASKED).handed_in == (0, 0, 0)

    def test_what_was_handed_in_first_counts(self):
        votes = [*sheet("r1", "pre", "x", "dddd"), *sheet("r1", "pre", "y", "abcd")]
        assert judge(votes, ASKED).sheets["r1"]["pre"].share == 0.25

    def test_other_questions_are_nobodys_business(self):
        votes = [Vote("r1", "deeper", "a"), *sheet("r1", "pre", "x", "abcd")]
        assert judge(votes, ASKED).handed_in == (1, 0, 0)

    def test_of_a_full_room(self):
        generator = np.random.default_rng(0)
        votes = [
            vote
            for n in range(300)
            for part, form in (("pre", "x"), ("post", "y"))
            for vote in sheet(f"{n:016x}", part, form, generator.choice(list("abcd"), 4))
        ]
        verdict = judge(votes, ASKED)
        assert verdict.handed_in == (300, 300, 300)
        assert verdict.gain.tells is not None


def test_the_constants_are_those_that_the_page_tells():
    from bnviz.words.quiz import NOTES

    told = NOTES["How it is measured"]
    assert str(quiz.RESAMPLES) in told
    assert f"{100 * quiz.LEVEL:.0f} %" in told
