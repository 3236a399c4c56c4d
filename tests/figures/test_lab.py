"""The lab's pictures: arms told apart without colour, one clock for both, every diagnostic."""

from dataclasses import replace
from functools import cache

import numpy as np
import plotly.io
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import lab, lab_config
from bnviz.experiments.diagnostics import DIAGNOSTICS
from bnviz.experiments.lab import LabelledResult
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import NAMES
from bnviz.figures import DARK, LIGHT, drawn, labels
from bnviz.figures import lab as pictures
from bnviz.figures.diagnostics import UNITS
from bnviz.verdicts.diagnostics import judge
from bnviz.words.lab.diagnostics import missing
from tests.figures.parts import unpacked, walk

TINY = {"depth": 2, "width": 8, "steps": 4, "batch_size": 32, "seeds": 2}


@cache
def trained(of):
    return lab.run(of)


def arm(label, **changes):
    return LabelledResult(label, trained(LabConfig(**TINY | changes)))


def pair(a=None, b=None, **both):
    return arm("A", **(a or {}) | both), arm("B", **{"normalizer": "batch"} | (b or {}) | both)


def check(figure):
    """Accepted by Plotly, finite axes, no infinity, and the last frame is what is there."""
    drawn(figure | {"frames": figure["frames"][:1]})
    for path, part in walk(figure["layout"]):
        if path.endswith(("axis.range", "1.range", "2.range")):
            assert np.isfinite(part).all(), path
            assert part[0] < part[1], path
    for path, part in walk(figure["data"]):
        if isinstance(part, dict) and "bdata" in part:
            assert not np.isinf(unpacked(part)).any(), path
    last = figure["frames"][-1]
    for place, change in zip(last["traces"], last["data"], strict=True):
        for key, value in change.items():
            assert figure["data"][place][key] == value, key
    names = [int(frame["name"]) for frame in figure["frames"]]
    assert names == sorted(set(names))


def marks(figure):
    """The moving letters of a figure of curves."""
    return [trace for trace in figure["data"] if trace.get("mode") == "markers+text"][-2:]


def stepwise(label, accuracy):
    """Two seeds that have this accuracy at each of twenty steps."""
    result = trained(LabConfig(**TINY | {"normalizer": "batch" if label == "B" else "none"}))
    steps = np.arange(20)
    values = np.full((2, len(steps)), accuracy)
    changed = {"test_accuracies": values, "steps": steps, "diverged_at": np.full(2, NEVER)}
    return LabelledResult(label, replace(result, **changed))


def crosses_of(figure):
    return [t for t in figure["data"] if t.get("marker", {}).get("symbol") == "x"]


def place_of(trace, axes):
    points = np.stack([unpacked(trace["x"]), unpacked(trace["y"])], axis=-1)
    return labels.in_pixels(points, axes)


def diagnostic(a, b, theme):
    """As the page draws it: with what is said of an arm that is not there."""
    said = missing(judge(a.result, b.result))
    return pictures.diagnostic(a, b, theme, said)


