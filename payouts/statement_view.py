"""A statement's frozen data as text for the reader, the same for the phone page and the PDF.

Works from the frozen data alone: no query. Every figure is formatted here, in the reader's
language; templates only place them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.formats import (
    format_area,
    format_day,
    format_percent,
    format_span,
    html_lang,
    named,
)
from aggregator.money import round_half_up
from aggregator.units import KG_PER_TONNE
from credits.pooling.reasons import zero_text
from credits.registry import METHODOLOGY_NAMES
from farms.plot_drawing import Outline, lay_out
from payouts.models import WaterfallRule
from payouts.statement_check import explain_checks
from payouts.statement_formula import explain_plot
from payouts.statement_proof import proof_context
from payouts.statement_text import (
    Data,
    count_plots,
    format_amount,
    format_mass,
    format_practices,
    full_number,
    join_sentences,
    total_area,
)


def statement_context(
    data: Data, *, language: str, token: str = "", sha256: str = ""
) -> dict[str, Any]:
    """The template's context for one statement.

    `token` and `sha256` are the statement's own; without them the proof is left out.
    """
    with translation.override(language):
        return {
            "html_lang": html_lang(language),
            "title": _title(data),
            "number": data["number"],
            "full_number": full_number(data),
            "cooperative": named(data["cooperative"], "name"),
            "phone": data["cooperative"]["phone"],
            "household": _("Household of %(name)s") % {"name": data["household"]["head_name"]},
            "household_code": data["household"]["code"],
            "village": named(data["household"], "village"),
            "issued_on": format_day(data["issued_on"]),
            "period": format_span(data["period"]["starts_on"], data["period"]["ends_on"]),
            "amount": format_amount(data, data["totals"]["net_minor"]),
            "why": _why(data),
            "plots": [_plot(plot, data) for plot in data["plots"]],
            "plots_total": _plots_total(data),
            "drawing": _drawing(data),
            "pool": _pool(data),
            "gross": format_amount(data, data["totals"]["gross_minor"]),
            "deductions": [_deduction(line, data) for line in data["lines"]],
            "checks": explain_checks(data),
            "payee": _payee(data),
            "paid": [_paid(payment, data) for payment in data["paid"]],
            "objection": _objection(data),
            "methodology": _methodology(data),
            "proof": proof_context(token, sha256) if token else None,
        }


def print_html(items: Iterable[tuple[Data, str, str]], *, title: str, language: str) -> str:
    """A document to print: each statement (data, token, hash) on its own page, in its language."""
    articles = []
    for data, token, sha256 in items:
        with translation.override(data["language"]):
            context = statement_context(data, language=data["language"], token=token, sha256=sha256)
            articles.append(render_to_string("statements/print_body.html", {"statement": context}))
    return render_to_string(
        "statements/print.html",
        {
            "html_lang": html_lang(language),
            "title": title,
            "articles": format_html_join("", "{}", ((article,) for article in articles)),
        },
    )


def _title(data: Data) -> str:
    return _("Carbon income statement %(period)s") % {"period": data["period"]["code"]}


def _practice_codes(data: Data) -> list[str]:
    seen = (code for plot in data["plots"] for code in plot["practices"])
    return [code for code in dict.fromkeys(seen) if code]


def _average_price(data: Data) -> str:
    """What a paid tonne brought, rounded half up to the minor unit; empty if none was paid for."""
    pool = data["pool"]
    if not pool["paid_kg"]:
        return ""
    price = Fraction(pool["gross_minor"] * KG_PER_TONNE, pool["paid_kg"])
    return format_amount(data, round_half_up(price))


def _why(data: Data) -> str:
    count = len(count_plots(data))
    values = {
        "count": count,
        "area": format_area(total_area(data), data["area_unit"]),
        "practices": format_practices(_practice_codes(data)),
        "tonnes": format_mass(data["totals"]["kg"]),
        "price": _average_price(data),
    }
    if values["practices"]:
        values["area"] = _("%(area)s of %(practices)s") % values
    sentences = [
        ngettext(
            "Your plot, %(area)s, has earned %(tonnes)s of verified carbon.",
            "Your %(count)s plots, %(area)s, have earned %(tonnes)s of verified carbon.",
            count,
        )
    ]
    if values["price"]:
        sentences.append(_("A tonne brought %(price)s on average."))
    sentences.append(
        _("After the deductions below, this is your share.")
        if data["lines"]
        else _("Nothing is deducted: this is your share.")
    )
    return join_sentences(sentences) % values


def _plot(plot: Data, data: Data) -> dict[str, Any]:
    days = ""
    if not plot["whole_period"]:
        days = _("%(span)s: %(days)s of %(all)s days") % {
            "span": format_span(plot["starts_on"], plot["ends_on"]),
            "days": plot["days"],
            "all": data["period"]["days"],
        }
    if plot.get("became"):
        numbers = ", ".join(map(str, plot["became"]))
        days += _("; from then on it is No. %(numbers)s") % {"numbers": numbers}
    return {
        "number": plot["number"],
        "name": plot["name"] or plot["code"],
        "code": plot["code"] if plot["name"] else "",
        "area": format_area(Decimal(plot["area_m2"]), data["area_unit"]),
        "practices": format_practices(plot["practices"]),
        "days": days,
        "earned": _earned([plot]),
        "credited": format_mass(plot["credited_kg"]),
        "how": explain_plot(plot),
        "reason": zero_text(plot["terms"]),
    }


def _earned(plots: Iterable[Data]) -> str:
    """Gross tonnes less the reserve: how the sellable tonnes beside it come about."""
    gross_kg = reserve_kg = 0
    for plot in plots:
        gross_kg += plot["gross_kg"]
        reserve_kg += plot["reserve_kg"]
    return _("%(gross)s earned − %(reserve)s kept in reserve") % {
        "gross": format_mass(gross_kg),
        "reserve": format_mass(reserve_kg),
    }


def _plots_total(data: Data) -> dict[str, str]:
    return {
        "area": format_area(total_area(data), data["area_unit"]),
        "earned": _earned(data["plots"]),
        "credited": format_mass(data["totals"]["kg"]),
    }


def _drawing(data: Data) -> dict[str, Any] | None:
    drawing = lay_out([Outline(**outline) for outline in data["drawing"]])
    if drawing is None:
        return None
    how = (
        _("Your plots as they lie, north up.")
        if drawing.is_map
        else _("Your plots lie far apart: drawn side by side at one scale, north up.")
    )
    return {
        "plots": drawing.plots,
        "width": drawing.width,
        "height": drawing.height,
        "bar_width": drawing.bar_width,
        "bar": _("%(metres)s m") % {"metres": drawing.bar_metres},
        "how": how,
    }


def _pool(data: Data) -> str:
    """The pool's figures in sentences, with the tonnes that this tranche does not yet pay for."""
    pool = data["pool"]
    values = {
        "project": named(data["project"], "name"),
        "gross": format_amount(data, pool["gross_minor"]),
        "paid": format_mass(pool["paid_kg"]),
        "kg": format_mass(pool["kg"]),
        "mine": format_mass(data["totals"]["kg"]),
        "price": _average_price(data),
        "tranche": data["tranche"],
    }
    income = (
        _("%(project)s received %(gross)s for %(paid)s, %(price)s a tonne.")
        if values["price"]
        else _("%(project)s received %(gross)s.")
    )
    sentences = [income, _("Of its %(kg)s, %(mine)s are yours.")]
    if data["tranche"] > 1:
        sentences.append(_("This is payout %(tranche)s of the period."))
    if pool["paid_kg"] < pool["kg"]:
        sentences.append(_("Tonnes sold later are paid out later."))
    return join_sentences(sentences) % values


