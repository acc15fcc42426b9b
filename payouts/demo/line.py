"""Runs the demonstration along the whole line, by the same rules that staff press buttons for.

2024 goes all the way to paid; 2025 stops where the money waits to be shared. Writes no row of a
rule's own by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction

from aggregator.household_import import import_households
from aggregator.importing import ImportReport
from aggregator.models import Cooperative
from credits import enrolment, issuance, monitoring, projects, sale, verification
from credits.models import Buyer, CreditBlock, Issuance, MonitoringPeriod, Project, SampledField
from farms.field_import import import_fields
from farms.models import Season
from farms.practice_import import import_practices
from payouts import payments, receipts, settlement, statements
from payouts.demo.files import YEARS, DemoFiles, write_files
from payouts.demo.staff import Staff, found_cooperative
from payouts.models import Payment, PaymentBatch, Settlement, WaterfallRule

Say = Callable[[str], None]

_SOURCE = "Demonstration figure of this program's authors; not measured, not for use"
_BODY = "明衡核查（演示）"


class DemoRefused(RuntimeError):
    """An importer refused a file the demonstration wrote itself: its report is the message."""


@dataclass(frozen=True)
class Year:
    """What differs between the years: dates, the published seed, prices in fen and how money came.

    `arrivals` are parts of each lot's amount, in hundredths, with the day each part came in.
    """

    year: int
    seed: str
    issued_on: date
    sold_on: date
    prices: tuple[tuple[str, int], ...]
    arrivals: tuple[tuple[tuple[date, int], ...], ...]


_YEAR_2024 = Year(
    2024,
    seed="演示抽签 2025-02-14: 04 11 19 23 28 33 + 07",
    issued_on=date(2025, 3, 10),
    sold_on=date(2025, 4, 8),
    prices=(("清和染整（演示买方）", 92_00), ("远帆物流（演示买方）", 96_50)),
    arrivals=(((date(2025, 4, 22), 100),), ((date(2025, 5, 6), 100),)),
)
_YEAR_2025 = Year(
    2025,
    seed="演示抽签 2026-02-13: 02 08 15 21 27 30 + 12",
    issued_on=date(2026, 3, 12),
    sold_on=date(2026, 4, 9),
    prices=(("清和染整（演示买方）", 101_00), ("听涛置业（演示买方）", 104_00)),
    arrivals=(((date(2026, 4, 27), 60), (date(2026, 5, 20), 40)), ((date(2026, 5, 12), 100),)),
)


@transaction.atomic
def load_demo(folder: Path, *, say: Say) -> Cooperative:
    """Write the files into `folder` and bring everything in; all of it or, on any error, nothing."""
    say("Writing the files of an invented cooperative")
    files = write_files(folder)
    cooperative, staff = found_cooperative()
    say("Importing members, fields and practices")
    bring_in_files(files, cooperative, staff)
    say("Enrolling the fields")
    project = start_project(cooperative, staff)
    for facts in (_YEAR_2024, _YEAR_2025):
        say(f"{facts.year}: quantifying, verifying, issuing, selling")
        period = earn_tonnes(project, facts, staff)
        receive_money(period.issuance, facts, staff)
        if facts is _YEAR_2024:
            say("2024: settling, writing statements, paying")
            settle_period(period, staff)
            pay_out(cooperative, staff)
    return cooperative


def bring_in_files(files: DemoFiles, cooperative: Cooperative, staff: Staff) -> None:
    """Import every file as the operator would."""
    by = {"cooperative": cooperative, "by": staff.operator}
    for year in YEARS:
        Season.objects.create(
            cooperative=cooperative,
            code=str(year),
            name=f"{year} 年",
            starts_on=date(year, 1, 1),
            ends_on=date(year, 12, 31),
        )
    _accept(import_households(files.members, **by))
    _accept(import_fields(files.fields, **by))
    for path in files.practices.values():
        _accept(import_practices(path, evidence_dir=files.evidence, **by))


def start_project(cooperative: Cooperative, staff: Staff) -> Project:
    """Set up the pool with its rates and deductions, and ask every field in."""
    project = projects.create_project(
        cooperative,
        code="terraces",
        name="栖云梯田土壤碳汇",
        name_en="Qiyun terraces soil carbon",
        program="ccx",
        methodology="ccx-soil",
        starts_on=date(2023, 1, 1),
        ends_on=date(2027, 12, 31),
        by=staff.operator,
        terms={
            "minimum_lot_t": 10,
            "minimum_area_m2": "233",
            "sample_minimum": 30,
            "sample_rate": "0.03",
            "excluded_crops": ["茶"],
        },
        parameters={"region": "qiyun-demo", "rates": _list_rates()},
    )
    _set_deductions(project)
    enrolment.enrol_fields(project, by=staff.operator)
    return project


def earn_tonnes(project: Project, facts: Year, staff: Staff) -> MonitoringPeriod:
    """Close a year, have it verified on a drawn sample, issue its credits and sell them in two lots."""
    year = facts.year
    period = monitoring.open_period(
        project,
        code=str(year),
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
        by=staff.operator,
    )
    monitoring.close_period(period, by=staff.operator)
    check = verification.prepare_verification(period, body=_BODY, by=staff.operator)
    verification.draw_sample(check, seed=facts.seed, by=staff.verifier)
    for sampled in check.sample.all():
        verification.record_finding(
            sampled,
            finding=SampledField.Finding.CONFORMS,
            note="现场查看，留茬与记录相符",
            by=staff.verifier,
        )
    verification.close_verification(
        check, positive=True, opinion="抽样地块与记录相符（演示意见）", by=staff.verifier
    )
    issued = issuance.issue_credits(period, by=staff.operator, issued_on=facts.issued_on)
    _sell(issued, facts, staff)
    period.refresh_from_db()
    return period


def receive_money(issued: Issuance, facts: Year, staff: Staff) -> None:
    """Record what came in for each lot, in as many parts as it came."""
    lots = issued.blocks.get(kind=CreditBlock.Kind.SELLABLE).lots.order_by("serial_start")
    for number, (lot, parts) in enumerate(zip(lots, facts.arrivals, strict=True), start=1):
        left = lot.amount_minor
        for part, (received_on, hundredths) in enumerate(parts, start=1):
            last = part == len(parts)
            amount = left if last else lot.amount_minor * hundredths // 100
            receipts.record_receipt(
                lot,
                amount_minor=amount,
                received_on=received_on,
                reference=f"DEMO-{facts.year}-{number}-{part}",
                by=staff.operator,
            )
            left -= amount


def settle_period(period: MonitoringPeriod, staff: Staff) -> Settlement:
    """Draft by one person, approve by another, issue the statements; PDFs wait for the worker."""
    draft = settlement.request_settlement(period, by=staff.operator)
    settlement.draft_settlement(draft)
    draft.refresh_from_db()
    settlement.approve_settlement(draft, by=staff.approver)
    draft.refresh_from_db()
    statements.issue_statements(draft)
    return draft


def pay_out(cooperative: Cooperative, staff: Staff) -> PaymentBatch:
    """One batch to the bank: one household is held for want of an account, one transfer fails."""
    batch = payments.propose_batch(cooperative, by=staff.operator)
    payments.approve_batch(batch, by=staff.approver)
    batch.refresh_from_db()
    payments.export_batch(batch, by=staff.operator)
    batch.refresh_from_db()
    sent = batch.payments.filter(status=Payment.Status.SENT)
    payments.fail_payment(sent[7], reason="银行退回：账户已销户（演示）", by=staff.operator)
    payments.confirm_batch(batch, paid_on=date(2025, 6, 20), by=staff.operator)
    return batch


def _accept(report: ImportReport) -> None:
    if report.errors:
        raise DemoRefused(str(report.as_json()))


def _list_rates() -> list[dict[str, object]]:
    per_hectare = (
        ("no_till", True, "1.48"),
        ("no_till", False, "1.20"),
        ("straw_return", None, "0.95"),
        ("reduced_till", None, "0.60"),
        ("organic_fertiliser", None, "0.80"),
    )
    return [
        {
            "practice": practice,
            "region": "qiyun-demo",
            "irrigated": irrigated,
            "vintage_from": 2023,
            "vintage_to": 2027,
            "t_per_hectare_year": rate,
            "source": _SOURCE,
        }
        for practice, irrigated, rate in per_hectare
    ]


def _set_deductions(project: Project) -> None:
    kind = WaterfallRule.Kind
    rules = (
        ("registry", "登记费", "Registry fee", "登记机构", "the registry", kind.PER_TONNE, 1_20),
        ("verification", "核查费", "Verification", "核查机构", "the verifier", kind.FIXED, 480_00),
        (
            "service",
            "合作社服务费",
            "Service fee",
            "合作社",
            "the cooperative",
            kind.RATE_OF_GROSS,
            "0.10",
        ),
        (
            "ecology",
            "村集体生态基金",
            "Ecological fund",
            "村集体",
            "the villages",
            kind.RATE_OF_REMAINING,
            "0.05",
        ),
    )
    for position, (code, name, name_en, payee, payee_en, rule_kind, value) in enumerate(rules, 1):
        is_rate = isinstance(value, str)
        WaterfallRule.objects.create(
            cooperative=project.cooperative,
            project=project,
            position=position,
            code=code,
            name=name,
            name_en=name_en,
            payee=payee,
            payee_en=payee_en,
            kind=rule_kind,
            rate=value if is_rate else None,
            amount_minor=None if is_rate else value,
        )


def _sell(issued: Issuance, facts: Year, staff: Staff) -> None:
    block = issued.blocks.get(kind=CreditBlock.Kind.SELLABLE)
    first = block.tonnes * 6 // 10
    for tonnes, (name, price) in zip((first, block.tonnes - first), facts.prices, strict=True):
        buyer, _made = Buyer.objects.get_or_create(cooperative=issued.cooperative, name=name)
        sale.sell_lot(
            block,
            tonnes=tonnes,
            buyer=buyer,
            unit_price_minor=price,
            sold_on=facts.sold_on,
            by=staff.operator,
        )
