"""While nobody waits: what comes next is computed ahead, and what nobody wants any more is not.

Processor time is the server's own, whatever else the machine does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass

from benchmarks.reader import Reader
from benchmarks.server import Server, serving
from benchmarks.timing import heading, row, verdict

TURNED = "lab-a-learning_rate"  # the lab has few presets, so that little else is computed ahead
HEAVY = "race-width=256&race-depth=20&race-seeds=8"
STILL = 1.5  # seconds without work: longer than from a view to the first idea, or between two
OVER = 0.8  # seconds without work after which none comes
NOTHING = 0.03  # seconds of processor time: what a server needs to look around
LOOK = 0.02  # seconds
AS_KNOWN, ENDS = 2.0, 0.5  # times a view from the cache; seconds


@dataclass(frozen=True)
class View:
    """What one view took."""

    wait: float  # seconds
    processor: float  # seconds of the server's

    def __str__(self) -> str:
        return f"{self.wait:.2f} s"


async def steps(server: Server) -> dict[str, View]:
    """A knob is turned by a step, and, after a moment, by another one: new, foreseen, known.

    Known: to another reader, to whom it has to be sent as well.
    """
    async with Reader(server) as first, Reader(server) as other:
        await first.open("lab")
        here = first.knobs[TURNED].options.index(first.value(TURNED))
        one, two = first.knobs[TURNED].options[here + 1 : here + 3]
        new = await _view(server, first.turn(TURNED, one))
        await _still(server)
        foreseen = await _view(server, first.turn(TURNED, two))
        await other.open("lab")
        await other.turn(TURNED, one)
        await _still(server)
        known = await _view(server, other.turn(TURNED, two))
    return {"new": new, "foreseen": foreseen, "known": known}


async def _view(server: Server, answer: Awaitable[float]) -> View:
    before = server.processor_seconds()
    wait = await answer
    return View(wait, server.processor_seconds() - before)


async def _still(server: Server) -> None:
    """Until the server has had nothing to do for a while."""
    spent = -1.0
    while server.processor_seconds() - spent > NOTHING:
        spent = server.processor_seconds()
        await asyncio.sleep(STILL)


async def leaving(server: Server) -> View:
    """What it takes until the cores are idle after a reader has left a page that trains."""
    await _still(server)  # a server that has just started warms up, and then computes ahead
    async with Reader(server) as reader:
        asked = asyncio.create_task(reader.open("race", HEAVY))
        while not reader.traffic.kinds["progress"]:
            await asyncio.sleep(LOOK)
        assert not asked.done(), "too light"
    left = time.monotonic()
    spent = [(0.0, server.processor_seconds())]
    while spent[-1][0] - _ended(spent) < OVER:
        await asyncio.sleep(LOOK)
        spent.append((time.monotonic() - left, server.processor_seconds()))
    await asyncio.gather(asked, return_exceptions=True)  # it was lost
    return View(_ended(spent), spent[-1][1] - spent[0][1])


def _ended(spent: list[tuple[float, float]]) -> float:
    """When next to nothing was spent any more."""
    return next(at for at, so_far in spent if spent[-1][1] - so_far <= NOTHING)


def main() -> None:
    heading("While nobody waits", "Waits until the whole page stands.")
    with serving() as server:
        seen = asyncio.run(steps(server))
        ratio = seen["foreseen"].wait / seen["known"].wait
        row(
            "a step of a knob: new / foreseen / known",
            f"{seen['new']} / {seen['foreseen']} / {seen['known']}",
            f"foreseen over known {ratio:.1f}x, target {AS_KNOWN:g}x:"
            f" {verdict(ratio, AS_KNOWN, at_most=True)}",
        )
        ended = asyncio.run(leaving(server))
        row(
            "cores idle, after a reader left a page that trains",
            f"{ended}; {ended.processor:.2f} s of cores",
            f"target {ENDS:g} s: {verdict(ended.wait, ENDS, at_most=True)}",
        )


if __name__ == "__main__":
    main()
