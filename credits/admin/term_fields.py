"""The terms of a program as fields of a form: in people's units there, as JSON-able terms here.

Which terms are asked is the program's to say; a field left empty keeps the program's own value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, find_unknown
from credits.programs.releases import RELEASES
from credits.terms.names import (
    CORRECTION_RULE_NAMES,
    REVERSAL_RULE_NAMES,
    SAMPLE_RULE_NAMES,
    TERM_NAMES,
)
from credits.terms.program_terms import ROUNDINGS
from farms.models import Field

# In the form, since an empty choice there means "as the program has it".
NOT_APPLIED = "none"
FEES = "fees"


@dataclass(frozen=True, slots=True)
class TermField:
    """How one term is asked: a form field, and the way of its value there and back."""

    kind: type[forms.Field]
    label: Promise
    help_text: Promise | str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    show: Callable[[Any], Any] = lambda term: term
    read: Callable[[Any], Any] = lambda typed: typed

    def make(self, term: Any) -> forms.Field:
        """The field, filled with a term; one that the program does not know stands empty."""
        options = dict(self.options)
        if term is None and "choices" in options:
            options["choices"] = [("", "—"), *options["choices"]]
        return self.kind(
            label=self.label,
            help_text=self.help_text,
            required=False,
            initial=None if term is None else self.show(term),
            **options,
        )


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _percent(label: Promise, help_text: Promise | str = "") -> TermField:
    return TermField(
        forms.DecimalField,
        label,
        help_text,
        {"min_value": 0, "max_value": 100, "max_digits": 9, "decimal_places": 6},
        show=lambda rate: _plain(Decimal(rate) * 100),
        read=lambda typed: _plain(typed / 100),
    )


def _whole(label: Promise, help_text: Promise | str = "") -> TermField:
    return TermField(
        forms.IntegerField, label, help_text, {"min_value": 0, "max_value": 1_000_000_000}
    )


def _decimal(label: Promise, help_text: Promise | str = "") -> TermField:
    options = {"min_value": 0, "max_digits": 14, "decimal_places": 4}
    return TermField(
        forms.DecimalField,
        label,
        help_text,
        options,
        show=lambda term: _plain(Decimal(term)),
        read=_plain,
    )


def _read_words(typed: str) -> list[str]:
    for mark in "，、;；\n":
        typed = typed.replace(mark, ",")
    return [word.strip() for word in typed.split(",") if word.strip()]


def _choice(
    label: Promise,
    codes: Iterable[str],
    help_text: Promise | str = "",
    *,
    words: Mapping[str, Promise] = TERM_NAMES,
) -> TermField:
    choices = [(code, words[code]) for code in codes]
    return TermField(forms.ChoiceField, label, help_text, {"choices": choices})


def _years(label: Promise, help_text: Promise | str = "") -> TermField:
    return TermField(
        forms.RegexField,
        label,
        help_text,
        {"regex": r"^\s*\d{1,3}(\s*[,，、]\s*\d{1,3})*\s*$", "max_length": 100},
        show=lambda years: ", ".join(map(str, years)),
        read=lambda typed: sorted({int(each) for each in _read_words(typed)}),
    )


_GUARDS = [
    (NOT_APPLIED, _("not applied")),
    ("flag", _("shows what it finds")),
    ("refuse", _("refuses fields")),
]
TERM_FIELDS: dict[str, TermField] = {
    "minimum_term_years": _whole(
        _("Shortest contract (years)"), _("A project with a shorter contract is refused.")
    ),
    "permanence_years": _whole(
        _("Permanence (years)"), _("How long what was credited must stay in the soil.")
    ),
    "uncertainty_by_period": TermField(
        forms.BooleanField,
        _("Uncertainty told with each period"),
        _("Each period then has its own, of its round of monitoring; the rate below is not used."),
    ),
    "uncertainty_rate": _percent(
        _("Uncertainty deduction (%)"), _("Of all that the methodology finds; taken first.")
    ),
    "leakage_rate": _percent(
        _("Leakage deduction (%)"), _("Of what is left after uncertainty and project emissions.")
    ),
    "first_hold_rate": _percent(
        _("Held back in the first period (%)"),
        _("Taken from the project's first period only, after leakage."),
    ),
    "permanence_rate": _percent(
        _("Permanence deduction (%)"), _("It is never given back; it adds to the reserve.")
    ),
    "reserve_rate": _percent(
        _("Part held in reserve (%)"), _("It is not sold before it comes free.")
    ),
    "reserve_release": _choice(_("When the reserve comes free"), RELEASES),
    "reserve_release_years": _years(
        _("Years of its release"), _("For example 10, 20; only where it comes free by years.")
    ),
    "reserve_rounding": _choice(_("Rounding of the reserve"), ROUNDINGS),
    "minimum_lot_t": _whole(_("Smallest lot (t)"), _("No smaller sale is taken.")),
    "sample_rule": _choice(
        _("How the verifier's sample is drawn"), SAMPLE_RULE_NAMES, words=SAMPLE_RULE_NAMES
    ),
    "sample_rate": _percent(
        _("Part of the fields drawn (%)"), _("The verifier visits at least this part of them.")
    ),
    "sample_minimum": _whole(
        _("Fewest fields drawn (fields)"), _("Holds where the part above would be fewer.")
    ),
    "correction_rule": _choice(
        _("Correction after a verification"),
        CORRECTION_RULE_NAMES,
        _("What the verifier's form proposes where fields deviate; the choice is the verifier's."),
        words=CORRECTION_RULE_NAMES,
    ),
    "reversal_rule": _choice(
        _("What a loss of carbon takes"),
        REVERSAL_RULE_NAMES,
        _("All that the land ever earned, or the tonnes lost; the buffer answers first."),
        words=REVERSAL_RULE_NAMES,
    ),
    "longest_period_years": _whole(
        _("Longest period (years)"),
        _("A longer period is refused, since each is verified; 0 takes any."),
    ),
    "lookback_years": _whole(
        _("Years in which a practice must be new"),
        _("A field that was worked so in these years before the contract is refused; 0 asks none."),
    ),
    "minimum_area_m2": _decimal(
        _("Smallest field (m²)"), _("A mu is 666.67 m², a hectare 10,000 m²; 0 takes every field.")
    ),
    "farm_below_m2": _decimal(
        _("All land of a household below (m²)"),
        _("Fields of a household with as much land or more are refused; 0 takes all."),
    ),
    "least_price": _decimal(
        _("Least price of a tonne"), _("A sale below it in its currency is refused.")
    ),
    "excluded_land_classes": TermField(
        forms.MultipleChoiceField,
        _("Land left out"),
        _("Fields of the classes ticked here are refused."),
        {"choices": Field.LandClass.choices, "widget": forms.CheckboxSelectMultiple},
    ),
    "excluded_crops": TermField(
        forms.CharField,
        _("Crops left out"),
        _("Names with commas between them. A field that grew one in the contract is refused."),
        {"max_length": 500},
        show=", ".join,
        read=_read_words,
    ),
    "low_residue_years": _whole(
        _("Years with beans, peas or lentils at most"),
        _("Of the contract; a field earns nothing in a year beyond them."),
    ),
    "soybean_rate": _percent(
        _("Years with soybeans at most (%)"),
        _("Of the contract's years; a field earns nothing in a year beyond them."),
    ),
    "grain_guard": TermField(
        forms.ChoiceField,
        _("Grain guard"),
        _("What China's rules of cropland do to a field that breaks one."),
        {"choices": _GUARDS},
        show=lambda term: term or NOT_APPLIED,
        read=lambda typed: "" if typed == NOT_APPLIED else typed,
    ),
    "retroactive_agreements": TermField(
        forms.BooleanField,
        _("Agreements count before their signature"),
        _("Days of an agreement's term that lie before it was signed count, too."),
    ),
    "fees.farmer_rate": _percent(
        _("Farmers' part at least (%)"), _("Fees that leave less are refused.")
    ),
    "fees.aggregator_rate": _percent(
        _("Aggregator's part (%)"),
        _("Of the money received. The waterfall's rules are proposed from it."),
    ),
    "fees.local_partner_rate": _percent(_("Local partner's part (%)")),
    "fees.platform_rate": _percent(_("Platform's part (%)")),
    "fees.advisory_rate": _percent(_("Advisory service's part (%)")),
    "fees.marketing_rate": _percent(_("Marketing's part (%)")),
    "fees.program_rate": _percent(_("Program's part (%)")),
    "fees.exchange_usd_per_tonne": _decimal(
        _("Exchange's fee (USD a tonne)"), _("For information; the waterfall's rules decide.")
    ),
}


def make_term_fields(program: Program, *, guard: str) -> Iterator[tuple[str, forms.Field]]:
    """The fields of a program's terms by name; `guard` stands where it has no grain guard."""
    terms = dict(program.terms) | {"grain_guard": program.terms["grain_guard"] or guard}
    for name, term in _flat(terms):
        if name in TERM_FIELDS:
            yield field_name(program, name), TERM_FIELDS[name].make(term)


