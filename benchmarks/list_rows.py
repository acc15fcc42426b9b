"""The rows of the lists benchmark: a cooperative's people, land, practices and their traces.

Written with the bulk writer and, but for the lines made here, without a change log.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import shapely
from django.db import connection, transaction

from aggregator.bulk import write_rows
from aggregator.models import (
    AuditEvent,
    Cooperative,
    Household,
    Person,
    RecordChange,
    User,
    Village,
)
from aggregator.record_triggers import lift_triggers
from credits.models import Enrolment, Project
from farms.models import Boundary, Evidence, Field, PracticeRecord, Season, Tenure

FIELDS_A_VILLAGE = 200
# Of either cooperative: what is written in one go is one line of the list of changes.
CHANGE_SETS = 200
LAND_CLASSES = ("", "general", "permanent_basic", "high_standard")
PRACTICES = ("no_till", "straw_return", "organic_fertiliser", "conventional")
# A village is a grid of 20 by 10 plots of about half a hectare; villages stand 60 in a row.
ACROSS, STEP, VILLAGE_STEP, VILLAGES_A_ROW = 20, 0.0008, 0.02, 60
WEST, SOUTH = 112.0, 30.0
NOW = datetime(2025, 11, 1, 8, tzinfo=UTC)


def make_land(count: int) -> User:
    """A cooperative of `count` fields, two a household; returns its operator."""
    # One transaction: SQLite would end one after every row.
    with lift_triggers(connection), transaction.atomic():
        return _make_land(count)


def _make_land(count: int) -> User:
    coop = Cooperative.objects.create(code=f"c{count}", name=f"c{count}")
    user = User.objects.create(username=f"u{count}", cooperative=coop, role="operator")
    villages = _make_villages(coop.pk, -(-count // FIELDS_A_VILLAGE))
    households = _make_households(coop.pk, villages, count // 2)
    fields = _make_fields(coop.pk, villages, count)
    _draw(coop.pk, fields)
    _make_tenures(coop.pk, fields, households)
    records = _make_practices(coop.pk, fields)
    _add_evidence(coop.pk, records)
    _enrol(coop, fields)
    _leave_traces(coop.pk, user.pk, fields)
    return user


def _keys(model: Any, coop: int) -> list[int]:
    """Keys of the rows just made, in the order they were written."""
    own = model.objects.filter(cooperative=coop).order_by("pk")
    return list(own.values_list("pk", flat=True))


def _make_villages(coop: int, count: int) -> list[int]:
    rows = ((coop, f"V{n:04d}", f"村{n}", "") for n in range(count))
    write_rows(Village, ["cooperative_id", "code", "name", "name_en"], rows)
    return _keys(Village, coop)


def _make_households(coop: int, villages: list[int], count: int) -> list[int]:
    columns = ["cooperative_id", "village_id", "code", "phone", "phone_hash", "language"]
    each = FIELDS_A_VILLAGE // 2
    write_rows(
        Household,
        columns,
        ((coop, villages[n // each], f"H{n:07d}", "", "", "zh-hans") for n in range(count)),
    )
    keys = _keys(Household, coop)
    columns = ["cooperative_id", "household_id", "name", "is_head", "leaving"]
    write_rows(
        Person,
        [*columns, "identity_number", "identity_hash"],
        ((coop, key, f"户主{n}", True, "", "", "") for n, key in enumerate(keys)),
    )
    return keys


def _make_fields(coop: int, villages: list[int], count: int) -> list[int]:
    columns = ["cooperative_id", "village_id", "code", "name", "land_class", "contract_area_m2"]
    write_rows(
        Field,
        columns,
        (
            (
                coop,
                villages[n // FIELDS_A_VILLAGE],
                f"F{n:08d}",
                f"东坡{n % 997}",
                LAND_CLASSES[n % len(LAND_CLASSES)],
                Decimal(3000 + n % 4001),
            )
            for n in range(count)
        ),
    )
    return _keys(Field, coop)


def _box(n: int) -> tuple[float, float, float, float]:
    village, place = divmod(n, FIELDS_A_VILLAGE)
    row, column = divmod(village, VILLAGES_A_ROW)
    down, right = divmod(place, ACROSS)
    x = WEST + column * VILLAGE_STEP + right * STEP
    y = SOUTH + row * VILLAGE_STEP + down * STEP
    return x, y, x + 0.7 * STEP, y + 0.7 * STEP


def _draw(coop: int, fields: list[int]) -> None:
    columns = ["cooperative_id", "field_id", "version", "geometry_wkb", "area_m2"]
    columns += ["min_x", "min_y", "max_x", "max_y", "source_crs", "recorded_at", "origin"]
    rows = (
        (
            *(coop, key, 1, shapely.box(*_box(n)).wkb, Decimal(3350 + n % 3989)),
            *(*_box(n), "", NOW, "import"),
        )
        for n, key in enumerate(fields)
    )
    write_rows(Boundary, columns, rows)


def _make_tenures(coop: int, fields: list[int], households: list[int]) -> None:
    columns = ["cooperative_id", "field_id", "household_id", "kind", "starts_on"]
    rows = (
        (coop, key, households[n // 2], "transfer" if n % 5 == 0 else "contract", "2020-01-01")
        for n, key in enumerate(fields)
    )
    write_rows(Tenure, columns, rows)


def _make_practices(coop: int, fields: list[int]) -> list[int]:
    days = ((2024, "2024-05-01", "2024-11-30"), (2025, "2025-05-01", "2025-11-30"))
    seasons = [
        Season.objects.create(cooperative_id=coop, code=str(year), starts_on=first, ends_on=last).pk
        for year, first, last in days
    ]
    columns = ["cooperative_id", "field_id", "season_id", "practice", "crop", "irrigated"]
    columns += ["note", "status", "decision_note", "done_on"]
    write_rows(
        PracticeRecord,
        columns,
        (
            (
                *(coop, key, season, PRACTICES[n % len(PRACTICES)], "rice", n % 2 == 0),
                *("", "reported" if n % 50 == 0 else "confirmed", "", f"2025-06-{n % 30 + 1:02d}"),
            )
            for season in seasons
            for n, key in enumerate(fields)
        ),
    )
    return _keys(PracticeRecord, coop)


def _add_evidence(coop: int, records: list[int]) -> None:
    """Every other record has a file; one in forty of the files is doubtful."""
    columns = ["cooperative_id", "record_id", "file_name", "file", "sha256", "added_at", "kind"]
    columns += ["view", "doubts", "suspicion", "examined"]
    rows = (
        (
            *(coop, key, f"照片{n}.jpg", f"evidence/{key}", f"{key:064d}", NOW, "photo"),
            *("", *((["far_from_field"], "grave") if n % 40 == 0 else ([], "")), True),
        )
        for n, key in enumerate(records[::2])
    )
    write_rows(Evidence, columns, rows)


def _enrol(coop: Cooperative, fields: list[int]) -> None:
    project = Project.objects.create(
        cooperative=coop,
        code="P1",
        name="P1",
        program="benchmark",
        methodology="benchmark",
        starts_on="2024-01-01",
        ends_on="2030-12-31",
    )
    rows = (
        (coop.pk, project.pk, key, "refused" if n % 9 == 0 else "enrolled", [], NOW)
        for n, key in enumerate(fields)
    )
    columns = ["cooperative_id", "project_id", "field_id", "status", "reasons", "checked_at"]
    write_rows(Enrolment, columns, rows)


def _leave_traces(coop: int, user: int, fields: list[int]) -> None:
    """A change and an event a field: what as many imports, large or small, leave in the logs."""
    columns = ["cooperative_id", "at", "by_id", "via", "change_set", "action", "object_type"]
    moments = [NOW + timedelta(minutes=n * CHANGE_SETS // len(fields)) for n in range(len(fields))]
    changes = (
        (
            *(coop, at, user, "admin", int(at.timestamp() * 1e6), "added", "field", key, None),
            {"code": f"F{n:08d}"},
        )
        for n, (key, at) in enumerate(zip(fields, moments, strict=True))
    )
    write_rows(RecordChange, [*columns, "object_id", "before", "after"], changes)
    columns = ["cooperative_id", "by_id", "action", "object_type", "object_id", "details", "at"]
    events = (
        (coop, user, "changed", "field", str(key), {}, NOW + timedelta(seconds=n))
        for n, key in enumerate(fields)
    )
    write_rows(AuditEvent, columns, events)
