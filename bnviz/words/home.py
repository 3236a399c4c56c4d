"""The front door: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.criteria import majority
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.names import HIGHER, NAMES
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

INTRODUCTION = """
Two networks learn to read digits, from the same start. One has **batch normalization (BN)**. A
column is a layer, a lamp a unit; a dark lamp no longer reacts to the input.
"""

HALVES = ("those near the input", "those near the output")
DIFFERS = "it differs"
CLOSER = {
    "layers": ("How does every layer fare?", "Signal, gradient and dead units over training.")
}

NOTES = {
    "How it is measured": """
Every lamp is one unit of one seed's network, the seed whose two networks end nearest to the
median test accuracy of all seeds: the standard deviation of its output over 192
training samples, normalized with their own statistics as a mini-batch is in training. A unit that
says the same for every sample is dark, however large its output is. The curves below show the same
by layer (root mean square over its units), with the median of all seeds as a line and their range
as a band; the length of the gradient of the layer's weights on the mini-batch of that step; and the
share of dead units (zero for all 192 samples) or saturated values (|tanh| > 0.97, sigmoid outside
0.03 to 0.97). Curves are held at the edge of their axis.

*Learned* means: in the end closer to being right than to guessing. A layer *went first* when it was
the first to have 100 times its initial signal, half of its units dead or half of its values
saturated, or an output that varies by less than 0.001; "by" a step is said where the steps just
before it were not recorded. Test accuracy is measured in inference mode.
""",
    "The mathematics": r"""
For each unit, over the samples of the mini-batch (Ioffe & Szegedy 2015, Algorithm 1):

$$
\mu = \frac1m \sum_i x_i \qquad v = \frac1m \sum_i (x_i - \mu)^2 \qquad
\hat x_i = \frac{x_i - \mu}{\sqrt{v + \varepsilon}} \qquad y_i = \gamma\,\hat x_i + \beta
$$

applied to the layer's weighted sum before its activation. Whatever the update did to the size of
the weights, the next layer receives values of the same mean and spread: a step that is too long
can no longer multiply itself from layer to layer.
""",
    "What the papers found": """
