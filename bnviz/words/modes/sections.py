"""Why does it behave differently at test time?: the closed sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bnviz.words.numbers import apart, between, listed, loss, percent, points, seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnviz.verdicts.mode_sections import (
        Cure,
        EvaluationVerdict,
        Left,
        LeftVerdict,
        MistakesVerdict,
        SweepVerdict,
        UnitVerdict,
    )
    from bnviz.verdicts.modes import Memory, ModesVerdict, Statistics

UNIT = """
Dots: the statistics of each mini-batch. **Running average**: it starts from mean 0 and variance 1.
**Training set**: the whole of it, with the weights of that step. In the picture of the variance,
**biased** is what the average would be without the factor m/(m-1).
"""
MISTAKE = """
First picture: tested in training mode, because somebody forgot `model.eval()`. Second picture:
trained in inference mode, because somebody forgot `model.train()`, always or after a validation.
"""
SWITCHED = ("Tested in training mode", "Trained in inference mode")
SWEEP = """
The same training, for as many steps at the same rate, with mini-batches from 2 to 256 samples; the
test set comes in batches of the same size. It takes some seconds.
"""


def reference(verdict: ModesVerdict) -> str:
    """The plain network, which has one mode only."""
    if verdict.plain != verdict.plain:  # NaN
        return "The plain network, which has one mode only, diverged."
    said = f"The plain network, which has one mode only, gets {percent(verdict.plain)} right."
    if verdict.plain_ahead:
        return f"{said} At this setting BN does not help, in whatever mode."
    return said


def gap(verdict: ModesVerdict) -> str:
    """Both modes on the test set over training, and the plain network."""
    return f"{_statistics(verdict)} {reference(verdict)}".strip()


def _statistics(verdict: ModesVerdict) -> str:
    found = verdict.statistics
    if found is None:
        return ""
    running, precise = loss(found.running), loss(found.precise)
    if found.better != "alike":
        running, precise = apart(found.running, found.precise)
    said = (
        f"Test loss is {loss(found.own)} with batch statistics and {running} with the running"
        f" averages. With the statistics of the whole training set and the current weights, it is"
        f" {precise}."
    )
    if verdict.batch_size == 1:
        return f"{said} A mini-batch of one sample has no variance: nothing can be averaged."
    return f"{said} {_cured(verdict, found)}"


def _cured(verdict: ModesVerdict, found: Statistics) -> str:
    """What the statistics of the whole training set do for the predictions."""
    agree = seeds(found.agree, verdict.score.seeds)
    if found.better == "precise" and not verdict.learned:
        return "These are better, but with none of them has BN learned much."
    if found.better == "precise":
        return f"The averages were the weak point, not the weights, in {agree}."
    if found.better == "running":
        return f"Here they are no cure: the running averages do better in {agree}."
    if found.better == "mixed":
        return "Neither of the two does clearly better in more than half of the seeds."
    return "These do not help here: the running averages are about as good."


def momenta(some: Sequence[float]) -> str:
    """0.03, 0.1 and 0.3."""
    return listed([f"{momentum:g}" for momentum in some])


def rests_on(memory: Memory) -> str:
    """What the running averages of one momentum know at the last step."""
    match memory.rests_on:
        case "start":
            return of_start(memory)
        case "newest":
            return (
                f"With momentum {memory.momentum:g}, the newest mini-batch alone has"
                f" {percent(memory.momentum)} of the weight."
            )
    return (
        f"With momentum {memory.momentum:g}, half of the weight lies on the newest"
        f" {memory.half_life} mini-batches."
    )


def of_start(memory: Memory) -> str:
    """How much of the averages are still what they started from."""
    return (
        f"With momentum {memory.momentum:g}, the values that the averages started from still have"
        f" {percent(memory.of_start)} of the weight."
    )


def memory(verdict: ModesVerdict) -> str:
    """The best momentum and the worst, and what momentum means."""
    theirs = round(1 - verdict.momentum, 6)
    said = (
        f"PyTorch's momentum, here {verdict.momentum:g}, is the weight of the new mini-batch; many"
        f" texts call 1 minus it momentum, {theirs:g}."
    )
    found = verdict.momenta
    if not verdict.tells or found is None:
        return said
    best, worst = apart(found.losses[found.best], found.losses[found.worst])
    low, high = (f"{found.values[one]:g}" for one in (found.best, found.worst))
    said = (
        f"{said} The lowest test loss, {best}, comes with {low}. The highest, {worst}, comes with"
        f" {high}. {rests_on(found.worst_memory)}"
    )
    if len(found.good) == len(found.values):
        return f"{said} All of them are within 10 % of the best."
    if len(found.good) > 1:
        return f"{said} Within 10 % of the best are {momenta(found.good)}."
    return said


def units(verdict: ModesVerdict) -> list[str]:
    """What the single units are called, in the order of a result's units, also in the link."""
    return [f"layer {layer}, unit {number}" for layer, number in verdict.places]


def unit(verdict: UnitVerdict, run: ModesVerdict) -> str:
    """What one unit's picture shows: how far it is off, and how the variances of batches are."""
    return f"{UNIT.strip()}\n\n{_unit(verdict)}\n\n{variances(run)}".rstrip()


def _unit(verdict: UnitVerdict) -> str:
    """How far the running averages and the last mini-batch of one unit are off."""
    number, layer = verdict.number, verdict.layer
    if verdict.off is None:
        return f"At the last step, unit {number} of layer {layer} has no statistics to compare."
    running, newest = verdict.off
    return (
        f"At the last step, unit {number} of layer {layer} has a running mean {running.mean:.2f}"
        " standard deviations away from the mean of the whole training set. The running variance is"
        f" {percent(running.variance)} away from that of the training set. The last mini-batch"
        f" alone has a mean {newest.mean:.2f} standard deviations away, and a variance"
        f" {percent(newest.variance)} away."
    )


