"""Writes the files a cooperative would hold: members, fields, practices by year, their evidence.

Imports no Django. The same seed writes the same rows; codes and dates are text, as in real files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import numpy as np
import shapely
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from pyogrio.raw import write as write_layer

from payouts.demo.evidence import draw_invoice, draw_picture, write_log
from payouts.demo.land import CRS
from payouts.demo.people import GROWS_TEA, Community, Holding, Member, make_community

COOPERATIVE_NAME = "栖云梯田农民专业合作社"
SEED = 2024
YEARS = (2024, 2025)
_BANK = "栖云农商银行（演示）"
_TERM = ("2023-01-01", "2027-12-31")
_MEMBER_HEADER = (
    *("农户编码", "村编码", "村名", "户主姓名", "身份证号", "手机号", "语言", "入社日期", "股份"),
    *("协议编号", "签约日期", "协议开始", "协议结束", "开户名", "开户行", "银行账号"),
)
_PRACTICE_HEADER = ["地块编码", "季", "农事措施", "作物", "灌溉", "日期", "备注", "佐证文件"]
_PRACTICE_NAMES = {
    "no_till": "免耕",
    "reduced_till": "少耕",
    "straw_return": "秸秆还田",
    "organic_fertiliser": "有机肥",
    "intermittent_irrigation": "间歇灌溉",
}
# What households are in the habit of doing, and how many of sixteen do so.
_HABITS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("no_till", "straw_return"), 6),
    (("no_till",), 3),
    (("straw_return", "organic_fertiliser"), 3),
    (("reduced_till", "straw_return"), 3),
    ((), 1),
)


@dataclass(frozen=True)
class DemoFiles:
    """Where the files were written."""

    members: Path
    fields: Path
    practices: dict[int, Path]
    evidence: Path


def write_files(folder: Path, *, seed: int = SEED) -> DemoFiles:
    """Write everything into `folder` (made if missing, files replaced)."""
    community = make_community(seed=seed)
    files = DemoFiles(
        members=folder / "members.xlsx",
        fields=folder / "fields.gpkg",
        practices={year: folder / f"practices-{year}.xlsx" for year in YEARS},
        evidence=folder / "evidence",
    )
    files.evidence.mkdir(parents=True, exist_ok=True)
    write_members(files.members, community.members)
    write_fields(files.fields, community.holdings)
    for year, path in files.practices.items():
        write_practices(path, community, year=year, evidence=files.evidence)
    return files


def write_members(path: Path, members: Iterable[Member]) -> None:
    rows = [
        (
            *(member.code, member.village.code, member.village.name, member.head_name),
            *(member.identity_number, member.phone, member.language, str(member.member_since)),
            str(member.shares),
            *_agreement_cells(member),
            *_account_cells(member),
        )
        for member in members
    ]
    _write_sheet(path, f"{COOPERATIVE_NAME}社员名册（演示数据）", _MEMBER_HEADER, rows)


def write_fields(path: Path, holdings: Sequence[Holding]) -> None:
    path.unlink(missing_ok=True)
    columns: dict[str, list[str | None]] = {
        "DKBM": [holding.code for holding in holdings],
        "DKMC": [holding.name for holding in holdings],
        "村编码": [holding.member.village.code for holding in holdings],
        "农户编码": [holding.member.code for holding in holdings],
        "承包开始": ["2018-01-01" for _ in holdings],
        "经营农户编码": [
            holding.operator.code if holding.operator else None for holding in holdings
        ],
        "流转开始": [
            str(holding.operated_from) if holding.operated_from else None for holding in holdings
        ],
        "合同面积": [holding.contract_area_mu for holding in holdings],
        "地类": ["永久基本农田" for _ in holdings],
    }
    write_layer(
        path,
        layer="承包地块",
        driver="GPKG",
        crs=CRS,
        geometry_type="Polygon",
        geometry=np.array([shapely.to_wkb(holding.plot.shape) for holding in holdings], object),
        fields=np.array(list(columns), object),
        field_data=[np.array(values, object) for values in columns.values()],
    )


def write_practices(path: Path, community: Community, *, year: int, evidence: Path) -> None:
    """Write a year's records, a log for each household, a picture for every sixth plot."""
    random = Random(f"{SEED}-{year}")  # noqa: S311 - invented facts, not a secret
    habits = _choose_habits(community.members, year)
    rows: list[tuple[str, ...]] = []
    logs: dict[Member, list[str]] = {}
    for number, holding in enumerate(community.holdings):
        member = holding.operator or holding.member
        for practice in habits[member]:
            done_on = _day_of(practice, year, random)
            proofs = [_log_name(member, year)]
            if number % 6 == 0 and practice == habits[member][0]:
                proofs.append(_add_picture(evidence, holding, practice, done_on))
            if practice == "organic_fertiliser":
                proofs.append(_add_invoice(evidence, member, year))
            rows.append(_practice_row(holding, practice, year, done_on, proofs))
            logs.setdefault(member, []).append(
                f"{done_on}  {holding.name}  {_PRACTICE_NAMES[practice]}"
            )
    for member, lines in logs.items():
        log = write_log(member, sorted(lines), year=year)
        (evidence / _log_name(member, year)).write_bytes(log)
    _write_sheet(path, f"{COOPERATIVE_NAME} {year} 年农事记录（演示数据）", _PRACTICE_HEADER, rows)


