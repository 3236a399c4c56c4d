"""Looking things up: the glossary with its references, and the same for one page at its foot."""

from __future__ import annotations

import streamlit as st

from bnviz.experiments.quoting import quoted
from bnviz.ui import options, prose
from bnviz.ui.browser import browser_file
from bnviz.ui.course import lesson
from bnviz.ui.knobs import name_in_link
from bnviz.words.glossary import TERMS, Term
from bnviz.words.references import REFERENCES, Reference

_explain = st.components.v2.component("bnviz.terms", js=browser_file("terms.js"))
_land = st.components.v2.component("bnviz.land", js=browser_file("lookup.js"), isolate_styles=False)


def terms() -> None:
    """Every term with its sentence, or those that have in them what the reader types.

    A link that names an entry leads to it, and marks it.
    """
    st.header("Terms", anchor=False)
    key = name_in_link(prose.PAGE, "find")
    asked = st.text_input("Find a word", key=key, bind="query-params", width=320)
    some = matching(asked)
    with st.container(key="entries-terms"):
        if some:
            kept = options.kept()
            st.markdown("\n\n".join(_entry(term, kept) for term in some))
        else:
            st.markdown(f"No term has {quoted(asked)} in its name or its sentence.")
    _land(key="land", height=0)


def matching(asked: str | None) -> list[Term]:
    """The terms with these letters in a name or in their sentence; those of that name first."""
    letters = " ".join((asked or "").casefold().split())
    if not letters:
        return list(TERMS)
    named = [term for term in TERMS if any(letters in way.casefold() for way in _names(term))]
    return named + [term for term in TERMS if term not in named and letters in term.says.casefold()]


def _names(term: Term) -> tuple[str, ...]:
    return (term.word, *term.also)


def _entry(term: Term, kept: options.Kept) -> str:
    """A heading, which links lead to; the sentence; and where to see it at work."""
    here = prose.Said(term.lesson, linked={one.anchor for one in TERMS})  # papers alone are left
    seen = lesson(term.lesson)
    there = f"[{seen.question}]({options.address(seen, kept)})"
    return f"### {term.word}\n{prose.linked(term.says, here, '')} See {there}"


def papers() -> None:
    """Every reference, by first authors; its heading is how it is cited."""
    st.header("Who found it?", anchor=False)
    with st.container(key="entries-papers"):
        st.markdown("\n\n".join(f"### {paper.cited}\n{paper.full}" for paper in REFERENCES))


def cards() -> None:
    """What the terms and papers that the page links to are, for the cards that open there."""
    some = prose.used()
    says = {term.anchor: [term.word, term.says] for term in TERMS if term.anchor in some}
    says |= {
        paper.anchor: [paper.cited, paper.full.replace("*", "")]  # no Markdown there
        for paper in REFERENCES
        if paper.anchor in some
    }
    _explain(key="terms", data={"says": says}, height=0)  # Streamlit examines each value at its top


def of_this_page() -> None:
    """The terms that the page has used so far, each in its sentence, and the papers, in full."""
    used = prose.used()
    if not used:
        return
    some = [term for term in TERMS if term.anchor in used]
    cited = {one for term in some for *_, one in prose.found(term.says, term.lesson)}
    cited |= {one for one in used.values() if isinstance(one, Reference)}
    page = prose.glossary()
    lines = [f"- [{term.word}]({page}#{term.anchor}): {term.says}" for term in some]
    if cited:
        lines += ["", "**Papers**", ""]
        lines += [f"- {paper.full}" for paper in REFERENCES if paper in cited]
    with st.expander("Words and papers of this lesson"):
        st.markdown("\n".join(lines))
