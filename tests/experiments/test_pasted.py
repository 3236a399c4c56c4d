"""Many runs at once: what a class sends is read, and what cannot be read gets a sentence."""

from time import process_time
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnviz.experiments import pasted
from bnviz.experiments.kept import LIMIT, MOST, Kept, read, write
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.pasted import ALL, COMPLAINTS, LINES, LONGEST, joined, lines
from bnviz.experiments.settings import LEARNING_RATES
from tests.experiments.test_kept import runs
from tests.hostile import TEXTS, outside

BN = LabConfig(normalizer="batch", learning_rate=1.0)


def link(where="http://example.org/lab", **given):
    return f"{where}?{urlencode({f'lab-{name}': value for name, value in given.items()})}"


def found(text, arm="b"):
    runs, wrong = pasted.one_reader(text, arm)
    assert not wrong, wrong
    return runs


class TestOneReader:
    def test_a_link_stands_for_an_arm(self):
        given = {"a-depth": "4", "b-learning_rate": "1", "steps": "400"}
        (b,) = found(link(**given))
        assert b == Kept("", LabConfig(normalizer="batch", learning_rate=1.0, steps=400))
        (a,) = found(link(**given), "a")
        assert a == Kept("", LabConfig(normalizer="none", depth=4, steps=400))
        assert [one.config for one in found(link(**given), "both")] == [a.config, b.config]

    def test_a_link_with_kept_runs_stands_for_these(self):
        several = [Kept("", BN), Kept("Mine", LabConfig(depth=4))]
        found_there = found(f"Anna: {link(kept=write(several), **{'b-depth': '2'})}")
        assert [one.config for one in found_there] == [one.config for one in several]
        assert [one.name for one in found_there] == ["Anna 1", "Mine"]

    def test_nothing_is_measured_on_a_run_of_a_link(self):
        (one,) = found(link(diagnostic="signal size", **{"b-learning_rate": "1"}))
        assert one.config == BN

    def test_options_are_read_as_the_page_writes_them(self):
        (one,) = found(link(**{"b-normalizer": "layer norm", "b-chunk": "whole batch"}))
        assert (one.config.normalizer, one.config.chunk) == ("layer", 0)

    def test_a_continuation(self):
        (one,) = found(link(**{"b-then": "0.01x100"}))
        assert one.config.then == "0.01x100"
        ((one,), (wrong,)) = pasted.one_reader(link(**{"b-then": "banana"}), "b")
        assert one.config.then == ""
        assert "`banana`" in wrong

    @pytest.mark.parametrize(
        ("line", "name"),
        [
            ("nbatch_r1", ""),
            ("Anna: nbatch_r1", "Anna"),
            ("Anna,nbatch_r1", "Anna"),
            ("Anna\tnbatch_r1", "Anna"),
            ("Ann-Kathrin B. – nbatch_r1", "Ann-Kathrin B."),
            ("1. nbatch_r1", "1."),
            ("nbatch_r1_NBen", "Ben"),
            ("Anna: nbatch_r1_NBen", "Ben"),
            (f"Anna: {link(**{'b-learning_rate': '1'})}", "Anna"),
            (f"Anna,{link(**{'b-learning_rate': '1'})}", "Anna"),
            (f"{link(**{'b-learning_rate': '1'})} Anna", "Anna"),
            (f"Anna <{link(**{'b-learning_rate': '1'})}>", "Anna"),
            (f"Anna {link('localhost:8501/lab', **{'b-learning_rate': '1'})}#top", "Anna"),
            (f"Anna {link('', **{'b-learning_rate': '1'})}", "Anna"),
            (f"{'é' * 99} nbatch_r1", "é" * 40),
        ],
    )
    def test_the_name_is_what_stands_beside_it(self, line, name):
        assert found(line) == [Kept(name, BN)]

    def test_a_link_without_a_setting_is_the_page_as_it_opens(self):
        assert found("http://example.org/lab?") == [Kept("", LabConfig(normalizer="batch"))]

    @pytest.mark.parametrize(
        "line",
        [
            "Anna",
            "name,link",
            "http://example.org/race?race-depth=4",
            "Is this right?",
            "???",
            "http://example.org/lab?" + "&".join(f"lab-x{n}=1" for n in range(300)),
            "x" * (LONGEST + 1),
            "…",
        ],
    )
    def test_what_is_no_run_gets_a_sentence(self, line):
        several, (wrong,) = pasted.one_reader(line, "b")
        assert several == []
        assert len(wrong) < 200

    def test_a_knob_that_is_not_offered_is_named(self):
        (one,), (wrong,) = pasted.one_reader(link(**{"b-depth": "7", "b-width": "8"}), "b")
        assert one.config == LabConfig(normalizer="batch", width=8)
        assert "Hidden layers" in wrong
        assert "`7`" in wrong

    @pytest.mark.parametrize("text", TEXTS)
    def test_what_a_stranger_writes_is_quoted(self, text):
        for line in (text, f"lab?lab-b-depth={text}", f"{text} nbatch_zz", f"?lab-kept={text}"):
            several, wrong = pasted.one_reader(line, "b")
            assert not set("<>[]!\n") & set(outside("".join(wrong)))
            assert read(write(several))[0] == several


