"""Database servers, each started once for those tests that ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors import servers


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server; its sessions are in a zone far from UTC."""
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    """The URL of a MariaDB server; its sessions are in a zone far from UTC, and its tables of zones are empty."""
    with servers.mariadb() as url:
        yield url
