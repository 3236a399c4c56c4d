"""Scale: what is said of the starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import degrees, listed, percent, seeds, significant, times
from bnviz.words.scale.lengths import rough

if TYPE_CHECKING:
    from bnviz.verdicts.scale_starts import End, GainsVerdict, Spared, StartsVerdict, Tuning

ADAMS = (
    "For Adam this is only a number: a shorter gradient does not shorten its steps, so that what"
    " counts there is lr/‖W‖."
)


def findings(verdict: StartsVerdict, optimizer: str) -> tuple[str, ...]:
    """What became of them in this run."""
    tuning = () if verdict.tuning is None else (_tuning(verdict.tuning, optimizer == "adam"),)
    return (*tuning, accuracies(verdict), _spared(verdict.spared))


def _tuning(tuning: Tuning, adam: bool) -> str:
    """What became of BN's effective rates."""
    each = " ".join(
        f"From gain {significant(one.gain)} it goes from {significant(one.first)} to"
        f" {significant(one.last)}."
        for one in tuning.rates
    )
    itself = "changes" if adam else "tunes itself"
    outcome = {
        "still": "hardly changes in this run",
        "down alone": f"{itself}, and downwards alone",
        "down": f"{itself}, but not downwards alone",
        "up": "rises",
        "both": f"{itself}, downwards and upwards",
    }[tuning.outcome]
    name = "lr/‖W‖²" if adam else "the effective learning rate lr/‖W‖²"
    meaning = f" {ADAMS}" if adam else ""
    return (
        f"With BN {name} of the median hidden layer {outcome}. {each} The starts are"
        f" {rough(tuning.apart_first)} apart, the ends {rough(tuning.apart_last)}.{meaning}"
    )


def accuracies(verdict: StartsVerdict) -> str:
    """How each start ended."""
    plain, batch = (_fates(ends) for ends in verdict.ends)
    return f"In test accuracy (median seed), BN {batch}; plain {plain}."


def _fates(ends: Iterable[End]) -> str:
    """What became of these starts: ended at 95 % from gain 0.01 and diverged from gain 100."""
    parts: list[str] = []
    before: End | None = None
    for end in ends:
        goes_on = before is not None and before.fate != "diverged"
        fate = f"at {percent(end.accuracy)}" if goes_on and end.fate != "diverged" else _ended(end)
        parts.append(f"{fate} from gain {significant(end.gain)}")
        before = end
    return listed(parts)


def _ended(end: End) -> str:
    """How the median seed ended."""
    if end.fate != "diverged":
        return f"ended at {percent(end.accuracy)}"
    return "diverged" if end.diverged == end.seeds else _diverged(end)


def _diverged(end: End) -> str:
    return f"diverged in {seeds(end.diverged, end.seeds)}"


def _spared(spared: Spared) -> str:
    """Whose fault it is where BN does not learn from the largest gain."""
    gain, everywhere = significant(spared.everywhere.gain), spared.everywhere
    numbers = (
        f"From gain {gain} in the hidden layers and {significant(spared.output)} in the output"
        f" layer, BN {_ended(spared.end)}"
    )
    if not spared.helped:
        if everywhere.fate == "diverged":
            return f"{numbers}; from {gain} in all of them it {_ended(everywhere)}."
        return f"{numbers}, against {percent(everywhere.accuracy)} from {gain} in all of them."
    part = "most" if spared.fault == "most" else "only a part"
    return (
        f"{numbers}: {part} of what goes wrong from {gain} goes wrong in the output layer, which no"
        " BN follows."
    )


def initialization(verdict: StartsVerdict) -> str:
    """Whether it matters with BN."""
    numbers = f"BN {_fates((verdict.small, verdict.large))}"
    match verdict.initialization:
        case "hardly":
            return f"In this run it hardly did: {numbers}. Take fewer steps or a smaller rate."
        case "differs":
            return f"It did in this run, though BN learned from both ends: {numbers}."
        case "unclear":
            return f"This run cannot tell: {numbers}."
        case "only large":
            return f"It did in this run: {numbers}."
    said = f"“Not at all” goes too far: {numbers}."
    if not verdict.spared.helped:
        return said
    return (
        f"{said} With the output layer spared, which no BN follows, it"
        f" {_ended(verdict.spared.end)}."
    )


def learning_rate(verdict: StartsVerdict) -> str:
    """Whether it matters with BN: a larger W is a smaller rate, for the layers before BN alone."""
    slower, spared, own = verdict.slower, verdict.spared, verdict.slower.own
    largest, gain = significant(spared.everywhere.gain), significant(own.gain)
    if slower.outcome == "no other gain":
        return (
            f"Choose a gain other than {largest} to compare: a smaller W is a larger rate for it."
        )
    how = f"{times(slower.times)} smaller"
    if slower.times < 1:
        how = f"{times(1 / slower.times)} larger"
    said = (
        f"For the layers before BN, a gain of {largest} instead of {gain} is at first a rate {how}."
        f" With only these changed, BN {_ended(spared.end)}"
    )
    if slower.outcome == "diverged":
        both = " too" if spared.end.fate == "diverged" else ""
        return f"{said}; from gain {gain} it {_ended(own)}{both}."
    ending = "ending at " if spared.end.fate == "diverged" else ""
    said += f" instead of {ending}{percent(own.accuracy)}"
    if own.gain != spared.output:
        said += f" (and with an output layer from {significant(spared.output)})"
    if slower.outcome == "even":
        return f"{said}: here neither is clearly the better one."
    if slower.outcome == "better":
        return f"{said}: here the start with the smaller rate was the better one."
    if slower.turned is None or not slower.by_the_others:
        return f"{said}."
    return (
        f"{said}. The weights before BN can have turned by {degrees(slower.turned)} at most: what"
        " is left is the work of γ, β and the output layer."
    )


def reach(verdict: GainsVerdict) -> str:
    """From which initial gains each treatment learns."""
    plain, batch = verdict.reach
    parts = [
        f"{SUBJECTS[batch.treatment]} learns {_from(batch.gains)}",
        f"{NAMES[plain.treatment]} {_from(plain.gains)}",
    ]
    return f"Of {verdict.tried} initial gains, {'; '.join(parts)} (median seed)."


def _from(gains: Sequence[float]) -> str:
    if not gains:
        return "from none of them"
    if len(gains) == 1:
        return f"from {significant(gains[0])} alone"
    return f"from {len(gains)} of them, {significant(gains[0])} to {significant(gains[-1])}"
