"""After an import PostgreSQL knows at once how many rows there are."""

from __future__ import annotations

import pytest
from django.db import connection

from aggregator.bulk import refresh_statistics
from aggregator.models import Household
from tests.cast import Cast


@pytest.mark.postgresql
def test_the_planner_counts_the_rows_just_written(sunrise: Cast) -> None:
    refresh_statistics(Household)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'aggregator_household'")
        assert cursor.fetchone() == (len(sunrise.households),)


def test_elsewhere_nothing_is_asked(sunrise: Cast, django_assert_num_queries: object) -> None:
    expected = 1 if connection.vendor == "postgresql" else 0
    with django_assert_num_queries(expected):  # type: ignore[operator]
        refresh_statistics(Household)
