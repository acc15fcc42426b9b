"""Before a field is split, its parts are told with the areas they would get; nothing is written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from farms.models import Field, FieldDescent
from farms.redrawing import split_field
from tests.admin_pages import signed_in
from tests.cast import Cast
from tests.farms.land import MIDDLE, MIDSUMMER, area, measure

# A quarter of the square's width from its western edge.
QUARTER = "118.00225, 29.999\n118.00225, 30.002"


def preview(cast: Cast, shape: str, *, role: str = "operator", of: Field | None = None) -> Any:
    field = of or cast.fields[0]
    client = signed_in(getattr(cast, role))
    return client.post(f"/admin/map/fields/{field.pk}/parts.json", {"shape": shape})


def test_the_parts_are_told_from_west_to_east_with_their_shares(sunrise: Cast) -> None:
    measure(sunrise)
    before = Field.objects.count()
    parts = preview(sunrise, QUARTER).json()["parts"]
    assert [part["share"] for part in parts] == ["25.0%", "75.0%"]
    west, east = ([x for _y, x in part["rings"][0]] for part in parts)
    assert (min(west), max(west)) == (118.002, 118.00225)
    assert (min(east), max(east)) == (118.00225, 118.003)
    assert Field.objects.count() == before
    assert not FieldDescent.objects.exists()


def test_what_is_told_is_what_the_split_then_gives(sunrise: Cast) -> None:
    measure(sunrise)
    field = sunrise.fields[0]
    told = preview(sunrise, MIDDLE.wkt).json()
    done = split_field(field, cut=MIDDLE, codes=["A", "B"], on=MIDSUMMER, by=sunrise.operator)
    # The cast's land is measured in mu, of which a square metre is 3/2000.
    for part, child in zip(told["parts"], done, strict=True):
        assert part["area"] == f"{(area(child) * Decimal('0.0015')).quantize(Decimal('0.01'))} mu"


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("", "Nothing was drawn"),
        ("118.0025, 30.0002\n118.0025, 30.0008", "does not divide the field"),
        ("POINT (118 30)", "another kind of shape"),
    ],
)
def test_a_line_that_divides_nothing_is_told_in_words(sunrise: Cast, shape: str, said: str) -> None:
    answer = preview(sunrise, shape).json()
    assert answer["parts"] == []
    assert said in answer["said"]


@pytest.mark.usefixtures("in_english")
def test_a_field_that_ended_has_no_parts_any_more(sunrise: Cast) -> None:
    field = sunrise.fields[0]
    split_field(field, cut=MIDDLE, codes=["A", "B"], on=MIDSUMMER, by=sunrise.operator)
    answer = preview(sunrise, QUARTER)
    assert answer.status_code == 409
    assert "was split or merged" in answer.json()["error"]


def test_only_the_own_operator_is_told(sunrise: Cast, riverbend: Cast) -> None:
    assert preview(sunrise, QUARTER, role="viewer").status_code == 403
    assert preview(riverbend, QUARTER, of=sunrise.fields[0]).status_code == 404
