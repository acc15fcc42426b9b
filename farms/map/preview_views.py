"""What a dividing line would make of a field: its parts with their areas; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import shapely
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aggregator.models import Cooperative
from farms.cutting import CuttingError, read_shape
from farms.geometry import Outline
from farms.map.drawing_views import operators_only, own_field
from farms.map.panel import area_text
from farms.map.plots import rings_of
from farms.outline_words import cutting_text
from farms.redrawing import BadOutline, FieldEnded, plan_split


@require_POST
def preview_split(request: HttpRequest, pk: int) -> JsonResponse:
    field = own_field(request, pk)
    operators_only(request)
    try:
        cut = read_shape(request.POST.get("shape", ""), kind="LineString")
        outlines = plan_split(field, cut=cut)
    except CuttingError as error:
        return JsonResponse({"said": cutting_text(error), "parts": []})
    except BadOutline as error:
        # A line half drawn divides nothing yet: that is news, not a fault.
        return JsonResponse({"said": str(error), "parts": []})
    except FieldEnded as error:
        return JsonResponse({"error": str(error)}, status=error.status)
    total = sum((outline.area_m2 for outline in outlines), Decimal(0))
    words = _("%(n)s parts, together %(area)s: nothing is lost.")
    said = words % {"n": len(outlines), "area": area_text(total, field.cooperative)}
    return JsonResponse({"said": said, "parts": _describe(outlines, total, field.cooperative)})


def _describe(
    outlines: Sequence[Outline], total: Decimal, cooperative: Cooperative
) -> list[dict[str, Any]]:
    places = shapely.point_on_surface([outline.polygon for outline in outlines])
    return [
        {
            "rings": rings_of(outline.polygon),
            "at": [place.y, place.x],
            "area": area_text(outline.area_m2, cooperative),
            "share": f"{outline.area_m2 / total:.1%}",
        }
        for outline, place in zip(outlines, places, strict=True)
    ]
