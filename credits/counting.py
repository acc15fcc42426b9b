"""From what was done on a field to its row of a run: the arithmetic once a row, and the writing.

Decides nothing about periods and runs; `credits.monitoring` and `credits.drafts` do.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from aggregator.bulk import write_rows
from credits.activity import ActivityRow, deductions_of
from credits.methodologies.base import Credit, credit_quantity
from credits.models import FieldResult, MonitoringPeriod, QuantificationRun
from credits.registry import METHODOLOGIES

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


def write_results(run: QuantificationRun, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows of a run by the bulk path."""
    write_rows(
        FieldResult,
        ("cooperative_id", "run_id", *COLUMNS),
        ((run.cooperative_id, run.pk, *(row[name] for name in COLUMNS)) for row in rows),
    )
