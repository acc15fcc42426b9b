"""A laboratory's sheet is kept as it came; withdrawn it stays to be read and counts no more."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from aggregator.errors import NotAllowed
from aggregator.files import hash_file
from aggregator.models import AuditEvent
from aggregator.roles import NotYours
from aggregator.sealed_files import SealBroken
from credits.counting.monitoring import open_period
from credits.models import MonitoringPeriod, SoilCampaign, SoilLayer, SoilReport
from credits.soil.estimate import NothingMeasured, build_inputs
from credits.soil.reports import (
    PeriodOfAnother,
    ReportWithdrawn,
    ResultsInUse,
    RoundGoneOn,
    SayWhyWithdrawn,
    open_report,
    tie_round,
    withdraw_results,
)
from credits.soil.results import Lab, import_results
from credits.soil.sampling import close_round, open_points
from tests.cast import Cast
from tests.credits.line import make_pool as make_other_pool
from tests.credits.soil_rounds import (
    drawn_round,
    make_pool,
    measured_round,
    rows_of,
    write_sheet,
)

CARBON = [20, 21, 22, 23, 24, 25]


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "store"
    return tmp_path / "store"


def take(cast: Cast, campaign: SoilCampaign, folder: Path, carbon: list[int]) -> Path:
    day = timezone.localdate(campaign.drawn_at).isoformat()
    path = write_sheet(folder, rows_of(list(open_points(campaign)), carbon=carbon, day=day))
    report = import_results(campaign, path, lab=Lab(name="省农科院"), by=cast.operator)
    assert report.errors == []
    return path


def open_year(cast: Cast, campaign: SoilCampaign) -> MonitoringPeriod:
    days = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}
    return open_period(campaign.project, code="2025", by=cast.operator, **days)


def test_the_sheet_is_kept_sealed_and_comes_back_byte_for_byte(
    sunrise: Cast, tmp_path: Path
) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    path = take(sunrise, campaign, tmp_path, CARBON)
    report = campaign.reports.get()
    assert (report.number, report.laboratory, report.file_name) == (1, "省农科院", "lab.xlsx")
    assert report.sha256 == hash_file(path)
    assert report.layers.count() == 12
    stored = default_storage.open(report.file.name).read()
    assert stored != path.read_bytes()
    assert stored[:2] != b"PK"
    assert open_report(report, by=sunrise.approver) == path.read_bytes()
    assert AuditEvent.objects.filter(action="open_soil_report").count() == 1


def test_a_sheet_that_is_refused_is_not_kept(sunrise: Cast, tmp_path: Path) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    path = write_sheet(tmp_path, [["no-such-bag", 0, 15, 20, 1.3, "2026-01-01", "L1"]])
    assert import_results(campaign, path, lab=Lab(name="Lab"), by=sunrise.operator).errors
    assert not SoilReport.objects.exists()


def test_a_stored_file_that_was_changed_is_not_handed_out(sunrise: Cast, tmp_path: Path) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    take(sunrise, campaign, tmp_path, CARBON)
    report = campaign.reports.get()
    SoilReport.objects.filter(pk=report.pk).update(sha256="0" * 64)
    report.refresh_from_db()
    with pytest.raises(SealBroken):
        open_report(report, by=sunrise.operator)


def test_withdrawn_results_stay_to_be_read_and_another_sheet_takes_their_place(
    sunrise: Cast, tmp_path: Path
) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    take(sunrise, campaign, tmp_path, CARBON)
    close_round(campaign, by=sunrise.operator)
    first = campaign.reports.get()
    withdraw_results(first, reason="scales were wrong", by=sunrise.operator)
    campaign.refresh_from_db()
    assert campaign.status == SoilCampaign.Status.DRAWN
    with pytest.raises(NothingMeasured):
        build_inputs(campaign)
    # The same bags and laboratory's numbers once more, two grams more of carbon.
    take(sunrise, campaign, tmp_path, [each + 2 for each in CARBON])
    assert [(row.number, row.reason) for row in campaign.reports.all()] == [
        (1, "scales were wrong"),
        (2, ""),
    ]
    assert SoilLayer.objects.count() == 24
    cores = build_inputs(campaign)["rounds"][0]["cores"]
    assert sorted(core["layers"][0]["carbon_g_per_kg"] for core in cores) == [
        22, 23, 24, 25, 26, 27,
    ]  # fmt: skip
    assert first.layers.filter(withdrawn=True).count() == 12
    with pytest.raises(ReportWithdrawn):
        withdraw_results(first, reason="again", by=sunrise.operator)
    close_round(campaign, by=sunrise.operator)


def test_a_withdrawal_has_a_reason_also_in_the_database(sunrise: Cast, tmp_path: Path) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    take(sunrise, campaign, tmp_path, CARBON)
    report = campaign.reports.get()
    with pytest.raises(SayWhyWithdrawn):
        withdraw_results(report, reason="  ", by=sunrise.operator)
    with pytest.raises(DatabaseError), transaction.atomic():
        SoilReport.objects.update(withdrawn_at=timezone.now(), withdrawn_by=sunrise.operator)


def test_results_of_a_verified_period_stay(sunrise: Cast, tmp_path: Path) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    take(sunrise, campaign, tmp_path, CARBON)
    period = open_year(sunrise, campaign)
    tie_round(campaign, period=period, by=sunrise.operator)
    campaign.refresh_from_db()
    assert campaign.period == period
    MonitoringPeriod.objects.filter(pk=period.pk).update(status="verified")
    report = SoilReport.objects.get()
    for step in (
        lambda: withdraw_results(report, reason="wrong", by=sunrise.operator),
        lambda: tie_round(campaign, period=period, by=sunrise.operator),
    ):
        with pytest.raises(ResultsInUse):
            step()
    assert not SoilLayer.objects.filter(withdrawn=True).exists()


def test_results_that_a_later_round_goes_on_from_stay(sunrise: Cast, tmp_path: Path) -> None:
    project = make_pool(sunrise)
    first = measured_round(sunrise, project, tmp_path, carbon=CARBON)
    drawn_round(sunrise, project, revisits=True)
    with pytest.raises(RoundGoneOn):
        withdraw_results(first.reports.get(), reason="wrong", by=sunrise.operator)


def test_a_round_is_tied_to_a_period_of_its_own_project_alone(
    sunrise: Cast, riverbend: Cast
) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    days = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}
    for cast, refusal in ((sunrise, PeriodOfAnother), (riverbend, NotYours)):
        other = open_period(make_other_pool(cast), code="x", by=cast.operator, **days)
        with pytest.raises(refusal):
            tie_round(campaign, period=other, by=sunrise.operator)


def test_only_those_of_the_project_take_the_sheet_or_withdraw_it(
    sunrise: Cast, riverbend: Cast, tmp_path: Path
) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    take(sunrise, campaign, tmp_path, CARBON)
    report = campaign.reports.get()
    for person, refusal in ((sunrise.approver, NotAllowed), (riverbend.operator, NotYours)):
        with pytest.raises(refusal):
            withdraw_results(report, reason="wrong", by=person)
    # A verifier to whom the project is not assigned is a stranger too.
    for person in (riverbend.operator, sunrise.verifier):
        client = Client()
        client.force_login(person)
        assert client.get(f"/admin/soil/reports/{report.pk}/").status_code == 404


@pytest.mark.usefixtures("in_english")
def test_the_pages_show_both_versions_and_the_button(sunrise: Cast, tmp_path: Path) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    take(sunrise, campaign, tmp_path, CARBON)
    report = campaign.reports.get()
    client = Client(headers={"accept-language": "en"})
    client.force_login(sunrise.operator)
    client.post(f"/admin/credits/soilreport/{report.pk}/do/withdraw/", {"reason": "scales"})
    take(sunrise, campaign, tmp_path, CARBON)
    listed = client.get(f"/admin/credits/soilreport/?campaign__id__exact={campaign.pk}")
    page = listed.content.decode()
    assert page.count("lab.xlsx") >= 2
    assert "withdrawn" in page
    assert "counts" in page
    answer = client.get(f"/admin/soil/reports/{report.pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
