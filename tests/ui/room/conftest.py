"""What the tests of the rooms ask for; a PostgreSQL among it."""

import pytest

from tests import postgres
from tests.rooms import clock, engine, rooms  # noqa: F401 - fixtures


@pytest.fixture(scope="session")
def postgres_url():
    with postgres.serving() as url:
        yield url