def _deduction(line: Data, data: Data) -> dict[str, str]:
    payee = named(line, "payee")
    return {
        "name": named(line, "name"),
        "how": _rule(line, data),
        "payee": _("goes to %(payee)s") % {"payee": payee} if payee else "",
        "amount": format_amount(data, line["household_minor"]),
    }


def _rule(line: Data, data: Data) -> str:
    kind = line["kind"]
    if kind == WaterfallRule.Kind.PER_TONNE:
        return _("%(amount)s a tonne") % {"amount": format_amount(data, line["unit_amount_minor"])}
    if kind == WaterfallRule.Kind.FIXED:
        return _("%(amount)s once for the whole pool") % {
            "amount": format_amount(data, line["unit_amount_minor"])
        }
    values = {"rate": format_percent(line["rate"]), "base": format_amount(data, line["base_minor"])}
    if kind == WaterfallRule.Kind.RATE_OF_GROSS:
        return _("%(rate)s of the %(base)s received") % values
    return _("%(rate)s of the %(base)s left") % values


def _payee(data: Data) -> str:
    if data["payee"] is None:
        return _("No bank account is known: the money is kept for you. Please name one.")
    return str(_("To be paid to %(bank)s %(number)s.") % data["payee"])


def _paid(payment: Data, data: Data) -> str:
    return _("%(amount)s paid on %(day)s") % {
        "amount": format_amount(data, payment["amount_minor"]),
        "day": format_day(payment["on"]),
    }


def _objection(data: Data) -> str:
    values = {
        "day": format_day(data["objection"]["until_on"]),
        "phone": data["cooperative"]["phone"],
        "number": data["number"],
    }
    if values["phone"]:
        text = _("Something is wrong? Call %(phone)s by %(day)s and give the number %(number)s.")
    else:
        text = _("Something is wrong? Tell the cooperative by %(day)s, with the number %(number)s.")
    return str(text % values)


def _methodology(data: Data) -> str:
    project = data["project"]
    name = METHODOLOGY_NAMES.get(project["methodology"], project["methodology"])
    return f"{name} {project['methodology_version']}"
