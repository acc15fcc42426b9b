"""A record's page tells who changed what and when, in words; it outlives the record."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aggregator import audit
from aggregator.actors import acting
from aggregator.history_views import history_address
from aggregator.models import Household, Person, RecordChange, Village
from aggregator.record_history import PAGE
from farms.models import Field
from tests.admin_pages import signed_in, words
from tests.aggregator.sign_in_steps import enter
from tests.cast import Cast

LIST = "/admin/aggregator/recordchange/"


def rename(village: Village, times: int) -> None:
    for number in range(times):
        village.name = f"name{number}"
        village.save()


def test_a_change_made_on_a_page_names_its_person(sunrise: Cast) -> None:
    village = sunrise.village
    client = signed_in(sunrise.operator)
    form = {"name": "新村", "name_en": "New"}
    assert client.post(f"/admin/aggregator/village/{village.pk}/change/", form).status_code == 302
    line = RecordChange.objects.get(object_type="village", action="changed")
    assert (line.by_id, line.via) == (sunrise.operator.pk, "admin")
    shown = words(client.get(f"/admin/aggregator/village/{village.pk}/history/"))
    assert "sunrise-operator" in shown
    assert "一村 → 新村" in shown


def test_a_change_made_on_the_phone_names_its_household(sunrise: Cast) -> None:
    with acting(household=sunrise.households[0], via="portal"):
        rename(sunrise.village, 1)
    shown = words(signed_in(sunrise.operator).get(history_address("village", sunrise.village.pk)))
    assert "household H001 on the phone" in shown


def test_a_rule_outside_of_any_page_names_its_person(sunrise: Cast) -> None:
    audit.record_event(sunrise.village, action="changed", by=sunrise.approver)
    rename(sunrise.village, 1)
    line = RecordChange.objects.get(object_type="village", action="changed")
    assert line.by_id == sunrise.approver.pk


def test_words_and_units_stand_for_columns_and_codes(sunrise: Cast) -> None:
    field = sunrise.fields[0]
    field.contract_area_m2 = Decimal("10000.00")
    field.land_class = Field.LandClass.HIGH_STANDARD
    field.save()
    shown = words(signed_in(sunrise.operator).get(history_address("field", field.pk)))
    # 10,000 m² are 15 mu.
    assert "Contract area — → 15.00 mu" in shown
    assert "Land class — → high-standard farmland" in shown
    assert "Household H001" in shown


def test_a_household_shows_what_happened_to_its_people(sunrise: Cast) -> None:
    household = sunrise.households[0]
    Person.objects.filter(household=household).update(name="王五")
    Person.objects.create(
        cooperative=sunrise.cooperative, household=household, name="小六"
    ).delete()
    shown = words(signed_in(sunrise.operator).get(history_address("household", household.pk)))
    assert "户主1 → 王五" in shown
    assert "小六 removed" in shown
    assert "户主2" not in shown


def test_a_removed_record_still_has_its_page(sunrise: Cast) -> None:
    village = Village.objects.create(cooperative=sunrise.cooperative, code="V2", name="空村")
    key = village.pk
    village.delete()
    client = signed_in(sunrise.operator)
    for address in (history_address("village", key), f"/admin/aggregator/village/{key}/history/"):
        shown = words(client.get(address))
        assert "Village V2 (removed)" in shown
        assert "空村" in shown


def test_numbers_are_shown_to_nobody(sunrise: Cast) -> None:
    household = sunrise.households[0]
    household.phone = "+8613900001234"
    household.save()
    for reader in (sunrise.operator, sunrise.verifier):
        shown = words(signed_in(reader).get(history_address("household", household.pk)))
        assert "changed; what it was and is stays hidden" in shown
        assert "1234" not in shown


def test_a_verifier_reads_all_but_the_accounts(sunrise: Cast) -> None:
    account = sunrise.households[0].payee_accounts.get()
    account.bank_name = "信用社"
    account.save()
    client = signed_in(sunrise.verifier)
    assert "农商银行" not in words(client.get(LIST))
    assert "农商银行" not in words(
        client.get(history_address("household", sunrise.households[0].pk))
    )
    assert client.get(history_address("payeeaccount", account.pk)).status_code == 404
    office = signed_in(sunrise.operator)
    history = office.get(history_address("payeeaccount", account.pk))
    assert "农商银行 → 信用社" in words(history)
    assert "农商银行 → 信用社" in words(office.get(LIST))


@pytest.mark.parametrize("kind", ["village", "household", "user", "cooperative", "tenure"])
def test_a_stranger_finds_nothing(sunrise: Cast, riverbend: Cast, kind: str) -> None:
    rename(sunrise.village, 1)
    keys = {
        "village": sunrise.village.pk,
        "household": sunrise.households[0].pk,
        "user": sunrise.operator.pk,
        "cooperative": sunrise.cooperative.pk,
        "tenure": sunrise.fields[0].tenures.get().pk,
    }
    stranger = signed_in(riverbend.operator)
    assert stranger.get(history_address(kind, keys[kind])).status_code == 404
    assert "青山" not in words(stranger.get(LIST))


@pytest.mark.parametrize("kind", ["nothing", "posting", "recordchange"])
def test_what_is_not_watched_has_no_page(sunrise: Cast, kind: str) -> None:
    assert signed_in(sunrise.operator).get(f"{LIST}of/{kind}/1/").status_code == 404


def test_a_member_has_no_way_in(sunrise: Cast) -> None:
    answer = enter(Client(), sunrise.households[0]).get(
        history_address("village", sunrise.village.pk)
    )
    assert answer.status_code == 302


def test_a_long_history_goes_on_page_by_page_without_gap(sunrise: Cast) -> None:
    rename(sunrise.village, PAGE + 20)
    client = signed_in(sunrise.operator)
    address = history_address("village", sunrise.village.pk)
    first = client.get(address)
    second = client.get(address, {"after": first.context["following"]})
    told = [
        line["differences"][0].after
        for page in (first, second)
        for moment in page.context["moments"]
        for line in reversed(moment["lines"])
        if line["action"] == "changed"
    ]
    assert told == [f"name{number}" for number in reversed(range(PAGE + 20))]
    assert second.context["following"] == ""


@pytest.mark.parametrize("place", ["x", "2026_0_1", "2026-01-01T00:00:00+00:00_0_" + "9" * 30])
def test_a_place_nobody_wrote_is_the_beginning(sunrise: Cast, place: str) -> None:
    address = history_address("village", sunrise.village.pk)
    assert signed_in(sunrise.operator).get(address, {"after": place}).status_code == 200


def test_what_one_step_wrote_stands_together(sunrise: Cast) -> None:
    Household.objects.update(language="en")
    line = RecordChange.objects.filter(object_type="household", action="changed")[0]
    shown = signed_in(sunrise.operator).get(LIST, {"change_set": line.change_set})
    assert shown.status_code == 200
    assert "简体中文 → English" in words(shown)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"action": "changed"}, 3),
        ({"object_type": "village"}, 2),
        ({"by": "me"}, 2),
        ({"action": "removed"}, 0),
    ],
)
def test_the_list_is_filtered_by_person_kind_and_action(
    sunrise: Cast, query: dict[str, str], found: int
) -> None:
    with acting(by=sunrise.approver):
        rename(sunrise.village, 1)
        Household.objects.filter(pk=sunrise.households[0].pk).update(language="en")
    Household.objects.filter(pk=sunrise.households[1].pk).update(language="en")
    if query.get("by") == "me":
        query = {"by": str(sunrise.approver.pk)}
    answer = signed_in(sunrise.operator).get(LIST, query)
    assert answer.context["cl"].result_count == found


def test_the_list_asks_by_kind_not_by_row(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    counts = []
    for times in (2, 30):
        rename(sunrise.village, times)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST, {"object_type": "village"})
        counts.append(len(queries))
    assert counts[0] == counts[1]
