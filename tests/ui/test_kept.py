"""The list of kept runs: the text in the link is the one truth."""

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.experiments import kept as text_of
from bnviz.experiments.kept import MOST, Kept, read, write
from bnviz.experiments.lab_config import LabConfig
from bnviz.ui import kept

TINY = {"depth": 2, "width": 8, "steps": 50, "seeds": 1}
SMALL = "_h2_w8_s50_e1"  # the same in a link
FIRST = f"nnone{SMALL}"
SECOND = f"nbatch_r1{SMALL}"


def lesson():
    """Two arms that can be kept, and the list; what the pictures would get is written down."""
    import streamlit as st

    from bnviz.experiments import lab
    from bnviz.ui import kept
    from bnviz.ui.answers import answer

    tiny = {"depth": 2, "width": 8, "steps": 50, "seeds": 1}
    one, other = (lab.LabConfig(**tiny, normalizer=name) for name in ("none", "batch"))
    for letter, config in {"A": one, "B": other}.items():
        answer(lab.run, config)
        kept.know(config)
        kept.button(letter, config)
    loaded = st.session_state.setdefault("loaded", [])
    shelf = kept.Shelf(lambda letter, config: loaded.append((letter, config)))
    drawn = shelf.runs(one)
    st.session_state["drawn"] = [(run.label, run.result) for run in drawn]
    shelf.go_on()


def page(text=""):
    at = AppTest.from_function(lesson, default_timeout=60)
    if text:
        at.query_params["lab-kept"] = text
    return checked(at.run())


def checked(at):
    assert not at.exception, at.exception
    return at


def press(at, label, number=0):
    [one for one in at.button if one.label == label][number].click()
    return checked(at.run())


def text(at):
    return at.text_area(key=kept.KEY).value


def drawn(at):
    return at.session_state["drawn"]


def rows(at):
    return [one.proto.body for one in at.get("html")]


def field(at, run):
    return next(one for one in at.text_input if one.label == f"Name of run {run}")


class TestKeeping:
    def test_nothing_is_kept_at_first(self):
        at = page()
        assert text(at) == ""
        assert drawn(at) == []
        assert any("Nothing yet" in one.value for one in at.markdown)

    def test_a_click_puts_a_run_into_the_list_the_pictures_and_the_link(self):
        at = press(press(page(), "Keep B"), "Keep A")
        assert text(at) == f"nbatch{SMALL}__{FIRST}"
        assert [label for label, _ in drawn(at)] == ["1", "2"]
        assert len(rows(at)) == 2
        assert "\u00a0%" in rows(at)[0]
        assert not any("Nothing yet" in one.value for one in at.markdown)

    def test_it_is_what_the_arm_was_to_the_bit(self):
        from bnviz.experiments import lab

        at = press(page(), "Keep B")
        ((_, result),) = drawn(at)
        again = lab.run(LabConfig(**TINY, normalizer="batch"))
        assert result.test_accuracies.tobytes() == again.test_accuracies.tobytes()
        assert result.losses.tobytes() == again.losses.tobytes()

    def test_twice_is_not_needed_and_more_than_a_class_do_not_fit(self):
        at = press(page(), "Keep A")
        button = next(one for one in at.button if one.label == "Keep A")
        assert button.disabled
        assert "run 1" in button.help
        at = page("__".join(["nlayer_b4_H"] * MOST))
        for button in at.button:
            if button.label.startswith("Keep"):
                assert button.disabled
                assert f"{MOST} runs" in button.help


