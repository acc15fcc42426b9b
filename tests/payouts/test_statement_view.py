"""What the reader of a statement sees, in either language, worked out from the frozen data."""

from __future__ import annotations

import re
from typing import Any

import pytest
import segno
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.utils import translation

from aggregator.models import PayeeAccount, Person
from payouts.models import Settlement
from payouts.statement_data import freeze_statements
from payouts.statement_view import print_html, statement_context
from tests.cast import Cast
from tests.payouts.statement_cast import EVERY_KIND, TERMS, make_settlement, settle_sale

TOKEN = "abcdefghijklmnopqrstuvwxyz"
SHA = "0123456789abcdef" * 4


def first_data(settlement: Settlement) -> dict[str, Any]:
    return freeze_statements(settlement, list(settlement.shares.order_by("ordinal")[:1]))[0]


def read(data: dict[str, Any], language: str = "en") -> dict[str, Any]:
    return statement_context(data, language=language, token=TOKEN, sha256=SHA)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def phone_page(cast: Cast, data: dict[str, Any], language: str = "en") -> str:
    request = RequestFactory().get("/")
    request.session = {}
    request.household = cast.households[0]
    with translation.override(language):
        context = {"statement": read(data, language), "payments": ["paid on 2 March 2026"]}
        return render_to_string("statements/page.html", context, request=request)


def test_the_sentence_says_plots_area_practices_tonnes_and_price(sunrise: Cast) -> None:
    # 10,000 m² are 15 mu; 1,000.50 yuan for 3 tonnes are 333.50 a tonne.
    why = plain(read(first_data(make_settlement(sunrise)))["why"])
    assert why == (
        "Your plot, 15.00 mu of no-till + straw return, has earned 0.800 t of verified carbon."
        " A tonne brought ¥ 333.50 on average."
        " After the deductions below, this is your share."
    )


def test_the_same_statement_reads_in_chinese(sunrise: Cast) -> None:
    context = read(first_data(make_settlement(sunrise)), "zh-hans")
    assert context["title"] == "2025 年碳汇收益结算单"
    assert context["household"] == "户主1 家"
    assert plain(context["why"]) == (
        "您的 1 块地、15.00 亩（免耕 + 秸秆还田），经核查，可售固碳量 0.800 吨。"
        "平均每吨卖了 ¥ 333.50。扣除下列费用后，这是您的份额。"
    )
    assert context["deductions"][0]["payee"] == "给第三方核查机构"
    assert context["objection"].startswith("哪里不对？请在2026年7月15日前")


def test_english_names_are_used_only_where_there_are_any(sunrise: Cast) -> None:
    data = first_data(make_settlement(sunrise))
    assert read(data)["cooperative"] == "Sunrise"
    data["cooperative"]["name_en"] = ""
    assert read(data)["cooperative"] == "青山合作社"


def test_each_deduction_names_its_rule_and_who_gets_it(sunrise: Cast) -> None:
    lines = read(first_data(make_settlement(sunrise, rules=EVERY_KIND)))["deductions"]
    assert [plain(line["how"]) for line in lines] == [
        "¥ 50.00 once for the whole pool",
        "¥ 10.00 a tonne",
        "8% of the ¥ 1,000.50 received",
        "5% of the ¥ 840.46 left",
    ]
    assert lines[0]["payee"] == "goes to the verification body"


def test_the_check_shows_the_exact_quotient_and_the_fen_that_came_by_remainder(
    sunrise: Cast,
) -> None:
    fee, net = read(first_data(make_settlement(sunrise)))["checks"]
    # 80.04 × 800/3,600 = 17.78666…: cut to 17.78, one fen by remainder.
    assert plain(fee["formula"]) == "¥ 80.04 × 0.800 ÷ 3.600"
    assert fee["quotient"] == "17.786666… (17.78 + 0.01)"
    assert plain(fee["amount"]) == "¥ 17.79"
    # 920.46 × 800/3,600 = 204.54666…
    assert net["quotient"] == "204.546666… (204.54 + 0.01)"


def test_a_quotient_that_comes_out_even_has_no_dots(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise, unit_price_minor=30_000, rules=[])
    (net,) = read(first_data(settlement))["checks"]
    assert net["quotient"] == "200.000000"  # 900 × 2/9


def test_without_deductions_the_statement_says_so(sunrise: Cast) -> None:
    context = read(first_data(make_settlement(sunrise, rules=[])))
    assert context["deductions"] == []
    assert "Nothing is deducted" in context["why"]


def test_unsold_tonnes_and_later_payouts_are_told(sunrise: Cast) -> None:
    first = read(first_data(make_settlement(sunrise)))["pool"]
    assert "Of its 3.600 t, 0.800 t are yours." in plain(first)
    assert first.endswith("Tonnes sold later are paid out later.")
    assert "payout" not in first


def test_a_second_payout_says_that_it_is_the_second(sunrise: Cast) -> None:
    first = make_settlement(sunrise)
    data = first_data(settle_sale(sunrise, first.period, unit_price_minor=30_000, tonnes=600))
    assert read(data)["pool"].endswith("This is payout 2 of the period.")


