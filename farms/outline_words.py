"""Why land cannot be cut or joined as it was drawn, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from farms.cutting import CuttingError

_CUTTING = {
    "shape_missing": _("Nothing was drawn. Draw on the map, or write the corners in the box."),
    "shape_not_read": _(
        "The corners cannot be read. Write GeoJSON, WKT, or one corner a line: longitude, latitude."
    ),
    "shape_of_other_kind": _("This is another kind of shape than the one asked for."),
    "line_does_not_cross": _(
        "The line does not divide the field. Begin and end it outside, across the whole field."
    ),
    "parts_overlap": _("The parts cover %(area_m2)s m² twice. They may share edges only."),
    "parts_leave_gap": _("The parts leave %(area_m2)s m² of the field out."),
    "parts_stick_out": _("The parts reach %(area_m2)s m² beyond the field."),
    "fields_do_not_touch": _(
        "The fields do not share an edge. Redraw one of them so that they touch, or leave it out."
    ),
}


def cutting_text(error: CuttingError) -> str:
    """The sentence of a cut or junction that cannot be made."""
    return str(_CUTTING[error.code]) % error.values
