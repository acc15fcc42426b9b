"""When the tonnes held back of an issuance come free, by the rule in a project's terms.

Imports no Django, reads no database and no clock. A day that is planned is no promise: whoever
releases looks first whether the land still keeps what was credited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from credits.methodologies.base import anniversary

NEVER = "never"
CONTRACT_YEAR_END = "contract_year_end"
STEPS = "steps"
RENEWAL_OR_YEARLY = "renewal_or_yearly"
DAILY = "daily"
RELEASES = (NEVER, CONTRACT_YEAR_END, STEPS, RENEWAL_OR_YEARLY, DAILY)
# Those that need `reserve_release_years`.
TIMED = (STEPS, RENEWAL_OR_YEARLY, DAILY)


class ReleaseNotKnown(ValueError):
    """The terms do not say when the reserve comes free, or say it in a way that has no meaning."""


def release_schedule(
    terms: Mapping[str, Any],
    *,
    issued_on: date,
    tonnes: int,
    contract_ends_on: date,
    renewed: bool = False,
) -> list[tuple[date, int]]:
    """The days on which an issuance's reserve comes free, with the whole tonnes of each.

    Args:
        terms: of the project; `reserve_release` is the rule, `reserve_release_years` its years.
            Terms of before there was such a rule hold the reserve as CCX does.
        issued_on: day of the issuance; the years of `steps` and `daily` begin there.
        tonnes: whole tonnes held back, not negative.
        contract_ends_on: last day of the project's contract.
        renewed: whether the contract was renewed, which frees all of it under
            `renewal_or_yearly` on the day after its last.

    Returns:
        Pairs of day and tonnes, by day, each of at least one tonne; together all the tonnes, or
        none where the rule is `never`. A part that is no whole tonne waits for the next day.

    Raises:
        ReleaseNotKnown: the rule is not told, unknown, or lacks its years.
        ValueError: negative tonnes.

    Source: DOMAIN.md, Programs: CCX Offset Project Protocol 2009 (to 31 December of the contract's
        last year); Regen/Ecometric v1.5.1 (half at year 10, half at 20); Carbofarm (at once on
        renewal, else over 10 years); Nori (linearly, day by day); ACCU (none is given back).
    """
    if tonnes < 0:
        raise ValueError(f"{tonnes} tonnes cannot be held back")
    rule = terms.get("reserve_release", CONTRACT_YEAR_END)
    if rule == NEVER:
        return []
    if rule == CONTRACT_YEAR_END:
        return _spread([date(contract_ends_on.year, 12, 31)], tonnes)
    if rule not in TIMED:
        raise ReleaseNotKnown(f"{rule!r} is no rule of release")
    return _spread(_days(rule, _years(terms), issued_on, contract_ends_on, renewed), tonnes)


def _days(
    rule: str, years: Sequence[int], issued_on: date, contract_ends_on: date, renewed: bool
) -> list[date]:
    """The days among which the tonnes are spread evenly."""
    if rule == STEPS:
        return [anniversary(issued_on, each) for each in years]
    if rule == RENEWAL_OR_YEARLY:
        after = contract_ends_on + timedelta(days=1)
        span = range(1, years[-1] + 1)
        return [after] if renewed else [anniversary(after, each) for each in span]
    length = (anniversary(issued_on, years[-1]) - issued_on).days
    return [issued_on + timedelta(days=day) for day in range(1, length + 1)]


def _spread(days: Sequence[date], tonnes: int) -> list[tuple[date, int]]:
    """By the floor of what is due up to each day, so that nothing comes free too early."""
    parts = []
    free = 0
    for place, day in enumerate(days, start=1):
        due = tonnes * place // len(days)
        if due > free:
            parts.append((day, due - free))
            free = due
    return parts


def _years(terms: Mapping[str, Any]) -> list[int]:
    years = terms.get("reserve_release_years")
    whole = isinstance(years, list) and all(type(each) is int and each > 0 for each in years)
    if not whole or not years or sorted(set(years)) != years:
        raise ReleaseNotKnown(f"{years!r} are not the years of a release")
    return years
