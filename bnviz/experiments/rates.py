"""The learning rate: how large may it be, and what does the larger one gain?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort
from bnviz.engine.training import one_thread
from bnviz.experiments import sweep
from bnviz.experiments.bounds import FLOAT, bounded
from bnviz.experiments.pair import (
    NEVER,
    NOTHING,
    SUBJECTS,
    TREATMENTS,
    count,
    in_points,
    in_steps,
    portion,
    times,
)
from bnviz.experiments.running import Report, silent
from bnviz.experiments.settings import (
    LEARNING_RATES,
    OTHERWISE,
    Depth,
    Knob,
    LearningRate,
    Seeds,
    Settings,
    Target,
    Width,
    percent,
)

Numbers = NDArray[np.float64]

RECORDS = 12
NORMALIZERS = {"plain": {"normalizer": "none"}, "batch": {"normalizer": "batch"}}
PLAIN, BATCH = 0, 1

POINTS = 0.02  # of accuracy: two networks closer than this are called about the same
WELL_BELOW = 0.5  # decades below plain's best rate, and further: the small rates


def median_seed(accuracy: Numbers, axis: int) -> Numbers:
    """The seed in the middle, of an even number the lower one of two: a seed that there is.

    Half a diverged seed, which counts as 0, and half of another would be nobody's accuracy.
    """
    middle: Numbers = np.sort(accuracy, axis=axis).take((accuracy.shape[axis] - 1) // 2, axis=axis)
    return middle


class RatesConfig(Settings):
    """The shared settings, and the accuracy to reach. Its own rate is one point of the sweep."""

    depth: Depth = 4
    width: Width = 16
    learning_rate: LearningRate = 0.32
    seeds: Seeds = 3
    target: Target = 0.8

    def swept(self) -> RatesConfig:
        """These settings with everything at its default that no training depends on.

        The sweep trains at every rate; another rate, or another target, is the same sweep.
        """
        fields = type(self).model_fields
        free = {name: fields[name].default for name in ("learning_rate", "target")}
        return self.model_copy(update=free)

    def work(self) -> float:
        """As Settings.work, for all rates."""
        return sweep.work(self, self.runs(), len(records_of(self.steps)))

    def held(self) -> float:
        return sweep.largest(self, self.runs())

    def kept(self) -> float:
        """The records alone."""
        return OTHERWISE

    def runs(self) -> int:
        """Networks of each treatment."""
        return len(LEARNING_RATES) * self.seeds


@dataclass(frozen=True)
class RatesResult:
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: RatesConfig
    rates: Numbers  # (L,) the learning rates, rising
    steps: NDArray[np.int64]  # (T,)
    test_accuracy: NDArray[np.float32]  # (2, L, seeds, T) inference mode, 0 to 1
    diverged_at: NDArray[np.int64]  # (2, L, seeds) step, or NEVER

    def at(self, config: RatesConfig) -> RatesResult:
        """The same sweep, seen from another learning rate and another target."""
        seen = {"learning_rate": config.learning_rate, "target": config.target}
        return replace(self, config=self.config.model_copy(update=seen))

    def own(self) -> int:
        """Which of the rates is that of the knob, or the nearest to it."""
        return int(np.abs(np.log(self.rates / self.config.learning_rate)).argmin())

    def final(self) -> Numbers:
        """Accuracy of the median seed at the last step, (2, L); a diverged seed has none: 0."""
        return median_seed(np.nan_to_num(self.test_accuracy[..., -1].astype(np.float64)), axis=2)

    def seeds_to_target(self) -> Numbers:
        """The first recorded step at the target, (2, L, seeds); infinite: never."""
        reached = self.test_accuracy >= self.config.target
        return np.where(reached.any(-1), self.steps[reached.argmax(-1)], np.inf)

    def steps_to_target(self) -> Numbers:
        """The first recorded step at the target of the median seed, (2, L); infinite: never."""
        return np.median(self.seeds_to_target(), axis=2)

    def window(self, treatment: int, step: float | None = None) -> tuple[int, int] | None:
        """The widest range of rates whose median seed reached the target by this step.

        The first and the last rate, counted from 0; None: there is no such rate. Of two
        equally wide ranges, that of the larger rates.
        """
        last = self.steps[-1] if step is None else step
        reached = self.steps_to_target()[treatment] <= last
        edges = np.flatnonzero(np.diff(np.concatenate([[0], reached.astype(int), [0]])))
        if not len(edges):
            return None
        ends = edges.reshape(-1, 2)
        first, beyond = max(ends, key=lambda pair: (pair[1] - pair[0], pair[0]))
        return int(first), int(beyond) - 1

    def best(self, treatment: int) -> int:
        """The rate with the highest final accuracy; of equals, the smallest."""
        return int(self.final()[treatment].argmax())

    def learned(self) -> NDArray[np.bool_]:
        """Whether the median seed ends closer to being always right than to guessing, (2, L)."""
        chance = 1 / self.config.data().classes
        return self.final() >= (1 + chance) / 2

    def lost(self) -> NDArray[np.bool_]:
        """Whether the median seed diverged, (2, L): at least half of them."""
        gone: NDArray[np.bool_] = (self.diverged_at != NEVER).mean(axis=2) >= 1 / 2
        return gone


@bounded
def run(config: RatesConfig, report: Report = silent, workers: int = 2) -> RatesResult:
    """Train plain and BN at every learning rate from the same weights. Same config, same bits."""
    starts = sweep.grid(config, LEARNING_RATES, [config.gain])
    records = records_of(config.steps)
    runs = sweep.train_sweep(config, starts, NORMALIZERS, report, workers, record_at=records)
    shape = (len(LEARNING_RATES), config.seeds)
    accuracy = [runs[name].test_accuracies.reshape(*shape, len(records)) for name in TREATMENTS]
    return RatesResult(
        config,
        np.array(LEARNING_RATES),
        runs["plain"].steps,
        np.stack(accuracy),
        np.stack([runs[name].diverged_at.reshape(shape) for name in TREATMENTS]),
    )


def records_of(steps: int) -> list[int]:
    """About RECORDS steps from 0 to the last, closer together at the beginning."""
    spread = np.linspace(0, 1, RECORDS) ** 1.6
    return sorted({round(steps * float(share)) for share in spread})


def findings(result: RatesResult) -> list[str]:
    """What this run shows, in sentences, each computed from it."""
    return [
        _headline(result),
        _best(result),
        *_fastest(result),
        _at_plains_best(result),
        *_small(result),
        _too_large(result),
    ]


def _headline(result: RatesResult) -> str:
    target, windows = percent(result.config.target), [result.window(t) for t in range(2)]
    if None not in windows:
        return _both(result, target)
    reached = [treatment for treatment in range(2) if windows[treatment] is not None]
    if not reached:
        return (
            f"**Neither network reaches {target} in {in_steps(result.config.steps)}**, at any of"
            f" {len(result.rates)} rates: {_top(result, PLAIN)}, {_top(result, BATCH)}."
        )
    if reached == [BATCH]:
        other = _top(result, PLAIN).capitalize()
        return f"**Only BN reaches {target}**, at rates {_ends(result, BATCH)}. {other}."
    other = _top(result, BATCH)
    return (
        f"**Only plain reaches {target}**, at rates {_ends(result, PLAIN)}: {other}."
        " Here BN does not help."
    )


def _both(result: RatesResult, target: str) -> str:
    plain, batch = _decades(result, PLAIN), _decades(result, BATCH)
    wide = [_wide(result, treatment) for treatment in (PLAIN, BATCH)]
    ends = f"{_ends(result, BATCH)} against {_ends(result, PLAIN)}"
    if plain == batch:
        return (
            f"**BN reaches {target} {wide[BATCH]}, and so does plain**: {ends}. Here BN does not"
            " help."
        )
    said = f"**BN reaches {target} {wide[BATCH]}, plain {wide[PLAIN]}**: {ends}."
    return said if batch > plain else f"{said} Here BN does not help."


def _decades(result: RatesResult, treatment: int) -> float:
    """How wide the window is, in powers of ten."""
    window = result.window(treatment)
    assert window is not None
    exact = np.log10(result.rates[window[1]] / result.rates[window[0]])
    return round(4 * float(exact)) / 4  # the rates are rounded quarter decades


def _wide(result: RatesResult, treatment: int) -> str:
    """Over 1.5 decades; at least 2 decades, where the sweep ends before the window does."""
    window, decades = result.window(treatment), _decades(result, treatment)
    assert window is not None
    if window[0] == window[1]:
        return "at a single learning rate"
    cut = "at least " if window[0] == 0 or window[1] == len(result.rates) - 1 else ""
    said = f"over {cut}{decades:g} decade{'' if decades == 1 else 's'}"
    return f"{said} of learning rates" if treatment == BATCH else said


def _ends(result: RatesResult, treatment: int) -> str:
    """from 0.1 to 3.2; 0.1 alone."""
    window = result.window(treatment)
    assert window is not None
    first, last = (f"{result.rates[place]:g}" for place in window)
    return f"{first} alone" if first == last else f"from {first} to {last}"


def _top(result: RatesResult, treatment: int) -> str:
    best, name = result.best(treatment), "BN's" if treatment == BATCH else "plain's"
    return f"{name} best is {_ended(result, treatment, best)}, at {result.rates[best]:g}"


def _ended(result: RatesResult, treatment: int, place: int) -> str:
    """Its accuracy at the end; with a decimal where rounding would lift it to the target."""
    end, target = float(result.final()[treatment, place]), result.config.target
    below = end < target - 1e-6 and round(100 * end) >= round(100 * target)
    return f"{100 * end:.1f} %" if below else portion(end)


def _best(result: RatesResult) -> str:
    plain, batch = (float(result.rates[result.best(treatment)]) for treatment in range(2))
    said = f"The best rates after {in_steps(result.config.steps)}: {_top(result, PLAIN)};"
    said = f"{said} {_top(result, BATCH)}."
    if not result.learned().any(axis=1).all():
        return said
    if batch > 1.01 * plain:
        return f"{said} BN's best rate is {times(batch / plain)} plain's."
    if plain > 1.01 * batch:
        return f"{said} Plain's best rate is {times(plain / batch)} BN's: not what BN is known for."
    return f"{said} It is the same rate."


def _fastest(result: RatesResult) -> list[str]:
    """The fewest steps to the target, where both get there."""
    steps, target = result.steps_to_target(), percent(result.config.target)
    fewest = steps.min(axis=1)
    if not np.isfinite(fewest).all():
        return []
    at = [
        f"{in_steps(float(fewest[t]))} at rate {result.rates[steps[t].argmin()]:g}"
        for t in range(2)
    ]
    return [f"The shortest way to {target}: BN {at[BATCH]}, plain {at[PLAIN]}."]


def _at_plains_best(result: RatesResult) -> str:
    """BN at the rate that suits plain: what the normalization does without a larger rate."""
    learned = [bool(row.any()) for row in result.learned()]
    if not learned[PLAIN]:
        return (
            "Plain learns much at no rate and BN does: here BN gives more than a larger rate."
            if learned[BATCH]
            else "Here neither of them learns much, at any rate."
        )
    own, final, top = result.best(PLAIN), result.final(), result.best(BATCH)
    there, plain, best = final[BATCH, own], final[PLAIN, own], final[BATCH, top]
    rate, ends = f"At plain's best rate, {result.rates[own]:g},", f"BN {portion(there)}"
    further = "" if top == own else f" Its own best is {portion(best)}, at {result.rates[top]:g}."
    if there - plain > POINTS:
        return f"{rate} BN is better already: {ends}, plain {portion(plain)}.{further}"
    if plain - there > POINTS:
        return f"{rate} BN is **worse**: {ends}, plain {portion(plain)}.{further}"
    said = f"{rate} both do about the same: {ends}, plain {portion(plain)}."
    if best - plain > POINTS:
        where = "larger" if top > own else "smaller"
        return f"{said} What BN gains in accuracy, it gains at a {where} rate.{further}"
    return f"{said}{further} In accuracy BN gains next to nothing here."


def small_rates(result: RatesResult) -> NDArray[np.int64]:
    """The rates half a decade or more below plain's best, where one of the two has learned."""
    low = result.rates <= result.rates[result.best(PLAIN)] * 10 ** (0.05 - WELL_BELOW)
    return np.flatnonzero(low & result.learned().any(axis=0))


