"""The API of the methodologies: open to all, bounded, and every refusal named by its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.throttling import SimpleRateThrottle

from aggregator.models import User
from credits.estimating.api_views import StaffThrottle, StrangersThrottle
from credits.estimating.estimation import MAX_BYTES
from credits.registry import ESTIMATORS
from tests.cast import Cast

ROOT = "/api/v1/methodologies/"


@pytest.fixture(autouse=True)
def nobody_has_asked_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def stranger(db: None) -> Client:
    return Client(headers={"accept-language": "en"})


def ask(client: Client, id: str, data: Any, **headers: str) -> Any:
    body = data if isinstance(data, str | bytes) else json.dumps(data)
    return client.post(
        f"{ROOT}{id}/estimate/", body, content_type="application/json", headers=headers
    )


def test_the_list_names_every_methodology_and_its_address(stranger: Client) -> None:
    listed = stranger.get(ROOT).json()
    assert [each["id"] for each in listed] == list(ESTIMATORS)
    for each in listed:
        assert each["title"]
        assert each["version"]
        assert each["sources"]
        assert each["url"].endswith(f"{ROOT}{each['id']}/")


@pytest.mark.parametrize("id", sorted(ESTIMATORS))
def test_a_stranger_can_work_from_what_is_published_alone(id: str, stranger: Client) -> None:
    told = stranger.get(f"{ROOT}{id}/").json()
    schema = told["schema"]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(told["example"], schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    found = stranger.get(schema["$id"].removeprefix("http://127.0.0.1:8000"))
    assert found["Content-Type"] == "application/schema+json"
    assert found.json() == schema
    answer = ask(stranger, id, told["example"])
    assert answer.status_code == 200
    assert answer.json()["methodology"]["version"] == told["version"]
    assert answer.json()["terms"]


def test_labels_are_in_the_askers_language(stranger: Client) -> None:
    english = stranger.get(f"{ROOT}ipcc-soc-tier1/").json()
    chinese = stranger.get(f"{ROOT}ipcc-soc-tier1/", headers={"accept-language": "zh-hans"})
    assert english["schema"]["properties"]["area_ha"]["title"] == "Area"
    assert chinese.status_code == 200


def test_refused_inputs_are_named_with_place_code_and_sentence(stranger: Client) -> None:
    example = dict(ESTIMATORS["ipcc-soc-tier1"].example)
    answer = ask(stranger, "ipcc-soc-tier1", {**example, "area_ha": -2, "soil": "moon"})
    assert answer.status_code == 400
    told = answer.json()
    assert told["code"] == "inputs_refused"
    assert [(each["place"], each["code"]) for each in told["problems"]] == [
        ("area_ha", "too_low"),
        ("soil", "not_a_choice"),
    ]
    assert told["problems"][0]["where"] == "Area"
    assert told["problems"][0]["text"] == "Too small: at least 0 ha."


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "bad_json"),
        ('{"a": 1, "a": 2}', 400, "repeated_name"),
        ("[" * 100_000, 400, "too_deep"),
        ("[" * 14 + "]" * 14, 400, "too_deep"),
        ('"' + "x" * MAX_BYTES + '"', 413, "too_large"),
        (b"\xff\xfe\x00", 400, "bad_json"),
        ("", 400, "inputs_refused"),
        ("17", 400, "inputs_refused"),
        ("null", 400, "inputs_refused"),
    ],
    ids=lambda value: str(value)[:16],
)
def test_a_body_that_cannot_be_used_is_refused(
    body: str | bytes, status: int, code: str, stranger: Client
) -> None:
    answer = ask(stranger, "ipcc-n2o", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_another_kind_of_body_is_not_read(stranger: Client) -> None:
    answer = stranger.post(f"{ROOT}ipcc-n2o/estimate/", {"area_ha": "1"})
    assert answer.status_code == 415


def test_a_methodology_that_is_not_there_is_not_found(stranger: Client) -> None:
    for answer in (
        stranger.get(f"{ROOT}no-such/"),
        stranger.get(f"{ROOT}no-such/schema/"),
        ask(stranger, "no-such", {}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_methodology")


@pytest.mark.parametrize("role", User.Role.values)
def test_staff_of_every_role_may_ask(role: str, sunrise: Cast) -> None:
    client = Client()
    client.force_login(getattr(sunrise, role))
    assert client.get(ROOT).status_code == 200
    assert ask(client, "ipcc-n2o", dict(ESTIMATORS["ipcc-n2o"].example)).status_code == 200


def test_a_signed_in_browser_cannot_be_made_to_ask_by_another_site(sunrise: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(sunrise.operator)
    assert ask(client, "ipcc-n2o", {}).status_code == 403


def test_nothing_is_asked_of_the_database_for_a_stranger(
    stranger: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        ask(stranger, "ipcc-n2o", dict(ESTIMATORS["ipcc-n2o"].example))


@pytest.mark.parametrize("throttle", [StrangersThrottle, StaffThrottle])
def test_too_many_questions_a_minute_are_put_off(
    throttle: type[SimpleRateThrottle], sunrise: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "rate", "3/min")
    client = Client()
    if throttle is StaffThrottle:
        client.force_login(sunrise.viewer)
    answers = [
        # A made-up forwarding header is no new address.
        client.get(ROOT, headers={"x-forwarded-for": f"10.0.0.{number}"}).status_code
        for number in range(4)
    ]
    assert answers == [200, 200, 200, 429]
