"""Gradient predictiveness: what a run shows, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.gradients import EARLY
from bnviz.words.findings import Findings
from bnviz.words.numbers import degrees, learning_rates, many, seeds, times, times_between
from bnviz.words.pair import (
    NO_BN,
    factor,
    no_bn,
    no_comparison,
    not_compared,
    nothing_fell,
    over_seeds,
)

if TYPE_CHECKING:
    from bnviz.verdicts.criteria import Comparison
    from bnviz.verdicts.gradients import Compared, GradientsVerdict, SweepVerdict, Turned

OWNERS = {"plain": "Plain's", "batch": "BN's"}
OWNED = {"plain": "plain's", "batch": "BN's"}


def findings(verdict: GradientsVerdict) -> Findings:
    """What this run shows; the headline says whose gradient has turned more."""
    if not verdict.with_bn:
        return Findings.told(NO_BN, no_bn(verdict.normalized_layers, verdict.depth))
    turns, lost = _turns(verdict), not_compared(verdict.lost)
    compared = verdict.compared
    if not compared:
        fell = no_comparison(verdict.fell, verdict.seeds)
        return Findings.told(nothing_fell(verdict.fell), fell, *turns, *lost)
    walk, *update = turns or ("",)
    return Findings.told(
        _headline(verdict.walk),
        *filter(None, (walk, _change(compared.change, verdict.seeds), *update)),
        *_in_seeds(verdict),
        *_range(compared.change),
        _steepness(compared.smoothness),
        *_at_first(compared),
        *lost,
    )


def _headline(walk: Turned) -> str:
    if walk.more == "plain":
        return "In the longest step, plain's gradient turns more than BN's."
    if walk.more == "batch":
        return "In the longest step, BN's gradient turns more, not less."
    if walk.open:
        return "The seeds do not agree on whose gradient turns more."
    return "In the longest step, both gradients turn about as much."


def _turns(verdict: GradientsVerdict) -> tuple[str, ...]:
    """How far the direction turns, where both networks have a number: far along, and in a step."""
    if any(angle != angle for angle in (*verdict.near, *verdict.far)):  # NaN
        return ()
    if verdict.reach == 1:
        return (_longest(verdict),)
    return (_longest(verdict), _nearest(verdict))


def _longest(verdict: GradientsVerdict) -> str:
    plain, batch = map(degrees, verdict.far)
    if verdict.any_diverged and not verdict.compared:  # those compared all last
        return (
            "Averaged over training, for as long as each network lasts, the longest step turns"
            f" plain's gradient by {plain} and BN's by {batch}."
        )
    return (
        f"Averaged over training, the longest step turns plain's gradient by {plain} and BN's by"
        f" {batch}."
    )


def _nearest(verdict: GradientsVerdict) -> str:
    plain, batch = map(degrees, verdict.near)
    if verdict.optimizer == "sgd":
        return (
            f"Averaged in the same way, the update itself turns plain's gradient by {plain} and"
            f" BN's by {batch}."
        )
    return (
        f"Averaged in the same way, a step of one learning rate turns plain's gradient by {plain}"
        f" and BN's by {batch}."
    )


def _in_seeds(verdict: GradientsVerdict) -> tuple[str, ...]:
    """In how many seeds the headline is so."""
    walk = verdict.walk
    if walk.more is None:
        return ()
    whose, reach = OWNERS[walk.more], learning_rates(verdict.reach)
    return (f"{whose} gradient has turned more after a step of {reach} in {in_seeds(walk)}.",)


def in_seeds(turned: Turned) -> str:
    """In how many seeds it is so: 4 of 5 seeds."""
    return seeds(turned.farther, turned.seeds)


def _compared_seeds(change: Comparison, of: int) -> str:
    """In how many of the seeds compared; where a single one of several is, that it is."""
    if change.factor.seeds == 1 < of:
        return "the one seed that can be compared"
    return seeds(change.agree, change.factor.seeds)


def _change(change: Comparison, of: int) -> str:
    """Of the whole gradient, its direction and its length; of: all seeds."""
    if change.more:
        larger, smaller = ("plain", "BN") if change.more == "plain" else ("BN", "plain")
        return (
            f"In direction and length together, {larger}'s gradient changes {factor(change)} as"
            f" much as {smaller}'s, and more in {_compared_seeds(change, of)}."
        )
    if change.open:
        return (
            "In direction and length together, the seeds do not agree on whose gradient changes"
            f" more. {_beside(change)}"
        )
    return (
        f"In direction and length together, both gradients change about as much. {_beside(change)}"
    )


def _beside(compared: Comparison) -> str:
    """From seed to seed, where neither is the larger one."""
    ratio = times_between(compared.ratio.low, compared.ratio.high)
    return f"From seed to seed, plain's change is {ratio} BN's."


def _range(change: Comparison) -> tuple[str, ...]:
    """Between what the factor lies, over several seeds."""
    one = change.factor
    if not change.more or one.seeds == 1:
        return ()
    between = times_between(one.low, one.high)
    other = OWNED["batch" if change.more == "plain" else "plain"]
    return (f"From seed to seed, {OWNED[change.more]} change is {between} {other}.",)


def _steepness(beta: Comparison) -> str:
    if beta.more:
        larger, smaller = ("plain", "BN") if beta.more == "plain" else ("BN", "plain")
        return (
            "Per unit of step length and of gradient length (effective β-smoothness; not BN's β),"
            f" {larger}'s change is {factor(beta)} {smaller}'s. {over_seeds(beta)}"
        )
    if beta.open:
        return (
            "Per unit of step length and of gradient length (effective β-smoothness; not BN's β),"
            f" the seeds do not agree on whose change is larger. {_beside(beta)}"
        )
    return (
        "Per unit of step length and of gradient length (effective β-smoothness; not BN's β), both"
        f" change about as much. {_beside(beta)}"
    )


def _at_first(compared: Compared) -> tuple[str, ...]:
    """That it was the other way round at first, where it was; and why that can be."""
    early, per_length = compared.early, compared.early_smoothness
    if not early or early.more != "batch":
        return ()
    first = (
        f"In the first {EARLY} steps of training BN's gradient changes {factor(early)} as much as"
        " plain's."
    )
    turned = compared.change.more == "plain"
    said = [f"{first} Later the order is reversed." if turned else first]
    if compared.faded:
        said.append(f"{_faded(compared)} What is short changes little: such a loss is flat.")
        if per_length and per_length.more == "batch":
            said.append(f"Per length, too, BN's changes {factor(per_length)} as much at first.")
    return tuple(said)


def _faded(compared: Compared) -> str:
    return (
        f"At the start BN's gradient is {times(compared.longer)} as long: plain's loss hardly"
        " depends on its weights yet."
    )


def over_rates(verdict: SweepVerdict) -> str:
    """What a sweep over the learning rates shows."""
    if not verdict.compared:
        return "At none of these rates did both losses of a pair fall: nothing to compare yet."
    said = [_where_both_fell(verdict)]
    if verdict.most and len(verdict.compared) == 1:
        said.append(f"It changes {factor(verdict.most)} as much. {over_seeds(verdict.most)}")
    elif verdict.most:
        said.append(
            f"At {verdict.most_at:g} plain's changes the most, beside BN's: {factor(verdict.most)}"
            f" as much. {over_seeds(verdict.most)}"
        )
    if verdict.plain_dead_from is not None:
        said.append(
            f"From {verdict.plain_dead_from:g} on, plain's loss falls by half at none of these"
            " rates."
        )
    return " ".join(said)


def _where_both_fell(verdict: SweepVerdict) -> str:
    plain, batch = verdict.plain_rougher, verdict.batch_rougher
    first, last, rates = verdict.compared[0], verdict.compared[-1], many(verdict.rates, "rate")
    if len(verdict.compared) == 1:
        return f"Both losses of a pair fell at 1 of {rates}, at {first:g}. {_there(verdict)}"
    return (
        f"Both losses of a pair fell at {len(verdict.compared)} of {rates}, from {first:g} to"
        f" {last:g}; plain's gradient changes clearly more at {plain or 'none'} of them, BN's at"
        f" {batch or 'none'}."
    )


def _there(verdict: SweepVerdict) -> str:
    """Whose gradient changes more at the one rate that is compared."""
    if verdict.plain_rougher:
        return "There plain's gradient changes clearly more than BN's."
    if verdict.batch_rougher:
        return "There BN's gradient changes clearly more than plain's."
    return "There neither gradient changes clearly more."
