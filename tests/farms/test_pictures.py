"""Place and time are read out of pictures; the copy that is shown holds nothing of either."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from shapely.geometry import Point, box

from farms import pictures
from farms.pictures import PictureBroken, read_picture
from farms.tracks import TrackBroken, distances_m, read_gpx, share_within
from tests.farms.photos import gpx, photo

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("form", ["JPEG", "HEIF", "WEBP", "PNG"])
def test_place_and_time_are_read_whatever_the_format(form: str) -> None:
    data = photo(place=(118.0025, 30.0005), taken="2025:06:12 09:30:00", form=form)
    picture = read_picture(data, zone=SHANGHAI)
    # 09:30 on a clock in Shanghai is 01:30 UTC.
    assert picture.taken_at == datetime(2025, 6, 12, 1, 30, tzinfo=UTC)
    assert picture.longitude == pytest.approx(118.0025, abs=1e-6)
    assert picture.latitude == pytest.approx(30.0005, abs=1e-6)


def test_the_other_hemispheres_are_negative() -> None:
    picture = read_picture(photo(place=(-93.5, -41.25)), zone=SHANGHAI)
    assert (picture.longitude, picture.latitude) == (
        pytest.approx(-93.5, abs=1e-6),
        pytest.approx(-41.25, abs=1e-6),
    )


def test_a_silent_picture_says_neither_and_a_phone_without_a_fix_says_no_place() -> None:
    silent = read_picture(photo(), zone=SHANGHAI)
    assert (silent.taken_at, silent.longitude, silent.latitude) == (None, None, None)
    assert read_picture(photo(place=(0.0, 0.0)), zone=SHANGHAI).longitude is None
    assert read_picture(photo(taken="0000:00:00 00:00:00"), zone=SHANGHAI).taken_at is None


def test_the_view_is_small_upright_and_holds_no_metadata() -> None:
    data = photo(place=(118.0, 30.0), taken="2025:06:12 09:30:00", size=(4000, 1000), orientation=6)
    view = read_picture(data, zone=SHANGHAI).view
    with Image.open(BytesIO(view)) as image:
        # Orientation 6 is a picture lying on its side: 4000 × 1000 stands as 1000 × 4000.
        assert (image.format, image.size) == ("JPEG", (400, 1600))
        assert dict(image.getexif()) == {}
    assert b"Exif" not in view
    assert b"maker" not in view


def test_a_small_picture_is_not_blown_up() -> None:
    view = read_picture(photo(size=(120, 90)), zone=SHANGHAI).view
    assert Image.open(BytesIO(view)).size == (120, 90)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", 10_000)
    with pytest.raises(PictureBroken):
        read_picture(photo(size=(200, 200)), zone=SHANGHAI)


@pytest.mark.parametrize("data", [b"", b"<html><script>", b"\xff\xd8\xff\xe0" + b"\0" * 50])
def test_what_is_no_picture_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(PictureBroken):
        read_picture(data, zone=SHANGHAI)


@given(st.integers(0, 900), st.binary(min_size=1, max_size=8))
def test_a_damaged_picture_is_read_or_refused_and_nothing_else(at: int, noise: bytes) -> None:
    data = bytearray(photo(place=(118.0, 30.0), taken="2025:06:12 09:30:00", size=(40, 30)))
    data[at : at + len(noise)] = noise
    with suppress(PictureBroken):
        read_picture(bytes(data), zone=SHANGHAI)


def test_distances_are_metres_outside_the_plot() -> None:
    plot = box(118.0, 30.0, 118.001, 30.001)
    inside, north = Point(118.0005, 30.0005), Point(118.0005, 30.002)
    assert distances_m(plot, inside) == 0
    # A thousandth of a degree of latitude at 30° N is 110.85 m.
    assert distances_m(plot, north) == pytest.approx(110.85, rel=0.01)
    # And of longitude cos 30° of 111.41 m: 96.5 m.
    assert distances_m(plot, Point(118.002, 30.0005)) == pytest.approx(96.5, rel=0.01)


def test_a_track_counts_by_the_points_on_the_plot() -> None:
    plot = box(118.0, 30.0, 118.001, 30.001)
    track = read_gpx(gpx([(118.0005, 30.0005)] * 3 + [(118.01, 30.01)]))
    assert track.began_at == datetime(2025, 6, 12, 2, tzinfo=UTC)
    assert share_within(track, plot) == 0.75


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><gpx><trk>&c;</trk></gpx>'


@pytest.mark.parametrize("data", [b"", b"<gpx></gpx>", b"not xml", BOMB])
def test_what_is_no_track_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(TrackBroken):
        read_gpx(data)
