"""The class board: what it says of the runs of a class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bnviz.verdicts.class_board import QUARTERS
from bnviz.words.lab import configs as lab_configs
from bnviz.words.numbers import listed, many, percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.class_board import Along, BoardVerdict, Group, Student

ABOUT = """
Every run of the list that is shown, by where it ended: the test accuracy of its median seed.
Nothing else of a run is kept, so there is room for sixty.
"""
EMPTY = """
No run of the list is shown, so there is nothing to spread. **Paste many**, below the list, takes
the links or the runs of sixty students; in a room, they send them.
"""
NEEDS = """
The figure `board` needs kept runs, and the address has none that is shown. Keep some in the lab:
they stand in its address as `lab-kept`.
"""
BY_NAME = "name"
ALONE = "Show the board alone, for a projector"
ALONE_ABOUT = "The picture in the whole window, with large letters; the way back is the browser’s"
PASTE_ABOUT = """
A line for each student: a link to the lab (*Copy link*), or a run as *As text* writes it. What
stands before it is the name: `Anna: https://…`.
"""
LEFT_IN_THE_FIELD = "What was left out stands in the field still."
LEFT_IN_THE_ROOM = "What was left out is in the room still: remove others, and take it in again."
NUMBER, COLUMNS = "run", ("name", "test accuracy", "lowest seed", "highest seed", "diverged seeds",
                          "seeds", "steps")  # fmt: skip


def added(runs: int, known: int, full: int, most: int, limit: int, left: str) -> list[str]:
    """What became of lines with runs: what is in the list now, and what did not fit.

    left: where those are still.
    """
    said = [f"{many(runs, 'run')} joined the list."] if runs else []
    if not runs and not known:
        said.append("No run joined the list.")
    if known:
        said.append(f"{many(known, 'run')} had been there already, under the same name.")
    if full:
        said.append(
            f"{many(full, 'run')} did not fit: a list holds at most {most} runs, and {limit}"
            f" characters in the link. {left}"
        )
    return said


def left_out(runs: int) -> str:
    """That some runs are not on the board."""
    if runs == 1:
        return (
            "1 run of the list is left out: too large, or with others more than one visitor may"
            " compute. Hide others, and it takes their place."
        )
    return (
        f"{many(runs, 'run')} of the list are left out: too large, or together more than one"
        " visitor may compute. Hide others, and they take their place."
    )


def shortened(numbers: Sequence[int]) -> str:
    """That some runs have fewer steps or seeds than asked for."""
    which = listed([str(one) for one in numbers])
    return f"Shortened, as in the lab, because they would take too long: run {which}."


def called(student: Student) -> str:
    """The name of a run, or in its place what describes it."""
    return student.name or lab_configs.described(student.traits)


def spread(verdict: BoardVerdict) -> str:
    """How the runs of the class lie, in sentences of Markdown without a name in them."""
    if verdict.runs == 1:
        return f"**{_one(verdict)}** A spread takes more than one."
    return " ".join([f"**{_middle(verdict)}**", *_around(verdict), *_lost(verdict)])


def _one(verdict: BoardVerdict) -> str:
    if not math.isfinite(verdict.middle):
        return "One run, which diverged."
    return f"One run, which ends at {percent(verdict.middle)} test accuracy."


def _middle(verdict: BoardVerdict) -> str:
    every = "Both" if verdict.runs == 2 else f"All {verdict.runs}"
    if verdict.lost == verdict.runs:
        return f"{every} runs diverged."
    end = percent(verdict.middle)
    if verdict.alike:
        return f"{every} runs end about the same, at {end} test accuracy."
    if not math.isfinite(verdict.middle):
        return f"Of {verdict.runs} runs, the median diverged."
    return f"Of {verdict.runs} runs, the median ends at {end} test accuracy."


def _around(verdict: BoardVerdict) -> list[str]:
    """Between what half of them lie; of a few, all."""
    if verdict.alike:
        return []
    few = verdict.runs < QUARTERS
    low, high = (verdict.lowest, verdict.highest) if few else (verdict.lower, verdict.upper)
    if math.isfinite(low) and few:
        return [f"They lie between {percent(low)} and {percent(high)}."]
    if math.isfinite(low):
        return [f"Half of them lie between {percent(low)} and {percent(high)}, the quartiles."]
    if math.isfinite(high) and few:
        return [f"The best ends at {percent(high)} or higher."]
    if math.isfinite(high):
        return [f"The best quarter ends at {percent(high)} or higher."]
    return [f"The best ends at {percent(verdict.highest)}."]


def _lost(verdict: BoardVerdict) -> list[str]:
    if not verdict.lost or verdict.lost == verdict.runs:
        return []
    if verdict.lost == 1:
        return ["1 run diverged in the median seed, and counts behind every other."]
    return [f"{verdict.lost} runs diverged in the median seed, and count behind every other."]


def along(verdict: BoardVerdict, found: Along) -> str:
    """How the middle runs differ by the settings of a knob, and what else differs."""
    return " ".join([_by_setting(found), *_also(verdict, found)])


def _by_setting(found: Along) -> str:
    knob = lower(found.knob)
    if found.level:
        return f"At every setting of the {knob} the median ends about the same."
    worst = found.groups[found.worst]
    if not found.best:
        return f"At every setting of the {knob} the median run diverged."
    return f"{_highest(found, knob)} {_lowest(worst)}"


def _highest(found: Along, knob: str) -> str:
    best, top = [setting(found.groups[place].setting) for place in found.best], percent(found.top)
    if len(best) > 1:
        return f"By {knob}, the median is highest at {listed(best)}, about the same: {top}."
    return f"By {knob}, the median is highest at {listed(best)}: {top}."


def _lowest(worst: Group) -> str:
    if math.isfinite(worst.middle):
        return f"At {setting(worst.setting)} it is {percent(worst.middle)}."
    return f"At {setting(worst.setting)} it diverged."


def setting(shown: str) -> str:
    """A setting as it is written in a sentence, or below an axis."""
    return shown or "not used"


def _also(verdict: BoardVerdict, found: Along) -> list[str]:
    """What else differs between the runs: then no knob can be blamed alone."""
    others = [lower(knob) for knob in verdict.along if knob != found.knob]
    if not others:
        return [f"Nothing but the {lower(found.knob)} differs between the runs."]
    return [f"The runs differ in the {listed(others)} too, so the {lower(found.knob)} cannot be"
            " blamed alone."]  # fmt: skip


def lower(label: str) -> str:
    """A knob's label within a sentence."""
    return label[0].lower() + label[1:]


