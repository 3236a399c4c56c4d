"""The table in the link: what is typed is kept, and what cannot be read gets a sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from bnviz.experiments.transform import TransformConfig, ready
from bnviz.experiments.typed import write
from bnviz.ui import table

BASE = [["1", "2"], ["3", "4"], ["5", "6"]]
NAMES = ["a", "b"]


class TestEdits:
    def test_nothing_edited(self):
        assert table.applied(BASE, {}, NAMES) == BASE
        assert table.applied(BASE, {"edited_rows": {}, "added_rows": []}, NAMES) == BASE

    def test_cells(self):
        edits = {"edited_rows": {"1": {"b": "x"}, 2: {"a": None}}}
        assert table.applied(BASE, edits, NAMES) == [["1", "2"], ["3", "x"], ["", "6"]]
        assert BASE[1] == ["3", "4"]  # the base is left alone

    def test_rows_added_and_deleted(self):
        edits = {"deleted_rows": [0, 2], "added_rows": [{"b": "8"}, {}], "edited_rows": {}}
        assert table.applied(BASE, edits, NAMES) == [["3", "4"], ["", "8"], ["", ""]]

    def test_what_the_editor_cannot_mean_is_left_out(self):
        edits = {"edited_rows": {"9": {"a": "1"}, "0": {"z": "1"}}}
        assert table.applied(BASE, edits, NAMES) == BASE

    @given(st.lists(st.integers(0, 5)), st.integers(0, 70))
    def test_has_always_a_cell_for_each_name(self, gone, added):
        edits = {"deleted_rows": gone, "added_rows": [{}] * added}
        cells = table.applied(BASE, edits, NAMES)
        assert all(len(row) == 2 for row in cells)
        assert len(cells) == 3 - len({0, 1, 2} & set(gone)) + added

    def test_a_feature_more(self):
        assert table.widened(BASE) == [["1", "2", "1"], ["3", "4", "2"], ["5", "6", "3"]]
        full = [["1", "2", "3", "4"]]
        assert table.widened(full) == full
        assert table.widened([]) == []


def lesson():
    import streamlit as st

    from bnviz.experiments.transform import TransformConfig, names_of, ready
    from bnviz.ui import knobs, table

    config = knobs.choose(TransformConfig, "transform", ["source", "gamma"], ["epsilon", "affine"])
    names = names_of(config.source)
    config = table.typed(config, "transform", ready(config.source), names)
    feature = table.feature("transform", config.names())
    chosen = table.row("transform", len(config.batch()))
    outlier = (TransformConfig, "transform", {"source": "one outlier"})
    st.button("Outlier", on_click=knobs.put, args=outlier)
    own = {name: config.of_each(name).tolist() for name in ("gamma", "beta")}
    st.json({"table": config.table, "feature": feature, "row": chosen} | own)


def page(**link):
    at = AppTest.from_function(lesson, default_timeout=60)
    for name, value in link.items():
        at.query_params[f"transform-{name}"] = value
    return at.run()


def shown(at):
    assert not at.exception, at.exception
    return json.loads(at.json[0].value)


def text(at):
    return next(one for one in at.text_area if one.label == "The table as text")


def press(at, label):
    next(button for button in at.button if button.label == label).click()
    return at.run()


class TestLink:
    def test_starts_with_the_ready_made_one(self):
        at = page()
        assert shown(at) | {"table": "", "feature": 0, "row": 1} == shown(at)
        assert not at.warning

    def test_sets_the_table(self):
        at = page(table="1~2_3~4")
        assert shown(at)["table"] == "1~2_3~4"
        assert text(at).value == "1~2_3~4"
        assert not at.warning

    @pytest.mark.parametrize(
        "nonsense",
        ["1~x", "1~2_3", "_", "inf", "9" * 5000, "<img src=x>", "1~2~3~4~5"],
    )
    def test_nonsense_gets_a_sentence_and_the_ready_made_table(self, nonsense):
        at = page(table=nonsense)
        assert shown(at)["table"] == ""
        (warning,) = at.warning
        assert "The table in the link cannot be used." in warning.value
        assert "Taken instead: “well-behaved”" in warning.value
        assert len(warning.value) < 400
        assert text(at).value == nonsense  # kept, to be mended

    def test_the_sentence_is_gone_once_it_is_mended(self):
        at = page(table="1~x")
        text(at).set_value("1 5")
        at.run()
        assert not at.warning
        assert shown(at)["table"] == "1~5"

    def test_choosing_another_batch_forgets_what_was_typed(self):
        at = page(table="1~2_3~4")
        at.selectbox(key="transform-source").set_value("two rows")
        assert shown(at.run())["table"] == ""
        assert text(at).value == ""

    def test_a_setting_and_reset_forget_it_too(self):
        at = press(page(table="1~2_3~4", gamma="5"), "Outlier")
        assert shown(at)["table"] == ""
        text(at).set_value("1~2")
        assert shown(press(at, "Reset"))["table"] == ""
        assert not at.warning

    def test_another_knob_does_not(self):
        at = page(table="1~2_3~4")
        at.select_slider(key="transform-gamma").set_value(5.0)
        assert shown(at.run())["table"] == "1~2_3~4"


class TestFeatures:
    def test_one_more_and_one_less(self):
        at = press(page(table="1_3"), "+ feature")
        assert shown(at)["table"] == "1~1_3~2"
        at = press(press(at, "− feature"), "+ feature")
        assert shown(at)["table"] == "1~1_3~2"

    def test_up_to_four_and_down_to_one(self):
        def disabled(at):
            return [b.label for b in at.button if b.disabled]

        assert disabled(page(table="1~2~3~4")) == ["+ feature"]
        assert disabled(page(table="1")) == ["− feature"]
        assert disabled(page()) == []

    def test_back_at_the_ready_made_table_the_link_is_short(self):
        at = press(press(page(), "+ feature"), "− feature")
        assert shown(at)["table"] == ""

    def test_the_drawn_one_is_one_that_is_there(self):
        at = page(feature="x2")
        assert shown(at)["feature"] == 1
        at.selectbox(key="transform-source").set_value("one outlier")
        assert shown(at.run())["feature"] == 0

    def test_the_row_is_one_that_is_there(self):
        at = page(row="8")
        assert shown(at)["row"] == 8
        at.selectbox(key="transform-source").set_value("two rows")
        assert shown(at.run())["row"] == 1
        assert shown(page(row="99"))["row"] == 1

    def test_the_row_is_compared_as_a_number(self):
        assert shown(page(row="8.0"))["row"] == 8
        assert shown(page(row="2e0"))["row"] == 2


class TestEditing:
    """What st.data_editor leaves in the state; the editor itself needs a browser."""

    def typed(self, monkeypatch, edits, link="1~2_3~4"):
        state = {
            "key-state": table._State("well-behaved", link, [["1", "2"], ["3", "4"]]),
            "key": link,
        }
        monkeypatch.setattr(table.st, "session_state", state)
        cells = table.applied(state["key-state"].base, edits, NAMES)
        table._keep(TransformConfig, "key", cells, ready("well-behaved"), NAMES)
        return state

    def test_goes_into_the_link_and_leaves_the_editor_alone(self, monkeypatch):
        state = self.typed(monkeypatch, {"edited_rows": {"0": {"a": "-1.50"}}})
        assert state["key"] == "-1.5~2_3~4"
        assert state["key-state"].text == state["key"]  # so no new editor is made
        assert state["key-state"].base == [["1", "2"], ["3", "4"]]

    @pytest.mark.parametrize("cell", ["abc", "", None, "inf", "1e99"])
    def test_what_is_no_number_does_not(self, monkeypatch, cell):
        state = self.typed(monkeypatch, {"edited_rows": {"0": {"a": cell}}})
        assert state["key"] == "1~2_3~4"

    def test_typing_the_ready_made_numbers_empties_the_link(self, monkeypatch):
        same = ready("well-behaved").tolist()
        added = [{"a": str(a), "b": str(b)} for a, b in same]
        state = self.typed(monkeypatch, {"deleted_rows": [0, 1], "added_rows": added})
        assert state["key"] == ""
        assert write(ready("well-behaved")).startswith("2~10_4~30")

    def test_a_number_goes_on_exactly(self, monkeypatch):
        state = self.typed(monkeypatch, {"edited_rows": {"0": {"a": "16777216.25"}}})
        assert state["key"] == "16777216.25~2_3~4"

    def test_more_digits_than_are_kept_get_an_editor_that_shows_what_is_computed_with(
        self, monkeypatch
    ):
        state = self.typed(monkeypatch, {"edited_rows": {"0": {"a": "0.12345678901234567890"}}})
        assert state["key"] == "0.12345678901234568~2_3~4"
        assert state["key-state"].text != state["key"]  # so a new editor starts from the link

    @pytest.mark.parametrize("cell", ["2,5", "1,234.5", "1_000", "1e-400"])
    def test_what_is_not_plain_waits_to_be_meant(self, monkeypatch, cell):
        assert self.typed(monkeypatch, {"edited_rows": {"0": {"a": cell}}})["key"] == "1~2_3~4"


class TestPasted:
    @pytest.mark.parametrize(
        "pasted", ["[[1, 2], [3, 4]]", "array([[1., 2.],\n       [3., 4.]])", "1\t2\n3\t4"]
    )
    def test_what_can_be_read_stands_in_the_link_as_numbers(self, pasted):
        at = page()
        text(at).set_value(pasted)
        assert shown(at.run())["table"] == "1~2_3~4"
        assert text(at).value == "1~2_3~4"

    def test_what_can_be_meant_in_two_ways_is_asked_about_and_stays(self):
        at = page()
        text(at).set_value("2,5")
        assert shown(at.run())["table"] == ""
        (warning,) = at.warning
        assert "`2,5` can mean the number `2.5`, or the numbers `2, 5`" in warning.value
        assert text(at).value == "2,5"

    def test_the_ready_made_numbers_leave_the_link_short(self):
        at = page()
        text(at).set_value(repr(ready("well-behaved").tolist()))
        assert shown(at.run())["table"] == ""


def numbers_of(at, name):
    return at.text_input(key=f"transform-own_{name}")


class TestOwnNumbers:
    def test_a_link_sets_them_and_their_knobs_wait(self):
        at = page(table="1~2~3_4~5~7", own_gamma="1, 2, 3", own_beta="11~12~13")
        now = shown(at)
        assert (now["gamma"], now["beta"]) == ([1, 2, 3], [11, 12, 13])
        assert at.select_slider(key="transform-gamma").disabled
        assert not at.select_slider(key="transform-epsilon").disabled
        assert "Typed: γ = 1, 2, 3; β = 11, 12, 13." in [one.value for one in at.caption]
        assert not at.warning

    def test_typed_and_forgotten_again(self):
        at = page()
        numbers_of(at, "gamma").set_value("-0.1")
        assert shown(at.run())["gamma"] == [-0.1, -0.1]
        assert "Typed: γ = −0.1." in [one.value for one in at.caption]
        numbers_of(at, "gamma").set_value("")
        assert shown(at.run())["gamma"] == [2, 2]
        assert not at.select_slider(key="transform-gamma").disabled

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("2,5", "`2,5` can mean"),
            ("1, 2, 3", "It has 3 numbers; it may have 1, for all features, or 2, one for each."),
            ("1e9", "Each has to be a number from -1000 to 1000."),
            ("<b>", "`<b>` is no number"),
        ],
    )
    def test_what_cannot_be_used_gets_a_sentence_and_the_knob_counts(self, typed, said):
        at = page(own_gamma=typed, gamma="5")
        assert shown(at)["gamma"] == [5, 5]
        (warning,) = at.warning
        assert warning.value.startswith("γ as typed cannot be used. ")
        assert said in warning.value
        assert "Typed" not in " ".join(one.value for one in at.caption)

    def test_a_setting_and_reset_forget_them(self):
        at = press(page(own_gamma="7", own_epsilon="0.5"), "Outlier")
        assert shown(at)["gamma"] == [2]
        numbers_of(at, "gamma").set_value("7")
        assert shown(press(at.run(), "Reset"))["gamma"] == [2, 2]

    def test_a_choice_that_goes_before_them_is_told(self):
        at = page(own_gamma="7", affine="give the input back")
        told = [one.value for one in at.caption]
        assert "Typed: γ = 7. But “More knobs” chooses another γ now." in told
