"""Where the rooms are kept: an SQLite file, or any database, by its URL."""

from __future__ import annotations

import getpass
import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from bnviz.ui.room.bounds import RefusedError
from bnviz.ui.room.store import UNREACHED, Rooms

LOG = logging.getLogger(__name__)
SETTING = "BNVIZ_ROOMS"  # in the environment: the URL of a database
NAME = "rooms"  # of the connection, in Streamlit's secrets
FILE = "rooms.sqlite"
NOWHERE = (
    "This server cannot keep a room: it may write no file."
    f" Whoever runs it can name a database in {SETTING}."
)


def rooms() -> Rooms:
    """All rooms of this server. RefusedError, with a sentence, where there can be none."""
    try:
        return _rooms(os.environ.get(SETTING) or _in_a_file())
    except (SQLAlchemyError, ImportError, OSError) as why:  # no such database, or no driver for it
        LOG.warning("The rooms’ database: %s", why)
        raise RefusedError(UNREACHED) from why


@st.cache_resource(show_spinner=False)
def _rooms(url: str | None) -> Rooms:
    """One for all readers. None: what Streamlit's secrets say of the connection."""
    alive = {"pool_pre_ping": True}  # a connection that a server has closed meanwhile is replaced
    if url is None:
        return Rooms(st.connection(NAME, type="sql", **alive).engine)
    return Rooms(st.connection(NAME, type="sql", url=url, **alive).engine)


def _in_a_file() -> str | None:
    """The URL of a file that can be written; None where the secrets name a database."""
    if st.secrets.load_if_toml_exists() and NAME in st.secrets.get("connections", {}):
        return None
    for folder in _folders():
        if _writable(folder):
            return f"sqlite:///{(folder / FILE).as_posix()}"
    raise RefusedError(NOWHERE)


def _folders() -> Iterator[Path]:
    """For what a program keeps of its own on this machine; else where files are for a while."""
    state = os.environ.get("XDG_STATE_HOME")
    try:
        yield (Path(state) if state else Path.home() / ".local" / "state") / "bnviz"
        yield Path(tempfile.gettempdir()) / f"bnviz-{getpass.getuser()}"
    except (RuntimeError, KeyError, OSError):  # a user without a home, or without a name
        return


def _writable(folder: Path) -> bool:
    """Whether a file may be made in this folder, which is nobody else's."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        own = not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
        with tempfile.TemporaryFile(dir=folder):
            return own
    except OSError:
        return False
