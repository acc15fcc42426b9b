"""Every bad practice sheet is refused in the words that say what is wrong; nothing is written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.utils import translation

from farms.models import Evidence, PracticeRecord, Season
from farms.practice_import import import_practices
from tests.cast import Cast
from tests.farms.bad_practices import BAD_PRACTICES


@pytest.mark.parametrize("name", BAD_PRACTICES)
def test_a_bad_practice_sheet_is_refused_in_these_words(
    name: str, sunrise: Cast, tmp_path: Path
) -> None:
    Season.objects.create(
        cooperative=sunrise.cooperative,
        code="2024",
        starts_on=date(2024, 1, 1),
        ends_on=date(2024, 12, 31),
    )
    write, expected = BAD_PRACTICES[name]
    path = write(tmp_path)
    with translation.override("en"):
        report = import_practices(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert [(error.row, error.reason) for error in report.errors] == expected
    assert report.refused
    assert not PracticeRecord.objects.exists()
    assert not Evidence.objects.exists()
