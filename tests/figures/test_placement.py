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
from bnviz.verdicts.placement import judge
from tests.figures.parts import unpacked, walk
from tests.made.placement import dropout
from tests.samples import tiny

DIVERGED = {"depth": 6, "gain": 1e4, "learning_rate": 1e3}


@cache
def of(compare=PLACE, **changes):
    return placement.run(tiny("placement", compare=compare, **changes))


def detail(one, colours=LIGHT):
    return pictures.detail(one, colours, judge(one).about)


def texts(figure):
    """The names beside the curves, and their heights: the last text but for a note."""
    (names,) = [
        t for t in figure["data"] if t["mode"] == "text" and t["textposition"] == "middle right"
    ]
    return names["text"], unpacked(names["y"])


def all_pictures(one, colours=LIGHT):
    return {
        "accuracy": pictures.accuracy(one, colours),
        "loss": pictures.loss(one, colours),
        "detail": detail(one, colours),
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
        low, high = figure["layout"]["yaxis"]["range"]
        heights = texts(figure)[1]
        if figure["layout"]["yaxis"].get("type") == "log":
            heights = np.log10(heights)
        assert ((heights > low) & (heights < high)).all(), name
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

    def test_they_grow_with_the_clock_and_tell_nothing_of_what_comes(self):
        one = of()
        figure, arms = pictures.accuracy(one, LIGHT), len(one.arms)
        for column, frame in enumerate(figure["frames"]):
            middles = np.median(one.test_accuracy[..., : column + 1], axis=1)
            parts = frame["data"]
            for place, line in enumerate(parts[arms : 2 * arms]):
                assert unpacked(line["x"]).tolist() == one.steps[: column + 1].tolist()
                np.testing.assert_allclose(unpacked(line["y"]), middles[place], rtol=1e-6)
            for place, dot in enumerate(parts[2 * arms + 1 : -1]):
                assert unpacked(dot["x"]).tolist() == [one.steps[column]]
                assert unpacked(dot["y"])[0] == pytest.approx(middles[place, -1])
            assert all(unpacked(band["x"]).size < 3 * (column + 2) for band in parts[:arms])

    def test_the_names_stand_in_the_order_of_the_curves_at_the_clock(self):
        one = of()
        for column, frame in enumerate(pictures.accuracy(one, LIGHT)["frames"]):
            middles = np.median(one.test_accuracy[:, :, column], axis=1)
            heights = unpacked(frame["data"][-1]["y"])
            assert (np.diff(middles[np.argsort(heights)]) >= 0).all()

    def test_a_cross_for_each_seed_that_diverged(self):
        one = of(**DIVERGED)
        lost = int((one.diverged_at != NEVER).sum())
        assert lost
        figure = pictures.loss(one, LIGHT)
        crosses = [t for t in figure["data"] if t.get("marker", {}).get("symbol") == "x"]
        seen = np.isfinite(one.train_loss).any(-1) & (one.diverged_at != NEVER)
        assert [len(unpacked(t["x"])) for t in crosses] == [int(seen.sum())]
        place = figure["data"].index(crosses[0])
        for frame, step in zip(figure["frames"], one.steps, strict=True):
            gone = seen & (one.diverged_at <= step)
            assert np.isfinite(unpacked(frame["data"][place]["x"])).sum() == gone.sum()

    def test_below_it_stands_what_a_cross_is(self):
        for figure in (pictures.accuracy(of(), LIGHT), pictures.loss(of(), LIGHT)):
            assert "×: a seed diverged" in figure["layout"]["xaxis"]["title"]["text"]

    def test_every_network_is_named_and_no_names_overlap(self):
        figure = pictures.accuracy(of(), LIGHT)
        names, heights = texts(figure)
        assert [name.strip() for name in names] == [
            "◆ <b>plain</b>", "● <b>before</b>", "■ <b>after</b>", "▲ <b>input only</b>"
        ]  # fmt: skip
        low, high = figure["layout"]["yaxis"]["range"]
        pixels = (pictures.HEIGHT - 64) * np.diff(np.sort(heights)) / (high - low)
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
        figure = detail(one)
        for column, frame in enumerate(figure["frames"]):
            for place, moved in enumerate(frame["data"][: len(one.arms)]):
                expected = np.median(one.by_layer[place, :, column], axis=0)
                np.testing.assert_allclose(unpacked(moved["y"]), expected, rtol=1e-5)

    def test_theory_beside_what_was_measured(self):
        one = of(DROPOUT)
        figure = detail(one)
        marked = [t for t in figure["data"] if "marker" in t]
        assert len(marked) == 2 * len(one.arms)
        open_ = [t for t in marked if t["marker"]["symbol"].endswith("-open")]
        for place, trace in enumerate(open_):
            expected = np.median(one.theory[place, :, -1], axis=0)
            np.testing.assert_allclose(unpacked(trace["y"]), expected, rtol=1e-5)

    def test_a_network_without_gamma_is_not_named(self):
        names, _ = texts(detail(of(ZERO)))
        assert not any("plain" in name for name in names)
        assert len(names) == 3

    def test_a_ratio_that_shoots_up_at_first_does_not_flatten_the_rest(self):
        one = of(DROPOUT)
        odd = one.by_layer.copy()
        odd[-1, :, 1] = 1000.0
        figure = detail(replace(one, by_layer=odd))
        assert figure["layout"]["yaxis"]["range"][1] < 10

    def test_gradients_of_the_biases_and_beta_in_place_of_one(self):
        one = of(BIAS)
        figure = detail(one)
        for place, arm in enumerate(one.arms):
            (trace,) = [t for t in figure["data"] if t.get("name") == arm and "fill" not in t]
            which = 1 if arm == "no bias" else 0
            values = np.clip(one.bias[place, :, :, which], *pictures.GRADIENTS)
            np.testing.assert_allclose(unpacked(trace["y"]), np.median(values, axis=0), rtol=1e-5)
        assert any("● <b>β instead</b>" in name for name in texts(figure)[0])

    def test_what_the_headline_says_is_noted_at_the_end_alone(self):
        figure = detail(of(BIAS, depth=3))
        note = figure["data"][-1]
        shown = [frame["data"][-1]["text"] for frame in figure["frames"]]
        assert note["text"] == ["<b>only rounding</b>"]
        assert shown == [[""]] * (len(shown) - 1) + [note["text"]]
        assert unpacked(note["y"])[0] == pytest.approx(judge(of(BIAS, depth=3)).about.own)

    def test_so_is_the_ratio_of_variances(self):
        result = dropout()
        figure = detail(result)
        assert "20 %</b>: × 1.32" in figure["data"][-1]["text"][2]
        assert [": ×" in frame["data"][-1]["text"][2] for frame in figure["frames"]] == [
            False, False, False, True,
        ]  # fmt: skip
        elsewhere = detail(dropout(ratios=(1.0, 1.9, 1.3)))
        assert not any(": ×" in name for name in elsewhere["data"][-1]["text"])
