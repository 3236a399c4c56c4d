"""Redrawn mini-batches, judged; and that a prediction jitters less in larger ones."""

import numpy as np
import pytest

from bnviz.experiments import redrawn_batches
from bnviz.experiments.redrawn_batches import AloneConfig
from bnviz.verdicts.noise import judge
from bnviz.verdicts.redrawn_batches import judge_law, judge_sample
from tests.made.noise import ALONE, NAN, U, made, made_alone


def test_the_law_is_told_at_sixteen():
    verdict = judge_law(made_alone().law)
    assert (verdict.size, verdict.mean, verdict.theory) == (16, 0.25, 0.25)
    assert verdict.mean_off == verdict.variance_off == 0


def test_how_far_measurement_and_theory_are_apart():
    law = made_alone().law
    law.mean[1] *= 1.07
    law.variance[2] *= 0.8
    verdict = judge_law(law)
    assert verdict.mean_off == pytest.approx(0.07)
    assert verdict.variance_off == pytest.approx(0.2)


def test_nothing_varies():
    law = made_alone().law
    law.mean[:] = law.variance[:] = NAN
    assert judge_law(law) is None


def test_the_sample_in_the_best_chunks_and_in_the_whole_batch():
    few, many = judge_sample(made_alone(), judge(made(U))).ranges
    assert (few.size, many.size) == (4, 16)
    assert (few.low, few.high) == pytest.approx((0.34, 0.66))
    assert many.low == many.high == 0.5


def test_the_sample_where_no_smaller_chunk_can_be_compared():
    assert [one.size for one in judge_sample(made_alone(), judge(made(ALONE))).ranges] == [4, 2]
    lost = made_alone()
    lost.jitter.probability[:] = NAN
    assert judge_sample(lost, judge(made(U))).ranges == ()


def test_the_prediction_jitters_less_in_larger_batches():
    """In the network of the page, and in most of a few others."""
    narrower = []
    for first in range(3):
        jitter = redrawn_batches.run(AloneConfig(first_seed=first)).jitter
        low, high = np.nanquantile(jitter.probability, [0.1, 0.9], axis=1)
        wide = dict(zip(jitter.sizes.tolist(), high - low, strict=True))
        narrower.append(wide[4] > wide[64] > wide[256])
    assert all(narrower)
