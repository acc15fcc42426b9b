"""What an import does to the tenures of a field: who holds it by contract, who works it."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from aggregator.changes import Changes, assign
from aggregator.importing import RowError
from aggregator.models import Household
from farms.field_record import FieldRecord
from farms.field_rows import FieldRow, Holding
from farms.models import Field, Tenure


class TenurePlan:
    """Tenures to make and to change; refuses in the row whatever contradicts the record."""

    def __init__(self, known: FieldRecord, changes: Changes) -> None:
        self.known = known
        self.changes = changes
        self.notes: list[RowError] = []

    def plan_tenures(self, field: Field, row: FieldRow) -> bool:
        """Plan both holdings of a row; whether anything changes."""
        changed = self._plan_tenure(field, row, Tenure.Kind.CONTRACT, row.contract)
        # The contractor farming his own land is no transfer.
        contractor, operator = (
            self.known.kept_code(holding.household_code) for holding in (row.contract, row.transfer)
        )
        if operator and operator == contractor:
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
                cooperative_id=field.cooperative_id,
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
        household = self.known.find_household(holding.household_code)
        if household is not None and household.code != holding.household_code:
            self._note_merged(row, holding, household)
        if household is None:
            row.reader.refuse(
                holding.household_key, _("There is no such household here. Bring it in first.")
            )
        return household

    def _note_merged(self, row: FieldRow, holding: Holding, kept: Household) -> None:
        reason = _("Household %(code)s was merged into %(kept)s, which is taken instead.") % {
            "code": holding.household_code,
            "kept": kept.code,
        }
        heading = row.reader.heading(holding.household_key)
        note = RowError(row.number, heading, reason, holding.household_code, "household_merged")
        self.notes.append(note)

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
