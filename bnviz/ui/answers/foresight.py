"""What a reader is likely to ask next, computed ahead while nobody waits for anything.

The next steps of the knob that was turned last, the presets of the lesson, and what the next lesson
opens with. BNVIZ_FORESIGHT=off switches it off.
"""

from __future__ import annotations

import importlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import ValidationError

from bnviz.experiments.settings import Settings, knobs
from bnviz.ui.answers.course import settings_of
from bnviz.ui.course import lesson, neighbours

MOST = 6  # ideas of one view
FAR = 2  # steps of a knob ahead, in the direction in which it was turned; one the other way
KEPT = 60  # ideas of all readers, the latest views first
CALM = 0.4  # seconds of quiet before anything is computed ahead


@dataclass(frozen=True)
class Idea:
    """A run of a config that may be asked for next."""

    run: Callable[..., Any]
    config: Settings


def wanted() -> bool:
    """Whether to compute ahead at all."""
    return os.environ.get("BNVIZ_FORESIGHT", "on") != "off"


def ideas(name: str, now: Idea, before: Idea | None) -> list[Idea]:
    """What may be asked after `now` on this lesson's page, the likeliest first.

    `before` is what was asked before that, on the same page.
    """
    turned = _steps(now, before) if before is not None and before.run is now.run else iter(())
    _, after = neighbours(lesson(name))
    found = [*islice(turned, MOST), *_presets(now), *(opening(after.name) if after else ())]
    distinct = {idea.config.model_dump_json(): idea for idea in found if idea != now}
    return list(distinct.values())[:MOST]


def _steps(now: Idea, before: Idea) -> Iterator[Idea]:
    """The neighbours of the one knob in which the two differ."""
    declared = knobs(type(now.config))
    pairs = {name: (getattr(before.config, name), getattr(now.config, name)) for name in declared}
    changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    if len(changed) != 1:
        return
    ((name, (old, new)),) = changed.items()
    options = declared[name].options
    if old not in options or new not in options:
        return
    place = options.index(new)
    step = 1 if place > options.index(old) else -1
    for to in (*(place + step * far for far in range(1, FAR + 1)), place - step):
        if 0 <= to < len(options):
            yield from _changed(now, {name: options[to]})


def _presets(now: Idea) -> Iterator[Idea]:
    for values in settings_of(type(now.config)):
        yield from _changed(Idea(now.run, type(now.config)()), values)


def _changed(idea: Idea, values: dict[str, Any]) -> Iterator[Idea]:
    try:
        yield Idea(idea.run, type(idea.config)(**idea.config.model_dump() | values))
    except ValidationError:  # as of layers that a shallower network has not
        return


def opening(name: str) -> list[Idea]:
    """What a lesson asks when it is opened at its defaults; nothing where it trains no pair."""
    try:
        module = importlib.import_module(f"bnviz.experiments.{name}")
    except ModuleNotFoundError:
        return []
    config = getattr(module, f"{name.title()}Config", None)
    if config is None or not issubclass(config, Settings):
        return []
    if hasattr(module, "run_piece"):
        return [Idea(module.run_piece, module.pieces(config())[0])]
    return [Idea(module.run, config())]


class Foresight:
    """Computes ideas one by one, as long as nobody asks anything."""

    def __init__(
        self, compute: Callable[[Idea], None], quiet: Callable[[], bool], calm: float = CALM
    ) -> None:
        """`compute` raises when somebody asks meanwhile."""
        self._compute, self._quiet, self._calm = compute, quiet, calm
        self._ideas: list[Idea] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def think(self, some: Sequence[Idea]) -> None:
        """Add the ideas of a view, before those of earlier ones."""
        with self._changed:
            known = [idea for idea in self._ideas if idea not in some]
            self._ideas = [*some, *known][:KEPT]
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="bnviz-ahead", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._ideas:
                    self._changed.wait()
            if not self._calm_now():
                continue
            with self._changed:
                idea = self._ideas.pop(0) if self._ideas else None
            if idea is not None:
                with suppress(Exception):  # somebody asked meanwhile; or whoever asks will be told
                    self._compute(idea)

    def _calm_now(self) -> bool:
        """Whether nobody has asked anything for a moment."""
        for _ in range(4):
            if not self._quiet():
                time.sleep(self._calm)
                return False
            time.sleep(self._calm / 4)
        return self._quiet()
