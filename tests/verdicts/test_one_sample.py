"""One sample, alone and in company: what is drawn of one seed, and counted over all."""

import numpy as np

from bnviz.verdicts.one_sample import judge_sample
from tests.made.modes import made, with_sample, without_prediction


def test_answers_by_company_of_the_seed_that_is_drawn():
    verdict = judge_sample(made())
    assert [label for label, _ in verdict.answers] == [2, 7, 7, 8, 7]
    assert verdict.mates == 7
    assert verdict.called == (2, 7, 8)  # in training mode
    assert verdict.rows_right == 3
    nothing = judge_sample(without_prediction(made()))
    assert nothing.answers is None
    assert (nothing.called, nothing.rows_right, nothing.seeds) == ((), 0, 0)


def test_seeds_are_counted_where_they_were_measured():
    answers = np.array([[2, 7, 7, -1], [7, 7, 7, -1], [7, 7, 7, -1], [8, 7, 7, -1], [7, 7, 3, -1]])
    of = with_sample(made(seeds=4), answers=answers, alone=np.array([1, 1, 4, -1]))
    verdict = judge_sample(of)
    assert verdict.seeds == 3
    assert verdict.changing == 1  # alone is no company
    assert verdict.right == 2
    assert verdict.alone_right == 2
    assert verdict.alone_alike == 2
