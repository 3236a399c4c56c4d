"""Tables for a spreadsheet: notes in front, and no cell that it would compute."""

import csv
import io

from bnviz.words.comma_separated import MARK, comma_separated


def test_notes_stand_in_front_one_a_line_whatever_is_in_them():
    text = comma_separated([["a", "b"], [1, -2.5]], ["of, a race", "two\nlines\r\n=1"])
    assert text == f"{MARK}# of, a race\r\n# two lines =1\r\na,b\r\n1,-2.5\r\n"


def test_a_text_that_would_be_computed_gets_an_apostrophe_and_a_number_does_not():
    (row,) = csv.reader(io.StringIO(comma_separated([["=1+1", -1, "-x", "BN, 2"]]).lstrip(MARK)))
    assert row == ["'=1+1", "-1", "'-x", "BN, 2"]
