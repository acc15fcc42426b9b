"""Photographs as phones write them, made by the tests."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image

_EXIF, _GPS = 0x8769, 0x8825


def photo(
    *,
    place: tuple[float, float] | None = None,
    taken: str = "",
    accuracy_m: float | None = None,
    colour: tuple[int, int, int] = (40, 120, 60),
    size: tuple[int, int] = (400, 300),
    orientation: int = 1,
    form: str = "JPEG",
    offset: str = "",
    gps: dict[int, Any] | None = None,
) -> bytes:
    """A picture with its EXIF: `place` in degrees, longitude first; `taken` as ``2025:06:12 …``.

    `offset` is the clock's zone; `gps` are tags to write instead.
    """
    image = Image.new("RGB", size, colour)
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "A maker's name that must not be shown"
    if taken:
        exif.get_ifd(_EXIF)[0x9003] = taken
    if offset:
        exif.get_ifd(_EXIF)[0x9011] = offset
    if place is not None:
        longitude, latitude = place
        where: dict[int, Any] = {
            1: "N" if latitude >= 0 else "S",
            2: _sexagesimal(abs(latitude)),
            3: "E" if longitude >= 0 else "W",
            4: _sexagesimal(abs(longitude)),
        }
        if accuracy_m is not None:
            where[31] = accuracy_m
        exif.get_ifd(_GPS).update(where | (gps or {}))
    buffer = BytesIO()
    image.save(buffer, form, exif=exif)
    return buffer.getvalue()


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    minutes = (degrees - whole) * 60
    return float(whole), float(int(minutes)), round((minutes - int(minutes)) * 60, 6)


def gpx(points: list[tuple[float, float]], *, time: str = "2025-06-12T02:00:00Z") -> bytes:
    """A machine's track."""
    marks = "".join(
        f'<trkpt lat="{lat}" lon="{lon}"><time>{time}</time></trkpt>' for lon, lat in points
    )
    head = '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="t">'
    return f"<?xml version='1.0'?>{head}<trk><trkseg>{marks}</trkseg></trk></gpx>".encode()
