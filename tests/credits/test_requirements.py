"""Papers and conditions of a program are seen by a person before anybody verifies."""

from __future__ import annotations

from datetime import date

import pytest

from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent
from aggregator.roles import NotYours
from credits.counting.monitoring import close_period
from credits.models import MonitoringPeriod, RequirementCheck
from credits.programs.base import Program
from credits.registry import PROGRAMS
from credits.terms.requirements import (
    CHECKED_BY_FIELD,
    ReferenceMissing,
    RequirementsMissing,
    UnknownRequirement,
    confirm_requirements,
    list_requirements,
)
from credits.verifying.verification import prepare_verification
from tests.admin_pages import signed_in, words
from tests.cast import Cast, make_season
from tests.credits.line import closed_year, make_enrolled_pool, open_year
from tests.credits.test_programs import answer

SEEN = {"two_thirds_undisturbed": "visit of 3 May", "grass_since_1999": "seed bills"}


@pytest.fixture
def period(sunrise: Cast) -> MonitoringPeriod:
    """Closed under CCX, whose text asks for an agreement and two conditions."""
    make_season(sunrise, 2025)
    period = open_year(make_enrolled_pool(sunrise), 2025, sunrise)
    close_period(period, by=sunrise.operator)
    return period


@pytest.mark.usefixtures("in_english")
def test_no_list_is_published_while_anything_is_unseen(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    confirm_requirements(period, references={"grass_since_1999": "seed bills"}, by=sunrise.operator)
    with pytest.raises(RequirementsMissing) as refusal:
        prepare_verification(period, body="Lin", by=sunrise.operator)
    assert "two thirds of surface and residue stay undisturbed" in str(refusal.value)
    assert "1999" not in str(refusal.value)
    confirm_requirements(period, references=SEEN, by=sunrise.operator)
    assert prepare_verification(period, body="Lin", by=sunrise.operator).pk


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=lambda program: program.id)
def test_every_paper_and_condition_of_a_program_is_asked(sunrise: Cast, program: Program) -> None:
    make_season(sunrise, 2025)
    project = make_enrolled_pool(
        sunrise, program=program.id, terms=answer(program), ends_on=date(2050, 12, 31)
    )
    period = open_year(project, 2025, sunrise)
    asked = {each.code for each in list_requirements(period)}
    terms = program.terms
    assert asked == {*terms["documents"], *terms["conditions"]} - CHECKED_BY_FIELD


def test_a_condition_is_seen_in_each_period_and_a_paper_once(sunrise: Cast) -> None:
    make_season(sunrise, 2024)
    make_season(sunrise, 2025)
    project = make_enrolled_pool(sunrise)
    project.terms |= {"documents": ["prior_consent"], "conditions": ["paid_yearly"]}
    project.save(update_fields=["terms"])
    closed_year(project, 2024, sunrise)
    assert [
        (each.code, each.reference) for each in list_requirements(open_year(project, 2025, sunrise))
    ] == [
        ("prior_consent", "binder 1"),
        ("paid_yearly", ""),
    ]


def test_told_again_it_stands_as_told_last(sunrise: Cast, period: MonitoringPeriod) -> None:
    for seen in ("visit of 3 May", "visit of 4 May"):
        confirm_requirements(
            period, references={"two_thirds_undisturbed": seen}, by=sunrise.operator
        )
    assert RequirementCheck.objects.get().reference == "visit of 4 May"
    assert AuditEvent.objects.filter(action="confirm_requirement").count() == 2


def test_what_cannot_be_kept_is_refused(
    sunrise: Cast, riverbend: Cast, period: MonitoringPeriod
) -> None:
    with pytest.raises(UnknownRequirement):
        confirm_requirements(period, references={"land_proof": "x"}, by=sunrise.operator)
    with pytest.raises(ReferenceMissing):
        confirm_requirements(period, references={"grass_since_1999": " "}, by=sunrise.operator)
    with pytest.raises(NotAllowed):
        confirm_requirements(period, references=SEEN, by=sunrise.viewer)
    with pytest.raises(NotYours):
        confirm_requirements(period, references=SEEN, by=riverbend.operator)
    assert not RequirementCheck.objects.exists()


@pytest.mark.usefixtures("in_english")
def test_the_page_asks_for_each_and_keeps_what_is_told(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    client = signed_in(sunrise.operator)
    page = f"/admin/credits/monitoringperiod/{period.pk}/do/requirements/"
    assert "grass planted on 1 January 1999 or later" in words(client.get(page))
    answered = client.post(page, {"grass_since_1999": "seed bills", "two_thirds_undisturbed": ""})
    assert answered.status_code == 302
    assert RequirementCheck.objects.get().code == "grass_since_1999"
