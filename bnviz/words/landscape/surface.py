"""The surface around a point: what the landscape's page says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.names import NAMES
from bnviz.words.numbers import at_steps, listed, percent, seeds, significant

if TYPE_CHECKING:
    from bnviz.verdicts.criteria import Leader, Range, Score
    from bnviz.verdicts.surface import Change, Ground, SurfaceVerdict


DRAWN = """
Two directions through the space of all weights make a plane; each map is a square of it. The cross
is the trained network of a typical seed, which is named. The **basin** is where the loss is clearly
below that of guessing, counted over all seeds. In the random plane each row of a weight matrix
changes by as much as it is long, so that networks with large and small weights can be compared.
Biases, γ and β keep their values.
"""


def text(verdict: SurfaceVerdict) -> str:
    """What is drawn, and what it shows, a line for each sentence."""
    return "\n".join((DRAWN, *(f"- {sentence}" for sentence in findings(verdict))))


def findings(verdict: SurfaceVerdict) -> tuple[str, ...]:
    """What the surfaces show: first of all seeds, then of the one that is drawn."""
    return (
        basin(verdict),
        _hollow(verdict),
        _drawn(verdict),
        *_walked(verdict),
        *_coarser(verdict),
        _convex(verdict.batch),
        _directions(verdict),
    )


def loss(value: float) -> str:
    """A loss of any size: 0.032, 7.1, 1,143, some 10¹²."""
    return significant(value) if value < float("inf") else "more than a 32-bit float can hold"


def basin(verdict: SurfaceVerdict) -> str:
    """How wide the basins are, and whose is the wider one."""
    shares = [
        _share(ground.basin, f"of {NAMES[ground.treatment]}'s square") for ground in verdict.grounds
    ]
    return (
        f"Around {_when(verdict)}, the loss is clearly better than guessing in {listed(shares)}"
        f"{_medians(verdict)}: {_leader(verdict.wider, verdict.leads[0], 'has the wider basin')}."
    )


def wider(verdict: SurfaceVerdict) -> str:
    """The same in one sentence, for any moment."""
    plain, batch = (percent(ground.basin.middle) for ground in verdict.grounds)
    return (
        f"Of the squares, {plain} (plain) and {batch} (BN) lie clearly below the loss of guessing:"
        f" {_leader(verdict.wider, verdict.leads[0], 'has the wider basin')}."
    )


def _share(share: Range, of: str) -> str:
    return f"{percent(share.middle)} {of}"


def _medians(verdict: SurfaceVerdict) -> str:
    return f" (medians of {verdict.seeds} seeds)" if verdict.seeds > 1 else ""


def _leader(score: Score, leader: Leader, leads: str, which: str = "") -> str:
    """BN leads in 4 of 5 seeds; or that there is hardly a difference, or no order."""
    one_of_many = "" if score.seeds > 1 or which else " in this seed"
    if score.level:
        return f"hardly a difference{one_of_many}"
    plain, batch = seeds(score.first, score.seeds), seeds(score.second, score.seeds)
    if leader == "neither":
        return f"plain {leads} in {plain}{which}, BN in {batch}: no clear order"
    who, where = ("plain", plain) if leader == "first" else ("BN", batch)
    return f"{who} {leads} in {where}{which}"


def _when(verdict: SurfaceVerdict) -> str:
    plain, batch = (at_steps(ground.steps) for ground in verdict.grounds)
    if plain == batch:
        return f"the weights at {plain}"
    return f"the weights at {plain} (plain) and {batch} (BN)"


def _hollow(verdict: SurfaceVerdict) -> str:
    with_basin = [ground for ground in verdict.grounds if ground.hollow.seeds]
    if not with_basin:
        return "Neither network has a basin inside its square."
    shares = [_share(one.hollow, f"of {NAMES[one.treatment]}'s basin") for one in with_basin]
    order = ""
    if verdict.rougher.seeds:
        which = " with both basins" if verdict.rougher.seeds < verdict.seeds else ""
        said = _leader(verdict.rougher, verdict.leads[1], "has clearly more of it", which)
        order = f": {said}"
    return f"The surface curves downwards in some direction in {listed(shares)}{order}."


def _drawn(verdict: SurfaceVerdict) -> str:
    highest = [
        f"{loss(ground.highest)} in {NAMES[ground.treatment]}'s square"
        for ground in verdict.grounds
    ]
    which = f"Drawn is seed {verdict.drawn + 1}, a typical one. " if verdict.seeds > 1 else ""
    return f"{which}The highest loss is {listed(highest)}."


def _walked(verdict: SurfaceVerdict) -> tuple[str, ...]:
    shares = [
        f"{percent(ground.explained)} of {NAMES[ground.treatment]}'s"
        for ground in verdict.grounds
        if ground.explained is not None
    ]
    if not shares:
        return ()
    return (
        f"The two directions hold {listed(shares)} way to the end (squared distance); each network"
        " has a plane of its own.",
    )


def _coarser(verdict: SurfaceVerdict) -> tuple[str, ...]:
    if verdict.side is None:
        return ()
    return (f"For networks this large the picture has {verdict.side} points along a side.",)


def _directions(verdict: SurfaceVerdict) -> str:
    return (
        f"This picture is not the landscape: it shows 2 of {verdict.plain.parameters:,} directions"
        f" (BN: {verdict.batch.parameters:,}). What looks like a wall here may have a door in the"
        " next direction."
    )


def _convex(ground: Ground) -> str:
    if not ground.hollow.seeds:
        return "Whether BN's basin is convex cannot be told: its square holds none."
    if not ground.curved:
        return (
            "In these planes nothing contradicts that BN's basin is convex; in another one"
            " something may. Try another moment."
        )
    which = " with a basin" if ground.hollow.seeds < ground.basin.seeds else ""
    return (
        "With BN the loss is not convex: somewhere in the basin the surface curves downwards, in"
        f" {seeds(ground.curved, ground.hollow.seeds)}{which}."
    )


def skips(changes: tuple[Change, Change] | None) -> str:
    """What skip connections change in the basins of plain and of BN."""
    if not changes:
        return "Without skip connections; the other half is still to come."
    said = "; ".join(map(_change, changes))
    return f"Where the surface curves downwards inside a basin (medians of the seeds): {said}."


def _change(change: Change) -> str:
    name = NAMES[change.treatment]
    if not change.off.seeds and not change.on.seeds:
        return f"{name} has no basin inside its square, with skip connections or without"
    off, on = percent(change.off.middle), percent(change.on.middle)
    if not change.off.seeds:
        return f"{name} has a basin only with skip connections, and there it is {on}"
    if not change.on.seeds:
        return f"{name} has a basin only without skip connections, and there it is {off}"
    return f"{name} {off} without skip connections, {on} with them: {_effect(change.score)}"


def _effect(score: Score) -> str:
    if not score.seeds:
        return "but in no seed both ways"
    if score.level:
        return "they change little"
    smoothed, roughened = seeds(score.first, score.seeds), seeds(score.second, score.seeds)
    if score.leader == "neither":
        return f"they smooth it in {smoothed} and roughen it in {roughened}"
    if score.leader == "first":
        return f"they smooth it in {smoothed}"
    return f"they roughen it in {roughened}"
