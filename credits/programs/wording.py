"""Programs offered for agreements: their first wording, and what fills the wording's places.

Read by the floor of the agreements, which knows programs only by what is registered there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.agreement_wording import AgreementProgram, Wording, register_agreement_program
from aggregator.formats import format_percent
from aggregator.models import Cooperative
from credits.models import Project
from credits.programs.ccx import CCX
from farms.models import Practice

_FOLDER = Path(__file__).parent / "wordings"
# What the program's methodology pays for, where no project says it yet.
_CCX_PRACTICES = ("no_till", "grass")


@dataclass(frozen=True, slots=True)
class Deductions:
    """What a project takes off its income: to compare, as words, and its rates in all (0-1)."""

    terms: list[list[str]]
    words: str
    rate: str


Reader = Callable[[Project], Deductions | None]
_DEDUCTIONS: list[Reader] = []


def register_deductions(read: Reader) -> None:
    """Let the floor of the money say what it takes off a project's income; None where no rule."""
    _DEDUCTIONS.append(read)


def read_wording(name: str) -> Wording:
    """A wording kept as two text files: the title, a blank line, the body."""
    title, body = _read_text(f"{name}.zh-hans.txt")
    title_en, body_en = _read_text(f"{name}.en.txt")
    return Wording(title, body, title_en, body_en)


def register_ccx() -> None:
    """Offer the soil offsets of the Chicago Climate Exchange for agreements."""
    register_agreement_program(
        AgreementProgram(
            id=CCX.id,
            name=CCX.name,
            wording=read_wording("ccx"),
            places={
                "reserve": _("part of the tonnes held in reserve"),
                "sold_part": _("part of the tonnes sold at once"),
                "deductions": _("what is taken off the income before it is shared"),
                "practices": _("the practices that earn"),
                "objection_days": _("days to object to a settlement"),
            },
            fill=fill_ccx,
            terms=read_terms,
            promise=_("On these plots you keep up: {practices}. They go on growing grain."),
            gain=_(
                "You get your share of every sale by your tonnes. First are taken off: "
                "{deductions}. {reserve} of the tonnes are held back until the last day, then "
                "shared too."
            ),
            revocation=_(
                "From that day these plots earn nothing. Tonnes and money of the days before stay. "
                "Their reserve is held to the last day of the agreement and is lost to the common "
                "reserve if the plots are not shown to be unploughed then."
            ),
            propose_term=partial(propose_term_of, program=CCX.id),
        )
    )


def read_terms(cooperative: Cooperative) -> dict[str, Any]:
    """The terms of the cooperative's newest project of the program; of the program without one."""
    project = newest_project(cooperative, CCX.id)
    terms: Mapping[str, Any] = project.terms if project else CCX.terms
    deductions = read_deductions_of(project)
    return {
        "reserve_rate": terms["reserve_rate"],
        "deductions": deductions.terms if deductions else _program_deductions(project),
        "practices": read_practices(project) or list(_CCX_PRACTICES),
        "objection_days": cooperative.objection_days,
    }


def fill_ccx(cooperative: Cooperative) -> dict[str, str]:
    """Those terms as words; what the project takes off as its own rules say it."""
    terms = read_terms(cooperative)
    deductions = read_deductions_of(newest_project(cooperative, CCX.id))
    fee = deductions.rate if deductions else terms["deductions"][0][1]
    reserve = terms["reserve_rate"]
    usual = _(
        "the fees of exchange and registry; the cost of checking; the cooperative's fee of %(fee)s "
        "of the income before the first two"
    )
    return {
        "reserve": format_percent(reserve),
        "sold_part": format_percent(str(1 - Decimal(reserve))),
        "deductions": deductions.words if deductions else usual % {"fee": format_percent(fee)},
        # In wordings kept from before the deductions had a place of their own.
        "aggregator_fee": format_percent(fee),
        "practices": join_words([str(Practice(code).label) for code in terms["practices"]]),
        "objection_days": str(terms["objection_days"]),
    }


def read_practices(project: Project | None) -> list[str]:
    """Codes of the practices that the project's own rates pay for."""
    rates = project.parameters.get("rates", []) if project else []
    codes = dict.fromkeys(rate["practice"] for rate in rates)
    return [code for code in codes if code in Practice]


def read_deductions_of(project: Project | None) -> Deductions | None:
    """What the floor of the money takes off a project's income; None without rules."""
    found = (read(project) for read in _DEDUCTIONS if project is not None)
    return next((deductions for deductions in found if deductions), None)


def _program_deductions(project: Project | None) -> list[list[str]]:
    fees = project.terms["fees"] if project else {}
    return [["rate_of_gross", fees.get("aggregator_rate", CCX.terms["fees"]["aggregator_rate"])]]


def propose_term_of(cooperative: Cooperative, *, program: str) -> tuple[date, date] | None:
    """From today to the end of the newest running project of a program."""
    project = newest_project(cooperative, program)
    today = timezone.localdate()
    if project is None or project.ends_on < today:
        return None
    return max(today, project.starts_on), project.ends_on


def newest_project(cooperative: Cooperative, program: str) -> Project | None:
    """The project of a program that began last."""
    rows = Project.objects.for_cooperative(cooperative).filter(program=program)
    newest: Project | None = rows.order_by("-starts_on", "-pk").first()
    return newest


def join_words(words: list[str]) -> str:
    """Words as a list in the reader's language."""
    # Translators: stands between the items of a list.
    return str(_(", ")).join(words)


def _read_text(name: str) -> tuple[str, str]:
    title, _blank, body = (_FOLDER / name).read_text(encoding="utf-8").partition("\n\n")
    return title.strip(), body
