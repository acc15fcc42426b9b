"""Where a project's tonnes are, as a bar with its words; whose kilograms a block holds."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aggregator.models import Household
from credits.balance import tonnes_by_status
from credits.block_holdings import block_kilograms
from credits.models import CreditBlock, Project

# More households than anyone reads on a page; the export has them all.
MOST_HOUSEHOLDS = 60
WIDTH = 600


class LiveBlocksFilter(admin.SimpleListFilter):
    """Blocks that hold tonnes now, unless those that were split or merged are asked for."""

    title = _("blocks")
    parameter_name = "live"

    def lookups(self, request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("also those split or merged"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows if self.value() == "all" else rows.filter(is_live=True)

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("with tonnes now")}
        yield from others


def draw_whereabouts(project: Project) -> SafeString:
    """A bar of the project's tonnes by status, and the same in figures."""
    tonnes = {status: count for status, count in tonnes_by_status(project).items() if count}
    issued = sum(tonnes.values())
    if not issued:
        return format_html("{}", "—")
    parts, left = [], 0
    for status, count in tonnes.items():
        right = left + count
        start, end = left * WIDTH // issued, right * WIDTH // issued
        parts.append((status, start, max(end - start, 1)))
        left = right
    rects = format_html_join(
        "", '<rect class="whereabouts-{}" x="{}" y="0" width="{}" height="14"/>', parts
    )
    words = format_html_join(
        "",
        '<li><svg class="whereabouts-key" width="10" height="10" aria-hidden="true">'
        '<rect class="whereabouts-{}" width="10" height="10"/></svg> {} <b>{} t</b></li>',
        (
            (status, CreditBlock.Status(status).label, f"{count:,}")
            for status, count in tonnes.items()
        ),
    )
    return format_html(
        '<svg class="whereabouts" viewBox="0 0 {} 14" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg><ul class="whereabouts-words">{}</ul>',
        WIDTH,
        gettext("%(tonnes)s t issued") % {"tonnes": f"{issued:,}"},
        rects,
        words,
    )


def list_kilograms(block: CreditBlock) -> SafeString:
    """The households with most kilograms in a block; the sum is the block."""
    held = {key: kilograms for key, kilograms in block_kilograms(block).items() if kilograms}
    shown = sorted(held, key=lambda key: (-held[key], key))[:MOST_HOUSEHOLDS]
    names = {row.pk: str(row) for row in Household.objects.filter(pk__in=shown)}
    lines = format_html_join(
        "", "<li>{} <b>{} kg</b></li>", ((names[key], f"{held[key]:,}") for key in shown)
    )
    rest = len(held) - len(shown)
    more = gettext("and %(count)s more") % {"count": rest} if rest else ""
    return format_html('<ul class="block-kilograms">{}</ul>{}', lines, more) if held else lines
