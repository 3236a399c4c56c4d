"""What the page on collapse says, from verdicts of results made by hand."""

import numpy as np
import pytest

from bnviz.verdicts.collapse import judge, judge_trained
from bnviz.words import collapse as words
from bnviz.words.belief import Belief
from tests.made.collapse import made, trained

NAN = np.nan


def said(**changes):
    return words.findings(judge(made(**changes)))


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({}, "In plain the samples become all alike; with BN they stay apart."),
        ({"plain": (0.6, 0.6)}, "The samples stay further apart with BN."),
        (
            {"plain": (1.0, 1.0), "batch": (0.94, 0.94)},
            "In both networks the samples become more alike, with BN less.",
        ),
        ({"plain": (0.34, 0.34)}, "BN does not help here: plain keeps the samples apart, too."),
        ({"plain": (0.1, 0.1)}, "BN does not help here: plain keeps the samples further apart."),
        ({"batch_size": 1}, "A single sample: there is no other to be told from."),
    ],
)
def test_headline(changes, headline):
    assert said(**changes).headline == headline


def test_the_sentences_name_medians_and_seeds():
    told = said().text
    assert "0.98 for plain and 0.33 for BN (medians of the seeds)" in told
    assert "Plain's mean cosine is clearly larger in both seeds." in told
    assert "1.1 directions in plain and 15 with BN" in told
    assert "The two are about the same in both seeds." in said(plain=(0.34, 0.34)).text
    assert "BN's mean cosine is clearly larger in both seeds" in said(plain=(0.1, 0.1)).text
    assert "medians" not in said(plain=(0.98,), batch=(0.3,), centred=(0.5,), divided=(0.8,)).text


def test_where_nothing_is_left_it_says_where():
    assert "the last layer of plain, fewer than two samples" in said(plain=(NAN, NAN)).text
    both = said(plain=(NAN, NAN), batch=(NAN, NAN)).text
    assert "of plain and BN" in both


def test_skip_and_a_batch_of_two_are_explained():
    assert "skip connection" in said(skip="on").text
    assert "batch of two" in said(batch_size=2).text


def test_the_second_measure_and_the_halves():
    verdict = judge(made())
    told = words.of_directions(verdict)
    assert "they take 1.1 in plain and 15 with BN. The bands" in told
    alone = {"plain": (0.98,), "batch": (0.3,), "centred": (0.5,), "divided": (0.8,)}
    assert "bands" not in words.of_directions(judge(made(**alone)))
    assert words.of_halves(verdict).startswith("Neither half alone does what both do together.")
    one = judge(made(batch_size=1))
    assert words.of_directions(one) == words.of_halves(one)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "**BN learns, plain does not.**"),
        ({"plain": (0.95, 0.95)}, "**Both networks learn.**"),
        ({"batch": (0.2, 0.2)}, "**Neither network learns in 8 steps.**"),
        ({"plain": (0.9, 0.9), "batch": (0.2, 0.2)}, "start more alike"),
    ],
)
def test_of_trained(changes, told):
    text = words.of_trained(judge_trained(trained(**changes)))
    assert told in text.replace("starts more alike", "start more alike")


def test_a_diverged_network_has_no_cosine():
    text = words.of_trained(judge_trained(trained(plain=(NAN, NAN), after=(NAN, 0.3))))
    assert "nan" not in text
    assert "mean cosine" not in text


def test_beliefs_come_out_both_ways():
    size, only, near = words.beliefs(judge(made())).values()
    assert size.startswith("Not here")
    assert only.startswith("Not here")
    assert near.startswith("This run cannot tell")
    size, only, _ = words.beliefs(judge(made(divided=(0.3, 0.3)))).values()
    assert size.startswith("Here it does")
    assert only.startswith("It looks so here")
    low = {"plain": (0.0, 0.0), "batch": (0.0, 0.0), "first": 0.0}
    assert words.beliefs(judge(made(**low)))[Belief.NEAR_ZERO].startswith("Not here")
    kept = made(**low, directions=(13.0, 13.0))
    assert words.beliefs(judge(kept))[Belief.NEAR_ZERO].startswith("It looks so here")
    none = words.beliefs(judge(made(batch_size=1)))
    assert all(one.startswith("This run cannot tell") for one in none.values())


def outcome(name, **changes):
    challenge = next(one for one in words.CHALLENGES if one.name == name)
    return challenge.outcome(judge(made(**changes))).right


def test_challenges_at_their_borders():
    assert outcome("deep") == "more than 0.95"
    assert outcome("deep", plain=(0.7, 0.7)) == "0.7 to 0.95"
    assert outcome("deep", plain=(0.69, 0.69)) == "less than 0.7"
    assert outcome("deep", plain=(NAN, NAN)) is None
    assert outcome("level") == "about level"
    assert outcome("level", batch=(0.6, 0.6)) == "it rises"
    assert outcome("tanh", plain=(0.0, 0.0), first=0.0) == "no"
    assert outcome("tanh") == "yes, all alike"
    assert outcome("halves") == "neither alone"
    assert outcome("halves", centred=(0.33, 0.33)) == "subtracting the mean"
    assert outcome("halves", plain=(0.33, 0.33)) is None
    assert outcome("skip") == "yes"
    assert outcome("skip", batch=(0.9, 0.9)) == "no, they become alike"
    assert outcome("skip", batch=(NAN, NAN)) is None


def why(name, **changes):
    challenge = next(one for one in words.CHALLENGES if one.name == name)
    return challenge.outcome(judge(made(**changes))).why


def test_a_reason_is_given_only_where_it_is_one():
    assert "smaller in every layer" in why("deep")
    assert "smaller in every layer" not in why("deep", plain=(0.3, 0.3))
    assert "smaller in every layer" not in why("deep", activation="tanh")
    assert "1/π" in why("level")
    assert "1/π" not in why("level", batch=(0.6, 0.6))
    assert "1/π" not in why("level", activation="tanh")
    low = {"plain": (0.0, 0.0), "batch": (0.0, 0.0), "first": 0.0, "activation": "tanh"}
    assert "both signs" in why("tanh", **low)
    assert "BN does not help" in why("tanh", **low)
    assert "BN does not help" not in why("tanh", activation="tanh")
    assert "both signs" not in why("tanh", activation="tanh")


def test_the_clock_names_the_layers():
    assert words.places(2) == ["samples", "layer 1 of 2", "layer 2 of 2"]
