"""What was measured, in sentences."""

import typing

import numpy as np
import pytest

from bnviz.experiments import diagnostics as experiments
from bnviz.ui import course
from bnviz.verdicts.diagnostics import judge
from bnviz.words.lab import diagnostics as words
from tests.made.lab import bn, made, measuring


def said(a, b):
    return words.findings(judge(a, b))


def test_every_diagnostic_is_told_and_no_other():
    assert list(words.DIAGNOSTICS) == list(experiments.DIAGNOSTICS)
    for told in words.DIAGNOSTICS.values():
        assert told.about.endswith(".")
        assert told.noun
        assert course.lesson(told.lesson).page, "a lesson explains it"


def test_every_reason_has_its_words():
    assert set(words.REASONS) == {
        *typing.get_args(experiments.Reason), "too large", "diverged", "no number",
    }  # fmt: skip


def test_nothing():
    assert words.findings(None) == []
    assert words.missing(None) == {}


class TestLayers:
    small = measuring(made((0.9,)), "signal size", [[[1, 1], [0.5, 0.25]]])
    large = measuring(bn((0.9,)), "signal size", [[[4, 4], [4, 2]]])

    def test_layer_by_layer(self):
        assert said(self.small, self.large) == [
            "The signal at step 4: 0.5 in layer 1 and 0.25 in layer 2 of A; 4 in layer 1 and 2 in"
            " layer 2 of B. Over all that was measured, B's is 5.3 times A's."
        ]

    def test_at_different_steps(self):
        lost = measuring(made((0.9,)), "signal size", [[[1, 2], [np.nan, np.nan]]])
        (told,) = said(lost, self.large)
        assert "2 in layer 2 of A (step 0); 4 in layer 1 and 2 in layer 2 of B (step 4)" in told

    def test_the_output_layer(self):
        both = [
            measuring(run, "gradient size", [[[1, 1, 1], [0.5, 0.25, 0.125]]])
            for run in (made((0.9,)), bn((0.9,)))
        ]
        assert "0.5 in layer 1 and 0.12 in the output layer of A" in said(*both)[0]

    def test_no_number_in_one_layer(self):
        some = measuring(made((0.9,)), "signal size", [[[1, np.nan]]])
        assert "1 in layer 1 and no number in layer 2 of A" in said(some, self.large)[0]


class TestRatio:
    def of(self, a, b):
        both = (made((0.9,) * len(a)), a), (bn((0.9,) * len(b)), b)
        runs = [measuring(run, "signal size", [[[x, x]] for x in some]) for run, some in both]
        return said(*runs)[0].split(" of B. ")[1]

    def test_says_in_how_many_seeds(self):
        assert self.of((1, 1, 1, 2, 5), (2, 2, 2, 2, 2)) == (
            "Over all that was measured, B's is 2.0 times A's in the median seed, and the larger"
            " one in 3 of 5 seeds."
        )

    def test_about_the_same(self):
        assert self.of((1, 1), (1, 1.1)) == (
            "Over all that was measured, both are about the same in the median seed."
        )

    def test_a_factor_of_nothing(self):
        assert self.of((0, 0), (1, 4)) == (
            "Over all that was measured, A's is 0 in the median seed, and B's the larger one in"
            " both seeds."
        )

    def test_no_majority(self):
        assert self.of((1, 4), (4, 1)) == (
            "Over all that was measured, neither is larger in more than half of the seeds."
        )


class TestWhole:
    def test_averaged_over_training(self):
        low = measuring(made((0.9,)), "beta-smoothness", [[1, 1, 1]])
        high = measuring(bn((0.9,)), "beta-smoothness", [[2, 3, 4]])
        assert said(low, high) == [
            "Averaged over training, the effective β-smoothness is 1 in A and 3 in B. Over all that"
            " was measured, B's is 3.0 times A's."
        ]

    def test_as_long_as_there_were_numbers(self):
        low = measuring(made((0.9,)), "beta-smoothness", [[1, 1, np.nan]])
        high = measuring(bn((0.9,)), "beta-smoothness", [[2, 3, 4]])
        assert "is 1 in A (as long as there were numbers) and 3 in B." in said(low, high)[0]

    def test_what_no_float_can_hold(self):
        both = [measuring(bn((0.9,)), "beta-smoothness", [[1e35] * 3]) for _ in range(2)]
        assert "is more than 10³⁰ in A" in said(*both)[0]

    @pytest.mark.parametrize(
        ("value", "text"), [(0.02, "+2.0 points"), (-0.013, "−1.3 points"), (0.0, "+0.0 points")]
    )
    def test_a_difference_of_accuracies_has_a_sign(self, value, text):
        both = [measuring(bn((0.9,)), "two modes", [[value] * 3]) for _ in range(2)]
        assert f"is {text} in A" in said(*both)[0]


def test_drift():
    start = np.linspace(-1, 1, 128)
    zeros = {"zeros": np.zeros((1, 2, 2), np.float32)}
    a, b = (
        measuring(run, "values entering",
                  np.stack([start, start + by])[None, :, None].repeat(2, 2), **zeros)
        for run, by in ((made((0.9,)), 1), (bn((0.9,)), 0))
    )  # fmt: skip
    assert said(a, b) == [
        "From the start to the end, the values of a typical layer moved by 1.7 in A (step 4) and by"
        " 0 in B (step 4), in their deviations at the start (first seed)."
    ]


def test_what_is_missing_says_why():
    a = measuring(made((0.9,)), "two modes", [[np.nan, np.nan, np.nan]])
    b = measuring(bn((0.9,)), "two modes", [[0.02, 0.02, 0.02]])
    told, why = said(a, b)
    assert told == "Averaged over training, the advantage of batch statistics is +2.0 points in B."
    assert why.startswith("A is not measured: it has no running statistics")
    assert list(words.missing(judge(a, b))) == ["A"]
    lost = measuring(made((0.9,), [3]), "signal size", [[[np.nan, np.nan]]])
    there = measuring(bn((0.9,)), "signal size", [[[1, 1]]])
    assert said(lost, there)[1] == (
        "A is not measured: it diverged before anything could be measured."
    )
