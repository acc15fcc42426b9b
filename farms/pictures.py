"""Photographs: when and where they were taken, and a reduced copy that is safe to show.

Pure: imports no Django. Knows pictures and tracks, and nothing of fields or records.
"""

from __future__ import annotations

import math
import re
import struct
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageOps
from pillow_heif import register_heif_opener

register_heif_opener()

VIEW_SIDE = 1600
_QUALITY = 80
# The largest sensors of today's phones have 200 million; a bomb claims thousands.
MAX_PIXELS = 220_000_000
# Only a JPEG is made smaller while it is read: of other formats all pixels stand in memory, twice.
MAX_WHOLE_PIXELS = 60_000_000
_SHRINKING = ("JPEG", "MPO")
_SCALABLE = ("RGB", "RGBA", "L", "LA", "CMYK", "YCbCr")
# Pillow's own limit lies below what phones write; ours are asked before any pixel is read.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# No digital camera is older; a time at the ends of the calendar cannot change its zone.
YEARS = range(1980, 2200)
# A phone's MPO is opened as the JPEG that it begins with.
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "GIF", "TIFF")
# What Pillow's readers are known to raise on files that are broken or built to break them.
_BROKEN: tuple[type[Exception], ...] = (OSError, ValueError, SyntaxError, EOFError)
_BROKEN += (KeyError, IndexError, TypeError)
_BROKEN += (struct.error, OverflowError, MemoryError, AttributeError, RuntimeError)
_BROKEN += (ZeroDivisionError, Image.DecompressionBombError, Image.DecompressionBombWarning)
_EXIF_TIME = re.compile(r"(\d{4})[:/-](\d\d)[:/-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")


class PictureBroken(ValueError):
    """The bytes are no picture that can be read, or one of too many pixels."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture says of itself; None is what it does not say. Degrees on WGS 84, metres."""

    taken_at: datetime | None
    longitude: float | None
    latitude: float | None
    accuracy_m: float | None
    view: bytes


def read_picture(data: bytes, *, zone: tzinfo) -> Picture:
    """Read a picture's place and time, and make its reduced copy.

    Args:
        data: The file's bytes.
        zone: The time zone of the clock of a camera that names none.

    Returns:
        Its facts, and `view`: a JPEG of at most `VIEW_SIDE` pixels a side, the right way up and
        without any of the original's metadata.

    Raises:
        PictureBroken: it cannot be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=FORMATS) as image:
                most = MAX_PIXELS if image.format in _SHRINKING else MAX_WHOLE_PIXELS
                if image.width * image.height > most:
                    raise PictureBroken("too_many_pixels")
                exif = image.getexif()
                taken_at = _time_taken(exif, zone)
                longitude, latitude, accuracy_m = _place_taken(exif)
                return Picture(taken_at, longitude, latitude, accuracy_m, _reduce(image))
    except _BROKEN as error:
        raise PictureBroken("unreadable") from error


def _reduce(image: Image.Image) -> bytes:
    # For a JPEG this makes the decoder itself skip what would be thrown away.
    image.draft("RGB", (VIEW_SIDE, VIEW_SIDE))
    if image.mode in _SCALABLE:
        # Before anything makes a second copy of all pixels.
        image.thumbnail((VIEW_SIDE, VIEW_SIDE))
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        # Transparent becomes white, as paper is; black would hide a drawing.
        layer = upright.convert("RGBA")
        upright = Image.new("RGB", layer.size, "white")
        upright.paste(layer, mask=layer.getchannel("A"))
    reduced = upright.convert("RGB")
    reduced.thumbnail((VIEW_SIDE, VIEW_SIDE))
    # A fresh image: nothing of the original's EXIF, profiles or comments can come along.
    clean = Image.new("RGB", reduced.size)
    clean.paste(reduced)
    buffer = BytesIO()
    clean.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return buffer.getvalue()


def _time_taken(exif: Image.Exif, zone: tzinfo) -> datetime | None:
    """The moment of exposure; by the satellites' clock where that is all there is."""
    details = exif.get_ifd(ExifTags.IFD.Exif)
    text = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    taken = _read_time(text)
    if taken is not None:
        said = details.get(ExifTags.Base.OffsetTimeOriginal)
        offset = _read_offset(said or details.get(ExifTags.Base.OffsetTime))
        return taken.replace(tzinfo=offset or zone)
    satellites = exif.get_ifd(ExifTags.IFD.GPSInfo)
    day = str(satellites.get(ExifTags.GPS.GPSDateStamp, ""))
    clock = _numbers(satellites.get(ExifTags.GPS.GPSTimeStamp), 3)
    if clock is None:
        return None
    taken = _read_time(f"{day} " + ":".join(f"{int(part):02d}" for part in clock))
    return taken and taken.replace(tzinfo=UTC)


def _read_time(text: Any) -> datetime | None:
    match = _EXIF_TIME.match(str(text or ""))
    if match is None:
        return None
    try:
        taken = datetime(*map(int, match.groups()))  # type: ignore[arg-type]
    except ValueError:
        # Cameras whose clock was never set write 0000:00:00.
        return None
    return taken if taken.year in YEARS else None


def _read_offset(text: Any) -> tzinfo | None:
    match = _OFFSET.match(str(text or ""))
    if match is None:
        return UTC if str(text or "").strip("\0 ") == "Z" else None
    sign, hours, minutes = match.groups()
    shift = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-shift if sign == "-" else shift) if shift < timedelta(hours=24) else None


def _place_taken(exif: Image.Exif) -> tuple[float | None, float | None, float | None]:
    satellites = exif.get_ifd(ExifTags.IFD.GPSInfo)
    latitude = _degrees(satellites, ExifTags.GPS.GPSLatitude, "S")
    longitude = _degrees(satellites, ExifTags.GPS.GPSLongitude, "W")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None, None, None
    if latitude == longitude == 0:
        # Phones without a fix write zeros; nobody farms in the Gulf of Guinea.
        return None, None, None
    accuracy = _numbers([satellites.get(ExifTags.GPS.GPSHPositioningError)], 1)
    return longitude, latitude, accuracy[0] if accuracy else None


def _degrees(satellites: dict[int, Any], tag: int, negative: str) -> float | None:
    parts = _numbers(satellites.get(tag), 3)
    # Bytes that no camera writes: 99 minutes are no place an hour and a half further.
    if parts is None or not all(0 <= part <= 60 for part in parts[1:]):
        return None
    value = parts[0] + parts[1] / 60 + parts[2] / 3600
    # The letter of the hemisphere has the number before its value's.
    return -value if str(satellites.get(tag - 1, "")).strip("\0 ").upper() == negative else value


def _numbers(values: Any, count: int) -> list[float] | None:
    if not isinstance(values, (list, tuple)) or len(values) != count or None in values:
        return None
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return numbers if all(map(math.isfinite, numbers)) else None