class TestJoined:
    def test_each_line_is_one_reader(self):
        texts = ["Anna: nbatch_r1", "", "  ", "banana", "Ben: nlayer"]
        result = joined([Kept("", LabConfig())], texts)
        assert [one.name for one in result.runs] == ["", "Anna", "Ben"]
        assert (result.added, result.known, result.full) == (2, 0, 0)
        assert result.left == ["banana"]
        (wrong,) = result.wrong
        assert wrong.startswith("Line 4: ")

    def test_two_readers_with_the_same_run_count_twice(self):
        assert joined([], ["nbatch_r1", "nbatch_r1"]).added == 2

    def test_the_same_paste_again_adds_nothing(self):
        texts = ["Anna: nbatch_r1", "Ben: nbatch_r1", "nlayer"]
        once = joined([], texts)
        again = joined(once.runs, texts)
        assert again.runs == once.runs
        assert (again.added, again.known, again.left) == (0, 3, [])

    def test_sixty_fit_and_no_more(self):
        texts = [f"Student {n}: nbatch_r{LEARNING_RATES[n % 21]:g}" for n in range(MOST + 4)]
        result = joined([], texts)
        assert (result.added, result.full) == (MOST, 4)
        assert result.left == texts[MOST:]
        assert len(write(result.runs)) <= LIMIT

    def test_the_length_of_the_link_is_a_bound_too(self):
        texts = [f"{'🙂' * 20}{n}: nbatch_r1" for n in range(MOST)]
        result = joined([], texts)
        assert 0 < result.added < MOST
        assert result.added + result.full == MOST
        assert len(write(result.runs)) <= LIMIT

    def test_many_complaints_are_counted(self):
        result = joined([], [f"banana{n}" for n in range(20)])
        assert len(result.wrong) == COMPLAINTS + 1
        assert str(20 - COMPLAINTS) in result.wrong[-1]

    @given(st.lists(runs, max_size=5), st.lists(st.text(max_size=120), max_size=8))
    @settings(max_examples=30)
    def test_any_text_is_answered_and_the_list_can_be_written(self, before, texts):
        for arm in ("a", "b", "both"):
            result = joined(before, texts, arm)
            assert result.runs[: len(before)] == before
            assert result.added == len(result.runs) - len(before)
            assert read(write(result.runs)) == (result.runs, [])
            assert set(result.left) <= set(texts)

    @given(st.lists(runs, min_size=1, max_size=4), st.text(alphabet="Anb _-é:,", max_size=20))
    @settings(max_examples=30)
    def test_what_the_list_writes_is_read_behind_any_name(self, several, name):
        one = [run.config for run in several]
        found_there, _ = pasted.one_reader(f"{name} {write(several)}", "b")
        assert [run.config for run in found_there] == one

    def test_the_longest_paste_is_read_in_a_moment(self):
        text = "\n".join(["__".join(["nbatch_r1"] * 60)] * LINES)
        started = process_time()
        result = joined([], lines(text)[0])
        assert process_time() - started < 5
        assert result.added == MOST


class TestLines:
    def test_as_many_as_are_read(self):
        assert lines("a\nb\r\nc") == (["a", "b", "c"], [])
        found_there, (wrong,) = lines("x\n" * (LINES + 9))
        assert len(found_there) == LINES
        assert str(LINES) in wrong

    def test_as_long_as_is_read(self):
        found_there, (wrong,) = lines("x" * (ALL + 1))
        assert len("".join(found_there)) == ALL
        assert str(ALL) in wrong
