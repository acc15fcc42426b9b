"""The desk's pages for asking a methodology: the list, and the form with its answer.

Open to every role of staff: nothing is read of a cooperative and nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aggregator.errors import DomainError
from credits.estimating import charts as estimate_charts
from credits.estimating import estimation
from credits.estimating.form import (
    change_rows,
    draw_form,
    drop_empty_rows,
    is_cut,
    list_places,
    read_form,
)
from credits.estimating.input_problems import placed_text, unit_text
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


@dataclass(slots=True)
class Asked:
    """What was sent, what is wrong with it, and the answer where it was asked for."""

    data: Any
    problems: list[InputProblem] = field(default_factory=list)
    answer: dict[str, Any] | None = None
    refusal: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def show_estimate(request: HttpRequest, id: str) -> HttpResponse:
    """The form of a methodology; sent, the answer above it, or each problem at its place."""
    try:
        estimator = estimation.find_estimator(id)
    except estimation.UnknownMethodology as unknown:
        raise Http404(str(unknown)) from unknown
    asked = _read(request, estimator)
    if asked.answer and "json" in request.POST:
        return _download(estimator, asked.answer["told"])
    head = estimation.describe_methodology(estimator)
    data = asked.data if isinstance(asked.data, dict) else {}
    form = draw_form(estimator.schema, data, asked.problems)
    shown = list_places(form)
    context = {
        "title": head["title"],
        "methodology": head,
        "form": form,
        "asked": asked,
        # Of a file: what the form has no place for.
        "elsewhere": [
            placed_text(each, estimator.schema)
            for each in asked.problems
            if each.place not in shown
        ],
        "is_cut": is_cut(estimator.schema, data),
        "answer": asked.answer,
        **admin.site.each_context(request),
    }
    status = 400 if asked.problems or asked.refusal else 200
    return render(request, "admin/estimates/estimate.html", context, status=status)


def _read(request: HttpRequest, estimator: Estimator) -> Asked:
    if request.method != "POST":
        return Asked(
            dict(estimator.example) if "example" in request.GET else _told(request, estimator)
        )
    if "file" in request.POST:
        return _read_file(request, estimator)
    data = read_form(estimator.schema, request.POST)
    for word, grow in (("more", True), ("less", False)):
        if word in request.POST:
            change_rows(data, request.POST[word][:200], grow=grow)
            return Asked(data)
    return _ask(estimator, drop_empty_rows(estimator.schema, data))


def _told(request: HttpRequest, estimator: Estimator) -> dict[str, str]:
    """What the address says already: the page of a project or a field links here."""
    names = {each.name for each in estimator.schema.inputs}
    return {name: str(request.GET[name]) for name in request.GET if name in names}


def _read_file(request: HttpRequest, estimator: Estimator) -> Asked:
    file = request.FILES.get("inputs")
    if file is None:
        return Asked({}, refusal=_("Choose the file first."))
    try:
        return _ask(estimator, estimation.read_inputs(file.read(estimation.MAX_BYTES + 1)))
    except DomainError as refusal:
        return Asked({}, refusal=str(refusal))


def _ask(estimator: Estimator, data: Any) -> Asked:
    try:
        return Asked(data, answer=answer_page(estimator, data))
    except InputsRefused as refusal:
        return Asked(data, problems=refusal.problems)


def answer_page(estimator: Estimator, data: dict[str, Any]) -> dict[str, Any]:
    """What a page shows of an answer."""
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
