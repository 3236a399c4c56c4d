"""Every picture of every lesson, drawn from a result: beside that of its run, those below."""

from dataclasses import replace
from functools import cache, lru_cache

import numpy as np

from bnviz.experiments import (
    alone,
    backward_mistake,
    batches,
    changed_inputs,
    company,
    inputs,
    lab,
    lab_surface,
    left_in_inference,
    moments,
    other_noises,
    paper,
    recurrent,
    redrawn_batches,
    scale,
    sorted_batches,
    surface,
)
from bnviz.figures import activations as activations_pictures
from bnviz.figures import alone as alone_pictures
from bnviz.figures import backward as backward_pictures
from bnviz.figures import batches as batches_pictures
from bnviz.figures import changed_inputs as worlds_pictures
from bnviz.figures import collapse as collapse_pictures
from bnviz.figures import forgiveness as forgiveness_pictures
from bnviz.figures import gradients as gradients_pictures
from bnviz.figures import home as home_pictures
from bnviz.figures import inputs as input_pictures
from bnviz.figures import lab as lab_pictures
from bnviz.figures import lab_surface as lab_surface_pictures
from bnviz.figures import landscape as landscape_pictures
from bnviz.figures import layer_maps, mode_sections, scale_starts
from bnviz.figures import modes as modes_pictures
from bnviz.figures import noise as noise_pictures
from bnviz.figures import other_noises as other_noises_pictures
from bnviz.figures import paper as paper_pictures
from bnviz.figures import placement as placement_pictures
from bnviz.figures import race as race_pictures
from bnviz.figures import rates as rates_pictures
from bnviz.figures import recurrent as recurrent_pictures
from bnviz.figures import redrawn_batches as redrawn_pictures
from bnviz.figures import relatives as relatives_pictures
from bnviz.figures import scale as scale_pictures
from bnviz.figures import shift as shift_pictures
from bnviz.figures import signals as signals_pictures
from bnviz.figures import sorted_batches as sorted_pictures
from bnviz.figures import stack as stack_pictures
from bnviz.figures import surface as surface_pictures
from bnviz.figures import today as today_pictures
from bnviz.figures import transform as transform_pictures
from bnviz.figures.backward_mistake import mistake
from bnviz.figures.growing_rate import growing
from bnviz.figures.one_unit import one_unit
from bnviz.figures.remedies import remedies
from bnviz.verdicts.paper import judge as judge_paper
from bnviz.verdicts.placement import judge as judge_placement
from bnviz.verdicts.rates import bases
from bnviz.verdicts.shift import ARMS
from bnviz.verdicts.signals import judge as judge_signals
from bnviz.verdicts.transform import judge_pair
from bnviz.words.relatives import stack as stack_words
from bnviz.words.signals.findings import arrivals
from tests.figures.results import DIVERGED
from tests.made.growing_rate import made as grown
from tests.made.shift import made_linear
from tests.made.today import made as made_today
from tests.samples import TINY


def pictures_of_home(of, colours):
    return {
        "networks": home_pictures.networks(of, colours),
        "health": home_pictures.health(of, colours),
    }


def pictures_of_race(of, colours):
    figures = {
        "loss": race_pictures.loss(of, colours),
        "accuracy": race_pictures.accuracy(of, colours),
        "accuracy in seconds": race_pictures.accuracy(of, colours, seconds=True),
    }
    if of.decision is not None:
        figures["boundaries"] = race_pictures.boundaries(of, colours)
    return figures


def pictures_of_forgiveness(of, colours):
    coarse = replace(of, accuracy=of.accuracy.copy())  # as it is at first
    coarse.accuracy[:, 1:] = coarse.accuracy[..., 1::2, :] = coarse.accuracy[..., 1::2] = np.nan
    marked = of.config.marked
    figures = {}
    for name, some in (("whole", of), ("coarse", coarse)):
        figures |= {
            f"plain, {name}": forgiveness_pictures.accuracy(some, colours, "plain", marked),
            f"BN, {name}": forgiveness_pictures.accuracy(some, colours, "batch", marked),
            f"difference, {name}": forgiveness_pictures.difference(some, colours, marked),
            f"windows, {name}": forgiveness_pictures.windows(some, colours),
        }
    return figures


