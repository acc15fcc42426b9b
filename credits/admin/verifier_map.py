"""The fields of a sample for the map: outlines in the colour of what was found on them."""

from __future__ import annotations

from typing import Any

import shapely
from django.urls import reverse

from aggregator.admin_columns import TONE_SIGNS
from credits.admin.verifier_pages import FINDING_TONES
from credits.models import SampledField, Verification
from farms.map.plots import rings_of

# finding -> tone and pattern of the maps' palette
_LOOKS = {
    SampledField.Finding.PENDING: ("wheat", "hatch"),
    SampledField.Finding.CONFORMS: ("paddy", "plain"),
    SampledField.Finding.DEVIATES: ("brick", "cross"),
}


def trace_sample(check: Verification) -> dict[str, Any]:
    """Every sampled field with its outline as it was counted, and a legend with counts."""
    rows = list(check.sample.select_related("result__field", "result__boundary"))
    counts = dict.fromkeys(_LOOKS, 0)
    for row in rows:
        counts[SampledField.Finding(row.finding)] += 1
    return {
        "plots": [_plot(row) for row in rows],
        "legend": [
            {
                "key": finding.value,
                "word": str(finding.label),
                "tone": tone,
                "pattern": pattern,
                "sign": TONE_SIGNS[FINDING_TONES[finding.value]],
                "n": counts[finding],
            }
            for finding, (tone, pattern) in _LOOKS.items()
        ],
    }


def _plot(row: SampledField) -> dict[str, Any]:
    shape: Any = shapely.from_wkb(bytes(row.result.boundary.geometry_wkb))
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    inside = shapely.point_on_surface(shape)
    return {
        "number": row.position,
        "name": str(row.result.field),
        "shade": row.finding,
        "parts": [rings_of(part) for part in parts],
        "at": [inside.y, inside.x],
        "url": reverse("sampled-field", args=[row.pk]),
    }
