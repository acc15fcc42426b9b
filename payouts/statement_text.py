"""Words and figures of statements in the active language: tonnes, amounts, practices.

Reads frozen data only; knows neither rows nor templates.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from aggregator.money import format_money
from aggregator.units import format_tonnes
from farms.models import Practice

Data = dict[str, Any]


def format_mass(mass_kg: int) -> str:
    return _("%(tonnes)s t") % {"tonnes": format_tonnes(mass_kg)}


def format_amount(data: Data, amount_minor: int) -> str:
    """An amount in the statement's currency, on one line."""
    # A line must not break between the sign and the figure.
    return format_money(amount_minor, data["currency"]).replace(" ", "\u00a0")


def full_number(data: Data) -> str:
    if data["revision"] == 1:
        return str(data["number"])
    return _("%(number)s, revision %(revision)s") % data


def format_practices(codes: Iterable[str]) -> str:
    labels = [str(Practice(code).label) if code in Practice.values else code for code in codes]
    return " + ".join(labels)


def join_sentences(sentences: Iterable[str]) -> str:
    """Sentences one after the other; Chinese puts no space between them."""
    space = "" if translation.get_language() == "zh-hans" else " "
    return space.join(sentence for sentence in sentences if sentence)


def total_area(data: Data) -> Decimal:
    """The area of the statement's land, each plot counted once however its days are split."""
    return sum((Decimal(plot["area_m2"]) for plot in count_plots(data)), Decimal(0))


def count_plots(data: Data) -> list[Data]:
    """A row for each plot, and of plots that became one another those of one day only.

    It is the day on which most of that land was held; of several such days, the last.
    """
    return [plot for land in _lands(data["plots"]) for plot in _most_held(land)]


def _most_held(land: list[Data]) -> list[Data]:
    days = sorted({plot["starts_on"] for plot in land})
    held = [
        {plot["number"]: plot for plot in land if plot["starts_on"] <= day <= plot["ends_on"]}
        for day in days
    ]
    areas = [sum(Decimal(plot["area_m2"]) for plot in plots.values()) for plots in held]
    return list(held[max(range(len(days)), key=lambda at: (areas[at], at))].values())


def _lands(plots: list[Data]) -> list[list[Data]]:
    """The rows, together those of plots that were split or merged into one another."""
    group: dict[int, int] = {plot["number"]: plot["number"] for plot in plots}
    for plot in plots:
        # Statements of before plots could be split say nothing of it.
        for child in plot.get("became", ()):
            joined = {group[plot["number"]], group[child]}
            group.update({n: min(joined) for n, old in group.items() if old in joined})
    lands: dict[int, list[Data]] = {}
    for plot in plots:
        lands.setdefault(group[plot["number"]], []).append(plot)
    return list(lands.values())
