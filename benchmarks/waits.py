"""A class of readers: how long they wait, begun together, in turns, and dismissed again."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.reader import Lost, Reader
from benchmarks.timing import row


@dataclass
class Waits:
    """Seconds that readers waited; what never came, and what came as an error."""

    seconds: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def add(self, answer: Awaitable[float]) -> None:
        try:
            self.seconds.append(await answer)
        except Lost as loss:
            self.lost.append(str(loss))

    def hear(self, readers: Iterable[Reader]) -> None:
        self.faults += [fault for reader in readers for fault in reader.traffic.faults]

    @property
    def all(self) -> list[float]:
        """From the shortest on; a lost answer exceeds every wait."""
        return sorted([*self.seconds, *[math.inf] * len(self.lost)])

    @property
    def middle(self) -> float:
        return median(self.all)

    @property
    def p95(self) -> float:
        """The wait that 95 of 100 do not exceed."""
        return self.all[math.ceil(0.95 * len(self.all)) - 1]

    @property
    def longest(self) -> float:
        return self.all[-1]

    def print(self, name: str, target: str) -> None:
        figures = f"{self.middle:.2f} / {self.p95:.2f} / {self.longest:.2f} s"
        row(name, figures, target)
        counts = f"{len(self.all)}, {len(self.lost)}, {len(self.faults)}"
        row("  answers, of them lost, and errors", counts, self._first())

    def _first(self) -> str:
        first = next(iter([*self.faults, *self.lost]), "")
        return f"first: {first.splitlines()[0][:80]}" if first else ""


async def spread(seconds: float, tasks: Sequence[Coroutine[Any, Any, None]]) -> None:
    """All of them, begun one after the other within these seconds."""

    async def later(delay: float, task: Coroutine[Any, Any, None]) -> None:
        await asyncio.sleep(delay)
        await task

    pause = seconds / len(tasks)
    await asyncio.gather(*(later(place * pause, task) for place, task in enumerate(tasks)))


async def in_turns(tasks: Sequence[Coroutine[Any, Any, Any]], at_once: int) -> None:
    """All of them, a few at a time."""
    places = asyncio.Semaphore(at_once)

    async def wait(task: Coroutine[Any, Any, Any]) -> None:
        async with places:
            await task

    await asyncio.gather(*map(wait, tasks))


async def dismiss(readers: Sequence[Reader], waits: Waits) -> None:
    """All leave; what went wrong on their way is counted."""
    waits.hear(readers)
    for reader in readers:
        await reader.leave()
