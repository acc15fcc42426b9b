"""Contracts and transfers begin and end on days; on one day a field has one contractor."""

from datetime import date

import pytest

from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent
from aggregator.periods import year_period
from aggregator.roles import NotYours
from farms.field_life import OutsideFieldsLife
from farms.models import Tenure
from farms.tenure import operator_spans
from farms.transfers import (
    AlreadyHeld,
    EndsOutsideTenure,
    TenureEndsBeforeStart,
    TransferToHolder,
    change_contractor,
    end_tenure,
    transfer_field,
    transfer_fields,
)
from tests.cast import START, Cast


def operators(cast: Cast, year: int) -> list[tuple[str, date, date]]:
    codes = {household.pk: household.code for household in cast.households}
    spans = operator_spans([cast.fields[0].pk], year_period(year))[cast.fields[0].pk]
    return [(codes[household], first, last) for household, first, last in spans]


def transferred(cast: Cast, *, to: int = 1, kind: str = "transfer", **days: date) -> Tenure:
    return transfer_field(
        cast.fields[0], household=cast.households[to], kind=kind, by=cast.operator, **days
    )


def test_a_transfer_gives_its_days_to_the_new_operator(sunrise: Cast) -> None:
    transferred(sunrise, starts_on=date(2025, 4, 1), ends_on=date(2025, 9, 30))
    assert operators(sunrise, 2025) == [
        ("H001", date(2025, 1, 1), date(2025, 3, 31)),
        ("H002", date(2025, 4, 1), date(2025, 9, 30)),
        ("H001", date(2025, 10, 1), date(2025, 12, 31)),
    ]


def test_a_transfer_is_written_to_the_fields_history(sunrise: Cast) -> None:
    transferred(sunrise, starts_on=date(2025, 4, 1))
    event = AuditEvent.objects.get(action="transfer_field")
    assert (event.object_type, event.object_id) == ("field", str(sunrise.fields[0].pk))
    assert event.details == {
        "household": "H002",
        "kind": "transfer",
        "starts_on": "2025-04-01",
        "ends_on": "",
    }


def test_ending_a_transfer_gives_the_field_back_on_the_next_day(sunrise: Cast) -> None:
    tenure = transferred(sunrise, starts_on=date(2025, 4, 1))
    end_tenure(tenure, on=date(2025, 6, 30), by=sunrise.operator)
    assert operators(sunrise, 2025)[-1] == ("H001", date(2025, 7, 1), date(2025, 12, 31))


def test_two_contractors_on_one_day_are_refused(sunrise: Cast) -> None:
    with pytest.raises(AlreadyHeld) as refusal:
        transferred(sunrise, kind="contract", starts_on=date(2025, 4, 1))
    assert refusal.value.values["household"] == "H001"
    assert refusal.value.values["starts_on"] == START


def test_the_day_after_an_ended_contract_is_free(sunrise: Cast) -> None:
    end_tenure(sunrise.fields[0].tenures.get(), on=date(2025, 6, 30), by=sunrise.operator)
    with pytest.raises(AlreadyHeld):
        transferred(sunrise, kind="contract", starts_on=date(2025, 6, 30))
    transferred(sunrise, kind="contract", starts_on=date(2025, 7, 1))
    assert [household for household, *_days in operators(sunrise, 2025)] == ["H001", "H002"]


def test_two_transfers_on_one_day_are_refused(sunrise: Cast) -> None:
    transferred(sunrise, starts_on=date(2025, 4, 1), ends_on=date(2025, 9, 30))
    with pytest.raises(AlreadyHeld):
        transferred(sunrise, to=2, starts_on=date(2025, 9, 30))


def test_a_contractor_cannot_be_given_his_own_land(sunrise: Cast) -> None:
    with pytest.raises(TransferToHolder):
        transferred(sunrise, to=0, starts_on=date(2025, 4, 1))


def test_a_change_of_contractor_keeps_the_contracts_last_day(sunrise: Cast) -> None:
    contract = sunrise.fields[0].tenures.get()
    contract.ends_on = date(2027, 12, 31)
    contract.save()
    new = change_contractor(
        sunrise.fields[0], household=sunrise.households[2], on=date(2025, 7, 1), by=sunrise.operator
    )
    contract.refresh_from_db()
    assert contract.ends_on == date(2025, 6, 30)
    assert (new.starts_on, new.ends_on) == (date(2025, 7, 1), date(2027, 12, 31))


def test_days_the_wrong_way_round_are_refused(sunrise: Cast) -> None:
    with pytest.raises(TenureEndsBeforeStart):
        transferred(sunrise, starts_on=date(2025, 4, 2), ends_on=date(2025, 4, 1))


def test_a_tenure_ends_only_on_a_day_of_its_own(sunrise: Cast) -> None:
    tenure = transferred(sunrise, starts_on=date(2025, 4, 1), ends_on=date(2025, 9, 30))
    for day in (date(2025, 3, 31), date(2025, 10, 1)):
        with pytest.raises(EndsOutsideTenure):
            end_tenure(tenure, on=day, by=sunrise.operator)


def test_a_field_that_is_no_more_cannot_be_transferred(sunrise: Cast) -> None:
    field = sunrise.fields[0]
    field.ends_on = date(2025, 6, 30)
    field.save()
    with pytest.raises(OutsideFieldsLife):
        transferred(sunrise, starts_on=date(2025, 6, 30))
    transferred(sunrise, starts_on=date(2025, 6, 1), ends_on=date(2025, 6, 30))


def test_many_fields_are_transferred_together_or_not_at_all(sunrise: Cast) -> None:
    terms = {"kind": "transfer", "starts_on": date(2025, 1, 1), "by": sunrise.operator}
    with pytest.raises(TransferToHolder):
        transfer_fields(sunrise.fields, household=sunrise.households[2], **terms)
    assert not Tenure.objects.filter(kind="transfer").exists()


def test_only_the_operator_of_the_own_cooperative_transfers(sunrise: Cast, riverbend: Cast) -> None:
    days = {"kind": "transfer", "starts_on": date(2025, 4, 1)}
    own, stranger = sunrise.households[1], riverbend.households[0]
    with pytest.raises(NotAllowed):
        transfer_field(sunrise.fields[0], household=own, by=sunrise.approver, **days)
    with pytest.raises(NotYours):
        transfer_field(sunrise.fields[0], household=own, by=riverbend.operator, **days)
    with pytest.raises(NotYours):
        transfer_field(sunrise.fields[0], household=stranger, by=sunrise.operator, **days)
