"""What is said of gamma and beta, trained or frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.arms import end, ended, unlearned
from bnviz.words.belief import Belief
from bnviz.words.findings import Findings
from bnviz.words.numbers import magnitude, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.placement import Affine, PlacementVerdict


def findings(verdict: PlacementVerdict, affine: Affine) -> Findings:
    """Whether training them helps, and whether normalizing alone does."""
    trained, frozen = (ended(verdict.arm(name)) for name in ("trained", "frozen"))
    ends = f"With γ and β trained, the network {trained}; with both frozen, it {frozen}."
    changed = (
        f"By the end, γ is {magnitude(affine.moved)} away from 1 in the typical layer."
        if affine.moved == affine.moved  # not NaN
        else ""
    )
    said = (ends, _normalizing_alone(verdict, affine), changed)
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
        "none learns": "Normalizing alone, without γ and β, does not make it learn here",
        "helps": "Normalizing alone, without γ and β, already helps",
        "harms": "Normalizing alone, without γ and β, is worse than nothing here",
        "no help": "Normalizing alone, without γ and β, does not help here",
    }[affine.alone]
    return f"{does}: {end(verdict.arm('frozen'))}, plain {end(verdict.arm('plain'))}."


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
    without = _without(affine, trained.learned, frozen.learned)
    return {
        Belief.NEEDS_GAMMA_BETA: f"{without}: {ends}.",
        Belief.WORKS_BY_GAMMA_BETA: works,
    }


def _without(affine: Affine, trained: bool, frozen: bool) -> str:
    """trained, frozen: whether these networks learn."""
    if not frozen:
        return "In this run it is so" if trained else "Here it learns neither with nor without them"
    match affine.contest.standing:
        case "first":
            return "Without them it is weaker here"
        case "second":
            return "This network learns better without them"
        case "same":
            return "This network learns as well without them"
        case "unclear":
            return "This network learns without them, and neither way is ahead in most seeds"
