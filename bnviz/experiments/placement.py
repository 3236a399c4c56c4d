"""Where does BN go? Networks that differ in one decision about its place, trained side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import torch
from numpy.typing import NDArray

from bnviz.engine.data import Dataset, load
from bnviz.engine.placement import bias_gradients, constant_share, moved_gammas, variance_ratios
from bnviz.engine.training import Probe, recording_steps
from bnviz.experiments.bounds import SECONDS_PER_DRAW, bounded
from bnviz.experiments.inputs import FEATURES, Ground, ground, wild
from bnviz.experiments.inputs import beliefs as beliefs_about_inputs
from bnviz.experiments.pair import (
    NEVER,
    count,
    diverged_at,
    in_points,
    median,
    over_training,
    portion,
    smoothed,
    stacked,
    train_arms,
)
from bnviz.experiments.running import Report, silent
from bnviz.experiments.settings import (
    OTHERWISE,
    Depth,
    Knob,
    LearningRate,
    Settings,
)

Floats = NDArray[np.float32]

RECORDS = 14
PROBED, FEWEST_PROBED = 256, 32  # training samples that are looked at; fewer in large networks
GROUND = 1.0  # seconds, for the ground under the wild features
PROBED_WORK = 2e8  # products of one look
SMALL = 0.02  # of test accuracy: closer than this is called alike
ROUNDING = 1e-4  # of beta's gradient: a bias gradient below it is nothing but rounding
STILL = 1e-3  # a bias that has moved less has not moved

BN: dict[str, Any] = {"normalizer": "batch"}
AFTER = BN | {"placement": "after"}
SKIP: dict[str, Any] = {"skip": True}

PLACE, BIAS, AFFINE, ZERO, DROPOUT = (
    "before or after",
    "the bias",
    "gamma and beta",
    "gamma from zero",
    "dropout before it",
)
ARMS: dict[str, dict[str, dict[str, Any]]] = {
    PLACE: {
        "plain": {},
        "before": BN,
        "after": AFTER,
        "input only": {"normalize_inputs": True},
    },
    BIAS: {
        "plain": {},
        "no bias": BN,
        "bias kept": BN | {"bias_before": "kept"},
        "after": AFTER,
    },
    AFFINE: {
        "plain": {},
        "trained": BN,
        "frozen": BN | {"affine": "frozen"},
    },
    ZERO: {
        "plain": SKIP,
        "γ from 1": AFTER | SKIP,
        "γ from 0": AFTER | SKIP | {"gamma_start": 0.0},
        "0, inside": BN | SKIP | {"gamma_start": 0.0},
    },
    DROPOUT: {
        "no dropout": BN,
        "10 %": BN | {"dropout": 0.1},
        "20 %": BN | {"dropout": 0.2},
        "40 %": BN | {"dropout": 0.4},
    },
}
"""What is compared -> the networks -> what each changes in the architecture."""

PASSES = {PLACE: 1, DROPOUT: 3}  # of one look; the others need none


class PlacementConfig(Settings):
    """The shared settings, which decision to look at, and on what features."""

    compare: Annotated[
        str,
        Knob(
            "Compare",
            tuple(ARMS),
            "Which decision to look at. Only these networks are trained.",
        ),
    ] = PLACE
    features: Annotated[str, FEATURES] = "scaled"
    depth: Depth = 6
    learning_rate: LearningRate = 1.0

    def data(self) -> Dataset:
        return wild(self.dataset) if self.features == "wild" else load(self.dataset)

    def _weights(self) -> int:
        data = self.data()
        return self.width * (data.features + (self.depth - 1) * self.width + data.classes)

    def probed(self) -> int:
        """How many training samples each look takes."""
        return max(FEWEST_PROBED, min(PROBED, round(PROBED_WORK / self._weights())))

    def work(self) -> float:
        """As Settings.work, for all networks of the comparison, with what looking at them costs.

        Random numbers for dropout cost more than the layers they are for.
        """
        arms, looked_at = len(ARMS[self.compare]), 2 * PASSES.get(self.compare, 0) * self.probed()
        records = len(recording_steps(self.steps, RECORDS))
        drawn = self.steps * self.in_batch() * self.width * self.depth
        dropping = SECONDS_PER_DRAW * drawn * self.seeds * (self.compare == DROPOUT)
        return arms * (self.training_work(records, looked_at) + dropping) + GROUND

    def held(self) -> float:
        """Of the arm that takes most, with a look at its layers."""
        cost = self.cost()
        looking = cost.traced(self.seeds, self.probed(), 1)
        if self.compare == DROPOUT:
            looking = cost.traced(self.seeds, self.probed(), 7) + cost.parameters(self.seeds)
        arms = ARMS[self.compare].values()
        return max(self.training_memory(looking, **arm) for arm in arms)

    def kept(self) -> float:
        """All networks stay."""
        return len(ARMS[self.compare]) * self.cost().parameters(self.seeds) + OTHERWISE


@dataclass(frozen=True)
class PlacementResult:
    """Networks on the first axis, in the order of `arms`. NaN: after a divergence."""

    config: PlacementConfig
    arms: tuple[str, ...]
    steps: NDArray[np.int64]  # (T,)
    train_loss: Floats  # (arms, seeds, T) mini-batch loss, mean since the last record
    test_accuracy: Floats  # (arms, seeds, T) inference mode, 0 to 1
    diverged_at: NDArray[np.int64]  # (arms, seeds) step, or NEVER
    by_layer: Floats | None  # (arms, seeds, T, depth) what LAYERS says; None: of the bias
    theory: Floats | None  # (arms, seeds, T, depth) of the ratio of variances, with dropout
    bias: Floats | None  # (arms, seeds, T, 3) rms of dL/db, of dL/dbeta and of b; of the bias only
    ground: Ground

    def place(self, arm: str) -> int:
        return self.arms.index(arm)

    def final(self, arm: str) -> float:
        """Test accuracy at the end, the median of all seeds; one that diverged counts as 0."""
        return float(np.median(np.nan_to_num(self.test_accuracy[self.place(arm), :, -1])))

    def lost(self, arm: str) -> int:
        """In how many seeds it diverged."""
        return int((self.diverged_at[self.place(arm)] != NEVER).sum())

    def learned(self, arm: str) -> bool:
        """Whether the median seed is closer to being always right than to guessing."""
        return self.final(arm) >= (1 + 1 / self.config.data().classes) / 2

    def pace(self, arm: str) -> float:
        """Test accuracy over all of training, the median of the seeds."""
        values = np.nan_to_num(self.test_accuracy[self.place(arm)].astype(np.float64))
        return float(np.median(over_training(values, self.steps)))

    def ahead(self, arm: str, other: str) -> int:
        """In how many seeds the one ends with a higher test accuracy than the other."""
        one, two = (
            np.nan_to_num(self.test_accuracy[self.place(name), :, -1]) for name in (arm, other)
        )
        return int((one > two).sum())


LAYERS = {PLACE: "constant", AFFINE: "moved", ZERO: "moved", DROPOUT: "ratio"}
"""What is measured layer by layer: see engine.placement."""


@bounded
def run(config: PlacementConfig, report: Report = silent, workers: int = 2) -> PlacementResult:
    """Train every network of the comparison from the same weights on the same batches.

    Pure: the same config, the same bits.
    """
    arms, data = ARMS[config.compare], config.data()
    samples = torch.tensor(data.train_inputs[: config.probed()])
    probes: dict[str, Probe] = {
        PLACE: constant_share(samples),
        BIAS: bias_gradients,
        AFFINE: moved_gammas,
        ZERO: moved_gammas,
        DROPOUT: variance_ratios(samples),
    }
    records = recording_steps(config.steps, RECORDS)
    histories = train_arms(
        config, arms, [probes[config.compare]], report, workers, record_at=records
    )
    measured = {
        name: stacked(histories, name, (width,), tuple(arms))
        for name, width in (
            ("bias", 3),
            ("theory", config.depth),
            (LAYERS.get(config.compare, "nothing"), config.depth),
        )
    }
    rows = list(histories.values())
    return PlacementResult(
        config,
        tuple(arms),
        np.array(records),
        np.stack([smoothed(row) for row in rows]),
        np.stack([row.test_accuracies for row in rows]),
        np.stack([diverged_at(row) for row in rows]),
        measured[LAYERS[config.compare]] if config.compare in LAYERS else None,
        measured["theory"] if config.compare == DROPOUT else None,
        measured["bias"] if config.compare == BIAS else None,
        ground(config.dataset),
    )


# ------------------------------------------------------------------ in words


def findings(result: PlacementResult) -> list[str]:
    """What this run shows, in sentences, each computed from it."""
    sentences = {
        PLACE: [_place, _input, _constant],
        BIAS: [_bias, _with_and_without, _bias_after, _wandering],
        AFFINE: [_affine, _moved, _against_plain],
        ZERO: [_zero, _ends_of_zero, _inside, _opened],
        DROPOUT: [_ratio, _own_and_inherited, _cost_of_dropout],
    }[result.config.compare]
    said = [sentence(result) for sentence in sentences]
    return [*filter(None, said), *_diverged(result)]


def _end(result: PlacementResult, arm: str) -> str:
    """87.3 %; diverged, where most seeds did."""
    lost = result.lost(arm)
    return "diverged" if 2 * lost > result.config.seeds else portion(result.final(arm))


def _seeds(result: PlacementResult, number: int) -> str:
    return count(number, result.config.seeds)


def _place(result: PlacementResult) -> str:
    before, after = result.final("before"), result.final("after")
    ends = (
        f"test accuracy {_end(result, 'before')} with BN before the activation,"
        f" {_end(result, 'after')} with BN after it"
    )
    others = f"plain {_end(result, 'plain')}, BN on the input only {_end(result, 'input only')}"
    others_end = max(before, after, result.final("plain"))
    if result.learned("input only") and result.final("input only") - others_end >= SMALL:
        return (
            f"**BN on the input is what counts here**: test accuracy {_end(result, 'input only')},"
            f" before the activation {_end(result, 'before')}, after it {_end(result, 'after')},"
            f" plain {_end(result, 'plain')}."
        )
    if not (result.learned("before") or result.learned("after")):
        return _unlearned(result, "BN in the hidden layers", f"{ends} ({others})")
    if result.final("plain") > max(before, after) - SMALL:
        return f"**BN does not help here, before the activation or after it**: {ends} ({others})."
    if abs(before - after) < SMALL:
        return f"**Before or after hardly matters here**: {ends}. For comparison: {others}."
    better, worse = ("before", "after") if before > after else ("after", "before")
    won = _seeds(result, result.ahead(better, worse))
    return (
        f"**BN {better} the activation is better here**, in {won}: {ends}. For comparison:"
        f" {others}."
    )


def _unlearned(result: PlacementResult, treatment: str, told: str) -> str:
    """The headline where networks with this treatment do not learn: does any other?"""
    if all(_end(result, arm) == "diverged" for arm in result.arms):
        return "**Every network diverged here**: there is nothing to compare."
    if any(result.learned(arm) for arm in result.arms):
        return f"**{treatment} does not help here**: {told}."
    return f"**No network learns here**: {told}."


def _input(result: PlacementResult) -> str:
    own, plain = result.final("input only"), result.final("plain")
    better = max(("before", "after"), key=result.final)
    hidden = result.final(better)
    ends = f"{_end(result, 'input only')}, plain {_end(result, 'plain')}"
    if not (result.learned("input only") or result.learned("plain")):
        said = f"BN on the input alone does not help, neither network learns: {ends}"
    elif own - plain >= SMALL:
        said = f"BN on the input alone helps: {ends}"
    elif plain - own >= SMALL:
        said = f"BN on the input alone does harm: {ends}"
    else:
        said = f"BN on the input alone does not help: {ends}"
    if hidden - own >= SMALL:
        if not result.learned(better):
            return f"{said}. BN in the hidden layers comes to {portion(hidden)} at best."
        return f"{said}. It cannot do what BN in the hidden layers does."
    if own - hidden >= SMALL:
        best = _end(result, better)
        return f"{said}. BN in the hidden layers alone does less here, {best} at best."
    return f"{said}. Here BN in the hidden layers does no more."


def _constant(result: PlacementResult) -> str:
    assert result.by_layer is not None
    shares = [median(result.by_layer[result.place(arm), :, 0, -1]) for arm in _HIDDEN]
    if not np.isfinite(shares).all():
        return ""
    plain, before, after = (f"{100 * abs(share):.0f} %" for share in shares)
    return (
        "At the start, of what the last hidden layer hands on, this share is the same for every"
        f" sample: {plain} in plain, {before} with BN before the activation, {after} with BN after."
    )


_HIDDEN = ("plain", "before", "after")


def _over_training(result: PlacementResult, arm: str, measure: int) -> float:
    """The median over seeds and records of one measure of the biases."""
    assert result.bias is not None
    return median(result.bias[result.place(arm), ..., measure])


_GRADIENT, _OF_BETA, _LENGTH = range(3)


def _bias(result: PlacementResult) -> str:
    own, beta = (_over_training(result, "bias kept", k) for k in (_GRADIENT, _OF_BETA))
    if not np.isfinite([own, beta]).all():
        return "**Every network that keeps the bias diverged at once**: nothing to compare."
    sizes = f"typically {_power(own)}, while β of the same layers gets {_power(beta)}"
    if own < ROUNDING * beta:
        return f"**A bias in front of BN gets no gradient**, only rounding: {sizes}."
    if beta == 0:
        return "**No gradient reaches the bias in front of BN, and none reaches β.**"
    return f"**A bias in front of BN gets a gradient here**: {sizes}."


def _power(value: float) -> str:
    if value == 0:
        return "exactly 0"
    if 9.5 <= value < 9999.5:
        return f"{value:.0f}"
    return f"{value:.1g}".replace("e-0", "e-").replace("e+0", "e")


def _with_and_without(result: PlacementResult) -> str:
    arms = ("no bias", "bias kept")
    if all(_end(result, arm) == "diverged" for arm in arms):
        return ""
    ends = [np.nan_to_num(result.test_accuracy[result.place(arm), :, -1]) for arm in arms]
    apart = float(np.abs(ends[0] - ends[1]).max())
    both = f"{_end(result, 'no bias')} without it and {_end(result, 'bias kept')} with it"
    if apart < SMALL:
        points = in_points(apart)
        never = "never a full point" if points == "0 points" else f"never more than {points}"
        return f"It can be left out: test accuracy {both}; the two are {never} apart in a seed."
    return (
        f"Test accuracy is {both}, up to {in_points(apart)} apart in a seed. Rounding alone"
        " makes that difference: training amplifies it."
    )


def _bias_after(result: PlacementResult) -> str:
    after, kept = (_over_training(result, arm, _GRADIENT) for arm in ("after", "bias kept"))
    if not np.isfinite([after, kept]).all():
        return ""
    if after > kept / ROUNDING:
        return (
            f"With BN after the activation the bias does get a gradient, {_power(after)}: it"
            " decides where the activation bends, and no β can replace that."
        )
    return f"With BN after the activation the bias's gradient is {_power(after)}."


def _wandering(result: PlacementResult) -> str:
    assert result.bias is not None
    moved = median(result.bias[result.place("bias kept"), :, -1, _LENGTH])
    if not np.isfinite(moved):
        return ""
    if moved < STILL:
        return f"At the end the bias in front of BN is still {_power(moved)}: it has not moved."
    if result.config.optimizer == "adam":
        return (
            f"Yet it has moved, by {_power(moved)}: Adam divides each gradient by its own size,"
            " rounding included. The outputs do not notice."
        )
    return f"Yet it has moved, by {_power(moved)}: rounding, times this learning rate, adds up."


def _affine(result: PlacementResult) -> str:
    trained, frozen = result.final("trained"), result.final("frozen")
    ends = (
        f"test accuracy {_end(result, 'trained')} with γ and β trained, {_end(result, 'frozen')}"
        " with both frozen at 1 and 0"
    )
    if not (result.learned("trained") or result.learned("frozen")):
        return _unlearned(result, "BN, with or without γ and β,", ends)
    if abs(trained - frozen) < SMALL:
        return f"**Training γ and β hardly matters here**: {ends}."
    if trained > frozen:
        won = _seeds(result, result.ahead("trained", "frozen"))
        return f"**Training γ and β helps here**, in {won}: {ends}."
    won = _seeds(result, result.ahead("frozen", "trained"))
    return f"**Training γ and β does not help here**: better frozen in {won}, {ends}."


def _moved(result: PlacementResult) -> str:
    assert result.by_layer is not None
    moved = median(result.by_layer[result.place("trained"), :, -1])
    if not np.isfinite(moved):
        return ""
    return f"By the end γ has moved from 1 by {_power(moved)} in the typical layer."


def _against_plain(result: PlacementResult) -> str:
    frozen, plain = result.final("frozen"), result.final("plain")
    ends = f"{_end(result, 'frozen')}, plain {_end(result, 'plain')}"
    if not (result.learned("frozen") or result.learned("plain")):
        return f"Normalizing alone, without γ and β, does not make it learn here: {ends}."
    if frozen - plain >= SMALL:
        return f"Normalizing alone, without γ and β, already helps: {ends}."
    if plain - frozen >= SMALL:
        return f"Normalizing alone, without γ and β, is worse than nothing here: {ends}."
    return f"Normalizing alone, without γ and β, does not help here: {ends}."


def _zero(result: PlacementResult) -> str:
    one, zero = result.pace("γ from 1"), result.pace("γ from 0")
    paces = (
        f"averaged over training, test accuracy is {portion(zero)} with γ from 0 and"
        f" {portion(one)} with γ from 1"
    )
    if not (result.learned("γ from 0") or result.learned("γ from 1")):
        return _unlearned(result, "BN at the end of the branches", paces)
    if abs(one - zero) < SMALL:
        return f"**Starting γ at zero hardly matters here**: {paces}."
    if zero > one:
        return f"**Starting γ at zero helps here**: {paces}."
    return f"**Starting γ at zero does not help here**: {paces}."


def _ends_of_zero(result: PlacementResult) -> str:
    ends = ", ".join(f"{arm} {_end(result, arm)}" for arm in ("γ from 0", "γ from 1", "plain"))
    return f"At the end: {ends}, all with skip connections."


def _branches(result: PlacementResult, arm: str) -> NDArray[np.bool_]:
    """Which branches' gamma has moved by the end, over seeds and layers; of those that have one."""
    assert result.by_layer is not None
    ends = result.by_layer[result.place(arm), :, -1, 1:]
    return np.asarray(ends[np.isfinite(ends)] > 0)


