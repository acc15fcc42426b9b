"""On which days households have signed away the carbon of which fields, and to which program.

An agreement over the whole holding covers every field its household holds; another covers the
fields it names. One without a program was signed for any.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from aggregator.key_lists import key_list
from aggregator.models import Agreement, Cooperative
from credits.models import Project
from farms.models import AgreementField

Days = list[tuple[date, date | None]]


class AgreementDays:
    """A cooperative's signed agreements in memory, read with two queries at most.

    With `households`, theirs alone.
    """

    def __init__(
        self,
        cooperative: Cooperative,
        *,
        project: Project | None = None,
        households: set[int] | None = None,
    ) -> None:
        self._whole: dict[int, Days] = defaultdict(list)
        self._named: dict[tuple[int, int], Days] = defaultdict(list)
        self._any: dict[int, Days] = defaultdict(list)
        retroactive = project is None or project.terms.get("retroactive_agreements", True)
        signed = Agreement.objects.for_cooperative(cooperative).signed()
        if households is not None:
            signed = signed.filter(household__in=key_list(households))
        # Not as models: a large cooperative has half a million.
        rows = [_Signed(*row) for row in signed.values_list("pk", *_COLUMNS)]
        named = (
            {} if all(row.whole_holding for row in rows) else _named_fields(cooperative, households)
        )
        for row in rows:
            span = days_of(row, retroactive=retroactive)
            if span is None:
                continue
            self._any[row.household_id].append(span)
            if project is not None and row.program not in ("", project.program):
                continue
            if row.whole_holding:
                self._whole[row.household_id].append(span)
            for field in named.get(row.pk, ()):
                self._named[row.household_id, field].append(span)

    def of(self, household_id: int, *, field_id: int) -> Days:
        """The days on which the household has signed for the field."""
        named = self._named.get((household_id, field_id), [])
        whole = self._whole.get(household_id, [])
        return whole + named if named else whole

    def of_anything(self, household_id: int) -> Days:
        """The days on which the household has signed for some field, under some program."""
        return self._any.get(household_id, [])


def _named_fields(cooperative: Cooperative, households: set[int] | None) -> dict[int, list[int]]:
    named: dict[int, list[int]] = defaultdict(list)
    fields = AgreementField.objects.for_cooperative(cooperative).filter(
        agreement__whole_holding=False
    )
    if households is not None:
        fields = fields.filter(agreement__household__in=key_list(households))
    for agreement, field in fields.values_list("agreement_id", "field_id"):
        named[agreement].append(field)
    return named


class _Signed(NamedTuple):
    """What decides of an agreement."""

    pk: int
    household_id: int
    program: str
    whole_holding: bool
    signed_on: date | None
    starts_on: date
    ends_on: date
    revoked_on: date | None


_COLUMNS = _Signed._fields[1:]


def days_of(agreement: Agreement | _Signed, *, retroactive: bool) -> tuple[date, date] | None:
    """First and last day of the right that a signed agreement gives; None for no day at all.

    A revoked one ends on the day before. Days before the signature count only where the project's
    terms let a signature confirm a term that has begun.
    """
    if agreement.signed_on is None:
        return None
    starts_on, ends_on = agreement.starts_on, agreement.ends_on
    if not retroactive:
        starts_on = max(starts_on, agreement.signed_on)
    if agreement.revoked_on is not None:
        ends_on = min(ends_on, agreement.revoked_on - timedelta(days=1))
    return (starts_on, ends_on) if starts_on <= ends_on else None