paper_of = cache(paper.run)  # each is computed once


def pictures_of_rates(of, colours):
    (base,) = judge_paper([paper_of(paper.pieces(of.config, bases(of))[-1])]).bases
    return {
        "accuracy": rates_pictures.accuracy(of, colours),
        "steps": rates_pictures.steps(of, colours),
        "one rate": rates_pictures.one_rate(of, colours),
        "paper": paper_pictures.arms(base, colours),
    }


def pictures_of_activations(of, colours):
    ridges, maps = activations_pictures.RIDGES, layer_maps.MAPS
    return {
        **{name: activations_pictures.ridgelines(of, colours, name) for name in ridges},
        **{name: layer_maps.layer_map(of, colours, name) for name in maps},
        "one unit": one_unit(of, colours, 1),
        "the last unit": one_unit(of, colours, of.config.width),
    }


@lru_cache(maxsize=64)
def below_noise(config):
    return redrawn_batches.run(redrawn_batches.AloneConfig.like(config))


def pictures_of_noise(of, colours):
    alone = below_noise(of.config)
    ends = {"test_loss": of.test_loss[:2, :, -1], "test_accuracy": of.test_accuracy[:2, :, -1]}
    pairs = [
        other_noises.PairResult(config=piece, **ends) for piece in other_noises.dropouts(of.config)
    ]
    parts = alone.in_batches.activation
    return {
        "accuracy": noise_pictures.accuracy(of, colours),
        "losses": noise_pictures.losses(of, colours),
        "mean": redrawn_pictures.law_of_the_mean(alone.sampling, colours),
        "variance": redrawn_pictures.law_of_the_variance(alone.sampling, colours),
        **{f"unit, {part}": redrawn_pictures.activation(alone, colours, part) for part in parts},
        "prediction": redrawn_pictures.probability(alone, colours),
        "dropout": other_noises_pictures.dropout(of, pairs, colours),
        "some dropout": other_noises_pictures.dropout(of, pairs[:1], colours),
        "sweep": other_noises_pictures.sweep(of, pairs, colours),
        "some of the sweep": other_noises_pictures.sweep(of, pairs[:1], colours),
    }


@lru_cache(maxsize=64)
def below_modes(config):
    return left_in_inference.run(left_in_inference.LeftInInferenceConfig.like(config))


def pictures_of_modes(of, colours):
    measures, unit = modes_pictures.MEASURES, of.units[-1]
    return {
        **{name: modes_pictures.over_training(of, colours, name) for name in measures},
        **{f"momentum, {name}": modes_pictures.by_momentum(of, colours, name) for name in measures},
        **dict(zip(("mean", "variance"), mode_sections.statistics(of, unit, colours), strict=True)),
        "one sample": modes_pictures.one_sample(of, colours),
        "evaluation": mode_sections.evaluation(of, colours),
        "left": mode_sections.left_in_inference(of, below_modes(of.config), colours),
        **{f"sweep, {name}": modes_pictures.sweep([of], colours, name) for name in measures},
    }


def pictures_of_signals(of, colours):
    verdict = judge_signals(of)
    return {
        "signal": signals_pictures.profile(of, colours, "signal", arrivals(verdict, "signal")),
        "gradient": signals_pictures.profile(
            of, colours, "gradient", arrivals(verdict, "gradient")
        ),
        "chain": signals_pictures.chain(of, colours),
        "remedies": remedies([of, of], ["one", "two"], colours),
    }


def pictures_of_gradients(of, colours):
    return {
        "needles": gradients_pictures.needles(of, colours),
        "measures": gradients_pictures.measures(of, colours),
        "sweep": gradients_pictures.sweep([of], colours),
    }


surface_of = cache(surface.run)  # each is computed once


