"""A project's own terms out of its program's preset: adapted, checked, and nothing left unknown.

Writes no row; what a preset does not know is asked for, never assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from aggregator.canonical import canonical_json
from aggregator.errors import BadInput
from aggregator.models import Cooperative
from credits.programs.base import Program, find_unknown
from credits.programs.releases import RELEASES, TIMED
from credits.terms.names import CHOICE_NAMES, TERM_NAMES
from farms.grain_guard import guards_grain

ROUNDINGS = ("floor", "ceil")
# What the program itself leaves to the farmers; all other rates of the fees are taken off.
FARMER_RATE = "farmer_rate"


class BadTerm(BadInput):
    code = "bad_term"
    message = _("The program's term “%(term)s” cannot be “%(value)s”.")


class TermsUnknown(BadInput):
    """All of them stand in `terms`; the names are told in the sentence."""

    code = "terms_unknown"
    message = _("The program does not say these; give what your contract with it says: %(names)s.")

    def __init__(self, terms: Iterable[str]) -> None:
        self.terms = list(terms)
        names = [str(TERM_NAMES.get(name.removeprefix("fees."), name)) for name in self.terms]
        super().__init__(names=", ".join(names))


class FarmersGetTooLittle(BadInput):
    code = "farmers_get_too_little"
    message = _("At least %(least)s%% of the money is the farmers'; these fees leave %(left)s%%.")


class DeductedTooMuch(BadInput):
    code = "deducted_too_much"
    message = _("Permanence deduction and reserve together take more than all there is.")


def adapt_terms(
    program: Program, terms: Mapping[str, Any], *, cooperative: Cooperative, starts_on: date
) -> dict[str, Any]:
    """The program's terms with those of the cooperative's own contract in their places.

    Raises:
        BadTerm: a term that the program does not have, or a value that cannot be.
        TermsUnknown: terms are left that neither the program nor the project tells.
        FarmersGetTooLittle: the fees take more than the program allows.
        DeductedTooMuch: more is held back than there is.
    """
    preset = program.terms_from(starts_on)
    for name, value in terms.items():
        check = _CHECKS.get(name)
        if name not in preset or check is None or not check(value):
            raise BadTerm(term=TERM_NAMES.get(name, name), value=value)
    # Where China's rules of cropland hold they are shown, unless the project says otherwise.
    guard = preset["grain_guard"] or ("flag" if guards_grain(cooperative) else "")
    adapted = {**preset, "grain_guard": guard, **terms}
    unknown = find_unknown(adapted)
    if unknown:
        raise TermsUnknown(unknown)
    _check_together(adapted)
    return adapted


def _check_together(terms: Mapping[str, Any]) -> None:
    """What each term may be by itself, and not beside the others."""
    if terms["reserve_release"] in TIMED and not terms["reserve_release_years"]:
        raise BadTerm(term=TERM_NAMES["reserve_release_years"], value="")
    if Decimal(terms["permanence_rate"]) + Decimal(terms["reserve_rate"]) > 1:
        raise DeductedTooMuch
    fees = terms["fees"]
    taken = [
        Decimal(rate)
        for name, rate in fees.items()
        if name.endswith("_rate") and name != FARMER_RATE
    ]
    left, least = 1 - sum(taken, Decimal(0)), Decimal(fees.get(FARMER_RATE, "0"))
    if left < least:
        raise FarmersGetTooLittle(least=_percent(least), left=_percent(left))


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}"


def _is_rate(value: Any) -> bool:
    return _is_decimal(value) and Decimal(value) <= 1


def _is_decimal(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    return number.is_finite() and number >= 0


def _is_whole(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) and word for word in value)


def _is_yes_or_no(value: Any) -> bool:
    return isinstance(value, bool)


def _is_currency(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 3 and value.isalpha() and value.isupper()


def _is_years(value: Any) -> bool:
    if not isinstance(value, list) or not all(type(each) is int and each > 0 for each in value):
        return False
    return value == sorted(set(value)) and (not value or value[-1] <= 200)


def _is_vesting(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_rate, value)) and sum(map(Decimal, value)) == 1


def _is_fees(value: Any) -> bool:
    """Rates and amounts as decimal strings; a part of the unit price may be a fraction."""
    try:
        canonical_json(value)
    except (TypeError, ValueError):
        return False
    return isinstance(value, dict) and all(_is_fee(name, fee) for name, fee in value.items())


def _is_fee(name: str, fee: Any) -> bool:
    if fee is None or name.endswith("_rate"):
        return fee is None or _is_rate(fee)
    if name.endswith("_of_unit_price"):
        try:
            return isinstance(fee, str) and 0 <= Fraction(fee) <= 1
        except (ValueError, ZeroDivisionError):
            return False
    return _is_decimal(fee)


def _one_of(*choices: str) -> Callable[[Any], bool]:
    return lambda value: value in choices


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "minimum_term_years": _is_whole,
    "permanence_years": _is_whole,
    "uncertainty_rate": _is_rate,
    "leakage_rate": _is_rate,
    "first_hold_rate": _is_rate,
    "permanence_rate": _is_rate,
    "reserve_rate": _is_rate,
    "reserve_release": _one_of(*RELEASES),
    "reserve_release_years": _is_years,
    "reserve_rounding": _one_of(*ROUNDINGS),
    "minimum_lot_t": _is_whole,
    **{name: _one_of(*codes) for name, codes in CHOICE_NAMES.items()},
    "sample_rate": _is_rate,
    "sample_minimum": _is_whole,
    "uncertainty_by_period": _is_yes_or_no,
    "longest_period_years": _is_whole,
    "lookback_years": _is_whole,
    "minimum_area_m2": _is_decimal,
    "farm_below_m2": _is_decimal,
    "least_price": _is_decimal,
    "least_price_currency": _is_currency,
    "excluded_land_classes": _is_words,
    "excluded_crops": _is_words,
    "low_residue_crops": _is_words,
    "low_residue_years": _is_whole,
    "soybean_rate": _is_rate,
    "no_till_crops": _is_words,
    "documents": _is_words,
    "conditions": _is_words,
    "vesting": _is_vesting,
    "fees": _is_fees,
    "grain_guard": _one_of("", "flag", "refuse"),
    "retroactive_agreements": _is_yes_or_no,
}
