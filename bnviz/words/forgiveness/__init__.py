"""How forgiving is it?: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.forgiveness import AHEAD, PLENTY
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.names import SUBJECTS
from bnviz.words.numbers import many, percent, significant, steps, times

if TYPE_CHECKING:
    from bnviz.verdicts.forgiveness import Cell, ForgivenessVerdict, Row, Windows

INTRODUCTION = """
Each cell is one setting, trained once **without BN** and once **with BN**: it is pale where the
network has learned, dark where it has not. Click a cell to mark it.
"""

CLOSER = {
    "cell": (
        "What happens in the marked cell?",
        "Both accuracies there, and the race at this setting.",
    ),
    "difference": ("Where is plain ahead?", "The difference of the two maps."),
    "windows": (
        "How many learning rates train, row by row?",
        "Where none does, no rate would help.",
    ),
}
ONWARD = "Open the race at exactly this setting"

NOTES = {
    "How it is measured": """
Learning rates from 0.001 to 100 in quarter decades, against ten values of what the rows differ in.
Every cell is trained from the same seeds: networks of one seed and one row start from the same
weights (times their gain) and see the same mini-batches in the same order, with and without BN.
Accuracy is that of the whole test set in inference mode, with BN's running statistics, which after
few steps still remember where they began. Colours show the mean over the seeds. A setting
**trains** if more than half of its seeds reach the accuracy chosen under "More knobs" (where that
is no more than guessing gives, as 50 % of two classes, 75 %). A cross marks cells where most seeds
diverged: their loss stopped being a number. They count as guessing.

All networks get the **same number of steps**. A small learning rate may get there later: it fails
here because it is slow, not because it is wrong. In the map against batch size, a large batch
therefore sees more samples.

The first picture has every second rate and row, for one seed; its missing cells are drawn like
their neighbours until they are trained.
""",
    "The mathematics": r"""
With ReLU and a gain $g$ on every weight matrix, the signal after $L$ layers is $g^L$ times as
large, and so is the gradient: both vanish or explode with the depth, and no single learning rate
mends what differs from layer to layer. BN divides each layer's gain out of the signal,
$\mathrm{BN}(gWu)=\mathrm{BN}(Wu)$, as long as the variance of $gWu$ is far above $\epsilon$.

But the gradient with respect to $gW$ is $1/g$ times that of $W$: a step of learning rate $\eta$
turns the weights by about $\eta/g^2$ only. That is why, with BN, what trains moves to larger rates
as the gain grows. It moves by less than the square: small weights grow quickly in the first steps,
and the output layer, which has no BN, does not follow this rule.
""",
    "What the papers found": """
Ioffe & Szegedy (2015) report that Inception without BN diverges at five times its learning rate,
while with BN it trains at thirty times: 2.7 million steps instead of 31 million to the same
accuracy, though those networks differ in more than BN and the rate (section 4.2.1: no dropout, a
weaker L2 penalty, faster decay, better shuffling). With sigmoid units the network without BN stayed
at chance; with BN it reached 69.8 %.

