"""A run's fields on one sheet, north up: those that earned, those that did not, those drawn.

Reads outlines, knows no names; gives paths in a picture 480 wide, which a template writes as SVG.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import shapely

from credits.code_order import by_octets
from credits.models import FieldResult, QuantificationRun
from farms.models import Boundary

WIDTH, HEIGHT, MARGIN = 480.0, 300.0, 6.0
# Beyond this many, an outline is smaller than the ink: squares of the grid are drawn instead.
MOST_OUTLINES = 1_500
_CELL = 4.0
_CHUNK = 5_000
_BAR_METRES = [step * 10**power for power in range(6) for step in (1, 2, 5)]

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class ReportMap:
    """SVG paths of the fields that earned and of those that did not, marks, and the scale's bar."""

    height: float
    bar_width: float
    bar_text: str
    earned: str = ""
    nothing: str = ""
    squares: bool = False
    marks: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Frame:
    west: float
    north: float
    scale_x: float
    scale_y: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        return MARGIN + (x - self.west) * self.scale_x, MARGIN + (self.north - y) * self.scale_y


def draw_map(run: QuantificationRun, marked: dict[int, str]) -> ReportMap | None:
    """The fields of a run; `marked` numbers those drawn for a visit, by the field's key."""
    boxes, earning = _read_boxes(run)
    if not boxes:
        return None
    frame, picture = _fit(boxes.values())
    keys = list(boxes)
    if len(keys) <= MOST_OUTLINES:
        picture.earned, picture.nothing = (
            _outlines([key for key in keys if (key in earning) is state], frame)
            for state in (True, False)
        )
    else:
        picture.squares = True
        picture.earned, picture.nothing = _squares(boxes, earning, frame)
    rows = FieldResult.objects.filter(run=run, field__in=marked).order_by("field_id")
    for owner, boundary in dict(rows.values_list("field_id", "boundary_id")).items():
        west, south, east, north = boxes[boundary]
        x, y = frame.place((west + east) / 2, (south + north) / 2)
        picture.marks.append({"text": marked[owner], "x": f"{x:.1f}", "y": f"{y:.1f}"})
    return picture


def _read_boxes(run: QuantificationRun) -> tuple[dict[int, Box], set[int]]:
    rows = (
        run.results.order_by(by_octets("field__code"))
        .values_list(
            *("boundary_id", "gross_kg"),
            *(f"boundary__{edge}" for edge in ("min_x", "min_y", "max_x", "max_y")),
        )
        .iterator(chunk_size=_CHUNK)
    )
    boxes: dict[int, Box] = {}
    earning = set()
    for boundary, gross_kg, *box in rows:
        boxes[boundary] = (box[0], box[1], box[2], box[3])
        if gross_kg:
            earning.add(boundary)
    return boxes, earning


def _fit(boxes: Iterable[Box]) -> tuple[_Frame, ReportMap]:
    """All boxes in the picture; a degree of longitude is as wide as it is in their middle."""
    wests, souths, easts, norths = zip(*boxes, strict=True)
    west, south, east, north = min(wests), min(souths), max(easts), max(norths)
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrink, 1e-6), max(north - south, 1e-6)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    # A degree of latitude in metres, WGS 84, to a percent: it only sets the length of the bar.
    metres_a_unit = 111_132 / scale
    metres = max(
        (bar for bar in _BAR_METRES if bar / metres_a_unit <= WIDTH / 4), default=_BAR_METRES[0]
    )
    text = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    picture = ReportMap(high * scale + 2 * MARGIN, metres / metres_a_unit, text)
    return _Frame(west, north, scale * shrink, scale), picture


def _outlines(keys: Sequence[int], frame: _Frame) -> str:
    parts = []
    waiting = iter(keys)
    while some := list(islice(waiting, 500)):
        shapes = Boundary.objects.filter(pk__in=some).order_by("pk").values_list("geometry_wkb")
        for (wkb,) in shapes:
            # Half a unit of the picture cannot be seen.
            simple = shapely.from_wkb(bytes(wkb)).simplify(0.3 / frame.scale_y)
            parts += [_ring(ring, frame) for ring in _rings(simple)]
    return "".join(parts)


def _rings(shape: Any) -> Iterable[Any]:
    for polygon in getattr(shape, "geoms", [shape]):
        yield polygon.exterior
        yield from polygon.interiors


def _ring(ring: Any, frame: _Frame) -> str:
    places = (frame.place(x, y) for x, y in list(ring.coords)[:-1])
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places) + "Z"


def _squares(boxes: dict[int, Box], earning: set[int], frame: _Frame) -> tuple[str, str]:
    """Squares of a grid with any field in them; one that earned fills its square."""
    cells: dict[tuple[int, int], bool] = {}
    for key, (west, south, east, north) in boxes.items():
        x, y = frame.place((west + east) / 2, (south + north) / 2)
        cell = (int(x // _CELL), int(y // _CELL))
        cells[cell] = cells.get(cell, False) or key in earning

    def drawn(state: bool) -> str:
        side = f"h{_CELL}v{_CELL}h-{_CELL}Z"
        chosen = sorted(cell for cell, earned in cells.items() if earned is state)
        return "".join(f"M{x * _CELL} {y * _CELL}{side}" for x, y in chosen)

    return drawn(True), drawn(False)
