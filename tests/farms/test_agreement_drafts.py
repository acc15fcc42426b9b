"""Drafting agreements: what is frozen, for whom, and when none can be drafted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from aggregator.agreement_templates import kept_template, write_template
from aggregator.agreement_wording import Wording
from aggregator.agreements import AlreadySigned, NotSigned
from aggregator.canonical import sha256_of
from aggregator.errors import NotAllowed
from aggregator.models import Agreement, AuditEvent, Household, Membership, Person
from aggregator.roles import NotYours
from farms.agreement_drafts import (
    AlreadyRenewed,
    DraftWaits,
    NoPlots,
    PlotNotHeld,
    RevokedNotRenewed,
    SecondRecord,
    TermBackwards,
    discard_draft,
    draft_agreement,
    draft_missing,
    redraft_agreement,
    renew_agreement,
)
from farms.agreement_signing import is_overtaken
from farms.models import Field, FieldDescent, Tenure
from tests.cast import Cast, make_field
from tests.credits.test_rights import transfer
from tests.farms.agreement_steps import ADULT, FIRST, LAST, make_draft

THIS_YEAR = timezone.localdate().year


def bulk(cast: Cast, **facts: object) -> int:
    values = {"program": "ccx", "starts_on": FIRST, "ends_on": LAST, "by": cast.operator}
    return draft_missing(cast.cooperative, **(values | facts))  # type: ignore[arg-type]


def test_a_draft_freezes_people_plots_and_both_languages(sunrise: Cast) -> None:
    Person.objects.create(
        cooperative=sunrise.cooperative,
        household=sunrise.households[0],
        name="李秀英",
        identity_number=ADULT,
    )
    draft = make_draft(sunrise)
    assert (draft.code, draft.signed_on) == (f"T{THIS_YEAR}-00001", None)
    assert draft.text_sha256 == sha256_of(draft.text)
    assert [person["name"] for person in draft.text["household"]["persons"]] == ["户主1", "李秀英"]
    plot = draft.text["fields"][0]
    assert (plot["code"], plot["area_m2"], plot["roles"]) == ("F001", "10000.00", ["operator"])
    assert set(draft.text["words"]) == {"zh-hans", "en"}
    # 10,000 m² are 15 mu.
    said = " ".join(part["text"] for part in draft.text["words"]["en"]["paragraphs"])
    assert "15.00 mu in all" in said
    assert "20% are held in reserve" in said
    assert "The cooperative sells the other 80%" in said
    assert "fee of 10% of the income" in said


def test_no_whole_identity_number_is_frozen(sunrise: Cast) -> None:
    Person.objects.filter(household=sunrise.households[0]).update(name="户主1")
    person = Person.objects.get(household=sunrise.households[0])
    person.identity_number = ADULT
    person.save()
    assert ADULT not in str(make_draft(sunrise).text)
    assert ADULT[-4:] in str(make_draft(sunrise).text)


def test_transferred_land_names_both_households_and_their_days(sunrise: Cast) -> None:
    transfer(sunrise, date(2027, 1, 1))
    contractor, operator = make_draft(sunrise, 0), make_draft(sunrise, 1)
    (given,) = contractor.text["fields"]
    assert given["roles"] == ["contractor"]
    assert [(o["household"], o["kind"], o["starts_on"]) for o in given["others"]] == [
        ("H002", "transfer", "2027-01-01")
    ]
    first, second = operator.text["fields"]
    assert (first["code"], first["roles"], first["others"][0]["household"]) == (
        "F001",
        ["operator"],
        "H001",
    )
    assert (second["code"], second["others"]) == ("F002", [])


def test_an_agreement_can_name_some_fields_alone(sunrise: Cast) -> None:
    second = make_field(sunrise.village, sunrise.households[0], 9, east=118.1)
    draft = make_draft(sunrise, fields=[second])
    assert draft.whole_holding is False
    assert list(draft.named_fields.values_list("field__code", flat=True)) == ["F009"]
    assert [plot["code"] for plot in draft.text["fields"]] == ["F009"]


def test_a_field_of_others_cannot_be_named(sunrise: Cast, riverbend: Cast) -> None:
    with pytest.raises(PlotNotHeld, match="F002"):
        make_draft(sunrise, fields=[sunrise.fields[1]])
    with pytest.raises(NotYours):
        make_draft(sunrise, fields=[riverbend.fields[0]])


def test_why_a_draft_is_refused(sunrise: Cast, riverbend: Cast) -> None:
    household = sunrise.households[0]
    with pytest.raises(TermBackwards):
        make_draft(sunrise, ends_on=FIRST - timedelta(days=1))
    with pytest.raises(NoPlots):
        make_draft(sunrise, starts_on=date(2001, 1, 1), ends_on=date(2001, 12, 31))
    template = kept_template(sunrise.cooperative, program="ccx")
    days = {"starts_on": FIRST, "ends_on": LAST}
    with pytest.raises(NotAllowed):
        draft_agreement(household, template=template, by=sunrise.approver, **days)
    with pytest.raises(NotYours):
        draft_agreement(household, template=template, by=riverbend.operator, **days)
    make_draft(sunrise)
    with pytest.raises(DraftWaits, match=f"T{THIS_YEAR}-00001"):
        draft_agreement(household, template=template, by=sunrise.operator, **days)
    sunrise.households[1].merged_into = household
    sunrise.households[1].save()
    with pytest.raises(SecondRecord, match="H002"):
        draft_agreement(sunrise.households[1], template=template, by=sunrise.operator, **days)


def test_all_members_without_an_agreement_get_a_draft_once(sunrise: Cast) -> None:
    Agreement.objects.exclude(household=sunrise.households[0]).delete()
    assert bulk(sunrise) == 2
    codes = Agreement.objects.drafts().values_list("household__code", "code")
    assert sorted(codes) == [
        ("H002", f"T{THIS_YEAR}-00001"),
        ("H003", f"T{THIS_YEAR}-00002"),
    ]
    assert bulk(sunrise) == 0
    event = AuditEvent.objects.get(action="draft_agreements")
    assert (event.details["count"], event.by) == (2, sunrise.operator)


def test_who_holds_no_field_or_is_no_member_gets_no_draft(sunrise: Cast) -> None:
    Agreement.objects.all().delete()
    Tenure.objects.filter(household=sunrise.households[0]).delete()
    Membership.objects.filter(household=sunrise.households[1]).update(ends_on=date(2021, 1, 1))
    assert bulk(sunrise) == 1
    assert Agreement.objects.get().household == sunrise.households[2]


def test_another_village_and_another_cooperative_are_left_alone(
    sunrise: Cast, riverbend: Cast
) -> None:
    Agreement.objects.all().delete()
    assert bulk(riverbend, village=sunrise.village) == 0
    assert bulk(sunrise, village=sunrise.village) == 3
    assert not Agreement.objects.for_cooperative(riverbend.cooperative).exists()


def test_drafting_for_more_households_costs_no_more_queries(
    sunrise: Cast, django_assert_max_num_queries: object
) -> None:
    Agreement.objects.all().delete()
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        assert bulk(sunrise) == 3


def test_a_number_taken_elsewhere_is_stepped_over(sunrise: Cast) -> None:
    Agreement.objects.filter(code="A003").update(code=f"T{THIS_YEAR}-00041")
    assert make_draft(sunrise).code == f"T{THIS_YEAR}-00042"


def test_a_draft_written_anew_takes_today_s_plots_and_the_newest_wording(sunrise: Cast) -> None:
    draft = make_draft(sunrise)
    assert not is_overtaken(draft)
    Field.objects.filter(code="F001").update(name="屋后田")
    assert is_overtaken(draft)
    wording = Wording("新协议", "{plots}", "New agreement", "{plots}")
    write_template(sunrise.cooperative, program="ccx", wording=wording, by=sunrise.operator)
    renewed = redraft_agreement(draft, by=sunrise.operator)
    assert (renewed.pk, renewed.code) == (draft.pk, draft.code)
    assert renewed.text["fields"][0]["name"] == "屋后田"
    assert renewed.text["words"]["en"]["title"] == "New agreement"
    assert renewed.text_sha256 == sha256_of(renewed.text) != draft.text_sha256
    assert not is_overtaken(renewed)


def test_a_new_wording_alone_overtakes_no_draft(sunrise: Cast) -> None:
    draft = make_draft(sunrise)
    wording = Wording("新协议", "{plots}", "New agreement", "{plots}")
    write_template(sunrise.cooperative, program="ccx", wording=wording, by=sunrise.operator)
    assert not is_overtaken(draft)


def test_a_draft_can_be_discarded_a_signed_one_cannot(sunrise: Cast) -> None:
    draft = make_draft(sunrise)
    discard_draft(draft, by=sunrise.operator)
    assert not Agreement.objects.filter(pk=draft.pk).exists()
    signed = Agreement.objects.get(code="A002")
    for rule in (discard_draft, redraft_agreement):
        with pytest.raises(AlreadySigned):
            rule(signed, by=sunrise.operator)


def test_a_renewal_begins_on_the_day_after(sunrise: Cast) -> None:
    former = Agreement.objects.get(code="A001")
    draft = renew_agreement(former, ends_on=date(2034, 12, 31), by=sunrise.operator)
    assert (draft.starts_on, draft.renews, draft.text["renews"]) == (
        date(2030, 1, 1),
        former,
        "A001",
    )
    with pytest.raises(AlreadyRenewed, match=draft.code):
        renew_agreement(former, ends_on=date(2034, 12, 31), by=sunrise.operator)


def test_a_renewal_names_what_the_named_fields_have_become(sunrise: Cast) -> None:
    household, old = sunrise.households[0], sunrise.fields[0]
    signed = make_draft(sunrise, fields=[old], ends_on=date(2026, 6, 30))
    Agreement.objects.filter(pk=signed.pk).update(signed_on=FIRST)
    signed.refresh_from_db()
    children = [make_field(sunrise.village, household, n, east=118.2) for n in (7, 8)]
    for child in children:
        FieldDescent.objects.create(
            cooperative=sunrise.cooperative,
            parent=old,
            child=child,
            happened_on=date(2025, 3, 1),
        )
    draft = renew_agreement(signed, ends_on=date(2030, 12, 31), by=sunrise.operator)
    assert [plot["code"] for plot in draft.text["fields"]] == ["F007", "F008"]


def test_drafts_and_revoked_agreements_are_not_renewed(sunrise: Cast) -> None:
    with pytest.raises(NotSigned):
        renew_agreement(make_draft(sunrise), ends_on=LAST, by=sunrise.operator)
    Agreement.objects.filter(code="A002").update(revoked_on=date(2026, 1, 1))
    with pytest.raises(RevokedNotRenewed):
        renew_agreement(Agreement.objects.get(code="A002"), ends_on=LAST, by=sunrise.operator)


def test_a_household_in_english_is_asked_in_english(sunrise: Cast) -> None:
    Household.objects.filter(pk=sunrise.households[0].pk).update(language="en")
    sunrise.households[0].refresh_from_db()
    assert make_draft(sunrise).text["language"] == "en"
