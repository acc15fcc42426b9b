"""The rows of the quantification benchmark: a pool made in bulk, its results written plainly."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from aggregator.bulk import refresh_statistics, write_rows
from aggregator.models import Agreement, Cooperative, Household, Membership, User, Village
from credits.counting.quantification_jobs import request_count
from credits.models import (
    Enrolment,
    FieldResult,
    MonitoringPeriod,
    Project,
    QuantificationJob,
    QuantificationRun,
)
from farms.models import Boundary, Field, PracticeRecord, Season, Tenure

FIELDS_A_HOUSEHOLD = 2
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
BEGAN = date(2020, 1, 1)
# As many kinds as a large county has: practices, watered or not, are what a rate hangs on.
PRACTICES = ("no_till", "straw_return", "organic_fertiliser", "no_till")
COLUMNS = ("cooperative_id", "run_id", "field_id", "boundary_id", "household_id", "starts_on")
COLUMNS += ("ends_on", "area_m2", "practice", "practices", "gross_kg", "reserve_kg")
COLUMNS += ("credited_kg", "terms")


@transaction.atomic
def make_pool(fields: int) -> MonitoringPeriod:
    """An open period of a pool: every field held, signed for, and with a practice recorded."""
    cooperative = Cooperative.objects.create(code="bench", name="bench")
    village = Village.objects.create(cooperative=cooperative, code="V1", name="v")
    owned = {"cooperative": cooperative}
    project = Project.objects.create(
        **owned,
        code="bench",
        name="bench",
        program="ccx",
        starts_on=FIRST,
        ends_on=date(2029, 12, 31),
        methodology="ccx-soil",
        terms={"reserve_rate": "0.20", "retroactive_agreements": True},
        parameters={"region": "plain", "rates": [_rate(code) for code in set(PRACTICES)]},
    )
    period = MonitoringPeriod.objects.create(
        **owned, project=project, code="2025", starts_on=FIRST, ends_on=LAST
    )
    season = Season.objects.create(**owned, name="2025", starts_on=FIRST, ends_on=LAST)
    _make_people(cooperative.pk, village.pk, fields // FIELDS_A_HOUSEHOLD)
    _make_land(cooperative.pk, village.pk, fields)
    _make_deeds(cooperative.pk, project.pk, season.pk)
    refresh_statistics(Household, Field, Boundary, Tenure, Agreement, PracticeRecord, Enrolment)
    return period


def ask_for_count(period: MonitoringPeriod) -> QuantificationJob:
    """A job as the button makes it."""
    by = User.objects.create(
        username="bench", cooperative=period.cooperative, role=User.Role.OPERATOR
    )
    return request_count(period, purpose=QuantificationJob.Purpose.PREVIEW, by=by)


def counted_run() -> QuantificationRun:
    """What the job has counted: a result for every field."""
    job = QuantificationJob.objects.get()
    run = job.run
    if run is None or run.results.count() != job.fields_total:
        raise RuntimeError(f"the count is {job.status}: {job.reason}")
    return run


def open_copy(run: QuantificationRun) -> QuantificationRun:
    """A run for the copied rows to belong to; its version tells it from the counted one."""
    return QuantificationRun.objects.create(
        cooperative_id=run.cooperative_id,
        period_id=run.period_id,
        methodology=run.methodology,
        methodology_version="copy",
        inputs_sha256=run.inputs_sha256,
        results_sha256=run.results_sha256,
        gross_kg=run.gross_kg,
        reserve_kg=run.reserve_kg,
        credited_kg=run.credited_kg,
    )


def finished_rows(run: QuantificationRun, copy: QuantificationRun) -> list[tuple[Any, ...]]:
    """A run's rows as the driver takes them, for the run they are copied to."""
    rows = run.results.order_by("pk").values_list(*COLUMNS).iterator(chunk_size=10_000)
    sqlite = connection.vendor == "sqlite"
    return [
        (
            row[0],
            copy.pk,
            *row[2:5],
            *((str(cell) for cell in row[5:8]) if sqlite else row[5:8]),
            row[8],
            json.dumps(row[9]),
            *row[10:13],
            json.dumps(row[13], ensure_ascii=False),
        )
        for row in rows
    ]


