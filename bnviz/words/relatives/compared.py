"""Who are its relatives?: what a run shows of all seven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import MIXTURE
from bnviz.words.findings import Findings
from bnviz.words.names import RELATIVES
from bnviz.words.numbers import listed, many, percent, percent_between, percents, seeds, steps

if TYPE_CHECKING:
    from bnviz.verdicts.relatives import (
        Company,
        Groups,
        Help,
        Mixture,
        RelativesVerdict,
        Space,
        Span,
    )

BOTH = 2


def findings(verdict: RelativesVerdict) -> Findings:
    """What this run shows of all seven."""
    said = [
        _ends_of_all(verdict),
        _lost(verdict),
        beside(verdict.company) if verdict.company else "",
        *(of_space(verdict.space) if verdict.space else ()),
        numbers(verdict) if verdict.company else "",
        of_groups(verdict.groups) if verdict.groups else "",
        _chosen(verdict.mixture) if verdict.mixture else "",
        _helps(verdict.help) if verdict.help else "",
    ]
    return Findings.told(headline(verdict), *filter(None, said))


def of_span(span: Span) -> str:
    """Best and worst of some."""
    if span.best == span.worst:
        return f"Each gets {percent(span.high)} of the test samples right."
    lowest = listed([RELATIVES[kind] for kind in span.lowest])
    return (
        f"{_begin(RELATIVES[span.best])} gets {percent(span.high)} of the test samples right,"
        f" {lowest} {percent_between(span.low, span.level)}."
    )


def _begin(sentence: str) -> str:
    return f"{sentence[0].upper()}{sentence[1:]}"


def headline(verdict: RelativesVerdict) -> str:
    known = verdict.known
    match verdict.outcome:
        case "nobody":
            return "None of the seven networks learns at these settings."
        case "alike" if known and known.kinds < verdict.kinds:
            return "All that did not diverge do about as well here."
        case "alike":
            return "All seven do about as well here."
        case "only plain":
            return "It hardly matters here what is averaged."
        case "unclear":
            return "No clear order here: the seeds do not agree."
        case "one behind" if known:
            return f"{_begin(RELATIVES[known.worst])} stays behind all others here."
        case "matters" if verdict.apart:
            return _lowest(verdict.apart)
    return "All seven networks diverged: nothing to compare."


def _lowest(apart: Span) -> str:
    """Who is; a tie is nobody's, so that all who are level are named."""
    low, level = percent(apart.low), percent(apart.level)
    if len(apart.lowest) == 1:
        return f"What is averaged matters: {RELATIVES[apart.worst]} has {low} accuracy."
    if len(apart.lowest) > BOTH:
        lowest = len(apart.lowest)
        if low == level:
            return f"What is averaged matters: {lowest} of the six end at {low}."
        return f"What is averaged matters: {lowest} of the six end at {level} or less."
    both = _begin(listed([RELATIVES[kind] for kind in apart.lowest]))
    if low == level:
        return f"{both} are lowest here, at {low}."
    return f"{both} are lowest here, at {level} or less."


def _ends_of_all(verdict: RelativesVerdict) -> str:
    """Best and worst of those that are compared."""
    span = verdict.apart if verdict.outcome == "matters" else verdict.known
    if verdict.outcome == "only plain":
        span = verdict.normalized
    return of_span(span) if span else ""


def numbers(verdict: RelativesVerdict) -> str:
    """How many BN averages."""
    samples = many(verdict.samples, "sample")
    pixels = many(verdict.numbers // verdict.samples, "pixel")
    return (
        "Each of BN's means in the last convolution is over"
        f" {many(verdict.numbers, 'number')}: {samples} of {pixels}."
    )


def beside(company: Company) -> str:
    """BN beside the best of those that need no batch."""
    ahead = {
        "first": "BN is behind.",
        "second": "BN is ahead.",
        "same": "BN keeps up.",
        "unclear": "The seeds do not agree who is ahead.",
    }
    return (
        f"BN gets {percent(company.batch)} right; {RELATIVES[company.rival]}, the best of those"
        f" that need no batch, {percent(company.alone)}. {ahead[company.leader]}"
    )


def of_space(space: Space) -> tuple[str, str]:
    """Instance norm, beside layer norm."""
    instance, layer = percent(space.instance), percent(space.layer)
    told = f"Instance norm gets {instance} right, layer norm {layer}."
    if space.one_pixel:
        return (
            "Instance norm has one pixel to average, which is its own mean: its output is β,"
            " whatever comes in.",
            told,
        )
    own, other = space.numbers
    where = f"Each mean of instance norm is over {own} numbers, each of layer norm over {other}."
    beside = {
        "second": "Instance norm also takes away how strong each channel is.",
        "unclear": "The seeds do not agree which is better.",
        "first": "Instance norm is ahead here.",
        "same": "Instance norm is no worse here.",
    }
    return where, f"{told} {beside[space.leader]}"


def of_groups(groups: Groups) -> str:
    """Group norm, between the two."""
    if groups.many == 1:
        return "With 1 group, group norm is layer norm."
    if groups.in_each == 1:
        return f"With {groups.many} groups, group norm is instance norm."
    accuracy = percent(groups.accuracy)
    return {
        "unclear": f"Group norm, with groups of {groups.in_each} channels, gets {accuracy} right:"
        " the seeds do not agree whether layer or instance norm is better.",
        "between": f"Group norm, with groups of {groups.in_each} channels, gets {accuracy} right:"
        " it is between layer and instance norm, or level with one of them.",
        "above": f"Group norm, with groups of {groups.in_each} channels, gets {accuracy} right: it"
        " ends above both layer and instance norm.",
        "below": f"Group norm, with groups of {groups.in_each} channels, gets {accuracy} right: it"
        " ends below both layer and instance norm.",
    }[groups.beside]


def _chosen(mixture: Mixture) -> str:
    """The mixture of switchable norm in the last convolution."""
    if mixture.moved:
        return f"{_mixed(mixture)} It began with equal shares."
    changed = steps(mixture.steps)
    return f"{_mixed(mixture)} From equal shares it has hardly changed in {changed}."


def _mixed(mixture: Mixture) -> str:
    first, second, _ = percents(mixture.shares)
    one, other, rest = (RELATIVES[kind] for kind in MIXTURE)
    if mixture.seeds > 1:
        return (
            "On average over the seeds, switchable norm mixes the means of the last convolution"
            f" from {first} {one} and {second} {other}, the rest is {rest}."
        )
    return (
        f"Switchable norm mixes the means of the last convolution from {first} {one} and {second}"
        f" {other}, the rest is {rest}."
    )


def _helps(some: Help) -> str:
    """Whether normalizing helps at all."""
    return (
        f"{_better(some)} Plain gets {percent(some.plain)} right; the best of the normalized"
        f" networks, {RELATIVES[some.best]}, {percent(some.accuracy)}."
    )


def _better(some: Help) -> str:
    match len(some.better):
        case 0 if some.unclear:
            return "The seeds do not agree whether normalization helps."
        case 0:
            return "Normalization does not help here."
        case 1:
            return "Of the six normalized networks, 1 ends clearly above plain."
        case 6:
            return "All six normalized networks end clearly above plain."
    return f"Of the six normalized networks, {len(some.better)} end clearly above plain."


def _lost(verdict: RelativesVerdict) -> str:
    fates = [
        f"{_begin(RELATIVES[one.kind])} diverged in {seeds(one.seeds, verdict.seeds)}."
        for one in verdict.lost
    ]
    return " ".join([*fates, "The seeds that diverged are left out."] if fates else [])
