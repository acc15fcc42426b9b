"""Issued periods, lots and rules as plain rows: what the floor below would have left behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction

from aggregator.models import User
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
from credits.tonnes.blocks import Action, Move, move_range, record_issue
from payouts import receipts, settlement
from payouts.models import Receipt, Settlement, WaterfallRule
from tests.cast import Cast

SERIALS_A_PERIOD = 1_000_000


def make_project(cast: Cast, *, code: str = "terraces") -> Project:
    return Project.objects.create(
        cooperative=cast.cooperative,
        code=code,
        name="梯田项目",
        name_en="Terraces",
        program="ccx",
        methodology="ccx-soil",
        starts_on=date(2020, 1, 1),
        ends_on=date(2029, 12, 31),
    )


def issue_period(
    cast: Cast, kilograms: Sequence[int], *, project: Project | None = None, year: int = 2025
) -> MonitoringPeriod:
    """A period whose run gave each household of the cast, in order, these sellable kilograms."""
    project = project or make_project(cast)
    owned = {"cooperative": cast.cooperative}
    period = MonitoringPeriod.objects.create(
        **owned,
        project=project,
        code=str(year),
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
        status=MonitoringPeriod.Status.ISSUED,
    )
    run = QuantificationRun.objects.create(
        **owned,
        period=period,
        methodology="ccx-soil",
        methodology_version="1",
        inputs_sha256="a" * 64,
        results_sha256="b" * 64,
        gross_kg=sum(kilograms),
        reserve_kg=0,
        credited_kg=sum(kilograms),
    )
    for household, field, kg in zip(cast.households, cast.fields, kilograms, strict=True):
        FieldResult.objects.create(
            **owned,
            run=run,
            field=field,
            boundary=field.boundaries.get(),
            household=household,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            area_m2=Decimal("10000.00"),
            practice="no_till",
            practices=["no_till"],
            gross_kg=kg,
            reserve_kg=0,
            credited_kg=kg,
        )
    _issue(period, run)
    return period


@transaction.atomic
def _issue(period: MonitoringPeriod, run: QuantificationRun) -> None:
    issuance = Issuance.objects.create(
        cooperative=period.cooperative,
        period=period,
        run=run,
        issued_on=period.ends_on,
        carried_in_kg=0,
        carried_out_kg=0,
        reserve_carried_in_kg=0,
        reserve_carried_out_kg=0,
        sellable_t=SERIALS_A_PERIOD,
        reserve_t=0,
    )
    start = int(period.code) * SERIALS_A_PERIOD
    block = CreditBlock.objects.create(
        cooperative=period.cooperative,
        issuance=issuance,
        project=period.project,
        kind=CreditBlock.Kind.SELLABLE,
        serial_start=start,
        serial_end=start + SERIALS_A_PERIOD - 1,
    )
    record_issue(block, by=None)


def sell(
    period: MonitoringPeriod, *, tonnes: int, unit_price_minor: int, currency: str = "CNY"
) -> Lot:
    """The next `tonnes` of the period's credits, sold."""
    held = CreditBlock.objects.live().get(issuance__period=period, status="held")
    start = held.serial_start
    move = Move(Action.SELL, CreditBlock.Status.TRANSFERRED, by=None)
    block = move_range(held, move, first=start, last=start + tonnes - 1)
    buyer, _created = Buyer.objects.get_or_create(cooperative=period.cooperative, name="买方")
    return Lot.objects.create(
        cooperative=period.cooperative,
        block=block,
        buyer=buyer,
        serial_start=start,
        serial_end=start + tonnes - 1,
        unit_price_minor=unit_price_minor,
        currency=currency,
        sold_on=period.ends_on,
    )


def receive(lot: Lot, amount_minor: int, *, reference: str, by: User) -> Receipt:
    return receipts.record_receipt(
        lot, amount_minor=amount_minor, received_on=date(2026, 3, 1), reference=reference, by=by
    )


def add_rule(project: Project, position: int, kind: str, **values: object) -> WaterfallRule:
    return WaterfallRule.objects.create(
        cooperative=project.cooperative,
        project=project,
        position=position,
        code=f"rule-{position}",
        name=f"规则{position}",
        payee="收款方",
        kind=kind,
        **values,
    )


def draft(cast: Cast, period: MonitoringPeriod) -> Settlement:
    requested = settlement.request_settlement(period, by=cast.operator)
    settlement.draft_settlement(requested)
    return requested


def settle(cast: Cast, period: MonitoringPeriod) -> Settlement:
    """Drafted by the operator, approved by the approver."""
    drafted = draft(cast, period)
    settlement.approve_settlement(drafted, by=cast.approver)
    return drafted
