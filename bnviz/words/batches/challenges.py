"""When does it break?: what the lesson asks, and what a run answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from bnviz.verdicts.criteria import SAME
from bnviz.words.batches.errors import wrong
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.names import RELATIVES
from bnviz.words.numbers import percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.batches import AtSize, BatchesVerdict, Cure
    from bnviz.verdicts.sorted_batches import SortedVerdict

KINDS = ("plain", "batch", "layer")
NAMED = tuple(RELATIVES[kind] for kind in KINDS)
ALIKE, NONE = "about the same", "none of them"
SEEN: Final = 0.01  # of test error: lines that are closer cannot be told apart in the picture


def _errors(at: AtSize) -> dict[str, float]:
    """Test error by treatment; a network that diverged has nothing right."""
    ends = {"plain": at.plain, "batch": at.batch, "layer": at.layer}
    return {kind: 1 - end if end == end else 1.0 for kind, end in ends.items()}  # NaN


def _first(values: Mapping[str, float], within: float) -> str | None:
    """Whose value is the highest, by so much at least."""
    highest, second = sorted(values.values(), reverse=True)[:2]
    return max(values, key=lambda kind: values[kind]) if highest - second >= within else None


def _worst(verdict: BatchesVerdict) -> Outcome:
    """Who makes most errors in the smallest batches."""
    at, errors = verdict.smallest, _errors(verdict.smallest)
    worst = _first(errors, SAME)
    if max(errors.values()) - min(errors.values()) < SAME:
        right: str | None = ALIKE
    elif worst == "batch" and (at.against_layer, at.against_plain) != ("first", "first"):
        right = None
    else:
        right = RELATIVES[worst] if worst else None
    ends = _with_both(at)
    if right != RELATIVES["batch"]:
        return Outcome(right=right, why=ends)
    return Outcome(
        right=right,
        why=f"{ends} BN is behind in {seeds(at.worse_in, verdict.seeds)}: the mean and variance of"
        f" {at.size} samples hardly fit any other sample.",
    )


def _lowest(verdict: BatchesVerdict) -> Outcome:
    """Whose line is the lowest at the right end of the picture."""
    at = verdict.largest
    best = _first({kind: -error for kind, error in _errors(at).items()}, SEEN)
    return Outcome(
        right=RELATIVES[best] if best else None,
        why=f"The lines are medians of {seeds(verdict.seeds, verdict.seeds)}. {_beside_plain(at)}"
        " All three have made few updates there.",
    )


def _with_both(at: AtSize) -> str:
    batch, layer = wrong(at.batch), wrong(at.layer)
    return f"The test error ends at {batch} with BN, at {layer} with layer norm."


def _beside_plain(at: AtSize) -> str:
    """Of the largest batches."""
    batch, plain = wrong(at.batch), wrong(at.plain)
    return f"In the largest batches the test error ends at {batch} with BN, at {plain} with plain."


LEARNED = ("as much as layer norm", "less than layer norm", "nothing")


def _alone(verdict: BatchesVerdict) -> Outcome:
    """What BN learns in the smallest batches, which are of one sample."""
    at, guessing = verdict.smallest, percent(1 - 1 / verdict.classes)
    if verdict.fate == "diverged":
        return Outcome(right=None, why="The network with BN diverged.")
    if verdict.fate == "nothing":
        return Outcome(
            right=LEARNED[2],
            why=f"BN ends at {wrong(at.batch)} test error; guessing gives {guessing}. A single"
            " sample is its own mean: minus that mean, nothing is left of it.",
        )
    if at.behind:
        return Outcome(right=LEARNED[1], why=_with_both(at))
    alike = at.against_layer != "unclear"
    return Outcome(right=LEARNED[0] if alike else None, why=_with_both(at))


MENDED = ("most of it", "part of it", "hardly any")
CURES: Mapping[Cure, str] = {"much": MENDED[0], "some": MENDED[1], "none": MENDED[2]}


def _mended(verdict: BatchesVerdict) -> Outcome:
    """How much of BN's loss in the smallest batches precise statistics give back."""
    at, cure = verdict.smallest, verdict.cure
    if cure is None:
        return Outcome(right=None, why="BN is not clearly behind layer norm in these batches.")
    ends = (
        f"BN has {wrong(at.batch)} test error with its running averages and {wrong(at.precise)}"
        " with precise statistics (the ring)."
    )
    why = {
        "much": "Most of the harm is in the running averages.",
        "some": "Part of the harm is in the running averages, the rest in the training itself.",
        "none": "The harm is in the training: each update is computed with the statistics of few"
        " samples.",
        "in few seeds": "They help, but not in most seeds.",
    }
    return Outcome(right=CURES.get(cure), why=f"{ends} {why[cure]}")


