"""Why does it behave differently at test time?: what is often believed, and what a run says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words import names
from bnviz.words.belief import Belief
from bnviz.words.modes.sections import momenta, rests_on
from bnviz.words.numbers import apart, calculated, loss, percent

if TYPE_CHECKING:
    from bnviz.verdicts.modes import Memory, ModesVerdict, Momenta


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
    said = _switched(number, of)
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


def _switched(number: int, of: int) -> str:
    if number == 1:
        return (
            f"There is no dropout here, and still 1 test sample of {of} gets another class when the"
            " mode is switched (median of the seeds)."
        )
    return (
        f"There is no dropout here, and still {number} test samples of {of} get another class when"
        " the mode is switched (median of the seeds)."
    )


def _all_of_training(verdict: ModesVerdict) -> str:
    found = verdict.even
    said = rests_on(verdict.memory)
    if not verdict.tells or found is None:
        return said
    even, running = loss(found.loss), loss(found.running)
    if found.better != "alike":
        even, running = apart(found.loss, found.running)
    return (
        f"{said} The average over all {verdict.steps} mini-batches (PyTorch's momentum=None) gives"
        f" a test loss of {even} in place of {running}. {_compared(found.better, verdict.memory)}"
    )


def _compared(better: str, memory: Memory) -> str:
    """The even average beside the running ones."""
    match better:
        case "running":
            return "That is worse, for most of these mini-batches were seen by other weights."
        case "even" if memory.counts_start:
            start = percent(memory.of_start)
            return f"That is better: the running averages are still {start} start values."
        case "even":
            return "That is better: here the longer memory pays."
        case "mixed":
            return "Neither is clearly better in more than half of the seeds."
    return "That is about the same."


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


WEIGHT = "PyTorch's momentum is the weight of the new mini-batch."


def _against_the_largest(found: Momenta) -> str:
    """The largest momentum beside the best one, or beside the best of the others."""
    if found.values[-1] in found.good:
        others = momenta(found.good[:-1])
        return (
            f"{WEIGHT} The largest, {found.values[-1]:g}, is among the best, but no better than"
            f" {others} (test losses within 10 % of {loss(min(found.losses))})."
        )
    largest, best = apart(found.losses[-1], found.losses[found.best])
    return (
        f"{WEIGHT} The largest, {found.values[-1]:g}, gives a test loss of {largest},"
        f" {found.values[found.best]:g} one of {best}."
    )


def _the_other_convention(found: Momenta) -> str:
    if found.kind == "smallest":
        return "In the other convention larger means a longer memory: there it is so here."
    return (
        "In the other convention larger means a longer memory, and the smallest here,"
        f" {found.values[0]:g}, gives {loss(found.losses[0])}."
    )


def _needs_a_batch(verdict: ModesVerdict) -> str:
    change = verdict.in_company
    if change != change:  # NaN
        return "This run cannot tell: BN diverged in the first seed."
    name, of = names.sample(verdict.sample.dataset, verdict.sample.label), verdict.test_samples
    if not change:
        return (
            f"The {name}, in inference mode alone and together with all {of} of the test set: no"
            " probability changes at all."
        )
    return (
        f"The {name}, in inference mode alone and together with all {of} of the test set: no"
        f" probability changes by more than {calculated(change, 1)}, which is rounding."
    )
