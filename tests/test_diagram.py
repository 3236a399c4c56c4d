"""The diagram of docs/architecture.md shows the floors and the arrows that there really are."""

import re

import grimp
import pytest

from tests.browser import ROOT
from tests.test_architecture import SCRIPTS, imported

ARROW = re.compile(r"^\s*(\w+)\s+(-->|-\.->)\s+(\w+)$", re.MULTILINE)
BOX = re.compile(r"^\s*(\w+)\[", re.MULTILINE)
KIND = {"-->": "loads", "-.->": "names the types of"}
FOR_ALL = "axes"
"""Every floor may load it, so that no arrow to it is drawn; it loads none."""


def drawn(text):
    """The floors of a diagram, and its arrows: from, how, to."""
    (diagram,) = re.findall(r"^```mermaid\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    arrows = {(start, KIND[how], end) for start, how, end in ARROW.findall(diagram)}
    return set(BOX.findall(diagram)), arrows


def floor(module):
    return module.split(".")[1]


def between(graph):
    """Which floor of the package imports from which other one."""
    modules = [module for module in graph.modules if module != "bnviz"]
    arrows = {
        (floor(module), floor(other))
        for module in modules
        for other in graph.find_modules_directly_imported_by(module)
        if other != "bnviz"  # of which there is only the version
    }
    return {(a, b) for a, b in arrows if b not in {a, FOR_ALL}}


def real():
    """The same as `drawn`, of the code."""
    loaded = between(grimp.build_graph("bnviz", exclude_type_checking_imports=True, cache_dir=None))
    named = between(grimp.build_graph("bnviz", cache_dir=None)) - loaded
    names = {name for script in SCRIPTS for name in imported(script) if name.startswith("bnviz.")}
    of_pages = {("pages", floor(name)) for name in names} - {("pages", FOR_ALL)}
    arrows = {(a, "loads", b) for a, b in loaded | of_pages}
    return floors() | {"pages"}, arrows | {(a, "names the types of", b) for a, b in named}


def floors():
    there = {path.stem for path in (ROOT / "bnviz").iterdir() if path.suffix in {"", ".py"}}
    return there - {"__init__", "__pycache__"}


@pytest.fixture(scope="module")
def shown():
    return drawn((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def code():
    return real()


def test_every_floor_is_drawn_and_no_other(shown, code):
    assert shown[0] == code[0]


def test_every_arrow_is_drawn_and_no_other(shown, code):
    assert shown[1] - code[1] == set()
    assert code[1] - shown[1] == set()


def test_every_floor_is_said_in_words_too(code):
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert all(f"| `{name}" in text for name in code[0])


class TestTheLookSees:
    TEXT = "```mermaid\nflowchart TD\n  a[one]\n  b[two]\n  a --> b\n  b -.-> a\n```\n"

    def test_boxes_and_arrows_of_both_kinds(self):
        arrows = {("a", "loads", "b"), ("b", "names the types of", "a")}
        assert drawn(self.TEXT) == ({"a", "b"}, arrows)

    def test_what_the_package_imports(self):
        graph = grimp.ImportGraph()
        graph.add_import(importer="bnviz.up.one", imported="bnviz.down.one")
        graph.add_import(importer="bnviz.up.one", imported="bnviz.up.two")
        graph.add_import(importer="bnviz.up.one", imported="bnviz.axes")
        assert between(graph) == {("up", "down")}
