"""The front door: what is often believed, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.names import SUBJECTS
from bnviz.words.numbers import any_seeds, layers, points, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.home import Group, HomeVerdict

NO_BN = "This run cannot tell: no layer has BN. Switch some on above."


def beliefs(verdict: HomeVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    said: dict[str, str] = {
        Belief.ONLY_HELPS: _helps(verdict),
        Belief.ANY_RATE: _any_rate(verdict),
        Belief.EVERY_LAYER: _every_layer(verdict),
    }
    return said if verdict.with_bn else dict.fromkeys(said, NO_BN)


def _learned(name: str, group: Group) -> str:
    number, of = len(group.learned), len(group.fates)
    if not number:
        return f"{name} did not learn in {any_seeds(of, of)}."
    return f"{name} learned in {seeds(number, of)}."


def _helps(verdict: HomeVerdict) -> str:
    plain = _learned(SUBJECTS["plain"], verdict.plain)
    batch = _learned(SUBJECTS["batch"], verdict.batch)
    match verdict.outcome:
        case "BN helps":
            if not verdict.gained:
                return f"It may help here. {batch} {plain} That is too few seeds to tell."
            return f"It helps here. {batch} {plain} One learning rate is not every one."
        case "BN does not help":
            return f"Not here. {batch} {plain}"
        case "neither":
            return f"Not here: at a learning rate of {verdict.rate:g} neither network learns."
    match verdict.standing:
        case "second":
            return (
                f"It helps here: both learn, and BN ends {points(verdict.gap)} higher. One learning"
                " rate is not every one."
            )
        case "first":
            return f"Not here: both learn, and BN ends {points(verdict.gap)} lower."
        case "same":
            return "Not here: both learn, and end with about the same test accuracy."
    return "This run cannot tell: both learn, and the seeds do not agree on who ends higher."


def _any_rate(verdict: HomeVerdict) -> str:
    said = _at_this_rate(verdict)
    if verdict.mostly[1]:
        return f"This run cannot tell. {said} One rate is not any rate. Turn it further up."
    if len(verdict.with_bn) == verdict.depth:
        return f"Not here. {said}"
    return f"Not here. {said} BN is in {layers(verdict.with_bn)}."


def _at_this_rate(verdict: HomeVerdict) -> str:
    rate, number, of = f"{verdict.rate:g}", len(verdict.batch.learned), verdict.seeds
    if not number:
        return f"At a rate of {rate} the network with BN did not learn in {any_seeds(of, of)}."
    return f"At a rate of {rate} the network with BN learned in {seeds(number, of)}."


def _every_layer(verdict: HomeVerdict) -> str:
    plain, batch = verdict.mostly
    if len(verdict.with_bn) == verdict.depth:
        return "This run cannot tell: every layer has BN. Switch some off above."
    if not batch:
        return f"Perhaps at this rate. {_with_some(verdict)}"
    if plain:
        return "This run cannot tell: at this rate, the plain network learns in most seeds, too."
    learned = seeds(len(verdict.batch.learned), verdict.seeds)
    enough = f"Not here: BN in {layers(verdict.with_bn)} was enough in {learned}."
    return f"{enough} {_learned(SUBJECTS['plain'], verdict.plain)}"


def _with_some(verdict: HomeVerdict) -> str:
    where, number, of = layers(verdict.with_bn), len(verdict.batch.learned), verdict.seeds
    if not number:
        return f"With BN in {where} the network did not learn in {any_seeds(of, of)}."
    return f"With BN in {where} the network learned in {seeds(number, of)}."
