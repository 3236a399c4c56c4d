"""Every page, with every option of every knob: it answers, and never with an exception."""

import json
import math
import re
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Widget

from bnviz.experiments import (
    forgiveness,
    inputs,
    lab_config,
    recurrent,
    relatives,
    settings,
    signals,
)
from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.settings import Settings, knobs
from bnviz.ui import course
from tests.samples import BY_HAND, LESSONS, closed_sections, module, page_config

ROOT = Path(__file__).resolve().parents[1]
PAGES = {lesson.name: lesson.page for lesson in course.written() if lesson.knobs}
CONFIGS = {lesson: page_config(lesson) for lesson in LESSONS}
PRESETS = {lesson: module(lesson, "words").PRESETS for lesson in LESSONS}
QUICK = {"depth": "2", "width": "8", "steps": "50", "seeds": "1"}  # small, and really trained
MOMENT = 0.1
"""Seconds of a slow core. With 0.3 of them the walk over all options takes twice as long."""
QUICK_ARMS = {
    "a-depth": "2", "a-width": "8", "b-depth": "2", "b-width": "8", "steps": "50", "seeds": "1",
}  # fmt: skip
"""The same where two runs have knobs of their own."""
SLIDERS = {"transform": "epsilon", "backward": "epsilon"}
"""A slider that changes the pictures, by lesson; in all others it is the learning rate."""
LINKS = {
    "transform": {"gamma": "0.5", "epsilon": "0.1"},
    "backward": {"gamma": "0.5", "epsilon": "0.1"},
    "lab": {"a-learning_rate": "0.56", "a-activation": "tanh", "b-gain": "0.5"},
}
"""A link that changes the pictures, where the knobs of a training do not."""
HIDDEN = {"home": {"dataset"}}  # for Python alone, beside what has one option only