def _small(result: RatesResult) -> list[str]:
    """Both networks at rates well below plain's best."""
    few = small_rates(result) if result.learned()[PLAIN].any() else np.array([], np.int64)
    if not len(few):
        return []
    plain, batch = result.final()[:, few]
    rates = [f"{result.rates[place]:g}" for place in few]
    where = (
        f"At the small rate {rates[0]}"
        if len(few) == 1
        else (f"At small rates ({rates[0]} to {rates[-1]})")
    )
    more = float((batch - plain).mean())
    average = "" if len(few) == 1 else " on average"
    if abs(more) <= POINTS < np.abs(batch - plain).max() / 2:
        better, worse = (int((sign * (batch - plain) > POINTS).sum()) for sign in (1, -1))
        return [f"{where} BN is better at {better} of {len(few)}, worse at {worse}."]
    if abs(more) <= POINTS:
        return [f"{where} both do about the same: {in_points(more)} apart{average}."]
    who = "better" if more > 0 else "**worse**"
    return [f"{where} BN is {who}, by {in_points(more)}{average}."]


def _too_large(result: RatesResult) -> str:
    """What happens at rates beyond the best: a divergence, or a finite loss and no learning."""
    return " ".join(_beyond(result, treatment) for treatment in range(2))


def _beyond(result: RatesResult, treatment: int) -> str:
    lost, name = np.flatnonzero(result.lost()[treatment]), SUBJECTS[TREATMENTS[treatment]]
    said = f"{name} diverges {_where_lost(result, lost)}"
    stuck = stuck_at(result, treatment)
    if not len(stuck):
        return f"{said}."
    top, chance = result.final()[treatment, stuck].max(), 1 / result.config.data().classes
    learns = "does not learn" if top <= chance + NOTHING else "learns little"
    return (
        f"{said}; {_where_stuck(result, stuck)} its loss stays a number, but it {learns}"
        f" ({portion(top)} at most)."
    )


