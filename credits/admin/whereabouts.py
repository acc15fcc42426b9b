"""Where a project's tonnes are, as a bar that always adds up to what was issued."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from credits.models import CreditBlock, Project
from credits.tonnes.balance import tonnes_by_status

WIDTH = 1000


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
    """The project's tonnes by status, each part leading to its blocks."""
    tonnes = {status: count for status, count in tonnes_by_status(project).items() if count}
    issued = sum(tonnes.values())
    blocks = reverse("admin:credits_creditblock_changelist")
    parts, left = [], 0
    for status, count in tonnes.items():
        right = left + count
        start, end = left * WIDTH // issued, right * WIDTH // issued
        chosen = urlencode({"project__id__exact": project.pk, "status__exact": status})
        parts.append(
            {
                "status": status,
                "name": CreditBlock.Status(status).label,
                "tonnes": f"{count:,}",
                "x": start,
                "width": max(end - start, 1),
                "url": f"{blocks}?{chosen}",
            }
        )
        left = right
    context = {"parts": parts, "issued": f"{issued:,}"}
    return render_to_string("admin/credits/tonnes_bar.html", context)
