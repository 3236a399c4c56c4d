"""Figures: accepted by Plotly, light to send, in step with the clock, one meaning per colour."""

import base64
import re
import tomllib
import warnings
from dataclasses import replace
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bnviz.experiments import (
    backward_mistake,
    batches,
    changed_inputs,
    company,
    forgiveness,
    home,
    inputs,
    lab,
    lab_surface,
    left_in_inference,
    moments,
    other_noises,
    paper,
    race,
    rates,
    recurrent,
    redrawn_batches,
    scale,
    sorted_batches,
    surface,
)
from bnviz.figures import DARK, LIGHT, THEMES, drawn, layer_maps, mode_sections, scale_starts, theme
from bnviz.figures import activations as activations_pictures
from bnviz.figures import backward as backward_pictures
from bnviz.figures import batches as batches_pictures
from bnviz.figures import changed_inputs as worlds_pictures
from bnviz.figures import forgiveness as forgiveness_pictures
from bnviz.figures import gradients as gradients_pictures
from bnviz.figures import home as home_pictures
from bnviz.figures import inputs as input_pictures
from bnviz.figures import lab as lab_pictures
from bnviz.figures import lab_surface as lab_surface_pictures
from bnviz.figures import landscape as landscape_pictures
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
from bnviz.figures import transform as transform_pictures
from bnviz.figures.base import Ready, _pieces, band, over_seeds, packed
from bnviz.figures.one_unit import one_unit
from bnviz.verdicts.paper import judge as judge_paper
from bnviz.verdicts.rates import bases
from bnviz.verdicts.shift import ARMS
from bnviz.verdicts.transform import judge_pair
from bnviz.words import stack as stack_words
from tests.made.shift import made_linear
from tests.samples import BY_HAND, LESSONS, TINY, home_config, module, race_config, tiny

LONGEST_LIST = 60  # numbers; whatever is longer travels packed
ACTIVATIONS = ("relu", "leaky relu", "gelu", "tanh", "sigmoid", "identity")
DIVERGED = {"depth": 6, "gain": 1e4, "learning_rate": 1e3}
KINDS = {
    "tiny": {},
    "one seed": {"seeds": 1},
    "one step": {"steps": 1},
    "everybody diverged": DIVERGED,
    "some diverged": {"learning_rate": 100.0, "depth": 4, "width": 16, "steps": 20, "seeds": 3},
    "fifty layers": {"depth": 50},
    "on the plane": {"dataset": "moons"},
    "on the plane, diverged": {"dataset": "spirals"} | DIVERGED,
} | {name: {"activation": name} for name in ACTIVATIONS[1:]}


KINDS_BY_HAND = {
    name: {"source": name}
    for name in ("well-behaved", "one outlier", "constant feature", "two rows", "a single row")
} | {
    "large and small": {"table": "1e9~0_-1e9~1e-300", "epsilon": 1e-12},
    "nothing": {"table": "0~0_0~0"},
    "full": {"table": "_".join(f"{row}~{row * row % 7}" for row in range(64))},
}


def kinds(lesson):
    """The settings that a lesson's pictures are tried with."""
    return KINDS_BY_HAND if lesson in BY_HAND else KINDS


def pictures_of_home(of, colours):
    return {
        "networks": home_pictures.networks(of, colours),
        "health": home_pictures.health(of, colours),
    }


