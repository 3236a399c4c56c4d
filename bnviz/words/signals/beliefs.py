"""What is often believed of signals and gradients, and what a run says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.signals import TURNED
from bnviz.words.belief import Belief
from bnviz.words.numbers import many, percent, seeds, significant, steps
from bnviz.words.signals.findings import many_times, per_layer, rounded, share

if TYPE_CHECKING:
    from bnviz.verdicts.signals import SignalsVerdict


def beliefs(verdict: SignalsVerdict) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        Belief.RELU_IS_LINEAR: _relu(verdict),
        Belief.NEITHER_NOR: _neither(verdict),
        Belief.EXPLODES_FOR_GOOD: _for_good(verdict),
        Belief.OVERFIT: _overfit(verdict),
    }


def _relu(verdict: SignalsVerdict) -> str:
    each, measured = map(per_layer, (verdict.relu_factor, verdict.plain.signal.each.middle))
    match verdict.relu:
        case "other units":
            left = verdict.relu_factor**verdict.depth
            total = f"{rounded(left)} times" if left > TURNED else share(left)
            return (
                f"{HALF} With these weights a layer of ReLU units would pass on {each} times"
                f" the size of its input, over {many(verdict.depth, 'layer')} {total}. (This run"
                " has other units.)"
            )
        case "not measured":
            return f"{HALF} These weights pass on {each} times the size of the input, each layer."
        case "skip":
            return (
                f"{HALF} Here the skip connections carry the signal past that: plain's is"
                f" {measured} times as large after each layer."
            )
        case "shrinks":
            return f"{HALF} Here they do not: plain's signal shrinks to {measured} at each layer."
        case "grows":
            return f"{HALF} Here they do too much: plain's signal grows {measured} times per layer."
    return f"{HALF} Here they do, {measured} times per layer. Turn the gain to see it fail."


HALF = "It sets half of the values to zero, and the weights must make up for that."


def _neither(verdict: SignalsVerdict) -> str:
    ratio, each = verdict.batch.gradient.ratio, verdict.batch.gradient.each.middle
    match verdict.neither:
        case "cannot tell":
            return "This run cannot tell: it takes a way of several layers."
        case "slowly":
            return (
                f"It takes more layers to see it: here BN's gradient arrives at {share(ratio)}, but"
                f" it grows {each:.2f} times per layer."
            )
        case "grows":
            return (
                f"Not so at the start: here BN's gradient is {many_times(ratio)} as large at the"
                f" first layer as at the last ({each:.2f} times per layer)."
            )
        case "fades":
            return (
                f"Not so at the start: here {share(ratio)} of BN's gradient reaches the first"
                " layer."
            )
    return "In this run they do neither. Take ReLU and more layers, and they grow."


def _for_good(verdict: SignalsVerdict) -> str:
    first, last = verdict.batch.gradient.each.middle, verdict.batch.later
    match verdict.for_good:
        case "one layer":
            return "This run cannot tell: it takes a way of several layers."
        case "nobody left":
            return "This run cannot tell: there is no BN network left to compare."
        case "no gradient":
            return "This run cannot tell: in the end no gradient gets from layer to layer with BN."
        case "nothing explodes":
            return (
                f"Nothing explodes here: at each layer BN's gradient is {per_layer(first)} times"
                " as large."
            )
        case "evens out":
            return (
                f"Not in this run: BN's gradient grows {first:.2f} times per layer at the start,"
                f" {last:.2f} after {steps(verdict.steps)}. Training itself evens it out."
            )
        case "turns":
            return (
                f"Not in this run: BN's gradient grows {first:.2f} times per layer at the start;"
                f" after {steps(verdict.steps)} it shrinks instead, to {share(last)} at each layer."
            )
    return (
        f"It may look so here: BN's gradient grows {first:.2f} times per layer at the start,"
        f" {last:.2f} after {steps(verdict.steps)}."
    )


def _overfit(verdict: SignalsVerdict) -> str:
    if verdict.overfit == "diverged":
        lost = len(verdict.plain.diverged)
        if lost == verdict.seeds:
            return "Not here: plain diverged, which is not overfitting."
        where = seeds(lost, verdict.seeds)
        return f"Not here: plain diverged in {where}, which is not overfitting."
    loss, guessing = _loss(verdict.plain.loss), f"{verdict.guessing:.2f}"
    numbers = f"Plain's training loss ends at {loss}, and guessing costs {guessing}."
    ends = f"It ends at {percent(verdict.plain.accuracy)} test accuracy."
    match verdict.overfit:
        case "does not fit":
            return f"Not here. {numbers} It does not even fit the training data."
        case "learns before it fits":
            return f"Not here: it learns before it fits. {numbers} {ends}"
        case "does not generalize":
            return f"It may look so here. {numbers} {ends}"
    return f"This one does not fail at all. {numbers} {ends}"


def _loss(value: float) -> str:
    """In two decimals, beside what guessing costs; a large one in its first digits."""
    return f"{value:.2f}" if value < 100 else significant(value)
