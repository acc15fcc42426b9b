"""Fixtures shared by every test: the cast of two cooperatives, and the real plots."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from tests.cast import Cast, make_cast

ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what belongs to the other database; of a run on PostgreSQL leave out the pure tests."""
    for item in items:
        if item.get_closest_marker("postgresql") and not ON_POSTGRESQL:
            item.add_marker(pytest.mark.skip(reason="runs on PostgreSQL: make test-postgresql"))
        if item.get_closest_marker("sqlite") and ON_POSTGRESQL:
            item.add_marker(pytest.mark.skip(reason="runs on SQLite: make test-sqlite"))
    if ON_POSTGRESQL:
        pure = [item for item in items if not depends_on_database(item)]
        config.hook.pytest_deselected(items=pure)
        items[:] = [item for item in items if depends_on_database(item)]


def depends_on_database(item: pytest.Item) -> bool:
    """Whether the kind of database can make a difference to the test."""
    return touches_database(item) or item.get_closest_marker("own_database") is not None


def touches_database(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", []))
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("postgresql")
    return bool(marked or names & {"db", "transactional_db", "django_db_setup", "live_server"})


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """Each test begins in the program's own language, whatever pages an earlier one asked for."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture
def in_english(own_language: None) -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def sunrise(db: None) -> Cast:
    return make_cast("sunrise", name="青山合作社", households=3, east=118.0)


@pytest.fixture
def riverbend(db: None) -> Cast:
    return make_cast("riverbend", name="河湾合作社", households=1, east=119.0)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real plots, named by `REAL_DATA_DIR`."""
    named = os.environ.get("REAL_DATA_DIR")
    if not named:
        pytest.skip("REAL_DATA_DIR is not set: it names the folder of real plots")
    if not Path(named).is_dir():
        pytest.skip(f"REAL_DATA_DIR is {named}, which is no folder")
    return Path(named)
