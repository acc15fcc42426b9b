"""A list older than what is on record: it brings no dead head back and opens no former phone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.household_import import import_households
from aggregator.importing import ImportReport
from aggregator.models import Household, Person
from aggregator.sign_in import households_of
from aggregator.succession import record_death
from tests.aggregator.sheets import household, identity, write_households
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("in_english")


def bring_in(cast: Cast, folder: Path, *rows: dict[str, str]) -> ImportReport:
    path = write_households(folder / "a.csv", *rows)
    return import_households(path, cooperative=cast.cooperative, by=cast.operator)


def let_head_die(cast: Cast) -> Household:
    """Q001's head 王1 died; 王小明 heads it."""
    passed_on = Household.objects.get(code="Q001")
    heir = Person.objects.create(
        cooperative=cast.cooperative,
        household=passed_on,
        name="王小明",
        identity_number=identity(11),
    )
    record_death(passed_on, heir=heir, happened_on=date(2025, 7, 1), by=cast.operator)
    return passed_on


def heads(of: Household) -> list[tuple[str, str]]:
    rows = Person.objects.filter(household=of, is_head=True)
    return [(person.name, person.identity_number) for person in rows]


@pytest.mark.parametrize("number", [identity(1), ""])
def test_a_head_who_died_is_not_brought_back(sunrise: Cast, tmp_path: Path, number: str) -> None:
    assert not bring_in(sunrise, tmp_path, household(1)).refused
    passed_on = let_head_die(sunrise)
    report = bring_in(sunrise, tmp_path, household(1, identity_number=number))
    assert [(error.row, error.column, error.reason) for error in report.errors] == [
        (
            2,
            "head_name",
            "王1 left household Q001 on 2025-07-01. Write who heads it now.",
        )
    ]
    assert heads(passed_on) == [("王小明", identity(11))]


def test_an_heir_of_the_same_name_is_no_dead_head(sunrise: Cast, tmp_path: Path) -> None:
    assert not bring_in(sunrise, tmp_path, household(1)).refused
    passed_on = let_head_die(sunrise)
    row = household(1, head_name="王1", identity_number=identity(11))
    assert not bring_in(sunrise, tmp_path, row).refused
    assert heads(passed_on) == [("王1", identity(11))]


def test_a_phone_of_a_merged_record_goes_with_the_change(sunrise: Cast, tmp_path: Path) -> None:
    assert not bring_in(sunrise, tmp_path, household(1), household(2)).refused
    kept, merged = Household.objects.filter(code__in=["Q001", "Q002"]).order_by("code")
    Household.objects.filter(pk=merged.pk).update(merged_into=kept)
    assert households_of(merged.phone_hash).get() == kept
    assert not bring_in(sunrise, tmp_path, household(1, phone="13900001111")).refused
    assert not households_of(merged.phone_hash).exists()


def test_many_changed_phones_cost_no_question_each(sunrise: Cast, tmp_path: Path) -> None:
    def questions(count: int, first: int) -> int:
        rows = [household(number) for number in range(1, count + 1)]
        assert not bring_in(sunrise, tmp_path, *rows).refused
        changed = [{**row, "phone": f"139000{first + n:05d}"} for n, row in enumerate(rows)]
        with CaptureQueriesContext(connection) as queries:
            assert not bring_in(sunrise, tmp_path, *changed).refused
        return len(queries)

    assert questions(20, 100) == questions(2, 200)
