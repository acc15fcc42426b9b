"""The map of the land: what it draws, counts and tells, of the own cooperative only."""

from __future__ import annotations

import json
from typing import Any

import pytest

from farms.field_actions import MOST_CHOSEN
from farms.map import plots
from farms.map.shades import OWN
from farms.models import Evidence, Field, Observation, Overlap, Practice, PracticeRecord
from farms.redrawing import split_field
from tests.admin_pages import notes, signed_in, words
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool
from tests.farms.land import MIDDLE, MIDSUMMER

EVERYWHERE = "117,29,120,31"


def ask(cast: Cast, **asked: Any) -> Any:
    values = {"box": EVERYWHERE, "zoom": "16", **asked}
    return signed_in(cast.operator).get("/admin/map/plots.json", values)


def drawn(cast: Cast, **asked: Any) -> dict[str, str]:
    return {plot["code"]: plot["shade"] for plot in ask(cast, **asked).json()["plots"]}


def legend(cast: Cast, **asked: Any) -> dict[str, int]:
    found = ask(cast, **asked).json()["legend"]
    return {shade["key"]: shade["n"] for shade in found if shade["n"]}


def test_only_the_own_plots_are_drawn(sunrise: Cast, riverbend: Cast) -> None:
    assert list(drawn(sunrise)) == ["F001", "F002", "F003"]
    assert list(drawn(riverbend)) == ["F001"]


def test_only_the_plots_in_the_box_are_drawn(sunrise: Cast) -> None:
    # The second field lies from 118.004° to 118.005°.
    assert list(drawn(sunrise, box="118.0035,29.9,118.0055,30.1")) == ["F002"]


def test_a_plot_is_coloured_by_its_practice_of_the_season(sunrise: Cast) -> None:
    season = make_season(sunrise, 2025)
    first, second, _third = sunrise.fields
    PracticeRecord.objects.create(
        cooperative=sunrise.cooperative, field=first, season=season, practice="straw_return"
    )
    PracticeRecord.objects.filter(field=second).update(status="reported")
    assert drawn(sunrise, colour="practice", season=season.pk) == {
        "F001": "several",
        "F002": "none",
        "F003": "no_till",
    }


def test_the_legend_counts_what_has_evidence_and_what_lacks_it(sunrise: Cast) -> None:
    season = make_season(sunrise, 2025)
    record = PracticeRecord.objects.get(field=sunrise.fields[0])
    Evidence.objects.create(
        cooperative=sunrise.cooperative, record=record, file_name="a.jpg", sha256="0" * 64
    )
    PracticeRecord.objects.filter(field=sunrise.fields[2]).delete()
    counts = legend(sunrise, colour="evidence", season=season.pk)
    assert counts == {"has": 1, "lacks": 1, "none": 1}


def test_overlap_condition_and_land_class_colour_the_plots(sunrise: Cast) -> None:
    first, second, third = sunrise.fields
    owned = {"cooperative": sunrise.cooperative}
    Overlap.objects.create(
        **owned, field=first, other=second, share="0.1", area_m2="9", found_at="2025-01-01T00:00Z"
    )
    for day, seen in (("2025-01-01", "abandoned"), ("2025-06-01", "cultivated")):
        Observation.objects.create(**owned, field=third, seen_on=day, seen=seen)
    Field.objects.filter(pk=first.pk).update(land_class="general")
    assert legend(sunrise, colour="overlap") == {"overlaps": 2, "none": 1}
    assert legend(sunrise, colour="condition") == {"cultivated": 1, "none": 2}
    assert legend(sunrise, colour="land_class") == {"general": 1, "none": 2}


def test_a_project_colours_its_enrolled_plots(sunrise: Cast, riverbend: Cast) -> None:
    project = make_enrolled_pool(sunrise)
    assert legend(sunrise, colour=f"project-{project.pk}") == {"enrolled": 3}
    assert ask(riverbend, colour=f"project-{project.pk}").status_code == 400


