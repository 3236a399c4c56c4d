"""When does it break?: what is often believed, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.batches.errors import at_sizes, mends, pays, wrong
from bnviz.words.belief import Belief

if TYPE_CHECKING:
    from bnviz.verdicts.batches import AtSize, BatchesVerdict

CANNOT_TELL = "This run cannot tell: layer norm learns too little at these settings."
UNKNOWN = "This run cannot tell: a network diverged or does not learn."


def beliefs(verdict: BatchesVerdict) -> dict[str, str]:
    """Common beliefs, each with what this run says of it."""
    said: dict[str, str] = {
        Belief.NO_REASON_NOT: _no_reason(verdict),
        Belief.ONLY_NOISIER: pays(verdict) or UNKNOWN,
        Belief.LAYER_NORM_SAFER: _safer(verdict.ahead),
        Belief.STATISTICS_MEND: _better(verdict),
    }
    return said if verdict.reference else dict.fromkeys(said, CANNOT_TELL)


def _no_reason(verdict: BatchesVerdict) -> str:
    if ahead := verdict.plain_ahead:
        at = verdict.worst_beside_plain
        return (
            f"Here plain is clearly better than BN at {at_sizes([one.size for one in ahead])}: at"
            f" {at.size} it has {wrong(at.plain)} test error, BN {wrong(at.batch)}."
        )
    if not verdict.behind:
        return "In this run there is none: at no batch size is plain clearly better than BN."
    at = verdict.behind[0]
    return (
        "Plain is no reason here: at no batch size is it clearly better than BN. Layer norm is"
        f" one: at batch size {at.size} it has {wrong(at.layer)} test error, BN {wrong(at.batch)}."
    )


PUBLISHED = (
    "On ImageNet, with batches of 32 per worker, layer norm has 25.3 % error and BN 23.6 % (Wu & He"
    " 2018)."
)


def _safer(ahead: AtSize | None) -> str:
    if ahead:
        return (
            f"Not here: at batch size {ahead.size} BN has {wrong(ahead.batch)} test error, layer"
            f" norm {wrong(ahead.layer)}. {PUBLISHED}"
        )
    return (
        f"In this run it is nowhere clearly worse than BN. That is not so everywhere. {PUBLISHED}"
    )


def _better(verdict: BatchesVerdict) -> str:
    if not verdict.behind:
        return "There is nothing to mend here: BN is not clearly behind layer norm."
    return mends(verdict.mending) or UNKNOWN
