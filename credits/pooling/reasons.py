"""Why a field was refused, or why days on it earned nothing: codes kept, sentences read.

A reason is a JSON object with a ``code`` and its values; the sentence is made in the reader's
language when it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from farms.grain_guard import advice_text, flag_text, rule_name
from farms.models import Field, Practice

# Reasons of the enrolment check.
REFUSALS = {
    "no_boundary": _("The field has no boundary."),
    "no_tenure": _("Nobody is recorded as holding the field from %(starts_on)s to %(ends_on)s."),
    "no_membership": _(
        "Household %(household)s is not a member from %(starts_on)s to %(ends_on)s."
    ),
    "agreement_missing_days": _(
        "Household %(household)s has no signed agreement from %(starts_on)s to %(ends_on)s."
    ),
    "agreement_without_field": _(
        "Household %(household)s has signed for other fields or another program, but not for this "
        "field, from %(starts_on)s to %(ends_on)s."
    ),
    "counted_elsewhere": _(
        "Another project has counted the field's tonnes from %(starts_on)s to %(ends_on)s."
    ),
    "overlaps_counted": _(
        "%(percent)s%% of the field overlaps land whose tonnes have been counted already; they are "
        "not counted twice."
    ),
    "too_many_low_residue_years": _(
        "Beans, peas or lentils grew in more years of the contract than the program allows: year "
        "%(year)s of it earns nothing."
    ),
    "too_many_soybean_years": _(
        "Soybeans grew in more years of the contract than the program allows: year %(year)s of it "
        "earns nothing."
    ),
    "days_kept": _("In the pool from %(starts_on)s to %(ends_on)s: these days still count."),
    "below_minimum_area": _("The field has %(area_m2)s m²; at least %(minimum_m2)s m² are asked."),
    "farm_too_large": _(
        "The household works %(area_m2)s m² in all; the program takes farms below %(limit_m2)s m²."
    ),
    "practised_before": _(
        "%(practice)s was done here in %(year)s already: the program asks for what is new."
    ),
    "excluded_land_class": _("Land of this class (%(land_class)s) cannot be enrolled."),
    "excluded_crop": _("A field that grew %(crop)s cannot be enrolled."),
    "enrolled_in_project": _("The field is already enrolled in project %(project)s."),
    "enrolled_elsewhere": _("A field with this parcel code is already enrolled elsewhere."),
    "overlaps_enrolled": _("%(percent)s%% of the field overlaps a field that is already enrolled."),
}

# Reasons a result earned nothing: found by the methodology, or withheld by us.
ZEROES = {
    "no_creditable_practice": _("No practice that earns was recorded."),
    "below_one_kilogram": _("Less than one kilogram."),
    "no_reduction": _("By the methodology this land gave off no less than before."),
    "no_figure": _("The methodology has no figure for this period."),
    "no_tenure": _("The contract for the field is not recorded for these days."),
    "no_membership": _("The household was not a member on these days."),
    "agreement_missing_days": _("No signed agreement covered these days."),
    "agreement_without_field": _("The agreement of these days does not name this field."),
    "counted_elsewhere": _("Another project has counted these days already."),
    "overlaps_counted": _(
        "Another field covers land of this one, and its tonnes of these days have been counted."
    ),
    "too_many_low_residue_years": _(
        "Beans, peas or lentils grew here in more years of the contract than the program allows."
    ),
    "too_many_soybean_years": _(
        "Soybeans grew here in more years of the contract than the program allows."
    ),
    "voided_by_verification": _("The verifier found that the practice did not take place."),
}


def reason_text(reason: Mapping[str, Any]) -> str:
    """The sentence of a refusal; an unknown code (of an older version) is shown as it stands."""
    if reason["code"] == "grain_guard":
        return guard_text(reason)
    sentence = REFUSALS.get(reason["code"])
    if sentence is None:
        return str(reason["code"])
    values = dict(reason)
    if "land_class" in values:
        values["land_class"] = Field.LandClass(values["land_class"]).label
    if "practice" in values:
        values["practice"] = dict(Practice.choices).get(values["practice"], values["practice"])
    return str(sentence) % values


def guard_text(reason: Mapping[str, Any]) -> str:
    """A flag of the grain guard with its name, what is wrong, and what to do."""
    rule = str(reason["rule"])
    facts = {key: str(value) for key, value in reason.items()}
    return gettext("Grain guard, %(name)s: %(text)s %(advice)s") % {
        "name": rule_name(rule),
        "text": flag_text(rule, facts, reason.get("since")),
        "advice": advice_text(rule),
    }


def zero_text(terms: Mapping[str, str]) -> str:
    """Why a result's terms gave nothing, as a sentence; empty for one that earned."""
    code = terms.get("withheld") or terms.get("reason", "")
    return str(ZEROES.get(code, code))
