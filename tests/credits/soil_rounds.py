"""Rounds of soil sampling for the tests, made through the rules, and a laboratory's sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.utils import timezone
from openpyxl import Workbook

from credits.models import Enrolment, Project, SoilCampaign, SoilLayer, SoilPoint
from credits.soil.results import Lab, import_results
from credits.soil.sampling import RoundPlan, close_round, draw_points, open_points, plan_round
from tests.cast import START, Cast

HEADINGS = (
    "样品编号",
    "上界(cm)",
    "下界(cm)",
    "有机碳(g/kg)",
    "容重(g/cm3)",
    "采样日期",
    "实验室编号",
)
SEED = "2026-11-22 03 11 19 24 30"


def make_pool(cast: Cast) -> Project:
    """A project with every field of the cast enrolled."""
    project = Project.objects.create(
        cooperative=cast.cooperative,
        code="SOIL",
        name="土壤项目",
        program="ccx",
        methodology="measured-soc",
        starts_on=START,
        ends_on=START.replace(year=2029),
    )
    for field in cast.fields:
        Enrolment.objects.create(
            cooperative=cast.cooperative,
            project=project,
            field=field,
            status=Enrolment.Status.ENROLLED,
        )
    return project


def make_plan(**changes: Any) -> RoundPlan:
    return RoundPlan(
        **{"stratify_by": "whole", "total_points": 6, "depths_cm": (15, 30), **changes}
    )


def drawn_round(cast: Cast, project: Project, **changes: Any) -> SoilCampaign:
    campaign = plan_round(project, plan=make_plan(**changes), by=cast.operator)
    draw_points(campaign, seed=SEED, by=cast.operator)
    campaign.refresh_from_db()
    return campaign


def rows_of(points: Sequence[SoilPoint], *, carbon: Sequence[Any], day: str) -> list[list[Any]]:
    """Two layers of each point with the carbon given, above and three less below."""
    rows = []
    for point, value in zip(points, carbon, strict=True):
        for top, bottom, less in ((0, 15, 0), (15, 30, 3)):
            number = f"L{point.campaign.number}{point.label}-{top}"
            rows.append([point.code, top, bottom, value - less, 1.3, day, number])
    return rows


def write_sheet(
    folder: Path, rows: Sequence[Sequence[Any]], headings: Sequence[str] = HEADINGS
) -> Path:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in (headings, *rows):
        sheet.append(list(row))
    path = folder / "lab.xlsx"
    workbook.save(path)
    return path


def measured_round(
    cast: Cast, project: Project, folder: Path, *, carbon: Sequence[Any], **changes: Any
) -> SoilCampaign:
    """A round with results for every point, closed."""
    campaign = drawn_round(cast, project, **changes)
    day = timezone.localdate(campaign.drawn_at).isoformat()
    path = write_sheet(folder, rows_of(list(open_points(campaign)), carbon=carbon, day=day))
    report = import_results(campaign, path, lab=Lab(name="省农科院"), by=cast.operator)
    assert report.errors == []
    return close_round(campaign, by=cast.operator)


def layers_on_record(campaign: SoilCampaign) -> list[Mapping[str, Any]]:
    return list(SoilLayer.objects.filter(point__campaign=campaign).values())