def _inside(result: PlacementResult) -> str:
    moved = _branches(result, "0, inside")
    if not moved.size:
        return ""
    name = result.config.activation
    where = "With BN in front of the activation and γ from zero"
    if not moved.any():
        return (
            f"{where}, **no branch ever opens**: with γ = β = 0 the activation ({name}) is given"
            " zeros alone, where its slope counts as 0, so that γ gets no gradient. What trains is"
            f" a network of one hidden layer, to {_end(result, '0, inside')}."
        )
    if moved.all():
        return (
            f"{where}, every branch opens here: the activation ({name}) has a slope at zero, and"
            " γ gets a gradient."
        )
    return f"{where}, γ moves in {int(moved.sum())} of {moved.size} branches."


def _opened(result: PlacementResult) -> str:
    assert result.by_layer is not None
    ends = median(result.by_layer[result.place("γ from 0"), :, -1, 1:])
    if not ends > 0:
        return ""
    return (
        f"With BN at the end of the branch γ grows from 0 to {_power(ends)} in the typical branch:"
        " a branch starts closed, and training opens it."
    )


def _ratios(result: PlacementResult, arm: str) -> NDArray[np.float64]:
    """Median ratio over the seeds at the last record, (depth,)."""
    assert result.by_layer is not None
    ends = result.by_layer[result.place(arm), :, -1]
    return np.array([median(layer) for layer in ends.T])