def _where_stuck(result: RatesResult, stuck: NDArray[np.int64]) -> str:
    first, last = (f"{result.rates[place]:g}" for place in stuck[[0, -1]])
    if len(stuck) == 1:
        return f"at {first}"
    return f"{'' if _adjacent(stuck) else f'at {len(stuck)} rates '}from {first} to {last}"


def _adjacent(places: NDArray[np.int64]) -> bool:
    """Whether no rate between the first and the last one is missing."""
    return len(places) == int(places[-1] - places[0]) + 1


def _where_lost(result: RatesResult, lost: NDArray[np.int64]) -> str:
    if not len(lost):
        return "at no rate"
    first, last = (f"{result.rates[place]:g}" for place in lost[[0, -1]])
    if len(lost) == 1:
        return f"at rate {first}"
    if len(lost) == len(result.rates) - lost[0]:
        return f"from rate {first} on"
    if _adjacent(lost):
        return f"from rate {first} to {last}"
    return f"at {len(lost)} of the rates from {first} to {last}"


def stuck_at(result: RatesResult, treatment: int) -> NDArray[np.int64]:
    """The rates beyond the best one where most seeds neither diverged nor learned."""
    stays = ~result.lost()[treatment] & ~result.learned()[treatment]
    beyond = np.arange(len(stays)) > result.best(treatment)
    return np.flatnonzero(stays & beyond & result.learned()[treatment].any())


