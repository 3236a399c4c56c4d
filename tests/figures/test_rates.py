"""The pictures of the rates: bars, crosses and the mark."""

import numpy as np
import pytest

from bnviz.figures import DARK, LIGHT, drawn
from bnviz.figures import rates as pictures
from tests.figures.parts import unpacked
from tests.made.rates import ALL_ALIVE, DIES, FAILS, NARROW, NO_LOSS, RATES, WIDE, made

USUAL = (NARROW, WIDE, (DIES, NO_LOSS))


def windows(figure, frame=None):
    """The bars above the accuracies: their ends and what they say; plain, BN."""
    traces = figure["data"] if frame is None else figure["frames"][frame]["data"]
    bars = [traces[place] for place in ((3, 7) if frame is None else (2, 6))]
    said = ["".join(bar["text"]).strip().replace("<b>", "").replace("</b>", "") for bar in bars]
    return [unpacked(bar["x"])[:2] for bar in bars], said


def crosses(figure):
    return [t for t in figure["data"] if t.get("marker", {}).get("symbol") == "x"]


class TestAccuracy:
    def test_bars_span_the_window_and_name_its_ends(self):
        ends, said = windows(pictures.accuracy(made(*USUAL), LIGHT))
        assert said == ["plain: 0.1 to 0.32", "BN: 0.1 to 3.2"]
        for (left, right), (low, high) in zip(ends, ((0.1, 0.32), (0.1, 3.2)), strict=True):
            assert 0.8 * low < left < low < high < right < 1.2 * high

    def test_bars_grow_with_the_clock(self):
        figure = pictures.accuracy(made(*USUAL, slow=2), LIGHT)
        assert windows(figure, 1)[1] == ["plain: no rate yet", "BN: no rate yet"]
        assert windows(figure, 2)[1] == windows(figure)[1]
        nobody = pictures.accuracy(made(FAILS, FAILS, ALL_ALIVE), LIGHT)
        assert windows(nobody)[1] == ["plain: no rate", "BN: no rate"]

    def test_a_single_rate_has_a_bar_too(self):
        one = (0.1, 0.1, 0.1, 0.95, 0.1, 0.1, 0.1)
        (ends, _), (said, _) = windows(pictures.accuracy(made(one, WIDE), LIGHT))
        assert said == "plain: 0.32"
        assert ends[0] < 0.32 < ends[1]

    @pytest.mark.parametrize(("first", "side", "end"), [(0.1, "right", 0), (3.2, "left", 1)])
    def test_the_name_stands_above_the_bar_where_there_is_room(self, first, side, end):
        good = tuple(0.95 if rate >= first else 0.1 for rate in RATES)
        bar = pictures.accuracy(made(NARROW, good), LIGHT)["data"][7]
        assert bar["textposition"] == f"top {side}"
        across, up = unpacked(bar["x"]), unpacked(bar["y"])
        assert across[3] == across[end]
        assert up[3] > up[0] == up[1]

    def test_a_cross_at_each_rate_where_a_seed_diverged_by_then(self):
        result = made(NARROW, WIDE, ((0, 0, 0, 0, 1 / 3, 1, 1), NO_LOSS))
        figure = pictures.accuracy(result, LIGHT)
        plain, batch = crosses(figure)
        np.testing.assert_allclose(unpacked(plain["x"]), [1, 3.2, 10], rtol=1e-6)
        assert plain["text"][0] == "1 of 3 seeds diverged"
        assert len(unpacked(batch["x"])) == 0
        assert len(unpacked(figure["frames"][0]["data"][3]["x"])) == 0  # at step 0, not yet
        assert any(note["text"] == "diverged" for note in figure["layout"]["annotations"])
        whole = pictures.accuracy(made(NARROW, WIDE, ALL_ALIVE), LIGHT)
        assert not any(note["text"] == "diverged" for note in whole["layout"]["annotations"])

    def test_where_everybody_diverged_the_word_has_room_at_the_left(self):
        gone = ((1,) * 7,) * 2
        drawn(pictures.accuracy(made(NARROW, WIDE, gone), DARK))
        notes = pictures.accuracy(made(NARROW, WIDE, gone), LIGHT)["layout"]["annotations"]
        (note,) = (one for one in notes if one["text"] == "diverged")
        assert note["xanchor"] == "left"

    def test_lines_follow_the_clock(self):
        figure = pictures.accuracy(made(*USUAL, slow=3), LIGHT)
        for frame, expected in ((0, 0.1), (1, 0.1), (2, 0.98)):
            assert unpacked(figure["frames"][frame]["data"][5]["y"])[4] == pytest.approx(expected)


