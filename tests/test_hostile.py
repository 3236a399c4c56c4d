"""Every door through which a stranger's text comes in: what is shown of it is text.

What a browser makes of it: test_browser. Many doors at once, at random: test_links.
"""

import re

import pytest
from pydantic import ValidationError
from streamlit.testing.v1 import AppTest

from benchmarks import links
from bnviz.experiments import kept
from bnviz.experiments.backward import BackwardConfig
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.quoting import quoted
from bnviz.experiments.refusals import complaint
from bnviz.experiments.settings import knobs
from bnviz.experiments.typed import TableError, checked, read
from bnviz.ui import course
from tests.hostile import ALL, MARKS, outside
from tests.samples import page_config
from tests.ui.test_kept import lesson as shelf

GLOSSARY = course.lesson("glossary")


def in_parts(texts, size):
    return [texts[start : start + size] for start in range(0, len(texts), size)]


def check(at):
    """Nothing of a stranger's on the page but as text; gives all that is said."""
    assert list(links.faults(at)) == []
    assert not at.exception
    return "\n".join(links.texts(at))


def is_text(said):
    assert not any(mark in outside(said) for mark in MARKS)
    assert len(said) < links.LONGEST


@pytest.mark.parametrize("text", ALL)
class TestSentences:
    """That are made without a page."""

    def test_a_cell(self, text):
        with pytest.raises(TableError) as refused:
            checked([["1", text]])
        is_text(str(refused.value))
        assert "`" in str(refused.value)

    def test_a_table(self, text):
        with pytest.raises(TableError) as refused:
            read(text)
        is_text(str(refused.value))
        with pytest.raises(ValidationError) as caught:
            BackwardConfig(table=text)
        is_text(complaint(caught.value))

    def test_a_list_of_kept_runs(self, text):
        for wrong in (text, f"nbatch_r{text}", f"nbatch_t{text}", f"nbatch_{text}"):
            _, complaints = kept.read(wrong)
            assert complaints
            is_text(" ".join(complaints))

    def test_a_continuation(self, text):
        with pytest.raises(ValidationError) as caught:
            LabConfig(then=text)
        is_text(complaint(caught.value))


@pytest.mark.parametrize("lesson", course.written(), ids=lambda lesson: lesson.name)
def test_doors_that_are_opened_with_nothing_in_them(lesson):
    with links.small_runs():
        everything = links.doors(links.opened(lesson, {}))
        for nothing in ([""], ["", "", "a"]):
            check(links.opened(lesson, dict.fromkeys(everything, nothing)))


@pytest.mark.parametrize("texts", in_parts(ALL, 10), ids=lambda texts: texts[0][:12])
class TestPages:
    def test_values_of_knobs(self, texts):
        names = [name for name in knobs(page_config("race")) if name != "first_seed"]
        query = {f"race-{name}": [text] for name, text in zip(names, texts, strict=False)}
        with links.small_runs():
            said = check(links.opened(course.lesson("race"), query))
        assert all(f"= {quoted(text)}, which" in said for text in texts)

    def test_keys_that_nobody_knows(self, texts):
        for few in in_parts(texts, 5):
            said = check(links.opened(GLOSSARY, {f"glossary-{text}": ["1"] for text in few}))
            assert all(quoted(f"glossary-{text}") in said for text in few)

    def test_names_of_kept_runs(self, texts):
        several = [kept.Kept(text, LabConfig(), shown=False) for text in texts[: kept.DRAWN]]
        at = AppTest.from_function(shelf, default_timeout=60)
        at.query_params["lab-kept"] = kept.write(several)
        check(at.run())
        rows = [re.sub(r"<[^<>]*>", "", one.proto.body) for one in at.get("html")]
        assert len(rows) == len(several)
        told = [one.name or "plain" for one in several]  # one without a name is called what it is
        assert [one.value for one in at.text_input] == told

    def test_a_search(self, texts):
        said = check(links.opened(GLOSSARY, {"glossary-find": [texts[0]]}))
        assert f"No term has {quoted(texts[0])} in" in said
