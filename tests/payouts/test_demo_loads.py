"""The demonstration, loaded whole through importers and rules: what a newcomer finds."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from aggregator.models import Cooperative, Household, ImportRun, User
from credits.models import Enrolment, FieldResult, MonitoringPeriod
from farms.models import Evidence, Field
from payouts import settlement, statements
from payouts.models import Payment, Receipt, Settlement, Share, Statement

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def cooperative(tmp_path: Path, settings: object, db: None) -> Cooperative:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
    call_command("load_demo", "--folder", str(tmp_path / "demo"), stdout=StringIO())
    return Cooperative.objects.get()


def test_the_demo_runs_the_whole_line_and_leaves_2025_to_the_newcomer(
    cooperative: Cooperative, tmp_path: Path
) -> None:
    """One loading, many looks: it takes seconds, and each look is at a station of the line."""
    check_everything_came_through_the_importers()
    check_some_fields_were_refused_with_reasons()
    check_2024_is_settled_and_paid()
    check_the_books()
    check_loading_again_is_refused_or_does_nothing(tmp_path)
    check_the_sign_ins_are_shown()
    check_2025_waits_for_the_button()
    check_the_books()


def check_everything_came_through_the_importers() -> None:
    kinds = ImportRun.objects.filter(status="imported").values_list("kind", flat=True)
    assert len(kinds) == 4
    assert Household.objects.count() == 240
    assert 850 <= Field.objects.count() <= 950
    assert Evidence.objects.count() > 1000


def check_some_fields_were_refused_with_reasons() -> None:
    refused = Enrolment.objects.filter(status="refused")
    codes = {reason["code"] for enrolment in refused for reason in enrolment.reasons}
    assert {"agreement_missing_days", "below_minimum_area", "excluded_crop"} <= codes
    assert refused.count() < 0.1 * Enrolment.objects.count()


def check_2024_is_settled_and_paid() -> None:
    settled = Settlement.objects.get()
    assert settled.period.code == "2024"
    assert settled.status == "approved"
    assert settled.drafted_by != settled.approved_by
    shares = Share.objects.filter(settlement=settled)
    assert Statement.objects.filter(settlement=settled).count() == shares.count() > 200
    sums = shares.aggregate(gross=Sum("gross_minor"), net=Sum("net_minor"))
    assert sums["net"] == settled.net_minor
    assert sums["gross"] == settled.gross_minor
    received = Receipt.objects.filter(settlement=settled).aggregate(sum=Sum("amount_minor"))["sum"]
    assert received == settled.gross_minor
    status = list(Payment.objects.values_list("status", flat=True))
    assert status.count("held") == 1
    assert status.count("failed") == 1
    assert status.count("paid") == len(status) - 2


def check_the_books() -> None:
    call_command("check_ledger", stdout=StringIO())


def check_loading_again_is_refused_or_does_nothing(tmp_path: Path) -> None:
    before = Field.objects.count()
    call_command("load_demo", "--if-empty", stdout=StringIO())
    assert Field.objects.count() == before
    with pytest.raises(CommandError):
        call_command("load_demo", "--folder", str(tmp_path / "again"), stdout=StringIO())


def check_the_sign_ins_are_shown() -> None:
    shown = StringIO()
    call_command("load_demo", "--show-sign-ins", stdout=shown)
    for word in ("operator", "approver", "verifier", "13800000001", "tianhui-demo"):
        assert word in shown.getvalue()


def check_2025_waits_for_the_button() -> None:
    operator, approver = (User.objects.get(username=name) for name in ("operator", "approver"))
    period = MonitoringPeriod.objects.get(code="2025")
    assert period.status == "issued"
    assert Receipt.objects.filter(settlement=None).count() == 3
    request = settlement.request_settlement(period, by=operator)
    settlement.draft_settlement(request)
    request.refresh_from_db()
    settlement.approve_settlement(request, by=approver)
    request.refresh_from_db()
    statements.issue_statements(request)
    households = FieldResult.objects.filter(run=request.run).values("household").distinct().count()
    assert Statement.objects.filter(settlement=request).count() == households > 200


def test_an_empty_database_shows_no_sign_ins(db: None) -> None:
    shown = StringIO()
    call_command("load_demo", "--show-sign-ins", stdout=shown)
    assert shown.getvalue() == ""
