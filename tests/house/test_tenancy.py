"""Riverbend's people call every address with Sunrise's keys: not found, and nothing seen."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import F, Model, QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, include, path
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from aggregator.actors import state_actor
from aggregator.admin import VillageAdmin
from aggregator.models import Cooperative, Household, Person, User, Village
from farms.models import Field
from payouts.models import Statement
from tests.aggregator.sign_in_steps import enter
from tests.cast import Cast
from tests.house.url_sweep import MARK, Target, fill_in, judge, list_patterns, sweep_urls
from tests.whole_line import WholeLine, make_whole_line

ROLES = User.Role.values


@pytest.fixture
def marked(sunrise: Cast, settings: Any, tmp_path: Any) -> WholeLine:
    """Sunrise's whole line, with the mark in every code and name that a page could show."""
    settings.MEDIA_ROOT = tmp_path
    for model, column in (
        (Household, "code"),
        (Field, "code"),
        (Village, "name"),
        (Person, "name"),
    ):
        model.objects.update(**{column: Concat(Value(MARK), F(column))})
    User.objects.update(last_name=MARK)
    line = make_whole_line(sunrise)
    line.project.name = line.project.name_en = f"{MARK}项目"
    line.project.save()
    # The test is one transaction: what is written next is not Sunrise's operator's work.
    state_actor(None)
    return line


@pytest.fixture
def strangers(marked: WholeLine, riverbend: Cast) -> dict[str, Client]:
    """One client a role of Riverbend, which joined after the marks were set."""
    return {role: signed_in(getattr(riverbend, role)) for role in ROLES}


@pytest.fixture
def owners(sunrise: Cast) -> dict[str, Client]:
    return {role: signed_in(getattr(sunrise, role)) for role in ROLES}


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def sunrise_key(model: type[Model], column: str) -> Any:
    """The last key of Sunrise's: statement numbers start at one in every cooperative."""
    cooperative = Cooperative.objects.get(code="sunrise")
    if model is Cooperative:
        return cooperative.pk
    row = model._default_manager.filter(cooperative=cooperative).order_by("-pk").first()
    if row is None:
        raise LookupError(f"the whole line has no {model.__name__}")
    return getattr(row, column)


@pytest.mark.slow
def test_a_strangers_key_is_not_found_at_any_address(
    strangers: dict[str, Client], owners: dict[str, Client]
) -> None:
    found = sweep_urls(get_resolver(), strangers=strangers, owners=owners, find=sunrise_key)
    assert found == []


def test_the_mark_is_there_to_be_seen(owners: dict[str, Client], marked: WholeLine) -> None:
    """Else the sweep would pass on empty pages: the owner's own lists and pages show the mark."""
    targets, _unknown = fill_in(get_resolver(), sunrise_key)
    seen = set()
    for target in targets:
        # Staff are managed by the platform, not by a cooperative.
        if target.name == "admin:auth_user_password_change":
            continue
        if target.name.endswith(("_changelist", "_change", "-list", "-detail")):
            answers = [owner.get(target.path) for owner in owners.values()]
            assert any(answer.status_code == 200 for answer in answers), target
            if any(judge(target, answer).startswith("shows") for answer in answers):
                seen.add(target.name)
    assert {
        "admin:aggregator_household_changelist",
        "admin:farms_field_change",
        "admin:payouts_share_changelist",
        "household-list",
        "statement-detail",
    } <= seen


def test_who_is_not_signed_in_gets_to_the_door_and_no_further(marked: WholeLine) -> None:
    targets, unknown = fill_in(get_resolver(), sunrise_key)
    assert unknown == []
    visitor = Client()
    for target in targets:
        for answer in (visitor.get(target.path), visitor.post(target.path)):
            assert answer.status_code in (302, 403, 404, 405), target
            assert not judge(Target(target.name, target.path, False), answer), target


