"""Which decision about the place of BN matters, by networks that differ in it alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.axes import AFFINE, BIAS, DROPOUT, NEVER, PLACE, ZERO
from bnviz.verdicts import criteria, dropout, inputs
from bnviz.verdicts.arms import Arm, Arms, Contest, Help, Unlearned, contest
from bnviz.verdicts.dropout import Dropout

if TYPE_CHECKING:
    from bnviz.experiments.placement import PlacementResult

Most = Literal["plain", "before", "after", "input only", "before and after", "several"]

ROUNDING = 1e-4  # of beta's gradient: a bias gradient below it is nothing but rounding
STILL = 1e-3  # a bias that has moved less has not moved
NO_SHARE = 1e-6  # of a signal: a share that is nothing but rounding
GOOD = 0.9  # test accuracy


@dataclass(frozen=True, kw_only=True)
class Place:
    """BN before the activation, after it, on the input alone."""

    kind: Literal["place"] = "place"
    outcome: Literal["input counts", "no help", "before", "after", "same", "unclear"] | Unlearned
    hidden: Contest  # before, after
    best: str  # of the two
    ahead_of_plain: tuple[str, ...]  # those of the two that learn and beat plain
    input_alone: Help  # beside plain
    input_ahead: int  # seeds in which it ends clearly above the best of the two; 0: not in most
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
    rounding_in: int  # seeds in which that is nothing but rounding beside beta's
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
    reached: Mapping[str, int]  # arm -> record at which the curve that is drawn reaches GOOD
    latest: str | None  # of these, the last one; None: several at once


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
        DROPOUT: dropout.judge,
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
        ahead_of_plain=tuple(
            name for name in ("before", "after") if run.learned(name) and run.beats(name, "plain")
        ),
        input_alone=run.help("input only"),
        input_ahead=run.contest("input only", best).ahead * run.beats("input only", best),
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
        rounding_in=_only_rounding(result.bias_gradient[kept], result.beta_gradient[kept]),
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


def _only_rounding(own: NDArray[np.floating], beta: NDArray[np.floating]) -> int:
    """In how many seeds; (seeds, T) each."""
    pairs = zip(own, beta, strict=True)
    return sum(criteria.median(one) < ROUNDING * criteria.median(other) for one, other in pairs)


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
    reached = {arm: _reaches(run.result, arm) for arm in run.each if arm != "plain"}
    return Zero(
        outcome=_trained_or_not(run.unlearned("γ from 0", "γ from 1"), beside),
        contest=beside,
        pace=(zero, one),
        at_the_end=_opened(run.result, "γ from 0"),
        inside=_opened(run.result, "0, inside"),
        opened_by=moved,
        reached=reached,
        latest=_latest(reached),
    )


def _pace(result: PlacementResult, arm: str) -> NDArray[np.floating]:
    """Test accuracy over all of training, (seeds,); after a divergence 0."""
    values = np.nan_to_num(result.test_accuracy[result.place(arm)].astype(np.float64))
    return criteria.over_training(values, result.steps)


def _reaches(result: PlacementResult, arm: str) -> int:
    """The step at which the median of the seeds is first at GOOD; NEVER: at none."""
    middles = criteria.medians(result.test_accuracy[result.place(arm)].T)
    there = np.flatnonzero(middles >= GOOD)
    return int(result.steps[there[0]]) if there.size else NEVER


def _latest(reached: Mapping[str, int]) -> str | None:
    when = {arm: step if step != NEVER else np.inf for arm, step in reached.items()}
    last = [arm for arm, step in when.items() if step == max(when.values())]
    return last[0] if len(last) == 1 else None


def _branches(result: PlacementResult, arm: str) -> NDArray[np.floating]:
    """How far gamma is from zero at the end, in the branches that have one, over the seeds."""
    assert result.by_layer is not None
    ends = result.by_layer[result.place(arm), :, -1, 1:]
    return ends[np.isfinite(ends)]


def _opened(result: PlacementResult, arm: str) -> Opened:
    ends = _branches(result, arm)
    return Opened(moved=int((ends > 0).sum()), of=ends.size)
