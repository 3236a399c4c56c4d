"""What is often believed of BN's relatives, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.names import RELATIVES
from bnviz.words.numbers import percent
from bnviz.words.relatives.compared import beside, numbers, of_space, of_span

if TYPE_CHECKING:
    from bnviz.verdicts.relatives import Parts, RelativesVerdict, Space

CANNOT_TELL = "This run cannot tell: no network learns, or one that is needed here diverged."
SMALL = 8  # samples: up to here a batch is called small


def beliefs(verdict: RelativesVerdict) -> dict[str, str]:
    """Common beliefs, each with what this run says of it."""
    return {
        Belief.SMALL_ALWAYS_BREAK: _always_breaks(verdict),
        Belief.WHICH_NORM: _no_matter(verdict),
        Belief.INSTANCE_EVERYWHERE: _everywhere(verdict.space),
        Belief.MIXTURE_BETTER: _better_than_parts(verdict.parts),
    }


def _always_breaks(verdict: RelativesVerdict) -> str:
    if not verdict.company:
        return CANNOT_TELL
    samples, said = verdict.samples, f"{beside(verdict.company)} {numbers(verdict)}"
    if samples > SMALL:
        return f"This run has batches of {samples}, which are not small; choose 2. {said}"
    if verdict.company.leader == "first":
        return f"They do here. {said}"
    if verdict.company.leader == "unclear":
        return f"Not clearly here, in batches of {samples}. {said}"
    return f"Not here, in batches of {samples}. {said}"


def _no_matter(verdict: RelativesVerdict) -> str:
    normalized = verdict.normalized
    if not verdict.compared or not normalized or normalized.kinds < 2:
        return CANNOT_TELL
    told = of_span(verdict.apart or normalized)
    if verdict.outcome == "unclear":
        return f"This run cannot tell. {told} These are medians; the seeds do not agree."
    if verdict.outcome in {"alike", "only plain"}:
        return f"At these settings it hardly does. {told} Try one pixel, or batches of two."
    return f"It does. {told} They differ in which numbers they average, and in how many."


def _everywhere(space: Space | None) -> str:
    if not space:
        return CANNOT_TELL
    if space.one_pixel:
        return f"It needs space. {' '.join(of_space(space))}"
    return f"{' '.join(of_space(space))} With one pixel left, it has nothing to average."


def _better_than_parts(parts: Parts | None) -> str:
    if not parts:
        return CANNOT_TELL
    told = (
        f"Switchable norm gets {percent(parts.switchable)} right, {RELATIVES[parts.best]}"
        f" {percent(parts.accuracy)}."
    )
    match parts.leader:
        case "first":
            return f"In this run it is. {told}"
        case "second":
            return f"Not in this run. {told}"
        case "unclear":
            return f"The seeds of this run do not agree. {told}"
    return f"Not clearly, in this run. {told} It is about as good as the best of its parts."
