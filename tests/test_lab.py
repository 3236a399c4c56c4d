"""The lab as a whole: what its presets say, and kept runs in its pictures and its link."""

import re

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import class_board, lab, lab_config
from bnviz.experiments.kept import Kept, write
from bnviz.experiments.lab import LabelledResult
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import ARMS, NOTHING, SHARED
from bnviz.figures import LIGHT
from bnviz.figures import lab as pictures
from bnviz.ui import arms, course
from bnviz.verdicts import class_board as board
from bnviz.verdicts.lab import judge, kept
from bnviz.words import class_board as words_of_board
from bnviz.words.kept import ended
from bnviz.words.lab import CHALLENGES, findings
from bnviz.words.lab.diagnostics import DIAGNOSTICS
from tests.figures.parts import unpacked
from tests.made.lab import bn, made
from tests.pages import (
    QUICK_ARMS,
    checked,
    moved,
    opened,
    page_texts,
    places,
    press,
    specs,
    widget,
)

SMALL = "_h2_w8_s50_e1"  # QUICK_ARMS in the list of kept runs


@pytest.fixture(scope="module")
def results():
    """The runs that every challenge leads to, and those of the default page, as (A, B)."""

    def both(preset):
        asked = {name: field.default for name, field in arms.Page.model_fields.items()}
        asked |= {"diagnostic": NOTHING} | preset  # measuring takes time and changes nothing
        shared = {name: asked[name] for name in SHARED}
        own = [
            {name[2:]: value for name, value in asked.items() if name.startswith(f"{letter}-")}
            for letter in ARMS
        ]
        return tuple(lab.run(LabConfig(**shared, **one)) for one in own)

    return {one.name: both(one.setting) for one in CHALLENGES if not one.look} | {"": both({})}


class TestChallenges:
    """What a challenge is there to show, in at least five seeds."""

    def ends(self, results, label):
        return [result.final() for result in results[label]]

    def test_the_page_opens_where_bn_is_ahead(self, results):
        verdict = judge(*results[""])
        assert verdict.outcome == "B ahead"
        assert verdict.score.second == verdict.score.seeds >= 5

    def test_ten_times_the_rate(self, results):
        slow, fast = results["ten-times"]
        assert fast.config.learning_rate == pytest.approx(10 * slow.config.learning_rate)
        assert (fast.final() > slow.final()).all()

    def test_batches_of_two(self, results):
        batch, group = self.ends(results, "batches-of-two")
        assert (batch < 0.5).all()
        assert (group > 0.8).all()

    def test_sgd_against_adam(self, results):
        sgd, adam = results["adam"]
        assert (sgd.config.optimizer, adam.config.optimizer) == ("sgd", "adam")
        assert sgd.config.treatment == adam.config.treatment == "batch"
        assert min(np.median(one.final()) for one in (sgd, adam)) > 0.9

    def test_a_tenth_of_the_rate(self, results):
        same, tenth = results["go-on"]
        first = same.steps <= 100
        assert (same.losses[:, first] == tenth.losses[:, first]).all()
        assert (tenth.final() > same.final()).all()

    def test_where_it_does_not_help(self, results):
        plain, batch = results["shallow"]
        verdict = judge(plain, batch)
        assert verdict.no_help == "batch"
        assert verdict.a.fate == verdict.b.fate == "learned"


class TestOneNumber:
    """A run of which a seed diverged reads the same wherever it stands: 87 %, and never 90 %."""

    ENDS, LOST = (0.90, 0.95, 0.5, 0.85, 0.87), [NEVER, NEVER, 3, NEVER, NEVER]

    def test_in_headline_list_picture_board_and_file(self):
        run = made(self.ENDS, self.LOST)
        entry = class_board.Entry(1, "Anna", as_on_the_board(run))
        spread = board.judge([entry])
        said = findings(judge(run, bn((0.7,) * 5)))
        assert "A (plain) has 87 % test accuracy" in " ".join(said.more)
        assert ended(kept(run)) == "87 %, 1 of 5 seeds diverged"
        assert "ends at 87 % test accuracy" in words_of_board.spread(spread)
        assert words_of_board.rows(spread)[1][2] == "0.8700"
        for label in ("A", "1"):
            figure = pictures.accuracy(
                [LabelledResult("A", run), LabelledResult("B", bn((0.7,) * 5)),
                 LabelledResult("1", run)], LIGHT
            )  # fmt: skip
            (line,) = [one for one in figure["data"] if one.get("name", "").startswith(f"{label}: ")
                       and "all seeds" not in one["name"]]  # fmt: skip
            assert unpacked(line["y"])[-1] == pytest.approx(0.87)

    def test_where_the_median_seed_diverged(self):
        run = made((0.9, 0.9, 0.9), [3, 3, NEVER])
        assert judge(run, bn((0.7,) * 3)).outcome == "A diverged"
        assert ended(kept(run)) == "2 of 3 seeds diverged"
        spread = board.judge([class_board.Entry(1, "", as_on_the_board(run))])
        assert "diverged" in words_of_board.spread(spread)
        assert words_of_board.rows(spread)[1][2] == ""


def as_on_the_board(run):
    return class_board.EndResult(
        config=run.config, accuracies=run.test_accuracies[:, -1], diverged_at=run.diverged_at
    )