def pictures_of_race(of, colours):
    figures = {
        "loss": race_pictures.loss(of, colours),
        "accuracy": race_pictures.accuracy(of, colours),
        "loss in seconds": race_pictures.loss(of, colours, seconds=True),
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
    parts = alone.jitter.activation
    return {
        "accuracy": noise_pictures.accuracy(of, colours),
        "losses": noise_pictures.losses(of, colours),
        "mean": redrawn_pictures.law_of_the_mean(alone.law, colours),
        "variance": redrawn_pictures.law_of_the_variance(alone.law, colours),
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
        "one sample": mode_sections.one_sample(of, colours),
        "evaluation": mode_sections.evaluation(of, colours),
        "left": mode_sections.left_in_inference(of, below_modes(of.config), colours),
        **{f"sweep, {name}": modes_pictures.sweep([of], colours, name) for name in measures},
    }


def pictures_of_signals(of, colours):
    return {
        "signal": signals_pictures.profile(of, colours, "signal"),
        "gradient": signals_pictures.profile(of, colours, "gradient"),
        "chain": signals_pictures.chain(of, colours),
        "remedies": signals_pictures.remedies([of, of], ["one", "two"], colours),
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
        "mistake": backward_pictures.mistake(mistakes(), colours),
        "one mistake": backward_pictures.mistake(mistakes()[:1], colours),
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
    swept = [inputs.InputResult(config=one, rates=rates, accuracy=ends) for one in arms]
    return {
        "accuracy": placement_pictures.accuracy(of, colours),
        "loss": placement_pictures.loss(of, colours),
        "detail": placement_pictures.detail(of, colours),
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


PICTURES = {
    "transform": pictures_of_transform,
    "backward": pictures_of_backward,
    "home": pictures_of_home,
    "gradients": pictures_of_gradients,
    "shift": pictures_of_shift,
    "signals": pictures_of_signals,
    "race": pictures_of_race,
    "rates": pictures_of_rates,
    "forgiveness": pictures_of_forgiveness,
    "activations": pictures_of_activations,
    "modes": pictures_of_modes,
    "noise": pictures_of_noise,
    "landscape": pictures_of_landscape,
    "scale": pictures_of_scale,
    "batches": pictures_of_batches,
    "placement": pictures_of_placement,
    "relatives": pictures_of_relatives,
    "lab": pictures_of_lab,
}
"""All figures of a lesson, by name, from its result and a theme."""

_results = {}


@pytest.fixture(scope="module", autouse=True)
def small_map():
    """The map of what trains, with fewer cells."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forgiveness, "RATES", forgiveness.RATES[::10])
        rows = {name: (knob, few[::4]) for name, (knob, few) in forgiveness.ROWS.items()}
        patch.setattr(forgiveness, "ROWS", rows)
        patch.setattr(rates, "LEARNING_RATES", rates.LEARNING_RATES[::5])
        patch.setattr(paper, "MEMBERS", 2)
        patch.setattr(paper, "LONGER", 1)
        yield


def result(lesson, kind):
    """Each kind of result is trained once."""
    if (lesson, kind) not in _results:
        config = tiny(lesson, **kinds(lesson)[kind])
        _results[lesson, kind] = module(lesson, "experiments").run(config)
    return _results[lesson, kind]


@lru_cache(maxsize=4)  # the tests of one kind come one after the other, and change no picture
def pictures(lesson, kind, colours):
    return PICTURES[lesson](result(lesson, kind), colours)


def unpacked(spec):
    array = np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])
    if "shape" in spec:
        array = array.reshape([int(n) for n in spec["shape"].split(",")])
    return array


def walk(thing, path=""):
    """Every part of a figure with its place in it."""
    yield path, thing
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield from walk(value, f"{path}.{key}")
    elif isinstance(thing, list | tuple):
        for place, value in enumerate(thing):
            yield from walk(value, f"{path}[{place}]")


every_picture = pytest.mark.parametrize(
    ("lesson", "kind"),
    [
        pytest.param(lesson, kind, marks=pytest.mark.xdist_group(f"pictures of {lesson}"))
        for lesson in LESSONS
        for kind in kinds(lesson)
    ],
    scope="class",  # kind by kind, so that its pictures are drawn once
)


@every_picture
class TestEveryPicture:
    def test_is_accepted_by_plotly(self, lesson, kind):
        for figure in pictures(lesson, kind, LIGHT).values():
            plotly = drawn(figure)
            assert len(plotly.data) == len(figure["data"])
            moments = figure.get("frames", [])
            assert len(plotly.frames) == len(moments)
            # frames carry what differs from the figure's own data, with which they are accepted
            for frame in moments[:: max(1, len(moments) - 1)]:
                data = [dict(trace) for trace in figure["data"]]
                for place, change in zip(frame["traces"], frame["data"], strict=True):
                    data[place] |= change
                drawn({"data": data})

    def test_another_theme_is_accepted_too(self, lesson, kind):
        for figure in pictures(lesson, kind, DARK).values():
            drawn(figure | {"frames": figure.get("frames", [])[:1]})

    def test_has_a_frame_for_every_recorded_step(self, lesson, kind):
        steps = [str(step) for step in result(lesson, kind).steps]
        moving = [f for f in pictures(lesson, kind, LIGHT).values() if "frames" in f]
        assert moving
        for figure in moving:
            assert [frame["name"] for frame in figure["frames"]] == steps

    def test_shows_its_last_frame_before_the_clock_moves(self, lesson, kind):
        moving = [f for f in pictures(lesson, kind, LIGHT).values() if "frames" in f]
        for figure in moving:
            last = figure["frames"][-1]
            assert len(last["traces"]) == len(last["data"])
            for place, change in zip(last["traces"], last["data"], strict=True):
                for key, value in change.items():
                    assert figure["data"][place][key] == value, key

    def test_every_frame_moves_the_same_traces_the_same_way(self, lesson, kind):
        for figure in pictures(lesson, kind, LIGHT).values():
            for one, other in pairwise(figure.get("frames", [])):
                assert one["traces"] == other["traces"]
                assert [list(c) for c in one["data"]] == [list(c) for c in other["data"]]

    def test_travels_light(self, lesson, kind):
        for name, figure in pictures(lesson, kind, LIGHT).items():
            for path, part in walk(figure):
                if isinstance(part, dict) and "bdata" in part:
                    assert part["dtype"] in {"f4", "u1", "i2"}, name + path
                elif isinstance(part, list | tuple) and part and isinstance(part[0], int | float):
                    assert len(part) <= LONGEST_LIST, name + path
                assert not isinstance(part, np.ndarray | np.generic), name + path

    def test_tells_plain_from_bn_by_line_and_colour(self, lesson, kind):
        styles = {"plain": "dash", "BN": "solid"}
        for colours in (LIGHT, DARK):
            for figure in pictures(lesson, kind, colours).values():
                for trace in figure["data"]:
                    if trace.get("name") in styles and trace.get("mode") == "lines":
                        treatment = "plain" if trace["name"] == "plain" else "batch"
                        assert trace["line"]["dash"] == styles[trace["name"]]
                        assert trace["line"]["color"] == colours.colour(treatment)

    def test_takes_every_colour_from_its_theme(self, lesson, kind):
        for colours, other in ((LIGHT, DARK), (DARK, LIGHT)):
            foreign = {v for v in vars(other).values() if str(v).startswith("#")}
            foreign -= {v for v in vars(colours).values() if str(v).startswith("#")}
            for name, figure in pictures(lesson, kind, colours).items():
                for path, part in walk(figure):
                    assert not (isinstance(part, str) and part in foreign), name + path

    def test_draws_with_numbers_it_can_show(self, lesson, kind):
        for name, figure in pictures(lesson, kind, LIGHT).items():
            for path, part in walk(figure["layout"]):
                if re.fullmatch(r"\.[xy]axis\d?\.range", path):
                    assert np.isfinite(part).all(), name + path
                    assert part[0] < part[1], name + path
            for path, part in walk(figure["data"]):
                if isinstance(part, dict) and "bdata" in part:
                    assert not np.isinf(unpacked(part)).any(), name + path


class TestHealth:
    def test_has_a_line_and_a_band_for_each_measure_and_network(self):
        figure = home_pictures.health(result("home", "tiny"), LIGHT)
        names = [trace.get("name") for trace in figure["data"]]
        for name in ("plain", "BN", "plain, all seeds", "BN, all seeds"):
            assert names.count(name) == 3, name

    def test_curves_stay_on_their_axes(self):
        for kind in KINDS:
            figure = home_pictures.health(result("home", kind), LIGHT)
            for trace in figure["data"]:
                row = trace.get("yaxis", "y").removeprefix("y") or "1"
                low, high = figure["layout"][f"yaxis{row}"]["range"]
                values = unpacked(trace["y"]).astype(float)
                values = values[np.isfinite(values)]
                if figure["layout"][f"yaxis{row}"].get("type") == "log":
                    values = np.log10(values)
                assert (values >= low - 1e-4).all()
                assert (values <= high + 1e-4).all()


class TestNetworks:
    def test_lamps_are_bytes_units_by_layers(self):
        of = result("home", "tiny")
        figure = home_pictures.networks(of, LIGHT)
        for trace in figure["data"][:2]:
            lamps = unpacked(trace["z"])
            assert lamps.dtype == np.uint8
            assert lamps.shape == (of.config.width, of.config.depth)
            assert lamps.max() <= trace["zmax"]

    def test_a_network_that_diverged_is_dark_and_says_so(self):
        figure = home_pictures.networks(result("home", "everybody diverged"), LIGHT)
        assert unpacked(figure["data"][0]["z"]).max() == 0
        assert "diverged at step" in figure["data"][2]["text"][0]

    def test_a_louder_unit_is_a_brighter_lamp(self):
        signal = np.array([0, 1e-5, 1e-4, 0.1, 1, 10, 1e3, 1e30, np.inf, np.nan], np.float32)
        lamps = home_pictures._as_bytes(signal).astype(int)
        assert list(lamps[:9]) == sorted(lamps[:9])
        assert lamps[0] == lamps[1] == lamps[2] == lamps[9] == 0
        assert lamps[6] == lamps[8] == 250

    def test_names_the_layers_that_have_bn(self):
        of = home.run(home_config(depth=3, normalized=(2,)))
        layout = home_pictures.networks(of, LIGHT)["layout"]
        assert ["BN" in text for text in layout["xaxis2"]["ticktext"]] == [False, True, False]
        assert not any("BN" in text for text in layout["xaxis1"]["ticktext"])


class TestRace:
    def test_a_cross_for_every_seed_that_diverged(self):
        of = result("race", "some diverged")
        lost = (of.diverged_at[:, :] > 0).sum()
        assert lost
        figure = race_pictures.loss(of, LIGHT)
        crosses = [t for t in figure["data"] if t.get("marker", {}).get("symbol") == "x"]
        assert sum(len(unpacked(trace["x"])) for trace in crosses) == lost

    def test_a_tick_for_every_seed_that_reached_the_target(self):
        of = race.run(race_config(target=0.1))
        reached = (of.steps_to_target() >= 0).sum()
        assert reached
        ticks = [
            trace
            for trace in race_pictures.accuracy(of, LIGHT)["data"]
            if trace.get("marker", {}).get("symbol") == "line-ns"
        ]
        assert sum(len(unpacked(trace["x"])) for trace in ticks) == reached
        assert all((unpacked(trace["y"]) == np.float32(0.1)).all() for trace in ticks)

    def test_seconds_stretch_the_axis_of_each_network_by_its_cost(self):
        of = result("race", "tiny")
        steps, seconds = (race_pictures.loss(of, LIGHT, seconds=s) for s in (False, True))
        for treatment, name in enumerate(("plain", "BN")):
            one, other = (
                next(unpacked(t["x"]) for t in f["data"] if t.get("name") == name)
                for f in (steps, seconds)
            )
            np.testing.assert_allclose(other, one * of.seconds_per_step[treatment], rtol=1e-5)
        assert "step" in steps["layout"]["xaxis"]["title"]["text"]
        assert "seconds" in seconds["layout"]["xaxis"]["title"]["text"]

    def test_the_loss_axis_says_that_it_is_logarithmic(self):
        vertical = race_pictures.loss(result("race", "tiny"), LIGHT)["layout"]["yaxis"]
        assert vertical["type"] == "log"
        assert "log" in vertical["title"]["text"]


class TestPacked:
    @pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.int16])
    def test_small_types_travel_as_they_are(self, dtype):
        values = np.arange(6, dtype=dtype)
        np.testing.assert_array_equal(unpacked(packed(values)), values)
        assert unpacked(packed(values)).dtype == dtype

    @given(arrays.arrays(np.float64, arrays.array_shapes(max_dims=2, min_side=0)))
    def test_all_others_as_float32(self, values):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # too large for float32: infinity
            expected, there = values.astype(np.float32), unpacked(packed(values))
        np.testing.assert_array_equal(there, expected)
        assert there.shape == values.shape

    def test_an_array_of_any_layout(self):
        values = np.arange(12, dtype=np.float32).reshape(3, 4)
        np.testing.assert_array_equal(unpacked(packed(values.T)), values.T)
        np.testing.assert_array_equal(unpacked(packed(values[::-1, ::2])), values[::-1, ::2])


values_of_seeds = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.integers(1, 5)),
    elements=st.sampled_from([np.nan, np.inf, -np.inf]) | st.floats(-1e6, 1e6),
)


class TestOverSeeds:
    @given(values_of_seeds)
    def test_is_what_numpy_says(self, values):
        alive = np.where(np.isfinite(values), values, np.nan)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # columns without a number
            expected = np.nanmedian(alive, 0), np.nanmin(alive, 0), np.nanmax(alive, 0)
        for ours, theirs in zip(over_seeds(values), expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)

    def test_in_more_dimensions(self):
        values = np.random.default_rng(1).normal(size=(5, 3, 4))
        values[0, 1] = np.nan
        middle, low, high = over_seeds(values)
        np.testing.assert_allclose(middle, np.nanmedian(values, axis=0))
        np.testing.assert_allclose(low, np.nanmin(values, axis=0))
        np.testing.assert_allclose(high, np.nanmax(values, axis=0))


class TestBand:
    @given(st.lists(st.booleans(), max_size=12))
    def test_pieces_are_the_runs_of_true(self, there):
        there = np.array(there, dtype=bool)
        rebuilt = np.zeros(len(there), bool)
        pieces = _pieces(there)
        for piece in pieces:
            assert piece.start < piece.stop
            assert there[piece].all()
            rebuilt[piece] = True
        np.testing.assert_array_equal(rebuilt, there)
        assert all(a.stop < b.start for a, b in pairwise(pieces))

    def test_goes_along_the_low_edge_and_back_along_the_high_one(self):
        x, low, high = np.arange(3.0), np.array([1.0, 2, 3]), np.array([4.0, 5, 6])
        area = band(x, low, high, "plain", LIGHT)
        np.testing.assert_array_equal(unpacked(area["x"]), [0, 1, 2, 2, 1, 0, np.nan])
        np.testing.assert_array_equal(unpacked(area["y"]), [1, 2, 3, 6, 5, 4, np.nan])

    def test_a_gap_makes_two_areas(self):
        values = np.array([1.0, np.nan, 3.0, 4.0])
        area = band(np.arange(4.0), values, values + 1, "batch", DARK)
        assert np.isnan(unpacked(area["x"])).sum() == 2
        assert len(unpacked(area["x"])) == 2 + 1 + 4 + 1

    def test_nothing_to_show(self):
        nothing = np.full(3, np.nan)
        area = band(np.arange(3.0), nothing, nothing, "plain", LIGHT)
        assert len(unpacked(area["x"])) == 0
        drawn({"data": [area]})


def luminance(colour):
    """WCAG 2: the relative luminance of #RRGGBB."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


class TestTheme:
    def test_contrast_is_that_of_wcag(self):
        assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
        assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)

    @pytest.mark.parametrize("role", ["text", "muted", *theme.LABEL])
    @pytest.mark.parametrize("name", THEMES)
    def test_can_be_read(self, name, role):
        colours = THEMES[name]
        assert contrast(getattr(colours, role), colours.background) >= 4.5

    @pytest.mark.parametrize("name", THEMES)
    def test_stands_on_the_page_that_streamlit_paints(self, name):

        root = Path(__file__).resolve().parents[2]
        config = tomllib.loads((root / ".streamlit/config.toml").read_text(encoding="utf-8"))
        assert THEMES[name].background == config["theme"][name]["backgroundColor"]

    def test_plain_is_dashed_and_bn_solid(self):
        assert (theme.DASH["plain"], theme.DASH["batch"]) == ("dash", "solid")
        assert (theme.LABEL["plain"], theme.LABEL["batch"]) == ("plain", "BN")

    @pytest.mark.parametrize("name", THEMES)
    def test_every_treatment_has_a_colour_and_a_dash_of_its_own(self, name):
        assert set(theme.DASH) == set(theme.LABEL)
        for looks in (theme.DASH.values(), [THEMES[name].colour(one) for one in theme.LABEL]):
            assert len(set(looks)) == len(theme.LABEL)

    @pytest.mark.parametrize("alpha", [0, 0.16, 1])
    def test_translucent(self, alpha):
        assert theme.translucent("#0072B2", alpha) == f"rgba(0,114,178,{alpha})"


def test_streamlit_gets_the_figure_as_it_is():
    figure = home_pictures.networks(result("home", "tiny"), LIGHT)
    assert Ready(figure).to_dict() is figure