class TestCurves:
    def test_arms_are_told_apart_without_colour(self):
        for draw in (pictures.accuracy, pictures.loss):
            for runs in (pair(), pair({"normalizer": "batch"}, {"learning_rate": 1.0})):
                figure = draw(runs, LIGHT)
                check(figure)
                a, b = marks(figure)
                assert (a["marker"]["symbol"], b["marker"]["symbol"]) == ("diamond", "circle")
                assert (a["text"][0][3], b["text"][0][3]) == ("A", "B")
                lines = [t for t in figure["data"] if t.get("line", {}).get("width") == 2.5]
                assert [one["line"]["dash"] for one in lines] == ["dash", "solid"]

    @pytest.mark.parametrize("colours", [LIGHT, DARK])
    @pytest.mark.parametrize("normalizer", NAMES)
    def test_the_colour_is_the_normalizers(self, normalizer, colours):
        runs = pair({"normalizer": normalizer, "seeds": 1})
        mark, _ = marks(pictures.accuracy(runs, colours))
        assert mark["marker"]["color"] == colours.colour(runs[0].result.config.treatment)

    def test_kept_runs_are_thin_and_carry_their_numbers(self):
        kept = [arm(str(n), normalizer=name) for n, name in enumerate(NAMES, start=1)]
        figure = pictures.accuracy([*pair(), *kept], LIGHT)
        check(figure)
        numbers = [t for t in figure["data"] if t.get("mode") == "markers+text"][:-2]
        assert [one["text"][0] for one in numbers] == [f"<b>{n}</b>" for n in range(1, 9)]
        thin = [t for t in figure["data"] if t.get("line", {}).get("width") == 1.3]
        assert len(thin) == 8
        assert all(one["line"]["dash"] == "dot" for one in thin)
        assert len(plotly.io.to_json(figure, validate=False)) < 100_000

    def test_a_shorter_run_stays_at_its_end(self):
        runs = pair({"steps": 2}, {"then": "0.1x3"})
        figure = pictures.accuracy(runs, LIGHT)
        check(figure)
        assert [frame["name"] for frame in figure["frames"]] == [str(n) for n in range(8)]
        a, b = (unpacked(trace["x"])[0] for trace in figure["frames"][-1]["data"][-2:])
        assert (a, b) == (2, 7)
        early = [unpacked(trace["x"])[0] for trace in figure["frames"][1]["data"][-2:]]
        assert early == [1, 1]

    def test_curves_grow_with_the_clock(self):
        runs = pair({"steps": 2}, {"then": "0.1x3"})
        figure = pictures.accuracy([*runs, arm("1")], LIGHT)
        assert len(figure["frames"][0]["data"]) + 2 == len(figure["data"])  # a kept run stands
        for column, frame in enumerate(figure["frames"]):
            for row, run in enumerate(runs):
                drawn_line = frame["data"][3 * row + 1]
                known = len(run.result.steps[: column + 1])
                assert len(unpacked(drawn_line["x"])) == known
                whole = unpacked(figure["frames"][-1]["data"][3 * row + 1]["y"])
                np.testing.assert_array_equal(unpacked(drawn_line["y"]), whole[:known])
                assert len(whole) == len(run.result.steps)

    def test_a_cross_comes_with_the_step_after_which_its_seed_diverged(self):
        a, b = stepwise("A", 0.6), stepwise("B", 0.5)
        b.result.diverged_at[1] = 16
        b.result.test_accuracies[1, 16:] = np.nan
        frames = pictures.accuracy([a, b], LIGHT)["frames"]
        seen = [np.isfinite(unpacked(frame["data"][5]["x"])).sum() for frame in frames]
        assert seen == [0] * 15 + [1] * 5

    def test_where_a_run_goes_on_is_marked(self):
        figure = pictures.loss(pair({}, {"then": "0.1x3_0.01x2"}), LIGHT)
        assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [4, 7]
        words = [one["text"] for one in figure["layout"]["annotations"]]
        assert words == ["B 0.1", "B 0.01"]
        assert not pictures.loss(pair(), LIGHT)["layout"]["shapes"]

    def test_a_cross_for_every_seed_that_diverged(self):
        runs = pair(gain=1e4, learning_rate=1e3, depth=6)
        lost = sum((run.result.diverged_at > 0).sum() for run in runs)
        assert lost
        figure = pictures.accuracy(runs, LIGHT)
        check(figure)
        assert sum(len(unpacked(trace["x"])) for trace in crosses_of(figure)) == lost

    @pytest.mark.parametrize("height", np.linspace(0.3, 0.9, 7))
    def test_names_and_numbers_keep_off_crosses(self, height):
        """A's name would stand on the cross of a seed of B, which diverged near the end of A."""
        a, b, kept = stepwise("A", 0.6), stepwise("B", height), stepwise("1", height)
        b.result.diverged_at[1] = 16
        b.result.test_accuracies[1, 16:] = np.nan
        figure = pictures.accuracy([a, b, kept], LIGHT)
        check(figure)
        axes = figure["layout"]["xaxis"], figure["layout"]["yaxis"]
        (cross,) = np.concatenate([place_of(trace, axes) for trace in crosses_of(figure)])
        for trace in marks(figure):
            (mark,) = place_of(trace, axes)
            name = trace["text"][0][3:-4]
            box = labels.boxes(mark, name, [trace["textposition"]])
            assert labels.room(box, cross[None])[0] >= 6  # pixels: half of a cross
        (number,) = place_of(next(t for t in figure["data"] if t.get("text") == ["<b>1</b>"]), axes)
        assert np.linalg.norm(number - cross) >= 2 * labels.CLEAR


