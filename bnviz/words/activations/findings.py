"""Inside the layers: what a run shows, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.activations import LOST
from bnviz.words.findings import Findings
from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import (
    at_steps,
    between,
    fine_percent,
    listed,
    noticeable,
    percent,
    seeds,
    significant,
    times_between,
)

if TYPE_CHECKING:
    from bnviz.verdicts.activations import (
        ActivationsVerdict,
        Moved,
        Network,
        SignalLost,
        Wandered,
    )

LEAST = percent(LOST)  # of the first layer's initial signal: a layer with less has lost it

IDLE = {
    ("dead", "end"): "At the end {plain} of plain's units are dead, and {batch} of BN's.",
    ("dead", "before"): (
        "At each seed's last record {plain} of plain's units are dead, and {batch} of BN's."
    ),
    ("saturated", "end"): (
        "At the end {plain} of plain's values are saturated, and {batch} of BN's."
    ),
    ("saturated", "before"): (
        "At each seed's last record {plain} of plain's values are saturated, and {batch} of BN's."
    ),
}
"""By what an idle unit is, and by when it is counted: a seed that diverged has no end."""


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
            lost = [SUBJECTS[one.treatment] for one in verdict.networks if one.most_lost]
            if len(lost) == 1:
                return f"{lost[0]} diverged in most seeds."
            return "Both networks diverged in most seeds."
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
    if verdict.outcome in ("plain farther", "BN farther"):
        return [_moved(verdict), _range(verdict)]
    return [_moved(verdict)]


def _moved(verdict: ActivationsVerdict) -> str:
    plain, batch = (noticeable(one.moved) for one in verdict.networks)
    if any(one.most_lost for one in verdict.networks):
        return (
            f"By the end or at the last record before, plain's typical layer had moved by {plain}"
            f" of its initial standard deviation, BN's by {batch}."
        )
    return (
        f"By the end, plain's typical layer had moved by {plain} of its initial standard"
        f" deviation, BN's by {batch}."
    )


def extent_in_short(verdict: ActivationsVerdict) -> list[str]:
    """The same without the range of the seeds."""
    said, compared = extent(verdict)[:1], verdict.compared
    if said and compared and verdict.outcome in ("plain farther", "BN farther"):
        said.append(f"It is so in {seeds(compared.agree, compared.factor.seeds)}.")
    return said


def _range(verdict: ActivationsVerdict) -> str:
    compared = verdict.compared
    assert compared
    whose = "Plain's" if verdict.outcome == "plain farther" else "BN's"
    where = seeds(compared.agree, compared.factor.seeds)
    factor = times_between(compared.factor.low, compared.factor.high)
    if compared.factor.seeds < verdict.seeds:
        return f"{whose} moved farther in {where} that can be followed: {factor} as far."
    return f"{whose} moved farther in {where}: {factor} as far."


def _unfollowed(verdict: ActivationsVerdict) -> str:
    """Who has no second record; both have, though never in the same seed: both."""
    gone = [SUBJECTS[one.treatment] for one in verdict.networks if one.moved != one.moved]  # NaN
    return listed(gone or [*SUBJECTS.values()])


def _diverged(network: Network, of: int) -> str:
    return (
        f"{SUBJECTS[network.treatment]} diverged in {seeds(len(network.diverged), of)}, at"
        f" {at_steps(network.diverged)}; the last record before counts as the end."
    )


def failure(network: Network) -> str:
    """Of one that did not learn, or only little."""
    name = SUBJECTS[network.treatment]
    return f"{name} has learned little." if network.fate == "little" else f"{name} has not learned."


def failed(verdict: ActivationsVerdict) -> list[Network]:
    """Those that did not end nearer to being right than to guessing."""
    return [one for one in verdict.networks if one.fate != "learned"]


def _ends(verdict: ActivationsVerdict) -> str:
    plain, batch = (percent(one.accuracy) for one in verdict.networks)
    gone = [one.fate == "diverged" for one in verdict.networks]
    if all(gone):
        return "Both diverged."
    if gone[0]:
        return f"Plain diverged, and BN's test accuracy ends at {batch}."
    if gone[1]:
        return f"BN diverged, and plain's test accuracy ends at {plain}."
    return f"Test accuracy ends at {plain} in plain and at {batch} in BN."


def accuracy(verdict: ActivationsVerdict) -> str:
    """How both ended, and what that says of moving less."""
    both = _ends(verdict)
    if failed(verdict):
        return _with_failure(failed(verdict), both)
    stiller = verdict.outcome in ("plain farther", "BN not at all")
    match verdict.standing:
        case "same":
            return f"They hardly differ in the end. {both}"
        case "unclear":
            return f"Neither ends ahead in most seeds. {both}"
        case "first" if stiller:
            return f"Moving less did not help here. {both}"
        case "second" if stiller:
            return (
                "The network that moved less learned more, which does not prove that it is why."
                f" {both}"
            )
    return both


def _with_failure(lagging: list[Network], both: str) -> str:
    some = any(one.fate == "little" for one in lagging)
    if len(lagging) == 1:
        who = failure(lagging[0])
    else:
        who = "Neither network has learned much." if some else "Neither network has learned."
    if some:
        return f"{who} {both} Moving says little where little is learned."
    return f"{who} {both} Moving says nothing where nothing is learned."


def _farthest(verdict: ActivationsVerdict) -> str:
    told = [
        _of_layers(NAMES[one.treatment], one.farthest, one.least)
        for one in verdict.networks
        if one.farthest and one.least
    ]
    return " ".join(told) or "No layer's distribution could be followed."


def _of_layers(name: str, farthest: Moved, least: Moved) -> str:
    far, near = noticeable(farthest.by), noticeable(least.by)
    if farthest.layer == least.layer:
        return f"In {name}, layer {farthest.layer} moved farthest, by {far}."
    return (
        f"In {name}, layer {farthest.layer} moved farthest, by {far}, and layer {least.layer}"
        f" least, by {near}."
    )


def no_idle(activation: str) -> str:
    """Why no unit is counted."""
    if activation == "gelu":
        return "With gelu, no sharp line tells dead or saturated units: none are counted."
    return f"With {activation}, units can be neither dead nor saturated."


def idle(verdict: ActivationsVerdict) -> str:
    if verdict.kind is None:
        return no_idle(verdict.activation)
    plain, batch = (fine_percent(one.idle) for one in verdict.networks)
    when = "before" if any(one.diverged for one in verdict.networks) else "end"
    said = IDLE[verdict.kind, when].format(plain=plain, batch=batch)
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
    return [
        f"Both keep their signal: no layer falls below {LEAST} of the first one's at the start."
    ]


def _signal(name: str, signal: SignalLost | None, of: int) -> str:
    if signal is None:
        return (
            f"{name} keeps its signal: no layer falls below {LEAST} of the first one's at the"
            " start."
        )
    return (
        f"{_where_lost(name, signal, of)} There the outputs vary less than {LEAST} of the first"
        f" one's at the start. {_whether_back(signal)}"
    )


def _where_lost(name: str, signal: SignalLost, of: int) -> str:
    where, layer, step = seeds(signal.seeds, of), signal.layer, signal.step
    if signal.seeds > 1:
        return f"{name} loses its signal in {where}, typically in layer {layer} at step {step}."
    return f"{name} loses its signal in {where}, in layer {layer} at step {step}."


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
    if verdict.optimizer == "sgd":
        return (
            "At the end, one update in a typical layer is, in thousandths of the standard deviation"
            f" of its weights, {listed(parts)}. A rule of thumb is one thousandth."
        )
    return (
        "At the end, learning rate times gradient in a typical layer is, in thousandths of the"
        f" standard deviation of its weights, {listed(parts)}. A rule of thumb is one thousandth."
        f" The updates of {verdict.optimizer} are others than this."
    )


def of_unit(verdict: Wandered) -> str:
    """Over which range the median input of a unit of the last layer lay."""
    unit, layer = verdict.unit, verdict.layer
    spans = {NAMES["plain"]: verdict.plain, NAMES["batch"]: verdict.batch}
    parts = [f"at {_span(*ends)} in {name}" for name, ends in spans.items() if ends]
    if not parts:
        return f"The input of unit {unit} of layer {layer} could not be measured: both diverged."
    return (
        f"The median input of unit {unit} of layer {layer} lay {listed(parts)}. The band holds the"
        " middle 70 % of the samples."
    )


def _span(low: float, high: float) -> str:
    """−1.5 to 2; 0."""
    return between(_level(low), _level(high))


def _level(value: float) -> str:
    """Of a median, which is nothing to speak of below a thousandth."""
    return "0" if 0 < abs(value) < 0.0005 else significant(value)
