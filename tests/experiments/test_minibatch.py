"""Tables: what is read is what was typed, and whatever cannot be read gets a sentence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bnviz.experiments.minibatch import (
    COLUMNS,
    LARGEST,
    LONGEST,
    READY,
    ROWS,
    TableError,
    cells_of,
    checked,
    read,
    split,
    write,
)

tables = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, ROWS), st.integers(1, COLUMNS)),
    elements=st.floats(-LARGEST, LARGEST, width=32) | st.integers(-9, 9).map(float),
)


class TestReading:
    @given(tables)
    @settings(max_examples=12)
    def test_what_is_written_is_read_again(self, table):
        text = write(table)
        there = read(text)
        assert there.shape == table.shape
        np.testing.assert_allclose(there, table, rtol=1e-8, atol=0)
        assert write(there) == text  # nothing more is lost the second time

    @given(tables)
    @settings(max_examples=12)
    def test_the_link_is_bounded_and_needs_no_escapes(self, table):
        text = write(table)
        assert len(text) <= LONGEST + 100
        assert set(text) <= set("0123456789.-e_~")

    def test_a_full_table_of_long_numbers_fits(self):
        full = np.full((ROWS, COLUMNS), -12345.6789)
        np.testing.assert_array_equal(read(write(full)), full)

    @pytest.mark.parametrize(
        "text", ["1~2_3~4", "1 2\n3 4", "1\t2\r\n3\t4\r\n", "1, 2; 3, 4", " 1  2 \n\n 3 4 \n"]
    )
    def test_from_a_link_or_a_spreadsheet(self, text):
        np.testing.assert_array_equal(read(text), [[1, 2], [3, 4]])

    @pytest.mark.parametrize(
        ("typed", "number"),
        [
            ("1", 1), ("-1.5", -1.5), ("−2", -2), ("+3", 3), (".5", 0.5), ("5.", 5), ("1e3", 1000),
            ("2E-3", 0.002), ("1e-300", 1e-300), ("0.1234567891234", 0.123456789),
        ],
    )  # fmt: skip
    def test_numbers_as_people_type_them(self, typed, number):
        assert checked([[typed]])[0, 0] == number

    @given(st.text(max_size=40))
    @settings(max_examples=60)
    def test_any_text_is_read_or_refused_with_a_sentence(self, text):
        said, table = "", np.zeros((1, 1))
        try:
            table = read(text)
        except TableError as refused:
            said = str(refused)
        assert not said or said.endswith(".")
        assert len(said) < 300
        assert np.isfinite(table).all()
        assert 1 <= table.shape[0] <= ROWS


class TestRefusing:
    @pytest.mark.parametrize(
        ("cells", "said"),
        [
            ([["1"], ["abc"]], "Row 2, x1: `abc` is no number."),
            ([["1"], [""]], "Row 2, x1: the cell is empty."),
            ([["inf"]], "`inf` is no number"),
            ([["nan"]], "`nan` is no number"),
            ([["-Infinity"]], "is no number"),
            ([["1e999"]], "too large"),
            ([["2000000000"]], "too large"),
            ([["1,5"]], "write `1.5` instead of `1,5`"),
            ([["1_000"]], "is no number"),
            ([["0x10"]], "is no number"),
            ([["\uff11"]], "is no number"),
            ([["1e"]], "is no number"),
        ],
    )
    def test_says_which_cell_and_what_is_wrong(self, cells, said):
        with pytest.raises(TableError) as refused:
            checked(cells, ["x1"])
        assert said in str(refused.value)

    def test_names_three_and_counts_the_others(self):
        with pytest.raises(TableError, match=r"Row 1, x1.*row 3, x1.*\(and 2 more\)"):
            checked([["a"], ["b"], ["c"], ["d"], [""]], ["x1"])

    @pytest.mark.parametrize(
        ("cells", "said"),
        [
            ([], "no rows"),
            ([["1"]] * (ROWS + 1), "65 rows; it may have 1 to 64"),
            ([["1"] * 5], "5 numbers; a row may have 1 to 4"),
            ([["1", "2"], ["1"]], "Row 2 has 1 cells and the first row 2"),
        ],
    )
    def test_tables_of_a_wrong_shape(self, cells, said):
        with pytest.raises(TableError, match=said):
            checked(cells)

    def test_a_very_long_link(self):
        with pytest.raises(TableError, match="5000 characters"):
            read("1" * 5000)

    def test_long_nonsense_is_cut(self):
        with pytest.raises(TableError) as refused:
            read("x" * 3000)
        assert len(str(refused.value)) < 100


def test_cells_are_short():
    assert cells_of(np.array([[1.0, -0.0, 1e9, 1e-7, 0.1]])) == [["1", "-0", "1e9", "1e-7", "0.1"]]
    assert split("") == []


def test_ready_made_tables_can_be_typed():
    for table in READY.values():
        np.testing.assert_array_equal(read(write(table)), table)
