"""The front door: what is often believed, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
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


def _learned(who: str, group: Group) -> str:
    """the plain network learned in 2 of 5 seeds; it did not learn in any of 5 seeds."""
    number, of = len(group.learned), len(group.fates)
    if not number:
        return f"{who} did not learn in {any_seeds(of, of)}"
    return f"{who} learned in {seeds(number, of)}"


def _helps(verdict: HomeVerdict) -> str:
    plain, batch = _learned("the plain one", verdict.plain), _learned("BN", verdict.batch)
    match verdict.outcome:
        case "BN helps":
            return f"It helps here: {batch}, {plain}. One learning rate is not every one."
        case "BN does not help":
            return f"Not here: {batch}, {plain}."
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
    said = f"at {verdict.rate:g} {_learned('the network with BN', verdict.batch)}"
    if verdict.mostly[1]:
        return f"This run cannot tell: {said}, and one rate is not any rate. Turn it further up."
    where = "" if len(verdict.with_bn) == verdict.depth else f" BN is in {layers(verdict.with_bn)}."
    return f"Not here: {said}.{where}"


def _every_layer(verdict: HomeVerdict) -> str:
    plain, batch = verdict.mostly
    if len(verdict.with_bn) == verdict.depth:
        return "This run cannot tell: every layer has BN. Switch some off above."
    where = f"BN in {layers(verdict.with_bn)}"
    if not batch:
        return f"Perhaps at this rate: with {where} {_learned('the network', verdict.batch)}."
    if plain:
        return "This run cannot tell: at this rate, the plain network learns in most seeds, too."
    learned = seeds(len(verdict.batch.learned), verdict.seeds)
    return f"Not here: {where} was enough in {learned}; {_learned('plain', verdict.plain)}."
