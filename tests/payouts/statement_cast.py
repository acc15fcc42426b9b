"""An approved settlement for the tests of statements, made as plain rows.

Stations before it have their own tests; here only their results are written down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from aggregator.canonical import sha256_of
from aggregator.models import Household
from credits.models import FieldResult, MonitoringPeriod, Project, QuantificationRun
from farms.models import Boundary, Field
from payouts.allocation import allocate
from payouts.models import Settlement, SettlementLine, Share
from tests.cast import Cast

APPROVED_AT = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)
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


@dataclass
class Plot:
    """A field in a household's hands: gross kilograms, days, practices."""

    household: Household
    field: Field
    gross_kg: int
    reserve_kg: int
    starts_on: date = date(2025, 1, 1)
    ends_on: date = date(2025, 12, 31)
    practices: list[str] = field(default_factory=lambda: ["no_till", "straw_return"])


@dataclass
class Rule:
    """A deduction as the settlement keeps it."""

    code: str
    amount_minor: int
    base_minor: int
    kind: str = "rate_of_gross"
    rate: str | None = None
    unit_amount_minor: int | None = None
    name: str = "核查费"
    name_en: str = "Verification"
    payee: str = "第三方核查机构"
    payee_en: str = "the verification body"


def make_plots(cast: Cast) -> list[Plot]:
    """One plot a household: 1,000, 1,500 and 2,000 kg gross, a fifth of each kept in reserve."""
    return [
        Plot(household, land, 1000 + 500 * place, 200 + 100 * place)
        for place, (household, land) in enumerate(zip(cast.households, cast.fields, strict=True))
    ]


def make_settlement(
    cast: Cast,
    *,
    gross_minor: int = 100_001,
    plots: list[Plot] | None = None,
    rules: list[Rule] | None = None,
    **values: Any,
) -> Settlement:
    """An approved settlement of 2025 whose shares are allocated by sellable kilograms."""
    plots = make_plots(cast) if plots is None else plots
    rules = [Rule("fee", 8_000, gross_minor, rate="0.08")] if rules is None else rules
    run = _make_run(cast, plots)
    kg: dict[int, int] = {}
    for plot in plots:
        earned = plot.gross_kg - plot.reserve_kg
        kg[plot.household.pk] = kg.get(plot.household.pk, 0) + earned
    net = gross_minor - sum(rule.amount_minor for rule in rules)
    settlement = Settlement.objects.create(
        cooperative=cast.cooperative,
        project=run.period.project,
        period=run.period,
        run=run,
        status=Settlement.Status.APPROVED,
        currency="CNY",
        gross_minor=gross_minor,
        net_minor=net,
        credited_kg=sum(kg.values()),
        drafted_by=cast.operator,
        approved_by=cast.approver,
        approved_at=APPROVED_AT,
        statements_job=Settlement.Job.PENDING,
        **{"number": 1, "paid_kg": 3_000, "first_statement": 1} | values,
    )
    _make_lines(settlement, rules)
    weights = list(kg.values())
    nets = allocate(net, weights)
    parts = [allocate(rule.amount_minor, weights) for rule in rules]
    for ordinal, household_id in enumerate(kg):
        deductions = [part[ordinal] for part in parts]
        Share.objects.create(
            cooperative=cast.cooperative,
            settlement=settlement,
            household_id=household_id,
            ordinal=ordinal,
            credited_kg=weights[ordinal],
            gross_minor=nets[ordinal] + sum(deductions),
            deductions_minor=deductions,
            net_minor=nets[ordinal],
        )
    return settlement


def _make_run(cast: Cast, plots: list[Plot]) -> QuantificationRun:
    owned = {"cooperative": cast.cooperative}
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
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 12, 31),
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
        boundary = Boundary.objects.filter(field=plot.field).latest("version")
        FieldResult.objects.create(
            **owned,
            run=run,
            field=plot.field,
            boundary=boundary,
            household=plot.household,
            starts_on=plot.starts_on,
            ends_on=plot.ends_on,
            area_m2=Decimal(boundary.area_m2),
            practice=plot.practices[0],
            practices=plot.practices,
            gross_kg=plot.gross_kg,
            reserve_kg=plot.reserve_kg,
            credited_kg=plot.gross_kg - plot.reserve_kg,
            terms=TERMS,
        )
    return run


def _make_lines(settlement: Settlement, rules: list[Rule]) -> None:
    for position, rule in enumerate(rules, start=1):
        SettlementLine.objects.create(
            cooperative=settlement.cooperative,
            settlement=settlement,
            position=position,
            code=rule.code,
            name=rule.name,
            name_en=rule.name_en,
            payee=rule.payee,
            payee_en=rule.payee_en,
            kind=rule.kind,
            rate=None if rule.rate is None else Decimal(rule.rate),
            unit_amount_minor=rule.unit_amount_minor,
            base_minor=rule.base_minor,
            amount_minor=rule.amount_minor,
        )
