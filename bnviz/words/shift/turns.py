"""Is it internal covariate shift?: what a run shows, in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bnviz.verdicts.shift import EARLY
from bnviz.words.findings import Findings
from bnviz.words.names import NORMALIZERS
from bnviz.words.numbers import degrees, percent, seeds
from bnviz.words.pair import factor, no_comparison, not_compared, nothing_fell, over_seeds

if TYPE_CHECKING:
    from bnviz.verdicts.shift import Compared, Noisy, Phase, ShiftVerdict

THREE = {name: NORMALIZERS[name] for name in ("plain", "batch", "noisy")}
"""What a reader calls the three networks."""
OWNERS = {"plain": "Plain's", "batch": "BN's"}
MORE = {"plain": "plain's", "batch": "BN's", "neither": "about the same"}


def turn(angle: float) -> str:
    """An angle between gradients; one too small for the measure is no 0°."""
    return degrees(angle or 1e-3)


def findings(verdict: ShiftVerdict) -> Findings:
    """What this run shows; the headline says whose gradient shifts more."""
    lost, compared = not_compared(verdict.lost), verdict.compared
    if not compared:
        return Findings.told(*uncompared(verdict), *_training(verdict), *lost)
    overall = compared.overall
    noisy, *others = _training(verdict)
    order, *phases = _over_time(compared)
    return Findings.told(
        _headline(overall),
        f"Averaged over training, one update of the layers below turns a layer's gradient by"
        f" {turn(overall.batch)} with BN and by {turn(overall.plain)} without.",
        noisy,
        order,
        *in_seeds(overall),
        *others,
        *phases,
        _length(compared),
        *lost,
    )


def _headline(overall: Phase) -> str:
    if overall.open:
        return "The seeds do not agree on who has more internal covariate shift."
    if overall.more == "batch":
        return "With BN there is more internal covariate shift, not less."
    if overall.more == "plain":
        return "On average BN has less internal covariate shift here."
    return "BN hardly changes the internal covariate shift here."


def uncompared(verdict: ShiftVerdict) -> tuple[str, ...]:
    if verdict.silent:
        return ("Where both networks learned, a gradient was zero: nothing to compare.",)
    moral = "The gradient of a network that does not learn may turn a lot, or not at all."
    return nothing_fell(verdict.fell), no_comparison(verdict.fell, verdict.measured, moral)


def in_seeds(phase: Phase) -> tuple[str, ...]:
    """In how many seeds the order is so; nothing where there is none."""
    if not phase.more:
        return ()
    where = seeds(phase.turns.agree, phase.seeds)
    return (f"{OWNERS[phase.more]} gradient turns more in {where}.",)


def _training(verdict: ShiftVerdict) -> tuple[str, ...]:
    """How the network with noise ended beside BN, then the plain one, then who diverged."""
    plain, batch, noisy = (ended(*one) for one in zip(ENDED, verdict.accuracy, strict=True))
    said = [f"{noisy} {batch} {_harm(verdict)}", plain]
    if verdict.noisy_lost:
        said.append(f"Noisy BN diverged in {seeds(verdict.noisy_lost, verdict.seeds)}.")
    return tuple(said)


ENDED = (
    "The plain network",
    "BN without noise",
    "Noisy BN (random noise after every BN layer)",
)


def ended(name: str, accuracy: float) -> str:
    if math.isnan(accuracy):
        return f"{name} diverged."
    return f"{name} ends at {percent(accuracy)} test accuracy."


def _harm(verdict: ShiftVerdict) -> str:
    if verdict.noisy == "not at all" and not verdict.batch_learned:
        return "Neither of them learned anything."
    if verdict.noisy == "worse" and not verdict.noisy_learned:
        return "The noise costs accuracy, though the network learns something."
    return HARM[verdict.noisy]


HARM: dict[Noisy, str] = {
    "as well": "The noise did no clear harm.",
    "worse": "The noise costs accuracy, though the network learns.",
    "unclear": "The seeds do not agree whether the noise costs accuracy.",
    "not at all": "The network with noise learned nothing.",
}


def _over_time(compared: Compared) -> tuple[str, str, str]:
    """Whether the order is the same early and late; then both in numbers."""
    early, late = compared.early, compared.late
    numbers = (
        f"In the first {EARLY} steps BN's gradient turns by {turn(early.batch)}, plain's by"
        f" {turn(early.plain)}.",
        f"In the second half BN's gradient turns by {turn(late.batch)}, plain's by"
        f" {turn(late.plain)}.",
    )
    return (_order(compared), *numbers)


def _order(compared: Compared) -> str:
    early, late = compared.early, compared.late
    if early.open or late.open:
        return "Early or late in training, the seeds do not agree on the order."
    if early.more == late.more:
        told = BOTH_TIMES if early.more == compared.overall.more else NOT_ON_AVERAGE
        return told[early.more or "neither"]
    if early.more and late.more:
        one, other = MORE[early.more], MORE[late.more]
        return f"The order changes: early in training {one} gradient turns more, late {other}."
    if early.more:
        return f"{OWNERS[early.more]} gradient turns more only early in training."
    return f"{OWNERS[late.more or 'plain']} gradient turns more only late in training."


BOTH_TIMES = {
    "plain": "Plain's gradient turns more both early and late in training.",
    "batch": "BN's gradient turns more both early and late in training.",
    "neither": "Both gradients turn about as much both early and late in training.",
}
NOT_ON_AVERAGE = {
    "plain": "Plain's gradient turns more both early and late in training, but not on average.",
    "batch": "BN's gradient turns more both early and late in training, but not on average.",
    "neither": (
        "Both gradients turn about as much both early and late in training, but not on average."
    ),
}


def _length(compared: Compared) -> str:
    one, angle = compared.length, compared.overall
    if one.open:
        return (
            "Measured by the length of the change, ‖G − G'‖, the seeds do not agree on whose"
            " gradient changes more."
        )
    if not one.more:
        return (
            "Measured by the length of the change, ‖G − G'‖, the gradient changes about as much"
            " with BN as without."
        )
    whose, other = ("BN's", "plain's") if one.more == "batch" else ("plain's", "BN's")
    beside = "A longer gradient also changes by more."
    if one.more == angle.more:
        return (
            f"Measured by the length of the change, ‖G − G'‖, too, {whose} gradient changes more:"
            f" {factor(one)} as much as {other}. {over_seeds(one)} {beside}"
        )
    return (
        "Measured by the length of the change, ‖G − G'‖, in contrast to the angle,"
        f" {whose} gradient changes more: {factor(one)} as much as {other}. {over_seeds(one)}"
        f" {beside}"
    )
