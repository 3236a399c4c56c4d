"""What is typed is what is read: numbers travel exactly, and what is not plain is asked about."""

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bnviz.experiments.minibatch import READY
from bnviz.experiments.typed import (
    COLUMNS,
    LARGEST,
    LONGEST,
    NUMBER,
    PASTED,
    ROWS,
    TableError,
    cells_of,
    checked,
    complaint,
    exact,
    number,
    numbers,
    read,
    readings,
    short,
    split,
    write,
)

finite = st.floats(-LARGEST, LARGEST) | st.integers(-999, 999).map(float)
tables = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 40), st.integers(1, COLUMNS)),
    elements=finite,
)


def same(one, other):
    """The same bits, also of a minus zero."""
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def read_or_told(text):
    """The table, or what is said of the text."""
    try:
        return read(text), ""
    except TableError as refused:
        return None, str(refused)


class TestNumbers:
    @given(st.floats(allow_nan=False, allow_infinity=False))
    @example(5e-324)
    @example(-0.0)
    @example(1.7976931348623157e308)
    def test_the_short_text_of_any_number_gives_the_same_bits(self, value):
        text = short(value)
        assert NUMBER.fullmatch(text)
        assert same(number(text), value)
        assert exact(text)
        assert len(text) <= len(repr(value))
        assert "+" not in text  # which is a blank in a link

    @given(finite)
    def test_what_python_and_numpy_write_for_a_number_is_that_number(self, value):
        for text in (repr(value), str(value), f"{value:.17g}", f"{value:e}", f"{value:+.20f}"):
            assert complaint(text) in {"", complaint("1e-400").replace("1e-400", text)}
            if not complaint(text):
                assert number(text) == float(text)

    def test_more_digits_than_64_bits_hold_are_noticed(self):
        assert exact("0.5")
        assert exact("16777216.25")
        assert not exact("0.12345678901234567890123")
        assert not exact("9007199254740993")
        assert exact("0e-99999999999999999999999")

    def test_what_rounds_to_zero_is_refused(self):
        assert complaint("1e-400") == "`1e-400` is closer to zero than 64 bits can tell"
        assert not complaint("0.000e5")

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("2,5", ["2.5", "2, 5"]),
            ("-2,5e3", ["-2.5e3", "-2, 5e3"]),
            ("1,234.5", ["1234.5", "1, 234.5"]),
            ("1,234", ["1234", "1.234", "1, 234"]),
            ("1,234,567", ["1234567", "1, 234, 567"]),
            ("1.234,5", ["1234.5", "1.234, 5"]),
            ("1_000", ["1000", "1; 000"]),
            ("1_000_000", ["1000000", "1; 000; 000"]),
            ("1\u00a0234", ["1234", "1 234"]),
            ("1\u202f234,5", ["1234.5", "1 234,5"]),
            ("1'234", ["1234"]),
            ("1.234.567", ["1234567"]),
            ("1.234", []), ("1,2,3", []), ("1.5,2", []), ("abc", []), ("", []), ("1e5", []),
        ],
    )  # fmt: skip
    def test_what_can_be_meant_in_more_than_one_way(self, typed, meant):
        found = readings(typed)
        assert found[: len(meant)] == meant
        assert len(found) in {len(meant), len(meant) + 1}

    @given(st.text(alphabet="0123456789.,_-+eE'\u00a0 ", max_size=12))
    def test_a_number_as_python_writes_it_is_never_asked_about(self, text):
        if NUMBER.fullmatch(text):
            assert readings(text) == []
        for meant in readings(text)[:1]:
            assert NUMBER.fullmatch(meant)


