"""Into which strata the fields of a pool fall, and how many points each stratum gets.

Reads rows and writes none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from statistics import stdev

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from aggregator.errors import BadInput, DomainError
from aggregator.tabular import Column, read_table
from credits.methodologies.sampling_design import (
    LEAST_IN_STRATUM,
    share_by_neyman,
    share_in_proportion,
)
from credits.models import Enrolment, Project, SoilCampaign, SoilLayer
from credits.soil.population import Parcel, unpack_list
from farms.models import Boundary, Field, PracticeRecord

By = SoilCampaign.StratifyBy
MAX_STRATUM = 80
MAX_STRATA = 200
NONE_KNOWN = "none"
SIZES = ("small", "middle", "large")
# Climate Action Reserve, Soil Enrichment Protocol v1.1, 5: at least three in each stratum.
LEAST_BY_PROGRAM = {"car-soil": 3}
SHEET_COLUMNS = (
    Column("field_code", ("地块编码", "地块编号"), words="field code", required=True, code=True),
    Column("stratum", ("分层", "层", "层名"), words="stratum", required=True),
)


class NothingEnrolled(DomainError):
    code = "nothing_enrolled"
    message = _("No field is enrolled in the project: there is nothing to sample.")


class TooManyStrata(DomainError):
    code = "too_many_strata"
    message = _("There would be %(count)s strata; at most %(limit)s can be sampled.")


class TooFewPoints(BadInput):
    code = "too_few_points"
    message = _("%(total)s points are too few: %(strata)s strata need at least %(least)s each.")


class SheetMissing(BadInput):
    code = "strata_sheet_missing"
    message = _("Choose the sheet that says each field's stratum.")


class SheetDoesNotFit(BadInput):
    code = "strata_sheet_does_not_fit"
    message = _("The sheet does not fit the project. %(faults)s")


class NoSpread(DomainError):
    code = "no_spread"
    message = _(
        "Sharing out by spread needs at least two results in every stratum of the round before."
    )


def gather_parcels(project: Project, *, by: str, sheet: Path | None = None) -> list[Parcel]:
    """The enrolled fields with their latest outlines, each in its stratum.

    Raises:
        NothingEnrolled, TooManyStrata: there is nothing to draw from, or far too many strata.
        SheetMissing, SheetDoesNotFit: strata come from a sheet, and it does not name every field.
    """
    fields = list(_enrolled_fields(project))
    if not fields:
        raise NothingEnrolled
    boundaries = _latest_boundaries(fields)
    fields = [field for field in fields if field.pk in boundaries]
    by_sheet = by == By.SHEET
    names = _strata_of_sheet(sheet, fields) if by_sheet else _RULES[by](fields, boundaries)
    if len(set(names.values())) > MAX_STRATA:
        raise TooManyStrata(count=len(set(names.values())), limit=MAX_STRATA)
    return [Parcel(field.code, names[field.pk], boundaries[field.pk]) for field in fields]


def least_points(project: Project) -> int:
    """The fewest points in a stratum under the project's program."""
    return LEAST_BY_PROGRAM.get(project.program, LEAST_IN_STRATUM)


def share_points(
    total: int,
    areas: Mapping[str, Decimal],
    *,
    least: int,
    deviations: Mapping[str, float] | None = None,
) -> dict[str, int]:
    """How many points each stratum gets: by area, or by area and spread where it is known.

    A program that asks for more than two in a stratum gets the missing ones on top of the total.

    Raises:
        TooFewPoints: not even the least for each stratum.
    """
    if total < least * len(areas):
        raise TooFewPoints(total=total, strata=len(areas), least=least)
    sizes = {name: float(area) for name, area in areas.items()}
    shares = (
        share_in_proportion(total, sizes)
        if deviations is None
        else share_by_neyman(total, sizes, deviations)
    )
    return {name: max(least, count) for name, count in sorted(shares.items())}


def measure_spread(campaign: SoilCampaign) -> dict[str, float]:
    """The standard deviation of carbon between the points of each stratum, in g/kg.

    Raises:
        NoSpread: a stratum with fewer than two points measured.
    """
    found: dict[str, dict[int, list[tuple[Decimal, Decimal]]]] = {}
    rows = SoilLayer.objects.standing().filter(point__campaign=campaign)
    for layer in rows.select_related("point"):
        points = found.setdefault(layer.point.stratum, {})
        thickness = layer.bottom_cm - layer.top_cm
        points.setdefault(layer.point_id, []).append((thickness, layer.carbon_g_per_kg))
    means = {name: [_mean(layers) for layers in points.values()] for name, points in found.items()}
    names = [stratum["name"] for stratum in campaign.strata]
    if any(len(means.get(name, ())) < LEAST_IN_STRATUM for name in names):
        raise NoSpread
    return {name: stdev(means[name]) for name in names}


