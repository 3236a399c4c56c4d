"""The pictures of when BN breaks: what stands where, at every moment."""

import base64

import numpy as np
import pytest

from bnviz.experiments import batches, company, sorted_batches
from bnviz.figures import DARK, LIGHT, signs
from bnviz.figures import batches as pictures
from bnviz.figures import sorted_batches as sorted_pictures
from bnviz.figures.theme import LABEL
from bnviz.words import batches as words
from tests.made.batches import made, made_full
from tests.samples import tiny

RINGS = -3  # among the traces of the first picture


@pytest.fixture(scope="module")
def of():
    return batches.run(tiny("batches", steps=30, batch_size=2))


@pytest.fixture(scope="module")
def skewed(of):
    return sorted_batches.run(sorted_batches.few_classes(of.config, 2))


@pytest.fixture(scope="module")
def asked(of):
    return company.run(company.SampleConfig.like(of.config))


def numbers(spec):
    return np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])


def middle(values):
    """The median over the seeds."""
    return np.median(values, axis=0)


def lines(traces, kind):
    """The lines of a treatment: those that are named by it."""
    return [t for t in traces if t.get("name") == LABEL[kind] and "lines" in t["mode"]]


def test_errors_by_batch_size_at_every_moment(of):
    figure = pictures.errors(of, LIGHT)
    places = [t.get("name") for t in figure["data"]]
    for column, frame in enumerate(figure["frames"]):
        for kind, values in of.accuracy.items():
            drawn = frame["data"][places.index(LABEL[kind])]
            np.testing.assert_array_equal(numbers(drawn["x"]), np.log2(of.sizes))
            expected = 1 - np.median(values[:, :, column], axis=1)
            np.testing.assert_allclose(numbers(drawn["y"]), expected, atol=1e-6)


def test_precise_statistics_are_shown_at_the_end_alone(of):
    figure = pictures.errors(of, LIGHT)
    shown = [numbers(frame["data"][RINGS]["y"]) for frame in figure["frames"]]
    assert all(np.isnan(values).all() for values in shown[:-1])
    np.testing.assert_allclose(shown[-1], 1 - np.median(of.precise, axis=1), atol=1e-6)
    np.testing.assert_array_equal(numbers(figure["data"][RINGS]["y"]), shown[-1])


def test_the_key_says_what_precise_statistics_are(of):
    (key,) = pictures.errors(of, LIGHT)["layout"]["annotations"]
    assert f"of {of.config.precise_samples()} training samples" in key["text"]
    (key,) = pictures.full([made_full(32, 0.95, 1.0)], LIGHT)["layout"]["annotations"]
    assert "training samples" in key["text"]


@pytest.mark.parametrize(("batch", "told"), [(0.5, "<b>50%</b>"), (0.89, ""), (np.nan, "")])
def test_how_far_bn_is_behind_in_the_smallest_batches(batch, told):
    figure = pictures.errors(made(batch=(batch, 0.9, 0.92)), LIGHT)
    for gap, label in (figure["data"][-2:], figure["frames"][-1]["data"][-2:]):
        assert label["text"] == [told]
        assert np.isfinite(numbers(gap["y"])).all() == bool(told)
    np.testing.assert_allclose(numbers(gap["y"])[0], 0.1, atol=1e-6)  # layer norm


def test_all_batch_sizes_are_on_the_axis(of):
    ticks = pictures.errors(of, LIGHT)["layout"]["xaxis"]["ticktext"]
    assert ticks == ["2", "4", "8", "16", "32"]


def test_curves_are_those_of_the_chosen_batch_size(of):
    figure = pictures.curves(of, LIGHT)
    for kind, values in of.accuracy.items():
        (curve,) = lines(figure["data"], kind)
        np.testing.assert_allclose(numbers(curve["y"]), np.median(values[0], axis=0), atol=1e-6)
    for column, frame in enumerate(figure["frames"]):
        *curves, _one, _other, _third = (numbers(trace["x"]) for trace in frame["data"])
        dots = [numbers(trace["x"])[0] for trace in frame["data"][-3:]]
        assert dots == [of.steps[column]] * 3
        assert max(np.nanmax(x) for x in curves) == of.steps[column]  # and no further


