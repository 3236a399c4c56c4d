"""How far the gradient can be trusted: what becomes of it on the way along itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.engine.training import recording_steps
from bnviz.engine.walks import walk
from bnviz.experiments.pair import (
    NAMES,
    NEVER,
    SUBJECTS,
    TREATMENTS,
    count,
    diverged_at,
    fell,
    stacked,
    train_pair,
)
from bnviz.experiments.running import Report, silent
from bnviz.experiments.settings import (
    LEARNING_RATES,
    NORMALIZED,
    REACHES,
    BatchSize,
    Depth,
    NormalizedLayers,
    Reach,
    Settings,
)

RECORDS = 20  # moments of training at which the walk is made; each costs as much as eight steps
ALIKE = 1.2  # times: two measures closer than this are called about the same
FADED = 2.0  # times: a gradient this much shorter than the other's
STRAIGHT = 10.0  # degrees: a gradient that turned by less has hardly turned
SWEPT = slice(4, 14)  # of LEARNING_RATES: 0.01 to 1.8, where plain dies


class GradientsConfig(Settings):
    """The shared settings, which layers have BN, and how far to walk."""

    depth: Depth = 6
    batch_size: BatchSize = 128
    normalized_layers: NormalizedLayers = "all"
    reach: Reach = "½ to 4"

    def work(self) -> float:
        """Training, and at each record a forward and backward pass for every length."""
        walked = len(recording_steps(self.steps, RECORDS)) * len(REACHES[self.reach])
        return super().work() * (1 + walked / self.steps)


Measure = Literal["change", "smoothness", "norm"]


@dataclass(frozen=True)
class Comparison:
    """One measure, plain against BN, in the seeds where both losses fell."""

    ratio: float  # plain / BN, median over these seeds
    larger: int  # in how many of them plain's is the larger one
    seeds: int


@dataclass(frozen=True)
class GradientsResult:
    """Both treatments (plain, BN) on the first axis. NaN: after a divergence."""

    config: GradientsConfig
    steps: NDArray[np.int64]  # (T,)
    reach: NDArray[np.float64]  # (A,) lengths of the walk, in learning rates
    loss_here: NDArray[np.float32]  # (2, seeds, T) mini-batch loss before the update
    gradient_norm: NDArray[np.float32]  # (2, seeds, T) ||g||, g on that mini-batch
    distance: NDArray[np.float32]  # (2, seeds, T, A) ||grad L(theta - a g) - g||
    cosine: NDArray[np.float32]  # (2, seeds, T, A) between the two
    test_accuracy: NDArray[np.float32]  # (2, seeds, T) inference mode, 0 to 1
    diverged_at: NDArray[np.int64]  # (2, seeds) step, or NEVER
    fell: NDArray[np.bool_]  # (2, seeds) whether the training loss fell to less than half

    def predictiveness(self) -> NDArray[np.float32]:
        """The band of gradient predictiveness, lowest and highest over a: (2, 2, seeds, T)."""
        return np.stack([self.distance.min(-1), self.distance.max(-1)])

    def smoothness(self) -> NDArray[np.float64]:
        """Effective beta-smoothness, max over a of distance / (a ||g||), (2, seeds, T)."""
        lengths = self.reach * self.config.learning_rate
        norm = self.gradient_norm[..., None].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return (self.distance / (lengths * norm)).max(-1)

    def turn(self, length: float) -> NDArray[np.float64]:
        """The angle between the gradient before and after `length` learning rates, in degrees."""
        place = int(np.flatnonzero(self.reach == length)[0])
        return np.degrees(np.arccos(self.cosine[..., place].astype(np.float64)))

    def counts(self) -> NDArray[np.bool_]:
        """The seeds in which both losses fell: only there is smooth against rough a comparison."""
        return self.fell[0] & self.fell[1]

    def comparison(self, measure: Measure) -> Comparison:
        """Plain against BN, by the median record of each seed that counts; there must be one."""
        values = {
            "change": self.predictiveness()[1],
            "smoothness": self.smoothness(),
            "norm": self.gradient_norm,
        }[measure]
        plain, batch = np.median(values[:, self.counts()].astype(np.float64), axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = plain / batch
        return Comparison(float(np.median(ratios)), int((ratios > 1).sum()), len(ratios))


def run(config: GradientsConfig, report: Report = silent, workers: int = 2) -> GradientsResult:
    """Train the pairs and walk along the gradient at each record. Pure: same config, same bits."""
    reach = np.array(REACHES[config.reach])
    probe = walk([float(length) for length in reach * config.learning_rate])
    normalized = NORMALIZED[config.normalized_layers](config.depth)
    record_at = recording_steps(config.steps, RECORDS)
    histories = train_pair(config, normalized, [probe], report, workers, record_at=record_at)
    return GradientsResult(
        config,
        histories["plain"].steps,
        reach,
        stacked(histories, "loss_here", ()),
        stacked(histories, "gradient_norm", ()),
        stacked(histories, "distance", reach.shape),
        stacked(histories, "cosine", reach.shape),
        np.stack([histories[t].test_accuracies for t in TREATMENTS]),
        np.stack([diverged_at(histories[t]) for t in TREATMENTS]),
        np.stack([fell(histories[t]) for t in TREATMENTS]),
    )


def findings(result: GradientsResult) -> list[str]:
    """What this run shows, in sentences, each computed from it."""
    if not result.counts().any():
        return [_no_comparison(result), *_turns(result), *_lost(result)]
    return [_trust(result), _steepness(result), *_turns(result), *_lost(result)]


def _no_comparison(result: GradientsResult) -> str:
    fell_in = [int(row.sum()) for row in result.fell]
    seeds = result.config.seeds
    return (
        "**No comparison here**: the training loss fell to less than half in"
        f" {count(fell_in[0], seeds)} without BN and in {count(fell_in[1], seeds)} with it, never"
        " in both of a pair. A network that does not learn looks perfectly smooth."
    )


def _trust(result: GradientsResult) -> str:
    change = result.comparison("change")
    far = f"{result.reach[-1]:g} learning rates" if result.reach[-1] != 1 else "one learning rate"
    where = f"Within {far} along the gradient"
    seeds = f"{change.larger} of {change.seeds} seeds"
    if change.ratio > ALIKE:
        return (
            f"{where}, **plain's gradient changes {_times(change.ratio)} as much as BN's**"
            f" (median; more in {seeds})."
        )
    if change.ratio < 1 / ALIKE:
        return (
            f"{where}, **BN's gradient changes {_times(1 / change.ratio)} as much as plain's**:"
            " at this setting BN is the rougher one."
        )
    return (
        f"{where}, **both gradients change about as much** (plain's {_times(change.ratio)} BN's)."
    )


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 100 else f"{ratio:,.0f} times"


def _steepness(result: GradientsResult) -> str:
    """Effective beta-smoothness; where BN is the rougher one, also why that can be."""
    beta = result.comparison("smoothness")
    sentence = (
        "Per step length and length of the gradient (effective β-smoothness), plain's is"
        f" {beta.ratio:.2g} times BN's, larger in {beta.larger} of {beta.seeds} seeds."
    )
    norm = result.comparison("norm")
    change = result.comparison("change")
    if change.ratio < 1 / ALIKE and norm.ratio < 1 / FADED:
        sentence += (
            f" BN's gradient itself is {_times(1 / norm.ratio)} as long here: without BN the"
            " signal fades on its way through these layers, and a loss that hardly depends on"
            " the weights is flat, not easy."
        )
    return sentence


def _turns(result: GradientsResult) -> list[str]:
    """How far the direction turns, in the networks that have a number."""
    near = [_angle(result, t, 1.0) for t in range(2)]
    far = [_angle(result, t, float(result.reach[-1])) for t in range(2)]
    if None in near or None in far:
        return []
    sentence = (
        f"After the step itself the gradient has turned by {near[0]:.0f}° without BN and by"
        f" {near[1]:.0f}° with it"
    )
    if result.reach[-1] != 1:
        sentence += (
            f"; after {result.reach[-1]:g} learning rates by {far[0]:.0f}° and {far[1]:.0f}°"
        )
    return [sentence + " (median over training; at 90° the old gradient says nothing any more)."]


def _angle(result: GradientsResult, treatment: int, length: float) -> float | None:
    angles = result.turn(length)[treatment]
    known = angles[np.isfinite(angles)]
    return float(np.median(known)) if known.size else None


def _lost(result: GradientsResult) -> list[str]:
    """What became of the seeds that do not count."""
    sentences = []
    for treatment, name in enumerate(TREATMENTS):
        diverged = int((result.diverged_at[treatment] != NEVER).sum())
        stuck = int((~result.fell[treatment]).sum()) - diverged
        if diverged or stuck:
            fates = [
                f"{verb} in {count(number, result.config.seeds)}"
                for verb, number in (
                    ("diverged", diverged),
                    ("its loss did not fall by half", stuck),
                )
                if number
            ]
            sentences.append(
                f"{SUBJECTS[name]}: {', '.join(fates)}. These pairs are drawn, but not compared."
            )
    return sentences


def misconceptions(result: GradientsResult) -> dict[str, str]:
    """What is often believed, and what this run says of it."""
    return {
        "The gradient points to the minimum": _points(result),
        "BN always makes the gradient more predictable": _always(result),
        "The smoother network is the one that learns": _smoother(result),
    }


def _points(result: GradientsResult) -> str:
    angles = [_angle(result, t, 1.0) for t in range(2)]
    known = [(NAMES[t], a) for t, a in zip(TREATMENTS, angles, strict=True) if a is not None]
    if not known:
        return "In this run there was no gradient left to follow."
    turned = " and ".join(f"{angle:.0f}° ({name})" for name, angle in known)
    if max(angle for _, angle in known) < STRAIGHT:
        return (
            f"At this learning rate it may look so: one step turns it by only {turned}. Take a"
            " larger one and it will not."
        )
    return (
        "It says which way is down from here. One step along it, on the very same mini-batch, it"
        f" points elsewhere already: turned by {turned}."
    )


def _always(result: GradientsResult) -> str:
    if not result.counts().any():
        return "This run cannot tell: there is no pair in which both losses fell."
    change = result.comparison("change")
    if change.ratio > ALIKE:
        return (
            f"It does in this run (by a factor of {change.ratio:.1f}). Try tanh, or Glorot weights:"
            " there BN's gradient is the one that changes more."
        )
    if change.ratio < 1 / ALIKE:
        return f"Not in this run: BN's changes {_times(1 / change.ratio)} as much."
    return "Not in this run: there is hardly a difference."


def _smoother(result: GradientsResult) -> str:
    highest = np.nanmedian(_known(result.predictiveness()[1]), axis=(1, 2))
    smoother = int(np.argmin(highest))
    name, fell_in = SUBJECTS[TREATMENTS[smoother]], result.fell.sum(axis=1)
    if not fell_in.any():
        return f"Here neither learns, and {name} is the smoother one all the same."
    if fell_in[smoother] < fell_in[1 - smoother]:
        return (
            f"Not here: {name} has the smaller changes, because it hardly"
            f" learns: its loss fell in {count(int(fell_in[smoother]), result.config.seeds)},"
            f" the other's in {count(int(fell_in[1 - smoother]), result.config.seeds)}."
        )
    if fell_in[smoother] > fell_in[1 - smoother]:
        return (
            f"Here it is: {name} has the smaller changes, and its loss fell"
            " in more seeds. That is one run, not a rule: a network that does not learn at all is"
            " smoothest."
        )
    return (
        f"{name} is the smoother one here, and the loss of both fell in"
        f" {count(int(fell_in[0]), result.config.seeds)}. Smoothness allows larger steps; it is"
        " not learning itself."
    )


def _known(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Values with a large number where there is none, because the network diverged."""
    return np.nan_to_num(values.astype(np.float64), nan=1e30, posinf=1e30)


