"""The desk's pages for asking a methodology: the list, and the form with its answer.

Open to every role of staff: nothing is read of a cooperative and nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from credits import estimate_charts, estimation
from credits.estimate_form import change_rows, draw_form, drop_empty_rows, read_form
from credits.input_problems import unit_text
from credits.methodologies.estimates import Estimate, Estimator
from credits.methodologies.inputs import InputProblem, InputsRefused

_LINES = 30


@require_safe
def list_estimates(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("Estimate"),
        "methodologies": estimation.list_methodologies(),
        **admin.site.each_context(request),
    }
    return render(request, "admin/estimates/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def show_estimate(request: HttpRequest, id: str) -> HttpResponse:
    """The form of a methodology; sent, the answer above it, or each problem at its place."""
    try:
        estimator = estimation.find_estimator(id)
    except estimation.UnknownMethodology as unknown:
        raise Http404(str(unknown)) from unknown
    data, problems, answer = _read(request, estimator)
    if answer and "json" in request.POST:
        return _download(estimator, answer["told"])
    head = estimation.describe_methodology(estimator)
    context = {
        "title": head["title"],
        "methodology": head,
        "form": draw_form(estimator.schema, data, problems),
        "problem_count": len(problems),
        "answer": answer,
        **admin.site.each_context(request),
    }
    status = 400 if problems else 200
    return render(request, "admin/estimates/estimate.html", context, status=status)


def _read(
    request: HttpRequest, estimator: Estimator
) -> tuple[dict[str, Any], list[InputProblem], dict[str, Any] | None]:
    """What was typed, what is wrong with it, and the answer where it was asked for."""
    if request.method != "POST":
        return (dict(estimator.example) if "example" in request.GET else {}), [], None
    data = read_form(estimator.schema, request.POST)
    for word, grow in (("more", True), ("less", False)):
        if word in request.POST:
            change_rows(data, request.POST[word][:200], grow=grow)
            return data, [], None
    data = drop_empty_rows(estimator.schema, data)
    try:
        return data, [], _answer(estimator, data)
    except InputsRefused as refusal:
        return data, refusal.problems, None


def _answer(estimator: Estimator, data: dict[str, Any]) -> dict[str, Any]:
    estimate = estimator.estimate(data)
    told = estimation.describe_answer(estimator, data, estimate)
    return {
        "told": told,
        "co2e": write_tonnes(abs(told["co2e_kg"])),
        "is_removal": told["co2e_kg"] < 0,
        "credited": None if estimate.credited_kg is None else write_tonnes(estimate.credited_kg),
        "gases": [
            (estimate_charts.GAS_NAMES[gas], write_number(mass))
            for gas, mass in told["gases_kg"].items()
        ],
        # So many lines would push the form out of sight.
        "is_long": len(told["terms"]) > _LINES,
        "terms": [_term(term) for term in told["terms"]],
        **_charts(estimator, data, estimate),
    }


def _charts(estimator: Estimator, data: dict[str, Any], estimate: Estimate) -> dict[str, Any]:
    """Soil over the years where there is only soil; bars for all else."""
    soil = estimate_charts.draw_soil(estimator, data)
    if soil:
        return {"soil": soil, "bars": []}
    bars = (estimate_charts.draw_sides(estimate), estimate_charts.draw_gases(estimate))
    return {"soil": None, "bars": [chart for chart in bars if chart]}


def _term(term: Mapping[str, Any]) -> dict[str, str]:
    value = term["value"]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    plain = term["unit"] == "year" or not is_number
    return {
        "name": term["name"],
        "value": str(value) if plain else write_number(value),
        "unit": unit_text(term["unit"]),
        "formula": term["formula"],
        "source": _("given") if term["source"] == "given" else term["source"],
    }


def _download(estimator: Estimator, told: Mapping[str, Any]) -> HttpResponse:
    text = json.dumps(told, ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json")
    name = f"{estimator.id}.json"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def write_tonnes(kg: float) -> str:
    """Kilograms as tonnes with three decimals, a true minus before what is below zero."""
    return f"{kg / 1000:,.3f}".replace("-", "−")


def write_number(value: float) -> str:
    """Six significant digits, grouped, without an exponent or zeros at the end."""
    if value == 0:
        return "0"
    text = f"{value:,.6g}"
    if "e" in text:
        text = f"{value:,.0f}" if abs(value) >= 1 else f"{value:.12f}".rstrip("0")
    elif abs(value) >= 1000 and "." not in text:
        text = f"{value:,.3f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")
