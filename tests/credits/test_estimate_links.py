"""From a project and a field to the estimator, with what is known filled in."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from credits.admin.estimate_links import estimate_address
from credits.models import Project
from tests.cast import Cast
from tests.credits.line import make_enrolled_pool


def test_a_field_s_page_leads_to_its_project_s_methodology_with_its_area(sunrise: Cast) -> None:
    make_enrolled_pool(sunrise)
    client = Client(headers={"accept-language": "en"})
    client.force_login(sunrise.viewer)
    page = client.get(f"/admin/farms/field/{sunrise.fields[0].pk}/change/").content.decode()
    assert "What would it earn?" in page
    # 10,000 m² are one hectare.
    assert "/admin/estimates/practice-rate/?" in page
    assert "area=1.0000&amp;area_unit=ha" in page


def test_the_estimator_takes_what_the_address_tells_and_no_more(sunrise: Cast) -> None:
    client = Client()
    client.force_login(sunrise.viewer)
    page = client.get("/admin/estimates/practice-rate/?area=4.5&nonsense=qqq").content.decode()
    assert 'value="4.5"' in page
    assert 'name="nonsense"' not in page


@pytest.mark.django_db
def test_a_project_s_parameters_go_along(sunrise: Cast) -> None:
    project = Project(
        methodology="ipcc-soc-tier1",
        parameters={"climate": "warm_temperate_moist", "soil": "high_activity_clay", "rates": []},
    )
    address = urlsplit(estimate_address(project))
    assert address.path == "/admin/estimates/ipcc-soc-tier1/"
    assert parse_qs(address.query) == {
        "climate": ["warm_temperate_moist"],
        "soil": ["high_activity_clay"],
    }
    assert estimate_address(None) == "/admin/estimates/"
