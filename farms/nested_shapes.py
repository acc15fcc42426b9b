"""How deep collections lie within collections, asked before GEOS reads them.

Pure. GEOS reads one inside the other without end, and a file made for it brings the worker down.
"""

from __future__ import annotations

import re
import struct

# A collection of multipolygons of polygons; whatever goes deeper is a trap.
DEEPEST = 8
_HAS_Z, _HAS_M, _HAS_SRID = 0x80000000, 0x40000000, 0x20000000
_POINT, _POLYGON, _CURVED_LINE = 1, 3, 8
_LINES = (2, _CURVED_LINE)
_COLLECTIONS = (4, 5, 6, 7, 9, 10, 11, 12)
# Of the kinds of WKT these alone can be nested.
_WKT_COLLECTION = re.compile(r"collection|curve|surface", re.IGNORECASE)


def wkb_too_deep(raw: bytes) -> bool:
    """Whether a shape's collections are nested beyond `DEEPEST`; broken bytes are not judged.

    Source: OGC 06-103r4, section 8.2, with the flags that PostGIS added for Z, M and SRID.
    """
    at, order = 0, "<"
    # How many shapes are still to come, at each depth.
    waiting = [1]
    try:
        while waiting:
            if not waiting[-1]:
                waiting.pop()
                continue
            waiting[-1] -= 1
            # Any other byte leaves the order as it was, as it does for GEOS.
            order = {0: ">", 1: "<"}.get(raw[at], order)
            (code,) = struct.unpack_from(f"{order}I", raw, at + 1)
            kind = (code & 0xFFFF) % 1000
            at += 9 if code & _HAS_SRID else 5
            if kind in _COLLECTIONS:
                waiting += struct.unpack_from(f"{order}I", raw, at)
                at += 4
                if len(waiting) > DEEPEST:
                    return True
            else:
                at = _skip_corners(raw, at, order, code)
    except (struct.error, IndexError):
        pass
    return False


def wkt_too_deep(text: str) -> bool:
    """Whether a text has more collections than a plot or a line can have."""
    return len(_WKT_COLLECTION.findall(text)) > DEEPEST


def _skip_corners(raw: bytes, at: int, order: str, code: int) -> int:
    """Where the shape after a point, line or polygon begins."""
    kind, series = (code & 0xFFFF) % 1000, (code & 0xFFFF) // 1000
    has_z, has_m = code & _HAS_Z or series in (1, 3), code & _HAS_M or series in (2, 3)
    corner = 8 * (2 + bool(has_z) + bool(has_m))
    if kind == _POINT:
        return at + corner
    rings = 1
    if kind == _POLYGON:
        (rings,) = struct.unpack_from(f"{order}I", raw, at)
        at += 4
    elif kind not in _LINES:
        return len(raw)
    for _ring in range(rings):
        (corners,) = struct.unpack_from(f"{order}I", raw, at)
        at += 4 + corner * corners
    return at
