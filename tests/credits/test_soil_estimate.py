"""A round as inputs of measured-soc: the same tonnes by hand, on the page, in the shell."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from aggregator.roles import NotYours
from credits.estimating.estimation import answer_estimate, find_estimator
from credits.soil.estimate import NothingMeasured, build_inputs, export_inputs
from credits.soil.views import write_inputs
from tests.cast import Cast
from tests.credits.soil_rounds import drawn_round, make_pool, measured_round

pytestmark = pytest.mark.django_db
FIRST, SECOND = (10, 11, 12, 13, 14, 15), (12, 13, 14, 15, 16, 17)


def test_one_round_is_the_stock_worked_out_by_hand(sunrise: Cast, tmp_path: Path) -> None:
    """15 cm of 1.3 g/cm³ are 1,950 t/ha: (12.5 + 9.5) g/kg of it are 42.9 t C/ha, on 3 ha."""
    campaign = measured_round(sunrise, make_pool(sunrise), tmp_path, carbon=FIRST)
    terms = ask(build_inputs(campaign))
    assert terms["stock_t_c"] == pytest.approx(42.9 * 3)


@pytest.mark.parametrize("revisits", [False, True])
def test_two_rounds_are_the_change_worked_out_by_hand(
    sunrise: Cast, tmp_path: Path, revisits: bool
) -> None:
    """2 g/kg more in 3,900 t/ha are 7.8 t C/ha: 3 ha of it times 44/12 are 85.8 t CO2e."""
    project = make_pool(sunrise)
    measured_round(sunrise, project, tmp_path, carbon=FIRST)
    campaign = measured_round(
        sunrise, project, tmp_path, carbon=SECOND, stratify_by="earlier", revisits=revisits
    )
    inputs = build_inputs(campaign)
    assert inputs["pairing"] == ("paired" if revisits else "independent")
    assert [len(each["cores"]) for each in inputs["rounds"]] == [6, 6]
    terms = ask(inputs)
    assert terms["change_t_c_per_ha"] == pytest.approx(7.8)
    assert terms["credited_t_co2e"] == pytest.approx(85.8)
    # The same points differ by the same 2 g/kg; other points vary among themselves.
    assert (terms["standard_error_t_c_per_ha"] < 1e-9) is revisits


def test_the_exported_file_gives_the_shell_the_same_answer(sunrise: Cast, tmp_path: Path) -> None:
    project = make_pool(sunrise)
    measured_round(sunrise, project, tmp_path, carbon=FIRST)
    campaign = measured_round(
        sunrise, project, tmp_path, carbon=SECOND, stratify_by="earlier", rule="exceedance_60"
    )
    inputs = export_inputs(campaign, by=sunrise.viewer)
    path = tmp_path / "inputs.json"
    path.write_text(write_inputs(inputs))
    out = StringIO()
    call_command("estimate", "measured-soc", "--input", str(path), stdout=out)
    told = {term["name"]: term["value"] for term in json.loads(out.getvalue())["terms"]}
    assert told["credited_t_co2e"] == ask(inputs)["credited_t_co2e"]


def test_a_round_without_results_has_no_answer(
    sunrise: Cast, riverbend: Cast, tmp_path: Path
) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    with pytest.raises(NothingMeasured):
        build_inputs(campaign)
    with pytest.raises(NotYours):
        export_inputs(campaign, by=riverbend.viewer)


def test_the_pages_answer_the_staff_and_no_one_else(
    sunrise: Cast, riverbend: Cast, tmp_path: Path
) -> None:
    campaign = measured_round(sunrise, make_pool(sunrise), tmp_path, carbon=FIRST)
    pages = [f"/admin/soil/{campaign.pk}/{end}" for end in ("carbon/", "inputs.json", "list.json")]
    client = Client(headers={"accept-language": "en"})
    client.force_login(sunrise.viewer)
    answers = [client.get(page) for page in pages]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert b"stock_t_c" in answers[0].content
    client.force_login(riverbend.operator)
    assert [client.get(page).status_code for page in pages] == [404, 404, 404]


def ask(inputs: object) -> dict[str, float]:
    answer = answer_estimate(find_estimator("measured-soc"), inputs)
    return {term["name"]: term["value"] for term in answer["terms"]}
