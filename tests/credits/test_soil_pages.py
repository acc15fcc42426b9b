"""The desk's way through a soil sampling: plan, draw, sheets, results, and who may press what."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from credits.models import SoilCampaign, SoilLayer, SoilPoint
from credits.soil.maps import draw_map
from credits.soil.sheets import NoPointsHere, write_sheets
from tests.cast import Cast
from tests.credits.soil_rounds import SEED, drawn_round, make_pool, rows_of, write_sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

PLAN = {
    "stratify_by": "village",
    "total_points": "6",
    "depths_cm": "15、30",
    "cores_per_sample": "1",
    "density_of": "whole_soil",
    "rule": "none",
}


def signed_in(cast: Cast, role: str = "operator") -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(getattr(cast, role))
    return client


def test_a_round_goes_from_plan_to_results_by_buttons(sunrise: Cast, tmp_path: Path) -> None:
    project, client = make_pool(sunrise), signed_in(sunrise)
    client.post(f"/admin/credits/project/{project.pk}/do/plan-soil/", PLAN)
    campaign = SoilCampaign.objects.get()
    assert campaign.depths_cm == [15, 30]
    page = f"/admin/credits/soilcampaign/{campaign.pk}"
    client.post(f"{page}/do/draw/", {"seed": SEED})
    points = list(SoilPoint.objects.all())
    assert len(points) == 6
    rows = rows_of(points, carbon=[10, 11, 12, 13, 14, 150], day="2099-03-31")
    sheet = write_sheet(tmp_path, rows).read_bytes()

    def send(**more: str) -> str:
        file = SimpleUploadedFile("lab.xlsx", sheet)
        sent = {"file": file, "laboratory": "Lab", **more}
        return client.post(f"{page}/do/results/", sent, follow=True).content.decode()

    assert "150 lies far from the others" in send()
    assert SoilLayer.objects.count() == 0
    assert "Brought in." in send(confirmed="on")
    assert SoilLayer.objects.count() == 12
    shown = client.get(f"{page}/change/").content.decode()
    assert "6 / 6" in shown
    assert "<td>一村</td>" in shown
    client.post(f"{page}/do/close/")
    campaign.refresh_from_db()
    assert campaign.status == SoilCampaign.Status.CLOSED


def test_the_sheets_name_each_point_its_place_and_its_layers(sunrise: Cast) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    html = write_sheets(campaign, village=sunrise.village)
    for point in campaign.points.all():
        assert f"<b>{point.code}</b>" in html
        assert f"{point.latitude:.6f}  {point.longitude:.6f}" in html
    assert html.count("15 – 30") == 6
    assert campaign.population_sha256 in html
    assert "户主" in html
    SoilPoint.objects.update(status="unreached", reason="flooded")
    with pytest.raises(NoPointsHere):
        write_sheets(campaign, village=sunrise.village)


def test_the_sheets_come_as_a_pdf_in_the_language_asked_for(sunrise: Cast) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    for language in ("en", "zh-hans"):
        answer = signed_in(sunrise, "viewer").post(
            f"/admin/credits/soilcampaign/{campaign.pk}/do/sheets/",
            {"village": sunrise.village.pk, "language": language},
        )
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")


@pytest.mark.parametrize("role", ["approver", "verifier", "viewer"])
def test_other_roles_look_and_press_nothing(sunrise: Cast, role: str) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    client = signed_in(sunrise, role)
    for action in ("results", "close", "draw"):
        page = f"/admin/credits/soilcampaign/{campaign.pk}/do/{action}/"
        assert client.post(page).status_code in (403, 404)
    point = campaign.points.all()[0]
    page = f"/admin/credits/soilpoint/{point.pk}/do/replace/"
    assert client.post(page, {"reason": "why"}).status_code in (403, 404)
    assert SoilPoint.objects.filter(status="unreached").count() == 0


def test_a_map_puts_north_above_and_the_scale_in_round_metres() -> None:
    """0.001° of latitude are 111 m: with a fifth around it, 155.8 m fill 250 units."""

    plot = shapely.box(0, 0, 0.001, 0.001)
    drawn = draw_map(
        [plot], [], [((0.0005, 0.001), "north"), ((0.0005, 0), "south")], size=(300, 250)
    )
    north, south = drawn.dots
    assert float(north.y) < float(south.y)
    assert float(south.y) - float(north.y) == pytest.approx(250 / 1.4, abs=0.1)
    assert drawn.bar_metres == 50
    assert drawn.bar_path == f"M1 0V5H{1 + 50 * 250 / (1.4 * 111.32):.1f}V0"
