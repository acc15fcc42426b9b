"""The form that sets up a project: what it is, its program's terms, and rates of its own.

Nothing of it is typed as code: each term and each rate is a field with its unit.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aggregator.object_actions import ActionForm, DayField
from credits.admin import rate_rows
from credits.admin.situation_part import SituationPart
from credits.admin.term_fields import find_unanswered, make_term_fields, read_terms
from credits.methodologies.ccx_soil import PUBLISHED_RATES, CcxSoil
from credits.programs.base import Program
from credits.registry import BY_SITUATION, METHODOLOGIES, METHODOLOGY_NAMES, PROGRAMS
from credits.terms.names import TERM_NAMES, region_name
from farms.grain_guard import guards_grain

FIRST_ROWS, MORE_ROWS = 2, 3
_OF_RATES = ("region", "own_region")


class ProjectForm(ActionForm):
    page_part = "admin/credits/project/set_up.html"

    class Media:
        css = {"all": ["tianhui/estimate.css"]}
        js = ["tianhui/estimate.js"]

    code = forms.SlugField(
        label=_("Code"),
        max_length=32,
        help_text=_("Short, in Latin letters, digits and hyphens: terraces. It opens each serial."),
    )
    name = forms.CharField(label=_("Name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    program = forms.ChoiceField(label=_("Program"))
    methodology = forms.ChoiceField(
        label=_("Methodology"), help_text=_("How tonnes are computed; it stays for good.")
    )
    starts_on = DayField(
        label=_("Contract from"),
        help_text=_("The first day of the contract with the program."),
    )
    ends_on = DayField(
        label=_("Contract to"),
        help_text=_("Its last day; the program asks for a shortest term."),
    )
    region = forms.ChoiceField(
        label=_("Region"),
        required=False,
        help_text=_("Whose published rates apply. Elsewhere, name your own region and its rates."),
    )
    own_region = forms.CharField(
        label=_("Region of your own"),
        max_length=64,
        required=False,
        help_text=_("Only where no published region fits, for example a county's name."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._main = list(self.fields)
        self.fields["program"].choices = [  # type: ignore[attr-defined]
            (key, each.name) for key, each in PROGRAMS.items()
        ]
        self.fields["methodology"].choices = [  # type: ignore[attr-defined]
            (key, METHODOLOGY_NAMES.get(key, key)) for key in METHODOLOGIES
        ]
        regions = sorted({rate.region for rate in PUBLISHED_RATES})
        self.fields["region"].choices = [  # type: ignore[attr-defined]
            ("", _("none of these")),
            *((region, region_name(region)) for region in regions),
        ]
        guard = "flag" if guards_grain(self.subject) else ""
        terms = dict(make_term_fields(self.shown_program, guard=guard))
        self.fields.update(terms)
        if self.is_bound and self._wants_terms:
            # Else a program shown for the first time would show its terms empty, and lists the
            # first of their choices, which would then be sent as if somebody had chosen it.
            self.data = _with_initial(self.data, terms)
        for row in self._rows:
            self.fields.update(rate_rows.make_row(row, unit=self.subject.area_unit))

    @cached_property
    def _rows(self) -> range:
        """Numbers of the rows from 1; a button that needs no script asks for more of them."""
        asked = str(self.data.get("rate_rows") or FIRST_ROWS)
        count = int(asked) if asked.isascii() and asked.isdigit() else FIRST_ROWS
        more = MORE_ROWS if self._wants_rows else 0
        return range(1, min(count + more, rate_rows.MOST_ROWS) + 1)

    @property
    def _wants_rows(self) -> bool:
        return "more_rows" in self.data

    @property
    def _wants_terms(self) -> bool:
        """Whether another program was chosen than the one whose terms were seen."""
        seen = self.data.get("terms_of", self.shown_program.id)
        return "show_terms" in self.data or seen != self.shown_program.id

    @cached_property
    def shown_program(self) -> Program:
        """The one whose terms are shown: the chosen one, or the first."""
        return PROGRAMS.get(self.data.get("program", "")) or next(iter(PROGRAMS.values()))

    def main_fields(self) -> list[forms.BoundField]:
        """Without the region where the methodology has no rates of regions."""
        left_out = _OF_RATES if self.situation_part else ()
        return [self[name] for name in self._main if name not in left_out]

    @cached_property
    def shown_methodology(self) -> str:
        """The id of the one whose parameters are shown: the chosen one, or the first."""
        chosen = self.data.get("methodology", "")
        return chosen if chosen in METHODOLOGIES else next(iter(METHODOLOGIES))

    @property
    def methodology_name(self) -> Any:
        return METHODOLOGY_NAMES.get(self.shown_methodology, self.shown_methodology)

    @cached_property
    def situation_part(self) -> SituationPart | None:
        """The chosen methodology's situations; None where it has rates."""
        by_situation = BY_SITUATION.get(self.shown_methodology)
        return SituationPart(by_situation, self.data) if by_situation else None

    def situation_controls(self) -> list[Any]:
        return self.situation_part.draw().controls if self.situation_part else []

    def situation_problems(self) -> list[str]:
        return self.situation_part.elsewhere() if self.situation_part else []

    @property
    def _wants_inputs(self) -> bool:
        """Whether another methodology was chosen than the one whose inputs were seen."""
        seen = self.data.get("inputs_of", self.shown_methodology)
        return "show_inputs" in self.data or seen != self.shown_methodology

    def asked_fields(self) -> list[forms.BoundField]:
        """What the program does not say."""
        return [field for field in self._term_fields() if field.name in self._unknown]

    def known_fields(self) -> list[forms.BoundField]:
        return [field for field in self._term_fields() if field.name not in self._unknown]

    def must_have(self) -> list[Any]:
        """The documents and conditions of the program, which people look after."""
        terms = self.shown_program.terms
        return [TERM_NAMES[code] for code in (*terms["documents"], *terms["conditions"])]

    def _term_fields(self) -> list[forms.BoundField]:
        opening = f"{self.shown_program.id}-"
        return [self[name] for name in self.fields if name.startswith(opening)]

    @cached_property
    def _unknown(self) -> list[str]:
        return find_unanswered(self.shown_program, {})

    def rate_groups(self) -> list[dict[str, Any]]:
        """The fields of each row of the rates, with its number and what is wrong in it."""
        groups = []
        for row in self._rows:
            fields = [self[rate_rows.field_name(row, column)] for column in rate_rows.COLUMNS]
            wrong = [
                {"row": row, "label": field.label, "said": said}
                for field in fields
                for said in field.errors
            ]
            groups.append({"row": row, "fields": fields, "wrong": wrong})
        return groups

    @property
    def row_count(self) -> int:
        return len(self._rows)

    @property
    def _wants_more(self) -> bool:
        changed = self.situation_part is not None and self.situation_part.wants_rows
        return self._wants_rows or self._wants_terms or self._wants_inputs or changed

    def full_clean(self) -> None:
        if not self._wants_more:
            return super().full_clean()
        # Asked for more rows or other terms, nothing is judged yet.
        self._errors, self.cleaned_data = ErrorDict(), {}
        return None

    def is_valid(self) -> bool:
        return not self._wants_more and super().is_valid()

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("methodology") == CcxSoil.id:
            self._check_parameters(self._parameters())
        elif self.situation_part and not self.situation_part.check():
            count = len(self.situation_part.problems)
            self.add_error(None, _say_marked(count))
        for name in find_unanswered(self.shown_program, read_terms(self.shown_program, typed)):
            if name in self.fields and name not in self.errors:
                self.add_error(name, _("The program does not say this; your contract does."))
        return typed

    def values(self) -> dict[str, Any]:
        typed = self.cleaned_data
        names = ("code", "name", "name_en", "program", "methodology", "starts_on", "ends_on")
        return {
            **{name: typed[name] for name in names},
            "terms": read_terms(PROGRAMS[typed["program"]], typed),
            "parameters": (
                self.situation_part.parameters if self.situation_part else self._parameters()
            ),
        }

    def _parameters(self) -> dict[str, Any]:
        typed = self.cleaned_data
        region = (typed.get("own_region") or "").strip() or typed.get("region") or ""
        rates = [rate_rows.read_row(row, typed, region=region) for row in self._filled()]
        return {"region": region} | ({"rates": rates} if rates else {})

    def _filled(self) -> list[int]:
        # By what was sent: a field that could not be read is missing from the clean ones.
        sent = {name: self.data.get(name) for name in self.fields if name.startswith("rate-")}
        return [row for row in self._rows if rate_rows.is_filled(row, sent)]

    def _check_parameters(self, parameters: dict[str, Any]) -> None:
        if not parameters["region"]:
            self.add_error("region", _("Choose a region, or name one of your own below."))
            # The rows are judged all the same, so that all that is wrong is said at once.
            parameters = self._in_some_region(parameters)
        filled = self._filled()
        for problem in METHODOLOGIES[CcxSoil.id].check_parameters(parameters):
            name, said = rate_rows.place_problem(problem, filled)
            if name == "region" and self.cleaned_data.get("own_region"):
                name, said = "own_region", str(_("Give at least one rate of your own for it."))
            if name not in self.errors:
                missing = self.data.get(name) in (None, "") and name.startswith("rate-")
                self.add_error(name, _("it is missing.") if missing else said)

    @staticmethod
    def _in_some_region(parameters: dict[str, Any]) -> dict[str, Any]:
        rates = [rate | {"region": "?"} for rate in parameters.get("rates", [])]
        return parameters | {"region": "?", "rates": rates}


def _say_marked(count: int) -> str:
    said = ngettext(
        "%(count)s place cannot be used as it is; it is marked below.",
        "%(count)s places cannot be used as they are; they are marked below.",
        count,
    )
    return said % {"count": count}


def _with_initial(data: Any, fields: dict[str, forms.Field]) -> Any:
    """What was sent, with the fields' first values in the places of what was not."""
    filled = data.copy()
    for name, field in fields.items():
        if name not in filled and field.initial not in (None, "", False):
            many = isinstance(field, forms.MultipleChoiceField)
            filled.setlist(name, field.initial if many else [str(field.initial)])
    return filled
