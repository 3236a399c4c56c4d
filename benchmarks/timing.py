"""Contestants that take turns, the ratios between them, and the rows they are printed in.

The speed of a shared machine drifts by a factor of two within seconds. Two times that were
measured one right after the other can be compared; two times from one table cannot.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Clock = Callable[[], float]
Contestant = Callable[[], object]
Times = dict[str, list[float]]


def take_turns(
    contestants: Mapping[str, Contestant], rounds: int, clock: Clock = time.perf_counter
) -> Times:
    """Seconds of each contestant in each round, after one round of warming up."""
    times: Times = {name: [] for name in contestants}
    for round_ in range(rounds + 1):
        for name, run in contestants.items():
            started = clock()
            run()
            if round_:
                times[name].append(clock() - started)
    return times


@dataclass(frozen=True)
class Spread:
    """One figure over the rounds."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(median(values), min(values), max(values))

    @classmethod
    def ratio(cls, over: Sequence[float], under: Sequence[float], factor: float = 1.0) -> Spread:
        """factor * over / under, round by round."""
        return cls.of([factor * a / b for a, b in zip(over, under, strict=True)])

    def text(self, form: str = ".2f", unit: str = "x") -> str:
        ends = f"{self.low:{form}}–{self.high:{form}}"
        return f"{self.middle:{form}}{unit} ({ends})"


def verdict(value: float, target: float, *, at_most: bool = False) -> str:
    """reached or missed."""
    return "reached" if (value <= target if at_most else value >= target) else "MISSED"


def heading(text: str, how: str = "") -> None:
    print(f"\n{text}\n{'-' * len(text)}", *filter(None, [how]), sep="\n", flush=True)


def row(name: str, figure: str, target: str = "") -> None:
    print(f"{name:<58}{figure:<26}{target}".rstrip(), flush=True)
