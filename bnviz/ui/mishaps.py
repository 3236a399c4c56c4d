"""What goes wrong: a sentence for the reader; the traceback, with the link, for the server's log.

What Streamlit raises to stop a script, or to run it again, is no Exception, and passes.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bnviz.ui.answers import NoAnswerError

LOG = logging.getLogger(__name__)
LINE = "%s, opened with %.1000r"
SORRY = (
    "Something went wrong here. It is written down on the server, and no fault of yours."
    " *Reset* puts the knobs back, and the other lessons are there as always."
)
FAILED = "bnviz-failed"  # in the session: a callback has failed, and no whole page has said so yet


@contextmanager
def caught(what: str, place: DeltaGenerator | None = None) -> Iterator[None]:
    """An exception that comes out of the block, which is called `what`, is logged and told.

    It is told in `place`; None: where the block has come to.
    """
    try:
        yield
    except NoAnswerError as why:
        with place or nullcontext():
            st.warning(str(why), icon=":material/build:")
    except Exception:
        LOG.exception(LINE, what, st.query_params.to_dict())
        with place or nullcontext():
            _apologize()


def safe(callback: Callable[..., object]) -> Callable[..., None]:
    """The same for a callback of a widget's, which runs before the page does.

    An element that it made itself would stand above the page and move all of it.
    """

    @functools.wraps(callback)
    def instead(*args: Any, **kwargs: Any) -> None:
        try:
            callback(*args, **kwargs)
        except Exception:
            LOG.exception(LINE, callback.__qualname__, st.query_params.to_dict())
            st.session_state[FAILED] = True

    return instead


def tell() -> None:
    """Say here that a callback has failed, if one has."""
    if FAILED in st.session_state:
        _apologize()


def told() -> None:
    """The page is whole, and was not run again by itself: the reader has seen it."""
    st.session_state.pop(FAILED, None)


def _apologize() -> None:
    st.error(SORRY, icon=":material/build:")