def _predicted(result: PlacementResult, arm: str) -> NDArray[np.float64]:
    assert result.theory is not None
    return np.array([median(layer) for layer in result.theory[result.place(arm), :, -1].T])


LOOKED_AT = "20 %"  # the dropout that the sentences speak of


def _ratio(result: PlacementResult) -> str:
    ratios, without = _ratios(result, LOOKED_AT)[1:], _ratios(result, "no dropout")[1:]
    if not ratios.size:
        return "**One hidden layer has no dropout in front of its BN**: nothing shifts."
    if not np.isfinite(ratios).any():
        return f"**The networks with {LOOKED_AT} dropout diverged**: nothing to compare."
    largest = 1 + int(np.nanargmax(np.abs(np.log(ratios))))
    value = ratios[largest - 1]
    base = without[largest - 1]
    beside = f", without dropout {base:.2f} times" if np.isfinite(base) else ""
    if abs(value - 1) < SMALL:
        return (
            f"**Dropout hardly shifts the variance here**: with {LOOKED_AT} of the outputs dropped,"
            f" BN's input has {value:.2f} times the variance in training{beside}."
        )
    return (
        f"**Dropout makes training and inference disagree**: with {LOOKED_AT} of the outputs"
        f" dropped, BN in layer {largest + 1} is given {value:.2f} times the variance in training"
        f" that it is given in inference{beside}."
    )


