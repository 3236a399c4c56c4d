"""Words are whole sentences with slots: a language may order each of them its own way."""

import ast
import re
from pathlib import Path

import pytest

from bnviz import words

ROOT = Path(words.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
TAIL = re.compile(r"[ ,;:.]+[A-Za-z*]")  # " too", ", and layer 2 least"; a bracket may stand last
JOINER = re.compile(r".*\s", re.DOTALL)  # ", then "; a text of several lines, too


def pieces(tree):
    """Every text in a module but its docstrings, an f-string as one, "{}" for its slots."""
    unread = {id(part) for node in ast.walk(tree) for part in unread_parts(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(map(written, node.values))
        elif isinstance(node, ast.Constant) and id(node) not in unread:
            yield node.value


def unread_parts(node):
    if isinstance(node, ast.Expr):  # a docstring
        return [node.value]
    return node.values if isinstance(node, ast.JoinedStr) else []


def written(part):
    return part.value if isinstance(part, ast.Constant) else "{}"


def chooses_words(slot):
    """Whether what fills a slot is chosen there: {', too' if … else ''}."""
    choices = [node for node in ast.walk(slot) if isinstance(node, ast.IfExp | ast.BinOp)]
    texts = [text for one in choices for text in ast.walk(one) if isinstance(text, ast.Constant)]
    return any(isinstance(one.value, str) and re.search("[a-z]", one.value) for one in texts)


def tails(tree):
    return [
        text
        for text in pieces(tree)
        if isinstance(text, str) and TAIL.match(text) and not JOINER.fullmatch(text)
    ]


def chosen(tree):
    slots = (node for node in ast.walk(tree) if isinstance(node, ast.FormattedValue))
    return [ast.unparse(slot.value) for slot in slots if chooses_words(slot.value)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
class TestWords:
    def test_no_text_is_the_tail_of_another_sentence(self, path):
        assert tails(ast.parse(path.read_text(encoding="utf-8"))) == []

    def test_no_slot_chooses_words(self, path):
        assert chosen(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_sees_what_is_glued():
    glued = """
def said(number, more):
    '''.and so on'''
    where = f", and layer {number} least"
    spread = f" ({number} over the seeds)"
    rates = ", then ".join(number)
    return f"Layer {number} moved farthest{' here' if more else ''}{where}."
"""
    assert tails(ast.parse(glued)) == [", and layer {} least", " here"]
    assert chosen(ast.parse(glued)) == ["' here' if more else ''"]
