"""A Config outside the app: its help, its short form, and the link of its page."""

import inspect
import pydoc
import re

import pytest

from bnviz import experiments
from bnviz.experiments import links
from bnviz.experiments.batches import FullConfig
from bnviz.experiments.config import Config
from bnviz.experiments.home import HomeConfig
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.landscape import LandscapeConfig
from bnviz.experiments.minibatch import ByHand
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.settings import knobs
from bnviz.experiments.surface import SurfaceConfig
from bnviz.experiments.transform import TransformConfig
from bnviz.ui import course, exact
from tests.experiments.test_settings import CONFIGS as ALL
from tests.pages import CONFIGS
from tests.samples import LESSONS

APP = "https://example.org/bnviz"
OF_ONE = [lesson for lesson in LESSONS if lesson != "lab"]


def told(config):
    """The help text, up to what Python adds."""
    return pydoc.render_doc(config, renderer=pydoc.plaintext).split("Method resolution order")[0]


@pytest.mark.parametrize(
    "config",
    [one for one in ALL if issubclass(one, Config) and one is not ByHand],
    ids=lambda config: config.__name__,
)
def test_help_has_a_line_for_each_field_and_no_long_one(config):
    _, *lines = told(config).splitlines()
    assert max(len(line) for line in lines if not line.startswith("class ")) <= 100
    declared = knobs(config)
    for name, field in config.model_fields.items():
        assert any(line.strip(" |") == f"{name} = {field.default!r}" for line in lines), name
        assert any(line.strip(" |") == f"{name}={field.default!r}," for line in lines), name
        assert name in declared or field.description, name
    text = " ".join(" ".join(line.strip(" |") for line in lines).split())
    for knob in declared.values():
        assert f"{knob.label}: {knob.allowed()}. {' '.join(knob.help.split())}" in text


def test_help_keeps_what_the_class_says_of_itself():
    assert "The shared settings, which layers have BN, and the accuracy" in told(RaceConfig)
    assert inspect.signature(RaceConfig).parameters["depth"].default == 6


def test_the_short_form_has_what_was_turned():
    assert repr(RaceConfig()) == "RaceConfig()"
    assert repr(RaceConfig(depth=3, dataset="moons")) == "RaceConfig(dataset='moons', depth=3)"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("deepth", "there is no 'deepth'; did you mean depth?"),
        ("lr", r"there is no 'lr'; help\(RaceConfig\) has them all"),
    ],
)
def test_a_name_that_is_no_field_s_is_told_with_the_nearest_one(typed, told):
    with pytest.raises(ValueError, match=told):
        RaceConfig(**{typed: 3})


def test_the_package_lists_its_lessons():
    listed = re.findall(r"^    ([a-z]+)  +(\S.*)$", experiments.__doc__, re.MULTILINE)
    lessons = [(one.name, one.question) for one in course.written() if one.knobs]
    assert [line for line in listed if line[0] in LESSONS] == lessons


def turned(lesson):
    """A setting of the lesson at which every knob of its page stands elsewhere."""
    config = CONFIGS[lesson]
    return config(
        **{
            name: next(one for one in knob.options if one != config.model_fields[name].default)
            for name, knob in knobs(config).items()
            if len(knob.options) > 1
        }
    )


@pytest.mark.parametrize("lesson", OF_ONE)
class TestTheLinkOfALesson:
    def test_leads_back(self, lesson):
        config = turned(lesson)
        for link in (config.link(), config.link(APP), config.link(APP + "/")):
            assert type(config).from_link(link) == config

    def test_is_the_page_s_own(self, lesson):
        config = turned(lesson)
        values = {name: getattr(config, name) for name in knobs(type(config))}
        defaults = type(config).model_fields
        values = {name: one for name, one in values.items() if one != defaults[name].default}
        there = {name: texts[-1] for name, texts in links.parameters(config.link()).items()}
        assert there == {
            name: texts[-1] for name, texts in exact.at_setting(lesson, values).items()
        }
        assert config.link().partition("?")[0] == course.lesson(lesson).address

    def test_says_nothing_of_a_default(self, lesson):
        config = CONFIGS[lesson]
        assert config().link() == course.lesson(lesson).address
        assert config.from_link(config().link(APP)) == config()

    def test_of_another_lesson_is_refused(self, lesson):
        other = "home" if lesson == "race" else "race"
        with pytest.raises(ValueError, match=f"no link to the lesson “{lesson}”"):
            CONFIGS[lesson].from_link(f"{APP}/{'' if other == 'home' else other}?{other}-depth=8")


