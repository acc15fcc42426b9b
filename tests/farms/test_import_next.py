"""The page after a file was brought in says what waits, and which file comes next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from aggregator.models import DuplicatePair, ImportRun
from farms.models import Field, OverlapScan
from tests.aggregator.sheets import household, write_csv, write_households
from tests.cast import Cast
from tests.farms import uploading
from tests.farms.layer_files import field, square, write_geojson


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path, in_english: None) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def bring(path: Path, cast: Cast, kind: str) -> ImportRun:
    upload = uploading.write(uploading.check(path, cast, kind=kind), cast)
    assert upload.run is not None
    return upload.run


def shown(cast: Cast, run: ImportRun) -> tuple[list[str], str]:
    """What waits and what comes next; every link leads somewhere."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.operator)
    context = client.get(f"/admin/import/runs/{run.pk}/").context
    links = context["waiting"]
    for link in (*links, *([context["next"]] if context["next"] else [])):
        assert client.get(link.url).status_code == 200, link.url
    return [link.text for link in links], context["next"].text if context["next"] else ""


def test_after_households_come_accounts_twins_and_fields(sunrise: Cast, tmp_path: Path) -> None:
    rows = [household(1), household(2, phone=household(1)["phone"])]
    run = bring(write_households(tmp_path / "a.csv", *rows), sunrise, "households")
    Field.objects.all().delete()
    pairs = DuplicatePair.objects.count()
    assert pairs == 1
    assert shown(sunrise, run) == (
        [
            "2 bank accounts wait for a second person to approve them.",
            "1 household may be on record twice.",
        ],
        "Bring in the fields",
    )


def test_after_fields_comes_the_check_of_the_land_and_then_practices(
    sunrise: Cast, tmp_path: Path
) -> None:
    path = write_geojson(tmp_path / "a.geojson", [(field("P1"), square(0))])
    run = bring(path, sunrise, "fields")
    check = "Have the land checked for overlaps with the fields of all cooperatives."
    assert shown(sunrise, run) == ([check], "Bring in the practices")
    OverlapScan.objects.create(cooperative=sunrise.cooperative)
    assert shown(sunrise, run) == ([], "Bring in the practices")


def test_after_practices_comes_the_project(sunrise: Cast, tmp_path: Path) -> None:
    rows = [["地块编码", "季", "农事措施"], ["F001", "2025", "免耕"]]
    run = bring(write_csv(tmp_path / "a.csv", rows), sunrise, "practices")
    waiting, then = shown(sunrise, run)
    assert waiting == ["1 practice record has no evidence yet."]
    assert then == "Set up a project, or enrol fields in one"


def test_after_a_refused_file_nothing_comes_next(sunrise: Cast, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"%PDF-1.7")
    upload = uploading.read(tmp_path / "a.csv", sunrise, kind="households")
    assert upload.run is not None
    assert shown(sunrise, upload.run) == ([], "")
