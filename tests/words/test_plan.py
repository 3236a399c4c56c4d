"""The lesson plan's own words: its minutes, its goals, and questions that there are."""

import pytest

from bnviz.ui import exact
from bnviz.ui.foreseen import challenges_of
from bnviz.words import plan as words
from bnviz.words.plan import PLANS
from tests.samples import LESSONS

each_plan = pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.minutes)


def test_there_are_plans_of_10_45_and_90_minutes():
    assert [plan.minutes for plan in PLANS] == [10, 45, 90]


@each_plan
class TestPlan:
    def test_its_questions_fill_its_minutes(self, plan):
        assert sum(stop.minutes for stop in plan.stops) == plan.minutes
        assert all(2 <= stop.minutes <= 6 for stop in plan.stops)

    def test_each_question_is_one_of_its_lesson_and_none_is_asked_twice(self, plan):
        names = [(stop.lesson, stop.challenge) for stop in plan.stops]
        assert len(set(names)) == len(names)
        for lesson, challenge in names:
            assert exact.position(lesson, challenge)

    def test_its_lessons_and_their_questions_come_in_the_order_of_the_course(self, plan):
        order = {lesson: place for place, lesson in enumerate(LESSONS)}
        places = [
            (order[stop.lesson], exact.position(stop.lesson, stop.challenge)) for stop in plan.stops
        ]
        assert places == sorted(places)

    def test_a_look_comes_after_the_question_whose_run_it_looks_at(self, plan):
        asked = [(stop.lesson, stop.challenge) for stop in plan.stops]
        for lesson, name in asked:
            number = exact.position(lesson, name)
            if challenges_of(lesson)[number - 1].look:
                before = challenges_of(lesson)[number - 2].name
                assert (lesson, before) == asked[asked.index((lesson, name)) - 1]

    def test_its_goals_end_the_sentence_that_begins_them(self, plan):
        assert 2 <= len(plan.goals) <= 5
        assert all(goal[0].islower() for goal in plan.goals)
        assert [goal[-1] for goal in plan.goals] == [";"] * (len(plan.goals) - 1) + ["."]

    def test_one_question_at_least_has_bn_lose_or_gain_nothing(self, plan):
        stops = plan.stops
        expected = [
            challenges_of(stop.lesson)[exact.position(stop.lesson, stop.challenge) - 1].expected
            for stop in stops
        ]
        assert {"plain", "about the same", "no", "hardly"} & set(expected)


def test_a_heading_runs_on():
    assert words.heading(PLANS[0]) == "10 minutes: one network that breaks, and its mending"
