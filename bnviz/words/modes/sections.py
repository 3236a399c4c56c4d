"""Why does it behave differently at test time?: the closed sections, and the beliefs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words import names
from bnviz.words.belief import Belief
from bnviz.words.numbers import apart, calculated, listed, loss, many, percent, points, seeds

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
    from bnviz.verdicts.modes import Memory, ModesVerdict, Momenta, Statistics

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
    said = f"The plain network, which has one mode only, gets {percent(verdict.plain)} right"
    if verdict.plain_ahead:
        return f"{said}: at this setting BN does not help, in whatever mode."
    return f"{said}."


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
        f" {precise}"
    )
    if verdict.batch_size == 1:
        return f"{said}. A mini-batch of one sample has no variance: nothing can be averaged."
    return f"{said}: {_cured(verdict, found)}."


def _cured(verdict: ModesVerdict, found: Statistics) -> str:
    """What the statistics of the whole training set do for the predictions."""
    agree = seeds(found.agree, verdict.score.seeds)
    if found.better == "precise" and not verdict.learned:
        return "these are better, but with none of them has BN learned much"
    if found.better == "precise":
        return f"the averages were the weak point, not the weights, in {agree}"
    if found.better == "running":
        return f"here they are no cure, the running averages do better in {agree}"
    if found.better == "mixed":
        return "neither of the two does clearly better in more than half of the seeds"
    return "these do not help here, the running averages are about as good"


def momenta(some: Sequence[float]) -> str:
    """0.03, 0.1 and 0.3."""
    return listed([f"{momentum:g}" for momentum in some])


def rests_on(memory: Memory) -> str:
    """What the running averages of one momentum know at the last step."""
    match memory.rests_on:
        case "start":
            start = percent(memory.of_start)
            return f"the values that the averages started from still have {start} of the weight"
        case "newest":
            return f"the newest mini-batch alone has {percent(memory.momentum)} of the weight"
    return f"half of the weight lies on the newest {memory.half_life} mini-batches"


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
    said += (
        f" The lowest test loss, {best}, comes with {found.values[found.best]:g}. The highest,"
        f" {worst}, comes with {found.values[found.worst]:g}: {rests_on(found.worst_memory)}."
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
    who = f"unit {verdict.number} of layer {verdict.layer}"
    if verdict.off is None:
        return f"At the last step, {who} has no statistics to compare."
    running, newest = verdict.off
    return (
        f"At the last step, {who} has a running mean {running.mean:.2f} standard deviations away"
        f" from the mean of the whole training set. The running variance is"
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
        f"**Trained in inference mode** from the start, BN {fate(verdict.always, verdict.seeds)}."
        f" Left in inference mode after step {verdict.later.since}, it"
        f" {fate(verdict.later, verdict.seeds)}. Trained the right way, it reaches"
        f" {percent(verdict.right)}."
    )
    match verdict.outcome:
        case "better than the averages":
            return f"{shown} Here the mistake does better than these running averages."
        case "better":
            why = ": nothing in it depends on such mini-batches" if verdict.small_batches else ""
            return f"{shown} Here the mistake does better{why}."
        case "harmless":
            return f"{shown} At this setting the mistake does no harm, which makes it hard to find."
    return shown


def fate(left: Left, of: int) -> str:
    """What became of a network that was trained in inference mode."""
    diverged = f"diverged in {seeds(left.diverged, of)}"
    if left.accuracy != left.accuracy:  # NaN
        return diverged
    reached = f"reaches {percent(left.accuracy)}"
    return f"{diverged} and otherwise {reached}" if left.diverged else reached


def sweep(verdict: SweepVerdict | None) -> str:
    """The gap between the modes by batch size."""
    if verdict is None:
        return "BN diverged at every batch size."
    gap = points(verdict.running - verdict.own)
    if not verdict.apart:
        reach = f"{verdict.sizes[0]}"
        if len(verdict.sizes) > 1:
            reach += f" to {verdict.sizes[-1]}"
        said = f"The two modes are {gap} apart at most, in batches of {reach}."
    else:
        said = _widest(verdict)
    return f"{said} {_cure(verdict.cure)}".strip()


def _widest(verdict: SweepVerdict) -> str:
    others = [f"{size}" for size in verdict.as_wide if size != verdict.widest]
    as_far = f" (and about as far in those of {listed(others)})" if others else ""
    said = (
        f"The two modes are furthest apart in batches of {verdict.widest}{as_far}:"
        f" {percent(verdict.own)} in training mode, {percent(verdict.running)} in inference mode."
    )
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
        where += f", most in those of {cure.most}"
    return (
        "The statistics of the whole training set lower the test loss by more than 10 % in batches"
        f" of {where}: {precise} in place of {running}."
    )


def beliefs(verdict: ModesVerdict) -> dict[str, str]:
    """Common beliefs, each with what this run says of it."""
    return {
        Belief.ONLY_DROPOUT: _only_dropout(verdict),
        Belief.ALL_OF_TRAINING: _all_of_training(verdict),
        Belief.LARGER_MOMENTUM: _larger_momentum(verdict),
        Belief.NEEDS_A_BATCH: _needs_a_batch(verdict),
    }


def _cannot_tell(verdict: ModesVerdict) -> str:
    if verdict.outcome == "diverged":
        return "This run cannot tell: BN diverged."
    return "This run cannot tell: BN learned too little in either mode."


def _only_dropout(verdict: ModesVerdict) -> str:
    if verdict.changed != verdict.changed:  # NaN
        return "This run cannot tell: BN diverged."
    number, of = round(verdict.changed * verdict.test_samples), verdict.test_samples
    if number == 0:
        return f"There is no dropout here. In this run none of {of} test samples changes its class."
    said = (
        f"There is no dropout here, and still {many(number, 'test sample')} of {of}"
        f" {'gets' if number == 1 else 'get'} another class when the mode is switched (median of"
        " the seeds)."
    )
    match verdict.why_few:
        case "alike":
            return f"{said} That is little, because BN hardly tells the samples apart."
        case "many":
            return (
                f"{said} That is little, because a mini-batch of this size is much like the whole"
                " training set."
            )
        case "unknown":
            return f"{said} That is little."
    return said


def _all_of_training(verdict: ModesVerdict) -> str:
    found = verdict.even
    said = f"With momentum {verdict.momentum:g}, {rests_on(verdict.memory)}."
    if not verdict.tells or found is None:
        return said
    even, running = loss(found.loss), loss(found.running)
    if found.better != "alike":
        even, running = apart(found.loss, found.running)
    compared = "about the same"
    if found.better == "running":
        compared = "worse, for most of these mini-batches were seen by other weights"
    elif found.better == "even" and verdict.memory.counts_start:
        start = percent(verdict.memory.of_start)
        compared = f"better: the running averages are still {start} start values"
    elif found.better == "even":
        compared = "better: here the longer memory pays"
    elif found.better == "mixed":
        compared = "neither is clearly better in more than half of the seeds"
    return (
        f"{said} The average over all {verdict.steps} mini-batches (PyTorch's momentum=None) gives"
        f" a test loss of {even} in place of {running}: {compared}."
    )


def _larger_momentum(verdict: ModesVerdict) -> str:
    found = verdict.momenta
    if not verdict.tells:
        return _cannot_tell(verdict)
    if found is None:
        return "This run cannot tell: not every momentum gave a number."
    if len(found.good) == len(found.values):
        return (
            f"Not in this run: with all momenta, {momenta(found.values)}, the test loss is within"
            f" 10 % of the lowest, {loss(min(found.losses))}."
        )
    if found.kind == "largest":
        return (
            f"In this run it is: {found.values[-1]:g}, the largest, gives the lowest test loss,"
            f" {loss(found.losses[-1])}. Here the statistics change faster than they fluctuate."
        )
    return f"{_against_the_largest(found)} {_the_other_convention(found)}"


def _against_the_largest(found: Momenta) -> str:
    """The largest momentum beside the best one, or beside the best of the others."""
    weight = "PyTorch's momentum is the weight of the new mini-batch"
    if found.values[-1] in found.good:
        others = momenta(found.good[:-1])
        return (
            f"{weight}: {found.values[-1]:g}, the largest, is among the best, but no better than"
            f" {others} (test losses within 10 % of {loss(min(found.losses))})."
        )
    largest, best = apart(found.losses[-1], found.losses[found.best])
    return (
        f"{weight}: {found.values[-1]:g}, the largest, gives a test loss of {largest},"
        f" {found.values[found.best]:g} one of {best}."
    )


def _the_other_convention(found: Momenta) -> str:
    longer = "In the other convention larger means a longer memory"
    if found.kind == "smallest":
        return f"{longer}: there it is so here."
    return f"{longer}, and the smallest here, {found.values[0]:g}, gives {loss(found.losses[0])}."


def _needs_a_batch(verdict: ModesVerdict) -> str:
    change = verdict.in_company
    if change != change:  # NaN
        return "This run cannot tell: BN diverged in the first seed."
    moved = (
        f"changes by more than {calculated(change, 1)}, which is rounding"
        if change
        else "changes at all"
    )
    name = f"The {names.sample(verdict.sample.dataset, verdict.sample.label)}"
    return (
        f"{name}, in inference mode alone and together with all {verdict.test_samples} of the test"
        f" set: no probability {moved}."
    )
