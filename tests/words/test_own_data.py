"""What was understood of a reader's file, in sentences."""

from dataclasses import replace

import pytest

from bnviz.experiments.own_data import Understood
from bnviz.words.own_data import told

PLAIN = Understood(
    rows=30,
    features=2,
    numeric=2,
    worded=(),
    label="`kind`",
    classes=3,
    separator=",",
    decimal_comma=False,
    header=True,
    gaps=0,
    ragged=0,
    alone=0,
    constant=(),
    counting=(),
    many=(),
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"worded": ("`size`",), "features": 5},
            "numbers and 1 column of words, each word a feature",
        ),
        ({"numeric": 0, "worded": ("`a`", "`b`")}, "30 rows with 2 columns of words, each word a"),
        ({"separator": ";", "decimal_comma": True}, "semicolons. Numbers have decimal commas."),
        ({"header": False}, "There is no header."),
        ({"gaps": 1}, "1 row with gaps is left out."),
        ({"ragged": 3}, "3 rows of another length are left out."),
        ({"alone": 2}, "2 rows alone in their class are left out."),
        ({"constant": ("`a`",)}, "The column `a` never changes and is left out."),
        ({"counting": ("`a`", "`b`")}, "The columns `a` and `b` count the rows and are left out."),
        ({"many": ("`{a}`",)}, "The column `{a}` has too many different words and is left out."),
    ],
)
def test_each_that_is_out_of_the_ordinary_has_a_sentence(changes, said):
    assert said not in told(PLAIN)
    assert said in told(replace(PLAIN, **changes))


def test_of_many_columns_the_first_are_named():
    names = tuple(f"`{letter}`" for letter in "abcdef")
    assert "The columns `a`, `b`, `c`, `d` and 2 more never" in told(replace(PLAIN, constant=names))
