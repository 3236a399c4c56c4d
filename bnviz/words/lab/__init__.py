"""The lab: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.lab import configs as lab_configs
from bnviz.words.lab import diagnostics
from bnviz.words.names import NORMALIZERS
from bnviz.words.numbers import at_steps, percent, seeds, times

if TYPE_CHECKING:
    from bnviz.verdicts.lab import Cost, End, LabVerdict, Pace, Turn

INTRODUCTION = """
Two runs, **A** and **B**, with every knob of the course. Change one thing, guess, and look.
"""

CLOSER = {
    "inside": ("What happens inside the two networks?", "What is chosen under “Measure”."),
    "board": ("How do the runs of a whole class spread?", "Where all kept runs ended."),
    "ground": ("How smooth is the loss around the end?", "In two directions."),
}
GROUND = """
The training loss of both runs around the weights at the end, along two random directions that are
filter-normalized; first seed. The same draws where both have layers of the same sizes.
"""

NOTES = {
    "How it is measured": """
**The same start.** A seed sets the initial weights and the order of the batches. Two runs with the
same sizes and the same initialization start from the same weights, also when one of them has a
normalizer; with the same batch size they see the same mini-batches in the same order. Where this
is not so, the sentence below the knobs says it.

**The curves.** Test accuracy is measured in inference mode. The training loss is that of the
mini-batches, averaged since the record before. Lines are those of the median seed, and bands the
range of the seeds. A seed that diverged counts as behind every other, so a line ends where the seed
in the middle diverged; of an even number of seeds the worse of the middle two is taken. The number
of a run is the same in the headline, the list, the pictures and the class board. The clock runs
over all steps that A and B have; a shorter run stays at its end.

**Looking inside** never changes the training: with another choice under "Measure" the curves are
the same to the last bit. Each measure is that of the lesson it is linked to, at fewer moments.

**Going on.** A continuation changes the learning rate and nothing else: weights, running
statistics, the optimizer's memory and the order of the batches go on as they are. The server
trains the beginning again, which gives the same bits, so a link needs to hold only the rates and
the steps.

**Kept runs** are drawn from the same training as the run they were; nothing is trained anew unless
a link is opened in a fresh session. The first eight that are shown are in the pictures. The class
board trains all of them for their ends alone, which gives the same numbers. A run that would take
too long is shortened, as a sentence says where it is; kept, it is shortened in the same way.
""",
    "The mathematics": r"""
A comparison says something about the one thing in which two runs differ, and only at the place
where it was made. Let $f(x, \eta)$ be the accuracy with the knobs $x$ at the learning rate $\eta$.
What a figure at one rate compares is $f(x_A, \eta) - f(x_B, \eta)$; the question of which is better
is mostly about $\max_\eta f(x_A, \eta) - \max_\eta f(x_B, \eta)$, and the two can have different
signs. So turn the rate of **each** run before you decide.

If neither were better, the chance that one of them is ahead in all of $n$ seeds would be
$2 \cdot 2^{-n}$: 6 % for five seeds, 0.2 % for ten. One seed says nothing.
""",
    "What the papers found": """
Much of what is said of BN depends on the rate at which two networks were compared. Bjorck et al.
(2018) trained a ResNet-110 on CIFAR-10: with BN at a rate of 0.1 it reached about 93 %, at 0.003
90 %, and at 0.0001 81 to 82 %, **with and without BN alike**: the gain comes from the larger rate.

Ioffe & Szegedy (2015) gave the network with BN up to 30 times the rate of the one without, which
at 5 times diverged. Wu & He (2018): at 32 images per worker BN has an ImageNet error of 23.6 % and
group norm of 24.1 %, at 2 images 34.7 % and 24.1 %. Which is ahead, the batch size decides.
""",
    "How a link holds it all": """
