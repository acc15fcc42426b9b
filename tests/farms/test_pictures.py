"""Place and time are read out of pictures; the copy that is shown holds nothing of either."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
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


def test_a_photo_of_the_largest_phones_is_taken() -> None:
    # 16,320 × 12,240: the 200 million pixels that phones write; one colour, so it is small.
    data = photo(size=(16_320, 12_240), taken="2025:06:12 09:30:00")
    picture = read_picture(data, zone=SHANGHAI)
    assert Image.open(BytesIO(picture.view)).size == (1600, 1200)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
def test_what_is_unpacked_whole_may_have_fewer_pixels(
    monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(pictures, "MAX_WHOLE_PIXELS", 10_000)
    with pytest.raises(PictureBroken):
        read_picture(photo(size=(200, 200), form=form), zone=SHANGHAI)
    assert read_picture(photo(size=(200, 200)), zone=SHANGHAI).view


def test_a_small_file_does_not_unpack_into_gigabytes() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    # 13,000 × 13,000 with transparency: 676 MB of pixels, and as much again to turn it upright.
    head = struct.pack(">IIBBBBB", 13_000, 13_000, 8, 6, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))
    with pytest.raises(PictureBroken, match="unreadable") as refusal:
        read_picture(bomb, zone=SHANGHAI)
    assert str(refusal.value.__cause__) == "too_many_pixels"


def test_a_phones_picture_of_several_frames_shows_the_first() -> None:
    frames = [Image.new("RGB", (60, 40), (shade, 0, 0)) for shade in (200, 20)]
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2025:06:12 09:30:00"
    buffer = BytesIO()
    frames[0].save(buffer, "MPO", save_all=True, append_images=frames[1:], exif=exif)
    picture = read_picture(buffer.getvalue(), zone=SHANGHAI)
    assert picture.taken_at == datetime(2025, 6, 12, 1, 30, tzinfo=UTC)
    view = Image.open(BytesIO(picture.view))
    assert (view.format, view.size) == ("JPEG", (40, 60))
    assert view.getpixel((5, 5))[0] > 150


@pytest.mark.parametrize(("minutes", "found"), [(30.0, True), (99.0, False)])
def test_a_place_of_ninety_nine_minutes_is_none(minutes: float, found: bool) -> None:
    data = photo(place=(118.5, 30.5), gps={2: (30.0, minutes, 0.0)})
    assert (read_picture(data, zone=SHANGHAI).latitude is not None) == found


@pytest.mark.parametrize(
    ("offset", "hour"), [("", 1), ("Z", 9), ("+00:00", 9), ("+09:00", 0), ("-99:99", 1), ("?", 1)]
)
def test_a_clock_that_names_its_zone_is_believed(offset: str, hour: int) -> None:
    # 09:30 on the clock; in Shanghai that is 01:30 UTC, and so it is where the zone is no zone.
    data = photo(taken="2025:06:12 09:30:00", offset=offset)
    assert read_picture(data, zone=SHANGHAI).taken_at == datetime(2025, 6, 12, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize("number", [IFDRational(0, 0), IFDRational(7, 0)])
def test_a_place_without_a_denominator_is_none(number: IFDRational) -> None:
    data = photo(place=(118.5, 30.5), gps={4: (number, number, number)})
    assert read_picture(data, zone=SHANGHAI).longitude is None


@pytest.mark.parametrize("data", [b"<svg onload='alert(1)'/>", b"<html>" + photo()])
def test_what_a_browser_would_run_is_no_picture(data: bytes) -> None:
    with pytest.raises(PictureBroken):
        read_picture(data, zone=SHANGHAI)


def test_what_hangs_behind_a_picture_is_not_in_the_view() -> None:
    assert b"<script>" not in read_picture(photo() + b"<script>", zone=SHANGHAI).view


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
