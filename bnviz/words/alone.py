"""How much can γ and β do alone?: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.alone import TARGET
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.numbers import (
    fine_percent,
    fine_percent_between,
    listed,
    many,
    percent,
    points,
    seeds,
)

if TYPE_CHECKING:
    from bnviz.verdicts.alone import AloneVerdict, Gap, Level, More, Part, SizesVerdict
    from bnviz.verdicts.criteria import Score, Standing

INTRODUCTION = """
All weights keep their random start, and BN's **γ and β** alone are trained. For comparison, three
more networks train the **output** layer alone, as many weights picked at **random**, or **all**.
"""

CLOSER = {
    "gamma": ("What does γ do?", "How it is spread over the units, and how many it switches off."),
    "widths": ("How many parameters does it take?", "Networks of several sizes."),
}

LINES = """
The first picture shows the test accuracy against that size. The second shows it against the share
of the parameters that is trained.
"""
SIDES = ("Accuracy by size", "Accuracy by the share trained")
"""The two pictures, for those who listen."""
SIZES = {
    "width": f"""
The same four trainings run in networks of 8 to 128 units a layer; the number of hidden layers is
the one chosen above. {LINES.strip()}
""",
    "depth": f"""
The same four trainings run in networks of 1 to 16 hidden layers; their width is the one chosen
above. {LINES.strip()}
""",
}
"""By what the networks differ in."""

NAMES = {
    "affine": "γ and β alone",
    "output": "the output layer alone",
    "random": "as many random weights",
    "all": "everything",
}

NOTES = {
    "How it is measured": """
All networks of a seed have BN in every hidden layer, start from the same weights and see the same
mini-batches, at the same learning rate. What is not trained stays as it is drawn: with γ and β
alone that is every weight, and weights and biases of the output layer, too. γ starts at 1, β at 0.
The running averages of mean and variance follow in all of them: they are measured, not trained.

**Random weights.** Each seed draws two of the weights that lead into each hidden unit. So as many
numbers are trained as there are γ and β, in the same units. Where weight decay is used, it leaves
constants alone.

**Switched off.** We call a unit switched off if |γ| < 0.1, a tenth of where it starts. The
threshold is ours. What such a unit still hands on hardly depends on its inputs.

Curves are medians of the test accuracy, in inference mode; bands are the range of the seeds. We say
that γ and β get far from 80 % on, and that they are not enough below 60 %.
""",
    "The mathematics": r"""
A hidden layer computes
$$
h' = \text{ReLU}\Big(\gamma \, \frac{W h - \mu}{\sqrt{v + \varepsilon}} + \beta\Big).
$$
With $W$ random and fixed, each unit is a fixed direction in the outputs $h$ of the layer below.
$\beta$ moves the point at which the unit comes on, and $\gamma$ says how strongly it counts in the
next layer; with a negative sign, the unit comes on at the other side. One layer has $2n$ such
numbers for $n$ units, where $W$ has $n^2$: the wider the network, the smaller their share, about
$2/n$.

Over several layers, $\gamma$ of one layer weighs the random directions of the next. What one hidden
layer cannot choose, many layers can combine.
""",
    "What the papers found": """
Frankle, Schwab & Morcos (2021) train γ and β alone in convolutional networks. In a deep one they
reach 82 % on CIFAR-10, with all other parameters random; as many single weights, drawn at random,
reach far less. About a third of the features are switched off by γ.

