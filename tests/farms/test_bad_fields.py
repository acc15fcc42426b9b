"""Every bad field file is refused in the words that say what is wrong; nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation

from farms.field_import import import_fields
from farms.models import Boundary, Field, Tenure
from tests.cast import Cast
from tests.farms.bad_fields import BAD_FIELDS


def count_rows() -> list[int]:
    return [model.objects.count() for model in (Field, Boundary, Tenure)]


@pytest.mark.parametrize("name", BAD_FIELDS)
def test_a_bad_field_file_is_refused_in_these_words(
    name: str, sunrise: Cast, tmp_path: Path
) -> None:
    write, expected = BAD_FIELDS[name]
    path = write(tmp_path)
    before = count_rows()
    with translation.override("en"):
        report = import_fields(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert [(error.row, error.reason) for error in report.errors] == expected
    assert report.refused
    assert count_rows() == before
