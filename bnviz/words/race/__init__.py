"""The race: all that its page says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bnviz.verdicts.criteria import ALIKE
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import at_steps, fine_percent, percent, seeds, steps, times
from bnviz.words.pair import no_bn

if TYPE_CHECKING:
    from bnviz.verdicts.criteria import Score
    from bnviz.verdicts.race import Cost, Finish, RaceVerdict

INTRODUCTION = """
Two networks, **plain** and **BN**, start from the same weights and see the same mini-batches. The
first at the target wins: 90 % accuracy on test data, unless you set another.
"""

CLOSER = {
    "loss": ("How does the training loss fall?", "The loss of the mini-batches in both networks."),
    "cost": ("Who is first, counted in seconds?", "A step with BN costs more than one without."),
    "luck": ("Is it luck?", "Twenty more pairs at exactly this setting, five at a time."),
}
LUCK = "The same race from other weights, in pairs that the run above has not seen."

IMAGENET = """
| model (ImageNet) | initial rate | steps to 72.2 % | best accuracy |
| --- | --- | --- | --- |
| Inception | 0.0015 | 31.0 million | 72.2 % |
| BN-Baseline | 0.0015 | 13.3 million | 72.7 % |
| BN-x5 | 0.0075 | 2.1 million | 73.0 % |
| BN-x30 | 0.045 | 2.7 million | 74.8 % |
| BN-x5-Sigmoid | 0.0075 | – | 69.8 % |
"""

NOTES = {
    "How it is measured": f"""
Accuracy and loss are recorded at some 25 steps, more of them early. Test accuracy is measured in
inference mode, with BN's running statistics; the training loss is that of the mini-batches,
averaged since the record before. Lines are medians over the seeds, bands their range; a tick on
the target line is a seed that reached it, a cross a seed whose loss stopped being a number. A
network is called at the target after so many steps when its median seed is; a seed that never gets
there counts as infinitely late. The bracket above the curves lies between the two medians.

The seconds are processor time of this server for one network's share of the training, without the
recording; they differ from machine to machine and are the one thing here that a second visit does
not repeat exactly. Counted in them, two networks less than {ALIKE} times apart are even.
""",
    "The mathematics": r"""
