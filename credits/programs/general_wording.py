"""One wording for the agreements of every program that has none of its own.

What it says of tonnes held back and money taken off is the project's; it states no figure that
neither the program nor a project knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from aggregator.agreement_wording import AgreementProgram, register_agreement_program
from aggregator.formats import format_percent
from aggregator.models import Cooperative
from credits.models import Project
from credits.programs.base import Program
from credits.programs.wording import (
    join_words,
    newest_project,
    propose_term_of,
    read_deductions_of,
    read_practices,
    read_wording,
)
from credits.terms.changes import say_term
from credits.terms.names import TERM_NAMES

_KEPT_BACK = (
    "uncertainty_rate",
    "leakage_rate",
    "first_hold_rate",
    "permanence_rate",
    "reserve_rate",
)


def register_program(program: Program) -> None:
    """Offer a program for agreements by the common wording."""
    register_agreement_program(
        AgreementProgram(
            id=program.id,
            name=program.name,
            wording=read_wording("program"),
            places={
                "kept_back": _("what is taken of the tonnes before the sale"),
                "release": _("when the reserve comes free"),
                "deductions": _("what is taken off the income before it is shared"),
                "practices": _("the practices that earn"),
                "objection_days": _("days to object to a settlement"),
            },
            fill=partial(_fill, program),
            terms=partial(_read_terms, program),
            promise=_("On these plots you keep up: {practices}."),
            gain=_(
                "You get your share of every sale by your tonnes. First are taken off: "
                "{deductions}."
            ),
            revocation=_(
                "From that day these plots earn nothing. Tonnes and money of the days before stay."
            ),
            propose_term=partial(propose_term_of, program=program.id),
        )
    )


def programs_in_use(cooperative: Cooperative) -> list[str]:
    """The programs that the cooperative has projects of."""
    rows = Project.objects.for_cooperative(cooperative).order_by()
    return list(rows.values_list("program", flat=True).distinct())


def _read_terms(program: Program, cooperative: Cooperative) -> dict[str, Any]:
    project = newest_project(cooperative, program.id)
    terms: Mapping[str, Any] = project.terms if project else program.terms
    deductions = read_deductions_of(project)
    return {
        **{name: terms.get(name) for name in (*_KEPT_BACK, "reserve_release")},
        "deductions": deductions.terms if deductions else _fees(terms),
        "practices": read_practices(project),
        "objection_days": cooperative.objection_days,
    }


def _fill(program: Program, cooperative: Cooperative) -> dict[str, str]:
    terms = _read_terms(program, cooperative)
    deductions = read_deductions_of(newest_project(cooperative, program.id))
    fees = [
        f"{TERM_NAMES.get(name, name)} {format_percent(fee)}" for name, fee in terms["deductions"]
    ]
    kept = [
        f"{TERM_NAMES[name]} {format_percent(terms[name])}"
        for name in _KEPT_BACK
        if terms[name] is not None and Decimal(terms[name])
    ]
    open_still = str(_("as the project with this program states it"))
    return {
        "kept_back": join_words(kept) or open_still,
        "release": say_term("", terms["reserve_release"]) if kept else open_still,
        "deductions": deductions.words if deductions else join_words(fees) or open_still,
        "practices": join_words([str(TERM_NAMES[code]) for code in terms["practices"]])
        or open_still,
        "objection_days": str(terms["objection_days"]),
    }


def _fees(terms: Mapping[str, Any]) -> list[list[str]]:
    """The fees that are known and taken; the farmers' own part is none."""
    return [
        [name, fee]
        for name, fee in terms.get("fees", {}).items()
        if fee is not None and name.endswith("_rate") and name != "farmer_rate" and Decimal(fee)
    ]
