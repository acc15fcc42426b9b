"""Fixtures shared by every test: the cast of two cooperatives."""

import pytest

from tests.cast import Cast, make_cast


@pytest.fixture
def sunrise(db: None) -> Cast:
    return make_cast("sunrise", name="青山合作社", households=3, east=118.0)


@pytest.fixture
def riverbend(db: None) -> Cast:
    return make_cast("riverbend", name="河湾合作社", households=1, east=119.0)
