"""A methodology's situations are typed as fields; what it refuses is said where it was typed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from credits.models import Project
from tests.admin_pages import signed_in, words
from tests.cast import Cast
from tests.credits.test_project_form import ADDRESS, TYPED

FIRST = "situations[0]."
SEASON = f"{FIRST}inputs.seasons[0]."
RICE = {
    "methodology": "rice-water",
    "inputs_of": "rice-water",
    "situations#": "1",
    f"{FIRST}name": "下湾水田",
    f"{FIRST}practice": "intermittent_irrigation",
    f"{FIRST}irrigated": "yes",
    f"{FIRST}inputs.seasons#": "1",
    f"{SEASON}baseline.region": "east_asia",
    f"{SEASON}baseline.water": "continuous",
    f"{SEASON}project.region": "east_asia",
    f"{SEASON}project.water": "multiple_drainage",
    f"{SEASON}applied_n_kg_per_ha": "150",
    f"{FIRST}inputs.baseline_proven": "1",
    "gwp": "AR6",
}


@pytest.fixture
def client(sunrise: Cast) -> Client:
    return signed_in(sunrise.operator)


def send(client: Client, **changes: Any) -> Any:
    return client.post(ADDRESS, TYPED | RICE | changes)


def control_of(answer: Any, place: str) -> Any:
    """The control of a place, wherever it lies in the form."""
    left = list(answer.context["form"].situation_controls())
    while left:
        control = left.pop()
        if control.place == place:
            return control
        left += [*control.controls, *(one for row in control.rows for one in row.controls)]
    raise AssertionError(place)


def test_a_project_is_set_up_from_typed_fields(client: Client) -> None:
    answer = send(client)
    assert answer.status_code == 302, words(answer)
    project = Project.objects.get()
    assert project.methodology == "rice-water"
    assert project.parameters == {
        "situations": [
            {
                "name": "下湾水田",
                "practice": "intermittent_irrigation",
                "irrigated": "yes",
                "inputs": {
                    "seasons": [
                        {
                            "baseline": {"region": "east_asia", "water": "continuous"},
                            "project": {"region": "east_asia", "water": "multiple_drainage"},
                            "applied_n_kg_per_ha": "150",
                        }
                    ],
                    "baseline_proven": True,
                },
            }
        ],
        "gwp": "AR6",
    }


def test_the_page_asks_what_the_chosen_methodology_asks(client: Client) -> None:
    chosen = TYPED | {"methodology": "conservation-tillage", "inputs_of": "ccx-soil"}
    answer = client.post(ADDRESS, chosen)
    assert not Project.objects.exists()
    page = words(answer)
    assert "Situations for Conservation tillage: soil, fertiliser, diesel and fire" in page
    assert "Rates of your own" not in page
    assert "JSON" not in page
    assert control_of(answer, f"{FIRST}inputs.soil.climate").kind == "choice"
    assert not control_of(answer, f"{FIRST}inputs.soil.climate").error


@pytest.mark.parametrize(
    ("place", "typed", "said"),
    [
        (f"{FIRST}name", "", "Nothing is given here. It is needed."),
        (f"{SEASON}project.water", "", "Nothing is given here. It is needed."),
        (
            f"{SEASON}applied_n_kg_per_ha",
            "much",
            "This is not a number. Write digits, such as 12.5.",
        ),
        (f"{SEASON}applied_n_kg_per_ha", "9000", "Too large: at most 2,000 kg N/ha."),
        (f"{SEASON}harvest_month", "13", "Too large: at most 12."),
        (f"{SEASON}baseline.region", "", "Nothing is given here. It is needed."),
    ],
)
def test_what_is_wrong_is_said_where_it_was_typed(
    client: Client, place: str, typed: str, said: str
) -> None:
    answer = send(client, **{place: typed})
    assert answer.status_code == 400
    assert not Project.objects.exists()
    assert control_of(answer, place).error == said
    assert control_of(answer, f"{SEASON}baseline.water").value == "continuous"
    assert "1 place cannot be used as it is; it is marked below." in words(answer)


def test_two_situations_for_the_same_fields_are_refused(client: Client) -> None:
    second = {name.replace("[0]", "[1]", 1): value for name, value in RICE.items() if "[0]" in name}
    answer = send(client, **second | {"situations#": "2", "situations[1].name": "上湾"})
    assert "Situation 下湾水田 holds for the same fields" in words(answer)


def test_one_more_situation_keeps_what_was_typed_and_judges_nothing(client: Client) -> None:
    answer = send(client, more="situations", **{f"{FIRST}name": ""})
    assert not Project.objects.exists()
    assert len(control_of(answer, "situations").rows) == 2
    assert control_of(answer, f"{SEASON}baseline.water").value == "continuous"
    assert not control_of(answer, f"{FIRST}name").error


def test_what_the_methodology_deducts_the_program_may_not_deduct_again(client: Client) -> None:
    """Rice water takes 15% for uncertainty by itself, as VM0051 has it."""
    answer = send(client, **{"ccx-uncertainty_rate": "10"})
    assert not Project.objects.exists()
    assert "is taken in Situations of the fields, row 1 of the methodology already" in words(answer)
    answer = send(client, **{"ccx-uncertainty_rate": "10", f"{FIRST}inputs.uncertainty_share": "0"})
    assert answer.status_code == 302, words(answer)


def test_the_project_s_page_says_its_situations_in_words(client: Client) -> None:
    send(client)
    page = words(client.get(f"/admin/credits/project/{Project.objects.get().pk}/change/"))
    assert "下湾水田" in page
    assert "Several drainages, also alternate wetting and drying" in page
    assert "applied_n_kg_per_ha" not in page
