"""The style sheets: what a browser must not do after every single change of a page."""

import re

import pytest

from tests.browser import ROOT

SHEETS = sorted((ROOT / "bnviz" / "ui").rglob("*.css"))
PRINTED = re.compile(r"@media print \{.*?\n\}", re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_no_rule_asks_what_the_whole_page_has(sheet):
    """Such a rule makes the browser look through the page for each text that Plotly measures.

    One `body:has(…)` took half of the time in which a lesson is drawn.
    """
    shown = COMMENT.sub("", PRINTED.sub("", sheet.read_text(encoding="utf-8")))
    assert not re.findall(
        r"(?:\b(?:html|body)|:root|\.stApp|\[data-testid=\"?stApp[^\]]*\])\S*:has\(.*", shown
    )
