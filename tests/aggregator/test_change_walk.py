"""The change log's groups are found one after another, without reading the lines of any."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models import Min
from django.test.utils import CaptureQueriesContext

from aggregator import change_walk
from aggregator.change_walk import walk_groups
from aggregator.models import RecordChange
from tests.admin_pages import signed_in
from tests.cast import Cast

DAY = 86_400 * 1_000_000
NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
LIST = "/admin/aggregator/recordchange/"


def write(
    cast: Cast, days: int, *, kind: str = "village", action: str = "changed", **by: Any
) -> int:
    """A line of the transaction that began so many days after noon of 1 May 2031; its key."""
    change_set = int(NOON.timestamp() * 1e6) + days * DAY
    line = RecordChange.objects.create(
        cooperative=cast.cooperative,
        at=datetime.fromtimestamp(change_set / 1e6, UTC),
        change_set=change_set,
        action=action,
        object_type=kind,
        object_id=7,
        **by,
    )
    return line.pk


def first_lines(cast: Cast) -> set[int]:
    """What the walk should find, by reading every line."""
    columns = ["change_set", "object_type", "action", "by_id", "household_id"]
    own = RecordChange.objects.filter(cooperative=cast.cooperative).order_by()
    grouped = own.values(*columns).annotate(first=Min("pk"))
    return set(grouped.values_list("first", flat=True))


def walked(cast: Cast, **asked: Any) -> list[int]:
    return [key for keys in walk_groups(cast.cooperative.pk, **asked) for key in keys]


@pytest.fixture
def busy(sunrise: Cast) -> Cast:
    """Two kinds, two actions and the work of three people on three days."""
    for days in range(3):
        for kind in ("village", "household"):
            for action in ("changed", "removed"):
                for by in (None, sunrise.operator, sunrise.approver, sunrise.operator):
                    write(sunrise, days, kind=kind, action=action, by=by)
    write(sunrise, 1, household=sunrise.households[0])
    return sunrise


@pytest.mark.parametrize("steps", [2, 3, 1_001])
@pytest.mark.parametrize("oldest", [True, False])
def test_the_walk_finds_the_first_line_of_every_group_once(
    busy: Cast, riverbend: Cast, monkeypatch: pytest.MonkeyPatch, steps: int, oldest: bool
) -> None:
    monkeypatch.setattr(change_walk, "STEPS", steps)
    write(riverbend, 1)
    found = walked(busy, oldest=oldest)
    assert len(found) == len(set(found))
    assert set(found) == first_lines(busy)


def test_the_newest_transactions_come_first_and_turned_the_oldest(sunrise: Cast) -> None:
    keys = [write(sunrise, days) for days in (0, 1, 2)]
    assert walked(sunrise)[:3] == keys[::-1]
    assert walked(sunrise, oldest=True)[-3:] == keys


def test_only_what_began_within_the_time_is_looked_at(sunrise: Cast) -> None:
    keys = [write(sunrise, days) for days in (0, 5, 10)]
    ends = [datetime(2031, 5, day, tzinfo=UTC) for day in (4, 9)]
    assert walked(sunrise, between=(ends[0], ends[1])) == [keys[1]]
    assert walked(sunrise, between=(None, ends[0]), oldest=True)[-1] == keys[0]
    assert walked(sunrise, between=(ends[1], None)) == [keys[2]]


def test_the_list_of_a_time_shows_what_began_in_it(sunrise: Cast) -> None:
    keys = [write(sunrise, days) for days in (0, 5, 10)]
    asked = {"at__gte": "2031-05-05 00:00:00+08:00", "at__lt": "2031-05-08 00:00:00+08:00"}
    shown = signed_in(sunrise.operator).get(LIST, asked).context["cl"].result_list
    assert [line.pk for line in shown] == [keys[1]]


def test_more_lines_of_a_group_cost_no_more_queries(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    counts = []
    for _more in range(2):
        for _line in range(20):
            write(sunrise, 1)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(LIST, {"object_type": "village", "action__exact": "changed"})
        counts.append(len(queries))
        assert page.context["cl"].result_count == 1
    assert counts[0] == counts[1]


def test_a_step_is_a_place_in_an_index(sunrise: Cast) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a small table is read whole by PostgreSQL, whatever its indexes")
    with CaptureQueriesContext(connection) as queries:
        walked(sunrise)
    (sql,) = [each["sql"] for each in queries if "RECURSIVE" in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = [row[3] for row in cursor.fetchall()]
    # By the key of a line, or by the index of the groups: action, kind and set.
    reads = [line for line in plan if "aggregator_recordchange" in line or " n " in line]
    assert any("change_set=? AND object_type=? AND action" in line for line in reads), plan
    assert not any("SCAN n" in line or "TEMP B-TREE" in line for line in plan), plan
