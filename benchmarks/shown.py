"""What each page shows at its defaults: the run behind it, and the figures drawn of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

from pydantic import BaseModel

from bnviz.experiments import (
    activations,
    backward,
    batches,
    changed_inputs,
    company,
    forgiveness,
    gradients,
    home,
    lab,
    landscape,
    left_in_inference,
    modes,
    moments,
    noise,
    placement,
    race,
    rates,
    redrawn_batches,
    relatives,
    scale,
    shift,
    signals,
    sorted_batches,
    surface,
    transform,
)
from bnviz.experiments.activations import ActivationsConfig
from bnviz.experiments.backward import BackwardConfig
from bnviz.experiments.batches import BatchesConfig
from bnviz.experiments.changed_inputs import InputsConfig
from bnviz.experiments.company import SampleConfig, SampleResult
from bnviz.experiments.forgiveness import ForgivenessConfig
from bnviz.experiments.gradients import GradientsConfig
from bnviz.experiments.home import HomeConfig
from bnviz.experiments.lab import LabelledResult
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.landscape import LandscapeConfig
from bnviz.experiments.left_in_inference import LeftInInferenceConfig
from bnviz.experiments.modes import ModesConfig
from bnviz.experiments.moments import MomentsConfig
from bnviz.experiments.noise import NoiseConfig
from bnviz.experiments.placement import PlacementConfig
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.rates import RatesConfig
from bnviz.experiments.redrawn_batches import AloneConfig
from bnviz.experiments.relatives import RelativesConfig
from bnviz.experiments.scale import ScaleConfig
from bnviz.experiments.shift import ShiftConfig
from bnviz.experiments.signals import SignalsConfig
from bnviz.experiments.sorted_batches import SortedConfig, SortedResult
from bnviz.experiments.surface import SurfaceConfig
from bnviz.experiments.transform import TransformConfig
from bnviz.figures import LIGHT, Figure, mode_sections
from bnviz.figures import activations as activations_figures
from bnviz.figures import backward as backward_figures
from bnviz.figures import batches as batches_figures
from bnviz.figures import changed_inputs as inputs_figures
from bnviz.figures import forgiveness as forgiveness_figures
from bnviz.figures import gradients as gradients_figures
from bnviz.figures import home as home_figures
from bnviz.figures import lab as lab_figures
from bnviz.figures import landscape as landscape_figures
from bnviz.figures import modes as modes_figures
from bnviz.figures import noise as noise_figures
from bnviz.figures import placement as placement_figures
from bnviz.figures import race as race_figures
from bnviz.figures import rates as rates_figures
from bnviz.figures import redrawn_batches as redrawn_figures
from bnviz.figures import relatives as relatives_figures
from bnviz.figures import scale as scale_figures
from bnviz.figures import shift as shift_figures
from bnviz.figures import signals as signals_figures
from bnviz.figures import sorted_batches as sorted_figures
from bnviz.figures import stack as stack_figures
from bnviz.figures import surface as surface_figures
from bnviz.figures import transform as transform_figures
from bnviz.verdicts.placement import judge as judge_placement
from bnviz.verdicts.signals import judge as judge_signals
from bnviz.verdicts.transform import judge_pair
from bnviz.words.signals.findings import arrivals
from bnviz.words.transform import pair as above

Draw = Callable[[Any], dict[str, Figure]]


def _home(result: home.HomeResult) -> dict[str, Figure]:
    return {
        "networks": home_figures.networks(result, LIGHT),
    }


def _race(result: race.RaceResult) -> dict[str, Figure]:
    figures = {
        "accuracy": race_figures.accuracy(result, LIGHT),
        "loss": race_figures.loss(result, LIGHT),
    }
    if result.decision is not None:
        figures["boundaries"] = race_figures.boundaries(result, LIGHT)
    return figures


def _forgiveness(result: forgiveness.ForgivenessResult) -> dict[str, Figure]:
    marked = result.config.marked
    return {
        "plain": forgiveness_figures.accuracy(result, LIGHT, "plain", marked),
        "BN": forgiveness_figures.accuracy(result, LIGHT, "batch", marked),
        "difference": forgiveness_figures.difference(result, LIGHT, marked),
        "windows": forgiveness_figures.windows(result, LIGHT),
    }


def _rates(result: rates.RatesResult) -> dict[str, Figure]:
    return {
        "accuracy": rates_figures.accuracy(result, LIGHT),
        "steps": rates_figures.steps(result, LIGHT),
    }


def _activations(result: activations.ActivationsResult) -> dict[str, Figure]:
    return {
        "ridges": activations_figures.ridgelines(result, LIGHT),
    }


def _noise(result: noise.NoiseResult) -> dict[str, Figure]:
    return {
        "accuracy": noise_figures.accuracy(result, LIGHT),
        "losses": noise_figures.losses(result, LIGHT),
    }


def _alone(result: redrawn_batches.AloneResult) -> dict[str, Figure]:
    return {
        "mean": redrawn_figures.law_of_the_mean(result.sampling, LIGHT),
        "variance": redrawn_figures.law_of_the_variance(result.sampling, LIGHT),
        "unit": redrawn_figures.activation(result, LIGHT),
        "prediction": redrawn_figures.probability(result, LIGHT),
    }


def _modes(result: modes.ModesResult) -> dict[str, Figure]:
    return {
        "training": modes_figures.over_training(result, LIGHT),
        "momentum": modes_figures.by_momentum(result, LIGHT),
    }


def _modes_below(result: modes.ModesResult) -> dict[str, Figure]:
    return {
        "mean": mode_sections.statistics(result, result.units[0], LIGHT)[0],
        "variance": mode_sections.statistics(result, result.units[0], LIGHT)[1],
        "sample": modes_figures.one_sample(result, LIGHT),
        "evaluation": mode_sections.evaluation(result, LIGHT),
    }


def _left(result: left_in_inference.LeftInInferenceResult) -> dict[str, Figure]:
    return {"left": mode_sections.left_in_inference(_right(), result, LIGHT)}


@cache
def _right() -> modes.ModesResult:
    return modes.run(ModesConfig())


def _signals(result: signals.SignalsResult) -> dict[str, Figure]:
    verdict = judge_signals(result)
    return {
        which: signals_figures.profile(result, LIGHT, which, arrivals(verdict, which))
        for which in ("signal", "gradient")
    }


def _gradients(result: gradients.GradientsResult) -> dict[str, Figure]:
    return {
        "needles": gradients_figures.needles(result, LIGHT),
    }


def _shift(result: shift.ShiftResult) -> dict[str, Figure]:
    return {
        "accuracy": shift_figures.accuracy(result, LIGHT),
        "turning": shift_figures.turning(result, LIGHT),
    }


def _shift_below(result: shift.ShiftResult) -> dict[str, Figure]:
    return {
        "cosines": shift_figures.cosines(result, LIGHT),
        "distances": shift_figures.distances(result, LIGHT),
    }


def _moments(result: moments.MomentsResult) -> dict[str, Figure]:
    return {"moments": shift_figures.moments(result, LIGHT)}


def _inputs(result: changed_inputs.Inputs) -> dict[str, Figure]:
    return {
        "inputs": inputs_figures.inputs(result, LIGHT),
        "worlds": inputs_figures.worlds(result, LIGHT),
    }


def _scale(result: scale.ScaleResult) -> dict[str, Figure]:
    layer = next(iter(scale.LAYERS))
    return {
        "outputs": scale_figures.outputs(result, LIGHT),
        "gradients": scale_figures.gradients(result, LIGHT),
        "growth": scale_figures.growth(result, LIGHT, layer),
        "angles": scale_figures.angles(result, LIGHT, layer),
    }


def _placement(result: placement.PlacementResult) -> dict[str, Figure]:
    return {
        "accuracy": placement_figures.accuracy(result, LIGHT),
        "loss": placement_figures.loss(result, LIGHT),
        "layers": placement_figures.detail(result, LIGHT, judge_placement(result).about),
    }


def _batches(result: batches.BatchesResult) -> dict[str, Figure]:
    return {
        "errors": batches_figures.errors(result, LIGHT),
        "published": batches_figures.published(LIGHT),
    }


def _sample(result: SampleResult) -> dict[str, Figure]:
    return {"prediction": batches_figures.one_prediction(result, LIGHT)}


def _sorted(result: SortedResult) -> dict[str, Figure]:
    return {
        "sorted": sorted_figures.on_sorted(result, LIGHT),
        "company": sorted_figures.company(result, LIGHT),
    }


def _landscape(result: landscape.LandscapeResult) -> dict[str, Figure]:
    return {
        "variation": landscape_figures.variation(result, LIGHT),
        "curve": landscape_figures.curve(result, LIGHT),
    }


def _surface(result: surface.SurfaceResult) -> dict[str, Figure]:
    return {
        "contours": surface_figures.contours(result, LIGHT),
        "relief": surface_figures.relief(result, LIGHT),
    }


def _relatives(result: relatives.RelativesResult) -> dict[str, Figure]:
    before, after = stack_figures.stacks(result, LIGHT, "batch", (0, 0))
    return {
        "before": before,
        "normalized": after,
        "ladder": relatives_figures.ladder(result, LIGHT),
        "curves": relatives_figures.curves(result, LIGHT),
    }


def _transform(result: transform.TransformResult) -> dict[str, Figure]:
    pair = judge_pair(result, 0)
    said = above(pair)
    return {
        "stages": transform_figures.stages(result, LIGHT),
        "sigmoid": transform_figures.sigmoid(result, LIGHT),
        "pairs": transform_figures.pairs(result, LIGHT, 0, pair.other, said),
    }


def _backward(result: backward.BackwardResult) -> dict[str, Figure]:
    return {
        "graph": backward_figures.graph(result, LIGHT, 1),
    }


@cache
def _arm_a() -> lab.LabResult:
    return lab.run(LabConfig(diagnostic="signal size"))


def _lab(result: lab.LabResult) -> dict[str, Figure]:
    """The page: this run as its arm B, beside plain."""
    a, b = LabelledResult("A", _arm_a()), LabelledResult("B", result)
    return {
        "accuracy": lab_figures.accuracy([a, b], LIGHT),
        "loss": lab_figures.loss([a, b], LIGHT),
        **lab_figures.diagnostic(a, b, LIGHT, {}),
    }


class Row(NamedTuple):
    """A run at its defaults, and the figures that are drawn of it."""

    experiment: ModuleType
    config: BaseModel
    draw: Draw
    run: str = "run"


PAGES: dict[str, Row] = {
    "Home": Row(home, HomeConfig(), _home),
    "Transform": Row(transform, TransformConfig(), _transform),
    "Backward": Row(backward, BackwardConfig(), _backward),
    "Race, digits": Row(race, RaceConfig(), _race),
    "Race, spirals": Row(race, RaceConfig(dataset="spirals"), _race),
    "Rates": Row(rates, RatesConfig(), _rates),
    "Forgiveness, one seed": Row(forgiveness, ForgivenessConfig(seeds=1), _forgiveness),
    "Activations": Row(activations, ActivationsConfig(), _activations),
    "Modes": Row(modes, ModesConfig(), _modes),
    "Noise": Row(noise, NoiseConfig(), _noise),
    "Landscape": Row(landscape, LandscapeConfig(), _landscape),
    "Signals": Row(signals, SignalsConfig(), _signals),
    "Gradients": Row(gradients, GradientsConfig(), _gradients),
    "Shift": Row(shift, ShiftConfig(), _shift),
    "Scale": Row(scale, ScaleConfig(), _scale),
    "Batches": Row(batches, BatchesConfig(), _batches),
    "Placement": Row(placement, PlacementConfig(), _placement),
    "Relatives": Row(relatives, RelativesConfig(), _relatives),
    "Lab, one arm": Row(lab, LabConfig(normalizer="batch", diagnostic="signal size"), _lab),
}
"""What a page shows when it is opened."""

BELOW: dict[str, Row] = {
    "Modes, below": Row(modes, ModesConfig(), _modes_below),
    "Modes, left in inference": Row(left_in_inference, LeftInInferenceConfig(), _left),
    "Noise, one network": Row(redrawn_batches, AloneConfig(), _alone),
    "Landscape, surface": Row(surface, SurfaceConfig(), _surface),
    "Shift, by layer": Row(shift, ShiftConfig(), _shift_below),
    "Shift, moments": Row(moments, MomentsConfig(), _moments),
    "Shift, inputs": Row(changed_inputs, InputsConfig(), _inputs),
    "Batches, one sample": Row(company, SampleConfig(), _sample),
    "Batches, sorted": Row(sorted_batches, SortedConfig(), _sorted),
}
"""What is computed and drawn where a closed section is opened."""