KINDS = {
    "usual": {},
    "one seed, one step": {"seeds": 1, "steps": 1},
    "everything diverged": {"gain": 1e4, "learning_rate": 1e3, "depth": 6},
}


FEW = ("signal size", "values entering", "shift, turn", "change of the gradient", "two modes")


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for kind in KINDS for name in (DIAGNOSTICS if kind == "usual" else FEW)],
)
def test_every_diagnostic_is_drawn(name, kind):
    runs = pair(**KINDS[kind], diagnostic=name)
    figures = diagnostic(*runs, LIGHT)
    for figure in figures.values():
        check(figure)
        assert len(figure["frames"]) == len(runs[0].result.steps)
    nothing = all(run.result.why_not() for run in runs)
    if kind == "usual":
        expected = {"run": 1, "layers": 2, "ridges": 1}[DIAGNOSTICS[name].shape]
        assert len(figures) == (0 if nothing else expected)


@pytest.mark.parametrize("name", FEW)
class TestDiagnostic:
    def test_arms_of_different_depth_and_length(self, name):
        runs = pair({"depth": 5, "steps": 2}, {"depth": 1, "then": "0.1x3"}, diagnostic=name)
        for figure in diagnostic(*runs, DARK).values():
            check(figure)
            assert [frame["name"] for frame in figure["frames"]] == [str(n) for n in range(8)]

    def test_fifty_layers(self, name):
        runs = pair(depth=50, steps=1, seeds=1, diagnostic=name)
        for figure in diagnostic(*runs, LIGHT).values():
            check(figure)

    def test_every_frame_moves_the_same_traces_the_same_way(self, name):
        for figure in diagnostic(*pair(diagnostic=name), LIGHT).values():
            first = figure["frames"][0]
            for frame in figure["frames"]:
                assert frame["traces"] == first["traces"]
                assert [list(c) for c in frame["data"]] == [list(c) for c in first["data"]]

    def test_nothing_was_measured(self, name):
        assert diagnostic(*pair(), LIGHT) == {}


def test_every_diagnostic_has_a_title_for_its_axis():
    assert list(UNITS) == list(DIAGNOSTICS)
    assert all(UNITS.values())


def test_an_arm_that_has_no_such_thing_says_why():
    figure = diagnostic(*pair(diagnostic="two modes"), LIGHT)["Over training"]
    (word,) = figure["layout"]["annotations"]
    assert word["text"].startswith("<b>A</b>: it has no running statistics")
    assert len([t for t in figure["data"] if t.get("mode") == "markers+text"]) == 1


def test_a_map_has_the_last_layer_at_the_bottom_and_shows_what_was_measured():
    runs = pair(diagnostic="gradient size", seeds=1)
    figure = diagnostic(*runs, LIGHT)["Over training"]
    for trace, run in zip(figure["data"][:2], runs, strict=True):
        expected = np.log10(run.result.measured["value"][0].T.astype(float))
        np.testing.assert_allclose(unpacked(trace["z"]), expected, rtol=1e-4, atol=1e-4)
    assert figure["layout"]["yaxis1"]["ticktext"] == ["1", "2", "out"]
    assert figure["layout"]["yaxis1"]["tickvals"] == [-1, -2, -3]


