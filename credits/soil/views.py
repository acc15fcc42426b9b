"""A soil sampling round's answer as a page, its inputs and its published list as files."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aggregator.errors import DomainError
from credits.estimating.estimation import find_estimator
from credits.estimating.input_problems import placed_text
from credits.estimating.views import answer_page
from credits.methodologies.inputs import InputsRefused
from credits.models import SoilCampaign, SoilReport
from credits.soil.estimate import METHODOLOGY, export_inputs
from credits.soil.population import unpack_list
from credits.soil.reports import open_report


@require_safe
def show_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What the round comes to, with every term; or in words why it cannot be said."""
    campaign = _own(request, pk)
    estimator = find_estimator(METHODOLOGY)
    answer: dict[str, Any] | None = None
    problems: list[str] = []
    try:
        answer = answer_page(estimator, export_inputs(campaign, by=_staff(request)))
    except InputsRefused as refusal:
        problems = [placed_text(problem, estimator.schema) for problem in refusal.problems]
    except DomainError as refusal:
        problems = [str(refusal)]
    context = {
        "title": _("Carbon of %(round)s") % {"round": campaign},
        "campaign": campaign,
        "answer": answer | {"is_long": False} if answer else None,
        "stock": _stock(answer) if answer else "",
        "problems": problems,
        **admin.site.each_context(request),
    }
    return render(request, "admin/credits/soil_answer.html", context)


@require_safe
def download_inputs(request: HttpRequest, pk: int) -> HttpResponse:
    """The round as the file that ``manage.py estimate measured-soc --input`` takes."""
    campaign = _own(request, pk)
    try:
        inputs = export_inputs(campaign, by=_staff(request))
    except DomainError as refusal:
        return HttpResponse(str(refusal), status=refusal.status, content_type="text/plain")
    return _file(write_inputs(inputs).encode(), f"{_name(campaign)}-measured-soc.json")


@require_safe
def download_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The published list, byte for byte as its hash has it."""
    campaign = _own(request, pk)
    return _file(unpack_list(campaign), f"{_name(campaign)}-list.json")


@require_safe
def download_report(request: HttpRequest, pk: int) -> HttpResponse:
    """A laboratory's sheet as it came; never shown inside our own origin."""
    rows = SoilReport.objects.for_user(_staff(request)).select_related("campaign__project")
    report = get_object_or_404(rows, pk=pk)
    try:
        content = open_report(report, by=_staff(request))
    except DomainError as refusal:
        return HttpResponse(str(refusal), status=refusal.status, content_type="text/plain")
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, report.file_name) or ""
    response["Cache-Control"] = "private, no-store"
    return response


def write_inputs(inputs: dict[str, Any]) -> str:
    """JSON with numbers as people write them."""
    return json.dumps(inputs, ensure_ascii=False, indent=1, default=_number)


def _number(value: Any) -> int | float:
    if not isinstance(value, Decimal):
        raise TypeError(f"{value!r} is not JSON")
    return int(value) if value == value.to_integral_value() else float(value)


def _stock(answer: dict[str, Any]) -> str:
    """The soil's carbon of a first round, t C; of later ones the change is what counts."""
    terms = {term["name"]: str(term["value"]) for term in answer["terms"]}
    return terms.get("stock_t_c", "")


def _own(request: HttpRequest, pk: int) -> SoilCampaign:
    rows = SoilCampaign.objects.for_user(_staff(request)).select_related("project", "follows")
    return get_object_or_404(rows, pk=pk)


def _staff(request: HttpRequest) -> Any:
    return request.user


def _name(campaign: SoilCampaign) -> str:
    return f"{campaign.project.code}-{campaign.number}"


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/json")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
