"""A period's package: counted again by its own script, in an empty folder, without our code."""

import csv
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pyogrio
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from aggregator.errors import NotAllowed
from aggregator.models import Agreement, AuditEvent
from aggregator.roles import NotYours
from credits.counting.monitoring import close_period
from credits.counting.package import NothingCounted, PackageFile, export_period
from credits.models import MonitoringPeriod
from credits.verifying.verification import close_verification, record_finding
from farms.models import PracticeRecord, Tenure
from tests.cast import Cast, make_season
from tests.credits.line import (
    closed_year,
    drawn_sample,
    make_enrolled_pool,
    open_year,
    verify,
)


@pytest.fixture
def period(sunrise: Cast) -> MonitoringPeriod:
    """F001 changes hands in July, F002 is signed for from April, F003 earns all year."""
    season = make_season(sunrise, 2025)
    Tenure.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[0],
        household=sunrise.households[1],
        kind=Tenure.Kind.TRANSFER,
        starts_on=date(2025, 7, 1),
    )
    Agreement.objects.filter(household=sunrise.households[1]).update(starts_on=date(2025, 4, 1))
    PracticeRecord.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[2],
        season=season,
        practice="straw_return",
    )
    return closed_year(make_enrolled_pool(sunrise), 2025, sunrise)


def unpack(file: PackageFile, folder: Path) -> Path:
    with zipfile.ZipFile(file.content) as package:
        package.extractall(folder)
    return folder


def recompute(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "recompute.py")],
        cwd="/",
        env={},
        capture_output=True,
        text=True,
        check=False,
    )


def read_results(folder: Path) -> list[dict[str, str]]:
    with (folder / "results.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tamper(folder: Path, name: str, was: str, now_is: str) -> None:
    path = folder / name
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, now_is, 1))


def test_the_package_counts_itself_again_without_our_code(
    sunrise: Cast, period: MonitoringPeriod, tmp_path: Path
) -> None:
    folder = unpack(export_period(period, by=sunrise.operator), tmp_path)
    found = recompute(folder)
    assert (found.returncode, found.stderr) == (0, "")
    assert "Everything agrees." in found.stdout
    # 181 days of H001, 184 of H002; H002 had signed for the last 275 days: floors of each.
    earned = [(row["field_code"], int(row["gross_kg"])) for row in read_results(folder)]
    assert earned == [("F001", 495), ("F001", 504), ("F002", 0), ("F002", 753), ("F003", 1000)]
    assert "total\t5 rows\tgross_kg 2752" in found.stdout


def test_a_verified_period_comes_without_the_fields_the_verifier_voided(
    sunrise: Cast, period: MonitoringPeriod, tmp_path: Path
) -> None:
    verify(period, sunrise, deviating=("F001",))
    folder = unpack(export_period(period, by=sunrise.verifier), tmp_path)
    found = recompute(folder)
    assert (found.returncode, found.stderr) == (0, "")
    assert "gross_kg 1753" in found.stdout
    rows = [row for row in read_results(folder) if row["field_code"] == "F001"]
    assert {row["term.withheld"] for row in rows} == {"voided_by_verification"}
    assert {row["gross_kg"] for row in rows} == {"0"}


def test_a_correction_that_was_extrapolated_is_counted_again(
    sunrise: Cast, period: MonitoringPeriod, tmp_path: Path
) -> None:
    check = drawn_sample(period, sunrise)
    for sampled in check.sample.all():
        deviates = sampled.result.field.code == "F003"
        record_finding(
            sampled,
            finding="deviates" if deviates else "conforms",
            note="half ploughed" if deviates else "",
            overclaimed_kg=500 if deviates else None,
            by=sunrise.verifier,
        )
    close_verification(check, positive=True, correction="extrapolate", by=sunrise.verifier)
    period.refresh_from_db()
    folder = unpack(export_period(period, by=sunrise.operator), tmp_path)
    found = recompute(folder)
    assert (found.returncode, found.stderr) == (0, "")
    [last] = [row for row in read_results(folder) if row["field_code"] == "F003"]
    assert (last["gross_kg"], last["corrected_kg"]) == ("500", "500")
    tamper(folder, "results.csv", ",500,no_till,500,", ",400,no_till,600,")
    assert recompute(folder).returncode == 1


