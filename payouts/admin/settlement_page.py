"""What the settlement's page shows beside its fields: the waterfall, the checks, the households.

Reads the settlement's own rows only; every width is a share of 1000, drawn by the template.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.admin_columns import TONE_SIGNS, in_tonnes
from aggregator.models import Agreement, PayeeAccount, Person, User
from aggregator.money import format_money, round_half_up
from aggregator.names import local_name
from aggregator.units import KG_PER_TONNE, format_tonnes
from credits.models import Lot
from payouts.distribution import divide_by_village
from payouts.models import Receipt, Settlement, SettlementLine, Share, WaterfallRule

WIDTH = 1000
BINS = 12
EXTREMES = 10


@dataclass(frozen=True)
class Bar:
    kind: str
    name: str
    how: str
    amount: str
    x: int
    width: int


@dataclass(frozen=True)
class Check:
    """One thing to be sure of before approving: passed, or with its reason."""

    tone: str
    name: str
    reason: str

    @property
    def sign(self) -> str:
        return TONE_SIGNS[self.tone]


def settlement_context(settlement: Settlement, user: User) -> dict[str, Any]:
    heads = Person.objects.filter(household=OuterRef("household"), is_head=True)
    shares = settlement.shares.select_related("household", "settlement").annotate(
        head_name=Subquery(heads.values("name")[:1])
    )
    nets = list(settlement.shares.values_list("net_minor", flat=True))
    return {
        "bars": list(waterfall_bars(settlement)),
        "checks": list(run_checks(settlement, user)),
        "figures": list(_figures(settlement, len(nets))),
        "histogram": histogram(nets, settlement.currency),
        "villages": list(_villages(settlement)),
        "largest": [_row(share) for share in shares.order_by("-net_minor", "ordinal")[:EXTREMES]],
        "smallest": [_row(share) for share in shares.order_by("net_minor", "ordinal")[:EXTREMES]],
        "documents": list(_documents(settlement)),
    }


def waterfall_bars(settlement: Settlement) -> Iterator[Bar]:
    """Gross, each rule where it bites, and what is left; nothing before there is a draft."""
    gross, currency = settlement.gross_minor, settlement.currency
    if not gross:
        return
    tonnes = format_tonnes(settlement.paid_kg)
    yield Bar(
        "gross",
        _("Received"),
        _("for %(tonnes)s t") % {"tonnes": tonnes},
        format_money(gross, currency),
        0,
        WIDTH,
    )
    left = gross
    for line in settlement.lines.all():
        left -= line.amount_minor
        yield Bar(
            "deduction",
            local_name(line),
            line_formula(line, settlement),
            f"− {format_money(line.amount_minor, currency)}",
            left * WIDTH // gross,
            max(1, line.amount_minor * WIDTH // gross),
        )
    yield Bar(
        "net",
        _("To households"),
        _("%(share)s of what was received") % {"share": f"{_percent(Decimal(left) / gross)}"},
        format_money(settlement.net_minor, currency),
        0,
        settlement.net_minor * WIDTH // gross,
    )


def line_formula(line: SettlementLine, settlement: Settlement) -> str:
    """How a deduction came about, with its own numbers."""
    currency = settlement.currency
    if line.kind == WaterfallRule.Kind.PER_TONNE:
        return _("%(amount)s × %(tonnes)s t") % {
            "amount": format_money(line.unit_amount_minor or 0, currency),
            "tonnes": format_tonnes(settlement.paid_kg),
        }
    if line.kind == WaterfallRule.Kind.FIXED:
        return _("fixed amount")
    rate = line.rate if line.rate is not None else Decimal(0)
    return f"{_percent(rate)} × {format_money(line.base_minor, currency)}"


def run_checks(settlement: Settlement, user: User) -> Iterator[Check]:
    """What an approver looks at: money complete, sums, rights, payees, a second person."""
    if settlement.status == Settlement.Status.REQUESTED:
        return
    yield _check_receipts(settlement)
    yield _check_sums(settlement)
    yield _check_rights(settlement)
    yield _check_payees(settlement)
    yield _check_second_person(settlement, user)


def histogram(nets: list[int], currency: str) -> dict[str, Any] | None:
    """How many households get how much, in equal steps from nothing to the most."""
    most = max(nets, default=0)
    if not most:
        return None
    counts = [0] * BINS
    for net in nets:
        counts[min(BINS - 1, net * BINS // most)] += 1
    tallest, step = max(counts), WIDTH // BINS
    return {
        "columns": [
            {
                "x": place * step + 2,
                "width": step - 4,
                "height": count * 120 // tallest,
                "y": 120 - count * 120 // tallest,
                "count": count,
            }
            for place, count in enumerate(counts)
        ],
        "most": format_money(most, currency),
        "middle": format_money(sorted(nets)[len(nets) // 2], currency),
        "none": sum(1 for net in nets if not net),
    }


def _figures(settlement: Settlement, households: int) -> Iterator[dict[str, Any]]:
    currency = settlement.currency
    yield {"name": _("To households"), "value": format_money(settlement.net_minor, currency)}
    yield {"name": _("Households"), "value": f"{households:,}"}
    yield {"name": _("Sharing by"), "value": in_tonnes(settlement.credited_kg)}
    if settlement.paid_kg:
        price = round_half_up(Fraction(settlement.gross_minor * KG_PER_TONNE, settlement.paid_kg))
        yield {"name": _("Average price a tonne"), "value": format_money(price, currency)}


def _check_receipts(settlement: Settlement) -> Check:
    lots = Lot.objects.filter(block__issuance__period=settlement.period_id)
    due = sum(lot.amount_minor for lot in lots)
    received = Receipt.objects.filter(lot__in=lots).aggregate(total=Sum("amount_minor"))["total"]
    missing = due - int(received or 0)
    if missing > 0:
        reason = _("%(amount)s have not come in yet; they will be shared later, on their own.")
        values = {"amount": format_money(missing, settlement.currency)}
        return Check("wait", _("Receipts complete"), reason % values)
    return Check("good", _("Receipts complete"), _("Every lot sold is paid in full."))


def _check_sums(settlement: Settlement) -> Check:
    totals = settlement.shares.aggregate(
        gross=Sum("gross_minor", default=0), net=Sum("net_minor", default=0)
    )
    deducted = sum(line.amount_minor for line in settlement.lines.all())
    adds_up = (
        totals["gross"] == settlement.gross_minor
        and totals["net"] == settlement.net_minor
        and settlement.gross_minor - deducted == settlement.net_minor
    )
    reason = (
        _("Shares and deductions add up to what was received, to the cent.")
        if adds_up
        else _("The shares do not add up. Do not approve; report this.")
    )
    return Check("good" if adds_up else "bad", _("Sums"), reason)


def _check_rights(settlement: Settlement) -> Check:
    period = settlement.period
    signed = Agreement.objects.filter(
        cooperative_id=settlement.cooperative_id,
        starts_on__lte=period.ends_on,
        ends_on__gte=period.starts_on,
    ).filter(Q(revoked_on=None) | Q(revoked_on__gt=period.starts_on))
    missing = settlement.shares.exclude(household__in=signed.values("household")).count()
    if missing:
        reason = ngettext(
            "%(count)d household has no signed agreement in this period.",
            "%(count)d households have no signed agreement in this period.",
            missing,
        ) % {"count": missing}
        return Check("bad", _("Rights signed"), reason)
    return Check("good", _("Rights signed"), _("Every household has signed its agreement."))


def _check_payees(settlement: Settlement) -> Check:
    known = (
        PayeeAccount.objects.active()
        .filter(cooperative_id=settlement.cooperative_id)
        .values("household")
    )
    missing = settlement.shares.filter(net_minor__gt=0).exclude(household__in=known).count()
    if missing:
        reason = ngettext(
            "%(count)d household has no account; its payment will be held.",
            "%(count)d households have no account; their payments will be held.",
            missing,
        ) % {"count": missing}
        return Check("wait", _("Payees"), reason)
    return Check("good", _("Payees"), _("Every household has an account to be paid to."))


def _check_second_person(settlement: Settlement, user: User) -> Check:
    name = _("Second person")
    if settlement.approved_by_id:
        values = {"name": str(settlement.approved_by), "day": localdate(settlement.approved_at)}
        return Check("good", name, _("Approved by %(name)s on %(day)s.") % values)
    if settlement.drafted_by_id == user.pk:
        return Check("wait", name, _("You asked for it: somebody else approves."))
    maker = settlement.drafted_by
    drafted_by = str(maker) if maker else _("the scheduler")
    return Check("wait", name, _("Asked for by %(name)s; not yet approved.") % {"name": drafted_by})


def _villages(settlement: Settlement) -> Iterator[dict[str, Any]]:
    currency = settlement.currency
    for part in divide_by_village(settlement):
        yield {
            "name": str(part.village),
            "households": f"{part.households:,}",
            "tonnes": format_tonnes(part.credited_kg),
            "gross": format_money(part.gross_minor, currency),
            "net": format_money(part.net_minor, currency),
            "middle": format_money(part.middle_minor, currency),
        }


def _row(share: Share) -> dict[str, Any]:
    currency = share.settlement.currency
    return {
        "household": f"{share.household.code} {share.head_name or ''}",
        "url": reverse("admin:payouts_share_change", args=[share.pk]),
        "tonnes": format_tonnes(share.credited_kg),
        "gross": format_money(share.gross_minor, currency),
        "net": format_money(share.net_minor, currency),
    }


def _documents(settlement: Settlement) -> Iterator[dict[str, Any]]:
    rows = settlement.village_documents.select_related("village").defer("content")
    counts = settlement.statements.aggregate(
        issued=Count("pk"), ready=Count("pk", filter=Q(pdf__status="ready"))
    )
    for row in rows.order_by("kind", "village__code"):
        ready = row.status == "ready"
        yield {
            "name": f"{row.village} · {row.get_kind_display()}",
            "url": reverse("admin:payouts_villagedocument_file", args=[row.pk]) if ready else "",
            "state": row.get_status_display(),
        }
    if counts["issued"]:
        url = reverse("admin:payouts_statement_changelist")
        yield {
            "name": _("%(ready)d of %(issued)d statements have their PDF") % counts,
            "url": f"{url}?settlement__id__exact={settlement.pk}",
            "state": "",
        }


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).quantize(Decimal('0.01')).normalize():f}%"