def of_the_rate(result: RatesResult) -> str:
    """What both networks do at the rate of the knob."""
    own = result.own()
    told = [_fate(result, treatment, own) for treatment in (BATCH, PLAIN)]
    return f"**At rate {result.rates[own]:g}**, {told[0]}; {told[1]}."


def _fate(result: RatesResult, treatment: int, place: int) -> str:
    seeds = result.config.seeds
    gone = int((result.diverged_at[treatment, place] != NEVER).sum())
    name = "BN" if treatment == BATCH else "plain"
    if gone == seeds:
        last = result.diverged_at[treatment, place].max()
        return f"{name} diverged in {count(gone, seeds)}, by step {last}"
    if result.lost()[treatment, place]:  # its median seed has no accuracy
        return f"{name} diverged in {count(gone, seeds)}"
    steps, end = result.steps_to_target()[treatment, place], _ended(result, treatment, place)
    target = percent(result.config.target)
    way = f"{target} after {in_steps(float(steps))}" if np.isfinite(steps) else f"never {target}"
    more = f", diverged in {count(gone, seeds)}" if gone else ""
    return f"{name} ends at {end} ({way}{more})"


def misconceptions(result: RatesResult) -> dict[str, str]:
    """Common beliefs, and what this run says of them."""
    return {
        "With BN the learning rate no longer matters": _still_matters(result),
        "BN is better at every learning rate": _at_every_rate(result),
        "It is the normalization that helps, not the larger rate": _at_plains_best(result),
        "A network that does not diverge is training": _alive_is_not_training(result),
    }


