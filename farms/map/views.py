"""The map page of the admin and what its script asks; the choice of plots for an action."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from shapely.geometry import Polygon

from aggregator.errors import BadInput
from aggregator.keys import read_key
from aggregator.list_files import write_xlsx
from aggregator.models import User, Village
from farms.cutting import CuttingError, read_shape
from farms.field_actions import MOST_CHOSEN, actions_for, choose_fields, chosen_fields
from farms.map.panel import area_text, describe_plot
from farms.map.plots import (
    MOST_DRAWN,
    extent_of,
    find_plots,
    living_boundaries,
    look_at,
    plots_inside,
)
from farms.map.questions import own_row, read_view, season_of_today
from farms.map.shades import colourings_for
from farms.models import Season

_SHOWN = 200
_SHEET_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def staff_only(request: HttpRequest) -> None:
    """Everyone who works for a cooperative looks at its map; rules say who may change it."""
    user = request.user
    if not (user.is_superuser or user.cooperative_id):
        raise PermissionDenied


def may_operate(user: User) -> bool:
    return bool(user.is_superuser or user.role == User.Role.OPERATOR)


def map_settings() -> dict[str, Any]:
    """What every map of the admin is told: where pictures of the ground come from, if anywhere."""
    return {
        "tile_url": settings.MAP_TILE_URL,
        "tile_attribution": settings.MAP_TILE_ATTRIBUTION,
        "tile_subdomains": settings.MAP_TILE_SUBDOMAINS,
    }


def page(
    request: HttpRequest, template: str, *, title: str, status: int = 200, **context: Any
) -> HttpResponse:
    """One of the admin's own pages, with the map's settings in it."""
    whole = {**admin.site.each_context(request), **map_settings(), "title": title, **context}
    return TemplateResponse(request, f"admin/map/{template}.html", whole, status=status)


@require_GET
def show_map(request: HttpRequest) -> HttpResponse:
    staff_only(request)
    user = request.user
    today = timezone.localdate()
    extent = extent_of(user)
    return page(
        request,
        "map",
        title=_("Map"),
        extent=extent and ",".join(str(round(edge, 6)) for edge in extent),
        colourings=colourings_for(user),
        seasons=Season.objects.for_user(user).order_by("-starts_on"),
        season_now=season_of_today(user, today),
        villages=Village.objects.for_user(user),
        wanted=request.GET.get("field", ""),
        may_operate=may_operate(user),
        most=MOST_CHOSEN,
    )


@require_GET
def list_plots(request: HttpRequest) -> JsonResponse:
    staff_only(request)
    try:
        view = read_view(request.GET, user=request.user)
    except BadInput as error:
        return _refused(error)
    found = look_at(view, user=request.user)
    counts = found.pop("counts")
    legend = [
        {
            "key": shade.key,
            "word": str(shade.word),
            "tone": shade.tone,
            "sign": shade.sign,
            "pattern": shade.pattern,
            "n": counts.get(shade.key, 0),
        }
        for shade in view.colouring.shades
    ]
    return JsonResponse(
        {**found, "legend": legend, "total": sum(counts.values()), "most": MOST_DRAWN}
    )


@require_GET
def search_plots(request: HttpRequest) -> JsonResponse:
    staff_only(request)
    words = request.GET.get("q", "").strip()
    return JsonResponse({"found": find_plots(words, user=request.user) if words else []})


@require_GET
def show_plot(request: HttpRequest, pk: int) -> JsonResponse:
    staff_only(request)
    row = living_boundaries(request.user).filter(field=pk)
    boundary = row.select_related("field__village", "field__cooperative").first()
    if boundary is None:
        raise Http404
    try:
        season = own_row(Season, request.GET.get("season"), user=request.user)
    except BadInput as error:
        return _refused(error)
    return JsonResponse(describe_plot(boundary, user=request.user, season=season))


@require_POST
def find_inside(request: HttpRequest) -> JsonResponse:
    """The plots that touch a drawn area: asked of the server, since not all may be drawn."""
    staff_only(request)
    try:
        area = read_shape(request.POST.get("area", ""), kind="Polygon")
        village = own_row(Village, request.POST.get("village"), user=request.user)
    except CuttingError:
        return JsonResponse({"error": _("Draw the area anew: it cannot be read.")}, status=400)
    except BadInput as error:
        return _refused(error)
    if not isinstance(area, Polygon) or not area.is_valid:
        return JsonResponse({"error": _("The area crosses itself. Draw it anew.")}, status=400)
    found = plots_inside(area, user=request.user, village=village, most=MOST_CHOSEN)
    more = len(found) > MOST_CHOSEN
    return JsonResponse({"fields": found[:MOST_CHOSEN], "more": more})


def show_chosen(request: HttpRequest) -> HttpResponse:
    """POST keeps a choice of fields, GET shows it with what can be done with it."""
    staff_only(request)
    if request.method == "POST":
        said = request.POST.get("fields", "").split(",")
        keys = [key for each in said if (key := read_key(each))]
        count = choose_fields(request, keys[: MOST_CHOSEN + 1])
        if not count:
            messages.warning(request, _("No plot is chosen yet. Click plots on the map."))
            return redirect("land-map")
        return redirect("chosen-fields")
    fields = chosen_fields(request).with_area().select_related("village", "cooperative")
    rows = list(fields)
    total = sum((row.area_m2 or Decimal(0) for row in rows), Decimal(0))
    title = ngettext("%(n)s chosen plot", "%(n)s chosen plots", len(rows)) % {"n": len(rows)}
    return page(
        request,
        "chosen",
        title=title,
        total=area_text(total, rows[0].cooperative) if rows else "",
        rows=[
            {"field": row, "area": area_text(row.area_m2, row.cooperative)} for row in rows[:_SHOWN]
        ],
        unshown=max(len(rows) - _SHOWN, 0),
        actions=[
            {"label": each.label, "explain": each.explain, "url": reverse(each.url_name)}
            for each in actions_for(request.user)
        ],
    )


@require_GET
def download_chosen(request: HttpRequest) -> HttpResponse:
    """The chosen fields as a workbook."""
    staff_only(request)
    fields = chosen_fields(request).with_area().select_related("village", "cooperative")
    rows = [
        (
            row,
            [
                row.code,
                row.name,
                str(row.village),
                area_text(row.area_m2, row.cooperative),
                row.get_land_class_display(),
            ],
        )
        for row in fields
    ]
    headings = [_("field code"), _("name"), _("village"), _("area"), _("land class")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plots.xlsx"
        write_xlsx(path, [str(heading) for heading in headings], [rows])
        answer = HttpResponse(path.read_bytes(), content_type=_SHEET_MIME)
    answer["Content-Disposition"] = 'attachment; filename="plots.xlsx"'
    return answer


def _refused(error: BadInput) -> JsonResponse:
    return JsonResponse({"error": str(error)}, status=error.status)
