"""Many readers at once: one process of the app on two cores, and readers without a browser.

python -m benchmarks.load [row ...] [--readers 50] [--seconds 180] [--idle 200] [--sections 10]
    [--runs 1000] [--server "options for `streamlit run`"]

A wait is the time from asking until the whole page stands; a reader who turns again before that
waits on. The readers run in one process of their own, on the same cores as the server.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

from benchmarks.reader import PATIENCE, Lost, Reader
from benchmarks.server import CORES, Server, serving
from benchmarks.timing import heading, row, verdict
from benchmarks.waits import Waits, dismiss, in_turns, spread
from bnviz.experiments.settings import LEARNING_RATES
from bnviz.ui.course import written

LESSONS = tuple(lesson.name for lesson in written())
PLAYED = tuple(lesson.name for lesson in written() if lesson.knobs)
KNOB = "home-learning_rate"  # the one that all turn
HOW = f"Waits, until the whole page stands: median / p95 / longest. Lost: none in {PATIENCE:g} s."
SEED = 2015
VIEWS = 8  # of each lesson, one after the other
PAUSE = (8.0, 15.0)  # seconds between two turns of one reader in free play
MOVING_ON = 1 / 6  # the share of turns that lead to another lesson instead
SECTIONS = {
    "batches": ("full", "batches-full-start"),
    "gradients": ("rates", "gradients-sweep-start"),
    "relatives": ("sizes", "relatives-sweep-start"),
    "noise": ("sizes", "noise-sweep-start"),
    "rates": ("paper", "rates-paper-runs-start"),
}
"""By lesson: a closed section, and the button in it that starts something heavy."""
GROWING = ("forgiveness",)
"""Lessons whose picture is there at once and grows by itself; a page stands when it is whole."""
SMALL = {"steps": "50", "seeds": "1", "depth": "3"}
VIEW, OPENING, SAME, FREE, LONGEST = 60.0, 3.0, 2.0, 5.0, 3.0  # ms, s, s, s, medians
BESIDE_IDLE, BESIDE_SECTIONS = 1.25, 3.0  # times as long as without them
PEAK, HELD = 1000.0, 700.0  # MB


@dataclass(frozen=True)
class Size:
    """How large the class is, and how long it stays."""

    readers: int = 50
    arriving: float = 2.0  # seconds within which a class opens the front door
    together: float = 5.0  # seconds within which it turns the same knob
    seconds: float = 180.0  # of free play
    idle: int = 200
    sections: int = 10
    runs: int = 1000


async def views(server: Server, size: Size) -> None:
    """What a view from the cache costs the server, in every lesson."""
    for lesson in LESSONS:
        async with Reader(server) as reader:  # stays: once all have left, Streamlit forgets code
            await reader.open(lesson)
            opened, messages, sent = await _opened(server, lesson)
            turned = await _turned(server, reader)
        worst = max(opened, turned)
        row(
            f"{lesson}: opened / a knob turned back and forth",
            f"{opened:.0f} / {turned:.0f} ms",
            f"target {VIEW:.0f} ms: {verdict(worst, VIEW, at_most=True)};"
            f" {messages:.0f} messages, {sent:.0f} kB",
        )


async def _opened(server: Server, lesson: str) -> tuple[float, float, float]:
    """Processor time (ms), messages and kB of one view, as a new reader has it."""
    messages = sent = 0
    before = server.processor_seconds()
    for _ in range(VIEWS):
        async with Reader(server) as reader:
            await reader.open(lesson)
            messages, sent = messages + reader.traffic.messages, sent + reader.traffic.size
    await asyncio.sleep(0.1)  # what the server does after the answer is part of the view
    spent = server.processor_seconds() - before
    return 1000 * spent / VIEWS, messages / VIEWS, sent / 1000 / VIEWS


async def _turned(server: Server, reader: Reader) -> float:
    """Processor time (ms) of a turn to a value whose answer is known. 0: nothing to turn."""
    name = next((name for name in reader.knobs if name.endswith("learning_rate")), None)
    name = name or next(iter(reader.knobs), None)
    if name is None:
        return 0.0
    here = reader.value(name)
    there = _beside(reader, name, random.Random(SEED))
    await reader.turn(name, there)
    before = server.processor_seconds()
    for value in (here, there) * (VIEWS // 2):
        await reader.turn(name, value)
    await asyncio.sleep(0.1)
    return 1000 * (server.processor_seconds() - before) / VIEWS


async def opening(server: Server, size: Size) -> Waits:
    """A class opens the front door, of which every picture is known."""
    async with Reader(server) as first:
        await first.open("home")
    waits = Waits()
    readers = [Reader(server) for _ in range(size.readers)]
    await spread(size.arriving, [waits.add(reader.open("home")) for reader in readers])
    await dismiss(readers, waits)
    waits.print(
        f"{size.readers} readers open home within {size.arriving:g} s",
        f"target p95 {OPENING:g} s: {verdict(waits.p95, OPENING, at_most=True)}",
    )
    return waits


async def same(server: Server, size: Size) -> Waits:
    """A class turns the same knob to the same new value; and back to where it was."""
    readers = [Reader(server) for _ in range(size.readers)]
    waits, known = Waits(), Waits()
    await readers[0].open("home")
    await in_turns([reader.open("home") for reader in readers[1:]], at_once=4)
    here, alone, new = readers[0].value(KNOB), *readers[0].knobs[KNOB].options[3:5]
    training = await _training(server, readers[0], here, alone)
    before = server.processor_seconds()
    await spread(size.together, [waits.add(reader.turn(KNOB, new)) for reader in readers])
    spent = server.processor_seconds() - before
    await spread(size.together, [known.add(reader.turn(KNOB, here)) for reader in readers])
    again = server.processor_seconds() - before - spent
    await dismiss(readers, waits)
    waits.print(
        f"{size.readers} readers turn one knob to one new value in {size.together:g} s",
        f"target p95 {SAME:g} s: {verdict(waits.p95, SAME, at_most=True)}",
    )
    row(
        "  processor time: new, then back to the known value",
        f"{spent:.1f}, {again:.1f} s",
        f"computed {max(0.0, spent - again) / training:.1f} times; one training {training:.2f} s",
    )
    return waits


async def _training(server: Server, reader: Reader, here: str, there: str) -> float:
    """Processor seconds that a new value takes beyond the same page from the cache."""
    moments = []
    for value in (there, here, there):
        moments.append(server.processor_seconds())
        await reader.turn(KNOB, value)
    moments.append(server.processor_seconds())
    new, *known = [after - before for before, after in pairwise(moments)]
    return max(new - sum(known) / 2, 0.01)


async def free(server: Server, size: Size, watching: int = 0) -> Waits:
    """Everybody plays: now and then each turns a knob by one step, or goes to another lesson."""
    sitting = [Reader(server) for _ in range(max(1, watching))]  # the first warms the server up
    await in_turns([reader.open("home") for reader in sitting], at_once=4)
    waits, grown = Waits(), Waits()
    readers = [Reader(server) for _ in range(size.readers)]
    before, started = server.processor_seconds(), time.monotonic()
    await asyncio.gather(
        *(
            _play(reader, random.Random(SEED + place), started + size.seconds, waits, grown)
            for place, reader in enumerate(readers)
        )
    )
    spent, lasted = server.processor_seconds() - before, time.monotonic() - started
    await dismiss([*readers, *sitting], waits)
    most = 0.0 if waits.lost else LONGEST * waits.middle
    waits.print(
        f"{size.readers} in free play" + f", {watching} idle beside them" * bool(watching),
        f"target p95 {FREE:g} s: {verdict(waits.p95, FREE, at_most=True)},"
        f" longest {LONGEST:g} medians: {verdict(waits.longest, most, at_most=True)}",
    )
    if grown.all:
        grown.print("  a map that grows by itself, until it is whole", "")
    peak = server.megabytes("VmHWM")
    row(
        "  processor time, of what the cores have; most memory",
        f"{spent:.0f} s, {100 * spent / lasted / CORES:.0f} %; {peak:.0f} MB",
        f"bound {PEAK:.0f} MB: {verdict(peak, PEAK, at_most=True)}",
    )
    return waits


async def _play(
    reader: Reader, dice: random.Random, end: float, waits: Waits, grown: Waits
) -> None:
    """One reader until the end: by the clock, whether or not the last answer has come."""
    answers: list[asyncio.Task[None]] = []

    def ask(answer: Coroutine[Any, Any, float]) -> None:
        counted = grown if lesson in GROWING else waits
        answers.append(asyncio.create_task(counted.add(answer)))

    await asyncio.sleep(dice.uniform(0, PAUSE[0]))
    lesson = dice.choice(PLAYED)
    ask(reader.open(lesson))
    while True:
        pause = dice.uniform(*PAUSE)
        if time.monotonic() + pause > end:
            break
        await asyncio.sleep(pause)
        if not reader.knobs:  # the first lesson has not come yet
            continue
        if dice.random() < MOVING_ON:
            lesson = dice.choice(PLAYED)
            ask(reader.open(lesson))
        else:
            name = dice.choice(sorted(n for n, knob in reader.knobs.items() if not knob.greyed))
            ask(reader.turn(name, _beside(reader, name, dice)))
    await asyncio.gather(*answers)


def _beside(reader: Reader, name: str, dice: random.Random) -> str:
    """A value beside the one where the knob stands; any other one, if they have no order."""
    knob = reader.knobs[name]
    here = knob.options.index(reader.value(name))
    near = {here - 1, here + 1} if knob.slides else {*range(len(knob.options))} - {here}
    places = sorted(near & {*range(len(knob.options))})
    return knob.options[dice.choice(places) if places else here]


async def sections(server: Server, size: Size) -> tuple[Waits, Waits]:
    """One reader turns a knob to new values: alone, and beside heavy sections of others."""
    light, alone, beside = Reader(server), Waits(), Waits()
    await light.open("home")
    values = [value for value in light.knobs[KNOB].options[4:] if value != light.value(KNOB)]
    for value in values[::2]:
        await alone.add(light.turn(KNOB, value))
    heavy = [Reader(server) for _ in range(size.sections)]
    lessons = [[*SECTIONS][place % len(SECTIONS)] for place in range(size.sections)]
    for place, (reader, lesson) in enumerate(zip(heavy, lessons, strict=True)):
        rate = LEARNING_RATES[4 + place // len(SECTIONS)]  # nobody shares another's answer
        section, _ = SECTIONS[lesson]
        await reader.open(lesson, f"{lesson}-learning_rate={rate:g}&{lesson}-{section}=true")
    presses = Waits()
    running = [
        asyncio.create_task(presses.add(reader.press(SECTIONS[lesson][1])))
        for reader, lesson in zip(heavy, lessons, strict=True)
    ]
    for value in values[1::2]:
        await beside.add(light.turn(KNOB, value))
    still = sum(not task.done() for task in running)
    await dismiss([*heavy, light], beside)
    await asyncio.gather(*running)
    ratio = beside.longest / alone.middle
    alone.print("a reader alone, each value new", "")
    beside.print(
        f"the same beside {size.sections} heavy sections",
        f"longest {ratio:.1f} times the median alone, target {BESIDE_SECTIONS:g}:"
        f" {verdict(ratio, BESIDE_SECTIONS, at_most=True)}; {still} still ran at the end",
    )
    return alone, beside


async def memory(server: Server, size: Size) -> float:
    """Small runs that nobody asked for before, each by a reader who then leaves; the peak in MB."""
    waits, done, held = Waits(), 0, [server.megabytes("VmRSS")]
    lessons = [lesson.name for lesson in written() if lesson.trains]

    async def visit(number: int) -> None:
        nonlocal done
        lesson, round_ = lessons[number % len(lessons)], number // len(lessons)
        async with Reader(server) as reader:
            await waits.add(reader.open(lesson, _small(lesson, round_)))
            waits.hear([reader])
        done += 1
        if done * 4 % size.runs < 4:
            held.append(server.megabytes("VmRSS"))

    await in_turns([visit(number) for number in range(size.runs)], at_once=CORES)
    peak = server.megabytes("VmHWM")
    waits.print(f"{size.runs} runs, each by a reader who then leaves", "")
    row(
        "  memory at the end; the most",
        f"{held[-1]:.0f} MB; {peak:.0f} MB",
        f"bound {HELD:.0f} MB: {verdict(peak, HELD, at_most=True)};"
        f" from the start, in quarters: {' '.join(f'{one:.0f}' for one in held)}",
    )
    return peak


def _small(lesson: str, round_: int) -> str:
    """A link to a small run: another one in each round."""
    rates = LEARNING_RATES[2:]
    rate = rates[round_ % len(rates)]
    batch = (16, 32, 64, 128)[round_ // len(rates) % 4]
    asked = SMALL | {"learning_rate": f"{rate:g}", "batch_size": str(batch)}
    runs = ("", "a-", "b-") if lesson == "lab" else ("",)
    return "&".join(
        f"{lesson}-{run}{name}={value}" for run in runs for name, value in asked.items()
    )


async def idle(server: Server, size: Size) -> Waits:
    """The same play, beside readers who have a page open and do nothing."""
    return await free(server, size, size.idle)


def _compare(beside: Waits, without: Waits) -> None:
    for name in ("middle", "p95"):
        ratio = getattr(beside, name) / getattr(without, name)
        row(
            f"  {'median' if name == 'middle' else name} beside the idle, over without",
            f"{ratio:.2f}x",
            f"target {BESIDE_IDLE:g}x: {verdict(ratio, BESIDE_IDLE, at_most=True)}",
        )


ROWS: dict[str, Callable[[Server, Size], Coroutine[Any, Any, Any]]] = {
    "views": views,
    "opening": opening,
    "same": same,
    "free": free,
    "idle": idle,
    "sections": sections,
    "memory": memory,
}


ENVIRONMENT = {"views": {"BNVIZ_FORESIGHT": "off"}}
"""What a row's server is told: what is computed ahead, for nobody yet, is no part of a view."""


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.load")
    parser.add_argument("rows", nargs="*", help=f"of {', '.join(ROWS)}; all, if none is named")
    for one in fields(Size):
        parser.add_argument(f"--{one.name}", type=type(one.default), default=one.default)
    parser.add_argument("--server", default="", help="options for `streamlit run`, in one word")
    asked = vars(parser.parse_args(arguments))
    options, names = asked.pop("server").split(), asked.pop("rows") or [*ROWS]
    if unknown := [name for name in names if name not in ROWS]:
        parser.error(f"no row {unknown[0]!r}; there are {', '.join(ROWS)}")
    heading("Many readers at once, each row on a fresh server: one process, two cores", HOW)
    results = {}
    for name in names:
        try:
            with serving(*options, environment=ENVIRONMENT.get(name)) as server:
                results[name] = asyncio.run(ROWS[name](server, Size(**asked)))
        except (Lost, RuntimeError) as error:
            row(name, "failed", str(error))
    if "free" in results and "idle" in results:
        _compare(results["idle"], results["free"])
    row("processor time of the readers themselves", f"{time.process_time():.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
