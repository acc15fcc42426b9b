"""An agreement states what the settlement takes off; rules that say otherwise are told of."""

from __future__ import annotations

from decimal import Decimal

import pytest

from aggregator.models import Agreement
from credits.models import Project
from farms.agreement_drafts import redraft_agreement
from farms.agreement_signing import FactsChanged, is_overtaken, sign_on_paper
from payouts.agreement_terms import count_promised_otherwise, read_deductions
from payouts.models import WaterfallRule
from tests.admin_pages import notes, signed_in, words
from tests.cast import START, Cast
from tests.credits.line import make_enrolled_pool
from tests.farms.agreement_steps import make_draft, scan_pdf
from tests.payouts.pool import draft, issue_period, receive, sell
from tests.whole_line import add_rules


@pytest.fixture
def pool(sunrise: Cast) -> Project:
    project = make_enrolled_pool(sunrise)
    add_rules(project)
    return project


def said(agreement: Agreement, language: str) -> str:
    texts = agreement.text["words"][language]
    return " ".join([texts["gain"], *(part["text"] for part in texts["paragraphs"])])


def sign(cast: Cast, agreement: Agreement) -> Agreement:
    # Drafted a while ago: an agreement is never signed before it was written.
    person = agreement.household.persons.get()
    return sign_on_paper(
        agreement,
        signed_on=agreement.starts_on.fromisoformat(agreement.text["drafted_on"]),
        person=person,
        scan=scan_pdf(),
        by=cast.operator,
    )


def test_the_agreement_states_the_projects_own_rules_in_both_languages(
    sunrise: Cast, pool: Project
) -> None:
    agreement = make_draft(sunrise)
    english, chinese = said(agreement, "en"), said(agreement, "zh-hans")
    # Twice each: where the money is explained, and in the summary on the phone.
    assert english.count("Registry fee, to the exchange: ¥ 1.50 a tonne") == 2
    assert english.count("Cooperative's fee, to the cooperative: 8% of the whole income") == 2
    assert chinese.count("登记费") == 2
    assert chinese.count("8%") == 2
    assert "10%" not in english + chinese


def test_without_rules_the_programs_own_figure_stands(sunrise: Cast) -> None:
    make_enrolled_pool(sunrise)
    assert "fee of 10% of the income" in said(make_draft(sunrise), "en")


def test_a_wording_kept_from_before_quotes_the_projects_rates(pool: Project) -> None:
    WaterfallRule.objects.create(
        cooperative=pool.cooperative,
        project=pool,
        position=3,
        code="village",
        name="村集体",
        payee="村委会",
        kind="rate_of_remaining",
        rate=Decimal("0.025"),
    )
    deductions = read_deductions(pool)
    assert deductions is not None
    assert deductions.rate == "0.105"
    assert deductions.terms == [
        ["per_tonne", "150"],
        ["rate_of_gross", "0.08"],
        ["rate_of_remaining", "0.025"],
    ]


def test_a_draft_whose_deductions_changed_is_drafted_anew_before_it_is_signed(
    sunrise: Cast, pool: Project
) -> None:
    agreement = make_draft(sunrise)
    assert not is_overtaken(agreement)
    WaterfallRule.objects.filter(code="service").update(rate=Decimal("0.12"))
    with pytest.raises(FactsChanged):
        sign(sunrise, agreement)
    anew = redraft_agreement(agreement, by=sunrise.operator)
    assert "12% of the whole income" in said(anew, "en")
    assert sign(sunrise, anew).signed_on


def test_a_name_written_otherwise_breaks_no_promise(sunrise: Cast, pool: Project) -> None:
    sign(sunrise, make_draft(sunrise))
    WaterfallRule.objects.filter(code="service").update(name="管理费")
    assert count_promised_otherwise(pool) == 0


def test_whoever_changes_a_rule_is_told_how_many_agreements_say_otherwise(
    sunrise: Cast, pool: Project
) -> None:
    sign(sunrise, make_draft(sunrise))
    sign(sunrise, make_draft(sunrise, 1))
    make_draft(sunrise, 2)
    rule = pool.waterfall_rules.get(code="service")
    typed = {
        **{name: getattr(rule, name) for name in ("position", "name", "name_en", "payee")},
        "payee_en": rule.payee_en,
        "kind": rule.kind,
        "amount_minor": "",
    }
    page = f"/admin/payouts/waterfallrule/{rule.pk}/change/"
    client = signed_in(sunrise.operator)
    kept = notes(client.post(page, {**typed, "rate": "0.08"}, follow=True))
    assert not [note for note in kept if "agreements" in note]
    changed = notes(client.post(page, {**typed, "rate": "0.09"}, follow=True))
    assert [note for note in changed if note.startswith("2 agreements in force state other")]
    gone = client.post(
        f"/admin/payouts/waterfallrule/{rule.pk}/delete/", {"post": "yes"}, follow=True
    )
    assert [note for note in notes(gone) if note.startswith("2 agreements in force state other")]


def test_whoever_approves_a_settlement_is_told_too(sunrise: Cast, riverbend: Cast) -> None:
    period = issue_period(sunrise, [100, 200, 300], project=make_enrolled_pool(sunrise))
    add_rules(period.project)
    sign(sunrise, make_draft(sunrise))
    receive(
        sell(period, tonnes=60, unit_price_minor=1_000), 60_000, reference="R", by=sunrise.operator
    )
    settlement = draft(sunrise, period)
    page = f"/admin/payouts/settlement/{settlement.pk}/do/approve/"
    told = "1 agreement in force states other deductions than this project"
    client = signed_in(sunrise.approver)
    assert told not in words(client.get(page))
    WaterfallRule.objects.filter(code="registry").update(amount_minor=151)
    assert told in words(client.get(page))


def test_agreements_that_ended_or_are_anothers_do_not_count(
    sunrise: Cast, riverbend: Cast, pool: Project
) -> None:
    sign(riverbend, make_draft(riverbend))
    agreement = sign(sunrise, make_draft(sunrise))
    WaterfallRule.objects.filter(code="service").update(rate=Decimal("0.12"))
    assert count_promised_otherwise(pool) == 1
    Agreement.objects.filter(pk=agreement.pk).update(starts_on=START, ends_on=agreement.signed_on)
    assert count_promised_otherwise(pool) == 1
    Agreement.objects.filter(pk=agreement.pk).update(revoked_on=agreement.signed_on)
    assert count_promised_otherwise(pool) == 0
