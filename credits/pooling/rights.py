"""On which days a field's carbon may be credited to its operator: no right, no credit.

The operator must be a member and have signed for the field; where the land is transferred, the
contractor must have signed for it too; and no other project may have counted the day, on this field
or on another that covers its land. Read with a few queries for all fields at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import QuerySet

from aggregator.key_lists import key_list
from aggregator.models import Cooperative, Membership
from aggregator.periods import Period, uncovered_days
from credits.models import Project
from credits.pooling.agreement_days import AgreementDays, Days
from credits.pooling.counted_days import counted_days
from credits.pooling.overlap_days import CountedLand, overlapped_days
from farms.models import Tenure
from farms.tenure import field_lives, operator_spans

# Days, the code of the right that is missing on them, and the household that lacks it.
Lack = tuple[Period, str, int]


class Stretch(NamedTuple):
    """Days of a field in one operator's hands; `lacking` is the code of the right that is missing.

    `party` is the household that lacks it (the operator, or the contractor who has not signed).
    """

    span: Period
    household_id: int
    lacking: str = ""
    party: int | None = None


class CountedElsewhere:
    """The days on which other projects have counted some fields, or land under them."""

    def __init__(self, fields: QuerySet[Any], *, period: Period, project: Project) -> None:
        keys = fields.order_by().values_list("pk", flat=True)
        self.days = counted_days(
            keys, cooperative=project.cooperative, period=period, project=project
        )
        self.land = overlapped_days(fields, period=period, project=project)


class Rights:
    """The tenures, memberships and agreements of some fields over a period, held in memory."""

    def __init__(
        self,
        fields: QuerySet[Any],
        *,
        cooperative: Cooperative,
        period: Period,
        project: Project | None = None,
        elsewhere: CountedElsewhere | None = None,
    ) -> None:
        self.period = period
        # A query of keys, not a list: it works for any number of fields.
        field_ids = fields.order_by().values_list("pk", flat=True)
        self.operators = operator_spans(field_ids, period)
        self.lives = field_lives(field_ids)
        self.contracts: dict[int, list[tuple[int, date, date | None]]] = defaultdict(list)
        contracts = Tenure.objects.filter(field__in=field_ids, kind=Tenure.Kind.CONTRACT).touching(
            period.starts_on, period.ends_on
        )
        for field, household, *days in contracts.values_list(
            "field_id", "household_id", "starts_on", "ends_on"
        ):
            self.contracts[field].append((household, *days))
        holders = {household for spans in self.operators.values() for household, _, _ in spans}
        holders |= {household for held in self.contracts.values() for household, _, _ in held}
        self.memberships = _membership_days(cooperative, holders)
        self.agreements = AgreementDays(cooperative, project=project, households=holders)
        if elsewhere is None and project is not None:
            elsewhere = CountedElsewhere(fields, period=period, project=project)
        self.counted: dict[int, Days] = elsewhere.days if elsewhere else {}
        self.overlapped: dict[int, CountedLand] = elsewhere.land if elsewhere else {}

    def stretches(self, field_id: int) -> list[Stretch]:
        """The operated days of a field, in order, each with the right that is missing on it."""
        found: list[Stretch] = []
        for household_id, starts_on, ends_on in self.operators.get(field_id, []):
            whole = (starts_on, ends_on) == (self.period.starts_on, self.period.ends_on)
            span = self.period if whole else Period(starts_on, ends_on)
            if self._is_in_order(field_id, household_id, span):
                found.append(Stretch(span, household_id))
            else:
                found += self._split(field_id, household_id, span)
        return found

    def overlap_percent(self, field_id: int) -> Decimal:
        """How much of the field, or of the smaller one, lies on land that was counted elsewhere."""
        land = self.overlapped.get(field_id)
        return land.percent if land else Decimal(0)

    def idle_days(self, field_id: int) -> list[Period]:
        """Days of the period on which nobody is recorded as operating the field.

        Days before a split or merger made the field, and after one ended it, are not the field's;
        a field that has none of the period's days is idle for all of it.
        """
        spans = self.operators.get(field_id, [])
        life = self.lives.get(field_id)
        days = self.period.clip(*life) if life else self.period
        return uncovered_days(
            days or self.period, [(start, end) for _household, start, end in spans]
        )

    def _is_in_order(self, field_id: int, household_id: int, span: Period) -> bool:
        """Whether every right holds for the whole span, on the face of it: nearly always."""
        held = self.contracts.get(field_id, ())
        return (
            field_id not in self.overlapped
            and field_id not in self.counted
            and len(held) == 1
            and held[0][0] == household_id
            and _is_covered(span, (held[0][1:],))
            and _is_covered(span, self.memberships.get(household_id, ()))
            and _is_covered(span, self.agreements.of(household_id, field_id=field_id))
        )

    def _split(self, field_id: int, household_id: int, span: Period) -> list[Stretch]:
        lacks = self._taken(span, household_id, field_id)
        lacks += [
            (gap, "no_membership", household_id)
            for gap in uncovered_days(span, self.memberships[household_id])
        ]
        lacks += self._unsigned(span, household_id, field_id)
        contracts = self.contracts[field_id]
        lacks += [
            (gap, "no_tenure", household_id)
            for gap in uncovered_days(span, [(start, end) for _holder, start, end in contracts])
        ]
        for holder, starts_on, ends_on in contracts:
            held = span.clip(starts_on, ends_on)
            if held is not None and holder != household_id:
                lacks += self._unsigned(held, holder, field_id)
        return _cut(span, household_id, lacks)

    def _taken(self, span: Period, household_id: int, field_id: int) -> list[Lack]:
        """Days that another project has counted, on this field or on one that covers its land."""
        land = self.overlapped.get(field_id)
        taken = [(days, "counted_elsewhere") for days in self.counted.get(field_id, [])]
        taken += [(days, "overlaps_counted") for days in (land.days if land else [])]
        clipped = [(span.clip(*days), code) for days, code in taken]
        return [(piece, code, household_id) for piece, code in clipped if piece is not None]

    def _unsigned(self, span: Period, household_id: int, field_id: int) -> list[Lack]:
        """Days without the household's signature for the field; first those without any at all."""
        gaps = uncovered_days(span, self.agreements.of(household_id, field_id=field_id))
        anything = self.agreements.of_anything(household_id)
        bare = [piece for gap in gaps for piece in uncovered_days(gap, anything)]
        return [(gap, "agreement_missing_days", household_id) for gap in bare] + [
            (gap, "agreement_without_field", household_id) for gap in gaps
        ]


