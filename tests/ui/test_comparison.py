"""The table in words: whole, named, and nothing in it is markup."""

import re
from xml.etree import ElementTree as ET

import pytest

from bnviz.ui.comparison import as_html
from bnviz.words.names import TODAY
from bnviz.words.relatives import needs


def test_every_cell_stands_below_its_column_and_beside_its_name():
    table = ET.fromstring(as_html(("who", "a", "b"), [("one", "1 < 2", '"x"'), ("two", "&", "")]))
    assert [one.text for one in table.iter("th")] == ["who", "a", "b", "one", "two"]
    cells = [(one.get("data-column"), one.text or "") for one in table.iter("td")]
    assert cells == [("a", "1 < 2"), ("b", '"x"'), ("a", "&"), ("b", "")]
    assert all(one.get("role") for one in table.iter())


def test_a_row_must_fill_the_table():
    with pytest.raises(ValueError, match="zip"):
        as_html(("who", "a"), [("one", "1", "2")])


def test_every_relative_is_in_the_table_with_a_source():
    head, *rows = needs.NEEDS
    assert {len(row) for row in rows} == {len(head)}
    names = {row[0].lower() for row in rows}
    assert len(names) == len(rows) == 9
    assert {name.lower() for name in TODAY.values()} - {"plain", "layer norm"} <= names
    assert all(re.search(r"\([A-Z][^)]* \d{4}\)", row[-1]) for row in rows)
