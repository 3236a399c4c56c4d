"""What is said of dropout and of batch sizes."""

import pytest

from bnviz.experiments.noise import NoiseConfig
from bnviz.experiments.other_noises import RATES, dropouts, sizes
from bnviz.verdicts.other_noises import judge_dropout, judge_sizes
from bnviz.words.noise import other_noises as words
from tests.made.noise import LOST, NAN, U, made, pairs


@pytest.mark.parametrize(
    ("plain", "batch", "accuracy", "said"),
    [
        (
            (0.75, 0.65),
            (0.7, 0.85),
            U,
            "Plain gains: it reaches 75 % with dropout 0.1, and 70 % without",
        ),
        (
            (0.75, 0.65),
            (0.7, 0.85),
            U,
            "BN over the whole batch gains: it reaches 85 % with dropout 0.2",
        ),
        ((0.75, 0.65), (0.7, 0.85), U, "BN without dropout, in ghost batches of 4, reaches 90 %."),
        (
            (0.65, 0.66),
            (0.8, 0.8),
            U,
            "Plain loses: it reaches at best 66 % with dropout 0.1 or 0.2, and 70 %",
        ),
        (
            (0.71,),
            (0.8,),
            U,
            "Plain hardly changes: it reaches 71 % with dropout 0.1, and 70 % without.",
        ),
        ((0.71,), (NAN,), U, "BN over the whole batch diverged with dropout, in most seeds."),
        ((0.71,), (0.8,), LOST, "reaches 80 % with dropout 0.1, and diverged without it"),
    ],
)
def test_dropout(plain, batch, accuracy, said):
    result = made(accuracy)
    verdict = judge_dropout(result, pairs(dropouts(result.config), plain, batch))
    assert said in words.dropout(verdict)


@pytest.mark.parametrize(
    ("plain", "batch", "accuracy", "said"),
    [
        ((0.7, 0.72), (0.88, 0.7), U, "By batch size, BN does best at 4: 88 %."),
        ((0.7, 0.72), (0.88, 0.87), U, "BN does best at 4 or 8: 88 %."),
        ((0.7, 0.72), (0.88, 0.86), U, "lies between 70 % and 72 %"),
        ((0.7,), (0.88,), U, "stays at 70 %"),
        (
            (0.7, 0.72),
            (0.88, 0.86),
            U,
            "differ in test accuracy by 2 percentage points at most, at 4.",
        ),
        ((NAN,), (NAN,), U, "BN diverged at every batch size, in most seeds."),
    ],
)
def test_batch_sizes(plain, batch, accuracy, said):
    pieces = sizes(NoiseConfig(), RATES[0])
    assert said in words.sizes(judge_sizes(made(accuracy), pairs(pieces, plain, batch)))


def test_batch_sizes_where_all_others_diverged():
    pieces = sizes(NoiseConfig(), RATES[0])
    verdict = judge_sizes(made(LOST), pairs(pieces, (NAN,), (0.8,)))
    assert words.sizes(verdict) == "By batch size, BN does best at 4: 80 %."
