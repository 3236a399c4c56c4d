"""The table in the link: what is typed is kept, and what cannot be read gets a sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from bnviz.experiments.minibatch import write
from bnviz.experiments.transform import TransformConfig, ready
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

    config = knobs.choose(TransformConfig, "transform", ["source", "gamma"], ["epsilon"])
    names = names_of(config.source)
    config = table.typed(config, "transform", ready(config.source), names)
    feature = table.feature("transform", config.names())
    chosen = table.row("transform", len(config.batch()))
    outlier = (TransformConfig, "transform", {"source": "one outlier"})
    st.button("Outlier", on_click=knobs.put, args=outlier)
    st.json({"table": config.table, "feature": feature, "row": chosen})


def page(**link):
    at = AppTest.from_function(lesson, default_timeout=60)
    for name, value in link.items():
        at.query_params[f"transform-{name}"] = value
    return at.run()


def shown(at):
    assert not at.exception, at.exception
    return json.loads(at.json[0].value)


def text(at):
    return at.text_area(key="transform-table")


def press(at, label):
    next(button for button in at.button if button.label == label).click()
    return at.run()


class TestLink:
    def test_starts_with_the_ready_made_one(self):
        at = page()
        assert shown(at) == {"table": "", "feature": 0, "row": 1}
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
        assert shown(at)["table"] == "1 5"

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
