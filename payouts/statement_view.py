"""A statement's frozen data as text for the reader, the same for the phone page and the PDF.

Works from the frozen data alone: no query. Every figure is formatted here, in the reader's
language; templates only place them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import dateformat, translation
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.canonical import sha256_of
from aggregator.money import Money, format_money, minor_digits, round_half_up
from aggregator.units import KG_PER_TONNE, format_tonnes, m2_to
from credits.reasons import zero_text
from farms.models import Practice
from payouts.models import WaterfallRule
from payouts.plot_drawing import Outline, lay_out

Data = dict[str, Any]


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
            "full_number": _number(data),
            "cooperative": named(data["cooperative"], "name"),
            "phone": data["cooperative"]["phone"],
            "household": _("Household of %(name)s") % {"name": data["household"]["head_name"]},
            "household_code": data["household"]["code"],
            "village": named(data["household"], "village"),
            "issued_on": format_day(data["issued_on"]),
            "period": format_span(data["period"]["starts_on"], data["period"]["ends_on"]),
            "amount": _money(data, data["totals"]["net_minor"]),
            "why": _why(data),
            "plots": [_plot(plot, data) for plot in data["plots"]],
            "plots_total": _plots_total(data),
            "drawing": _drawing(data),
            "pool": _pool(data),
            "gross": _money(data, data["totals"]["gross_minor"]),
            "deductions": [_deduction(line, data) for line in data["lines"]],
            "checks": _checks(data),
            "payee": _payee(data),
            "paid": [_paid(payment, data) for payment in data["paid"]],
            "objection": _objection(data),
            "methodology": _methodology(data),
            "proof": _proof(token, sha256) if token else None,
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


def html_lang(language: str) -> str:
    """The language's tag in HTML, which also picks the Chinese form of a glyph."""
    return "zh-Hans" if language == "zh-hans" else language


def genuine_context(data: Data, *, sha256: str, replaced_on: date | None) -> dict[str, Any]:
    """What the public page may say of a statement, in the active language; not whose it is."""
    if sha256_of(data) != sha256:
        state, verdict = "unknown", _("Not to be trusted")
        sentence = _("What we keep of this statement has been changed. Ask the cooperative.")
    elif replaced_on:
        state, verdict = "old", _("Replaced by a newer statement")
        sentence = _("It was genuine when issued. A corrected one took its place on %(day)s.")
        sentence %= {"day": format_day(replaced_on)}
    else:
        state, verdict = "", _("This is genuine")
        sentence = _("The cooperative issued this statement, and it stands.")
    return {
        "state": state,
        "verdict": verdict,
        "sentence": sentence,
        "number": _number(data),
        "amount": _money(data, data["totals"]["net_minor"]),
        "cooperative": named(data["cooperative"], "name"),
        "issued_on": format_day(data["issued_on"]),
        "sha256": group_hash(sha256),
    }


def check_url(token: str) -> str:
    """The public address that proves the statement with this token genuine."""
    return f"{settings.PUBLIC_URL}/check/{token}/"


def format_day(day: str | date) -> str:
    """A day in the active language, the month in words."""
    value = date.fromisoformat(day) if isinstance(day, str) else day
    # Translators: a day as Django's date format writes it, e.g. 15 July 2026.
    return dateformat.format(value, _("j F Y"))


def format_span(starts_on: str, ends_on: str) -> str:
    return _("%(start)s to %(end)s") % {"start": format_day(starts_on), "end": format_day(ends_on)}


def format_area(area_m2: Decimal, unit: str) -> str:
    """An area in the cooperative's unit with two decimals and the unit's word."""
    words = {"mu": _("mu"), "ha": _("ha"), "acre": _("acres"), "m2": "m²"}
    return f"{m2_to(area_m2, unit):,} {words[unit]}"


def format_mass(mass_kg: int) -> str:
    return _("%(tonnes)s t") % {"tonnes": format_tonnes(mass_kg)}


