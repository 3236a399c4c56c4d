"""Learning rates: what is too large, what the rate of the knob does, and three beliefs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import BATCH
from bnviz.words.names import SUBJECTS
from bnviz.words.numbers import between, percent, points, seeds, significant, steps

if TYPE_CHECKING:
    from bnviz.verdicts.rates import RatesVerdict
    from bnviz.verdicts.rates_beyond import Alive, At, Beyond
    from bnviz.verdicts.rates_measured import Places


def rates(some: Places) -> str:
    """rate 0.1; rates 0.1 to 0.56; some rates from 0.1 to 1."""
    ends = between(significant(some.low), significant(some.high))
    if some.count == 1:
        return f"rate {ends}"
    return f"rates {ends}" if some.adjacent else f"some rates from {ends}"


def ended(accuracy: float, target: float) -> str:
    """Its accuracy at the end; with a decimal where rounding would lift it to the target."""
    below = accuracy < target - 1e-6 and round(100 * accuracy) >= round(100 * target)
    return f"{100 * accuracy:.1f} %" if below else percent(accuracy)


def beyond(one: Beyond) -> str:
    """What happens beyond the best rates: a divergence, or a finite loss and no learning."""
    said = _lost(SUBJECTS[one.treatment], one.lost)
    if one.stuck is None:
        return said
    if one.fate == "little":
        return (
            f"{said} At {rates(one.stuck)} its loss stays a number, but it learns little"
            f" ({percent(one.top)} at most)."
        )
    return (
        f"{said} At {rates(one.stuck)} its loss stays a number, but it does not learn"
        f" ({percent(one.top)} at most)."
    )


def _lost(name: str, lost: Places | None) -> str:
    if lost is None:
        return f"{name} diverges at no rate."
    if lost.adjacent and lost.to_the_end and lost.count > 1:
        return f"{name} diverges from rate {significant(lost.low)} on."
    return f"{name} diverges at {rates(lost)}."


def of_the_rate(verdict: RatesVerdict) -> str:
    """What both networks do at the rate of the knob."""
    plain, batch = (_fate(one, verdict) for one in verdict.at)
    return f"**At rate {significant(verdict.at[BATCH].rate)}:** {batch} {plain}"


def _fate(at: At, verdict: RatesVerdict) -> str:
    name, of = SUBJECTS[at.treatment], verdict.seeds
    lost, end = seeds(at.diverged, of), ended(at.accuracy, verdict.target)
    if at.diverged == of:
        return f"{name} diverged in {lost}, by step {at.by}."
    if at.accuracy != at.accuracy:  # NaN: its median seed has no accuracy
        return f"{name} diverged in {lost}."
    target = percent(verdict.target)
    said = f"{name} ends at {end} and never reaches {target}."
    if at.after < float("inf"):
        said = f"{name} reaches {target} after {steps(at.after)} and ends at {end}."
    return f"{said} {name} diverged in {lost}." if at.diverged else said


def still_matters(verdict: RatesVerdict) -> str:
    """Whether the rate does, with BN."""
    one, target = verdict.matters, percent(verdict.target)
    match one.outcome:
        case "nothing learned":
            return "Here BN learns much at no rate."
        case "everywhere":
            return (
                f"Here BN does reach {target} at all {verdict.rates} rates; even so, its accuracy"
                f" varies from {percent(one.lowest)} to {percent(one.highest)}."
            )
    said = [f"BN reaches {target} at {one.reached or 'none'} of {verdict.rates} rates."]
    if one.lowest == one.lowest:  # not NaN
        said.append(f"At others it ends as low as {percent(one.lowest)}.")
    if one.lost:
        said.append(f"At {one.lost} it diverges.")
    return " ".join(said)


def at_every_rate(verdict: RatesVerdict) -> str:
    """At how many rates BN is better."""
    one = verdict.every
    said = (
        f"Of {verdict.rates} rates BN is better at {one.better or 'none'}, worse at"
        f" {one.worse or 'none'}, and within 2 percentage points of plain at {one.same or 'none'}."
    )
    if not one.worse:
        return said
    return f"{said} It is furthest behind at {significant(one.furthest)}: {points(one.behind)}."


def alive_is_not_training(verdict: RatesVerdict) -> str:
    """Where a loss stays a number and little is learned."""
    told = [said for one in verdict.alive if (said := _idle(one))]
    if not told:
        return (
            "In this run it is true of the large rates: beyond its best, each network either learns"
            " or diverges."
        )
    return (
        "There are rates at which the loss stays a number and little or nothing is learned."
        f" {' '.join(told)}"
    )


def _idle(one: Alive) -> str:
    name = SUBJECTS[one.treatment]
    if one.alive and not one.learns:
        return f"{name} has {one.alive} of them, and learns much at no rate."
    if one.stuck is None:
        return ""
    ends = between(significant(one.stuck.low), significant(one.stuck.high))
    return f"{name} has {one.stuck.count} of them ({ends})."