class TestTheList:
    def test_a_link_in_a_fresh_session_has_the_same_runs(self):
        at = press(press(page(), "Keep B"), "Keep A")
        fresh = page(text(at))
        for (label, result), (other, again) in zip(drawn(at), drawn(fresh), strict=True):
            assert label == other
            assert result.test_accuracies.tobytes() == again.test_accuracies.tobytes()
        assert text(fresh) == text(at)

    def test_runs_of_a_link_are_trained_after_the_page_is_there(self):
        at = page(f"{SECOND}__ngroup{SMALL}")
        assert [label for label, _ in drawn(at)] == ["1", "2"]
        assert not any("is being trained" in row for row in rows(at))

    def test_rename(self):
        at = page(SECOND)
        field(at, 1).set_value("my *own* <b>run</b>")
        at = checked(at.run())
        name = read(text(at))[0][0].name
        assert name == "my *own* \u2039b\u203arun\u2039/b\u203a"
        assert f"{name}: " in rows(at)[0]
        field(at, 1).set_value("  ")
        at = checked(at.run())
        assert text(at) == SECOND  # again the automatic name
        assert field(at, 1).value == "BN, rate 1, 2 layers, width 8, 50 steps"
        field(at, 1).set_value("BN, rate 1, 2 layers, width 8, 50 steps")
        assert text(checked(at.run())) == SECOND  # which is not written, whoever typed it

    def test_hide_and_show(self):
        at = press(page(f"{FIRST}__{SECOND}"), "Hide", 1)
        assert text(at) == f"{FIRST}__{SECOND}_H"
        assert [label for label, _ in drawn(at)] == ["1"]
        assert "hidden" in rows(at)[1]
        at = press(at, "Show")
        assert text(at) == f"{FIRST}__{SECOND}"
        assert [label for label, _ in drawn(at)] == ["1", "2"]

    def test_remove(self):
        at = press(page(f"{FIRST}__{SECOND}"), "Remove")
        assert text(at) == SECOND
        assert [label for label, _ in drawn(at)] == ["1"]
        assert field(at, 1).value == "BN, rate 1, 2 layers, width 8, 50 steps"
        assert text(press(at, "Remove")) == ""

    def test_load_into_an_arm(self):
        at = press(page(f"{FIRST}__{SECOND}"), "Load into B", 1)
        ((letter, config),) = at.session_state["loaded"]
        assert (letter, config) == ("b", read(SECOND)[0][0].config)

    def test_another_list_can_be_pasted(self):
        at = page(FIRST)
        at.text_area(key=kept.KEY).set_value(f"{SECOND}__nlayer{SMALL}")
        at = checked(at.run())
        assert len(drawn(at)) == 2

    def test_says_what_a_run_does_not_share_with_the_arms(self):
        at = page(f"{FIRST}__nbatch_h2_w8_s100_e1_dmoons")
        assert "data: moons" in rows(at)[1]
        assert "steps: 100" in rows(at)[1]
        assert "data:" not in rows(at)[0]

    def test_a_run_that_diverged_says_so(self):
        at = page("nnone_r100_g10_h20_w8_s50_e3")
        assert "all 3 seeds diverged" in rows(at)[0]

    def test_a_run_that_is_too_long_is_shortened_in_the_same_way(self, monkeypatch):
        from bnviz.experiments import lab_config

        monkeypatch.setattr(lab_config, "WORK_LIMIT", 2 * lab_config.MEASURING + 0.2)
        at = page("nbatch_h2_w8_s400_e1")
        ((_, result),) = drawn(at)
        shorter = LabConfig(**TINY | {"steps": 400}, normalizer="batch").affordable()
        assert 1 < result.steps[-1] == shorter.steps < 400
        assert any("too long" in one.value for one in at.warning)


RATES = ("0.001", "0.0018", "0.0032", "0.0056", "0.01", "0.018", "0.032", "0.056", "0.1", "0.18")
TEN = "__".join(f"nbatch_r{rate}{SMALL}" for rate in RATES)


