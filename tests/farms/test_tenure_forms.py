"""Tenures typed by hand are held to the rules of transfers, in a field's rows and alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.forms import inlineformset_factory, modelform_factory
from django.test import Client

from farms.admin.tenures import TenureForm, TenureFormSet
from farms.models import Field, Tenure
from tests.admin_pages import notes, signed_in, words
from tests.cast import Cast, make_season
from tests.credits.line import closed_year, drawn_sample, make_enrolled_pool

# A row of the form: household, kind, from, to.
Row = tuple[int, str, str, str]


@pytest.fixture
def desk(sunrise: Cast) -> Client:
    return signed_in(sunrise.operator)


def type_one(client: Client, cast: Cast, row: Row, *, tenure: Tenure | None = None) -> Any:
    """The page of a tenure alone."""
    household, kind, starts_on, ends_on = row
    typed = {
        "household": cast.households[household].pk,
        "kind": kind,
        "starts_on": starts_on,
        "ends_on": ends_on,
    }
    if tenure is None:
        typed["field"] = cast.fields[0].pk
    page = f"{tenure.pk}/change" if tenure else "add"
    return client.post(f"/admin/farms/tenure/{page}/", typed, follow=True)


def type_rows(client: Client, cast: Cast, *rows: Row) -> Any:
    """The page of the first field: its tenures on record come first, in order."""
    field = cast.fields[0]
    kept = list(field.tenures.order_by("starts_on", "kind"))
    typed: dict[str, Any] = {"name": "", "village": field.village_id, "land_class": ""}
    typed |= {"tenures-TOTAL_FORMS": len(rows), "tenures-INITIAL_FORMS": len(kept)}
    for unchanged in ("grain_flags", "boundaries"):
        typed |= {f"{unchanged}-TOTAL_FORMS": 0, f"{unchanged}-INITIAL_FORMS": 0}
    for at, (household, kind, starts_on, ends_on) in enumerate(rows):
        typed |= {
            f"tenures-{at}-household": cast.households[household].pk,
            f"tenures-{at}-kind": kind,
            f"tenures-{at}-starts_on": starts_on,
            f"tenures-{at}-ends_on": ends_on,
        }
        if at < len(kept):
            typed |= {f"tenures-{at}-id": kept[at].pk, f"tenures-{at}-field": field.pk}
    return client.post(f"/admin/farms/field/{field.pk}/change/", typed, follow=True)


def held(cast: Cast) -> list[tuple[str, str, date, date | None]]:
    rows = cast.fields[0].tenures.order_by("starts_on", "kind")
    return [
        (row.household.code, row.kind, row.starts_on, row.ends_on)
        for row in rows.select_related("household")
    ]


OWN: Row = (0, "contract", "2020-01-01", "")
REFUSED = [
    pytest.param(
        (1, "contract", "2024-01-01", ""),
        "household H001 holds it by contract from 2020-01-01 to …",
        id="a second contractor on one day",
    ),
    pytest.param(
        (1, "transfer", "2024-06-01", "2024-05-31"),
        "The last day, 2024-05-31, lies before the first, 2024-06-01.",
        id="an end before the start",
    ),
    pytest.param(
        (0, "transfer", "2024-01-01", "2024-12-31"),
        "household H001 is the contractor on these days; there is nothing to transfer.",
        id="a transfer to the contractor",
    ),
]


@pytest.mark.parametrize(("row", "told"), REFUSED)
def test_what_the_rule_refuses_the_tenures_own_page_refuses(
    desk: Client, sunrise: Cast, row: Row, told: str
) -> None:
    assert told in words(type_one(desk, sunrise, row))
    assert len(held(sunrise)) == 1


@pytest.mark.parametrize(("row", "told"), REFUSED)
def test_what_the_rule_refuses_the_rows_of_the_field_refuse(
    desk: Client, sunrise: Cast, row: Row, told: str
) -> None:
    assert told in words(type_rows(desk, sunrise, OWN, row))
    assert len(held(sunrise)) == 1


def test_two_transfers_on_one_day_are_refused_though_typed_at_once(
    desk: Client, sunrise: Cast
) -> None:
    first: Row = (1, "transfer", "2024-01-01", "2024-06-30")
    second: Row = (2, "transfer", "2024-06-30", "2024-12-31")
    answer = type_rows(desk, sunrise, OWN, first, second)
    assert "household H002 holds it by transfer from 2024-01-01 to 2024-06-30" in words(answer)
    assert len(held(sunrise)) == 1


def test_one_contract_ends_and_the_next_begins_with_one_save(desk: Client, sunrise: Cast) -> None:
    type_rows(
        desk,
        sunrise,
        (0, "contract", "2020-01-01", "2023-12-31"),
        (1, "contract", "2024-01-01", ""),
    )
    assert held(sunrise) == [
        ("H001", "contract", date(2020, 1, 1), date(2023, 12, 31)),
        ("H002", "contract", date(2024, 1, 1), None),
    ]


def test_a_row_may_be_changed_in_its_own_place(desk: Client, sunrise: Cast) -> None:
    tenure = sunrise.fields[0].tenures.get()
    type_one(desk, sunrise, (0, "contract", "2019-01-01", "2030-12-31"), tenure=tenure)
    assert held(sunrise) == [("H001", "contract", date(2019, 1, 1), date(2030, 12, 31))]


def test_days_before_the_field_existed_are_refused(desk: Client, sunrise: Cast) -> None:
    Field.objects.filter(pk=sunrise.fields[0].pk).update(starts_on=date(2020, 1, 1))
    answer = type_one(desk, sunrise, (1, "transfer", "2019-06-01", "2020-06-01"))
    assert "Field" in words(answer)
    assert "exists from 2020-01-01 to … only." in words(answer)


def test_a_change_in_a_verified_period_tells_what_stays(desk: Client, sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    drawn_sample(closed_year(make_enrolled_pool(sunrise), 2025, sunrise), sunrise)
    told = "Period 2025 has been given to the verifier"
    change: Row = (1, "transfer", "2025-03-01", "2025-09-30")
    assert any(told in note for note in notes(type_one(desk, sunrise, change)))
    longer: Row = (1, "transfer", "2025-03-01", "2025-10-31")
    assert any(told in note for note in notes(type_rows(desk, sunrise, OWN, longer)))


def test_a_change_before_any_period_tells_nothing_of_periods(desk: Client, sunrise: Cast) -> None:
    change: Row = (1, "transfer", "2025-03-01", "2025-09-30")
    assert not [note for note in notes(type_one(desk, sunrise, change)) if "Period" in note]


def typed_page(cast: Cast, tenure: Tenure, ends_on: str) -> Any:
    columns = ["household", "kind", "starts_on", "ends_on"]
    page = modelform_factory(Tenure, form=TenureForm, fields=columns)
    page.cooperative_id = cast.cooperative.pk
    typed = {"household": tenure.household_id, "kind": tenure.kind}
    return page({**typed, "starts_on": str(tenure.starts_on), "ends_on": ends_on}, instance=tenure)


def typed_rows(cast: Cast, field: Field, row: Row) -> Any:
    page = inlineformset_factory(
        Field,
        Tenure,
        formset=TenureFormSet,
        fields=["household", "kind", "starts_on", "ends_on"],
        extra=1,
    )
    tenure = field.tenures.get()
    typed: dict[str, Any] = {"tenures-TOTAL_FORMS": 2, "tenures-INITIAL_FORMS": 1}
    for at, (household, kind, starts_on, ends_on) in enumerate([OWN, row]):
        typed |= {
            f"tenures-{at}-household": cast.households[household].pk,
            f"tenures-{at}-kind": kind,
            f"tenures-{at}-starts_on": starts_on,
            f"tenures-{at}-ends_on": ends_on,
        }
    rows = page({**typed, "tenures-0-id": tenure.pk}, instance=field)
    # Read as the page is, before anything is locked.
    assert len(rows.forms) == 2
    return rows


@pytest.mark.usefixtures("in_english")
def test_a_field_that_ended_while_the_page_was_open_is_seen(sunrise: Cast) -> None:
    tenure = Tenure.objects.select_related("field").get(field=sunrise.fields[0])
    page = typed_page(sunrise, tenure, "2026-12-31")
    Field.objects.filter(pk=tenure.field_id).update(ends_on=date(2025, 6, 30))
    with transaction.atomic():
        assert "exists from … to 2025-06-30 only." in str(page.errors)


@pytest.mark.usefixtures("in_english")
def test_a_field_that_ended_meanwhile_is_seen_by_its_own_rows(sunrise: Cast) -> None:
    rows = typed_rows(sunrise, sunrise.fields[0], (1, "transfer", "2025-01-01", "2025-12-31"))
    Field.objects.filter(pk=sunrise.fields[0].pk).update(ends_on=date(2025, 6, 30))
    with transaction.atomic():
        assert "exists from … to 2025-06-30 only." in str(rows.errors)


@pytest.mark.usefixtures("in_english")
def test_a_tenure_that_came_meanwhile_is_seen_by_the_fields_rows(sunrise: Cast) -> None:
    field = sunrise.fields[0]
    rows = typed_rows(sunrise, field, (1, "transfer", "2025-01-01", "2025-12-31"))
    Tenure.objects.create(
        cooperative=sunrise.cooperative,
        field=field,
        household=sunrise.households[2],
        kind="transfer",
        starts_on=date(2025, 12, 31),
    )
    with transaction.atomic():
        assert "household H003 holds it by transfer" in str(rows.errors)
