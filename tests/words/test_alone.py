"""Alone in sentences, and the answers to its challenges."""

import pytest

from bnviz.verdicts.alone import judge, judge_sizes
from bnviz.words import alone as words
from bnviz.words.belief import Belief
from tests.made.alone import made

NAN = float("nan")


def said(**changes):
    return words.findings(judge(made(**changes)))


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({}, "γ and β alone reach a test accuracy of 90 %."),
        ({"affine": (0.96, 0.96)}, "γ and β alone do as well as everything trained."),
        ({"everything": (0.2, 0.2)}, "γ and β alone do better here than everything trained."),
        ({"affine": (0.5, 0.5)}, "γ and β alone are not enough here: they reach 50 %."),
        ({"affine": (NAN, NAN)}, "Training γ and β alone diverges here."),
    ],
)
def test_headline(changes, headline):
    assert said(**changes).headline == headline


def test_the_sentences_name_medians_and_numbers():
    told = said().text
    assert "γ and β are 3.2 % of the parameters: 32 numbers" in told
    assert "ends at 96 %; with γ and β alone, at 90 % (medians)." in told
    assert "random weights, it ends at 80 %; with the output layer alone, at 50 %." in told
    one = said(affine=(0.9,), output=(0.5,), random=(0.8,), everything=(0.96,)).text
    assert "medians" not in one
    assert "in one hidden layer" in said(depth=1).text


def test_who_diverged_is_told():
    assert "diverged in" not in said().text
    assert (
        "Training the output layer alone diverged in 1 of 2 seeds." in said(output=(NAN, 0.5)).text
    )
    assert "nan" not in said(affine=(NAN, NAN), everything=(NAN, NAN)).text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "**Trained alone, γ switches off more units.**"),
        ({"off": (0.0, 0.1)}, "**With everything trained, γ switches off more units.**"),
        ({"off": (0.1, 0.1)}, "about as many units in both"),
        ({"affine": (NAN, NAN)}, "nothing to compare"),
    ],
)
def test_of_gamma(changes, told):
    assert told in words.of_gamma(judge(made(**changes)))


SMALL = {"affine": (0.3, 0.3), "trained": (10, 20, 10, 100)}
LARGE = {"trained": (40, 80, 40, 1000)}


def told_of(by, *some, of=5):
    return words.of_sizes(judge_sizes([made(**one) for one in some], by), len(some), of)


def test_of_widths():
    told = told_of("width", SMALL | {"width": 8}, LARGE | {"width": 16})
    assert told.startswith("To a median test accuracy of 80 % it takes\n- 40 numbers with γ and")
    assert "- 40 numbers with γ and β alone, at width 16;" in told
    assert "- 100 numbers with everything, at width 8." in told
    assert "With the output layer alone, none of these networks reaches" in told
    assert (
        "end highest at width 16: there they are 4 % of the parameters, at width 8 they are 10 %."
        in told
    )
    assert "(2 widths of 5 so far.)" in told
    assert "so far" not in told_of("width", SMALL, LARGE, of=2)


def test_of_depths_a_tie_names_both():
    told = told_of("depth", SMALL | {"depth": 1}, LARGE | {"depth": 2}, LARGE | {"depth": 4})
    assert "at 2 hidden layers;" in told
    assert "end highest at 2 and 4 hidden layers: there they are 4 % of" in told
    assert "at 1 hidden layer they are 10 %." in told
    first = told_of("depth", {"depth": 1}, {"depth": 2, "affine": (0.5, 0.5)})
    assert first.count("they are") == 1  # the smallest network is the best: nothing to compare


def test_of_networks_that_all_diverge():
    lost = (NAN, NAN)
    told = told_of("width", {"affine": lost, "output": lost, "random": lost, "everything": lost})
    assert "none of these networks reaches" in told
    assert "it takes" not in told
    assert "diverge in all of these networks" in told


