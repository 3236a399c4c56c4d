"""What a class knew before the lessons and after them, and its normalized gain.

    g = (post - pre) / (1 - pre),    pre and post: mean shares of right answers (Hake 1998)

Of what the class did not know before, the share that it knows after. Students who took both parts
are compared with themselves; the interval is a bootstrap over these students, so each resample
keeps a student's two parts together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Part = Literal["pre", "post"]
PARTS: tuple[Part, Part] = ("pre", "post")
RESAMPLES = 4000
LEVEL = 0.95  # of the interval
DEFINED = 0.975
"""Of the resamples. Where more of them have no gain, since all was right before, the rest would be
a chosen few, and there is no interval."""
SEED = 1998

Missing = Literal["nobody", "all right before"]
Open = Literal["one student", "nearly all right before"]
Tells = Literal["gained", "lost", "unclear"]


@dataclass(frozen=True, kw_only=True)
class Gain:
    """The normalized gain of a class, with its interval at LEVEL."""

    before: float  # mean share of right answers; NaN: nobody
    after: float
    students: int  # in the smaller of both parts
    paired: bool  # whether they are the same students
    value: float  # NaN: there is none
    missing: Missing | None  # why not
    low: float  # NaN: there is no interval
    high: float
    open: Open | None  # why not

    @property
    def tells(self) -> Tells | None:
        """On which side of 0 the whole interval lies; None: there is none."""
        if not np.isfinite([self.low, self.high]).all():
            return None
        if self.low > 0:
            return "gained"
        return "lost" if self.high < 0 else "unclear"


def gain(before: ArrayLike, after: ArrayLike, *, paired: bool) -> Gain:
    """The normalized gain from shares of right answers, (students,) before and after.

    paired: the n-th of both are the same student, who is drawn with both shares; otherwise each
    part is resampled by itself. The same shares give the same interval. ValueError where pairs do
    not match.
    """
    pre, post = (np.asarray(shares, np.float64) for shares in (before, after))
    if paired and len(pre) != len(post):
        raise ValueError(f"{len(pre)} shares before and {len(post)} after cannot be pairs")
    students = min(len(pre), len(post))
    value = _gain(_mean(pre), _mean(post)) if students else float("nan")
    low, high = _interval(pre, post, paired) if students > 1 else (float("nan"),) * 2
    missing: Missing | None = None
    if not np.isfinite(value):
        missing = "all right before" if students else "nobody"
    unknown: Open | None = None
    if missing is None and not np.isfinite(low):
        unknown = "one student" if students == 1 else "nearly all right before"
    return Gain(
        before=_mean(pre),
        after=_mean(post),
        students=students,
        paired=paired,
        value=value,
        missing=missing,
        low=float("nan") if missing else low,
        high=float("nan") if missing else high,
        open=unknown,
    )


def _mean(shares: NDArray[np.float64]) -> float:
    return float(shares.mean()) if shares.size else float("nan")


def _gain(before: float, after: float) -> float:
    return (after - before) / (1 - before) if before < 1 else float("nan")


def _interval(
    pre: NDArray[np.float64], post: NDArray[np.float64], paired: bool
) -> tuple[float, float]:
    """Percentiles of the gains of classes drawn, with replacement, from this one."""
    generator = np.random.default_rng(SEED)
    drawn = generator.integers(0, len(pre), (RESAMPLES, len(pre)))
    others = drawn if paired else generator.integers(0, len(post), (RESAMPLES, len(post)))
    before, after = pre[drawn].mean(axis=1), post[others].mean(axis=1)
    there = before < 1
    if there.mean() < DEFINED:
        return float("nan"), float("nan")
    gains = (after[there] - before[there]) / (1 - before[there])
    low, high = np.quantile(gains, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


class Vote(Protocol):
    """One answer of one reader, as a room keeps it."""

    @property
    def reader(self) -> str: ...
    @property
    def challenge(self) -> str: ...
    @property
    def answer(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question of the quiz, as it stands in one part and one form."""

    part: Part
    form: str
    place: int  # from 0
    right: str  # letter


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What one reader handed in of one part, whole."""

    form: str
    right: tuple[bool, ...]  # question by question

    @property
    def share(self) -> float:
        return sum(self.right) / len(self.right)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One question over the class: the shares of right answers; NaN: nobody handed that part in."""

    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class QuizVerdict:
    """A class before and after."""

    sheets: Mapping[str, Mapping[Part, Sheet]]  # by reader, in the order of handing in
    handed_in: tuple[int, int, int]  # before, after, both
    gain: Gain
    items: tuple[Item, ...]  # of the students who are compared


def judge(votes: Sequence[Vote], asked: Mapping[str, Asked]) -> QuizVerdict:
    """The class, from all answers in a room; asked: by the name of the challenge.

    A part counts for who answered all of it in one form. Where somebody has both parts, all that
    is said is said of those students; until then, of all who handed in one.
    """
    sheets = _sheets(votes, asked)
    both = [reader for reader, parts in sheets.items() if len(parts) == len(PARTS)]
    each = [[reader for reader, parts in sheets.items() if part in parts] for part in PARTS]
    compared = [both, both] if both else each
    rows = [
        np.array([sheets[reader][part].right for reader in readers], np.float64)
        for part, readers in zip(PARTS, compared, strict=True)
    ]
    shares = [row.mean(axis=1) if row.size else np.array([]) for row in rows]
    places = range(1 + max(one.place for one in asked.values()))
    return QuizVerdict(
        sheets=sheets,
        handed_in=(len(each[0]), len(each[1]), len(both)),
        gain=gain(*shares, paired=bool(both)),
        items=tuple(
            Item(before=_column(rows[0], place), after=_column(rows[1], place)) for place in places
        ),
    )


def _column(rows: NDArray[np.float64], place: int) -> float:
    return float(rows[:, place].mean()) if rows.size else float("nan")


def _sheets(votes: Sequence[Vote], asked: Mapping[str, Asked]) -> dict[str, dict[Part, Sheet]]:
    given: dict[tuple[str, Part, str], dict[int, bool]] = {}
    for vote in votes:
        if one := asked.get(vote.challenge):
            known = given.setdefault((vote.reader, one.part, one.form), {})
            known[one.place] = vote.answer == one.right
    questions = 1 + max(one.place for one in asked.values())
    sheets: dict[str, dict[Part, Sheet]] = {}
    for (reader, part, form), answers in given.items():
        if len(answers) == questions:  # what was handed in first counts
            right = tuple(answers[place] for place in range(questions))
            sheets.setdefault(reader, {}).setdefault(part, Sheet(form=form, right=right))
    return sheets
