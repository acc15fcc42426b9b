"""The pages that change land by text alone: what is drawn on the map is text as well."""

from __future__ import annotations

from typing import Any

import pytest

from farms.models import Field
from tests.admin_pages import notes, signed_in, words
from tests.cast import Cast
from tests.credits.line import make_enrolled_pool
from tests.farms.land import half

LINE = "118.0025, 29.999\n118.0025, 30.002"
SPLIT = {"shape": LINE, "on": "2025-07-01", "codes": "A\nB"}


def post(cast: Cast, address: str, values: dict[str, Any], **how: Any) -> Any:
    return signed_in(cast.operator).post(f"/admin/map/{address}", values, **how)


def test_a_field_is_drawn_from_lines_of_numbers(sunrise: Cast) -> None:
    corners = "118.1 30\n118.101 30\n118.101 30.001\n118.1 30.001"
    values = {
        "shape": corners,
        "code": "N1",
        "village": sunrise.village.pk,
        "household": "H002",
        "kind": "contract",
        "starts_on": "2025-01-01",
    }
    page = post(sunrise, "draw/", values, follow=True)
    assert notes(page) == ["Field N1 is drawn."]
    again = post(sunrise, "draw/", values)
    assert again.status_code == 409
    assert "There is already a field N1." in words(again)
    unknown = post(sunrise, "draw/", values | {"household": "H999"})
    assert "There is no household H999." in words(unknown)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("", "Nothing was drawn"),
        ("a corner", "cannot be read"),
        ("LINESTRING (118 30, 119 30)", "another kind of shape"),
        ("POLYGON ((118.1 30, 118.101 30.001, 118.101 30, 118.1 30.001, 118.1 30))", "crosses"),
        ('{"type": "Polygon"}', "cannot be read"),
        ('{"type": "FeatureCollection", "features": []}', "cannot be read"),
        ('{"type": "Polygon", "coordinates": [[[1, 2], ["x", 2], [2, 2]]]}', "cannot be read"),
        ("[1, 2]", "cannot be read"),
    ],
)
def test_an_outline_that_cannot_be_used_is_told_in_words(
    sunrise: Cast, shape: str, said: str
) -> None:
    page = post(sunrise, f"fields/{sunrise.fields[0].pk}/redraw/", {"shape": shape})
    assert page.status_code == 400
    assert said in words(page)


def test_a_field_is_redrawn_from_wkt(sunrise: Cast) -> None:
    address = f"fields/{sunrise.fields[0].pk}/redraw/"
    page = post(sunrise, address, {"shape": half("west").wkt}, follow=True)
    assert notes(page) == ["Boundary version 2 is in force."]


def test_a_field_is_split_and_its_page_leads_to_the_parts(sunrise: Cast) -> None:
    field = sunrise.fields[0]
    page = post(sunrise, f"fields/{field.pk}/split/", SPLIT, follow=True)
    assert notes(page) == ["The field is split into A, B."]
    history = signed_in(sunrise.viewer).get(f"/admin/map/fields/{field.pk}/boundaries/")
    seen = words(history)
    assert "became: A 1号田" in seen
    assert "Split" not in seen
    part = Field.objects.get(code="A")
    of_part = words(signed_in(sunrise.viewer).get(f"/admin/map/fields/{part.pk}/boundaries/"))
    assert "from a split" in of_part
    assert "F001" in of_part


def test_the_parts_are_merged_from_a_choice(sunrise: Cast) -> None:
    post(sunrise, f"fields/{sunrise.fields[0].pk}/split/", SPLIT)
    client = signed_in(sunrise.operator)
    keys = Field.objects.filter(code__in=["A", "B"]).values_list("pk", flat=True)
    client.post("/admin/map/chosen/", {"fields": ",".join(map(str, keys))})
    page = client.post("/admin/map/chosen/merge/", {"code": "AB", "on": "2026-01-01"}, follow=True)
    assert notes(page) == ["The fields are one: AB."]


@pytest.mark.parametrize("address", ["redraw", "split"])
def test_only_operators_change_land_and_strangers_find_nothing(
    sunrise: Cast, riverbend: Cast, address: str
) -> None:
    full = f"/admin/map/fields/{sunrise.fields[0].pk}/{address}/"
    # A verifier sees the fields of the projects assigned to him.
    make_enrolled_pool(sunrise)
    for role in ("approver", "verifier", "viewer"):
        assert signed_in(getattr(sunrise, role)).get(full).status_code == 403
        assert signed_in(getattr(riverbend, role)).get(full).status_code == 404
    assert signed_in(riverbend.operator).post(full, SPLIT).status_code == 404
    assert Field.objects.get(pk=sunrise.fields[0].pk).ends_on is None


def test_a_strangers_village_and_household_cannot_be_drawn_into(
    sunrise: Cast, riverbend: Cast
) -> None:
    values = {
        "shape": "118.1 30\n118.101 30\n118.101 30.001",
        "code": "N1",
        "village": riverbend.village.pk,
        "household": "H001",
        "kind": "contract",
        "starts_on": "2025-01-01",
    }
    assert post(sunrise, "draw/", values).status_code == 400
    assert not Field.objects.filter(code="N1").exists()
