"""A clerk's forms say in plain words what a field that is not self-evident asks for."""

from __future__ import annotations

import pytest
from django.urls import reverse

from aggregator.models import PayeeAccount
from tests.admin_pages import signed_in, words
from tests.cast import Cast


@pytest.mark.parametrize(
    ("page", "help_text"),
    [
        ("aggregator_village", "it stays for good"),
        ("farms_season", "practices before it do not count"),
        ("farms_tenure", "Empty: until further notice."),
        ("payouts_waterfallrule", "0.08 is 8%"),
        ("credits_buyer", "as in the sales contract"),
    ],
)
def test_a_new_row_is_explained(sunrise: Cast, page: str, help_text: str) -> None:
    shown = words(signed_in(sunrise.operator).get(reverse(f"admin:{page}_add")))
    assert help_text in shown


def test_a_decision_about_a_household_is_explained(sunrise: Cast) -> None:
    place = reverse("admin:aggregator_household_do", args=[sunrise.households[0].pk, "leave"])
    assert "This day still counts" in words(signed_in(sunrise.operator).get(place))


def test_the_approver_sets_how_long_a_new_account_cools_off(sunrise: Cast) -> None:
    place = reverse("admin:aggregator_cooperative_change", args=[sunrise.cooperative.pk])
    client = signed_in(sunrise.approver)
    form = client.get(place).context["adminform"].form
    sent = {**{name: form.initial[name] for name in form.fields}, "payee_cooling_days": "14"}
    assert client.post(place, sent).status_code == 302
    sunrise.cooperative.refresh_from_db()
    assert sunrise.cooperative.payee_cooling_days == 14


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("status", "action", "asked"),
    [("proposed", "refuse", False), ("active", "end", False), ("active", "reveal", True)],
)
def test_only_who_asks_for_a_number_is_asked_why_they_need_to_see_it(
    sunrise: Cast, status: str, action: str, asked: bool
) -> None:
    account = PayeeAccount.objects.filter(household=sunrise.households[0]).get()
    PayeeAccount.objects.filter(pk=account.pk).update(status=status)
    place = reverse("admin:aggregator_payeeaccount_do", args=[account.pk, action])
    shown = words(signed_in(sunrise.operator).get(place))
    assert ("Why you need to see it" in shown) == asked
    assert ("Reason" if asked else "Why") in shown