def test_too_many_plots_are_counted_by_village(
    sunrise: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "MOST_DRAWN", 2)
    found = ask(sunrise).json()
    assert found["plots"] == []
    (village,) = found["villages"]
    assert (village["name"], village["n"], found["total"]) == ("一村", 3, 3)
    # The fields' middles lie at 118.0025°, 118.0045° and 118.0065°.
    assert [round(edge, 4) for edge in village["at"]] == [30.0005, 118.0045]
    assert [round(edge, 4) for edge in village["box"]] == [118.002, 30.0, 118.007, 30.001]


def test_more_plots_cost_no_more_queries(
    sunrise: Cast, riverbend: Cast, django_assert_num_queries: Any
) -> None:
    for cast in (sunrise, riverbend):
        client = signed_in(cast.operator)
        with django_assert_num_queries(5):
            client.get("/admin/map/plots.json", {"box": EVERYWHERE, "zoom": "16"})


def test_a_field_that_was_split_is_drawn_as_its_parts(sunrise: Cast) -> None:
    split_field(sunrise.fields[0], cut=MIDDLE, codes=["A", "B"], on=MIDSUMMER, by=sunrise.operator)
    assert sorted(drawn(sunrise)) == ["A", "B", "F002", "F003"]


@pytest.mark.parametrize(
    "asked",
    [
        {"box": ""},
        {"box": "1,2,3"},
        {"box": "nan,0,1,1"},
        {"zoom": "-1"},
        {"zoom": "99"},
        {"colour": "mood"},
        {"season": "999999"},
        {"village": "x"},
    ],
)
def test_what_cannot_be_asked_is_refused(sunrise: Cast, asked: dict[str, str]) -> None:
    assert ask(sunrise, **asked).status_code == 400


def test_a_strangers_village_is_no_filter(sunrise: Cast, riverbend: Cast) -> None:
    assert ask(sunrise, village=riverbend.village.pk).status_code == 400


def test_a_plot_is_found_by_the_beginning_of_its_code(sunrise: Cast, riverbend: Cast) -> None:
    found = signed_in(sunrise.viewer).get("/admin/map/search.json", {"q": "f00"}).json()["found"]
    assert [plot["code"] for plot in found] == ["F001", "F002", "F003"]
    assert found[0]["box"] == [118.002, 30.0, 118.003, 30.001]


def test_the_panel_tells_household_area_and_status(sunrise: Cast) -> None:
    field = sunrise.fields[0]
    found = signed_in(sunrise.viewer).get(f"/admin/map/plots/{field.pk}.json").json()
    lines = dict(map(tuple, found["lines"]))
    assert lines["Household"] == "H001 户主1"
    # 10,000 m² are 15 mu.
    assert lines["Area"].startswith("15.00")
    assert found["links"][0][1] == f"/admin/farms/field/{field.pk}/change/"


def test_a_strangers_plot_has_no_panel(sunrise: Cast, riverbend: Cast) -> None:
    address = f"/admin/map/plots/{sunrise.fields[0].pk}.json"
    assert signed_in(riverbend.operator).get(address).status_code == 404


def test_plots_inside_an_area_are_found_on_the_server(sunrise: Cast) -> None:
    area = {
        "type": "Polygon",
        "coordinates": [
            [
                [118.0025, 29.9],
                [118.0045, 29.9],
                [118.0045, 30.1],
                [118.0025, 30.1],
                [118.0025, 29.9],
            ]
        ],
    }
    client = signed_in(sunrise.operator)
    found = client.post("/admin/map/inside.json", {"area": json.dumps(area)}).json()
    assert found == {"fields": [field.pk for field in sunrise.fields[:2]], "more": False}
    assert client.post("/admin/map/inside.json", {"area": "{"}).status_code == 400


