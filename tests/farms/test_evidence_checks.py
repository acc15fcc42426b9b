"""Evidence is compared with plot and season; a doubt is told and refuses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent
from aggregator.roles import NotYours
from farms.evidence_checks import (
    FileNotTaken,
    add_evidence,
    examine_pending,
    suspicious,
    with_doubts,
)
from farms.models import Evidence, PracticeRecord
from farms.offsets import wgs84_to_bd09, wgs84_to_gcj02
from farms.practice_import import import_practices
from tests.aggregator.sheets import write_csv
from tests.cast import Cast, make_season
from tests.farms.photos import gpx, photo

# F001 of Sunrise is the square from 118.002, 30.000 to 118.003, 30.001.
ON_FIELD = (118.0025, 30.0005)
DAY = "2025:06:12 09:30:00"


@pytest.fixture(autouse=True)
def own_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def record(sunrise: Cast) -> PracticeRecord:
    make_season(sunrise, 2025)
    return PracticeRecord.objects.get(field=sunrise.fields[0])


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def add(cast: Cast, record: PracticeRecord, name: str, content: bytes) -> Evidence:
    (row,) = add_evidence(record, by=cast.operator, files=[upload(name, content)])
    row.refresh_from_db()
    return row


def test_a_photo_on_the_field_in_the_season_raises_no_doubt(
    sunrise: Cast, record: PracticeRecord
) -> None:
    row = add(sunrise, record, "田.jpg", photo(place=ON_FIELD, taken=DAY))
    assert (row.kind, row.doubts, row.examined) == ("photo", [], True)
    assert row.longitude == pytest.approx(118.0025, abs=1e-6)
    assert str(row.taken_at) == "2025-06-12 01:30:00+00:00"
    with Image.open(row.view) as view:
        assert view.format == "JPEG"
    assert row.file.read() != row.view.open().read()
    event = AuditEvent.objects.get(action="add_evidence")
    assert event.details == {"files": [row.sha256[:12]]}


@pytest.mark.parametrize(
    ("facts", "doubts"),
    [
        # Three thousandths of a degree north of the edge: 333 m.
        ({"place": (118.0025, 30.004), "taken": DAY}, ["far_from_field"]),
        # 111 m away is the neighbour's path.
        ({"place": (118.0025, 30.002), "taken": DAY}, []),
        # 333 m away, but the phone itself says that it may be wrong by 400 m.
        ({"place": (118.0025, 30.004), "taken": DAY, "accuracy_m": 400.0}, []),
        # However bad the fix: 11 km is elsewhere.
        ({"place": (118.0025, 30.1), "taken": DAY, "accuracy_m": 50_000.0}, ["far_from_field"]),
        ({"place": ON_FIELD, "taken": "2024:06:12 09:30:00"}, ["outside_season"]),
        # The last evening of the year before, in Shanghai.
        ({"place": ON_FIELD, "taken": "2024:12:31 23:59:59"}, ["outside_season"]),
        ({"place": ON_FIELD, "taken": "2025:01:01 00:00:00"}, []),
        ({"place": ON_FIELD}, ["no_time"]),
        # The first hours of the calendar are before it in other zones; a clock without sense.
        ({"place": ON_FIELD, "taken": "0001:01:01 00:00:00"}, ["no_time"]),
        ({"place": ON_FIELD, "taken": "9999:12:31 23:59:59"}, ["no_time"]),
        ({"taken": DAY}, ["no_place"]),
        ({}, ["no_place", "no_time"]),
    ],
)
def test_place_and_time_are_compared_with_plot_and_season(
    sunrise: Cast, record: PracticeRecord, facts: dict[str, Any], doubts: list[str]
) -> None:
    row = add(sunrise, record, "a.jpg", photo(**facts))
    assert row.doubts == doubts
    mild = {"no_place", "no_time"}
    weight = "grave" if set(doubts) - mild else "mild" if doubts else ""
    assert Evidence.objects.get(pk=row.pk).suspicion == weight
    everything = Evidence.objects.all()
    assert set(suspicious(everything)) == ({row} if weight == "grave" else set())
    for code in doubts:
        assert list(with_doubts(everything, [code])) == [row]


@pytest.mark.parametrize("shift", [wgs84_to_gcj02, wgs84_to_bd09])
def test_a_place_in_shifted_coordinates_is_told_apart_from_a_lie(
    sunrise: Cast, record: PracticeRecord, shift: Any
) -> None:
    ((longitude, latitude),) = shift(np.array([ON_FIELD])).tolist()
    # GCJ-02 shifts by some 500 m here and BD-09 further; both are beyond what is excused.
    assert abs(longitude - ON_FIELD[0]) > 0.003
    row = add(sunrise, record, "a.jpg", photo(place=(longitude, latitude), taken=DAY))
    assert row.doubts == ["shifted_place"]
    # What the phone wrote is kept as it is.
    assert row.longitude == pytest.approx(longitude, abs=1e-6)


def test_a_picture_of_an_invoice_is_not_asked_where_it_was_taken(
    sunrise: Cast, record: PracticeRecord
) -> None:
    row = add(sunrise, record, "发票.jpg", photo(taken="2023:01:01 10:00:00"))
    assert (row.kind, row.doubts) == ("invoice", [])
    assert add(sunrise, record, "seed.pdf", b"%PDF-1.7").kind == "invoice"


def test_a_track_is_compared_with_the_plot(sunrise: Cast, record: PracticeRecord) -> None:
    near = add(sunrise, record, "a.gpx", gpx([ON_FIELD, (118.0021, 30.0009), (118.1, 30.0)]))
    assert (near.kind, near.doubts) == ("machine_log", [])
    far = add(sunrise, record, "b.gpx", gpx([ON_FIELD, (118.1, 30.0), (118.2, 30.0)]))
    assert far.doubts == ["track_elsewhere"]
    late = add(sunrise, record, "c.gpx", gpx([ON_FIELD], time="2026-02-01T02:00:00Z"))
    assert late.doubts == ["outside_season"]
    senseless = add(sunrise, record, "d.gpx", gpx([ON_FIELD], time="0001-01-01T00:00:00+14:00"))
    assert senseless.doubts == ["no_time"]


def test_one_photo_for_two_fields_is_doubted_on_the_second(
    sunrise: Cast, record: PracticeRecord
) -> None:
    picture = photo(place=ON_FIELD, taken=DAY)
    other = PracticeRecord.objects.get(field=sunrise.fields[1])
    assert add(sunrise, record, "a.jpg", picture).doubts == []
    again = add(sunrise, other, "b.jpg", picture)
    assert again.doubts == ["used_before"]
    # Kept once: both rows name the same file.
    assert again.file.name == Evidence.objects.get(record=record).file.name


def test_one_photo_for_two_practices_of_one_field_is_as_it_should_be(
    sunrise: Cast, record: PracticeRecord
) -> None:
    second = PracticeRecord.objects.create(
        cooperative=sunrise.cooperative,
        field=record.field,
        season=record.season,
        practice="straw_return",
    )
    picture = photo(place=ON_FIELD, taken=DAY)
    add(sunrise, record, "a.jpg", picture)
    assert add(sunrise, second, "a.jpg", picture).doubts == []


def test_the_same_file_is_not_taken_twice_for_a_record(
    sunrise: Cast, record: PracticeRecord
) -> None:
    picture = photo(place=ON_FIELD, taken=DAY)
    add(sunrise, record, "a.jpg", picture)
    assert add_evidence(record, by=sunrise.operator, files=[upload("b.jpg", picture)]) == []
    assert Evidence.objects.count() == 1


def test_a_broken_picture_is_kept_and_doubted(sunrise: Cast, record: PracticeRecord) -> None:
    row = add(sunrise, record, "a.jpg", b"<html><script>alert(1)</script>")
    assert (row.doubts, bool(row.view)) == (["unreadable"], False)


def test_a_file_of_another_kind_is_refused_and_nothing_is_kept(
    sunrise: Cast, record: PracticeRecord
) -> None:
    good, bad = upload("a.jpg", photo()), upload("page.html", b"<html>")
    with pytest.raises(FileNotTaken):
        add_evidence(record, by=sunrise.operator, files=[good, bad])
    assert Evidence.objects.count() == 0


def test_only_the_own_operator_adds_evidence(
    sunrise: Cast, riverbend: Cast, record: PracticeRecord
) -> None:
    with pytest.raises(NotAllowed):
        add_evidence(record, by=sunrise.viewer, files=[upload("a.jpg", photo())])
    with pytest.raises(NotYours):
        add_evidence(record, by=riverbend.operator, files=[upload("a.jpg", photo())])


def test_what_came_with_an_import_is_looked_into_later(
    sunrise: Cast, record: PracticeRecord, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(photo(place=(118.5, 30.0), taken=DAY))
    path = tmp_path / "list.csv"
    rows = [["地块编码", "季", "农事措施", "佐证文件"], ["F001", "2025", "免耕", "a.jpg"]]
    write_csv(path, rows)
    import_practices(
        path, cooperative=sunrise.cooperative, by=sunrise.operator, evidence_dir=folder
    )
    row = Evidence.objects.get()
    assert (row.examined, row.doubts) == (False, [])
    assert (examine_pending(), examine_pending()) == (1, 0)
    row.refresh_from_db()
    assert (row.examined, row.doubts, row.kind) == (True, ["far_from_field"], "photo")


def test_correcting_the_kind_looks_again(
    sunrise: Cast, record: PracticeRecord, client: Client
) -> None:
    row = add(sunrise, record, "a.jpg", photo())
    client.force_login(sunrise.operator)
    client.post(f"/admin/farms/evidence/{row.pk}/change/", {"kind": "invoice"})
    row.refresh_from_db()
    assert (row.kind, row.doubts) == ("invoice", [])


def test_the_view_is_shown_as_our_jpeg_and_the_original_only_handed_out(
    sunrise: Cast, riverbend: Cast, record: PracticeRecord, client: Client
) -> None:
    row = add(sunrise, record, "a.jpg", photo())
    client.force_login(sunrise.viewer)
    shown = client.get(f"/admin/farms/evidence/{row.pk}/view/")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    original = client.get(f"/admin/farms/evidence/{row.pk}/file/")
    assert original["Content-Disposition"].startswith("attachment")
    client.force_login(riverbend.operator)
    assert client.get(f"/admin/farms/evidence/{row.pk}/view/").status_code == 404


@pytest.mark.parametrize(
    ("chosen", "codes"),
    [
        ("has", ["F001", "F002"]),
        ("lacks", ["F003"]),
        ("doubtful", ["F002"]),
        ("silent", ["F001"]),
    ],
)
def test_claims_without_evidence_are_one_filter_away(
    sunrise: Cast, record: PracticeRecord, client: Client, chosen: str, codes: list[str]
) -> None:
    add(sunrise, record, "a.jpg", photo(place=ON_FIELD))
    second = PracticeRecord.objects.get(field=sunrise.fields[1])
    add(sunrise, second, "b.jpg", photo(place=(118.9, 30.0), taken=DAY))
    client.force_login(sunrise.operator)
    page = client.get(f"/admin/farms/practicerecord/?evidence={chosen}")
    assert [row.field.code for row in page.context["cl"].result_list] == codes


def test_several_files_come_through_the_records_page(
    sunrise: Cast, record: PracticeRecord, client: Client
) -> None:
    client.force_login(sunrise.operator)
    files = [upload("a.jpg", photo()), upload("b.jpg", photo(colour=(1, 2, 3)))]
    address = f"/admin/farms/practicerecord/{record.pk}/do/evidence/"
    assert b'type="file"' in client.get(address).content
    assert client.post(address, {"files": files}).status_code == 302
    assert Evidence.objects.filter(record=record).count() == 2
