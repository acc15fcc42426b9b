"""Projects of every methodology go the whole way, and their package counts itself again."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from credits.counting.package import export_period
from credits.models import FieldResult, MonitoringPeriod, Project
from credits.registry import BY_SITUATION
from farms.models import PracticeRecord
from tests.cast import Cast, make_season
from tests.credits.line import TERMS, closed_year, issued_year, make_enrolled_pool
from tests.credits.methodology_cases import PROJECTS

# Whole kilograms of the cast's three hectares in 2025, each after what the project gives off more
# (rice: 1,583 less 106.09), and the reserve of the program, a fifth rounded up.
EARNED = {
    "practice-rate": (1250, 250),
    "ipcc-soc-tier1": (1767, 354),
    "conservation-tillage": (1835, 367),
    "rice-water": (1476, 296),
    "measured-soc": (4577, 916),
}


def make_project(cast: Cast, methodology: str, **facts: Any) -> Project:
    make_season(cast, 2025)
    parameters = PROJECTS[methodology]
    return make_enrolled_pool(cast, methodology=methodology, parameters=parameters, **facts)


def unpack(period: MonitoringPeriod, cast: Cast, folder: Path) -> Path:
    with zipfile.ZipFile(export_period(period, by=cast.operator).content) as package:
        package.extractall(folder)
    return folder


def recompute(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Without our code and without installed packages, unless `options` say otherwise."""
    return subprocess.run(
        [sys.executable, *(options or ("-I", "-S")), str(folder / "recompute.py")],
        cwd="/",
        env={},
        capture_output=True,
        text=True,
        check=False,
    )


def tamper(folder: Path, name: str, was: str, now_is: str) -> None:
    """Change one place of a file, and its fingerprint with it, as a forger would."""
    path = folder / name
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, now_is, 1))
    sums = folder / "SHA256SUMS"
    kept = [line for line in sums.read_text().splitlines() if not line.endswith(f"  {name}")]
    sums.write_text("\n".join(kept) + "\n")


@pytest.fixture(params=sorted(BY_SITUATION))
def methodology(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_project_is_enrolled_counted_verified_issued_and_counted_again(
    sunrise: Cast, methodology: str, tmp_path: Path
) -> None:
    project = make_project(sunrise, methodology)
    issuance = issued_year(project, 2025, sunrise)
    gross, reserve = EARNED[methodology]
    for result in FieldResult.objects.filter(run=issuance.run):
        assert (result.gross_kg, result.reserve_kg) == (gross, reserve)
    assert issuance.sellable_t == 3 * (gross - reserve) // 1000
    folder = unpack(issuance.period, sunrise, tmp_path)
    found = recompute(folder)
    assert (found.returncode, found.stderr) == (0, ""), found.stdout
    assert f"total\t3 rows\tgross_kg {3 * gross}" in found.stdout
    assert ("taken as it stands" in found.stdout) == (methodology == "measured-soc")


def test_measured_soil_is_worked_out_anew_where_numpy_is(sunrise: Cast, tmp_path: Path) -> None:
    period = closed_year(make_project(sunrise, "measured-soc"), 2025, sunrise)
    found = recompute(unpack(period, sunrise, tmp_path), "-s")
    assert (found.returncode, found.stderr) == (0, "")
    assert "taken as it stands" not in found.stdout


@pytest.mark.parametrize(
    ("name", "was", "now_is", "said"),
    [
        ("situations.json", '"gross_kg_per_ha": "', '"gross_kg_per_ha": "1', "gross_kg_per_ha is"),
        ("situations.json", '"value": "33/25"', '"value": "34/25"', "].value is '34/25'"),
        ("situations.json", '"practice": "no_till"', '"practice": ""', "practice is"),
        ("run.json", '"n_kg_per_ha": "180"', '"n_kg_per_ha": "170"', "terms"),
        ("run.json", '"days": "112"', '"days": "113"', "terms"),
        ("results.csv", "1583.3664", "1584.3664", "gross_before_floor_kg"),
        ("results.csv", "10000.00", "10001.00", "area_ha"),
        ("results.csv", "424371/4000", "424371/4001", "emitted_kg_per_ha"),
    ],
)
def test_one_changed_number_is_found(
    sunrise: Cast, tmp_path: Path, name: str, was: str, now_is: str, said: str
) -> None:
    methodology = "conservation-tillage" if "180" in was else "rice-water"
    period = closed_year(make_project(sunrise, methodology), 2025, sunrise)
    folder = unpack(period, sunrise, tmp_path)
    tamper(folder, name, was, now_is)
    found = recompute(folder)
    assert found.returncode == 1
    assert any(said in line for line in found.stdout.splitlines() if line.startswith("DIFFERS"))


def test_every_term_of_a_situation_stands_in_the_package_once(
    sunrise: Cast, tmp_path: Path
) -> None:
    period = closed_year(make_project(sunrise, "rice-water"), 2025, sunrise)
    folder = unpack(period, sunrise, tmp_path)
    [situation] = json.loads((folder / "situations.json").read_text())
    terms = {term["name"]: term for term in situation["terms"]}
    factor = terms["season_1.baseline.EFc"]
    assert (factor["value"], factor["unit"]) == ("33/25", "kg CH4/ha/d")
    assert "table 5.11" in factor["source"]
    with (folder / "results.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert row["term.kg_per_ha"] == situation["gross_kg_per_ha"]
    assert not (folder / "rates.csv").exists()


def test_deductions_of_the_program_come_after_what_the_project_emits(
    sunrise: Cast, tmp_path: Path
) -> None:
    """1,583 kg less 106.09275, less 10% leakage of the rest: 1,329.216…; reserve a fifth of it."""
    project = make_project(sunrise, "rice-water", terms={"minimum_lot_t": 1, "leakage_rate": "0.1"})
    period = closed_year(project, 2025, sunrise)
    first = period.runs.get().results.order_by("field__code")[0]
    assert (first.gross_kg, first.reserve_kg, first.credited_kg) == (1329, 266, 1063)
    assert float(first.terms["project_emissions_kg"].split("/")[0]) > 0
    assert recompute(unpack(period, sunrise, tmp_path)).returncode == 0


def test_fields_outside_every_situation_earn_nothing_and_say_why(sunrise: Cast) -> None:
    project = make_project(sunrise, "rice-water")
    PracticeRecord.objects.filter(field=sunrise.fields[1]).update(practice="conventional")
    period = closed_year(project, 2025, sunrise)
    earned = dict(period.runs.get().results.values_list("field__code", "gross_kg"))
    assert earned == {"F001": 1476, "F002": 0, "F003": 1476}
    assert TERMS