@pytest.fixture(scope="module", autouse=True)
def small_map():
    """The map of what trains, with fewer cells; the browser opens the whole one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forgiveness, "RATES", forgiveness.RATES[::10])
        rows = {name: (knob, few[::4]) for name, (knob, few) in forgiveness.ROWS.items()}
        patch.setattr(forgiveness, "ROWS", rows)
        yield


@pytest.fixture
def brief(monkeypatch):
    """A visitor may have a moment: what would take longer is trained for fewer steps, as said.

    And for one, with one seed, where not even that fits into a moment.
    """

    def affordable(config):
        try:
            return usual(config)
        except TooLargeError:
            return config.model_copy(update={"steps": 1, "seeds": 1})

    usual = Settings.affordable
    monkeypatch.setattr(Settings, "affordable", affordable)
    monkeypatch.setattr(settings, "WORK_LIMIT", MOMENT)
    monkeypatch.setattr(lab_config, "MEASURING", MOMENT)
    monkeypatch.setattr(
        lab_config, "WORK_LIMIT", 5 * MOMENT
    )  # two runs, and what is measured on them


def names(lesson):
    """The knobs on the page of this lesson."""
    declared = knobs(CONFIGS[lesson])
    hidden = HIDDEN.get(lesson, set())
    return [name for name in declared if len(declared[name].options) > 1 and name not in hidden]


KNOBS = [(lesson, name) for lesson in PAGES for name in names(lesson)]


def opened(lesson, **link):
    """The page in a fresh session, small and with all sections open, or as the link says."""
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    if lesson != "home":
        at.switch_page(PAGES[lesson])
    small = {} if lesson in BY_HAND else QUICK_ARMS if lesson == "lab" else QUICK
    sections = dict.fromkeys(closed_sections(lesson), "true")
    for name, value in (small | sections | link).items():
        at.query_params[f"{lesson}-{name}"] = value
    return checked(at.run())


def checked(at):
    """The page, which must stand: no exception, charts, each with words for those who listen."""
    assert not at.exception, [one.message for one in at.exception]
    assert not at.error, [one.value for one in at.error]
    charts = at.get("plotly_chart")
    assert charts
    for chart in charts:
        assert len(chart.proto.alt) > 20
        assert "**" not in chart.proto.alt
        assert "nan" not in chart.proto.alt.lower().split()
    return at


def widgets(at):
    """All knobs of the page; to look for one after the other takes longer than the page."""
    return {w.key: w for w in (*at.select_slider, *at.selectbox, *at.button_group)}


def places(at):
    """Where on the page each knob stands: what the reader turns must not move, or the browser
    no longer writes it into the link."""
    found = {}

    def look(node, path):
        if isinstance(node, Widget) and node.key:
            found[node.key] = path
        for place, child in getattr(node, "children", {}).items():
            look(child, (*path, place))

    look(at._tree, ())
    return found


def moved(before, after):
    """The knobs that stand on both pages, but at another place."""
    return {key for key in before.keys() & after.keys() if before[key] != after[key]}


def widget(at, lesson, name):
    found, key = widgets(at), f"{lesson}-{name}"
    assert key in found, f"{key} is not on the page"
    return found[key]


def fold(at, lesson, name):
    """The section of this name in the link."""
    key = f"{lesson}-{name}"
    return next(one for one in at.expander if one.proto.query_param_key == key)


def slider(lesson):
    return SLIDERS.get(lesson, "learning_rate")


def default(lesson, name):
    return CONFIGS[lesson].model_fields[name].default


def value(at, lesson, name):
    return widget(at, lesson, name).value


def press(at, label):
    next(one for one in at.button if (one.label + " (").startswith(f"{label} (")).click()
    return checked(at.run())


def specs(at):
    return [chart.proto.spec for chart in at.get("plotly_chart")]


LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def page_texts(at):
    """The texts as they are read, without the addresses behind words."""
    return [LINK.sub(r"\1", one.value) for one in at.markdown]


@pytest.mark.parametrize("lesson", PAGES)
class TestAPage:
    def test_opens_with_a_trained_result_at_its_defaults(self, lesson):
        at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
        if lesson != "home":
            at.switch_page(PAGES[lesson])
        checked(at.run())
        assert at.title[0].value == course.lesson(lesson).question
        assert not at.warning
        shown = widgets(at)
        for name in names(lesson):
            key = f"{lesson}-{name}"
            assert key not in shown or shown[key].value == default(lesson, name), name

    def test_computes_what_is_closed_when_it_is_opened(self, lesson):
        sections = closed_sections(lesson)
        at = opened(lesson, **dict.fromkeys(sections, "false"))
        assert all(not fold(at, lesson, name).children for name in sections)
        for name in sections:
            assert fold(at, lesson, name).label.endswith("?")
            at.session_state[f"{lesson}-{name}"] = True
            checked(at.run())
            assert fold(at, lesson, name).children
        assert specs(at) == specs(opened(lesson))

    def test_shows_the_same_again_without_training(self, lesson):
        at = opened(lesson)
        before = specs(at)
        assert specs(checked(at.run())) == before

    def test_a_link_sets_the_knobs_and_gives_the_same_figures_in_another_session(self, lesson):
        training = {"learning_rate": "0.56", "activation": "tanh", "gain": "0.5"}
        link = LINKS.get(lesson, training | {"dataset": "moons"})
        link = {name: text for name, text in link.items() if name in names(lesson)}
        assert link
        at = opened(lesson, **link)
        assert not at.warning
        for name, text in link.items():
            assert str(value(at, lesson, name)) == text
        assert specs(at) == specs(opened(lesson, **link))
        assert specs(at) != specs(opened(lesson))

    @pytest.mark.usefixtures("brief")
    def test_every_preset_sets_its_knobs_and_puts_the_others_back(self, lesson):
        at = opened(lesson, **LINKS.get(lesson, {"gain": "0.5"}))
        for label, preset in (PRESETS[lesson] | {"Reset": {}}).items():
            press(at, label)
            for name in names(lesson):
                expected = preset.get(name, default(lesson, name))
                assert value(at, lesson, name) == expected, (label, name)

    def test_every_guess_gets_an_answer(self, lesson):
        at = opened(lesson)
        question = widget(at, lesson, "guess")
        assert question.value is None
        stood = places(at)
        for option in question.options:
            checked(widget(at, lesson, "guess").set_value(option).run())
            assert not moved(stood, places(at))
            said = [text for text in page_texts(at) if text.startswith(("**Yes.", "**Not in"))]
            assert len(said) == 1

    def test_notes_fold_away_below(self, lesson):
        titles = [one.label for one in opened(lesson).expander]
        assert {"How it is measured", "The mathematics", "What the papers found"} <= set(titles)


SIZES = (
    ("depth", "batch_size", "seeds"), ("steps", "width"),
    ("a-depth", "a-batch_size"), ("b-depth", "b-batch_size"), ("a-width", "b-width"),
)  # fmt: skip
"""Knobs of size: the large options of the first meet the small ones of the second, and the other
groups stay small meanwhile, to stay quick."""


def sizes(lesson):
    """One group of knobs of size after the other, each through all options of its knobs."""
    for group in SIZES:
        there = [name for name in group if name in names(lesson)]
        offered = [knobs(CONFIGS[lesson])[name].options for name in there]
        for turn in range(max(map(len, offered), default=0)):
            places = (turn, -1 - turn, turn)
            yield {
                name: options[place % len(options)]
                for name, options, place in zip(there, offered, places, strict=False)
            }


def walk(lesson):
    """Every option of every knob, in hardly more settings than the richest knob has options."""
    of_size = list(sizes(lesson))
    free = [name for name in names(lesson) if not any(name in group for group in SIZES)]
    offered = {name: knobs(CONFIGS[lesson])[name].options for name in free}
    for turn in range(max([len(of_size), *map(len, offered.values())])):
        setting = {name: options[turn % len(options)] for name, options in offered.items()}
        yield setting | (of_size[turn] if turn < len(of_size) else {})


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("lesson", PAGES)
def test_every_option_of_every_knob_is_trained_and_shown(lesson):
    at = opened(lesson)
    small = {name: value(at, lesson, name) for name in names(lesson)}
    tried = {name: set() for name in names(lesson)}
    stood = places(at)
    for setting in walk(lesson):
        shown = widgets(at)
        for name, option in (small | setting).items():
            shown[f"{lesson}-{name}"].set_value(option)
        shown = widgets(checked(at.run()))
        for name, option in setting.items():
            assert shown[f"{lesson}-{name}"].value == option, setting
            tried[name].add(option)
        assert not moved(stood, places(at)), setting
    for name, options in tried.items():
        assert options == set(knobs(CONFIGS[lesson])[name].options), name


NOT_OFFERED = {
    "unknown": "banana",
    "empty of sense": "%00",
    "not a number": "nan",
    "infinite": "inf",
    "huge": "1e999",
    "negative": "-1",
    "between two options": "0.1234",
    "very long": "9" * 4000,
    "another alphabet": "\uff10.\uff11",
    "markup": "<img src=x onerror=alert(1)>",
}


class TestLinks:
    @pytest.mark.parametrize("text", NOT_OFFERED.values(), ids=list(NOT_OFFERED))
    @pytest.mark.parametrize("lesson", ["race", "backward"])
    def test_what_is_not_offered_is_answered_with_a_sentence_and_the_default(self, lesson, text):
        name = slider(lesson)
        at = opened(lesson, **{name: text})
        instead = default(lesson, name)
        assert value(at, lesson, name) == instead
        (warning,) = at.warning
        assert knobs(CONFIGS[lesson])[name].label in warning.value
        assert "not offered" in warning.value
        assert f"{instead:g}" in warning.value
        assert text[:20] in warning.value
        assert len(warning.value) < 600

    @pytest.mark.usefixtures("brief")
    @pytest.mark.parametrize("lesson", PAGES)
    def test_every_knob_answers_nonsense(self, lesson):
        at = opened(lesson, **dict.fromkeys(names(lesson), "nonsense"))
        warnings = [one.value for one in at.warning if "`nonsense`" in one.value]
        assert len(warnings) == len(names(lesson))
        for name in names(lesson):
            label = knobs(CONFIGS[lesson])[name].label
            assert any(f"“{label}”" in warning for warning in warnings), name
            assert value(at, lesson, name) == default(lesson, name)
        stood = places(at)
        press(at, "Reset")
        assert not any("`nonsense`" in one.value for one in at.warning)
        assert not moved(stood, places(at))

    def test_the_sentence_is_gone_once_the_knob_is_set(self):
        at = opened("race", learning_rate="banana")
        checked(widget(at, "race", "learning_rate").set_value(0.1).run())
        assert not at.warning

    def test_parameters_of_nobody_change_nothing(self):
        at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
        for name, text in QUICK.items():
            at.query_params[f"home-{name}"] = text
        at.query_params["utm_source"] = "newsletter"
        assert not checked(at.run()).exception

    def test_layers_that_the_network_has_not(self):
        at = opened("home", **{"bn-of-2": ["1", "7"]})
        assert any("7" in one.value for one in at.warning)

    def test_numbers_are_written_in_links_as_on_the_page(self):
        for lesson, name in KNOBS:
            knob = knobs(CONFIGS[lesson])[name]
            for option in knob.options:
                assert "nan" not in knob.show(option)
                assert not isinstance(option, float) or math.isfinite(option)


class TestByHand:
    @pytest.mark.parametrize("lesson", ["transform", "backward"])
    def test_what_was_typed_is_in_the_link_and_gives_the_same_figures(self, lesson):
        table = "1~2_5~9_8~3"
        at = opened(lesson, table=table)
        assert not at.warning
        assert not any("does not know" in one.value for one in at.caption)
        assert specs(at) == specs(opened(lesson, table=table)) != specs(opened(lesson))

    @pytest.mark.parametrize("text", ["%00", "1~2~3", "9" * 4000, "<img src=x onerror=alert(1)>"])
    def test_a_table_of_nonsense_gets_a_sentence_and_the_ready_made_one(self, text):
        at = opened("backward", table=text)
        (warning,) = at.warning
        assert "cannot be used" in warning.value
        assert specs(at) == specs(opened("backward"))

    @pytest.mark.parametrize("table", ["3", "7_7_7", "1e9_-1e9", "1e-300_0", "1~1~1~1_2~2~2~2"])
    def test_odd_tables(self, table):
        opened("transform", table=table, epsilon="1e-12")
        opened("transform", table=table, epsilon="100", affine="give the input back")
        pairs = table.replace("_", "~1_") + "~2" if "~" not in table else "5~5_6~6"
        opened("backward", table=pairs, epsilon="1e-12")

    def test_the_same_numbers_on_the_next_page(self):
        links = opened("transform", table="1~2_5~9").get("page_link")
        assert any("backward-table" in link.proto.query_string for link in links)

    def test_the_mistake_when_asked(self):
        at = opened("backward")
        assert len(at.get("plotly_chart")) == 2
        at = press(at, "Start")
        assert len(at.get("plotly_chart")) == 3
        assert any("with the mistake the loss is higher" in text for text in page_texts(at))


class TestFrontDoor:
    def test_the_toggles_choose_the_layers_with_bn(self):
        at = opened("home", depth="3")
        assert value(at, "home", "bn-of-3") == [1, 2, 3]
        everywhere = specs(at)
        checked(widget(at, "home", "bn-of-3").set_value([2]).run())
        assert "BN in layer 2" in " ".join(page_texts(at))
        assert specs(at) != everywhere

    def test_the_shortcuts(self):
        at = press(opened("home", depth="4"), "Every second")
        assert value(at, "home", "bn-of-4") == [2, 4]
        press(at, "None")
        assert "no layer has BN" in " ".join(page_texts(at))
        press(at, "All")
        assert value(at, "home", "bn-of-4") == [1, 2, 3, 4]

    def test_mends_the_layer_that_went_first(self):
        at = opened("home", learning_rate="100", depth="6")
        (mend,) = [button for button in at.button if button.key == "home-mend"]
        layer = int(mend.label.split("layer ")[1].split()[0])
        press(at, mend.label)
        assert value(at, "home", "bn-of-6") == [layer]

    def test_shows_the_whole_course(self):
        text = unescape("".join(one.proto.body for one in opened("home").main.get("html")))
        for part, lessons in course.COURSE.items():
            assert part in text or lessons == (course.HOME,)
            assert all(one.question in text for one in lessons if one is not course.HOME)


class TestRace:
    def test_counts_in_steps_or_in_seconds(self):
        at = opened("race")
        in_steps = specs(at)
        checked(widget(at, "race", "unit").set_value("seconds").run())
        assert specs(at) != in_steps
        assert "seconds of one core" in specs(at)[0]
        checked(widget(at, "race", "unit").set_value("steps").run())
        assert specs(at) == in_steps

    def test_shows_the_decisions_on_a_plane_and_only_there(self):
        assert len(opened("race", dataset="moons").get("plotly_chart")) == 3
        assert len(opened("race").get("plotly_chart")) == 2

    def test_more_seeds_when_asked(self):
        at = opened("race")
        assert not any("further pairs" in text for text in page_texts(at))
        press(at, "Start")
        assert any("Of 20 further pairs" in text for text in page_texts(at))

    def test_costs_stand_in_a_table(self):
        (table,) = opened("race").table
        assert list(table.value.iloc[:, 0]) == ["plain", "BN"]


class TestGradients:
    def test_the_learning_rates_when_asked(self):
        at = opened("gradients")
        assert len(at.get("plotly_chart")) == 2
        assert not any("rates" in text and "losses" in text for text in page_texts(at))
        at = press(at, "Start")
        assert len(at.get("plotly_chart")) == 3
        (said,) = (
            text
            for text in page_texts(at)
            if ("rates" in text and "losses fall" in text) or "Both losses fell at" in text
        )
        assert any(chart.proto.alt == said for chart in at.get("plotly_chart"))
        assert any("learning rate (log)" in spec for spec in specs(at))


class TestSignals:
    def test_what_one_did_before_bn_when_asked(self, monkeypatch):
        monkeypatch.setitem(signals.REMEDY, "depth", 2)
        monkeypatch.setitem(signals.REMEDY, "steps", 8)
        at = opened("signals")
        assert len(at.get("plotly_chart")) == 3
        at = press(at, "Start")
        assert len(at.get("plotly_chart")) == 4
        (said,) = (text for text in page_texts(at) if "most seeds learn" in text)
        assert any(chart.proto.alt == said for chart in at.get("plotly_chart"))
        assert any("Glorot weights" in spec for spec in specs(at))

    @pytest.mark.parametrize("link", [{"depth": "1"}, {"depth": "50", "gain": "10"}])
    def test_where_there_is_no_way_or_no_signal(self, link):
        assert not opened("signals", **link).warning


class TestPlacement:
    def test_every_comparison_shows_what_it_turns_on(self):
        at = opened("placement", compare="the bias")
        assert len(at.get("plotly_chart")) == 4
        assert any("Does the bias learn?" in text for text in page_texts(at))
        checked(widget(at, "placement", "compare").set_value("dropout before it").run())
        assert any("Two variances." in text for text in page_texts(at))
        assert any("variance, training" in spec for spec in specs(at))

    def test_every_rate_when_asked(self, monkeypatch):
        monkeypatch.setattr(inputs, "RATES", inputs.RATES[::5])
        at = opened("placement")
        assert len(at.get("plotly_chart")) == 4
        at = press(at, "Start")
        assert len(at.get("plotly_chart")) == 5
        (said,) = (text for text in page_texts(at) if text.startswith("On wild features"))
        assert any(chart.proto.alt == said.replace("*", "") for chart in at.get("plotly_chart"))

    def test_the_guess_is_about_before_and_after_whatever_is_compared(self):
        at = opened("placement", compare="gamma and beta")
        checked(widget(at, "placement", "guess").set_value("plain").run())
        said = [text for text in page_texts(at) if text.startswith(("**Yes.", "**Not in"))]
        assert len(said) == 1
        assert "before the activation" in said[0]


class TestRelatives:
    def test_a_choice_moves_the_stack_alone(self):
        at = opened("relatives")
        before = specs(at)
        checked(widget(at, "relatives", "of").set_value("group").run())
        checked(widget(at, "relatives", "channel").set_value("6").run())
        assert any("the 4 channels of its group, of sample 1" in text for text in page_texts(at))
        same = [one == other for one, other in zip(before, specs(at), strict=True)]
        assert same == [False, False, True, True]

    def test_every_batch_size_when_asked(self, monkeypatch):
        monkeypatch.setattr(relatives, "SEEN", 64)
        at = press(opened("relatives"), "Start")
        assert len(at.get("plotly_chart")) == 6
        (said,) = (text for text in page_texts(at) if "batches of 2, BN gets" in text)
        spoken = [chart.proto.alt for chart in at.get("plotly_chart")]
        assert sum(alt.endswith(said) for alt in spoken) == 2

    def test_the_recurrent_networks_when_asked(self, monkeypatch):
        few = recurrent.RecurrentConfig(steps=4, seeds=1)
        pieces = [few.model_copy(update={"arm": arm}) for arm in recurrent.ARMS]
        monkeypatch.setattr(recurrent, "pieces", lambda page: pieces)
        at = opened("relatives")
        [button for button in at.button if button.label == "Start"][1].click()
        checked(at.run())
        assert len(at.get("plotly_chart")) == 6
        assert any(text.startswith("On 8 rows") for text in page_texts(at))


class TestScale:
    def test_every_gain_when_asked(self):
        at = opened("scale")
        drawn = len(at.get("plotly_chart"))
        at = press(at, "Start")
        assert len(at.get("plotly_chart")) == drawn + 1
        (said,) = (text for text in page_texts(at) if text.startswith("Of 12 initial gains"))
        assert any(chart.proto.alt == said for chart in at.get("plotly_chart"))

    def test_another_layer_moves_the_pictures_of_training_alone(self):
        at = opened("scale")
        before = specs(at)
        chosen = widget(at, "scale", "layer")
        after = specs(checked(chosen.set_value(chosen.options[-1]).run()))
        assert [one == other for one, other in zip(before, after, strict=True)] == (
            [True, True, False, False, False]
        )


class TestLandscape:
    def surface(self, at):
        """The figure of the surface: contours or a relief."""
        (spec,) = (s for s in specs(at) if '"contour"' in s or '"surface"' in s)
        return json.loads(spec)

    def kinds(self, at):
        return {trace["type"] for trace in self.surface(at)["data"]}

    def test_contours_or_a_relief(self):
        at = opened("landscape")
        assert self.kinds(at) == {"contour", "scatter"}
        checked(widget(at, "landscape", "view").set_value("relief").run())
        assert self.kinds(at) == {"surface"}
        checked(widget(at, "landscape", "view").set_value("contours").run())
        assert self.kinds(at) == {"contour", "scatter"}

    def test_a_view_in_the_link(self):
        assert self.kinds(opened("landscape", view="relief")) == {"surface"}

    def test_the_path_moves_with_the_clock(self):
        assert not self.surface(opened("landscape")).get("frames")
        figure = self.surface(opened("landscape", plane="path of training"))
        steps = [frame["name"] for frame in figure["frames"]]
        assert (steps[0], steps[-1]) == ("0", QUICK["steps"])

    def test_skip_connections_when_asked(self):
        at = opened("landscape")
        drawn = len(at.get("plotly_chart"))
        assert not any("Where the ground curves downwards" in text for text in page_texts(at))
        press(at, "Start")
        assert len(at.get("plotly_chart")) == drawn + 1
        (said,) = (text for text in page_texts(at) if "Where the ground curves downwards" in text)
        assert any(chart.proto.alt == said for chart in at.get("plotly_chart"))
        assert any("with skips" in spec for spec in specs(at))

    @pytest.mark.parametrize(
        "link",
        [
            {"depth": "50", "gain": "10"},  # plain overflows in its first pass
            {"depth": "1", "normalized_layers": "second half"},  # no layer of one has BN
            {"learning_rate": "100", "depth": "6", "plane": "path of training"},
        ],
    )
    def test_where_there_is_no_network_to_look_at(self, link):
        at = opened("landscape", **link)
        checked(widget(at, "landscape", "view").set_value("relief").run())