def variances(verdict: ModesVerdict) -> str:
    """Biased and unbiased variance: first layer, and the last one where it differs."""
    found, size = verdict.variances, verdict.batch_size
    if found is None:
        return ""
    said = (
        f"In layer 1, the variance of a mini-batch is on average"
        f" {found.first * (size - 1) / size:.2f} times that of the whole training set. PyTorch"
        f" multiplies it by {size}/{size - 1} before it averages: this unbiased variance is"
        f" {found.first:.2f} times that of the training set."
    )
    if found.deep is None:
        return said
    return (
        f"{said}\n\nIn layer {found.layer} the unbiased variance is {found.deep:.2f} times that of"
        " the training set. There the samples of a mini-batch are no longer independent, for BN in"
        " the layers before has tied them together. So inference divides by too much, and the error"
        " grows from layer to layer."
    )


def mistakes(verdict: MistakesVerdict) -> str:
    """Forgetting to switch, to inference mode and back to training mode."""
    return (
        f"{MISTAKE.strip()}\n\n{_evaluated(verdict.evaluation)} {_left_in_inference(verdict.left)}"
    )


def _evaluated(verdict: EvaluationVerdict | None) -> str:
    """Forgetting to switch to inference mode."""
    if verdict is None:
        return "BN diverged: there is nothing to evaluate."
    return (
        f"**Tested in training mode**, one sample at a time, {percent(verdict.alone)} are right. In"
        f" batches of {verdict.size} it is {percent(verdict.shuffled)}, and"
        f" {percent(verdict.by_class)} if the test set is sorted by class. In inference mode it is"
        f" {percent(verdict.running)} in whatever company."
    )


def _left_in_inference(verdict: LeftVerdict) -> str:
    """Forgetting to switch back to training mode."""
    if verdict.outcome == "diverged":
        return "BN diverged, even when it was trained the right way."
    shown = (
        f"{fate(verdict.always, verdict.seeds, ALWAYS)} {fate(verdict.later, verdict.seeds, LATER)}"
        f" Trained the right way, it reaches {percent(verdict.right)}."
    )
    match verdict.outcome:
        case "better than the averages":
            return f"{shown} Here the mistake does better than these running averages."
        case "better":
            if verdict.small_batches:
                return (
                    f"{shown} Here the mistake does better: nothing in it depends on such"
                    " mini-batches."
                )
            return f"{shown} Here the mistake does better."
        case "harmless":
            return f"{shown} At this setting the mistake does no harm, which makes it hard to find."
    return shown


class Fates(NamedTuple):
    """Whether all, no or some seeds of a network got through, with slots."""

    reached: str
    diverged: str
    both: str


ALWAYS = Fates(
    reached="**Trained in inference mode** from the start, BN reaches {accuracy}.",
    diverged="**Trained in inference mode** from the start, BN diverged in {seeds}.",
    both="**Trained in inference mode** from the start, BN diverged in {seeds} and otherwise"
    " reaches {accuracy}.",
)
LATER = Fates(
    reached="Left in inference mode after step {since}, it reaches {accuracy}.",
    diverged="Left in inference mode after step {since}, it diverged in {seeds}.",
    both="Left in inference mode after step {since}, it diverged in {seeds} and otherwise reaches"
    " {accuracy}.",
)


def fate(left: Left, of: int, told: Fates) -> str:
    """What became of a network that was trained in inference mode."""
    sentence = told.both if left.diverged else told.reached
    if left.accuracy != left.accuracy:  # NaN
        sentence = told.diverged
    lost = seeds(left.diverged, of)
    return sentence.format(accuracy=percent(left.accuracy), seeds=lost, since=left.since)


def sweep(verdict: SweepVerdict | None) -> str:
    """The gap between the modes by batch size."""
    if verdict is None:
        return "BN diverged at every batch size."
    gap = points(verdict.running - verdict.own)
    if not verdict.apart:
        reach = between(f"{verdict.sizes[0]}", f"{verdict.sizes[-1]}")
        said = f"The two modes are {gap} apart at most, in batches of {reach}."
    else:
        said = _widest(verdict)
    return f"{said} {_cure(verdict.cure)}".strip()


def _widest(verdict: SweepVerdict) -> str:
    others = [f"{size}" for size in verdict.as_wide if size != verdict.widest]
    own, running = percent(verdict.own), percent(verdict.running)
    said = (
        f"The two modes are furthest apart in batches of {verdict.widest}: {own} in training mode,"
        f" {running} in inference mode."
    )
    if others:
        said = f"{said} In batches of {listed(others)} they are about as far apart."
    if verdict.last == verdict.widest:
        return said
    return f"{said} In batches of {verdict.last} the gap is {points(verdict.last_gap)}."


def _cure(cure: Cure | None) -> str:
    if cure is None:
        return ""
    if not cure.sizes:
        return (
            "The statistics of the whole training set lower the test loss by no more than 10 % at"
            " any of these sizes."
        )
    precise, running = apart(cure.precise, cure.running)
    where = listed([f"{size}" for size in cure.sizes])
    if len(cure.sizes) > 1:
        return (
            "The statistics of the whole training set lower the test loss by more than 10 % in"
            f" batches of {where}, most in those of {cure.most}: {precise} in place of {running}."
        )
    return (
        "The statistics of the whole training set lower the test loss by more than 10 % in batches"
        f" of {where}: {precise} in place of {running}."
    )
