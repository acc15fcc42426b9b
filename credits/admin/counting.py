"""The count of a period at the desk: its buttons, the page that waits for it, how it ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import OPERATOR, VERIFIER
from aggregator.models import User
from aggregator.object_actions import ObjectAction, register_action
from aggregator.units import format_tonnes
from credits import tasks
from credits.counting.quantification_jobs import (
    Counted,
    CountIsOver,
    cancel_count,
    close_or_request,
    count_or_request,
    job_at_work,
)
from credits.models import MonitoringPeriod, QuantificationJob, QuantificationRun

Period = MonitoringPeriod.Status
Job = QuantificationJob.Status


def show_count(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """How far the period's count is, or how the last one ended."""
    period: MonitoringPeriod = admin.own_object(request, object_id)
    job = period.jobs.select_related("run").first()
    if job is None:
        return HttpResponseRedirect(_address(period))
    if job.status == Job.DONE:
        messages.success(request, _say_run(job.run))
        return HttpResponseRedirect(_address(period))
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Count of the period"),
        "opts": admin.opts,
        "period": period,
        "job": job,
        "at_work": job.status in QuantificationJob.AT_WORK,
        "words": describe_job(job),
        "may_cancel": _is_operator(request.user),
    }
    return TemplateResponse(request, "admin/period_count.html", context)


def show_count_progress(admin: Any, request: HttpRequest, object_id: int) -> JsonResponse:
    """What the page of the count asks once a second."""
    period: MonitoringPeriod = admin.own_object(request, object_id)
    job = period.jobs.first()
    if job is None:
        return JsonResponse({"at_work": False})
    return JsonResponse(
        {
            "at_work": job.status in QuantificationJob.AT_WORK,
            "words": describe_job(job),
            "done": job.fields_done,
            "total": job.fields_total,
        }
    )


def describe_job(job: QuantificationJob) -> str:
    """What the count is at, in a sentence."""
    if job.status == Job.PENDING:
        return str(_("The count waits for a worker."))
    if job.status == Job.CANCELLED:
        return str(_("The count was broken off. The period is as it was."))
    if job.status == Job.FAILED:
        return str(_("The count ended without a result. The period is as it was."))
    if job.turn > 1:
        return str(_("Records changed meanwhile: what they touch is counted again."))
    return str(_("The fields are being counted."))


def _is_operator(user: Any) -> bool:
    return bool(user.is_superuser or user.role == User.Role.OPERATOR)


def _address(period: MonitoringPeriod, page: str = "change") -> str:
    return reverse(f"admin:credits_monitoringperiod_{page}", args=[period.pk])


def _say_run(run: QuantificationRun) -> str:
    return _("%(tonnes)s t sellable. Fingerprint of the results: %(sha256)s") % {
        "tonnes": format_tonnes(run.credited_kg),
        "sha256": run.results_sha256[:12],
    }


def _answer(request: HttpRequest, counted: Counted) -> HttpResponse:
    """To the period where it is counted, to the page that waits where a worker counts it."""
    if isinstance(counted, QuantificationJob):
        tasks.run_quantification.delay_on_commit(counted.pk)
        return HttpResponseRedirect(_address(counted.period, "count"))
    messages.success(request, _say_run(counted))
    return HttpResponseRedirect(_address(counted.period))


def _cancel(period: MonitoringPeriod, *, by: User) -> None:
    job = job_at_work(period)
    if job is None:
        raise CountIsOver
    cancel_count(job, by=by)


def _is_free(period: MonitoringPeriod) -> bool:
    return job_at_work(period) is None


register_action(
    MonitoringPeriod,
    ObjectAction(
        name="close",
        label=_("Close the period and count its tonnes"),
        roles=OPERATOR,
        rule=close_or_request,
        allowed=lambda period, _user: period.status == Period.OPEN and _is_free(period),
        explain=lambda period: [
            _("Records of %(starts_on)s to %(ends_on)s are counted as they stand now.")
            % {"starts_on": period.starts_on, "ends_on": period.ends_on},
            _("A period can be closed on its last day or later, not before."),
            _("The verifier looks at this count; whoever closes the period cannot verify it."),
        ],
        respond=_answer,
    ),
)
register_action(
    MonitoringPeriod,
    ObjectAction(
        name="repeat",
        label=_("Count again"),
        roles=OPERATOR | VERIFIER,
        rule=count_or_request,
        allowed=lambda period, _user: period.status != Period.ISSUED and _is_free(period),
        explain=lambda _period: [
            _("The same records give the same fingerprint. Nothing that is verified changes."),
        ],
        respond=_answer,
        primary=False,
    ),
)
register_action(
    MonitoringPeriod,
    ObjectAction(
        name="cancel-count",
        label=_("Break the count off"),
        roles=OPERATOR,
        rule=_cancel,
        allowed=lambda period, _user: not _is_free(period),
        explain=lambda _period: [
            _("The period stays as it is. A later count goes on from where this one stops."),
        ],
        done=lambda _result: _("The count is broken off."),
        primary=False,
    ),
)