def _own_and_inherited(result: PlacementResult) -> str:
    ratios, theory = _ratios(result, LOOKED_AT), _predicted(result, LOOKED_AT)
    if len(ratios) < 2 or not np.isfinite([ratios[1], theory[1]]).all():
        return ""
    first = (
        "Layer 2 is the first with dropout in front of it: measured"
        f" {ratios[1]:.2f}, predicted {theory[1]:.2f}."
    )
    if len(ratios) == 2 or not np.isfinite([ratios[-1], theory[-1]]).all():
        return first
    last = f"{first} In layer {len(ratios)} its own dropout predicts {theory[-1]:.2f}, and"
    last += f" {ratios[-1]:.2f} is measured"
    if abs(ratios[-1] - theory[-1]) < SMALL:
        return f"{last}."
    return f"{last}: the difference comes from the layers before."


def _cost_of_dropout(result: PlacementResult) -> str:
    ends = ", ".join(f"{_end(result, arm)} ({arm})" for arm in result.arms)
    return (
        f"Test accuracy: {ends}. Do not read the shift out of this: dropout also makes training"
        " slower, with BN or without."
    )


def _diverged(result: PlacementResult) -> list[str]:
    lost = [(arm, result.lost(arm)) for arm in result.arms]
    said = [f"{arm} in {_seeds(result, number)}" for arm, number in lost if number]
    return [f"Diverged: {'; '.join(said)}."] if said else []