The address of this page has a parameter for each knob that is not at its default: `lab-steps` and
the like for what both runs share, `lab-a-depth`, `lab-b-depth` and the like for each of them. A
continuation is text: `lab-a-then=0.01x100` goes on at a rate of 0.01 for 100 steps; up to four are
joined by `_`.

The kept runs stand in one parameter, `lab-kept`, of at most 60 runs and 6000 characters: for each
run a letter and a value for all that differs from the defaults, `nbatch_r1` for BN at a rate of 1.
Training repeats itself, so this is enough: whoever opens the link here trains the same runs, to the
bit. On another machine or version they differ by rounding, which training makes larger. What cannot
be read in a link gets a sentence, and the rest is used.
""",
}


def findings(verdict: LabVerdict) -> Findings:
    """What the two runs show."""
    further = [*diagnostics.findings(verdict.measured)]
    diverged = [sentence for end in verdict.arms for sentence in _diverged(end)]
    for end in verdict.arms:
        further += [_turn(end, turn) for turn in end.turns]
        further += lab_configs.odd(end.letter, end.odd)
    return Findings.told(
        _headline(verdict),
        *_ends(verdict),
        *_on_the_way(verdict.pace),
        *diverged,
        *further,
        _cost(verdict.cost),
    )


def _headline(verdict: LabVerdict) -> str:
    a, b = verdict.arms
    match verdict.outcome:
        case "same runs":
            return "A and B are the same, to the bit."
        case "both diverged":
            return "A and B both diverged: their losses stopped being numbers."
        case "A diverged":
            return _one_left(a, b, verdict)
        case "B diverged":
            return _one_left(b, a, verdict)
        case "neither learned":
            if a.fate == b.fate == "nothing":
                return "Neither A nor B learned."
            return "Neither A nor B learned much."
        case "A ahead":
            return _ahead(a, verdict.score.first, verdict)
        case "B ahead":
            return _ahead(b, verdict.score.second, verdict)
        case "about the same":
            return _with_help("A and B end about the same.", verdict)
    return _with_help("Neither A nor B is clearly ahead.", verdict)


def _ends(verdict: LabVerdict) -> list[str]:
    """Where both ended, in numbers."""
    a, b = verdict.arms
    match verdict.outcome:
        case "same runs" if a.fate == "diverged":
            return []
        case "same runs":
            return [f"Both end at {percent(a.accuracy)} test accuracy."]
        case "both diverged":
            return [_lost(a, b)]
        case "A diverged":
            return [_alone(b)]
        case "B diverged":
            return [_alone(a)]
    said = [_both(a, b)]
    if verdict.outcome == "neither learned":
        said = [f"{said[0]} Guessing gets {percent(verdict.guessing)}."]
    score = verdict.score
    if verdict.outcome in ("about the same", "undecided") and score.seeds > 1:
        said.append(
            f"B is ahead in {seeds(score.second, score.seeds)}, A in"
            f" {seeds(score.first, score.seeds)}."
        )
    return said


def _both(a: End, b: End) -> str:
    if a.seeds > 1:
        return (
            f"At the end {_who(a)} has {percent(a.accuracy)} test accuracy, {_who(b)}"
            f" {percent(b.accuracy)}, by the median seeds."
        )
    return (
        f"At the end {_who(a)} has {percent(a.accuracy)} test accuracy, {_who(b)}"
        f" {percent(b.accuracy)}."
    )


def _alone(left: End) -> str:
    if left.seeds > 1:
        return (
            f"At the end {left.letter} has {percent(left.accuracy)} test accuracy, by the median"
            " seed."
        )
    return f"At the end {left.letter} has {percent(left.accuracy)} test accuracy."


def _who(end: End) -> str:
    return f"{end.letter} ({NORMALIZERS[end.treatment]})"


def _lost(a: End, b: End) -> str:
    """In how many seeds each diverged."""
    if len(a.diverged) == a.seeds and len(b.diverged) == b.seeds:
        return "They diverged in every seed."
    lost, others = (seeds(len(end.diverged), end.seeds) for end in (a, b))
    return f"A diverged in {lost}, B in {others}."


def _one_left(gone: End, left: End, verdict: LabVerdict) -> str:
    return _with_help(_fates(gone, left), verdict)


def _fates(gone: End, left: End) -> str:
    through = left.seeds - len(left.diverged)
    match left.fate:
        case "little":
            return f"{_who(gone)} diverged; {_who(left)} learned little."
        case "learned" if through == left.seeds:
            return f"{_who(gone)} diverged; {_who(left)} got through."
        case "learned":
            where = seeds(through, left.seeds)
            return f"{_who(gone)} diverged; {_who(left)} got through in {where}."
    return f"{_who(gone)} diverged; {_who(left)} learned nothing."


def _ahead(first: End, seeds_ahead: int, verdict: LabVerdict) -> str:
    where = seeds(seeds_ahead, verdict.score.seeds)
    return _with_help(f"{_who(first)} ends ahead in {where}.", verdict)


def _with_help(said: str, verdict: LabVerdict) -> str:
    """And that normalizing does not help, where it is all that differs."""
    if not verdict.no_help:
        return said
    return f"{said} Here {NORMALIZERS[verdict.no_help]} does not help."


def _on_the_way(pace: Pace | None) -> list[str]:
    """Who was ahead over all of training."""
    if pace is None:
        return []
    return [f"{_averages(pace)} {_leads(pace)}"]


def _averages(pace: Pace) -> str:
    a, b = percent(pace.a), percent(pace.b)
    medians = " (medians)" if pace.score.seeds > 1 else ""
    if pace.all_seeds:
        return f"Averaged over training, test accuracy is {a} in A and {b} in B{medians}."
    return (
        "Averaged over training, in the seeds in which neither diverged, test accuracy is"
        f" {a} in A and {b} in B{medians}."
    )


def _leads(pace: Pace) -> str:
    if pace.leader is None:
        return "Neither is clearly ahead on the way."
    ahead = pace.score.first if pace.leader == "A" else pace.score.second
    if pace.score.seeds == 1:
        return f"{pace.leader}'s is higher."
    return f"{pace.leader}'s is higher in {seeds(ahead, pace.score.seeds)}."


def _diverged(end: End) -> list[str]:
    if not end.diverged:
        return []
    said = (
        f"{end.letter} diverged in {seeds(len(end.diverged), end.seeds)}, at"
        f" {at_steps(end.diverged)}: its loss or its gradient stopped being a number."
    )
    if end.overflowed is None:
        return [said]
    layer = "the output layer" if end.overflowed == end.output else f"layer {end.overflowed}"
    return [f"{said} The numbers overflowed first in {layer}."]


def _turn(end: End, turn: Turn) -> str:
    rate = f"{end.letter} goes on from step {turn.start} with a rate of {turn.rate:g}."
    if turn.seeds < end.seeds:
        where = seeds(turn.seeds, end.seeds)
        return f"{rate} {_change(turn)} That is in {where}; the others had diverged."
    return f"{rate} {_change(turn)}"


def _change(turn: Turn) -> str:
    was, became, medians = percent(turn.was), percent(turn.became), _medians(turn)
    if was == became:
        return f"Until step {turn.end} its test accuracy stays at {became}{medians}."
    if turn.still:
        return f"Until step {turn.end} its test accuracy hardly changes: {was}, {became}{medians}."
    return f"Until step {turn.end} its test accuracy goes from {was} to {became}{medians}."


def _medians(turn: Turn) -> str:
    return " (medians)" if turn.seeds > 1 else ""


def _cost(cost: Cost) -> str:
    a, b = cost.parameters
    counts = f"A has {a:,} parameters, B {b:,}."
    if cost.step is None:
        return counts
    if cost.dearer is None:
        return f"{counts} A step takes about the same time in both."
    other = "A" if cost.dearer == "B" else "B"
    ratio = times(max(cost.step, 1 / cost.step))
    return f"{counts} One step of {cost.dearer} took {ratio} as long as of {other}."


ENDS = A, B, NEITHER = ("A", "B", "neither clearly")


def _higher(verdict: LabVerdict) -> Outcome:
    """Who ends higher; a seed that diverged is behind every other."""
    why = " ".join((_headline(verdict), *_ends(verdict)[:1]))
    return Outcome(right=verdict.leader or NEITHER, why=why)


CROSSED = ("A", "B", "both at the same record", "neither")


def _crossed(verdict: LabVerdict) -> Outcome:
    """Whose median curve is the first at 80 %."""
    first = verdict.crossed
    a, b = (f"at step {step}" if step is not None else "never" for step in first)
    why = f"A's median seed gets there {a}, B's {b}."
    if first == (None, None):
        return Outcome(right=CROSSED[3], why=why)
    if first[0] == first[1]:
        return Outcome(right=CROSSED[2], why=why)
    ahead = first[1] is None or (first[0] is not None and first[0] < first[1])
    return Outcome(right=CROSSED[0 if ahead else 1], why=why)


TEN_TIMES = {"a-normalizer": "batch", "a-learning_rate": 0.032}
CHALLENGES = (
    Challenge(
        name="ten-times",
        question="Both get BN, A a learning rate of 0.032 and B of 0.32. Which ends higher?",
        answers=ENDS,
        setting=TEN_TIMES,
        outcome=_higher,
        expected=B,
        tempting=Tempting(NEITHER, Belief.RATE_NO_LONGER_MATTERS),
    ),
    Challenge(
        name="crossed",
        look=True,
        question="In the picture: whose line is the first to reach 80 %?",
        answers=CROSSED,
        setting=TEN_TIMES,
        outcome=_crossed,
        expected=CROSSED[1],
        tempting=Tempting(CROSSED[2], None),
    ),
    Challenge(
        name="batches-of-two",
        question="Mini-batches of 2 samples: A has BN, B group norm. Which ends higher?",
        answers=ENDS,
        setting={
            "steps": 400,
            "a-normalizer": "batch",
            "a-learning_rate": 0.018,
            "a-batch_size": 2,
            "a-depth": 4,
            "b-normalizer": "group",
            "b-learning_rate": 0.018,
            "b-batch_size": 2,
            "b-depth": 4,
        },
        outcome=_higher,
        expected=B,
        tempting=Tempting(NEITHER, Belief.ONLY_NOISIER),
    ),
    Challenge(
        name="go-on",
        question="Both with BN at rate 1; after 100 steps B goes on at 0.1. Which ends higher?",
        answers=ENDS,
        setting={
            "a-normalizer": "batch",
            "a-learning_rate": 1.0,
            "a-batch_size": 16,
            "a-then": "1x100",
            "b-learning_rate": 1.0,
            "b-batch_size": 16,
            "b-then": "0.1x100",
        },
        outcome=_higher,
        expected=B,
        tempting=Tempting(A, Belief.FASTEST_ENDS_BEST),
    ),
    Challenge(
        name="adam",
        question="Both with BN, A by SGD at rate 0.32, B by Adam at 0.01. Which ends higher?",
        answers=ENDS,
        setting={
            "diagnostic": "update size",
            "a-normalizer": "batch",
            "b-optimizer": "adam",
            "b-learning_rate": 0.01,
        },
        outcome=_higher,
        expected=NEITHER,
        tempting=Tempting(B, Belief.ADAM_BETTER),
    ),
    Challenge(
        name="shallow",
        question="One hidden layer, rate 0.1: A without BN, B with BN. Which ends higher?",
        answers=ENDS,
        setting={"a-depth": 1, "a-learning_rate": 0.1, "b-depth": 1, "b-learning_rate": 0.1},
        outcome=_higher,
        expected=NEITHER,
        tempting=Tempting(B, Belief.ONLY_HELPS),
    ),
)
