"""Scale: what is said of the starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import degrees, listed, many, percent, seeds, significant, times
from bnviz.words.scale.lengths import rough

if TYPE_CHECKING:
    from bnviz.axes import Treatment
    from bnviz.verdicts.scale_starts import (
        End,
        GainsVerdict,
        Needed,
        Rate,
        Slower,
        Spared,
        StartsVerdict,
        Tuned,
        Tuning,
    )

ADAMS = (
    "For Adam this is only a number: a shorter gradient does not shorten its steps, so that what"
    " counts there is lr/‖W‖."
)


def findings(verdict: StartsVerdict, optimizer: str) -> tuple[str, ...]:
    """What became of them in this run."""
    tuning = () if verdict.tuning is None else (_tuning(verdict.tuning, optimizer == "adam"),)
    return (*tuning, accuracies(verdict), _spared(verdict.spared))


TUNED: dict[Tuned, str] = {
    "still": "With BN the effective learning rate lr/‖W‖² of the median hidden layer hardly changes"
    " in this run.",
    "down alone": "With BN the effective learning rate lr/‖W‖² of the median hidden layer tunes"
    " itself, and downwards alone.",
    "down": "With BN the effective learning rate lr/‖W‖² of the median hidden layer tunes itself,"
    " but not downwards alone.",
    "up": "With BN the effective learning rate lr/‖W‖² of the median hidden layer rises.",
    "both": "With BN the effective learning rate lr/‖W‖² of the median hidden layer tunes itself,"
    " downwards and upwards.",
}
WITH_ADAM: dict[Tuned, str] = {
    "still": "With BN lr/‖W‖² of the median hidden layer hardly changes in this run.",
    "down alone": "With BN lr/‖W‖² of the median hidden layer changes, and downwards alone.",
    "down": "With BN lr/‖W‖² of the median hidden layer changes, but not downwards alone.",
    "up": "With BN lr/‖W‖² of the median hidden layer rises.",
    "both": "With BN lr/‖W‖² of the median hidden layer changes, downwards and upwards.",
}
"""The same where it is no effective rate."""


def _tuning(tuning: Tuning, adam: bool) -> str:
    """What became of BN's effective rates."""
    said = [
        (WITH_ADAM if adam else TUNED)[tuning.outcome],
        *map(_rate, tuning.rates),
        f"The starts are {rough(tuning.apart_first)} apart, the ends {rough(tuning.apart_last)}.",
    ]
    return " ".join([*said, ADAMS] if adam else said)


def _rate(one: Rate) -> str:
    return (
        f"From gain {significant(one.gain)} it goes from {significant(one.first)} to"
        f" {significant(one.last)}."
    )


def accuracies(verdict: StartsVerdict) -> str:
    """How each start ended."""
    plain, batch = verdict.ends
    return " ".join((*_fates("batch", batch), *_fates("plain", plain)))


def _fates(treatment: Treatment, ends: Iterable[End]) -> list[str]:
    """What became of these starts: who ended where, then who diverged."""
    name, ends = SUBJECTS[treatment], list(ends)
    there = [
        f"{percent(end.accuracy)} from gain {significant(end.gain)}"
        for end in ends
        if end.fate != "diverged"
    ]
    lost = [
        f"From gain {significant(end.gain)}, {NAMES[treatment]} diverged in {_lost(end)}."
        for end in ends
        if end.fate == "diverged"
    ]
    if not there:
        return lost
    return [f"{name} ended at a test accuracy of {listed(there)} (median seed).", *lost]


def _lost(end: End) -> str:
    return seeds(end.diverged, end.seeds)


def _spared(spared: Spared) -> str:
    """Whose fault it is where BN does not learn from the largest gain."""
    gain = significant(spared.everywhere.gain)
    because = {
        "most": f"Most of what goes wrong from {gain} goes wrong in the output layer, which no BN"
        " follows.",
        "a part": f"Only a part of what goes wrong from {gain} goes wrong in the output layer,"
        " which no BN follows.",
        "none": _everywhere(spared.everywhere),
    }[spared.fault if spared.helped else "none"]
    return f"{_with_output(spared)} {because}"


def _with_output(spared: Spared) -> str:
    gain, output = significant(spared.everywhere.gain), significant(spared.output)
    if spared.end.fate == "diverged":
        return (
            f"From gain {gain} in the hidden layers and {output} in the output layer, BN diverged"
            f" in {_lost(spared.end)}."
        )
    return (
        f"From gain {gain} in the hidden layers and {output} in the output layer, BN ended at"
        f" {percent(spared.end.accuracy)}."
    )