Our networks are small and fully connected, and the digits are an easier task. Here γ and β are less
far ahead of as many random weights, and with another activation function they can be behind.
""",
}


def findings(verdict: AloneVerdict) -> Findings:
    """What this run shows, the most important first."""
    return Findings.told(
        _headline(verdict), _few(verdict), _everything(verdict), _others(verdict), *_lost(verdict)
    )


def _headline(verdict: AloneVerdict) -> str:
    reached = percent(verdict.affine.accuracy)
    return {
        "diverged": "Training γ and β alone diverges here.",
        "level": "γ and β alone do as well as everything trained.",
        "ahead": "γ and β alone do better here than everything trained.",
        "far": f"γ and β alone reach a test accuracy of {reached}.",
        "unclear": f"γ and β alone reach a test accuracy of {reached}.",
        "not enough": f"γ and β alone are not enough here: they reach {reached}.",
    }[verdict.outcome]


def _medians(verdict: AloneVerdict) -> str:
    return " (medians)" if verdict.seeds > 1 else ""


def _few(verdict: AloneVerdict) -> str:
    share, trained = fine_percent(verdict.affine.share), f"{verdict.affine.trained:,}"
    if verdict.depth == 1:
        return f"γ and β are {share} of the parameters: {trained} numbers in one hidden layer."
    return (
        f"γ and β are {share} of the parameters: {trained} numbers in all hidden layers together."
    )


def _everything(verdict: AloneVerdict) -> str:
    ends = [percent(one.accuracy) for one in (verdict.all, verdict.affine)]
    return (
        f"With everything trained, test accuracy ends at {ends[0]}; with γ and β alone, at"
        f" {ends[1]}{_medians(verdict)}."
    )


def _others(verdict: AloneVerdict) -> str:
    ends = [percent(one.accuracy) for one in (verdict.random, verdict.output)]
    return (
        f"With as many random weights, it ends at {ends[0]}; with the output layer alone, at"
        f" {ends[1]}."
    )


def _lost(verdict: AloneVerdict) -> list[str]:
    named = {name: getattr(verdict, part).diverged for part, name in NAMES.items()}
    return [
        f"Training {name} diverged in {seeds(lost, verdict.seeds)}."
        for name, lost in named.items()
        if lost
    ]


OFF: dict[More, str] = {
    "affine": "γ and β alone",
    "all": "everything",
    "same": "about the same",
}


def of_gamma(verdict: AloneVerdict) -> str:
    """What γ does, alone and beside everything else."""
    if verdict.off == "no number":
        return "There is nothing to compare: no seed has both networks to the end."
    told = {
        "affine": "Trained alone, γ switches off more units.",
        "all": "With everything trained, γ switches off more units.",
        "same": "γ switches off about as many units in both networks.",
    }[verdict.off]
    return f"**{told}** {_off(verdict)}"


def _off(verdict: AloneVerdict) -> str:
    alone, everything = (fine_percent(one.off.middle) for one in (verdict.affine, verdict.all))
    return (
        f"At the end |γ| is below 0.1 in {alone} of the hidden units if γ and β alone are trained,"
        f" and in {everything} if everything is{_medians(verdict)}."
    )


def of_sizes(verdict: SizesVerdict, done: int, of: int) -> str:
    """With how many numbers each part gets to TARGET, and where γ and β get highest.

    done: of so many sizes.
    """
    found = [one for one in verdict.reached if one.trained is not None]
    never = [NAMES[one.part] for one in verdict.reached if one.trained is None]
    goal = f"a median test accuracy of {percent(TARGET)}"
    told = [f"To {goal} it takes"] if found else []
    told += [
        f"- {one.trained:,} numbers with {NAMES[one.part]}, at {_sized(verdict.by, one.size)};"
        for one in found
    ]
    if told:
        told[-1] = f"{told[-1].removesuffix(';')}."
    if never:
        told += ["", f"With {listed(never, 'or')}, none of these networks reaches {goal}."]
    told += ["", _highest(verdict)]
    if done < of:
        told.append(f"({many(done, verdict.by)} of {of} so far.)")
    return "\n".join(told)


def _highest(verdict: SizesVerdict) -> str:
    """Where γ and β alone end highest, and as which share: not where that is largest."""
    best = verdict.best
    if best is None:
        return "Trained alone, γ and β diverge in all of these networks."
    *before, last = best.sizes
    where = listed([*map(str, before), _sized(verdict.by, last)])
    if verdict.by == "width":
        where = f"width {listed([str(size) for size in best.sizes])}"
    share = fine_percent_between(*best.shares)
    if best.smallest in best.sizes:
        return f"γ and β alone end highest at {where}: there they are {share} of the parameters."
    at, of = _sized(verdict.by, best.smallest), fine_percent(best.of_smallest)
    return (
        f"γ and β alone end highest at {where}: there they are {share} of the parameters, at {at}"
        f" they are {of}."
    )


def _sized(by: str, size: int) -> str:
    return many(size, "hidden layer") if by == "depth" else f"width {size}"


def beliefs(verdict: AloneVerdict) -> dict[str, str]:
    """What is often believed, with what this run says of it."""
    return {
        Belief.ONLY_RESCALE: _only_rescale(verdict),
        Belief.NUMBER_COUNTS: _number_counts(verdict),
        Belief.OUTPUT_LEARNS: _output_learns(verdict),
    }


def _only_rescale(verdict: AloneVerdict) -> str:
    match verdict.level:
        case "no number":
            return "This run cannot tell: trained alone, γ and β diverge."
        case "low":
            return f"Alone they do not get far here. {_everything(verdict)}"
    return f"Not here: no weight is trained, and yet they learn. {_everything(verdict)}"


def _number_counts(verdict: AloneVerdict) -> str:
    ends = _two(verdict, verdict.random, "random weights")
    told: dict[Standing, str] = {
        "first": "Not here: as many random weights do less.",
        "second": "Not here: as many random weights do more.",
        "same": "It looks so here: as many random weights do about the same.",
        "unclear": "This run cannot tell: the seeds do not agree.",
    }
    return f"{told[verdict.beside_random]} {ends}"


def _output_learns(verdict: AloneVerdict) -> str:
    ends = _two(verdict, verdict.output, "the output layer")
    if verdict.level in ("middle", "high"):
        return f"Not here: γ and β learn as well, and the output layer stays random. {ends}"
    told: dict[Standing, str] = {
        "first": "Not here: the output layer alone does even less than γ and β.",
        "second": "It looks so here: γ and β alone do not get far, the output layer does more.",
        "same": "This run cannot tell: γ and β do not get far, nor does the output layer.",
        "unclear": "This run cannot tell: γ and β do not get far, and the seeds do not agree.",
    }
    return f"{told[verdict.beside_output]} {ends}"


def _two(verdict: AloneVerdict, other: Part, name: str) -> str:
    ends = [percent(one.accuracy) for one in (verdict.affine, other)]
    return (
        f"With γ and β, test accuracy ends at {ends[0]}; with {name}, at"
        f" {ends[1]}{_medians(verdict)}."
    )


LEVELS: dict[Level, str] = {
    "low": "less than 60 %", "middle": "60 to 80 %", "high": "more than 80 %",
}  # fmt: skip


def _how_far(verdict: AloneVerdict) -> Outcome:
    return Outcome(
        right=LEVELS.get(verdict.level),
        why=(
            f"{_everything(verdict)} In a narrow network γ and β are a larger share of the"
            " parameters, but fewer numbers, with fewer random directions to combine."
        ),
    )


GAPS: dict[Gap, str] = {
    "small": "under 10 percentage points", "middle": "10 to 30", "large": "over 30",
}  # fmt: skip


def _how_far_below(verdict: AloneVerdict) -> Outcome:
    below = verdict.all.accuracy - verdict.affine.accuracy
    return Outcome(
        right=GAPS.get(verdict.gap),
        why=(
            f"The two lines end {points(below)} apart (medians). Here the network has to change its"
            " weights to become accurate."
            if verdict.gap == "large"
            else f"The two lines end {points(below)} apart (medians)."
        ),
    )


BESIDE_RANDOM: dict[Standing, str] = {
    "first": "γ and β", "second": "the random weights", "same": "about the same",
}  # fmt: skip


def _or_random(verdict: AloneVerdict) -> Outcome:
    return Outcome(
        right=BESIDE_RANDOM.get(verdict.beside_random),
        why=" ".join(
            (
                _two(verdict, verdict.random, "random weights"),
                *_ahead(verdict.ahead_of_random),
                *_which_matters(verdict),
                "Why, this run does not tell.",
            )
        ),
    )


def _which_matters(verdict: AloneVerdict) -> list[str]:
    if verdict.beside_random not in ("first", "second"):
        return []
    return ["Both train as many numbers, so it matters which numbers they are."]


BESIDE_OUTPUT: dict[Standing, str] = {
    "first": "γ and β", "second": "the output layer", "same": "about the same",
}  # fmt: skip


def _or_output(verdict: AloneVerdict) -> Outcome:
    return Outcome(
        right=BESIDE_OUTPUT.get(verdict.beside_output),
        why=" ".join(
            (
                _two(verdict, verdict.output, "the output layer"),
                *_ahead(verdict.ahead_of_output),
                *_nothing_behind(verdict),
            )
        ),
    )


def _nothing_behind(verdict: AloneVerdict) -> list[str]:
    if verdict.depth > 1 or verdict.beside_output != "second":
        return []
    return [
        "Behind γ and β of a single layer, only a random output layer is left to combine what they"
        " choose."
    ]


def _ahead(score: Score) -> list[str]:
    """In how many seeds the one that leads does so."""
    if score.seeds == 1 or score.leader == "neither":
        return []
    number = score.first if score.leader == "first" else score.second
    return [f"The order is the same in {seeds(number, score.seeds)}."]


def _who_switches_off(verdict: AloneVerdict) -> Outcome:
    return Outcome(right=OFF.get(verdict.off), why=_off(verdict) if verdict.off in OFF else "")


CHALLENGES = (
    Challenge(
        name="narrow",
        question="Width 8: γ and β are 9\u00a0% of the parameters. How accurate do they get?",
        answers=tuple(LEVELS.values()),
        setting={"width": 8},
        outcome=_how_far,
        expected=LEVELS["low"],
        tempting=Tempting(LEVELS["high"], Belief.LARGER_SHARE),
    ),
    Challenge(
        name="below",
        look=True,
        question="Look at the picture: how far below “all” does the line of γ and β end?",
        answers=tuple(GAPS.values()),
        setting={"width": 8},
        outcome=_how_far_below,
        expected=GAPS["large"],
        tempting=Tempting(GAPS["middle"], None),
    ),
    Challenge(
        name="tanh",
        question="tanh instead of ReLU: which is more accurate, with as many numbers?",
        answers=tuple(BESIDE_RANDOM.values()),
        setting={"activation": "tanh"},
        outcome=_or_random,
        expected=BESIDE_RANDOM["second"],
        tempting=Tempting(BESIDE_RANDOM["first"], Belief.BEST_PLACED),
    ),
    Challenge(
        name="off",
        question="One hidden layer: in which of the trainings does γ switch off more units?",
        answers=tuple(OFF.values()),
        setting={"depth": 1},
        outcome=_who_switches_off,
        expected=OFF["affine"],
        tempting=Tempting(OFF["same"], Belief.EVERY_UNIT),
        opens="gamma",
    ),
    Challenge(
        name="shallow",
        question="One hidden layer, 256 wide: γ and β alone, or the output layer alone?",
        answers=tuple(BESIDE_OUTPUT.values()),
        setting={"depth": 1, "width": 256},
        outcome=_or_output,
        expected=BESIDE_OUTPUT["second"],
        tempting=Tempting(BESIDE_OUTPUT["first"], Belief.OUTPUT_LEARNS),
    ),
)
