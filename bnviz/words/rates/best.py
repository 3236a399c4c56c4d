"""Learning rates: which suit each network best, and what BN does there and below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import BATCH, PLAIN
from bnviz.words.numbers import percent, points, significant, steps
from bnviz.words.rates.too_large import ended, rates

if TYPE_CHECKING:
    from bnviz.verdicts.rates import AtPlainsBest, Best, Fastest, RatesVerdict, SmallRates


def top(verdict: RatesVerdict, treatment: int) -> str:
    """How accurate one network is at its best, and at which rates."""
    best, whose = verdict.best[treatment], ("Plain's", "BN's")[treatment]
    accuracy = ended(best.accuracy, verdict.target)
    if best.rates is None:
        return f"{whose} best is {accuracy}."
    if best.rates.count == verdict.rates:
        return f"{whose} best is {accuracy}, at any rate."
    return f"{whose} best is {accuracy}, at {rates(best.rates)}."


def best_rates(verdict: RatesVerdict) -> str:
    """Which rates suit each network best."""
    plain, batch = (top(verdict, t) for t in (PLAIN, BATCH))
    said = f"{plain} {batch} Both hold to within 2 percentage points."
    match verdict.order:
        case "larger":
            return f"{said} The rates that suit BN best are larger than those that suit plain."
        case "smaller":
            return f"{said} The rates that suit BN best are smaller: not what BN is known for."
        case "overlap":
            return f"{said} Some rates suit both."
    return said


def fastest(one: Fastest | None, target: float) -> list[str]:
    """The fewest steps to the target, where both get there."""
    if one is None:
        return []
    said = (
        f"BN's shortest way to {percent(target)} takes {steps(one.batch)}, at"
        f" {rates(one.batch_rates)}. Plain's takes {steps(one.plain)}, at {rates(one.plain_rates)}."
    )
    if one.batch_there < float("inf"):
        return [f"{said} There BN takes {steps(one.batch_there)}."]
    return [f"{said} There BN never reaches it."]


def already(there: AtPlainsBest) -> str:
    """In short, what BN does at the rates that suit plain best."""
    match there.outcome:
        case "plain nothing":
            return "Plain learns much at no rate, so here BN gives more than a larger rate."
        case "neither":
            return "Neither network learns much at any rate."
        case "better":
            return "At the rates that suit plain best, BN is more accurate already."
        case "worse":
            return "At the rates that suit plain best, BN is **less** accurate."
    return "At the rates that suit plain best, neither is clearly more accurate."


def at_plains_best(there: AtPlainsBest, own: Best) -> list[str]:
    """BN at the rates that suit plain best, in numbers: what it does without a larger rate."""
    if there.rates is None or own.rates is None:
        return []
    said = _there(there.rates.count, percent(there.batch), percent(there.plain))
    further = f"BN's own best is {percent(own.accuracy)}, at {rates(own.rates)}."
    if there.outcome != "even":
        return [said, further]
    match there.gain:
        case "none":
            return [said, f"{further} In accuracy BN gains less than 2 percentage points here."]
        case "unplaced":
            return [said, further]
        case "other":
            return [said, f"What BN gains in accuracy, it gains at other rates. {further}"]
        case "larger":
            return [said, f"What BN gains in accuracy, it gains at larger rates. {further}"]
    return [said, f"What BN gains in accuracy, it gains at smaller rates. {further}"]


def _there(count: int, batch: str, plain: str) -> str:
    if count == 1:
        return f"At the rate that suits plain best, BN reaches {batch} and plain {plain}."
    return f"At the rates that suit plain best, BN reaches {batch} and plain {plain}."


AT_ONE = {
    "same": "At the small rate {rate} both do about the same: {points} apart.",
    "better": "At the small rate {rate} BN is better, by {points}.",
    "worse": "At the small rate {rate} BN is **worse**, by {points}.",
}
AT_SEVERAL = {
    "same": "At small rates ({rate}) both do about the same: {points} on average apart.",
    "better": "At small rates ({rate}) BN is better, by {points} on average.",
    "worse": "At small rates ({rate}) BN is **worse**, by {points} on average.",
}


def small_rates(small: SmallRates | None) -> list[str]:
    """Both networks at rates well below those that suit plain best."""
    if small is None:
        return []
    count = small.rates.count
    if small.outcome not in AT_ONE:
        return [
            f"At small rates BN is better at {small.better or 'none'} of {count}, worse at"
            f" {small.worse or 'none'}."
        ]
    told = (AT_ONE if count == 1 else AT_SEVERAL)[small.outcome]
    low, high = significant(small.rates.low), significant(small.rates.high)
    rate = low if count == 1 else f"{low} to {high}"
    return [told.format(rate=rate, points=points(small.difference))]
