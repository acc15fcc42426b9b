"""A clerk is never left on an empty page: every list says what to do, and the guide leads there."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from aggregator.admin_base import TenantAdmin
from aggregator.empty_hints import find_empty_hint
from aggregator.models import Cooperative, User
from payouts.admin.empty_states import HINTS
from payouts.admin.guide import STEPS
from tests.admin_pages import signed_in, words
from tests.cast import Cast

# A list that is never empty for who may read it.
NEVER_EMPTY = {"aggregator.User"}


def lists() -> list[TenantAdmin]:
    return [each for each in admin.site._registry.values() if isinstance(each, TenantAdmin)]


def address_of(shown_by: TenantAdmin) -> str:
    options = shown_by.opts
    return reverse(f"admin:{options.app_label}_{options.model_name}_changelist")


def test_every_list_says_what_an_empty_one_means() -> None:
    labels = {shown_by.opts.label for shown_by in lists()}
    assert len(labels) > 30
    assert [label for label in labels if find_empty_hint(label) is None] == []


@pytest.mark.django_db
def test_an_empty_list_leads_to_the_next_step() -> None:
    # A cooperative on its first day; nothing was recorded before it either.
    home = Cooperative.objects.create(code="new", name="新社")
    root = User.objects.create_superuser("root", password="r", cooperative=None)
    client = signed_in(root)
    for shown_by in lists():
        if shown_by.model._default_manager.exists():
            continue
        answer = client.get(address_of(shown_by))
        hint = find_empty_hint(shown_by.opts.label)
        assert hint is not None
        assert str(hint.sentence).replace("'", "&#x27;") in answer.content.decode()
        assert client.get(hint.url, follow=True).status_code == 200, shown_by.opts.label
    assert home.pk


def test_a_search_without_a_find_offers_to_clear_it(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    answer = client.get("/admin/aggregator/household/", {"q": "niemand"})
    assert "Clear search and filters" in words(answer)
    assert "No household is on record" not in words(answer)
    assert "Clear search" not in words(client.get("/admin/aggregator/household/", {"o": "1"}))


@pytest.mark.parametrize("role", ["operator", "approver", "viewer"])
def test_every_link_of_the_guide_leads_to_a_page(sunrise: Cast, role: str) -> None:
    client = signed_in(getattr(sunrise, role))
    guide = client.get("/admin/guide/")
    links = set(re.findall(r'href="(/admin/[^"]+)"', guide.content.decode().split("<h1")[1]))
    assert len(links) > 15
    closed = {link for link in links if client.get(link, follow=True).status_code != 200}
    # Only an operator brings in files.
    assert closed == (set() if role == "operator" else {reverse("import-start")})


def test_the_guide_is_one_press_away_from_every_page(sunrise: Cast) -> None:
    home = signed_in(sunrise.viewer).get("/admin/").content.decode()
    assert f'href="{reverse("admin:guide")}"' in home


def test_the_guide_keeps_the_order_of_the_line() -> None:
    pages = [name for *_texts, links in STEPS for name, _label in links]
    line = [
        "admin:aggregator_household_changelist",
        "admin:farms_field_changelist",
        "admin:farms_practicerecord_changelist",
        "admin:credits_project_changelist",
        "admin:credits_monitoringperiod_changelist",
        "admin:credits_verification_changelist",
        "admin:payouts_receipt_changelist",
        "admin:payouts_settlement_changelist",
        "admin:payouts_paymentbatch_changelist",
    ]
    assert [pages.index(name) for name in line] == sorted(pages.index(name) for name in line)


@pytest.mark.usefixtures("in_english")
def test_hints_name_models_and_addresses_that_may_come() -> None:
    for label, (sentence, (address, _words)) in HINTS.items():
        assert str(sentence).endswith("."), label
        assert reverse(address)