class TestAsking:
    @pytest.mark.parametrize(
        ("text", "asked"),
        [
            ("2,5", "Row 1: `2,5` can mean the number `2.5`, or the numbers `2, 5`."),
            (
                "1,234.5",
                "Row 1: `1,234.5` can mean the number `1234.5`, or the numbers `1, 234.5`.",
            ),
            ("1_000", "Row 1: `1_000` can mean the number `1000`, or the rows `1; 000`."),
            (
                "1 2\n3 1,234",
                "Row 2: `1,234` can mean the number `1234` or `1.234`, or the numbers `1, 234`.",
            ),
            (
                "2,5\t3,5",
                "Row 1: `2,5` can mean the number `2.5`, or the numbers `2, 5` (and 1 more",
            ),
            ("1,2\n1.5,2", "Row 1: `1,2` can mean the number `1.2`"),
            ("1 2_3 4", "Row 1: `2_3` can mean the number `23`, or the rows `2; 3`."),
            ("2_000~3", "Row 1: `2_000` can mean"),
            ("1_100_250", "Row 1: `1_100_250` can mean the number `1100250`, or the rows `1; 100;"),
            ("[1, 2, 3]", "can mean a row, `[[1, 2, 3]]`, or a column, `[[1], [2], [3]]`."),
        ],
    )
    def test_both_readings_stand_in_a_sentence(self, text, asked):
        with pytest.raises(TableError) as refused:
            read(text)
        assert asked.rstrip(".") in str(refused.value)

    @pytest.mark.parametrize("cell", ["2,5", "1,234.5", "1_000", "1\u00a0000"])
    def test_a_cell_is_read_as_pasted_text_is(self, cell):
        with pytest.raises(TableError) as typed:
            checked([["1", cell]], ["x1", "x2"])
        assert str(typed.value).startswith("Row 1, x2: ")
        with pytest.raises(TableError) as pasted:
            read(f"1\t{cell}")
        assert str(typed.value).removeprefix("Row 1, x2") == str(pasted.value).removeprefix("Row 1")

    @given(st.lists(st.integers(0, 99999), min_size=2, max_size=4), st.sampled_from(",_"))
    def test_no_number_of_commas_and_underscores_is_read_as_one_without_a_word(self, parts, joint):
        text = joint.join(map(str, parts))
        table, said = read_or_told(text)
        assert table is not None or "can mean" in said
        if table is None:
            return
        column = np.array([parts] if joint == "," else [[part] for part in parts], dtype=float)
        assert same(table, column)


class TestLists:
    """As Python, NumPy and torch print them."""

    @given(tables)
    @settings(max_examples=40)
    def test_the_list_of_lists_of_any_table(self, table):
        for rows in (
            table.tolist(),
            [tuple(row) for row in table.tolist()],
            list(map(list, table)),
        ):
            assert same(read(repr(rows)), table)

    @given(tables)
    @settings(max_examples=40)
    def test_numpys_own_prints(self, table):
        with np.printoptions(floatmode="unique", threshold=10**6):
            for text in (str(table), repr(table), f"x = np.{table!r}"):
                np.testing.assert_array_equal(read(text), table)

    @given(arrays.arrays(np.float64, st.integers(COLUMNS + 1, 60), elements=finite))
    @settings(max_examples=40)
    def test_a_flat_list_too_long_for_a_row_is_a_column(self, column):
        with np.printoptions(floatmode="unique"):
            for text in (repr(column.tolist()), str(column), repr(column), repr(list(column))):
                np.testing.assert_array_equal(read(text)[:, 0], column)

    @pytest.mark.parametrize(
        "text",
        [
            "[[1, 2], [3, 4]]",
            "((1, 2), (3, 4))",
            "[(1, 2), (3, 4)]",
            "[1, 2]\n[3, 4]",
            "[[1. 2.]\n [3. 4.]]",
            "array([[1., 2.],\n       [3., 4.]], dtype=float32)",
            "x = np.array([[1, 2], [3, 4]], dtype=np.float32)",
            str(torch.tensor([[1.0, 2.0], [3.0, 4.0]])),
            str(torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64, requires_grad=True)),
            "[[np.float64(1.0), np.float64(2.0)], [np.float64(3.0), np.float64(4.0)]]",
            "[[tensor(1.), tensor(2.)], [tensor(3.), tensor(4.)]]",
        ],
    )
    def test_ways_to_print_the_same(self, text):
        np.testing.assert_array_equal(read(text), [[1, 2], [3, 4]])

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (str(np.zeros(2000)), "numbers were left out"),
            (str(np.zeros((2, 2, 2))), "make no rows"),
            ("[[1, 2], [3]]", "Row 2 has 1 cells and the first row 2"),
            ("[[1, 2], [3, 4]] + 1", "paste the list alone"),
            ("[[1, nan], [2, 3]]", "`nan` is no number"),
            ("[]", "the cell is empty"),
            ("[1, 2", "the list alone"),
        ],
    )
    def test_what_cannot_be_read(self, text, said):
        with pytest.raises(TableError, match=said.replace("[", r"\[")):
            read(text)

    @pytest.mark.parametrize(
        "text", ["1, 2, 3", "[1, 2, 3]", "1~2~3", "1 2 3", "[1. 2. 3.]", "(1, 2, 3)", "1,2,3"]
    )
    def test_one_number_for_each_feature(self, text):
        assert numbers(text) == [1, 2, 3]

    @pytest.mark.parametrize("text", ["2,5", "1_000", "1, x"])
    def test_one_for_each_feature_is_refused_as_in_a_table(self, text):
        with pytest.raises(TableError):
            numbers(text)


