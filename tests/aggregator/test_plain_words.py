"""The desk's pages say what is stored as codes, columns and models in the reader's words."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils.translation import override

from aggregator.actors import acting
from aggregator.detail_names import DETAIL_NAMES
from aggregator.history_views import history_address
from aggregator.models import DuplicatePair, RecordChange
from farms.models import Field
from tests.admin_pages import signed_in, words
from tests.cast import Cast

MENU = ["Members", "Land", "Practices and evidence", "Credits", "Money", "Log", "Office"]


def test_the_menu_follows_the_work(sunrise: Cast) -> None:
    response = signed_in(sunrise.operator).get(reverse("admin:aggregator_household_changelist"))
    groups = response.context["available_apps"]
    assert [str(group["name"]) for group in groups] == MENU
    assert [page["object_name"] for page in groups[0]["models"]][:2] == ["Household", "Agreement"]


def test_every_page_of_the_menu_stands_in_it_once(sunrise: Cast) -> None:
    response = signed_in(sunrise.operator).get(reverse("admin:index"))
    menu = [
        page["object_name"] for group in response.context["app_list"] for page in group["models"]
    ]
    assert len(menu) == len(set(menu))
    assert "Other" not in [str(group["name"]) for group in response.context["app_list"]]


def test_the_common_ground_of_a_pair_is_told_in_words(sunrise: Cast) -> None:
    first, second = sunrise.households[:2]
    with acting(by=sunrise.operator, via="admin"):
        pair = DuplicatePair.objects.create(
            cooperative=sunrise.cooperative, first=first, second=second, grounds=["same_phone"]
        )
    page = signed_in(sunrise.operator).get(history_address("duplicatepair", pair.pk))
    shown = words(page)
    assert "same telephone number" in shown
    assert "same_phone" not in shown


def test_a_chinese_unit_is_cut_off_a_label_like_an_english_one(sunrise: Cast) -> None:
    field = sunrise.fields[0]
    field.land_class = Field.LandClass.HIGH_STANDARD
    field.contract_area_m2 = 1000
    field.save()
    with override("zh-hans"):
        client = signed_in(sunrise.operator)
        client.cookies["django_language"] = "zh-hans"
        shown = words(client.get(history_address("field", field.pk)))
    assert "合同面积" in shown
    assert "平方米" not in shown


@pytest.mark.usefixtures("in_english")
def test_a_change_is_called_by_what_and_when(sunrise: Cast) -> None:
    line = RecordChange.objects.filter(object_type="village").latest("pk")
    assert str(line) == f"added {line.at:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize("key", ["imported", "unchanged", "total_minor", "succession"])
def test_details_of_an_event_have_names(key: str) -> None:
    assert "_" not in str(DETAIL_NAMES[key])
