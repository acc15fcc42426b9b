"""Filters and search come before the rows in the page, as they are seen and tabbed through."""

from __future__ import annotations

import pytest

from tests.admin_pages import signed_in
from tests.cast import Cast


@pytest.mark.parametrize("address", ["/admin/farms/field/", "/admin/aggregator/household/"])
def test_filters_and_search_stand_before_the_rows(sunrise: Cast, address: str) -> None:
    page = signed_in(sunrise.operator).get(address).content.decode()
    places = [
        page.index(mark) for mark in ('id="changelist-filter"', 'id="toolbar"', 'id="result_list"')
    ]
    assert places == sorted(places)
    assert page.count('id="changelist-filter"') == 1
