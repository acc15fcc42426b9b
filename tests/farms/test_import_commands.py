"""The three commands: what they print, what they answer the shell, what they refuse."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from aggregator.models import ImportRun
from farms.models import Field
from tests.aggregator.sheets import household, write_csv, write_households
from tests.cast import Cast
from tests.farms.layer_files import square, write_geojson

pytestmark = pytest.mark.usefixtures("in_english")


def run(command: str, *arguments: Any) -> str:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_clean_file_prints_its_counts(sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(tmp_path / "members.csv", household(1))
    printed = run("import_households", path, "--cooperative", "sunrise")
    assert printed.splitlines() == [
        "members.csv: imported",
        "  created: 1",
        "  updated: 0",
        "  unchanged: 0",
    ]
    assert "unchanged: 1" in run("import_households", path, "--cooperative", "sunrise")


def test_a_refused_file_prints_every_error_and_exits_with_1(sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(tmp_path / "a.csv", household(1, language="x", shares="-"))
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("import_households", str(path), cooperative="sunrise", stdout=out)
    assert end.value.code == 1
    assert "a.csv: refused" in out.getvalue()
    assert "  Row 2, shares: Not a whole number. (-)" in out.getvalue()


def test_json_is_the_whole_report(sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(tmp_path / "a.csv", household(1))
    arguments = (
        path,
        "--cooperative",
        "sunrise",
        "--json",
        "--dry-run",
        "--by",
        "sunrise-operator",
    )
    assert json.loads(run("import_households", *arguments)) == {
        "kind": "households",
        "status": "checked",
        "counts": {"created": 1, "updated": 0, "unchanged": 0},
        "errors": [],
        "notes": [],
    }
    assert ImportRun.objects.get().by == sunrise.operator


def test_fields_and_practices_have_their_own_arguments(
    sunrise: Cast, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    layer = write_geojson(tmp_path / "a.geojson", [({"ID": "P1"}, square(0))])
    where = ("--cooperative", "sunrise")
    run("import_fields", layer, *where, "--map", "field_code=ID", "--set", "village_code=V1")
    assert Field.objects.filter(code="P1").exists()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"photo")
    rows = [["field_code", "season", "practice", "evidence"], ["P1", "2025", "no-till", "a.jpg"]]
    practices = write_csv(tmp_path / "p.csv", rows)
    printed = run("import_practices", practices, *where, "--evidence-dir", tmp_path / "photos")
    assert "created: 1" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--cooperative", "moon"], "There is no cooperative moon"),
        (["--cooperative", "sunrise", "--by", "nobody"], "no member of staff nobody"),
        (["--cooperative", "sunrise", "--by", "sunrise-viewer"], "Your role does not include"),
        (["--cooperative", "sunrise", "--by", "riverbend-operator"], "another cooperative"),
    ],
)
def test_wrong_arguments_end_in_a_sentence(
    arguments: list[str], said: str, sunrise: Cast, riverbend: Cast, tmp_path: Path
) -> None:
    path = write_households(tmp_path / "a.csv", household(1))
    with pytest.raises(CommandError, match=said):
        run("import_households", path, *arguments)


def test_a_file_that_is_not_there_is_told(sunrise: Cast, tmp_path: Path) -> None:
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("import_fields", str(tmp_path / "no.gpkg"), cooperative="sunrise", stdout=out)
    assert "There is no file at no.gpkg." in out.getvalue()
