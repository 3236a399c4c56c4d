"""The glossary and the references: what they say, whether the lessons use them, and their page."""

import ast
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.experiments.quoting import quoted
from bnviz.ui import course, lookup, prose
from bnviz.words.challenge import Challenge
from bnviz.words.glossary import INTRODUCTION, TERMS
from bnviz.words.references import REFERENCES, Reference
from tests.samples import LESSONS, module

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(ROOT.glob("bnviz/**/*.py"))
PAGES = [ROOT / "app.py", *sorted(ROOT.glob("pages/*.py"))]
ENTRIES = (*TERMS, *REFERENCES)

NAME = r"[^\W\d_a-z][\w’'-]+"
CITATION = re.compile(
    rf"({NAME}(?:(?:,? & |,? and |, ){NAME})*(?: et al\.| and colleagues)?)"
    r",? \(?(?:\*[^*]+\*, )?((?:19|20)\d\d)\b"
)
NOBODY = {"In", "The", "Since", "Repository"}


def citations(text):
    """Who is cited, and the year, however it is written: a second opinion."""
    for names, year in CITATION.findall(" ".join(text.split())):
        last = re.findall(NAME, names)
        if not set(last) & NOBODY:
            yield last, int(year)


def strings(path):
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def running_texts(lesson):
    """All that the words of a lesson say."""

    def texts(value):
        if isinstance(value, str):
            return [value]
        if isinstance(value, dict):
            value = value.values()
        if isinstance(value, Challenge):
            value = (value.question, *value.answers)
        return [text for one in value for text in texts(one)] if hasattr(value, "__iter__") else []

    said = vars(module(lesson, "words"))
    names = (n for n in said if n.isupper() and not n.startswith("_"))
    return [text for name in names for text in texts(said[name]) if " " in text]


class TestTerms:
    @pytest.mark.parametrize("term", TERMS, ids=lambda term: term.anchor)
    def test_is_one_plain_sentence_about_something_in_a_lesson(self, term):
        assert len(term.says) < 220
        assert term.says[0].isupper()
        assert term.says.endswith(".")
        assert not re.search(r"[.!?]\s+[A-Z]", term.says)
        assert "\N{EM DASH}" not in term.says
        assert course.lesson(term.lesson).knobs
        assert all(course.lesson(one) for one in term.only)

    def test_no_word_stands_twice_and_all_in_order(self):
        words = [term.word.casefold() for term in TERMS]
        assert words == sorted(set(words), key=lambda word: re.sub(r"[^a-z0-9 ]", "", word))
        ways = [way for term in TERMS if not term.only for way in term.ways]
        assert len(set(ways)) == len(ways)

    def test_every_entry_has_an_anchor_of_its_own(self):
        anchors = [entry.anchor for entry in ENTRIES]
        assert len(set(anchors)) == len(anchors)
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one) for one in anchors)

    def test_every_term_is_used_in_the_app(self):
        used = set()
        for path in SOURCES:
            if path.name not in {"glossary.py", "references.py"}:
                for text in strings(path):
                    used |= {one.anchor for *_, one in prose.found(text, path.stem)}
        assert {term.word for term in TERMS if term.anchor not in used} == set()


class TestReferences:
    def test_whoever_is_cited_has_a_reference(self):
        known = {(name, paper.year) for paper in REFERENCES for name in paper.surnames}
        unknown = {
            (path.name, *names, year)
            for path in [*SOURCES, *PAGES]
            if path.name != "references.py"
            for names, year in citations(path.read_text(encoding="utf-8"))
            if not {(name, year) for name in names} & known
        }
        assert unknown == set()

    def test_every_reference_is_cited(self):
        cited = {
            one
            for path in SOURCES
            if path.name != "references.py"
            for text in strings(path)
            for *_, one in prose.found(" ".join(text.split()), "race")
        }
        assert set(REFERENCES) - cited == set()

    def test_the_second_opinion_can_see(self):
        text = "As Mädry, Li & Sohl-Dickstein (2019) and Roe et al. 1987 say. In 2015 nothing."
        assert list(citations(text)) == [(["Mädry", "Li", "Sohl-Dickstein"], 2019), (["Roe"], 1987)]

    @pytest.mark.parametrize("paper", REFERENCES, ids=lambda paper: paper.anchor)
    def test_says_who_when_what_where(self, paper):
        assert all(re.fullmatch(r"[^\W\d_].* [^\W\d_][\w-]+", name) for name in paper.authors)
        assert str(paper.year) in paper.full
        assert len(paper.title) > 3
        assert not paper.title.endswith(".")
        assert paper.link.startswith("https://")
        numbers = re.findall(r"arXiv:(\d{4}\.\d{4,5})", paper.venue)
        assert paper.link.endswith(tuple(numbers) or "")
        assert bool(numbers) == ("arxiv.org/abs" in paper.link)

    def test_in_the_order_of_first_authors(self):
        keys = [(paper.surnames[0], len(paper.surnames) > 1, paper.year) for paper in REFERENCES]
        assert keys == sorted(keys)


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_term_and_paper_of_a_lessons_words_is_linked(lesson):
    said, cited = prose.Said(lesson), set()
    table = re.compile(r"^[ ]*\|[^\n]*$|^#[^\n]*$|\[[^\]]*\]", re.MULTILINE)
    for text in (table.sub("", text) for text in running_texts(lesson)):
        prose.linked(text, said)
        cited |= {(*names, year) for names, year in citations(text)}
    assert len(said.used) > 5
    assert said.linked == set(said.used)
    papers = [one for one in said.used.values() if isinstance(one, Reference)]
    for *names, year in cited:
        assert [one for one in papers if one.year == year and one.surnames[0] in names], names


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_says_nothing_past_the_frame(page):
    """Then every word on it has been looked at: st.markdown alone would leave it without links."""
    calls = {
        f"{node.func.value.id}.{node.func.attr}"
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
    }
    assert not calls & {"st.markdown", "st.write", "st.text"}


