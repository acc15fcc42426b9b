"""A number that is searched for finds its household and stands in no address, link or record."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from aggregator.models import AuditEvent, ListFile
from tests.admin_pages import signed_in, words
from tests.aggregator.sheets import identity
from tests.cast import Cast

LIST = "/admin/aggregator/household/"


def seek(client: Client, typed: str, **filters: str) -> Any:
    return client.post(LIST, {"q": typed, **filters}, follow=True)


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize("kind", ["phone", "identity"])
def test_a_whole_number_finds_its_household_and_is_in_no_address(
    sunrise: Cast, kind: str, caplog: Any
) -> None:
    household = sunrise.households[1]
    person = household.persons.get()
    person.identity_number = identity(7)
    person.save()
    typed = household.phone.removeprefix("+86") if kind == "phone" else identity(7)
    client = signed_in(sunrise.operator)
    page = seek(client, typed, language__exact="zh-hans")
    assert "H002" in words(page)
    assert "H001" not in words(page)
    (address, _status), *_rest = page.redirect_chain
    assert "language__exact=zh-hans" in address
    for text in (address, page.content.decode(), caplog.text):
        assert typed not in unquote(text)
    # The box says that a number is sought, and which by its end.
    assert f"•••• {typed[-4:]}" in page.content.decode()
    taken = client.get(f"{LIST}export/csv/?{address.partition('?')[2]}")
    assert b"H002" in b"".join(taken.streaming_content)
    assert typed not in str(AuditEvent.objects.values_list("details", flat=True))
    assert not ListFile.objects.filter(query__contains=typed).exists()


def test_a_name_or_code_stands_in_the_address_as_typed(sunrise: Cast) -> None:
    page = seek(signed_in(sunrise.operator), "H002")
    assert page.redirect_chain[0][0] == f"{LIST}?q=H002"
    assert "H002" in words(page)


def test_a_strangers_number_and_a_forged_seal_find_nothing(sunrise: Cast, riverbend: Cast) -> None:
    client = signed_in(sunrise.operator)
    for page in (
        seek(client, riverbend.households[0].phone),
        client.get(LIST, {"q": "sealed:gAAAAAB"}),
    ):
        assert page.status_code == 200
        assert "/admin/aggregator/household/" in page.content.decode()
        assert "H001" not in words(page)


def test_choices_as_one_types_are_never_found_by_a_number(sunrise: Cast) -> None:
    asked = {"app_label": "farms", "model_name": "tenure", "field_name": "household"}
    client = signed_in(sunrise.operator)

    def offered(term: str) -> list[str]:
        page = client.get("/admin/autocomplete/", {**asked, "term": term})
        return [each["text"] for each in page.json()["results"]]

    household = sunrise.households[1]
    assert offered(household.phone.removeprefix("+86")) == []
    assert offered(household.phone) == []
    assert len(offered("H002")) == 1
