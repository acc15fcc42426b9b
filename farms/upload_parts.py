"""A feature of several parts made into a plot of each, with codes that the clerk saw or typed.

The feature itself is left out and stays, so that it can be taken back; its parts are new rows
behind the last one. Contract and measured areas are of the whole: the parts come without them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from pyproj import CRS

from aggregator.audit import record_event
from aggregator.errors import BadInput, DomainError
from aggregator.models import UploadRow, User
from aggregator.upload_cells import lay_out, read_mended
from aggregator.upload_mending import ask_again, lock_checked
from farms.field_columns import FIELD_CODE_DIGITS
from farms.field_upload import find_boxes

# More than this is a whole layer drawn as one feature: a matter for the map program.
MOST_PARTS = 20
AREAS = (
    *("contract_area_mu", "contract_area_m2"),
    *("measured_area_mu", "measured_area_m2", "measured_area_ha"),
)


class NoParts(DomainError):
    code = "no_parts"
    message = _("This outline cannot be made into plots of its parts.")


class CodeOfEachPart(BadInput):
    code = "code_of_each_part"
    message = _("Each part needs a field code of its own.")


def list_parts(row: UploadRow) -> list[Any]:
    """The polygons of an outline of several; none where it is one, or far too many."""
    if row.shape is None:
        return []
    shape = shapely.from_wkb(bytes(row.shape), on_invalid="ignore")
    if shape is None or shape.geom_type != "MultiPolygon":
        return []
    parts = shapely.get_parts(shapely.force_2d(shape)).tolist()
    return parts if 1 < len(parts) <= MOST_PARTS else []


def suggest_codes(row: UploadRow) -> list[str]:
    """A code for each part; empty ones for a national code, which only the registry extends."""
    code = _texts(row).get("field_code", "")
    if not code or (code.isdigit() and len(code) == FIELD_CODE_DIGITS):
        return ["" for _part in list_parts(row)]
    return [f"{code}-{number}" for number, _part in enumerate(list_parts(row), start=1)]


@transaction.atomic
def split_row(row: UploadRow, *, codes: Sequence[str], by: User) -> list[int]:
    """Leave a feature out and put its parts in its place; the numbers of their rows.

    Raises:
        NoParts: the row has one part, or was left out already.
        CodeOfEachPart: a code is missing, or two are the same.
    """
    upload = lock_checked(row.upload, by=by)
    row.refresh_from_db()
    parts = list_parts(row)
    if not parts or row.left_out:
        raise NoParts
    typed = [code.strip() for code in codes]
    if len(typed) != len(parts) or not all(typed) or len(set(typed)) < len(typed):
        raise CodeOfEachPart
    last = upload.rows.aggregate(last=Max("number"))["last"]
    boxes = find_boxes(np.array(parts, dtype=object), CRS.from_json(upload.details["crs"]))
    texts = read_mended(row) | {key: "" for key in AREAS if _texts(row).get(key)}
    made = [
        _make_part(row, last + 1 + at, texts | {"field_code": code}, parts[at], boxes[at])
        for at, code in enumerate(typed)
    ]
    UploadRow.objects.bulk_create(made)
    row.left_out = True
    row.save(update_fields=["left_out"])
    numbers = [part.number for part in made]
    upload.details.setdefault("split", {})[str(row.number)] = numbers
    ask_again(upload)
    record_event(upload, action="split_row", by=by, row=row.number, parts=numbers)
    return numbers


def _texts(row: UploadRow) -> dict[str, str]:
    """The row's texts by our keys, as they stand mended."""
    upload = row.upload
    return lay_out(row, headings=upload.columns, constants=upload.constants).texts


def _make_part(
    row: UploadRow, number: int, texts: dict[str, str], shape: Any, box: Any
) -> UploadRow:
    west, south, east, north = box or (None, None, None, None)
    return UploadRow(
        cooperative_id=row.cooperative_id,
        upload_id=row.upload_id,
        number=number,
        cells=row.cells,
        mended=json.dumps(texts, ensure_ascii=False),
        shape=shapely.to_wkb(shape),
        min_x=west,
        min_y=south,
        max_x=east,
        max_y=north,
    )
