"""When BN breaks, in sentences."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bnviz.experiments import batches
from bnviz.verdicts.batches import judge, judge_full
from bnviz.words import batches as words
from tests.made.batches import made, made_full

ROOT = Path(__file__).resolve().parents[2]


def said(**arguments):
    return words.findings(judge(made(**arguments)))


def sentence(start, **arguments):
    (one,) = (one for one in said(**arguments).more if one.startswith(start))
    return one


class TestHeadline:
    def test_bn_breaks_in_small_batches(self):
        told = said()
        assert told.headline.startswith("**BN breaks in small batches**: BN gets 50 %")
        assert "in batches of 2, layer norm 10 %; 8 % in batches of 32" in told.headline
        assert told.more[0] == "At batch size 2 alone BN is clearly behind, in both seeds."

    def test_up_to_a_larger_size(self):
        told = said(batch=(0.5, 0.8, 0.92)).more[0]
        assert told.startswith("BN is clearly behind up to batch size 8; at the smallest, in both")

    def test_bn_does_not_break(self):
        told = said(batch=(0.89, 0.9, 0.92))
        assert told.headline.startswith("**BN does not break here**")
        assert "clearly behind" not in told.text

    def test_bn_is_behind_everywhere(self):
        assert said(batch=(0.5, 0.6, 0.7)).headline.startswith("**BN is behind at every batch size")

    def test_behind_but_not_in_the_smallest(self):
        assert said(batch=(0.9, 0.9, 0.7)).headline.startswith("**BN is behind at batch size 32**")
        told = said(batch=(0.5, 0.9, 0.7)).headline
        assert told.startswith("**BN breaks in small batches**")
        second = said(batch=(0.5, 0.9, 0.7)).more[0]
        assert second.startswith("BN is clearly behind at batch size 2 and 32; at the smallest,")

    def test_the_seeds_do_not_agree(self):
        result = made()
        result.accuracy["batch"][0, 0] = 0.9  # one of two keeps up
        told = words.findings(judge(result))
        assert told.headline.startswith("**The seeds do not agree whether BN breaks here**")
        assert "clearly behind layer norm in 1 of 2 seeds. BN gets 30 %" in told.headline
        assert words.guess(judge(result))[0] == words.NOT_AT_ALL

    def test_nothing_to_compare_with(self):
        told = said(layer=(0.1, 0.1, 0.2))
        assert told.headline.startswith("**No comparison here**: layer normalization")
        assert "test error 90 %" in told.headline
        assert told.more == ()

    def test_all_of_bn_diverged_at_the_smallest_size(self):
        told = said(batch=(np.nan, 0.9, 0.92)).headline
        assert told.startswith("**BN breaks")
        assert "in batches of 2, BN diverged, layer norm 10 %; in batches of 32, BN 8" in told


class TestNoise:
    def test_the_others_hardly_lose(self):
        told = sentence("From batches")
        assert "BN loses 42 points, plain gains 1 point, layer norm loses nothing" in told
        assert told.endswith("its statistics come from so few samples.")
        assert "felt by all three" in told

    def test_the_others_lose_as_well(self):
        assert "The part that only BN pays" in sentence("From batches", plain=(0.6, 0.8, 0.9))

    def test_bn_loses_no_more(self):
        told = sentence("From batches", batch=(0.8, 0.9, 0.9), plain=(0.7, 0.8, 0.9))
        assert told.endswith("Small batches cost BN no more than the others.")

    def test_a_network_that_does_not_learn_loses_nothing(self):
        told = sentence("From batches", plain=(0.1, 0.1, 0.1))
        assert "plain learns in neither, layer norm loses nothing" in told
        assert "felt without BN as well" in told

    def test_a_batch_of_one_breaks_by_no_noise(self):
        told = sentence("From batches of 32 down to 2", sizes=(1, 2, 32))
        assert "statistics have no noise at all: in training its output is β" in told
        assert "(test error 50 %)" in told
        alone = sentence("In batches of one", sizes=(1, 2, 32), plain=(np.nan, np.nan, np.nan))
        assert "no noise at all" in alone

    def test_who_diverged_is_not_compared(self):
        assert not any(one.startswith("From") for one in said(plain=(0.9, 0.9, np.nan)).more)


class TestHelp:
    def test_no_help_anywhere(self):
        told = sentence("At no batch size", batch=(0.5, 0.9, 0.91))
        assert told.endswith("it does not help: the network trains without it.")

    def test_where_it_helps_most(self):
        told = sentence("BN helps most", plain=(0.9, 0.8, 0.6))
        assert "at batch size 32: 8 % test error, plain 40 %" in told

    def test_where_few_seeds_are_ahead_nothing_is_said_of_help(self):
        result = made(plain=(0.9, 0.9, 0.9), batch=(0.9, 0.9, 0.9))
        result.accuracy["plain"][1, 0] = 0.5
        told = words.findings(judge(result)).more
        assert "At no batch size is BN clearly ahead of plain." in told

    def test_nobody_trains(self):
        told = sentence("At no batch size", plain=(0.2, 0.2, 0.2), batch=(0.2, 0.2, 0.2))
        assert told.endswith("it does not help.")


class TestPrecise:
    @pytest.mark.parametrize(
        ("precise", "told"),
        [
            (0.5, "do not mend it"),
            (0.51, "do not mend it"),
            (0.55, "are a partial cure"),
            (0.8, "mend much of it"),
        ],
    )
    def test_says_how_much_they_mend(self, precise, told):
        one = sentence("Precise", precise=(precise, 0.9, 0.92))
        assert told in one
        assert "50 % with running averages" in one
        assert f"{100 - 100 * precise:.0f} % with precise statistics" in one

    def test_says_that_few_seeds_are_no_cure(self):
        result = made()
        result.precise[0] = [0.5, 0.7]
        told = words.findings(judge(result)).text
        assert "help, but not in most seeds: at batch size 2 BN's test error is 50 %" in told

    def test_is_silent_where_nothing_is_broken(self):
        assert "Precise" not in said(batch=(0.9, 0.9, 0.9)).text


def test_who_diverged_is_named():
    result = made()
    result.diverged_at["plain"][2] = 5
    assert words.findings(judge(result)).more[-1].endswith("left out: plain, 2 of 6.")


class TestBeliefs:
    def met(self, number, **arguments):
        return [*words.beliefs(judge(made(**arguments))).values()][number]

    def test_no_reason(self):
        assert "at batch size 2: at 2, 9 % test error against 50 %" in self.met(0)
        assert "there is none" in self.met(0, batch=(0.9, 0.9, 0.92))
        layer = self.met(0, plain=(0.1, 0.1, 0.1))
        assert layer.endswith("at batch size 2 it has 10 % test error, BN 50 %.")

    def test_only_noise(self):
        assert "come from so few samples" in self.met(1)
        assert "cost BN no more" in self.met(1, batch=(0.9, 0.9, 0.9))
        assert "a network diverged" in self.met(1, plain=(0.9, np.nan, np.nan))
        assert "does not learn" in self.met(1, batch=(0.1, 0.1, 0.1))

    def test_safer(self):
        assert self.met(2, layer=(0.9, 0.9, 0.8)).startswith("Not here: at batch size 32 BN has 8")
        assert "nowhere clearly worse" in self.met(2, batch=(0.5, 0.9, 0.91))
        assert "25.3 %" in self.met(2)

    def test_better_statistics(self):
        assert "do not mend" in self.met(3)
        assert "nothing to mend" in self.met(3, batch=(0.9, 0.9, 0.9))

    def test_nothing_can_be_told_without_a_reference(self):
        met = words.beliefs(judge(made(layer=(0.1, 0.1, 0.1))))
        assert set(met.values()) == {words.CANNOT_TELL}


class TestGuess:
    @pytest.mark.parametrize(
        ("batch", "answer"),
        [
            ((0.5, 0.9, 0.92), "only at 2"),
            ((0.5, 0.8, 0.92), "at 8 and below"),
            ((0.5, 0.8, 0.82), words.EVERYWHERE),
            ((0.9, 0.9, 0.92), words.NOT_AT_ALL),
        ],
    )
    def test_is_where_the_headline_says(self, batch, answer):
        verdict = judge(made(batch=batch))
        right, why = words.guess(verdict)
        assert right == answer
        assert right in words.GUESSES
        assert why == words.findings(verdict).headline

    def test_with_a_batch_of_one(self):
        of_one = {
            up_to: judge(made(batch=batch, sizes=(1, 2, 32)))
            for up_to, batch in ((1, (0.5, 0.9, 0.92)), (2, (0.5, 0.8, 0.92)))
        }
        assert words.guess(of_one[1])[0] == "only at 1"
        assert words.guess(of_one[2])[0] == "at 2 and below"

    def test_here_and_there(self):
        assert words.guess(judge(made(batch=(0.5, 0.9, 0.7))))[0] == "at 2 and 32"

    def test_is_graded_by_the_errors_where_there_is_no_reference(self):
        right, why = words.guess(judge(made(batch=(0.1, 0.4, 0.4), layer=(0.4, 0.4, 0.4))))
        assert right == "only at 2"
        assert why.startswith("**No comparison here**")
        assert why.endswith("Even so, it is clearly ahead of BN there.")


def test_the_whole_training():
    told = words.full(judge_full([made_full(32, 0.95, 0.9), made_full(2, 0.5, 0.9)]))
    assert told.startswith("Test error in batches of 2: plain 10 %, BN 50 %")
    assert told.endswith("behind layer norm at batch size 2.")
    assert words.full(judge_full([made_full(4, 0.9, 0.9)])).endswith("at any batch size here.")
    assert "diverged" in words.full(judge_full([made_full(4, np.nan, 0.9)]))


def test_published_figures_are_those_of_the_paper():
    text = words.NOTES["What the papers found"]
    assert "27.3, 34.7; group norm 24.1, 24.2, 24.0, 24.2, 24.1" in text


def test_the_whole_training_starts_when_asked(monkeypatch):
    monkeypatch.setattr(batches, "SIZES", (16, 32))
    monkeypatch.setattr(batches, "EPOCHS", 1)
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    at.switch_page("pages/14_batches.py")
    for name, value in {"depth": "2", "width": "8", "steps": "50", "seeds": "1"}.items():
        at.query_params[f"batches-{name}"] = value
    charts = len(at.run().get("plotly_chart"))
    next(button for button in at.button if button.key == "batches-full-start").click()
    at.run()
    assert not at.exception
    assert len(at.get("plotly_chart")) == charts + 1
    assert any(one.value.startswith("Test error in batches of 16") for one in at.markdown)