class TestArrow:
    """From the largest rate that reaches the target in one network to the other's."""

    def arrow(self, result, frame=-1):
        figure = pictures.accuracy(result, LIGHT)
        part = figure["frames"][frame]["data"][-1]
        return unpacked(part["x"]).tolist(), part["text"][1], unpacked(part["y"])[0]

    def test_points_to_the_larger_one_and_says_how_many_times(self):
        ends, text, height = self.arrow(made(*USUAL))
        assert ends == pytest.approx([0.32, 3.2])
        assert text == "<b>× 10</b>"
        assert height == pytest.approx(pictures.WINDOWS["plain"])
        ends, _, height = self.arrow(made(WIDE, NARROW, ALL_ALIVE))
        assert ends == pytest.approx([0.32, 3.2])
        assert height == pytest.approx(pictures.WINDOWS["batch"])

    def test_its_words_stay_inside_of_the_figure(self, monkeypatch):
        for late, side in ((20.0, "right"), (1.0, "left")):
            monkeypatch.setattr(pictures, "LATE", late)
            figure = pictures.accuracy(made(*USUAL), LIGHT)
            assert figure["data"][-1]["textposition"] == f"bottom {side}"

    def test_there_is_none_where_there_is_nothing_to_compare(self):
        for result, frame in (
            (made(NARROW, NARROW, ALL_ALIVE), -1),
            (made(FAILS, WIDE, ALL_ALIVE), -1),
            (made(*USUAL), 0),
        ):
            ends, text, _ = self.arrow(result, frame)
            assert np.isnan(ends).all()
            assert text == ""


@pytest.mark.parametrize("draw", [pictures.accuracy, pictures.steps])
class TestTheMark:
    @pytest.mark.parametrize("rate", RATES)
    def test_stands_at_the_rate_of_the_knob(self, draw, rate):
        layout = draw(made(*USUAL, learning_rate=rate), LIGHT)["layout"]
        marks = [shape for shape in layout["shapes"] if shape["yref"] == "paper"]
        assert all(mark["x0"] == mark["x1"] == rate for mark in marks)
        assert (marks[0]["y0"], marks[-1]["y1"]) == (0, 1)
        (note,) = (one for one in layout["annotations"] if one["text"].startswith("your rate"))
        assert note["text"] == f"your rate: {rate:g}"
        assert note["x"] == pytest.approx(np.log10(rate))

    def test_a_click_gives_the_rate(self, draw):
        """What a click hands on is a point's x: points stand at the rates themselves."""
        figure = draw(made(*USUAL), LIGHT)
        lines = [t for t in figure["data"] if t.get("mode") == "lines+markers"]
        assert len(lines) == 2
        for trace in lines:
            np.testing.assert_allclose(unpacked(trace["x"]), RATES, rtol=1e-6)
        assert figure["layout"]["xaxis"]["type"] == "log"
        assert "(log)" in figure["layout"]["xaxis"]["title"]["text"]


def test_the_mark_does_not_run_through_the_bars_and_their_names():
    layout = pictures.accuracy(made(*USUAL), LIGHT)["layout"]
    low, high = layout["yaxis"]["range"]
    below, above = (shape for shape in layout["shapes"] if shape["yref"] == "paper")
    bars = sorted(pictures.WINDOWS.values())
    assert low + below["y1"] * (high - low) < bars[0]
    assert low + above["y0"] * (high - low) > bars[-1] + pictures.ABOVE


class TestSteps:
    def test_only_rates_that_reach_the_target_have_a_point(self):
        figure = pictures.steps(made(*USUAL), LIGHT)
        plain, batch = (t for t in figure["data"] if t.get("mode") == "lines+markers")
        np.testing.assert_array_equal(np.isfinite(unpacked(plain["y"])), [0, 0, 1, 1, 0, 0, 0])
        np.testing.assert_array_equal(np.isfinite(unpacked(batch["y"])), [0, 0, 1, 1, 1, 1, 0])

    def test_a_rate_is_there_once_its_median_seed_is(self):
        figure = pictures.steps(made(*USUAL, slow=2), LIGHT)
        for frame, there in ((0, 0), (1, 0), (2, 2)):
            assert np.isfinite(unpacked(figure["frames"][frame]["data"][1]["y"])).sum() == there

    def test_the_line_climbs_with_the_clock(self):
        figure = pictures.steps(made(*USUAL), LIGHT)
        heights = [unpacked(frame["data"][-1]["y"]) for frame in figure["frames"]]
        assert [list(height) for height in heights] == [[0, 0], [10, 10], [20, 20]]


class TestOneRate:
    def test_is_the_training_at_the_rate_of_the_knob(self):
        result = made(*USUAL, learning_rate=1.0)
        figure = pictures.one_rate(result, LIGHT)
        plain, batch = (
            t for t in figure["data"] if t.get("name") in {"plain", "BN"} and "line" in t
        )
        np.testing.assert_allclose(unpacked(plain["y"]), [0.1, 0.5, 0.5])
        np.testing.assert_allclose(unpacked(batch["y"]), [0.1, 0.98, 0.98])
