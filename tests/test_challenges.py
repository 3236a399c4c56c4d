"""Every lesson asks before it answers: its challenges, as a reader meets them; what they say."""

import pytest

from bnviz.experiments import forgiveness
from bnviz.experiments.settings import knobs
from bnviz.ui import foreseen
from bnviz.ui.answers.page import store
from bnviz.words.belief import Belief
from bnviz.words.challenge import LONGEST_QUESTION, LONGEST_VERDICT, SHOWN
from tests.pages import CONFIGS, checked, moved, names, page_texts, places, value
from tests.pages import opened as page
from tests.samples import LESSONS

ASKING = [name for name in LESSONS if foreseen.challenges_of(name)]
CHALLENGES = {name: foreseen.challenges_of(name) for name in ASKING}

of_each_lesson = pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=pytest.mark.xdist_group(f"questions of {one}")) for one in ASKING],
)  # whose tests share its runs

BESIDE_KNOBS = {"home": ("normalized",), "lab": ("a-then", "b-then")}
"""What a challenge may set that is no knob: the toggles of layers, and how a run goes on."""


FIVE = 5
"""Seeds, over which each challenge is checked; pages that train many networks begin with three."""


@pytest.fixture(scope="module", autouse=True)
def _five_seeds():
    configs = [one for one in CONFIGS.values() if "seeds" in one.model_fields]
    few = [one for one in configs if one.model_fields["seeds"].default < FIVE]
    with pytest.MonkeyPatch.context() as patch:
        for config in few:
            patch.setattr(config.model_fields["seeds"], "default", FIVE)
            _rebuilt(config)
        yield
    for config in few:
        _rebuilt(config)


def _rebuilt(config):
    """With the defaults of now, and the signature that we wrote instead of pydantic's."""
    signature = config.__signature__
    config.model_rebuild(force=True)
    config.__signature__ = signature


@pytest.fixture(scope="module", autouse=True)
def _a_sixth_of_the_map():
    """The map of what trains answers the same with every third rate and every second row."""
    rows = {name: (knob, few[::2]) for name, (knob, few) in forgiveness.ROWS.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forgiveness, "RATES", forgiveness.RATES[::3])
        patch.setattr(forgiveness, "ROWS", rows)
        store().clear()  # no map of another size is taken for this one
        yield
    store().clear()


def opened(name, **link):
    """The page at its own defaults, as a new reader opens it."""
    return page(name, small=False, **link)


def click(at, key):
    next(button for button in at.button if button.key == key).click()
    return checked(at.run())


def box(at, text):
    """What stands in the box of the challenge: one text that begins like this."""
    return [said for said in page_texts(at) if said.startswith(text)]


def answer(at, name, challenge, letter=SHOWN):
    return click(at, f"{name}-answer-{challenge.name}-{letter}")


def onward(at, name, position):
    return click(at, f"{name}-question-{position}")


@of_each_lesson
class TestDeclared:
    def test_three_to_five_each_with_its_own_name(self, name):
        asked = CHALLENGES[name]
        assert 3 <= len([one for one in asked if not one.look]) <= 5
        assert any(one.look for one in asked)
        assert len({one.name for one in asked}) == len(asked)

    def test_none_is_answered_by_what_the_page_opens_with(self, name):
        for challenge in CHALLENGES[name]:
            config = CONFIGS[name]
            assert config(**challenge.setting) != config() or challenge.look

    def test_each_sets_knobs_to_what_they_offer(self, name):
        declared = knobs(CONFIGS[name])
        for challenge in CHALLENGES[name]:
            for knob, asked in challenge.setting.items():
                assert knob in declared or knob in BESIDE_KNOBS.get(name, ())
                assert knob not in declared or asked in declared[knob].options, knob

    def test_a_look_is_at_the_run_of_the_challenge_before(self, name):
        for before, challenge in zip(CHALLENGES[name], CHALLENGES[name][1:], strict=False):
            assert not challenge.look or challenge.setting == before.setting
        assert not CHALLENGES[name][0].look

    def test_the_questions_are_short(self, name):
        for challenge in CHALLENGES[name]:
            assert len(challenge.question.split()) <= 24
            assert len(challenge.question) <= LONGEST_QUESTION
            assert all(len(text.split()) <= 8 for text in challenge.answers)

    def test_each_has_a_wrong_answer_that_tempts_and_the_belief_behind_it(self, name):
        for challenge in CHALLENGES[name]:
            tempting = challenge.tempting
            assert tempting, challenge.name
            assert tempting.answer in challenge.answers, challenge.name
            assert tempting.answer != challenge.expected, challenge.name
            assert isinstance(tempting.belief, Belief) or challenge.look, challenge.name

    def test_what_a_challenge_opens_is_there(self, name):
        sections = set(getattr(foreseen.words_of(name), "CLOSER", {}))
        assert {one.opens for one in CHALLENGES[name]} <= sections | {""}


@of_each_lesson
def test_from_the_first_question_to_the_last(name):
    """Each is posed before its setting is on the screen, sets it, and gets the declared answer."""
    at = opened(name)
    for position, challenge in enumerate(CHALLENGES[name], 1):
        stood = places(at)
        assert box(at, f":small[Question {position} of {len(CHALLENGES[name])}]")
        assert challenge.question in "".join(page_texts(at))
        answer(at, name, challenge)
        assert not [key for key in moved(stood, places(at)) if "-question-" not in key]
        for knob in names(name):
            if not challenge.look and f"{name}-{knob}" in {one.key for one in at.main}:
                expected = challenge.setting.get(knob, CONFIGS[name].model_fields[knob].default)
                assert value(at, name, knob) == expected
        told = box(at, "**Here: ") + box(at, "**This run cannot tell.**")
        assert len(told) == 1, challenge.name
        if challenge.expected is not None:
            assert told[0].startswith(f"**Here: {challenge.expected}.**"), told
        assert len(told[0]) + len(f"You said “{max(challenge.answers, key=len)}”. ") <= (
            LONGEST_VERDICT
        ), told
        onward(at, name, position)
    assert box(at, "**That was the last question of this lesson.**")


@of_each_lesson
def test_right_and_wrong_are_told_and_counted(name):
    asked = [one for one in CHALLENGES[name] if one.expected and not one.look and not one.on]
    challenge = asked[0]
    right = challenge.answers.index(challenge.expected)
    for place in (right, (right + 1) % len(challenge.answers)):
        position = CHALLENGES[name].index(challenge) + 1
        at = opened(name, ask=str(position))
        answer(at, name, challenge, "abcd"[place])
        begin = "**As you said: " if place == right else "**You said “"
        assert box(at, begin)
        counted = f"**{int(place == right)} of 1** foreseen so far"
        assert counted in [one.value for one in at.sidebar.caption]
        assert at.query_params[f"{name}-said"] in ("abcd"[place], ["abcd"[place]])
