"""Take it home: what is behind the button is made for the settings of now, when it is open."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from bnviz import __version__
from bnviz.axes import SHORT
from bnviz.experiments import kept as kept_runs
from bnviz.experiments import lab
from bnviz.experiments.lab_config import LabConfig
from bnviz.figures.layer_maps import MAPS
from bnviz.script import comparison, library, text
from bnviz.script.notebook import SAID
from bnviz.ui import take_home
from bnviz.ui.answers import page
from bnviz.ui.course import lesson as lesson_called
from bnviz.ui.take_home import data
from bnviz.words.comma_separated import MARK
from tests.pages import CONFIGS, QUICK, QUICK_ARMS, opened
from tests.samples import BY_HAND, LESSONS

TURNED = {"depth": 2, "width": 8, "steps": 50, "seeds": 1}
TYPED = "1~2_3~4.5"


def small(lesson, **more):
    """A page at small settings, with its closed sections closed."""
    quick = {} if lesson in BY_HAND else QUICK_ARMS if lesson == "lab" else QUICK
    return opened(lesson, small=False, **quick | more)


def of_now(lesson):
    """The Configs of that page."""
    if lesson in BY_HAND:
        return [CONFIGS[lesson]()]
    if lesson != "lab":
        return [CONFIGS[lesson](**TURNED)]
    return [LabConfig(**TURNED), LabConfig(**TURNED, normalizer="batch")]


@pytest.fixture
def saved(monkeypatch):
    """What download buttons on a page would save: file name -> data, or what makes it."""
    found = {}

    def button(label, data, file_name, **options):
        found[file_name] = data

    monkeypatch.setattr(st, "download_button", button)
    return found


def without_link(written):
    """The lines of a script, and the one that has the page's link."""
    lines = written.splitlines()
    (link,) = [line for line in lines if line.startswith("# Link: ")]
    lines.remove(link)
    return lines, link


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_files_are_of_what_the_page_shows(lesson, saved):
    at = small(lesson)
    assert not saved  # nothing is made that nobody has asked for
    at.session_state[take_home.key(lesson)] = True
    at.run()
    assert not at.exception
    question, configs = lesson_called(lesson).question, of_now(lesson)
    with_bnviz = library.program(lesson, question, *configs)
    expected = {f"bnviz-{lesson}-library.py": with_bnviz}
    if lesson in comparison.LESSONS:
        expected[f"bnviz-{lesson}.py"] = text.program(lesson, question, *configs)
    assert {*saved} == {
        *expected,
        f"bnviz-{lesson}.ipynb",
        f"bnviz-{lesson}.html",
        f"bnviz-{lesson}.csv",
    }
    for name, program in expected.items():
        lines, link = without_link(saved[name])
        assert f"/{lesson}" in link or lesson == "home"
        assert f"{lesson}-" in link or lesson in BY_HAND
        assert lines == program.text.splitlines()
    first = saved.get(f"bnviz-{lesson}.py", saved[f"bnviz-{lesson}-library.py"])
    assert at.code[-1].value == first.rstrip()
    cells = json.loads(saved[f"bnviz-{lesson}.ipynb"]())["cells"]
    assert "".join(cells[0]["source"]).startswith(f"# {question}\n")
    if lesson in comparison.LESSONS:
        whole = text.program(lesson, question, *configs, whole=True)
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        assert code[:-1] == [part.code for part in whole.parts[:-1]]  # no network is left out
    (headline,) = [one.value for one in at.header]
    said = "".join(cells[1]["source"])
    assert said.startswith(f"{SAID}\n\n**{headline}**\n")


def test_while_an_answer_is_held_back_no_notebook_tells_it(saved):
    at = small("race", ask="1")
    at.query_params["ask"] = "1"
    at.session_state[take_home.key("race")] = True
    at.run()
    assert SAID not in saved["bnviz-race.ipynb"]()


def test_by_hand_the_numbers_are_those_that_were_typed(saved):
    at = small("transform", table=TYPED)
    at.session_state[take_home.key("transform")] = True
    at.run()
    assert f"table={TYPED!r}" in saved["bnviz-transform-library.py"]


def offered(lesson, **link):
    """A page, and then with the button open."""
    at = opened(lesson, small=False, **link)
    at.session_state[take_home.key(lesson)] = True
    at.run()
    assert not at.exception
    return at


def link_to(lesson):
    """Small settings, as a link has them; nothing but the defaults of a lesson by hand."""
    return QUICK_ARMS if lesson == "lab" else {} if lesson in BY_HAND else QUICK


def read(file):
    """The first line, and the table."""
    text = file.decode("utf-8-sig")
    assert file.startswith(MARK.encode())
    return text.splitlines()[0], pd.read_csv(io.BytesIO(file), comment="#")


