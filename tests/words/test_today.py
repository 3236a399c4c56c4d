"""Today's networks in sentences."""

from bnviz.experiments.today import ARMS
from bnviz.verdicts.today import judge
from bnviz.words.relatives import today as words
from tests.made.today import made


def told(*arguments, **changes):
    return words.told(judge(made(*arguments, **changes)))


def test_a_tie_is_said_to_be_one():
    said = told()
    assert "each at the best of 6 learning rates (medians of all 5 seeds): plain 90 %" in said
    assert "No clear difference from plain: weight standardization, BN, layer norm" in said
    assert "No clear difference between the places: BN, layer norm, RMSNorm and DyT." in said
    assert "Clearly" not in said
    assert said.startswith("**Before the branch and after the sum are about as good here.**")


def test_who_is_behind_and_where():
    said = told({"batch": 0.97, "dyt": 0.7}, {"batch": 0.97, "rms": 0.5, "dyt": 0.8})
    assert "Clearly behind BN: plain, weight standardization, layer norm, RMSNorm and DyT." in said
    assert "Clearly worse than before the branch: RMSNorm." in said
    assert "Clearly better: DyT." in said
    assert said.startswith("**Before the branch is the better place here for RMSNorm.**")
    other = told({"batch": 0.97, "dyt": 0.7}, {"batch": 0.97, "dyt": 0.8})
    assert other.startswith("**Before the branch, BN gets 97 % right at its best rate.**")
    assert "RMSNorm 4 and 0" in said


def test_seeds_that_do_not_agree():
    results = made()
    by = {one.config.arm: one.accuracy for one in results}
    by["batch"][0, 1:-1] = [0.97, 0.97, 0.97, 0.5, 0.5]
    by["layer"][0, 1:-1] = [0.96, 0.96, 0.9, 0.9, 0.9]
    by["batch"][1, 1:-1] = [0.96, 0.96, 0.9, 0.9, 0.9]
    said = words.told(judge(results))
    assert "The seeds do not agree on BN and" in said
    assert "The seeds do not agree on the place of BN." in said


def test_the_company():
    said = told(ways={"batch": (0.9, 0.88, 0.6, 0.1)})
    assert "88 % of the samples are named right (inference mode: 90 %)" in said
    assert "as padding 60 %, alone 10 %" in said
    assert "Nothing of this changes the accuracy of plain, weight standardization" in said


def test_while_they_come():
    assert told(arms=("plain",)).count("After the sum") == 0
    lost = told({"plain": 0.1}, arms=("plain",))
    assert lost == "None of them learns before the branch yet: plain 10 %."
    assert "diverged" not in told(dict.fromkeys(ARMS, 0.9))