def test_money_that_no_tonne_brought_has_no_price(sunrise: Cast) -> None:
    data = first_data(make_settlement(sunrise))
    data["pool"]["paid_kg"] = 0
    context = read(data)
    assert "A tonne brought" not in context["why"]
    assert "a tonne" not in context["pool"]


def test_a_plot_shows_how_its_tonnes_came_about(sunrise: Cast) -> None:
    (plot,) = read(first_data(make_settlement(sunrise)))["plots"]
    assert plot["earned"] == "1.000 t earned − 0.200 t kept in reserve"
    assert plot["credited"] == "0.800 t"
    assert plot["how"] == ["Counted as no-till: 1 ha × 1.2 t a year; reserve 20%"]


def test_terms_of_another_methodology_are_not_forced_into_the_formula(sunrise: Cast) -> None:
    data = first_data(make_settlement(sunrise))
    data["plots"][0]["terms"] = {"delta_soc": "1.5"}
    assert read(data)["plots"][0]["how"] == []


def test_a_plot_that_earned_nothing_says_why(sunrise: Cast) -> None:
    data = first_data(make_settlement(sunrise))
    data["plots"][0]["terms"] = {**TERMS, "withheld": "voided_by_verification"}
    reason = read(data)["plots"][0]["reason"]
    assert reason == "The verifier found that the practice did not take place."


def test_a_plot_without_practices_is_told_by_its_area(sunrise: Cast) -> None:
    data = first_data(make_settlement(sunrise))
    data["plots"][0] |= {"practices": [], "practice": ""}
    context = read(data)
    assert plain(context["why"]).startswith("Your plot, 15.00 mu, has earned")
    assert context["plots"][0]["practices"] == ""


def test_a_part_of_the_period_is_said_in_days(sunrise: Cast) -> None:
    data = first_data(make_settlement(sunrise))
    data["plots"][0] |= {"whole_period": False, "ends_on": "2025-07-31", "days": 212}
    data["plots"][0]["terms"] = {**TERMS, "days": "212"}
    (plot,) = read(data)["plots"]
    assert plot["days"] == "1 January 2025 to 31 July 2025: 212 of 365 days"
    assert "× 212/365;" in plot["how"][0]


def test_a_household_without_an_account_is_asked_for_one(sunrise: Cast) -> None:
    PayeeAccount.objects.all().delete()
    assert "No bank account is known" in read(first_data(make_settlement(sunrise)))["payee"]


@override_settings(PUBLIC_URL="https://tianhui.example")
def test_the_qr_code_holds_the_address_of_the_check_page(sunrise: Cast) -> None:
    proof = read(first_data(make_settlement(sunrise)))["proof"]
    assert proof["url"] == f"https://tianhui.example/check/{TOKEN}/"
    # Read the path back into modules, and compare with the code of the address we expect.
    size = int(proof["qr"]["size"])
    modules = [bytearray(size) for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", proof["qr"]["path"]):
        modules[int(y)][int(x) : int(x) + int(width)] = b"\x01" * int(width)
    expected = segno.make_qr(f"https://tianhui.example/check/{TOKEN}/", error="m")
    assert modules == [bytearray(row) for row in expected.matrix_iter(border=2)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_phone_page_holds_no_script_and_no_inline_style(sunrise: Cast, language: str) -> None:
    page = phone_page(sunrise, first_data(make_settlement(sunrise)), language)
    assert "<script" not in page
    assert "style=" not in page
    assert "<style" not in page
    assert page.index("204.55") < page.index("<svg")  # the amount comes first


def test_the_phone_page_shows_the_live_payments_and_the_paper_does_not(sunrise: Cast) -> None:
    data = first_data(make_settlement(sunrise))
    assert "paid on 2 March 2026" in phone_page(sunrise, data)
    paper = print_html([(data, TOKEN, SHA)], title="t", language="en")
    assert "paid on 2 March 2026" not in paper


def test_names_are_escaped_on_page_and_paper(sunrise: Cast) -> None:
    Person.objects.update(name="<img src=x onerror=alert(1)>")
    data = first_data(make_settlement(sunrise))
    assert "<img" not in phone_page(sunrise, data)
    assert "<img" not in print_html([(data, TOKEN, SHA)], title="<img>", language="en")


def test_page_and_paper_hold_no_personal_number(sunrise: Cast) -> None:
    household = sunrise.households[0]
    account = household.payee_accounts.get()
    data = first_data(make_settlement(sunrise))
    paper = print_html([(data, TOKEN, SHA)], title="t", language="en")
    for text in (phone_page(sunrise, data), paper):
        assert household.phone not in text
        assert account.number[:-4] not in text


def test_drawing_and_reading_asks_the_database_nothing(
    sunrise: Cast, django_assert_num_queries
) -> None:
    data = first_data(make_settlement(sunrise))
    with django_assert_num_queries(0):
        print_html([(data, TOKEN, SHA)], title="t", language="en")