@pytest.mark.parametrize("name", ["change of the gradient", "gradient size"])
def test_what_was_measured_grows_with_the_clock(name):
    figure = diagnostic(*pair(diagnostic=name, seeds=1), LIGHT)["Over training"]
    for column, frame in enumerate(figure["frames"]):
        for drawn_now in frame["data"][: 2 if "z" in frame["data"][0] else 0]:
            known = np.isfinite(unpacked(drawn_now["z"])).any(axis=0)
            assert known.tolist() == [True] * (column + 1) + [False] * (len(known) - column - 1)
        for drawn_now in frame["data"][1:4:2] if "z" not in frame["data"][0] else ():
            assert len(unpacked(drawn_now["x"])) == column + 1


def test_a_map_is_empty_after_the_end_of_its_run():
    runs = pair({"steps": 2}, {"then": "0.1x3"}, diagnostic="signal size")
    a, b = (unpacked(t["z"]) for t in diagnostic(*runs, LIGHT)["Over training"]["data"][:2])
    assert a.shape == b.shape == (2, 8)
    assert np.isfinite(a[:, :3]).all()
    assert np.isnan(a[:, 3:]).all()
    assert np.isfinite(b).all()


def test_a_profile_remembers_where_the_layers_began():
    runs = pair(diagnostic="signal size", seeds=1)
    dotted = diagnostic(*runs, LIGHT)["At this step"]["data"][:2]
    for trace, run in zip(dotted, runs, strict=True):
        assert trace["line"]["dash"] == "dot"
        expected = run.result.measured["value"][0, 0]
        np.testing.assert_allclose(unpacked(trace["y"]), expected, rtol=1e-6)


def test_ridges_remember_where_they_began():
    runs = pair(diagnostic="values entering", seeds=1)
    data = diagnostic(*runs, LIGHT)["By layer"]["data"]
    dotted = [trace for trace in data if trace.get("name") == "step 0"]
    densities = [one.density[0].astype(float) for one in runs[0].result.ridges_with(runs[1].result)]
    for trace, density in zip(dotted, np.concatenate(densities), strict=True):
        line = unpacked(trace["y"])[1:-1]
        base = np.nanmin(line) - density[np.nanargmin(line)] * 155 / 250
        seen = np.isfinite(line)
        np.testing.assert_allclose(line[seen], base + density[seen] * 155 / 250, atol=1e-3)
        assert base == pytest.approx(100 * round(base / 100), abs=1e-3)
        assert (density[~seen] <= 2).all()


def test_a_profile_shows_the_layers_at_the_clocks_step():
    runs = pair(diagnostic="signal size", seeds=1)
    figure = diagnostic(*runs, LIGHT)["At this step"]
    frame = figure["frames"][2]
    lines = [figure["data"][place] | change
             for place, change in zip(frame["traces"], frame["data"], strict=True)
             if figure["data"][place]["mode"] == "lines+markers"]  # fmt: skip
    for trace, run in zip(lines, runs, strict=True):
        expected = run.result.measured["value"][0, 2]
        np.testing.assert_allclose(unpacked(trace["y"]), expected, rtol=1e-6)


def test_decisions_on_the_plane():
    runs = pair({"steps": 2}, dataset="moons")
    figure = pictures.boundaries(*runs, LIGHT)
    check(figure)
    for place, run in enumerate(runs):
        np.testing.assert_array_equal(unpacked(figure["data"][place]["z"]), run.result.decision[-1])
        shown = unpacked(figure["frames"][1]["data"][place]["z"])
        np.testing.assert_array_equal(shown, run.result.decision[1])


@pytest.mark.parametrize("name", FEW)
def test_an_arm_that_was_too_large_to_measure_is_left_out(name, monkeypatch):
    there = arm("B", normalizer="batch", diagnostic=name)
    monkeypatch.setattr(lab_config, "MEASURING", 1e-9)
    large = LabelledResult("A", lab.run(LabConfig(**TINY, diagnostic=name)))
    for figure in diagnostic(large, there, LIGHT).values():
        check(figure)
    assert diagnostic(large, LabelledResult("B", large.result), LIGHT) == {}
