"""A practice record typed at the desk is of a field that exists, on a day that has come."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from farms.models import Field, PracticeRecord, Season
from farms.redrawing import split_field
from tests.admin_pages import signed_in, words
from tests.cast import Cast, make_season
from tests.farms.land import MIDDLE, MIDSUMMER

LANGUAGE = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def desk(sunrise: Cast) -> Client:
    return signed_in(sunrise.operator)


@pytest.fixture
def parts(sunrise: Cast) -> list[Field]:
    """The first field ended on 30 June 2025, its parts began on the day after."""
    return split_field(
        sunrise.fields[0], cut=MIDDLE, codes=["P1", "P2"], on=MIDSUMMER, by=sunrise.operator
    )


def season(cast: Cast, first: date, last: date) -> Season:
    return Season.objects.create(
        cooperative=cast.cooperative, code=str(first), starts_on=first, ends_on=last
    )


def enter(client: Client, field: Field, of: Season, **typed: Any) -> Any:
    values = {"field": field.pk, "season": of.pk, "practice": "no_till", "crop": "", **typed}
    values |= {"evidence-TOTAL_FORMS": 0, "evidence-INITIAL_FORMS": 0}
    return client.post("/admin/farms/practicerecord/add/", values, follow=True, **LANGUAGE)


def test_a_season_after_the_fields_end_is_refused_with_the_day_and_its_successors(
    sunrise: Cast, desk: Client, parts: list[Field]
) -> None:
    autumn = season(sunrise, date(2025, 7, 1), date(2025, 11, 30))
    page = enter(desk, sunrise.fields[0], autumn)
    assert "This field ended on 2025-06-30. The fields that came of it: P1, P2." in words(page)
    assert not PracticeRecord.objects.exists()


def test_a_season_before_the_fields_first_day_is_refused_with_the_day(
    sunrise: Cast, desk: Client, parts: list[Field]
) -> None:
    spring = season(sunrise, date(2025, 2, 1), date(2025, 6, 30))
    page = enter(desk, parts[0], spring)
    assert "This field exists from 2025-07-01 on, after the season 2025-02-01." in words(page)
    assert not PracticeRecord.objects.exists()


def test_a_season_across_the_split_is_taken_for_whole_and_part(
    sunrise: Cast, desk: Client, parts: list[Field]
) -> None:
    year = season(sunrise, date(2025, 1, 1), date(2025, 12, 31))
    enter(desk, sunrise.fields[0], year, done_on="2025-06-30")
    enter(desk, parts[0], year, done_on="2025-07-01")
    assert PracticeRecord.objects.count() == 2


def test_a_day_on_which_the_field_was_gone_or_not_there_yet_is_refused(
    sunrise: Cast, desk: Client, parts: list[Field]
) -> None:
    year = season(sunrise, date(2025, 1, 1), date(2025, 12, 31))
    gone = words(enter(desk, sunrise.fields[0], year, done_on="2025-07-01"))
    assert "Field F001 exists from … to 2025-06-30 only." in gone
    not_yet = words(enter(desk, parts[0], year, done_on="2025-06-30"))
    assert "Field P1 exists from 2025-07-01 to … only." in not_yet
    assert not PracticeRecord.objects.exists()


def test_a_day_to_come_is_refused(sunrise: Cast, desk: Client) -> None:
    year = season(sunrise, date(2025, 1, 1), date(2025, 12, 31))
    page = enter(desk, sunrise.fields[0], year, done_on="2999-01-01")
    assert "The day 2999-01-01 has not come yet." in words(page)
    assert not PracticeRecord.objects.exists()


def test_a_record_on_file_with_a_day_beyond_the_field_can_still_be_mended(
    sunrise: Cast, desk: Client
) -> None:
    make_season(sunrise, 2025)
    PracticeRecord.objects.update(done_on=date(2025, 8, 1))
    split_field(
        sunrise.fields[0], cut=MIDDLE, codes=["P1", "P2"], on=MIDSUMMER, by=sunrise.operator
    )
    record = PracticeRecord.objects.get(field=sunrise.fields[0])
    typed = {"crop": "小麦", "done_on": "2025-08-01", "note": ""}
    typed |= {"evidence-TOTAL_FORMS": 0, "evidence-INITIAL_FORMS": 0}
    desk.post(f"/admin/farms/practicerecord/{record.pk}/change/", typed)
    record.refresh_from_db()
    assert (record.crop, record.practice) == ("小麦", "no_till")
    typed["done_on"] = "2025-07-15"
    desk.post(f"/admin/farms/practicerecord/{record.pk}/change/", typed)
    record.refresh_from_db()
    assert record.done_on == date(2025, 8, 1)
