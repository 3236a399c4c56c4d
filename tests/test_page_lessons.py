"""What single lessons do beyond what every page does."""

import json
from html import unescape

import pytest

from bnviz.experiments import inputs, recurrent, relatives, signals, today
from bnviz.ui import course
from bnviz.words.landscape.surface import DRAWN
from tests.pages import QUICK, checked, opened, page_texts, press, specs, value, widget


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
        assert any("With the mistake the loss is higher" in text for text in page_texts(at))


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

    def test_shows_the_whole_course(self):
        text = unescape("".join(one.proto.body for one in opened("home").main.get("html")))
        for part, lessons in course.COURSE.items():
            assert part in text or lessons == (course.HOME,)
            assert all(one.question in text for one in lessons if one is not course.HOME)


class TestRace:
    def test_counts_in_steps_and_further_down_in_seconds(self):
        first, *_, last = specs(opened("race"))
        assert "training step" in first
        assert "seconds of one core" in last

    def test_shows_the_decisions_on_a_plane_beside_the_race_and_only_there(self):
        assert len(opened("race", small=False, dataset="moons").get("plotly_chart")) == 2
        assert len(opened("race", small=False).get("plotly_chart")) == 1

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
            if "losses of a pair fall" in text or "Both losses of a pair fell at" in text
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
        assert any("Does the bias learn?" in spec for spec in specs(at))
        checked(widget(at, "placement", "compare").set_value("dropout before it").run())
        assert any("variance, training" in spec for spec in specs(at))

    def test_every_rate_when_asked(self, monkeypatch):
        monkeypatch.setattr(inputs, "RATES", inputs.RATES[::5])
        at = opened("placement")
        assert len(at.get("plotly_chart")) == 4
        at = press(at, "Start")
        assert len(at.get("plotly_chart")) == 5
        (said,) = (text for text in page_texts(at) if text.startswith("On wild features"))
        assert any(chart.proto.alt == said.replace("*", "") for chart in at.get("plotly_chart"))


class TestRelatives:
    def test_a_choice_moves_the_stack_alone(self):
        at = opened("relatives")
        before = specs(at)
        checked(widget(at, "relatives", "of").set_value("group").run())
        checked(widget(at, "relatives", "channel").set_value("6").run())
        assert any("the 4 channels of its group, of sample 1" in text for text in page_texts(at))
        same = [one == other for one, other in zip(before, specs(at), strict=True)]
        assert same == [True, True, False, False]

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
        assert any(text.startswith("Test accuracy on 8 rows") for text in page_texts(at))

    def test_todays_networks_when_asked(self, monkeypatch):
        few = today.TodayConfig(steps=4, seeds=1, depth=2)
        pieces = [few.model_copy(update={"arm": arm}) for arm in today.ARMS]
        monkeypatch.setattr(today, "pieces", lambda page: pieces)
        at = opened("relatives")
        [button for button in at.button if button.label == "Start"][2].click()
        checked(at.run())
        assert len(at.get("plotly_chart")) == 6
        assert any("before the branch" in text.lower() for text in page_texts(at))


class TestScale:
    def test_every_gain_when_asked(self):
        at = opened("scale")
        drawn = len(at.get("plotly_chart"))
        at = press(at, "Start")
        assert len(at.get("plotly_chart")) == drawn + 1
        (said,) = (text for text in page_texts(at) if text.startswith("The picture has 12 initial"))
        assert any(chart.proto.alt == said for chart in at.get("plotly_chart"))

    def test_another_layer_is_drawn_in_its_own_section_alone(self):
        at = opened("scale")
        before = specs(at)
        chosen = widget(at, "scale", "layer")
        after = specs(checked(chosen.set_value(chosen.options[-1]).run()))
        assert [one == other for one, other in zip(before, after, strict=True)] == (
            [True, True, True, True, False, False, True]
        )


class TestLandscape:
    def surface(self, at):
        """The figure of the surface: contours or a relief."""
        (chart,) = (
            one for one in at.get("plotly_chart") if one.proto.alt.startswith(DRAWN.strip()[:20])
        )
        return json.loads(chart.proto.spec)

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
        assert not any(
            "how much of its basin the surface curves downwards" in text for text in page_texts(at)
        )
        press(at, "Start")
        assert len(at.get("plotly_chart")) == drawn + 1
        (said,) = (
            text
            for text in page_texts(at)
            if "how much of its basin the surface curves downwards" in text
        )
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