class TestWhatALinkMeans:
    def test_numbers_are_compared_as_numbers(self):
        config = RaceConfig.from_link("race?race-learning_rate=1.0&race-target=95+%25&race-depth=8")
        assert config == RaceConfig(learning_rate=1.0, target=0.95, depth=8)

    def test_what_is_no_knob_says_nothing(self):
        assert RaceConfig.from_link("race?race-ask=2&race-loss=true&clock=9&x=1") == RaceConfig()

    @pytest.mark.parametrize("text", ["5", "0.33", "x", "nan", "8;", "\uff19"])
    def test_what_the_page_does_not_offer_is_refused(self, text):
        with pytest.raises(ValueError, match=r"depth: .* is not offered; it can be 1, 2, 3"):
            RaceConfig.from_link(f"race?race-depth={text}")

    def test_what_the_page_does_not_offer_has_no_link(self):
        with pytest.raises(ValueError, match="depth: no page offers 5; it can be 1, 2, 3"):
            RaceConfig(depth=5).link()
        with pytest.raises(ValueError, match="first_seed"):
            RaceConfig(first_seed=3).link()

    def test_a_closed_section_has_no_page(self):
        with pytest.raises(ValueError, match="FullConfig has no page"):
            FullConfig().link()

    def test_too_long_a_link_is_refused(self):
        with pytest.raises(ValueError, match="characters"):
            RaceConfig.from_link("race?race-depth=" + "1" * links.LONGEST)
        with pytest.raises(ValueError, match="parameters"):
            RaceConfig.from_link("race?" + "&".join(f"race-x{n}=1" for n in range(999)))


class TestLinksOfTheirOwn:
    @pytest.mark.parametrize("layers", [(), (2, 7), (8,), None])
    def test_the_layers_of_the_front_door(self, layers):
        config = HomeConfig(normalized=layers)
        assert HomeConfig.from_link(config.link(APP)) == config

    def test_toggles_of_another_depth_are_other_ones(self):
        config = HomeConfig.from_link("./?home-depth=4&home-bn-of-8=1&home-bn-of-4=3")
        assert config == HomeConfig(depth=4, normalized=(3,))
        with pytest.raises(ValueError, match="is no layer"):
            HomeConfig.from_link("./?home-bn-of-8=x")
        with pytest.raises(ValueError, match="allowed are layers"):
            HomeConfig.from_link("./?home-bn-of-8=9")

    def test_a_table_travels_exactly(self):
        config = TransformConfig(table="16777216.25~1_3~-4.5", own_gamma="1, 2", beta=3.0)
        assert TransformConfig.from_link(config.link(APP)) == config

    def test_the_walk_and_the_surface_share_a_page(self):
        link = SurfaceConfig(moment="middle", depth=4).link()
        assert SurfaceConfig.from_link(link).moment == "middle"
        assert LandscapeConfig.from_link(link) == LandscapeConfig(depth=4)

    @pytest.mark.parametrize("arm", ["a", "b"])
    def test_an_arm_of_the_lab(self, arm):
        for config in (LabConfig(), LabConfig(normalizer="layer", steps=200, then="0.01x100")):
            assert LabConfig.from_link(config.link(APP, arm), arm) == config
        link = f"lab?lab-{arm}-depth=4&lab-dataset=moons"
        assert LabConfig.from_link(link, arm).depth == 4
        assert LabConfig.from_link(link, arm).dataset == "moons"
        assert LabConfig.from_link("lab", arm).normalizer == {"a": "none", "b": "batch"}[arm]
        with pytest.raises(ValueError, match="no 'c'"):
            LabConfig.from_link(link, "c")
