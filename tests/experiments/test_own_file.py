"""A reader's file: how it is written is found out, and what cannot be used is said."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnviz.experiments.own_data import likely_class, understood
from bnviz.experiments.own_file import COLUMNS, LARGEST, ROWS, SEPARATORS, OwnDataError, read
from tests.own import csv

USUAL = read(csv().encode())


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("header", [True, False])
def test_separator_decimal_comma_and_header_are_recognized(separator, decimal, header):
    if decimal == "," and separator in ", ":  # 1,5 2,5 may be three numbers as well
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
