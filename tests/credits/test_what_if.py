"""A farmer asks what happens if the plough stays in the shed: own land, plain words, no promise."""

from __future__ import annotations

import html
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from credits.estimating import what_if
from credits.models import Project
from farms.models import Field, Tenure
from tests.aggregator.sign_in_steps import enter
from tests.cast import Cast
from tests.payouts import pool

TODAY = date(2026, 5, 1)
# IPCC 2019, cool temperate moist, high activity clay: 81 t C/ha × 0.70 × (1.09 × 1 − 1 × 0.92) over
# twenty years, times 44/12: 1.76715 t CO2 a hectare and year.
ANSWERS = {
    "now": "full",
    "then": "no_till",
    "straw": "would_return",
    "climate": "cool_temperate_moist",
    "soil": "hac",
}


@pytest.fixture
def phone(sunrise: Cast) -> Client:
    browser = enter(Client(), sunrise.households[0])
    browser.cookies["django_language"] = "en"
    return browser


def ask(browser: Client, **changes: str) -> Any:
    return browser.post(
        reverse("estimates:what-if"), {"land": "other", "area": "15"} | ANSWERS | changes
    )


def read(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", answer.content.decode()))


def test_the_sum_is_that_of_the_published_tables() -> None:
    found = what_if.ask_soil(Decimal("20000"), answers=ANSWERS, today=TODAY)
    assert float(found.co2_kg) == pytest.approx(-2 * 1767.15)
    assert found.credited_kg == 3534
    assert found.gains


def test_a_tonne_is_worth_its_last_price() -> None:
    # 1.767 t × ¥ 341.20 = ¥ 602.90 (602.9004).
    price = what_if.Price(34120, "CNY", TODAY)
    assert what_if.worth_minor(1767, price) == 60290


def test_only_land_held_today_is_offered(sunrise: Cast) -> None:
    household = sunrise.households[0]
    Tenure.objects.create(
        cooperative=sunrise.cooperative, field=sunrise.fields[1], household=household,
        starts_on=date(2019, 1, 1), ends_on=date(2019, 12, 31),
    )  # fmt: skip
    plots = what_if.list_plots(household, today=TODAY)
    assert [plot.key for plot in plots] == [str(sunrise.fields[0].pk)]
    assert plots[0].area_m2 == Decimal("10000.00")


def test_home_leads_to_the_question(phone: Client) -> None:
    assert reverse("estimates:what-if") in phone.get("/").content.decode()


def test_who_is_not_signed_in_is_sent_to_the_door(db: None) -> None:
    answer = Client().get(reverse("estimates:what-if"))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_the_own_field_is_reckoned_by_its_own_size(phone: Client, sunrise: Cast) -> None:
    # 10,000 m² are 15 mu and one hectare.
    text = read(ask(phone, land=str(sunrise.fields[0].pk), area=""))
    assert "1.767 t" in text
    assert "15.00 mu" in text
    assert "52.2 to 61.8 t of carbon" in text


def test_another_piece_is_reckoned_by_what_is_typed(phone: Client) -> None:
    assert "3.534 t" in read(ask(phone, area="30"))


def test_all_fields_are_summed(phone: Client, sunrise: Cast) -> None:
    Tenure.objects.create(
        cooperative=sunrise.cooperative, field=sunrise.fields[1], starts_on=date(2020, 1, 1),
        household=sunrise.households[0], kind=Tenure.Kind.TRANSFER,
    )  # fmt: skip
    assert "30.00 mu" in read(ask(phone, land="all", area=""))


def test_another_households_field_cannot_be_asked_about(
    phone: Client, sunrise: Cast, riverbend: Cast
) -> None:
    for other in (sunrise.fields[1], riverbend.fields[0]):
        answer = ask(phone, land=str(other.pk))
        assert answer.status_code == 400
        assert "of carbon" not in read(answer)


def test_ploughing_again_loses_and_earns_nothing(phone: Client) -> None:
    text = read(ask(phone, now="no_till", then="full", straw="returned"))
    assert "Your soil would lose, each year" in text
    assert "promise" not in text


def test_no_change_changes_nothing(phone: Client) -> None:
    assert "Nothing would change" in read(ask(phone, then="full", straw="returned"))


def test_money_is_named_at_the_last_price_and_never_promised(phone: Client, sunrise: Cast) -> None:
    assert "sold no tonnes yet" in read(ask(phone))
    period = pool.issue_period(sunrise, [5000, 3000, 2000])
    pool.sell(period, tonnes=5, unit_price_minor=34120)
    text = read(ask(phone))
    assert "¥ 341.20 a tonne" in text.replace("\xa0", " ")
    assert "about <b>¥ 602.90</b> a year" in text.replace("\xa0", " ")
    assert "This is an estimate, not a promise." in text


def test_what_the_project_knows_of_the_ground_is_not_asked(phone: Client, sunrise: Cast) -> None:
    project = pool.make_project(sunrise)
    project.parameters = {**project.parameters, "climate": "cool_temperate_moist", "soil": "hac"}
    project.save()
    page = read(phone.get(reverse("estimates:what-if")))
    assert 'name="climate"' not in page
    assert 'name="soil"' not in page
    told = phone.post(
        reverse("estimates:what-if"),
        {"land": "other", "area": "15", "now": "full", "then": "no_till", "straw": "would_return"},
    )
    assert "1.767 t" in read(told)
    assert "Cool temperate, moist" in read(told)


def test_a_word_no_table_knows_is_no_knowledge_of_the_ground(sunrise: Cast) -> None:
    project = pool.make_project(sunrise)
    Project.objects.filter(pk=project.pk).update(parameters={"climate": "mild", "soil": 7})
    assert what_if.find_ground(sunrise.cooperative) == {}


def test_another_cooperatives_ground_and_price_are_not_taken(
    sunrise: Cast, riverbend: Cast
) -> None:
    project = pool.make_project(sunrise)
    Project.objects.filter(pk=project.pk).update(parameters={"climate": "polar", "soil": "hac"})
    assert what_if.find_ground(riverbend.cooperative) == {}
    assert what_if.find_last_price(riverbend.cooperative) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"area": ""}, "Write how large the other piece is."),
        ({"area": "0"}, "Write a number above zero."),
        ({"area": "-3"}, "Write a number above zero."),
        ({"area": "1e9"}, "less than or equal to 100000"),
        ({"area": "many"}, "Enter a number."),
        ({"climate": ""}, "This field is required."),
        ({"climate": "polar"}, "Select a valid choice."),
        (
            {"climate": "warm_temperate_dry", "soil": "spodic"},
            "only for: High activity clay · Low activity clay · Sandy · Volcanic · Wetland.",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_reckoned_is_said(typed: dict[str, str], said: str, phone: Client) -> None:
    answer = ask(phone, **typed)
    assert answer.status_code == 400
    assert said in read(answer)


def test_it_counts_no_questions_that_it_does_not_ask(phone: Client, sunrise: Cast) -> None:
    page = phone.get(reverse("estimates:what-if")).content.decode()
    assert len(re.findall(r"<label[^>]*>([^<]*\?)", page)) == 7
    assert "five questions" not in page


def test_only_climates_in_which_fields_are_counted_are_offered(phone: Client) -> None:
    page = phone.get(reverse("estimates:what-if")).content.decode()
    assert 'value="boreal_dry"' in page
    assert 'value="polar"' not in page


def test_where_the_soil_is_known_only_its_climates_are_offered(
    phone: Client, sunrise: Cast
) -> None:
    project = pool.make_project(sunrise)
    Project.objects.filter(pk=project.pk).update(parameters={"soil": "spodic"})
    page = phone.get(reverse("estimates:what-if")).content.decode()
    assert 'value="cool_temperate_moist"' in page
    assert 'value="tropical_dry"' not in page
    Project.objects.filter(pk=project.pk).update(parameters={"climate": "boreal_moist"})
    page = phone.get(reverse("estimates:what-if")).content.decode()
    assert 'value="spodic"' in page
    assert 'value="lac"' not in page


def test_a_ground_of_the_project_without_a_figure_is_asked_again(sunrise: Cast) -> None:
    project = pool.make_project(sunrise)
    for ground in ({"climate": "tropical_dry", "soil": "spodic"}, {"climate": "polar"}):
        Project.objects.filter(pk=project.pk).update(parameters=ground)
        assert what_if.find_ground(sunrise.cooperative) == {}


def test_fields_without_a_name_or_a_boundary_do_not_break_the_page(
    phone: Client, sunrise: Cast
) -> None:
    bare = Field.objects.create(cooperative=sunrise.cooperative, village=sunrise.village, code="X1")
    Tenure.objects.create(
        cooperative=sunrise.cooperative, field=bare, household=sunrise.households[0],
        starts_on=date(2020, 1, 1),
    )  # fmt: skip
    page = phone.get(reverse("estimates:what-if"))
    assert page.status_code == 200
    assert ">X1<" not in page.content.decode()
