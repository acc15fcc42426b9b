"""The rows of a practice file, each checked by itself; the database is not asked here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from aggregator.importing import RowError
from aggregator.rows import RowReader, read_code, word_key
from aggregator.tabular import Column, Table
from farms.field_rows import FIELD_CODE_DIGITS
from farms.models import Practice

COLUMNS = (
    Column("field_code", ("地块编码", "地块代码", "dkbm"), required=True, code=True),
    Column("season", ("季", "季节", "年度", "年份"), required=True, code=True),
    Column("practice", ("农事措施", "措施"), required=True),
    Column("crop", ("作物",)),
    Column("irrigated", ("灌溉", "是否灌溉")),
    Column("done_on", ("日期", "实施日期")),
    Column("note", ("备注",)),
    Column("evidence", ("佐证文件", "佐证材料", "佐证")),
)

PRACTICES = {
    "notill": Practice.NO_TILL,
    "notillage": Practice.NO_TILL,
    "免耕": Practice.NO_TILL,
    "免耕播种": Practice.NO_TILL,
    "reducedtill": Practice.REDUCED_TILL,
    "reducedtillage": Practice.REDUCED_TILL,
    "少耕": Practice.REDUCED_TILL,
    "少免耕": Practice.REDUCED_TILL,
    "strawreturn": Practice.STRAW_RETURN,
    "秸秆还田": Practice.STRAW_RETURN,
    "秸秆": Practice.STRAW_RETURN,
    "organicfertiliser": Practice.ORGANIC_FERTILISER,
    "organicfertilizer": Practice.ORGANIC_FERTILISER,
    "有机肥": Practice.ORGANIC_FERTILISER,
    "施有机肥": Practice.ORGANIC_FERTILISER,
    "增施有机肥": Practice.ORGANIC_FERTILISER,
    "soiltestfertilising": Practice.SOIL_TEST_FERTILISING,
    "soiltestfertilizing": Practice.SOIL_TEST_FERTILISING,
    "测土配方": Practice.SOIL_TEST_FERTILISING,
    "测土配方施肥": Practice.SOIL_TEST_FERTILISING,
    "intermittentirrigation": Practice.INTERMITTENT_IRRIGATION,
    "awd": Practice.INTERMITTENT_IRRIGATION,
    "间歇灌溉": Practice.INTERMITTENT_IRRIGATION,
    "干湿交替": Practice.INTERMITTENT_IRRIGATION,
    "fallow": Practice.FALLOW,
    "fallowrotation": Practice.FALLOW,
    "轮作休耕": Practice.FALLOW,
    "休耕": Practice.FALLOW,
    "grass": Practice.GRASS,
    "grassplanting": Practice.GRASS,
    "种草": Practice.GRASS,
}

YES_NO = {"是": True, "否": False, "yes": True, "no": False}
YES_NO |= dict.fromkeys(("y", "true", "1", "有", "√", "✓"), True)
YES_NO |= dict.fromkeys(("n", "false", "0", "无", "×"), False)


@dataclass(frozen=True, slots=True)
class PracticeRow:
    """One row: one or more practices on a field in a season, and the files that show them."""

    reader: RowReader
    field_code: str
    season: str
    practices: tuple[Practice, ...]
    crop: str
    irrigated: bool | None
    done_on: date | None
    note: str
    evidence: tuple[str, ...]


def read_practice_rows(table: Table) -> tuple[list[PracticeRow], list[RowError]]:
    """Every row, and everything wrong with any of them."""
    errors = list(table.errors)
    rows = [_read_row(RowReader(row, table.columns, table.headings, errors)) for row in table.rows]
    _refuse_repeats(rows)
    return rows, errors


def _read_row(reader: RowReader) -> PracticeRow:
    field_code = read_code(reader, "field_code", digits=FIELD_CODE_DIGITS, most=40)
    names = re.split(r"[;；\n]", reader.row.cells.get("evidence", ""))
    return PracticeRow(
        reader=reader,
        field_code=field_code,
        season=reader.code("season", required=True, most=16).removesuffix("年"),
        practices=_read_practices(reader),
        crop=reader.text("crop", most=64),
        irrigated=reader.choice("irrigated", YES_NO),
        done_on=reader.day("done_on"),
        note=reader.text("note", most=200),
        evidence=tuple(dict.fromkeys(name.strip() for name in names if name.strip())),
    )


def _read_practices(reader: RowReader) -> tuple[Practice, ...]:
    """The practices of a cell: clerks write ``免耕+秸秆还田`` as one."""
    text = reader.text("practice", required=True)
    found = []
    for word in filter(None, re.split(r"\s*[+、;；,，/]\s*", text)):
        practice = PRACTICES.get(word_key(word))
        if practice is None:
            known = ", ".join(str(practice.label) for practice in Practice)
            reader.refuse(
                "practice",
                _("This practice is not known here. Known are: %(words)s.") % {"words": known},
                word,
            )
        else:
            found.append(practice)
    return tuple(dict.fromkeys(found))


def _refuse_repeats(rows: list[PracticeRow]) -> None:
    first: dict[tuple[str, str, Practice], int] = {}
    for row in rows:
        for practice in row.practices:
            key = (row.field_code, row.season, practice)
            if key in first and all(key):
                row.reader.refuse(
                    "practice",
                    _("Row %(row)d has the same field, season and practice.") % {"row": first[key]},
                )
            first.setdefault(key, row.reader.row.number)
