"""Who meets a large file being written is told to come again, on every kind of page."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from aggregator.busy_records import BusyRecordsMiddleware
from aggregator.locks import RecordsBusy


def locked_sqlite(folder: Path) -> OperationalError:
    """What Django raises where another connection writes."""
    first, second = (
        sqlite3.connect(folder / "a.sqlite3", timeout=0, isolation_level=None) for _ in range(2)
    )
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as locked:
        second.execute("BEGIN IMMEDIATE")
    error = OperationalError(str(locked.value))
    error.__cause__ = locked.value
    return error


def answer(address: str, error: Exception) -> tuple[int, str, str]:
    middleware = BusyRecordsMiddleware(lambda _request: None)  # type: ignore[arg-type,return-value]
    found = middleware.process_exception(RequestFactory().post(address), error)
    assert found is not None
    return found.status_code, found["Retry-After"], found.content.decode()


@pytest.mark.usefixtures("in_english")
def test_a_page_says_that_a_file_is_being_written(tmp_path: Path) -> None:
    for error in (locked_sqlite(tmp_path), RecordsBusy()):
        status, retry, page = answer("/admin/farms/field/", error)
        assert (status, retry) == (503, "60")
        assert "A file is being written to these records. Try again in a minute." in page


@pytest.mark.usefixtures("in_english")
def test_the_api_says_it_with_a_code(tmp_path: Path) -> None:
    status, _retry, said = answer("/api/fields/", locked_sqlite(tmp_path))
    assert (status, '"code": "records_busy"' in said) == (503, True)


def test_any_other_error_stays_an_error() -> None:
    middleware = BusyRecordsMiddleware(lambda _request: None)  # type: ignore[arg-type,return-value]
    for error in (OperationalError("no such table: a"), ValueError("a")):
        assert middleware.process_exception(RequestFactory().get("/admin/"), error) is None
