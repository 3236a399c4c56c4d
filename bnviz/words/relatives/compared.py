"""Who are its relatives?: what a run shows of all seven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import MIXTURE
from bnviz.words.findings import Findings
from bnviz.words.names import RELATIVES
from bnviz.words.numbers import listed, percent, percent_between, percents, seeds, steps

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

NORM, BOTH = " norm", 2


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
        return f"each gets {percent(span.high)} of the test samples right"
    low = percent_between(span.low, span.level)
    return (
        f"{RELATIVES[span.best]} gets {percent(span.high)} of the test samples right,"
        f" {listed([RELATIVES[kind] for kind in span.lowest])} {low}"
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
    low = percent(apart.low)
    if len(apart.lowest) == 1:
        return f"What is averaged matters: {RELATIVES[apart.worst]} has {low} accuracy."
    end = f"at {low}" if low == percent(apart.level) else f"at most {percent(apart.level)}"
    if len(apart.lowest) > BOTH:
        return f"What is averaged matters: {len(apart.lowest)} of the six end {end}."
    one, other = (RELATIVES[kind] for kind in apart.lowest)
    if other.endswith(NORM):
        one = one.removesuffix(NORM)
    return f"{_begin(one)} and {other} are lowest here, {end}."


def _ends_of_all(verdict: RelativesVerdict) -> str:
    """Best and worst of those that are compared."""
    span = verdict.apart if verdict.outcome == "matters" else verdict.known
    if verdict.outcome == "only plain":
        span = verdict.normalized
    return f"{_begin(of_span(span))}." if span else ""


def numbers(verdict: RelativesVerdict) -> str:
    """How many BN averages."""
    numbers, samples = verdict.numbers, verdict.samples
    return (
        f"Each of BN's means in the last convolution is over {numbers} numbers:"
        f" {samples} {'sample' if samples == 1 else 'samples'} of"
        f" {numbers // samples} {'pixel' if numbers == samples else 'pixels'}."
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
    told = f"Group norm, with groups of {groups.in_each} channels,"
    if groups.beside == "unclear":
        return (
            f"{told} gets {percent(groups.accuracy)} right: the seeds do not agree whether layer or"
            " instance norm is better."
        )
    if groups.beside == "between":
        where = "is between layer and instance norm, or level with one of them"
        return f"{told} gets {percent(groups.accuracy)} right: it {where}."
    where = f"ends {groups.beside} both layer and instance norm"
    return f"{told} gets {percent(groups.accuracy)} right: it {where}."


def _chosen(mixture: Mixture) -> str:
    """The mixture of switchable norm in the last convolution."""
    written = percents(mixture.shares)
    one, other, rest = (RELATIVES[kind] for kind in MIXTURE)
    told = (
        f"Switchable norm mixes the means of the last convolution from {written[0]} {one} and"
        f" {written[1]} {other}, the rest is {rest}"
    )
    if mixture.seeds > 1:
        told += " (on average over the seeds)"
    if mixture.moved:
        return f"{told}. It began with equal shares."
    return f"{told}. From equal shares it has hardly changed in {steps(mixture.steps)}."


def _helps(some: Help) -> str:
    """Whether normalizing helps at all."""
    told = (
        f"Plain gets {percent(some.plain)} right; the best of the normalized networks,"
        f" {RELATIVES[some.best]}, {percent(some.accuracy)}."
    )
    if not some.better:
        agree = "The seeds do not agree whether normalization helps"
        return f"{agree if some.unclear else 'Normalization does not help here'}. {told}"
    if len(some.better) == 6:
        return f"All six normalized networks end clearly above plain. {told}"
    ends = "end" if len(some.better) > 1 else "ends"
    return f"Of the six normalized networks, {len(some.better)} {ends} clearly above plain. {told}"


def _lost(verdict: RelativesVerdict) -> str:
    return " ".join(
        f"{_begin(RELATIVES[one.kind])} diverged in {seeds(one.seeds, verdict.seeds)}, which"
        f" {'is' if one.seeds == 1 else 'are'} left out."
        for one in verdict.lost
    )
