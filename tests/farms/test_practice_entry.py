"""One practice is entered for many fields: shown first, written once, in one go."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent
from aggregator.roles import NotYours
from farms.models import Field, Observation, PracticeRecord, Season, Tenure
from farms.observations import DayToCome, NoFields
from farms.practice_entry import Entry, enter_practice, plan_entry
from farms.reports import Deed, UnknownPractice
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool

pytestmark = pytest.mark.usefixtures("in_english")

ENTRY, SIGHTS = "/admin/practices/enter/", "/admin/observations/enter/"


@pytest.fixture
def client() -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def season(sunrise: Cast) -> Season:
    return make_season(sunrise, 2025, practice="straw_return")


def ids(cast: Cast) -> list[int]:
    return [field.pk for field in cast.fields]


def entry(season: Season, practice: str = "no_till", **facts: Any) -> Entry:
    return Entry(season, practice, Deed(**facts))


def test_it_is_written_for_every_field_with_one_event_and_twice_is_once(
    sunrise: Cast, season: Season
) -> None:
    said = entry(season, crop="冬小麦+苞谷", irrigated=True, done_on=date(2025, 6, 1))
    done = enter_practice(sunrise.cooperative, said, by=sunrise.operator, field_ids=ids(sunrise))
    assert len(done.fresh) == 3
    records = PracticeRecord.objects.filter(practice="no_till").order_by("field__code")
    assert {(r.crop, r.irrigated, r.done_on, r.status) for r in records} == {
        ("冬小麦、玉米", True, date(2025, 6, 1), "confirmed")
    }
    event = AuditEvent.objects.get(action="enter_practice")
    assert event.details == {"practice": "no_till", "records": [r.pk for r in records]}
    again = enter_practice(sunrise.cooperative, said, by=sunrise.operator, field_ids=ids(sunrise))
    assert (len(again.fresh), len(again.present)) == (0, 3)
    assert AuditEvent.objects.filter(action="enter_practice").count() == 1


def test_what_is_there_stays_and_what_is_undecided_is_left_out_with_its_reason(
    sunrise: Cast, season: Season
) -> None:
    for field, status in zip(sunrise.fields, ("confirmed", "reported", "withdrawn"), strict=True):
        PracticeRecord.objects.create(
            cooperative=sunrise.cooperative,
            field=field,
            season=season,
            practice="no_till",
            crop="大豆",
            status=status,
        )
    said = entry(season, crop="玉米")
    plan = enter_practice(sunrise.cooperative, said, by=sunrise.operator, field_ids=ids(sunrise))
    assert [field.code for field in plan.present] == ["F001"]
    assert [(field.code, code) for field, code in plan.refused] == [
        ("F002", "waiting"),
        ("F003", "withdrawn"),
    ]
    assert [number for _reason, number in plan.refusals()] == [1, 1]
    crops = PracticeRecord.objects.filter(practice="no_till").values_list("crop", flat=True)
    assert set(crops) == {"大豆"}


def test_a_field_that_ended_before_the_season_is_left_out(sunrise: Cast, season: Season) -> None:
    Field.objects.filter(pk=sunrise.fields[1].pk).update(ends_on=date(2024, 12, 31))
    plan = plan_entry(sunrise.cooperative, entry(season), field_ids=ids(sunrise))
    assert [(field.code, code) for field, code in plan.refused] == [("F002", "not_in_season")]


def test_what_cannot_be_entered_is_said(sunrise: Cast, riverbend: Cast, season: Season) -> None:
    def plan(said: Entry, keys: list[int]) -> None:
        plan_entry(sunrise.cooperative, said, field_ids=keys)

    with pytest.raises(NoFields):
        plan(entry(season), [])
    with pytest.raises(UnknownPractice):
        plan(entry(season, "wishing"), ids(sunrise))
    with pytest.raises(DayToCome):
        plan(entry(season, done_on=date(2999, 1, 1)), ids(sunrise))
    with pytest.raises(NotYours):
        plan(entry(season), [*ids(sunrise), riverbend.fields[0].pk])
    with pytest.raises(NotAllowed):
        enter_practice(
            sunrise.cooperative, entry(season), by=sunrise.viewer, field_ids=ids(sunrise)
        )


def test_more_fields_cost_no_more_queries(
    sunrise: Cast, season: Season, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(22):
        enter_practice(
            sunrise.cooperative, entry(season), by=sunrise.operator, field_ids=ids(sunrise)
        )


def test_the_page_shows_first_and_writes_on_the_second_press(
    sunrise: Cast, season: Season, client: Client
) -> None:
    client.force_login(sunrise.operator)
    sent = {"codes": "F001, F003", "season": season.pk, "practice": "no_till", "crop": "麦子"}
    page = client.post(ENTRY, {**sent, "look": "1"}).content.decode()
    assert "<b>2</b> fields get the record" in page
    assert not PracticeRecord.objects.filter(practice="no_till").exists()
    answer = client.post(ENTRY, {**sent, "write": "1"})
    assert answer.status_code == 302
    records = PracticeRecord.objects.filter(practice="no_till").order_by("field__code")
    assert [(row.field.code, row.crop) for row in records] == [("F001", "小麦"), ("F003", "小麦")]


def test_a_households_fields_are_those_that_it_works_today(
    sunrise: Cast, season: Season, client: Client
) -> None:
    client.force_login(sunrise.operator)
    holder, worker = sunrise.households[0], sunrise.households[1]
    today = timezone.localdate()

    def chosen(code: str) -> list[str]:
        sent = {"season": season.pk, "practice": "fallow", "look": "1", "household": code}
        plan = client.post(ENTRY, sent).context["plan"]
        return [field.code for field in plan.fresh] if plan else []

    # A contract with a last day, as almost all of them have.
    held = Tenure.objects.filter(household=holder)
    held.update(ends_on=today + timedelta(days=365))
    assert chosen("H001") == ["F001"]
    transfer = Tenure.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[0],
        household=worker,
        kind=Tenure.Kind.TRANSFER,
        starts_on=today,
    )
    assert (chosen("H001"), chosen("H002")) == ([], ["F001", "F002"])
    Tenure.objects.filter(pk=transfer.pk).update(starts_on=today + timedelta(days=1))
    assert (chosen("H001"), chosen("H002")) == (["F001"], ["F002"])
    held.update(ends_on=today - timedelta(days=1))
    assert chosen("H001") == []


def test_fields_are_chosen_by_village_household_and_code_together(
    sunrise: Cast, season: Season, client: Client
) -> None:
    client.force_login(sunrise.operator)
    sent = {"season": season.pk, "practice": "fallow", "look": "1"}

    def count(**chosen: Any) -> int:
        page = client.post(ENTRY, {**sent, **chosen})
        return len(page.context["plan"].fresh) if page.context["plan"] else 0

    assert count(village=sunrise.village.pk) == 3
    assert count(household="H002") == 1
    assert count(household="户主2", village=sunrise.village.pk) == 1
    assert count(household="H002", codes="F001") == 0
    assert count() == 0


def test_unknown_codes_are_named_and_a_strangers_are_unknown(
    sunrise: Cast, riverbend: Cast, season: Season, client: Client
) -> None:
    Field.objects.filter(pk=riverbend.fields[0].pk).update(code="R777")
    client.force_login(sunrise.operator)
    sent = {"season": season.pk, "practice": "fallow", "look": "1", "codes": "F001 R777 F404"}
    page = client.post(ENTRY, sent)
    assert page.context["choice"].errors["codes"] == ["2 codes are not known here: R777, F404"]


def test_the_pages_are_the_operators(sunrise: Cast, client: Client) -> None:
    client.force_login(sunrise.viewer)
    assert client.get(ENTRY).status_code == 403
    assert client.get(SIGHTS).status_code == 403
    client.force_login(sunrise.verifier)
    assert client.get(SIGHTS).status_code == 200


def test_what_was_seen_is_entered_for_many_fields(
    sunrise: Cast, season: Season, client: Client
) -> None:
    # A verifier sees the fields of the projects assigned to him.
    make_enrolled_pool(sunrise)
    client.force_login(sunrise.verifier)
    sent = {"village": sunrise.village.pk, "seen": "abandoned", "seen_on": "2025-08-01"}
    page = client.post(SIGHTS, {**sent, "look": "1"}).content.decode()
    assert "<b>3</b> fields" in page
    assert client.post(SIGHTS, {**sent, "write": "1"}).status_code == 302
    rows = Observation.objects.order_by("field__code")
    assert {(row.seen, row.recorded_by) for row in rows} == {("abandoned", sunrise.verifier)}
    client.force_login(sunrise.operator)
    page = client.get("/admin/farms/field/?guard=refuse")
    assert len(page.context["cl"].result_list) == 3
    text = client.get(f"/admin/farms/field/{sunrise.fields[0].pk}/change/").content.decode()
    assert "Seen abandoned on 2025-08-01" in text


def test_a_season_hands_out_its_sheets(sunrise: Cast, season: Season, client: Client) -> None:
    client.force_login(sunrise.operator)
    address = f"/admin/farms/season/{season.pk}/do/sheets/"
    assert client.get(address).status_code == 200
    answer = client.post(address, {"village": sunrise.village.pk})
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert "2025_" in answer["Content-Disposition"]
    assert answer.content[:2] == b"PK"


def test_a_day_outside_the_season_is_warned_of_before_and_after(
    client: Client, sunrise: Cast, season: Season
) -> None:
    client.force_login(sunrise.operator)
    sent = {"codes": "F001", "season": season.pk, "practice": "no_till", "done_on": "2024-12-31"}
    warning = "This day lies outside the season 2025."
    assert warning in client.post(ENTRY, sent).content.decode()
    assert not PracticeRecord.objects.filter(practice="no_till").exists()
    # Straw is returned in autumn for next year's crop: it may still be written.
    written = client.post(ENTRY, {**sent, "write": "1"}, follow=True).content.decode()
    assert warning in written
    assert PracticeRecord.objects.get(practice="no_till").done_on == date(2024, 12, 31)
    within = client.post(ENTRY, {**sent, "codes": "F002", "done_on": "2025-12-31"})
    assert "outside the season" not in within.content.decode()
