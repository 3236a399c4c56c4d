"""Which decision about the place of BN matters, by networks that differ in it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import AFFINE, BIAS, DROPOUT, PLACE, ZERO
from bnviz.verdicts import criteria, inputs
from bnviz.verdicts.arms import Arm, Arms, Contest, Help, Unlearned, contest
from bnviz.verdicts.criteria import Range

if TYPE_CHECKING:
    from bnviz.experiments.placement import PlacementResult

Most = Literal["plain", "before", "after", "input only", "before and after", "several"]

ROUNDING = 1e-4  # of beta's gradient: a bias gradient below it is nothing but rounding
STILL = 1e-3  # a bias that has moved less has not moved
NO_SHARE = 1e-6  # of a signal: a share that is nothing but rounding
NO_SHIFT = 0.02  # of a ratio of variances: closer to 1, or to another, is about the same
LOOKED_AT = "20 %"  # the dropout that the sentences speak of


@dataclass(frozen=True, kw_only=True)
class Place:
    """BN before the activation, after it, on the input alone."""

    kind: Literal["place"] = "place"
    outcome: Literal["input counts", "no help", "before", "after", "same", "unclear"] | Unlearned
    hidden: Contest  # before, after
    best: str  # of the two
    input_alone: Help  # beside plain
    beside_hidden: Literal["less", "less, but that does not learn", "more", "no less"]
    constant: tuple[float, float, float] | None  # plain, before, after: at the start, last layer
    scaling: Literal[
        "none learns", "no help", "less", "alike", "unclear", "more"
    ]  # input, beside before
    most: Most  # who ends with the highest accuracy


@dataclass(frozen=True, kw_only=True)
class Bias:
    """Root mean squares, the median over seeds and records; NaN: diverged at once."""

    kind: Literal["bias"] = "bias"
    outcome: Literal["diverged at once", "rounding", "none at all", "large rounding"]
    own: float  # gradient of the bias in front of BN
    beta: float  # of beta in the same layers
    after: float  # of the bias, where BN follows the activation
    counts_after: bool  # whether that is more than rounding
    apart: float  # with and without the bias: the largest gap of a seed; NaN: both diverged in all
    alike: bool  # whether that is about the same accuracy
    none_ahead: bool  # whether neither of the two is clearly ahead over the seeds
    one_lost: int  # seeds in which one of the two diverged and the other did not
    moved: float  # the bias at the end
    still: bool


@dataclass(frozen=True, kw_only=True)
class Affine:
    kind: Literal["affine"] = "affine"
    outcome: Literal["helps", "does not help", "same", "unclear"] | Unlearned
    contest: Contest  # trained, frozen
    moved: float  # how far gamma is from 1 in the typical layer; NaN: diverged
    alone: Help  # frozen, beside plain
    does_it: Literal["no", "yes", "cannot tell"]  # whether gamma and beta make BN work


@dataclass(frozen=True, kw_only=True)
class Opened:
    """Branches whose gamma has left zero by the end."""

    moved: int
    of: int


@dataclass(frozen=True, kw_only=True)
class Zero:
    kind: Literal["zero"] = "zero"
    outcome: Literal["helps", "does not help", "same", "unclear"] | Unlearned
    contest: Contest  # gamma from 0, from 1
    pace: tuple[float, float]  # the same: test accuracy averaged over training
    at_the_end: Opened  # BN at the end of the branch
    inside: Opened  # in front of the activation
    opened_by: float  # how far gamma is from 0 in the typical branch with BN at its end


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Variance of BN's input, training over inference, in one layer."""

    layer: int
    measured: float
    predicted: float  # from the layer's own dropout


@dataclass(frozen=True, kw_only=True)
class Dropout:
    kind: Literal["dropout"] = "dropout"
    outcome: Literal["one layer", "diverged", "hardly", "disagree"]
    layer: int  # where the ratio is farthest from 1
    ratio: Range  # there, over the seeds
    without: float  # there, without dropout; NaN: not known
    spread: tuple[float, float]  # the smallest and the largest of the layers behind dropout
    first: Shift | None  # the first layer with dropout in front of it; None: not known
    last: Shift | None  # the last one, where that is another
    inherited: bool  # whether the last one's theory is off by more than the first one's
    learn: Literal["all", "some", "none", "cannot tell"]  # those with dropout


About = Place | Bias | Affine | Zero | Dropout


@dataclass(frozen=True, kw_only=True)
class PlacementVerdict:
    compare: str
    seeds: int
    activation: str
    optimizer: str
    wild: bool
    arms: tuple[Arm, ...]
    about: About
    ground: inputs.GroundVerdict

    def arm(self, name: str) -> Arm:
        return next(arm for arm in self.arms if arm.name == name)


