"""Charts of an estimate as plain geometry: soil carbon over the years, and bars by gas.

Gives coordinates in a drawing 360 wide, which a template writes as SVG; holds no markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, log10
from typing import Any

from django.utils.translation import gettext as _

from credits.methodologies.estimates import Estimate, Estimator
from credits.methodologies.gwp import GWP_SETS

GAS_NAMES = {"co2": "CO₂", "ch4": "CH₄", "n2o": "N₂O"}
_SIDE = re.compile(r"(?:^|[._])(baseline|project)\.(co2|ch4|n2o)_kg$")
# The drawing: its plot lies between these.
LEFT, RIGHT, TOP, BOTTOM = 44, 348, 16, 176
_BAR_LEFT, _BAR_RIGHT, _BAR_STEP = 112, 270, 24


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and what is written there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """Soil carbon in t/ha over calendar years: the way it takes, and how it would have stayed."""

    points: str
    stays_at: float
    years: list[Tick]
    stocks: list[Tick]
    summary: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A horizontal bar; `side` is baseline, project, more or less, and is also said in words."""

    label: str
    side: str
    x: float
    y: int
    width: float
    text: str
    text_x: float


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars in t CO2e from a zero line."""

    title: str
    bars: list[Bar]
    zero_x: float
    height: int


def draw_soil(estimator: Estimator, data: Mapping[str, Any]) -> LineChart | None:
    """The stock from two years before the first change until it stands still after the last.

    Asks the methodology itself for every year, so that the line is its own arithmetic.
    """
    values = estimator.schema.read(data)
    if not values.get("changes") or "years_to_equilibrium" not in values:
        return None
    first = floor(values["changes"][0]["year"])
    last = ceil(values["changes"][-1]["year"] + values["years_to_equilibrium"])
    step = max(1, ceil((last - first) / 60))
    years = [first - 2, *range(first, last, step), last, last + 2]
    stocks = [_stock(estimator, data, year) for year in years]
    x = _scale(years[0], years[-1], LEFT, RIGHT)
    bottom, top, marks = _round_span(min(stocks), max(stocks))
    y = _scale(bottom, top, BOTTOM, TOP)
    return LineChart(
        points=" ".join(
            f"{x(year):.1f},{y(stock):.1f}" for year, stock in zip(years, stocks, strict=True)
        ),
        stays_at=round(y(stocks[0]), 1),
        years=[Tick(round(x(year), 1), str(year)) for year in _year_marks(first, last)],
        stocks=[Tick(round(y(mark), 1), f"{mark:g}") for mark in marks],
        summary=_("From %(before)s to %(after)s t of carbon a hectare, %(start)s to %(end)s.")
        % {
            "before": f"{stocks[0]:.1f}",
            "after": f"{stocks[-1]:.1f}",
            "start": first,
            "end": last,
        },
    )


def _stock(estimator: Estimator, data: Mapping[str, Any], year: int) -> float:
    found = estimator.estimate({**data, "from_year": year, "to_year": year + 1, "years": None})
    stock = found.term("soc_start")
    return float(stock) if isinstance(stock, int | float | Fraction) else 0.0


def _year_marks(first: int, last: int) -> list[int]:
    step = max(5, 5 * ceil((last - first) / 25))
    return [*range(first, last - step // 2, step), last]


def _round_span(low: float, high: float) -> tuple[float, float, list[float]]:
    """Bounds around low and high on round figures, and the figures between them."""
    span = max(high - low, abs(high) / 50, 0.1)
    size = 10 ** floor(log10(span))
    step = next(size * part for part in (0.5, 1, 2, 5) if size * part * 5 >= span)
    bottom = max(0.0, floor(low / step - 0.5) * step)
    count = ceil((high - bottom) / step + 0.25)
    return bottom, bottom + count * step, [bottom + step * number for number in range(count + 1)]


def draw_sides(estimate: Estimate) -> BarChart | None:
    """Each gas before the project and in it, where the methodology counts both."""
    masses: dict[tuple[str, str], Fraction] = {}
    for term in estimate.terms:
        if found := _SIDE.search(term.name):
            key = (found[2], found[1])
            masses[key] = masses.get(key, Fraction(0)) + term.exact
    sides = {"baseline": _("before"), "project": _("project")}
    rows = [
        (f"{GAS_NAMES[gas]}, {word}", side, _tonnes(estimate, gas, masses[gas, side]))
        for gas in GAS_NAMES
        for side, word in sides.items()
        if (gas, side) in masses
    ]
    if {side for _gas, side in masses} != set(sides):
        return None
    return _bars(_("Before and in the project, t CO₂e"), rows)


def draw_gases(estimate: Estimate) -> BarChart:
    """What each gas weighs: above zero an emission, below zero what is kept out of the air."""
    rows = [
        (GAS_NAMES[gas], "", _tonnes(estimate, gas, mass))
        for gas, mass in estimate.gases_kg.items()
    ]
    if len(rows) > 1:
        rows.append((_("Together"), "", float(estimate.co2e_kg) / 1000))
    marked = [(label, "less" if value < 0 else "more", value) for label, _side, value in rows]
    return _bars(_("By gas, t CO₂e"), marked)


def _tonnes(estimate: Estimate, gas: str, mass: Fraction) -> float:
    return float(GWP_SETS[estimate.gwp][gas] * mass) / 1000


def _bars(title: str, rows: list[tuple[str, str, float]]) -> BarChart:
    low = min(0.0, *(value for *_words, value in rows))
    high = max(0.0, *(value for *_words, value in rows))
    if low == high:
        high = 1.0
    x = _scale(low, high, _BAR_LEFT, _BAR_RIGHT)
    bars = [
        Bar(
            label=label,
            side=side,
            x=round(min(x(0), x(value)), 1),
            y=8 + number * _BAR_STEP,
            width=round(max(abs(x(value) - x(0)), 1), 1),
            text=_signed(value),
            text_x=round(max(x(0), x(value)) + 6, 1),
        )
        for number, (label, side, value) in enumerate(rows)
    ]
    return BarChart(title, bars, round(x(0), 1), 16 + len(rows) * _BAR_STEP)


def _signed(value: float) -> str:
    return f"{value:,.3f}".replace("-", "−")


def _scale(low: float, high: float, start: float, end: float) -> Any:
    """A straight line from values to coordinates."""
    return lambda value: start + (value - low) / (high - low) * (end - start)
