"""What the shift lesson says of judged results."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import changed_inputs, moments, shift
from bnviz.experiments.changed_inputs import InputsConfig
from bnviz.experiments.moments import MomentsConfig
from bnviz.experiments.settings import knobs
from bnviz.experiments.shift import ShiftConfig
from bnviz.verdicts import changed_inputs as of_inputs
from bnviz.verdicts import moments as of_moments
from bnviz.verdicts.shift import judge
from bnviz.words import changed_inputs as input_words
from bnviz.words import moments as moment_words
from bnviz.words import shift as words
from tests.made.shift import ALL, made, undecided
from tests.samples import tiny


def findings(*arguments, **changes):
    return words.findings(judge(made(*arguments, **changes)))


def met(result, place):
    return list(words.beliefs(judge(result)).values())[place]


@pytest.mark.parametrize(
    ("angles", "said"),
    [
        (((10, 20), (50, 60), (55, 65)), "shifts more, not less**"),
        (((10, 20), (50, 60), (55, 65)), "(BN's turns more in all 3 seeds)."),
        (((50, 60), (10, 20), (15, 25)), "shifts less here**"),
        (((50, 60), (10, 20), (15, 25)), "(plain's turns more in all 3 seeds)."),
        (((50, 60), (51, 61), (55, 65)), "about as much**"),
    ],
)
def test_headline(angles, said):
    assert said in findings(angles).headline


def test_headline_where_the_seeds_disagree():
    said = words.findings(judge(undecided()))
    assert "open here" in said.headline
    assert "Early or late, the seeds disagree" in said.text


@pytest.mark.parametrize(
    ("angles", "said"),
    [
        (((10, 20), (50, 60), (5, 5)), "Early and late agree: in the first 5 steps BN 50°, plain"),
        (((10, 60), (50, 20), (5, 5)), "**The order flips in training**"),
        (((10, 50), (50, 50), (5, 5)), "Early and late differ"),
    ],
)
def test_over_time(angles, said):
    assert said in findings(angles).text


def test_over_time_beside_the_whole():
    result = made(((10, 30), (50, 60), (5, 5)))
    cosine = result.cosine.copy()
    cosine[1, :, 3] = 1.0  # between the first steps and the second half BN's does not turn at all
    cosine[0, :, 3] = -1.0
    said = words.findings(judge(replace(result, cosine=cosine))).text
    assert "Early and late agree, but not with the whole: in the first" in said


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        (
            (0.1, 0.5, 0.5),
            "as well, BN's change is the larger one, 5.0 times as large (more in all",
        ),
        ((0.5, 0.1, 0.5), "in contrast to the angle, plain's change is the larger one"),
        ((0.5, 0.5, 0.5), "about as large"),
    ],
)
def test_length(distance, said):
    assert said in findings(distance=distance).text


@pytest.mark.parametrize(
    ("accuracy", "right", "said"),
    [
        ((0.93, 0.95, 0.94), "as well as BN", "did no clear harm"),
        ((0.93, 0.95, 0.80), "worse than BN", "costs accuracy"),
        ((0.93, 0.95, 0.20), "not at all", "Noisy BN learned nothing"),
        ((0.93, 0.11, 0.10), "not at all", "Neither BN nor noisy BN learned anything"),
    ],
)
def test_noisy(accuracy, right, said):
    verdict = judge(made(accuracy=accuracy))
    assert words.guess(verdict)[0] == right
    assert right in words.GUESSES
    assert said in words.findings(verdict).more[0]


def test_noisy_lost():
    lost = ((NEVER,) * 3, (NEVER,) * 3, (7, 7, NEVER))
    said = findings(diverged=lost, fell=((True,) * 3, (True,) * 3, (False, False, True))).text
    assert "noisy BN no number (diverged). Noisy BN diverged in 2 of 3 seeds" in said


def test_no_pair_that_learned():
    said = findings(fell=((False,) * 3, (True,) * 3, (True,) * 3))
    assert "No comparison here" in said.headline
    assert "may turn a lot, or not at all" in said.headline
    assert "its loss did not fall by half in any of 3 seeds" in said.more[-1]


def test_a_gradient_of_zero_where_both_learned():
    result = made()
    silent = judge(replace(result, cosine=np.full_like(result.cosine, np.nan)))
    assert "a gradient was zero" in words.findings(silent).headline
    assert "nan" not in " ".join(words.beliefs(silent).values()).split()


class TestBeliefs:
    @pytest.mark.parametrize(
        ("result", "said"),
        [
            (made(), "more of it with BN"),
            (made(((50, 60), (10, 20), (15, 25))), "BN has less of it"),
            (made(((50, 60), (51, 60), (15, 25))), "about as much of it"),
            (made(fell=((False,) * 3,) * 3), "cannot say"),
            (undecided(), "leaves it open"),
        ],
    )
    def test_removes(self, result, said):
        assert said in met(result, 0)

    def test_of_the_inputs(self):
        assert "digits that come in" in met(made(), 1)
        assert "by up to 20°" in met(made(), 1)
        assert "points that come in" in met(made(dataset="moons"), 1)
        still = made(((0.01, 0.01), (50, 60), (50, 60)))
        assert "gradient turns by less than 0.1°" in met(still, 1)

    @pytest.mark.parametrize(
        ("angles", "accuracy", "said"),
        [
            (
                ((10, 10), (40, 40), (60, 60)),
                (0.9, 0.9, 0.9),
                "noisy BN shifts most, and no other",
            ),
            (((10, 10), (50, 50), (52, 52)), (0.9, 0.9, 0.9), "BN and noisy BN shift most, and no"),
            (
                ((60, 60), (10, 10), (20, 20)),
                (0.7, 0.9, 0.9),
                "most, and every other is",
            ),
            (((60, 60), (10, 10), (20, 20)), (0.7, 0.9, 0.7), "most, and no other is"),
            (((10, 10), (50, 50), (20, 20)), (0.7, 0.8, 0.9), "Not in this order: BN"),
            (((10, 10), (11, 11), (11, 11)), (0.9, 0.9, 0.9), "all three shift about as much"),
        ],
    )
    def test_trains_worse(self, angles, accuracy, said):
        assert said in met(made(angles, accuracy=accuracy), 2)

    def test_trains_worse_where_not_all_learned(self):
        assert "cannot say" in met(made(fell=(*ALL[:2], (False,) * 3)), 2)


@pytest.mark.parametrize("kind", [{"dataset": "moons"}, {"learning_rate": 1e3, "gain": 1e4}])
def test_no_sentence_has_a_hole(kind):
    result = shift.run(tiny("shift", **kind))
    verdict = judge(result)
    moved = of_moments.judge(moments.run(MomentsConfig.like(result.config)))
    tested = of_inputs.judge(changed_inputs.run(InputsConfig.like(result.config)))
    sentences = (
        words.findings(verdict).text,
        *words.beliefs(verdict).values(),
        *words.guess(verdict),
        moment_words.told(moved, verdict),
        *moment_words.beliefs(moved, verdict).values(),
        input_words.findings(tested).text,
    )
    text = " ".join(sentences)
    assert "nan" not in text.lower().replace("nance", "")
    assert "inf " not in text


@pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
def test_presets_are_settings_of_the_knobs(preset):
    for name, value in preset.items():
        assert value in knobs(ShiftConfig)[name].options
        assert value != ShiftConfig.model_fields[name].default
