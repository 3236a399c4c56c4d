"""A challenge: what it may be, what a letter stands for, and how its verdict reads."""

import pytest

from bnviz.words.belief import Belief
from bnviz.words.challenge import (
    LETTERS,
    LONGEST_CHANGES,
    SHOWN,
    Challenge,
    Outcome,
    Tempting,
    changed,
    verdict_on,
)


def challenge(answers=("plain", "BN", "neither"), expected="BN", **changes):
    return Challenge(
        name="first",
        question="Which network ends higher?",
        answers=answers,
        outcome=lambda verdict: Outcome(right=verdict, why="In 4 of 5 seeds."),
        expected=expected,
        **changes,
    )


@pytest.mark.parametrize("answers", [(), ("one",), ("a", "b", "c", "d", "e")])
def test_it_has_two_to_four_answers(answers):
    with pytest.raises(ValueError, match=rf"first: {len(answers)} answers; it can be two to four"):
        challenge(answers, None)
    for number in (2, 3, 4):
        assert len(challenge(tuple("wxyz"[:number]), None).answers) == number


def test_the_expected_answer_is_one_of_them_or_none():
    with pytest.raises(ValueError, match="first: 'both' is none of"):
        challenge(expected="both")
    assert challenge(expected=None).expected is None


@pytest.mark.parametrize("answer", ["BN", "both", ""])
def test_what_tempts_is_a_wrong_answer(answer):
    with pytest.raises(ValueError, match=f"first: '{answer}' is no wrong answer"):
        challenge(tempting=Tempting(answer, Belief.ONLY_HELPS))
    assert challenge(tempting=Tempting("plain", None)).tempting == ("plain", None)
    assert challenge(expected=None, tempting=Tempting("BN", None)).tempting.answer == "BN"


def test_a_letter_stands_for_an_answer():
    asked = challenge()
    assert [asked.answer(letter) for letter in LETTERS] == ["plain", "BN", "neither", None]
    assert all(asked.knows(letter) for letter in "abc")
    assert not asked.knows("d")


def test_to_be_shown_is_no_answer_but_is_known():
    assert challenge().answer(SHOWN) is None
    assert challenge().knows(SHOWN)


@pytest.mark.parametrize("letter", ["", "ab", "abcd", "A", "é", "1", " ", "x ", "\0", "a" * 4000])
def test_from_a_link_anything_else_may_come(letter):
    assert challenge().answer(letter) is None
    assert not challenge().knows(letter)


@pytest.mark.parametrize(
    ("letter", "right", "told"),
    [
        ("b", "BN", "**As you said: BN.** In 4 of 5 seeds."),
        ("a", "BN", "**You said “plain”. Here: BN.** In 4 of 5 seeds."),
        (SHOWN, "BN", "**Here: BN.** In 4 of 5 seeds."),
        ("a", None, "**You said “plain”. This run cannot tell.** In 4 of 5 seeds."),
        (SHOWN, None, "**This run cannot tell.** In 4 of 5 seeds."),
    ],
)
def test_the_verdict_says_what_was_said_what_happened_and_why(letter, right, told):
    asked = challenge()
    assert verdict_on(asked, letter, asked.outcome(right)) == told


def test_what_an_answer_has_turned_is_named_as_far_as_it_has_room():
    few = ["learning rate 0.1 → 1", "steps 50 → 100"]
    assert changed(few) == "Changed: learning rate 0.1 → 1; steps 50 → 100."
    many = [f"a knob with a name {place} → {place + 1}" for place in range(12)]
    told = changed(many)
    assert len(told) <= len("Changed: ; and 99 more.") + LONGEST_CHANGES
    assert told.endswith("; and 7 more.")
    assert changed(["x" * 400]) == f"Changed: {'x' * 400}."