# ------------------------------------------------------------------ what is often believed


def misconceptions(result: PlacementResult) -> dict[str, str]:
    """Common beliefs about the place of BN, met by this run and by the ground."""
    own = {
        PLACE: _beliefs_about_place,
        BIAS: _beliefs_about_bias,
        AFFINE: _beliefs_about_affine,
        ZERO: _beliefs_about_zero,
        DROPOUT: _beliefs_about_dropout,
    }[result.config.compare]
    return own(result) | beliefs_about_inputs(result.ground)


def _beliefs_about_place(result: PlacementResult) -> dict[str, str]:
    ends = f"before {_end(result, 'before')}, after {_end(result, 'after')}"
    if result.learned("before") and result.final("before") - result.final("after") >= SMALL:
        must = f"Here it is better there: {ends}. See whether that holds for other activations."
    elif result.learned("after"):
        must = f"This network learns with BN after it as well: {ends}."
    else:
        must = f"Here it learns with BN in neither place: {ends}."
    return {
        "BN must stand before the activation": must,
        "Scaling the data does what BN does": _scaling(result),
    }


def _scaling(result: PlacementResult) -> str:
    own, plain, before = (result.final(arm) for arm in ("input only", "plain", "before"))
    compared = (
        f"on the input {_end(result, 'input only')}, in the hidden layers"
        f" {_end(result, 'before')}, plain {_end(result, 'plain')}"
    )
    if not any(result.learned(arm) for arm in ("input only", "plain", "before")):
        return f"This run cannot tell, none of the three learns: {compared}."
    if max(own, before) - plain < SMALL:
        return f"In this run neither helps ({compared}), so it cannot tell the two apart."
    if before - own >= SMALL:
        return (
            f"It does what BN on the input does, and no more: {compared}. What the hidden layers"
            " make of the data changes in training; only BN inside follows."
        )
    if own - before < SMALL:
        return f"In this run the two end alike ({compared}). At another rate they may not."
    drowned = " BN in a hidden layer sees sums in which the widest features drown the others."
    return (
        f"It does something else. Here it is what counts: {compared}."
        f"{drowned if result.config.features == 'wild' else ''}"
    )