class TestThePage:
    def kept(self, at):
        return at.text_area(key="lab-kept").value

    def test_a_kept_run_is_in_the_pictures_and_in_the_link(self):
        at = opened("lab")
        before, stood = specs(at), places(at)
        at = press(at, "Keep B")
        assert self.kept(at) == f"nbatch{SMALL}"
        assert not moved(stood, places(at))
        changed = [one != other for one, other in zip(before, specs(at), strict=True)]
        assert changed[:2] == [True, True]
        assert not any(changed[2:])
        assert specs(press(at, "Remove")) == before

    def test_the_link_gives_the_same_figures_in_another_session(self):
        at = press(opened("lab", **{"b-learning_rate": "1", "a-then": "0.01x50"}), "Keep A")
        at = press(at, "Keep B")
        widget(at, "lab", "b-learning_rate").set_value(0.1)
        at = checked(at.run())
        link = {"b-learning_rate": "0.1", "a-then": "0.01x50", "kept": self.kept(at)}
        fresh = opened("lab", **link)
        assert specs(fresh) == specs(at)
        assert not fresh.warning
        assert not any("does not know" in one.value for one in fresh.caption)

    def test_a_kept_run_goes_back_into_an_arm(self):
        text = f"nlayer_r0.01_atanh{SMALL}_dmoons_t0.001x50"
        at = press(opened("lab", kept=text), "Load into A")
        assert widget(at, "lab", "a-normalizer").value == "layer"
        assert widget(at, "lab", "a-activation").value == "tanh"
        assert widget(at, "lab", "dataset").value == "moons"
        assert at.text_input(key="lab-a-then").value == "0.001x50"
        assert widget(at, "lab", "b-normalizer").value == "batch"
        assert self.kept(at) == text

    def test_reset_leaves_the_kept_runs(self):
        at = opened("lab", kept=f"nlayer{SMALL}")
        assert self.kept(press(at, "Reset")) == f"nlayer{SMALL}"

    def test_a_continuation_that_is_cut_says_so(self, monkeypatch):
        small = LabConfig(depth=2, width=8, steps=50, seeds=1)
        monkeypatch.setattr(lab_config, "WORK_LIMIT", 2 * lab_config.MEASURING + 4 * small.work())
        at = opened("lab", **{"a-then": "0.01x800"})
        (warning,) = at.warning
        assert "A would take too long" in warning.value
        assert "of 850." in warning.value
        assert not opened("lab", **{"a-then": "0.01x50"}).warning

    def test_decisions_on_a_plane_and_only_there(self):
        drawn = len(opened("lab").get("plotly_chart"))
        assert len(opened("lab", dataset="moons").get("plotly_chart")) == drawn + 1

    def test_every_diagnostic_says_what_it_is_and_leads_to_its_lesson(self):
        at = opened("lab", diagnostic="turn of the gradient")
        diagnostic = DIAGNOSTICS["turn of the gradient"]
        without_links = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text) for text in page_texts(at)]
        assert diagnostic.about in without_links
        question = course.lesson(diagnostic.lesson).question
        links = [link.proto.label for link in at.get("page_link")]
        assert any("Explained in" in label and question in label for label in links)
        for one in DIAGNOSTICS.values():
            assert course.lesson(one.lesson).page

    def test_the_ground_around_both_runs_when_asked(self):
        at = opened("lab")
        drawn = len(at.get("plotly_chart"))
        at = press(at, "Start")
        assert len(at.get("plotly_chart")) == drawn + 1
        (said,) = (text for text in page_texts(at) if "clearly better than guessing" in text)
        assert any(chart.proto.alt == said for chart in at.get("plotly_chart"))

    def test_where_nothing_is_measured_the_page_says_so(self):
        at = opened("lab", diagnostic=NOTHING)
        assert any("Nothing was measured" in text for text in page_texts(at))

    @pytest.mark.parametrize("nonsense", ["banana", "%00", "9" * 4000, "<img src=x>", "___"])
    def test_nonsense_in_the_list_gets_a_sentence_and_the_good_part_is_used(self, nonsense):
        at = opened("lab", kept=f"nlayer{SMALL}__{nonsense}")
        assert at.warning
        assert specs(at) == specs(opened("lab", kept=f"nlayer{SMALL}"))

    def test_a_full_list_of_diverged_continued_and_odd_runs(self):
        odd = [
            {"learning_rate": 100.0, "gain": 10.0, "depth": 20},
            {"dataset": "moons"},
            {"batch_size": 1, "normalizer": "batch"},
            {"then": "100x50_0.001x50"},
            {"depth": 1, "normalized_layers": "second half", "normalizer": "group"},
            {"chunk": 32, "batch_size": 16, "normalizer": "batch"},
            {"dropout": 0.5, "skip": "on", "gamma_start": 0.0, "normalizer": "noisy"},
            {"steps": 100, "seeds": 3, "schedule": "cosine", "optimizer": "adam"},
        ]
        small = {"depth": 2, "width": 8, "steps": 50, "seeds": 1}
        text = write([Kept("", LabConfig(**small | changes)) for changes in odd])
        at = opened("lab", kept=text)
        assert not at.warning
        rows = [one.proto.body for one in at.get("html") if "&ensp;" in one.proto.body]
        assert len(rows) == len(ARMS) + len(odd)
        assert any("diverged" in row for row in rows)


def test_the_small_page_of_the_tests_is_the_small_run_of_the_list():
    assert write([Kept("", LabConfig(depth=2, width=8, steps=50, seeds=1))]) == f"nnone{SMALL}"
    assert QUICK_ARMS["a-depth"] == QUICK_ARMS["b-depth"] == "2"
