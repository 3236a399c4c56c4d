"""When BN breaks, in sentences."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bnviz.experiments import batches
from bnviz.verdicts.batches import judge, judge_full
from bnviz.words import batches as words
from bnviz.words.batches.beliefs import CANNOT_TELL
from tests.made.batches import made, made_full

ROOT = Path(__file__).resolve().parents[2]


def said(**arguments):
    return words.findings(judge(made(**arguments)))


def sentence(start, **arguments):
    (one,) = (one for one in everything(said(**arguments)) if one.startswith(start))
    return one


def everything(told):
    return (*told.more, *told.further)


class TestHeadline:
    def test_bn_fails_in_small_batches(self):
        told = said()
        assert told.headline == "In the smallest batches BN learns too little: 50 % test error."
        first, second, third = told.more
        assert first == (
            "At the end BN is clearly behind layer norm at batch size 2 alone, in both seeds."
        )
        assert second.startswith("In small batches every network has a noisier gradient, but only")
        assert third.startswith("BN helps most in the largest batches")

    def test_or_falls_behind(self):
        told = said(batch=(0.7, 0.9, 0.92)).headline
        assert told == "In the smallest batches BN falls behind: 30 % test error."

    def test_or_diverged(self):
        assert said(batch=(np.nan, 0.9, 0.92)).headline == "In the smallest batches BN diverged."

    def test_up_to_a_larger_size(self):
        told = said(batch=(0.5, 0.8, 0.92)).more[0]
        assert "behind layer norm up to batch size 8; in the smallest batches, in both" in told

    def test_bn_does_not_break(self):
        told = said(batch=(0.89, 0.9, 0.92))
        assert told.headline == "Down to batches of 2 BN keeps up with layer norm."
        assert "clearly behind" not in told.text

    def test_bn_is_behind_everywhere(self):
        told = said(batch=(0.5, 0.6, 0.7)).headline
        assert told == "BN is behind layer norm at every batch size."

    def test_behind_but_not_in_the_smallest(self):
        told = said(batch=(0.9, 0.9, 0.7))
        assert told.headline == "BN is behind layer norm at batch size 32."
        assert not any("At the end" in one for one in told.more)
        told = said(batch=(0.5, 0.9, 0.7))
        assert told.headline.startswith("In the smallest batches BN learns too little")
        assert "behind layer norm in batches of 2 and 32; in the smallest" in told.more[0]

    def test_the_seeds_do_not_agree(self):
        result = made()
        result.accuracy["batch"][0, 0] = 0.9  # one of two keeps up
        told = words.findings(judge(result))
        assert told.headline.endswith("depends on the seed.")
        assert told.more[0].endswith("is clearly behind layer norm in 1 of 2 seeds.")

    def test_nothing_to_compare_with(self):
        told = said(layer=(0.1, 0.1, 0.2))
        assert told.headline.startswith("No comparison here: layer norm")
        assert everything(told) == (
            "We compare BN with layer norm, whose test error is 90 % in the smallest batches"
            " and 80 % in the largest.",
        )
        assert "and no number (diverged) in the largest." in said(layer=(0.1, 0.1, np.nan)).text

    def test_the_ring_is_named_where_there_is_one(self):
        assert "The ring: with precise statistics" in said().text
        result = made()
        result.precise[-1] = np.nan
        assert "The ring" not in words.findings(judge(result)).text

    def test_nothing_learned_is_a_failure(self):
        told = said(batch=(0.12, 0.9, 0.92)).headline
        assert told == "In the smallest batches BN fails: 88 % test error."

    @pytest.mark.parametrize(
        "batch", [(0.5, 0.9, 0.92), (0.7, 0.9, 0.9), (0.9, 0.9, 0.92), (0.5, 0.6, 0.7)]
    )
    def test_is_one_line(self, batch):
        assert len(said(batch=batch).headline) <= 70


class TestEnds:
    def test_in_the_smallest_and_in_the_largest_batches(self):
        told = " ".join(everything(said()))
        assert (
            "In the smallest batches the test error is 50 % with BN, 10 % with layer norm." in told
        )
        assert "In the largest batches the test error is 8 % with BN, 10 % with layer norm." in told
        assert "Plain's test error is 9 % in the smallest batches" in told

    def test_who_diverged_ends_nowhere(self):
        told = everything(said(batch=(np.nan, 0.9, 0.92), plain=(np.nan, 0.9, 0.9)))
        assert (
            "In the smallest batches the test error is no number (diverged) with BN, 10 % with"
            " layer norm."
        ) in told
        assert (
            "Plain's test error is no number (diverged) in the smallest batches, 10 % in the"
            " largest."
        ) in told


class TestNoise:
    def test_the_others_hardly_lose(self):
        told = sentence("Test accuracy in batches of 2 minus that in batches of 32")
        assert "in percentage points: BN −42, plain +1, layer norm 0." in told
        assert sentence("In small batches every").endswith("statistics come from so few samples.")

    def test_the_others_lose_as_well(self):
        told = sentence("In small batches the others lose too", plain=(0.6, 0.8, 0.9))
        assert "BN loses more" in told

    def test_bn_loses_no_more(self):
        told = sentence("Smaller", batch=(0.8, 0.9, 0.9), plain=(0.7, 0.8, 0.9))
        assert told == "Smaller batches cost BN no more than the others."

    def test_or_the_others_gain_more(self):
        rising = (0.9, 0.8, 0.8)
        told = sentence("Smaller", batch=(0.92, 0.9, 0.9), plain=rising, layer=rising)
        assert told.endswith("the others gain more from that than BN.")

    def test_a_network_that_does_not_learn_loses_nothing(self):
        told = sentence("Test accuracy", plain=(0.1, 0.1, 0.1))
        assert "is anything learned with plain." in told

    def test_a_batch_of_one_breaks_by_no_noise(self):
        told = sentence("In a batch of one", sizes=(1, 2, 32))
        assert "BN's output is β, whatever the input" in told
        assert sentence("In a batch of one", sizes=(1, 2, 32), plain=(np.nan,) * 3).endswith(
            "sample."
        )

    def test_who_diverged_is_not_compared(self):
        told = everything(said(plain=(0.9, 0.9, np.nan)))
        assert not any(one.startswith("Test accuracy") for one in told)


class TestHelp:
    def test_no_help_anywhere(self):
        told = sentence("At no batch size", batch=(0.5, 0.9, 0.91))
        assert told.endswith("It does not help here: the network trains without it.")

    def test_where_it_helps_most(self):
        told = sentence("BN helps most", plain=(0.9, 0.8, 0.6))
        assert told == "BN helps most in the largest batches: 8 % test error, where plain has 40 %."
        told = sentence("BN helps most", plain=(0.9, 0.6, 0.9))
        assert "at batch size 8: 10 % test error, where plain has 40 %" in told

    def test_where_few_seeds_are_ahead_nothing_is_said_of_help(self):
        result = made(plain=(0.9, 0.9, 0.9), batch=(0.9, 0.9, 0.9))
        result.accuracy["plain"][1, 0] = 0.5
        told = everything(words.findings(judge(result)))
        assert "At no batch size is BN clearly ahead of plain." in told

    def test_nobody_trains(self):
        told = sentence("At no batch size", plain=(0.2, 0.2, 0.2), batch=(0.2, 0.2, 0.2))
        assert told.endswith("It does not help here.")


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
        assert "help, but not in most seeds. At batch size 2 BN's test error is 50 %" in told

    def test_is_silent_where_nothing_is_broken(self):
        assert "Precise" not in said(batch=(0.9, 0.9, 0.9)).text


def test_who_diverged_is_named():
    result = made()
    result.diverged_at["plain"][2] = 5
    assert everything(words.findings(judge(result)))[-1] == (
        "Plain diverged in 2 of 6 runs, which are left out."
    )


class TestBeliefs:
    def met(self, number, **arguments):
        return [*words.beliefs(judge(made(**arguments))).values()][number]

    def test_no_reason(self):
        assert "at batch size 2: at 2 it has 9 % test error, BN 50 %" in self.met(0)
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
        assert set(met.values()) == {CANNOT_TELL}


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
    at.switch_page("pages/16_batches.py")
    for name, value in {"depth": "2", "width": "8", "steps": "50", "seeds": "1"}.items():
        at.query_params[f"batches-{name}"] = value
    at.query_params["batches-full"] = "true"
    charts = len(at.run().get("plotly_chart"))
    next(button for button in at.button if button.key == "batches-full-start").click()
    at.run()
    assert not at.exception
    assert len(at.get("plotly_chart")) == charts + 1
    assert any(one.value.startswith("Test error in batches of 16") for one in at.markdown)
