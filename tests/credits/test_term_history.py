"""The history of a project tells its terms in words, and of a change only what changed."""

from __future__ import annotations

import pytest

from aggregator.doors import tell_door
from credits.terms.changes import compare_terms
from tests.admin_pages import signed_in, words
from tests.cast import Cast
from tests.credits.line import make_pool

pytestmark = pytest.mark.usefixtures("in_english")
RATE = {
    "practice": "no_till",
    "region": "hills",
    "irrigated": True,
    "vintage_from": 2024,
    "vintage_to": None,
    "t_per_hectare_year": "0.9",
    "source": "station",
}


def test_only_what_changed_is_told_in_people_s_units() -> None:
    before = {"reserve_rate": "0.20", "minimum_lot_t": 10, "fees": {"aggregator_rate": "0.10"}}
    after = {"reserve_rate": "0.125", "minimum_lot_t": 10, "fees": {"aggregator_rate": "0.08"}}
    assert list(compare_terms(before, after)) == [
        ("Part held in reserve", "20%", "12.5%"),
        ("Aggregator's part", "10%", "8%"),
    ]


def test_of_many_values_those_gone_and_added_are_told() -> None:
    before = {"excluded_crops": ["tea", "tobacco"], "grain_guard": "flag"}
    after = {"excluded_crops": ["tea", "ginseng"], "grain_guard": ""}
    assert list(compare_terms(before, after)) == [
        ("Crops left out", "tobacco", "ginseng"),
        ("Grain guard", "shows what it finds", "—"),
    ]


def test_a_rate_is_a_sentence() -> None:
    was = {"region": "hills", "rates": [RATE]}
    now_is = {"region": "hills", "rates": [RATE | {"t_per_hectare_year": "1.2"}]}
    assert list(compare_terms(was, now_is)) == [
        (
            "Rates",
            "no-till, irrigated fields, 2024–, 0.9 t per hectare and year (source: station)",
            "no-till, irrigated fields, 2024–, 1.2 t per hectare and year (source: station)",
        )
    ]


def test_the_page_of_a_new_project_shows_no_code(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    page = words(signed_in(sunrise.operator).get(f"/admin/credits/project/{project.pk}/history/"))
    assert "Part held in reserve 20%" in page
    assert "Chicago Climate Exchange" in page
    for code in ("{", "reserve_rate", "t_per_hectare_year", "ccx-soil"):
        assert code not in page


def test_the_page_of_a_changed_project_tells_the_change_alone(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    project.terms = project.terms | {"minimum_lot_t": 50}
    project.save()
    page = words(signed_in(sunrise.operator).get(f"/admin/credits/project/{project.pk}/history/"))
    assert page.count("Smallest lot (t)") == 2
    assert "1 → 50" in page
    assert page.count("Part held in reserve") == 1


@pytest.mark.parametrize(
    ("via", "said"),
    [
        ("admin", ""),
        ("", ""),
        ("load_demo", "when the demonstration was loaded"),
        ("import_fields", "by an import from the shell"),
        ("payouts.tasks.draft_settlement", "by a job of the program"),
        ("some_other_command", "by a command of the program"),
    ],
)
def test_the_door_of_a_change_is_told_in_words(via: str, said: str) -> None:
    assert tell_door(via) == said
