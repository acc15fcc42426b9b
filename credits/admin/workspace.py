"""The page of a period's work: which fields fail which check, at what cost, and where to mend."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aggregator.units import format_tonnes
from credits.models import MonitoringPeriod
from credits.period_gaps import CHECKS, PeriodGaps

_PAGE = 50
# check -> what to do, and the list of one field's rows where it is done
_MENDS: dict[str, tuple[Any, str]] = {
    "no_boundary": (_("Draw the boundary"), "redraw-field"),
    "no_tenure": (_("Record the contract"), "admin:farms_tenure_changelist"),
    "no_creditable_practice": (_("Record the practice"), "admin:farms_practicerecord_changelist"),
    "no_evidence": (_("Add evidence"), "admin:farms_practicerecord_changelist"),
    "overlaps_enrolled": (_("Look at the overlap"), "admin:farms_overlap_changelist"),
}
_AGREEMENTS = {"no_membership", "agreement_missing_days", "agreement_without_field"}


def show_workspace(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Sums of each check, and the fields of one, the dearest first."""
    period: MonitoringPeriod = admin.own_object(request, object_id)
    gaps = PeriodGaps(period)
    check = request.GET.get("check", "")
    check = check if check in CHECKS else ""
    begins = request.GET.get("q", "").strip()
    sums = gaps.sums()
    page = Paginator(gaps.rows(check, begins=begins), _PAGE).get_page(request.GET.get("p"))
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Work of the period"),
        "opts": admin.opts,
        "period": period,
        "run": gaps.run,
        "sellable": format_tonnes(gaps.run.credited_kg) if gaps.run else "",
        "complete": gaps.complete(),
        "sums": [_sum(row, check) for row in sums],
        "check": check,
        "check_name": CHECKS.get(check, ""),
        "begins": begins,
        "page": page,
        "rows": [_row(row) for row in page],
    }
    return TemplateResponse(request, "admin/period_workspace.html", context)


def _sum(row: Any, chosen: str) -> dict[str, Any]:
    return {
        "check": row.check,
        "name": CHECKS[row.check],
        "fields": row.fields,
        "tonnes": format_tonnes(row.kg),
        "chosen": row.check == chosen,
        "at_risk": row.check == "no_evidence",
    }


def _row(row: dict[str, Any]) -> dict[str, Any]:
    field, check = row["field_id"], row["gap"]
    label, url = _mend(check, field)
    return {
        "code": row["code"],
        "url": reverse("admin:farms_field_change", args=[field]),
        "name": CHECKS[check],
        "tonnes": format_tonnes(row["kg"]),
        "mend": label,
        "mend_url": url,
    }


def _mend(check: str, field: int) -> tuple[Any, str]:
    if check in _AGREEMENTS:
        tenures = reverse("admin:farms_tenure_changelist")
        return _("Look at who holds it"), f"{tenures}?field__id__exact={field}"
    if check not in _MENDS:
        return _("Look at the field"), reverse("admin:farms_field_change", args=[field])
    label, name = _MENDS[check]
    if name == "redraw-field":
        return label, reverse(name, args=[field])
    return label, f"{reverse(name)}?field__id__exact={field}"