Bjorck et al. (2018) trained a ResNet of 110 layers at several rates: about 93 % with BN at rate
0.1, and 81 to 82 % **both with and without** BN at 0.0001. They conclude that the gain comes from
the larger rates that BN makes possible; at a small rate the two do about the same.
""",
}


def findings(verdict: ForgivenessVerdict) -> Findings:
    """What the map shows."""
    return Findings.told(
        _headline(verdict),
        _trains(verdict),
        _ahead(verdict),
        _neither(verdict),
        _counted(verdict),
        *_most(verdict),
        _kept(verdict),
        *_lost(verdict),
        _cost(verdict),
    )


def _headline(verdict: ForgivenessVerdict) -> str:
    said = _outcome(verdict)
    return said if verdict.complete else f"{said} (So far.)"


def _outcome(verdict: ForgivenessVerdict) -> str:
    match verdict.outcome:
        case "nothing trains":
            return f"No setting trains within {steps(verdict.steps)}, with BN or without."
        case "same":
            return "Here BN does not help: about as many settings train without it."
        case "no help":
            return "Here BN does not help: more settings train without it."
    if not verdict.plain:
        return "With BN some settings train, without it none."
    factor = times(verdict.batch / verdict.plain)
    if verdict.outcome == "BN":
        return f"With BN, {factor} as many settings train as without it."
    return f"BN helps little here: {factor} as many settings train as without it."


def _trains(verdict: ForgivenessVerdict) -> str:
    """What it means that a setting trains; how many do stands above the maps."""
    if verdict.seeds > 1:
        return f"A setting trains if most of its seeds reach {percent(verdict.bar)} test accuracy."
    return f"A setting trains if it reaches {percent(verdict.bar)} test accuracy."


def _counted(verdict: ForgivenessVerdict) -> str:
    """How many cells train, as the picture has it."""
    batch = verdict.both + verdict.only_batch
    plain = verdict.both + verdict.only_plain
    return (
        f"With BN {batch or 'none'} of {many(verdict.cells, 'setting')} train, without it"
        f" {plain or 'none'}."
    )


def row_name(row: Row) -> str:
    """What one row of the map differs in: initial gain 0.1; 4 hidden layers."""
    if row.knob == "depth":
        return many(round(row.value), "hidden layer")
    if row.knob == "gain":
        return f"initial gain {row.value:g}"
    return f"batch size {row.value:g}"


def place(cell: Cell) -> str:
    """Its name: learning rate 0.1, initial gain 2."""
    return f"learning rate {cell.rate:g}, {row_name(cell.row)}"


def there(cell: Cell) -> str:
    """What both reach in a cell that has just been named."""
    return f"There BN reaches {percent(cell.batch)}, plain {percent(cell.plain)}."


def _ahead(verdict: ForgivenessVerdict) -> str:
    """In how many cells which of them is ahead."""
    plain, batch = (one.cells if one else 0 for one in (verdict.behind, verdict.ahead))
    if not plain and not batch:
        return f"Neither network is ahead by more than {PERCENTAGE_POINTS} in any cell."
    if not plain:
        return (
            f"BN is ahead by more than {PERCENTAGE_POINTS} in {many(batch, 'cell')}, plain in none."
        )
    if not batch:
        return (
            f"Plain is ahead by more than {PERCENTAGE_POINTS} in {many(plain, 'cell')}, BN in none."
        )
    return (
        f"BN is clearly ahead in {many(batch, 'cell')}, plain in {plain}. Clearly means by more"
        f" than {PERCENTAGE_POINTS}."
    )


PERCENTAGE_POINTS = f"{100 * AHEAD:g} percentage points"
TURNED_LESS = (
    "With BN a step turns long weights less than short ones: large weights need a larger learning"
    " rate."
)


def _most(verdict: ForgivenessVerdict) -> tuple[str, ...]:
    """Where which of them is ahead the most."""
    said = []
    if verdict.ahead:
        most = verdict.ahead.most
        said.append(f"BN is ahead the most at {place(most)}. {there(most)}")
    if verdict.behind:
        most = verdict.behind.most
        plain = f"Plain is ahead the most at {place(most)}. {there(most)}"
        said.append(f"{plain} {TURNED_LESS}" if verdict.turned_less else plain)
    return tuple(said)


def _kept(verdict: ForgivenessVerdict) -> str:
    without = verdict.both + verdict.only_plain
    if not without:
        return "No setting trains without BN."
    return (
        f"Of the {many(without, 'setting')} that train without BN, {verdict.both} train with it,"
        " too."
    )


def _neither(verdict: ForgivenessVerdict) -> str:
    if not verdict.neither:
        return "In every cell one of them trains."
    said = f"In {many(verdict.neither, 'cell')} neither trains."
    if verdict.nothing_above is None:
        return said
    return f"{said} Above a learning rate of {verdict.nothing_above:g} nothing does."


def _lost(verdict: ForgivenessVerdict) -> tuple[str, ...]:
    plain, batch = verdict.lost
    if not plain and not batch:
        return ()
    return (
        f"Diverged, and counted as guessing: {plain or 'none'} of {verdict.runs} plain networks,"
        f" {batch or 'none'} of {verdict.runs} with BN.",
    )


def _cost(verdict: ForgivenessVerdict) -> str:
    return (
        f"Each map is {many(verdict.runs, 'network')} of width {verdict.width}. Trained for"
        f" {steps(verdict.steps)}, both maps together took {significant(verdict.seconds)} s here."
    )


def of_cell(cell: Cell) -> str:
    """What the map says of the marked cell."""
    where = f"**Your cell:** {place(cell)}."
    if not cell.seeds:
        return f"{where} Not trained yet."
    fates = zip(SUBJECTS.values(), (cell.plain, cell.batch), cell.lost, strict=True)
    return " ".join([where, *(_fate(*one, cell.seeds) for one in fates)])


def _fate(name: str, reached: float, lost: int, of: int) -> str:
    if lost:
        return f"{name}: {percent(reached)} ({lost} of {of} diverged)."
    return f"{name}: {percent(reached)}."


def of_windows(verdict: ForgivenessVerdict) -> str:
    """At how many rows some rate trains, and how wide the widest window is."""
    return " ".join(_window(verdict, one) for one in verdict.windows)


def _window(verdict: ForgivenessVerdict, one: Windows) -> str:
    name, rows, rates = (
        SUBJECTS[one.treatment],
        many(verdict.rows, "row"),
        many(verdict.rates, "rate"),
    )
    if not one.rows:
        return f"{name} trains at none of {rows}, whatever the learning rate."
    where = row_name(one.there)
    if one.alone:
        return f"{name} trains in {one.rows} of {rows}, at up to {one.widest} of {rates} ({where})."
    return (
        f"{name} trains in {one.rows} of {rows}, at up to {one.widest} of {rates} (for example"
        f" {where})."
    )


GROWING = "Not all of the map is trained yet."

MORE = ("fewer", "about as many", "up to 3 times as many", "over 3 times as many")


def _how_many(verdict: ForgivenessVerdict) -> Outcome:
    if not verdict.complete:
        return Outcome(right=None, why=GROWING)
    if not verdict.plain and not verdict.batch:
        return Outcome(right=None, why=_headline(verdict))
    ratio = verdict.batch / verdict.plain if verdict.plain else float("inf")
    right = MORE[0] if ratio < 1 / PLENTY else MORE[1] if ratio <= PLENTY else MORE[2]
    why = _counted(verdict)
    if ratio > PLENTY:
        steep = "BN brings each unit's input back to where its activation function is steep."
        why = f"{why} {steep}"
    return Outcome(right=MORE[3] if ratio > 3 else right, why=why)


GAINS = ("small weights, gain below 1", "gain 1", "large weights, gain above 1")


def _which_gain(verdict: ForgivenessVerdict) -> Outcome:
    plain = verdict.windows[0]
    if not verdict.complete:
        return Outcome(right=None, why=GROWING)
    if not verdict.gains:
        return Outcome(right=None, why="All networks of this map have the same gain.")
    if not plain.rows:
        return Outcome(right=None, why=_window(verdict, plain))
    gain = plain.there.value
    return Outcome(
        right=GAINS[0] if gain < 1 else GAINS[1] if gain == 1 else GAINS[2],
        why=f"Plain trains at most learning rates with an initial gain of {gain:g}. With small"
        " weights the signal fades from layer to layer.",
    )


ANY = ("no", "at a few rates", "at most rates")


def _deepest(verdict: ForgivenessVerdict) -> Outcome:
    if not verdict.complete:
        return Outcome(right=None, why=GROWING)
    count = verdict.in_last[1]
    right = ANY[0] if not count else ANY[2] if 2 * count > verdict.rates else ANY[1]
    plain, batch = (row_name(one) if one else "none" for one in verdict.farthest)
    return Outcome(
        right=right,
        why=f"The deepest network that trains at some rate has {batch} with BN, and {plain}"
        " without. Whether more steps would reach deeper, this map does not tell.",
    )


WHERE = ("at small batches", "at large batches", "nowhere")


def _where_plain_leads(verdict: ForgivenessVerdict) -> Outcome:
    behind = verdict.behind
    if not verdict.complete:
        return Outcome(right=None, why=GROWING)
    if not behind:
        return Outcome(right=WHERE[2], why=_ahead(verdict))
    why = (
        f"Plain is ahead in {many(behind.cells, 'cell')}, in {behind.low} of them in the lower half"
        " of the map."
    )
    if 2 * behind.low <= behind.cells:
        return Outcome(right=WHERE[1], why=why)
    noise = "The mean and variance of a few samples are mostly noise."
    return Outcome(right=WHERE[0], why=f"{why} {noise}")


WHO = ("plain", "BN", "about the same")


def _who_trains_more(verdict: ForgivenessVerdict) -> Outcome:
    if not verdict.complete:
        return Outcome(right=None, why=GROWING)
    if verdict.outcome == "nothing trains":
        return Outcome(right=None, why=_headline(verdict))
    right = WHO[2]
    if verdict.batch > PLENTY * verdict.plain:
        right = WHO[1]
    elif verdict.plain > PLENTY * verdict.batch:
        right = WHO[0]
    return Outcome(
        right=right,
        why=f"{_counted(verdict)} Adam fits each weight's step to its gradient; it does not restore"
        " a signal that fades or explodes.",
    )


SIGMOID = {"activation": "sigmoid", "depth": 3, "learning_rate": 1.0}
CHALLENGES = (
    Challenge(
        name="sigmoid",
        question="3 sigmoid layers: how many settings train with BN, compared with plain?",
        answers=MORE,
        setting=SIGMOID,
        outcome=_how_many,
        expected=MORE[3],
        tempting=Tempting(MORE[2], Belief.ONLY_A_BAD_RATE),
    ),
    Challenge(
        name="gain",
        look=True,
        question="Which initial weights does the network without BN need here?",
        answers=GAINS,
        setting=SIGMOID,
        outcome=_which_gain,
        expected=GAINS[2],
        tempting=Tempting(GAINS[1], None),
    ),
    Challenge(
        name="deep",
        question="A map of depths: do 20 layers with BN train at any learning rate?",
        answers=ANY,
        setting={"against": "depth", "learning_rate": 0.32},
        outcome=_deepest,
        expected=ANY[0],
        tempting=Tempting(ANY[1], Belief.ANY_RATE),
    ),
    Challenge(
        name="batch",
        question="A map of batch sizes: where is the network without BN ahead?",
        answers=WHERE,
        setting={"against": "batch size", "learning_rate": 0.32},
        opens="difference",
        outcome=_where_plain_leads,
        expected=WHERE[0],
        tempting=Tempting(WHERE[2], Belief.ONLY_HELPS),
    ),
    Challenge(
        name="adam",
        question="Adam fits the step to each weight. Which network trains at more settings?",
        answers=WHO,
        setting={"optimizer": "adam"},
        outcome=_who_trains_more,
        expected=WHO[1],
        tempting=Tempting(WHO[2], Belief.ADAM_DOES_IT),
    ),
)
