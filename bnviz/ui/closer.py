"""Look closer: a closed section whose title is a question, computed when it is opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from bnviz.ui import gathered, stage
from bnviz.ui.knobs import name_in_link
from bnviz.ui.prose import notice


@contextmanager
def closer(
    lesson: str, name: str, title: str | tuple[str, str], holds: Sequence[str] = ()
) -> Iterator[bool]:
    """`with closer("race", "seeds", ("Is it luck?", "Twenty further pairs.")) as opened: …`.

    title: a question, and one line on what it shows.

    What stands below `if opened` is neither computed nor drawn until the reader asks. Whether it
    is open is in the link, under `name`. It opens by itself where a link or a preset sets one of
    the knobs and choices it `holds`, which are on the page only while it is open.
    """
    if (alone := stage.staged(name)) is not None:  # one picture of the page is shown
        with st.container(key=f"staged-{name}"), stage.within(name):
            yield alone
        return
    key = name_in_link(lesson, name)
    if _asked_for(key, [name_in_link(lesson, one) for one in holds]):
        st.session_state[key] = True
    label = title if isinstance(title, str) else f"**{title[0]}** {title[1]}"
    notice(label)
    section = st.expander(label, key=key, bind="query-params")
    st.session_state[_was(key)] = section.open
    with section:
        if section.open:
            with gathered.section(label, kept=not stage.holds()):
                yield True
        else:
            yield False


def _asked_for(key: str, held: Sequence[str]) -> bool:
    """Whether a choice in a section that was closed is in the link: by a preset, or from before."""
    shut = not st.session_state.get(_was(key), False) and key not in st.query_params
    return shut and any(one in st.query_params for one in held)


def _was(key: str) -> str:
    return f"{key}-was-open"
