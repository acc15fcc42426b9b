"""The farmer's page "What if I stop ploughing?": a few questions, an answer, nothing stored."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aggregator.formats import format_area, format_day
from aggregator.models import Cooperative
from aggregator.money import format_money
from aggregator.portal.door import HouseholdRequest, household_required
from aggregator.units import format_tonnes
from credits.estimating import what_if
from credits.estimating.charts import draw_soil
from credits.estimating.input_problems import caution_text
from credits.methodologies.inputs import InputsRefused
from credits.portal.what_if_form import WhatIfForm


@require_http_methods(["GET", "HEAD", "POST"])
@household_required
def show_what_if(request: HouseholdRequest) -> HttpResponse:
    cooperative, today = request.household.cooperative, timezone.localdate()
    known = what_if.find_ground(cooperative)
    form = WhatIfForm(
        request.POST or None,
        plots=what_if.list_plots(request.household, today=today),
        known=known,
        unit=cooperative.area_unit,
    )
    answer = None
    if request.method == "POST" and form.is_valid():
        try:
            found = what_if.ask_soil(form.area_m2, answers=form.answers, today=today)
            answer = _answer(found, cooperative, ground=what_if.name_ground(form.answers))
        except InputsRefused:
            form.add_error(
                None,
                _("The published tables have no figure for this climate and soil. Choose others."),
            )
    context = {"form": form, "answer": answer, "unit": cooperative.get_area_unit_display()}
    status = 400 if form.is_bound and not form.is_valid() else 200
    return render(request, "portal/what_if.html", context, status=status)


def _answer(found: what_if.WhatIf, cooperative: Cooperative, *, ground: str) -> dict[str, Any]:
    price = what_if.find_last_price(cooperative)
    mass_kg = found.credited_kg if found.gains else int(found.co2_kg)
    answer: dict[str, Any] = {
        "gains": found.gains,
        "stays": not found.co2_kg,
        "tonnes": _("%(tonnes)s t") % {"tonnes": format_tonnes(mass_kg)},
        "area": format_area(found.area_m2, cooperative.area_unit),
        "ground": ground,
        "cautions": [caution_text(each) for each in found.cautions],
        "chart": draw_soil(what_if.METHODOLOGY, found.inputs),
        "money": "",
    }
    if price and found.credited_kg:
        answer["money"] = _write(what_if.worth_minor(found.credited_kg, price), price.currency)
        answer["price"] = _write(price.amount_minor, price.currency)
        answer["sold_on"] = format_day(price.sold_on)
    return answer


def _write(amount_minor: int, currency: str) -> str:
    """An amount that no line breaks after its sign."""
    return format_money(amount_minor, currency).replace(" ", "\u00a0")
