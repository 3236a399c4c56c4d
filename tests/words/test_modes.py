"""The two modes in sentences."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bnviz.axes import NEVER, OWN_BATCH, PRECISE
from bnviz.experiments import left_in_inference, modes
from bnviz.experiments.left_in_inference import LeftInInferenceConfig
from bnviz.experiments.modes import ModesConfig
from bnviz.experiments.settings import knobs
from bnviz.verdicts.mode_sections import judge_mistakes, judge_sample, judge_sweep, judge_unit
from bnviz.verdicts.modes import judge
from bnviz.words import mode_sections as closed
from bnviz.words import modes as words
from tests.made.modes import (
    LOSSES,
    LOST,
    NAN,
    POOR,
    RUNNING,
    made,
    unit,
    with_way,
)
from tests.samples import tiny

ROOT = Path(__file__).resolve().parents[2]


def headline(*arguments, **changes):
    return words.findings(judge(made(*arguments, **changes))).headline


def more(*arguments, **changes):
    return " ".join(words.findings(judge(made(*arguments, **changes))).more)


class TestHeadline:
    def test_two_answers(self):
        assert headline() == (
            "**Same weights, two answers**: inference mode gets 90 % of the test set right,"
            " training mode, in batches of 8, 70 %. Inference is better in both seeds."
        )

    def test_counts_the_seeds(self):
        three = with_way(OWN_BATCH, (0.95, 0.5, 0.5))
        assert headline(three, seeds=3).endswith("Inference is better in 2 of 3 seeds.")
        half = with_way(OWN_BATCH, (0.95, 0.5))
        assert headline(half).endswith("neither mode is better in more than half of the seeds.")

    def test_inference_is_the_worse_one(self):
        told = headline(with_way(RUNNING, 0.6))
        assert "the running averages give the worse one" in told
        assert "Inference is worse in both seeds" in told

    def test_equally_good(self):
        told = headline(with_way(OWN_BATCH, 0.89))
        assert told.startswith("**Here both modes are about equally good**")
        assert re.search(r"[45] test samples of 450 apart", told)

    def test_nothing_learned(self):
        assert headline(POOR).startswith("**BN does not help here, in either mode**")
        for plain in (0.1, NAN):
            told = headline(POOR, plain=plain)
            assert told.startswith("**BN learned too little to compare the modes**")

    def test_diverged(self):
        assert headline(LOST, LOST).startswith("**BN diverged**")


class TestFindings:
    def test_names_both_conventions(self):
        assert "momentum 0.1 in PyTorch, 0.9 in many texts" in more()

    @pytest.mark.parametrize(
        ("precise", "told"),
        [
            (0.3, "the averages were the weak point, not the weights, in both seeds"),
            (0.49, "these do not help here, the averages are about as good"),
            (0.8, "here they are no cure, the averages do better in both seeds"),
            ((0.1, 0.6), "neither of the two does clearly better in more than half"),
        ],
    )
    def test_precise_statistics_are_a_cure_or_not(self, precise, told):
        assert told in more(loss=with_way(PRECISE, precise, LOSSES))

    def test_two_losses_of_which_one_is_called_better_read_apart(self):
        loss = with_way(PRECISE, 0.0996, with_way(RUNNING, 0.1099, LOSSES))
        told = more(loss=loss)
        assert "0.11 with the running averages" in told
        assert "and 0.1 with precise statistics" in told
        assert "in both seeds" in told

    def test_precise_statistics_cure_no_weights_that_learned_nothing(self):
        told = more(POOR, loss=with_way(PRECISE, 0.3, LOSSES))
        assert "with none of them has BN learned much" in told
        assert "not the weights" not in told

    def test_a_batch_of_one_has_nothing_to_average(self):
        assert "A mini-batch of one sample has no variance" in more(batch_size=1)

    def test_the_best_and_the_worst_momentum(self):
        told = more()
        assert "Of the momenta, 0.1 ends with the lowest test loss, 0.5, and 0.9" in told
        assert "the newest mini-batch alone has 90 % of the weight" in told
        assert "Within 10 % of the best are 0.1 and 0.3." in told

    def test_the_smallest_momentum_can_be_the_worst(self):
        told = more(loss=with_way(3, 3.0, LOSSES), steps=50)
        assert "and 0.01 (the start values, mean 0 and variance 1, still have 61 % of the" in told
        told = more(loss=with_way(3, 3.0, LOSSES), steps=100)
        assert "and 0.01 (half of the weight lies on the newest 69 mini-batches)" in told

    def test_one_momentum_alone_or_all_of_them(self):
        assert "10 % of the best" not in more(loss=(0.9, 0.5, 0.55, 0.8, 0.7, 0.5, 0.6, 1.0))
        flat = (0.9, 0.5, 0.55, 0.51, 0.5, 0.5, 0.52, 0.54)
        assert "All of them are within 10 % of the best" in more(loss=flat)

    def test_biased_and_unbiased(self):
        told = more()
        assert "of the first seed the variance that normalizes a mini-batch of 8 is on" in told
        assert "average 1.09 times that of the population (the whole" in told
        assert "8/7 of it, which PyTorch's running_var averages, 1.25 times" in told
        assert "no longer independent" not in told

    def test_layers_that_differ_are_named(self):
        of = made()
        deep = replace(of, units=(unit(of.config, 2, 8.0), unit(of.config, 1)))
        told = " ".join(words.findings(judge(deep)).more)
        assert "In layer 2 the unbiased one is 2.00 times" in told
        assert "from layer to layer that compounds" in told

    def test_plain_is_the_reference(self):
        assert "Plain, which has one mode only, reaches 60 %." in more()
        assert "at this setting BN does not help" in more(plain=0.95)
        assert "Plain, which has one mode only, diverged." in more(plain=NAN)

    def test_names_who_diverged(self):
        told = more(diverged_at=np.array([[3, NEVER], [3, 4]]))
        assert "BN, both seeds; plain, 1 of 2 seeds." in told
        assert "Diverged" not in more()

    def test_says_what_was_not_measured(self):
        assert "first seed alone" in more(depth=50, width=256, seeds=10)
        assert "take long" not in more()


class TestGuess:
    @pytest.mark.parametrize(
        ("best", "right"),
        [(3, words.LONG), (4, words.MIDDLE), (5, words.MIDDLE), (7, words.SHORT)],
    )
    def test_is_the_momentum_with_the_lowest_loss(self, best, right):
        assert words.guess(judge(made(loss=with_way(best, 0.1, LOSSES))))[0] == right

    def test_is_none_where_several_kinds_are_about_as_good(self):
        right, why = words.guess(judge(made(loss=with_way(3, 0.48, LOSSES))))
        assert right == words.NONE
        assert "Within 10 % of the best are 0.01, 0.1 and 0.3." in why

    def test_or_where_nothing_was_learned(self):
        assert words.guess(judge(made(POOR)))[0] == words.NONE
        assert words.guess(judge(made(LOST, LOST)))[0] == words.NONE


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_size": 1, "steps": 4},
        {"batch_size": 1347, "steps": 2},
        {"steps": 1, "seeds": 1},
        {"dataset": "moons", "steps": 4, "sample": 9},
        {"gain": 1e4, "learning_rate": 1e3, "depth": 6},
        {"learning_rate": 100.0, "depth": 4, "steps": 20, "seeds": 3},
        {"depth": 50, "steps": 2, "seeds": 1},
        {"depth": 1, "width": 4},
    ],
)
def test_odd_settings_give_sentences_without_a_nan(changes):
    result = modes.run(tiny("modes", **changes))
    verdict, sample = judge(result), judge_sample(result)
    said = words.findings(verdict)
    mistaken = left_in_inference.run(LeftInInferenceConfig.like(result.config))
    every = [
        said.headline,
        *said.more,
        *closed.beliefs(verdict).values(),
        *(closed.unit(judge_unit(result, unit)) for unit in result.units),
        closed.sample(sample),
        closed.torch(sample),
        closed.mistakes(judge_mistakes(result, mistaken)),
        closed.sweep(judge_sweep([result])),
        *words.guess(verdict),
    ]
    for sentence in every:
        assert sentence
        assert not {"nan", "inf", "-inf"} & set(sentence.lower().replace(",", " ").split())
    assert words.guess(verdict)[0] in words.GUESSES


@pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
def test_presets_are_settings_of_the_knobs(preset):
    for name, value in preset.items():
        assert value in knobs(ModesConfig)[name].options
        assert value != ModesConfig.model_fields[name].default


def test_the_page_draws_the_sweep_and_other_units():
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    at.switch_page("pages/04_modes.py")
    for name, value in {"depth": 2, "width": 8, "steps": 50, "seeds": 1}.items():
        at.query_params[f"modes-{name}"] = str(value)
    at.query_params["modes-unit"] = "layer 1, unit 3"  # which opens its section
    at.run()
    assert not at.exception
    without_links = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", one.value) for one in at.markdown]
    assert any("Layer 1, unit 3" in text for text in without_links)
    assert len(at.get("plotly_chart")) == 4
    next(button for button in at.button if button.label == "Start").click()
    at.run()
    assert not at.exception
    assert len(at.get("plotly_chart")) == 5
