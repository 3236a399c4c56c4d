"""The front door: what a run shows, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.findings import Findings
from bnviz.words.names import NAMES
from bnviz.words.numbers import (
    any_seeds,
    at_steps,
    fine_percent,
    layers,
    listed,
    percent,
    percent_between,
    points,
    seeds,
    significant,
    steps,
)

if TYPE_CHECKING:
    from bnviz.verdicts.home import Collapse, Group, HomeVerdict, Story

LEAST = 1e-4  # of a layer's length: what is shorter is said to be no longer than that
ALONE = "every mini-batch is one sample, its own mean, and BN passes on β alone"


def findings(verdict: HomeVerdict) -> Findings:
    """What this run shows; the headline says who learns at this rate."""
    groups = ((PLAIN, verdict.plain), (second(verdict), verdict.batch))
    return Findings.told(
        _headline(verdict),
        *(fates(name, group) for name, group in groups),
        *_gap(verdict),
        *(_story(verdict, one) for one in verdict.stories),
        *(said for one in verdict.stories if (said := _measured(verdict, one))),
        *(said for name, group in groups for said in _ends(name, group)),
    )


PLAIN = "The plain network"


def second(verdict: HomeVerdict) -> str:
    if not verdict.with_bn:
        return "The second network (no layer has BN)"
    if len(verdict.with_bn) == verdict.depth:
        return "The network with BN in every layer"
    where = layers(verdict.with_bn) if len(verdict.with_bn) == 1 else "some layers"
    return f"The network with BN in {where}"


def fates(name: str, group: Group) -> str:
    """What became of the seeds of one network."""
    of = len(group.fates)
    learned, diverged, failed = map(len, (group.learned, group.diverged, group.failed))
    match bool(learned), bool(diverged), bool(failed):
        case True, False, False:
            ends = _accuracies(group.learned)
            return f"**{name} learned** in {seeds(of, of)}: {ends} test accuracy."
        case False, True, False:
            return f"**{name}** diverged in {seeds(of, of)}, at {at_steps(group.diverged)}."
        case False, False, True:
            ends = _accuracies(group.failed)
            return f"**{name}** did not learn in {any_seeds(of, of)} ({ends} test accuracy)."
        case True, True, False:
            return f"**{name}** learned in {seeds(learned, of)} and diverged in {diverged}."
        case True, False, True:
            return f"**{name}** learned in {seeds(learned, of)} and did not learn in {failed}."
        case False, True, True:
            return f"**{name}** diverged in {seeds(diverged, of)} and did not learn in {failed}."
    return (
        f"**{name}** learned in {seeds(learned, of)}; in the others it diverged or did not learn."
    )


def _ends(name: str, group: Group) -> list[str]:
    """Where the seeds of one network ended, if not all of them alike."""
    if len(set(group.fates)) == 1:
        return []
    told = []
    if group.learned:
        told.append(f"{name}, where it learned: {_accuracies(group.learned)} test accuracy.")
    if group.failed:
        told.append(f"{name}, where it did not learn: {_accuracies(group.failed)} test accuracy.")
    if group.diverged:
        told.append(f"{name} diverged at {at_steps(group.diverged)}.")
    return told


def _accuracies(some: tuple[float, ...]) -> str:
    return percent_between(min(some), max(some))


def _headline(verdict: HomeVerdict) -> str:
    at = f"At a learning rate of {verdict.rate:g}"
    plain, batch = len(verdict.plain.learned), len(verdict.batch.learned)
    match verdict.outcome:
        case "no BN":
            return f"No layer has BN: both are the same network, at a rate of {verdict.rate:g}."
        case "both":
            return _ahead(verdict, at)
        case "BN helps":
            only = batch == verdict.seeds and not plain
            return f"{at} {'only BN learns' if only else 'BN learns in more seeds than plain'}."
        case "BN does not help":
            as_many = "as many" if batch == plain else "more"
            return f"BN does not help here: plain learns in {as_many} seeds."
        case "neither":
            return _neither(verdict)


def _ahead(verdict: HomeVerdict, at: str) -> str:
    match verdict.standing:
        case "same":
            return f"{at} both networks learn about equally well."
        case "second":
            return f"{at} both networks learn, and BN ends higher."
        case "first":
            return "Both networks learn here, and BN does not help: it ends lower."
    return "Both networks learn here, and neither ends clearly higher."


def _gap(verdict: HomeVerdict) -> list[str]:
    """How far apart the accuracies end, where both learn and one is ahead."""
    if verdict.outcome != "both" or verdict.standing not in ("first", "second"):
        return []
    higher, lower = ("BN", "plain") if verdict.standing == "second" else ("plain", "BN")
    medians = ", by the medians" if verdict.seeds > 1 else ""
    return [f"At the end {higher} is {points(verdict.gap)} above {lower}{medians}."]


def _neither(verdict: HomeVerdict) -> str:
    run = steps(verdict.steps)
    match verdict.neither:
        case "alone":
            return "Neither network learns: from one sample, BN passes on β alone."
        case "too slow":
            return f"This learning rate is too low for {run}, with BN and without."
        case "not far":
            return f"Neither network gets far in {run} at this learning rate."
        case "too few layers":
            return "Neither network learns: BN in these layers is not enough."
        case "torn":
            return "Neither network learns: even with BN a rate can be too high."
    return f"Neither network learns in {run} at this learning rate."


def _story(verdict: HomeVerdict, story: Story) -> str:
    """Why one network did not learn, in one seed; and which layers it was in the others."""
    begin = f"In seed {story.seed + 1} of the {NAMES[story.treatment]} network, "
    if story.cause == "alone":
        return f"{begin}{ALONE}, so that nothing of the input can be learned."
    said = (
        _collapse(verdict, story)
        if story.collapse
        else f"{begin}no layer failed. {_in_range(story, verdict.steps)}"
    )
    return f"{said}{_elsewhere(verdict, story)}"


def _in_range(story: Story, run: int) -> str:
    """Why a network did not learn although all its layers could."""
    match story.cause:
        case "too slow":
            most = fine_percent(max(story.largest_update, LEAST))
            return (
                f"No recorded update changed a layer's weights by more than {most} of their"
                f" length: the rate is too low for {steps(run)}."
            )
        case "rising":
            return (
                f"Its accuracy was still rising, at {percent(story.last)}: {steps(run)}"
                f" {'was' if run == 1 else 'were'} not enough."
            )
        case "restless":
            return (
                f"After a best of {percent(story.best)} its accuracy ended at"
                f" {percent(story.last)}: it does not settle at this rate."
            )
    return f"Its accuracy was never above {percent(story.best)} in {steps(run)}."


def _collapse(verdict: HomeVerdict, story: Story) -> str:
    """Which layers failed first, how, and whether the initialization did it."""
    collapse = story.collapse
    assert collapse
    who = _together(collapse.together, verdict.depth)
    begin = f"In seed {story.seed + 1}, **{who} of the {NAMES[story.treatment]} network"
    how = _sign(verdict.activation, collapse)
    said = f"{begin} failed first**: {how}."
    if len(collapse.together) > 1:
        said = f"{begin} failed first**, together. In layer {collapse.layer}, {how}."
    if collapse.step == 0:
        said += (
            " It was so before the first update: the initialization did it, not the learning rate."
        )
    return said


def _together(which: tuple[int, ...], depth: int) -> str:
    """layer 3; layers 4 to 8; 3 layers, where they do not follow one another."""
    in_a_row = which[-1] - which[0] == len(which) - 1
    return _named(which, depth) if in_a_row else f"{len(which)} layers"


def _named(which: tuple[int, ...], depth: int) -> str:
    """layer 3; layers 3 and 5; layers 4 to 8; the output layer."""
    if which[0] > depth:
        return "the output layer"
    first, last = which[0], which[-1]
    in_a_row = len(which) > 1 and last - first == len(which) - 1
    return f"layers {first} to {last}" if in_a_row else layers(which)


def _sign(activation: str, collapse: Collapse) -> str:
    """How a layer fails, in words; how much, says `_measured`."""
    match collapse.sign:
        case "overflowed":
            return "the numbers grew beyond what the computer can hold"
        case "exploded":
            return "the signal grew to a hundred times its size at the start, or more"
        case "faint":
            return "the output hardly varies from sample to sample, so nothing can be told apart"
    if activation == "relu":
        return "half of the units or more were dead, zero for every sample, so no gradient passes"
    return (
        "half of the values or more were saturated, on the flat ends, where hardly any gradient"
        " passes"
    )


def _measured(verdict: HomeVerdict, story: Story) -> str:
    """The same in numbers: when, by how much, and how far the weights had been changed."""
    collapse = story.collapse
    if not collapse:
        return ""
    when = f"{'by' if collapse.at_the_latest else 'at'} step {collapse.step}"
    who = _named((collapse.layer,), verdict.depth)
    begin = f"{who[0].upper()}{who[1:]} of the {NAMES[story.treatment]} network failed {when}"
    return f"{begin}{_amount(verdict, collapse)}.{_blame(collapse)}"


def _amount(verdict: HomeVerdict, collapse: Collapse) -> str:
    match collapse.sign:
        case "overflowed":
            return ""
        case "exploded" if collapse.amount == float("inf"):
            return ", its signal beyond all bounds"
        case "exploded":
            return f", with {significant(collapse.amount)} times its signal at the start"
        case "faint":
            return f", with an output that varied by {significant(collapse.amount, 1)}"
    kind = "units dead" if verdict.activation == "relu" else "values saturated"
    return f", with {percent(collapse.amount)} of its {kind}"


def _blame(collapse: Collapse) -> str:
    if collapse.step == 0 or collapse.moved != collapse.moved:  # NaN
        return ""
    moved = f"{significant(100 * collapse.moved)} %"
    return f" By then one update had changed its weights by {moved} of their length."


def _elsewhere(verdict: HomeVerdict, story: Story) -> str:
    """Which layers it was in the other seeds: one seed is not the rule."""
    if not story.others:
        return ""
    named = _one_of(story.others, verdict.depth)
    others = _others(len(story.others), verdict.seeds)
    if not story.collapse:
        return f" In {others}, {named} failed first."
    if not story.in_range:
        return f" In {others} it was {named}."
    return f" In {others} it was {named}, in {_others(story.in_range)} it was none."


def _one_of(those: tuple[tuple[int, ...], ...], depth: int) -> str:
    """layer 7 or the output layer; one or more of layers 3 to 8; of one seed: layers 3 to 8."""
    if len(those) == 1:
        return _named(those[0], depth)
    which = sorted({layer for seed in those for layer in seed})
    if all(len(seed) == 1 for seed in those):
        return listed([_named((layer,), depth) for layer in which], "or")
    hidden = [layer for layer in which if layer <= depth]
    ends = f"one or more of layers {hidden[0]} to {hidden[-1]}"
    return f"{ends}{' or the output layer' * (which[-1] > depth)}"


def _others(number: int, of: int = 0) -> str:
    """In how many other seeds; `of`: of so many in all, where it may have been all the others."""
    if of == 2:
        return "the other seed"
    if number == of - 1:
        return "the other seeds"
    return "one other seed" if number == 1 else "some other seeds"
