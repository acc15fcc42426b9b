"""What changed in a project's terms and parameters, term by term in words, for its history.

Reads no row; what stayed as it was is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from credits.registry import METHODOLOGY_NAMES, PROGRAMS
from credits.terms.names import CHOICE_NAMES, TERM_NAMES, region_name

NOTHING = "—"
_RATE_UNITS = ("t_per_hectare_year", "t_per_acre_year")


def compare_terms(was: Any, now_is: Any) -> Iterator[tuple[str, str, str]]:
    """Name, before and after of each term that differs; a term of many values differs by those."""
    before, after = dict(_flat(was or {})), dict(_flat(now_is or {}))
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name), after.get(name)
        if isinstance(old, list) or isinstance(new, list):
            gone, added = _only_in(old, new), _only_in(new, old)
            if gone or added:
                yield _label(name), gone or NOTHING, added or NOTHING
        elif old != new:
            yield _label(name), say_term(name, old), say_term(name, new)


def name_program(program: str) -> str:
    known = PROGRAMS.get(program)
    return str(known.name) if known else program


def name_methodology(methodology: str) -> str:
    return str(METHODOLOGY_NAMES.get(methodology, methodology))


def _flat(terms: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, term in terms.items():
        if isinstance(term, dict):
            yield from _flat(term)
        else:
            yield name, term


def _label(name: str) -> str:
    return str(capfirst(str(TERM_NAMES.get(name, name))))


def _only_in(values: Any, others: Any) -> str:
    left_out = others or []
    return _("; ").join(_say_item(each) for each in values or [] if each not in left_out)


def _say_item(value: Any) -> str:
    if isinstance(value, dict):
        # A situation has a name, and its figures stand on the project's page.
        return str(value["name"]) if "name" in value else _say_rate(value)
    return str(TERM_NAMES.get(value, value))


def _say_rate(rate: Mapping[str, Any]) -> str:
    """One rate as a sentence; its watering is named only where it does not hold for all."""
    unit = next((name for name in _RATE_UNITS if name in rate), "")
    watered = ""
    if rate.get("irrigated") is not None:
        watered = _("irrigated fields") if rate["irrigated"] else _("dry fields")
    years = f"{rate.get('vintage_from', '')}–{rate.get('vintage_to') or ''}"
    practice = str(rate.get("practice", ""))
    said = [str(TERM_NAMES.get(practice, practice)), watered, years]
    said.append(f"{rate.get(unit, '')} {TERM_NAMES.get(unit, unit)}")
    return _("%(rate)s (source: %(source)s)") % {
        "rate": _(", ").join(filter(None, said)),
        "source": rate.get("source", ""),
    }


def say_term(name: str, value: Any) -> str:
    """A term's value in words; a rate in percent."""
    if value in (None, "", []) and not isinstance(value, bool):
        return NOTHING
    if isinstance(value, list):
        return str(_("; ")).join(say_term("", each) for each in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name.endswith("_rate"):
        return f"{(Decimal(value) * 100).normalize():f}%"
    if name == "region":
        return region_name(value)
    words = CHOICE_NAMES.get(name, TERM_NAMES)
    return str(words.get(str(value), value))
