"""What a diagnostic found in two runs, from results by hand."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.verdicts.diagnostics import judge
from tests.made.lab import bn, made, measuring

NONE = [[[np.nan, np.nan]]]


def test_nothing():
    assert judge(made((0.9,)), bn((0.9,))) is None
    one = measuring(made((0.9,)), "signal size", [[[1, 1]]])
    assert judge(one, measuring(bn((0.9,)), "gradient size", [[[1, 1, 1]]])) is None


class TestLayers:
    small = measuring(made((0.9,)), "signal size", [[[1, 1], [0.5, 0.25]]])
    large = measuring(bn((0.9,)), "signal size", [[[4, 4], [4, 2]]])

    def test_first_and_last_layer_at_the_last_moment(self):
        a, b = judge(self.small, self.large).layers
        assert (a.letter, a.step, a.values, a.layers, a.output) == ("A", 4, (0.5, 0.25), (1, 2), 3)
        assert (b.letter, b.step, b.values) == ("B", 4, (4, 2))

    def test_a_single_layer(self):
        one = measuring(made((0.9,), depth=1), "signal size", [[[1], [2]]])
        assert judge(one, self.large).layers[0].values == (2,)

    def test_after_a_divergence_the_last_that_was_seen(self):
        lost = measuring(made((0.9,)), "signal size", [[[1, 2], [np.nan, np.nan]]])
        a, b = judge(lost, self.large).layers
        assert (a.step, a.values) == (0, (1, 2))
        assert b.step == 4

    def test_ratio_of_the_medians_over_layers_and_training(self):
        ratio = judge(self.small, self.large).ratio
        assert ratio.larger == "B"
        assert ratio.factor.middle == pytest.approx(4 / 0.75)
        swapped = judge(
            measuring(made((0.9,)), "signal size", self.large.measured["value"]),
            measuring(bn((0.9,)), "signal size", self.small.measured["value"]),
        ).ratio
        assert swapped.larger == "A"
        assert swapped.factor.middle == pytest.approx(4 / 0.75)


class TestRatio:
    def of(self, a, b, name="signal size"):
        """One number a seed and arm."""
        both = (made((0.9,) * len(a)), a), (bn((0.9,) * len(b)), b)
        runs = [measuring(run, name, [[[x, x]] for x in values]) for run, values in both]
        return judge(*runs).ratio

    def test_counts_the_seeds_that_agree(self):
        ratio = self.of((1, 1, 1, 2, 5), (2, 2, 2, 2, 2))
        assert (ratio.larger, ratio.agree, ratio.factor.seeds) == ("B", 3, 5)
        assert (ratio.factor.low, ratio.factor.high) == pytest.approx((0.4, 2))

    def test_about_the_same(self):
        ratio = self.of((1, 1, 1), (1.1, 1.19, 5))
        assert ratio.larger is None
        assert not ratio.apart
        assert self.of((1, 1, 1), (1.1, 1.21, 5)).apart

    def test_half_of_the_seeds_are_no_majority(self):
        ratio = self.of((1, 4), (4, 1))
        assert ratio.apart
        assert ratio.larger is None

    def test_where_ratios_mean_nothing_there_is_none(self):
        assert self.of((1, 1), (2, 2), "mean entering") is None

    def test_zeros_and_infinities(self):
        assert self.of((0, 0), (0, 0)).factor.middle == 1
        nothing = self.of((0, 0), (1, 1))
        assert (nothing.larger, nothing.zero) == ("B", True)
        assert not self.of((0.1, 0.1), (1, 1)).zero
        assert self.of((1, np.nan), (3, 2)).factor.seeds == 1


class TestWhole:
    def test_averages_over_training(self):
        low = measuring(made((0.9,)), "beta-smoothness", [[1, 1, 1]])
        high = measuring(bn((0.9,)), "beta-smoothness", [[2, 3, 4]])
        found = judge(low, high)
        assert [(one.letter, one.value, one.complete) for one in found.whole] == [
            ("A", 1, True), ("B", 3, True),
        ]  # fmt: skip
        assert found.ratio.factor.middle == pytest.approx(3)

    def test_seeds_with_numbers_until_the_end_count_where_there_are_any(self):
        some = measuring(made((0.9, 0.9)), "beta-smoothness", [[1, 1, 1], [9, np.nan, np.nan]])
        none = measuring(bn((0.9, 0.9)), "beta-smoothness", [[2, 4, np.nan]] * 2)
        a, b = judge(some, none).whole
        assert (a.value, a.complete) == (1, True)
        assert (b.value, b.complete) == (3, False)


class TestDrift:
    def test_in_deviations_at_the_start(self):
        start = np.linspace(-1, 1, 128)
        zeros = {"zeros": np.zeros((1, 2, 2), np.float32)}
        runs = [
            measuring(run, "values entering",
                      np.stack([start, start + by])[None, :, None].repeat(2, 2), **zeros)
            for run, by in ((made((0.9,)), 1), (bn((0.9,)), 0))
        ]  # fmt: skip
        a, b = judge(*runs).drift
        assert (a.moved, a.step) == (pytest.approx(1 / start.std(), rel=1e-3), 4)
        assert b.moved == 0


class TestMissing:
    def test_what_means_nothing_for_an_arm(self):
        a = measuring(made((0.9,)), "two modes", [[np.nan, np.nan, np.nan]])
        b = measuring(bn((0.9,)), "two modes", [[0.02, 0.02, 0.02]])
        found = judge(a, b)
        assert [(one.letter, one.reason) for one in found.missing] == [
            ("A", "no running statistics")
        ]
        assert [one.letter for one in found.whole] == ["B"]
        both = judge(a, measuring(made((0.8,), normalizer="layer"), "two modes", [[0.0]]))
        assert [one.letter for one in both.missing] == ["A", "B"]
        assert not both.whole

    def test_what_was_too_large(self):
        there = measuring(bn((0.9,)), "signal size", [[[1, 1]]])
        large = made((0.9,), diagnostic="signal size")
        assert judge(large, there).missing[0].reason == "too large"

    @pytest.mark.parametrize(("lost", "reason"), [(3, "diverged"), (NEVER, "no number")])
    def test_no_number_is_a_divergence_only_where_there_was_one(self, lost, reason):
        nothing = measuring(made((0.9,), [lost]), "signal size", NONE)
        there = measuring(bn((0.9,)), "signal size", [[[1, 1]]])
        found = judge(nothing, there)
        assert found.missing[0].reason == reason
        assert [one.letter for one in found.layers] == ["B"]
