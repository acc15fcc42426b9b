"""The desk's estimates: for staff of every role, and for nobody else; rows without any script."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from aggregator.models import AuditEvent, User
from credits.registry import ESTIMATORS
from tests.cast import Cast

RICE = {
    "area_ha": "2",
    "country": "china",
    "days": "100",
    "water": "continuous",
    "amendments#": "0",
}


@pytest.fixture
def desk(sunrise: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(sunrise.operator)
    return client


def page_of(id: str) -> str:
    return reverse("estimate", args=[id])


def read(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", answer.content.decode()))


def test_every_page_of_the_desk_leads_there(desk: Client) -> None:
    home = desk.get(reverse("admin:index"))
    assert reverse("estimates") in home.content.decode()
    listed = desk.get(reverse("estimates")).content.decode()
    assert all(page_of(id) in listed for id in ESTIMATORS)


@pytest.mark.parametrize("role", User.Role.values)
@pytest.mark.parametrize("id", sorted(ESTIMATORS))
def test_staff_of_every_role_may_ask_every_methodology(role: str, id: str, sunrise: Cast) -> None:
    client = Client()
    client.force_login(getattr(sunrise, role))
    assert client.get(page_of(id), {"example": "1"}).status_code == 200


def test_others_are_sent_to_the_door(db: None) -> None:
    for address in (reverse("estimates"), page_of("ipcc-n2o")):
        for answer in (Client().get(address), Client().post(address, {})):
            assert answer.status_code == 302
            assert answer["Location"].startswith("/admin/login/")


def test_the_answer_shows_gases_terms_sources_and_weights(desk: Client) -> None:
    text = read(desk.post(page_of("ipcc-rice-ch4"), RICE))
    # 2 ha × 100 d × 1.30 kg CH4 = 260 kg; × 28 = 7.280 t.
    assert "260 kg" in text
    assert "7.280 t" in text
    assert "Wang et al. (2018), china" in text
    assert '<svg viewBox="0 0 360' in text


def test_soil_is_drawn_over_its_twenty_years(desk: Client) -> None:
    data = {
        "area_ha": "1", "climate": "cool_temperate_moist", "soil": "hac",
        "before.tillage": "full", "before.residue_input": "low", "changes#": "1",
        "changes[0].year": "2025", "changes[0].tillage": "no_till",
        "changes[0].residue_input": "medium",
    }  # fmt: skip
    text = read(desk.post(page_of("ipcc-soc-tier1"), data))
    assert "From 52.2 to 61.8 t of carbon a hectare, 2025 to 2045." in text
    assert "chart-way" in text
    # (61.803 − 52.164) / 20 a year later: 0.48195 t C × 44/12 = 1.76715 t CO2.
    assert "1.767 t" in text


def test_what_is_wrong_is_said_where_it_stands(desk: Client) -> None:
    answer = desk.post(page_of("ipcc-rice-ch4"), {**RICE, "area_ha": "-1", "days": "many"})
    text = read(answer)
    assert answer.status_code == 400
    assert "2 places cannot be used as they are" in text
    assert "Too small: at least 0 ha." in text
    assert 'name="days" value="many"' in text
    assert "estimate-answer" not in text


def test_a_row_is_added_and_taken_off_by_a_button_alone(desk: Client) -> None:
    added = read(desk.post(page_of("ipcc-rice-ch4"), {**RICE, "more": "amendments"}))
    assert 'name="amendments[0].kind"' in added
    assert 'name="area_ha" value="2"' in added
    assert "estimate-answer" not in added
    rows = {
        **RICE,
        "amendments#": "2",
        "amendments[0].kind": "straw",
        "amendments[1].kind": "compost",
    }
    left = read(desk.post(page_of("ipcc-rice-ch4"), {**rows, "less": "amendments[0]"}))
    assert '<option value="compost" selected>' in left
    assert 'name="amendments[1].kind"' not in left


def test_the_answer_can_be_taken_along_as_json(desk: Client) -> None:
    answer = desk.post(page_of("ipcc-rice-ch4"), {**RICE, "json": "1"})
    assert answer["Content-Disposition"] == 'attachment; filename="ipcc-rice-ch4.json"'
    assert answer.json()["gases_kg"] == {"ch4": 260}
    assert answer.json()["inputs"]["country"] == "china"


def upload(desk: Client, id: str, content: str) -> Any:
    file = SimpleUploadedFile("inputs.json", content.encode())
    return desk.post(page_of(id), {"file": "1", "inputs": file})


def test_all_inputs_can_come_in_one_file(desk: Client) -> None:
    answer = upload(desk, "ipcc-rice-ch4", json.dumps(dict(ESTIMATORS["ipcc-rice-ch4"].example)))
    text = read(answer)
    assert answer.status_code == 200
    # As the shell answers: 112 d × 1.32 kg × 6^0.59 = 425.50 kg.
    assert "425.502 kg" in text
    assert 'name="amendments[0].amount_t_per_ha" value="5"' in text


def test_a_file_with_more_rows_than_the_form_is_counted_whole(desk: Client) -> None:
    soil = dict(ESTIMATORS["ipcc-soc-tier1"].example)
    row = soil["changes"][0]
    soil["changes"] = [row | {"year": 2000 + number} for number in range(45)]
    text = read(upload(desk, "ipcc-soc-tier1", json.dumps(soil)))
    assert "longer than this form" in text
    assert "FMG_45" in text
    assert 'name="changes[39].year"' in text
    assert 'name="changes[40].year"' not in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "This is not JSON: line 1, column 2."),
        ("[]", "A group of named inputs is needed here."),
        ('{"colour": 1}', "colour (colour): This methodology asks for no such input."),
        ('{"amendments": "all"}', "A list of rows is needed here."),
        ('{"amendments": ["all"]}', "row 1 (amendments[0]): A group of named inputs is needed"),
        ('{"area_ha": [1]}', "This is not a number."),
        ('{"area_ha": {"a": 1}, "water": ["b"]}', "This is not a number."),
    ],
)
def test_a_file_that_cannot_be_used_is_answered_in_words(
    content: str, said: str, desk: Client
) -> None:
    answer = upload(desk, "ipcc-rice-ch4", content)
    assert answer.status_code == 400
    assert said in read(answer)


def test_without_a_file_one_is_asked_for(desk: Client) -> None:
    answer = desk.post(page_of("ipcc-rice-ch4"), {"file": "1"})
    assert "Choose the file first." in read(answer)


def test_typed_markup_stays_text(desk: Client) -> None:
    answer = desk.post(page_of("ipcc-rice-ch4"), {**RICE, "days": '"><script>alert(1)</script>'})
    assert b"<script>alert" not in answer.content


def test_a_methodology_that_is_not_there_is_not_found(desk: Client) -> None:
    assert desk.get(page_of("no-such")).status_code == 404


def test_asking_leaves_no_trace(desk: Client) -> None:
    before = AuditEvent.objects.count()
    desk.post(page_of("ipcc-rice-ch4"), RICE)
    assert AuditEvent.objects.count() == before


def test_the_pages_hold_no_inline_style_or_script(desk: Client) -> None:
    text = read(desk.post(page_of("ipcc-rice-ch4"), RICE))
    main = text[text.index('<div class="estimate">') :]
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", main)
