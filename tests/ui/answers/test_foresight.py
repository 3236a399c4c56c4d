"""What is likely to be asked next is computed ahead, while nobody waits, and never in the way."""

import threading
import time

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.experiments import home, race
from bnviz.experiments.jobs import StoppedError
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.settings import LEARNING_RATES
from bnviz.ui.answers import NoAnswerError, foresight, page
from bnviz.ui.answers.foresight import MOST, Foresight, Idea, ideas, opening
from bnviz.ui.course import written
from bnviz.words import race as words
from tests.browser import ROOT
from tests.waiting import until

LESSONS = [lesson for lesson in written() if lesson.trains and lesson.name != "lab"]


def race_idea(**values):
    return Idea(race.run, RaceConfig(**values))


class TestIdeas:
    def test_the_next_steps_of_the_knob_that_was_turned(self):
        slow, now, fast, faster = LEARNING_RATES[8:12]
        some = ideas("race", race_idea(learning_rate=now), race_idea(learning_rate=slow))
        assert [idea.config.learning_rate for idea in some[:3]] == [fast, faster, slow]

    def test_and_back_where_it_was_turned_back(self):
        some = ideas("race", race_idea(depth=4), race_idea(depth=6))
        assert [idea.config.depth for idea in some[:3]] == [3, 2, 6]

    def test_at_the_end_of_a_knob_there_is_only_the_way_back(self):
        some = ideas("race", race_idea(depth=1), race_idea(depth=2))
        assert [idea.config.depth for idea in some[:2]] == [2, RaceConfig().depth]

    def test_words_are_a_knob_too(self):
        some = ideas("race", race_idea(activation="tanh"), race_idea(activation="relu"))
        assert some[0].config.activation not in ("tanh", "relu")

    def test_challenges_and_what_the_next_lesson_opens_with(self):
        some = ideas("race", race_idea(), None)
        led_to = dict.fromkeys(RaceConfig(**one.setting) for one in words.CHALLENGES)
        assert [idea.config for idea in some][: len(led_to)] == list(led_to)[:MOST]
        assert opening("rates")[0] in some or len(led_to) >= MOST

    def test_bounded_distinct_and_never_what_is_there(self):
        now = race_idea(learning_rate=1.0)
        some = ideas("race", now, race_idea(learning_rate=0.56))
        assert len(some) <= MOST
        assert now not in some
        assert len({idea.config for idea in some}) == len(some)

    def test_two_knobs_at_once_are_a_preset_and_point_nowhere(self):
        before = race_idea(depth=4, learning_rate=1.0)
        assert ideas("race", race_idea(), before) == ideas("race", race_idea(), None)

    def test_settings_that_cannot_be_are_left_out(self):
        before = Idea(home.run, home.HomeConfig(normalized=(1, 8), depth=10))
        now = Idea(home.run, home.HomeConfig(normalized=(1, 8), depth=8))
        depths = [idea.config.depth for idea in ideas("home", now, before)]
        assert depths[0] == 10
        assert 6 not in depths

    @pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
    def test_what_a_lesson_opens_with_is_what_its_page_asks(self, lesson, monkeypatch):
        asked = []

        def refuse(run, config, key, patient):
            asked.append(Idea(run, config))
            raise NoAnswerError("enough")

        monkeypatch.setattr(page, "_computed", refuse)
        page.store().clear()
        at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        if lesson.page != "app.py":
            at.switch_page(lesson.page)
        at.run()
        assert asked == opening(lesson.name)

    @pytest.mark.parametrize("name", ["transform", "glossary"])
    def test_where_nothing_is_trained_there_is_nothing_to_foresee(self, name):
        assert opening(name) == []


