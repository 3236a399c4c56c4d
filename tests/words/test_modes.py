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
    left,
    made,
    unit,
    with_way,
    without_prediction,
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


def test_one_unit():
    of = made(steps=200)
    assert closed.units(judge(of)) == ["layer 2, unit 1", "layer 1, unit 1"]
    assert closed.unit(judge_unit(of, of.units[1])) == (
        "Layer 1, unit 1, at the last step: the running mean is 0.10 standard deviations and"
        " its variance 25 % away from the population's. For the last mini-batch alone, the"
        " mean is 0.10 standard deviations and its variance 25 % away."
    )
    nothing = replace(of.units[0], population=np.full((2, 2), NAN, np.float32))
    assert "no statistics to compare" in closed.unit(judge_unit(of, nothing))


class TestSample:
    def said(self, **changes):
        return closed.sample(judge_sample(made(**changes)))

    def test_tells_all_companies(self):
        told = self.said()
        assert told.startswith("The test image of a 7. In training mode, alone, the answer is **2")
        assert "with 7 others **7 (60 %)**, with yet others **7 (70 %)**" in told
        assert "among samples of its own class **8 (80 %)**" in told
        assert told.endswith("In inference mode, alone, it is **7 (90 %)**.")

    def test_of_a_point_with_one_other_or_none(self):
        assert "test point of class 7" in self.said(dataset="moons")
        assert "with 1 other **" in self.said(batch_size=2)
        assert "there is no company" in self.said(batch_size=1)

    def test_of_a_network_that_diverged(self):
        told = closed.sample(judge_sample(without_prediction(made())))
        assert "no prediction to compare" in told

    @pytest.mark.parametrize(
        ("differences", "part"),
        [
            ((1e-7, 2e-8), "(largest relative difference 1e−7)"),
            ((NAN, 2e-8), "torch.nn.BatchNorm1d refuses a single row"),
            ((NAN, NAN), "BN diverged"),
        ],
    )
    def test_the_difference_to_torch(self, differences, part):
        assert part in closed.torch(judge_sample(made(from_torch=np.array(differences))))


class TestMistakes:
    def said(self, always=0.5, since=0.8, lost=(0, 0), **changes):
        of = made(**changes)
        return closed.mistakes(judge_mistakes(of, left(of, always, since, lost)))

    def test_evaluated_in_training_mode(self):
        told = self.said()
        assert "10 % one sample at a time, 80 % in batches of 16, and 20 % in" in told
        assert "In inference mode 90 %, in whatever company." in told
        lost = self.said(accuracy=LOST)
        assert "there is nothing to evaluate" in lost
        assert "even when it was trained the right way" in lost

    def test_trained_in_inference_mode(self):
        told = self.said()
        assert "always in inference mode, 50 %; left in inference mode after step 4, 80 %" in told
        assert told.endswith("Trained the right way, 90 %.")

    def test_that_diverged(self):
        told = self.said(NAN, 0.8, (2, 1))
        assert "always in inference mode, diverged in both seeds; left" in told
        assert "80 %, and diverged in 1 of 2 seeds" in told

    def test_that_does_no_harm_or_better(self):
        assert "does no harm" in self.said(0.9, 0.89)
        assert "does better: nothing in it" in self.said(0.95)
        lagging = with_way(RUNNING, 0.6)
        assert "better than these running averages" in self.said(0.7, accuracy=lagging)