class TestAClass:
    def test_eight_are_in_the_pictures_and_the_others_share_a_row(self):
        at = page(TEN)
        assert [label for label, _ in drawn(at)] == [str(n) for n in range(1, 9)]
        assert len(rows(at)) == 9
        assert "first 8 of 10 runs" in at.caption[0].value
        (other,) = at.selectbox
        assert len(other.options) == 2
        assert "in the class board" in rows(at)[-1]
        other.set_value(9)
        at = checked(at.run())
        assert field(at, 10).value.startswith("BN, rate 0.18")

    def test_one_that_is_hidden_makes_room_for_the_next(self):
        at = press(page(TEN), "Hide")
        assert [label for label, _ in drawn(at)] == [str(n) for n in range(2, 10)]
        assert "1 is hidden" in at.caption[0].value
        assert read(text(at))[0][0].shown is False

    def test_one_of_the_others_can_be_removed(self):
        at = page(TEN)
        [one for one in at.button if one.label == "Remove"][-1].click()
        at = checked(at.run())
        assert f"_r{RATES[8]}_" not in text(at)
        assert len(read(text(at))[0]) == 9


class TestPaste:
    def paste(self, at, pasted, arm=None):
        at.text_area(key="lab-pasted").set_value(pasted)
        if arm:
            at.button_group(key="lab-pasted-arm").set_value(arm)
        return press(checked(at.run()), "Add to the list")

    def test_links_and_lines_join_the_list(self):
        link = "http://example.org/lab?lab-steps=50&lab-seeds=1&lab-b-width=8&lab-b-depth=2"
        at = self.paste(page(FIRST), f"Anna: {link}\n\nBen: {SECOND}\nbanana")
        assert text(at) == f"{FIRST}__nbatch{SMALL}_NAnna__{SECOND}_NBen"
        assert [label for label, _ in drawn(at)] == ["1", "2", "3"]
        assert [one.value for one in at.info] == ["2 runs joined the list."]
        (wrong,) = at.warning
        assert wrong.value.startswith("Line 4: `banana`")
        assert at.text_area(key="lab-pasted").value == "banana"

    def test_the_other_arm_of_a_link(self):
        link = "http://example.org/lab?lab-steps=50&lab-seeds=1&lab-a-width=8&lab-a-depth=2"
        at = self.paste(page(), link, "a")
        assert text(at) == FIRST

    def test_what_was_said_goes_with_the_next_change_of_the_list(self):
        at = self.paste(page(), f"{SECOND}\nbanana")
        assert at.warning
        at = checked(at.run())
        assert at.warning
        at = press(at, "Remove")
        assert not at.warning
        assert not at.info

    def test_what_does_not_fit_stays_in_the_field(self):
        full = "__".join([f"nlayer{SMALL}_H"] * MOST)
        at = self.paste(page(full), f"Anna: {SECOND}")
        assert len(read(text(at))[0]) == MOST
        assert "1 run did not fit" in at.info[0].value
        assert at.text_area(key="lab-pasted").value == f"Anna: {SECOND}"

    def test_nothing_at_all(self):
        at = self.paste(page(), "")
        assert text(at) == ""
        assert [one.value for one in at.info] == ["No run joined the list."]


class TestNonsense:
    @pytest.mark.parametrize(
        "nonsense", ["banana", "%00", "9" * 4000, "<img src=x onerror=alert(1)>", "![x](http://a)"]
    )
    def test_gets_a_sentence(self, nonsense):
        at = page(nonsense)
        assert at.warning
        assert drawn(at) == []
        assert all(len(one.value) < 300 for one in at.warning)
        assert not any("](" in one.value and "`" not in one.value for one in at.warning)

    def test_the_good_part_is_used_and_the_sentence_goes_with_the_next_click(self):
        at = page(f"{SECOND}__banana__nlayer{SMALL}_rbanana")
        assert len(at.warning) == 2
        assert [label for label, _ in drawn(at)] == ["1", "2"]
        at = press(at, "Keep A")
        assert not at.warning
        assert text(at) == f"{SECOND}__nlayer{SMALL}__{FIRST}"

    def test_names_that_would_be_markup_are_shown_as_they_are(self):
        several = [Kept("&lt;b&gt; :material/check: $x$", LabConfig(**TINY))]
        assert "&amp;lt;b&amp;gt;" in rows(page(write(several)))[0]


def test_the_bound_is_told_where_the_text_is_typed():
    at = page()
    assert str(text_of.LIMIT) in at.text_area(key=kept.KEY).help
