"""A PostgreSQL for the tests of the rooms, if they ask for one."""

import pytest

from tests import postgres


@pytest.fixture(scope="session")
def postgres_url():
    with postgres.serving() as url:
        yield url
