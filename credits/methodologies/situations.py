"""A project's fields counted by an estimator: each by the situation it is in, area by area.

May not read a database, a clock or a file. A project's parameters name situations: a practice, how
the field is watered, and the estimator's inputs for one hectare. A field is in the situation that
fits it best: one of its own practice goes before one for any, then one of its own watering before
one for both, then the one that stands first. It earns ``area × kg per hectare × days / period
days``, exact until the kilogram at the end; an estimate is linear in its area, so this is what the
estimator would answer for the field itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import Any

from aggregator.periods import Period
from aggregator.units import M2_PER_HECTARE
from credits.methodologies.base import Activity, ParameterProblem, Quantity, decimal_text
from credits.methodologies.estimates import Term
from credits.methodologies.gwp import GWP_INPUT
from credits.methodologies.inputs import (
    Choice,
    Group,
    Input,
    InputProblem,
    InputsRefused,
    Rows,
    Schema,
    Text,
)
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.per_hectare import Asked, Hectare, PerHectare
from credits.methodologies.prepared import Prepared

# Of the arithmetic here; with the estimator's own version it names how a project is counted.
VERSION = "1"
PRACTICES = {
    "no_till": _("no-till"),
    "reduced_till": _("reduced till"),
    "straw_return": _("straw return"),
    "organic_fertiliser": _("organic fertiliser"),
    "soil_test_fertilising": _("soil-test fertilising"),
    "intermittent_irrigation": _("intermittent irrigation"),
    "fallow": _("fallow rotation"),
    "grass": _("grass planting"),
}
_ANY = "any"
_EARNING = {_ANY: _("any practice that earns")} | PRACTICES
_WATERED = {_ANY: _("any field"), "yes": _("irrigated fields"), "no": _("dry fields")}
_GAS_PLACES = 9
_M2_PER_HECTARE = int(M2_PER_HECTARE)


@dataclass(frozen=True, slots=True)
class Situation:
    """One row of a project's parameters, as read; `practice` and `irrigated` are empty for any."""

    number: int
    name: str
    practice: str
    irrigated: str
    values: Mapping[str, Any]

    @property
    def place(self) -> str:
        return f"situations[{self.number}]"

    def fits(self, practices: tuple[str, ...], irrigated: str) -> bool:
        return (not self.practice or self.practice in practices) and (
            self.irrigated in ("", irrigated)
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """A situation in a period: exact kilograms of a hectare, and the terms all its fields share."""

    gross_kg: Fraction
    emitted_kg: Fraction
    terms: Mapping[str, str]


class Plan:
    """A project's situations with what they came to, each period once."""

    def __init__(self, reading: PerHectare, situations: list[Situation], gwp: str) -> None:
        self._reading, self.situations, self.gwp = reading, situations, gwp
        self._found: dict[tuple[tuple[str, ...], str], Situation | None] = {}
        self._counted: dict[tuple[int, Period], Counted | None] = {}

    def find(self, practices: tuple[str, ...], irrigated: str) -> Situation | None:
        """The situation a field with these practices is in; None without any that earns."""
        key = (practices, irrigated)
        if key not in self._found:
            earning = tuple(code for code in practices if code in PRACTICES)
            fitting = [one for one in self.situations if earning and one.fits(earning, irrigated)]
            self._found[key] = min(
                fitting,
                key=lambda one: (not one.practice, not one.irrigated, one.number),
                default=None,
            )
        return self._found[key]

    def ask(self, situation: Situation, period: Period) -> Hectare:
        """One hectare of it.

        Raises:
            InputsRefused: the methodology has no figure for this period.
        """
        asked = Asked(situation.practice, situation.irrigated, self.gwp, period)
        return self._reading.ask(situation.values, asked)

    def count(self, situation: Situation, period: Period) -> Counted | None:
        """As `ask`, remembered; None where the methodology has no figure."""
        key = (situation.number, period)
        if key not in self._counted:
            try:
                hectare = self.ask(situation, period)
            except InputsRefused:
                self._counted[key] = None
            else:
                terms = _shared_terms(hectare, self.gwp)
                self._counted[key] = Counted(hectare.gross_kg, hectare.emitted_kg, terms)
        return self._counted[key]


class BySituation:
    """A methodology for projects made of an estimator; its id, and both versions."""

    def __init__(self, reading: PerHectare) -> None:
        self._reading = reading
        self._plans = Prepared(self._plan)
        self.id = reading.estimator.id
        self.version = f"{reading.estimator.version}.{VERSION}"
        self.practices = frozenset(PRACTICES)

    @property
    def title(self) -> str:
        return self._reading.estimator.title

    @cached_property
    def schema(self) -> Schema:
        """Of a project's parameters, for pages and for reading."""
        return parameters_schema(self._reading.schema)

    def check_parameters(self, parameters: Mapping[str, Any]) -> list[ParameterProblem]:
        """All problems of a project's parameters, each with its place
        (``situations[1].inputs.soil.climate``)."""
        try:
            plan = self._plan(parameters)
        except InputsRefused as refusal:
            return [_of_parameters(each) for each in refusal.problems]
        problems = [_of_parameters(each) for each in _ambiguous(plan.situations)]
        for situation in plan.situations:
            problems += self._refused(plan, situation)
        return problems

    def quantify(self, activity: Activity, parameters: Mapping[str, Any]) -> Quantity:
        """Kilograms of one activity.

        Args:
            activity: the field's area, practices, irrigation and days.
            parameters: a project's, already checked.

        Returns:
            ``floor(area_ha × kg_per_ha × days / period days)`` in kilograms CO2e given off less,
            exact until the floor, and what the project gives off more beside it, exact. Without a
            situation: zero, reason ``no_creditable_practice``.
        """
        plan = self._plans.of(parameters)
        practices = tuple(sorted(activity.practices))
        irrigated = "yes" if activity.irrigated else "no"
        terms = {
            "area_m2": str(activity.area_m2),
            "vintage": str(activity.vintage),
            "irrigated": irrigated,
            "days": str(activity.span.days),
            "period_days": str(activity.period.days),
        }
        situation = plan.find(practices, irrigated)
        if situation is None:
            return Quantity(0, "", terms | {"reason": "no_creditable_practice"})
        terms |= {"situation": situation.name}
        counted = plan.count(situation, activity.period)
        if counted is None:
            return Quantity(0, "", terms | {"reason": "no_figure"})
        area = Fraction(activity.area_m2)
        # One fraction of whole numbers: several products would take longer than all the rest.
        share = Fraction(
            area.numerator * activity.span.days,
            area.denominator * _M2_PER_HECTARE * activity.period.days,
        )
        gross = share * counted.gross_kg
        emitted = share * counted.emitted_kg if counted.emitted_kg else counted.emitted_kg
        practice = situation.practice or next(code for code in practices if code in PRACTICES)
        terms |= {
            "practice": practice,
            "area_ha": _hectares(activity.area_m2),
            **counted.terms,
            "gross_before_floor_kg": decimal_text(gross, 6),
        }
        if gross - emitted < 1:
            nothing = gross <= emitted
            reason = "no_reduction" if nothing else "below_one_kilogram"
            return Quantity(0, "", terms | {"reason": reason})
        return Quantity(floor(gross), practice, terms, emissions_kg=emitted)

    def deducts(self, parameters: Mapping[str, Any]) -> dict[str, str]:
        """The program's terms that situations deduct themselves, by name: the first one's place."""
        taken: dict[str, str] = {}
        for situation in self._plans.of(parameters).situations:
            for name in sorted(self._reading.takes(situation.values)):
                taken.setdefault(name, situation.place)
        return taken

    def describe_situations(
        self, parameters: Mapping[str, Any], period: Period
    ) -> list[dict[str, Any]]:
        """Every situation with all its terms, exact as texts: what a stranger compares with."""
        plan = self._plans.of(parameters)
        return [self._describe(plan, situation, period) for situation in plan.situations]

    def _describe(self, plan: Plan, situation: Situation, period: Period) -> dict[str, Any]:
        head = {
            "name": situation.name,
            "practice": situation.practice,
            "irrigated": situation.irrigated,
            "gwp": plan.gwp,
        }
        try:
            hectare = plan.ask(situation, period)
        except InputsRefused as refusal:
            return head | {"refused": [f"{each.place}: {each.code}" for each in refusal.problems]}
        return head | describe_hectare(hectare)

    def _plan(self, parameters: Mapping[str, Any]) -> Plan:
        read = self.schema.read(_spell_any(parameters))
        situations = [
            Situation(
                number,
                row["name"],
                row["practice"].replace(_ANY, ""),
                row["irrigated"].replace(_ANY, ""),
                row["inputs"],
            )
            for number, row in enumerate(read["situations"])
        ]
        return Plan(self._reading, situations, read["gwp"])

    def _refused(self, plan: Plan, situation: Situation) -> list[ParameterProblem]:
        """What the methodology refuses in every period that was tried."""
        problems: list[InputProblem] = []
        for period in self._reading.trials:
            try:
                plan.ask(situation, period)
            except InputsRefused as refusal:
                problems = refusal.problems
            else:
                return []
        return [
            ParameterProblem(_placed(situation, each.place), each.code, each.values)
            for each in problems
        ]


def parameters_schema(inputs: Schema) -> Schema:
    """A project's parameters for an estimator with these inputs of a hectare."""
    situation = Schema(
        (
            Input(
                "name",
                _("Name"),
                Text(80),
                help=_("As fields in it are called on statements: terraces, no-till since 2024."),
            ),
            Input("practice", _("Practice recorded"), Choice(_EARNING), default=_ANY),
            Input("irrigated", _("Holds for"), Choice(_WATERED), default=_ANY),
            Input("inputs", _("Figures for one hectare"), Group(inputs)),
        )
    )
    rows = Rows(situation, fewest=1, most=40)
    return Schema((Input("situations", _("Situations of the fields"), rows), GWP_INPUT))


def describe_hectare(hectare: Hectare) -> dict[str, Any]:
    """A hectare's figures as texts, fractions as they are."""
    return {
        "gross_kg_per_ha": str(hectare.gross_kg),
        "emitted_kg_per_ha": str(hectare.emitted_kg),
        "gases_kg_per_ha": {gas: str(mass) for gas, mass in hectare.gases_kg.items()},
        "terms": [_describe_term(term) for term in hectare.terms],
        "cautions": [{"code": each.code, "values": dict(each.values)} for each in hectare.cautions],
    }


def _describe_term(term: Term) -> dict[str, str]:
    return {
        "name": term.name,
        "value": str(term.value),
        "unit": term.unit,
        "formula": term.formula,
        "source": term.source,
    }


def _shared_terms(hectare: Hectare, gwp: str) -> dict[str, str]:
    """What a result keeps of its situation: short, since a million rows have it."""
    terms = {"gwp": gwp, "kg_per_ha": str(hectare.gross_kg)}
    if hectare.emitted_kg:
        terms["emitted_kg_per_ha"] = str(hectare.emitted_kg)
    return terms | {
        f"{gas}_kg_per_ha": _short(mass) for gas, mass in sorted(hectare.gases_kg.items()) if mass
    }


def _hectares(area_m2: Decimal) -> str:
    """Exact: a hectare is ten thousand square metres."""
    text = format(area_m2.scaleb(-4), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _short(mass: Fraction) -> str:
    text = decimal_text(abs(mass), _GAS_PLACES)
    return f"-{text}" if mass < 0 else text


def _placed(situation: Situation, place: str) -> str:
    """A problem of the practice is the situation's own; all others are of its inputs."""
    return f"{situation.place}.{'' if place == 'practice' else 'inputs.'}{place}"


def _of_parameters(problem: InputProblem) -> ParameterProblem:
    return ParameterProblem(problem.place, problem.code, problem.values)


def _ambiguous(situations: list[Situation]) -> list[InputProblem]:
    """Two of the same name, or for the same fields, would leave open which one holds."""
    problems = []
    for number, one in enumerate(situations):
        before = situations[:number]
        if any(one.name == other.name for other in before):
            problems.append(InputProblem(f"{one.place}.name", "twice", {"name": one.name}))
        same = [each for each in before if _fields_of(each) == _fields_of(one)]
        if same:
            values = {"name": same[0].name}
            problems.append(InputProblem(f"{one.place}.practice", "same_fields", values))
    return problems


def _fields_of(situation: Situation) -> tuple[str, str]:
    return situation.practice, situation.irrigated


def _spell_any(parameters: Any) -> Any:
    """True, false and what is not given as the schema has them: yes, no, any."""
    if not isinstance(parameters, Mapping) or not isinstance(parameters.get("situations"), list):
        return parameters
    rows = [_spell_row(row) for row in parameters["situations"]]
    return {**parameters, "situations": rows}


def _spell_row(row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    spelt = dict(row)
    if isinstance(spelt.get("irrigated"), bool):
        spelt["irrigated"] = "yes" if spelt["irrigated"] else "no"
    for name in ("practice", "irrigated"):
        if spelt.get(name) in (None, ""):
            spelt[name] = _ANY
    return spelt
