"""The whole line on real plots: from import over tonnes and money to the statement as PDF.

Needs `REAL_DATA_DIR`; without it every test says so and is skipped.
"""

import io
import os
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Sum
from pypdf import PdfReader

from aggregator.household_import import import_households
from aggregator.models import Cooperative, User
from credits.counting import monitoring
from credits.models import Buyer, CreditBlock, MonitoringPeriod
from credits.pooling import enrolment, projects
from credits.terms import requirements
from credits.tonnes import issuance, sale
from credits.verifying import verification, verifiers
from farms.field_import import import_fields
from farms.models import Boundary, Season
from farms.practice_import import import_practices
from payouts import receipts, settlement, statements
from payouts.models import Settlement, Share, Statement
from tests.credits.line import TERMS
from tests.real_fields import (
    HOUSEHOLDS,
    PLACES,
    PLOTS,
    RealPlace,
    write_households,
    write_practices,
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def real_fields() -> Path:
    folder = Path(os.environ.get("REAL_DATA_DIR") or "/nowhere") / "fields"
    if not folder.is_dir():
        pytest.skip("REAL_DATA_DIR names no folder with real plots in it")
    return folder


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_real_plots_go_from_their_file_to_a_printed_statement(
    place: RealPlace, real_fields: Path, tmp_path: Path
) -> None:
    cooperative = _found(place)
    _import_everything(place, cooperative, real_fields, tmp_path)
    period = _earn(cooperative)
    settled = _settle(period)
    _check_sums(settled)
    _check_statement(settled)
    call_command("check_ledger", stdout=StringIO())


def _found(place: RealPlace) -> Cooperative:
    cooperative = Cooperative.objects.create(
        code=place.name,
        name=place.name.title(),
        name_en=place.name.title(),
        currency=place.currency,
        area_unit=place.area_unit,
    )
    for role in User.Role:
        User.objects.create(username=role.value, cooperative=cooperative, role=role)
    Season.objects.create(
        cooperative=cooperative,
        code="2024",
        starts_on=date(2024, 1, 1),
        ends_on=date(2024, 12, 31),
    )
    return cooperative


def _staff(cooperative: Cooperative, role: str) -> User:
    return User.objects.get(cooperative=cooperative, role=role)


def _import_everything(
    place: RealPlace, cooperative: Cooperative, source: Path, folder: Path
) -> None:
    by = {"cooperative": cooperative, "by": _staff(cooperative, "operator")}
    fields = place.write_fields(source, folder)
    households = write_households(folder / "households.csv", country_code=place.name[:2].upper())
    practices = write_practices(folder / "practices.csv", season="2024")
    for import_file, path, rows in (
        (import_households, households, HOUSEHOLDS),
        (import_fields, fields, PLOTS),
        (import_practices, practices, PLOTS * 3 // 4),
    ):
        report = import_file(path, **by)
        assert report.errors == []
        assert report.counts["created"] == rows
        assert import_file(path, **by).counts["unchanged"] == rows
    assert Boundary.objects.count() == PLOTS


def _earn(cooperative: Cooperative) -> MonitoringPeriod:
    """One year at 1.5 t a hectare on three plots of four, verified, issued, sold and paid for."""
    operator, verifier = _staff(cooperative, "operator"), _staff(cooperative, "verifier")
    project = projects.create_project(
        cooperative,
        code="real",
        name="Real plots",
        program="ccx",
        methodology="ccx-soil",
        starts_on=date(2023, 1, 1),
        ends_on=date(2027, 12, 31),
        by=operator,
        terms={**TERMS, "minimum_lot_t": 1},
        parameters={"region": "here", "rates": [_rate("no_till", "1.5")]},
    )
    verifiers.assign_verifier(project, username=verifier.username, by=operator)
    enrolment.enrol_fields(project, by=operator)
    assert project.enrolments.filter(status="enrolled").count() == PLOTS
    period = monitoring.open_period(
        project, code="2024", starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31), by=operator
    )
    run = monitoring.close_period(period, by=operator)
    _check_tonnes(run.gross_kg)
    assert monitoring.quantify_period(period, by=operator).results_sha256 == run.results_sha256
    asked = {each.code: "as written" for each in requirements.list_requirements(period)}
    requirements.confirm_requirements(period, references=asked, by=operator)
    check = verification.prepare_verification(period, body="An independent body", by=operator)
    for sampled in verification.draw_sample(check, seed="a published seed 1 2 3", by=verifier):
        verification.record_finding(sampled, finding="conforms", note="seen", by=verifier)
    verification.close_verification(check, positive=True, opinion="agrees", by=verifier)
    issued = issuance.issue_credits(period, by=operator)
    block = issued.blocks.get(kind=CreditBlock.Kind.SELLABLE)
    lot = sale.sell_lot(
        block,
        tonnes=block.tonnes,
        buyer=Buyer.objects.create(cooperative=cooperative, name="A buyer"),
        unit_price_minor=1_234,
        sold_on=date(2025, 3, 1),
        by=operator,
    )
    receipts.record_receipt(
        lot,
        amount_minor=lot.amount_minor,
        received_on=date(2025, 4, 1),
        reference="BANK-1",
        by=operator,
    )
    period.refresh_from_db()
    return period


def _rate(practice: str, tonnes: str) -> dict[str, object]:
    return {
        "practice": practice,
        "region": "here",
        "irrigated": None,
        "vintage_from": 2023,
        "vintage_to": 2027,
        "t_per_hectare_year": tonnes,
        "source": "made up for this test",
    }


def _check_tonnes(gross_kg: int) -> None:
    """1.5 t/ha is 0.15 kg/m²; each of the 75 plots is rounded down by less than a kilogram."""
    worked = [f"P{number:03d}" for number in range(1, PLOTS + 1) if number % 4]
    area = Boundary.objects.filter(field__code__in=worked).aggregate(sum=Sum("area_m2"))["sum"]
    exact = area * Decimal("0.15")
    assert exact - len(worked) < gross_kg <= exact


def _settle(period: MonitoringPeriod) -> Settlement:
    settled = settlement.request_settlement(period, by=_staff(period.cooperative, "operator"))
    settlement.draft_settlement(settled)
    settled.refresh_from_db()
    settlement.approve_settlement(settled, by=_staff(period.cooperative, "approver"))
    settled.refresh_from_db()
    statements.issue_statements(settled)
    return settled


def _check_sums(settled: Settlement) -> None:
    shares = Share.objects.filter(settlement=settled)
    assert shares.aggregate(sum=Sum("net_minor"))["sum"] == settled.gross_minor
    assert shares.count() == HOUSEHOLDS


def _check_statement(settled: Settlement) -> None:
    assert Statement.objects.filter(settlement=settled).count() == HOUSEHOLDS
    statements.render_pending_pdfs(settled.pk, 1)
    statement = Statement.objects.filter(pdf__status="ready").select_related("pdf").first()
    assert statement is not None
    reader = PdfReader(io.BytesIO(bytes(statement.pdf.content)))
    text = "".join(page.extract_text() for page in reader.pages)
    assert statement.number in text
    assert statement.share.household.code in text