class TestForesight:
    def test_one_after_the_other_while_it_is_quiet(self):
        done = []
        some = [race_idea(depth=depth) for depth in (1, 2, 3)]
        Foresight(done.append, lambda: True, calm=0.01).think(some)
        until(lambda: len(done) == 3)
        assert done == some

    def test_not_while_anybody_asks(self):
        done, quiet = [], threading.Event()
        Foresight(done.append, quiet.is_set, calm=0.01).think([race_idea()])
        time.sleep(0.1)
        assert done == []
        quiet.set()
        until(lambda: done)

    def test_the_latest_view_comes_first(self):
        done, quiet = [], threading.Event()
        ahead = Foresight(done.append, quiet.is_set, calm=0.01)
        old, new = [race_idea(depth=1), race_idea(depth=2)], [race_idea(depth=3)]
        ahead.think(old)
        ahead.think(new)
        quiet.set()
        until(lambda: len(done) == 3)
        assert done == [*new, *old]

    def test_what_was_interrupted_or_went_wrong_ends_nothing(self):
        done, errors = [], [StoppedError(), ValueError("no")]

        def compute(idea):
            done.append(idea)
            if errors:
                raise errors.pop(0)

        Foresight(compute, lambda: True, calm=0.01).think([race_idea(depth=d) for d in (1, 2, 3)])
        until(lambda: len(done) == 3)

    def test_bounded_over_all_readers(self, monkeypatch):
        monkeypatch.setattr(foresight, "KEPT", 4)
        done, quiet = [], threading.Event()
        ahead = Foresight(done.append, quiet.is_set, calm=0.01)
        for depth in range(1, 11):
            ahead.think([race_idea(depth=depth)])
        quiet.set()
        until(lambda: len(done) == 4)
        time.sleep(0.1)
        assert [idea.config.depth for idea in done] == [10, 9, 8, 7]


class TestOnThePage:
    @pytest.fixture
    def thought(self, monkeypatch):
        some = []
        monkeypatch.setattr(page.foresight(), "think", some.append)
        return some

    def open_race(self):
        at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        at.switch_page("pages/05_race.py")
        quick = {"depth": "2", "width": "8", "steps": "50", "seeds": "1"}
        for name, value in quick.items():
            at.query_params[f"race-{name}"] = value
        return at.run()

    def test_a_turned_knob_gives_ideas(self, thought, monkeypatch):
        monkeypatch.setenv("BNVIZ_FORESIGHT", "on")
        at = self.open_race()
        at.select_slider(key="race-learning_rate").set_value(1.0).run()
        assert not at.exception
        first, second = thought
        assert first[0].config == RaceConfig()  # the defaults, which are a setting of the course
        assert [idea.config.learning_rate for idea in second[:2]] == [1.8, 3.2]
        assert second[0].config.width == 8

    def test_switched_off_there_are_none(self, thought, monkeypatch):
        monkeypatch.setenv("BNVIZ_FORESIGHT", "off")
        self.open_race()
        assert thought == []

    def test_the_next_step_of_a_knob_is_there_before_it_is_turned(self, monkeypatch):
        monkeypatch.setenv("BNVIZ_FORESIGHT", "on")
        monkeypatch.setattr(page, "ideas", lambda *view: ideas(*view)[:1])  # and nothing after it
        page.store().clear()
        at = self.open_race()
        at.select_slider(key="race-learning_rate").set_value(1.0).run()
        following = race_idea(learning_rate=1.8, depth=2, width=8, steps=50, seeds=1)
        until(lambda: page.key_of(race.run, following.config) in page.store())
        monkeypatch.setattr(page, "_computed", lambda *asked: pytest.fail(f"computed {asked}"))
        at.select_slider(key="race-learning_rate").set_value(1.8).run()
        assert not at.exception
        assert not at.error
        assert len(at.get("plotly_chart")) == 1

    def test_what_was_foreseen_is_there_when_it_is_asked(self):
        page.store().clear()
        idea = race_idea(depth=2, width=8, steps=50, seeds=1)
        until(page.clerk().quiet)
        page._compute_ahead(idea)
        assert page.key_of(idea.run, idea.config) in page.store()

    def test_what_takes_long_is_not_computed_for_nobody(self):
        page.store().clear()
        page._compute_ahead(race_idea(depth=20, width=128, steps=1600))
        assert len(page.store()) == 0