def _everywhere(end: End) -> str:
    gain = significant(end.gain)
    if end.fate == "diverged":
        return f"From {gain} in all of them it diverged in {_lost(end)}."
    return f"From {gain} in all of them it ended at {percent(end.accuracy)}."


INITIALIZATION: dict[Needed, str] = {
    "hardly": "In this run it hardly did.",
    "differs": "It did in this run, though BN learned from both ends.",
    "unclear": "This run cannot tell.",
    "only large": "It did in this run.",
    "only small": "“Not at all” goes too far.",
}


def initialization(verdict: StartsVerdict) -> str:
    """Whether it matters with BN."""
    said = [
        INITIALIZATION[verdict.initialization],
        *_fates("batch", (verdict.small, verdict.large)),
    ]
    if verdict.initialization == "only small" and verdict.spared.helped:
        said.append(
            "With the output layer spared, which no BN follows, it ended at"
            f" {percent(verdict.spared.end.accuracy)}."
        )
    if verdict.initialization == "hardly":
        said.append("Take fewer steps or a smaller rate.")
    return " ".join(said)


def learning_rate(verdict: StartsVerdict) -> str:
    """Whether it matters with BN: a larger W is a smaller rate, for the layers before BN alone."""
    slower, largest = verdict.slower, significant(verdict.spared.everywhere.gain)
    if slower.outcome == "no other gain":
        return (
            f"Choose a gain other than {largest} to compare: a smaller W is a larger rate for it."
        )
    said = (_rate_of(slower, largest), *_both_ends(slower, verdict.spared), *_compared(slower))
    return " ".join(said)


def _rate_of(slower: Slower, largest: str) -> str:
    gain = significant(slower.own.gain)
    if slower.times < 1:
        return (
            f"For the layers before BN, a gain of {largest} instead of {gain} is at first a rate"
            f" {times(1 / slower.times)} larger."
        )
    return (
        f"For the layers before BN, a gain of {largest} instead of {gain} is at first a rate"
        f" {times(slower.times)} smaller."
    )


def _both_ends(slower: Slower, spared: Spared) -> list[str]:
    """How BN ended with only the layers before BN changed, and without that."""
    own, lost = slower.own, spared.end.fate == "diverged"
    here, there = percent(spared.end.accuracy), percent(own.accuracy)
    if slower.outcome == "diverged":
        return [
            f"With only these changed, BN diverged in {_lost(spared.end)}."
            if lost
            else f"With only these changed, BN ended at {here}.",
            f"From gain {significant(own.gain)} it diverged in {_lost(own)}.",
        ]
    said = (
        f"With only these changed, BN diverged in {_lost(spared.end)} instead of ending at {there}."
        if lost
        else f"With only these changed, BN ended at {here} instead of {there}."
    )
    return [said] if own.gain == spared.output else [said, _output(spared)]


def _output(spared: Spared) -> str:
    return f"The output layer is another one, too: it starts from {significant(spared.output)}."


def _compared(slower: Slower) -> tuple[str, ...]:
    """Which was better, and by what the slower one learned."""
    if slower.outcome == "even":
        return ("Here neither is clearly the better one.",)
    if slower.outcome == "better":
        return ("Here the start with the smaller rate was the better one.",)
    if slower.outcome == "diverged" or slower.turned is None or not slower.by_the_others:
        return ()
    return (
        f"The weights before BN can have turned by {degrees(slower.turned)} at most: what is left"
        " is the work of γ, β and the output layer.",
    )


def reach(verdict: GainsVerdict) -> str:
    """From which initial gains each treatment learns."""
    plain, batch = (_learns(SUBJECTS[one.treatment], one.gains) for one in verdict.reach)
    return (
        f"The picture has {many(verdict.tried, 'initial gain')}; the median seed counts. {batch}"
        f" {plain}"
    )


def _learns(name: str, gains: Sequence[float]) -> str:
    if not gains:
        return f"{name} learns from none of them."
    if len(gains) == 1:
        return f"{name} learns from {significant(gains[0])} alone."
    first, last = significant(gains[0]), significant(gains[-1])
    return f"{name} learns from {len(gains)} of them, {first} to {last}."
