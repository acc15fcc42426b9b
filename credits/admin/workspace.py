"""The page of a period's work: which fields fail which check, at what cost, and where to mend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aggregator.units import format_tonnes
from credits.counting.gaps import CHECKS, COMPLETE, CheckSum, PeriodGaps
from credits.models import MonitoringPeriod, QuantificationRun
from credits.terms.period_uncertainty import is_asked, told_uncertainty
from credits.terms.requirements import list_requirements

_PAGE = 50
_TENURES, _RECORDS = "admin:farms_tenure_changelist", "admin:farms_practicerecord_changelist"
_OVERLAPS, _ENROLMENTS = "admin:farms_overlap_changelist", "admin:credits_enrolment_changelist"
_AGREEMENTS, _RESULTS = (
    "admin:aggregator_agreement_changelist",
    "admin:credits_fieldresult_changelist",
)
_FIELD, _OUTLINE = "admin:farms_field_change", "redraw-field"
_HOUSEHOLD, _VERIFICATIONS = (
    "admin:aggregator_household_change",
    "admin:credits_verification_changelist",
)
# check -> what to do, and the page on which it is done; of lists, what narrows them.
MENDS: dict[str, tuple[Any, str]] = {
    "no_boundary": (_("Draw the boundary"), _OUTLINE),
    "below_minimum_area": (_("Look at the boundary"), _OUTLINE),
    "farm_too_large": (_("Look at who works it"), _TENURES),
    "excluded_land_class": (_("Look at the land class"), _FIELD),
    "excluded_crop": (_("Look at the crops"), _RECORDS),
    "grain_guard": (_("Look at the field"), _FIELD),
    "overlaps_enrolled": (_("Look at the overlap"), _OVERLAPS),
    "enrolled_elsewhere": (_("Look at the parcel code"), _FIELD),
    "enrolled_in_project": (_("Look at the enrolments"), _ENROLMENTS),
    "no_tenure": (_("Record the contract"), _TENURES),
    "no_membership": (_("Look at the household"), _HOUSEHOLD),
    "agreement_missing_days": (_("Look at the agreements"), _AGREEMENTS),
    "agreement_without_field": (_("Look at the agreements"), _AGREEMENTS),
    "counted_elsewhere": (_("Look at the enrolments"), _ENROLMENTS),
    "overlaps_counted": (_("Look at the overlap"), _OVERLAPS),
    "practised_before": (_("Look at the practice records"), _RECORDS),
    "no_creditable_practice": (_("Record the practice"), _RECORDS),
    "too_many_low_residue_years": (_("Look at the crops"), _RECORDS),
    "too_many_soybean_years": (_("Look at the crops"), _RECORDS),
    "no_figure": (_("Look at the result"), _RESULTS),
    "no_reduction": (_("Look at the result"), _RESULTS),
    "below_one_kilogram": (_("Look at the result"), _RESULTS),
    "voided_by_verification": (_("Look at the verification"), _VERIFICATIONS),
    "no_evidence": (_("Add evidence"), _RECORDS),
    COMPLETE: (_("Look at the result"), _RESULTS),
}
_BY_FIELD = {_TENURES, _RECORDS, _ENROLMENTS}


def show_workspace(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Sums of each check, and the fields of one, the dearest first."""
    period: MonitoringPeriod = admin.own_object(request, object_id)
    gaps = PeriodGaps(period)
    check = request.GET.get("check", "")
    check = check if check in MENDS else ""
    begins = request.GET.get("q", "").strip()
    sums, whole, complete = gaps.sums(), gaps.whole(), gaps.complete()
    paginator = Paginator(gaps.rows(check, begins=begins), _PAGE)
    if not begins:
        # The sums have counted them: counting the union again would double the page's time.
        paginator.count = _count(sums, complete, check)
    page = paginator.get_page(request.GET.get("p"))
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Work of the period"),
        "opts": admin.opts,
        "period": period,
        "run": gaps.run,
        "sellable": format_tonnes(gaps.run.credited_kg) if gaps.run else "",
        "complete": complete,
        "complete_check": COMPLETE,
        "sums": [_sum(row, check) for row in sums],
        "whole": {"fields": whole.fields, "tonnes": format_tonnes(whole.kg)},
        "asked": _asked(period),
        "check": check,
        "check_name": _("complete") if check == COMPLETE else CHECKS.get(check, ""),
        "begins": begins,
        "page": page,
        "rows": _rows(list(page), gaps.run),
    }
    return TemplateResponse(request, "admin/period_workspace.html", context)


def _count(sums: Iterable[CheckSum], complete: int, check: str) -> int:
    if check == COMPLETE:
        return complete
    return sum(row.fields for row in sums if check in ("", row.check))


def _asked(period: MonitoringPeriod) -> list[dict[str, Any]]:
    """What the program asks of a person for the period, and where it is told."""
    found: list[dict[str, Any]] = [
        {"name": each.name, "seen": each.reference, "url": _action(period, "requirements")}
        for each in list_requirements(period)
    ]
    if is_asked(period):
        told = told_uncertainty(period)
        seen = f"{told.rate * 100:.4g}% – {told.source}" if told else ""
        name = _("uncertainty of the period")
        found.append({"name": name, "seen": seen, "url": _action(period, "uncertainty")})
    return found


def _action(period: MonitoringPeriod, name: str) -> str:
    return reverse("admin:credits_monitoringperiod_do", args=[period.pk, name])


def _sum(row: CheckSum, chosen: str) -> dict[str, Any]:
    return {
        "check": row.check,
        "name": CHECKS[row.check],
        "fields": row.fields,
        "tonnes": format_tonnes(row.kg),
        "chosen": row.check == chosen,
        "at_risk": row.check == "no_evidence",
    }


def _rows(rows: list[dict[str, Any]], run: QuantificationRun | None) -> list[dict[str, Any]]:
    fields = [row["field_id"] for row in rows]
    holders: Mapping[int, int] = {}
    if run is not None:
        held = run.results.filter(field__in=fields).order_by("starts_on")
        holders = dict(held.values_list("field_id", "household_id"))
    return [_row(row, holders.get(row["field_id"]), run) for row in rows]


def _row(
    row: dict[str, Any], household: int | None, run: QuantificationRun | None
) -> dict[str, Any]:
    field, check = row["field_id"], row["gap"]
    label, page = MENDS[check]
    if household is None and page in (_AGREEMENTS, _HOUSEHOLD):
        # Never counted: who holds it stands with the contracts.
        label, page = _("Look at who holds it"), _TENURES
    return {
        "code": row["code"],
        "url": reverse(_FIELD, args=[field]),
        "name": _("complete") if check == COMPLETE else CHECKS[check],
        "tonnes": format_tonnes(row["kg"]),
        "mend": label,
        "mend_url": _address(page, row, household, run),
    }


def _address(
    page: str, row: dict[str, Any], household: int | None, run: QuantificationRun | None
) -> str:
    if page in (_FIELD, _OUTLINE):
        return reverse(page, args=[row["field_id"]])
    if page == _HOUSEHOLD:
        return reverse(page, args=[household])
    narrowed: dict[str, Any] = {"q": row["code"]}
    if page in _BY_FIELD:
        narrowed = {"field__id__exact": row["field_id"]}
    elif page == _AGREEMENTS:
        narrowed = {"household__id__exact": household}
    elif page == _RESULTS and run is not None:
        narrowed["run__id__exact"] = run.pk
    elif page == _VERIFICATIONS and run is not None:
        narrowed = {"period__id__exact": run.period_id}
    return f"{reverse(page)}?{urlencode(narrowed)}"
