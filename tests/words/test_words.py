"""What the lessons say: their formulas, as the browser's Markdown reads them."""

import pkgutil
import re
from collections.abc import Mapping

import pytest

from bnviz import words
from bnviz.ui.prose import Said, linked
from bnviz.words.challenge import Challenge
from tests.samples import module

FLOOR = {"challenge", "findings", "names", "numbers"}  # what the lessons share
LESSONS = [found.name for found in pkgutil.iter_modules(words.__path__) if found.name not in FLOOR]
FORMULA = re.compile(r"^\$\$\n.*?\n\$\$$|\$\$[^$\n]+\$\$|\$[^$]+\$", re.DOTALL | re.MULTILINE)


def texts(value):
    """Every text in a constant, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.items():
            yield from texts(part)
    elif isinstance(value, Challenge):
        yield from (value.question, *value.answers)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part)


def said(lesson):
    constants = vars(module(lesson, "words")).items()
    return [text for name, value in constants if name.isupper() for text in texts(value)]


@pytest.mark.parametrize("lesson", LESSONS)
class TestFormulas:
    def test_one_of_several_lines_stands_between_dollars_on_lines_of_their_own(self, lesson):
        """Else its first line is read as the name of a fence, and is lost with all behind it."""
        for text in said(lesson):
            for line in text.splitlines():
                assert "$$" not in line or re.fullmatch(r"\$\$(?:[^$]+\$\$)?", line), line
            assert text.count("$") % 2 == 0, text

    def test_links_beside_it_leave_it_as_it_is(self, lesson):
        for text in said(lesson):
            shown = linked(text, Said(lesson))
            assert FORMULA.findall(shown) == FORMULA.findall(text)


def test_the_lessons_have_formulas_of_both_kinds():
    every = [
        formula for lesson in LESSONS for text in said(lesson) for formula in FORMULA.findall(text)
    ]
    assert sum(formula.startswith("$$\n") for formula in every) > 10
    assert sum(not formula.startswith("$$") for formula in every) > 50
