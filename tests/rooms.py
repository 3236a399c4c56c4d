"""Rooms in each kind of database, and a clock that a test winds: what the tests of rooms share."""

import pytest
from sqlalchemy import create_engine

from bnviz.ui.room import tables
from bnviz.ui.room.bounds import RefusedError
from bnviz.ui.room.store import Rooms
from tests import postgres


class Clock:
    """Time that passes when a test says so."""

    def __init__(self):
        self.seconds = 1_790_000_000.0

    def __call__(self):
        return self.seconds


KINDS = ["sqlite", pytest.param("postgres", marks=postgres.IF_INSTALLED)]


@pytest.fixture(params=KINDS)
def engine(request, tmp_path):
    """An empty database."""
    file = f"sqlite:///{tmp_path / 'rooms.sqlite'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = create_engine(url)
    yield engine
    for table in reversed(tables._META.sorted_tables):
        table.drop(engine, checkfirst=True)
    engine.dispose()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(engine, clock):
    return Rooms(engine, now=clock)


def refused(act, *words):
    with pytest.raises(RefusedError) as told:
        act(*words)
    return str(told.value)


def readers(count):
    return [f"{number:016x}" for number in range(count)]