def named(data: Data, key: str) -> str:
    """The name under `key`, or its English form for a reader of English where there is one."""
    english = data[f"{key}_en"] if translation.get_language() == "en" else ""
    return str(english or data[key])


def total_area(data: Data) -> Decimal:
    """The area of the statement's plots, each counted once however its days are split."""
    areas = {plot["number"]: Decimal(plot["area_m2"]) for plot in data["plots"]}
    return sum(areas.values(), Decimal(0))


def qr_path(url: str) -> dict[str, str]:
    """The address as a QR code: its size in modules and one SVG path of the dark ones."""
    code = segno.make_qr(url, error="m")
    runs = []
    for y, row in enumerate(code.matrix_iter(border=2)):
        x = 0
        for dark, group in groupby(row):
            width = len(list(group))
            if dark:
                runs.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return {"size": str(code.symbol_size(border=2)[0]), "path": "".join(runs)}


def _title(data: Data) -> str:
    return _("Carbon income statement %(period)s") % {"period": data["period"]["code"]}


def _number(data: Data) -> str:
    if data["revision"] == 1:
        return str(data["number"])
    return _("%(number)s, revision %(revision)s") % data


def _money(data: Data, amount_minor: int) -> str:
    # A line must not break between the sign and the figure.
    return format_money(amount_minor, data["currency"]).replace(" ", "\u00a0")


def _practices(codes: Iterable[str]) -> str:
    labels = [str(Practice(code).label) if code in Practice.values else code for code in codes]
    return " + ".join(labels)


def _practice_codes(data: Data) -> list[str]:
    seen = (code for plot in data["plots"] for code in plot["practices"])
    return [code for code in dict.fromkeys(seen) if code]


def _join(sentences: Iterable[str]) -> str:
    """Sentences one after the other; Chinese puts no space between them."""
    space = "" if translation.get_language() == "zh-hans" else " "
    return space.join(sentence for sentence in sentences if sentence)


def _average_price(data: Data) -> str:
    """What a paid tonne brought, rounded half up to the minor unit; empty if none was paid for."""
    pool = data["pool"]
    if not pool["paid_kg"]:
        return ""
    price = Fraction(pool["gross_minor"] * KG_PER_TONNE, pool["paid_kg"])
    return _money(data, round_half_up(price))


