"""How forgiving is it?: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bnviz.verdicts.forgiveness import AHEAD
from bnviz.words.findings import Findings
from bnviz.words.names import SUBJECTS
from bnviz.words.numbers import many, percent, points, significant, steps

if TYPE_CHECKING:
    from bnviz.verdicts.forgiveness import Ahead, Cell, ForgivenessVerdict, Kept, Row, Windows

INTRODUCTION = """
A network can fail to train because of a choice you made before the first step. Here every cell of
the map is such a choice, really trained, once without BN and once with it, from the same weights on
the same mini-batches. The map appears coarse and grows finer, seed by seed. **Click a cell**, or
turn the knobs, to mark it.
"""

PRESETS: dict[str, dict[str, Any]] = {
    "Sigmoid units": {"activation": "sigmoid", "depth": 3, "learning_rate": 1.0},
    "Against depth": {"against": "depth", "learning_rate": 0.32},
    "Against batch size": {"against": "batch size", "learning_rate": 0.32},
    "Large weights, small rate: BN does not help": {"gain": 3.0, "learning_rate": 0.0032},
}
GUESSES: dict[Kept, str] = {
    "all": "all of them",
    "most": "most of them",
    "few": "half or fewer",
    "none": "none trains without BN",
}
GUESS = "Of the settings that train without BN, how many train with it, too?"
ONWARD = "Open the race at exactly this setting"
WINDOWS = """
The map, counted: how many of the learning rates train, row by row. A wide window is what makes a
network forgiving; where it is empty, no rate would have helped.
"""

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
    more = (_ahead(verdict), _behind(verdict), _neither(verdict), *_lost(verdict), _cost(verdict))
    return Findings(headline=_headline(verdict), more=more)


def _headline(verdict: ForgivenessVerdict) -> str:
    said = _outcome(verdict)
    return said if verdict.complete else f"{said} (So far.)"


def _outcome(verdict: ForgivenessVerdict) -> str:
    bar, plain, batch = map(percent, (verdict.bar, verdict.plain, verdict.batch))
    match verdict.outcome:
        case "nothing trains":
            most = " in most of its seeds" if verdict.seeds > 1 else ""
            return (
                f"**No setting trains**: of {verdict.cells}, none reaches {bar} within"
                f" {steps(verdict.steps)}{most}."
            )
        case "BN":
            return (
                f"**With BN {batch} of the settings train, without it {plain}**: they reach {bar}"
                " test accuracy."
            )
        case "same":
            return (
                f"**Here BN does not help**: about the same share of the settings trains with it,"
                f" {batch}, and without it, {plain}."
            )
    little = "Here BN does not help" if verdict.outcome == "no help" else "BN helps little here"
    return f"**{little}**: with it {batch} of the settings train, without it {plain}."


def row_name(row: Row) -> str:
    """What one row of the map differs in: initial gain 0.1; 4 hidden layers."""
    if row.knob == "depth":
        return many(round(row.value), "hidden layer")
    return f"{'initial gain' if row.knob == 'gain' else 'batch size'} {row.value:g}"


def _place(cell: Cell) -> str:
    return f"learning rate {cell.rate:g}, {row_name(cell.row)}"


def _at(cell: Cell) -> str:
    return f"{_place(cell)}, with BN {percent(cell.batch)} and without it {percent(cell.plain)}"


def _ahead(verdict: ForgivenessVerdict) -> str:
    if not verdict.ahead:
        return f"BN is nowhere ahead by more than {points(AHEAD)}."
    return (
        f"BN is ahead by more than {points(AHEAD)} in {verdict.ahead.cells} of"
        f" {many(verdict.cells, 'cell')}, most at {_at(verdict.ahead.most)}."
    )


def _behind(verdict: ForgivenessVerdict) -> str:
    if not verdict.behind:
        return f"Plain is nowhere ahead by more than {points(AHEAD)}."
    cells = many(verdict.behind.cells, "cell")
    said = f"**Plain is ahead in {cells}**, most at {_at(verdict.behind.most)}."
    if verdict.turned_less:
        said += (
            " With BN a step turns long weights less than short ones: large weights need a larger"
            " learning rate."
        )
    return said


def _neither(verdict: ForgivenessVerdict) -> str:
    if not verdict.neither:
        return "In every cell one of them trains."
    said = f"In {many(verdict.neither, 'cell')} neither trains."
    if verdict.nothing_above is None:
        return said
    return f"{said} Above learning rate {verdict.nothing_above:g} nothing does."


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
        f"Each map is {many(verdict.runs, 'network')} of width {verdict.width}, trained for"
        f" {steps(verdict.steps)}; together the {2 * verdict.runs} took"
        f" {significant(verdict.seconds)} s here."
    )


def of_cell(cell: Cell) -> str:
    """What the map says of the marked cell."""
    where = f"**Your cell:** {_place(cell)}."
    if not cell.seeds:
        return f"{where} Not trained yet."
    fates = [
        f"{name}: {percent(reached)}{f' ({lost} of {cell.seeds} diverged)' if lost else ''}."
        for name, reached, lost in zip(
            SUBJECTS.values(), (cell.plain, cell.batch), cell.lost, strict=True
        )
    ]
    return " ".join([where, *fates])


def of_windows(verdict: ForgivenessVerdict) -> str:
    """At how many rows some rate trains, and how wide the widest window is."""
    return " ".join(_window(verdict, one) for one in verdict.windows)


def _window(verdict: ForgivenessVerdict, one: Windows) -> str:
    name = SUBJECTS[one.treatment]
    if not one.rows:
        rows = many(verdict.rows, "row")
        return f"{name} trains at none of {rows}, whatever the learning rate."
    example = "" if one.alone else "for example "
    return (
        f"{name} trains in {one.rows} of {many(verdict.rows, 'row')}, at up to {one.widest} of"
        f" {many(verdict.rates, 'rate')} ({example}{row_name(one.there)})."
    )


def beliefs(verdict: ForgivenessVerdict) -> dict[str, str]:
    """What is often believed, and what this map says of it."""
    return {
        "With BN the initialization does not matter.": _initialization(verdict),
        "BN trains at any learning rate.": _any_rate(verdict),
        "All that BN mends is a badly chosen learning rate.": _only_the_rate(verdict),
        "BN can only help.": _only_helps(verdict.behind),
    }


def _initialization(verdict: ForgivenessVerdict) -> str:
    spread = verdict.spread
    if verdict.gains and not spread:
        return "This map cannot tell: BN learns nothing anywhere, whatever the gain."
    if not spread:
        return (
            "This map cannot tell: all its networks have the same gain. Set the learning rate"
            " against the initial gain."
        )
    if not spread.matters:
        return (
            f"In this map it hardly does: at no rate do BN's accuracies differ by more than"
            f" {points(AHEAD)} from gain to gain."
        )
    return (
        f"It does: at learning rate {spread.rate:g}, BN reaches {percent(spread.high)} with gain"
        f" {spread.high_gain:g} and {percent(spread.low)} with gain {spread.low_gain:g}. BN divides"
        " the gain out of what the hidden layers pass on (all but ε), not out of how far one step"
        " turns the weights."
    )


def _any_rate(verdict: ForgivenessVerdict) -> str:
    if verdict.idle_rates == verdict.rates:
        return "In this map it trains at none."
    if not verdict.idle_rates:
        return "In this map there is, at each of the rates, some row where it does."
    said = f"At {verdict.idle_rates} of {many(verdict.rates, 'rate')} it trains in no row at all"
    if verdict.idle_above is None:
        return f"{said}."
    return f"{said}; above {verdict.idle_above:g} at none."


def _only_the_rate(verdict: ForgivenessVerdict) -> str:
    rows = verdict.windows[1].rows
    if not rows:
        return "This map cannot tell: nothing trains with BN."
    if not verdict.mended:
        return (
            "In this map it could be: wherever BN trains at some rate, plain does at some rate,"
            " too."
        )
    where = "the one row" if rows == 1 else f"{len(verdict.mended)} of the {rows} rows"
    return (
        f"In {where} where BN trains, plain trains at no learning rate at all, for example with"
        f" {row_name(verdict.mended[0])}."
    )


def _only_helps(behind: Ahead | None) -> str:
    if not behind:
        return f"In this map plain is nowhere ahead by more than {points(AHEAD)}."
    return f"In {many(behind.cells, 'cell')} plain is ahead, for example at {_at(behind.most)}."


def guess(verdict: ForgivenessVerdict) -> tuple[str, str]:
    """How many of the settings that train without BN train with it; and why."""
    if verdict.kept == "none":
        return GUESSES["none"], _headline(verdict)
    without = verdict.both + verdict.only_plain
    return GUESSES[verdict.kept], (
        f"Without BN, {many(without, 'setting')} reached the bar, {verdict.both} of them with BN,"
        f" too; with BN alone, {many(verdict.only_batch, 'setting')} did."
    )
