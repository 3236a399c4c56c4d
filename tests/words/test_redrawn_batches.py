"""What is said of redrawn mini-batches."""

from bnviz.verdicts.noise import judge
from bnviz.verdicts.redrawn_batches import judge_law, judge_sample
from bnviz.words.noise import redrawn_batches as words
from tests.made.noise import NAN, U, made, made_alone


def test_the_law_beside_its_measurement():
    sampling = made_alone().sampling
    sampling.mean[1] *= 1.07
    said = words.sampling(judge_law(sampling))
    assert "batches of 16, the mean of a unit fluctuates by 0.25 of its standard" in said
    assert "theory says 0.25" in said
    assert "at most 7 % for the mean and by at most 0 % for the variance" in said
    assert "there is no noise" in words.sampling(None)


def test_the_sample_among_other_batch_mates():
    alone, verdict = made_alone(), judge(made(U))
    said = words.sample(judge_sample(alone, verdict))
    assert "The test image of a 7 gets another probability of its class among other" in said
    assert "In batches of 4 its 10th to 90th percentile is 34 to 66 %. In batches of 16" in said
    alone.in_batches.probability[:] = NAN
    assert "it has no answer" in words.sample(judge_sample(alone, verdict))
