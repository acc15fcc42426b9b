"""No right, no credit, worked by hand: twelve holdings over a year, and the kilograms of each.

A field of 1 ha at 1 t/ha earns 1,000 kg in a year of 365 days (366 in 2024); each row of days earns
its share of them, rounded down. `-` stands for days that earn nothing, with the right missing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from aggregator.models import Agreement, Membership, Person
from aggregator.succession import NewHousehold
from credits.counting.monitoring import close_period
from credits.models import FieldResult, Project
from farms.models import AgreementField, Tenure
from farms.redrawing import split_field
from farms.succession import divide_household
from farms.transfers import change_contractor, transfer_field
from tests.aggregator.sheets import identity
from tests.cast import Cast, make_field, make_season
from tests.credits.line import make_enrolled_pool, open_year
from tests.farms.land import MIDDLE, MIDSUMMER

# Field, household, first day, last day, kilograms or the right that is missing.
Row = tuple[str, str, str, str, int | str]


def sign(cast: Cast, household: int, code: str, first: date, **facts: Any) -> Agreement:
    values = {"signed_on": first, "ends_on": date(2029, 12, 31), **facts}
    return Agreement.objects.create(
        cooperative=cast.cooperative,
        household=cast.households[household],
        code=code,
        starts_on=first,
        **values,
    )


def agreement(code: str) -> Any:
    return Agreement.objects.filter(code=code)


def give(cast: Cast, on: date, **facts: Any) -> None:
    """The first field goes from household 1 to household 2 by transfer."""
    transfer_field(
        cast.fields[0],
        household=cast.households[1],
        kind="transfer",
        starts_on=on,
        by=cast.operator,
        **facts,
    )


def transferred_with_the_operators_agreement_later(cast: Cast) -> None:
    agreement("A002").update(starts_on=date(2025, 9, 1), signed_on=date(2025, 9, 1))
    give(cast, MIDSUMMER)


def contractor_signs_after_the_operator(cast: Cast) -> None:
    agreement("A001").update(starts_on=date(2025, 10, 1), signed_on=date(2025, 10, 1))
    give(cast, MIDSUMMER)


def revoked_and_renewed(cast: Cast) -> None:
    agreement("A001").update(revoked_on=date(2025, 3, 1))
    sign(cast, 0, "B001", date(2025, 3, 1))


def gap_between_agreements(cast: Cast) -> None:
    agreement("A001").update(ends_on=date(2025, 3, 31))
    sign(cast, 0, "B001", date(2025, 5, 1))


def signed_after_its_start(cast: Cast) -> None:
    agreement("A001").update(starts_on=date(2025, 1, 1), signed_on=date(2025, 2, 15))


def membership_that_ends(cast: Cast) -> None:
    Membership.objects.filter(household=cast.households[0]).update(ends_on=date(2025, 10, 31))


def split_while_named_in_the_agreement(cast: Cast) -> None:
    one = agreement("A001").get()
    agreement("A001").update(whole_holding=False, ends_on=date(2025, 9, 30))
    AgreementField.objects.create(cooperative=cast.cooperative, agreement=one, field=cast.fields[0])
    split_field(cast.fields[0], cut=MIDDLE, codes=["P1", "P2"], on=MIDSUMMER, by=cast.operator)


def household_divided(cast: Cast) -> None:
    son = Person.objects.create(
        cooperative=cast.cooperative,
        household=cast.households[0],
        name="户主之子",
        identity_number=identity(1),
    )
    passed = divide_household(
        cast.households[0],
        new=NewHousehold(code="H009", persons=[son], head=son),
        fields=[cast.fields[0]],
        happened_on=MIDSUMMER,
        by=cast.operator,
    )
    cast.households.append(passed.successor)
    sign(cast, 3, "A009", date(2025, 8, 1))


def contract_passed_on_to_who_has_signed(cast: Cast) -> None:
    change_contractor(
        cast.fields[0], household=cast.households[1], on=date(2025, 12, 31), by=cast.operator
    )


def two_rights_missing_in_turn(cast: Cast) -> None:
    Membership.objects.filter(household=cast.households[0]).update(starts_on=date(2025, 2, 1))
    agreement("A001").update(starts_on=date(2025, 1, 16), ends_on=date(2025, 11, 30))


CASES: list[tuple[Callable[[Cast], None], list[Row]]] = [
    (
        transferred_with_the_operators_agreement_later,
        # 181, 62 and 122 days: 495.89, none, 334.25.
        [
            ("F001", "H001", "0101", "0630", 495),
            ("F001", "H002", "0701", "0831", "agreement_missing_days"),
            ("F001", "H002", "0901", "1231", 334),
        ],
    ),
    (
        contractor_signs_after_the_operator,
        # Nothing of the contractor's own days, nor of the operator's before October: 92 days.
        [
            ("F001", "H001", "0101", "0630", "agreement_missing_days"),
            ("F001", "H002", "0701", "0930", "agreement_missing_days"),
            ("F001", "H002", "1001", "1231", 252),
        ],
    ),
    (revoked_and_renewed, [("F001", "H001", "0101", "1231", 1000)]),
    (
        gap_between_agreements,
        # 90, 30 and 245 days: 246.57, none, 671.23.
        [
            ("F001", "H001", "0101", "0331", 246),
            ("F001", "H001", "0401", "0430", "agreement_missing_days"),
            ("F001", "H001", "0501", "1231", 671),
        ],
    ),
    (
        signed_after_its_start,
        # Signed on 15 February: 45 days before it, 320 from it on, 876.71.
        [
            ("F001", "H001", "0101", "0214", "agreement_missing_days"),
            ("F001", "H001", "0215", "1231", 876),
        ],
    ),
    (
        membership_that_ends,
        # 304 days: 832.87.
        [
            ("F001", "H001", "0101", "1031", 832),
            ("F001", "H001", "1101", "1231", "no_membership"),
        ],
    ),
    (
        split_while_named_in_the_agreement,
        # 181 days of the whole, 92 of each half: 500 × 92/365 = 126.03.
        [
            ("F001", "H001", "0101", "0630", 495),
            ("P1", "H001", "0701", "0930", 126),
            ("P1", "H001", "1001", "1231", "agreement_missing_days"),
            ("P2", "H001", "0701", "0930", 126),
            ("P2", "H001", "1001", "1231", "agreement_missing_days"),
        ],
    ),
    (
        household_divided,
        # The father's agreement is not the son's: 181 days, 31 unsigned, 153: 495.89, none, 419.17.
        [
            ("F001", "H001", "0101", "0630", 495),
            ("F001", "H009", "0701", "0731", "agreement_missing_days"),
            ("F001", "H009", "0801", "1231", 419),
        ],
    ),
    (
        contract_passed_on_to_who_has_signed,
        # 364 days and one: 997.26 and 2.74.
        [("F001", "H001", "0101", "1230", 997), ("F001", "H002", "1231", "1231", 2)],
    ),
    (
        two_rights_missing_in_turn,
        # Of two missing rights the first named is membership. 303 days: 830.14.
        [
            ("F001", "H001", "0101", "0131", "no_membership"),
            ("F001", "H001", "0201", "1130", 830),
            ("F001", "H001", "1201", "1231", "agreement_missing_days"),
        ],
    ),
]


def counted(pool: Project, cast: Cast, year: int = 2025) -> list[Row]:
    run = close_period(open_year(pool, year, cast), by=cast.operator)
    rows = FieldResult.objects.filter(run=run).exclude(field__code__in=["F002", "F003"])
    return [
        (
            row.field.code,
            row.household.code,
            f"{row.starts_on:%m%d}",
            f"{row.ends_on:%m%d}",
            row.terms.get("withheld") or row.gross_kg,
        )
        for row in rows.order_by("field__code", "starts_on")
    ]


@pytest.mark.parametrize(("happens", "rows"), CASES, ids=lambda case: getattr(case, "__name__", ""))
def test_each_day_earns_for_who_had_the_right(
    sunrise: Cast, happens: Callable[[Cast], None], rows: list[Row]
) -> None:
    make_season(sunrise, 2025)
    pool = make_enrolled_pool(sunrise)
    happens(sunrise)
    assert counted(pool, sunrise) == rows


def test_an_agreement_over_the_whole_holding_covers_a_field_added_later(sunrise: Cast) -> None:
    added = make_field(sunrise.village, sunrise.households[0], 9, east=118.1)
    Tenure.objects.filter(field=added).update(starts_on=date(2025, 5, 1))
    sunrise.fields.append(added)
    make_season(sunrise, 2025)
    pool = make_enrolled_pool(sunrise)
    # May to December: 245 days, 671.23.
    assert counted(pool, sunrise)[1:] == [("F009", "H001", "0501", "1231", 671)]


def test_an_agreement_that_ends_on_the_leap_day(sunrise: Cast) -> None:
    make_season(sunrise, 2024)
    pool = make_enrolled_pool(sunrise)
    agreement("A001").update(ends_on=date(2024, 2, 29))
    # 60 days of 366: 163.93.
    assert counted(pool, sunrise, 2024) == [
        ("F001", "H001", "0101", "0229", 163),
        ("F001", "H001", "0301", "1231", "agreement_missing_days"),
    ]
