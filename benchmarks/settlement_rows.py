"""The rows of the settlement benchmark: a pool made in bulk, and the three ways to settle it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from aggregator.bulk import write_rows
from aggregator.models import Cooperative, Household, User, Village
from credits.models import (
    Buyer,
    CreditBlock,
    FieldResult,
    Issuance,
    Lot,
    MonitoringPeriod,
    Project,
    QuantificationRun,
)
from farms.models import Boundary, Field
from payouts import ledger
from payouts.models import JournalEntry, Posting, Settlement, Share, WaterfallRule
from payouts.receipts import record_receipt
from payouts.settlement import approve_settlement, draft_settlement, request_settlement

FIELDS_A_HOUSEHOLD = 2
DAY = date(2025, 12, 31)
SHARES = ["cooperative_id", "settlement_id", "household_id", "ordinal", "credited_kg"]
SHARES += ["gross_minor", "deductions_minor", "net_minor"]
POSTINGS = ["cooperative_id", "entry_id", "account_id", "household_id", "amount_minor"]


@dataclass
class Pool:
    """A cooperative with money received for an issued period."""

    cooperative: Cooperative
    period: MonitoringPeriod
    operator: User
    approver: User


@dataclass
class Copies:
    """Finished rows as the database takes them, for a settlement and an entry not there yet."""

    settlement: Settlement
    entry: JournalEntry
    shares: list[tuple[Any, ...]]
    postings: list[tuple[Any, ...]]


@transaction.atomic
def make_pool(households: int) -> Pool:
    cooperative = Cooperative.objects.create(code="bench", name="bench")
    owned = {"cooperative": cooperative}
    staff = [
        User.objects.create(username=role, cooperative=cooperative, role=role)
        for role in ("operator", "approver")
    ]
    project = Project.objects.create(
        **owned, code="bench", name="bench", starts_on=DAY, ends_on=DAY, methodology="ccx-soil"
    )
    period = MonitoringPeriod.objects.create(
        **owned, project=project, code="2025", starts_on=DAY, ends_on=DAY, status="issued"
    )
    _add_rules(project)
    run = _make_results(period, _make_land(cooperative, households))
    _receive(period, run, by=staff[0])
    return Pool(cooperative, period, *staff)


def request(pool: Pool) -> Settlement:
    return request_settlement(pool.period, by=pool.operator)


def draft(settlement: Settlement) -> None:
    assert draft_settlement(settlement)


def approve(settlement: Settlement, pool: Pool) -> None:
    approve_settlement(settlement, by=pool.approver)


def copy_of(settled: Settlement) -> Copies:
    """The same shares and postings again, under a withdrawn settlement and another entry."""
    entry = JournalEntry.objects.get(reference=f"settlement:{settled.pk}")
    shares = list(settled.shares.values_list(*SHARES))
    postings = list(entry.postings.values_list(*POSTINGS))
    settlement = Settlement.objects.create(
        cooperative=settled.cooperative,
        project=settled.project,
        period=settled.period,
        number=2,
        currency="CNY",
        status=Settlement.Status.WITHDRAWN,
    )
    return Copies(
        settlement=settlement,
        entry=entry,
        shares=[(row[0], settlement.pk, *row[2:6], json.dumps(row[6]), row[7]) for row in shares],
        postings=postings,
    )


@transaction.atomic
def insert_in_bulk(copies: Copies) -> None:
    """COPY, or executemany, and nothing else; the entry's row is needed for its key."""
    entry = JournalEntry.objects.create(
        cooperative=copies.entry.cooperative,
        reference="copy",
        occurred_on=DAY,
        posting_count=len(copies.postings),
    )
    _insert(Share, SHARES, copies.shares)
    postings = [(row[0], entry.pk, *row[2:]) for row in copies.postings]
    _insert(Posting, POSTINGS, postings)


@transaction.atomic
def settle_in_a_loop(pool: Pool) -> None:
    """What most would write: the sums in one query, then a rounded part and two `create` each."""
    settlement = Settlement.objects.create(
        cooperative=pool.cooperative,
        project=pool.period.project,
        period=pool.period,
        number=3,
        currency="CNY",
        status=Settlement.Status.WITHDRAWN,
    )
    run = pool.period.issuance.run
    members = ledger.open_account(pool.cooperative, ledger.MEMBERS, currency="CNY")
    waiting = ledger.open_account(
        pool.cooperative, ledger.UNDISTRIBUTED, currency="CNY", detail="bench"
    )
    entry = JournalEntry.objects.create(
        cooperative=pool.cooperative,
        reference="loop",
        occurred_on=DAY,
        posting_count=Household.objects.count() + 1,
    )
    weights = FieldResult.objects.filter(run=run).order_by().values_list("household_id")
    kilograms = dict(weights.annotate(kg=Sum("credited_kg")))
    total = 0
    for ordinal, household in enumerate(Household.objects.all()):
        kg = kilograms[household.pk]
        net = round(Decimal(10**9) * kg / run.credited_kg)
        total += net
        Share.objects.create(
            cooperative=pool.cooperative,
            settlement=settlement,
            household=household,
            ordinal=ordinal,
            credited_kg=kg,
            gross_minor=net,
            net_minor=net,
        )
        Posting.objects.create(
            cooperative=pool.cooperative,
            entry=entry,
            account=members,
            household=household,
            amount_minor=-net,
        )
    Posting.objects.create(
        cooperative=pool.cooperative, entry=entry, account=waiting, amount_minor=total
    )


