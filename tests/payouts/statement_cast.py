"""An approved settlement for the tests of statements.

The pool is written down as plain rows; selling, receiving, settling and approving go by the rules.
Three households with 800, 1,200 and 1,600 sellable kilograms share 1,000.50 yuan for three tonnes,
less 8%: fee 80.04, of which 17.79, 26.68 and 35.57; net 920.46, of which 204.55, 306.82, 409.09.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from aggregator.canonical import sha256_of
from aggregator.models import Household
from credits.models import (
    CreditBlock,
    FieldResult,
    Issuance,
    MonitoringPeriod,
    Project,
    QuantificationRun,
)
from farms.models import Boundary, Field
from payouts.models import Settlement, WaterfallRule
from tests.cast import Cast
from tests.payouts.pool import receive, sell, settle

APPROVED_AT = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)
BLOCK_TONNES = 1_000
TERMS = {
    "practice": "no_till",
    "rate": "1.2",
    "rate_unit": "t CO2e/ha/year",
    "area_unit": "ha",
    "area": "1",
    "years": "1",
    "days": "365",
    "period_days": "365",
    "reserve_rate": "0.2",
}
NEW_YEAR, NEW_YEARS_EVE = date(2025, 1, 1), date(2025, 12, 31)


@dataclass
class Plot:
    """A field in a household's hands: gross kilograms, days, practices."""

    household: Household
    field: Field
    gross_kg: int
    reserve_kg: int
    starts_on: date = NEW_YEAR
    ends_on: date = NEW_YEARS_EVE
    practices: tuple[str, ...] = ("no_till", "straw_return")


@dataclass
class Rule:
    """A deduction of the project, with its names in both languages."""

    code: str
    kind: str
    rate: Decimal | None = None
    amount_minor: int | None = None
    name: str = "核查费"
    name_en: str = "Verification"
    payee: str = "第三方核查机构"
    payee_en: str = "the verification body"


SERVICE_FEE = Rule("service", "rate_of_gross", rate=Decimal("0.08"))
EVERY_KIND = [
    Rule("verification", "fixed", amount_minor=5_000),
    Rule("registry", "per_tonne", amount_minor=1_000),
    SERVICE_FEE,
    Rule("fund", "rate_of_remaining", rate=Decimal("0.05")),
]


def make_plots(cast: Cast) -> list[Plot]:
    """One plot a household: 1,000, 1,500, 2,000 kg gross and so on, a fifth kept in reserve."""
    return [
        Plot(household, land, 1000 + 500 * place, 200 + 100 * place)
        for place, (household, land) in enumerate(zip(cast.households, cast.fields, strict=True))
    ]


def make_settlement(
    cast: Cast,
    *,
    plots: list[Plot] | None = None,
    rules: list[Rule] | None = None,
    unit_price_minor: int = 33_350,
    tonnes: int = 3,
) -> Settlement:
    """The first payout of 2025, drafted and approved."""
    run = _make_run(cast, make_plots(cast) if plots is None else plots)
    for position, rule in enumerate([SERVICE_FEE] if rules is None else rules, start=1):
        WaterfallRule.objects.create(
            cooperative=cast.cooperative,
            project=run.period.project,
            position=position,
            **dataclasses.asdict(rule),
        )
    return settle_sale(cast, run.period, unit_price_minor=unit_price_minor, tonnes=tonnes)


def settle_sale(
    cast: Cast, period: MonitoringPeriod, *, unit_price_minor: int, tonnes: int
) -> Settlement:
    """A lot sold, paid for, settled and approved on 30 June 2026."""
    lot = sell(period, tonnes=tonnes, unit_price_minor=unit_price_minor)
    receive(lot, lot.amount_minor, reference=f"bank-{lot.serial_start}", by=cast.operator)
    settlement = settle(cast, period)
    Settlement.objects.filter(pk=settlement.pk).update(approved_at=APPROVED_AT)
    settlement.refresh_from_db()
    return settlement


def _make_run(cast: Cast, plots: list[Plot]) -> QuantificationRun:
    owned: dict[str, Any] = {"cooperative": cast.cooperative}
    project = Project.objects.create(
        **owned,
        code="soil",
        name="青山土壤碳汇项目",
        name_en="Qingshan soil carbon",
        program="ccx",
        methodology="ccx-soil",
        starts_on=date(2024, 1, 1),
        ends_on=date(2028, 12, 31),
    )
    period = MonitoringPeriod.objects.create(
        **owned,
        project=project,
        code="2025",
        starts_on=NEW_YEAR,
        ends_on=NEW_YEARS_EVE,
        status=MonitoringPeriod.Status.ISSUED,
    )
    run = QuantificationRun.objects.create(
        **owned,
        period=period,
        methodology="ccx-soil",
        methodology_version="1.0",
        inputs_sha256=sha256_of("inputs"),
        results_sha256=sha256_of("results"),
        gross_kg=sum(plot.gross_kg for plot in plots),
        reserve_kg=sum(plot.reserve_kg for plot in plots),
        credited_kg=sum(plot.gross_kg - plot.reserve_kg for plot in plots),
    )
    for plot in plots:
        _record_result(run, plot)
    _issue(run)
    return run


def _record_result(run: QuantificationRun, plot: Plot) -> None:
    boundary = Boundary.objects.filter(field=plot.field).latest("version")
    FieldResult.objects.create(
        cooperative=run.cooperative,
        run=run,
        field=plot.field,
        boundary=boundary,
        household=plot.household,
        starts_on=plot.starts_on,
        ends_on=plot.ends_on,
        area_m2=boundary.area_m2,
        practice=plot.practices[0] if plot.practices else "",
        practices=list(plot.practices),
        gross_kg=plot.gross_kg,
        reserve_kg=plot.reserve_kg,
        credited_kg=plot.gross_kg - plot.reserve_kg,
        terms=TERMS,
    )


@transaction.atomic
def _issue(run: QuantificationRun) -> None:
    owned: dict[str, Any] = {"cooperative": run.cooperative}
    issuance = Issuance.objects.create(
        **owned,
        period=run.period,
        run=run,
        issued_on=date(2026, 5, 1),
        carried_in_kg=0,
        carried_out_kg=0,
        reserve_carried_in_kg=0,
        reserve_carried_out_kg=0,
        sellable_t=BLOCK_TONNES,
        reserve_t=0,
    )
    CreditBlock.objects.create(
        **owned,
        issuance=issuance,
        project=run.period.project,
        kind=CreditBlock.Kind.SELLABLE,
        serial_start=1,
        serial_end=BLOCK_TONNES,
    )
