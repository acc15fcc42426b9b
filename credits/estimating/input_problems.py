"""Sentences of refused inputs and of cautions: codes in the methodologies, words here.

The methodologies are pure and may not translate; they hand out a place, a code and values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credits.methodologies.estimates import Caution
from credits.methodologies.inputs import Input, InputProblem, Number, Schema
from credits.methodologies.ipcc_n2o_tables import CROPS

PROBLEMS: Mapping[str, str | Promise] = {
    "missing": _("Nothing is given here. It is needed."),
    "unknown_input": _("This methodology asks for no such input. Mend the name or leave it out."),
    "not_an_object": _("A group of named inputs is needed here."),
    "not_a_list": _("A list of rows is needed here."),
    "not_a_number": _("This is not a number. Write digits, such as 12.5."),
    "not_whole": _("A whole number is needed, without decimals."),
    "not_text": _("A few words are needed here."),
    "not_a_day": _("This is not a day. Write it as 2025-06-30."),
    "not_yes_or_no": _("Yes or no is needed here: true or false."),
    "not_a_choice": _("One of these is needed: %(options)s."),
    "too_low": _("Too small: at least %(minimum)s %(unit)s."),
    "too_high": _("Too large: at most %(maximum)s %(unit)s."),
    "too_long": _("Too long: at most %(maximum)s characters."),
    "too_few_rows": _("Too few rows: at least %(minimum)s."),
    "too_many_rows": _("Too many rows: at most %(maximum)s."),
    "no_default": _("The published tables have no figure for this case. Give your own."),
    "no_rate": _(
        "The table has no rate for this practice, region, watering and year. Choose others, or "
        "give a rate of your own."
    ),
    "not_after_the_last": _("Changes stand in order of time: this one must come after the last."),
    "ends_before_start": _("The end must come after the start."),
    "more_than_all": _("Burnt and removed together are more than all there is."),
    "after_cultivation": _(
        "This day lies after the start of cultivation. Straw counts when it is worked in before."
    ),
    "straw_undated": _(
        "Straw counts by its time: give the days before cultivation, or both dates."
    ),
    "give_one_of": _("Exactly one of these is needed: %(options)s."),
    "twice": _("The name %(name)s stands here a second time. Give every row a name of its own."),
    "same_fields": _(
        "Situation %(name)s holds for the same fields: same practice, same watering. Say in what "
        "they differ, or join them."
    ),
    "shares_not_one": _("The shares come to %(total)s; together they must be 1."),
    "areas_differ": _("The areas of the strata come to %(total)s ha, which is not this area."),
    "core_too_shallow": _(
        "Core %(name)s does not reach down to %(wanted)s %(unit)s. Nothing is guessed below its "
        "deepest layer: choose a smaller mass or depth, or leave the core out."
    ),
    "stratum_of_one": _(
        "Stratum %(stratum)s has a single sample, so nothing is known of how its soil varies. "
        "Add a sample, or join it to another stratum."
    ),
    "unknown_stratum": _("Stratum %(stratum)s is not in the list of strata."),
    "stratum_not_sampled": _("Stratum %(stratum)s was not sampled in this round."),
    "layer_gap": _("This layer must begin where the one above ends, at %(above)s cm."),
    "layer_upside_down": _("A layer must end below where it begins."),
    "coarse_twice": _(
        "Fine earth over the whole volume already leaves coarse fragments out. Give one or the "
        "other."
    ),
    "more_carbon_than_soil": _("This is more carbon than the layer has soil."),
    "more_samples_than_units": _("Stratum %(stratum)s has more samples than units."),
    "two_rounds": _("This rule compares two rounds. Give the first and the last of the period."),
    "points_differ": _(
        "Stratum %(stratum)s: the same points are needed in both rounds, with the same names."
    ),
    "pairs_need_cores": _(
        "For the same points the cores themselves are needed, not the means of strata."
    ),
    "variance_missing": _(
        "This rule needs to know how the soil varies: give cores, or means of strata with their"
        " variance."
    ),
    "year_missing": _("A trend needs the year or the day of every round."),
    "years_not_rising": _("Rounds stand in order of time: each must come after the one before."),
}
# A bound that may not itself be reached; the methodology's code is the same.
_ABOVE = _("Too small: it must be more than %(minimum)s %(unit)s.")

CAUTIONS: Mapping[str, str | Promise] = {
    "change_within_error": _(
        "The change is smaller than its own error: the soil may have gained nothing, or lost."
    ),
    "no_default_below_ground": _(
        "The tables have no figure for the roots of %(crop)s; they are not counted."
    ),
    "water_not_known": _(
        "How the water is led is not known, so an average stands for it. Say it and the figure "
        "becomes your own."
    ),
    "pre_season_not_known": _(
        "The water before the season is not known, so an average stands for it."
    ),
    "combustion_in_fuel": _(
        "An amount of fuel that burns was given: the share that burns is in it already and is "
        "not applied again."
    ),
    "tilled_too_much": _(
        "More than a tenth of the field was tilled: the protocol then counts nothing."
    ),
    "uncertainty_share_not_given": _(
        "No deduction for the soil's uncertainty was given, so none is taken. A program will take "
        "one."
    ),
    "leakage_share_not_given": _(
        "No share for leakage was given, so none is taken. A program will take one."
    ),
    "no_baseline": _(
        "For %(part)s only the project was given. Before it nothing is counted, so the whole "
        "counts against the project."
    ),
    "tier_1_limit": _(
        "More than %(tonnes)s tonnes a year: VM0051 then asks for measurements or a model instead "
        "of the IPCC's own factors."
    ),
    "baseline_not_proven": _(
        "Season %(season)s: that the field stood under water throughout is not proven, so one "
        "drainage is taken for it."
    ),
    "climate_not_known": _(
        "The climate is not known, so factors of all climates together are taken."
    ),
    "urea_co2_not_counted": _(
        "Nitrogen of urea was given but no amount of urea: the carbon dioxide of the urea itself "
        "is not counted."
    ),
    "one_round": _(
        "One round is a stock, not a change: nothing is counted until the soil is sampled again."
    ),
    "area_not_given": _("No area is given: the figures are of one hectare."),
    "no_deduction": _(
        "No rule of uncertainty was chosen, so nothing is taken off. A program will take something."
    ),
    "cores_lengthened": _(
        "Round %(number)s: %(count)s of the cores hold less soil than the equivalent mass, so "
        "their deepest layer was thought longer, as this algorithm has it: %(names)s."
    ),
    "no_change": _("There is no change, so there is no uncertainty to relate to it."),
    "uncertainty_over_change": _(
        "The uncertainty is larger than the change itself: nothing can be credited."
    ),
    "error_over_limit": _(
        "The error is over %(limit)s%%: nothing can be credited under this rule."
    ),
}
# Units as the methodologies write them that read better as words, or not at all.
_UNITS: Mapping[str, str | Promise] = {
    "1": "",
    "year": "",
    "area_unit": "",
    "a": _("years"),
    "d": _("days"),
    "t CO2e/rate_unit/a": _("t CO2e a year"),
    "ha": _("ha"),
    "acre": _("acre"),
    "m²": _("m²"),
    "cm": _("cm"),
    "mm": _("mm"),
    "g": _("g"),
    "kg": _("kg"),
    "t": _("t"),
    "t/ha": _("t/ha"),
    "kg/ha": _("kg/ha"),
    "l/ha": _("l/ha"),
    "g/kg": _("g/kg"),
    "g/cm3": _("g/cm³"),
    "t d.m.": _("t of dry matter"),
    "t d.m./ha": _("t of dry matter/ha"),
    "t C": _("t C"),
    "t C/ha": _("t C/ha"),
    "(t C/ha)2": _("(t C/ha)²"),
    "t C/ha/a": _("t C/ha and year"),
    "t CO2/ha/a": _("t CO₂/ha and year"),
    "t CO2/t C": _("t CO₂/t C"),
    "kg CO2": _("kg CO₂"),
    "kg CO2/ha": _("kg CO₂/ha"),
    "kg CH4": _("kg CH₄"),
    "kg CH4/ha/d": _("kg CH₄/ha and day"),
    "kg N2O": _("kg N₂O"),
    "kg N2O/ha": _("kg N₂O/ha"),
    "kg N2O-N/ha": _("kg N₂O-N/ha"),
    "kg N": _("kg N"),
    "kg N/ha": _("kg N/ha"),
    "t CO2e": _("t CO₂e"),
    "kg CO2e": _("kg CO₂e"),
    "kg CO2e/ha": _("kg CO₂e/ha"),
}
_PARTS: Mapping[str, str | Promise] = {"nitrogen": _("fertiliser"), "burning": _("burning")}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem stands, in words; `item` is its input where the schema knows one."""

    words: str
    item: Input | None