def differing(verdict: BoardVerdict) -> str:
    """In what the runs differ, where they are drawn by name."""
    if not verdict.along:
        return "The runs do not differ in any knob." if verdict.runs > 1 else ""
    return f"The runs differ in the {listed([lower(knob) for knob in verdict.along])}."


def numbered(student: Student) -> str:
    """A run by its number in the list and its name."""
    return f"{student.number} {called(student)}"


def told(student: Student) -> str:
    """One run in a line: its name, where it ended, in how many seeds it diverged."""
    end = student.end
    said = percent(end.accuracy) if math.isfinite(end.accuracy) else "diverged"
    if end.diverged:
        return f"{numbered(student)}: {said}, {seeds(end.diverged, end.seeds)} diverged"
    return f"{numbered(student)}: {said}"


def named(verdict: BoardVerdict) -> dict[str, list[object]]:
    """Every run by its name, the best first, as columns of a table."""
    ranked = [verdict.students[place] for place in verdict.ranks]
    return {
        NUMBER: [one.number for one in ranked],
        COLUMNS[0]: [called(one) for one in ranked],
        COLUMNS[1]: ["diverged" if one.lost else percent(one.end.accuracy) for one in ranked],
    }


def rows(verdict: BoardVerdict) -> list[tuple[object, ...]]:
    """The board as a table, for a file; shares in four digits, nothing where it diverged."""
    head: tuple[object, ...] = (NUMBER, *COLUMNS, *verdict.along)
    return [head, *(_row(verdict, place) for place in range(verdict.runs))]


def _row(verdict: BoardVerdict, place: int) -> tuple[object, ...]:
    one = verdict.students[place]
    settings = [_setting_of(found, place) for found in verdict.along.values()]
    numbers = (_share(one.end.accuracy), _share(one.low), _share(one.high))
    end = one.end
    return (one.number, called(one), *numbers, end.diverged, end.seeds, one.steps, *settings)


def _share(accuracy: float) -> str:
    return f"{accuracy:.4f}" if math.isfinite(accuracy) else ""


def _setting_of(found: Along, place: int) -> str:
    return next(group.setting for group in found.groups if place in group.members)
