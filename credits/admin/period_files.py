"""Files of a closed period that its staff and its verifier take along."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import APPROVER, OPERATOR, VERIFIER
from aggregator.object_actions import ObjectAction, register_action
from credits.models import MonitoringPeriod
from credits.period_package import PackageFile, export_period


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
