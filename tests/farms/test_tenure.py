"""Who works a field on which days."""

import os
import random
from datetime import date, timedelta
from typing import Any

from aggregator.periods import Period, year_period
from farms.models import Tenure
from farms.tenure import operator_spans
from tests.cast import Cast

YEAR = year_period(2025)


def transfer(
    cast: Cast, to: int, starts_on: date, ends_on: date | None, kind: str = "transfer"
) -> None:
    Tenure.objects.create(
        cooperative=cast.cooperative,
        field=cast.fields[0],
        household=cast.households[to],
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def spans(cast: Cast, period: Period = YEAR) -> list[tuple[str, date, date]]:
    codes = {household.pk: household.code for household in cast.households}
    found = operator_spans([cast.fields[0].pk], period)[cast.fields[0].pk]
    return [(codes[household], first, last) for household, first, last in found]


def test_the_contractor_works_his_field_all_year(sunrise: Cast) -> None:
    assert spans(sunrise) == [("H001", date(2025, 1, 1), date(2025, 12, 31))]


def test_a_transfer_takes_its_own_days_out_of_the_contract(sunrise: Cast) -> None:
    transfer(sunrise, 1, date(2025, 4, 1), date(2025, 9, 30))
    assert spans(sunrise) == [
        ("H001", date(2025, 1, 1), date(2025, 3, 31)),
        ("H002", date(2025, 4, 1), date(2025, 9, 30)),
        ("H001", date(2025, 10, 1), date(2025, 12, 31)),
    ]


def test_an_open_transfer_lasts_to_the_end_of_the_period(sunrise: Cast) -> None:
    transfer(sunrise, 1, date(2024, 6, 1), None)
    assert spans(sunrise) == [("H002", date(2025, 1, 1), date(2025, 12, 31))]


def test_one_day_of_transfer_is_one_day(sunrise: Cast) -> None:
    transfer(sunrise, 1, date(2025, 12, 31), date(2025, 12, 31))
    assert spans(sunrise)[-1] == ("H002", date(2025, 12, 31), date(2025, 12, 31))


def test_transfers_that_follow_one_another_by_one_household_are_one_span(sunrise: Cast) -> None:
    transfer(sunrise, 1, date(2025, 1, 1), date(2025, 6, 30))
    transfer(sunrise, 1, date(2025, 7, 1), None)
    assert spans(sunrise) == [("H002", date(2025, 1, 1), date(2025, 12, 31))]


def test_days_without_a_holder_are_left_out(sunrise: Cast) -> None:
    Tenure.objects.filter(field=sunrise.fields[0]).update(ends_on=date(2025, 1, 31))
    transfer(sunrise, 2, date(2025, 12, 1), date(2026, 3, 1))
    assert spans(sunrise) == [
        ("H001", date(2025, 1, 1), date(2025, 1, 31)),
        ("H003", date(2025, 12, 1), date(2025, 12, 31)),
    ]


def test_every_field_asked_for_is_answered_in_one_question(
    sunrise: Cast, django_assert_num_queries: Any
) -> None:
    Tenure.objects.filter(field=sunrise.fields[2]).delete()
    keys = [field.pk for field in sunrise.fields]
    with django_assert_num_queries(1):
        found = operator_spans(keys, YEAR)
    assert [len(found[key]) for key in keys] == [1, 1, 0]
    assert operator_spans([], YEAR) == {}


def test_day_by_day_the_answer_is_that_of_the_simple_rule(sunrise: Cast) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    rng = random.Random(seed)
    Tenure.objects.filter(field=sunrise.fields[0]).delete()
    starts = rng.sample(range(-50, 400), 8)
    for number, start in enumerate(starts):
        first = YEAR.starts_on + timedelta(days=start)
        last = rng.choice([None, first + timedelta(days=rng.randrange(120))])
        transfer(sunrise, number % 3, first, last, rng.choice(["contract", "transfer"]))
    by_day = {
        first + timedelta(days=n): code
        for code, first, last in spans(sunrise)
        for n in range((last - first).days + 1)
    }
    tenures = list(Tenure.objects.filter(field=sunrise.fields[0]).select_related("household"))
    for n in range(YEAR.days):
        day = YEAR.starts_on + timedelta(days=n)
        holding = [t for t in tenures if t.starts_on <= day <= (t.ends_on or date.max)]
        holding.sort(key=lambda t: (t.kind == "transfer", t.starts_on))
        assert by_day.get(day) == (holding[-1].household.code if holding else None)
