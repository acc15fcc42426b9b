"""Bringing in fields: outlines, contract areas and who holds them, from one map layer.

An empty cell says nothing: it never clears what is on record. A changed outline adds a version.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import shapely
from django.utils.translation import gettext as _

from aggregator.changes import Changes, assign
from aggregator.importing import Counts, ImportJob, ImportReport, RowError, run_import
from aggregator.models import Cooperative, User
from aggregator.rows import note_unread
from aggregator.units import m2_to
from farms.boundaries import make_boundary
from farms.field_columns import FIELD_CODE_DIGITS
from farms.field_places import note_places, refuse_overlaps
from farms.field_record import FieldRecord
from farms.field_rows import STEP, FieldRow, FieldSheet, Progress, read_field_rows
from farms.field_tenures import TenurePlan
from farms.geometry import same_outline
from farms.grain_guard import refresh_flags
from farms.layers import read_layer
from farms.models import Boundary, Field, Tenure

# DOMAIN: a drawn area further than this from the contract's is flagged, never replaced.
_AREA_DIFFERENCE = Decimal("0.05")


def import_fields(
    path: Path | str,
    *,
    cooperative: Cooperative,
    by: User | None,
    dry_run: bool = False,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    **options: Any,
) -> ImportReport:
    """Bring in a layer of fields, one feature each, upserted by field code.

    `columns` names the layer's own column for a key (``{"field_code": "ID"}``, ``fid`` for the
    feature's number), `constants` gives one value to all (``{"village_code": "V1"}``). The option
    `convert_from` (``gcj02``, ``bd09``) moves a shifted file back to where it belongs.
    """
    return run_import(
        Path(path),
        ImportJob("fields", cooperative, by, dry_run),
        read=lambda file: read_field_rows(
            read_layer(file), columns=columns or {}, constants=constants or {}, **options
        ),
        plan=lambda sheet: FieldPlan(sheet, cooperative, by=by),
    )


class FieldPlan:
    """What the layer changes, worked out field by field against what is on record."""

    def __init__(
        self,
        sheet: FieldSheet,
        cooperative: Cooperative,
        *,
        by: User | None = None,
        on_progress: Progress | None = None,
    ) -> None:
        self.cooperative = cooperative
        self.by = by
        self.source_crs = sheet.source_crs
        self.counts = Counts()
        self.errors = sheet.errors
        self.notes = note_unread(sheet.ignored) + sheet.notes
        self.changes = Changes([Field, Boundary, Tenure])
        self.known = FieldRecord(cooperative)
        self.tenures = TenurePlan(self.known, self.changes)
        # New ones have no key before they are written.
        self.touched: list[Field] = []
        living = [row for row in sheet.rows if not self._refuse_ended(row)]
        for at, row in enumerate(living, start=1):
            self._plan_row(row)
            if on_progress and not at % STEP:
                on_progress(at, len(living))
        # Of a large file the longest step of all.
        refuse_overlaps(
            living,
            self.known,
            cooperative,
            see=lambda at: on_progress(at, len(living)) if on_progress else None,
        )
        errors, notes = note_places(living, self.known.outlines)
        self.errors += errors
        self.notes += [*self.tenures.notes, *notes]

    def apply(self) -> None:
        self.changes.apply()
        refresh_flags(self.cooperative, {field.pk for field in self.touched})

    def _refuse_ended(self, row: FieldRow) -> bool:
        """Whether the row speaks of a field that was split or merged, and is refused for that."""
        field = self.known.fields.get(row.code)
        if field is None or field.ends_on is None:
            return False
        reason = _("This field ended on %(day)s. The fields that came of it: %(codes)s.") % {
            "day": field.ends_on.isoformat(),
            "codes": ", ".join(self.known.successors.get(field.pk, [])) or "-",
        }
        row.reader.refuse("field_code", reason, code="field_ended")
        return True

    def _plan_row(self, row: FieldRow) -> None:
        field = self.known.fields.get(row.code)
        village = self._find_village(row)
        self._note_areas(row)
        if field is None:
            if village is None and not row.village_code and not row.contract.household_code:
                row.reader.refuse(
                    "village_code", _("A new field needs its village or its household.")
                )
            new = self._make_field(row, village)
            self.tenures.plan_tenures(new, row)
            self.counts.created += 1
            self.touched.append(new)
            return
        changed = self._change_field(field, row, village)
        changed = self._plan_boundary(field, row) or changed
        changed = self.tenures.plan_tenures(field, row) or changed
        if changed:
            self.counts.updated += 1
            self.touched.append(field)
        else:
            self.counts.unchanged += 1

    def _find_village(self, row: FieldRow) -> int | None:
        """The village named, else that of a new field's household, else that of its code."""
        if row.village_code:
            village = self.known.villages.get(row.village_code)
            if village is None:
                row.reader.refuse("village_code", _("There is no such village here."))
            return village
        if row.code in self.known.fields:
            return None
        household = self.known.find_household(row.contract.household_code)
        return household.village_id if household else self._village_of_code(row.code)

    def _village_of_code(self, code: str) -> int | None:
        """GB/T 35958-2018: a parcel's code begins with its group's (14) and village's (12)."""
        if not (len(code) == FIELD_CODE_DIGITS and code.isdigit()):
            return None
        return self.known.villages.get(code[:14]) or self.known.villages.get(code[:12])

    def _make_field(self, row: FieldRow, village: int | None) -> Field:
        field = Field(
            cooperative=self.cooperative,
            village_id=village,  # type: ignore[misc]  # None only in a plan that is refused
            code=row.code,
            name=row.name,
            contract_area_m2=row.contract_area_m2,
            land_class=row.land_class or Field.LandClass.UNKNOWN,
        )
        self.changes.make(field)
        self._add_boundary(field, row, version=1)
        return field

    def _change_field(self, field: Field, row: FieldRow, village: int | None) -> bool:
        changed = assign(
            field,
            name=row.name,
            village_id=village,
            contract_area_m2=row.contract_area_m2,
            land_class=row.land_class,
        )
        return self.changes.change(field, *changed)

    def _plan_boundary(self, field: Field, row: FieldRow) -> bool:
        if row.outline is None:
            return False
        version, wkb = self.known.boundaries.get(field.pk, (0, b""))
        if wkb and (
            wkb == shapely.to_wkb(row.outline.polygon)
            or same_outline(shapely.from_wkb(wkb), row.outline.polygon)
        ):
            return False
        self._add_boundary(field, row, version=version + 1)
        return True

    def _add_boundary(self, field: Field, row: FieldRow, *, version: int) -> None:
        if row.outline is None:
            return
        boundary = make_boundary(field, row.outline, version=version, source_crs=self.source_crs)
        boundary.recorded_by, boundary.origin = self.by, row.origin
        self.changes.make(boundary)

    def _note_areas(self, row: FieldRow) -> None:
        self._note_area(
            row,
            row.contract_area_m2,
            _("Drawn %(drawn)s, by contract %(given)s (%(unit)s): %(percent)s%% apart."),
            "area_contract",
        )
        self._note_area(
            row,
            row.measured_area_m2,
            _("Drawn %(drawn)s, measured %(given)s by the file (%(unit)s): %(percent)s%% apart."),
            "area_measured",
        )

    def _note_area(self, row: FieldRow, given: Decimal | None, reason: str, code: str) -> None:
        if row.outline is None or given is None:
            return
        apart = abs(row.outline.area_m2 - given) / given
        if apart <= _AREA_DIFFERENCE:
            return
        unit = self.cooperative.area_unit
        values = {
            "drawn": m2_to(row.outline.area_m2, unit),
            "given": m2_to(given, unit),
            "unit": self.cooperative.get_area_unit_display(),
            "percent": f"{apart * 100:.1f}",
        }
        self.notes.append(RowError(row.number, _("boundary"), reason % values, row.code, code))