def _beliefs_about_bias(result: PlacementResult) -> dict[str, str]:
    own, beta = (_over_training(result, "bias kept", k) for k in (_GRADIENT, _OF_BETA))
    after = _over_training(result, "after", _GRADIENT)
    known = np.isfinite([own, beta, after]).all()
    if not known:
        needed = everywhere = "This run cannot tell: networks diverged at once."
    else:
        gets = f"its gradient is {_power(own)}, β's {_power(beta)}"
        if own < ROUNDING * beta:
            needed = f"BN subtracts it with the mean: {gets}. β takes its place."
        else:
            needed = f"BN subtracts it with the mean, up to rounding; in this run {gets}."
        gets = f"where BN follows the activation, the bias's gradient is {_power(after)}"
        if after > ROUNDING * beta:
            everywhere = f"Only in front of BN; {gets}."
        else:
            everywhere = f"In this run it looks so: even {gets}."
    return {
        "The bias before BN is needed": needed,
        "With BN, no layer needs a bias": everywhere,
    }


def _beliefs_about_affine(result: PlacementResult) -> dict[str, str]:
    trained, frozen, plain = (result.final(arm) for arm in ("trained", "frozen", "plain"))
    ends = f"trained {_end(result, 'trained')}, frozen {_end(result, 'frozen')}"
    if result.learned("trained") and not result.learned("frozen"):
        without = f"In this run it is so: {ends}."
    elif not result.learned("frozen"):
        without = f"Here it learns neither with nor without them: {ends}."
    elif trained - frozen >= SMALL:
        without = f"Without them it is weaker here: {ends}."
    elif frozen - trained >= SMALL:
        without = f"This network learns better without them: {ends}."
    else:
        without = f"This network learns as well without them: {ends}."
    compared = f"plain {_end(result, 'plain')}, {ends}"
    if result.learned("frozen") and frozen - plain >= SMALL:
        works = f"No: with both frozen it still does better than plain ({compared})."
    elif result.learned("trained") and trained - max(plain, frozen) >= SMALL:
        works = f"In this run they do count: {compared}."
    else:
        works = f"This run cannot tell: {compared}."
    return {
        "Without γ and β a network with BN can hardly learn": without,
        "It is γ and β that make BN work": works,
    }


