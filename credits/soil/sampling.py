"""A round of soil sampling: its list published, its points drawn, those not reached replaced.

The list's hash is kept before the seed is known, and every point is the seed's: the next point of
a stratum replaces one that cannot be reached, nobody chooses a place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput, DomainError
from aggregator.locks import lock_cooperative
from aggregator.models import User
from aggregator.roles import require_role
from credits.models import Project, SoilCampaign, SoilLayer, SoilPoint, SoilPopulation
from credits.soil.point_draw import DrawError
from credits.soil.population import (
    PointSource,
    describe_parcels,
    pack_list,
    place_of,
    unpack_list,
    write_list,
)
from credits.soil.strata import (
    earlier_fields,
    gather_parcels,
    least_points,
    measure_spread,
    share_points,
)
from farms.models import Boundary

Status = SoilCampaign.Status
MAX_POINTS = 1000
MAX_SEED = 200


class RoundUnderWay(DomainError):
    code = "soil_round_under_way"
    message = _("Round %(number)s of the project is not closed yet.")


class NoEarlierRound(DomainError):
    code = "no_earlier_soil_round"
    message = _("There is no closed round whose strata or points could be taken over.")


class TooManyPoints(BadInput):
    code = "too_many_points"
    message = _("A round has at most %(limit)s points.")


class BadDepths(BadInput):
    code = "bad_soil_depths"
    message = _("Layers end deeper and deeper, from 1 to 300 cm, e.g. 15, 30.")


class SeedMissing(BadInput):
    code = "soil_seed_missing"
    message = _(
        "Give the published seed, at most 200 characters: a lottery's numbers of a named day, say."
    )


class PointsDrawn(DomainError):
    code = "soil_points_drawn"
    message = _("The points have been drawn already; a second draw would not be a draw.")


class NoRoomForPoint(DomainError):
    code = "no_room_for_point"
    message = _("A point cannot be drawn: %(reason)s. Look at the outline of that field.")


class PointNotOpen(DomainError):
    code = "soil_point_not_open"
    message = _("This point has results, was given up already, or its round is closed.")


class ReasonMissing(BadInput):
    code = "soil_reason_missing"
    message = _("Say why the point cannot be reached, in at most 200 characters.")


class ResultsMissing(DomainError):
    code = "soil_results_missing"
    message = _("%(count)s points have no results yet, e.g. %(codes)s.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPlan:
    """What a round is to be: strata, points, layers, and how the laboratory will report."""

    stratify_by: str
    total_points: int
    depths_cm: tuple[int, ...]
    by_spread: bool = False
    revisits: bool = False
    sheet: Path | None = None
    probe_diameter_mm: Decimal | None = None
    cores_per_sample: int = 1
    density_of: str = SoilCampaign.DensityOf.WHOLE_SOIL
    rule: str = "none"


def plan_round(project: Project, *, plan: RoundPlan, by: User) -> SoilCampaign:
    """Publish the list of a new round: fields in strata, points to each, all under one hash.

    Raises:
        RoundUnderWay: the last round is not closed.
        NoEarlierRound: strata or points of a round before are wanted and there is none.
        BadDepths, TooManyPoints, TooFewPoints: the plan cannot be carried out.
    """
    require_role(by, User.Role.OPERATOR, of=project)
    _check_plan(plan)
    with transaction.atomic():
        lock_cooperative(project.cooperative_id)
        last = project.soil_campaigns.order_by("-number").first()
        if last is not None and last.status != Status.CLOSED:
            raise RoundUnderWay(number=last.number)
        goes_on = plan.revisits or plan.stratify_by == SoilCampaign.StratifyBy.EARLIER
        if goes_on and last is None:
            raise NoEarlierRound
        campaign = _publish(project, plan, last, goes_on=goes_on)
        audit.record_event(
            campaign,
            action="plan_soil_round",
            by=by,
            population_sha256=campaign.population_sha256,
            fields=campaign.population_size,
        )
    return campaign


def draw_points(campaign: SoilCampaign, *, seed: str, by: User) -> list[SoilPoint]:
    """Draw the round's points from its published list, or go back to the round before's.

    Raises:
        SeedMissing: no seed, or too long a one.
        PointsDrawn: there are points.
        NoRoomForPoint: an outline in which no point can lie.
    """
    require_role(by, User.Role.OPERATOR, of=campaign)
    key = seed.strip()
    if not 0 < len(key) <= MAX_SEED:
        raise SeedMissing
    with transaction.atomic():
        lock_cooperative(campaign.cooperative_id)
        moved = SoilCampaign.objects.filter(pk=campaign.pk, status=Status.PLANNED).update(
            status=Status.DRAWN, seed=key, drawn_at=timezone.now()
        )
        if not moved:
            raise PointsDrawn
        campaign.refresh_from_db()
        rows = _revisited_points(campaign) if campaign.revisits else _drawn_points(campaign)
        points = SoilPoint.objects.bulk_create(rows)
        audit.record_event(campaign, action="draw_soil_points", by=by, seed=key, points=len(points))
    return points


def replace_point(point: SoilPoint, *, reason: str, by: User) -> SoilPoint | None:
    """Give up a point that cannot be reached; the next of its stratum in the draw takes its place.

    A point that was to be visited again is given up without another: it has no earlier result.

    Raises:
        ReasonMissing: no reason.
        PointNotOpen: it has results or was given up, or the round is closed.
        NoRoomForPoint: an outline in which no point can lie.
    """
    require_role(by, User.Role.OPERATOR, of=point)
    why = reason.strip()
    if not 0 < len(why) <= 200:
        raise ReasonMissing
    with transaction.atomic():
        lock_cooperative(point.cooperative_id)
        campaign = SoilCampaign.objects.get(pk=point.campaign_id)
        open_ones = SoilPoint.objects.filter(pk=point.pk, status=SoilPoint.Status.PLANNED)
        moved = without_results(open_ones)
        gone = {"status": SoilPoint.Status.UNREACHED, "reason": why, "recorded_by": by}
        if campaign.status != Status.DRAWN or not moved.update(**gone):
            raise PointNotOpen
        new = None if campaign.revisits else _next_point(campaign, point)
        audit.record_event(
            point,
            action="replace_soil_point",
            by=by,
            reason=why,
            replaced_by=new.code if new else "",
        )
    return new


def close_round(campaign: SoilCampaign, *, by: User) -> SoilCampaign:
    """Close a round whose points all have results; from here on they stand.

    Raises:
        ResultsMissing: points without results, neither sampled nor given up.
        PointNotOpen: it is not open.
    """
    require_role(by, User.Role.OPERATOR, of=campaign)
    with transaction.atomic():
        lock_cooperative(campaign.cooperative_id)
        missing = without_results(open_points(campaign))
        codes = list(missing.values_list("code", flat=True)[:5])
        if codes:
            raise ResultsMissing(count=missing.count(), codes=", ".join(codes))
        moved = SoilCampaign.objects.filter(pk=campaign.pk, status=Status.DRAWN)
        if not moved.update(status=Status.CLOSED):
            raise PointNotOpen
        campaign.refresh_from_db()
        audit.record_event(campaign, action="close_soil_round", by=by)
    return campaign


def open_points(campaign: SoilCampaign) -> Any:
    """The points of a round that stand: neither given up nor replaced."""
    return campaign.points.filter(status=SoilPoint.Status.PLANNED)


def without_results(points: Any) -> Any:
    """The points of which no layer counts."""
    standing = SoilLayer.objects.standing().filter(point=OuterRef("pk"))
    return points.filter(~Exists(standing))


def _check_plan(plan: RoundPlan) -> None:
    depths = (0, *plan.depths_cm)
    rising = all(upper < lower for upper, lower in pairwise(depths))
    if not plan.depths_cm or not rising or depths[-1] > 300:
        raise BadDepths
    if plan.total_points > MAX_POINTS:
        raise TooManyPoints(limit=MAX_POINTS)


def _publish(
    project: Project, plan: RoundPlan, last: SoilCampaign | None, *, goes_on: bool
) -> SoilCampaign:
    earlier = last if goes_on else None
    fields: list[Any] = (
        earlier_fields(earlier)
        if earlier
        else describe_parcels(gather_parcels(project, by=plan.stratify_by, sheet=plan.sheet))
    )
    areas: dict[str, Decimal] = {}
    for field in fields:
        name = field["stratum"]
        areas[name] = areas.get(name, Decimal(0)) + Decimal(field["area_m2"])
    points = _share(project, plan, areas, earlier)
    number = last.number + 1 if last else 1
    content = write_list(fields, project=project.code, number=number, points=points)
    campaign = SoilCampaign.objects.create(
        cooperative=project.cooperative,
        project=project,
        number=number,
        follows=earlier,
        stratify_by=SoilCampaign.StratifyBy.EARLIER if earlier else plan.stratify_by,
        revisits=plan.revisits,
        strata=[
            {
                "name": name,
                "points": points[name],
                "area_m2": str(areas[name]),
                "fields": sum(field["stratum"] == name for field in fields),
            }
            for name in points
        ],
        depths_cm=list(plan.depths_cm),
        probe_diameter_mm=plan.probe_diameter_mm,
        cores_per_sample=plan.cores_per_sample,
        density_of=plan.density_of,
        rule=plan.rule,
        population_sha256=hashlib.sha256(content).hexdigest(),
        population_size=len(fields),
    )
    SoilPopulation.objects.create(
        cooperative=project.cooperative, campaign=campaign, content=pack_list(content)
    )
    return campaign


def _share(
    project: Project, plan: RoundPlan, areas: dict[str, Decimal], earlier: SoilCampaign | None
) -> dict[str, int]:
    if plan.revisits and earlier is not None:
        standing = list(open_points(earlier).values_list("stratum", flat=True))
        return {name: standing.count(name) for name in sorted(areas)}
    if plan.by_spread and earlier is None:
        raise NoEarlierRound
    spread = measure_spread(earlier) if plan.by_spread and earlier else None
    least = least_points(project)
    return share_points(plan.total_points, areas, least=least, deviations=spread)


def _drawn_points(campaign: SoilCampaign) -> Iterator[SoilPoint]:
    source = PointSource(unpack_list(campaign), seed=campaign.seed)
    boundaries = _boundaries_of(campaign, source)
    try:
        for stratum, position, field, drawn in source.draw_all():
            yield _point(campaign, stratum, position, boundaries[field["code"]], drawn)
    except DrawError as error:
        raise NoRoomForPoint(reason=str(error)) from error


def _boundaries_of(campaign: SoilCampaign, source: PointSource) -> dict[str, Boundary]:
    """The outlines the list names, by field code; the geometry itself is in the list."""
    versions = {field["code"]: field["boundary"] for field in source.listed["fields"]}
    rows = (
        Boundary.objects.for_cooperative(campaign.cooperative)
        .filter(field__code__in=versions)
        .select_related("field")
        .defer("geometry_wkb")
    )
    return {row.field.code: row for row in rows if versions[row.field.code] == row.version}


def _point(
    campaign: SoilCampaign, stratum: str, position: int, boundary: Boundary, drawn: Any
) -> SoilPoint:
    names = [each["name"] for each in campaign.strata]
    label = f"{names.index(stratum) + 1}-{position:02d}"
    return SoilPoint(
        cooperative=campaign.cooperative,
        campaign=campaign,
        code=f"{campaign.project.code}-{campaign.number}-{label}",
        label=label,
        stratum=stratum,
        position=position,
        field_id=boundary.field_id,
        boundary=boundary,
        longitude=place_of(drawn.longitude_e7),
        latitude=place_of(drawn.latitude_e7),
    )


def _revisited_points(campaign: SoilCampaign) -> Iterator[SoilPoint]:
    if campaign.follows is None:
        raise NoEarlierRound
    for old in open_points(campaign.follows):
        yield SoilPoint(
            cooperative=campaign.cooperative,
            campaign=campaign,
            code=f"{campaign.project.code}-{campaign.number}-{old.label}",
            label=old.label,
            stratum=old.stratum,
            position=old.position,
            field_id=old.field_id,
            boundary_id=old.boundary_id,
            longitude=old.longitude,
            latitude=old.latitude,
        )


def _next_point(campaign: SoilCampaign, point: SoilPoint) -> SoilPoint:
    taken = campaign.points.filter(stratum=point.stratum).aggregate(last=Max("position"))["last"]
    source = PointSource(unpack_list(campaign), seed=campaign.seed)
    try:
        field, drawn = source.draw(point.stratum, taken + 1)
    except DrawError as error:
        raise NoRoomForPoint(reason=str(error)) from error
    boundary = _boundaries_of(campaign, source)[field["code"]]
    new = _point(campaign, point.stratum, taken + 1, boundary, drawn)
    new.replaces = point
    new.save()
    return new
