"""Collapse is judged, and comes out the other way where the result does."""

import pytest

from bnviz.experiments import collapse
from bnviz.experiments.collapse import CollapseConfig
from bnviz.verdicts.collapse import judge
from tests.made.collapse import made

NAN = float("nan")


@pytest.mark.parametrize(
    ("plain", "batch", "expected"),
    [
        ((0.4, 0.4), (0.2, 0.2), "BN"),
        ((0.2, 0.2), (0.4, 0.4), "plain"),
        ((0.2, 0.4), (0.4, 0.2), "draw"),
        ((0.4, 0.4), (0.4, 0.4), "draw"),
        ((NAN, NAN), (0.4, 0.4), "BN"),
        ((0.4, 0.4), (NAN, 0.2), "draw"),  # a minority is no victory
    ],
)
def test_outcome(plain, batch, expected):
    assert judge(made(plain, batch)).outcome == expected


def test_where_neither_has_bn_there_is_nothing_to_compare():
    assert judge(made(depth=1, normalized_layers="second half")).outcome == "no BN"


def test_what_is_no_number_is_left_out_of_the_medians_and_counted():
    verdict = judge(made((NAN, 0.4, 0.6), (0.2, 0.2, 0.2)))
    assert (verdict.plain.middle, verdict.plain.seeds) == (pytest.approx(0.5), 2)
    assert verdict.diverged == (1, 0)


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    def test_a_rate_at_which_plain_diverges(self):
        verdict = judge(collapse.run(CollapseConfig(learning_rate=10.0)))
        assert verdict.outcome == "BN"
        assert verdict.diverged[0] == verdict.seeds == 5
