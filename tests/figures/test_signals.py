"""Signals: what is drawn is what was measured, and every word stands inside its picture."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, strategies

from bnviz.experiments import signals
from bnviz.figures import DARK, LIGHT, drawn
from bnviz.figures import signals as pictures
from bnviz.figures.remedies import remedies
from tests.figures.parts import unpacked
from tests.figures.results import KINDS
from tests.samples import tiny

SOME, EVERYBODY = "some diverged", "everybody diverged"
WHICH = ("signal", "gradient")


@cache
def of(kind="tiny"):
    return signals.run(tiny("signals", **KINDS[kind]))


def profile(one, theme, which, said="so much arrives"):
    """The picture, with the same words at each record."""
    return pictures.profile(one, theme, which, [[said] * len(one.steps)] * 2)


def moved(figure, column):
    """The traces of a figure as they are in this frame."""
    frame, data = figure["frames"][column], [dict(trace) for trace in figure["data"]]
    for place, change in zip(frame["traces"], frame["data"], strict=True):
        data[place] |= change
    return data


def parts(data, treatment):
    """(the line at step 0, band, line, name) of one network."""
    return data[treatment], data[2 + 2 * treatment], data[3 + 2 * treatment], data[6 + treatment]


def axis_of(figure):
    return 10.0 ** np.array(figure["layout"]["yaxis"]["range"])


class TestProfile:
    @pytest.mark.parametrize("which", WHICH)
    @pytest.mark.parametrize("kind", ["tiny", "one step", "fifty layers", SOME])
    def test_lines_are_medians_and_bands_are_the_seeds_in_every_frame(self, kind, which):
        one = of(kind)
        figure, values = profile(one, LIGHT, which), getattr(one, which).astype(float)
        low, high = axis_of(figure)
        for column, treatment in np.ndindex(len(one.steps), 2):
            start, band, line, _ = parts(moved(figure, column), treatment)
            now = np.clip(values[treatment, :, column], low, high)
            alive = np.isfinite(now).all(1)
            assert (np.isfinite(now).any(1) == alive).all()
            depth = one.config.depth
            if not alive.any():
                assert np.isnan(unpacked(line["y"])).all()
                continue
            np.testing.assert_allclose(unpacked(line["y"]), np.median(now[alive], 0), rtol=1e-5)
            np.testing.assert_array_equal(unpacked(line["x"]), np.arange(1, depth + 1))
            edges = unpacked(band["y"])
            np.testing.assert_allclose(edges[:depth], now[alive].min(0), rtol=1e-5)
            np.testing.assert_allclose(edges[depth:][::-1], now[alive].max(0), rtol=1e-5)
            first = np.clip(values[treatment, :, 0], low, high)
            np.testing.assert_allclose(unpacked(start["y"]), np.median(first, 0), rtol=1e-5)
            assert start["line"]["dash"] == "dot"

    @pytest.mark.parametrize("which", WHICH)
    @pytest.mark.parametrize("kind", KINDS)
    def test_everything_stands_on_the_axis(self, kind, which):
        figure = profile(of(kind), LIGHT, which)
        low, high = axis_of(figure)
        for column in range(len(of(kind).steps)):
            for trace in moved(figure, column):
                y = unpacked(trace["y"])
                y = y[np.isfinite(y)]
                assert (y >= low * 0.999).all()
                assert (y <= high * 1.001).all()
        for trace in figure["data"][-2:]:
            assert np.isfinite(unpacked(trace["y"])).all()

    @pytest.mark.parametrize("which", WHICH)
    def test_what_is_lost_lies_on_the_lower_edge_and_does_not_stretch_the_axis(self, which):
        one, depth = of("tiny"), of("tiny").config.depth
        values = np.ones((2, 2, len(one.steps), depth), np.float32)
        values[0, :, :, 1] = 0
        figure = profile(replace(one, **{which: values}), LIGHT, which)
        low, high = axis_of(figure)
        assert 1e-3 < low < 1 < high < 1e3
        line = parts(figure["data"], 0)[2]
        np.testing.assert_allclose(unpacked(line["y"]), [1, low], rtol=1e-5)

    def test_without_any_number(self):
        one = of("tiny")
        gone = replace(one, signal=np.full_like(one.signal, np.nan))
        figure = profile(gone, LIGHT, "signal", "")
        assert [trace["text"] for trace in figure["data"][-2:]] == [
            ["<b>plain has diverged</b>"],
            ["<b>BN has diverged</b>"],
        ]
        heights = [unpacked(trace["y"])[0] for trace in figure["data"][-2:]]
        assert heights[0] != heights[1]

    @pytest.mark.parametrize(("which", "place"), [("signal", 2), ("gradient", 1)])
    @pytest.mark.parametrize("swapped", [False, True])
    def test_names_stand_at_the_end_of_the_way_outside_the_two_curves(self, which, place, swapped):
        one = of("tiny")
        values = np.ones((2, 2, len(one.steps), 2), np.float32)
        values[int(swapped)] = 0.3
        values[:, :, 1] = [1e-4, 1e3]  # so that there is room on both sides
        figure = profile(replace(one, **{which: values}), LIGHT, which)
        for treatment, trace in enumerate(figure["data"][-2:]):
            assert unpacked(trace["x"])[0] == place
            below = (treatment == 0) != swapped
            assert trace["textposition"].startswith("bottom" if below else "top")
            assert trace["textposition"].endswith("left" if which == "signal" else "right")

    def test_names_tell_what_arrives_and_keep_clear_of_the_dotted_lines(self):
        one = of("tiny")
        values = np.ones((2, 2, len(one.steps), 2), np.float32)
        values[0] = 0.3
        values[:, :, 1] = [1e-4, 1e3]  # so that there is room on both sides
        values[0, :, 0], values[1, :, 0] = 0.1, 5.0
        names = profile(replace(one, signal=values), LIGHT, "signal")["data"][-2:]
        assert [unpacked(name["y"])[0] for name in names] == pytest.approx([0.1, 5.0])
        said = ["<b>plain:</b> so much arrives", "<b>BN:</b> so much arrives"]
        assert [name["text"][0] for name in names] == said

    def test_who_has_diverged_is_named_where_it_was_at_the_start(self):
        one = of("tiny")
        values = np.ones((2, 2, len(one.steps), 2), np.float32)
        values[0, :, 0, 1], values[0, :, 1:] = 1000, np.nan
        plain, batch = profile(replace(one, signal=values), LIGHT, "signal")["data"][-2:]
        assert plain["text"] == ["<b>plain has diverged</b><br>at step 0: so much arrives"]
        assert unpacked(plain["y"])[0] == 1000
        assert plain["textposition"] == "top left"
        assert unpacked(batch["y"])[0] == 1

    def test_says_that_it_is_logarithmic_and_which_way_it_goes(self):
        for which, arrow in (("signal", "→"), ("gradient", "←")):
            layout = profile(of(), LIGHT, which)["layout"]
            assert layout["yaxis"]["type"] == "log"
            assert "(log)" in layout["yaxis"]["title"]["text"]
            assert arrow in layout["annotations"][0]["text"]

    def test_travels_light_at_the_pages_defaults(self):
        one = of("tiny")
        shape = (2, 5, 9, 50)
        full = replace(
            one,
            config=one.config.model_copy(update={"depth": 50}),
            steps=np.arange(9),
            signal=np.ones(shape, np.float32),
        )
        figure = profile(full, LIGHT, "signal")
        assert len(drawn(figure).to_json()) < 60_000


def chain_lines(figure, one):
    """length -> (promised, true, name)"""
    return {int(n): figure["data"][3 * k : 3 * k + 3] for k, n in enumerate(one.chains)}


class TestChain:
    def test_draws_what_is_promised_and_what_comes(self):
        one = signals.run(tiny("signals", depth=12))
        lines = chain_lines(pictures.chain(one, LIGHT), one)
        assert list(lines) == [1, 5, 12]
        for place, (promised, true, _) in enumerate(lines.values()):
            np.testing.assert_allclose(unpacked(true["x"]), one.rates, rtol=1e-5)
            y = unpacked(promised["y"]).astype(float)
            back = np.sign(y) * pictures.LINEAR * (10 ** np.abs(y) - 1)
            np.testing.assert_allclose(back, one.chain_promised[place], rtol=1e-4)
            y = unpacked(true["y"]).astype(float)
            inside = one.chain_delivered[place] <= pictures.HELD
            assert (np.isfinite(y) == inside).all()
            back = np.sign(y) * pictures.LINEAR * (10 ** np.abs(y) - 1)
            expected = one.chain_delivered[place]
            np.testing.assert_allclose(back[inside], expected[inside], rtol=1e-4, atol=1e-6)
            assert (promised["line"]["dash"], true["line"]["dash"]) == ("dot", "solid")

    def test_the_networks_own_length_is_the_strong_one(self):
        one = signals.run(tiny("signals", depth=12))
        for length, (_, true, name) in chain_lines(pictures.chain(one, DARK), one).items():
            assert (true["line"]["color"] == DARK.text) == (length == 12)
            assert (true["line"]["width"] > 2) == (length == 12)
            assert name["text"] == [f"{length} factor{'s' if length > 1 else ''}"]

    @given(strategies.floats(1e-6, 1e12))
    def test_signed_log_goes_through_zero_and_turns_with_the_sign(self, change):
        there = pictures.signed_log(np.array([change, -change]))
        assert there[0] == -there[1]
        assert there[0] > pictures.signed_log(np.array(change / 2)) >= 0

    def test_ticks_stand_at_their_numbers(self):
        vertical = pictures.chain(of(), LIGHT)["layout"]["yaxis"]
        ticks = dict(zip(vertical["ticktext"], vertical["tickvals"], strict=True))
        assert ticks["0"] == 0
        assert ticks["+1"] == -ticks["−1"] == pytest.approx(np.log10(101))
        assert ticks["+1 million"] == pytest.approx(8, abs=1e-6)
        assert "(log)" in vertical["title"]["text"]

    @pytest.mark.parametrize(("rate", "marks"), [(0.1, 1), (3.2, 0)])
    def test_the_networks_rate_is_marked_where_it_is_in_the_picture(self, rate, marks):
        one = of()
        one = replace(one, config=one.config.model_copy(update={"learning_rate": rate}))
        shapes = pictures.chain(one, LIGHT)["layout"]["shapes"]
        assert [s["x0"] for s in shapes if s.get("yref") == "paper"] == [rate] * marks

    @pytest.mark.parametrize("kind", KINDS)
    def test_everything_stands_on_its_axes(self, kind):
        figure = pictures.chain(of(kind), LIGHT)
        low, high = figure["layout"]["yaxis"]["range"]
        for trace in figure["data"]:
            y = unpacked(trace["y"]).astype(float)
            assert np.isfinite(y).any()
            assert (y[np.isfinite(y)] >= low).all()
            assert (y[np.isfinite(y)] <= high).all()


class TestRemedies:
    def results(self):
        one = of("tiny")
        steps = one.config.steps
        learned = [[[-1, -1], [3, 5]], [[2, -1], [4, 4]], [[1, 2], [-1, -1]]]
        return steps, [replace(one, learned_at=np.array(rows)) for rows in learned]

    def test_marks_stand_at_the_steps_and_who_never_learns_at_never(self):
        steps, results = self.results()
        names = ["first", "second", "third"]
        figure = remedies(results, names, LIGHT)
        never = figure["layout"]["xaxis"]["tickvals"][-1]
        assert figure["layout"]["xaxis"]["ticktext"][-1] == "never"
        assert steps < never < figure["layout"]["xaxis"]["range"][1]
        seeds, middle = (unpacked(trace["x"]) for trace in figure["data"][:2])
        np.testing.assert_allclose(seeds, [never, never, 2, never, 1, 2], rtol=1e-6)
        np.testing.assert_allclose(middle, [never, never, 2], rtol=1e-6)
        middle = unpacked(figure["data"][3]["x"])
        np.testing.assert_allclose(middle, [5, 4, never], rtol=1e-6)
        assert figure["layout"]["yaxis"]["ticktext"] == names[::-1]
        heights = unpacked(figure["data"][1]["y"])
        assert np.rint(heights).tolist() == [2, 1, 0]

    def test_tells_the_networks_apart_without_colour(self):
        _, results = self.results()
        figure = remedies(results, ["a", "b", "c"], LIGHT)
        symbols = [trace["marker"]["symbol"] for trace in figure["data"]]
        assert symbols == ["diamond", "diamond", "circle", "circle"]
        assert figure["data"][1]["text"][0] == "<b>plain</b>"
        assert figure["data"][3]["text"][0] == "<b>BN</b>"

    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_is_accepted_by_plotly_while_pieces_are_missing(self, count):
        _, results = self.results()
        figure = remedies(results[:count], ["a", "b", "c"], LIGHT)
        drawn(figure)
        assert len(figure["layout"]["yaxis"]["ticktext"]) == count
