"""What is said to the clerk of an outline that cannot be taken, and of one that is odd."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from farms.geometry import GeometryFault, Outline
from farms.outline_doubts import Doubt

FAULTS = {
    "empty": gettext_lazy("There is no outline. Draw the field, or take the row out."),
    "unreadable": gettext_lazy("The outline cannot be read. Draw the field again."),
    "unclosed": gettext_lazy(
        "The outline is not closed: it does not end in the corner where it begins."
    ),
    "not_finite": gettext_lazy("A corner of the outline is not a number. Draw the field again."),
    "not_polygon": gettext_lazy("This is not an area but a point or a line."),
    "many_parts": gettext_lazy(
        "The outline has several parts (%(number)s). Give each its own field code."
    ),
    "crosses_itself": gettext_lazy("The outline crosses itself at %(place)s. Move that corner."),
    "spike": gettext_lazy(
        "A thorn without width sticks out of the outline at %(place)s. Take it off."
    ),
    "touches_itself": gettext_lazy(
        "The outline touches itself at %(place)s: a corner lies on another side. Move that corner."
    ),
    "hole_outside": gettext_lazy(
        "A hole lies outside of the field at %(place)s. Move it inside, or delete it."
    ),
    "hole_crosses": gettext_lazy(
        "A hole crosses the outline or another hole at %(place)s. Draw the hole again."
    ),
    "hole_touches": gettext_lazy(
        "Holes cut the field into pieces at %(place)s. Give each piece its own field code."
    ),
    "broken_rings": gettext_lazy("The outline is broken at %(place)s. Draw the field again."),
    "no_area": gettext_lazy("The outline encloses no area."),
    "off_earth": gettext_lazy(
        "The coordinates lie outside the earth. Check the coordinate system and the order x, y."
    ),
    "swapped": gettext_lazy(
        "The coordinates are the wrong way round: east and north have changed places. "
        "Swap them in the map program."
    ),
    "degrees": gettext_lazy(
        "The coordinates are degrees, but the coordinate system counts in metres. "
        "Set the system that they were drawn in."
    ),
    "metres": gettext_lazy(
        "The coordinates are metres, but the coordinate system counts in degrees. "
        "Set the system that they were drawn in."
    ),
    "wrong_zone": gettext_lazy(
        "The coordinates begin with zone number %(number)s, which is not the zone of the "
        "coordinate system. Set the system of that zone."
    ),
    "no_zone": gettext_lazy(
        "The coordinates have no zone number before them, but the coordinate system has. "
        "Set the same zone without its number."
    ),
    "outside_crs": gettext_lazy(
        "The coordinates lie far from where this coordinate system is used. "
        "Check the zone and the order x, y."
    ),
    "too_small": gettext_lazy(
        "The outline is smaller than one square metre: a crumb left over from cutting."
    ),
    "too_large": gettext_lazy("The field would be larger than 100,000 ha. Check the units."),
}

REPAIRS = {
    "crossing_cut": gettext_lazy("The loop where the outline crosses itself is cut off."),
    "hole_cut": gettext_lazy("The hole is cut off along the outline."),
    "parts_joined": gettext_lazy("The parts touch and are joined into one."),
    "crumbs_dropped": gettext_lazy("The large part is kept, the crumbs beside it are dropped."),
    "spikes_removed": gettext_lazy("The thorns that stick out of the outline are taken off."),
    "ring_closed": gettext_lazy("The outline is closed from its last corner to its first."),
}


def say_fault(fault: GeometryFault) -> str:
    return str(FAULTS[fault.code]) % {"place": fault.place, "number": fault.number}


def say_doubt(doubt: Doubt, outline: Outline) -> str:
    """What is odd, with its measure; counts of nothing but whole things."""
    count = int(doubt.amount)
    if doubt.code == "sliver":
        return _(
            "Only %(width)s m wide on average, %(area)s m². Is this a field, or a gap between two?"
        ) % {
            "width": f"{doubt.amount:.2f}",
            "area": outline.area_m2.quantize(Decimal("0.1")),
        }
    if doubt.code == "spike":
        return _("A thorn sticks out of the outline at %(place)s.") % {"place": doubt.place}
    if doubt.code == "repeated_corners":
        said = ngettext(
            "%(count)d corner is drawn twice.", "%(count)d corners are drawn twice.", count
        )
    else:
        said = ngettext(
            "There is %(count)d hole in the field. Its area does not count.",
            "There are %(count)d holes in the field. Their area does not count.",
            count,
        )
    return said % {"count": count}
