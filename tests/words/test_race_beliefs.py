"""What is often believed of the race, and what a run says of it."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.verdicts.race import judge
from bnviz.words.race import beliefs as race_beliefs
from tests.made.race import NOBODY, made

FIRST = ((8, 8), (2, 2))  # BN in both seeds


def answer(belief, *arguments, ends=None, **changes):
    """ends: the last test accuracies, (plain, BN) x seeds."""
    seeds = len(arguments[0]) if arguments else 2
    result = made(*arguments, **{"diverged": ((NEVER,) * seeds,) * 2} | changes)
    if ends is not None:
        accuracy = result.test_accuracy.copy()
        accuracy[:, :, -1] = ends
        result = replace(result, test_accuracy=accuracy)
    (said,) = (a for b, a in race_beliefs.beliefs(judge(result)).items() if belief in b)
    return said


class TestFaster:
    @pytest.mark.parametrize(
        ("plain", "batch", "expected"),
        [
            (*FIRST, "It does here. BN was first in both seeds. That is one setting, not every"),
            (NOBODY, (2, 2), "It does here. BN was first in both seeds."),
            ((2, 2), (8, 8), "Not here. Plain was first in both seeds."),
            ((2, 2), NOBODY, "Not here. Plain was first in both seeds."),
            ((2, 8), (8, 2), "Not here. BN was first in 1 of 2 seeds, plain in 1 of 2 seeds."),
            ((2, 2), (2, 2), "Not here. Both were at the target at the same record in both seeds."),
            ((NEVER,) * 3, (8, NEVER, NEVER), "This run cannot tell. BN was first in 1 of 3"),
            ((4, 4), (4, 2), "This run cannot tell. BN was first in 1 of 2 seeds, plain in none"),
            (NOBODY, NOBODY, "This run cannot tell. Neither reached the target"),
        ],
    )
    def test_is_counted_in_seeds(self, plain, batch, expected):
        assert answer("faster", plain, batch).startswith(expected)


class TestLessTime:
    @pytest.mark.parametrize(
        ("plain", "batch", "seconds", "expected"),
        [
            (
                *FIRST,
                (0.001, 0.002),
                "It is so here: BN is first in steps and in seconds. One step",
            ),
            (
                (2, 2),
                (8, 8),
                (0.001, 0.002),
                "It is so here: plain is first in steps and in seconds. One step",
            ),
            (
                (4, 4),
                (2, 2),
                (0.001, 0.003),
                "Not here: BN is first in steps, plain in seconds. One",
            ),
            (
                (2, 2),
                (4, 4),
                (0.003, 0.001),
                "Not here: plain is first in steps, BN in seconds. One",
            ),
            (
                (4, 4),
                (2, 2),
                (0.001, 0.002),
                "This run cannot tell: in seconds it is too close to call. One",
            ),
            ((2, 8), (8, 2), (0.001, 0.002), "This run cannot tell: neither network is first"),
            (NOBODY, NOBODY, (0.001, 0.002), "This run cannot tell: neither network is first"),
        ],
    )
    def test_is_counted_in_seconds(self, plain, batch, seconds, expected):
        assert answer("less time", plain, batch, seconds=seconds).startswith(expected)

    def test_says_what_a_step_costs(self):
        said = answer("less time", (4, 4), (2, 2), seconds=(0.001, 0.003))
        assert said.endswith("One step with BN took 3.0 times as long as one without.")
        said = answer("less time", *FIRST, seconds=(0.001, 0.001))
        assert "BN is first in steps and in seconds. One step with BN took about as long" in said


class TestEndsHigher:
    @pytest.mark.parametrize(
        ("ends", "expected"),
        [
            ([[0.5] * 2, [0.9] * 2], "It is so here: BN is first, and ends with the higher"),
            ([[0.9] * 2, [0.5] * 2], "Not here: BN is first, and plain ends with the higher"),
            ([[0.9] * 2, [0.9] * 2], "Not here: BN is first, and both end with about the same"),
            ([[0.9, 0.5], [0.5, 0.6]], "This run cannot tell: BN is first, but in the end the"),
            ([[np.nan] * 2, [0.9] * 2], "It is so here: BN is first, and ends with the higher"),
        ],
    )
    def test_of_who_is_first(self, ends, expected):
        assert answer("ends higher", *FIRST, ends=ends).startswith(expected)

    def test_of_plain(self):
        said = answer("ends higher", (2, 2), (8, 8), ends=[[0.9] * 2, [0.5] * 2])
        assert said.startswith("It is so here: plain is first, and ends with the higher")
        said = answer("ends higher", (2, 2), (8, 8), ends=[[0.5] * 2, [0.9] * 2])
        assert said.startswith("Not here: plain is first, and BN ends with the higher")

    def test_needs_somebody_who_is_first(self):
        assert answer("ends higher", (2, 8), (8, 2)) == race_beliefs.NOBODY


def test_without_bn_no_run_can_tell():
    run = made(depth=1, normalized_layers="second half")
    assert set(race_beliefs.beliefs(judge(run)).values()) == {race_beliefs.NO_BN}