def test_a_household_of_another_cooperative_sees_nothing_in_the_portal(
    marked: WholeLine, riverbend: Cast
) -> None:
    client = enter(Client(), riverbend.households[0])
    assert client.get("/").status_code == 200
    targets, _unknown = fill_in(get_resolver(), sunrise_key)
    portal = [target for target in targets if target.name.startswith(("portal:", "door:"))]
    assert len(portal) >= 4
    assert [judge(target, client.get(target.path)) for target in portal] == [""] * len(portal)


def test_a_neighbour_of_the_same_cooperative_does_not_see_anothers_statement(
    marked: WholeLine, sunrise: Cast
) -> None:
    client = enter(Client(), sunrise.households[0])
    own = Statement.objects.get(household=sunrise.households[0])
    assert client.get(f"/statements/{own.number}/").status_code == 200
    other = Statement.objects.exclude(household=sunrise.households[0]).latest("number")
    assert client.get(f"/statements/{other.number}/").status_code == 404


def test_an_autocomplete_offers_no_stranger(strangers: dict[str, Client]) -> None:
    asked = 0
    for model, model_admin in admin.site._registry.items():
        inlines = [(each.model, each.autocomplete_fields) for each in model_admin.inlines]
        for owner, names in [(model, model_admin.autocomplete_fields), *inlines]:
            for name in names:
                query = {
                    "app_label": owner._meta.app_label,
                    "model_name": owner._meta.model_name,
                    "field_name": name,
                    "term": MARK,
                }
                answer = strangers["operator"].get("/admin/autocomplete/", query)
                assert answer.json()["results"] == [], (owner, name)
                asked += 1
    assert asked >= 3


class LeakingViewSet(ReadOnlyModelViewSet):  # type: ignore[type-arg]
    """Forgets whose rows it shows."""

    queryset = Household.objects.all()
    serializer_class = type(
        "LeakingSerializer",
        (ModelSerializer,),
        {"Meta": type("Meta", (), {"model": Household, "fields": ["id", "code"]})},
    )


def forgotten(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse("")


def planted_urls(settings: Any, *patterns: Any) -> URLResolver:
    """The planted addresses, served beside the real ones."""
    served = ModuleType("served_urls")
    served.urlpatterns = [*patterns, *get_resolver().url_patterns]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = served
    planted = ModuleType("planted_urls")
    planted.urlpatterns = list(patterns)  # type: ignore[attr-defined]
    return get_resolver(planted)  # type: ignore[arg-type]


@pytest.fixture
def leaking(settings: Any) -> URLResolver:
    router = SimpleRouter()
    router.register("leaks", LeakingViewSet)
    return planted_urls(settings, path("api/", include(router.urls)))


def test_a_planted_leak_is_reported(
    strangers: dict[str, Client], owners: dict[str, Client], leaking: URLResolver
) -> None:
    found = sweep_urls(leaking, strangers=strangers, owners=owners, find=sunrise_key)
    key = sunrise_key(Household, "pk")
    for role in ROLES:
        assert f"{role} GET /api/leaks/: shows {MARK}" in found
        assert f"{role} GET /api/leaks/{key}/: shows {MARK}" in found


def test_an_address_nobody_taught_the_sweep_is_reported(marked: WholeLine, settings: Any) -> None:
    resolver = planted_urls(settings, path("new/<int:pk>/", forgotten, name="new"))
    _targets, unknown = fill_in(resolver, sunrise_key)
    assert [line.partition(":")[0] for line in unknown] == ["new"]


def test_an_admin_page_that_forgets_its_tenant_is_reported(
    strangers: dict[str, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_rows(self: VillageAdmin, request: HttpRequest) -> QuerySet[Any]:
        return Village.objects.all()

    monkeypatch.setattr(VillageAdmin, "get_queryset", all_rows)
    target = Target("", "/admin/aggregator/village/", False)
    assert judge(target, strangers["viewer"].get(target.path)) == f"shows {MARK}"


def test_every_registered_model_has_its_pages_in_the_sweep(marked: WholeLine) -> None:
    names = {name for _pattern, _route, name in list_patterns(get_resolver())}
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert {f"{name}_changelist", f"{name}_change"} <= names
