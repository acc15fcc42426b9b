"""The search box of lists: beginnings by an index, `*` for anywhere, however many rows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aggregator import admin_lists, list_search
from aggregator.models import Person
from farms.models import Field
from tests.admin_pages import signed_in, words
from tests.cast import Cast, make_cast

FIELDS = "/admin/farms/field/"
TENURES = "/admin/farms/tenure/"
HOUSEHOLDS = "/admin/aggregator/household/"


@pytest.fixture
def many(db: None) -> Cast:
    return make_cast("many", name="多", households=60, east=118.0)


@pytest.fixture
def few_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_search, "MOST_KEYS", 5)


def codes(client: Client, address: str, **asked: str) -> list[str]:
    rows = client.get(address, asked).context["cl"].result_list
    return [str(row).split()[0] for row in rows]


def test_a_word_is_looked_for_at_the_beginning(many: Cast) -> None:
    client = signed_in(many.operator)
    assert codes(client, FIELDS, q="F00") == [f"F00{n}" for n in range(1, 10)]
    assert codes(client, FIELDS, q="007") == []


def test_a_star_finds_a_word_anywhere(many: Cast) -> None:
    assert codes(signed_in(many.operator), FIELDS, q="*007") == ["F007"]


@pytest.mark.usefixtures("in_english")
def test_where_nothing_begins_with_the_words_one_click_looks_inside(many: Cast) -> None:
    client = signed_in(many.operator)
    page = client.get(FIELDS, {"q": "007", "o": "1", "p": "1"})
    assert "Look for it inside codes and names, too" in words(page)
    address = page.context["cl"].inside_address
    assert address == "?o=1&q=%2A007"
    assert codes(client, FIELDS + address) == ["F007"]
    # Nothing is left to offer where the words were looked for inside.
    nothing = client.get(FIELDS, {"q": "*nothing"})
    assert "Look for it inside" not in words(nothing)


@pytest.mark.parametrize("typed", ["f007", "F007", '"F007"'])
def test_capitals_and_quotes_do_not_matter_to_a_code(many: Cast, typed: str) -> None:
    assert codes(signed_in(many.operator), FIELDS, q=typed) == ["F007"]


@pytest.mark.parametrize("typed", ["wang", "Wang", "WANG"])
def test_a_latin_name_is_found_however_it_is_typed(many: Cast, typed: str) -> None:
    Person.objects.filter(household=many.households[6]).update(name="Wang Wei")
    assert codes(signed_in(many.operator), HOUSEHOLDS, q=typed) == ["H007"]
    assert codes(signed_in(many.operator), FIELDS, q=typed) == ["F007"]


@pytest.mark.parametrize("typed", ["%", "_007", "F_07", "F0%"])
def test_signs_of_patterns_are_letters_like_others(many: Cast, typed: str) -> None:
    assert codes(signed_in(many.operator), FIELDS, q=typed) == []


@pytest.mark.parametrize("typed", ["*", "**", "  "])
def test_a_star_alone_leaves_nothing_out(many: Cast, typed: str) -> None:
    assert len(codes(signed_in(many.operator), FIELDS, q=typed)) == 50


@pytest.mark.usefixtures("few_keys")
@pytest.mark.parametrize(
    ("address", "typed", "found"),
    [
        (FIELDS, "F0", [f"F{n:03d}" for n in range(1, 51)]),
        (FIELDS, "户主", [f"F{n:03d}" for n in range(1, 51)]),
        (FIELDS, "户主1", ["F001", *(f"F{n:03d}" for n in range(10, 20))]),
        (FIELDS, "H01", [f"F{n:03d}" for n in range(10, 20)]),
        (FIELDS, "H01 F012", ["F012"]),
        (TENURES, "户主1", ["F001", *(f"F{n:03d}" for n in range(10, 20))]),
        (HOUSEHOLDS, "户主1", ["H001", *(f"H{n:03d}" for n in range(10, 20))]),
    ],
)
def test_words_that_very_many_have_are_found_in_all_of_them(
    many: Cast, address: str, typed: str, found: list[str]
) -> None:
    assert codes(signed_in(many.operator), address, q=typed) == found


@pytest.mark.usefixtures("in_english")
def test_a_search_is_counted_to_its_own_cap(many: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.admin_base.FOUND_ROWS", 20)
    client = signed_in(many.operator)
    assert "20+ fields" in words(client.get(FIELDS, {"q": "F"}))
    assert "60 fields" in words(client.get(FIELDS))
    assert admin_lists.COUNTED_ROWS > 60


def test_the_words_of_another_cooperative_find_nothing(many: Cast, riverbend: Cast) -> None:
    Field.objects.filter(pk=riverbend.fields[0].pk).update(code="X777")
    Person.objects.filter(household=riverbend.households[0]).update(name="独一")
    client = signed_in(many.operator)
    assert codes(client, FIELDS, q="X777") == []
    assert codes(client, FIELDS, q="独一") == []
    assert codes(client, HOUSEHOLDS, q="独一") == []


@pytest.mark.parametrize(("typed", "most"), [("F00", 9), ("H00", 10), ("户主7", 10)])
def test_a_search_asks_one_question_for_each_step_to_a_row(
    many: Cast, typed: str, most: int
) -> None:
    client = signed_in(many.operator)
    client.get(FIELDS)
    with CaptureQueriesContext(connection) as queries:
        client.get(FIELDS, {"q": typed})
    about_fields = [each["sql"] for each in queries if "_field" in each["sql"]]
    assert len(queries) <= most + 2, len(queries)
    assert about_fields


def test_a_search_of_codes_walks_an_index(many: Cast) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a small table is read whole by PostgreSQL, whatever its indexes")
    found = Field.objects.for_user(many.operator).filter(code__begins="F00").order_by()
    plan = found.values("pk").explain()
    assert "code>? AND code<?" in plan.replace('"', "")