def _is_covered(span: Period, parts: Iterable[tuple[date, date | None]]) -> bool:
    """Whether one of the parts covers the span; several together may, too."""
    return any(
        starts_on <= span.starts_on and (ends_on is None or span.ends_on <= ends_on)
        for starts_on, ends_on in parts
    )


def _cut(span: Period, household_id: int, lacks: list[Lack]) -> list[Stretch]:
    """Cut a span where a right begins or ends to be missing; the first right missing is named."""
    if not lacks:
        return [Stretch(span, household_id)]
    starts = {span.starts_on}
    for gap, _code, _party in lacks:
        starts |= {gap.starts_on, gap.ends_on + timedelta(days=1)}
    days = sorted(day for day in starts if span.starts_on <= day <= span.ends_on)
    ends = [day - timedelta(days=1) for day in days[1:]] + [span.ends_on]
    pieces = []
    for start, end in zip(days, ends, strict=True):
        missing = [(code, party) for gap, code, party in lacks if gap.covers(start, end)]
        code, party = missing[0] if missing else ("", None)
        pieces.append(Stretch(Period(start, end), household_id, code, party))
    return [_joined(list(same)) for _key, same in groupby(pieces, lambda p: (p.lacking, p.party))]


def _joined(pieces: list[Stretch]) -> Stretch:
    span = Period(pieces[0].span.starts_on, pieces[-1].span.ends_on)
    return Stretch(span, pieces[0].household_id, pieces[0].lacking, pieces[0].party)


def _membership_days(cooperative: Cooperative, households: set[int]) -> dict[int, Days]:
    days: dict[int, Days] = defaultdict(list)
    rows = Membership.objects.for_cooperative(cooperative)
    rows = rows.filter(household__in=key_list(households)).order_by()
    for household, starts_on, ends_on in rows.values_list("household_id", "starts_on", "ends_on"):
        days[household].append((starts_on, ends_on))
    return days
