"""The demonstration's three files as a hurried office would hand them over: damaged in twelve ways.

One village's members, plots and records, so that a browser goes through them quickly.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openpyxl
import shapely
from pyogrio.raw import read as read_layer
from pyogrio.raw import write as write_layer
from shapely.geometry import LineString, MultiPolygon, Polygon

from payouts.demo.files import SEED, write_fields, write_members, write_practices
from payouts.demo.people import VILLAGES, Community, make_community

YEAR = 2024
# Rows as the spreadsheet counts them: a title and the header stand above the first, row 3.
BAD_DAY_ROW, BAD_IDENTITY_ROW, BAD_PHONE_ROW, TWIN_ROW = 6, 9, 12, 15
# Features count from 1.
CROSSING, TWO_PARTS, SHORT_CODE, STRANGER, LARGE_CONTRACT = 3, 8, 13, 18, 23
BAD_PRACTICE_ROW, BAD_FIELD_ROW, BAD_DONE_ROW = 5, 8, 11


@dataclass(frozen=True)
class DamagedFiles:
    """Where the files lie, and what their damaged cells said before."""

    members: Path
    fields: Path
    practices: Path
    evidence: Path
    households: int
    plots: int
    records: int
    right: dict[str, str]


def write_damaged_files(folder: Path) -> DamagedFiles:
    whole = make_community(seed=SEED)
    holdings = [h for h in whole.holdings if h.member.village == VILLAGES[0]]
    # Who works a plot may live in another village.
    named = {h.member for h in holdings} | {h.operator for h in holdings if h.operator}
    village = Community([m for m in whole.members if m in named], holdings)
    photos = folder / "evidence"
    photos.mkdir()
    members, fields = folder / "members.xlsx", folder / "fields.gpkg"
    practices, evidence = folder / f"practices-{YEAR}.xlsx", folder / "evidence.zip"
    write_members(members, village.members)
    write_fields(fields, village.holdings)
    write_practices(practices, village, year=YEAR, evidence=photos)
    with zipfile.ZipFile(evidence, "w") as archive:
        for photo in sorted(photos.iterdir()):
            archive.write(photo, photo.name)
    records = openpyxl.load_workbook(practices).active.max_row - 2
    right = _damage_members(members) | _damage_fields(fields) | _damage_practices(practices)
    counts = (len(village.members), len(village.holdings), records)
    return DamagedFiles(members, fields, practices, evidence, *counts, right)


def _damage_members(path: Path) -> dict[str, str]:
    """1 an unknown heading, 2 no such day, 3 a wrong check digit, 4 a digit lost, 5 a twin."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    at = {cell.value: cell.column for cell in sheet[2]}
    sheet.cell(2, at["户主姓名"]).value = "当家人"
    day = sheet.cell(BAD_DAY_ROW, at["入社日期"])
    identity = sheet.cell(BAD_IDENTITY_ROW, at["身份证号"])
    phone = sheet.cell(BAD_PHONE_ROW, at["手机号"])
    twin = sheet.cell(TWIN_ROW, at["农户编码"])
    right = {"day": day.value, "identity": identity.value, "phone": phone.value, "twin": twin.value}
    day.value = "2019-02-30"
    identity.value = identity.value[:-1] + ("0" if identity.value[-1] != "0" else "1")
    phone.value = phone.value[:-1]
    twin.value = sheet.cell(TWIN_ROW - 1, at["农户编码"]).value
    book.save(path)
    return right


def _damage_fields(path: Path) -> dict[str, str]:
    """6 crosses itself, 7 two parts, 8 a digit lost, 9 no such holder, 10 too large a contract."""
    info, _ids, wkb, columns = read_layer(path)
    data = dict(zip(info["fields"], (column.astype(object) for column in columns), strict=True))
    shapes = shapely.from_wkb(wkb)
    shapes[CROSSING - 1] = _twist(shapes[CROSSING - 1])
    shapes[TWO_PARTS - 1] = _break_apart(shapes[TWO_PARTS - 1])
    right = {"code": data["DKBM"][SHORT_CODE - 1], "holder": data["农户编码"][STRANGER - 1]}
    data["DKBM"][SHORT_CODE - 1] = right["code"][:-1]
    data["农户编码"][STRANGER - 1] = "QY-999"
    contract = float(data["合同面积"][LARGE_CONTRACT - 1])
    data["合同面积"][LARGE_CONTRACT - 1] = f"{contract * 1.4:.2f}"
    path.unlink()
    write_layer(
        path,
        layer="承包地块",
        driver="GPKG",
        crs=info["crs"],
        geometry_type="Unknown",
        geometry=np.array([shapely.to_wkb(shape) for shape in shapes], object),
        fields=np.array(list(data), object),
        field_data=list(data.values()),
    )
    return right


def _damage_practices(path: Path) -> dict[str, str]:
    """11 a misspelt practice, 12 a plot that is not there, and a day that cannot be."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    at = {cell.value: cell.column for cell in sheet[2]}
    practice = sheet.cell(BAD_PRACTICE_ROW, at["农事措施"])
    field = sheet.cell(BAD_FIELD_ROW, at["地块编码"])
    done = sheet.cell(BAD_DONE_ROW, at["日期"])
    right = {"practice": practice.value, "field": field.value, "done": done.value}
    practice.value = "免更"
    field.value = field.value[:-3] + "999"
    done.value = f"{YEAR}-13-01"
    book.save(path)
    return right


def _twist(shape: Polygon) -> Polygon:
    """Swap two neighbouring corners, as a surveyor's list out of order does."""
    points = list(shape.exterior.coords)[:-1]
    points[1], points[2] = points[2], points[1]
    return Polygon(points)


def _break_apart(shape: Polygon) -> MultiPolygon:
    """A narrow ditch cuts a crumb off the plot's end, drawn as if both were one plot."""
    west, south, east, north = shape.bounds
    end = west + (east - west) * 0.04
    ditch = LineString([(end, south - 1), (end, north + 1)]).buffer(0.1, cap_style="flat")
    parts = shape.difference(ditch)
    return parts if isinstance(parts, MultiPolygon) else MultiPolygon([parts])
