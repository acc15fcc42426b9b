"""The frozen content of statements: everything a household is told, as whole numbers and text.

Reads settled rows and writes none. What leaves here holds no identity or account number but the
last four digits of the account, and no float; HTML and PDF are made from it alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from aggregator.encryption import mask_number
from aggregator.models import Household, PayeeAccount
from aggregator.periods import Period
from credits.models import FieldResult
from farms.models import FieldDescent
from farms.plot_drawing import trace_plots
from payouts.models import Payment, Settlement, SettlementLine, Share
from payouts.payment_targets import find_payees

FORMAT = 1
# Payments of the year before are shown, so that a reader finds the last one he got.
PAID_DAYS = 366


class StatementDisagrees(ValueError):
    """The rows of a share do not add up; a statement of them must not be issued."""


def freeze_statements(settlement: Settlement, shares: Sequence[Share]) -> list[dict[str, Any]]:
    """The content of one statement a share, in the order of `shares`.

    Asks the database a fixed number of times, whatever the number of shares.

    Raises:
        StatementDisagrees: parts of a share do not add up to it.
    """
    ids = [share.household_id for share in shares]
    households = {
        row.pk: row
        for row in Household.objects.filter(pk__in=ids)
        .with_head()
        .select_related("village")
        .defer("phone")
    }
    payees = _payees(settlement, ids)
    common = _common(settlement)
    lines = list(settlement.lines.order_by("position"))
    results = _results_by_household(settlement, ids)
    descent = _descent(results)
    paid = _paid_by_household(ids, date.fromisoformat(common["issued_on"]))
    return [
        _checked(
            {
                **common,
                "number": statement_number(settlement, share),
                "revision": 1,
                "language": households[share.household_id].language,
                "household": _household(households[share.household_id]),
                "payee": _payee(payees.get(share.household_id)),
                "lines": _lines(lines, share),
                "totals": _totals(share),
                "paid": paid[share.household_id],
                **_plots(results[share.household_id], settlement, descent),
            }
        )
        for share in shares
    ]


def statement_number(settlement: Settlement, share: Share) -> str:
    """The number reserved for a share at approval: the series is the period's code."""
    if settlement.first_statement is None:
        raise StatementDisagrees(f"{settlement}: no statement numbers are reserved")
    return f"{settlement.period.code}-{settlement.first_statement + share.ordinal:06d}"


def _common(settlement: Settlement) -> dict[str, Any]:
    """What every statement of the settlement says alike."""
    cooperative, project, period = settlement.cooperative, settlement.project, settlement.period
    approved_at = settlement.approved_at
    if approved_at is None or settlement.run is None:
        raise StatementDisagrees(f"{settlement}: not approved, or without a run")
    # The day of approval, not today's: a job resumed after midnight writes the same statements.
    issued_on = timezone.localdate(approved_at)
    until_on = issued_on + timedelta(days=cooperative.objection_days)
    return {
        "format": FORMAT,
        "issued_on": issued_on.isoformat(),
        "cooperative": {
            "code": cooperative.code,
            "name": cooperative.name,
            "name_en": cooperative.name_en,
            "phone": cooperative.phone,
        },
        "project": {
            "code": project.code,
            "name": project.name,
            "name_en": project.name_en,
            "program": project.program,
            "methodology": settlement.run.methodology,
            "methodology_version": settlement.run.methodology_version,
            "results_sha256": settlement.run.results_sha256,
        },
        "period": {
            "code": period.code,
            "starts_on": period.starts_on.isoformat(),
            "ends_on": period.ends_on.isoformat(),
            "days": Period(period.starts_on, period.ends_on).days,
        },
        "tranche": settlement.number,
        "currency": settlement.currency,
        "area_unit": cooperative.area_unit,
        "pool": {
            "kg": settlement.credited_kg,
            "paid_kg": settlement.paid_kg,
            "gross_minor": settlement.gross_minor,
            "net_minor": settlement.net_minor,
        },
        "objection": {"days": cooperative.objection_days, "until_on": until_on.isoformat()},
    }


def _results_by_household(
    settlement: Settlement, household_ids: Sequence[int]
) -> dict[int, list[FieldResult]]:
    results: dict[int, list[FieldResult]] = defaultdict(list)
    rows = (
        FieldResult.objects.filter(run_id=settlement.run_id, household_id__in=household_ids)
        .select_related("field", "boundary")
        .order_by("field__code", "starts_on")
    )
    for row in rows:
        results[row.household_id].append(row)
    return results


def _paid_by_household(
    household_ids: Sequence[int], issued_on: date
) -> dict[int, list[dict[str, Any]]]:
    paid: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = Payment.objects.filter(
        household_id__in=household_ids,
        status=Payment.Status.PAID,
        paid_on__range=(issued_on - timedelta(days=PAID_DAYS), issued_on),
    ).order_by("paid_on", "pk")
    for household_id, paid_on, amount_minor in rows.values_list(
        "household_id", "paid_on", "amount_minor"
    ):
        paid[household_id].append({"on": str(paid_on), "amount_minor": amount_minor})
    return paid


