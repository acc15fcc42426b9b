"""Spans of days with both ends inclusive; an open end is ``None``.

Imports no Django.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


class PeriodError(ValueError):
    """A span that ends before it starts."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from `starts_on` to `ends_on`, both counted."""

    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise PeriodError(f"{self.starts_on} to {self.ends_on} ends before it starts")

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    def clip(self, starts_on: date, ends_on: date | None) -> Period | None:
        """The part of this span inside another (open-ended when `ends_on` is None), if any."""
        start = max(self.starts_on, starts_on)
        end = min(self.ends_on, ends_on or self.ends_on)
        return Period(start, end) if start <= end else None

    def covers(self, starts_on: date, ends_on: date) -> bool:
        return self.starts_on <= starts_on and ends_on <= self.ends_on


def year_period(year: int) -> Period:
    """The calendar year as a span."""
    return Period(date(year, 1, 1), date(year, 12, 31))


def uncovered_days(whole: Period, parts: Iterable[tuple[date, date | None]]) -> list[Period]:
    """The spans of `whole` that no part covers, in order; parts may overlap and be open-ended."""
    parts = list(parts)
    for starts_on, ends_on in parts:
        # By far the most common, and found without any arithmetic.
        if starts_on <= whole.starts_on and (ends_on is None or whole.ends_on <= ends_on):
            return []
    gaps: list[Period] = []
    next_day = whole.starts_on
    clipped = sorted(span for part in parts if (span := whole.clip(*part)))
    for span in clipped:
        if span.starts_on > next_day:
            gaps.append(Period(next_day, span.starts_on - timedelta(days=1)))
        next_day = max(next_day, span.ends_on + timedelta(days=1))
    if next_day <= whole.ends_on:
        gaps.append(Period(next_day, whole.ends_on))
    return gaps
