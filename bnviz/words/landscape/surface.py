"""The surface around a point: what the landscape's page says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bnviz.words.names import NAMES, SUBJECTS
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
        *_convex(verdict),
        _directions(verdict),
    )


def loss(value: float) -> str:
    """A loss of any size: 0.032, 7.1, 1,143, about 10¹²."""
    return significant(value) if value < float("inf") else "more than a 32-bit float can hold"


def basin(verdict: SurfaceVerdict) -> str:
    """How wide the basins are, and whose is the wider one."""
    shares = [
        _share(ground.basin, f"of {NAMES[ground.treatment]}'s square") for ground in verdict.grounds
    ]
    return (
        f"Around {_when(verdict)}, the loss is clearly better than guessing in {listed(shares)}"
        f"{_medians(verdict)}. {_order(verdict.wider, verdict.leads[0], WIDER)}"
    )


def wider(verdict: SurfaceVerdict) -> str:
    """The same in short, for any moment."""
    plain, batch = (percent(ground.basin.middle) for ground in verdict.grounds)
    return (
        f"Of the squares, {plain} (plain) and {batch} (BN) lie clearly below the loss of guessing."
        f" {_order(verdict.wider, verdict.leads[0], WIDER)}"
    )


def _share(share: Range, of: str) -> str:
    return f"{percent(share.middle)} {of}"


def _medians(verdict: SurfaceVerdict) -> str:
    return f" (medians of {verdict.seeds} seeds)" if verdict.seeds > 1 else ""


class Order(NamedTuple):
    """What is said of a score, with slots for the seeds of either network."""

    first: str
    second: str
    neither: str
    level: str = "There is hardly a difference."
    level_in_one: str = "There is hardly a difference in this seed."


WIDER = Order(
    first="Plain has the wider basin in {plain}.",
    second="BN has the wider basin in {batch}.",
    neither="Plain has the wider basin in {plain}, BN in {batch}: no clear order.",
)
MORE_CURVED = Order(
    first="Plain has clearly more of it in {plain}.",
    second="BN has clearly more of it in {batch}.",
    neither="Plain has clearly more of it in {plain}, BN in {batch}: no clear order.",
)
MORE_CURVED_OF_BOTH = Order(
    first="Plain has clearly more of it in {plain} with both basins.",
    second="BN has clearly more of it in {batch} with both basins.",
    neither="Plain has clearly more of it in {plain} with both basins, BN in {batch}: no clear"
    " order.",
    level_in_one="There is hardly a difference.",  # of several seeds only one has both basins
)


def _order(score: Score, leader: Leader, told: Order) -> str:
    if score.level:
        return told.level if score.seeds > 1 else told.level_in_one
    plain, batch = seeds(score.first, score.seeds), seeds(score.second, score.seeds)
    return getattr(told, leader).format(plain=plain, batch=batch)


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
    said = f"The surface curves downwards in some direction in {listed(shares)}."
    if not verdict.rougher.seeds:
        return said
    told = MORE_CURVED if verdict.rougher.seeds == verdict.seeds else MORE_CURVED_OF_BOTH
    return f"{said} {_order(verdict.rougher, verdict.leads[1], told)}"


def _drawn(verdict: SurfaceVerdict) -> str:
    highest = [
        f"{loss(ground.highest)} in {NAMES[ground.treatment]}'s square"
        for ground in verdict.grounds
    ]
    said = f"The highest loss is {listed(highest)}."
    if verdict.seeds == 1:
        return said
    return f"Drawn is seed {verdict.drawn + 1}, a typical one. {said}"


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


def _convex(verdict: SurfaceVerdict) -> tuple[str, ...]:
    """Whether BN makes the loss convex, as some believe; nothing where neither network has BN."""
    return (_convex_basin(verdict.batch),) if verdict.with_bn else ()


def _convex_basin(ground: Ground) -> str:
    if not ground.hollow.seeds:
        return "Whether BN's basin is convex cannot be told: its square holds none."
    if not ground.curved:
        return (
            "In these planes nothing contradicts that BN's basin is convex; in another one"
            " something may. Try another moment."
        )
    where = seeds(ground.curved, ground.hollow.seeds)
    if ground.hollow.seeds < ground.basin.seeds:
        return (
            "With BN the loss is not convex: somewhere in the basin the surface curves downwards,"
            f" in {where} with a basin."
        )
    return (
        "With BN the loss is not convex: somewhere in the basin the surface curves downwards, in"
        f" {where}."
    )


def skips(changes: tuple[Change, Change] | None) -> str:
    """What skip connections change in the basins of plain and of BN."""
    if not changes:
        return "Without skip connections; the other half is still to come."
    return " ".join((CURVED, *map(_change, changes)))


CURVED = "We ask in how much of its basin the surface curves downwards (medians of the seeds)."


def _change(change: Change) -> str:
    name = SUBJECTS[change.treatment]
    off, on = percent(change.off.middle), percent(change.on.middle)
    if not change.off.seeds and not change.on.seeds:
        return f"{name} has no basin inside its square, with skip connections or without."
    if not change.off.seeds:
        return f"{name} has a basin only with skip connections, and there it is {on}."
    if not change.on.seeds:
        return f"{name} has a basin only without skip connections, and there it is {off}."
    shares = f"With {NAMES[change.treatment]} it is {off} without skip connections, {on} with them."
    return f"{shares} {_effect(change.score)}"


def _effect(score: Score) -> str:
    if not score.seeds:
        return "In no seed is there a basin both ways."
    if score.level:
        return "They change little."
    smoothed, roughened = seeds(score.first, score.seeds), seeds(score.second, score.seeds)
    match score.leader:
        case "neither":
            return f"They smooth it in {smoothed} and roughen it in {roughened}."
        case "first":
            return f"They smooth it in {smoothed}."
    return f"They roughen it in {roughened}."