class TestReading:
    @given(tables)
    @settings(max_examples=40)
    @example(np.array([[1.0], [100.0], [250.0]]))
    @example(np.array([[-12.0], [345.5]]))
    @example(np.array([[1.0], [0.0]]))
    def test_what_is_written_is_read_again_bit_by_bit(self, table):
        text = write(table)
        assert same(read(text), table)
        assert write(read(text)) == text
        assert set(text) <= set("0123456789.-e_~")  # it needs no escapes

    def test_issue_16_digits_after_the_ninth(self):
        there = read("16777216.25_16777217.5_16777218.75_16777219")
        assert there.var() == 1.203125

    def test_a_full_table_of_long_numbers_fits(self):
        full = np.full((ROWS, COLUMNS), -12345.6789)
        np.testing.assert_array_equal(read(write(full)), full)
        assert len(write(full)) <= LONGEST

    def test_a_table_too_long_for_a_link_says_so(self):
        with pytest.raises(TableError, match="leave out digits or rows"):
            checked(cells_of(np.full((ROWS, COLUMNS), -1 / 3)))

    @pytest.mark.parametrize(
        "text", ["1~2_3~4", "1 2\n3 4", "1\t2\r\n3\t4\r\n", "1, 2; 3, 4", " 1  2 \n\n 3 4 \n"]
    )
    def test_from_a_link_or_a_spreadsheet(self, text):
        np.testing.assert_array_equal(read(text), [[1, 2], [3, 4]])

    @pytest.mark.parametrize(
        ("typed", "number"),
        [
            ("1", 1), ("-1.5", -1.5), ("−2", -2), ("+3", 3), (".5", 0.5), ("5.", 5), ("1e3", 1000),
            ("2E-3", 0.002), ("1e-300", 1e-300), ("0.1234567891234", 0.1234567891234),
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
            ([["1'500"]], "write `1500` instead of `1'500`"),
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
            ([["1"]] * (ROWS + 1), "201 rows; it may have 1 to 200"),
            ([["1"] * 5], "5 numbers; a row may have 1 to 4"),
            ([["1", "2"], ["1"]], "Row 2 has 1 cells and the first row 2"),
        ],
    )
    def test_tables_of_a_wrong_shape(self, cells, said):
        with pytest.raises(TableError, match=said):
            checked(cells)

    def test_a_very_long_link(self):
        with pytest.raises(TableError, match="40001 characters"):
            read("1" * (PASTED + 1))

    def test_long_nonsense_is_cut(self):
        with pytest.raises(TableError) as refused:
            read("x" * 3000)
        assert len(str(refused.value)) < 100


def test_cells_are_short():
    assert cells_of(np.array([[1.0, -0.0, 1e9, 1e-7, 0.1]])) == [
        ["1", "-0", "1000000000", "1e-7", "0.1"]
    ]
    assert split("") == []


def test_ready_made_tables_can_be_typed():
    for table in READY.values():
        np.testing.assert_array_equal(read(write(table)), table)
