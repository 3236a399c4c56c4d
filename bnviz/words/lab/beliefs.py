"""The lab: what is often believed, and what two runs say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.names import NORMALIZERS
from bnviz.words.numbers import seeds

if TYPE_CHECKING:
    from bnviz.verdicts.lab import LabVerdict

SAME = "These runs cannot tell: both are the same. Change something in one of them."


def beliefs(verdict: LabVerdict) -> dict[str, str]:
    """What is often believed, and what these two runs say of it."""
    said: dict[str, str] = {
        Belief.AHEAD_ON_THE_WAY: _on_the_way(verdict),
        Belief.ONE_SEED: _one_seed(verdict),
        Belief.NORMALIZING_HELPS: _normalization(verdict),
    }
    return dict.fromkeys(said, SAME) if verdict.outcome == "same runs" else said


def _on_the_way(verdict: LabVerdict) -> str:
    if verdict.pace is None:
        return "These runs cannot tell: there is no way to compare."
    way, end = verdict.pace.leader, verdict.leader
    if way is None:
        return "These runs cannot tell: neither is clearly ahead on the way."
    if way == end:
        return f"It is so here: {way} is ahead, averaged over training and at the end."
    if end:
        return f"Not here: averaged over training {way} is ahead, at the end {end} is."
    return f"Not here: averaged over training {way} is ahead, at the end neither is clearly."


def _one_seed(verdict: LabVerdict) -> str:
    score = verdict.score
    if score.seeds < 2:
        return "These runs cannot tell: they have one seed in common. Train with more."
    everyone = score.seeds
    if score.even == everyone:
        return f"Here each seed says the same: neither is ahead, in {seeds(everyone, everyone)}."
    for letter, ahead in (("A", score.first), ("B", score.second)):
        if ahead == everyone:
            same = seeds(everyone, everyone)
            return f"Here any one would have done: {letter} is ahead in {same}."
    return (
        f"Not here: A is ahead in {seeds(score.first, everyone)}, B in"
        f" {seeds(score.second, everyone)}. One alone could have said otherwise."
    )


def _normalization(verdict: LabVerdict) -> str:
    letter = verdict.normalized
    if letter is None:
        return (
            "These runs cannot tell: that takes a plain run, and one that differs from it in"
            " nothing but a normalizer."
        )
    if verdict.outcome in ("neither learned", "both diverged"):
        return "These runs cannot tell: neither has learned much."
    (kind,) = (end.treatment for end in verdict.arms if end.letter == letter)
    name, of = NORMALIZERS[kind], verdict.score.seeds
    ahead = verdict.score.first if letter == "A" else verdict.score.second
    if verdict.no_help:
        return f"Not here: with {name} {letter} ends higher in {seeds(ahead, of)}."
    if verdict.leader == letter:
        return f"It does here: with {name} {letter} ends higher in {seeds(ahead, of)}."
    return f"These runs cannot tell: with {name} {letter} is not clearly ahead, nor behind."