def earlier_fields(campaign: SoilCampaign) -> list[dict[str, object]]:
    """The fields of a round as its list has them, for a round that goes on with its strata."""
    fields: list[dict[str, object]] = json.loads(unpack_list(campaign))["fields"]
    return fields


def _mean(layers: Sequence[tuple[Decimal, Decimal]]) -> float:
    return float(sum(t * c for t, c in layers) / sum(t for t, _c in layers))


def _enrolled_fields(project: Project) -> QuerySet[Field]:
    enrolled = Enrolment.objects.filter(project=project, status=Enrolment.Status.ENROLLED)
    return (
        Field.objects.for_cooperative(project.cooperative)
        .filter(pk__in=enrolled.values("field"))
        .select_related("village")
        .order_by("code")
    )


def _latest_boundaries(fields: Sequence[Field]) -> dict[int, Boundary]:
    latest = Boundary.objects.filter(field=OuterRef("field")).order_by("-version").values("pk")[:1]
    rows = Boundary.objects.filter(field__in=[field.pk for field in fields], pk=Subquery(latest))
    return {row.field_id: row for row in rows}


Rule = Callable[[Sequence[Field], Mapping[int, Boundary]], dict[int, str]]


def _as_one(fields: Sequence[Field], _boundaries: Mapping[int, Boundary]) -> dict[int, str]:
    return dict.fromkeys((field.pk for field in fields), "all")


def _by_village(fields: Sequence[Field], _boundaries: Mapping[int, Boundary]) -> dict[int, str]:
    return {
        field.pk: f"{field.village.code} {field.village.name}"[:MAX_STRATUM] for field in fields
    }


def _by_land_class(fields: Sequence[Field], _boundaries: Mapping[int, Boundary]) -> dict[int, str]:
    return {field.pk: field.land_class or NONE_KNOWN for field in fields}


def _by_practice(fields: Sequence[Field], _boundaries: Mapping[int, Boundary]) -> dict[int, str]:
    """All confirmed practices of the field's latest season with any, joined by plus signs."""
    rows = (
        PracticeRecord.objects.confirmed()
        .filter(field__in=[field.pk for field in fields])
        .order_by("-season__starts_on", "practice")
        .values_list("field_id", "season_id", "practice")
    )
    latest: dict[int, tuple[int, list[str]]] = {}
    for field, season, practice in rows:
        found = latest.setdefault(field, (season, []))
        if found[0] == season and practice not in found[1]:
            found[1].append(practice)
    return {
        field.pk: "+".join(latest[field.pk][1])[:MAX_STRATUM] if field.pk in latest else NONE_KNOWN
        for field in fields
    }


def _by_area(fields: Sequence[Field], boundaries: Mapping[int, Boundary]) -> dict[int, str]:
    """Thirds of the fields from the smallest to the largest; of equal ones by their codes."""
    ranked = sorted(fields, key=lambda field: (boundaries[field.pk].area_m2, field.code))
    return {field.pk: SIZES[3 * rank // len(ranked)] for rank, field in enumerate(ranked)}


_RULES: Mapping[str, Rule] = {
    By.WHOLE: _as_one,
    By.VILLAGE: _by_village,
    By.LAND_CLASS: _by_land_class,
    By.PRACTICE: _by_practice,
    By.AREA_CLASS: _by_area,
}


def _strata_of_sheet(sheet: Path | None, fields: Sequence[Field]) -> dict[int, str]:
    if sheet is None:
        raise SheetMissing
    table = read_table(sheet, SHEET_COLUMNS)
    faults = [f"{error.row}: {error.reason}" for error in table.errors]
    named: dict[str, str] = {}
    for row in table.rows:
        code, stratum = row.cells.get("field_code", ""), row.cells.get("stratum", "")
        if named.setdefault(code, stratum) != stratum:
            faults.append(str(_("Field %(code)s stands in two strata.") % {"code": code}))
        if code and not 0 < len(stratum) <= MAX_STRATUM:
            faults.append(str(_("Field %(code)s has no stratum.") % {"code": code}))
    missing = [field.code for field in fields if field.code not in named]
    if missing:
        faults.append(str(_("Not named: %(codes)s.") % {"codes": ", ".join(missing[:10])}))
    if faults:
        raise SheetDoesNotFit(faults=" ".join(faults[:10]))
    return {field.pk: named[field.code] for field in fields}
