"""What the class board says follows its verdict, and comes out the other way where that does."""

import csv
from io import StringIO

import pytest

from bnviz.verdicts.class_board import judge
from bnviz.words import class_board as words
from bnviz.words.comma_separated import MARK, comma_separated
from tests.made.class_board import by_rate, entries


def written(rows):
    return comma_separated(rows).removeprefix(MARK)


def board(*ends):
    return judge(entries(*((f"S{n}", (end,), {}) for n, end in enumerate(ends))))


class TestSpread:
    @pytest.mark.parametrize(
        ("ends", "said"),
        [
            ((0.9,), "**One run, which ends at 90 % test accuracy.**"),
            ((None,), "**One run, which diverged.**"),
            ((0.9, 0.91), "**Both runs end about the same, at 90 % test accuracy.**"),
            ((0.9, 0.91, 0.905), "**All 3 runs end about the same, at 90 % test accuracy.**"),
            ((None, None), "**Both runs diverged.**"),
            ((0.5, 0.9), "**Of 2 runs, the median ends at 50 % test accuracy.** They lie between"),
            ((0.1, 0.5, 0.7, 0.9), "Half of them lie between 10 % and 70 %, the quartiles."),
            ((0.5, None), "**Of 2 runs, the median diverged.** The best ends at 50 % or higher."),
            ((None, 0.5, 0.7, 0.9), "The best quarter ends at 70 % or higher."),
            ((None, None, None, None, 0.9), "the median diverged.** The best ends at 90 %."),
            ((None, 0.5, 0.9), "1 run diverged in the median seed, and counts behind every other."),
            ((None, None, 0.5, 0.9, 0.8), "2 runs diverged in the median seed, and count behind"),
        ],
    )
    def test_each_way(self, ends, said):
        assert said in words.spread(board(*ends))

    def test_where_none_diverged_nothing_is_said_of_it(self):
        assert "diverged" not in words.spread(board(0.5, 0.6, 0.9))


class TestAlong:
    def said(self, ends):
        verdict = judge(by_rate(ends))
        return words.along(verdict, verdict.along["Learning rate"])

    def test_best_and_worst(self):
        said = self.said({0.1: [0.9], 1.0: [0.5]})
        assert said.startswith(
            "By learning rate, the median is highest at 0.1: 90 %. At 1 it is 50"
        )
        assert said.endswith("Nothing but the learning rate differs between the runs.")
        assert "highest at 1: 90 %" in self.said({0.1: [0.5], 1.0: [0.9]})

    def test_several_about_the_same(self):
        said = self.said({0.1: [0.9], 0.32: [0.91], 1.0: [0.5]})
        assert "highest at 0.1 and 0.32, about the same: 91 %" in said

    def test_no_difference(self):
        assert "At every setting of the learning rate the median ends" in self.said(
            {0.1: [0.9], 0.32: [0.91]}
        )

    def test_diverged(self):
        assert "At 10 it diverged." in self.said({0.1: [0.9], 10.0: [None]})
        assert "the median run diverged" in self.said({1.0: [None], 10.0: [None]})

    def test_what_differs_beside_it_cannot_be_excluded(self):
        verdict = judge(
            entries(
                ("A", (0.9,), {"depth": 2, "learning_rate": 0.1}),
                ("B", (0.5,), {"depth": 4, "learning_rate": 1.0}),
            )
        )
        said = words.along(verdict, verdict.along["Hidden layers"])
        assert "The runs differ in the learning rate too" in said
        assert "cannot be blamed alone" in said
        assert words.differing(verdict) == "The runs differ in the hidden layers and learning rate."

    def test_no_difference_in_any_knob(self):
        assert words.differing(board(0.9, 0.8)) == "The runs do not differ in any knob."


class TestPaste:
    def test_what_became_of_it(self):
        assert words.added(1, 0, 0, 60, 6000, "Left.") == ["1 run joined the list."]
        assert words.added(0, 0, 0, 60, 6000, "Left.") == ["No run joined the list."]
        joined, full = words.added(31, 0, 4, 60, 6000, "Left.")
        assert joined == "31 runs joined the list."
        assert "4 runs did not fit" in full
        assert "60 runs" in full
        assert words.added(0, 3, 0, 60, 6000, "Left.") == [
            "3 runs had been there already, under the same name."
        ]

    def test_what_is_left_out_or_shortened(self):
        assert words.left_out(1).startswith("1 run of the list is left out")
        assert words.left_out(4).startswith("4 runs of the list are left out")
        assert words.shortened([3, 7]).endswith("run 3 and 7.")


class TestTable:
    def test_a_row_for_each_run_with_its_one_number(self):
        verdict = judge(
            entries(
                ("Anna", (0.9, 0.95, None), {"learning_rate": 1.0}),
                ("", (None, None, 0.8), {"learning_rate": 0.1}),
            )
        )
        head, anna, other = csv.reader(StringIO(written(words.rows(verdict))))
        assert head == ["run", "name", *words.COLUMNS[1:], "Learning rate"]
        assert anna == ["1", "Anna", "0.9000", "0.9000", "0.9500", "1", "3", "50", "1"]
        assert other == [
            "2",
            "plain, rate 0.1, 50 steps",
            "",
            "0.8000",
            "0.8000",
            "2",
            "3",
            "50",
            "0.1",
        ]

    @pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "=HYPERLINK(1)"])
    def test_no_name_is_a_formula(self, name):
        (row,) = csv.reader(StringIO(written([(name, 1, -2.5)])))
        assert row == [f"'{name}", "1", "-2.5"]

    def test_commas_and_quotes_stay(self):
        (row,) = csv.reader(StringIO(written([('a, "b"', "c\nd")])))
        assert row == ['a, "b"', "c\nd"]
