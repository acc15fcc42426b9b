"""What the staff's home shows: each period along the line, the money, what is wrong, what came in.

Reads only, in a number of queries that does not grow with the rows; knows no page and no link.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from aggregator.agreements import households_without
from aggregator.duplicates import count_undecided
from aggregator.models import Agreement, Cooperative, Household, ImportRun
from aggregator.payees import waiting_accounts
from credits.models import Lot, MonitoringPeriod
from credits.pooling.pool import pool_records, pool_tenures
from credits.progress import PeriodProgress, credits_progress
from credits.tonnes.block_proof import count_findings
from farms.evidence_checks import unshown_records
from farms.grain_guard import count_flagged
from farms.reports import waiting_reports
from payouts import ledger
from payouts.models import Account, JournalEntry, Payment, PaymentBatch, Receipt, Settlement, Share
from payouts.overdue import count_overdue

LAST_IMPORTS = 5


@dataclass
class LineFacts:
    """One period of one project, counted from members to money."""

    credits: PeriodProgress
    members: int = 0
    fields_recorded: int = 0
    fields_shown: int = 0
    sold_minor: int = 0
    received_minor: int = 0
    unsettled_minor: int = 0
    settlement: Settlement | None = None
    settled_minor: int = 0
    # Shares of a sum; those of nothing are counted apart, since no payment ever comes for them.
    shares: int = 0
    shares_paid: int = 0
    shares_of_nothing: int = 0


@dataclass(frozen=True)
class MoneyFacts:
    """Where all money received is now; the parts always add up, since the books do."""

    received: int
    paid: int
    on_its_way: int
    owed: int
    fees: int
    not_shared: int

    def parts(self) -> list[tuple[str, int]]:
        names = ("paid", "on_its_way", "owed", "fees", "not_shared")
        return [(name, getattr(self, name)) for name in names]


@dataclass
class HomeFacts:
    cooperative: Cooperative
    lines: list[LineFacts]
    money: MoneyFacts
    batches: list[PaymentBatch]
    problems: dict[str, int]
    imports: list[ImportRun]
    staff: dict[str, list[str]] = field(default_factory=dict)
    # By who proposed them: one's own are not one's own to approve.
    accounts_waiting: dict[int | None, int] = field(default_factory=dict)
    pairs_open: int = 0
    merges_waiting: dict[int | None, int] = field(default_factory=dict)


def gather_home(cooperative: Cooperative) -> HomeFacts:
    """Everything the home page of one cooperative says."""
    lines = [LineFacts(row) for row in credits_progress(cooperative)]
    by_period = {line.credits.period.pk: line for line in lines if line.credits.period}
    _count_pool(cooperative, by_period)
    _add_money(cooperative, by_period)
    _count_paid(cooperative, by_period)
    refused = sum({row.credits.project.pk: row.credits.fields_refused for row in lines}.values())
    return HomeFacts(
        cooperative=cooperative,
        lines=lines,
        money=count_money(cooperative),
        batches=list(_live_batches(cooperative)),
        problems={"refused": refused, **_count_problems(cooperative)},
        imports=list(
            ImportRun.objects.for_cooperative(cooperative).select_related("by")[:LAST_IMPORTS]
        ),
        staff=_name_staff(cooperative),
        accounts_waiting=_count_accounts(cooperative),
        **_count_pairs(cooperative),
    )


def with_paid(shares: QuerySet[Share]) -> QuerySet[Share]:
    """Add `due_by_now` (this share and the household's earlier ones) and `paid_so_far`.

    Payments are of balances, not of settlements: the oldest share counts as paid first. Records
    merged into one are one household here, whichever of them a share or a payment names.
    """
    one = Coalesce("household__merged_into", "household")
    shares = shares.annotate(one_household=one)
    earlier = Share.objects.annotate(one_household=one).filter(
        one_household=OuterRef("one_household"),
        settlement__status=Settlement.Status.APPROVED,
        settlement__approved_at__lte=OuterRef("settlement__approved_at"),
    )
    paid = Payment.objects.annotate(one_household=one).filter(
        one_household=OuterRef("one_household"), status=Payment.Status.PAID
    )
    return shares.annotate(
        due_by_now=_total(earlier, "net_minor"), paid_so_far=_total(paid, "amount_minor")
    )


def stuck_payments(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Held or failed payments after which no other came: a household once, and none paid since.

    Money may come back after a later batch was paid: what counts is when it failed.
    """
    status = Payment.Status
    reference = Concat(Value("payment:"), Cast(OuterRef("pk"), CharField()), Value(":failed"))
    failed = JournalEntry.objects.filter(cooperative=OuterRef("cooperative"), reference=reference)
    stuck = payments.filter(status__in=[status.HELD, status.FAILED]).annotate(
        stuck_since=Coalesce(Subquery(failed.order_by().values("posted_at")), "batch__created_at")
    )
    later = Payment.objects.filter(
        household=OuterRef("household"), batch__created_at__gt=OuterRef("stuck_since")
    )
    return stuck.filter(~Exists(later.exclude(status=status.WITHDRAWN)))


NOTHING_TO_PAY = Q(net_minor=0)
IS_PAID = Q(paid_so_far__gte=F("due_by_now")) & ~NOTHING_TO_PAY


def count_money(cooperative: Cooperative) -> MoneyFacts:
    """Sum the books into the parts of the money bar."""
    totals: dict[str, int] = {}
    accounts = Account.objects.for_cooperative(cooperative).filter(currency=cooperative.currency)
    for account in accounts.with_balance():
        kind = account.code.partition(":")[0]
        totals[kind] = totals.get(kind, 0) - int(account.balance_minor)
    receipts = Receipt.objects.for_cooperative(cooperative).filter(currency=cooperative.currency)
    received = int(receipts.aggregate(total=Sum("amount_minor"))["total"] or 0)
    return MoneyFacts(
        received=received,
        # What left the bank: the books' bank account is what is still there.
        paid=received + totals.get(ledger.BANK, 0),
        on_its_way=totals.get(ledger.IN_TRANSIT, 0),
        owed=totals.get(ledger.MEMBERS, 0),
        fees=totals.get(ledger.DEDUCTION, 0),
        not_shared=totals.get(ledger.UNDISTRIBUTED, 0),
    )


def _total(rows: QuerySet[Any], column: str) -> Coalesce:
    summed = rows.order_by().values("one_household").annotate(total=Sum(column)).values("total")
    return Coalesce(Subquery(summed), 0)


def _count_pool(cooperative: Cooperative, lines: dict[int, LineFacts]) -> None:
    span = {"starts_on": OuterRef("starts_on"), "ends_on": OuterRef("ends_on")}
    tenures = pool_tenures(OuterRef("project"), **span)
    records = pool_records(OuterRef("project"), **span)
    counted = MonitoringPeriod.objects.for_cooperative(cooperative).annotate(
        members=_distinct(tenures, "household"),
        recorded=_distinct(records, "field"),
        shown=_distinct(records.filter(evidence__isnull=False), "field"),
    )
    for period in counted:
        line = lines[period.pk]
        line.members, line.fields_recorded = period.members, period.recorded
        line.fields_shown = period.shown


def _distinct(rows: QuerySet[Any], column: str) -> Coalesce:
    grouped = rows.order_by().values("cooperative")
    counted = grouped.annotate(number=Count(column, distinct=True)).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _add_money(cooperative: Cooperative, lines: dict[int, LineFacts]) -> None:
    sold = _by_period(Lot.objects.for_cooperative(cooperative), "block__issuance__period").annotate(
        total=Sum((F("serial_end") - F("serial_start") + 1) * F("unit_price_minor"))
    )
    for key, total in sold:
        lines[key].sold_minor = total
    received = _by_period(
        Receipt.objects.for_cooperative(cooperative), "lot__block__issuance__period"
    ).annotate(
        total=Sum("amount_minor"),
        free=Sum("amount_minor", filter=Q(settlement=None), default=0),
    )
    for key, total, free in received:
        lines[key].received_minor, lines[key].unsettled_minor = total, free
    settlements = Settlement.objects.for_cooperative(cooperative).exclude(
        status=Settlement.Status.WITHDRAWN
    )
    for settlement in settlements.select_related("period", "drafted_by").order_by("number"):
        line = lines[settlement.period_id]
        line.settlement = settlement
        if settlement.status == Settlement.Status.APPROVED:
            line.settled_minor += settlement.net_minor


def _count_paid(cooperative: Cooperative, lines: dict[int, LineFacts]) -> None:
    approved = Share.objects.for_cooperative(cooperative).filter(
        settlement__status=Settlement.Status.APPROVED
    )
    counted = _by_period(with_paid(approved), "settlement__period").annotate(
        shares=Count("pk", filter=~NOTHING_TO_PAY),
        paid=Count("pk", filter=IS_PAID),
        nothing=Count("pk", filter=NOTHING_TO_PAY),
    )
    for key, shares, paid, nothing in counted:
        line = lines[key]
        line.shares, line.shares_paid, line.shares_of_nothing = shares, paid, nothing


def _by_period(rows: QuerySet[Any], path: str) -> Any:
    return rows.order_by().values_list(path)


def _live_batches(cooperative: Cooperative) -> QuerySet[PaymentBatch]:
    status = PaymentBatch.Status
    unpaid = Count("payments", filter=Q(payments__status=Payment.Status.SENT))
    return (
        PaymentBatch.objects.for_cooperative(cooperative)
        .annotate(unpaid=unpaid)
        .filter(Q(status__in=[status.DRAFT, status.APPROVED]) | Q(unpaid__gt=0))
        .select_related("created_by")
    )


def _count_problems(cooperative: Cooperative) -> dict[str, int]:
    """Held and failed payments, files last refused, and work that is overdue."""
    payments = stuck_payments(Payment.objects.for_cooperative(cooperative))
    counts = dict(payments.order_by().values_list("status").annotate(number=Count("pk")))
    newest = (
        ImportRun.objects.for_cooperative(cooperative)
        .order_by()
        .values("kind")
        .annotate(last=Max("pk"))
        .values("last")
    )
    refused = ImportRun.objects.filter(pk__in=newest, status=ImportRun.Status.REFUSED)
    return {
        "held": counts.get(Payment.Status.HELD, 0),
        "failed": counts.get(Payment.Status.FAILED, 0),
        "imports": refused.count(),
        "reports": waiting_reports(cooperative).count(),
        "no_evidence": unshown_records(cooperative).count(),
        "land": count_flagged(cooperative),
        "credits": count_findings(cooperative),
        **count_overdue(cooperative),
        **_count_agreements(cooperative),
    }


def _count_accounts(cooperative: Cooperative) -> dict[int | None, int]:
    waiting = waiting_accounts(cooperative).order_by().values_list("proposed_by")
    return dict(waiting.annotate(number=Count("pk")))


def _count_pairs(cooperative: Cooperative) -> dict[str, Any]:
    """Pairs to be looked at, and merges that wait, by whoever proposed them."""
    undecided = count_undecided(cooperative)
    return {"pairs_open": undecided.pop(None, 0), "merges_waiting": undecided}


def _count_agreements(cooperative: Cooperative) -> dict[str, int]:
    """Members who have handed over no right today, and those whose agreement ends soon."""
    today = timezone.localdate()
    households = Household.objects.for_cooperative(cooperative)
    ending = Agreement.objects.for_cooperative(cooperative).running_out(today)
    return {
        "no_agreement": households_without(households, on=today).count(),
        "running_out": ending.count(),
    }


def _name_staff(cooperative: Cooperative) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for person in cooperative.staff.filter(is_active=True):
        names.setdefault(person.role, []).append(str(person))
    return names
