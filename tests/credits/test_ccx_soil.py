"""The rate lookup against published contracts, and its bounds on any input."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.periods import Period, year_period
from aggregator.units import M2_PER_ACRE, to_m2
from credits.methodologies.base import Activity, Quantity, credit_quantity
from credits.methodologies.ccx_soil import CcxSoil

CCX = CcxSoil()
HECTARE = Decimal("10000.00")


def activity(area_m2: Decimal, *practices: str, year: int = 2008, **values: Any) -> Activity:
    facts: dict[str, Any] = {
        "irrigated": False,
        "span": year_period(year),
        "period": year_period(year),
    } | values
    return Activity(area_m2=area_m2, practices=practices, **facts)


def acres(number: int) -> Decimal:
    return number * Decimal("4046.8564224")


def own_rate(**values: Any) -> dict[str, Any]:
    return {
        "practice": "no_till",
        "region": "hills",
        "irrigated": None,
        "vintage_from": 2020,
        "vintage_to": None,
        "t_per_hectare_year": "1",
        "source": "a survey",
    } | values


def test_fifty_acres_of_indiana_no_till_earn_210_dollars_at_7() -> None:
    # Purdue Extension: 50 acres × 0.6 t × 7 USD = 210 USD.
    gross_kg = CCX.quantify(activity(acres(50), "no_till"), {"region": "indiana"}).gross_kg
    assert Fraction(gross_kg, 1000) * 7 == 210


def test_an_area_stored_with_two_decimals_is_at_most_a_kilogram_short() -> None:
    stored = to_m2(Decimal(50), "acre")  # 202,342.82 of 202,342.82112 m²
    assert CCX.quantify(activity(stored, "no_till"), {"region": "indiana"}).gross_kg == 29_999


@pytest.mark.parametrize(
    ("practice", "gross_usd", "net_usd"), [("no_till", "1.00", "0.90"), ("grass", "1.50", "1.35")]
)
def test_iowa_2005_pays_as_the_farm_bureau_wrote_at_2_dollars(
    practice: str, gross_usd: str, net_usd: str
) -> None:
    quantity = CCX.quantify(activity(acres(1000), practice, year=2005), {"region": "iowa"})
    usd_an_acre = Fraction(quantity.gross_kg, 1000) * 2 / 1000
    assert usd_an_acre == Fraction(gross_usd)
    assert usd_an_acre * 9 / 10 == Fraction(net_usd)


@pytest.mark.parametrize(
    ("region", "irrigated", "rate"),
    [
        ("kansas-east", False, "0.6"),
        ("kansas-central", False, "0.4"),
        ("kansas-central", True, "0.6"),
        ("kansas-west", False, "0.2"),
        ("kansas-west", True, "0.6"),
    ],
)
def test_kansas_rates_differ_by_zone_and_water(region: str, irrigated: bool, rate: str) -> None:
    terms = CCX.quantify(
        activity(HECTARE, "no_till", irrigated=irrigated), {"region": region}
    ).terms
    assert terms["rate"] == rate


def test_an_alberta_table_can_be_brought_along_and_gives_its_113_tonnes() -> None:
    # Alberta Parkland, 1,000 acres × 0.113 t = 113 t; irrigated Dry Prairie takes the same rate.
    alberta = {"vintage_from": 2012, "vintage_to": 2021, "source": "Alberta, conservation cropping"}
    rates = [
        own_rate(region="parkland", t_per_acre_year="0.113", **alberta),
        own_rate(region="dry-prairie", irrigated=False, t_per_acre_year="0.057", **alberta),
        own_rate(region="dry-prairie", irrigated=True, t_per_acre_year="0.113", **alberta),
    ]
    for rate in rates:
        del rate["t_per_hectare_year"]

    def kilograms(region: str, irrigated: bool) -> int:
        facts = activity(acres(1000), "no_till", year=2020, irrigated=irrigated)
        return CCX.quantify(facts, {"region": region, "rates": rates}).gross_kg

    assert kilograms("parkland", irrigated=False) == 113_000
    assert kilograms("dry-prairie", irrigated=True) == 113_000
    assert kilograms("dry-prairie", irrigated=False) == 57_000


def test_a_vintage_outside_the_table_earns_nothing_and_says_so() -> None:
    quantity = CCX.quantify(activity(HECTARE, "no_till", year=2025), {"region": "iowa"})
    assert (quantity.gross_kg, quantity.practice) == (0, "")
    assert quantity.terms["reason"] == "no_creditable_practice"


def test_practices_do_not_add_up_and_the_highest_rate_earns() -> None:
    rates = [
        own_rate(practice="no_till", t_per_hectare_year="1"),
        own_rate(practice="straw_return", t_per_hectare_year="1.5"),
    ]
    both = activity(HECTARE, "no_till", "straw_return", year=2025)
    quantity = CCX.quantify(both, {"region": "hills", "rates": rates})
    assert (quantity.gross_kg, quantity.practice) == (1500, "straw_return")


def test_a_project_s_own_rate_prevails_over_the_published_one() -> None:
    own = own_rate(region="iowa", vintage_from=2008, t_per_hectare_year="0.1")
    quantity = CCX.quantify(activity(HECTARE, "no_till"), {"region": "iowa", "rates": [own]})
    assert quantity.gross_kg == 100


def test_half_a_year_in_other_hands_earns_by_the_days() -> None:
    # 181 of the 365 days of 2025 on one hectare at 1 t: 495.89 kg, 495 after the floor.
    half = Period(date(2025, 1, 1), date(2025, 6, 30))
    facts = activity(HECTARE, "no_till", year=2025, span=half)
    quantity = CCX.quantify(facts, {"region": "hills", "rates": [own_rate()]})
    assert quantity.gross_kg == 495
    assert quantity.terms["days"] == "181"
    assert quantity.terms["gross_exact_kg"] == "36200/73"


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "gross_kg"),
    [
        (date(2024, 1, 1), date(2024, 12, 31), 1000),  # a leap year is a year
        (date(2023, 7, 1), date(2024, 6, 30), 1000),  # so are twelve months with 29 February
        (date(2025, 1, 1), date(2025, 3, 31), 246),  # 90/365
        (date(2024, 1, 1), date(2025, 12, 31), 2000),  # two years
    ],
)
def test_a_rate_a_year_is_taken_for_as_many_years_as_the_period_has(
    starts_on: date, ends_on: date, gross_kg: int
) -> None:
    period = Period(starts_on, ends_on)
    facts = activity(HECTARE, "no_till", span=period, period=period)
    assert CCX.quantify(facts, {"region": "hills", "rates": [own_rate()]}).gross_kg == gross_kg


def test_every_intermediate_value_can_be_read_back() -> None:
    terms = CCX.quantify(activity(HECTARE, "no_till"), {"region": "indiana"}).terms
    assert terms == {
        "area_m2": "10000.00",
        "area": "2.471053",  # 10,000 / 4,046.8564224 = 2.47105381…, cut off
        "area_unit": "acre",
        "m2_per_unit": "4046.8564224",
        "practice": "no_till",
        "region": "indiana",
        "irrigated": "no",
        "vintage": "2008",
        "rate": "0.6",
        "rate_unit": "t CO2e/acre/year",
        "rate_source": "Purdue Extension, Chicago Climate Exchange contracts, 2007",
        "days": "366",
        "period_days": "366",
        "years": "1",
        "gross_exact_kg": str(Fraction(6_000_000) / M2_PER_ACRE),
        "gross_before_floor_kg": "1482.632288",
    }
    assert all(isinstance(value, str) for value in terms.values())


def test_a_fifth_is_held_in_reserve_rounded_up() -> None:
    credit = credit_quantity(Quantity(1001, "no_till", {}), reserve_rate=Fraction("0.20"))
    assert (credit.reserve_kg, credit.credited_kg) == (201, 800)
    assert credit.terms == {"reserve_rate": "0.2", "reserve_exact_kg": "1001/5"}


def test_withheld_kilograms_are_told_but_not_credited() -> None:
    quantity = Quantity(1001, "no_till", {})
    credit = credit_quantity(quantity, reserve_rate=Fraction("0.20"), withheld="no_membership")
    assert (credit.gross_kg, credit.reserve_kg, credit.credited_kg, credit.practice) == (
        0,
        0,
        0,
        "",
    )
    assert credit.terms["withheld_kg"] == "1001"


@pytest.mark.parametrize("rate", ["-0.1", "1.01"])
def test_a_reserve_outside_nought_to_one_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        credit_quantity(Quantity(10, "no_till", {}), reserve_rate=Fraction(rate))


@pytest.mark.parametrize(
    ("parameters", "place", "code"),
    [
        ({}, "region", "missing"),
        ({"region": "mars"}, "region", "no_rate"),
        ({"region": "hills", "rates": "1.0"}, "rates", "not_a_list"),
        ({"region": "hills", "rates": ["1"]}, "rates[0]", "not_an_object"),
        ({"region": "hills", "rates": [own_rate(source="")]}, "rates[0].source", "missing"),
        (
            {"region": "hills", "rates": [own_rate(practice="prayer")]},
            "rates[0].practice",
            "unknown_practice",
        ),
        (
            {"region": "hills", "rates": [own_rate(irrigated="yes")]},
            "rates[0].irrigated",
            "not_yes_or_no",
        ),
        (
            {"region": "hills", "rates": [own_rate(vintage_from="2020")]},
            "rates[0].vintage_from",
            "not_a_year",
        ),
        (
            {"region": "hills", "rates": [own_rate(vintage_to=2019)]},
            "rates[0].vintage_to",
            "ends_before_start",
        ),
        (
            {"region": "hills", "rates": [own_rate(t_per_acre_year="1")]},
            "rates[0]",
            "one_rate_needed",
        ),
        (
            {"region": "hills", "rates": [own_rate(t_per_hectare_year=1.5)]},
            "rates[0].t_per_hectare_year",
            "not_a_decimal_string",
        ),
        (
            {"region": "hills", "rates": [own_rate(t_per_hectare_year="NaN")]},
            "rates[0].t_per_hectare_year",
            "not_positive",
        ),
        (
            {"region": "hills", "rates": [own_rate(t_per_hectare_year="600")]},
            "rates[0].t_per_hectare_year",
            "too_high",
        ),
        (
            {"region": "hills", "rates": [own_rate(), own_rate(vintage_from=2025)]},
            "rates[1]",
            "overlapping_rate",
        ),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(
    parameters: dict[str, Any], place: str, code: str
) -> None:
    assert (place, code) in [(p.place, p.code) for p in CCX.check_parameters(parameters)]


def test_good_parameters_have_no_problem() -> None:
    assert CCX.check_parameters({"region": "indiana"}) == []
    assert CCX.check_parameters({"region": "hills", "rates": [own_rate()]}) == []


areas = st.decimals("0.01", "99999999", places=2)
rate_texts = st.decimals("0", "50", places=4).map(str)


@settings(print_blob=True)
@given(area=areas, rate=rate_texts, cut=st.integers(1, 364))
def test_splitting_the_days_never_gains(area: Decimal, rate: str, cut: int) -> None:
    year = year_period(2025)
    parameters = {"region": "hills", "rates": [own_rate(t_per_hectare_year=rate)]}
    day = year.starts_on + timedelta(days=cut)
    parts = [Period(year.starts_on, day - timedelta(days=1)), Period(day, year.ends_on)]

    def kilograms(span: Period) -> int:
        facts = activity(area, "no_till", year=2025, span=span)
        return CCX.quantify(facts, parameters).gross_kg

    exact = Fraction(area) * Fraction(rate) / 10  # 1,000 kg on 10,000 m²
    split = sum(kilograms(part) for part in parts)
    assert kilograms(year) <= exact < kilograms(year) + 1
    assert kilograms(year) - 1 <= split <= kilograms(year)


@settings(print_blob=True)
@given(gross_kg=st.integers(0, 10**15), rate=st.decimals("0", "1", places=4))
def test_reserve_and_sellable_always_make_the_gross(gross_kg: int, rate: Decimal) -> None:
    reserve_rate = Fraction(rate)
    credit = credit_quantity(Quantity(gross_kg, "no_till", {}), reserve_rate=reserve_rate)
    assert credit.reserve_kg + credit.credited_kg == gross_kg
    assert 0 <= credit.credited_kg <= gross_kg * (1 - reserve_rate)


@settings(print_blob=True)
@given(area=areas, year=st.integers(2000, 2030))
def test_no_practice_or_no_land_earns_nothing(area: Decimal, year: int) -> None:
    assert CCX.quantify(activity(area, year=year), {"region": "iowa"}).gross_kg == 0
    empty = activity(Decimal("0.00"), "no_till", year=2008)
    assert CCX.quantify(empty, {"region": "iowa"}).gross_kg == 0