def opened(page, **link):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.switch_page(f"pages/{page}.py")
    for name, value in link.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


class TestFootOfALesson:
    def test_every_word_that_is_linked_is_said_there_and_every_paper_in_full(self):
        at = opened("02_transform")
        texts = [one.value for one in at.main.markdown]
        linked = {there for text in texts for there in re.findall(r"\(glossary#([^)]+)\)", text)}
        assert len(linked) > 15
        assert "Words and papers of this lesson" in [one.label for one in at.expander]
        foot = texts[-1]
        for term in TERMS:
            line = f"[{term.word}](glossary#{term.anchor}): {term.says}"
            assert (line in foot) >= (term.anchor in linked)
        assert "(glossary#epsilon)" in foot  # of a computed sentence
        assert "[dropout]" not in foot
        for paper in REFERENCES:
            assert (paper.full in foot) >= (paper.anchor in linked)
        assert "Kaynak" in foot  # cited by a sentence above

    def test_computed_sentences_count_and_have_no_links(self):
        at = opened("02_transform", **{"transform-table": "7_7_7"})
        headline = at.header[0].value
        assert "glossary#" not in headline
        assert "**variance**" not in headline

    def test_each_run_of_a_page_begins_anew(self):
        at = opened("02_transform")
        before = [one.value for one in at.main.markdown]
        assert [one.value for one in at.run().main.markdown] == before


class TestGlossary:
    def test_shows_every_term_and_every_paper(self):
        at = opened("20_glossary")
        text = "\n".join(one.value for one in at.main.markdown)
        headings = re.findall(r"^### (.*)$", text, re.MULTILINE)
        assert headings == [
            *(term.word for term in TERMS),
            *(one.cited for one in REFERENCES),
        ]
        assert all(paper.full in text for paper in REFERENCES)
        assert INTRODUCTION.strip() in text
        assert not at.expander

    def test_papers_cited_in_a_sentence_are_linked_on_the_page(self):
        text = "\n".join(one.value for one in opened("20_glossary").main.markdown)
        there = set(re.findall(r"\(#([^)]+)\)", text))
        assert "kingma-and-ba-2015" in there
        assert there <= {paper.anchor for paper in REFERENCES}

    def test_every_lesson_that_is_named_is_there(self):
        text = "\n".join(one.value for one in opened("20_glossary").main.markdown)
        there = set(re.findall(r"See \[[^\]]*\]\(([^)]+)\)", text))
        assert there - {"./"} <= {lesson.name for lesson in course.written()}

    def test_finds_what_is_typed_and_keeps_it_in_the_link(self):
        at = opened("20_glossary", **{"glossary-find": "ghost"})
        assert at.text_input[0].value == "ghost"
        assert [one for one in at.main.markdown if one.value.startswith("### ghost batch\n")]

    @pytest.mark.parametrize("text", ["`", "<img src=x onerror=alert(1)>", "9" * 4000, "**x**"])
    def test_nonsense_gets_a_sentence(self, text):
        at = opened("20_glossary", **{"glossary-find": text})
        (said,) = [one.value for one in at.main.markdown if one.value.startswith("No term has")]
        assert len(said) < 120
        assert quoted(text) in said

    def test_names_go_before_sentences(self):
        found = [term.word for term in lookup.matching(" Mini-Batch ")]
        assert found[0] == "mini-batch"
        assert "SGD" in found
        assert lookup.matching("") == lookup.matching(None) == list(TERMS)
        assert lookup.matching("γ")[0].word == "gamma"
