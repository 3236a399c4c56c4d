"""Placement: the pictures draw what was measured, at its place, and inside the axes."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from bnviz.axes import BIAS, DROPOUT, NEVER, PLACE, ZERO
from bnviz.experiments import placement
from bnviz.experiments.placement import ARMS
from bnviz.figures import DARK, LIGHT, drawn, styles
from bnviz.figures import placement as pictures
from tests.figures.parts import unpacked, walk
from tests.samples import tiny

DIVERGED = {"depth": 6, "gain": 1e4, "learning_rate": 1e3}


@cache
def of(compare=PLACE, **changes):
    return placement.run(tiny("placement", compare=compare, **changes))


def all_pictures(one, colours=LIGHT):
    return {
        "accuracy": pictures.accuracy(one, colours),
        "loss": pictures.loss(one, colours),
        "detail": pictures.detail(one, colours),
    }


def strange(compare):
    one = of(compare)
    odd = np.where(np.arange(one.train_loss.size) % 3, np.inf, np.nan)
    broken = {"train_loss": odd.reshape(one.train_loss.shape).astype(np.float32)}
    for name in ("by_layer", "theory", "bias"):
        if getattr(one, name) is not None:
            broken[name] = np.full_like(getattr(one, name), np.nan)
    return replace(one, **broken)


@pytest.mark.parametrize("compare", ARMS)
@pytest.mark.parametrize("kind", ["tiny", "one layer", "diverged", "strange"])
def test_every_picture_stands(compare, kind):
    """Accepted by Plotly, no infinite number, proper ranges: whatever came of the run."""
    more = {"one layer": {"depth": 1}, "diverged": DIVERGED}
    one = strange(compare) if kind == "strange" else of(compare, **more.get(kind, {}))
    for name, figure in all_pictures(one).items():
        drawn({"data": figure["data"], "layout": figure["layout"]})
        for path, part in walk(figure):
            if isinstance(part, dict) and "bdata" in part:
                assert not np.isinf(unpacked(part)).any(), name + path
        for axis in ("xaxis", "yaxis"):
            low, high = figure["layout"][axis]["range"]
            assert np.isfinite([low, high]).all(), name
            assert low < high, name
        for note in figure["layout"]["annotations"]:
            low, high = figure["layout"]["yaxis"]["range"]
            assert low - 1e-9 <= note["y"] <= high + 1e-9, name
        steps = [str(step) for step in one.steps]
        assert [frame["name"] for frame in figure["frames"]] == steps
        for place, change in zip(
            figure["frames"][-1]["traces"], figure["frames"][-1]["data"], strict=True
        ):
            assert all(figure["data"][place][key] == value for key, value in change.items())


@pytest.mark.parametrize("compare", ARMS)
@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_no_two_networks_look_alike(compare, colours):
    look = styles.styles(tuple(ARMS[compare]), colours)
    for part in ("colour", "dash", "symbol", "glyph"):
        assert len({getattr(style, part) for style in look.values()}) == len(look)
    if "plain" in look:
        assert (look["plain"].colour, look["plain"].dash) == (colours.plain, "dash")
    first = next(style for arm, style in look.items() if arm != "plain")
    assert (first.colour, first.dash) == (colours.batch, "solid")


class TestCurves:
    def test_lines_are_medians_of_the_seeds(self):
        one = of()
        figure = pictures.accuracy(one, LIGHT)
        for place, arm in enumerate(one.arms):
            (trace,) = [t for t in figure["data"] if t.get("name") == arm and "fill" not in t]
            expected = np.median(one.test_accuracy[place], axis=0)
            np.testing.assert_allclose(unpacked(trace["y"]), expected, rtol=1e-6)

    def test_dots_stand_on_their_lines_at_the_clock(self):
        one = of()
        for frame, step in zip(pictures.accuracy(one, LIGHT)["frames"], one.steps, strict=True):
            for place, dot in enumerate(frame["data"]):
                column = list(one.steps).index(step)
                middle = np.median(one.test_accuracy[place, :, column])
                assert unpacked(dot["x"]).tolist() == [step]
                assert unpacked(dot["y"])[0] == pytest.approx(middle)

    def test_a_cross_for_each_seed_that_diverged(self):
        one = of(**DIVERGED)
        lost = int((one.diverged_at != NEVER).sum())
        assert lost
        figure = pictures.loss(one, LIGHT)
        crosses = [t for t in figure["data"] if t.get("marker", {}).get("symbol") == "x"]
        seen = np.isfinite(one.train_loss).any(-1) & (one.diverged_at != NEVER)
        assert [len(unpacked(t["x"])) for t in crosses] == [int(seen.sum())]

    def test_every_network_is_named_and_no_names_overlap(self):
        figure = pictures.accuracy(of(), LIGHT)
        notes = figure["layout"]["annotations"]
        assert [note["text"] for note in notes] == [
            "◆ <b>plain</b>", "● <b>before</b>", "■ <b>after</b>", "▲ <b>input only</b>"
        ]  # fmt: skip
        heights = np.sort([note["y"] for note in notes])
        low, high = figure["layout"]["yaxis"]["range"]
        pixels = (styles.HEIGHT - 64) * np.diff(heights) / (high - low)
        assert (pixels > 18).all()


@pytest.mark.parametrize(
    ("heights", "placed"),
    [
        ([0.2, 0.8], [0.2, 0.8]),
        ([0.5, 0.5, 0.5], [0.5, 0.6, 0.7]),
        ([1.0, 1.0, 0.99], [0.9, 1.0, 0.8]),
        ([0.0, 0.05], [0.0, 0.1]),
    ],
)
def test_names_move_apart(heights, placed):
    np.testing.assert_allclose(styles._apart(np.array(heights), 0.1, 1.0), placed)


class TestDetail:
    def test_layers_at_the_clock(self):
        one = of()
        figure = pictures.detail(one, LIGHT)
        for column, frame in enumerate(figure["frames"]):
            for place, moved in enumerate(frame["data"]):
                expected = np.median(one.by_layer[place, :, column], axis=0)
                np.testing.assert_allclose(unpacked(moved["y"]), expected, rtol=1e-5)

    def test_theory_beside_what_was_measured(self):
        one = of(DROPOUT)
        figure = pictures.detail(one, LIGHT)
        assert len(figure["frames"][0]["data"]) == 2 * len(one.arms)
        open_ = [t for t in figure["data"] if t["marker"]["symbol"].endswith("-open")]
        for place, trace in enumerate(open_):
            expected = np.median(one.theory[place, :, -1], axis=0)
            np.testing.assert_allclose(unpacked(trace["y"]), expected, rtol=1e-5)

    def test_a_network_without_gamma_is_not_named(self):
        names = [n["text"] for n in pictures.detail(of(ZERO), LIGHT)["layout"]["annotations"]]
        assert not any("plain" in name for name in names)
        assert len(names) == 3

    def test_a_ratio_that_shoots_up_at_first_does_not_flatten_the_rest(self):
        one = of(DROPOUT)
        odd = one.by_layer.copy()
        odd[-1, :, 1] = 1000.0
        figure = pictures.detail(replace(one, by_layer=odd), LIGHT)
        assert figure["layout"]["yaxis"]["range"][1] < 10

    def test_gradients_of_the_biases_and_beta_in_place_of_one(self):
        one = of(BIAS)
        figure = pictures.detail(one, LIGHT)
        for place, arm in enumerate(one.arms):
            (trace,) = [t for t in figure["data"] if t.get("name") == arm and "fill" not in t]
            which = 1 if arm == "no bias" else 0
            values = np.clip(one.bias[place, :, :, which], *pictures.GRADIENTS)
            np.testing.assert_allclose(unpacked(trace["y"]), np.median(values, axis=0), rtol=1e-5)
        assert "● <b>β instead</b>" in [n["text"] for n in figure["layout"]["annotations"]]
