"""How forgiving is it?: what a map shows, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.forgiveness import AHEAD
from bnviz.words.findings import Findings
from bnviz.words.names import SUBJECTS
from bnviz.words.numbers import many, percent, significant, steps, times

if TYPE_CHECKING:
    from bnviz.verdicts.forgiveness import Cell, ForgivenessVerdict, Row, Windows


def findings(verdict: ForgivenessVerdict) -> Findings:
    """What the map shows."""
    return Findings.told(
        headline(verdict),
        _trains(verdict),
        ahead(verdict),
        _neither(verdict),
        counted(verdict),
        *_most(verdict),
        _kept(verdict),
        *_lost(verdict),
        _cost(verdict),
    )


def headline(verdict: ForgivenessVerdict) -> str:
    """How many times as many settings train with BN; so far, while the map grows."""
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
    if verdict.outcome == "BN a little" and factor == times(1):
        return "BN helps little here: hardly more settings train with it than without."
    if verdict.outcome == "BN":
        return f"With BN, {factor} as many settings train as without it."
    return f"BN helps little here: {factor} as many settings train as without it."


def _trains(verdict: ForgivenessVerdict) -> str:
    """What it means that a setting trains; how many do stands above the maps."""
    if verdict.seeds > 1:
        return f"A setting trains if most of its seeds reach {percent(verdict.bar)} test accuracy."
    return f"A setting trains if it reaches {percent(verdict.bar)} test accuracy."


def counted(verdict: ForgivenessVerdict) -> str:
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


def ahead(verdict: ForgivenessVerdict) -> str:
    """In how many cells which of them is ahead."""
    plain, batch = (one.cells if one else 0 for one in (verdict.behind, verdict.ahead))
    if not plain and not batch:
        return f"Neither network is clearly ahead in any cell. {CLEARLY}"
    if not batch:
        return f"Plain is clearly ahead in {many(plain, 'cell')}, BN in none. {CLEARLY}"
    return f"BN is clearly ahead in {many(batch, 'cell')}, plain in {plain or 'none'}. {CLEARLY}"


PERCENTAGE_POINTS = f"{100 * AHEAD:g} percentage points"
CLEARLY = f"Clearly means by more than {PERCENTAGE_POINTS}, and well above guessing."
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
    without, kept = verdict.both + verdict.only_plain, verdict.both
    if not without:
        return "No setting trains without BN."
    if without == 1 and kept:
        return "The one setting that trains without BN trains with it, too."
    if without == 1:
        return "The one setting that trains without BN does not train with it."
    if kept == without == 2:
        return "Both settings that train without BN train with it, too."
    if kept == without:
        return f"All {without} settings that train without BN train with it, too."
    if without == 2 and not kept:
        return "Neither of the 2 settings that train without BN trains with it."
    if not kept:
        return f"None of the {without} settings that train without BN trains with it."
    if kept == 1:
        return f"Of the {without} settings that train without BN, one trains with it, too."
    return f"Of the {without} settings that train without BN, {kept} train with it, too."


def _neither(verdict: ForgivenessVerdict) -> str:
    if not verdict.neither:
        return "In every cell at least one of them trains."
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
    return " ".join(window(verdict, one) for one in verdict.windows)


def window(verdict: ForgivenessVerdict, one: Windows) -> str:
    """The same of one treatment."""
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
