"""Why depth is hard: what a run shows of signals and gradients."""

from __future__ import annotations

from math import isfinite, isnan
from typing import TYPE_CHECKING, Literal, NamedTuple

from bnviz.verdicts.signals import DEEPEST, SHALLOW, WIDE_RELU, arrival
from bnviz.words.findings import Findings
from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import (
    at_steps,
    between,
    fine_percent,
    percent,
    power,
    seeds,
    significant,
    steps,
)

if TYPE_CHECKING:
    from bnviz.verdicts.signals import Ends, Network, SignalsVerdict, Way

Arrivals = tuple[tuple[str, ...], ...]


def findings(verdict: SignalsVerdict) -> Findings:
    """What this run shows; the headline says what becomes of the signal in the end."""
    ways = (_signal(verdict), _gradient(verdict))
    fits = (helped(verdict), learned(verdict), *map(_accuracy, verdict.networks))
    return Findings.told(
        _headline(verdict),
        *filter(None, (*ways, *fits)),
        *(_lost(one, verdict.seeds) for one in verdict.networks if one.diverged),
        *_per_layer(verdict),
        *filter(None, (_not_the_gradient(verdict),)),
        *filter(None, map(_unresolved, verdict.networks)),
        *_single(verdict),
    )


def share(ratio: float) -> str:
    """A part of what set out: 45 %, 0.38 %, 1/60,000, about 10⁻¹³, nothing."""
    if ratio >= 1e-3:
        return fine_percent(ratio)
    if ratio >= 1e-9:
        return f"1/{rounded(1 / ratio, 1)}"
    return f"about {power(ratio)}" if ratio > 0 else "nothing"


def rounded(ratio: float, digits: int = 2) -> str:
    """A number of 2 or more, in so many digits: 4.8, 21, 16,000, 10¹²."""
    if ratio >= 1e9:
        return power(ratio) if isfinite(ratio) else "infinitely many"
    number = float(f"{ratio:.{digits}g}")
    return f"{number:,.0f}" if number >= 10 else f"{number:g}"


def many_times(ratio: float) -> str:
    """How many times: of large ratios the seeds do not agree on a second digit."""
    return f"{rounded(ratio, 2 if ratio < 100 else 1)} times"


def per_layer(factor: float) -> str:
    """A factor from layer to layer: 1.22, 0.47, 0.0028."""
    return f"{factor:.2f}" if factor >= 0.1 else significant(factor)


def arrivals(verdict: SignalsVerdict, which: Literal["signal", "gradient"]) -> Arrivals:
    """How much arrives at each record, of plain and of BN, as the picture says it."""
    ways = [one.signal if which == "signal" else one.gradient for one in verdict.networks]
    return tuple(tuple(map(_arriving, way.over)) for way in ways)


def _arriving(ratio: float) -> str:
    match arrival(ratio):
        case "overflows":
            return ""
        case "grows beyond all numbers":
            return "beyond all numbers"
        case "grows":
            return f"{many_times(ratio)} as large"
    return f"{share(ratio)} arrives"


class OnTheWay(NamedTuple):
    """What becomes of a signal or gradient on its way before training; with a slot for how much."""

    overflows: str
    beyond: str
    grows: str
    fades: str
    arrives: str


def arrives(way: Way, told: OnTheWay) -> str:
    """The one of these sentences that holds."""
    match way.arrival:
        case "overflows":
            return told.overflows
        case "grows beyond all numbers":
            return told.beyond
        case "grows":
            return told.grows.format(many=many_times(way.ratio))
        case "fades":
            return told.fades.format(part=share(way.ratio))
    return told.arrives.format(part=share(way.ratio))


SIGNALS = (
    OnTheWay(
        overflows="Before training (dotted), plain's signal overflows before it can be measured.",
        beyond="Before training (dotted), plain's signal grows beyond all numbers.",
        grows="Before training (dotted), plain's signal grows {many}.",
        fades="Before training (dotted), plain's signal fades to {part}.",
        arrives="Before training (dotted), plain's signal arrives at {part}.",
    ),
    OnTheWay(
        overflows="BN's signal overflows before it can be measured.",
        beyond="BN's signal grows beyond all numbers.",
        grows="BN's signal grows {many}.",
        fades="BN's signal fades to {part}.",
        arrives="BN's signal arrives at {part}.",
    ),
)
GRADIENTS = (
    OnTheWay(
        overflows="Before training, on the way back to the first layer, plain's gradient overflows"
        " before it can be measured.",
        beyond="Before training, on the way back to the first layer, plain's gradient grows beyond"
        " all numbers.",
        grows="Before training, on the way back to the first layer, plain's gradient grows {many}.",
        fades="Before training, on the way back to the first layer, plain's gradient fades to"
        " {part}.",
        arrives="Before training, on the way back to the first layer, plain's gradient arrives at"
        " {part}.",
    ),
    OnTheWay(
        overflows="BN's gradient overflows before it can be measured.",
        beyond="BN's gradient grows beyond all numbers.",
        grows="BN's gradient grows {many}.",
        fades="BN's gradient fades to {part}.",
        arrives="BN's gradient arrives at {part}.",
    ),
)


BOTH: dict[Ends, str] = {
    "diverged": "Both networks diverged.",
    "fades": "Both signals fade on their way.",
    "through": "Both signals get through.",
    "grows": "Both signals grow on their way.",
}
ENDS: dict[Ends, str] = {
    "diverged": "{name} diverged.",
    "fades": "{name}'s signal fades on its way.",
    "through": "{name}'s signal gets through.",
    "grows": "{name}'s signal grows on its way.",
}


