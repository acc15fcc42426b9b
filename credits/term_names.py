"""What the keys and codes of stored terms mean, for the people who read them on a page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credits.reasons import ZEROES
from farms.models import Field, Practice

_KEYS: dict[str, Promise] = {
    "reserve_rate": _("part held in reserve"),
    "minimum_lot_t": _("smallest lot (t)"),
    "minimum_term_years": _("shortest contract (years)"),
    "sample_rate": _("part of the fields drawn"),
    "sample_minimum": _("fewest fields drawn"),
    "minimum_area_m2": _("smallest field (m²)"),
    "excluded_land_classes": _("land left out"),
    "excluded_crops": _("crops left out"),
    "retroactive_agreements": _("agreements count before their signature"),
    "grain_guard": _("grain guard"),
    "flag": _("shows what it finds"),
    "refuse": _("refuses fields"),
    "fees": _("fees of the program"),
    "aggregator_rate": _("aggregator's part"),
    "exchange_usd_per_tonne": _("exchange's fee (USD a tonne)"),
    "region": _("region"),
    "rates": _("rates"),
    "practice": _("practice"),
    "irrigated": _("irrigated"),
    "vintage": _("year"),
    "vintage_from": _("from year"),
    "vintage_to": _("to year"),
    "t_per_hectare_year": _("t per hectare and year"),
    "t_per_acre_year": _("t per acre and year"),
    "source": _("source"),
    "area_m2": _("area (m²)"),
    "days": _("days counted"),
    "period_days": _("days of the period"),
    "years": _("part of the year"),
    "rate": _("rate"),
    "rate_unit": _("unit of the rate"),
    "rate_source": _("source of the rate"),
    "area_unit": _("unit of area"),
    "m2_per_unit": _("m² in a unit"),
    "area": _("area in that unit"),
    "gross_exact_kg": _("earned, as a fraction (kg)"),
    "gross_before_floor_kg": _("earned, before rounding down (kg)"),
    "reserve_exact_kg": _("reserve, as a fraction (kg)"),
    "reason": _("why nothing"),
    "withheld": _("why nothing"),
    "yes": _("yes"),
    "no": _("no"),
    "ha": _("ha"),
    "acre": _("acre"),
}


def region_name(region: str) -> str:
    """A published region as people write it; one of a project's own stays as it was typed."""
    return region.replace("-", " ").title() if region.isascii() and region.islower() else region


TERM_NAMES = {
    **_KEYS,
    **ZEROES,
    **dict(Practice.choices),
    **dict(Field.LandClass.choices),
}
