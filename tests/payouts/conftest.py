"""After every test that used the database the books must prove."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import touches_database


@pytest.fixture(autouse=True)
def proven_books(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that breaks the books on purpose overrides this fixture in its own file."""
    if not touches_database(request.node):
        yield
        return
    # Asked for first, so that it is still there when the test itself is over.
    names = request.fixturenames
    request.getfixturevalue("transactional_db" if "transactional_db" in names else "db")
    yield
    from payouts.books import check_books
    from payouts.models import JournalEntry

    # Tests of statements start from rows made by hand, for which no books are kept.
    if not JournalEntry.objects.exists():
        return

    assert {check.name: check.problems for check in check_books() if check.problems} == {}
