"""Runs the demonstration along the whole line, by the same rules that staff press buttons for.

2024 goes all the way to paid; 2025 stops where the money waits to be shared. Writes no row of a
rule's own by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from aggregator import payees
from aggregator.household_import import import_households
from aggregator.importing import ImportReport
from aggregator.models import Cooperative
from credits.counting import monitoring
from credits.models import (
    Buyer,
    CreditBlock,
    Issuance,
    Lot,
    MonitoringPeriod,
    Project,
    SampledField,
)
from credits.pooling import enrolment, projects
from credits.terms import requirements
from credits.tonnes import issuance, sale
from credits.verifying import verification, verifiers
from farms.field_import import import_fields
from farms.models import Season
from farms.practice_import import import_practices
from payouts import payments, receipts, settlement, statements
from payouts.demo import facts
from payouts.demo.facts import YearFacts
from payouts.demo.files import YEARS, DemoFiles, write_files
from payouts.demo.staff import Staff, found_cooperative
from payouts.models import Payment, PaymentBatch, Settlement, WaterfallRule

Say = Callable[[str], None]


class DemoRefused(RuntimeError):
    """An importer refused a file the demonstration wrote itself: its report is the message."""


@transaction.atomic
def load_demo(folder: Path, *, say: Say) -> Cooperative:
    """Write the files into `folder` and bring everything in; all of it or nothing."""
    say("Writing the files of an invented cooperative")
    files = write_files(folder)
    cooperative, staff = found_cooperative()
    say("Importing members, fields and practices")
    bring_in_files(files, cooperative, staff)
    say("Enrolling the fields")
    project = start_project(cooperative, staff)
    for figures in (facts.SETTLED, facts.WAITING):
        say(f"{figures.year}: quantifying, verifying, issuing, selling")
        period = earn_tonnes(project, figures, staff)
        receive_money(period.issuance, figures, staff)
        if figures is facts.SETTLED:
            say(f"{figures.year}: settling, writing statements, paying")
            settle_period(period, staff)
            pay_out(cooperative, staff)
    return cooperative


def bring_in_files(files: DemoFiles, cooperative: Cooperative, staff: Staff) -> None:
    """Import every file as the operator would."""
    by = staff.operator
    for year in YEARS:
        Season.objects.create(
            cooperative=cooperative,
            code=str(year),
            name=f"{year} 年",
            starts_on=date(year, 1, 1),
            ends_on=date(year, 12, 31),
        )
    _accept(import_households(files.members, cooperative=cooperative, by=by))
    payees.approve_accounts(
        cooperative, accounts=payees.waiting_accounts(cooperative), by=staff.approver
    )
    _accept(import_fields(files.fields, cooperative=cooperative, by=by))
    for path in files.practices.values():
        _accept(import_practices(path, cooperative=cooperative, by=by, evidence_dir=files.evidence))


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
        terms=facts.TERMS,
        parameters={"region": facts.REGION, "rates": facts.list_rates()},
    )
    verifiers.assign_verifier(project, username=staff.verifier.username, by=staff.operator)
    _set_deductions(project)
    enrolment.enrol_fields(project, by=staff.operator)
    return project


def earn_tonnes(project: Project, figures: YearFacts, staff: Staff) -> MonitoringPeriod:
    """Close a year, have a drawn sample verified, issue the credits, sell them in two lots."""
    year = figures.year
    period = monitoring.open_period(
        project,
        code=str(year),
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
        by=staff.operator,
    )
    monitoring.close_period(period, by=staff.operator)
    asked = {each.code: facts.SEEN_IN for each in requirements.list_requirements(period)}
    requirements.confirm_requirements(period, references=asked, by=staff.operator)
    check = verification.prepare_verification(
        period, body=facts.VERIFICATION_BODY, by=staff.operator
    )
    for sampled in verification.draw_sample(check, seed=figures.seed, by=staff.verifier):
        verification.record_finding(
            sampled,
            finding=SampledField.Finding.CONFORMS,
            note="现场查看，留茬与记录相符",
            by=staff.verifier,
        )
    verification.close_verification(
        check, positive=True, opinion="抽样地块与记录相符（演示意见）", by=staff.verifier
    )
    issued = issuance.issue_credits(period, by=staff.operator, issued_on=figures.issued_on)
    _sell(issued, figures, staff)
    period.refresh_from_db()
    return period


def receive_money(issued: Issuance, figures: YearFacts, staff: Staff) -> None:
    """Record what came in for each lot, in as many parts as it came."""
    lots = Lot.objects.filter(block__issuance=issued).order_by("serial_start")
    for number, (lot, parts) in enumerate(zip(lots, figures.arrivals, strict=True), start=1):
        left = lot.amount_minor
        for part, (received_on, hundredths) in enumerate(parts, start=1):
            last = part == len(parts)
            amount = left if last else lot.amount_minor * hundredths // 100
            receipts.record_receipt(
                lot,
                amount_minor=amount,
                received_on=received_on,
                reference=f"DEMO-{figures.year}-{number}-{part}",
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
    payments.confirm_batch(batch, paid_on=timezone.localdate(), by=staff.operator)
    return batch


def _accept(report: ImportReport) -> None:
    if report.errors:
        raise DemoRefused(str(report.as_json()))


def _set_deductions(project: Project) -> None:
    for position, deduction in enumerate(facts.list_deductions(), start=1):
        WaterfallRule.objects.create(
            cooperative=project.cooperative, project=project, position=position, **deduction
        )


def _sell(issued: Issuance, figures: YearFacts, staff: Staff) -> None:
    block = issued.blocks.get(kind=CreditBlock.Kind.SELLABLE)
    first = block.tonnes * 6 // 10
    for tonnes, (name, price) in zip((first, block.tonnes - first), figures.sales, strict=True):
        buyer, _made = Buyer.objects.get_or_create(cooperative=issued.cooperative, name=name)
        sale.sell_lot(
            block,
            tonnes=tonnes,
            buyer=buyer,
            unit_price_minor=price,
            sold_on=figures.sold_on,
            by=staff.operator,
        )
