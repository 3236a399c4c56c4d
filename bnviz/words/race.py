"""The race: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bnviz.verdicts.criteria import ALIKE
from bnviz.verdicts.race import DEARER
from bnviz.words.findings import Findings
from bnviz.words.names import NAMES, SUBJECTS
from bnviz.words.numbers import at_steps, fine_percent, percent, seeds, significant, steps, times
from bnviz.words.pair import no_bn

if TYPE_CHECKING:
    from bnviz.verdicts.criteria import Score
    from bnviz.verdicts.race import Cost, Finish, RaceVerdict

INTRODUCTION = """
The two networks of a pair, plain and BN, start from the same weights and see the same mini-batches.
The race ends at the target accuracy on test data. A step with BN costs more than one without, so
the finish can be counted in **steps** or in **seconds**.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "Same low rate: BN does not help": {"learning_rate": 0.0056, "steps": 400},
    "A rate at which only BN learns": {"learning_rate": 1.0},
    "Sigmoid units": {"activation": "sigmoid", "learning_rate": 1.0},
    "Spirals, with the boundary": {"dataset": "spirals", "width": 32},
}
GUESS = f"If a step with BN took {DEARER} times as long as one without, who would be first here?"
GUESSES = ("plain", "BN", "neither")

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
the target line is a seed that reached it, a cross a seed whose loss stopped being a number.

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
    """What this run shows; the headline counts in the verdict's unit."""
    finishes = verdict.finishes[: 1 if verdict.outcome == "no BN" else 2]
    lost = [_lost(finish, verdict.seeds) for finish in finishes if finish.diverged]
    return Findings(headline=_winner(verdict), more=(*lost, _cost(verdict)))


def _winner(verdict: RaceVerdict) -> str:
    plain, batch, run = verdict.plain, verdict.batch, steps(verdict.steps)
    target = percent(verdict.target)
    match verdict.outcome:
        case "no BN":
            return f"**No race here**: {no_bn(verdict.normalized_layers, verdict.depth)}"
        case "neither":
            return (
                f"**Neither network reached {target}** in {run}: plain's best was"
                f" {_best(plain, verdict)}, BN's {_best(batch, verdict)}."
            )
        case "only BN":
            return (
                f"**Only BN reached {target}**: after {_after(batch, verdict)}, in"
                f" {seeds(batch.reached, verdict.seeds)}. Plain did not, in {run}."
            )
        case "only plain":
            return (
                f"**Only plain reached {target}**: after {_after(plain, verdict)}, in"
                f" {seeds(plain.reached, verdict.seeds)}. BN did not, in {run}: here it does not"
                " help."
            )
    return _both(verdict)


def _both(verdict: RaceVerdict) -> str:
    plain, batch, score = verdict.plain, verdict.batch, verdict.score
    when = (
        f"BN reached {percent(verdict.target)} after {_after(batch, verdict)}, plain after"
        f" {_after(plain, verdict)}{_in_brackets(verdict)}."
    )
    if verdict.medians != "agree":
        when += f" {_medians(verdict)}"
    if verdict.outcome == "BN":
        return f"**BN was faster in {seeds(score.second, score.seeds)}.** {when}"
    if verdict.outcome == "plain":
        return (
            f"**BN was slower in {seeds(score.first, score.seeds)}**: here it does not help. {when}"
        )
    clearly = "clearly " if verdict.unit == "seconds" else ""
    where = " in more than half of the seeds" if verdict.seeds > 1 else ""
    return f"**A draw**: neither was {clearly}faster{where}. {when}"


def _medians(verdict: RaceVerdict) -> str:
    """Why the medians do not say what most seeds do."""
    said = "are level" if verdict.medians == "level" else "say the opposite"
    if not verdict.all_arrived:
        return f"The medians {said}, but leave out the seeds that did not get there."
    return f"The medians {said}: neither is ahead by much."


def _in_brackets(verdict: RaceVerdict) -> str:
    """How the two numbers of the headline came about."""
    short = ["medians"] if verdict.seeds > 1 else []
    short += [
        f"{NAMES[finish.treatment]} got there in {seeds(finish.reached, verdict.seeds)}"
        for finish in (verdict.batch, verdict.plain)
        if finish.reached < verdict.seeds
    ]
    return f" ({'; '.join(short)})" if short else ""


def _best(finish: Finish, verdict: RaceVerdict) -> str:
    """With a decimal where a whole percent would say that it is the target."""
    if finish.best != finish.best:  # NaN
        return "no number at all"
    rounded_up = round(100 * finish.best) >= 100 * verdict.target
    return f"{100 * finish.best:.1f} %" if rounded_up else percent(finish.best)


def _after(finish: Finish, verdict: RaceVerdict) -> str:
    if verdict.unit == "steps":
        return steps(finish.after)
    return f"{significant(finish.after)} seconds"


def _lost(finish: Finish, of: int) -> str:
    return (
        f"{SUBJECTS[finish.treatment]} diverged in {seeds(len(finish.diverged), of)}, at"
        f" {at_steps(finish.diverged)}: its loss stopped being a number."
    )


def _cost(verdict: RaceVerdict) -> str:
    if verdict.outcome == "no BN":
        return "A step of two equal networks costs the same: what was measured beyond is chance."
    cost = verdict.cost
    paid = (
        f"BN has {fine_percent(cost.parameters - 1)} more parameters, and one step took"
        f" {_dearer(cost)}"
    )
    if cost.first_in_seconds is None:
        return f"{paid}: counted in seconds, it is too close to call."
    if cost.first_in_seconds != "neither":
        return f"{paid}: counted in seconds, {cost.first_in_seconds} reached the target first."
    if verdict.outcome == "neither":
        return f"{paid}."
    return (
        f"{paid}. Neither reached the target in more than half of the seeds, so that none is first"
        " in seconds."
    )


def _dearer(cost: Cost) -> str:
    return f"{'about' if cost.as_dear else times(cost.step)} as long as without it"


def guess(verdict: RaceVerdict) -> tuple[str, str]:
    """The right answer to GUESS, and why: from the steps alone, which no clock can change."""
    if verdict.outcome == "no BN":
        return "neither", "At these settings neither network has BN."
    counted, rights = verdict.if_dearer, {"first": "plain", "second": "BN", "neither": "neither"}
    even = f", and neither in {seeds(counted.even, counted.seeds)}" if counted.even else ""
    return rights[counted.leader], (
        f"With BN's steps counted {DEARER} times, plain is first in"
        f" {seeds(counted.first, counted.seeds)}, BN in {seeds(counted.second, counted.seeds)}"
        f"{even}. To be first is to be so in more than half."
    )


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
