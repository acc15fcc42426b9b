"""A village's statements as one print file, and its posting list 公示 for the wall.

Made from frozen statements alone; a pending row is the queue, a village the unit of work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from aggregator.formats import format_area, format_day, html_lang, named
from aggregator.money import format_money
from aggregator.pdf import render_pdf
from payouts.models import Statement, VillageDocument
from payouts.render_queue import Attempt, claim, claiming, due, make, store
from payouts.statement_text import format_mass, total_area
from payouts.statement_view import print_html


def render_pending_documents(settlement_id: int, limit: int, *, attempt: Attempt = make) -> int:
    """Render up to `limit` pending documents of a settlement; how many this worker stored.

    A kill loses the document being laid out, which stays pending; so does one that `attempt`
    could not lay out, for an hour.
    """
    stored = 0
    while stored < limit:
        with claiming():
            pending = claim(_pending_documents(settlement_id), 1)
            for document in pending:
                content = attempt(render_document, document)
                stored += store(VillageDocument, document.pk, content)
        if not pending:
            break
    return stored


def render_document(document: VillageDocument) -> bytes:
    """The PDF of a book or a posting list, as the frozen statements have it."""
    statements = list(
        Statement.objects.filter(
            settlement_id=document.settlement_id,
            village_id=document.village_id,
            replaced_by__isnull=True,
        ).order_by("number")
    )
    language = _language(statements)
    with translation.override(language):
        if document.kind == VillageDocument.Kind.POSTING:
            return render_pdf(render_to_string("statements/posting.html", _posting(statements)))
        title = f"{_('Statements')} {document.settlement} {document.village}"
    items = ((row.data, row.token, row.sha256) for row in statements)
    return render_pdf(print_html(items, title=title, language=language))


def _language(statements: Sequence[Statement]) -> str:
    """The language of most of the village's households; of two equally many, the first by name."""
    counts = Counter(row.data["language"] for row in statements)
    return str(min(counts, key=lambda language: (-counts[language], language)))


def _posting(statements: Sequence[Statement]) -> dict[str, Any]:
    first = statements[0].data
    currency, unit = first["currency"], first["area_unit"]
    rows = [
        {
            "number": row.number,
            "household": row.data["household"]["head_name"],
            "area": format_area(total_area(row.data), unit),
            "mass": format_mass(row.data["totals"]["kg"]),
            "amount": format_money(row.data["totals"]["net_minor"], currency),
        }
        for row in statements
    ]
    totals = [row.data["totals"] for row in statements]
    return {
        "html_lang": html_lang(translation.get_language() or ""),
        "title": _("Carbon income %(period)s, for all to see")
        % {"period": first["period"]["code"]},
        "cooperative": named(first["cooperative"], "name"),
        "village": named(first["household"], "village"),
        "issued_on": format_day(first["issued_on"]),
        "rows": rows,
        "area": format_area(sum((total_area(row.data) for row in statements), Decimal(0)), unit),
        "mass": format_mass(sum(total["kg"] for total in totals)),
        "amount": format_money(sum(total["net_minor"] for total in totals), currency),
        "objection": _posting_objection(first),
    }


def _posting_objection(data: dict[str, Any]) -> str:
    values = {
        "day": format_day(data["objection"]["until_on"]),
        "phone": data["cooperative"]["phone"],
    }
    if values["phone"]:
        text = _("Something is wrong? Call %(phone)s by %(day)s, or come to the cooperative.")
    else:
        text = _("Something is wrong? Come to the cooperative by %(day)s.")
    return text % values


def _pending_documents(settlement_id: int) -> QuerySet[VillageDocument]:
    return (
        VillageDocument.objects.filter(due(), settlement_id=settlement_id)
        .select_related("settlement__period", "village")
        .defer("content")
        .order_by("pk")
    )