def _still_matters(result: RatesResult) -> str:
    final, reached = result.final()[BATCH], np.isfinite(result.steps_to_target()[BATCH])
    if not result.learned()[BATCH].any():
        return "Here BN learns much at no rate."
    if reached.all():
        return (
            f"Here BN does reach {percent(result.config.target)} at all {len(reached)} rates;"
            f" even so, its accuracy goes from {portion(final.min())} to {portion(final.max())}."
        )
    lost = result.lost()[BATCH]
    others = final[~lost & ~reached]
    low = ""
    if others.size:
        low = f"; at the others that leave it alive it ends as low as {portion(others.min())}"
    gone = f", and at {int(lost.sum())} more it diverges" if lost.any() else ""
    return (
        f"BN reaches {percent(result.config.target)} at {int(reached.sum()) or 'none'} of"
        f" {len(reached)} rates{low}{gone}."
    )


def _at_every_rate(result: RatesResult) -> str:
    plain, batch = np.maximum(result.final(), 1 / result.config.data().classes)  # or guessing
    more = batch - plain
    better, worse = more > POINTS, more < -POINTS
    same = len(more) - int(better.sum()) - int(worse.sum())
    said = (
        f"Of {len(more)} rates BN is better at {int(better.sum())}, worse at {int(worse.sum())},"
        f" and within {in_points(POINTS)} of plain at {same}."
    )
    if worse.any():
        place = int(more.argmin())
        return f"{said} It is furthest behind at {result.rates[place]:g}: {in_points(more[place])}."
    return said


def _alive_is_not_training(result: RatesResult) -> str:
    told = []
    for treatment, name in enumerate(TREATMENTS):
        stuck, alive = stuck_at(result, treatment), int((~result.lost()[treatment]).sum())
        if alive and not result.learned()[treatment].any():
            told.append(f"{SUBJECTS[name]} at {alive} (it learns much at no rate)")
        elif len(stuck):
            told.append(f"{SUBJECTS[name]} at {len(stuck)} ({_named(result, stuck)})")
    if not told:
        return (
            "In this run it is true of the large rates: beyond its best, each network either learns"
            " or diverges."
        )
    return (
        "There are rates at which the loss stays a number and little or nothing is learned. "
        + "; ".join(told)
        + "."
    )


def _named(result: RatesResult, places: NDArray[np.int64]) -> str:
    first, last = (f"{result.rates[place]:g}" for place in places[[0, -1]])
    return first if first == last else f"{first} to {last}"