def pictures_of_landscape(of, colours):
    small = {"grid": 7, "samples": 64}
    around = surface.around(of.config, small)
    along = surface.around(of.config, small | {"plane": surface.PLANES[1]})
    both = [surface_of(config) for config in surface.with_and_without_skips(around)]
    return {
        "variation": landscape_pictures.variation(of, colours),
        "curve": landscape_pictures.curve(of, colours),
        "long steps": landscape_pictures.long_steps(of, colours),
        "contours": surface_pictures.contours(surface_of(around), colours),
        "relief": surface_pictures.relief(surface_of(around), colours),
        "contours and the path": surface_pictures.contours(surface_of(along), colours),
        "relief along the path": surface_pictures.relief(surface_of(along), colours),
        "skips": surface_pictures.skips(both, colours),
        "half of the skips": surface_pictures.skips(both[:1], colours),
    }


def pictures_of_scale(of, colours):
    pieces = [
        scale.GainResult(config=piece, accuracy=of.accuracy[:, of.own].astype(np.float32))
        for piece in scale.gains(of.config)
    ]
    layers = (next(iter(scale.LAYERS)), list(scale.LAYERS)[-1])
    return {
        "outputs": scale_pictures.outputs(of, colours),
        "gradients": scale_pictures.gradients(of, colours),
        **{f"growth, {layer}": scale_pictures.growth(of, colours, layer) for layer in layers},
        **{f"angles, {layer}": scale_pictures.angles(of, colours, layer) for layer in layers},
        **{f"starts, {layer}": scale_starts.starts(of, colours, layer) for layer in layers},
        "gains": scale_starts.gains(pieces, colours),
        "growing": growing([grown(), grown(decay=0.1)], colours),
        "one gain": scale_starts.gains(pieces[:1], colours),
    }


@lru_cache(maxsize=64)
def below_batches(config):
    skewed = sorted_batches.run(sorted_batches.few_classes(config, 2))
    return skewed, company.run(company.SampleConfig.like(config))


def pictures_of_batches(of, colours):
    skewed, asked = below_batches(of.config)
    ends = {kind: values[:, -1] for kind, values in skewed.accuracy.items()}
    pieces = [
        batches.FullResult(config=piece, accuracy=ends, precise=of.precise[0])
        for piece in batches.full(of.config)[:3]
    ]
    return {
        "errors": batches_pictures.errors(of, colours),
        "curves": batches_pictures.curves(of, colours),
        "sorted": sorted_pictures.on_sorted(skewed, colours),
        "company": sorted_pictures.company(skewed, colours),
        "one prediction": batches_pictures.one_prediction(asked, colours),
        "published": batches_pictures.published(colours),
        "full": batches_pictures.full(pieces, colours),
        "some of the full": batches_pictures.full(pieces[:1], colours),
    }


def pictures_of_transform(of, colours):
    figures = {}
    for feature in range(of.features):
        other, said = judge_pair(of, feature).other, ("before", "after")
        figures |= {
            f"stages {feature}": transform_pictures.stages(of, colours, feature),
            f"sigmoid {feature}": transform_pictures.sigmoid(of, colours, feature),
            f"pairs {feature}": transform_pictures.pairs(of, colours, feature, other, said),
        }
    return figures


@cache
def mistakes():
    few = [backward_mistake.MistakeConfig(**TINY | more) for more in ({}, DIVERGED)]
    return [backward_mistake.run(config) for config in few]


def pictures_of_backward(of, colours):
    return {
        "graph": backward_pictures.graph(of, colours, of.rows),
        "passing": backward_pictures.passing(of, colours),
        "mistake": mistake(mistakes(), colours),
        "one mistake": mistake(mistakes()[:1], colours),
    }


@lru_cache(maxsize=64)
def below_shift(config):
    followed = moments.run(moments.MomentsConfig.like(config))
    return followed, changed_inputs.run(changed_inputs.InputsConfig.like(config))


def pictures_of_shift(of, colours):
    followed, changed = below_shift(of.config)
    linear = [made_linear(arm) for arm in ARMS]
    return {
        "inputs": worlds_pictures.inputs(changed, colours),
        "worlds": worlds_pictures.worlds(changed, colours),
        "accuracy": shift_pictures.accuracy(of, colours),
        "turning": shift_pictures.turning(of, colours),
        "cosines": shift_pictures.cosines(of, colours),
        "distances": shift_pictures.distances(of, colours),
        "moments": shift_pictures.moments(followed, colours),
        "linear": shift_pictures.linear(linear, colours),
        "one linear": shift_pictures.linear(linear[:1], colours),
    }