def test_sorted_batches_show_all_treatments_and_mixed_batches(skewed):
    figure = sorted_pictures.on_sorted(skewed, LIGHT)
    for kind in sorted_batches.SORTED:
        (curve,) = lines(figure["data"], kind)
        np.testing.assert_allclose(numbers(curve["y"]), middle(skewed.accuracy[kind]), atol=1e-6)
        hover = f"{LABEL[kind]}, mixed batches"
        (control,) = [t for t in figure["data"] if hover in t.get("hovertemplate", "")]
        np.testing.assert_allclose(numbers(control["y"]), middle(skewed.mixed[kind]), atol=1e-6)
        assert control["line"]["color"] == LIGHT.colour(kind)


def test_dumbbells_go_from_training_mode_to_inference(skewed):
    figure = sorted_pictures.company(skewed, LIGHT)
    for column, frame in enumerate(figure["frames"]):
        bars, own, inference = (numbers(trace["x"]) for trace in frame["data"])
        for place, kind in enumerate(sorted_pictures.ROWS):
            here = skewed.in_company | {"mixed": skewed.mixed_in_company}
            later = skewed.accuracy | {"mixed": skewed.mixed["batch"]}
            there, then = (middle(values[kind])[column] for values in (here, later))
            np.testing.assert_allclose((own[place], inference[place]), (there, then), atol=1e-6)
            np.testing.assert_allclose(bars[3 * place : 3 * place + 2], (there, then), atol=1e-6)
    assert [text.strip("</b>") for text in figure["layout"]["yaxis"]["ticktext"]][:2] == [
        "layer norm",
        "plain",
    ]


def test_layer_norm_is_a_level_line_among_the_predictions(asked):
    (level,) = lines(pictures.one_prediction(asked, LIGHT)["data"], "layer")
    np.testing.assert_allclose(numbers(level["y"]), asked.by_layer, rtol=1e-6)


def test_published_figures_are_those_told_in_words():
    data = pictures.published(LIGHT)["data"]
    text = words.NOTES["What the papers found"].replace("\n", " ")
    for kind in pictures.PUBLISHED:
        (curve,) = lines(data, kind)
        listed = ", ".join(f"{100 * y:.1f}" for y in numbers(curve["y"])[::-1])
        assert listed in text
        np.testing.assert_array_equal(numbers(curve["x"]), [1, 2, 3, 4, 5])
    (layer,) = [t for t in data if t.get("name") == LABEL["layer"]]
    assert f"layer norm has {100 * numbers(layer['y'])[0]:.1f}" in text


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_whole_training_by_batch_size(colours):
    pieces = [made_full(32, 0.95, 1.0), made_full(4, 0.5, 1.0)]
    pieces[1].precise[1] = np.nan
    for some in (pieces[:1], pieces):
        data = pictures.full(some, colours)["data"]
        for kind in batches.FULL:
            (curve,) = lines(data, kind)
            assert numbers(curve["x"]).tolist() == [5.0] if some == pieces[:1] else [2.0, 5.0]
            assert (numbers(curve["y"]) > 0).all()
        np.testing.assert_allclose(numbers(data[-1]["y"])[-1], 0.05, rtol=1e-5)


def test_a_key_names_every_line(of, skewed):
    for figure, kinds in (
        (pictures.errors(of, LIGHT), batches.SWEPT),
        (sorted_pictures.on_sorted(skewed, LIGHT), sorted_batches.SORTED),
    ):
        (key,) = figure["layout"]["annotations"]
        for kind in kinds:
            assert f"{signs.SIGN[kind]} {LABEL[kind]}" in key["text"]
            assert LIGHT.colour(kind) in key["text"]