def test_chosen_plots_are_kept_for_an_action(sunrise: Cast, riverbend: Cast) -> None:
    client = signed_in(sunrise.operator)
    keys = [sunrise.fields[0].pk, sunrise.fields[2].pk, riverbend.fields[0].pk]
    page = client.post("/admin/map/chosen/", {"fields": ",".join(map(str, keys))}, follow=True)
    seen = words(page)
    assert "2 chosen plots" in seen
    assert "Transfer to a household" in seen
    assert "Enrol in a project" in seen
    assert "F002" not in seen


def test_who_may_only_look_is_offered_only_the_table(sunrise: Cast) -> None:
    client = signed_in(sunrise.viewer)
    page = client.post("/admin/map/chosen/", {"fields": sunrise.fields[0].pk}, follow=True)
    assert "List as a table file" in words(page)
    assert "Transfer to a household" not in words(page)
    assert client.get("/admin/map/chosen/transfer/").status_code == 403
    table = client.get("/admin/map/chosen/plots.xlsx")
    assert table.content[:2] == b"PK"


def test_nothing_chosen_leads_back_to_the_map(sunrise: Cast) -> None:
    page = signed_in(sunrise.operator).post("/admin/map/chosen/", {"fields": "x"}, follow=True)
    assert page.redirect_chain[-1][0] == "/admin/map/"
    assert notes(page) == ["No plot is chosen yet. Click plots on the map."]


def test_no_more_plots_are_kept_than_an_action_can_take(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    # Keys go on counting on PostgreSQL: the three fields' own, then keys that nobody has.
    own = [field.pk for field in sunrise.fields]
    many = ",".join(map(str, [*own, *range(10**9, 10**9 + MOST_CHOSEN + 10)]))
    client.post("/admin/map/chosen/", {"fields": many})
    assert len(client.session["chosen_fields"]) == 3


def test_chosen_plots_are_transferred_together(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    client.post("/admin/map/chosen/", {"fields": f"{sunrise.fields[0].pk},{sunrise.fields[1].pk}"})
    terms = {"household": "H003", "kind": "transfer", "starts_on": "2025-04-01"}
    page = client.post("/admin/map/chosen/transfer/", terms, follow=True)
    assert notes(page) == ["2 plots are transferred."]
    refused = client.post("/admin/map/chosen/transfer/", terms)
    assert refused.status_code == 409
    assert "End that first" in words(refused)


def test_chosen_plots_are_enrolled(sunrise: Cast) -> None:
    project = make_enrolled_pool(sunrise)
    project.enrolments.all().delete()
    client = signed_in(sunrise.operator)
    client.post("/admin/map/chosen/", {"fields": sunrise.fields[0].pk})
    client.post("/admin/credits/project/enrol-chosen/", {"project": project.pk})
    assert [row.field.code for row in project.enrolments.all()] == ["F001"]


def test_the_map_names_its_tiles_only_where_they_are_set(sunrise: Cast, settings: Any) -> None:
    client = signed_in(sunrise.operator)
    assert 'data-tiles=""' in client.get("/admin/map/").content.decode()
    settings.MAP_TILE_URL = "https://t{s}.tiles.example/{z}/{x}/{y}.png"
    assert "https://t{s}.tiles.example" in client.get("/admin/map/").content.decode()


def test_only_the_hosts_of_the_tiles_are_open_to_pictures(settings: Any) -> None:
    from aggregator.security_headers import tile_hosts

    assert tile_hosts() == []
    settings.MAP_TILE_URL = "https://t{s}.tiles.example/{z}/{x}/{y}.png"
    settings.MAP_TILE_SUBDOMAINS = "01"
    assert tile_hosts() == ["https://t0.tiles.example", "https://t1.tiles.example"]


def test_every_practice_and_condition_has_its_look_on_the_map() -> None:
    shown = {each.name: {shade.key for shade in each.shades} for each in OWN}
    assert set(Practice.values) <= shown["practice"]
    assert set(Observation.Seen.values) <= shown["condition"]