def judge(result: PlacementResult) -> PlacementVerdict:
    """How each network ended, and what the comparison turns on."""
    config, run = result.config, Arms(result)
    judges: dict[str, Callable[[Arms], About]] = {
        PLACE: _place,
        BIAS: _bias,
        AFFINE: _affine,
        ZERO: _zero,
        DROPOUT: _dropout,
    }
    return PlacementVerdict(
        compare=config.compare,
        seeds=config.seeds,
        activation=config.activation,
        optimizer=config.optimizer,
        wild=config.features == "wild",
        arms=tuple(run.each.values()),
        about=judges[config.compare](run),
        ground=inputs.judge(result.ground),
    )


def _place(run: Arms) -> Place:
    hidden = run.contest("before", "after")
    ends = {name: np.nan_to_num(arm.accuracy, nan=-1) for name, arm in run.each.items()}
    best = max(("before", "after"), key=lambda name: ends[name])
    return Place(
        outcome=_outcome_of_place(run, hidden),
        hidden=hidden,
        best=best,
        input_alone=run.help("input only"),
        beside_hidden=_beside_hidden(run, best),
        constant=_constant(run.result),
        scaling=_scaling(run),
        most=_most(run, max(ends, key=lambda name: ends[name])),
    )


def _outcome_of_place(
    run: Arms, hidden: Contest
) -> Literal["input counts", "no help", "before", "after", "same", "unclear"] | Unlearned:
    others = ("plain", "before", "after")
    if run.learned("input only") and all(run.beats("input only", other) for other in others):
        return "input counts"
    unlearned = run.unlearned("before", "after")
    if unlearned:
        return unlearned
    if not (run.beats("before", "plain") or run.beats("after", "plain")):
        return "no help"
    match hidden.standing:
        case "first":
            return "before"
        case "second":
            return "after"
    return hidden.standing


def _beside_hidden(
    run: Arms, best: str
) -> Literal["less", "less, but that does not learn", "more", "no less"]:
    if run.beats(best, "input only"):
        return "less" if run.learned(best) else "less, but that does not learn"
    return "more" if run.beats("input only", best) else "no less"


def _constant(result: PlacementResult) -> tuple[float, float, float] | None:
    assert result.by_layer is not None
    plain, before, after = (
        criteria.median(result.by_layer[result.place(arm), :, 0, -1])
        for arm in ("plain", "before", "after")
    )
    if not np.isfinite([plain, before, after]).all():
        return None
    return plain, before, after if abs(after) > NO_SHARE else 0.0


def _scaling(run: Arms) -> Literal["none learns", "no help", "less", "alike", "unclear", "more"]:
    if not run.learned("input only", "plain", "before"):
        return "none learns"
    if not (run.beats("input only", "plain") or run.beats("before", "plain")):
        return "no help"
    match run.contest("input only", "before").standing:
        case "first":
            return "more"
        case "second":
            return "less"
        case "same":
            return "alike"
        case "unclear":
            return "unclear"


def _most(run: Arms, best: str) -> Most:
    """The best network, if all others are clearly behind it; several: they are not."""
    if not run.learned(best):
        return "several"
    level = {name for name in run.each if name == best or not run.beats(best, name)}
    if level == {"before", "after"}:
        return "before and after"
    alone: dict[str, Most] = {
        "plain": "plain",
        "before": "before",
        "after": "after",
        "input only": "input only",
    }
    return alone[best] if len(level) == 1 else "several"


def _bias(run: Arms) -> Bias:
    result = run.result
    kept, after_it = result.place("bias kept"), result.place("after")
    own = criteria.median(result.bias_gradient[kept])
    beta = criteria.median(result.beta_gradient[kept])
    after = criteria.median(result.bias_gradient[after_it])
    ends = np.stack([result.ends("no bias"), result.ends("bias kept")])
    known = np.isfinite(ends)
    gaps = np.abs(ends[0] - ends[1])[known.all(0)]
    apart = float(gaps.max()) if gaps.size else float("nan")
    one_lost = int((known[0] != known[1]).sum())
    moved = criteria.median(result.bias_size[kept, :, -1])
    return Bias(
        outcome=_gradient(own, beta),
        own=own,
        beta=beta,
        after=after,
        counts_after=bool(after > ROUNDING * beta),
        apart=apart,
        alike=apart < criteria.SAME and not one_lost,
        none_ahead=run.contest("no bias", "bias kept").standing in ("same", "unclear"),
        one_lost=one_lost,
        moved=moved,
        still=bool(moved < STILL),
    )


