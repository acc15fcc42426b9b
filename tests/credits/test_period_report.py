"""A period's report on paper: its figures, who may have it, and what never stands in it."""

import subprocess
from pathlib import Path

import pytest
from django.test import Client

from aggregator.errors import NotAllowed
from aggregator.models import Agreement
from aggregator.roles import NotYours
from credits.counting.package import NothingCounted
from credits.counting.report import report_period
from credits.models import MonitoringPeriod
from tests.cast import Cast, make_season
from tests.credits.line import closed_year, make_enrolled_pool, open_year, verify


@pytest.fixture
def period(sunrise: Cast) -> MonitoringPeriod:
    """F001 earns 1,000 kg, F003 too; nobody has signed for F002."""
    season = make_season(sunrise, 2025)
    project = make_enrolled_pool(sunrise)
    Agreement.objects.filter(household=sunrise.households[1]).delete()
    assert season.practice_records.count() == 3
    return closed_year(project, 2025, sunrise)


def read_text(content: bytes, folder: Path) -> str:
    path = folder / "report.pdf"
    path.write_bytes(content)
    command = ["pdftotext", "-layout", str(path), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_report_says_figures_formulas_reasons_and_fingerprints(
    sunrise: Cast, period: MonitoringPeriod, tmp_path: Path
) -> None:
    verify(period, sunrise, deviating=("F003",))
    text = read_text(report_period(period, language="en", by=sunrise.verifier).content, tmp_path)
    run = period.runs.first()
    assert run is not None
    for said in (
        "1.000 t CO₂e",
        "0.800 t",
        "1 t CO2e/ha/year",
        "round figure for sums by hand",
        "No signed agreement covered these days.",
        "The verifier found that the practice did not take place.",
        "deviates",
        "9319./2.5.8.10.12./9.18.26.34.41.45./",
        "python3 recompute.py",
        run.inputs_sha256,
        run.results_sha256,
    ):
        assert said in text, said


def test_no_persons_name_stands_in_the_report(
    sunrise: Cast, period: MonitoringPeriod, tmp_path: Path
) -> None:
    verify(period, sunrise, deviating=("F003",))
    text = read_text(
        report_period(period, language="zh-hans", by=sunrise.operator).content, tmp_path
    )
    names = [p.name for household in sunrise.households for p in household.persons.all()]
    assert names
    assert "F001" in text
    assert [name for name in (*names, "ploughed") if name in text] == []


def test_an_open_period_has_no_report(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    period = open_year(make_enrolled_pool(sunrise), 2025, sunrise)
    with pytest.raises(NothingCounted):
        report_period(period, language="en", by=sunrise.operator)


def test_strangers_and_viewers_get_no_report(
    sunrise: Cast, riverbend: Cast, period: MonitoringPeriod
) -> None:
    with pytest.raises(NotYours):
        report_period(period, language="en", by=riverbend.verifier)
    with pytest.raises(NotAllowed):
        report_period(period, language="en", by=sunrise.viewer)


def test_the_button_asks_for_the_language_and_sends_a_pdf(
    sunrise: Cast, period: MonitoringPeriod, client: Client
) -> None:
    client.force_login(sunrise.operator)
    page = f"/admin/credits/monitoringperiod/{period.pk}/do/report/"
    assert client.get(page).status_code == 200
    answer = client.post(page, {"language": "en"})
    assert answer["Content-Disposition"] == 'attachment; filename="hills-2025.pdf"'
    assert answer.content.startswith(b"%PDF")