SMALLER, SAME, LARGER, MUCH_LARGER = (
    "smaller",
    "the same",
    "up to 10 times larger",
    "more than 10 times larger",
)
NOBODY = "one of them learns much at no rate"
GUESSES = (SMALLER, SAME, LARGER, MUCH_LARGER, NOBODY)


def best_guess(result: RatesResult) -> tuple[str, str]:
    """BN's best rate against plain's, as one of GUESSES, and why."""
    plain, batch = (float(result.rates[result.best(treatment)]) for treatment in range(2))
    if not result.learned().any(axis=1).all():
        return NOBODY, _best(result)
    ratio = batch / plain
    if ratio > 10.1:
        return MUCH_LARGER, _best(result)
    return (LARGER if ratio > 1.01 else SAME if ratio > 0.99 else SMALLER), _best(result)


# The experiment of Ioffe & Szegedy (2015, Section 4.2, Figs. 2 and 3), in small.


@dataclass(frozen=True)
class Arm:
    """One network of the paper's experiment, and what became of it there."""

    name: str
    treatment: str
    times: float  # the base rate
    sigmoid: bool
    steps: float  # millions, to the best accuracy of the first one; infinite: never
    best: float  # its best accuracy; NaN: not given
    told: str = ""  # of the paper, instead of numbers


ARMS = (
    Arm("plain", "plain", 1, False, 31.0, 0.722),
    Arm("plain ×5", "plain", 5, False, np.inf, np.nan, "diverges"),
    Arm("BN", "batch", 1, False, 13.3, 0.727),
    Arm("BN ×5", "batch", 5, False, 2.1, 0.730),
    Arm("BN ×30", "batch", 30, False, 2.7, 0.748),
    Arm("BN ×5, sigmoid", "batch", 5, True, np.inf, 0.698),
)
MEMBERS = 6  # of the paper's ensemble
DEARER = 1.3  # times as long as a sweep in two groups
LONGER = 4  # times as many steps as in the sweep: to the best accuracy
BASES = ("a low rate", "plain's best rate")
LOW = 3  # quarter decades below plain's best: the low base


