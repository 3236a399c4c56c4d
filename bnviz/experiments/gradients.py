"""How far the gradient can be trusted: what becomes of it on the way along itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bnviz.engine.training import recording_steps
from bnviz.engine.walks import walk
from bnviz.experiments.bounds import bounded
from bnviz.experiments.pair import (
    NAMES,
    SUBJECTS,
    TREATMENTS,
    Comparison,
    compare,
    count,
    diverged_at,
    fell,
    no_comparison,
    not_compared,
    stacked,
    times,
    train_pair,
)
from bnviz.experiments.running import Report, silent
from bnviz.experiments.settings import (
    LEARNING_RATES,
    NORMALIZED,
    REACHES,
    Depth,
    NormalizedLayers,
    Reach,
    Settings,
    in_rates,
)

RECORDS = 12  # moments of training at which the walk is made; each costs as much as eight steps
EARLY = 8  # steps that count as the first ones
MOVED = 3e-8  # seconds, for a weight to be somewhere else on the way, and compared there
LONGER = 2.0  # times: a gradient this much longer than the other's
STRAIGHT = 10.0  # degrees: a gradient that turned by less has hardly turned
SWEPT = slice(4, 14)  # of LEARNING_RATES: 0.01 to 1.8, where plain dies


class GradientsConfig(Settings):
    """The shared settings, which layers have BN, and how far to walk."""

    depth: Depth = 6
    normalized_layers: NormalizedLayers = "all"
    reach: Reach = "½ to 4"

    def work(self) -> float:
        """Training, and at each record a forward and backward pass for every length."""
        records, cost = len(recording_steps(self.steps, RECORDS)), self.cost()
        walked = cost.step(self.seeds, self.in_batch()) + MOVED * cost.weights * self.seeds
        return 2 * (self.training_work(records) + records * len(REACHES[self.reach]) * walked)

    def held(self) -> float:
        """As Settings.held, with the networks on the way and their gradients."""
        lengths = len(REACHES[self.reach])
        walked = self.cost().displaced(self.seeds, lengths, self.in_batch(), gradient=True)
        return self.training_memory(walked)


Measure = Literal["change", "smoothness", "norm"]


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
    diverged_at: NDArray[np.int64]  # (2, seeds) step, or NEVER
    fell: NDArray[np.bool_]  # (2, seeds) whether the training loss fell to less than half

    def predictiveness(self) -> NDArray[np.float32]:
        """The band of gradient predictiveness, lowest and highest over a: (2, 2, seeds, T)."""
        return np.stack([self.distance.min(-1), self.distance.max(-1)])

    def smoothness(self) -> NDArray[np.float64]:
        """Effective beta-smoothness, max over a of distance / (a ||g||), (2, seeds, T).

        Where nothing changes, as along a gradient of zero: 0.
        """
        lengths = self.reach * self.config.learning_rate
        norm = self.gradient_norm[..., None].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.distance == 0, 0.0, self.distance / (lengths * norm)).max(-1)

    def turn(self, length: float) -> NDArray[np.float64]:
        """The angle between the gradient before and after `length` learning rates, in degrees."""
        place = int(np.flatnonzero(self.reach == length)[0])
        return np.degrees(np.arccos(self.cosine[..., place].astype(np.float64)))

    def counts(self) -> NDArray[np.bool_]:
        """The seeds in which both losses fell: only there is smooth against rough a comparison."""
        return self.fell[0] & self.fell[1]

    def comparison(self, measure: Measure) -> Comparison:
        """Plain against BN in the seeds that count, of which there must be one."""
        values: dict[Measure, NDArray[np.floating]] = {
            "change": self.predictiveness()[1],
            "smoothness": self.smoothness(),
            "norm": self.gradient_norm,
        }
        return compare(values[measure], self.steps, self.counts())

    def at_first(self) -> Comparison:
        """The change of the gradient in the first EARLY steps alone."""
        first = self.steps <= EARLY
        return compare(self.predictiveness()[1][..., first], self.steps[first], self.counts())


@bounded
def run(config: GradientsConfig, report: Report = silent, workers: int = 2) -> GradientsResult:
    """Train the pairs and walk along the gradient at each record. Pure: same config, same bits."""
    reach = np.array(REACHES[config.reach])
    probe = walk([float(length) for length in reach * config.learning_rate])
    normalized = NORMALIZED[config.normalized_layers](config.depth)
    record_at = recording_steps(config.steps, RECORDS)
    histories = train_pair(
        config, normalized, [probe], report, workers, record_at=record_at, tested=False
    )
    return GradientsResult(
        config,
        histories["plain"].steps,
        reach,
        stacked(histories, "loss_here", ()),
        stacked(histories, "gradient_norm", ()),
        stacked(histories, "distance", reach.shape),
        stacked(histories, "cosine", reach.shape),
        np.stack([diverged_at(histories[t]) for t in TREATMENTS]),
        np.stack([fell(histories[t]) for t in TREATMENTS]),
    )


def findings(result: GradientsResult) -> list[str]:
    """What this run shows, in sentences, each computed from it."""
    lost = not_compared(result.diverged_at, result.fell)
    if not result.counts().any():
        return [no_comparison(result.fell), *_turns(result), *lost]
    return [_trust(result), _steepness(result), *_at_first(result), *_turns(result), *lost]


def _trust(result: GradientsResult) -> str:
    change = result.comparison("change")
    where = f"Within {in_rates(result.reach[-1])} along the gradient"
    if change.rougher == "plain":
        return (
            f"{where}, **plain's gradient changes {change.factor} as much as BN's** (averaged over"
            f" training; more in {count(change.larger, change.seeds)})."
        )
    if change.rougher == "batch":
        return (
            f"{where}, **BN's gradient changes {change.factor} as much as plain's**: at this"
            " setting BN is the rougher one."
        )
    return f"{where}, **both gradients change about as much** (averaged over training)."


def _steepness(result: GradientsResult) -> str:
    beta = result.comparison("smoothness")
    smaller, larger = ("BN", "plain") if beta.ratio >= 1 else ("plain", "BN")
    verdict = (
        f"{larger}'s change is {beta.factor} {smaller}'s" if beta.rougher else "both change alike"
    )
    return (
        "Counted per step length and per length of the gradient (effective β-smoothness; not BN's"
        f" β), {verdict}; plain's is larger in {count(beta.larger, beta.seeds)}."
    )


def _at_first(result: GradientsResult) -> list[str]:
    """That it was the other way round at first, where it was; and why that can be."""
    early, all_along = result.at_first(), result.comparison("change")
    if early.rougher != "batch":
        return []
    sentence = f"In the first {EARLY} steps BN's gradient changes {early.factor} as much as plain's"
    sentence += "; that turns later on." if all_along.rougher == "plain" else "."
    first = result.gradient_norm[:, result.counts(), 0].astype(np.float64)
    longer = float(np.median(first[1] / np.maximum(first[0], 1e-30)))
    if longer > LONGER:
        sentence += (
            f" BN's gradient itself is {times(longer)} as long at the start, and what is short"
            " changes little: where a loss hardly depends on the weights, it is flat, not easy."
        )
    return [sentence]


def _turns(result: GradientsResult) -> list[str]:
    """How far the direction turns, in the networks that have a number."""
    near = [_angle(result, t, 1.0) for t in range(2)]
    far = [_angle(result, t, float(result.reach[-1])) for t in range(2)]
    if None in near or None in far:
        return []
    sgd = result.config.optimizer == "sgd"  # the others step elsewhere
    sentence = (
        f"After {'the step itself' if sgd else 'one learning rate'} the gradient has turned by"
        f" {near[0]:.0f}° without BN and by {near[1]:.0f}° with it"
    )
    if result.reach[-1] != 1:
        sentence += (
            f"; after {result.reach[-1]:g} learning rates by {far[0]:.0f}° and {far[1]:.0f}°"
        )
    return [sentence + " (averaged over training; at 90° the old gradient says nothing any more)."]


def _angle(result: GradientsResult, treatment: int, length: float) -> float | None:
    """The turn after `length` learning rates, averaged over the steps for which it is known."""
    angles, stands_for = result.turn(length)[treatment], np.ones(1)
    if len(result.steps) > 1:
        stands_for = np.gradient(result.steps.astype(np.float64))
    known = np.isfinite(angles)
    if not known.any():
        return None
    return float(
        np.average(angles[known], weights=np.broadcast_to(stands_for, angles.shape)[known])
    )


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
    step = "one step" if result.config.optimizer == "sgd" else "one learning rate"
    if max(angle for _, angle in known) < STRAIGHT:
        return (
            f"At this learning rate it may look so: {step} along it turns it by only {turned}. Take"
            " a larger one and it will not."
        )
    return (
        f"It says which way is down from here. {step.capitalize()} along it, on the very same"
        f" mini-batch, it points elsewhere already: turned by {turned}."
    )


def _always(result: GradientsResult) -> str:
    if not result.counts().any():
        return "This run cannot tell: there is no pair in which both losses fell."
    change = result.comparison("change")
    if change.rougher == "plain":
        elsewhere = "One run is not always." if result.config.activation == "tanh" else "Try tanh."
        return f"It does in this run: plain's changes {change.factor} as much. {elsewhere}"
    if change.rougher == "batch":
        return f"Not in this run: BN's changes {change.factor} as much."
    return "Not in this run: there is hardly a difference."


def _smoother(result: GradientsResult) -> str:
    plain, batch = np.median(_known(result.predictiveness()[1]), axis=(1, 2))
    compared = bool(result.counts().any())
    if compared:
        change = result.comparison("change")
        plain, batch = (change.ratio, 1.0) if change.rougher else (1.0, 1.0)
    if plain == batch:  # about alike; or both have diverged, and are both rough
        return "In this run neither of them is the smoother one."
    smoother, fell_in = int(plain > batch), result.fell.sum(axis=1)
    name = NAMES[TREATMENTS[smoother]]
    if not fell_in.any():
        return f"Here neither learns, and {name} is the smoother one all the same."
    if fell_in[smoother] < fell_in[1 - smoother]:
        return (
            f"Not here: {name} has the smaller changes, and its loss fell in"
            f" {count(int(fell_in[smoother]), result.config.seeds)}, the other's in"
            f" {count(int(fell_in[1 - smoother]), result.config.seeds)}."
            f"{'' if compared else ' What hardly learns can change hardly at all.'}"
        )
    if fell_in[smoother] > fell_in[1 - smoother]:
        return (
            f"Here it is: {name} has the smaller changes, and its loss fell"
            " in more seeds. That is one run, not a rule: a network that does not learn at all can"
            " be the smoothest."
        )
    return (
        f"{SUBJECTS[TREATMENTS[smoother]]} is the smoother one here, and the loss of both fell in"
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
    where = f"from {first} to {last}" if len(compared) > 1 else f"at {first}"
    said = (
        f"Both losses fell at {len(compared)} of {len(results)} rates, {where};"
        f" at {len(rougher_at) or 'none'} of them plain's gradient changes more."
    )
    most = max(compared, key=lambda r: r.comparison("change").ratio)
    if rougher_at:
        said += (
            f" The most at {most.config.learning_rate:g}:"
            f" {most.comparison('change').factor} as much as BN's."
        )
    beyond = [r for r in results if r.config.learning_rate > compared[-1].config.learning_rate]
    if beyond and not any(r.fell[0].any() for r in beyond):
        said += f" From {beyond[0].config.learning_rate:g} on, plain does not learn any more."
    return said


ROUGHER = ("plain", "BN", "about the same")


def rougher(result: GradientsResult) -> str:
    """Whose gradient changes more along the walk, as one of ROUGHER."""
    if not result.counts().any():
        return ROUGHER[2]
    return {"plain": "plain", "batch": "BN"}.get(result.comparison("change").rougher, ROUGHER[2])
