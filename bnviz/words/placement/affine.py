"""What is said of gamma and beta, trained or frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.arms import end, ended, unlearned
from bnviz.words.belief import Belief
from bnviz.words.findings import Findings
from bnviz.words.numbers import magnitude, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.arms import Arm
    from bnviz.verdicts.placement import Affine, PlacementVerdict


def findings(verdict: PlacementVerdict, affine: Affine) -> Findings:
    """Whether training them helps, and whether normalizing alone does."""
    trained = ended("The network with γ and β trained", verdict.arm("trained"))
    frozen = ended("The network with both frozen", verdict.arm("frozen"))
    changed = (
        f"By the end, γ is {magnitude(affine.moved)} away from 1 in the typical layer."
        if affine.moved == affine.moved  # not NaN
        else ""
    )
    said = (f"{trained} {frozen}", _normalizing_alone(verdict, affine), changed)
    return Findings.told(_headline(verdict, affine), *filter(None, said))


def _headline(verdict: PlacementVerdict, affine: Affine) -> str:
    won = seeds(affine.contest.ahead, verdict.seeds)
    match affine.outcome:
        case "same":
            return "Training γ and β hardly matters here: frozen is as good."
        case "unclear":
            return "Neither trained nor frozen γ and β are better in most seeds here."
        case "helps":
            return f"Training γ and β helps here, in {won}."
        case "does not help":
            return f"Training γ and β does not help here: frozen is better in {won}."
    return unlearned(affine.outcome, "BN, with or without γ and β,")


def _normalizing_alone(verdict: PlacementVerdict, affine: Affine) -> str:
    does = {
        "none learns": "Normalizing alone, without γ and β, does not make it learn here.",
        "helps": "Normalizing alone, without γ and β, already helps.",
        "harms": "Normalizing alone, without γ and β, is worse than nothing here.",
        "no help": "Normalizing alone, without γ and β, does not help here.",
    }[affine.alone]
    return f"{does} {ended('Plain', verdict.arm('plain'))}"


def beliefs(verdict: PlacementVerdict, affine: Affine) -> dict[str, str]:
    """What is often believed of the two, and what this run says of it."""
    trained, frozen = verdict.arm("trained"), verdict.arm("frozen")
    ends = f"trained {end(trained)}, frozen {end(frozen)}"
    compared = f"plain {end(verdict.arm('plain'))}, {ends}"
    works = {
        "no": f"No: with both frozen it still does better than plain ({compared}).",
        "yes": f"In this run they do count: {compared}.",
        "cannot tell": f"This run cannot tell: {compared}.",
    }[affine.does_it]
    return {
        Belief.NEEDS_GAMMA_BETA: _without(affine, trained, frozen, ends),
        Belief.WORKS_BY_GAMMA_BETA: works,
    }


def _without(affine: Affine, trained: Arm, frozen: Arm, ends: str) -> str:
    """ends: of both, as a list."""
    if not frozen.learned:
        if trained.learned:
            return f"In this run it is so: {ends}."
        return f"Here it learns neither with nor without them: {ends}."
    match affine.contest.standing:
        case "first":
            return f"Without them it is weaker here: {ends}."
        case "second":
            return f"This network learns better without them: {ends}."
        case "same":
            return f"This network learns as well without them: {ends}."
        case "unclear":
            return (
                f"This network learns without them, and neither way is ahead in most seeds: {ends}."
            )
