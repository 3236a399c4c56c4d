"""What is said of deep linear networks."""

import numpy as np

from bnviz.verdicts.deep_linear import judge
from bnviz.words.shift import deep_linear as words
from tests.made.shift import made_linear


def said(*results):
    return words.told(judge(results))


def test_says_nothing_of_what_is_not_done():
    text = said(made_linear("plain"))
    assert (
        text
        == "Plain ends at a loss of 0.5 after 100 steps; its gradient turned by 20° on average."
    )


def test_whose_turns_more():
    more, most = (50.0, 60.0, 70.0), (9.0, 9.0, 300.0)
    assert "BN's gradient turns more, at the end too" in said(
        made_linear("plain"), made_linear("batch", angles=more)
    )
    assert "At the last step plain's gradient turns more" in said(
        made_linear("plain", angles=most), made_linear("batch", angles=(100.0, 100.0, 100.0))
    )
    assert "neither gradient turns clearly more, at the end too" in said(
        made_linear("plain"), made_linear("batch")
    )


def test_lost():
    text = said(made_linear("plain", loss=np.nan), made_linear("batch"))
    assert "Plain diverged in all 3 seeds" in text
    assert "nothing to compare" in text
    some = said(made_linear("plain", loss=(0.5, np.nan, 0.5)))
    assert "on average. It diverged in 1 of 3 seeds" in some
