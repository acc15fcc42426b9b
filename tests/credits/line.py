"""Shortcuts of the tests from a cast to an issued period, each through the rules themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

from credits.counting.monitoring import close_period, open_period
from credits.models import (
    Buyer,
    CreditBlock,
    Issuance,
    MonitoringPeriod,
    Project,
    SampledField,
    Verification,
)
from credits.pooling.enrolment import enrol_fields
from credits.pooling.projects import create_project
from credits.terms.requirements import confirm_requirements, list_requirements
from credits.tonnes.issuance import issue_credits
from credits.verifying.verification import (
    close_verification,
    draw_sample,
    prepare_verification,
    record_finding,
)
from credits.verifying.verifiers import assign_verifier
from tests.cast import Cast

# One tonne a hectare: the cast's fields of 10,000 m² earn 1,000 kg a year each, 800 of it sellable.
ROUND_RATE = {
    "practice": "no_till",
    "region": "hills",
    "irrigated": None,
    "vintage_from": 2020,
    "vintage_to": None,
    "t_per_hectare_year": "1",
    "source": "round figure for sums by hand",
}
PARAMETERS = {"region": "hills", "rates": [ROUND_RATE]}
# What the program's preset does not know and asks for.
TERMS = {
    "sample_rate": "0.10",
    "fees": {"aggregator_rate": "0.10", "exchange_usd_per_tonne": "0.20"},
}
SEED = "9319./2.5.8.10.12./9.18.26.34.41.45./"


def make_pool(cast: Cast, *, code: str = "hills", **facts: Any) -> Project:
    values: dict[str, Any] = {
        "name": "坡地",
        "name_en": "Hills",
        "program": "ccx",
        "methodology": "ccx-soil",
        "starts_on": date(2024, 1, 1),
        "ends_on": date(2028, 12, 31),
        "parameters": PARAMETERS,
    }
    terms = TERMS | facts.pop("terms", {"minimum_lot_t": 1})
    project = create_project(
        cast.cooperative, code=code, by=cast.operator, **(values | facts), terms=terms
    )
    assign_verifier(project, username=cast.verifier.username, by=cast.operator)
    return project


def make_enrolled_pool(cast: Cast, **facts: Any) -> Project:
    project = make_pool(cast, **facts)
    enrol_fields(project, by=cast.operator)
    return project


def open_year(project: Project, year: int, cast: Cast) -> MonitoringPeriod:
    return open_period(
        project,
        code=str(year),
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
        by=cast.operator,
    )


def closed_year(project: Project, year: int, cast: Cast) -> MonitoringPeriod:
    period = open_year(project, year, cast)
    close_period(period, by=cast.operator)
    confirm_all(period, cast)
    return period


def confirm_all(period: MonitoringPeriod, cast: Cast) -> None:
    """All that the program asks a person for is seen."""
    asked = {each.code: "binder 1" for each in list_requirements(period)}
    confirm_requirements(period, references=asked, by=cast.operator)


def drawn_sample(period: MonitoringPeriod, cast: Cast, *, seed: str = SEED) -> Verification:
    verification = prepare_verification(period, body="Lin & Partners", by=cast.operator)
    draw_sample(verification, seed=seed, by=cast.operator)
    return verification


def record_all(verification: Verification, cast: Cast, *, deviating: tuple[str, ...] = ()) -> None:
    """Find that every sampled field conforms, but for those with the given codes."""
    for sampled in verification.sample.all():
        deviates = sampled.result.field.code in deviating
        finding = SampledField.Finding.DEVIATES if deviates else SampledField.Finding.CONFORMS
        note = "ploughed" if deviates else ""
        record_finding(sampled, finding=finding, note=note, by=cast.verifier)


def verify(period: MonitoringPeriod, cast: Cast, *, deviating: tuple[str, ...] = ()) -> None:
    verification = drawn_sample(period, cast)
    record_all(verification, cast, deviating=deviating)
    close_verification(verification, positive=True, opinion="as found", by=cast.verifier)
    period.refresh_from_db()


def issued_year(project: Project, year: int, cast: Cast) -> Issuance:
    period = closed_year(project, year, cast)
    verify(period, cast)
    return issue_credits(period, by=cast.operator, issued_on=date(year + 1, 3, 1))


def sellable_block(issuance: Issuance) -> CreditBlock:
    return issuance.blocks.get(kind=CreditBlock.Kind.SELLABLE)


def make_buyer(cast: Cast, name: str = "Harbour Shipping") -> Buyer:
    return Buyer.objects.create(cooperative=cast.cooperative, name=name)
