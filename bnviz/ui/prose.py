"""Running text: its terms lead to the glossary, its citations to the papers, each at first use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import blake2s

import streamlit as st

from bnviz.ui import course, gathered, options
from bnviz.words.glossary import PASSAGES, TERMS, Term
from bnviz.words.references import REFERENCES, Reference

PAGE = "glossary"  # relative: it works wherever the app is served, and opens in a new tab
Entry = Term | Reference

_WORD = re.compile(r"(?<![\w\\-])[^\W_][\w-]*")
_UNTOUCHED = re.compile(
    r"\$\$.*?\$\$|\$[^$]+\$"  # mathematics
    r"|```.*?```|`[^`]*`|^ {4}[^\n]*$"  # code
    r"|!?\[[^\]]*\](?:\([^)]*\))?|https?://\S+|:material/\w+:"  # links, pictures, icons
    r"|^#[^\n]*$|^[ ]*\|[^\n]*$|^<.*?(?:\n\s*\n|\Z)|<[^>\n]*>",  # headings, tables, HTML
    re.DOTALL | re.MULTILINE,
)
_ROW = re.compile(r"^(?:[ ]*\||#+)([^\n]*)$", re.MULTILINE)  # of a table, or a heading


@dataclass(frozen=True)
class _Way:
    """One way to write a term, or to name a paper."""

    form: str
    pattern: re.Pattern[str]  # from the first letter on
    entry: Entry

    def end(self, text: str, start: int) -> int | None:
        """Where it ends if it stands here: in its own letters, or begun with a capital."""
        found = self.pattern.match(text, start)
        if not found:
            return None
        written = " ".join(found.group(1).split())
        same = written == self.form or written[0].lower() + written[1:] == self.form
        return found.end(1) if same else None

    def rank(self) -> tuple[bool, int, bool]:
        """Papers first, then the longest; what a word means in some lessons before all others."""
        term = self.entry if isinstance(self.entry, Term) else None
        return term is not None, -len(self.form), not (term and term.only)

    def means(self, lesson: str) -> bool:
        """Whether it means this entry in the lesson."""
        return isinstance(self.entry, Reference) or lesson in (self.entry.only or (lesson,))


@dataclass
class Said:
    """What a page has said so far, in one run of it."""

    lesson: str
    linked: set[str] = field(default_factory=set)  # anchors of entries
    used: dict[str, Entry] = field(default_factory=dict)  # by anchor, in order of first use
    places: Counter[str] = field(default_factory=Counter)  # of computed texts, by name

    def again(self, name: str) -> int:
        """How often a computed text of this name stood on the page before this one."""
        self.places[name] += 1
        return self.places[name] - 1


_SAID: ContextVar[Said | None] = ContextVar("bnviz-said", default=None)


def begin(lesson: str) -> None:
    """A page begins: nothing has been said yet."""
    _SAID.set(Said(lesson))


def glossary() -> str:
    """Where the glossary is, with the options of this page."""
    return options.address(course.lesson(PAGE))


def say(text: str, *, kept: bool = True) -> None:
    """Put running text on the page, linked; kept: whether it is taken home with its section."""
    said = _SAID.get()
    if kept:
        gathered.put(gathered.Text(text), top=False)
    st.markdown(linked(text, said, glossary()) if said else text)


@contextmanager
def anew(text: str) -> Iterator[None]:
    """A place for a computed text: a new element of the page whenever the text is another one.

    A browser that translates the page puts nodes of its own in the place of a text's. What is
    written into the old ones later is never seen, so that old and new words would mix.
    """
    said = _SAID.get()
    name = f"said-{blake2s(text.encode(), digest_size=6).hexdigest()}"
    again = said.again(name) if said else 0
    with st.container(key=f"{name}-{again}" if again else name):
        yield


def warn(computed: str, icon: str) -> None:
    """A computed sentence on what was not done as asked."""
    with anew(computed):
        st.warning(computed, icon=icon)


def remark(computed: str) -> None:
    """A computed sentence in small letters."""
    with anew(computed):
        st.caption(computed)


def tell(computed: str, ending: str = "", *, kept: bool = True) -> None:
    """Put computed sentences on the page, without links: what they say is to stand out.

    ending: where they tell the end of the run that the clock goes through, a key of its own on the
    page. They are not seen while the clock stands at its start, see clock.js and frame.css.
    kept: whether they are of the pictures of their section, and not of what the reader answered.
    """
    notice(computed)
    if kept:
        gathered.put(gathered.Text(computed, bool(ending)), top=False)
    with st.container(key=f"end-{ending}") if ending else nullcontext(), anew(computed):
        st.markdown(computed)


def notice(text: str) -> None:
    """Remember the terms of a text that stands on the page without links."""
    said = _SAID.get()
    if said:
        for _, _, entry in found(text, said.lesson):
            said.used.setdefault(entry.anchor, entry)


def used() -> dict[str, Entry]:
    """What this run of the page has used so far, by anchor."""
    said = _SAID.get()
    return said.used if said else {}


def linked(text: str, said: Said, page: str = PAGE) -> str:
    """The text with a link at the first use of each term, and of each paper.

    Mathematics, code, links, headings, tables and HTML stay as they are; but what headings and
    tables use counts as used.
    """
    parts, done = [], 0
    for start, end, entry in found(text, said.lesson):
        said.used.setdefault(entry.anchor, entry)
        if entry.anchor in said.linked or not _stands_free(text, start, end):
            continue
        said.linked.add(entry.anchor)
        parts += [text[done:start], f"[{text[start:end]}]({page}#{entry.anchor})"]
        done = end
    for row in _ROW.findall(text):
        said.used |= {one.anchor: one for *_, one in found(row, said.lesson)}
    return "".join([*parts, text[done:]])


@lru_cache(maxsize=2048)  # a text stands on its page at every view
def found(text: str, lesson: str) -> tuple[tuple[int, int, Entry], ...]:
    """Where the text uses a term or cites a paper: from, to, and its entry; the longest wins."""
    return tuple(_found(text, lesson))


def _found(text: str, lesson: str) -> Iterator[tuple[int, int, Entry]]:
    ways, untouched, taken = _ways(), _untouched(text), 0
    for word in _WORD.finditer(text):
        start = word.start()
        if start < taken or untouched[start]:
            continue
        for way in ways.get(word.group().lower(), ()):
            end = way.end(text, start) if way.means(lesson) else None
            if end is not None and not any(untouched[start:end]):
                taken = end
                yield start, end, way.entry
                break


def _untouched(text: str) -> bytearray:
    """1 for each letter that is none of running text, or in a passage that means no term."""
    marks = bytearray(len(text))
    for span in (*_UNTOUCHED.finditer(text), *_PASSAGES.finditer(text)):
        marks[span.start() : span.end()] = b"\x01" * (span.end() - span.start())
    return marks


_PASSAGES = re.compile("|".join(r"\s+".join(p.split()) for p in PASSAGES), re.IGNORECASE)


def _stands_free(text: str, start: int, end: int) -> bool:
    """No link between a letter and the star of an emphasis, which would end to be one."""
    before = re.search(r"\w\*+\Z", text[max(0, start - 4) : start])
    return not before and not re.match(r"\*+\w", text[end : end + 4])


@cache
def _ways() -> dict[str, list[_Way]]:
    """By their first word, in small letters: all ways to write the entries, in order of trying."""
    ways = [_cited(head, paper) for paper in REFERENCES for head in paper.heads]
    ways += [_written(form, term) for form, term in _forms()]
    by_word: dict[str, list[_Way]] = {}
    for way in sorted(ways, key=_Way.rank):
        first = _WORD.match(way.form)
        assert first, way.form
        by_word.setdefault(first.group().lower(), []).append(way)
    return by_word


def _written(form: str, term: Term) -> _Way:
    return _Way(form, re.compile(rf"({_spaced(form)})(?![\w-])", re.IGNORECASE), term)


def _cited(head: str, paper: Reference) -> _Way:
    """Its authors, where the year follows, perhaps after the title."""
    year = rf"(?=,?\s+\(?(?:\*[^*]+\*,\s+)?{paper.year}\b)"
    return _Way(head, re.compile(f"({_spaced(head)}){year}"), paper)


def _spaced(words: str) -> str:
    """A pattern for the words, wherever a line ends between them."""
    return r"\s+".join(map(re.escape, words.split()))


def _forms() -> Iterator[tuple[str, Term]]:
    """How each term may be written: as it says, and in the plural if that is no other's way."""
    own = {way for term in TERMS for way in term.ways}
    for term in TERMS:
        for way in term.ways:
            yield way, term
            if plural(way) not in own:
                yield plural(way), term


def plural(form: str) -> str:
    """As most English nouns make it."""
    if form.endswith(("s", "x", "ch", "sh")):
        return form + "es"
    if form.endswith("y") and form[-2] not in "aeiou":
        return form[:-1] + "ies"
    return form + "s"
