"""A slip of the pen in any table of factors is found: twenty-four are made, each breaks a test.

Works on a copy of the source, one changed constant at a time.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

# The file, the text as it stands there once, the slip, and the tests that have to see it.
SLIPS = [
    ("gwp", '("AR5", "28", "265")', '("AR5", "27", "265")', "gwp"),
    ("gwp", '("AR6", "27.0", "273")', '("AR6", "27.0", "274")', "gwp"),
    ("ipcc_soc_tables", "hac 64±5", "hac 65±5", "ipcc_soc_tier1"),
    ("ipcc_soc_tables", "81±5", "81±6", "ipcc_soc_tier1"),
    ("ipcc_soc_tables", "FLU annual .77±14 .70±12", "FLU annual .77±14 .71±12", "ipcc_soc_tier1"),
    ("ipcc_soc_tables", "FMG no_till 1.03±4", "FMG no_till 1.02±4", "ipcc_soc_tier1"),
    ("ipcc_soc_tables", "warm_temperate_moist 88", "warm_temperate_moist 89", "ipcc_soc_tier1"),
    (
        "ipcc_soc_tables",
        '_INTERVAL_95 = Fraction("1.96")',
        "_INTERVAL_95 = Fraction(2)",
        "ipcc_soc_tier1",
    ),
    ("ipcc_rice_ch4", '"East Asia"), "1.32"', '"East Asia"), "1.23"', "ipcc_rice_ch4"),
    ("ipcc_rice_ch4", '"southeast_asia": 102', '"southeast_asia": 120', "ipcc_rice_ch4"),
    ("ipcc_rice_ch4", '"Korea"), "1.83"', '"Korea"), "1.38"', "ipcc_rice_ch4"),
    ("ipcc_rice_ch4", '"Green manure"), "0.45"', '"Green manure"), "0.54"', "ipcc_rice_ch4"),
    ("ipcc_rice_ch4", 'default="0.59"', 'default="0.60"', "ipcc_rice_ch4"),
    ("ipcc_n2o_tables", 'synthetic=("0.016"', 'synthetic=("0.014"', "ipcc_n2o"),
    ("ipcc_n2o_tables", '"drained": Fraction("0.005")', '"drained": Fraction("0.003")', "ipcc_n2o"),
    ("ipcc_n2o_tables", '"urea": Fraction("0.15")', '"urea": Fraction("0.11")', "ipcc_n2o"),
    ("ipcc_n2o_tables", 'leach=Fraction("0.24")', 'leach=Fraction("0.30")', "ipcc_n2o"),
    ("ipcc_n2o_tables", '"0.007 - 1.4 0.16 0.89 0.95', '"0.007 - 1.4 0.16 0.88 0.95', "ipcc_n2o"),
    (
        "ipcc_n2o_tables",
        'DOLOMITE_CARBON = Fraction("0.13")',
        'DOLOMITE_CARBON = Fraction("0.12")',
        "ipcc_n2o",
    ),
    (
        "ipcc_residue_burning",
        'CH4: Fraction("2.7")',
        'CH4: Fraction("2.3")',
        "ipcc_residue_burning",
    ),
    (
        "ipcc_residue_burning",
        '"wheat": Fraction("0.90")',
        '"wheat": Fraction("0.80")',
        "ipcc_residue_burning",
    ),
    ("practice_rate", '"dry-prairie", "0.057"', '"dry-prairie", "0.075"', "practice_rate"),
    ("rice_water", 'Fraction("0.00314")', 'Fraction("0.00413")', "rice_water"),
    ("conservation_tillage", 'Fraction("2.886")', 'Fraction("2.810")', "conservation_tillage"),
]

# They would set up the whole program for arithmetic.
PLUGINS = ("django", "xdist", "hypothesispytest", "playwright", "cacheprovider")


@pytest.fixture(scope="module")
def copied_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pure modules and their tests without anything else, to be spoilt."""
    copy = tmp_path_factory.mktemp("mutations")
    skip = shutil.ignore_patterns("__pycache__")
    for package in ("aggregator", "credits"):
        (copy / package).mkdir()
        (copy / package / "__init__.py").touch()
    shutil.copytree(
        ROOT / "credits" / "methodologies", copy / "credits" / "methodologies", ignore=skip
    )
    for name in ("units", "periods"):
        shutil.copy(ROOT / "aggregator" / f"{name}.py", copy / "aggregator")
    (copy / "credits" / "programs").mkdir()
    (copy / "credits" / "programs" / "__init__.py").touch()
    shutil.copy(ROOT / "credits" / "programs" / "deductions.py", copy / "credits" / "programs")
    for name in {slip[3] for slip in SLIPS}:
        shutil.copy(ROOT / "tests" / "credits" / f"test_{name}.py", copy)
    (copy / "pytest.ini").write_text("[pytest]\n")
    return copy


def run_tests(copy: Path, name: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-x", "-q"]
    command += [option for plugin in PLUGINS for option in ("-p", f"no:{plugin}")]
    command.append(f"test_{name}.py" if name else ".")
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_untouched_copy_passes(copied_source: Path) -> None:
    done = run_tests(copied_source, "")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("module", "text", "slip", "tests"), SLIPS)
def test_a_slip_in_a_constant_breaks_a_test(
    copied_source: Path, module: str, text: str, slip: str, tests: str
) -> None:
    path = copied_source / "credits" / "methodologies" / f"{module}.py"
    sound = path.read_text()
    assert sound.count(text) == 1
    path.write_text(sound.replace(text, slip))
    try:
        done = run_tests(copied_source, tests)
    finally:
        path.write_text(sound)
    assert done.returncode == 1, f"no test saw {slip}: {done.stdout}"
