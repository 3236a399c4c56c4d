"""How forgiving is it?: what is often believed, and what a map says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.forgiveness.findings import CLEARLY, PERCENTAGE_POINTS, place, row_name, there
from bnviz.words.numbers import many, percent

if TYPE_CHECKING:
    from bnviz.verdicts.forgiveness import Ahead, ForgivenessVerdict


def beliefs(verdict: ForgivenessVerdict) -> dict[str, str]:
    """What is often believed, and what this map says of it."""
    return {
        Belief.INITIALIZATION: _initialization(verdict),
        Belief.ANY_RATE: _any_rate(verdict),
        Belief.ONLY_A_BAD_RATE: _only_the_rate(verdict),
        Belief.ONLY_HELPS: _only_helps(verdict.behind),
    }


def _initialization(verdict: ForgivenessVerdict) -> str:
    spread = verdict.spread
    if verdict.gains and not spread:
        return "This map cannot tell: BN learns nothing anywhere, whatever the gain."
    if not spread:
        return (
            "This map cannot tell: all its networks have the same gain. Set the learning rate"
            " against the initial gain."
        )
    if not spread.matters:
        return (
            f"In this map it hardly does: at no rate do BN's accuracies differ by more than"
            f" {PERCENTAGE_POINTS} from gain to gain."
        )
    return (
        f"It does: at learning rate {spread.rate:g}, BN reaches {percent(spread.high)} with gain"
        f" {spread.high_gain:g} and {percent(spread.low)} with gain {spread.low_gain:g}. BN divides"
        " the gain out of what the hidden layers pass on (all but ε), not out of how far one step"
        " turns the weights."
    )


def _any_rate(verdict: ForgivenessVerdict) -> str:
    if verdict.idle_rates == verdict.rates:
        return "In this map it trains at none."
    if not verdict.idle_rates:
        return "In this map there is, at each of the rates, some row where it does."
    idle, rates = verdict.idle_rates, many(verdict.rates, "rate")
    if verdict.idle_above is None:
        return f"At {idle} of {rates} it trains in no row at all."
    return f"At {idle} of {rates} it trains in no row at all; above {verdict.idle_above:g} at none."


def _only_the_rate(verdict: ForgivenessVerdict) -> str:
    rows = verdict.windows[1].rows
    if not rows:
        return "This map cannot tell: nothing trains with BN."
    if not verdict.mended:
        return (
            "In this map it could be: wherever BN trains at some rate, plain does at some rate,"
            " too."
        )
    example = row_name(verdict.mended[0])
    mended = len(verdict.mended)
    if rows == 1:
        return (
            f"In the one row where BN trains, with {example}, plain trains at no learning rate at"
            " all."
        )
    if mended == 1:
        return (
            f"In one of the {rows} rows where BN trains, with {example}, plain trains at no"
            " learning rate at all."
        )
    if mended == rows == 2:
        return (
            "In both rows where BN trains, plain trains at no learning rate at all, for example"
            f" with {example}."
        )
    if mended == rows:
        return (
            f"In all {rows} rows where BN trains, plain trains at no learning rate at all, for"
            f" example with {example}."
        )
    return (
        f"In {mended} of the {rows} rows where BN trains, plain trains at no learning rate at all,"
        f" for example with {example}."
    )


def _only_helps(behind: Ahead | None) -> str:
    if not behind:
        return f"In this map plain is nowhere clearly ahead. {CLEARLY}"
    if behind.cells == 1:
        return f"In 1 cell plain is clearly ahead: {place(behind.most)}. {there(behind.most)}"
    return (
        f"In {behind.cells} cells plain is clearly ahead, for example at {place(behind.most)}."
        f" {there(behind.most)}"
    )