def test_deductions_of_the_program_are_counted_again(sunrise: Cast, tmp_path: Path) -> None:
    # 1,000 kg less 10%, 5% of the rest, 20% of that: 684; reserve 20% of it, permanence 25% of it.
    make_season(sunrise, 2025)
    terms = {"uncertainty_rate": "0.1", "leakage_rate": "0.05", "first_hold_rate": "0.2"}
    terms |= {"permanence_rate": "0.25", "minimum_lot_t": 1}
    project = make_enrolled_pool(sunrise, terms=terms)
    period = closed_year(project, 2025, sunrise)
    folder = unpack(export_period(period, by=sunrise.operator), tmp_path)
    found = recompute(folder)
    assert (found.returncode, found.stderr) == (0, "")
    first = read_results(folder)[0]
    assert (first["gross_kg"], first["reserve_kg"], first["credited_kg"]) == ("513", "137", "376")
    tamper(folder, "run.json", '"leakage_rate": "1/20"', '"leakage_rate": "1/10"')
    assert recompute(folder).returncode == 1


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("results.csv", "F003,1,H003,2025-01-01", "F003,1,H002,2025-01-01"), "inputs_sha256"),
        (("results.csv", "1000,200,800", "1001,200,801"), "F003 from 2025-01-01: gross_kg"),
        (("results.csv", "10000.00", "10001.00"), "gross_exact_kg"),
        (("rates.csv", "yes", "no"), "rates.csv: not the file"),
        (("rates.csv", ",1,ha,", ",2,ha,"), "gross_kg"),
        (("run.json", '"credited_kg": 22', '"credited_kg": 21'), "run.json: credited_kg"),
        (("run.json", '"reserve_rate": "0.2', '"reserve_rate": "0.1'), "reserve_kg"),
    ],
)
def test_one_changed_number_is_found(
    sunrise: Cast,
    period: MonitoringPeriod,
    tmp_path: Path,
    change: tuple[str, str, str],
    place: str,
) -> None:
    folder = unpack(export_period(period, by=sunrise.operator), tmp_path)
    tamper(folder, *change)
    found = recompute(folder)
    assert found.returncode == 1
    assert any(place in line for line in found.stdout.splitlines() if line.startswith("DIFFERS"))


def test_a_number_changed_with_its_fingerprint_is_found_all_the_same(
    sunrise: Cast, period: MonitoringPeriod, tmp_path: Path
) -> None:
    folder = unpack(export_period(period, by=sunrise.operator), tmp_path)
    tamper(folder, "results.csv", "1000,200,800", "1001,200,801")
    sums = folder / "SHA256SUMS"
    kept = [line for line in sums.read_text().splitlines() if "results.csv" not in line]
    sums.write_text("\n".join(kept) + "\n")
    found = recompute(folder)
    assert found.returncode == 1
    assert "results_sha256" in found.stdout


def test_the_same_run_gives_the_same_octets(sunrise: Cast, period: MonitoringPeriod) -> None:
    first = export_period(period, by=sunrise.operator).content.read()
    assert export_period(period, by=sunrise.approver).content.read() == first


def test_no_name_and_no_words_of_the_verifier_are_in_the_package(
    sunrise: Cast, period: MonitoringPeriod, tmp_path: Path
) -> None:
    verify(period, sunrise, deviating=("F001",))
    folder = unpack(export_period(period, by=sunrise.operator), tmp_path)
    text = "".join(path.read_text() for path in folder.iterdir() if path.suffix != ".gpkg")
    names = [p.name for h in sunrise.households for p in h.persons.all()]
    assert names
    for secret in (*names, "ploughed", "as found", sunrise.verifier.username):
        assert secret not in text


def test_a_code_that_looks_like_a_formula_is_harmless_and_counted(
    sunrise: Cast, period: MonitoringPeriod, tmp_path: Path
) -> None:
    sunrise.fields[2].code = "=1+1"
    sunrise.fields[2].save()
    MonitoringPeriod.objects.filter(pk=period.pk).update(status="open")
    close_period(MonitoringPeriod.objects.get(pk=period.pk), by=sunrise.operator)
    period.refresh_from_db()
    folder = unpack(export_period(period, by=sunrise.operator), tmp_path)
    assert "'=1+1" in {row["field_code"] for row in read_results(folder)}
    assert recompute(folder).returncode == 0


def test_the_outlines_are_those_counted(
    sunrise: Cast, period: MonitoringPeriod, tmp_path: Path
) -> None:
    folder = unpack(export_period(period, by=sunrise.operator), tmp_path)
    info = pyogrio.read_info(folder / "fields.gpkg")
    assert (info["features"], list(info["fields"])) == (
        3,
        ["field_code", "boundary_version", "area_m2"],
    )


def test_an_open_period_has_no_package(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    period = open_year(make_enrolled_pool(sunrise), 2025, sunrise)
    with pytest.raises(NothingCounted):
        export_period(period, by=sunrise.operator)


def test_strangers_and_viewers_get_no_package(
    sunrise: Cast, riverbend: Cast, period: MonitoringPeriod
) -> None:
    with pytest.raises(NotYours):
        export_period(period, by=riverbend.operator)
    with pytest.raises(NotAllowed):
        export_period(period, by=sunrise.viewer)
    assert not AuditEvent.objects.filter(action="export_period").exists()


def test_the_button_sends_the_package_to_the_verifier(
    sunrise: Cast, period: MonitoringPeriod, client: Client
) -> None:
    client.force_login(sunrise.verifier)
    page = f"/admin/credits/monitoringperiod/{period.pk}/do/package/"
    assert client.get(page).status_code == 200
    answer = client.post(page)
    assert answer["Content-Disposition"] == 'attachment; filename="hills-2025.zip"'
    octets = b"".join(answer.streaming_content)
    assert octets == export_period(period, by=sunrise.operator).content.read()


def test_the_command_writes_the_same_package_and_says_whose(
    sunrise: Cast, period: MonitoringPeriod, tmp_path: Path
) -> None:
    path = tmp_path / "period.zip"
    call_command("export_period", f"{sunrise.cooperative.code}/hills/2025", output=path)
    assert path.read_bytes() == export_period(period, by=sunrise.operator).content.read()
    with pytest.raises(CommandError):
        call_command("export_period", "hills/2031", output=path)
