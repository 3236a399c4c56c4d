"""The two modes: the pictures show what the result says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.axes import FIRST_MOMENTUM, LEVELS, OWN_BATCH, PRECISE
from bnviz.experiments import left_in_inference, modes
from bnviz.figures import LIGHT, THEMES, drawn
from bnviz.figures import mode_sections as closed
from bnviz.figures import modes as pictures
from bnviz.figures.named_lines import SPACE, apart
from tests.figures.parts import unpacked
from tests.samples import tiny


@pytest.fixture(scope="module")
def of():
    return modes.run(tiny("modes", batch_size=8))


def named(figure, name):
    (trace,) = [trace for trace in figure["data"] if trace.get("name") == name]
    return unpacked(trace["y"])


def texts(figure):
    written = [t for t in figure["data"] if t["mode"] == "text"]
    return [t["text"][0].replace(SPACE, "") for t in written]


@pytest.mark.parametrize("measure", pictures.MEASURES)
class TestOverTraining:
    def test_shows_the_median_of_each_way(self, of, measure):
        figure = pictures.over_training(of, LIGHT, measure)
        ways = of.test_loss if measure == "loss" else of.test_accuracy
        plain = of.plain_loss if measure == "loss" else of.plain_accuracy
        for name, values in {
            "batch statistics": ways[OWN_BATCH],
            "whole training set": ways[PRECISE],
            "running averages": ways[of.running],
            "plain": plain,
        }.items():
            np.testing.assert_allclose(named(figure, name), np.median(values, axis=0), rtol=1e-5)
        assert texts(figure) == [
            f"<b>{name}</b>"
            for name in (
                "batch<br>statistics",
                "whole<br>training set",
                "running<br>averages",
                "plain",
            )
        ]
        assert ("log" in figure["layout"]["yaxis"]["title"]["text"]) == (measure == "loss")

    def test_curves_grow_with_the_clock(self, of, measure):
        figure = pictures.over_training(of, LIGHT, measure)
        (place,) = [k for k, t in enumerate(figure["data"]) if t.get("name") == "running averages"]
        whole = named(figure, "running averages")
        for column, frame in enumerate(figure["frames"]):
            grown = frame["data"][place]
            np.testing.assert_array_equal(unpacked(grown["x"]), of.steps[: column + 1])
            np.testing.assert_array_equal(unpacked(grown["y"]), whole[: column + 1])


class TestByMomentum:
    def test_shows_every_momentum_and_rings_the_chosen_one(self, of):
        figure = pictures.by_momentum(of, LIGHT)
        curve = named(figure, "running averages")
        expected = np.median(of.test_loss[FIRST_MOMENTUM:, :, -1], axis=1)
        np.testing.assert_allclose(curve, expected, rtol=1e-5)
        (ring,) = [t for t in figure["data"] if t["mode"] == "markers"]
        assert unpacked(ring["y"])[0] == curve[modes.MOMENTA.index(0.1)]
        ticks = figure["layout"]["xaxis"]["ticktext"]
        assert ticks[2] == "0.1<br>(0.9)"  # both conventions

    def test_each_frame_is_its_own_step(self, of):
        figure = pictures.by_momentum(of, LIGHT)
        (place,) = [k for k, t in enumerate(figure["data"]) if t.get("name") == "running averages"]
        for column, frame in enumerate(figure["frames"]):
            expected = np.median(of.test_loss[FIRST_MOMENTUM:, :, column], axis=1)
            np.testing.assert_allclose(unpacked(frame["data"][place]["y"]), expected, rtol=1e-5)


class TestUnit:
    def test_shows_batches_average_and_population(self, of):
        unit = of.units[2]
        for row, figure in enumerate(closed.statistics(of, unit, LIGHT)):
            averages = unit.averages(0.1)[row]
            np.testing.assert_allclose(named(figure, "running average"), averages, rtol=1e-5)
            np.testing.assert_allclose(named(figure, "training set"), unit.population[row])
            np.testing.assert_array_equal(unpacked(figure["data"][0]["y"]), unit.batch[row])
            assert ("<b>biased</b>" in texts(figure)) == (row == 1)
        np.testing.assert_allclose(named(figure, "biased"), unit.averages(0.1, True)[1], rtol=1e-5)

    def test_everything_grows_with_the_clock(self, of):
        unit = of.units[0]
        for row, figure in enumerate(closed.statistics(of, unit, LIGHT)):
            running, biased = (unit.averages(0.1, flag)[row] for flag in (False, True))
            for column, frame in enumerate(figure["frames"]):
                _, population, average, *rest = (unpacked(t["y"]) for t in frame["data"])
                now = of.steps[column]
                seen = np.isfinite(unpacked(frame["data"][0]["x"]))  # Plotly overlooks an empty x
                np.testing.assert_array_equal(np.flatnonzero(seen), np.arange(now))
                np.testing.assert_array_equal(population, unit.population[row][: column + 1])
                np.testing.assert_allclose(average, running[: now + 1], rtol=1e-5)
                if row == 1:
                    np.testing.assert_allclose(rest[0], biased[: now + 1], rtol=1e-5)

    def test_the_range_holds_the_lines(self, of):
        for unit in of.units:
            for row, figure in enumerate(closed.statistics(of, unit, LIGHT)):
                low, high = figure["layout"]["yaxis"]["range"]
                shown = np.concatenate([unit.averages(0.1)[row], unit.population[row]])
                assert low <= shown.min() <= shown.max() <= high


class TestOneSample:
    def test_cells_are_the_probabilities_and_the_answer_stands_beside(self, of):
        figure = pictures.one_sample(of, LIGHT)
        cells, answers = figure["data"]
        probability = of.sample.probability[-1]
        np.testing.assert_allclose(unpacked(cells["z"]) / LEVELS, probability, atol=0.003)
        for text, row in zip(answers["text"], probability, strict=True):
            right = row.argmax() == of.sample.label
            assert f"<b>{row.argmax()} {'✓' if right else '✗'}</b>" in text
            assert f"{100 * row.max():.0f} %" in text

    def test_nothing_is_answered_after_a_divergence(self, of):
        nothing = replace(of.sample, probability=np.full_like(of.sample.probability, np.nan))
        figure = pictures.one_sample(replace(of, sample=nothing), LIGHT)
        assert set(figure["data"][1]["text"]) == {""}

    def test_the_truth_is_framed(self, of):
        box = pictures.one_sample(of, LIGHT)["layout"]["shapes"][0]
        assert (box["x0"], box["x1"]) == (6.5, 7.5)


class TestMistakes:
    def test_evaluation(self, of):
        figure = closed.evaluation(of, LIGHT)
        for row, name in enumerate(("shuffled", "sorted by class")):
            shown = named(figure, f"training mode, {name}")
            np.testing.assert_allclose(shown, np.median(of.evaluated[row], axis=1), rtol=1e-5)
        level = named(figure, "inference mode")
        assert level[0] == pytest.approx(np.median(of.test_accuracy[of.running, :, -1]))
        assert "frames" not in figure

    def test_left_in_inference(self, of):
        left = left_in_inference.run(left_in_inference.LeftInInferenceConfig.like(of.config))
        figure = closed.left_in_inference(of, left, LIGHT)
        assert texts(figure)[:3] == [
            "<b>the right<br>way</b>",
            "<b>from step<br>4 on</b>",
            "<b>always</b>",
        ]
        for row, name in enumerate(("always in inference mode", "inference mode from step 4 on")):
            expected = np.median(left.accuracy[row], axis=0)
            np.testing.assert_allclose(named(figure, name), expected, rtol=1e-5)
        assert figure["layout"]["shapes"][0]["x0"] == 4


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("measure", pictures.MEASURES)
def test_the_sweep_shows_every_batch_size(of, theme, measure):
    results = [replace(of, config=piece) for piece in modes.batch_sizes(of.config)]
    for some in (results, results[:1]):
        figure = pictures.sweep(some, theme, measure)
        drawn(figure)
        assert len(named(figure, "running averages")) == len(some)
    assert figure["layout"]["xaxis"]["ticktext"] == ["2"]


class TestApart:
    @given(st.lists(st.floats(0, 10) | st.just(np.nan), max_size=6))
    def test_names_neither_collide_nor_leave_nor_change_places(self, heights):
        heights = np.array(heights)
        places = apart(heights, 1.0, 0.0, 10.0)
        known = np.isfinite(heights)
        assert (np.isfinite(places) == known).all()
        ordered = places[known][np.argsort(heights[known], kind="stable")]
        assert (np.diff(ordered) >= 1 - 1e-9).all()
        assert ((ordered >= -1e-9) & (ordered <= 10 + 1e-9)).all()

    def test_what_is_apart_stays(self):
        heights = np.array([5.0, 1.0, 8.0])
        np.testing.assert_array_equal(apart(heights, 1.0, 0.0, 10.0), heights)
