"""Sampling sheets: a village's points on paper, each with its map, its code and blanks to fill in.

Words are in the reader's language. Given-up points are left out: nobody is to look for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import shapely
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from aggregator.errors import DomainError
from aggregator.formats import format_area, html_lang
from aggregator.models import Household, Person, User, Village
from aggregator.pdf import render_pdf
from aggregator.periods import Period
from aggregator.qr_codes import qr_path
from aggregator.roles import require_role
from credits.models import SoilCampaign, SoilPoint
from credits.soil.maps import draw_map, look_around
from credits.soil.names import stratum_name
from credits.soil.sampling import open_points
from farms.models import Boundary
from farms.tenure import operator_spans

# Wider than this a picture holds more outlines than anyone could tell apart.
MOST_NEIGHBOURS = 400
_POINT_MAP, _VILLAGE_MAP = (300, 225), (520, 440)


class NoPointsHere(DomainError):
    code = "no_soil_points_here"
    message = gettext_lazy("No point of this round lies in this village.")


def villages_with_points(campaign: SoilCampaign) -> QuerySet[Village]:
    """The villages in which a round has points that stand."""
    keys = open_points(campaign).order_by().values("field__village")
    return Village.objects.for_cooperative(campaign.cooperative).filter(pk__in=keys)


def render_sheets(campaign: SoilCampaign, *, village: Village, by: User) -> bytes:
    """The sheets of one village as a PDF.

    Raises:
        NoPointsHere: no point of the round lies in the village.
    """
    require_role(by, *User.Role.values, of=campaign)
    return render_pdf(write_sheets(campaign, village=village))


def write_sheets(campaign: SoilCampaign, *, village: Village) -> str:
    """The sheets as the HTML that is printed."""
    points = list(
        open_points(campaign)
        .filter(field__village=village)
        .select_related("field", "boundary", "campaign")
    )
    if not points:
        raise NoPointsHere
    holders = _name_holders([point.field_id for point in points])
    context = {
        "lang": html_lang(get_language() or ""),
        "campaign": campaign,
        "village": village,
        "overview": _overview(points),
        "sheets": [_sheet(point, holders.get(point.field_id, "—")) for point in points],
    }
    return render_to_string("soil/sheets.html", context)


def _overview(points: Sequence[SoilPoint]) -> Any:
    own = {point.field_id: point.boundary for point in points}
    shapes = [_shape(boundary) for boundary in own.values()]
    around = _neighbours(points[0], list(own), look_around(shapes))
    places = [(_place(point), point.label) for point in points]
    return draw_map(shapes, around, places, size=_VILLAGE_MAP)


def _sheet(point: SoilPoint, holder: str) -> dict[str, Any]:
    shape = _shape(point.boundary)
    around = _neighbours(point, [point.field_id], look_around([shape]))
    upper = [0, *point.campaign.depths_cm]
    place = f"{point.latitude:.6f},{point.longitude:.6f}"
    return {
        "point": point,
        "holder": holder,
        "stratum": stratum_name(point.campaign, point.stratum),
        "area": format_area(point.boundary.area_m2, point.campaign.cooperative.area_unit),
        "map": draw_map([shape], around, [(_place(point), point.label)], size=_POINT_MAP),
        "place": f"{point.latitude:.6f}  {point.longitude:.6f}",
        "degrees": f"{_degrees(point.latitude, 'N', 'S')}  {_degrees(point.longitude, 'E', 'W')}",
        "layers": list(zip(upper, point.campaign.depths_cm, strict=False)),
        "qr": qr_path(f"geo:{place}?q={place}({point.code})"),
    }


def _neighbours(
    point: SoilPoint, own: Sequence[int], window: tuple[float, float, float, float]
) -> list[Any]:
    """Outlines in force within the window, other than the field's own."""
    west, south, east, north = window
    newer = Boundary.objects.filter(field=OuterRef("field_id"), version__gt=OuterRef("version"))
    rows = (
        Boundary.objects.for_cooperative(point.cooperative)
        .filter(~Exists(newer), field__ends_on__isnull=True)
        .filter(min_x__lte=east, max_x__gte=west, min_y__lte=north, max_y__gte=south)
        .exclude(field__in=own)
        .order_by("field_id")
    )
    return [_shape(row) for row in rows[:MOST_NEIGHBOURS]]


def _shape(boundary: Boundary) -> Any:
    return shapely.from_wkb(bytes(boundary.geometry_wkb))


def _place(point: SoilPoint) -> tuple[float, float]:
    return float(point.longitude), float(point.latitude)


def _degrees(value: Decimal, positive: str, negative: str) -> str:
    """Degrees, minutes and seconds to a tenth, some 3 m."""
    tenths = round(abs(value) * 36_000)
    degrees, rest = divmod(tenths, 36_000)
    minutes, seconds = divmod(rest, 600)
    side = positive if value >= 0 else negative
    return f"{degrees}°{minutes:02d}′{seconds / 10:04.1f}″{side}"


def _name_holders(fields: Sequence[int]) -> dict[int, str]:
    """Who farms each field today: whom to ask before walking in."""
    today = timezone.localdate()
    held = {
        field: spans[-1][0]
        for field, spans in operator_spans(set(fields), Period(today, today)).items()
        if spans
    }
    heads = dict(
        Person.objects.filter(household__in=held.values(), is_head=True).values_list(
            "household_id", "name"
        )
    )
    codes = dict(Household.objects.filter(pk__in=held.values()).values_list("pk", "code"))
    return {
        field: _("%(name)s (%(code)s)") % {"name": heads.get(key, "—"), "code": codes[key]}
        for field, key in held.items()
    }