def sweep(config: GradientsConfig) -> list[GradientsConfig]:
    """The same run at other learning rates: each is a setting of the knob."""
    return [config.model_copy(update={"learning_rate": rate}) for rate in LEARNING_RATES[SWEPT]]


def over_rates(results: list[GradientsResult]) -> str:
    """What a sweep over the learning rates shows, in sentences."""
    compared = [r for r in results if r.counts().any()]
    if not compared:
        return "At none of these rates did both losses fall: there is nothing to compare yet."
    rougher_at = [r for r in compared if rougher(r) == "plain"]
    first, last = (f"{r.config.learning_rate:g}" for r in (compared[0], compared[-1]))
    said = (
        f"Both losses fell at {len(compared)} of {len(results)} rates, from {first} to {last};"
        f" at {len(rougher_at)} of them plain's gradient changes more."
    )
    most = max(compared, key=lambda r: r.comparison("change").ratio)
    if rougher_at:
        said += (
            f" The most at {most.config.learning_rate:g}:"
            f" {_times(most.comparison('change').ratio)} as much as BN's."
        )
    beyond = [r for r in results if r.config.learning_rate > compared[-1].config.learning_rate]
    dead = [r for r in beyond if not r.fell[0].any()]
    if dead:
        said += f" From {dead[0].config.learning_rate:g} on, plain does not learn any more."
    return said


ROUGHER = ("plain", "BN", "about the same")


def rougher(result: GradientsResult) -> str:
    """Whose gradient changes more along the walk, as one of ROUGHER."""
    if not result.counts().any():
        return ROUGHER[2]
    ratio = result.comparison("change").ratio
    if ratio > ALIKE:
        return ROUGHER[0]
    return ROUGHER[1] if ratio < 1 / ALIKE else ROUGHER[2]
