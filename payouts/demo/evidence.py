"""Draws the demonstration's evidence: pictures that say they are drawn, field logs, an invoice.

Imports no Django. A picture carries its day and place in its EXIF data, as a phone's would.
"""

from __future__ import annotations

import io
from datetime import date
from fractions import Fraction
from random import Random

from PIL import ExifTags, Image, ImageDraw, ImageFont
from pyproj import Transformer
from shapely.affinity import scale, translate

from payouts.demo.land import CRS
from payouts.demo.people import Holding, Member

_SIZE = (400, 260)
_SOIL, _STRAW, _PADDY, _INK, _PAPER = "#8a6a45", "#d9c27a", "#6f9a5b", "#1d2721", "#fbfaf5"
_TO_DEGREES = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def draw_picture(holding: Holding, *, caption: str, taken_on: date) -> bytes:
    """A JPEG that stands for a photo of the plot: its outline under straw, day and place on it."""
    random = Random(f"{holding.code}{taken_on}")  # noqa: S311 - a picture, not a secret
    image = Image.new("RGB", _SIZE, _PADDY)
    draw = ImageDraw.Draw(image)
    outline = _fit_outline(holding)
    draw.polygon(outline, fill=_SOIL, outline=_INK)
    mask = Image.new("1", _SIZE)
    ImageDraw.Draw(mask).polygon(outline, fill=1)
    for _ in range(900):
        x, y = random.randrange(_SIZE[0]), random.randrange(30, _SIZE[1] - 44)
        if mask.getpixel((x, y)):
            draw.line((x, y, x + random.randint(-5, 5), y - random.randint(1, 5)), fill=_STRAW)
    east, north = _TO_DEGREES.transform(*holding.plot.shape.centroid.coords[0])
    _write_lines(draw, 4, ["DEMONSTRATION: drawn by a program, not a photograph"])
    lines = [f"{holding.code}  {caption}", f"{taken_on}  {north:.5f} N {east:.5f} E"]
    _write_lines(draw, _SIZE[1] - 40, lines)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=60, exif=_make_exif(taken_on, east, north))
    return file.getvalue()


def write_log(member: Member, lines: list[str], *, year: int) -> bytes:
    """A household's handwritten log 农事记录 as plain text."""
    heading = f"农事记录（演示数据） {year} 年  {member.village.name}  {member.head_name}"
    return "\n".join([heading, *lines, ""]).encode()


def draw_invoice(lines: list[str]) -> bytes:
    """A one-page PDF that stands for a supplier's invoice."""
    image = Image.new("RGB", (620, 300), _PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((8, 8, 611, 291), outline=_INK)
    _write_lines(draw, 20, ["INVOICE (demonstration, nothing was bought)", "", *lines], left=28)
    file = io.BytesIO()
    image.save(file, "PDF", resolution=72)
    return file.getvalue()


def _fit_outline(holding: Holding) -> list[tuple[float, float]]:
    shape = holding.plot.shape
    west, south, east, north = shape.bounds
    ratio = min(360 / (east - west), 170 / (north - south))
    moved = translate(shape, -(west + east) / 2, -(south + north) / 2)
    drawn = translate(scale(moved, ratio, -ratio, origin=(0, 0)), 200, 122)
    return [(x, y) for x, y in drawn.exterior.coords]


def _write_lines(draw: ImageDraw.ImageDraw, top: int, lines: list[str], *, left: int = 8) -> None:
    font = ImageFont.load_default(14)
    for row, line in enumerate(lines):
        draw.text((left, top + 18 * row), line, fill=_INK, font=font)


def _make_exif(taken_on: date, east: float, north: float) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "Demonstration, not a photograph"
    taken = exif.get_ifd(ExifTags.IFD.Exif)
    taken[ExifTags.Base.DateTimeOriginal] = f"{taken_on:%Y:%m:%d} 09:30:00"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLongitudeRef] = "N", "E"
    place[ExifTags.GPS.GPSLatitude] = _to_sexagesimal(north)
    place[ExifTags.GPS.GPSLongitude] = _to_sexagesimal(east)
    return exif


def _to_sexagesimal(degrees: float) -> tuple[Fraction, Fraction, Fraction]:
    seconds = round(degrees * 360_000)
    whole, rest = divmod(seconds, 360_000)
    minutes, hundredths = divmod(rest, 6_000)
    return Fraction(whole), Fraction(minutes), Fraction(hundredths, 100)