AHEAD = ("at every size", "in large batches only", "at none")


def _ahead(verdict: BatchesVerdict) -> Outcome:
    """At which batch sizes BN is clearly ahead of plain."""
    ahead = [at.against_plain == "second" for at in verdict.sizes]
    first = len(ahead) - sum(ahead)
    right = None
    if all(ahead):
        right = AHEAD[0]
    elif any(ahead) and all(ahead[first:]):
        right = AHEAD[1]
    elif verdict.no_help:
        right = AHEAD[2]
    why = _beside_plain(verdict.largest)
    if right == AHEAD[2] and verdict.plain_trains:
        why = f"{why} A network that trains well without BN has nothing to gain from it."
    return Outcome(right=right, why=why)


def of_sorted(verdict: SortedVerdict) -> Outcome:
    """Whose test accuracy falls most by sorted batches."""
    trained = {one.kind: one for one in (verdict.batch, *verdict.others)}
    losses = {kind: trained[kind].lost for kind in KINDS}
    worst = _first(losses, SAME)
    if verdict.outcome in ("all classes", "no comparison"):
        right: str | None = None
    elif max(losses.values()) < SAME:
        right = NONE
    else:
        right = RELATIVES[worst] if worst and trained[worst].cost == "first" else None
    few, mixed = percent(verdict.batch.few), percent(verdict.batch.mixed)
    why = f"BN gets {few} of the test samples right; after mixed batches, {mixed}."
    if right == RELATIVES["batch"]:
        worse = seeds(verdict.worse_in, verdict.seeds)
        why = (
            f"{why} It is worse in {worse}: it has learned with the mean and variance of a few"
            " classes, and is tested with those of all."
        )
    return Outcome(right=right, why=why)


CHALLENGES = (
    Challenge(
        name="small",
        question="In batches of 2, which network gets the most test samples wrong?",
        answers=(*NAMED, ALIKE),
        setting={"batch_size": 2},
        outcome=_worst,
        expected=RELATIVES["batch"],
        tempting=Tempting(RELATIVES["plain"], Belief.NO_REASON_NOT),
    ),
    Challenge(
        name="large",
        look=True,
        question="At the right end, in batches of 32: whose error is the lowest?",
        answers=NAMED,
        setting={"batch_size": 2},
        outcome=_lowest,
        expected=RELATIVES["batch"],
        tempting=Tempting(RELATIVES["layer"], Belief.LAYER_NORM_SAFER),
    ),
    Challenge(
        name="one",
        question="In batches of a single sample, what does the network with BN learn?",
        answers=LEARNED,
        setting={"batch_size": 1},
        outcome=_alone,
        expected=LEARNED[2],
        tempting=Tempting(LEARNED[1], Belief.ONLY_NOISIER),
    ),
    Challenge(
        name="mended",
        question="In batches of 4, how much do better statistics at inference mend?",
        answers=MENDED,
        setting={"batch_size": 4},
        outcome=_mended,
        expected=MENDED[2],
        tempting=Tempting(MENDED[0], Belief.STATISTICS_MEND),
    ),
    Challenge(
        name="shallow",
        question="Two hidden layers: in which batches is BN clearly better than plain?",
        answers=AHEAD,
        setting={"batch_size": 2, "depth": 2},
        outcome=_ahead,
        expected=AHEAD[2],
        tempting=Tempting(AHEAD[1], Belief.NO_REASON_NOT),
    ),
    Challenge(
        name="sorted",
        question="Batches of 32 with only two classes each: who loses most accuracy?",
        answers=(*NAMED, NONE),
        setting={"depth": 2, "steps": 200},
        outcome=of_sorted,
        expected=RELATIVES["batch"],
        tempting=Tempting("none of them", Belief.ANY_COMPANY),
        opens="sorted",
        on="sorted",
    ),
)
