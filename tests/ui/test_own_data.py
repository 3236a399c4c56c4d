"""The place for a reader's own data: asked for, read, kept while other files fail, and shared."""

import pytest

from bnviz.experiments.data_knobs import OWN
from bnviz.ui import own_data, take_home
from bnviz.words import own_data as words
from tests import hostile
from tests.own import csv
from tests.pages import PAGES, checked, opened, widget

LESSONS = ("race", "activations", "lab")
ASKED = "no link holds"


def give(at, lesson, text, number=0):
    """Paste a text; number: how many files were read before."""
    at.text_area(key=f"{lesson}-own-text-{number}").set_value(text)
    at.button(key=f"{lesson}-own-take-{number}").click()
    return checked(at.run())


def upload(at, lesson, content, number=0):
    at.file_uploader(key=f"{lesson}-own-file-{number}").set_value(("data.csv", content, "text/csv"))
    return checked(at.run())


def warned(at):
    return " ".join(one.value for one in at.warning)


def understood(at):
    return [one.value for one in at.markdown if one.value.startswith("We read")]


def held(at):
    return at.session_state[own_data.STATE]


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_link_without_the_data_asks_for_them_and_then_trains_on_them(lesson):
    at = opened(lesson, dataset=OWN)
    assert ASKED in warned(at)
    assert "these are the digits" in warned(at)
    assert words.PLACE in [one.label for one in at.expander]
    give(at, lesson, csv())
    assert ASKED not in warned(at)
    assert understood(at) == [
        "We read 30 rows with 2 columns of numbers. The class is in `kind` (3 values). Columns are"
        " separated by commas."
    ]
    assert widget(at, lesson, "dataset").value == OWN


@pytest.mark.usefixtures("brief")
def test_what_is_on_the_screen_is_of_the_file():
    at = opened("race", dataset=OWN)
    before = at.get("plotly_chart")[0].proto.spec
    upload(at, "race", csv().encode())
    after = at.get("plotly_chart")[0].proto.spec
    assert after != before
    give(at, "race", csv(separator=";"), 1)  # the same numbers
    assert at.get("plotly_chart")[0].proto.spec == after


@pytest.mark.usefixtures("brief")
def test_a_bad_file_gets_a_sentence_and_the_good_one_counts_on():
    at = opened("race", dataset=OWN)
    upload(at, "race", b"PK\x03\x04\x00")
    assert "workbook" in warned(at)
    assert held(at).own is None
    give(at, "race", csv())
    known = held(at).own
    give(at, "race", "", 1)
    assert "It is empty. What you gave before still counts." in warned(at)
    assert held(at).own is known
    assert understood(at)


@pytest.mark.usefixtures("brief")
def test_the_column_of_the_class_can_be_chosen():
    at = opened("race", dataset=OWN)
    give(at, "race", csv())
    at.selectbox(key="race-own-label-1").set_value(0)
    checked(at.run())
    assert "`height`" in warned(at)
    assert "Until it can be used, these are the digits." in warned(at)
    at.selectbox(key="race-own-label-1").set_value(1)
    checked(at.run())
    assert "class is in `width` (5 values)" in understood(at)[0]
    assert not warned(at)


@pytest.mark.usefixtures("brief")
def test_whether_the_first_row_has_names_can_be_corrected_and_holds_in_the_session():
    at = opened("race", dataset=OWN)
    give(at, "race", csv(header=False))
    assert "no header" in understood(at)[0]
    assert not at.toggle(key="race-own-header-1").value
    at.toggle(key="race-own-header-1").set_value(True)
    checked(at.run())
    (said,) = [one.value for one in at.markdown if one.value.startswith("We read 29 rows")]
    assert "class is in `a`" in said
    assert "no header" not in said
    assert at.selectbox(key="race-own-label-1").value == 2
    assert not any("header" in name for name in at.query_params)
    at.switch_page(PAGES["activations"])
    at.query_params["activations-dataset"] = OWN
    checked(at.run())
    assert at.toggle(key="activations-own-header-1").value


@pytest.mark.usefixtures("brief")
def test_where_that_leaves_too_few_rows_a_sentence_says_so_and_it_can_be_undone():
    at = opened("race", dataset=OWN)
    give(at, "race", "1,2,a\n3,4,a\n")
    assert "needs two values" in warned(at)
    for chosen, why in ((True, "one row, or none"), (False, "needs two values")):
        at.toggle(key="race-own-header-1").set_value(chosen)
        checked(at.run())
        assert why in warned(at)
        assert "these are the digits" in warned(at)


@pytest.mark.usefixtures("brief")
def test_another_lesson_of_the_session_has_them_and_other_data_leave_them_alone():
    at = opened("race", dataset=OWN)
    give(at, "race", csv())
    widget(at, "race", "dataset").set_value("digits")
    checked(at.run())
    assert not understood(at)
    at.switch_page(PAGES["activations"])
    at.query_params["activations-dataset"] = OWN
    checked(at.run())
    assert understood(at)


@pytest.mark.usefixtures("brief")
def test_another_session_with_the_same_link_has_none_of_it():
    give(opened("race", dataset=OWN), "race", csv())
    other = opened("race", dataset=OWN)
    assert ASKED in warned(other)
    assert not understood(other)


@pytest.mark.usefixtures("brief")
def test_a_run_on_them_cannot_be_kept_since_the_list_is_in_the_link():
    at = opened("lab", dataset=OWN)
    give(at, "lab", csv())
    keep = at.button(key="lab-keep-A")
    assert keep.disabled
    assert "your own data do not" in keep.help


@pytest.mark.usefixtures("brief")
def test_the_script_comes_with_their_file():
    at = opened("race", dataset=OWN)
    give(at, "race", csv())
    at.session_state[take_home.key("race")] = True
    checked(at.run())
    assert any("bnviz-own-data.npz" in one.value for one in at.caption)


@pytest.mark.usefixtures("brief")
def test_what_a_stranger_wrote_is_quoted():
    at = opened("race", dataset=OWN)
    for number, text in enumerate(hostile.TEXTS[:8]):
        name = text.replace('"', '""')
        give(at, "race", csv().replace("kind", f'"{name}"'), number)
        assert held(at).own.understood.label.startswith("`")
    said = " ".join([warned(at), *(one.value for one in at.markdown)])
    assert not any(mark in hostile.outside(said) for mark in hostile.MARKS)


def test_the_preview_is_cut_and_no_two_columns_are_called_alike():
    sheet = own_data.read(("a,a,a\n" + "1,2,x\n" * 9 + f"1,2,{'y' * 99}\n" * 3).encode())
    shown = own_data.preview(sheet)
    assert list(shown) == ["1. a", "2. a", "3. a"]
    assert {len(cells) for cells in shown.values()} == {own_data.PREVIEW}