def _headline(verdict: SignalsVerdict) -> str:
    """Of the end, as the picture stands at first."""
    if verdict.depth == 1:
        return "One hidden layer: on so short a way nothing can fade."
    plain, batch = verdict.networks
    if plain.ends == batch.ends:
        return BOTH[plain.ends]
    return f"{ENDS[plain.ends].format(name='Plain')} {ENDS[batch.ends].format(name='BN')}"


def _signal(verdict: SignalsVerdict) -> str:
    if verdict.depth == 1:
        return ""
    ways = (one.signal for one in verdict.networks)
    return " ".join(map(arrives, ways, SIGNALS))


def _gradient(verdict: SignalsVerdict) -> str:
    if verdict.depth == 1:
        return ""
    ways = (one.gradient for one in verdict.networks)
    return " ".join(map(arrives, ways, GRADIENTS))


def _per_layer(verdict: SignalsVerdict) -> list[str]:
    """The gradients' factors from layer to layer, and between what they lie in the seeds."""
    known = [one for one in verdict.networks if one.gradient.each.seeds]
    return [_each(one) for one in known] if verdict.depth > 1 else []


def _each(network: Network) -> str:
    each = network.gradient.each
    spread = between(per_layer(each.low), per_layer(each.high))
    middle = per_layer(each.middle)
    name = NAMES[network.treatment]
    if spread == middle:
        return (
            f"Before training, each layer of {name} passes the gradient on {middle} times as large."
        )
    return (
        f"Before training, each layer of {name} passes the gradient on {middle} times as large"
        f" ({spread} over the seeds)."
    )


def learned(verdict: SignalsVerdict) -> str:
    plain, batch = (seeds(one.learned, verdict.seeds) for one in verdict.networks)
    return f"Plain learned in {plain}, BN in {batch}."


def _accuracy(network: Network) -> str:
    """Of the seeds that did not diverge."""
    if isnan(network.accuracy):
        return ""
    name, ends = SUBJECTS[network.treatment], percent(network.accuracy)
    if network.diverged:
        return f"{name} ends at {ends} test accuracy, where it did not diverge."
    return f"{name} ends at {ends} test accuracy."


def helped(verdict: SignalsVerdict) -> str:
    """That BN does not help, or not yet, and why, as far as this run can tell."""
    ends = _typically(*(one.typical for one in verdict.networks))
    match verdict.help:
        case "learns":
            return ""
        case "sooner":
            return f"BN learns sooner. {ends}"
        case "on its way":
            return (
                f"Neither has learned after {steps(verdict.steps)}, but BN is on its way: it has"
                f" {percent(verdict.batch.accuracy)} test accuracy."
            )
        case "torn":
            return (
                "**Here BN does not help either**: its gradient is"
                f" {many_times(verdict.batch.gradient.ratio)} as large at the first layer as at the"
                " last, and one learning rate has to suit both."
            )
        case "neither":
            return f"**Here BN does not help**: neither of them learns in {steps(verdict.steps)}."
    if all(not isfinite(one.typical) for one in verdict.networks):
        return "**Here BN does not help**: the typical seed learns neither without it nor with it."
    told = "**Here BN does not help much.**" if verdict.help == "not much" else NO_HELP
    if verdict.plain.signal.fate() == "stays":
        return f"{told} {ends} The plain signal gets through by itself."
    return f"{told} {ends}"


NO_HELP = "**Here BN does not help.**"


def _typically(plain: float, batch: float) -> str:
    """When the typical seed learns, of both networks."""
    if not isfinite(plain):
        return f"The typical seed learns after {after(batch)} with BN, and not at all without."
    if not isfinite(batch):
        return f"The typical seed learns after {after(plain)} without BN, and not at all with it."
    return (
        f"The typical seed learns after {after(plain)} without BN and after {after(batch)} with it."
    )


def after(number: float) -> str:
    return steps(round(number)) if isfinite(number) else "more steps than there were"


def _not_the_gradient(verdict: SignalsVerdict) -> str:
    if not verdict.not_the_gradient:
        return ""
    each = verdict.batch.gradient.each.middle
    if verdict.activation == "relu":
        said = (
            f"BN keeps the signal, **not the gradient**, which grows {each:.2f} times at every"
            f" layer towards the input (theory for wide ReLU layers: {WIDE_RELU:.2f})."
        )
    else:
        said = (
            f"BN keeps the signal, **not the gradient**, which grows {each:.2f} times at every"
            " layer towards the input."
        )
    if not SHALLOW < verdict.depth < DEEPEST:
        return said
    total = rounded(each ** (DEEPEST - 1))
    return f"{said} Over {DEEPEST} layers that would make {total} times."


def _unresolved(network: Network) -> str:
    """From which layer on a network's outputs are all alike."""
    if network.unresolved is None:
        return ""
    return (
        f"{SUBJECTS[network.treatment]}: from layer {network.unresolved} on, 32-bit numbers cannot"
        " tell the outputs for different inputs apart."
    )


def _lost(network: Network, of: int) -> str:
    return (
        f"{SUBJECTS[network.treatment]} diverged in {seeds(len(network.diverged), of)}, at"
        f" {at_steps(network.diverged)}."
    )


def _single(verdict: SignalsVerdict) -> tuple[str, ...]:
    if verdict.batch_size > 1:
        return ()
    return (
        "A mini-batch of one sample is its own mean: in training BN then passes on β alone, and"
        f" nothing of the input. The curves are measured on {verdict.probe_samples} samples"
        " together.",
    )
