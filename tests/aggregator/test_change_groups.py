"""What was written in one go is one line of the list, with a way to its rows and to its file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.actors import acting
from aggregator.history_views import change_list_address, history_address
from aggregator.household_import import import_households
from aggregator.models import Household, ImportRun, RecordChange
from tests.admin_pages import signed_in, words
from tests.aggregator.sheets import household, write_households
from tests.cast import Cast

LIST = "/admin/aggregator/recordchange/"


@pytest.fixture
def run(sunrise: Cast, tmp_path: Path) -> ImportRun:
    """Twelve more households, brought in by a file."""
    rows = (
        household(number, household_code=f"N{number}", identity_number="", account_number="")
        for number in range(1, 13)
    )
    path = write_households(tmp_path / "members.csv", *rows)
    report = import_households(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert not report.errors, report.errors
    return ImportRun.objects.get(pk=report.run_id)


def test_an_import_knows_the_changes_it_wrote(run: ImportRun) -> None:
    added = Household.objects.get(code="N7")
    line = RecordChange.objects.get(object_type="household", object_id=added.pk)
    assert line.change_set == run.change_set


def test_a_file_only_checked_wrote_nothing(sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(tmp_path / "members.csv", household(1, household_code="N1"))
    report = import_households(
        path, cooperative=sunrise.cooperative, by=sunrise.operator, dry_run=True
    )
    assert ImportRun.objects.get(pk=report.run_id).change_set is None


def test_the_list_tells_an_import_in_one_line_a_kind(sunrise: Cast, run: ImportRun) -> None:
    asked = {"object_type": "household", "by": str(sunrise.operator.pk)}
    answer = signed_in(sunrise.operator).get(LIST, asked)
    assert answer.context["cl"].result_count == 1
    shown = words(answer)
    assert "12 households" in shown
    assert "Brought in by members.csv" in shown
    assert f"/importrun/{run.pk}/change/" in answer.content.decode()


def test_the_way_from_the_line_leads_to_its_rows(sunrise: Cast, run: ImportRun) -> None:
    client = signed_in(sunrise.operator)
    address = change_list_address(run.change_set or 0, "membership", "added")
    assert address.replace("&", "&amp;") in client.get(LIST).content.decode()
    rows = client.get(address)
    # On one transaction of a test, the cast's three memberships are in the set, too.
    assert rows.context["cl"].result_count in {12, 15}


def test_a_bulk_change_is_one_line_with_the_number_of_its_rows(sunrise: Cast) -> None:
    Household.objects.update(language="en")
    answer = signed_in(sunrise.operator).get(LIST, {"action__exact": "changed"})
    assert answer.context["cl"].result_count == 1
    assert "3 households" in words(answer)
    assert "members" not in words(answer)


def test_a_change_of_one_row_still_says_from_what_to_what(sunrise: Cast) -> None:
    Household.objects.filter(code="H001").update(language="en")
    answer = signed_in(sunrise.operator).get(LIST, {"action__exact": "changed"})
    assert "简体中文 → English" in words(answer)


def test_two_people_are_never_one_line(sunrise: Cast) -> None:
    for by, code in ((sunrise.operator, "H001"), (sunrise.approver, "H002"), (None, "H003")):
        with acting(by=by):
            Household.objects.filter(code=code).update(language="en")
    answer = signed_in(sunrise.operator).get(LIST, {"action__exact": "changed"})
    assert answer.context["cl"].result_count == 3


@pytest.mark.usefixtures("in_english")
def test_the_list_ends_where_nobody_reads_on_and_says_so(
    sunrise: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.change_groups.MOST_GROUPS", 2)
    monkeypatch.setattr("aggregator.admin.changes.MOST_GROUPS", 2)
    monkeypatch.setattr("aggregator.admin.changes.RecordChangeAdmin.list_per_page", 2)
    lines = RecordChange.objects.filter(object_type="field").order_by("pk")
    for number, line in enumerate(lines[:3], start=1):
        moment = line.at + timedelta(days=number)
        RecordChange.objects.bulk_create(
            [
                RecordChange(
                    cooperative=sunrise.cooperative,
                    at=moment,
                    change_set=line.change_set + number,
                    action="changed",
                    object_type="village",
                    object_id=number,
                )
            ]
        )
    client = signed_in(sunrise.operator)
    asked = {"object_type": "village", "action__exact": "changed"}
    for order, numbers in (("-0", [3, 2]), ("0", [1, 2])):
        shown = client.get(LIST, {**asked, "o": order})
        found = [line.object_id for line in shown.context["cl"].result_list]
        assert found == numbers, order
        assert "2+ changes of records" in words(shown)
        assert "Pages end here" in words(shown)


def test_a_households_page_names_the_file_that_brought_it(sunrise: Cast, run: ImportRun) -> None:
    added = Household.objects.get(code="N7")
    answer = signed_in(sunrise.operator).get(history_address("household", added.pk))
    assert "Brought in by members.csv" in words(answer)
    assert "other rows were written with it" in words(answer)
    assert f"?change_set={run.change_set}" in answer.content.decode()


def test_an_import_is_the_cooperatives_own(sunrise: Cast, riverbend: Cast, run: ImportRun) -> None:
    answer = signed_in(riverbend.operator).get(LIST)
    assert "members.csv" not in words(answer)


def test_the_imports_page_leads_to_what_it_wrote(sunrise: Cast, run: ImportRun) -> None:
    page = signed_in(sunrise.operator).get(f"/admin/aggregator/importrun/{run.pk}/change/")
    assert f"?change_set={run.change_set}" in page.content.decode()


def test_the_log_of_decisions_is_filtered_by_person(sunrise: Cast, run: ImportRun) -> None:
    client = signed_in(sunrise.operator)
    for person, found in ((sunrise.operator, 1), (sunrise.viewer, 0)):
        answer = client.get("/admin/aggregator/auditevent/", {"by": str(person.pk)})
        assert answer.context["cl"].result_count == found
