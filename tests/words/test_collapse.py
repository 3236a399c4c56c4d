"""Collapse in sentences, and the answers to its challenges."""

import pytest

from bnviz.verdicts.collapse import judge
from bnviz.words import collapse as words
from tests.made.collapse import made

NAN = float("nan")


def said(*arguments, **changes):
    return words.findings(judge(made(*arguments, **changes)))


def outcome(name, *arguments, **changes):
    (challenge,) = (one for one in words.CHALLENGES if one.name == name)
    told = challenge.outcome(judge(made(*arguments, **changes)))
    assert told.right is None or told.right in challenge.answers
    return told


def test_who_ends_lower():
    told = said((0.4, 0.4), (0.2, 0.2))
    assert told.headline == "BN's training loss ends lower."
    assert told.more == (
        "The last training loss is 0.4 without BN and 0.2 with it (medians).",
        "So it is in both seeds.",
    )
    assert said((0.2, 0.2), (0.4, 0.4)).headline.startswith("BN does not help here: plain's")
    draw = said((0.2, 0.4), (0.4, 0.2))
    assert draw.headline.startswith("Neither training loss ends lower")
    assert len(draw.more) == 1
    assert said(depth=1, normalized_layers="second half").headline.startswith("Neither network")


def test_who_diverged_is_told():
    assert "stopped" not in said().text
    assert said((NAN, 0.4), (0.2, 0.2)).more[-1] == (
        "The loss of plain stopped being a number in 1 of 2 seeds."
    )
    assert "is no number without BN" in said((NAN, NAN), (0.2, 0.2)).text


def test_the_belief_is_judged_by_the_run():
    for plain, batch, told in ((0.4, 0.2, "it does"), (0.2, 0.4, "Not in this"), (1, 1, "half")):
        (met,) = words.beliefs(judge(made((plain,), (batch,)))).values()
        assert told in met


@pytest.mark.parametrize("name", ["fast", "shallow", "sigmoid"])
@pytest.mark.parametrize(
    ("plain", "batch", "right"),
    [
        ((0.4, 0.4), (0.2, 0.2), "BN's"),
        ((0.2, 0.2), (0.4, 0.4), "plain's"),
        ((0.2, 0.4), (0.4, 0.2), "neither"),
        ((NAN, NAN), (0.4, 0.4), "BN's"),
    ],
)
def test_whose_loss_ends_lower(name, plain, batch, right):
    told = outcome(name, plain, batch)
    assert told.right == right
    assert "The last training loss is" in told.why


def test_where_neither_has_bn_the_run_cannot_tell():
    assert outcome("fast", depth=1, normalized_layers="second half").right is None


@pytest.mark.parametrize(
    ("plain", "batch", "right"),
    [
        ((NAN, NAN), (0.4, 0.4), "plain's"),
        ((0.4, 0.4), (NAN, NAN), "BN's"),
        ((NAN, NAN), (NAN, NAN), "both"),
        ((NAN, 0.4), (0.4, NAN), "none"),  # the median goes on with one seed
        ((0.4, 0.4), (0.4, 0.4), "none"),
    ],
)
def test_which_curve_ends_early(plain, batch, right):
    told = outcome("curves", plain, batch)
    assert told.right == right
    assert told.why
