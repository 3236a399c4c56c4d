"""Answers: cached by their config, shortened where they would cost too much, never too many."""

import threading
import time

import pytest
import streamlit as st

from bnviz.experiments import race
from bnviz.experiments.race import RaceConfig
from bnviz.ui import running
from bnviz.ui.running import Cores, answer, cores
from tests.samples import race_config

pytestmark = pytest.mark.filterwarnings("ignore:.*ScriptRunContext.*")


@pytest.fixture(autouse=True)
def nothing_kept():
    st.cache_data.clear()
    yield
    st.cache_data.clear()


@pytest.fixture
def warned(monkeypatch):
    """The warnings that reached the page."""
    said = []
    monkeypatch.setattr(st, "warning", lambda text, **more: said.append(text))
    return said


class Counted:
    """A run that does nothing but count, and may report."""

    __module__ = "tests.counted"

    def __init__(self, error=None):
        self.__qualname__ = "run"
        self.configs, self.error = [], error

    def __call__(self, config, report, workers):
        self.configs.append(config)
        report(0.5)
        if self.error:
            raise self.error
        return f"{config.depth} layers"


class TestCores:
    def test_takes_what_is_free_up_to_what_is_wanted(self):
        three = Cores(3)
        with three.taken(2, self.never) as first, three.taken(2, self.never) as second:
            assert (first, second) == (2, 1)
        with three.taken(5, self.never) as all_of_them:
            assert all_of_them == 3

    def never(self):
        raise AssertionError("there was a free core")

    def test_gives_back_after_an_error(self):
        one = Cores(1)
        for _ in range(3):
            with pytest.raises(KeyError), one.taken(1, self.never):
                raise KeyError

    def test_says_that_it_waits_and_then_goes_on(self, monkeypatch):
        monkeypatch.setattr(running, "PATIENCE", 0.01)
        one, waited = Cores(1), []
        busy = one.taken(1, self.never)
        busy.__enter__()

        def waiting():
            waited.append(True)
            if len(waited) == 3:
                busy.__exit__(None, None, None)

        with one.taken(2, waiting) as got:
            assert got == 1
        assert len(waited) == 3

    def test_a_visitor_who_leaves_while_waiting_takes_nothing(self, monkeypatch):
        monkeypatch.setattr(running, "PATIENCE", 0.01)
        one = Cores(1)

        def gone():
            raise ConnectionError

        with one.taken(1, self.never), pytest.raises(ConnectionError), one.taken(1, gone):
            pass
        with one.taken(1, self.never) as got:
            assert got == 1

    def test_never_more_at_once_than_there_are(self, monkeypatch):
        monkeypatch.setattr(running, "PATIENCE", 0.005)
        two, lock = Cores(2), threading.Lock()
        now, most = 0, 0

        def visitor(wanted):
            nonlocal now, most
            for _ in range(5):
                with two.taken(wanted, lambda: None) as got:
                    assert 1 <= got <= wanted
                    with lock:
                        now += got
                        most = max(most, now)
                    time.sleep(0.002)
                    with lock:
                        now -= got

        threads = [threading.Thread(target=visitor, args=(1 + n % 2,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert now == 0
        assert most <= 2

    def test_the_process_has_at_least_one_and_shares_it(self):
        assert cores().count >= 1
        assert cores() is cores()


class TestAnswer:
    def test_trains_once(self):
        run = Counted()
        assert [answer(run, race_config()) for _ in range(3)] == ["2 layers"] * 3
        assert len(run.configs) == 1

    def test_trains_again_for_another_config(self):
        run = Counted()
        assert answer(run, race_config(depth=3)) == "3 layers"
        assert answer(run, race_config(depth=4)) == "4 layers"
        assert len(run.configs) == 2

    def test_two_questions_with_the_same_config_are_two_answers(self):
        one, other = Counted(), Counted()
        other.__module__ = "tests.other"
        answer(one, race_config())
        answer(other, race_config())
        assert len(one.configs) == len(other.configs) == 1

    def test_what_failed_is_not_kept(self):
        run = Counted(ValueError("no"))
        for _ in range(2):
            with pytest.raises(ValueError, match="no"):
                answer(run, race_config())
        run.error = None
        assert answer(run, race_config()) == "2 layers"
        assert len(run.configs) == 3

    def test_a_run_that_costs_too_much_is_shortened_and_the_page_says_so(self, warned):
        run, asked = Counted(), RaceConfig(depth=50, width=256, batch_size=512, steps=1600)
        answer(run, asked)
        assert run.configs == [asked.affordable()]
        (said,) = warned
        assert "1600 steps" in said
        assert f"{asked.affordable().steps} steps" in said

    def test_any_other_is_not(self, warned):
        run = Counted()
        answer(run, RaceConfig())
        assert run.configs == [RaceConfig()]
        assert warned == []

    def test_a_long_run_shows_how_far_it_is(self, monkeypatch):
        shown = []
        monkeypatch.setattr(running, "SILENT", -1.0)
        monkeypatch.setattr(
            "streamlit.delta_generator.DeltaGenerator.progress",
            lambda self, share, text: shown.append((share, text)),
        )
        answer(Counted(), race_config())
        assert shown == [(0.5, "Training: 50 %")]

    def test_the_real_thing(self):
        result = answer(race.run, race_config())
        assert result.config == race_config()
        assert answer(race.run, race_config()).seconds_per_step[0] == result.seconds_per_step[0]