Ioffe & Szegedy (2015) trained an Inception network on ImageNet with BN at 5 times the learning
rate, at which the network without it diverges, and reached its 72.2 % accuracy in 2.1 instead of
31 million steps; that network also dropped dropout, weakened its L2 penalty and decayed its rate
faster. Bjorck et al. (2018) found that at a very small rate (0.0001) a ResNet-110 on
CIFAR-10 reaches 81 to 82 % with and without BN: the gain comes from the larger rate that BN allows.
*Why* it allows it is still discussed; that is what the later lessons are about.
""",
}


LEAST = 1e-4  # of a layer's length: what is shorter is said to be no longer than that
ALONE = "every mini-batch is one sample, its own mean, and BN hands on β alone"


def findings(verdict: HomeVerdict) -> Findings:
    """What this run shows; the headline says who learns at this rate."""
    groups = ((_PLAIN, verdict.plain), (_second(verdict), verdict.batch))
    return Findings.told(
        _headline(verdict),
        *(_fates(name, group) for name, group in groups),
        *_gap(verdict),
        *(_story(verdict, one) for one in verdict.stories),
    )


_PLAIN = "The plain network"


def _second(verdict: HomeVerdict) -> str:
    if not verdict.with_bn:
        return "The second network (no layer has BN)"
    if len(verdict.with_bn) == verdict.depth:
        return "The network with BN in every layer"
    return f"The network with BN in {layers(verdict.with_bn)}"


def _fates(name: str, group: Group) -> str:
    of = len(group.fates)
    if len(group.learned) == of:
        return f"**{name} learned** in {seeds(of, of)}: {_accuracies(group.learned)} test accuracy."
    parts = []
    if group.learned:
        ends = _accuracies(group.learned)
        parts.append(f"learned in {seeds(len(group.learned), of)} ({ends} test accuracy)")
    if group.diverged:
        when = at_steps(group.diverged)
        parts.append(f"diverged in {seeds(len(group.diverged), of)}, at {when}")
    if group.failed:
        ends = _accuracies(group.failed)
        parts.append(f"did not learn in {any_seeds(len(group.failed), of)} ({ends})")
    return f"**{name}** {', '.join(parts)}."


def _accuracies(some: tuple[float, ...]) -> str:
    return percent_between(min(some), max(some))


def _headline(verdict: HomeVerdict) -> str:
    at = f"At a learning rate of {verdict.rate:g}"
    plain, batch = len(verdict.plain.learned), len(verdict.batch.learned)
    match verdict.outcome:
        case "no BN":
            return f"No layer has BN: both are the same network, at a rate of {verdict.rate:g}."
        case "both":
            return f"{at} both networks learn{_ahead(verdict)}."
        case "BN helps":
            only = batch == verdict.seeds and not plain
            return f"{at} {'only BN learns' if only else 'BN learns in more seeds than plain'}."
        case "BN does not help":
            as_many = "as many" if batch == plain else "more"
            return f"{at} BN does not help: plain learns in {as_many} seeds."
        case "neither":
            return _neither(verdict, at)


def _ahead(verdict: HomeVerdict) -> str:
    match verdict.standing:
        case "same":
            return " about equally well"
        case "second":
            return ", and BN ends higher"
        case "first":
            return ", and BN does not help: it ends lower"
    return ", and neither ends clearly higher"


def _gap(verdict: HomeVerdict) -> list[str]:
    """How far apart the accuracies end, where both learn and one is ahead."""
    if verdict.outcome != "both" or verdict.standing not in ("first", "second"):
        return []
    higher, lower = ("BN", "plain") if verdict.standing == "second" else ("plain", "BN")
    medians = ", by the medians" if verdict.seeds > 1 else ""
    return [f"At the end {higher} is {points(verdict.gap)} above {lower}{medians}."]


def _neither(verdict: HomeVerdict, at: str) -> str:
    run = steps(verdict.steps)
    match verdict.neither:
        case "alone":
            return f"{at} neither network learns, and the one with BN cannot: {ALONE}."
        case "too slow":
            return f"A learning rate of {verdict.rate:g} is too low for {run}, with BN and without."
        case "not far":
            return f"{at} neither network gets far in {run}."
        case "too few layers":
            return f"{at} neither network learns: BN in {layers(verdict.with_bn)} is not enough."
        case "torn":
            return (
                f"{at} neither network learns: BN widens the range of rates, it does not remove its"
                " end."
            )
    return f"{at} neither network learns in {run}."


def _story(verdict: HomeVerdict, story: Story) -> str:
    begin = f"In seed {story.seed + 1} of the {NAMES[story.treatment]} network, "
    if story.cause == "alone":
        return f"{begin}{ALONE}, so that nothing of the input can be learned."
    said = (
        _collapse(verdict, story.collapse)
        if story.collapse
        else f"no layer left its range; {_in_range(story, verdict.steps)}"
    )
    return f"{begin}{said}{_elsewhere(verdict, story)}"


def _in_range(story: Story, run: int) -> str:
    """Why a network did not learn although all its layers could."""
    match story.cause:
        case "too slow":
            most = fine_percent(max(story.largest_update, LEAST))
            return (
                f"no recorded update moved a layer by more than {most} of its length: the rate is"
                f" too low for {steps(run)}."
            )
        case "rising":
            return (
                f"and its accuracy was still rising, at {percent(story.last)}: {steps(run)}"
                f" {'was' if run == 1 else 'were'} not enough."
            )
        case "restless":
            return (
                f"but after a best of {percent(story.best)} its accuracy ended at"
                f" {percent(story.last)}: it does not settle at this rate."
            )
    return f"but its accuracy was never above {percent(story.best)} in {steps(run)}."


def _collapse(verdict: HomeVerdict, collapse: Collapse) -> str:
    when = f"{'by' if collapse.at_the_latest else 'at'} step {collapse.step}"
    sign = f"{_sign(verdict, collapse)}{_blame(collapse)}"
    if len(collapse.together) == 1:
        return f"**{_named(collapse.together, verdict.depth)} went first**, {when}: {sign}"
    return (
        f"**{_named(collapse.together, verdict.depth)} went first**, together, {when}. Layer"
        f" {collapse.layer}, for one: {sign}"
    )


def _named(which: tuple[int, ...], depth: int) -> str:
    """layer 3; layers 3 and 5; layers 4 to 8; the output layer."""
    if which[0] > depth:
        return "the output layer"
    first, last = which[0], which[-1]
    in_a_row = len(which) > 2 and last - first == len(which) - 1
    return f"layers {first} to {last}" if in_a_row else layers(which)


def _sign(verdict: HomeVerdict, collapse: Collapse) -> str:
    match collapse.sign:
        case "overflowed":
            return "its numbers grew past what a 32-bit float can hold."
        case "exploded":
            return f"its signal was {_grown(collapse.amount)} what it had been at the start."
        case "faint":
            return (
                f"its output varies by only {significant(collapse.amount, 1)} from sample to"
                " sample, so nothing can be told apart."
            )
    kind = "values were saturated: on the flat ends, where hardly any gradient passes"
    if verdict.activation == "relu":
        kind = "units were dead: zero for every sample, so no gradient passes"
    return f"{percent(collapse.amount)} of its {kind}."


def _grown(amount: float) -> str:
    return f"{significant(amount)} times" if amount < float("inf") else "beyond all bounds of"


def _blame(collapse: Collapse) -> str:
    if collapse.step == 0:
        return (
            " It was so before the first update: the initialization did it, not the learning rate."
        )
    if collapse.moved != collapse.moved:  # NaN
        return ""
    moved = f"{significant(100 * collapse.moved)} %"
    return f" By then one update had moved its weights by {moved} of their length."


def _elsewhere(verdict: HomeVerdict, story: Story) -> str:
    """Which layers it was in the other seeds: one seed is not the rule."""
    if not story.others:
        return ""
    others = _others(len(story.others), verdict.seeds)
    named = _one_of(story.others, verdict.depth)
    if not story.collapse:
        return f" In {others}, {named} went first."
    in_range = f", in {_others(story.in_range)} it was none" if story.in_range else ""
    return f" In {others} it was {named}{in_range}."


def _one_of(those: tuple[tuple[int, ...], ...], depth: int) -> str:
    """layer 7 or the output layer; one or more of layers 3 to 8; of one seed: layers 3 to 8."""
    if len(those) == 1:
        return _named(those[0], depth)
    which = sorted({layer for seed in those for layer in seed})
    if all(len(seed) == 1 for seed in those):
        return listed([_named((layer,), depth) for layer in which], "or")
    hidden = _named(tuple(layer for layer in which if layer <= depth), depth)
    return f"one or more of {hidden}{' or the output layer' * (which[-1] > depth)}"


def _others(number: int, of: int = 0) -> str:
    if of == 2:
        return "the other seed"
    return "one other seed" if number == 1 else f"{number} other seeds"


def _first_gone(verdict: HomeVerdict) -> Outcome:
    halves = verdict.halves
    if not any((*halves.gone, halves.both)):
        return Outcome(right=None, why="No layer of the plain network left its range.")
    places = zip(("near the input", "near the output"), halves.gone, strict=True)
    counted = [f"{place} in {seeds(number, halves.seeds)}" for place, number in places if number]
    if halves.both:
        counted.append(f"in both halves in {seeds(halves.both, halves.seeds)}")
    return Outcome(
        right=DIFFERS if halves.most is None else HALVES[halves.most],
        why=f"The first layers to leave their range stood {listed(counted)}. One step that is too"
        " long throws them off, and nothing puts them back.",
    )


DARK = ("none", "some of them", "all of them")


def _dark(verdict: HomeVerdict) -> Outcome:
    (dark, batch), of = verdict.dark, verdict.depth
    right = DARK[0] if not dark else DARK[2] if dark == of else DARK[1]
    return Outcome(
        right=right,
        why=f"In the seed that is drawn, {dark} of plain's {of} layers are dark at the end, and"
        f" {batch} of BN's. A dark layer passes nothing of the input on.",
    )


NO, FEW, YES = LEARNS = "no", "in a few seeds only", "yes, in most seeds"


def _does_batch_learn(verdict: HomeVerdict) -> Outcome:
    learned = len(verdict.batch.learned)
    right = YES if majority(learned, verdict.seeds) else FEW if learned else NO
    return Outcome(right=right, why=_fates(_second(verdict), verdict.batch))


def _one_layer(verdict: HomeVerdict) -> Outcome:
    outcome = _does_batch_learn(verdict)
    return Outcome(
        right=outcome.right,
        why=f"{outcome.why} It gives the layers above it a usable input again. Why it is this"
        " layer, this run does not tell.",
    )


def _which_ends_higher(verdict: HomeVerdict) -> Outcome:
    why = (
        f"{_fates(_PLAIN, verdict.plain)} {_fates(_second(verdict), verdict.batch)} At a rate that"
        " the plain network tolerates, BN has little to mend."
    )
    return Outcome(right=HIGHER[verdict.standing], why=why)


CHALLENGES = (
    Challenge(
        name="break",
        question="Turn the learning rate up to 1. Which layers of the plain network fail first?",
        answers=(*HALVES, DIFFERS),
        setting={"learning_rate": 1.0},
        outcome=_first_gone,
        expected=HALVES[1],
        tempting=Tempting(HALVES[0], Belief.VANISHED_FIRST),
    ),
    Challenge(
        name="dark",
        look=True,
        question="Look at the end of this run: how many of plain's columns are dark?",
        answers=DARK,
        setting={"learning_rate": 1.0},
        outcome=_dark,
        expected=DARK[2],
        tempting=Tempting(DARK[1], None),
    ),
    Challenge(
        name="one-layer",
        question="Still at rate 1, give BN to layer 7 alone. Does the network learn?",
        answers=LEARNS,
        setting={"learning_rate": 1.0, "normalized": (7,)},
        outcome=_one_layer,
        expected=YES,
        tempting=Tempting(NO, Belief.EVERY_LAYER),
    ),
    Challenge(
        name="too-far",
        question="BN in every layer, at a learning rate of 10: does the network with BN learn?",
        answers=LEARNS,
        setting={"learning_rate": 10.0},
        outcome=_does_batch_learn,
        expected=NO,
        tempting=Tempting(YES, Belief.ANY_RATE),
    ),
    Challenge(
        name="low",
        question="Now a low rate, 0.01. Which network ends with the higher test accuracy?",
        answers=tuple(HIGHER.values()),
        setting={"learning_rate": 0.01},
        outcome=_which_ends_higher,
        expected=HIGHER["first"],
        tempting=Tempting(HIGHER["second"], Belief.BETTER_AT_EVERY_RATE),
    ),
)
