"""How a plot's kilograms came about, line by line, for a reader with a calculator.

Works from a statement's frozen terms alone. Every figure is the exact one, or cut with an ellipsis
behind it; what was rounded says so.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from aggregator.formats import format_percent
from credits.methodologies.base import decimal_text
from payouts.statement_text import Data, format_practices

_RATE_TERMS = {"rate", "area", "area_unit", "years"}
_HECTARE_TERMS = {"kg_per_ha", "area_ha"}
# Places of a kilogram that are shown; a rate of a hectare has more, for a field may be large.
_PLACES, _RATE_PLACES = 3, 6


def explain_plot(plot: Data) -> list[str]:
    """The lines from area and rate to what was earned and kept in reserve.

    Nothing where nothing was earned, or where a methodology's terms are no rate of an area.
    """
    terms = plot["terms"]
    factors = _factors(plot)
    if not factors or "reserve_rate" not in terms or not plot["gross_kg"]:
        return []
    counted = {"practice": format_practices([terms["practice"]]), "factors": " × ".join(factors)}
    if not {"found_kg", "corrected_kg", "kg_per_ha"} & terms.keys():
        reserve = {"rate": format_percent(terms["reserve_rate"])}
        return [_("Counted as %(practice)s: %(factors)s; reserve %(rate)s") % (counted | reserve)]
    counted["found"] = _kg(_found(plot))
    return [
        _("Counted as %(practice)s: %(factors)s = %(found)s, rounded down") % counted,
        *_taken(plot),
        *_reserved(plot),
    ]


def _found(plot: Data) -> Fraction:
    """What the methodology found, before program and verifier took anything."""
    terms = plot["terms"]
    return Fraction(terms.get("found_kg") or terms.get("claimed_kg") or plot["gross_kg"])


def _factors(plot: Data) -> list[str]:
    terms = plot["terms"]
    if terms.keys() >= _RATE_TERMS:
        units = {"ha": _("ha"), "acre": _("acres")}
        factors = [
            f"{terms['area']} {units.get(terms['area_unit'], terms['area_unit'])}",
            _("%(rate)s t a year") % {"rate": terms["rate"]},
        ]
        if terms["years"] != "1":
            factors.append(_("%(years)s years") % {"years": terms["years"]})
    elif terms.keys() >= _HECTARE_TERMS:
        factors = _of_hectare(terms, "kg_per_ha")
    else:
        return []
    return factors + _days(plot)


def _of_hectare(terms: Data, name: str) -> list[str]:
    rate = _cut(Fraction(terms[name]), _RATE_PLACES)
    return [f"{terms['area_ha']} {_('ha')}", _("%(rate)s kg a hectare") % {"rate": rate}]


def _days(plot: Data) -> list[str]:
    terms = plot["terms"]
    return [] if plot["whole_period"] else [f"{terms['days']}/{terms['period_days']}"]


def _taken(plot: Data) -> list[str]:
    """What the program takes off, each of what the one before it left; empty where it is none."""
    terms = plot["terms"]
    if "found_kg" not in terms:
        return []
    left, lines = _found(plot), []
    for name, said in _steps():
        kg = Fraction(terms.get(f"{name}_kg", "0"))
        if not kg:
            continue
        lines.append(said % _step(plot, name, left, kg))
        if name != "permanence":
            left -= kg
    exact = Fraction(terms["net_exact_kg"])
    earned = {"exact": _kg(exact), "left": _kg(Fraction(int(exact)))}
    return [*lines, _("Left: %(exact)s, rounded down %(left)s") % earned]


def _steps() -> list[tuple[str, str]]:
    """In the order of the program's terms."""
    return [
        ("uncertainty", _("− %(rate)s of %(base)s for uncertainty: %(kg)s")),
        ("project_emissions", _("− given off by the project itself: %(factors)s = %(kg)s")),
        ("leakage", _("− %(rate)s of %(base)s for leakage: %(kg)s")),
        ("first_hold", _("− %(rate)s of %(base)s held back in the first period: %(kg)s")),
        ("permanence", _("− %(rate)s of %(base)s for permanence: %(kg)s")),
    ]


def _step(plot: Data, name: str, base: Fraction, kg: Fraction) -> dict[str, str]:
    terms = plot["terms"]
    told = {"base": _kg(base), "kg": _kg(kg)}
    if name == "project_emissions":
        parts = _of_hectare(terms, "emitted_kg_per_ha") + _days(plot)
        return told | {"factors": " × ".join(parts)}
    return told | {"rate": _percent(Fraction(terms[f"{name}_rate"]))}


def _reserved(plot: Data) -> list[str]:
    """The reserve, and what the verifier took off, which lessens the reserve in proportion."""
    terms, lines = plot["terms"], []
    rate, exact = Fraction(terms["reserve_rate"]), Fraction(terms["reserve_exact_kg"])
    if rate:
        told = {
            "rate": _percent(rate),
            "base": _kg(exact / rate),
            "kg": _kg(Fraction(-(-exact.numerator // exact.denominator))),
        }
        lines.append(_("Reserve: %(rate)s of %(base)s, rounded up %(kg)s") % told)
    if "corrected_kg" in terms:
        told = {
            "taken": _kg(Fraction(terms["corrected_kg"])),
            "claimed": _kg(Fraction(terms["claimed_kg"])),
            "left": _kg(Fraction(plot["gross_kg"])),
            "reserve": _kg(Fraction(plot["reserve_kg"])),
        }
        lines.append(
            _(
                "− taken off after verification: %(taken)s of %(claimed)s, left %(left)s; the "
                "reserve in proportion, rounded up %(reserve)s"
            )
            % told
        )
    return lines


def _percent(rate: Fraction) -> str:
    return f"{_cut(rate * 100, _PLACES)}%"


def _kg(mass: Fraction) -> str:
    return _("%(mass)s kg") % {"mass": _cut(mass, _PLACES)}


def _cut(value: Fraction, places: int) -> str:
    """Grouped, cut after so many places; an ellipsis says that more would follow."""
    whole, _dot, decimals = decimal_text(value, places).partition(".")
    rest: Any = "…" if value * 10**places != int(value * 10**places) else ""
    if rest:
        decimals = decimals.ljust(places, "0")
    return f"{int(whole):,}{'.' if decimals else ''}{decimals}{rest}"
