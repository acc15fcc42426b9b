"""The rows of a practice file, each checked by itself; the database is not asked here.

A file says its practices in one column, in a column each with ticks, or is a season sheet of ours:
then a hidden key says which plot and season each row is, wherever it was moved to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, unquote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aggregator.importing import RowError
from aggregator.rows import RowReader, read_code, word_key
from aggregator.tabular import Column, Table, require_headings
from farms.crops import normalise_crops
from farms.field_rows import FIELD_CODE_DIGITS
from farms.models import Practice

# Headings of the columns with ticks, in the order of the sheet: Chinese, then English.
MARK_HEADINGS: dict[Practice, tuple[str, str]] = {
    Practice.NO_TILL: ("免耕", "No-till"),
    Practice.REDUCED_TILL: ("少耕", "Reduced till"),
    Practice.STRAW_RETURN: ("秸秆还田", "Straw return"),
    Practice.ORGANIC_FERTILISER: ("有机肥", "Organic fertiliser"),
    Practice.SOIL_TEST_FERTILISING: ("测土配方", "Soil-test fertilising"),
    Practice.INTERMITTENT_IRRIGATION: ("间歇灌溉", "Intermittent irrigation"),
    Practice.FALLOW: ("轮作休耕", "Fallow"),
    Practice.GRASS: ("种草", "Grass planting"),
    Practice.CONVENTIONAL: ("常规耕作", "Ordinary tillage"),
}
# What a sheet prints for its readers only: Chinese, then English.
PRINTED_HEADINGS: dict[str, tuple[str, str]] = {
    "number": ("序号", "No."),
    "name": ("地块名称", "plot's name"),
    "household": ("农户", "household"),
    "area": ("面积", "area"),
    "last": ("上季", "last season"),
}
SHEET_KEY = Column(
    "sheet_key", ("表内编号",), gettext_noop("hidden number of the sheet"), code=True
)
FIELD_COLUMNS = (
    Column(
        "field_code",
        ("地块编码", "地块代码", "dkbm"),
        gettext_noop("field code"),
        required=True,
        code=True,
    ),
    Column("season", ("季", "季节", "年度", "年份"), gettext_noop("season"), code=True),
    Column("practice", ("农事措施", "措施"), gettext_noop("practice")),
    Column("crop", ("作物",), gettext_noop("crop")),
    Column("irrigated", ("灌溉", "是否灌溉"), gettext_noop("irrigated")),
    Column("done_on", ("日期", "实施日期"), gettext_noop("done on")),
    Column("note", ("备注",), gettext_noop("note")),
    Column("evidence", ("佐证文件", "佐证材料", "佐证"), gettext_noop("evidence files")),
)
MARK_COLUMNS = tuple(Column(str(code), words, words[1]) for code, words in MARK_HEADINGS.items())
COLUMNS = (*FIELD_COLUMNS, *MARK_COLUMNS, SHEET_KEY)
# What a clerk writes into a season sheet; evidence and practices in words are never printed there.
_FILLED_IN = (
    *MARK_COLUMNS,
    *(each for each in FIELD_COLUMNS if each.key in ("crop", "irrigated", "done_on", "note")),
)
# A newer form of the sheet gets a new mark, so that an older program says so instead of guessing.
_KEY_VERSION = "TH1"

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
    "conventional": Practice.CONVENTIONAL,
    "conventionaltillage": Practice.CONVENTIONAL,
    "ordinarytillage": Practice.CONVENTIONAL,
    "常规耕作": Practice.CONVENTIONAL,
    "翻耕": Practice.CONVENTIONAL,
    "旋耕": Practice.CONVENTIONAL,
}

YES_NO = {"是": True, "否": False, "yes": True, "no": False}
YES_NO |= dict.fromkeys(("y", "true", "1", "有", "√", "✓", "✔", "☑", "v"), True)
YES_NO |= dict.fromkeys(("n", "false", "0", "无", "×"), False)


@dataclass(frozen=True, slots=True)
class SheetKey:
    """What the hidden column of a season sheet says of its row."""

    cooperative: str
    season: str
    field_code: str

    def __str__(self) -> str:
        parts = (self.cooperative, self.season, self.field_code)
        return "|".join([_KEY_VERSION, *(quote(part, safe="") for part in parts)])


@dataclass(frozen=True, slots=True)
class PracticeRow:
    """One row: one or more practices on a field in a season, and the files that show them.

    `left_empty` are practices whose tick is missing on a season sheet; `unknown_crops` are words of
    the crop that nobody knows.
    """

    reader: RowReader
    field_code: str
    season: str
    practices: tuple[Practice, ...]
    crop: str
    irrigated: bool | None
    done_on: date | None
    note: str
    evidence: tuple[str, ...]
    key: SheetKey | None = None
    left_empty: tuple[Practice, ...] = ()
    unknown_crops: tuple[str, ...] = ()


def check_layout(table: Table) -> Table:
    """The table, if it says the season and the practices in one of the ways that are understood.

    Raises:
        HeadingsMissing: it does not.
    """
    found = table.headings.keys()
    has_marks = any(column.key in found for column in MARK_COLUMNS)
    wanted = {"field_code"} | ({"practice"} if not has_marks else set())
    if SHEET_KEY.key not in found:
        wanted |= {"season"}
    asked = [
        Column(column.key, column.headings, required=column.key in wanted)
        for column in FIELD_COLUMNS
    ]
    require_headings((table.columns[key] for key in found), asked)
    return table


def unread_headings(table: Table) -> list[str]:
    """Headings that nobody reads, but for those that a season sheet only prints."""
    if SHEET_KEY.key not in table.headings:
        return table.ignored
    printed = tuple(word for words in PRINTED_HEADINGS.values() for word in words)
    return [heading for heading in table.ignored if not heading.startswith(printed)]


def name_lost_headings(table: Table) -> list[RowError]:
    """An error for each heading of a season sheet that was renamed: what is below it is unread."""
    there = table.headings.keys()
    lacking = [column.title for column in _FILLED_IN if column.key not in there]
    if SHEET_KEY.key not in there or not lacking:
        return []
    reason = _(
        "This is no heading of the season sheet, which now lacks: %(columns)s. Nothing below it is "
        "read. Call it what it was called, or take the column away."
    ) % {"columns": ", ".join(lacking)}
    return [
        RowError(None, heading, reason, code="heading_lost") for heading in unread_headings(table)
    ]


def read_practice_rows(table: Table) -> tuple[list[PracticeRow], list[RowError]]:
    """Every row, and everything wrong with any of them; untouched rows of a sheet say nothing."""
    errors = list(table.errors)
    readers = [RowReader(row, table.columns, table.headings, errors) for row in table.rows]
    rows = [_read_row(reader) for reader in readers]
    _refuse_repeats(rows)
    return rows, errors


def _is_filled(reader: RowReader) -> bool:
    """Whether anybody wrote into the row of a sheet."""
    said = (*MARK_HEADINGS, "practice", "crop", "irrigated", "done_on", "note", "evidence")
    cells = reader.row.cells
    return bool(reader.row.refused) or any(cells.get(str(key)) for key in said)


def _read_row(reader: RowReader) -> PracticeRow:
    key = _read_key(reader)
    field_code = read_code(reader, "field_code", digits=FIELD_CODE_DIGITS, most=40)
    season = reader.code("season", required=key is None, most=16).removesuffix("年")
    if key is not None:
        _compare_key(reader, key, field_code, season)
        field_code, season = key.field_code, key.season
    names = re.split(r"[;；\n]", reader.row.cells.get("evidence", ""))
    practices, left_empty = _read_practices(reader)
    crop, unknown = normalise_crops(reader.text("crop", most=64))
    return PracticeRow(
        reader=reader,
        field_code=field_code,
        season=season,
        practices=practices,
        crop=crop,
        irrigated=reader.choice("irrigated", YES_NO),
        done_on=reader.day("done_on"),
        note=reader.text("note", most=200),
        evidence=tuple(dict.fromkeys(name.strip() for name in names if name.strip())),
        key=key,
        left_empty=left_empty if key is not None else (),
        unknown_crops=tuple(unknown),
    )


def _read_key(reader: RowReader) -> SheetKey | None:
    text = reader.text(SHEET_KEY.key)
    if not text:
        return None
    version, *parts = text.split("|")
    if version == _KEY_VERSION and len(parts) == 3 and all(parts):
        return SheetKey(*(unquote(part) for part in parts))
    reader.refuse(
        SHEET_KEY.key,
        _("The hidden number of this row was changed. Export the season sheet again."),
    )
    return None


def _compare_key(reader: RowReader, key: SheetKey, field_code: str, season: str) -> None:
    """Refuse a visible code that says something else than the hidden key: one of them is wrong."""
    if field_code and field_code != key.field_code:
        reader.refuse(
            "field_code",
            _("This code was changed; this row of the sheet is of field %(code)s.")
            % {"code": key.field_code},
        )
    if season and season != key.season:
        reader.refuse(
            "season",
            _("The season was changed; this sheet is of season %(code)s.") % {"code": key.season},
        )


def _read_practices(reader: RowReader) -> tuple[tuple[Practice, ...], tuple[Practice, ...]]:
    """The practices that a row names or ticks, and those whose tick is missing."""
    marks = [practice for practice in MARK_HEADINGS if str(practice) in reader.headings]
    ticked = [practice for practice in marks if reader.choice(str(practice), YES_NO)]
    empty = tuple(practice for practice in marks if practice not in ticked)
    if marks and not ticked and not reader.row.cells.get("practice"):
        # A plot of a sheet that nobody wrote anything about is no mistake.
        if SHEET_KEY.key not in reader.headings or _is_filled(reader):
            _ask_for_a_tick(reader)
        return (), empty
    named = _named_practices(reader, required=not ticked)
    return tuple(dict.fromkeys((*named, *ticked))), empty


def _ask_for_a_tick(reader: RowReader) -> None:
    if reader.clean:
        first = next(str(each) for each in MARK_HEADINGS if str(each) in reader.headings)
        reader.refuse(
            first, _("No practice is ticked in this row. Tick what was done, ordinary tillage too.")
        )


def _named_practices(reader: RowReader, *, required: bool) -> tuple[Practice, ...]:
    """The practices of a cell: clerks write ``免耕+秸秆还田`` as one."""
    text = reader.text("practice", required=required)
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