def _gradient(
    own: float, beta: float
) -> Literal["diverged at once", "rounding", "none at all", "large rounding"]:
    if not np.isfinite([own, beta]).all():
        return "diverged at once"
    if own < ROUNDING * beta:
        return "rounding"
    return "none at all" if own == beta == 0 else "large rounding"


def _trained_or_not(
    unlearned: Unlearned | None, beside: Contest
) -> Literal["helps", "does not help", "same", "unclear"] | Unlearned:
    """What the first arm of a contest does beside the second."""
    if unlearned:
        return unlearned
    match beside.standing:
        case "first":
            return "helps"
        case "second":
            return "does not help"
    return beside.standing


def _affine(run: Arms) -> Affine:
    beside = run.contest("trained", "frozen")
    return Affine(
        outcome=_trained_or_not(run.unlearned("trained", "frozen"), beside),
        contest=beside,
        moved=criteria.median(run.layers("trained")),
        alone=run.help("frozen"),
        does_it=_makes_it_work(run, beside),
    )


def _makes_it_work(run: Arms, beside: Contest) -> Literal["no", "yes", "cannot tell"]:
    if run.learned("frozen") and run.beats("frozen", "plain"):
        return "no"
    counts = run.learned("trained") and beside.standing == "first"
    return "yes" if counts and run.beats("trained", "plain") else "cannot tell"


def _zero(run: Arms) -> Zero:
    paces = [_pace(run.result, arm) for arm in ("γ from 0", "γ from 1")]
    beside = contest(*paces)
    moved = criteria.median(_branches(run.result, "γ from 0"))
    zero, one = (criteria.median(pace) for pace in paces)
    return Zero(
        outcome=_trained_or_not(run.unlearned("γ from 0", "γ from 1"), beside),
        contest=beside,
        pace=(zero, one),
        at_the_end=_opened(run.result, "γ from 0"),
        inside=_opened(run.result, "0, inside"),
        opened_by=moved,
    )


def _pace(result: PlacementResult, arm: str) -> NDArray[np.floating]:
    """Test accuracy over all of training, (seeds,); after a divergence 0."""
    values = np.nan_to_num(result.test_accuracy[result.place(arm)].astype(np.float64))
    return criteria.over_training(values, result.steps)


def _branches(result: PlacementResult, arm: str) -> NDArray[np.floating]:
    """How far gamma is from zero at the end, in the branches that have one, over the seeds."""
    assert result.by_layer is not None
    ends = result.by_layer[result.place(arm), :, -1, 1:]
    return ends[np.isfinite(ends)]


def _opened(result: PlacementResult, arm: str) -> Opened:
    ends = _branches(result, arm)
    return Opened(moved=int((ends > 0).sum()), of=ends.size)


def _dropout(run: Arms) -> Dropout:
    ratios = np.array(run.layers(LOOKED_AT)[1:])
    none = Range(low=np.nan, middle=np.nan, high=np.nan, seeds=0)
    if not np.isfinite(ratios).any():
        return Dropout(
            outcome="diverged" if ratios.size else "one layer", layer=0, ratio=none,
            without=np.nan, spread=(np.nan, np.nan), first=None, last=None, inherited=False,
            learn=_learn(run),
        )  # fmt: skip
    place = 1 + int(np.nanargmax(np.abs(np.log(ratios))))
    assert run.result.by_layer is not None
    over = run.result.by_layer[run.result.place(LOOKED_AT), :, -1, place]
    first, last = _shift(run, 1), _shift(run, len(ratios))
    return Dropout(
        outcome="hardly" if abs(ratios[place - 1] - 1) < NO_SHIFT else "disagree",
        layer=place + 1,
        ratio=criteria.over_seeds(over),
        without=run.layers("no dropout")[place],
        spread=(float(np.nanmin(ratios)), float(np.nanmax(ratios))),
        first=first,
        last=last if len(ratios) > 1 else None,
        inherited=bool(first and last and _off(last) > max(NO_SHIFT, _off(first))),
        learn=_learn(run),
    )


def _shift(run: Arms, place: int) -> Shift | None:
    measured, predicted = (
        run.layers(LOOKED_AT, values)[place] for values in ("by_layer", "theory")
    )
    if not np.isfinite([measured, predicted]).all():
        return None
    return Shift(layer=place + 1, measured=measured, predicted=predicted)


def _off(shift: Shift) -> float:
    return abs(shift.measured - shift.predicted)


def _learn(run: Arms) -> Literal["all", "some", "none", "cannot tell"]:
    without, *others = (arm.learned for arm in run.each.values())
    if all(others):
        return "all"
    if any(others):
        return "some"
    return "none" if without else "cannot tell"