def _why(data: Data) -> str:
    count = len({plot["number"] for plot in data["plots"]})
    values = {
        "count": count,
        "area": format_area(total_area(data), data["area_unit"]),
        "practices": _practices(_practice_codes(data)),
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
    return _join(sentences) % values


def _plot(plot: Data, data: Data) -> dict[str, Any]:
    days = ""
    if not plot["whole_period"]:
        days = _("%(span)s: %(days)s of %(all)s days") % {
            "span": format_span(plot["starts_on"], plot["ends_on"]),
            "days": plot["days"],
            "all": data["period"]["days"],
        }
    return {
        "number": plot["number"],
        "name": plot["name"] or plot["code"],
        "code": plot["code"] if plot["name"] else "",
        "area": format_area(Decimal(plot["area_m2"]), data["area_unit"]),
        "practices": _practices(plot["practices"]),
        "days": days,
        "earned": _earned([plot]),
        "credited": format_mass(plot["credited_kg"]),
        "how": _plot_formula(plot),
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


def _plot_formula(plot: Data) -> str:
    """The methodology's own line, where its terms are a rate times an area times a time."""
    terms = plot["terms"]
    if not {"rate", "area", "area_unit", "years", "reserve_rate"} <= terms.keys():
        return ""
    units = {"ha": _("ha"), "acre": _("acres")}
    factors = [
        f"{terms['area']} {units.get(terms['area_unit'], terms['area_unit'])}",
        _("%(rate)s t a year") % {"rate": terms["rate"]},
    ]
    if terms["years"] != "1":
        factors.append(_("%(years)s years") % {"years": terms["years"]})
    if not plot["whole_period"]:
        factors.append(f"{terms['days']}/{terms['period_days']}")
    return _("Counted as %(practice)s: %(factors)s; reserve %(rate)s") % {
        "practice": _practices([terms["practice"]]),
        "factors": " × ".join(factors),
        "rate": _percent(terms["reserve_rate"]),
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
        "gross": _money(data, pool["gross_minor"]),
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
    return _join(sentences) % values


def _deduction(line: Data, data: Data) -> dict[str, str]:
    payee = named(line, "payee")
    return {
        "name": named(line, "name"),
        "how": _rule(line, data),
        "payee": _("goes to %(payee)s") % {"payee": payee} if payee else "",
        "amount": _money(data, line["household_minor"]),
    }


def _rule(line: Data, data: Data) -> str:
    kind = line["kind"]
    if kind == WaterfallRule.Kind.PER_TONNE:
        return _("%(amount)s a tonne") % {"amount": _money(data, line["unit_amount_minor"])}
    if kind == WaterfallRule.Kind.FIXED:
        return _("%(amount)s once for the whole pool") % {
            "amount": _money(data, line["unit_amount_minor"])
        }
    values = {"rate": _percent(line["rate"]), "base": _money(data, line["base_minor"])}
    if kind == WaterfallRule.Kind.RATE_OF_GROSS:
        return _("%(rate)s of the %(base)s received") % values
    return _("%(rate)s of the %(base)s left") % values


def _percent(rate: str) -> str:
    return f"{(Decimal(rate) * 100).normalize():f}%"


def _checks(data: Data) -> list[dict[str, str]]:
    """How each amount of the household comes out of the pool's, to be done on a calculator."""
    parts = [
        (named(line, "name"), line["pool_minor"], line["household_minor"]) for line in data["lines"]
    ]
    parts.append(
        (_("What is left for you"), data["pool"]["net_minor"], data["totals"]["net_minor"])
    )
    return [_check(name, pool_minor, share_minor, data) for name, pool_minor, share_minor in parts]


def _check(name: str, pool_minor: int, share_minor: int, data: Data) -> dict[str, str]:
    kg, pool_kg = data["totals"]["kg"], data["pool"]["kg"]
    cut_minor = pool_minor * kg // pool_kg if pool_kg else 0
    quotient = _quotient(pool_minor * kg, pool_kg, data["currency"])
    if share_minor != cut_minor:
        parts = (Money(minor, data["currency"]) for minor in (cut_minor, share_minor - cut_minor))
        quotient += f" ({' + '.join(map(str, parts))})"
    return {
        "name": name,
        "formula": f"{_money(data, pool_minor)} × {format_tonnes(kg)} ÷ {format_tonnes(pool_kg)}",
        "quotient": quotient,
        "amount": _money(data, share_minor),
    }


def _quotient(dividend: int, divisor: int, currency: str) -> str:
    """The exact quotient, cut (not rounded) four places below the minor unit."""
    if not divisor:
        return format_money(0, currency)
    whole, rest = divmod(dividend * 10_000, divisor)
    digits = minor_digits(currency) + 4
    return f"{Decimal(whole).scaleb(-digits):,.{digits}f}{'…' if rest else ''}"


def _payee(data: Data) -> str:
    if data["payee"] is None:
        return _("No bank account is known: the money is kept for you. Please name one.")
    return str(_("To be paid to %(bank)s %(number)s.") % data["payee"])


def _paid(payment: Data, data: Data) -> str:
    return _("%(amount)s paid on %(day)s") % {
        "amount": _money(data, payment["amount_minor"]),
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
    return f"{project['methodology']} {project['methodology_version']}"


def _proof(token: str, sha256: str) -> dict[str, Any]:
    url = check_url(token)
    return {"url": url, "qr": qr_path(url), "sha256": group_hash(sha256)}


def group_hash(sha256: str) -> str:
    """The hash in groups of eight, so that an eye can compare it."""
    return " ".join(sha256[start : start + 8] for start in range(0, len(sha256), 8))
