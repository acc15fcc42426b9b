"""Plots drawn by hand, redrawn, split and merged; nothing that was on record is lost.

A new outline is a new version of the boundary. A split or merger ends the fields it cuts or joins
on the day before, and begins new ones with the same holders on the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from shapely.geometry import LineString, Polygon

from aggregator.audit import record_event
from aggregator.errors import BadInput, DomainError
from aggregator.importing import lock_imports
from aggregator.models import Household, User, Village
from aggregator.roles import NotYours, require_role
from farms.boundaries import boundaries_near, make_boundary
from farms.cutting import (
    CuttingError,
    check_parts,
    join_polygons,
    share_out,
    split_polygon,
)
from farms.field_faults import say_fault
from farms.geometry import (
    WGS84,
    GeometryFault,
    Outline,
    find_overlaps,
    geodesic_area_m2,
    read_outlines,
    same_outline,
)
from farms.models import Boundary, Field
from farms.outline_words import cutting_text
from farms.successors import carry_over, check_alike
from farms.transfers import transfer_field

_CODE_LENGTH = Field._meta.get_field("code").max_length or 0


class BadOutline(BadInput):
    code = "bad_outline"
    message = "%(words)s"


class BadFieldCode(BadInput):
    code = "bad_field_code"
    message = _("A field code has 1 to %(length)s characters, and no two fields have the same.")


class FieldCodeTaken(DomainError):
    code = "field_code_taken"
    message = _("There is already a field %(code)s.")


class OverlapsNeighbour(DomainError):
    code = "overlaps_neighbour"
    message = _(
        "%(percent)s%% of the smaller one would be covered twice: this outline overlaps field "
        "%(code)s. Move the edge."
    )


class FieldEnded(DomainError):
    code = "field_ended"
    message = _("Field %(code)s ended on %(ends_on)s: it was split or merged.")


class OutlineUnchanged(DomainError):
    code = "outline_unchanged"
    message = _("The outline is the one on record: nothing was changed.")


class BadDay(BadInput):
    code = "bad_day"
    message = _("The day must lie after %(first)s and not in the future.")


class WrongNumberOfCodes(BadInput):
    code = "wrong_number_of_codes"
    message = _("There are %(parts)s parts, but %(codes)s field codes. Give each part its code.")


class NotOneVillage(DomainError):
    code = "not_one_village"
    message = _("Only fields of one village and one land class can be merged.")


class TooFewFields(BadInput):
    code = "too_few_fields"
    message = _("Choose at least two fields to merge.")


@dataclass(frozen=True, slots=True)
class NewField:
    """What a plot drawn by hand is called and who holds it, from which day."""

    code: str
    village: Village
    household: Household
    kind: str
    starts_on: date
    name: str = ""
    land_class: str = ""


def draw_field(facts: NewField, *, polygon: Polygon, by: User) -> Field:
    """Add a plot by hand, with its first boundary and its holder.

    Raises:
        BadOutline, OverlapsNeighbour: the outline cannot be taken.
        BadFieldCode, FieldCodeTaken: the code cannot.
    """
    require_role(by, "operator", of=facts.village)
    if facts.household.cooperative_id != facts.village.cooperative_id:
        raise NotYours
    outline = _judged(polygon)
    with transaction.atomic():
        lock_imports(facts.village.cooperative)
        _check_codes(facts.village, [facts.code])
        _check_neighbours(facts.village, outline.polygon, without=())
        field = Field.objects.create(
            cooperative_id=facts.village.cooperative_id,
            village=facts.village,
            code=facts.code,
            name=facts.name,
            land_class=facts.land_class,
        )
        _add_boundary(field, outline, origin="drawing", by=by)
        transfer_field(
            field, household=facts.household, kind=facts.kind, starts_on=facts.starts_on, by=by
        )
        record_event(field, action="draw_field", by=by, area_m2=str(outline.area_m2))
    return field


def redraw_field(field: Field, *, polygon: Polygon, by: User) -> Boundary:
    """Give a field a new outline; the one before stays on record.

    Raises:
        BadOutline, OverlapsNeighbour, OutlineUnchanged: the outline cannot be taken.
        FieldEnded: the field was split or merged.
    """
    require_role(by, "operator", of=field)
    outline = _judged(polygon)
    with transaction.atomic():
        field = _locked([field])[0]
        before = _boundary(field)
        if same_outline(_polygon(before), outline.polygon):
            raise OutlineUnchanged
        _check_neighbours(field, outline.polygon, without={field.pk})
        boundary = _add_boundary(
            field, outline, origin="drawing", by=by, version=before.version + 1
        )
        record_event(
            field,
            action="redraw_field",
            by=by,
            version=boundary.version,
            area_m2=[str(before.area_m2), str(outline.area_m2)],
        )
    return boundary


def split_field(
    field: Field,
    *,
    cut: LineString | Sequence[Polygon],
    codes: Sequence[str],
    on: date,
    by: User,
) -> list[Field]:
    """Divide a field on a day, by a line or into drawn parts; the codes are the parts' in order.

    Parts of a line are ordered from west to east. Areas are those measured, shared out so that they
    add up to the field's own: no square metre is lost or made.

    Raises:
        BadOutline: the line does not cross the field, or the parts do not make up the field.
        WrongNumberOfCodes, BadFieldCode, FieldCodeTaken: the codes cannot be used.
        BadDay, FieldEnded: the day cannot be used, or the field was split or merged before.
    """
    require_role(by, "operator", of=field)
    with transaction.atomic():
        field = _locked([field])[0]
        _check_day([field], on)
        boundary = _boundary(field)
        outlines = _parts_of(boundary, cut)
        if len(codes) != len(outlines):
            raise WrongNumberOfCodes(parts=len(outlines), codes=len(codes))
        _check_codes(field, codes)
        contracts = _contract_areas(field, outlines)
        children = [
            _successor(field, code, contract, on)
            for code, contract in zip(codes, contracts, strict=True)
        ]
        for child, outline in zip(children, outlines, strict=True):
            _add_boundary(child, outline, origin="split", by=by)
        carry_over([field], children, on=on, by=by)
        record_event(field, action="split_field", by=by, on=on.isoformat(), into=list(codes))
    return children


def plan_split(field: Field, *, cut: LineString | Sequence[Polygon]) -> list[Outline]:
    """The parts a split would make, with the areas they would get; nothing is written.

    Raises:
        BadOutline, FieldEnded: as for the split itself.
    """
    if field.ends_on is not None:
        raise FieldEnded(code=field.code, ends_on=field.ends_on)
    return _parts_of(_boundary(field), cut)


def merge_fields(fields: Sequence[Field], *, code: str, on: date, by: User) -> Field:
    """Join fields that share edges into one, on a day; its area is the sum of theirs.

    Raises:
        TooFewFields, NotOneVillage, HoldersDiffer, AgreementsDiffer, RecordsDiffer: they cannot
            become one field.
        BadOutline: they do not touch, or overlap.
        BadFieldCode, FieldCodeTaken, BadDay, FieldEnded: as for a split.
    """
    for field in fields:
        require_role(by, "operator", of=field)
    if len({field.pk for field in fields}) < 2:
        raise TooFewFields
    with transaction.atomic():
        fields = _locked(fields)
        if len({(field.village_id, field.land_class) for field in fields}) > 1:
            raise NotOneVillage
        _check_day(fields, on)
        _check_codes(fields[0], [code])
        check_alike(fields, on=on)
        boundaries = [_boundary(field) for field in fields]
        outline = _joined(boundaries)
        known = [field.contract_area_m2 for field in fields if field.contract_area_m2]
        contract = sum(known, Decimal(0)) if len(known) == len(fields) else None
        child = _successor(fields[0], code, contract, on)
        _add_boundary(child, outline, origin="merger", by=by)
        carry_over(fields, [child], on=on, by=by)
        for field in fields:
            record_event(field, action="merge_fields", by=by, on=on.isoformat(), into=code)
        record_event(child, action="merge_fields", by=by, of=[field.code for field in fields])
    return child


def _judged(polygon: Polygon) -> Outline:
    (found,) = read_outlines(np.array([polygon], dtype=object), WGS84)
    if isinstance(found, GeometryFault):
        raise BadOutline(words=say_fault(found))
    return found


def _locked(fields: Sequence[Field]) -> list[Field]:
    """The fields as they are now, held until the end of the transaction; none may have ended.

    All of the cooperative's land is held with them: two who draw on one gap, or use one code, see
    nothing of each other otherwise.
    """
    lock_imports(fields[0].cooperative)
    keys = {field.pk for field in fields}
    rows = list(Field.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    for row in rows:
        if row.ends_on is not None:
            raise FieldEnded(code=row.code, ends_on=row.ends_on)
    return rows


def _boundary(field: Field) -> Boundary:
    boundary = field.boundaries.order_by("-version").first()
    if boundary is None:
        raise BadOutline(words=say_fault(GeometryFault("empty")))
    return boundary


def _polygon(boundary: Boundary) -> Polygon:
    return shapely.from_wkb(bytes(boundary.geometry_wkb))


def _check_codes(owner: Any, codes: Sequence[str]) -> None:
    if len(set(codes)) < len(codes) or not all(
        code.strip() == code and 0 < len(code) <= _CODE_LENGTH for code in codes
    ):
        raise BadFieldCode(length=_CODE_LENGTH)
    taken = Field.objects.for_cooperative(owner.cooperative).filter(code__in=codes).first()
    if taken is not None:
        raise FieldCodeTaken(code=taken.code)


def _check_day(fields: Sequence[Field], on: date) -> None:
    first = max((field.starts_on or date.min for field in fields), default=date.min)
    if not first < on <= timezone.localdate():
        raise BadDay(first=first)


def _check_neighbours(owner: Any, polygon: Polygon, *, without: Any) -> None:
    near = boundaries_near(owner.cooperative, [polygon], without=without)
    tolerance = float(settings.FIELD_OVERLAP_TOLERANCE)
    found = find_overlaps([polygon], [shape for _code, shape in near], tolerance=tolerance)
    if found:
        worst = max(found, key=lambda pair: pair.share)
        raise OverlapsNeighbour(
            code=near[worst.second - 1][0], percent=format(worst.share * 100, ".1f")
        )


def _parts_of(boundary: Boundary, cut: LineString | Sequence[Polygon]) -> list[Outline]:
    whole = _polygon(boundary)
    try:
        if isinstance(cut, LineString):
            parts = split_polygon(whole, cut)
        else:
            parts = [_judged(part).polygon for part in cut]
            check_parts(whole, parts)
    except CuttingError as error:
        raise BadOutline(words=cutting_text(error)) from error
    measured = [_judged(part).area_m2 for part in parts]
    areas = share_out(boundary.area_m2, measured)
    return [Outline(part, area) for part, area in zip(parts, areas, strict=True)]


def _joined(boundaries: Sequence[Boundary]) -> Outline:
    parts = [_polygon(boundary) for boundary in boundaries]
    try:
        union = join_polygons(parts)
        check_parts(union, parts)
    except CuttingError as error:
        raise BadOutline(words=cutting_text(error)) from error
    _judged(union)
    return Outline(union, sum((boundary.area_m2 for boundary in boundaries), Decimal(0)))


def _contract_areas(field: Field, outlines: Sequence[Outline]) -> list[Decimal | None]:
    if field.contract_area_m2 is None:
        return [None] * len(outlines)
    weights = [geodesic_area_m2(outline.polygon) for outline in outlines]
    return [*share_out(field.contract_area_m2, weights)]


def _successor(parent: Field, code: str, contract: Decimal | None, on: date) -> Field:
    return Field.objects.create(
        cooperative_id=parent.cooperative_id,
        village_id=parent.village_id,
        code=code,
        name=parent.name,
        land_class=parent.land_class,
        contract_area_m2=contract or None,
        starts_on=on,
    )


def _add_boundary(
    field: Field, outline: Outline, *, origin: str, by: User, version: int = 1
) -> Boundary:
    boundary = make_boundary(field, outline, version=version, source_crs="EPSG:4326")
    boundary.origin, boundary.recorded_by = origin, by
    boundary.save()
    return boundary
