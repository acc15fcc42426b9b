"""Every bad household sheet is refused in the words that say what is wrong; nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation

from aggregator.household_import import import_households
from aggregator.models import Agreement, Household, PayeeAccount, Person
from tests.aggregator.bad_sheets import BAD_HOUSEHOLDS
from tests.cast import Cast


def count_rows() -> list[int]:
    return [model.objects.count() for model in (Household, Person, Agreement, PayeeAccount)]


@pytest.mark.parametrize("name", BAD_HOUSEHOLDS)
def test_a_bad_household_sheet_is_refused_in_these_words(
    name: str, sunrise: Cast, tmp_path: Path
) -> None:
    write, expected = BAD_HOUSEHOLDS[name]
    path = write(tmp_path)
    before = count_rows()
    with translation.override("en"):
        report = import_households(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert [(error.row, error.reason) for error in report.errors] == expected
    assert report.refused
    assert count_rows() == before
