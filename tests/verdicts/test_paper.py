"""The paper's experiment in small: what is counted, and what the page claims of it."""

import numpy as np
import pytest

from bnviz.experiments import paper
from bnviz.experiments.paper import PaperConfig
from bnviz.verdicts.paper import FASTER, FIVE_TIMES, fewer, judge, steps_to_target
from tests.made.paper import FAST, LIKE_THE_PAPER, NEVER_THERE, SLOW, made


class TestCounted:
    def test_steps_are_counted_to_plains_best(self):
        result = made(LIKE_THE_PAPER)
        assert judge([result]).bases[0].target == pytest.approx(0.9)
        np.testing.assert_array_equal(steps_to_target(result), [40, np.inf, 20, 10, 10, np.inf])
        np.testing.assert_allclose(fewer(result), [1, 0, 2, 4, 4, 0])

    def test_how_many_steps_beside_plain(self):
        late = (0.1, 0.2, 0.5, 0.9)
        curves = [(0.1, 0.5, 0.9, 0.9), late, NEVER_THERE, FAST, (0.1, 0.5, 0.9, 0.9), SLOW]
        arms = judge([made(curves)]).bases[0].arms
        expected = ["as many", "more", "never", "fewer", "as many", "more"]
        assert [arm.needed for arm in arms] == expected
        assert [arms[place].factor for place in (0, 1, 3)] == [1, 2, 2]

    @pytest.mark.parametrize(
        ("plain", "batch", "expected"),
        [(41, 40, "as many"), (43, 40, "fewer"), (40, 41, "as many"), (40, 43, "more")],
    )
    def test_less_than_a_twentieth_is_as_many(self, plain, batch, expected):
        early, late = (0.1, 0.1, 0.9, 0.9), (0.1, 0.1, 0.1, 0.9)
        curves = [early if plain < batch else late, *[late if plain < batch else early] * 5]
        result = made(curves, steps=(0, 10, min(plain, batch), max(plain, batch)))
        assert judge([result]).bases[0].arms[FASTER].needed == expected

    def test_published_ratios(self):
        (base,) = judge([made(LIKE_THE_PAPER)]).bases
        assert [arm.published_fewer for arm in base.arms] == pytest.approx(
            [1, 0, 31 / 13.3, 31 / 2.1, 31 / 2.7, 0]
        )

    def test_over_the_seeds_in_which_both_get_there(self):
        result = made(LIKE_THE_PAPER)
        result.test_accuracy[FASTER, 0] = SLOW  # at step 40, as plain
        result.test_accuracy[FASTER, 1] = NEVER_THERE
        faster = judge([result]).bases[0].faster
        assert (faster.low, faster.middle, faster.high, faster.seeds) == (1, 4, 4, 5)

    def test_members_are_those_that_are_left(self):
        result = made(LIKE_THE_PAPER, lost=[(FASTER, 0), (FIVE_TIMES, 1)])
        (base,) = judge([result]).bases
        assert base.alone == pytest.approx(0.95)
        assert base.arms[FIVE_TIMES].diverged == 1

    def test_the_base_decides_or_not(self):
        quick = made(LIKE_THE_PAPER)
        as_fast = made(((*FAST[:2], 0.92, 0.92), *LIKE_THE_PAPER[1:]))
        assert judge([quick, as_fast]).base_decides is True
        assert judge([as_fast, quick]).base_decides is False
        assert judge([quick, quick]).base_decides is False
        assert judge([quick]).base_decides is None
        assert judge([made([NEVER_THERE] * 6), quick]).base_decides is None

    def test_which_base_is_seen(self):
        verdict = judge([made(LIKE_THE_PAPER), made([FAST] * 6)])
        assert [verdict.seen(place).place for place in (0, 1)] == [0, 1]
        assert judge([made(LIKE_THE_PAPER)]).seen(1).place == 0


@pytest.fixture(scope="module")
def both():
    """The paper's experiment from a low base and from plain's best rate."""
    shared = {"depth": 6, "width": 32, "seeds": 5, "steps": 100}
    return [paper.run(PaperConfig(base=base, **shared)) for base in (0.032, 0.18)]


class TestWhatThePageClaims:
    def test_from_a_low_base_bn_looks_much_faster_than_from_plains_best(self, both):
        low, best = (fewer(result) for result in both)
        assert low[3] > 2.5
        assert low[4] > low[3]
        assert 1 < best[3] < 0.7 * low[3]
        assert judge(both).base_decides

    def test_a_larger_rate_helps_plain_too_if_the_base_is_low(self, both):
        low, best = (fewer(result) for result in both)
        assert low[1] > 1.5
        assert best[1] == 0
        assert best[4] == 0  # 30 times plain's best rate is too much for BN

    def test_the_average_is_better_than_its_members(self, both):
        for base in judge(both).bases:
            assert base.arms[FASTER].ensemble > base.alone + 0.005
