"""What lessons that compare a measure of plain and of BN say alike."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.verdicts import criteria
from bnviz.words import pair as words
from bnviz.words.names import NAMES, SUBJECTS

STEPS = np.array([0, 1])


def compared(plain, batch):
    values = np.array([plain, batch], np.float32)[:, :, None] * np.ones(2, np.float32)
    return criteria.compare(values, STEPS, np.ones(len(plain), bool))


def test_a_ratio_comes_with_its_range_and_how_many_agree():
    found = compared([3.0, 8.0, 1.0], [1.0, 1.0, 2.0])
    assert words.factor(found) == "3.0 times"
    assert words.over_seeds(found) == (
        "Over the seeds it is 0.5 to 8.0 times, and more in 2 of 3 seeds."
    )
    turned = compared([1.0, 1.0], [2.0, 4.0])
    assert words.over_seeds(turned) == (
        "Over the seeds it is 2.0 to 4.0 times, and more in both seeds."
    )


def test_one_ratio_is_not_said_twice():
    assert words.over_seeds(compared([3.0, 3.0], [1.0, 1.0])) == "It is more in both seeds."
    assert words.over_seeds(compared([3.0], [1.0])) == "Only one seed can be compared."


def test_in_no_pair_both_fell():
    said = words.no_comparison((1, 0), 2)
    assert "in 1 of 2 seeds, BN's in none of 2 seeds, and in no seed did both" in said
    assert "in no seed, BN's in the one seed" in words.no_comparison((0, 1), 1)
    neither = words.no_comparison((0, 0), 5, "So it is.")
    assert neither == "Neither training loss fell to less than half in any of 5 seeds. So it is."


@pytest.mark.parametrize(
    ("lost", "fell", "expected"),
    [
        ([NEVER, NEVER], [True, True], None),
        ([3, NEVER], [False, True], "{subject} diverged in 1 of 2 seeds. This pair is drawn"),
        (
            [NEVER, NEVER],
            [False, False],
            "The loss of {name} did not fall by half in either of 2 seeds.",
        ),
        (
            [3, NEVER],
            [False, False],
            "{subject} diverged in 1 of 2 seeds. The loss of {name} did not fall by half in 1 of 2"
            " seeds. These",
        ),
        ([3, 4], [False, False], "{subject} diverged in both seeds. These"),
    ],
)
@pytest.mark.parametrize(("row", "treatment"), [(0, "plain"), (1, "batch")])
def test_what_became_of_the_others(lost, fell, expected, row, treatment):
    steps, stayed = np.full((2, 2), NEVER), np.full((2, 2), True)
    steps[row], stayed[row] = lost, fell
    said = words.not_compared(criteria.losses(steps, stayed))
    assert len(said) == (expected is not None)
    if expected:
        names = {"subject": SUBJECTS[treatment], "name": NAMES[treatment]}
        assert said[0].startswith(expected.format(**names))
