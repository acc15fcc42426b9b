"""From what was done on a field to its row of a run: the arithmetic once a row, and the writing.

Decides nothing about periods and runs; `monitoring` and `drafts` do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from aggregator.bulk import JsonText, write_rows
from aggregator.canonical import canonical_json
from credits.counting.activity import ActivityRow, deductions_of
from credits.methodologies.base import Credit, credit_quantity
from credits.models import FieldResult, MonitoringPeriod, QuantificationRun
from credits.registry import METHODOLOGIES

Cells = tuple[Any, ...]
_quoted = json.encoder.encode_basestring
# The columns of a result row that the hash and the table share, after the two codes.
COLUMNS = (
    "field_id",
    "boundary_id",
    "household_id",
    "starts_on",
    "ends_on",
    "area_m2",
    "practice",
    "practices",
    "gross_kg",
    "reserve_kg",
    "credited_kg",
    "terms",
)


class PeriodCount:
    """What all rows of a period have in common, looked up once."""

    def __init__(self, period: MonitoringPeriod) -> None:
        project = period.project
        self._methodology = METHODOLOGIES[project.methodology]
        self._parameters = project.parameters
        self._reserve_rate = Fraction(project.terms["reserve_rate"])
        self._deductions = deductions_of(period)

    def work_out(self, row: ActivityRow) -> dict[str, Any]:
        """A result row: what the methodology found, after rights and deductions."""
        activity = row.activity
        credit = credit_quantity(
            self._methodology.quantify(activity, self._parameters),
            reserve_rate=self._reserve_rate,
            withheld=row.withheld,
            deductions=self._deductions,
        )
        return {
            "field_code": row.field_code,
            "household_code": row.household_code,
            "field_id": row.field_id,
            "boundary_id": row.boundary_id,
            "household_id": row.household_id,
            "starts_on": activity.span.starts_on,
            "ends_on": activity.span.ends_on,
            "area_m2": activity.area_m2,
            "practices": sorted(activity.practices),
            **credit_columns(credit),
        }


def credit_columns(credit: Credit) -> dict[str, Any]:
    """The columns of a row that a credit decides."""
    return {
        "practice": credit.practice,
        "gross_kg": credit.gross_kg,
        "reserve_kg": credit.reserve_kg,
        "credited_kg": credit.credited_kg,
        "terms": credit.terms,
    }


def hashed_columns(row: dict[str, Any]) -> dict[str, Any]:
    """A result row with codes for keys of the database, and texts for days and areas."""
    kept = {name: value for name, value in row.items() if not name.endswith("_id")}
    return kept | {name: str(row[name]) for name in ("starts_on", "ends_on", "area_m2")}


def lay_out(row: dict[str, Any]) -> tuple[bytes, Cells]:
    """A result row as it enters the hash, and as its columns are written.

    The first is `canonical_json` of the `hashed_columns`; put together by hand, a long text of
    terms is written once for both, and days and areas become texts once.
    """
    starts_on, ends_on, area_m2 = str(row["starts_on"]), str(row["ends_on"]), str(row["area_m2"])
    gross_kg, reserve_kg, credited_kg = row["gross_kg"], row["reserve_kg"], row["credited_kg"]
    practices = canonical_json(row["practices"]).decode()
    terms = canonical_json(row["terms"]).decode()
    hashed = (
        f'{{"area_m2":"{area_m2}","credited_kg":{credited_kg},"ends_on":"{ends_on}"'
        f',"field_code":{_quoted(row["field_code"])},"gross_kg":{gross_kg}'
        f',"household_code":{_quoted(row["household_code"])},"practice":{_quoted(row["practice"])}'
        f',"practices":{practices},"reserve_kg":{reserve_kg},"starts_on":"{starts_on}"'
        f',"terms":{terms}}}'
    )
    keys = (row["field_id"], row["boundary_id"], row["household_id"])
    found = (row["practice"], JsonText(practices), gross_kg, reserve_kg, credited_kg)
    return hashed.encode(), (*keys, starts_on, ends_on, area_m2, *found, JsonText(terms))


def write_results(run: QuantificationRun, rows: Iterable[Cells]) -> None:
    """Write rows of a run by the bulk path; cells in the order of `COLUMNS`."""
    write_rows(
        FieldResult,
        ("cooperative_id", "run_id", *COLUMNS),
        ((run.cooperative_id, run.pk, *cells) for cells in rows),
    )
