"""An agreement as a page and as a PDF: the frozen text placed in one language, nothing computed.

Reads the frozen text; of the row only who signed it, when and how, and whether it was revoked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.agreement_wording import PLOTS
from aggregator.formats import format_area, format_day, format_span, html_lang, named
from aggregator.models import Agreement
from aggregator.pdf import render_book, render_pdf
from farms.agreement_facts import CONTRACTOR, total_area
from farms.models import Field, Tenure
from farms.plot_drawing import Outline, lay_out

Text = Mapping[str, Any]


def render_agreement(agreement: Agreement, *, language: str = "") -> bytes:
    """The PDF of an agreement, in the household's language or the one asked for."""
    return render_book([_write(agreement, language or agreement.text["language"])])


def render_agreements(agreements: Iterable[Agreement]) -> bytes:
    """Agreements bound to be printed on both sides, each in its household's language."""
    texts = [_write(each, each.text["language"]) for each in agreements]
    return render_book(texts, both_sides=True)


def render_text(text: Text, *, language: str) -> bytes:
    """The PDF of a text that nobody has kept: a preview."""
    return render_pdf(_write_html(agreement_context(text, language=language, sha256=""), language))


def agreement_context(
    text: Text, *, language: str, sha256: str, signature: str = ""
) -> dict[str, Any]:
    """Everything page and print say of a frozen text, as words."""
    with translation.override(language):
        words = text["words"][language]
        plots = [_plot(plot, text) for plot in text["fields"]]
        return {
            "html_lang": html_lang(language),
            "title": words["title"],
            "code": text["code"],
            "cooperative": named(text["cooperative"], "name"),
            "term": format_span(text["starts_on"], text["ends_on"]),
            "paragraphs": [
                {**part, "is_heading": part["kind"] == "heading", "is_plots": part["kind"] == PLOTS}
                for part in words["paragraphs"]
            ],
            "plots": plots,
            "area": format_area(total_area(text), text["cooperative"]["area_unit"]),
            "drawing": _drawing(text["outlines"]),
            "summary": _summary(text, words),
            "persons": _persons(text["household"]["persons"]),
            "boxes": _boxes(text),
            "signature": signature,
            "renews": _("Renews agreement %(code)s.") % {"code": text["renews"]}
            if text["renews"]
            else "",
            "sha256": sha256,
        }


def signature_of(agreement: Agreement, *, language: str) -> str:
    """By whom and how it was signed, and whether it was revoked, as sentences."""
    if agreement.signed_on is None:
        return ""
    values = {
        "name": agreement.signed_by.name if agreement.signed_by else "—",
        "day": agreement.signed_on,
        "on": agreement.revoked_on,
    }
    with translation.override(language):
        values["day"] = format_day(agreement.signed_on)
        if agreement.signed_how == Agreement.SignedHow.PHONE:
            told = _("Signed by %(name)s on %(day)s with a code sent to the household's phone.")
        elif agreement.signed_by is None:
            told = _("Signed on paper on %(day)s.")
        else:
            told = _("Signed by %(name)s on paper on %(day)s.")
        if agreement.revoked_on:
            values["on"] = format_day(agreement.revoked_on)
            told += " " + _("Revoked: no longer in force from %(on)s.")
        return told % values


def _write(agreement: Agreement, language: str) -> str:
    context = agreement_context(
        agreement.text,
        language=language,
        sha256=agreement.text_sha256,
        signature=signature_of(agreement, language=language),
    )
    return _write_html(context, language)


def _write_html(context: Mapping[str, Any], language: str) -> str:
    with translation.override(language):
        return render_to_string("agreements/print.html", {"agreement": context})