def pictures_of_placement(of, colours):
    arms = [inputs.InputConfig(arm=arm) for arm in inputs.ARMS]
    rates, ends = np.array(inputs.RATES), np.full((len(inputs.RATES), 2), 0.5, np.float32)
    stable = np.array([0.01, 1.5])
    swept = [
        inputs.InputResult(config=one, rates=rates, accuracy=ends, stable=stable) for one in arms
    ]
    return {
        "accuracy": placement_pictures.accuracy(of, colours),
        "loss": placement_pictures.loss(of, colours),
        "detail": placement_pictures.detail(of, colours, judge_placement(of).about),
        "ground": input_pictures.ground(of.ground, of.steps, colours),
        "sweep": input_pictures.sweep(swept, colours),
        "one arm": input_pictures.sweep(swept[:1], colours),
    }


def pictures_of_relatives(of, colours):
    lines = np.full((2, len(recurrent.EMPTY_ROWS)), 0.5, np.float32)
    read = [
        recurrent.RecurrentResult(
            config=one,
            image_rows=8,
            rows=np.array(recurrent.EMPTY_ROWS),
            late=lines,
            early=lines,
        )
        for one in recurrent.pieces(of.config)
    ]
    figures = {
        "ladder": relatives_pictures.ladder(of, colours),
        "curves": relatives_pictures.curves(of, colours),
        "by size": relatives_pictures.by_size([of], colours),
        "published": relatives_pictures.published(colours),
        "late": recurrent_pictures.waiting(read, colours),
        "early": recurrent_pictures.waiting(read[:1], colours, late=False),
        "before the branch": today_pictures.by_rate(made_today(), colours, 0),
        "after the sum": today_pictures.by_rate(made_today({"rms": 0.3}), colours, 1),
    }
    for kind in stack_words.CHOICES.values():
        stacks = stack_pictures.stacks(of, colours, kind, (5, 3))
        figures |= {f"{kind}, before": stacks[0], f"{kind}, normalized": stacks[1]}
    return figures


def pictures_of_lab(of, colours):
    """Its result as arm B against plain as arm A, with a diagnostic of each shape."""
    figures = {}
    for name in ("signal size", "values leaving", "beta-smoothness"):
        both = ({"normalizer": "none"}, {"normalizer": "batch"})
        arms = [of.config.model_copy(update=arm | {"diagnostic": name}) for arm in both]
        a, b = map(lab.LabelledResult, "AB", map(lab.run, arms))
        figures |= {
            f"{name}, {how}": figure
            for how, figure in lab_pictures.diagnostic(a, b, colours, {}).items()
        }
    kept = lab.LabelledResult("1", of)
    figures["accuracy"] = lab_pictures.accuracy([a, b, kept], colours)
    figures["loss"] = lab_pictures.loss([a, b, kept], colours)
    if of.decision is not None:
        figures["plane"] = lab_pictures.boundaries(a, b, colours)
    grounds = [lab_surface.run(piece) for piece in lab_surface.pieces(a.result.config, of.config)]
    figures["ground"] = lab_surface_pictures.contours(grounds, colours)
    figures["ground, one arm"] = lab_surface_pictures.contours(grounds[:1], colours)
    return figures


def pictures_of_collapse(of, colours):
    names = ("maps", "curves", "directions", "halves")
    return {name: getattr(collapse_pictures, name)(of, colours) for name in names}


def pictures_of_alone(of, colours):
    return {
        "accuracy": alone_pictures.accuracy(of, colours),
        "gammas": alone_pictures.gammas(of, colours, alone.EDGES, alone.OFF),
        "by size": alone_pictures.by_size([of], colours, "width"),
        "by share": alone_pictures.by_share([of], colours, "width"),
    }


PICTURES = {
    name.removeprefix("pictures_of_"): drawn
    for name, drawn in list(globals().items())
    if name.startswith("pictures_of_")
}
"""All figures of a lesson, by name, from its result and a theme."""