In training, each normalized unit needs the mean and variance of its mini-batch, and its backward
pass two more sums over the batch: a few passes over the activations, against matrix products that
grow with the width. The wider the layer, the smaller BN's share of a step. BN adds $\gamma$ and
$\beta$ per unit and makes the layer's own bias redundant: two numbers for one.
""",
    "What the papers found": f"""
{IMAGENET}
Ioffe & Szegedy (2015), Figures 2 and 3. 31.0 / 2.1 is the "14 times fewer steps". BN-x5 is not BN
and a five times larger rate alone: it also drops dropout and local response normalization, divides
the weight of the L2 penalty by 5, lets the rate decay faster, shuffles better and distorts its
images less (section 4.2.1). How much each of these gave was not measured. Without BN, the network
diverged at the five times larger rate.
""",
}


def findings(verdict: RaceVerdict) -> Findings:
    """What this run shows; the headline says who is first, and by how much."""
    if verdict.outcome == "no BN":
        return Findings.told(
            "No race here: neither network has BN.",
            no_bn(verdict.normalized_layers, verdict.depth),
            *_lost([verdict.plain], verdict.seeds),
            "A step of two equal networks costs the same: what was measured beyond is chance.",
        )
    return Findings.told(
        _headline(verdict),
        *_in_seeds(verdict),
        *_lost(verdict.finishes, verdict.seeds),
        in_seconds(verdict),
        f"BN has {fine_percent(verdict.cost.parameters - 1)} more parameters.",
        *_when_lost(verdict.finishes),
    )


def _headline(verdict: RaceVerdict) -> str:
    match verdict.outcome:
        case "neither":
            return f"Neither network reaches the target in {steps(verdict.steps)}."
        case "only BN":
            return _alone(verdict.batch, verdict.seeds)
        case "only plain":
            return _alone(verdict.plain, verdict.seeds)
        case "BN":
            return _ahead(verdict.batch, verdict.plain, verdict)
        case "plain":
            return _ahead(verdict.plain, verdict.batch, verdict)
    if verdict.seeds > 1:
        return "A draw: neither network is first in most seeds."
    return "A draw: neither network is first."


def _alone(first: Finish, of: int) -> str:
    """Of the one network of which some seed is at the target."""
    who = NAMES[first.treatment]
    if first.arrives:
        return f"Only {who} reaches the target, after {steps(first.after)}."
    return f"Only {who} reaches the target, and in only {seeds(first.reached, of)}."


def _ahead(first: Finish, second: Finish, verdict: RaceVerdict) -> str:
    """Of the network that is first in most seeds."""
    who, other = SUBJECTS[first.treatment], NAMES[second.treatment]
    if not second.arrives:
        few = seeds(second.reached, verdict.seeds)
        return f"{who} reaches the target; {other} does so in only {few}."
    if verdict.medians != "agree":
        most = max(verdict.score.first, verdict.score.second)
        return f"{who} is first in {seeds(most, verdict.seeds)}, but not by much."
    return f"{who} reaches the target {steps(second.after - first.after)} before {other}."


def _in_seeds(verdict: RaceVerdict) -> list[str]:
    """In how many seeds who was first, and after how many steps."""
    plain, batch = verdict.finishes
    if verdict.outcome == "neither":
        return [leader(verdict)]
    said = [f"{leader(verdict)} {_not_faster(verdict)}".strip()]
    if plain.arrives and batch.arrives:
        said.append(_medians(verdict))
    return [*said, *(_short(one, verdict) for one in verdict.finishes if not one.arrives)]


def _not_faster(verdict: RaceVerdict) -> str:
    """Where BN is not first in most seeds: it may help all the same, where plain diverges later."""
    match verdict.outcome:
        case "BN" | "only BN":
            return ""
        case "draw" if verdict.score.second > verdict.score.first:
            return "That is too few to call BN faster."
    return "Here BN is not faster."


def leader(verdict: RaceVerdict) -> str:
    """In how many seeds who was first; where nobody was, how near they came."""
    score, of = verdict.score, verdict.seeds
    match verdict.outcome:
        case "neither":
            plain, batch = verdict.finishes
            return (
                "Neither reached the target; the best accuracy of plain was"
                f" {_best(plain, verdict)}, BN's {_best(batch, verdict)}."
            )
        case "BN" | "only BN":
            return f"BN was first in {seeds(score.second, of)}."
        case "plain" | "only plain":
            return f"Plain was first in {seeds(score.first, of)}."
    if score.even == of:
        return f"Both were at the target at the same record in {seeds(of, of)}."
    return f"BN was first in {seeds(score.second, of)}, plain in {seeds(score.first, of)}."


def _medians(verdict: RaceVerdict) -> str:
    plain, batch = (steps(one.after) for one in verdict.finishes)
    said = f"The median seed needed {batch} with BN and {plain} without."
    if verdict.seeds == 1:
        said = f"The one seed needed {batch} with BN and {plain} without."
    match verdict.medians:
        case "level":
            return f"{said} These are level: neither network is ahead by much."
        case "apart":
            return f"{said} These are apart, but neither network is first in most seeds."
        case "turned":
            return f"{said} These say the opposite: neither network is ahead by much."
    return said


def _short(finish: Finish, verdict: RaceVerdict) -> str:
    """Of a network that is at the target in no more than half of the seeds."""
    name = SUBJECTS[finish.treatment]
    if finish.reached:
        return f"{name} reached the target in {seeds(finish.reached, verdict.seeds)}."
    return f"{name} never reached the target: its best accuracy was {_best(finish, verdict)}."


def _best(finish: Finish, verdict: RaceVerdict) -> str:
    """With a decimal where a whole percent would say that it is the target."""
    if finish.best != finish.best:  # NaN
        return "no number at all"
    rounded_up = round(100 * finish.best) >= 100 * verdict.target
    return f"{100 * finish.best:.1f} %" if rounded_up else percent(finish.best)


def _lost(finishes: Sequence[Finish], of: int) -> list[str]:
    return [
        f"{SUBJECTS[one.treatment]} diverged in {seeds(len(one.diverged), of)}: its loss stopped"
        " being a number."
        for one in finishes
        if one.diverged
    ]


def _when_lost(finishes: Sequence[Finish]) -> list[str]:
    return [
        f"{SUBJECTS[one.treatment]} diverged at {at_steps(one.diverged)}."
        for one in finishes
        if one.diverged
    ]


def in_seconds(verdict: RaceVerdict) -> str:
    """What a step with BN costs, and who is first by the clock."""
    cost = verdict.cost
    match cost.first_in_seconds:
        case None:
            return f"{paid(cost)} Counted in seconds, it is too close to call."
        case "neither" if verdict.outcome in ("no BN", "neither"):
            return paid(cost)
        case "neither":
            return (
                f"{paid(cost)} No network was at the target in most seeds, so none is first in"
                " seconds."
            )
    return f"{paid(cost)} Counted in seconds, {cost.first_in_seconds} is first."


def paid(cost: Cost) -> str:
    """What a step with BN takes, beside one without."""
    if cost.as_dear:
        return "One step with BN took about as long as one without."
    return f"One step with BN took {times(cost.step)} as long as one without."


def tally(score: Score, target: float) -> str:
    """What the further pairs say; plain first, BN second."""
    return (
        f"Of {score.seeds} further pairs, BN reached {percent(target)} in fewer steps in"
        f" **{score.second}**, plain in **{score.first}**, and neither of them in"
        f" **{score.even}**."
    )


def costs(cost: Cost) -> dict[str, list[str]]:
    """A small table: what one network of each treatment costs."""
    return {
        "network": list(NAMES.values()),
        "one step of one network": [f"{1000 * some:.2f} ms" for some in cost.seconds_per_step],
        "parameters": [f"{number:,}" for number in cost.parameter_counts],
    }


BOTH, NEITHER = "both", "neither"
REACHING = (BOTH, "only plain", "only BN", NEITHER)
FIRST = ("plain", "BN", NEITHER)
PLACES = ("near the centre", "half-way out", "at the outer ends")


def _reaching(verdict: RaceVerdict) -> Outcome:
    """Which networks are at the target in the end, by their median seeds."""
    plain, batch = verdict.finishes
    which = {(True, True): BOTH, (True, False): REACHING[1], (False, True): REACHING[2]}
    return Outcome(
        right=which.get((plain.arrives, batch.arrives), NEITHER),
        why=f"BN reached the target in {seeds(batch.reached, verdict.seeds)}, plain in"
        f" {seeds(plain.reached, verdict.seeds)}. Why BN tolerates a rate that plain does not,"
        " no race can tell: later lessons look into it.",
    )


def _first_one(verdict: RaceVerdict, because: Mapping[str, str]) -> Outcome:
    """Who is first in most seeds; because: what there is to say of it, by the winner."""
    right = NAMES[verdict.first] if verdict.first else NEITHER
    return Outcome(
        right=None if verdict.outcome == "no BN" else right,
        why=f"{leader(verdict)} {because.get(right, '')}".strip(),
    )


def _on_spirals(verdict: RaceVerdict) -> Outcome:
    because = {"BN": "Its plane shows when the boundary follows the arms: let the clock run again."}
    return _first_one(verdict, because)


def _at_a_low_rate(verdict: RaceVerdict) -> Outcome:
    because = {
        "plain": "So a step with BN is not better by itself: BN's gain comes with higher rates. Why"
        " it is behind here, this run does not tell."
    }
    return _first_one(verdict, because)


def _shallow(verdict: RaceVerdict) -> Outcome:
    because = {
        "plain": "What BN gains in six layers at this rate, it does not gain in one. Why depth"
        " makes the difference, this run does not tell."
    }
    return _first_one(verdict, because)


def _if_dearer(verdict: RaceVerdict) -> Outcome:
    """From the steps alone, which no clock can change."""
    counted = verdict.if_dearer
    rights = {"first": "plain", "second": "BN", "neither": NEITHER}
    return Outcome(
        right=None if verdict.outcome == "no BN" else rights[counted.leader],
        why=f"In steps BN is first in {seeds(verdict.score.second, counted.seeds)}. If each of its"
        f" steps counts twice, plain is first in {seeds(counted.first, counted.seeds)}. How"
        f" long a step really takes is below, in “{CLOSER['cost'][0]}”.",
    )


def _mistaken(verdict: RaceVerdict) -> Outcome:
    """Where plain is wrong, in the picture of the one seed that is drawn."""
    plane = verdict.plane
    if plane is None:
        return Outcome(right=None, why="There are no points on a plane, or too few to test.")
    if plane.worst is None:
        return Outcome(right=None, why=f"In seed {plane.seed}, no place has more than the others.")
    wrong = percent(plane.wrong[plane.worst])
    return Outcome(
        right=PLACES[plane.worst],
        why=f"In seed {plane.seed}, which is drawn, {wrong} of the points there are on the wrong"
        " side. In other seeds the place may differ.",
    )


CHALLENGES = (
    Challenge(
        name="high",
        question="At a learning rate of 1, three times as high: which networks reach 90 %?",
        answers=REACHING,
        setting={"learning_rate": 1.0},
        outcome=_reaching,
        expected=REACHING[2],
        tempting=Tempting(REACHING[0], Belief.ONLY_FASTER),
    ),
    Challenge(
        name="spirals",
        question="Other data, points on two spirals: which network reaches 90 % first?",
        answers=FIRST,
        setting={"dataset": "spirals", "width": 32},
        outcome=_on_spirals,
        expected="BN",
        tempting=Tempting("plain", Belief.SCALING_DOES_IT),
    ),
    Challenge(
        name="mistaken",
        look=True,
        question="In plain's plane, where are most points on the wrong side of the boundary?",
        answers=PLACES,
        setting={"dataset": "spirals", "width": 32},
        outcome=_mistaken,
        expected=PLACES[0],
        tempting=Tempting(PLACES[2], None),
    ),
    Challenge(
        name="low",
        question="At a low learning rate, 0.032: which network reaches 90 % first?",
        answers=FIRST,
        setting={"learning_rate": 0.032, "steps": 200},
        outcome=_at_a_low_rate,
        expected="plain",
        tempting=Tempting("BN", Belief.BETTER_AT_EVERY_RATE),
    ),
    Challenge(
        name="dearer",
        question="Rate 0.18. Suppose a step with BN takes twice as long: who is first in time?",
        answers=FIRST,
        setting={"learning_rate": 0.18},
        outcome=_if_dearer,
        expected="plain",
        tempting=Tempting("BN", Belief.FEWER_STEPS),
    ),
    Challenge(
        name="shallow",
        question="One hidden layer in place of six: which network reaches 90 % first?",
        answers=FIRST,
        setting={"depth": 1},
        outcome=_shallow,
        expected="plain",
        tempting=Tempting("BN", Belief.ONLY_HELPS),
    ),
)