def _plot(plot: Mapping[str, Any], text: Text) -> dict[str, Any]:
    unit = text["cooperative"]["area_unit"]
    return {
        "number": plot["number"],
        "code": plot["code"],
        "name": plot["name"] or "—",
        "village": named(plot, "village"),
        "area": _area(plot["area_m2"], unit),
        "contract": _area(plot["contract_m2"], unit),
        "land_class": str(Field.LandClass(plot["land_class"]).label),
        "role": _role(plot),
        "with": "; ".join(_other(other) for other in plot["others"]),
    }


def _role(plot: Mapping[str, Any]) -> str:
    """What the household is to the plot, with the days where they are not the whole term."""
    farms = _("contracts and farms it")
    if any(tenure["kind"] == Tenure.Kind.TRANSFER for tenure in plot["own"]):
        farms = _("farms it by transfer")
    elif plot["roles"] == [CONTRACTOR]:
        farms = _("contracts it, has transferred it")
    days = "; ".join(filter(None, (_days(tenure) for tenure in plot["own"])))
    return f"{farms} ({days})" if days else farms


def _other(other: Mapping[str, Any]) -> str:
    values = {"name": other["head_name"], "household": other["household"]}
    if other["kind"] == Tenure.Kind.TRANSFER:
        told = _("farmed by %(name)s (%(household)s)") % values
    else:
        told = _("contracted by %(name)s (%(household)s)") % values
    days = _days(other)
    return f"{told}, {days}" if days else told


def _days(tenure: Mapping[str, str]) -> str:
    if tenure["starts_on"] and tenure["ends_on"]:
        return format_span(tenure["starts_on"], tenure["ends_on"])
    if tenure["starts_on"]:
        return _("from %(day)s") % {"day": format_day(tenure["starts_on"])}
    return _("to %(day)s") % {"day": format_day(tenure["ends_on"])} if tenure["ends_on"] else ""


def _area(area_m2: str, unit: str) -> str:
    return format_area(Decimal(area_m2), unit) if area_m2 else "—"


def _drawing(outlines: list[dict[str, Any]]) -> dict[str, Any] | None:
    drawing = lay_out([Outline(**outline) for outline in outlines])
    if drawing is None:
        return None
    metres = drawing.bar_metres
    return {
        "width": drawing.width,
        "height": drawing.height,
        "plots": drawing.plots,
        "bar_width": drawing.bar_width,
        "bar": f"{metres // 1000} km" if metres >= 1000 else f"{metres} m",
        "how": _("North is up.") if drawing.is_map else _("Side by side, one scale, north is up."),
    }


def _summary(text: Text, words: Mapping[str, Any]) -> list[dict[str, str]]:
    """The whole in four answers, before the text."""
    count = len(text["fields"])
    values = {
        "count": count,
        "area": format_area(total_area(text), text["cooperative"]["area_unit"]),
    }
    plots = ngettext("%(count)d plot, %(area)s", "%(count)d plots, %(area)s", count) % values
    return [
        {"name": _("Which plots"), "text": plots},
        {"name": _("Until when"), "text": format_span(text["starts_on"], text["ends_on"])},
        {"name": _("What you promise"), "text": words["promise"]},
        {"name": _("What you get"), "text": words["gain"]},
    ]


def _persons(persons: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "name": person["name"],
            "standing": _("head of household") if person["is_head"] else _("of the household"),
            "identity": person["identity"],
        }
        for person in persons
    ]


def _boxes(text: Text) -> list[dict[str, str]]:
    """Where to sign: the household as what it is to which plots, and the cooperative."""
    given = [str(plot["number"]) for plot in text["fields"] if plot["roles"] == [CONTRACTOR]]
    farmed = [str(plot["number"]) for plot in text["fields"] if plot["roles"] != [CONTRACTOR]]
    boxes = []
    if farmed:
        name = _("The household, farming plots %(numbers)s")
        boxes.append({"name": name % {"numbers": ", ".join(farmed)}})
    if given:
        name = _("The household, contracting plots %(numbers)s that others farm")
        boxes.append({"name": name % {"numbers": ", ".join(given)}})
    return [*boxes, {"name": _("The cooperative (seal)")}]
