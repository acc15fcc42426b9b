"""A project's deductions are proposed from its program; the published splits come out of them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from aggregator.errors import NotAllowed
from aggregator.roles import NotYours
from credits.models import Project
from credits.programs.base import find_unknown
from credits.registry import PROGRAMS
from payouts.drafting import rule_of
from payouts.models import WaterfallRule
from payouts.rule_proposals import (
    NothingToPropose,
    RulesExist,
    UnitPriceMissing,
    propose_rules,
    set_up_rules,
    split_unit_price,
)
from payouts.waterfall import apply_rules
from tests.admin_pages import signed_in, words
from tests.cast import Cast
from tests.credits.line import make_pool

ANSWERS: dict[str, Any] = {
    "minimum_term_years": 5,
    "reserve_rate": "0.10",
    "reserve_release": "never",
    "sample_rate": "0.10",
    "correction_rule": "void",
}


def make(cast: Cast, program: str, **fees: str) -> Project:
    terms = PROGRAMS[program].terms
    asked = [name for name in find_unknown(terms) if not name.startswith("fees.")]
    answers = {name: ANSWERS[name] for name in asked}
    return make_pool(
        cast,
        program=program,
        ends_on=date(2050, 12, 31),
        terms=answers | {"fees": terms["fees"] | fees},
    )


def shared(project: Project, gross_minor: int, *, tonnes: int, **price: int) -> dict[str, int]:
    """What each proposed rule takes of an income, and what is left to the farmers."""
    rules = [rule_of(rule) for rule in propose_rules(project, **price)]
    lines = apply_rules(gross_minor, rules, tonnes=Fraction(tonnes), already_taken={})
    taken = {line.code: line.amount_minor for line in lines}
    return taken | {"farmers": gross_minor - sum(taken.values())}


def test_acorn_at_20_euros_leaves_16_to_the_farmer(sunrise: Cast) -> None:
    assert shared(make(sunrise, "acorn"), 20_00, tonnes=1) == {
        "platform": 2_00,
        "partner": 2_00,
        "farmers": 16_00,
    }


def test_kenya_shares_60_35_5(sunrise: Cast) -> None:
    assert shared(make(sunrise, "kenya-acp"), 100_00, tonnes=100) == {
        "advisory": 35_00,
        "marketing": 5_00,
        "farmers": 60_00,
    }


def test_alberta_parkland_pays_1732_dollars_of_1000_acres(sunrise: Cast) -> None:
    """1,000 acres × 0.113 at 23.00 CAD, the farmer's 15.33 rounded first: 113 × 15.33."""
    project = make(sunrise, "alberta")
    found = shared(project, 113 * 23_00, tonnes=113, unit_price_minor=23_00)
    assert found == {"service": 113 * 7_67, "farmers": 1_732_29}


def test_alberta_without_a_split_pays_1469_dollars() -> None:
    assert apply_rules(113 * 13_00, [], tonnes=Fraction(113), already_taken={}) == []
    assert 113 * 13_00 == 1_469_00
    assert split_unit_price(23_00, Fraction(1, 3)) == (15_33, 7_67)


@pytest.mark.parametrize(("cents", "left"), [(1_00, 90), (1_50, 1_35)])
def test_iowa_farm_bureau_keeps_a_tenth(sunrise: Cast, cents: int, left: int) -> None:
    """2005 at 2 USD/t: 1.00 USD an acre for no-till, 1.50 for grass, before the 10%."""
    project = make(sunrise, "ccx", exchange_usd_per_tonne="0")
    assert shared(project, cents, tonnes=1)["farmers"] == left


def test_purdue_pays_210_dollars_before_fees() -> None:
    """50 acres × 0.6 t × 7 USD."""
    assert Fraction(50) * Fraction("0.6") * 7_00 == 210_00


def test_carbofarm_takes_15_of_100_when_80_are_sold(sunrise: Cast) -> None:
    found = shared(make(sunrise, "carbofarm", aggregator_rate="0"), 80_00, tonnes=80)
    assert found == {"program": 15_00, "farmers": 65_00}


def test_an_exchange_s_fee_in_dollars_is_proposed_in_dollars_only(sunrise: Cast) -> None:
    project = make(sunrise, "ccx", exchange_usd_per_tonne="0.20")
    assert [rule.code for rule in propose_rules(project)] == ["service"]
    project.cooperative.currency = "USD"
    first, second = propose_rules(project)
    assert (first.code, first.kind, first.amount_minor) == ("exchange", "per_tonne", 20)
    assert (second.code, second.position) == ("service", 2)


def test_the_proposal_is_kept_once(sunrise: Cast) -> None:
    project = make(sunrise, "kenya-acp")
    set_up_rules(project, by=sunrise.operator)
    rules = WaterfallRule.objects.filter(project=project)
    assert [rule.code for rule in rules] == ["advisory", "marketing"]
    with pytest.raises(RulesExist):
        set_up_rules(project, by=sunrise.operator)


def test_what_cannot_be_proposed_is_said(sunrise: Cast) -> None:
    with pytest.raises(UnitPriceMissing):
        set_up_rules(make(sunrise, "alberta"), by=sunrise.operator)
    Project.objects.all().delete()
    project = make(sunrise, "ccx", exchange_usd_per_tonne="0.20", aggregator_rate="0")
    with pytest.raises(NothingToPropose):
        set_up_rules(project, by=sunrise.operator)


def test_only_an_operator_sets_them_up(sunrise: Cast, riverbend: Cast) -> None:
    project = make(sunrise, "kenya-acp")
    for stranger in (sunrise.viewer, sunrise.approver):
        with pytest.raises(NotAllowed):
            set_up_rules(project, by=stranger)
    with pytest.raises(NotYours):
        set_up_rules(project, by=riverbend.operator)
    assert not WaterfallRule.objects.exists()


@pytest.mark.usefixtures("in_english")
def test_the_page_tells_the_rules_before_they_are_kept(sunrise: Cast) -> None:
    project = make(sunrise, "kenya-acp")
    address = f"/admin/credits/project/{project.pk}/do/set_up_rules/"
    client = signed_in(sunrise.operator)
    page = words(client.get(address))
    assert "Advisory service, to the advisory service: 35% of the whole income" in page
    assert client.post(address, {"sent": "1"}).status_code == 302
    assert WaterfallRule.objects.filter(project=project).count() == 2


@pytest.mark.usefixtures("in_english")
def test_where_the_unit_price_is_parted_the_page_asks_it(sunrise: Cast) -> None:
    project = make(sunrise, "alberta")
    address = f"/admin/credits/project/{project.pk}/do/set_up_rules/"
    client = signed_in(sunrise.operator)
    assert "Price of a tonne" in words(client.get(address))
    client.post(address, {"unit_price_minor": "23.00"})
    assert WaterfallRule.objects.get().amount_minor == 7_67
