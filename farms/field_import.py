"""Bringing in fields: outlines, contract areas and who holds them, from one map layer.

An empty cell says nothing: it never clears what is on record. A changed outline adds a version.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import shapely
from django.conf import settings
from django.utils.translation import gettext as _

from aggregator.changes import Changes, assign
from aggregator.importing import Counts, ImportJob, ImportReport, RowError, run_import
from aggregator.models import Cooperative, Household, User, Village
from aggregator.rows import note_unread
from aggregator.units import m2_to
from farms.boundaries import boundaries_near, latest_boundaries, make_boundary
from farms.field_rows import FieldRow, FieldSheet, Holding, read_field_rows
from farms.geometry import find_overlaps, same_outline
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
) -> ImportReport:
    """Bring in a layer of fields, one feature each, upserted by field code.

    `columns` names the layer's own column for a key (``{"field_code": "ID"}``, ``fid`` for the
    feature's number), `constants` gives one value to all (``{"village_code": "V1"}``).
    """
    return run_import(
        Path(path),
        ImportJob("fields", cooperative, by, dry_run),
        read=lambda file: read_field_rows(
            read_layer(file), columns=columns or {}, constants=constants or {}
        ),
        plan=lambda sheet: FieldPlan(sheet, cooperative),
    )


class FieldPlan:
    """What the layer changes, worked out field by field against what is on record."""

    def __init__(self, sheet: FieldSheet, cooperative: Cooperative) -> None:
        self.cooperative = cooperative
        self.source_crs = sheet.source_crs
        self.counts = Counts()
        self.errors = sheet.errors
        self.notes = note_unread(sheet.ignored)
        self.changes = Changes([Field, Boundary, Tenure])
        self.known = _OnRecord(cooperative)
        for row in sheet.rows:
            self._plan_row(row)
        self._refuse_overlaps(sheet.rows)

    def apply(self) -> None:
        self.changes.apply()

    def _plan_row(self, row: FieldRow) -> None:
        field = self.known.fields.get(row.code)
        village = self._find_village(row)
        if field is None:
            if village is None and not row.village_code and not row.contract.household_code:
                row.reader.refuse(
                    "village_code", _("A new field needs its village or its household.")
                )
            new = self._make_field(row, village)
            self._plan_tenures(new, row)
            self.counts.created += 1
            return
        changed = self._change_field(field, row, village)
        changed = self._plan_boundary(field, row) or changed
        changed = self._plan_tenures(field, row) or changed
        if changed:
            self.counts.updated += 1
        else:
            self.counts.unchanged += 1

    def _find_village(self, row: FieldRow) -> int | None:
        """The village named, else that of the household a new field comes with."""
        if row.village_code:
            village = self.known.villages.get(row.village_code)
            if village is None:
                row.reader.refuse("village_code", _("There is no such village here."))
            return village
        if row.code in self.known.fields:
            return None
        household = self.known.households.get(row.contract.household_code)
        return household.village_id if household else None

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
        if row.outline is not None:
            self.changes.make(
                make_boundary(field, row.outline, version=1, source_crs=self.source_crs)
            )
        self._note_area(row)
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
        self.changes.make(
            make_boundary(field, row.outline, version=version + 1, source_crs=self.source_crs)
        )
        self._note_area(row)
        return True

    def _note_area(self, row: FieldRow) -> None:
        contract = row.contract_area_m2
        if row.outline is None or contract is None:
            return
        apart = abs(row.outline.area_m2 - contract) / contract
        if apart > _AREA_DIFFERENCE:
            unit = self.cooperative.area_unit
            reason = _("Drawn %(drawn)s, by contract %(contract)s (%(unit)s): %(percent)s%% apart.")
            values = {
                "drawn": m2_to(row.outline.area_m2, unit),
                "contract": m2_to(contract, unit),
                "unit": self.cooperative.get_area_unit_display(),
                "percent": f"{apart * 100:.1f}",
            }
            self.notes.append(RowError(row.number, _("boundary"), reason % values, row.code))

    def _plan_tenures(self, field: Field, row: FieldRow) -> bool:
        changed = self._plan_tenure(field, row, Tenure.Kind.CONTRACT, row.contract)
        # The contractor farming his own land is no transfer.
        operator = row.transfer.household_code
        if operator and operator == row.contract.household_code:
            return changed
        return self._plan_tenure(field, row, Tenure.Kind.TRANSFER, row.transfer) or changed

    def _plan_tenure(
        self, field: Field, row: FieldRow, kind: Tenure.Kind, holding: Holding
    ) -> bool:
        household = self._find_holder(row, holding)
        if household is None:
            return False
        spans = [s for s in self.known.tenures.get(field.pk, []) if s.kind == kind]
        if holding.starts_on is None:
            same = next((s for s in reversed(spans) if s.household_id == household.pk), None)
        else:
            same = next((s for s in spans if s.starts_on == holding.starts_on), None)
        starts_on = same.starts_on if same else holding.starts_on
        if starts_on is None:
            if holding.starts_key not in row.reader.row.refused:
                row.reader.refuse(holding.starts_key, _("Since when? This date is missing."))
            return False
        ends_on = holding.ends_on or (same.ends_on if same else None)
        others = [span for span in spans if span is not same]
        if same is not None and same.household_id != household.pk:
            others = [same]
        if self._refuse_contest(row, holding, others, (starts_on, ends_on)):
            return False
        if same is not None:
            return self.changes.change(same, *assign(same, ends_on=ends_on))
        self.changes.make(
            Tenure(
                cooperative=self.cooperative,
                field=field,
                household=household,
                kind=kind,
                starts_on=starts_on,
                ends_on=ends_on,
            )
        )
        return True

    def _find_holder(self, row: FieldRow, holding: Holding) -> Household | None:
        if not holding.household_code:
            if holding.starts_on or holding.ends_on:
                row.reader.refuse(
                    holding.household_key, _("The dates are here, the household not.")
                )
            return None
        household = self.known.households.get(holding.household_code)
        if household is None:
            row.reader.refuse(
                holding.household_key, _("There is no such household here. Bring it in first.")
            )
        return household

    def _refuse_contest(
        self,
        row: FieldRow,
        holding: Holding,
        others: list[Tenure],
        span: tuple[date, date | None],
    ) -> bool:
        """Refuse days on which the same field would be held twice in the same way."""
        starts_on, ends_on = span
        if ends_on and ends_on < starts_on:
            # Both of them in the row: told already.
            if holding.starts_on is None:
                row.reader.refuse(holding.ends_key, _("The end is before the start on record."))
            return True
        for other in others:
            if other.starts_on <= (ends_on or date.max) and starts_on <= (
                other.ends_on or date.max
            ):
                row.reader.refuse(
                    holding.household_key,
                    _("Household %(code)s holds it from %(day)s. Give that an end date first.")
                    % {
                        "code": self.known.household_codes[other.household_id],
                        "day": other.starts_on.isoformat(),
                    },
                )
                return True
        return False

    def _refuse_overlaps(self, rows: list[FieldRow]) -> None:
        drawn = [(row, row.outline.polygon) for row in rows if row.outline is not None]
        polygons = [polygon for _row, polygon in drawn]
        replaced = {
            field.pk for row, _polygon in drawn if (field := self.known.fields.get(row.code))
        }
        others = boundaries_near(self.cooperative, polygons, without=replaced)
        codes = [row.code for row, _polygon in drawn] + [code for code, _polygon in others]
        tolerance = float(settings.FIELD_OVERLAP_TOLERANCE)
        for first, second, share in find_overlaps(
            polygons, [polygon for _code, polygon in others], tolerance=tolerance
        ):
            # Told once: on the later row of the file, or on the file's row where the other is ours.
            at, against = (second, first) if second < len(drawn) else (first, second)
            drawn[at][0].reader.refuse_whole(
                _("boundary"),
                _("Overlaps field %(code)s by %(percent)s%% of the smaller one.")
                % {"code": codes[against], "percent": f"{share * 100:.1f}"},
                codes[at],
            )


class _OnRecord:
    """What the cooperative has on record of its land and of who may hold it, in a few queries."""

    def __init__(self, cooperative: Cooperative) -> None:
        self.villages = dict(Village.objects.for_cooperative(cooperative).values_list("code", "pk"))
        households = Household.objects.for_cooperative(cooperative).only("code", "village_id")
        self.households = {household.code: household for household in households}
        self.household_codes = {h.pk: h.code for h in self.households.values()}
        fields = Field.objects.for_cooperative(cooperative)
        self.fields: dict[str, Field] = {field.code: field for field in fields}
        self.boundaries: dict[int, tuple[int, bytes]] = {
            field: (version, bytes(wkb))
            for field, version, wkb in latest_boundaries(cooperative)
            .order_by()
            .values_list("field_id", "version", "geometry_wkb")
        }
        self.tenures: dict[int, list[Tenure]] = {}
        for tenure in Tenure.objects.for_cooperative(cooperative).order_by("starts_on"):
            self.tenures.setdefault(tenure.field_id, []).append(tenure)
