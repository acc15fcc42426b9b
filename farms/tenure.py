"""Who operates a field on which days: a transfer prevails over the contract while it lasts.

A field that a split or merger ended is operated by nobody on the days after, whatever is written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from django.db.models import Q

from aggregator.key_lists import key_list
from aggregator.periods import Period
from farms.models import Field, Tenure

Span = tuple[int, date, date]

_BATCH = 5000
_LIFE = ("field__starts_on", "field__ends_on")
_ONE_DAY = timedelta(days=1)


def operator_spans(field_ids: Collection[int], period: Period) -> dict[int, list[Span]]:
    """The household that works each field, day by day of `period`.

    Returns:
        For every field asked for, `(household_id, starts_on, ends_on)` in order of days, both ends
        inclusive and never overlapping; days without any tenure are left out.
    """
    keys = sorted(set(field_ids))
    claims: dict[int, list[tuple[bool, date, date, int]]] = {key: [] for key in keys}
    lives: dict[int, Period | None] = {}
    for at in range(0, len(keys), _BATCH):
        tenures = (
            Tenure.objects.touching(period.starts_on, period.ends_on)
            .filter(field_id__in=key_list(keys[at : at + _BATCH]))
            .order_by("field_id", "starts_on", "pk")
            .values_list("field_id", "kind", "starts_on", "ends_on", "household_id", *_LIFE)
        )
        for field, kind, starts_on, ends_on, household, *life in tenures:
            lives[field] = period.clip(life[0] or date.min, life[1]) if any(life) else period
            claims[field].append(
                (kind == Tenure.Kind.TRANSFER, starts_on, ends_on or date.max, household)
            )
    return {field: _prevailing_spans(held, lives.get(field)) for field, held in claims.items()}


def field_lives(field_ids: Collection[int]) -> dict[int, tuple[date, date | None]]:
    """First and last day of those fields that a split or merger began or ended; others lack."""
    keys = sorted(set(field_ids))
    bounded = Field.objects.exclude(Q(starts_on__isnull=True) & Q(ends_on__isnull=True))
    return {
        field: (starts_on or date.min, ends_on)
        for at in range(0, len(keys), _BATCH)
        for field, starts_on, ends_on in bounded.filter(pk__in=key_list(keys[at : at + _BATCH]))
        .order_by()
        .values_list("pk", "starts_on", "ends_on")
    }


def _prevailing_spans(
    claims: Sequence[tuple[bool, date, date, int]], period: Period | None
) -> list[Span]:
    """Cut the period where a claim starts or ends; each piece goes to its strongest claim."""
    if not claims or period is None:
        return []
    if len(claims) == 1:
        [(_transfer, starts_on, ends_on, household)] = claims
        held = period.clip(starts_on, ends_on)
        return [(household, held.starts_on, held.ends_on)] if held else []
    cuts = {period.starts_on}
    for _transfer, starts_on, ends_on, _household in claims:
        cuts |= {starts_on} | ({ends_on + _ONE_DAY} if ends_on < period.ends_on else set())
    days = sorted(day for day in cuts if period.starts_on <= day <= period.ends_on)
    ends = [day - _ONE_DAY for day in days[1:]] + [period.ends_on]
    spans: list[Span] = []
    for first, last in zip(days, ends, strict=True):
        # A transfer beats a contract; between two of a kind the one that began later holds.
        holding = [claim for claim in claims if claim[1] <= first and last <= claim[2]]
        if not holding:
            continue
        household = max(holding)[3]
        if spans and spans[-1][0] == household and spans[-1][2] + _ONE_DAY == first:
            spans[-1] = (household, spans[-1][1], last)
        else:
            spans.append((household, first, last))
    return spans
