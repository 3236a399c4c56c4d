"""The front door: what a run shows, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.findings import Findings
from bnviz.words.home.failures import collapsed, elsewhere, measured
from bnviz.words.names import NAMES
from bnviz.words.numbers import (
    any_seeds,
    at_steps,
    fine_percent,
    layers,
    percent,
    percent_between,
    points,
    seeds,
    steps,
)

if TYPE_CHECKING:
    from bnviz.verdicts.home import Group, HomeVerdict, Story

LEAST = 1e-4  # of a layer's length: what is shorter is said to be no longer than that


def findings(verdict: HomeVerdict) -> Findings:
    """What this run shows; the headline says who learns at this rate."""
    groups = ((PLAIN, verdict.plain), (second(verdict), verdict.batch))
    return Findings.told(
        _headline(verdict),
        *(fates(name, group) for name, group in groups),
        *_gap(verdict),
        *(_story(verdict, one) for one in verdict.stories),
        *(said for one in verdict.stories if (said := measured(verdict, one))),
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
        told.append(f"{name} has {_accuracies(group.learned)} test accuracy where it learned.")
    if group.failed:
        ends = _accuracies(group.failed)
        told.append(f"{name} has {ends} test accuracy where it did not learn.")
    if group.diverged:
        told.append(f"{name} diverged at {at_steps(group.diverged)}.")
    return told


def _accuracies(some: tuple[float, ...]) -> str:
    return percent_between(min(some), max(some))


def _headline(verdict: HomeVerdict) -> str:
    plain, batch = len(verdict.plain.learned), len(verdict.batch.learned)
    match verdict.outcome:
        case "no BN":
            return f"No layer has BN: both are the same network, at a rate of {verdict.rate:g}."
        case "both":
            return _ahead(verdict)
        case "BN helps":
            if batch == verdict.seeds and not plain:
                return f"At a learning rate of {verdict.rate:g} only BN learns."
            return f"At a learning rate of {verdict.rate:g} BN learns in more seeds than plain."
        case "BN does not help":
            if batch == plain:
                return "BN does not help here: plain learns in as many seeds."
            return "BN does not help here: plain learns in more seeds."
        case "neither":
            return _neither(verdict)


def _ahead(verdict: HomeVerdict) -> str:
    match verdict.standing:
        case "same":
            return f"At a learning rate of {verdict.rate:g} both networks learn about equally well."
        case "second":
            return (
                f"At a learning rate of {verdict.rate:g} both networks learn, and BN ends higher."
            )
        case "first":
            return "Both networks learn here, and BN does not help: it ends lower."
    return "Both networks learn here, and neither ends clearly higher."


def _gap(verdict: HomeVerdict) -> list[str]:
    """How far apart the accuracies end, where both learn and one is ahead."""
    if verdict.outcome != "both" or verdict.standing not in ("first", "second"):
        return []
    higher, lower = ("BN", "plain") if verdict.standing == "second" else ("plain", "BN")
    if verdict.seeds == 1:
        return [f"At the end {higher} is {points(verdict.gap)} above {lower}."]
    return [f"At the end {higher} is {points(verdict.gap)} above {lower}, by the medians."]


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
    seed, name = story.seed + 1, NAMES[story.treatment]
    if story.cause == "alone":
        return (
            f"In seed {seed} of the {name} network, every mini-batch is one sample, its own mean,"
            " and BN passes on β alone, so that nothing of the input can be learned."
        )
    if story.collapse:
        return f"{collapsed(verdict, story)} {elsewhere(verdict, story)}".strip()
    said = f"In seed {seed} of the {name} network, no layer failed."
    return f"{said} {_in_range(story, verdict.steps)} {elsewhere(verdict, story)}".strip()


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
            if run == 1:
                return (
                    f"Its accuracy was still rising, at {percent(story.last)}: 1 step was not"
                    " enough."
                )
            return (
                f"Its accuracy was still rising, at {percent(story.last)}: {steps(run)} were not"
                " enough."
            )
        case "restless":
            return (
                f"After a best of {percent(story.best)} its accuracy ended at"
                f" {percent(story.last)}: it does not settle at this rate."
            )
    return f"Its accuracy was never above {percent(story.best)} in {steps(run)}."