def _beliefs_about_zero(result: PlacementResult) -> dict[str, str]:
    opened, inside = _branches(result, "γ from 0"), _branches(result, "0, inside")
    return {
        "A branch that starts at zero can never learn": _some(opened, "With BN at its end"),
        "Where in the branch BN stands does not matter": _some(
            inside, "With BN in front of the activation instead"
        )
        + f" Test accuracy: {_end(result, 'γ from 0')} at the end of the branch,"
        f" {_end(result, '0, inside')} inside.",
    }


def _some(moved: NDArray[np.bool_], where: str) -> str:
    if not moved.size:
        return f"{where}: no branch to look at in this run."
    return f"{where}, γ has left zero in {int(moved.sum())} of {moved.size} branches."


def _beliefs_about_dropout(result: PlacementResult) -> dict[str, str]:
    learned = [result.learned(arm) for arm in result.arms[1:]]
    ends = ", ".join(f"{_end(result, arm)} ({arm})" for arm in result.arms)
    if all(learned):
        never = f"Networks with both learn here: {ends}."
    elif any(learned):
        never = f"Some networks with both learn here, some do not: {ends}. More steps may tell."
    elif result.learned(result.arms[0]):
        never = f"In this run they do not: {ends}. More steps may tell."
    else:
        never = f"This run cannot tell, BN alone does not learn: {ends}."
    ratios = _ratios(result, LOOKED_AT)[1:]
    if not np.isfinite(ratios).any():
        describe = "No layer to look at in this run."
    else:
        low, high = f"{np.nanmin(ratios):.2f}", f"{np.nanmax(ratios):.2f}"
        describe = (
            f"They describe training. With {LOOKED_AT} dropout in front of it, a layer has"
            f" {low if low == high else f'{low} to {high}'} times as much variance there as in"
            " inference."
        )
    return {
        "BN and dropout never go together": never,
        "The running statistics describe what inference sees": describe,
    }


# ------------------------------------------------------------------ the guess

ALIKE = "before and after alike"
GUESSES: Sequence[str] = ("plain", "before", "after", ALIKE, "input only")


def first(config: PlacementConfig) -> PlacementConfig:
    """The same settings, with the networks that the guess is about."""
    return config.model_copy(update={"compare": PLACE})


def who_is_best(result: PlacementResult) -> tuple[str, str]:
    """Which network of PLACE ends with the highest test accuracy, and what is to be said."""
    ends = {arm: result.final(arm) for arm in result.arms}
    best = max(ends, key=lambda arm: ends[arm])
    hidden = abs(ends["before"] - ends["after"]) < SMALL
    nobody = not ends[best]  # all have diverged
    alike = nobody or (hidden and best in ("before", "after"))
    return (ALIKE if alike else best), findings(result)[0]