def _agreement_cells(member: Member) -> tuple[str, ...]:
    if not member.agreement_code:
        return ("", "", "", "")
    return (member.agreement_code, "2022-12-10", *_TERM)


def _account_cells(member: Member) -> tuple[str, ...]:
    if not member.account_number:
        return ("", "", "")
    return (member.head_name, _BANK, member.account_number)


def _choose_habits(members: Sequence[Member], year: int) -> dict[Member, tuple[str, ...]]:
    random = Random(f"{SEED}-habits")  # noqa: S311 - invented facts, not a secret
    kinds, weights = [habit for habit, _ in _HABITS], [weight for _, weight in _HABITS]
    habits = {member: random.choices(kinds, weights)[0] for member in members}
    # In 2025 those who only returned straw, or did nothing, are half won over.
    for member in members if year > YEARS[0] else ():
        if "no_till" not in habits[member] and random.random() < 0.5:
            habits[member] = ("no_till", "straw_return")
    return habits


def _practice_row(
    holding: Holding, practice: str, year: int, done_on: date, proofs: list[str]
) -> tuple[str, ...]:
    paddy = holding.plot.place in ("stream", "floor", "hamlet") or holding.plot.terrace < 14
    return (
        holding.code,
        str(year),
        _PRACTICE_NAMES[practice],
        _crop_of(holding, paddy=paddy),
        "是" if paddy else "否",
        str(done_on),
        "",
        ";".join(proofs),
    )


def _crop_of(holding: Holding, *, paddy: bool) -> str:
    if holding.member.code == f"QY-{GROWS_TEA:03d}" and not paddy:
        return "茶"
    return "水稻" if paddy else "玉米"


def _day_of(practice: str, year: int, random: Random) -> date:
    first = date(year, 10, 20) if practice == "straw_return" else date(year, 4, 6)
    return first + timedelta(days=random.randrange(25))


def _log_name(member: Member, year: int) -> str:
    return f"log-{year}-{member.code}.txt"


def _add_picture(evidence: Path, holding: Holding, practice: str, done_on: date) -> str:
    name = f"{holding.code}-{done_on}.jpg"
    picture = draw_picture(holding, caption=practice.replace("_", " "), taken_on=done_on)
    (evidence / name).write_bytes(picture)
    return name


def _add_invoice(evidence: Path, member: Member, year: int) -> str:
    name = f"invoice-{year}-{member.code}.pdf"
    path = evidence / name
    if not path.exists():
        path.write_bytes(draw_invoice([f"{year}  {member.code}", "Compost, 2 t, delivered"]))
    return name


def _write_sheet(
    path: Path, title: str, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """A workbook as offices keep them: a merged title row, then the header, then text cells."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(header))
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet.append(list(header))
    for row in rows:
        sheet.append([cell or None for cell in row])
    for column in sheet.columns:
        sheet.column_dimensions[column[1].column_letter].width = 20
    sheet.freeze_panes = "A3"
    book.save(path)
