"""Long lists: counted to a cap, paged by keys, searched without joins, filtered by typing."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aggregator import admin_filters, admin_lists
from aggregator.models import Person, Village
from farms.models import Field, Tenure
from tests.admin_pages import signed_in, words
from tests.cast import Cast, make_cast

FIELDS = "/admin/farms/field/"
# One row; a handful of texts; a log that is found by its record and its filters.
WITHOUT_SEARCH = {"Cooperative", "AgreementTemplate", "RecordChange"}


@pytest.fixture
def many(db: None) -> Cast:
    return make_cast("many", name="多", households=120, east=118.0)


@pytest.fixture
def capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_lists, "COUNTED_ROWS", 60)


def codes(client: Client, address: str) -> list[str]:
    return [str(row).split()[0] for row in client.get(address).context["cl"].result_list]


def asked(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries if "farms_field" in query["sql"]]


def test_a_list_is_counted_no_further_than_the_cap(many: Cast, capped: None) -> None:
    page = words(signed_in(many.operator).get(FIELDS))
    assert "60+ fields" in page
    assert "120 fields" not in page


def test_a_list_below_the_cap_is_counted_exactly(many: Cast) -> None:
    assert "120 fields" in words(signed_in(many.operator).get(FIELDS))


def test_pages_end_at_the_cap_and_the_list_says_so(many: Cast, capped: None) -> None:
    client = signed_in(many.operator)
    assert codes(client, f"{FIELDS}?p=2") == [f"F{n:03d}" for n in range(51, 101)]
    assert "Pages end here" in words(client.get(f"{FIELDS}?p=2"))
    answer = client.get(f"{FIELDS}?p=3")
    assert (answer.status_code, answer["Location"]) == (302, f"{FIELDS}?e=1")


def test_pages_of_a_list_below_the_cap_end_with_its_rows(many: Cast) -> None:
    client = signed_in(many.operator)
    assert codes(client, f"{FIELDS}?p=3") == [f"F{n:03d}" for n in range(101, 121)]
    assert "Pages end here" not in words(client.get(f"{FIELDS}?p=3"))
    assert client.get(f"{FIELDS}?p=4").status_code == 302


def test_pages_together_hold_every_row_once(many: Cast) -> None:
    client = signed_in(many.operator)
    seen = [code for page in (1, 2, 3) for code in codes(client, f"{FIELDS}?p={page}")]
    assert seen == [f"F{n:03d}" for n in range(1, 121)]


def test_area_is_asked_for_the_rows_of_the_page_only(many: Cast) -> None:
    with_area = [sql for sql in asked(signed_in(many.operator), FIELDS) if "area_m2" in sql]
    assert with_area
    assert all(" IN (" in sql for sql in with_area if "contract_area_m2" in sql)


def test_the_order_of_a_list_needs_no_join_to_the_cooperative(many: Cast) -> None:
    tenures = "/admin/farms/tenure/"
    assert codes(signed_in(many.operator), tenures)[:2] == ["F001", "F002"]
    keys = [
        sql
        for sql in asked(signed_in(many.operator), tenures)
        if "ORDER BY" in sql and "LIMIT 51" in sql
    ]
    assert keys
    assert not any("aggregator_cooperative" in sql for sql in keys)


def test_a_search_through_relations_neither_joins_nor_sorts_the_list(many: Cast) -> None:
    client = signed_in(many.operator)
    assert codes(client, f"{FIELDS}?q=户主7") == ["F007", *(f"F{n:03d}" for n in range(70, 80))]
    assert not any("DISTINCT" in sql for sql in asked(client, f"{FIELDS}?q=户主7"))


def test_a_field_held_twice_by_the_name_searched_is_listed_once(many: Cast) -> None:
    field = many.fields[6]
    Person.objects.create(
        cooperative=many.cooperative, household=many.households[6], name="户主7的妻子"
    )
    Tenure.objects.create(
        cooperative=many.cooperative,
        field=field,
        household=many.households[6],
        kind="transfer",
        starts_on="2021-01-01",
    )
    assert codes(signed_in(many.operator), f"{FIELDS}?q=户主7").count("F007") == 1


def test_each_word_of_a_search_must_be_found(many: Cast) -> None:
    client = signed_in(many.operator)
    assert codes(client, f"{FIELDS}?q=H007+F007") == ["F007"]
    assert codes(client, f"{FIELDS}?q=H007+F008") == []


def test_a_search_finds_nothing_of_another_cooperative(many: Cast, riverbend: Cast) -> None:
    Field.objects.filter(pk=riverbend.fields[0].pk).update(code="F777")
    assert codes(signed_in(many.operator), f"{FIELDS}?q=F777") == []


def test_filters_combine_with_the_search(many: Cast) -> None:
    Field.objects.filter(code__in=["F007", "F008"]).update(land_class="general")
    address = f"{FIELDS}?land_class__exact=general&q=F007"
    assert codes(signed_in(many.operator), address) == ["F007"]


def make_villages(cast: Cast, count: int) -> None:
    for number in range(2, count + 2):
        Village.objects.create(cooperative=cast.cooperative, code=f"V{number}", name=f"{number}村")


def test_a_filter_of_very_many_is_typed_and_not_listed(many: Cast) -> None:
    make_villages(many, admin_filters.MOST_CHOICES + 5)
    village = Village.objects.get(code="V9", cooperative=many.cooperative)
    Field.objects.filter(pk=many.fields[3].pk).update(village=village)
    client = signed_in(many.operator)
    page = client.get(FIELDS).content.decode()
    assert 'name="village__named"' in page
    filters = page.partition('id="changelist-filter"')[2].partition("</nav>")[0]
    assert "9村" not in filters
    assert codes(client, f"{FIELDS}?village__named=9村") == ["F004"]
    assert codes(client, f"{FIELDS}?village__named=9村&q=F005") == []
    assert codes(client, f"{FIELDS}?village__id__exact={village.pk}") == ["F004"]


def test_a_filter_of_a_few_is_listed(many: Cast) -> None:
    make_villages(many, 3)
    page = signed_in(many.operator).get(FIELDS).content.decode()
    assert 'name="village__named"' not in page
    assert "4村" in page


def test_every_list_has_a_search() -> None:
    lacking = {
        model.__name__
        for model, shown_by in admin.site._registry.items()
        if not shown_by.search_fields
    }
    assert lacking - WITHOUT_SEARCH == set()