def find_place(schema: Schema, place: str) -> Place:
    """The labels along a place such as ``changes[1].year``: "Changes, row 2, Year"."""
    words: list[str] = []
    item: Input | None = None
    inner: Schema | None = schema
    for name, row in re.findall(r"([^.\[\]]+)|\[(\d+)\]", place):
        if row:
            words.append(gettext("row %(number)s") % {"number": int(row) + 1})
            continue
        known = {key: one for one in inner.inputs for key in (one.name, *one.also)} if inner else {}
        item = known.get(name)
        words.append(gettext(item.label) if item else name)
        inner = getattr(item.kind, "schema", None) if item else None
    return Place(", ".join(words), item)


def problem_text(problem: InputProblem, schema: Schema) -> str:
    """What is wrong and how to mend it, without the place: for a page that shows it there."""
    item = find_place(schema, problem.place).item
    sentence = PROBLEMS.get(problem.code)
    if sentence is None:
        return problem.code
    values = dict(problem.values)
    if isinstance(kind := item.kind if item else None, Number):
        values["unit"] = unit_text(kind.unit)
        if problem.code == "too_low" and kind.above:
            sentence = _ABOVE
    for bound in ("minimum", "maximum"):
        if values.get(bound, "").isdecimal() and values.get("unit"):
            values[bound] = f"{int(values[bound]):,}"
    # A bound without a unit leaves a space before the full stop.
    return re.sub(r" +([.。])", r"\1", str(sentence) % values)


def placed_text(problem: InputProblem, schema: Schema) -> str:
    """The sentence after its place, in words and as a program names it."""
    place = find_place(schema, problem.place)
    return gettext("%(words)s (%(place)s): %(text)s") % {
        "words": place.words,
        "place": problem.place,
        "text": problem_text(problem, schema),
    }


def caution_text(caution: Caution) -> str:
    """What a reader should know before relying on the figure."""
    sentence = CAUTIONS.get(caution.code)
    if sentence is None:
        return caution.code
    values: dict[str, Any] = dict(caution.values)
    if "part" in values:
        values["part"] = _PARTS.get(values["part"], values["part"])
    if values.get("crop") in CROPS:
        values["crop"] = gettext(CROPS[values["crop"]].label)
    return str(sentence) % values


def unit_text(unit: str) -> str:
    """A unit as it is read beside a figure; empty for a plain ratio or a calendar year."""
    return str(_UNITS.get(unit, unit))