class TestData:
    @pytest.mark.parametrize("lesson", LESSONS)
    def test_every_lesson_s_file_reads_back_as_the_frame_of_its_result(self, lesson, saved):
        offered(lesson, **link_to(lesson))
        told, table = read(saved[f"bnviz-{lesson}.csv"]())
        assert [*table.columns[:4]] == ["treatment", "seed", "step", "layer"]
        assert [*table.columns[-2:]] == ["name", "value"]
        assert not table.name.isna().any()
        assert f"bnviz {__version__}; {lesson}: {lesson_called(lesson).question} http" in told
        config = of_now(lesson) if lesson not in BY_HAND else [CONFIGS[lesson]()]
        assert all(one.model_dump_json() in told for one in config)
        for result in data.results_of(lesson, config).values():
            frame = result.to_frame()
            if lesson == "lab":
                letter = "A" if result.config.treatment == "plain" else "B"
                frame["treatment"] = f"{letter} ({SHORT[result.config.treatment]})"
                part = table[table.treatment == frame.treatment[0]].reset_index(drop=True)
            else:
                part = table
            assert [*part.name] == [*frame.name]
            short = frame.value.astype(np.float32), part.value.astype(np.float32)
            np.testing.assert_array_equal(*short)
            for name in frame.columns.difference(["value", "name"]):
                assert [*part[name].dropna().astype(str)] == [
                    *frame[name].dropna().astype(part[name].dtype).astype(str)
                ], name

    def test_it_is_the_result_that_stands_on_the_page(self, saved, monkeypatch):
        """Nothing is trained for the file."""
        offered("race", **QUICK)
        monkeypatch.setattr(page.clerk(), "ask", lambda question: pytest.fail("trained again"))
        saved["bnviz-race.csv"]()

    def test_what_has_been_forgotten_is_trained_again(self, saved):
        offered("race", **QUICK)
        before = saved["bnviz-race.csv"]()
        page.store().clear()
        told, again = read(saved["bnviz-race.csv"]())
        assert told in before.decode("utf-8-sig")
        pd.testing.assert_frame_equal(
            again[again.name != "seconds_per_step"],
            read(before)[1].query("name != 'seconds_per_step'"),
        )

    def test_what_is_typed_is_in_it(self, saved):
        offered("transform", table="1~10_2~20_4.5~30", own_gamma="1, 3")
        told, table = read(saved["bnviz-transform.csv"]())
        assert '"table":"1~10_2~20_4.5~30"' in told
        first = table[(table.name == "stages") & (table.stage == "x") & (table.feature == "x1")]
        assert [*first.value] == [1, 2, 4.5]
        assert [*table[table.name == "gamma"].value] == [1, 3]

    def test_the_map_is_as_far_as_it_is_trained(self, saved):
        offered("forgiveness", **QUICK)
        _, table = read(saved["bnviz-forgiveness.csv"]())
        known = table[table.name == "accuracy"].value.notna()
        assert known.any()

    def test_the_names_are_explained_and_what_is_left_out_is_said(self, saved):
        offered("activations", **QUICK)
        text = saved["bnviz-activations.csv"]().decode("utf-8-sig")
        notes = [line for line in text.splitlines() if line.startswith("#")]
        assert "# test_accuracy: inference mode, 0 to 1" in notes
        assert "# step: updates so far" in notes
        assert any(line.startswith("# Left out") and "density" in line for line in notes)

    def test_it_is_thinned_where_it_would_be_too_large(self, saved, monkeypatch):
        monkeypatch.setattr(data, "MOST", 100)
        offered("race", **QUICK)
        file = saved["bnviz-race.csv"]()
        _, table = read(file)
        assert len(table) <= 100
        assert set(table[table.name == "test_accuracy"].step) >= {0, 50}
        assert re.search(r"it has one of \d+ recorded steps, and the last\.", file.decode())

    def test_how_the_pictures_are_looked_at_stands_in_the_first_line(self, saved):
        offered("activations", **QUICK, layers="true", measure=[*MAPS][1])
        told, _ = read(saved["bnviz-activations.csv"]())
        assert told.endswith(f"; Measure (Which layer changes when?): {[*MAPS][1]}")

    def test_kept_runs_of_the_lab_are_further_treatments(self, saved):
        kept = "ngroup_r0.32_h2_w8_s50_e1_N.3d.1-..2b.__nlayer_h2_w8_s50_e1_H__nlayer_h2_w8_s50_e2"
        offered("lab", **QUICK_ARMS, kept=kept)
        text = saved["bnviz-lab.csv"]().decode("utf-8-sig")
        told, table = read(saved["bnviz-lab.csv"]())
        arms, names = (
            ["A (plain)", "B (BN)"],
            ["kept 1: =1 .+", "kept 3: layer norm, 2 layers, width 8, 50 steps"],
        )
        assert [*table.treatment.unique()] == [*arms, *names]  # the hidden one is in no picture
        assert "; with 2 kept runs, told below" in told
        for name, several in zip(names, kept_runs.read(kept)[0][::2], strict=True):
            assert f"# {name}: {several.config.model_dump_json()}" in text
            frame = data.again(lab.run, several.config).to_frame()
            part = table[table.treatment == name]
            assert [*part.name] == [*frame.name]
            np.testing.assert_allclose(part.value, frame.value, rtol=1e-6)

    def test_with_many_kept_runs_it_is_no_larger(self, saved, monkeypatch):
        monkeypatch.setattr(data, "MOST", 400)
        kept = "__".join(f"nbatch_h2_w8_s50_e{seeds}_f1" for seeds in (1, 2, 3))
        offered("lab", **QUICK_ARMS, kept=kept)
        _, table = read(saved["bnviz-lab.csv"]())
        assert table.treatment.nunique() == 5
        assert len(table) <= 400