class PaperConfig(Settings):
    """The shared settings, and the rate of which the arms take 1, 5 and 30 times."""

    base: Annotated[
        float, Knob("Base rate", LEARNING_RATES, "Plain trains at this rate.", 1e-6, 1e3)
    ] = 0.1

    def work(self) -> float:
        """As Settings.work, for all arms."""
        return DEARER * sweep.work(self, len(ARMS) * self.seeds // 2)

    def held(self) -> float:
        return sweep.largest(self, len(ARMS) * self.seeds // 2)

    def kept(self) -> float:
        """The records, and the predictions of all at the end."""
        data = self.data()
        predictions = len(ARMS) * self.seeds * data.classes * len(data.test_labels)
        return 4 * FLOAT * predictions + OTHERWISE


@dataclass(frozen=True)
class PaperResult:
    """The arms of ARMS on the first axis. NaN: after a divergence."""

    config: PaperConfig
    steps: NDArray[np.int64]  # (T,)
    test_accuracy: NDArray[np.float32]  # (6, seeds, T) inference mode
    ensemble: NDArray[np.float32]  # (6,) accuracy of the seeds' averaged prediction at the end
    diverged_at: NDArray[np.int64]  # (6, seeds) step, or NEVER

    def curves(self) -> Numbers:
        """Accuracy of the median seed, (6, T); a diverged seed has none: 0."""
        return median_seed(np.nan_to_num(self.test_accuracy.astype(np.float64)), axis=1)

    def target(self) -> float:
        """Plain's best accuracy at the base rate: the one that all are to reach."""
        return float(self.curves()[0].max())

    def steps_to_target(self) -> Numbers:
        """The first recorded step at which the median seed has it, (6,); infinite: never."""
        reached = self.curves() >= self.target()
        return np.where(reached.any(1), self.steps[reached.argmax(1)], np.inf)

    def fewer(self) -> Numbers:
        """How many times fewer steps than plain, (6,); 0: it never gets there."""
        return np.maximum(self.steps_to_target()[0], 1) / np.maximum(self.steps_to_target(), 1)

    def members(self) -> Numbers:
        """The mean accuracy at the end of the seeds that are left, (6,); NaN: none is."""
        ends = self.test_accuracy[:, :, -1].astype(np.float64)
        left = np.isfinite(ends)
        with np.errstate(invalid="ignore"):
            return np.where(left, ends, 0).sum(axis=1) / left.sum(axis=1)

    def learned(self) -> bool:
        """Whether plain learned at all; where it did not, its best is nothing to reach."""
        return self.target() >= (1 + 1 / self.config.data().classes) / 2


def paper(result: RatesResult) -> list[PaperConfig]:
    """The paper's experiment at a low base rate and at plain's best, by the sweep on the page."""
    best = result.best(PLAIN)
    trained = set(Settings.model_fields) - {"learning_rate"}
    shared = result.config.model_dump(include=trained)
    shared |= {"seeds": MEMBERS, "steps": min(5000, LONGER * result.config.steps)}
    places = (max(0, best - LOW), best)
    return [PaperConfig(**shared | {"base": float(result.rates[place])}) for place in places]


@bounded
def run_paper(config: PaperConfig, report: Report = silent, workers: int = 2) -> PaperResult:
    """Train the six arms from the same weights on the same batches. Same config, same bits."""
    places: dict[str, list[int]] = {}  # arms of one architecture train as one group
    for place, arm in enumerate(ARMS):
        places.setdefault(f"{arm.treatment} {arm.sigmoid}", []).append(place)
    groups = {name: _group(config, mine) for name, mine in places.items()}
    runs = sweep.train_groups(config, groups, report, workers, ending=predictions(config.data()))
    accuracy, ensemble = [np.empty(0, np.float32)] * len(ARMS), np.empty(len(ARMS), np.float32)
    lost = [np.empty(0, np.int64)] * len(ARMS)
    for name, mine in places.items():
        for row, place in enumerate(mine):
            seeds = slice(row * config.seeds, (row + 1) * config.seeds)
            accuracy[place] = runs[name].test_accuracies[seeds]
            lost[place] = runs[name].diverged_at[seeds]
            told = runs[name].endings
            assert told is not None
            ensemble[place] = ensemble_accuracy(
                told[seeds][lost[place] == NEVER], config.data().test_labels
            )
    steps = next(iter(runs.values())).steps
    return PaperResult(config, steps, np.stack(accuracy), ensemble, np.stack(lost))


def _group(
    config: PaperConfig, places: Sequence[int]
) -> tuple[list[sweep.Start], Mapping[str, str]]:
    """The starts of the arms that share an architecture, the seeds innermost; the architecture."""
    arms = [ARMS[place] for place in places]
    rates = [arm.times * config.base for arm in arms]
    sigmoid = {"activation": "sigmoid"} if arms[0].sigmoid else {}
    return sweep.grid(config, rates, [config.gain]), NORMALIZERS[arms[0].treatment] | sigmoid


def predictions(data: Dataset) -> sweep.Ending:
    """The probability of each class for each test sample, (R, classes, test samples)."""
    inputs = torch.tensor(data.test_inputs).T

    def ending(cohort: Cohort) -> NDArray[np.float32]:
        with torch.no_grad(), one_thread():
            logits = cohort.forward(inputs.expand(cohort.replicas, -1, -1), "inference")
            told: NDArray[np.float32] = logits.softmax(dim=1).numpy()
        return told

    return ending


def ensemble_accuracy(told: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The share of test samples that the members' averaged probabilities get right.

    `told` is (members, classes, test samples). NaN: there is no member.
    """
    if not len(told):
        return float("nan")
    together = told.astype(np.float64).mean(axis=0)
    return float((together.argmax(axis=0) == labels).mean())


def of_the_paper(results: Sequence[PaperResult]) -> str:
    """The arms beside the paper's, in sentences; the bases that have been trained."""
    said = [_of_a_base(result, name) for result, name in zip(results, BASES, strict=False)]
    if len(results) == len(BASES) and all(result.learned() for result in results):
        said.append(_the_base_decides(results))
    return "\n".join(f"- {sentence}" for sentence in said)


FASTER = 3  # the place of BN at 5 times the rate, of which the paper says 14 times fewer steps


def _of_a_base(result: PaperResult, name: str) -> str:
    where = f"From {name}, {result.config.base:g}"
    if not result.learned():
        return (
            f"{where}: plain does not learn (its best is {portion(result.target())}), so its best"
            " accuracy is nothing to race to."
        )
    target = f"plain's best accuracy, {portion(result.target())},"
    steps = result.steps_to_target()
    published = ARMS[0].steps / ARMS[FASTER].steps
    if not np.isfinite(steps[FASTER]):
        faster = f"BN at 5 times that rate never reaches {target} within {result.steps[-1]} steps"
    else:
        faster = (
            f"BN at 5 times that rate reaches {target} in {steps[FASTER]:g} steps, plain in"
            f" {steps[0]:g}: {_ratio(float(result.fewer()[FASTER]))}"
        )
    return (
        f"{where}: {faster} (the paper: {published:.1f} times fewer). {_five_times_plain(result)}"
        f" {_ensemble(result)}"
    )


def _ratio(fewer: float) -> str:
    if abs(fewer - 1) < 0.05:
        return "as many"
    return f"{times(fewer)} fewer" if fewer > 1 else f"{times(1 / fewer)} as many"


def _five_times_plain(result: PaperResult) -> str:
    """Plain at the larger rate: the comparison that tells BN's part from that of the rate."""
    lost, fewer = int((result.diverged_at[1] != NEVER).sum()), float(result.fewer()[1])
    if fewer > 0:
        return f"Plain at 5 times the rate gets there too, with {_ratio(fewer)}."
    gone = f": it diverges in {count(lost, result.config.seeds)}" if lost else ""
    return f"Plain at 5 times the rate does not get there{gone}."


def _ensemble(result: PaperResult) -> str:
    together, alone = float(result.ensemble[FASTER]), float(result.members()[FASTER])
    if not np.isfinite(together):
        return "Of BN at 5 times the rate no network is left to average."
    return (
        f"The averaged prediction of BN's networks at 5 times the rate gets"
        f" {100 * together:.1f} % right, one of them alone {100 * alone:.1f} % on average."
    )


def _the_base_decides(results: Sequence[PaperResult]) -> str:
    low, best = (float(result.fewer()[FASTER]) for result in results)
    if low > best * 1.2:
        return (
            "**The base decides**: seen from a low rate, a larger one gains more. How many times"
            " BN is faster says as much about plain's rate as about BN."
        )
    return "Here the low base does not make BN look better than plain's best rate does."


def published() -> list[tuple[str, str, float]]:
    """Each arm's name and treatment, and how many times fewer steps it took; 0: never there."""
    return [(arm.name, arm.treatment, ARMS[0].steps / arm.steps) for arm in ARMS]


def shown(results: Sequence[PaperResult], base: str) -> PaperResult:
    """The result of this one of BASES, or of the last base that has been trained."""
    return results[min(BASES.index(base), len(results) - 1)]


def paper_table(result: PaperResult) -> dict[str, list[str]]:
    """The arms, here and in the paper."""
    steps, best = result.steps_to_target(), result.curves().max(axis=1)
    return {
        "network": [arm.name for arm in ARMS],
        "rate": [f"{arm.times * result.config.base:.2g}" for arm in ARMS],
        "steps to plain's best": [f"{s:g}" if np.isfinite(s) else "never" for s in steps],
        "best accuracy": [f"{100 * b:.1f} %" for b in best],
        "averaged prediction": [
            f"{100 * e:.1f} %" if np.isfinite(e) else "all diverged" for e in result.ensemble
        ],
        "paper: million steps": [
            arm.told or (f"{arm.steps:g}" if np.isfinite(arm.steps) else "never") for arm in ARMS
        ],
        "paper: best": [f"{100 * arm.best:.1f} %" if arm.best == arm.best else "" for arm in ARMS],
    }
