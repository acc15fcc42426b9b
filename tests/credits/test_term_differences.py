"""A project's page shows in what it differs from its program's standard, and where that stands."""

from __future__ import annotations

import pytest

from credits.models import Project
from credits.terms.differences import Difference, list_differences, list_terms
from tests.admin_pages import signed_in, words
from tests.cast import Cast
from tests.credits.line import make_pool

pytestmark = pytest.mark.usefixtures("in_english")


def test_adapted_and_answered_terms_are_told_with_standard_and_source(sunrise: Cast) -> None:
    project = make_pool(sunrise, terms={"reserve_rate": "0.125", "grain_guard": ""})
    assert list_differences(project) == [
        Difference(
            "Part held in reserve",
            "20%",
            "12.5%",
            "CCX Offset Project Protocol, Agricultural Best Management Practices, 2009-09-30",
        ),
        Difference("Part of the fields drawn", "not said by the program", "10%", "—"),
        Difference("Exchange's fee (USD a tonne)", "not said by the program", "0.20", "—"),
    ]


def test_the_same_number_with_other_zeros_is_no_difference(sunrise: Cast) -> None:
    project = make_pool(sunrise, terms={"reserve_rate": "0.2"})
    assert "Part held in reserve" not in {each.term for each in list_differences(project)}


def test_a_term_that_an_old_snapshot_lacks_is_no_difference(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    before = list_differences(project)
    del project.terms["reserve_release"]
    assert list_differences(project) == before


def test_a_project_of_a_program_that_is_gone_is_still_shown(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    project.program = "gone"
    assert list_differences(project) == []
    assert ("Part held in reserve", "20%") in list_terms(project)


def test_the_page_shows_both_tables(sunrise: Cast) -> None:
    project = make_pool(sunrise, terms={"reserve_rate": "0.125"})
    page = words(signed_in(sunrise.viewer).get(f"/admin/credits/project/{project.pk}/change/"))
    assert "Part held in reserve 20% 12.5% CCX Offset Project Protocol" in page
    assert "How the sample is drawn a part of the fields" in page


def test_a_stranger_sees_none_of_it(sunrise: Cast, riverbend: Cast) -> None:
    project: Project = make_pool(sunrise)
    address = f"/admin/credits/project/{project.pk}/change/"
    assert signed_in(riverbend.viewer).get(address).status_code in (302, 404)
