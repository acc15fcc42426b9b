"""Pages of the clerk's desk: one practice or sight for many fields, and the farmers' reports.

Hold no rule: they choose, show what would happen, and call the rule in the reader's name.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.errors import DomainError
from aggregator.keys import read_key
from aggregator.models import Cooperative, User
from farms.entry_forms import EntryForm, SightForm, crop_choices
from farms.evidence_checks import doubt_text
from farms.field_choice import FieldChoiceForm
from farms.models import Evidence, Field, Observation
from farms.observations import record_observations
from farms.practice_entry import EntryPlan, enter_practice, plan_entry
from farms.reports import confirm_reports, refuse_reports, waiting_reports

_SHOWN = 50
_A_PAGE = 50


def enter_for_many(request: HttpRequest) -> HttpResponse:
    """Choose fields and a practice, see what would happen, write it."""
    user, cooperative = _desk(request, User.Role.OPERATOR)
    sent = request.POST or None
    choice, form = FieldChoiceForm(sent, request=request), EntryForm(sent, request=request)
    plan = None
    if sent and choice.is_valid() and form.is_valid():
        ids = choice.field_ids()
        try:
            if "write" in request.POST:
                plan = enter_practice(cooperative, form.entry(), by=user, field_ids=ids)
                for warning in plan.warnings:
                    messages.warning(request, warning)
                messages.success(request, _written(plan))
                return redirect("admin:farms_practicerecord_changelist")
            plan = plan_entry(cooperative, form.entry(), field_ids=ids)
        except DomainError as error:
            messages.error(request, str(error))
    context = {
        "title": _("Enter a practice for many fields"),
        "choice": choice,
        "form": form,
        "plan": plan,
        "crops": crop_choices(),
        "shown": plan.fresh[:_SHOWN] if plan else [],
        "more": max(len(plan.fresh) - _SHOWN, 0) if plan else 0,
        "lists": ("admin:farms_practicerecord_changelist", _("Practice records")),
    }
    return _show(request, "admin/practice_entry.html", context)


def enter_sights(request: HttpRequest) -> HttpResponse:
    """Choose fields and say what was seen on them; the second press writes."""
    user, cooperative = _desk(request, User.Role.OPERATOR, User.Role.VERIFIER)
    sent = request.POST or None
    choice, form = FieldChoiceForm(sent, request=request), SightForm(sent, label_suffix="")
    fields: list[Field] = []
    total = 0
    if sent and choice.is_valid() and form.is_valid():
        ids = choice.field_ids()
        said = form.cleaned_data
        if "write" in request.POST:
            try:
                number = record_observations(
                    cooperative,
                    by=user,
                    field_ids=ids,
                    seen=Observation.Seen(said["seen"]),
                    seen_on=said["seen_on"],
                    words=(said["source"], said["note"]),
                )
            except DomainError as error:
                messages.error(request, str(error))
            else:
                text = ngettext(
                    "%(count)d observation entered.", "%(count)d observations entered.", number
                )
                messages.success(request, text % {"count": number})
                return redirect("admin:farms_observation_changelist")
        total = len(ids)
        fields = list(Field.objects.for_user(user).filter(pk__in=ids[:_SHOWN]))
    context = {
        "title": _("Enter what was seen on many fields"),
        "choice": choice,
        "form": form,
        "sights": total,
        "shown": fields,
        "more": max(total - _SHOWN, 0),
        "lists": ("admin:farms_observation_changelist", _("Observations")),
    }
    return _show(request, "admin/practice_entry.html", context)


def show_reports(request: HttpRequest) -> HttpResponse:
    """The farmers' reports that wait, with their pictures; confirm or refuse many at once."""
    user, cooperative = _desk(request, User.Role.OPERATOR)
    if request.method == "POST":
        _decide_reports(request, user, cooperative)
        return redirect("practice-reports")
    evidence = Prefetch("evidence", Evidence.objects.order_by("pk"))
    waiting = waiting_reports(cooperative).select_related("field", "season", "reported_by")
    page = Paginator(waiting.prefetch_related(evidence), _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Farmers' reports"),
        "page": page,
        "reports": [
            {"record": record, "evidence": [_describe(row) for row in record.evidence.all()]}
            for record in page
        ],
        "lists": ("admin:farms_practicerecord_changelist", _("Practice records")),
    }
    return _show(request, "admin/practice_reports.html", context)


def _describe(row: Evidence) -> dict[str, Any]:
    return {"row": row, "doubts": [doubt_text(code) for code in row.doubts]}


def _decide_reports(request: HttpRequest, user: User, cooperative: Cooperative) -> None:
    keys = [key for each in request.POST.getlist("report") if (key := read_key(each))]
    if not keys:
        messages.warning(request, _("Tick at least one report."))
        return
    try:
        if "confirm" in request.POST:
            number = confirm_reports(cooperative, by=user, keys=keys)
            text = ngettext("%(count)d report confirmed.", "%(count)d reports confirmed.", number)
        else:
            reason = request.POST.get("reason", "")
            number = refuse_reports(cooperative, by=user, keys=keys, reason=reason)
            text = ngettext("%(count)d report refused.", "%(count)d reports refused.", number)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, text % {"count": number})


def _written(plan: EntryPlan) -> str:
    number = len(plan.fresh)
    text = ngettext("Entered for %(count)d field.", "Entered for %(count)d fields.", number)
    return text % {"count": number}


def _desk(request: HttpRequest, *roles: str) -> tuple[User, Cooperative]:
    """Who reads, and for which cooperative; a superuser without one has no desk here."""
    user = request.user
    if not isinstance(user, User) or user.cooperative is None:
        raise PermissionDenied
    if not (user.is_superuser or user.role in roles):
        raise PermissionDenied
    return user, user.cooperative


def _show(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, admin.site.each_context(request) | context)
