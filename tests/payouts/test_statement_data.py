"""What is frozen in a statement: every figure can be worked out again from the JSON alone."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from aggregator.canonical import canonical_json
from aggregator.models import PayeeAccount, Person
from aggregator.money import round_half_up
from payouts import payments
from payouts.models import Settlement
from payouts.statement_data import freeze_statements
from tests.cast import Cast
from tests.payouts.statement_cast import EVERY_KIND, Plot, make_plots, make_settlement, settle_sale

# 1,000.50 yuan, less 50.00, 30.00 for three tonnes, 80.04 and 5% of the 840.46 left: 42.02.
DEDUCTED = 5_000 + 3_000 + 8_004 + 4_202


def freeze(settlement: Settlement) -> list[dict[str, Any]]:
    """As a stranger gets it: through JSON text, nothing but the text."""
    frozen = freeze_statements(settlement, list(settlement.shares.order_by("ordinal")))
    return [json.loads(canonical_json(data)) for data in frozen]


def test_every_figure_can_be_recomputed_from_the_json_alone(sunrise: Cast) -> None:
    for data in freeze(make_settlement(sunrise, rules=EVERY_KIND)):
        totals, pool = data["totals"], data["pool"]
        for plot in data["plots"]:
            assert plot["gross_kg"] - plot["reserve_kg"] == plot["credited_kg"]
        assert totals["kg"] == sum(plot["credited_kg"] for plot in data["plots"])

        remaining = pool["gross_minor"]
        parts = []
        for line in data["lines"]:
            wanted = {
                "fixed": lambda line: line["unit_amount_minor"],
                "per_tonne": lambda line: Fraction(line["unit_amount_minor"] * 3_000, 1_000),
                "rate_of_gross": lambda line: Fraction(line["rate"]) * line["base_minor"],
                "rate_of_remaining": lambda line: Fraction(line["rate"]) * line["base_minor"],
            }[line["kind"]](line)
            assert round_half_up(Fraction(wanted)) == line["pool_minor"]
            if line["kind"] != "rate_of_gross":
                assert line["base_minor"] == remaining
            remaining -= line["pool_minor"]
            parts.append((line["pool_minor"], line["household_minor"]))
        assert remaining == pool["net_minor"] == 100_050 - DEDUCTED
        parts.append((pool["net_minor"], totals["net_minor"]))

        for pool_minor, mine in parts:
            cut = pool_minor * totals["kg"] // pool["kg"]
            assert mine in (cut, cut + 1)
        assert totals["gross_minor"] == sum(mine for _, mine in parts)
        assert totals["gross_minor"] - totals["deductions_minor"] == totals["net_minor"]


def test_the_statements_of_a_settlement_sum_to_the_pool(sunrise: Cast) -> None:
    frozen = freeze(make_settlement(sunrise, rules=EVERY_KIND))
    pool = frozen[0]["pool"]
    assert sum(data["totals"]["kg"] for data in frozen) == pool["kg"] == 3_600
    assert sum(data["totals"]["gross_minor"] for data in frozen) == pool["gross_minor"]
    assert sum(data["totals"]["net_minor"] for data in frozen) == pool["net_minor"]
    for place, line in enumerate(frozen[0]["lines"]):
        mine = [data["lines"][place]["household_minor"] for data in frozen]
        assert sum(mine) == line["pool_minor"]


def test_the_first_household_gets_what_the_long_division_gives(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    first = freeze(settlement)[0]
    # 8,004 × 800/3,600 = 1,778.67, beside 2,668 and 3,557.33: one fen is left, for the .67.
    assert first["lines"][0]["household_minor"] == 1_779
    # 92,046 × 800/3,600 = 20,454.67, beside 30,682 and 40,909.33: again.
    assert first["totals"]["net_minor"] == 20_455
    assert first["totals"]["gross_minor"] == 22_234


def test_no_personal_number_is_frozen_but_four_digits_of_the_account(sunrise: Cast) -> None:
    Person.objects.update(identity_number="")
    person = Person.objects.get(household=sunrise.households[0])
    person.identity_number = "11010519491231002X"
    person.save()
    data = freeze(make_settlement(sunrise))[0]
    text = json.dumps(data, ensure_ascii=False)
    account = PayeeAccount.objects.get(household=sunrise.households[0])
    for number in (person.identity_number, sunrise.households[0].phone, account.number):
        assert number not in text
        assert number[:-4] not in text
    assert data["payee"] == {"bank": "农商银行", "number": "•••• 0001"}


def test_nothing_in_the_json_is_a_float(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    for data in freeze_statements(settlement, list(settlement.shares.all())):
        assert b"." not in canonical_json(data["drawing"])
        canonical_json(data)  # refuses floats


def test_a_field_that_changed_hands_shows_each_operator_his_days(sunrise: Cast) -> None:
    one, two, _ = sunrise.households
    land = sunrise.fields[0]
    spring = Plot(one, land, 580, 116, ends_on=date(2025, 7, 31))
    autumn = Plot(two, land, 420, 84, starts_on=date(2025, 8, 1))
    settlement = make_settlement(sunrise, plots=[spring, autumn])

    first, second = freeze(settlement)

    assert [(p["days"], p["whole_period"]) for p in first["plots"]] == [(212, False)]
    assert [(p["days"], p["whole_period"]) for p in second["plots"]] == [(153, False)]
    assert first["plots"][0]["ends_on"] == "2025-07-31"
    assert first["drawing"] == second["drawing"]


def test_a_field_held_twice_in_the_period_is_drawn_and_numbered_once(sunrise: Cast) -> None:
    one = sunrise.households[0]
    land, other = sunrise.fields[:2]
    plots = [
        Plot(one, land, 100, 20, ends_on=date(2025, 3, 31)),
        Plot(one, land, 100, 20, starts_on=date(2025, 10, 1)),
        Plot(one, other, 100, 20),
    ]
    (data,) = freeze(make_settlement(sunrise, plots=plots))
    assert [plot["number"] for plot in data["plots"]] == [1, 1, 2]
    assert [outline["number"] for outline in data["drawing"]] == [1, 2]


def test_a_household_without_an_account_has_no_payee(sunrise: Cast) -> None:
    PayeeAccount.objects.filter(household=sunrise.households[1]).update(status="ended")
    frozen = freeze(make_settlement(sunrise))
    assert [data["payee"] is None for data in frozen] == [False, True, False]


def test_payments_of_the_year_before_the_day_of_issue_are_listed(sunrise: Cast) -> None:
    first = make_settlement(sunrise)
    assert freeze(first)[0]["paid"] == []
    batch = payments.propose_batch(sunrise.cooperative, by=sunrise.operator)
    payments.approve_batch(batch, by=sunrise.approver)
    payments.export_batch(batch, by=sunrise.operator)
    payments.confirm_batch(batch, paid_on=date(2026, 6, 20), by=sunrise.operator)

    second = settle_sale(sunrise, first.period, unit_price_minor=30_000, tonnes=1)

    assert freeze(second)[0]["paid"] == [{"on": "2026-06-20", "amount_minor": 20_455}]
    second.approved_at = second.approved_at.replace(year=2028)
    assert freeze(second)[0]["paid"] == []


def test_the_day_of_issue_is_that_of_approval_where_the_cooperative_is(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    # 20:00 UTC on 30 June is 1 July in China.
    settlement.approved_at = settlement.approved_at.replace(hour=20)
    data = freeze(settlement)[0]
    assert data["issued_on"] == "2026-07-01"
    assert data["objection"] == {"days": 15, "until_on": "2026-07-16"}


@pytest.mark.parametrize("name", ["𠮷田𬭚", "欧阳·阿卜杜热西提", '<b>O\'Hara & "sons"</b>'])
def test_any_name_is_kept_as_it_is_written(sunrise: Cast, name: str) -> None:
    Person.objects.filter(household=sunrise.households[0]).update(name=name)
    data = freeze(make_settlement(sunrise, plots=make_plots(sunrise)[:1]))[0]
    assert data["household"]["head_name"] == name
