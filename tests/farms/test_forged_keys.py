"""Keys of another cooperative, forged into forms, addresses and actions, do nothing."""

from __future__ import annotations

import pytest

from farms.models import PracticeRecord, Season, Tenure
from tests.admin_pages import signed_in
from tests.cast import Cast, make_season

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def theirs(riverbend: Cast) -> Season:
    return make_season(riverbend, 2025, practice="straw_return")


@pytest.fixture
def ours(sunrise: Cast) -> Season:
    return make_season(sunrise, 2025, practice="straw_return")


def test_bulk_entry_takes_no_strangers_season_village_or_household(
    sunrise: Cast, riverbend: Cast, ours: Season, theirs: Season
) -> None:
    clerk = signed_in(sunrise.operator)
    good = {"codes": "F001", "season": ours.pk, "practice": "no_till", "write": "1"}
    for forged in ({"season": theirs.pk}, {"codes": "", "village": riverbend.village.pk}):
        answer = clerk.post("/admin/practices/enter/", good | forged)
        assert "Select a valid choice" in answer.content.decode()
    assert not PracticeRecord.objects.filter(practice="no_till").exists()


def test_reports_of_another_cooperative_are_not_decided(
    sunrise: Cast, riverbend: Cast, theirs: Season
) -> None:
    report = PracticeRecord.objects.filter(season=theirs).first()
    PracticeRecord.objects.filter(pk=report.pk).update(status="reported")
    clerk = signed_in(sunrise.operator)
    for button in ({"confirm": "1"}, {"refuse": "1", "reason": "x"}):
        clerk.post("/admin/practices/reports/", {"report": [report.pk], **button})
        report.refresh_from_db()
        assert report.status == "reported"


def test_fields_of_another_cooperative_cannot_be_chosen_for_an_action(
    sunrise: Cast, riverbend: Cast
) -> None:
    clerk = signed_in(sunrise.operator)
    session = clerk.session
    session["chosen_fields"] = [riverbend.fields[0].pk]
    session.save()
    answer = clerk.post(
        "/admin/map/chosen/transfer/",
        {"household": sunrise.households[0].pk, "kind": "transfer", "starts_on": "2025-01-01"},
    )
    assert answer.status_code in (302, 400)
    assert Tenure.objects.filter(field=riverbend.fields[0]).count() == 1
    own = signed_in(sunrise.operator)
    session = own.session
    session["chosen_fields"] = [sunrise.fields[0].pk]
    session.save()
    answer = own.post(
        "/admin/map/chosen/transfer/",
        {"household": riverbend.households[0].pk, "kind": "transfer", "starts_on": "2025-01-01"},
    )
    assert answer.status_code == 400
    assert Tenure.objects.filter(household=riverbend.households[0]).count() == 1


@pytest.mark.parametrize(
    "query",
    [
        "cooperative__id__exact={coop}",
        "village__id__exact={village}",
        "cooperative__code=riverbend",
        "tenures__household__persons__id_number__startswith=1",
        "e=1&q=F001&cooperative={coop}",
    ],
)
@pytest.mark.parametrize("form", ["csv", "xlsx", "gpkg"])
def test_a_forged_filter_brings_no_strangers_row_into_a_file(
    sunrise: Cast, riverbend: Cast, query: str, form: str
) -> None:
    riverbend.fields[0].name = "STRANGERS-PLOT"
    riverbend.fields[0].save()
    asked = query.format(coop=riverbend.cooperative.pk, village=riverbend.village.pk)
    answer = signed_in(sunrise.operator).get(f"/admin/farms/field/export/{form}/?{asked}")
    assert answer.status_code in (200, 302, 400)
    if answer.status_code == 200:
        assert b"STRANGERS-PLOT" not in b"".join(answer.streaming_content)


def test_an_action_on_a_list_reaches_no_strangers_row(
    sunrise: Cast, riverbend: Cast, theirs: Season
) -> None:
    row = PracticeRecord.objects.filter(season=theirs).first()
    clerk = signed_in(sunrise.operator)
    clerk.post(
        "/admin/farms/practicerecord/",
        {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
    )
    assert PracticeRecord.objects.filter(pk=row.pk).exists()
    for address in ("do/withdraw/", "do/add-evidence/", "do/add_evidence/"):
        answer = clerk.post(f"/admin/farms/practicerecord/{row.pk}/{address}", {"reason": "x"})
        assert answer.status_code == 404


def test_the_map_chooses_own_fields_only(sunrise: Cast, riverbend: Cast) -> None:
    clerk = signed_in(sunrise.operator)
    keys = [sunrise.fields[0].pk, riverbend.fields[0].pk]
    text = ",".join(map(str, keys))
    clerk.post("/admin/map/chosen/", {"fields": text})
    assert clerk.session["chosen_fields"] == [sunrise.fields[0].pk]
