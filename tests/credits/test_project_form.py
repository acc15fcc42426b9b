"""A project's terms and rates are typed as fields with units; what is wrong is said by its row."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from credits.models import Project
from credits.programs.ccx import CCX
from tests.admin_pages import signed_in, words
from tests.cast import Cast

ADDRESS = "/admin/credits/project/do/create/"
TYPED = {
    "code": "hills",
    "name": "坡地",
    "program": "ccx",
    "methodology": "ccx-soil",
    "starts_on": "2024-01-01",
    "ends_on": "2028-12-31",
    "own_region": "栖霞",
    "rate_rows": "2",
    "ccx-sample_rate": "10",
    "ccx-fees.exchange_usd_per_tonne": "0.2",
}


def row(number: int, **values: str) -> dict[str, str]:
    typed = {"practice": "no_till", "vintage_from": "2024", "rate": "0.06", "unit": "mu"}
    typed |= {"source": "县站 2024, 第 3 页"} | values
    return {f"rate-{number}-{column}": value for column, value in typed.items()}


@pytest.fixture
def client(sunrise: Cast) -> Client:
    return signed_in(sunrise.operator)


def set_up(client: Client, **typed: Any) -> Project:
    answer = client.post(ADDRESS, TYPED | typed)
    assert answer.status_code == 302, words(answer)
    return Project.objects.get()


def refuse(client: Client, **typed: Any) -> str:
    answer = client.post(ADDRESS, TYPED | typed)
    assert answer.status_code == 400
    assert not Project.objects.exists()
    return words(answer)


def test_the_page_shows_no_code_and_asks_what_the_program_has(client: Client) -> None:
    page = words(client.get(ADDRESS))
    assert "JSON" not in page
    assert "Terms of Chicago Climate Exchange" in page
    assert "What the program does not say" in page
    assert "grass planted on 1 January 1999 or later" in page
    for label in ("Part held in reserve (%)", "Smallest lot (t)", "Smallest field (m²)"):
        assert label in page


def test_a_rate_in_mu_is_kept_by_the_hectare(client: Client) -> None:
    """0.06 t a mu are 0.9 t a hectare, since a hectare has 15 mu."""
    project = set_up(client, **row(1), **row(2, irrigated="yes", rate="1.2", unit="ha"))
    first, second = project.parameters["rates"]
    assert project.parameters["region"] == "栖霞"
    assert first == {
        "practice": "no_till",
        "region": "栖霞",
        "irrigated": None,
        "vintage_from": 2024,
        "vintage_to": None,
        "t_per_hectare_year": "0.9",
        "source": "县站 2024, 第 3 页",
    }
    assert (second["irrigated"], second["t_per_hectare_year"]) == (True, "1.2")


def test_a_published_region_needs_no_rate(client: Client) -> None:
    project = set_up(client, own_region="", region="iowa")
    assert project.parameters == {"region": "iowa"}


def test_terms_left_as_they_stand_are_the_program_s_own(client: Client) -> None:
    """As they stand on the page; for land in mu the grain guard shows what it finds."""
    form = client.get(ADDRESS).context["form"]
    shown = {name: form[name].value() for name in form.fields if name.startswith("ccx-")}
    typed = {name: value for name, value in shown.items() if value not in (None, False)}
    project = set_up(client, **row(1), **typed)
    asked = {"sample_rate": "0.1", "fees": CCX.terms["fees"] | {"exchange_usd_per_tonne": "0.2"}}
    assert project.terms == {**CCX.terms, "grain_guard": "flag", **asked}


def test_terms_are_adapted_in_people_s_units(client: Client) -> None:
    project = set_up(
        client,
        **row(1),
        **{
            "ccx-reserve_rate": "12.5",
            "ccx-minimum_lot_t": "100",
            "ccx-minimum_area_m2": "666.67",
            "ccx-excluded_crops": "烟草，茶",
            "ccx-excluded_land_classes": ["high_standard"],
            "ccx-grain_guard": "none",
            "ccx-fees.aggregator_rate": "8",
        },
    )
    terms = project.terms
    assert (terms["reserve_rate"], terms["minimum_lot_t"]) == ("0.125", 100)
    assert (terms["minimum_area_m2"], terms["sample_rate"]) == ("666.67", "0.1")
    assert terms["excluded_crops"] == ["烟草", "茶"]
    assert terms["excluded_land_classes"] == ["high_standard"]
    assert terms["grain_guard"] == ""
    assert terms["fees"] == {"aggregator_rate": "0.08", "exchange_usd_per_tonne": "0.2"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (row(2, source=""), "Row 2, Source: it is missing."),
        (row(1, practice=""), "Row 1, Practice: it is missing."),
        (row(2, rate=""), "Row 2, Rate (CO2e): it is missing."),
        (row(2, rate="much"), "Row 2, Rate (CO2e): Enter a number."),
        (row(2, vintage_from=""), "Row 2, From year: it is missing."),
        (row(2, vintage_to="2020"), "Row 2, To year: it ends before it starts."),
        # 4 t a mu are 60 t a hectare.
        (row(1, rate="4"), "Row 1, Rate (CO2e): it is too high for any soil; check the unit."),
        (
            row(1) | row(2, rate="0.07"),
            "Row 2, Practice: another rate holds for the same practice in the same years.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_row(
    client: Client, rows: dict[str, str], said: str
) -> None:
    assert said in refuse(client, **rows)


def test_a_row_left_empty_does_not_shift_the_numbers(client: Client) -> None:
    """Only the second row is filled: its number is the one on the page."""
    assert "Row 2, Source: it is missing." in refuse(client, **row(2, source=""))


def test_without_a_region_the_rows_are_judged_all_the_same(client: Client) -> None:
    page = refuse(client, own_region="", **row(1, source=""))
    assert "Choose a region, or name one of your own below." in page
    assert "Row 1, Source: it is missing." in page


def test_a_region_of_ones_own_needs_a_rate(client: Client) -> None:
    assert "Give at least one rate of your own for it." in refuse(client)


def test_a_term_out_of_bounds_is_refused(client: Client) -> None:
    page = refuse(client, **row(1), **{"ccx-reserve_rate": "120"})
    assert "less than or equal to 100" in page


def test_more_rows_keep_what_was_typed_and_judge_nothing(client: Client) -> None:
    answer = client.post(ADDRESS, TYPED | row(2, source="") | {"code": "", "more_rows": "1"})
    form = answer.context["form"]
    assert [group["row"] for group in form.rate_groups()] == [1, 2, 3, 4, 5]
    assert form["rate-2-rate"].value() == "0.06"
    assert "errorlist" not in answer.content.decode()
    assert not Project.objects.exists()


def test_who_is_no_operator_sets_up_nothing(sunrise: Cast) -> None:
    assert signed_in(sunrise.viewer).get(ADDRESS).status_code == 403


def test_what_the_program_does_not_say_is_asked_by_its_field(client: Client) -> None:
    said = refuse(client, **row(1), **{"ccx-sample_rate": ""})
    assert "The program does not say this; your contract does. Part of the fields drawn (%)" in said


def test_another_program_s_terms_are_shown_before_anything_is_judged(client: Client) -> None:
    said = refuse(client, program="acorn", code="", show_terms="1", terms_of="ccx")
    assert "Terms of Rabobank Acorn" in said
    assert "Permanence (years)" in said
    assert "This field is required" not in said


def test_a_program_shown_for_the_first_time_shows_its_own_values(client: Client) -> None:
    """A browser sends what it shows: a list's first choice must not stand for the program's."""
    answer = client.post(ADDRESS, TYPED | {"program": "regen-ecometric", "terms_of": "ccx"})
    form = answer.context["form"]
    shown = {
        name: form[f"regen-ecometric-{name}"].value()
        for name in ("reserve_rate", "reserve_release", "reserve_release_years", "reserve_rounding")
    }
    assert shown == {
        "reserve_rate": "20",
        "reserve_release": "steps",
        "reserve_release_years": "10, 20",
        "reserve_rounding": "ceil",
    }
    assert form["regen-ecometric-uncertainty_rate"].value() in (None, "")


def test_a_program_whose_terms_were_not_seen_is_not_set_up(client: Client) -> None:
    said = refuse(client, **row(1), program="indigo", terms_of="ccx")
    assert "Terms of Indigo" in said
    assert "your contract does" not in said


def test_a_program_is_set_up_with_what_its_contract_says(client: Client) -> None:
    answers = {
        "terms_of": "kenya-acp",
        "kenya-acp-reserve_rate": "10",
        "kenya-acp-reserve_release": "steps",
        "kenya-acp-reserve_release_years": "10，20",
        "kenya-acp-sample_rule": "sqrt",
        "kenya-acp-correction_rule": "extrapolate",
        "ends_on": "2043-12-31",
    }
    project = set_up(client, **row(1), program="kenya-acp", **answers)
    assert project.terms["reserve_release_years"] == [10, 20]
    assert (project.terms["reserve_rate"], project.terms["sample_rule"]) == ("0.1", "sqrt")
    assert project.terms["correction_rule"] == "extrapolate"
    assert project.terms["reversal_rule"] == "buffer"
    assert project.terms["fees"]["advisory_rate"] == "0.35"


def test_a_ccer_project_of_before_2020_asks_for_a_mu_of_land(client: Client) -> None:
    """The form shows 400 m²; left as it stands, it is 667 m² for what began up to 2019."""
    answers = {
        "terms_of": "ccer",
        "ccer-minimum_term_years": "10",
        "ccer-reserve_rate": "0",
        "ccer-sample_rate": "10",
        "ccer-minimum_area_m2": "400",
        "ccer-correction_rule": "void",
        "ccer-fees.aggregator_rate": "10",
        "starts_on": "2019-01-01",
    }
    project = set_up(client, **row(1, vintage_from="2019"), program="ccer", **answers)
    assert project.terms["minimum_area_m2"] == "667"