def test_beliefs_come_out_both_ways():
    rescale, number, output = words.beliefs(judge(made())).values()
    assert rescale.startswith("Not here")
    assert number.startswith("Not here: as many random weights do less.")
    assert output.startswith("Not here")
    other = made(affine=(0.5, 0.5), output=(0.9, 0.9), random=(0.5, 0.5))
    rescale, number, output = words.beliefs(judge(other)).values()
    assert rescale.startswith("Alone they do not get far here")
    assert number.startswith("It looks so here")
    assert output.startswith("It looks so here")
    turned = words.beliefs(judge(made(random=(0.95, 0.95), output=(0.9, 0.9))))
    assert "random weights do more" in turned[Belief.NUMBER_COUNTS]
    assert "the output layer stays random" in turned[Belief.OUTPUT_LEARNS]
    split = words.beliefs(judge(made(random=(0.6, 0.95), output=(0.6, 0.95))))
    assert split[Belief.NUMBER_COUNTS].startswith("This run cannot tell")
    low = made(affine=(0.5, 0.5), output=(0.3, 0.8))
    told = words.beliefs(judge(low))[Belief.OUTPUT_LEARNS]
    assert told.startswith("This run cannot tell: γ and β do not get far, and the seeds")
    less = made(affine=(0.5, 0.5), output=(0.2, 0.2))
    assert "does even less" in words.beliefs(judge(less))[Belief.OUTPUT_LEARNS]
    ahead = made(output=(0.99, 0.99))  # more accurate, and yet not all that learns
    assert words.beliefs(judge(ahead))[Belief.OUTPUT_LEARNS].startswith("Not here")
    lost = words.beliefs(judge(made(affine=(NAN, NAN))))
    assert lost[Belief.ONLY_RESCALE].startswith("This run cannot tell")


def outcome(name, **changes):
    challenge = next(one for one in words.CHALLENGES if one.name == name)
    told = challenge.outcome(judge(made(**changes)))
    assert told.right is None or told.right in challenge.answers
    return told.right


def test_challenges_at_their_borders():
    assert outcome("narrow", affine=(0.59, 0.59)) == "less than 60 %"
    assert outcome("narrow", affine=(0.79, 0.79)) == "60 to 80 %"
    assert outcome("narrow") == "more than 80 %"
    assert outcome("narrow", affine=(NAN, NAN)) is None
    assert outcome("below") == "under 10 percentage points"
    assert outcome("below", affine=(0.8, 0.8)) == "10 to 30"
    assert outcome("below", affine=(0.6, 0.6)) == "over 30"
    assert outcome("below", everything=(NAN, NAN)) is None
    assert outcome("tanh") == "γ and β"
    assert outcome("tanh", random=(0.95, 0.95)) == "the random weights"
    assert outcome("tanh", random=(0.9, 0.9)) == "about the same"
    assert outcome("tanh", random=(0.6, 0.95)) is None
    assert outcome("off") == "γ and β alone"
    assert outcome("off", off=(0.0, 0.1)) == "everything"
    assert outcome("off", off=(0.0, 0.0)) == "about the same"
    assert outcome("off", affine=(NAN, NAN)) is None
    assert outcome("shallow") == "γ and β"
    assert outcome("shallow", affine=(0.5, 0.5), output=(0.9, 0.9)) == "the output layer"
    assert outcome("shallow", output=(0.9, 0.9)) == "about the same"


def why(name, **changes):
    challenge = next(one for one in words.CHALLENGES if one.name == name)
    return challenge.outcome(judge(made(**changes))).why


def test_a_reason_is_given_only_where_it_is_one():
    assert "has to change its weights" in why("below", affine=(0.5, 0.5))
    assert "has to change its weights" not in why("below")
    assert "it matters which numbers" in why("tanh")
    assert "it matters which numbers" not in why("tanh", random=(0.9, 0.9))
    behind = {"affine": (0.5, 0.5), "output": (0.9, 0.9)}
    assert "Behind γ and β of a single layer" in why("shallow", **behind, depth=1)
    assert "Behind γ and β" not in why("shallow", **behind)
    assert "Behind γ and β" not in why("shallow", depth=1)
    assert "The order is the same in both seeds." in why("tanh")