def _insert(model: Any, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    table, names = model._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)


def _add_rules(project: Project) -> None:
    for position, (kind, values) in enumerate(
        [
            ("per_tonne", {"amount_minor": 20}),
            ("fixed", {"amount_minor": 1_000_000}),
            ("rate_of_gross", {"rate": Decimal("0.1")}),
            ("rate_of_remaining", {"rate": Decimal("0.05")}),
        ],
        start=1,
    ):
        WaterfallRule.objects.create(
            cooperative=project.cooperative,
            project=project,
            position=position,
            code=f"rule-{position}",
            name=f"rule {position}",
            payee="payee",
            kind=kind,
            **values,
        )


def _make_land(cooperative: Cooperative, households: int) -> list[tuple[int, int, int]]:
    """Field, boundary and household keys of two fields a household."""
    coop = cooperative.pk
    villages = [
        Village.objects.create(cooperative=cooperative, code=f"V{number:03d}", name="v").pk
        for number in range(200)
    ]
    write_rows(
        Household,
        ["cooperative_id", "village_id", "code", "phone", "phone_hash", "language"],
        (
            (coop, villages[place % 200], f"H{place:07d}", "", "", "zh-hans")
            for place in range(households)
        ),
    )
    keys = list(Household.objects.order_by("code").values_list("pk", "village_id"))
    write_rows(
        Field,
        ["cooperative_id", "village_id", "code", "name", "land_class"],
        (
            (coop, village, f"F{place:08d}", "", "")
            for place, (_key, village) in enumerate(keys * FIELDS_A_HOUSEHOLD)
        ),
    )
    fields = list(Field.objects.order_by("code").values_list("pk", flat=True))
    columns = ["cooperative_id", "field_id", "version", "geometry_wkb", "area_m2"]
    columns += ["min_x", "min_y", "max_x", "max_y", "source_crs", "recorded_at"]
    write_rows(
        Boundary,
        columns,
        (
            (coop, field, 1, b"", Decimal("667.00"), 0.0, 0.0, 0.0, 0.0, "", timezone.now())
            for field in fields
        ),
    )
    boundaries = dict(Boundary.objects.values_list("field_id", "pk"))
    owners = [key for key, _village in keys * FIELDS_A_HOUSEHOLD]
    return [(field, boundaries[field], owner) for field, owner in zip(fields, owners, strict=True)]


def _make_results(period: MonitoringPeriod, land: list[tuple[int, int, int]]) -> QuantificationRun:
    # Weights that look drawn, and are the same in every run.
    kilograms = [place * 2_654_435_761 % 2_000 + 1 for place in range(len(land))]
    run = QuantificationRun.objects.create(
        cooperative=period.cooperative,
        period=period,
        methodology="ccx-soil",
        gross_kg=sum(kilograms),
        reserve_kg=0,
        credited_kg=sum(kilograms),
    )
    owned, area = (period.cooperative_id, run.pk), Decimal("667.00")
    columns = ["cooperative_id", "run_id", "field_id", "boundary_id", "household_id", "starts_on"]
    columns += ["ends_on", "area_m2", "practice", "practices", "gross_kg", "reserve_kg"]
    write_rows(
        FieldResult,
        [*columns, "credited_kg", "terms"],
        (
            (*owned, field, boundary, household, DAY, DAY, area, "", [], kg, 0, kg, {})
            for (field, boundary, household), kg in zip(land, kilograms, strict=True)
        ),
    )
    return run


def _receive(period: MonitoringPeriod, run: QuantificationRun, *, by: User) -> None:
    tonnes = run.credited_kg // 1000
    issuance = Issuance.objects.create(
        cooperative=period.cooperative,
        period=period,
        run=run,
        issued_on=DAY,
        carried_in_kg=0,
        carried_out_kg=run.credited_kg % 1000,
        reserve_carried_in_kg=0,
        reserve_carried_out_kg=0,
        sellable_t=tonnes,
        reserve_t=0,
    )
    sold = {"cooperative": period.cooperative, "serial_start": 1, "serial_end": tonnes}
    block = CreditBlock.objects.create(
        **sold, issuance=issuance, project=period.project, kind="sellable"
    )
    CreditBlock.objects.filter(pk=block.pk).update(status="transferred")
    lot = Lot.objects.create(
        **sold,
        block=block,
        buyer=Buyer.objects.create(cooperative=period.cooperative, name="buyer"),
        unit_price_minor=6_137,
        currency="CNY",
        sold_on=DAY,
    )
    record_receipt(lot, amount_minor=lot.amount_minor, received_on=DAY, reference="B-1", by=by)
