"""The API tells who agreed to what for which days, and names no person."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from aggregator.models import Agreement, Person, User
from tests.admin_pages import signed_in
from tests.cast import Cast
from tests.farms.agreement_steps import ADULT, make_draft


def listed(user: User) -> list[dict[str, Any]]:
    answer = signed_in(user).get("/api/v1/agreements/")
    assert answer.status_code == 200
    return list(answer.json()["results"])


def test_an_agreement_over_named_fields_lists_their_keys(sunrise: Cast) -> None:
    draft = make_draft(sunrise, fields=[sunrise.fields[0]])
    (row,) = [row for row in listed(sunrise.viewer) if row["code"] == draft.code]
    assert row == {
        "id": draft.pk,
        "code": draft.code,
        "household": sunrise.households[0].pk,
        "program": "ccx",
        "state": "draft",
        "whole_holding": False,
        "fields_named": [sunrise.fields[0].pk],
        "starts_on": "2020-01-01",
        "ends_on": "2035-12-31",
        "signed_on": None,
        "signed_how": "",
        "revoked_on": None,
        "renews": None,
        "text_sha256": draft.text_sha256,
        "scan_sha256": "",
    }


def test_the_state_is_todays(sunrise: Cast) -> None:
    Agreement.objects.filter(code="A002").update(revoked_on=timezone.localdate())
    states = {row["code"]: row["state"] for row in listed(sunrise.viewer)}
    assert states == {"A001": "valid", "A002": "revoked", "A003": "valid"}


def test_no_answer_names_a_person(sunrise: Cast) -> None:
    person = Person.objects.get(household=sunrise.households[0])
    person.identity_number = ADULT
    person.save()
    draft = make_draft(sunrise)
    Agreement.objects.filter(pk=draft.pk).update(signed_by=person, signed_on="2026-01-05")
    text = json.dumps(listed(sunrise.operator), ensure_ascii=False)
    assert draft.code in text
    for told in (person.name, ADULT, ADULT[-4:], person.masked_identity):
        assert told not in text


def test_a_strangers_agreement_is_not_found(sunrise: Cast, riverbend: Cast) -> None:
    own = {row["id"] for row in listed(sunrise.viewer)}
    (other,) = [row["id"] for row in listed(riverbend.viewer)]
    assert other not in own
    client = signed_in(sunrise.operator)
    assert client.get(f"/api/v1/agreements/{other}/").status_code == 404
    assert client.get(f"/api/v1/agreements/{min(own)}/").status_code == 200


def test_nothing_is_written_through_it(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    for method in (client.post, client.put, client.patch, client.delete):
        assert method("/api/v1/agreements/1/").status_code == 405
    assert client.post("/api/v1/agreements/").status_code == 405


def test_more_agreements_cost_no_more_queries(
    sunrise: Cast, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(sunrise.viewer)
    with django_assert_max_num_queries(8):
        assert len(client.get("/api/v1/agreements/").json()["results"]) == 3
