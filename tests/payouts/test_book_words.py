"""The lists of the books speak of projects, deductions and events by name, not by code."""

from __future__ import annotations

import pytest

from payouts.book_words import say_entry
from payouts.models import WaterfallRule
from tests.admin_pages import signed_in, words
from tests.cast import Cast
from tests.payouts.pool import add_rule, issue_period, receive, sell, settle


@pytest.fixture
def booked(sunrise: Cast) -> Cast:
    period = issue_period(sunrise, [5000, 3000, 2000])
    add_rule(period.project, 1, "rate_of_gross", rate="0.10", name_en="Service fee")
    receive(
        sell(period, tonnes=10, unit_price_minor=1000), 10_000, reference="B-1", by=sunrise.operator
    )
    settle(sunrise, period)
    return sunrise


def test_accounts_are_named_by_project_and_deduction(booked: Cast) -> None:
    page = words(signed_in(booked.viewer).get("/admin/payouts/account/"))
    assert "Received, not yet shared · Terraces" in page
    assert "Deducted, owed to the payee · Service fee" in page


def test_the_name_is_in_the_reader_s_language(booked: Cast) -> None:
    client = signed_in(booked.viewer)
    page = words(client.get("/admin/payouts/account/", headers={"accept-language": "zh-hans"}))
    assert "· 规则1" in page
    assert "· 梯田项目" in page


def test_a_deduction_keeps_its_name_when_its_rule_is_gone(booked: Cast) -> None:
    WaterfallRule.objects.all().delete()
    page = words(signed_in(booked.viewer).get("/admin/payouts/account/"))
    assert "Deducted, owed to the payee · Service fee" in page


def test_a_neighbour_s_project_of_the_same_code_lends_no_name(
    booked: Cast, riverbend: Cast
) -> None:
    period = issue_period(riverbend, [1000])
    period.project.name_en = "River pool"
    period.project.save()
    page = words(signed_in(booked.viewer).get("/admin/payouts/account/"))
    assert "River pool" not in page


def test_entries_and_postings_say_what_they_tell_of(booked: Cast) -> None:
    client = signed_in(booked.viewer)
    journal = words(client.get("/admin/payouts/journalentry/"))
    assert "money received" in journal
    assert "settlement shared out" in journal
    postings = words(client.get("/admin/payouts/posting/"))
    assert "Deducted, owed to the payee · Service fee" in postings


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("batch:7", "payment batch approved"),
        ("batch:7:paid", "payment batch paid by the bank"),
        ("payment:12:failed", "payment failed, owed again"),
        ("reversal:3", "entry reversed"),
        ("opening", "opening"),
    ],
)
@pytest.mark.usefixtures("in_english")
def test_a_reference_is_said_in_words(reference: str, said: str) -> None:
    assert say_entry(reference) == said