def _household(household: Any) -> dict[str, str]:
    return {
        "code": household.code,
        "head_name": household.head_name or "",
        "village_code": household.village.code,
        "village": household.village.name,
        "village_en": household.village.name_en,
    }


def _payees(settlement: Settlement, ids: Sequence[int]) -> dict[int, PayeeAccount]:
    own = PayeeAccount.objects.active().filter(household_id__in=ids)
    payees = {account.household_id: account for account in own}
    if without := [key for key in ids if key not in payees]:
        keys = find_payees(settlement.cooperative, without)
        accounts = PayeeAccount.objects.in_bulk(set(keys.values()))
        payees.update({household: accounts[key] for household, key in keys.items()})
    return payees


def _payee(payee: PayeeAccount | None) -> dict[str, str] | None:
    if payee is None:
        return None
    return {"bank": payee.bank_name, "number": mask_number(payee.number)}


def _lines(lines: Sequence[SettlementLine], share: Share) -> list[dict[str, Any]]:
    return [
        {
            "code": line.code,
            "name": line.name,
            "name_en": line.name_en,
            "payee": line.payee,
            "payee_en": line.payee_en,
            "kind": line.kind,
            "rate": None if line.rate is None else format(line.rate.normalize(), "f"),
            "unit_amount_minor": line.unit_amount_minor,
            "base_minor": line.base_minor,
            "pool_minor": line.amount_minor,
            "household_minor": household_minor,
        }
        for line, household_minor in zip(lines, share.deductions_minor, strict=True)
    ]


def _totals(share: Share) -> dict[str, int]:
    return {
        "kg": share.credited_kg,
        "gross_minor": share.gross_minor,
        "deductions_minor": sum(share.deductions_minor),
        "net_minor": share.net_minor,
    }


def _descent(results: Mapping[int, Sequence[FieldResult]]) -> dict[int, list[int]]:
    """By former field, the fields it became by a split or merger, among those with results."""
    keys = {row.field_id for rows in results.values() for row in rows}
    descent: dict[int, list[int]] = defaultdict(list)
    for parent, child in FieldDescent.objects.filter(parent__in=keys, child__in=keys).values_list(
        "parent", "child"
    ):
        descent[parent].append(child)
    return descent


def _plots(
    results: Sequence[FieldResult], settlement: Settlement, descent: Mapping[int, Sequence[int]]
) -> dict[str, Any]:
    """One row a field and span of days, fields numbered from 1, and their outlines.

    A field that became others of the same statement is not drawn beneath them.
    """
    numbers: dict[int, int] = {}
    for result in results:
        numbers.setdefault(result.field_id, len(numbers) + 1)
    outlines: dict[int, bytes] = {}
    plots = []
    period = Period(settlement.period.starts_on, settlement.period.ends_on)
    for result in results:
        number = numbers[result.field_id]
        children = descent.get(result.field_id, ())
        became = sorted(numbers[child] for child in children if child in numbers)
        if not became:
            outlines[number] = bytes(result.boundary.geometry_wkb)
        plots.append(
            {
                "number": number,
                "code": result.field.code,
                "name": result.field.name,
                "area_m2": format(result.area_m2, "f"),
                "became": became,
                "starts_on": result.starts_on.isoformat(),
                "ends_on": result.ends_on.isoformat(),
                "days": Period(result.starts_on, result.ends_on).days,
                "whole_period": (result.starts_on, result.ends_on)
                == (period.starts_on, period.ends_on),
                "practice": result.practice,
                "practices": list(result.practices),
                "gross_kg": result.gross_kg,
                "reserve_kg": result.reserve_kg,
                "credited_kg": result.credited_kg,
                "terms": result.terms,
            }
        )
    drawing = [
        {"number": outline.number, "rings": outline.rings, "label": outline.label}
        for outline in trace_plots(sorted(outlines.items()))
    ]
    return {"plots": plots, "drawing": drawing}


def _checked(data: dict[str, Any]) -> dict[str, Any]:
    """`data` itself, once its own sums hold."""
    totals = data["totals"]
    number = data["number"]
    if sum(plot["credited_kg"] for plot in data["plots"]) != totals["kg"]:
        raise StatementDisagrees(f"{number}: the plots do not add up to {totals['kg']} kg")
    if totals["gross_minor"] - totals["deductions_minor"] != totals["net_minor"]:
        raise StatementDisagrees(f"{number}: gross less deductions is not {totals['net_minor']}")
    pool = data["pool"]
    if pool["gross_minor"] - sum(line["pool_minor"] for line in data["lines"]) != pool["net_minor"]:
        raise StatementDisagrees(f"{number}: the pool's lines do not add up")
    return data
