"""Learning rates: which suit each network best, and what BN does there and below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import BATCH, PLAIN
from bnviz.words.numbers import percent, points, significant, steps
from bnviz.words.rates.too_large import at_rates, ended

if TYPE_CHECKING:
    from bnviz.verdicts.rates import AtPlainsBest, Best, Fastest, RatesVerdict, SmallRates


def top(verdict: RatesVerdict, treatment: int) -> str:
    best, name = verdict.best[treatment], ("plain's", "BN's")[treatment]
    return f"{name} best is {ended(best.accuracy, verdict.target)}{_where(best, verdict.rates)}"


def _where(best: Best, of: int) -> str:
    if best.rates is None:
        return ""
    if best.rates.count == of:
        return ", at any rate"
    return f", {at_rates(best.rates)}"


def best_rates(verdict: RatesVerdict) -> str:
    plain, batch = (top(verdict, t) for t in (PLAIN, BATCH))
    said = f"To within 2 percentage points, {plain}. {capital(batch)}."
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
    there = "never gets there"
    if one.batch_there < float("inf"):
        there = f"takes {steps(one.batch_there)}"
    those = "that rate" if one.plain_rates.count == 1 else "those rates"
    return [
        f"BN's shortest way to {percent(target)} takes {steps(one.batch)},"
        f" {at_rates(one.batch_rates)}. Plain's takes {steps(one.plain)},"
        f" {at_rates(one.plain_rates)}; BN {there} at {those}."
    ]


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
    where = "At the rate that suits" if there.rates.count == 1 else "At the rates that suit"
    said = (
        f"{where} plain best, BN reaches {percent(there.batch)} and plain {percent(there.plain)}."
    )
    further = f"BN's own best is {percent(own.accuracy)}, {at_rates(own.rates)}."
    if there.outcome != "even":
        return [said, further]
    match there.gain:
        case "none":
            return [said, f"{further} In accuracy BN gains less than 2 percentage points here."]
        case "unplaced":
            return [said, further]
        case "other":
            return [said, f"What BN gains in accuracy, it gains at other rates. {further}"]
    return [said, f"What BN gains in accuracy, it gains at {there.gain} rates. {further}"]


def small_rates(small: SmallRates | None) -> list[str]:
    """Both networks at rates well below those that suit plain best."""
    if small is None:
        return []
    count, rates = small.rates.count, small.rates
    ends = f"{significant(rates.low)} to {significant(rates.high)}"
    where = f"At small rates ({ends})"
    if count == 1:
        where = f"At the small rate {significant(rates.low)}"
    average = "" if count == 1 else " on average"
    apart = f"{points(small.difference)}{average}"
    match small.outcome:
        case "same":
            return [f"{where} both do about the same: {apart} apart."]
        case "better":
            return [f"{where} BN is better, by {apart}."]
        case "worse":
            return [f"{where} BN is **worse**, by {apart}."]
    return [
        f"At small rates BN is better at {small.better or 'none'} of {count}, worse at"
        f" {small.worse or 'none'}."
    ]


def capital(said: str) -> str:
    return said[0].upper() + said[1:]
