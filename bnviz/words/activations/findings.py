"""Inside the layers: what a run shows, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.activations import LOST
from bnviz.words.findings import Findings
from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import (
    at_steps,
    fine_percent,
    noticeable,
    percent,
    seeds,
    significant,
    times_between,
)

if TYPE_CHECKING:
    from bnviz.verdicts.activations import (
        ActivationsVerdict,
        Network,
        SignalLost,
        Wandered,
    )

KEPT = f"{percent(LOST)} of the first one's at the start"


def findings(verdict: ActivationsVerdict) -> Findings:
    """What this run shows; the headline says whose distributions moved farther."""
    return Findings.told(
        headline(verdict),
        *(_diverged(one, verdict.seeds) for one in verdict.networks if one.diverged),
        *extent(verdict),
        accuracy(verdict),
        _farthest(verdict),
        idle(verdict),
        *_signals(verdict),
        _updates(verdict),
    )


def headline(verdict: ActivationsVerdict) -> str:
    match verdict.outcome:
        case "at once":
            return f"{_unfollowed(verdict)} diverged at once: there was no movement to follow."
        case "diverged":
            lost = [one for one in verdict.networks if one.most_lost]
            who = "Both networks" if len(lost) == 2 else SUBJECTS[lost[0].treatment]
            return f"{who} diverged in most seeds."
        case "BN not at all":
            return "Plain's distributions changed, BN's did not."
        case "plain farther":
            return "Plain's distributions moved farther than BN's."
        case "BN farther":
            return "BN's distributions moved farther than plain's."
        case "unclear":
            return "The seeds do not agree on whose distributions moved farther."
        case "as far":
            return "Both networks' distributions moved about as far."


def extent(verdict: ActivationsVerdict) -> list[str]:
    """How far the typical layers moved, and in how many seeds who moved farther."""
    if verdict.outcome == "at once":
        return []
    plain, batch = verdict.networks
    when = " or at the last record before" if plain.most_lost or batch.most_lost else ""
    said = [
        f"By the end{when}, plain's typical layer had moved by {noticeable(plain.moved)} of its"
        f" initial standard deviation, BN's by {noticeable(batch.moved)}."
    ]
    if verdict.outcome in ("plain farther", "BN farther"):
        said.append(_range(verdict))
    return said


def extent_in_short(verdict: ActivationsVerdict) -> list[str]:
    """The same without the range of the seeds."""
    said, compared = extent(verdict)[:1], verdict.compared
    if said and compared and verdict.outcome in ("plain farther", "BN farther"):
        said.append(f"It is so in {seeds(compared.agree, compared.factor.seeds)}.")
    return said


def _range(verdict: ActivationsVerdict) -> str:
    compared, farther = (
        verdict.compared,
        "Plain's" if verdict.outcome == "plain farther" else "BN's",
    )
    assert compared
    factor = compared.factor
    where = seeds(compared.agree, factor.seeds)
    if factor.seeds < verdict.seeds:
        where += " that can be followed"
    return f"{farther} moved farther in {where}: {times_between(factor.low, factor.high)} as far."


def _unfollowed(verdict: ActivationsVerdict) -> str:
    """Who has no second record; both have, though never in the same seed: both."""
    gone = [SUBJECTS[one.treatment] for one in verdict.networks if one.moved != one.moved]  # NaN
    return " and ".join(gone or SUBJECTS.values())


def _diverged(network: Network, of: int) -> str:
    return (
        f"{SUBJECTS[network.treatment]} diverged in {seeds(len(network.diverged), of)}, at"
        f" {at_steps(network.diverged)}; the last record before counts as the end."
    )


def failure(network: Network) -> str:
    """Plain has not learned; BN has learned little."""
    verb = "learned little" if network.fate == "little" else "not learned"
    return f"{SUBJECTS[network.treatment]} has {verb}"


def failed(verdict: ActivationsVerdict) -> list[Network]:
    """Those that did not end nearer to being right than to guessing."""
    return [one for one in verdict.networks if one.fate != "learned"]


def _ends(verdict: ActivationsVerdict) -> str:
    plain, batch = (percent(one.accuracy) for one in verdict.networks)
    gone = [one.fate == "diverged" for one in verdict.networks]
    if all(gone):
        return "both diverged"
    if gone[0]:
        return f"plain diverged, and BN's test accuracy ends at {batch}"
    if gone[1]:
        return f"BN diverged, and plain's test accuracy ends at {plain}"
    return f"test accuracy ends at {plain} in plain and at {batch} in BN"


def accuracy(verdict: ActivationsVerdict) -> str:
    both = _ends(verdict)
    lagging = failed(verdict)
    if lagging:
        some = any(one.fate == "little" for one in lagging)
        neither = f"Neither network has learned{' much' if some else ''}"
        told = "little where little" if some else "nothing where nothing"
        who = neither if len(lagging) == 2 else failure(lagging[0])
        return f"{who}: {both}. Moving says {told} is learned."
    stiller = verdict.outcome in ("plain farther", "BN not at all")
    match verdict.standing:
        case "same":
            return f"They hardly differ in the end: {both}."
        case "unclear":
            return f"Neither ends ahead in most seeds: {both}."
        case "first" if stiller:
            return f"Moving less did not help here: {both}."
        case "second" if stiller:
            return (
                "The network that moved less learned more, which does not prove that it is why:"
                f" {both}."
            )
    return f"{both[0].upper()}{both[1:]}."


def _farthest(verdict: ActivationsVerdict) -> str:
    told = []
    for one in verdict.networks:
        if one.farthest and one.least:
            far, near = one.farthest, one.least
            least = f", and layer {near.layer} least, by {noticeable(near.by)}"
            told.append(
                f"In {NAMES[one.treatment]}, layer {far.layer} moved farthest, by"
                f" {noticeable(far.by)}{least if far.layer != near.layer else ''}."
            )
    return " ".join(told) or "No layer's distribution could be followed."


def no_idle(activation: str) -> str:
    """Why no unit is counted."""
    if activation == "gelu":
        return "With gelu, no sharp line tells dead or saturated units: none are counted."
    return f"With {activation}, units can be neither dead nor saturated."


def idle(verdict: ActivationsVerdict) -> str:
    if verdict.kind is None:
        return no_idle(verdict.activation)
    thing = "units" if verdict.kind == "dead" else "values"
    plain, batch = (fine_percent(one.idle) for one in verdict.networks)
    gone = any(one.diverged for one in verdict.networks)
    when = "At each seed's last record" if gone else "At the end"
    said = f"{when} {plain} of plain's {thing} are {verdict.kind}, and {batch} of BN's."
    worst = verdict.plain.worst
    if not worst.share:
        return said
    return (
        f"{said} At worst, in one seed, it was {fine_percent(worst.share)} of plain's layer"
        f" {worst.layer}."
    )


def _signals(verdict: ActivationsVerdict) -> list[str]:
    lost = {SUBJECTS[one.treatment]: one.signal for one in verdict.networks}
    if any(lost.values()):
        return [_signal(name, signal, verdict.seeds) for name, signal in lost.items()]
    if not verdict.signal_known:
        return []
    return [f"Both keep their signal: no layer falls below {KEPT}."]


def _signal(name: str, signal: SignalLost | None, of: int) -> str:
    if signal is None:
        return f"{name} keeps its signal: no layer falls below {KEPT}."
    when = "at the start" if signal.step == 0 else f"at step {signal.step}"
    typically = "typically " if signal.seeds > 1 else ""
    return (
        f"{name} loses its signal in {seeds(signal.seeds, of)}, {typically}in layer"
        f" {signal.layer} {when}. There the outputs vary less than {KEPT}. {_whether_back(signal)}"
    )


def _whether_back(signal: SignalLost) -> str:
    if signal.back == signal.seeds:
        return "At the end it was back."
    if signal.back:
        return f"In {signal.back} of them it was back at the end."
    return "It does not return."


def _updates(verdict: ActivationsVerdict) -> str:
    parts = [
        f"{noticeable(1000 * one.update)} in {NAMES[one.treatment]}"
        for one in verdict.networks
        if one.update == one.update  # not NaN
    ]
    if not parts:
        return "No update could be measured."
    sgd = verdict.optimizer == "sgd"
    return (
        f"At the end, {'one update' if sgd else 'learning rate times gradient'} in a typical layer"
        f" is, in thousandths of the standard deviation of its weights, {' and '.join(parts)}. A"
        " rule of thumb is one thousandth."
        f"{'' if sgd else f' The updates of {verdict.optimizer} are others than this.'}"
    )


def of_unit(verdict: Wandered) -> str:
    """Over which range the median input of a unit of the last layer lay."""
    where = f"unit {verdict.unit} of layer {verdict.layer}"
    spans = {NAMES["plain"]: verdict.plain, NAMES["batch"]: verdict.batch}
    parts = [f"{_span(*ends)} in {name}" for name, ends in spans.items() if ends]
    if not parts:
        return f"The input of {where} could not be measured: both diverged."
    return (
        f"The median input of {where} lay {' and '.join(parts)}. The band holds the middle 70 % of"
        " the samples."
    )


def _span(low: float, high: float) -> str:
    one, other = _level(low), _level(high)
    return f"near {one}" if one == other else f"between {one} and {other}"


def _level(value: float) -> str:
    """Of a median, which is nothing to speak of below a thousandth."""
    return "0" if 0 < abs(value) < 0.0005 else significant(value)
