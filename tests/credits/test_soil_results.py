"""A laboratory's sheet: units in headings, faults by row and column, all or nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from aggregator.errors import NotAllowed
from aggregator.models import ImportRun
from aggregator.roles import NotYours
from credits.models import SoilCampaign, SoilLayer
from credits.soil.results import Lab, LaboratoryMissing, RoundNotOpen, import_results
from credits.soil.sampling import close_round, replace_point
from tests.cast import Cast
from tests.credits.soil_rounds import HEADINGS, drawn_round, make_pool, rows_of, write_sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

LAB = Lab(name="Soil lab")
CARBON = (10, 11, 12, 13, 14, 15)


@pytest.fixture
def campaign(sunrise: Cast) -> SoilCampaign:
    return drawn_round(sunrise, make_pool(sunrise))


def good_rows(campaign: SoilCampaign) -> list[list[Any]]:
    day = timezone.localdate(campaign.drawn_at).isoformat()
    return rows_of(list(campaign.points.all()), carbon=CARBON, day=day)


def send(
    campaign: SoilCampaign,
    folder: Path,
    rows: list[list[Any]],
    cast: Cast,
    *,
    headings: Any = HEADINGS,
    lab: Lab = LAB,
) -> list[tuple[int | None, str, str]]:
    report = import_results(
        campaign, write_sheet(folder, rows, headings), lab=lab, by=cast.operator
    )
    return [(error.row, error.column, error.reason) for error in report.errors]


def test_a_clean_sheet_is_written_with_the_files_hash(
    campaign: SoilCampaign, sunrise: Cast, tmp_path: Path
) -> None:
    assert send(campaign, tmp_path, good_rows(campaign), sunrise) == []
    layers = SoilLayer.objects.filter(point__position=2)
    told = [(layer.top_cm, layer.bottom_cm, layer.carbon_g_per_kg) for layer in layers]
    assert told == [(0, 15, 11), (15, 30, 8)]
    assert layers[0].bulk_density_g_per_cm3 == Decimal("1.3")
    run = ImportRun.objects.get(kind="soil_results")
    assert {layer.file_sha256 for layer in layers} == {run.sha256}
    assert run.counts["created"] == 12


def test_per_cent_is_ten_grams_in_a_kilogram(
    campaign: SoilCampaign, sunrise: Cast, tmp_path: Path
) -> None:
    headings = ["有机碳（%）" if "有机碳" in each else each for each in HEADINGS]
    rows = [[*row[:3], row[3] / 10, *row[4:]] for row in good_rows(campaign)]
    assert send(campaign, tmp_path, rows, sunrise, headings=headings) == []
    assert SoilLayer.objects.get(point__position=6, top_cm=0).carbon_g_per_kg == 15


def test_carbon_without_a_unit_or_organic_matter_is_not_read(
    campaign: SoilCampaign, sunrise: Cast, tmp_path: Path
) -> None:
    for heading, said in (("有机碳", "with its unit"), ("有机质(g/kg)", "organic matter, not")):
        headings = [heading if "有机碳" in each else each for each in HEADINGS]
        faults = send(campaign, tmp_path, good_rows(campaign), sunrise, headings=headings)
        assert [row for row, _column, _reason in faults] == [None]
        assert said in faults[0][2]
    assert SoilLayer.objects.count() == 0


@pytest.mark.parametrize(
    ("row", "column", "value", "said"),
    [
        (0, 0, "SOIL-1-1-99", "on no bag"),
        (0, 3, 601, "only be from 0 to 600"),
        (0, 3, "n.d.", "no number"),
        (0, 3, None, "carbon is missing"),
        (0, 4, 2.66, "only be from 0.1 to 2.65"),
        (0, 4, 0.05, "only be from 0.1 to 2.65"),
        (0, 4, None, "Either the bulk density"),
        (0, 1, None, "depth is missing"),
        (0, 2, 0.9, "nothing is said of 0.9 to 15 cm"),
        (1, 1, 10, "10 to 15 cm stand in two layers"),
        (1, 1, 18, "nothing is said of 15 to 18 cm"),
        (1, 1, 0, "0 to 15 cm stand in two layers"),
        (1, 1, 30, "deeper than it begins"),
        (1, 6, "L11-01-0", "stands in row 2 already"),
        (0, 5, "last week", "Write the day"),
        (0, 5, "2019-03-01", "before the points were drawn"),
    ],
)
def test_each_fault_is_told_and_nothing_is_written(
    campaign: SoilCampaign,
    sunrise: Cast,
    tmp_path: Path,
    row: int,
    column: int,
    value: Any,
    said: str,
) -> None:
    rows = good_rows(campaign)
    rows[row][column] = value
    faults = send(campaign, tmp_path, rows, sunrise)
    assert any(said in reason and number in (2, 3) for number, _column, reason in faults), faults
    assert SoilLayer.objects.count() == 0


def test_a_bag_is_measured_once_and_a_number_given_once(
    campaign: SoilCampaign, sunrise: Cast, tmp_path: Path
) -> None:
    rows = good_rows(campaign)
    assert send(campaign, tmp_path, rows[:2], sunrise) == []
    faults = send(campaign, tmp_path, [[*rows[0][:6], "new"], *rows[2:4]], sunrise)
    assert [(row, reason) for row, _column, reason in faults] == [
        (2, "This bag has results already.")
    ]
    rows[2][6] = rows[0][6]
    assert "on record already" in send(campaign, tmp_path, rows[2:4], sunrise)[0][2]
    assert SoilLayer.objects.count() == 2


def test_an_outlier_is_asked_about_and_confirmed_it_is_marked(
    campaign: SoilCampaign, sunrise: Cast, tmp_path: Path
) -> None:
    """Of 10 to 14 and 150 the median is 12.5 and 3.5 × 1.4826 × 1.5 = 7.78: 20.2 would pass."""
    rows = good_rows(campaign)
    rows[10][3] = 150
    faults = send(campaign, tmp_path, rows, sunrise)
    assert [(row, column) for row, column, _reason in faults] == [(12, "有机碳(g/kg)")]
    assert "150 lies far" in faults[0][2]
    assert "median is 12.5" in faults[0][2]
    rows[10][3] = 20.3
    assert "20.3 lies far" in send(campaign, tmp_path, rows, sunrise)[0][2]
    assert SoilLayer.objects.count() == 0
    assert send(campaign, tmp_path, rows, sunrise, lab=Lab(name="Soil lab", confirmed=True)) == []
    flagged = SoilLayer.objects.exclude(flagged=[])
    assert [(layer.point.position, layer.flagged) for layer in flagged] == [(6, ["outlier"])]


def test_the_last_value_that_is_no_outlier_is_taken(
    campaign: SoilCampaign, sunrise: Cast, tmp_path: Path
) -> None:
    rows = good_rows(campaign)
    rows[10][3] = 20.2
    assert send(campaign, tmp_path, rows, sunrise) == []


def test_a_core_that_ends_too_high_is_asked_about(
    campaign: SoilCampaign, sunrise: Cast, tmp_path: Path
) -> None:
    rows = good_rows(campaign)[:1]
    assert "ends at 15 cm, planned were 30 cm" in send(campaign, tmp_path, rows, sunrise)[0][2]
    sure = Lab(name="Soil lab", confirmed=True)
    assert send(campaign, tmp_path, rows, sunrise, lab=sure) == []
    assert SoilLayer.objects.get().flagged == ["core_too_short"]


def test_fine_earth_in_grams_needs_the_probes_diameter(
    campaign: SoilCampaign, sunrise: Cast, tmp_path: Path
) -> None:
    headings = ["细土质量(g)" if "容重" in each else each for each in HEADINGS]
    rows = [[*row[:4], 420, *row[5:]] for row in good_rows(campaign)]
    assert "probe" in send(campaign, tmp_path, rows, sunrise, headings=headings)[0][2]
    SoilCampaign.objects.update(probe_diameter_mm=50)
    campaign.refresh_from_db()
    assert send(campaign, tmp_path, rows, sunrise, headings=headings) == []


def test_a_point_given_up_has_no_results(
    campaign: SoilCampaign, sunrise: Cast, tmp_path: Path
) -> None:
    rows = good_rows(campaign)[:2]
    replace_point(campaign.points.get(position=1), reason="flooded", by=sunrise.operator)
    assert "given up" in send(campaign, tmp_path, rows, sunrise)[0][2]


def test_results_are_taken_between_draw_and_close_by_the_operator_alone(
    campaign: SoilCampaign, sunrise: Cast, riverbend: Cast, tmp_path: Path
) -> None:
    path = write_sheet(tmp_path, good_rows(campaign))
    for other, refusal in ((sunrise.verifier, NotAllowed), (riverbend.operator, NotYours)):
        with pytest.raises(refusal):
            import_results(campaign, path, lab=LAB, by=other)
    with pytest.raises(LaboratoryMissing):
        import_results(campaign, path, lab=Lab(name=" "), by=sunrise.operator)
    assert import_results(campaign, path, lab=LAB, by=sunrise.operator).errors == []
    close_round(campaign, by=sunrise.operator)
    with pytest.raises(RoundNotOpen):
        import_results(campaign, path, lab=LAB, by=sunrise.operator)