@transaction.atomic
def write_plainly(rows: list[tuple[Any, ...]]) -> None:
    """COPY, or executemany, of finished rows, and nothing else."""
    table, names = FieldResult._meta.db_table, ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(COLUMNS))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)


def _rate(practice: str) -> dict[str, Any]:
    return {
        "practice": practice,
        "region": "plain",
        "irrigated": None,
        "vintage_from": 2020,
        "vintage_to": None,
        "t_per_hectare_year": {"no_till": "1.2", "straw_return": "0.95"}.get(practice, "0.4"),
        "source": "round figures of a benchmark",
    }


def _make_people(cooperative: int, village: int, count: int) -> None:
    columns = ["cooperative_id", "village_id", "code", "phone", "phone_hash", "language"]
    codes = (f"H{place:07d}" for place in range(count))
    write_rows(
        Household, columns, ((cooperative, village, code, "", "", "zh-hans") for code in codes)
    )
    keys = list(Household.objects.order_by("code").values_list("pk", flat=True))
    owned = {"cooperative_id": cooperative, "starts_on": BEGAN}
    _write(Membership, ({**owned, "household_id": key} for key in keys))
    signed = {**owned, "signed_on": BEGAN, "ends_on": date(2029, 12, 31), "whole_holding": True}
    _write(Agreement, ({**signed, "household_id": key, "code": f"A{key:07d}"} for key in keys))


def _write(model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    """Rows by the bulk path, with the model's defaults for what they do not say."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    defaults = {field.attname: field.get_default() for field in fields}
    write_rows(model, list(defaults), ([*(defaults | row).values()] for row in rows))


def _make_land(cooperative: int, village: int, count: int) -> None:
    write_rows(
        Field,
        ["cooperative_id", "village_id", "code", "name", "land_class"],
        ((cooperative, village, f"F{place:08d}", "", "") for place in range(count)),
    )
    fields = list(Field.objects.order_by("code").values_list("pk", flat=True))
    columns = ["cooperative_id", "field_id", "version", "geometry_wkb", "area_m2"]
    columns += ["min_x", "min_y", "max_x", "max_y", "source_crs", "origin", "recorded_at"]
    now = timezone.now()
    write_rows(
        Boundary,
        columns,
        (
            (cooperative, key, 1, b"", _area(place), 0.0, 0.0, 0.0, 0.0, "", "import", now)
            for place, key in enumerate(fields)
        ),
    )
    owners = list(Household.objects.order_by("code").values_list("pk", flat=True))
    write_rows(
        Tenure,
        ["cooperative_id", "field_id", "household_id", "kind", "starts_on"],
        (
            (cooperative, key, owners[place // FIELDS_A_HOUSEHOLD], Tenure.Kind.CONTRACT, BEGAN)
            for place, key in enumerate(fields)
        ),
    )


def _make_deeds(cooperative: int, project: int, season: int) -> None:
    fields = list(Field.objects.order_by("code").values_list("pk", flat=True))
    now = timezone.now()
    recorded = {"cooperative_id": cooperative, "season_id": season}
    _write(
        PracticeRecord,
        (
            {
                **recorded,
                "field_id": key,
                "practice": PRACTICES[place % 4],
                "irrigated": place % 8 > 3,
            }
            for place, key in enumerate(fields)
        ),
    )
    write_rows(
        Enrolment,
        ["cooperative_id", "project_id", "field_id", "status", "reasons", "checked_at"],
        ((cooperative, project, key, "enrolled", [], now) for key in fields),
    )


def _area(place: int) -> Decimal:
    """Areas that look surveyed, and are the same in every run: 300 to 2,300 m²."""
    return Decimal(30_000 + place * 2_654_435_761 % 200_000).scaleb(-2)
