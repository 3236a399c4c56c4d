"""Every figure: accepted by Plotly, light to send, in step with the clock, in its own colours."""

import re
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from bnviz.experiments import paper, rates
from bnviz.figures import DARK, LIGHT, drawn
from tests.figures.parts import differences, unpacked, walk
from tests.figures.pictures import PICTURES
from tests.figures.results import kinds, result
from tests.samples import LESSONS

LONGEST_LIST = 60  # numbers; whatever is longer travels packed
COLOUR = re.compile(r"#[0-9a-f]{6}\b|rgba?\([\d., ]+\)", re.IGNORECASE)


@pytest.fixture(scope="module", autouse=True)
def few_rates(coarse_map):
    """As few cells of the map of what trains, and as few learning rates."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rates, "LEARNING_RATES", rates.LEARNING_RATES[::5])
        patch.setattr(paper, "MEMBERS", 2)
        patch.setattr(paper, "LONGER", 1)
        yield


@lru_cache(maxsize=4)  # the tests of one kind come one after the other, and change no picture
def pictures(lesson, kind, colours):
    return PICTURES[lesson](result(lesson, kind), colours)


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
            # Frames carry what differs from the figure's own data, with which they are accepted.
            # Those are the data of the last frame, as the test below says: the first is left.
            for frame in moments[:1]:
                data = [dict(trace) for trace in figure["data"]]
                for place, change in zip(frame["traces"], frame["data"], strict=True):
                    data[place] |= change
                drawn({"data": data})

    def test_another_theme_has_other_colours_and_is_accepted_like_this_one(self, lesson, kind):
        dark = pictures(lesson, kind, DARK)
        assert list(dark) == list(pictures(lesson, kind, LIGHT))
        for name, figure in pictures(lesson, kind, LIGHT).items():
            for path, one, other in differences(figure, dark[name]):
                assert COLOUR.sub("", one) == COLOUR.sub("", other), name + path

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

    def test_with_the_clock_at_the_start_no_curve_is_ahead_of_it(self, lesson, kind):
        start = int(result(lesson, kind).steps[0])
        for name, figure in pictures(lesson, kind, LIGHT).items():
            for trace in at_the_start(figure) if "frames" in figure else ():
                if over_training(trace, figure):
                    assert not is_ahead(trace, start), (name, trace.get("name"))

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


def at_the_start(figure):
    """Its traces, as the first frame shows them."""
    data = [dict(trace) for trace in figure["data"]]
    first = figure["frames"][0]
    for place, change in zip(first["traces"], first["data"], strict=True):
        data[place] |= change
    return data


def over_training(trace, figure):
    """Whether it is a curve, or marks, along an axis of steps; no kept run, whose end is known."""
    axes = figure["layout"]
    name = trace.get("xaxis", "x").replace("x", "xaxis")
    across = axes.get(name) or axes.get({"xaxis": "xaxis1", "xaxis1": "xaxis"}.get(name), {})
    title = across.get("title", {}).get("text", "")
    drawn = trace["type"] == "scatter" and trace["mode"] != "text"
    return drawn and title.startswith("training step") and "kept" not in trace.get("name", "")


def is_ahead(trace, step):
    """Whether it has points later than the step; a level line, such as a target, has no time."""
    x, y = (unpacked(trace[side]).astype(float) for side in "xy")
    there = np.isfinite(x) & np.isfinite(y)
    return bool((x[there] > step).any()) and np.ptp(y[there]) > 1e-9
