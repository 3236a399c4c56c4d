"""Answers: kept by their config, shortened where they would cost too much, computed once."""

import time
from threading import Thread

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bnviz.experiments import race
from bnviz.experiments.left_in_inference import LeftInInferenceConfig
from bnviz.experiments.race import RaceConfig
from bnviz.ui.answers import NoAnswerError, answer, page
from bnviz.ui.answers.course import of_the_course
from bnviz.ui.answers.workers import LostError
from bnviz.words import modes as words_of_modes
from bnviz.words import race as words
from tests.browser import ROOT
from tests.samples import race_config

pytestmark = pytest.mark.filterwarnings("ignore:.*ScriptRunContext.*")


@pytest.fixture(autouse=True)
def nothing_kept():
    page.store().clear()
    yield
    page.store().clear()


@pytest.fixture
def warned(monkeypatch):
    """The warnings that reached the page."""
    said = []
    monkeypatch.setattr(st, "warning", lambda text, **more: said.append(text))
    return said


TOO_LARGE = {"width": 256, "depth": 50, "batch_size": 1347, "activation": "gelu"}


class Counted:
    """A run that does nothing but count, and may report."""

    def __init__(self, error=None, pause=0.0, module="tests.counted"):
        self.__module__, self.__qualname__ = module, "run"
        self.configs, self.error, self.pause = [], error, pause

    def __call__(self, config, report, workers):
        self.configs.append(config)
        report(0.5)
        time.sleep(self.pause)
        if self.error:
            raise self.error
        return f"{config.depth} layers"


class Watched(Counted):
    """The race, counted."""

    def __call__(self, config, report, workers):
        super().__call__(config, report, workers)
        return race.run(config, report, workers)


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

    def test_settings_whose_run_is_the_same_train_once_and_each_is_told_as_its_own(self):
        run, asked = Watched(), [race_config(target=bar) for bar in (0.5, 0.9)]
        asked += [race_config(scaling="raw"), race_config(initialization="he")]
        found = [answer(run, config) for config in asked]
        assert len(run.configs) == len(page.store()) == 1
        assert [result.config for result in found] == asked
        assert all(one.test_accuracy is found[0].test_accuracy for one in found)
        assert len({id(one) for one in found}) == len(asked)

    def test_what_is_told_of_a_shared_run_is_what_its_own_would_have_told(self):
        answer(race.run, race_config(target=0.9))
        shared = answer(race.run, other := race_config(target=0.3))
        own = race.run(other)
        assert page.kept(race.run, other)
        assert (shared.steps_to_target() == own.steps_to_target()).all()
        assert page.again(race.run, other).config == other

    def test_what_changes_a_run_trains_again(self):
        run = Counted()
        for changed in ({}, {"dataset": "wine"}, {"dataset": "wine", "scaling": "raw"}):
            answer(run, race_config(**changed))
        assert len(run.configs) == 3

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

    def test_seeds_are_left_out_too_and_the_page_says_so(self, warned):
        run, asked = Counted(), RaceConfig(depth=20, width=256, batch_size=512)
        answer(run, asked)
        (said,) = warned
        assert asked.affordable().seeds < asked.seeds
        assert "too much memory" in said
        assert f"{asked.affordable().seeds} seeds" in said

    def test_what_fits_in_no_way_is_not_run_and_is_a_sentence(self, warned):
        run = Counted()
        with pytest.raises(NoAnswerError, match=r"too much memory .* smaller\.$"):
            answer(run, RaceConfig(**TOO_LARGE))
        assert run.configs == warned == []

    def test_any_other_is_not(self, warned):
        run = Counted()
        answer(run, RaceConfig())
        assert run.configs == [RaceConfig()]
        assert warned == []

    def test_a_long_run_shows_how_far_it_is(self, monkeypatch):
        shown = []
        monkeypatch.setattr(page, "SILENT", -1.0)
        monkeypatch.setattr(
            "streamlit.delta_generator.DeltaGenerator.progress",
            lambda self, share, text: shown.append((share, text)),
        )
        answer(Counted(pause=0.3), race_config())
        assert (0.5, "Training: 50 %") in shown

    def test_who_waits_for_others_sees_how_many(self, monkeypatch):
        shown = []
        monkeypatch.setattr(page, "SILENT", -1.0)
        monkeypatch.setattr(page, "SHOWN", 0.0)
        monkeypatch.setattr(
            "streamlit.delta_generator.DeltaGenerator.info",
            lambda self, text, icon: shown.append(text),
        )
        long = [Counted(pause=0.4, module=f"tests.long{n}") for n in range(8)]
        threads = [Thread(target=answer, args=(run, race_config())) for run in long]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert any("yours is next" in text for text in shown)
        assert any("1 before yours" in text for text in shown)

    def test_a_run_that_was_lost_is_a_sentence(self):
        with pytest.raises(NoAnswerError, match="That run was lost"):
            answer(Counted(LostError("tcp://…")), race_config())

    def test_the_courses_own_settings_are_known(self):
        assert of_the_course(RaceConfig())
        assert of_the_course(RaceConfig(**words.CHALLENGES[0].setting))
        assert of_the_course(RaceConfig(target=0.5))  # has the answer of the default
        assert not of_the_course(RaceConfig(learning_rate=0.0321))
        setting = words_of_modes.CHALLENGES[0].setting
        assert of_the_course(LeftInInferenceConfig(**setting))  # a closed section of its page

    def test_the_real_thing(self):
        result = answer(race.run, race_config())
        assert result.config == race_config()
        assert answer(race.run, race_config()).seconds_per_step[0] == result.seconds_per_step[0]


class TestOnThePage:
    def test_a_run_that_was_lost_leaves_a_page_with_a_sentence_and_a_way_on(self, monkeypatch):
        def lose(config, report, workers):
            raise LostError("gone")

        monkeypatch.setattr(race, "run", lose)
        at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        at.switch_page("pages/05_race.py").run()
        assert not at.exception
        assert "Try again" in at.warning[0].value
        assert any("Next: " in one.proto.body for one in at.get("html"))
        assert not at.get("plotly_chart")

    def test_so_does_a_run_that_fits_in_no_way(self):
        at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        at.switch_page("pages/06_rates.py")
        for name, value in {"depth": 50, "width": 256, "batch_size": 512}.items():
            at.query_params[f"rates-{name}"] = str(value)
        at.run()
        assert not at.exception
        assert at.warning[0].value.endswith("the width, the depth or the batch smaller.")
        assert any("Next: " in one.proto.body for one in at.get("html"))
        assert not at.get("plotly_chart")
