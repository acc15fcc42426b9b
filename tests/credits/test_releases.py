"""When a reserve comes free, by each program's published rule, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.programs.releases import RELEASES, ReleaseNotKnown, release_schedule

ISSUED = date(2027, 3, 1)
ENDS = date(2030, 6, 30)


def plan(tonnes: int, *, renewed: bool = False, **terms: object) -> list[tuple[date, int]]:
    return release_schedule(
        terms, issued_on=ISSUED, tonnes=tonnes, contract_ends_on=ENDS, renewed=renewed
    )


def test_ccx_holds_all_to_the_last_day_of_the_contracts_last_year() -> None:
    assert plan(20, reserve_release="contract_year_end") == [(date(2030, 12, 31), 20)]


def test_terms_of_before_the_rule_hold_as_ccx_does() -> None:
    assert plan(20) == [(date(2030, 12, 31), 20)]


def test_regen_frees_half_after_ten_years_and_half_after_twenty() -> None:
    # Lowick 2023: 1,610 t of buffer.
    terms = {"reserve_release": "steps", "reserve_release_years": [10, 20]}
    assert plan(1_610, **terms) == [(date(2037, 3, 1), 805), (date(2047, 3, 1), 805)]


def test_an_odd_tonne_waits_for_the_later_half() -> None:
    terms = {"reserve_release": "steps", "reserve_release_years": [10, 20]}
    assert [tonnes for _day, tonnes in plan(7, **terms)] == [3, 4]


def test_carbofarm_frees_all_on_renewal() -> None:
    terms = {"reserve_release": "renewal_or_yearly", "reserve_release_years": [10]}
    assert plan(100, renewed=True, **terms) == [(date(2030, 7, 1), 100)]


def test_carbofarm_without_renewal_pays_a_tenth_a_year_for_ten_years() -> None:
    terms = {"reserve_release": "renewal_or_yearly", "reserve_release_years": [10]}
    parts = plan(100, **terms)
    assert parts[0] == (date(2031, 7, 1), 10)
    assert parts[-1] == (date(2040, 7, 1), 10)
    assert len(parts) == 10


def test_nori_frees_day_by_day_over_ten_years() -> None:
    # 1 March 2027 to 1 March 2037 are 3,653 days (three leap days): a tonne a day, 3,653 t.
    terms = {"reserve_release": "daily", "reserve_release_years": [10]}
    parts = plan(3_653, **terms)
    assert parts == [(ISSUED + timedelta(days=day), 1) for day in range(1, 3_654)]


def test_a_tonne_a_year_comes_free_on_the_day_on_which_it_is_whole() -> None:
    # Ten tonnes in 3,653 days: the first is whole on day 366 (365.3), the fifth on 1,827 (1,826.5).
    terms = {"reserve_release": "daily", "reserve_release_years": [10]}
    parts = plan(10, **terms)
    assert parts[0] == (ISSUED + timedelta(days=366), 1)
    assert parts[4] == (ISSUED + timedelta(days=1_827), 1)
    assert parts[-1] == (date(2037, 3, 1), 1)


def test_accu_gives_nothing_back() -> None:
    assert plan(20, reserve_release="never") == []


def test_nothing_held_back_needs_no_day() -> None:
    assert plan(0, reserve_release="contract_year_end") == []


@pytest.mark.parametrize(
    "terms",
    [
        {"reserve_release": None},
        {"reserve_release": "sometimes"},
        {"reserve_release": "steps"},
        {"reserve_release": "steps", "reserve_release_years": []},
        {"reserve_release": "steps", "reserve_release_years": [20, 10]},
        {"reserve_release": "daily", "reserve_release_years": [0]},
        {"reserve_release": "daily", "reserve_release_years": "10"},
    ],
)
def test_a_rule_that_is_not_known_is_never_guessed(terms: dict[str, object]) -> None:
    with pytest.raises(ReleaseNotKnown):
        plan(20, **terms)


def test_negative_tonnes_are_refused() -> None:
    with pytest.raises(ValueError, match="-1 tonnes"):
        plan(-1)


@given(
    rule=st.sampled_from([rule for rule in RELEASES if rule != "never"]),
    tonnes=st.integers(0, 10_000_000),
    years=st.lists(st.integers(1, 40), min_size=1, max_size=4, unique=True).map(sorted),
    renewed=st.booleans(),
)
def test_every_rule_frees_all_of_it_in_order_of_days(
    rule: str, tonnes: int, years: list[int], renewed: bool
) -> None:
    parts = plan(tonnes, renewed=renewed, reserve_release=rule, reserve_release_years=years)
    assert sum(part for _day, part in parts) == tonnes
    assert all(part > 0 for _day, part in parts)
    days = [day for day, _part in parts]
    assert days == sorted(set(days))
