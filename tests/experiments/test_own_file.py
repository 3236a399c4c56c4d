"""A reader's file: how it is written is found out, and what cannot be used is said."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnviz.experiments.own_data import likely_class, understood
from bnviz.experiments.own_file import (
    COLUMNS,
    LARGEST,
    ROWS,
    SEPARATORS,
    OwnDataError,
    headed,
    read,
)
from bnviz.experiments.own_numbers import numbers
from tests.own import csv

USUAL = read(csv().encode())


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("header", [True, False])
def test_separator_decimal_comma_and_header_are_recognized(separator, decimal, header):
    if decimal == separator == ",":  # 1,5,2,5 are four numbers
        return
    sheet = read(csv(separator=separator, decimal=decimal, header=header).encode())
    assert (sheet.separator, sheet.decimal_comma, sheet.header) == (
        separator,
        decimal == ",",
        header,
    )
    assert sheet.names == (
        ("height", "width", "kind") if header else ("column 1", "column 2", "column 3")
    )
    assert understood(sheet, 2).samples == understood(USUAL, 2).samples


@pytest.mark.parametrize(
    "written",
    [
        csv().encode("utf-8-sig"),
        csv().encode("utf-16"),
        codecs.BOM_UTF16_BE + csv().encode("utf-16-be"),
        csv().replace("\n", "\r\n").encode(),
        csv().replace("\n", "\r").encode(),
        csv().replace("\n", "\n\n").encode(),
        csv().replace("kind", "größe").encode("cp1252"),
        csv().replace("a\n", '"a"\n').encode(),
        csv().replace(",", " , ").encode(),
        ("My table\n\n" + csv()).encode(),
    ],
)
def test_it_is_the_same_table_however_it_was_saved(written):
    assert understood(read(written), 2).samples == understood(USUAL, 2).samples


def test_quoted_commas_are_no_separators():
    sheet = read(b'a,b\n"1,5",x\n"2,5",y\n"3,5",x\n"4,5",y\n')
    assert (sheet.decimal_comma, len(sheet.names)) == (True, 2)
    assert understood(sheet, 1).understood.numeric == 1


def test_rows_of_another_length_are_counted_and_left_out():
    text = csv(12).replace("\n", "\n1,2,a,more,and more\n", 4)
    assert read(text.encode()).ragged == 4
    assert len(read(text.encode()).cells) == 12


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "It is empty."),
        (b" \n\n ", "It is empty."),
        (codecs.BOM_UTF8, "It is empty."),
        (b"a,b\n1,2\n", "one row, or none"),
        (b"1\n2\n3\n", "Only one column"),
        (b"PK\x03\x04" + bytes(100), "*Save as*, CSV"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "*Save as*, CSV"),
        (bytes(range(256)), "This is no text"),
        (csv().encode("utf-16-le"), "This is no text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "This is no text"),
        (b",".join([b"1"] * (LARGEST // 2)), f"more than {COLUMNS} columns"),
        (b"1,2\n" * (ROWS + 1), f"about {ROWS + 1} rows; at most {ROWS}"),
        (b"1\n" * (LARGEST // 2), f"at most {ROWS} are read"),
        (b"x" * (LARGEST + 1), "It has 2.0 MB; at most 2 MB"),
        (b'a,b\n"' + b"1,2\n" * 40_000, "rows"),
    ],
)
def test_what_cannot_be_used_gets_a_sentence(content, why):
    with pytest.raises(OwnDataError) as refused:
        read(content)
    assert why in str(refused.value)


def lines(cells, many=12, begun=""):
    """A text with a line for each row, its class at the end: a, b, a, b, …"""
    return begun + "".join(cells(row).replace("CLASS", "ab"[row % 2]) + "\n" for row in range(many))


@pytest.mark.parametrize(
    ("text", "separator", "decimal_comma", "header", "first"),
    [
        (lines(lambda row: f"{row**2},5 {row},25 CLASS"), " ", True, False, [0.5, 0.25]),
        (lines(lambda row: f" {row**2},5   2,{row} CLASS "), " ", True, False, [0.5, 2.0]),
        (lines(lambda row: f"{row**2},5 CLASS", begun="x class\n"), " ", True, True, [0.5]),
        (lines(lambda row: f"{row**2},5 {row} CLASS 3,{row}"), " ", True, False, [0.5, 0, None, 3]),
        (lines(lambda row: f"{row**2}, {row}.5, CLASS"), ",", False, False, [0, 0.5]),
        (lines(lambda row: f"1 May,{row**2},CLASS"), ",", False, False, [None, 0]),
        (lines(lambda row: f"{row**2}.5,New York,CLASS"), ",", False, False, [0.5]),
        (lines(lambda row: f"{row**2}\t{row},5\tCLASS"), "\t", True, False, [0, 0.5]),
        (lines(lambda row: f"{row + 1}.234,5;{row},5;CLASS"), ";", True, False, [1234.5, 0.5]),
        (lines(lambda row: f"{row + 1}.234.567;{row};CLASS"), ";", True, False, [1234567, 0]),
        (lines(lambda row: f"{row + 1},234;{row};CLASS"), ";", True, False, [1.234, 0]),
        (lines(lambda row: f'"{row + 1},234.5",{row},CLASS'), ",", False, False, [1234.5, 0]),
        (lines(lambda row: f'"{row + 1},234",{row}.5,CLASS'), ",", False, False, [1234, 0.5]),
        (lines(lambda row: f"{row + 1}'234.5;{row};CLASS"), ";", False, False, [1234.5, 0]),
        (lines(lambda row: f"{row + 1}\u202f234,5;{row};CLASS"), ";", True, False, [1234.5, 0]),
        (lines(lambda row: f"{row + 1} 234 567;{row};CLASS"), ";", False, False, [1234567, 0]),
        (lines(lambda row: f"{row**2},{row},CLASS", begun="2019,2020,grown\n"),
         ",", False, True, [0, 0]),
        (lines(lambda row: f"{row**2},CLASS", begun="x,x\n"), ",", False, True, [0]),
    ],
)  # fmt: skip
def test_odd_tables_are_read_as_they_are_meant(text, separator, decimal_comma, header, first):
    sheet = read(text.encode())
    found = (sheet.separator, sheet.decimal_comma, sheet.header, len(sheet.cells))
    assert found == (separator, decimal_comma, header, 12)
    for place, expected in enumerate(first):
        cells = numbers(sheet.cells.iloc[:, place], decimal_comma)
        assert expected is None or cells[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (lines(lambda row: f"{row},5 CLASS"), "`0,5` may be one number, with blanks"),
        (lines(lambda row: f"{row + 1},234\t{row}\tCLASS"), "`1,234` can be read in two ways"),
        (lines(lambda row: f'"{row + 1},234",{row},CLASS'), "`1,234` can be read in two ways"),
    ],
)
def test_where_two_readings_exist_it_is_asked_back(text, why):
    with pytest.raises(OwnDataError) as refused:
        read(text.encode())
    assert why in str(refused.value)


def test_whether_the_first_row_has_names_can_be_said():
    sheet = read(lines(lambda row: f"{row},{row**2},{row % 2}", begun="7,8,9\n").encode())
    assert (sheet.header, len(sheet.cells)) == (False, 13)
    named = headed(sheet, True)
    assert (named.header, named.names, len(named.cells)) == (True, ("7", "8", "9"), 12)
    again = headed(named, False)
    assert again.names == ("column 1", "column 2", "column 3")
    assert again.cells.equals(sheet.cells)


def test_names_need_two_rows_below_them():
    sheet = read(b"1,2,a\n3,4,a\n")
    with pytest.raises(OwnDataError, match="one row, or none"):
        headed(sheet, True)


def used(content):
    """The samples of a file, in each column that may be the class; a sentence is fine, too."""
    try:
        sheet = read(content)
    except OwnDataError:
        return
    for label in {likely_class(sheet), 0, len(sheet.names) - 1}:
        try:
            own = understood(sheet, label)
        except OwnDataError:
            continue
        assert own.samples.samples.classes == own.understood.classes
        assert len(own.samples.samples.labels) == own.understood.rows
        own.samples.prepared(None, 0.1, "standardized")
        own.samples.prepared(None, 0.0, "raw")
    for header in (True, False):
        try:
            assert headed(sheet, header).header == header
        except OwnDataError:
            assert header or len(sheet.every) > ROWS


ODD = st.sampled_from(
    [*"0123456789abcxyz", *",;\t| \n\n\n\"'.-+eE?", "NA", "\r\n",
     "1e400", "1e-400", "\x00", "ä", "\u2028",
     "inf", "0x1f", "1_0", "\ufeff", "−", "1.234,5", "{x}", "`", "$$"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.lists(ODD, max_size=120).map("".join)))
def test_odd_contents_never_raise(content):
    used(content if isinstance(content, bytes) else content.encode())


CELL = st.one_of(
    st.floats(width=32).map(str),
    st.integers().map(str),
    st.sampled_from(["a", "b", "", "?", "1,5"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELL, CELL, st.sampled_from("pq")), min_size=2, max_size=12))
def test_any_table_is_a_data_set_or_gets_a_sentence(rows):
    used("\n".join(";".join(row) for row in rows).encode())
