"""Why does it behave differently at test time?: the closed sections, the sweep, and the beliefs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words import names
from bnviz.words.modes import momenta, rests_on
from bnviz.words.numbers import apart, calculated, listed, loss, many, percent, points, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.mode_sections import (
        Cure,
        EvaluationVerdict,
        Left,
        LeftVerdict,
        MistakesVerdict,
        Off,
        SampleVerdict,
        SweepVerdict,
        UnitVerdict,
    )
    from bnviz.verdicts.modes import ModesVerdict, Momenta


def units(verdict: ModesVerdict) -> list[str]:
    """What the single units are called, in the order of a result's units, also in the link."""
    return [f"layer {layer}, unit {number}" for layer, number in verdict.places]


def unit(verdict: UnitVerdict) -> str:
    """How far the running averages and the last mini-batch of one unit are off."""
    said = f"Layer {verdict.layer}, unit {verdict.number}"
    if verdict.off is None:
        return f"{said}: at the last step it has no statistics to compare."
    running, newest = (_off(one) for one in verdict.off)
    return (
        f"{said}, at the last step: the running mean is {running} away from the population's."
        f" For the last mini-batch alone, the mean is {newest} away."
    )


def _off(off: Off) -> str:
    return f"{off.mean:.2f} standard deviations and its variance {percent(off.variance)}"


def sample(verdict: SampleVerdict) -> str:
    """What the network makes of the one sample, alone and in company."""
    name = f"The {names.sample(verdict.dataset, verdict.label)}"
    if verdict.answers is None:
        return f"{name}: BN diverged in the first seed, there is no prediction to compare."
    alone, mixed, other, own, inference = (
        f"{label} ({percent(probability)})" for label, probability in verdict.answers
    )
    company = "in mini-batches of one there is no company"
    if verdict.mates:
        company = (
            f"with {many(verdict.mates, 'other')} **{mixed}**, with yet others **{other}**,"
            f" among samples of its own class **{own}**"
        )
    return (
        f"{name}. In training mode, alone, the answer is **{alone}**: every value is its own"
        f" mean, only β is left, and any other sample would get the same answer; {company}. In"
        f" inference mode, alone, it is **{inference}**."
    )


def torch(verdict: SampleVerdict) -> str:
    """How far all this is from torch.nn."""
    statistics, probabilities = verdict.torch_statistics, verdict.torch_probabilities
    if probabilities != probabilities:  # NaN
        return "No comparison with torch.nn: BN diverged in the first seed."
    off = calculated(probabilities, 1)
    if statistics != statistics:  # NaN
        return (
            "The same network in torch.nn, after eval(), gives this sample the same probabilities"
            f" (largest difference {off}). In training mode torch.nn.BatchNorm1d refuses a single"
            " row with an error."
        )
    return (
        "Checked against PyTorch: torch.nn.BatchNorm1d, fed with what layer 1 gets, ends with"
        f" the same running statistics (largest relative difference {calculated(statistics, 1)}),"
        " and the same network in torch.nn gives this sample the same probabilities, after train()"
        f" and after eval() (largest difference {off})."
    )


def mistakes(verdict: MistakesVerdict) -> str:
    """Forgetting to switch, to inference mode and back to training mode."""
    return f"{_evaluated(verdict.evaluation)} {_left_in_inference(verdict.left)}"


def _evaluated(verdict: EvaluationVerdict | None) -> str:
    """Forgetting to switch to inference mode."""
    if verdict is None:
        return "BN diverged: there is nothing to evaluate."
    return (
        f"**Evaluated in training mode**: {percent(verdict.alone)} one sample at a time,"
        f" {percent(verdict.shuffled)} in batches of {verdict.size}, and"
        f" {percent(verdict.by_class)} in batches of {verdict.size} if the test set is sorted by"
        f" class. In inference mode {percent(verdict.running)}, in whatever company."
    )


def _left_in_inference(verdict: LeftVerdict) -> str:
    """Forgetting to switch back to training mode."""
    if verdict.outcome == "diverged":
        return "BN diverged, even when it was trained the right way."
    always = f"always in inference mode, {_fate(verdict.always, verdict.seeds)}"
    later = (
        f"left in inference mode after step {verdict.later.since},"
        f" {_fate(verdict.later, verdict.seeds)}"
    )
    shown = (
        f"**Trained in inference mode**: {always}; {later}. Trained the right way,"
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


def _fate(left: Left, of: int) -> str:
    diverged = f"diverged in {seeds(left.diverged, of)}"
    if left.accuracy != left.accuracy:  # NaN
        return diverged
    return percent(left.accuracy) + (f", and {diverged}" if left.diverged else "")


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
        return "Precise statistics lower the test loss by no more than 10 % at any of these sizes."
    precise, running = apart(cure.precise, cure.running)
    where = listed([f"{size}" for size in cure.sizes])
    if len(cure.sizes) > 1:
        where += f", most in those of {cure.most}"
    return (
        f"Precise statistics lower the test loss by more than 10 % in batches of {where}: {precise}"
        f" in place of {running}."
    )


def beliefs(verdict: ModesVerdict) -> dict[str, str]:
    """Common beliefs, each with what this run says of it."""
    return {
        "Inference mode only switches off dropout.": _only_dropout(verdict),
        "The running average is the average over all of training.": _all_of_training(verdict),
        "A larger momentum is always more accurate.": _larger_momentum(verdict),
        "In inference, too, every sample needs a batch.": _needs_a_batch(verdict),
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
                f"{said} That is little, because mini-batches of this size know their population."
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
            f" {loss(found.losses[-1])}. The statistics move faster here than they scatter."
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
    name = f"The {names.sample(verdict.dataset, verdict.label)}"
    return (
        f"{name}, in inference mode alone and together with all {verdict.test_samples} of the test"
        f" set: no probability {moved}."
    )