class TestBeliefs:
    def met(self, part, *arguments, **changes):
        met = closed.beliefs(judge(made(*arguments, **changes)))
        (belief,) = [belief for belief in met if part in belief]
        return met[belief]

    def test_dropout(self):
        def told(share, *arguments, **changes):
            return self.met("dropout", *arguments, changed=np.full(2, share), **changes)

        assert "90 test samples of 450 get another class" in told(0.2)
        assert "That is little" not in told(0.2)
        assert "1 test sample of 450 gets another" in told(1 / 450)
        assert "none of 450 test samples changes" in told(0)
        assert told(0.01).endswith("That is little.")
        assert "of this size know their population" in told(0.01, batch_size=64)
        assert told(0.01, POOR).endswith("because BN hardly tells the samples apart.")
        assert "cannot tell" in told(NAN)

    def test_all_of_training(self):
        told = self.met("all of training", loss=with_way(RUNNING, 0.52, LOSSES))
        assert "half of the weight lies on the newest 7 mini-batches" in told
        assert told.endswith("gives a test loss of 0.55 in place of 0.52: about the same.")
        worse = self.met("all of training", loss=with_way(2, 0.9, LOSSES))
        assert "worse, for most of these mini-batches were seen by other weights" in worse
        better = self.met("all of training", loss=with_way(2, 0.3, LOSSES), steps=50)
        assert "better: here the longer memory pays" in better
        better = self.met("all of training", loss=with_way(2, 0.3, LOSSES), steps=10)
        assert "better: the running averages are still 35 % start values" in better
        half = self.met("all of training", loss=with_way(2, (0.1, 0.7), LOSSES))
        assert half.endswith("neither is clearly better in more than half of the seeds.")
        assert "average over all" not in self.met("all of training", LOST, LOST)

    def test_a_larger_momentum(self):
        told = self.met("momentum")
        assert "0.9, the largest, gives a test loss of 1, 0.1 one of 0.5" in told
        assert "the smallest here, 0.01, gives 0.8" in told
        assert "In this run it is" in self.met("momentum", loss=with_way(7, 0.2, LOSSES))
        long = self.met("momentum", loss=with_way(3, 0.2, LOSSES))
        assert (
            "0.01 one of 0.2. In the other convention larger means a longer memory: there" in long
        )
        assert "cannot tell" in self.met("momentum", POOR)

    def test_of_momenta_that_are_about_as_good_none_is_more_accurate(self):
        told = self.met("momentum", loss=with_way(7, 0.48, LOSSES))
        assert "0.9, the largest, is among the best, but no better than 0.1 and 0.3" in told
        flat = self.met("momentum", loss=(*LOSSES[:3], 0.5, 0.5, 0.5, 0.5, 0.49))
        assert flat.startswith("Not in this run: with all momenta, 0.01, 0.03, 0.1, 0.3 and 0.9")

    def test_needs_a_batch(self):
        assert "changes by more than 1e−7, which is rounding" in self.met("every sample")
        of = made()
        exact = replace(of, sample=replace(of.sample, in_company=0.0))
        for one, part in ((exact, "changes at all"), (without_prediction(of), "cannot tell")):
            assert part in " ".join(closed.beliefs(judge(one)).values())


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


class TestSweep:
    def said(self, *some):
        return closed.sweep(judge_sweep(some))

    def test_keeps_all_but_the_batch_size(self):
        pieces = modes.batch_sizes(tiny("modes", momentum=0.3))
        assert [piece.batch_size for piece in pieces] == list(modes.SWEPT)
        assert {piece.model_copy(update={"batch_size": 1}) for piece in pieces} == {
            tiny("modes", momentum=0.3, batch_size=1)
        }

    def test_tells_the_widest_gap_and_the_last(self):
        told = self.said(
            made(batch_size=2),
            made(with_way(OWN_BATCH, 0.4), batch_size=4),
            made(with_way(OWN_BATCH, 0.89), batch_size=64),
        )
        assert "furthest apart in batches of 4: 40 % in training mode, 90 % in" in told
        assert "In batches of 64 the gap is 1 point." in told
        assert "no more than 10 % at any" in told

    def test_gaps_that_are_about_as_wide_are_named(self):
        told = self.said(made(batch_size=2), made(with_way(OWN_BATCH, 0.69), batch_size=4))
        assert "furthest apart in batches of 4 (and about as far in those of 2):" in told

    def test_no_gap_is_not_called_the_widest(self):
        alike = with_way(OWN_BATCH, 0.89)
        some = [made(alike, batch_size=2), made(batch_size=4, accuracy=alike)]
        assert "are 1 point apart at most, in batches of 2." in self.said(*some[:1])
        assert "are 1 point apart at most, in batches of 2 to 4." in self.said(*some)

    def test_tells_where_precise_statistics_help(self):
        some = [made(batch_size=2, loss=with_way(PRECISE, 0.2, LOSSES)), made(batch_size=4)]
        assert "help most in batches of 2: test loss 0.2 in place of 0.5" in self.said(*some)

    def test_all_diverged(self):
        assert "diverged at every" in self.said(made(LOST, LOST))


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