def read_terms(program: Program, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The terms that a clean form adapts; what was left empty is not among them."""
    terms: dict[str, Any] = {}
    for name, preset in _flat(program.terms):
        value = typed.get(field_name(program, name))
        if name not in TERM_FIELDS or value in (None, ""):
            continue
        read = TERM_FIELDS[name].read(value)
        # The same number, differently written, is the program's own; the guard's depends on where.
        if _is_same(read, preset) and name != "grain_guard":
            continue
        group, _dot, key = name.partition(".")
        if key:
            terms.setdefault(group, dict(program.terms[group]))[key] = read
        else:
            terms[name] = read
    return terms


def find_unanswered(program: Program, adapted: Mapping[str, Any]) -> list[str]:
    """The form's fields of what the program does not know and nobody has told yet."""
    return [field_name(program, term) for term in find_unknown({**program.terms, **adapted})]


def field_name(program: Program, term: str) -> str:
    return f"{program.id}-{term}"


def _flat(terms: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, term in terms.items():
        if name == FEES:
            yield from ((f"{FEES}.{key}", fee) for key, fee in term.items())
        else:
            yield name, term


def _is_same(read: Any, preset: Any) -> bool:
    if isinstance(read, str) and isinstance(preset, str) and read and preset:
        try:
            return Decimal(read) == Decimal(preset)
        except ArithmeticError:
            return read == preset
    return bool(read == preset)
