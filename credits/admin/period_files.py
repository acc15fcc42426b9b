"""Files of a closed period that its staff and its verifier take along."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import APPROVER, OPERATOR, VERIFIER
from aggregator.object_actions import ActionForm, ObjectAction, register_action
from credits.counting.package import PackageFile, export_period
from credits.counting.report import ReportFile, report_period
from credits.models import MonitoringPeriod


def _send(_request: HttpRequest, file: PackageFile) -> FileResponse:
    response = FileResponse(file.content, as_attachment=True, filename=file.name)
    response["Cache-Control"] = "no-store"
    return response


def _is_closed(period: MonitoringPeriod, _user: Any) -> bool:
    return period.status != MonitoringPeriod.Status.OPEN


register_action(
    MonitoringPeriod,
    ObjectAction(
        name="package",
        label=_("Take the figures along"),
        roles=OPERATOR | APPROVER | VERIFIER,
        rule=export_period,
        allowed=_is_closed,
        explain=lambda _period: [
            _(
                "A ZIP with every field's area, practices, days, rates and kilograms, as CSV, JSON"
                " and a GeoPackage of the outlines."
            ),
            _("With it comes a short script: anyone with Python counts the tonnes again."),
            _("Households are named by their codes only."),
        ],
        respond=_send,
        primary=False,
    ),
)


class ReportForm(ActionForm):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


def _send_report(_request: HttpRequest, file: ReportFile) -> HttpResponse:
    named = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(
        file.content, "application/pdf", headers=named | {"Cache-Control": "no-store"}
    )


register_action(
    MonitoringPeriod,
    ObjectAction(
        name="report",
        label=_("Monitoring report (PDF)"),
        roles=OPERATOR | APPROVER | VERIFIER,
        rule=report_period,
        form=ReportForm,
        allowed=_is_closed,
        explain=lambda _period: [
            _("Figures with their formulas and sources, a map, the sample and its findings."),
            _("Households are named by their codes only."),
        ],
        respond=_send_report,
        primary=False,
    ),
)
