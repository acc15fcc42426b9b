"""Season sheets: a village's plots as a workbook that prints, is filled in, and is read back.

Every row carries a hidden key of cooperative, season and field, so that a sheet that was sorted,
cut or retyped still says which plot is meant. Writes files; reading them is `practice_rows`' part.
"""

from __future__ import annotations

import io
import math
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.text import get_valid_filename
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from aggregator.models import Household, Person, User, Village
from aggregator.periods import Period
from aggregator.roles import require_role
from aggregator.tabular import Column
from aggregator.units import m2_to
from farms.crops import usual_crops
from farms.models import Field, PracticeRecord, Season
from farms.models.field import FieldQuerySet
from farms.practice_rows import FIELD_COLUMNS, MARK_HEADINGS, PRINTED_HEADINGS, SHEET_KEY, SheetKey
from farms.tenure import operator_spans

TICK = "✓"
_FIRST_ROW = 5
_HEADING_ROW = _FIRST_ROW - 1
_BY_KEY = {column.key: column for column in FIELD_COLUMNS}
# What a clerk types or ticks; everything else on the sheet is locked.
_TO_FILL = ("crop", "irrigated", "done_on", "note")
# In characters of the sheet's small type. Together they fill A4 across, so that the type is
# printed as large as it is; two Chinese characters stand in a column of ticks.
_WIDTHS = {
    "number": 4.5,
    "field_code": 17,
    "name": 10,
    "household": 11,
    "area": 7,
    "last": 19,
    "crop": 8,
    "irrigated": 5,
    "done_on": 10.5,
    "note": 12,
    "sheet_key": 12,
}
_MARK_WIDTH = 4
_SMALL, _LINE, _ROW = 9, 13, 24
_THIN = Side(style="thin", color="999999")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="E7EFE9")
_LOCKED = PatternFill("solid", fgColor="F5F5F2")
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_UPRIGHT = Alignment(horizontal="center", vertical="center", wrap_text=True, text_rotation=90)
_LEFT = Alignment(vertical="center", wrap_text=True)
# Plain text to a spreadsheet, however it begins: nothing a name says is ever a formula.
_TEXT = "@"


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One plot of a sheet: what is printed of it, and what is on record already."""

    field: Field
    household: str
    area: str
    last: str
    ticked: frozenset[str]
    record: PracticeRecord | None


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A file to hand out."""

    name: str
    content: bytes
    mime: str


XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export_season_sheets(
    season: Season, *, by: User | None, villages: Sequence[Village] | None = None
) -> SheetFile:
    """One village's sheet as a workbook, or a zip with a workbook for each of several villages.

    Without `villages` those of the cooperative that have plots are taken. Words are in the
    reader's language. `by` is None for a command at the server.
    """
    if by is not None:
        require_role(by, *User.Role.values, of=season)
    asked = villages if villages is not None else list(_villages_with_plots(season))
    files = [(_file_name(season, village), write_sheet(season, village)) for village in asked]
    if len(files) == 1:
        return SheetFile(*files[0], mime=XLSX_MIME)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    name = get_valid_filename(f"{season.cooperative.code}_{season.code}.zip")
    return SheetFile(name, buffer.getvalue(), mime="application/zip")


def write_sheet(season: Season, village: Village) -> bytes:
    """The workbook of one village in one season."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = _("Season sheet")
    keys = _column_keys()
    _write_head(sheet, season, village, keys)
    lines = _gather_lines(season, village)
    for row, line in enumerate(lines, start=_FIRST_ROW):
        _write_line(sheet, row, keys, line, season)
    last_row = _FIRST_ROW + max(len(lines), 1) - 1
    _add_choices(workbook, sheet, keys, last_row)
    _set_up_page(sheet, season, village, keys, last_row)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _column_keys() -> list[str]:
    return [
        *("number", "field_code", "name", "household", "area", "last"),
        *(str(practice) for practice in MARK_HEADINGS),
        *_TO_FILL,
        SHEET_KEY.key,
    ]


def _write_head(sheet: Worksheet, season: Season, village: Village, keys: list[str]) -> None:
    last = get_column_letter(len(keys) - 1)
    title = _("Season sheet %(season)s · %(village)s · %(cooperative)s") % {
        "season": season.name or season.code,
        "village": village.name,
        "cooperative": season.cooperative,
    }
    help_text = _(
        "Tick (✓) every practice that took place. Write the crop, or two joined by a plus sign. A "
        "plot with no practice of these gets a tick under ordinary tillage. Leave a row empty if "
        "nothing is known. Days from %(starts_on)s to %(ends_on)s."
    ) % {"starts_on": season.starts_on, "ends_on": season.ends_on}
    signed = _("Filled in by: ________________    Day: ________________")
    for row, text in enumerate((title, help_text, signed), start=1):
        sheet.merge_cells(f"A{row}:{last}{row}")
        cell = sheet.cell(row, 1, text)
        cell.alignment = _LEFT
        cell.font = _font(14 if row == 1 else _SMALL, bold=row == 1)
    sheet.row_dimensions[1].height = 24
    sheet.row_dimensions[2].height = 28
    sheet.row_dimensions[3].height = 18
    chinese = _in_chinese()
    # English words are too long for a column of ticks: they stand upright.
    sheet.row_dimensions[_HEADING_ROW].height = 44 if chinese else 78
    for number, key in enumerate(keys, start=1):
        cell = sheet.cell(_HEADING_ROW, number, _heading(key, season))
        cell.font, cell.fill, cell.border = _font(_SMALL, bold=True), _HEAD, _BOX
        narrow = key in MARK_HEADINGS or key == "irrigated"
        cell.alignment = _UPRIGHT if narrow and not chinese else _MIDDLE
        sheet.column_dimensions[get_column_letter(number)].width = _width(key)
    sheet.column_dimensions[get_column_letter(len(keys))].hidden = True
    sheet.freeze_panes = sheet.cell(_FIRST_ROW, 4)


def _heading(key: str, season: Season) -> str:
    """Words the reader of sheets knows in both languages, so never through the catalogue."""
    at = 0 if _in_chinese() else 1
    marks = {str(practice): words for practice, words in MARK_HEADINGS.items()}
    if words := marks.get(key) or PRINTED_HEADINGS.get(key):
        unit = season.cooperative.get_area_unit_display()
        return f"{words[at]} ({unit})" if key == "area" else words[at]
    column: Column = _BY_KEY.get(key, SHEET_KEY)
    return column.headings[0] if at == 0 else column.key.replace("_", " ")


def _in_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _font(size: int, *, bold: bool = False) -> Font:
    """Named, for a spreadsheet chooses a face of its own where none is."""
    return Font(name="Microsoft YaHei" if _in_chinese() else "Arial", size=size, bold=bold)


def _width(key: str) -> float:
    return _WIDTHS.get(key, _MARK_WIDTH)


def _row_height(values: dict[str, Any]) -> int:
    """High enough for the longest cell, as spreadsheets do not see to it for a set height."""
    lines = (math.ceil(_typed_width(text) / _width(key)) for key, text in values.items())
    return max(_ROW, max(lines) * _LINE)


def _typed_width(text: str) -> float:
    """In the units of column widths, which are digits of 11 points."""
    wide = sum(unicodedata.east_asian_width(mark) in "WF" for mark in text)
    return 1.75 * wide + 0.85 * (len(text) - wide)


def _write_line(
    sheet: Worksheet, row: int, keys: list[str], line: SheetLine, season: Season
) -> None:
    record = line.record
    values: dict[str, Any] = {
        "number": row - _FIRST_ROW + 1,
        "field_code": line.field.code,
        "name": line.field.name,
        "household": line.household,
        "area": line.area,
        "last": line.last,
        **dict.fromkeys(line.ticked, TICK),
        "crop": record.crop if record else "",
        "irrigated": (_("yes") if record.irrigated else _("no")) if record else "",
        "done_on": record.done_on if record else None,
        "note": record.note if record else "",
        SHEET_KEY.key: str(SheetKey(season.cooperative.code, season.code, line.field.code)),
    }
    font = _font(_SMALL)
    centred = {"number", "area", "irrigated", "done_on", *map(str, MARK_HEADINGS)}
    for number, key in enumerate(keys, start=1):
        cell = sheet.cell(row, number)
        value = values.get(key)
        cell.value = value if value != "" else None
        if isinstance(value, str):
            # A name that begins with = would else be a formula.
            cell.data_type = "s"
        to_fill = key in _TO_FILL or key in set(map(str, MARK_HEADINGS))
        cell.number_format = "yyyy-mm-dd" if key == "done_on" else _TEXT
        cell.protection = Protection(locked=not to_fill)
        cell.border, cell.font = _BOX, font
        cell.alignment = _MIDDLE if key in centred else _LEFT
        if not to_fill:
            cell.fill = _LOCKED
    told = {key: str(values[key]) for key in ("name", "household", "last", "note")}
    sheet.row_dimensions[row].height = _row_height(told)


def _add_choices(workbook: Workbook, sheet: Worksheet, keys: list[str], last_row: int) -> None:
    """Drop-down lists; a crop that is not in the list may be typed all the same."""
    lists = workbook.create_sheet("lists")
    lists.sheet_state = "hidden"
    at = 0 if _in_chinese() else 1
    crops = [names[at] for names in usual_crops()]
    for row, crop in enumerate(crops, start=1):
        lists.cell(row, 1, crop)
    ticks = DataValidation(type="list", formula1=f'"{TICK}"', allow_blank=True)
    ticks.error = _("Choose ✓ or leave the cell empty.")
    answers = DataValidation(type="list", formula1=f'"{_("yes")},{_("no")}"', allow_blank=True)
    named = DataValidation(
        type="list",
        formula1=f"lists!$A$1:$A${len(crops)}",
        allow_blank=True,
        showErrorMessage=False,
    )
    marks = [get_column_letter(n) for n, key in enumerate(keys, start=1) if key in MARK_HEADINGS]
    ticks.add(f"{marks[0]}{_FIRST_ROW}:{marks[-1]}{last_row}")
    for choices, key in ((answers, "irrigated"), (named, "crop")):
        letter = get_column_letter(keys.index(key) + 1)
        choices.add(f"{letter}{_FIRST_ROW}:{letter}{last_row}")
    for choices in (ticks, answers, named):
        sheet.add_data_validation(choices)


def _set_up_page(
    sheet: Worksheet, season: Season, village: Village, keys: list[str], last_row: int
) -> None:
    """A4 across, as wide as the page, headings on every page, plots locked against slips."""
    last = get_column_letter(len(keys) - 1)
    sheet.print_area = f"A1:{last}{last_row}"
    sheet.print_title_rows = f"{_HEADING_ROW}:{_HEADING_ROW}"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    # Headers stand between the edge and the table, which begins below them.
    margins.top = margins.bottom = 0.7
    margins.header = margins.footer = 0.35
    # An ampersand begins a command in headers.
    names = (str(season.cooperative), village.name, season.name or season.code)
    left, centre, right = (name.replace("&", "&&") for name in names)
    sheet.oddHeader.left.text, sheet.oddHeader.center.text = left, centre
    sheet.oddHeader.right.text = right
    sheet.oddFooter.center.text = "&P / &N"
    sheet.protection.sheet = True
    # A slip of the hand is kept out, a person who wants to is not: there is no password.
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.protection.autoFilter = sheet.protection.sort = False


def _villages_with_plots(season: Season) -> QuerySet[Village]:
    plots = _fields_of(season)
    return Village.objects.for_cooperative(season.cooperative).filter(
        pk__in=plots.order_by().values("village")
    )


def _fields_of(season: Season) -> FieldQuerySet:
    """Plots that exist in the season."""
    return Field.objects.for_cooperative(season.cooperative).filter(
        Q(starts_on=None) | Q(starts_on__lte=season.ends_on),
        Q(ends_on=None) | Q(ends_on__gte=season.starts_on),
    )


def _gather_lines(season: Season, village: Village) -> list[SheetLine]:
    fields = list(_fields_of(season).filter(village=village).with_area().order_by("code"))
    keys = {field.pk for field in fields}
    operators = operator_spans(keys, Period(season.starts_on, season.ends_on))
    households = _name_households(span[-1][0] for span in operators.values() if span)
    now = _records_of(season, village)
    before = _records_of(_season_before(season), village)
    unit = season.cooperative.area_unit
    lines = []
    for field in fields:
        held = operators.get(field.pk)
        records = now.get(field.pk, [])
        lines.append(
            SheetLine(
                field=field,
                household=households.get(held[-1][0], "") if held else "",
                area=str(m2_to(area, unit)) if (area := field.area_m2) is not None else "",
                last=_describe(before.get(field.pk, [])),
                ticked=frozenset(record.practice for record in records),
                record=records[0] if records else None,
            )
        )
    # A household's plots stand together, as people think of them.
    return sorted(lines, key=lambda line: (line.household, line.field.code))


def _name_households(keys: Iterable[int]) -> dict[int, str]:
    wanted = set(keys)
    heads = Person.objects.filter(household__in=wanted, is_head=True)
    names = dict(heads.values_list("household_id", "name"))
    codes = Household.objects.filter(pk__in=wanted).values_list("pk", "code")
    return {key: f"{names.get(key, '')} {code}".strip() for key, code in codes}


def _season_before(season: Season) -> Season | None:
    earlier = Season.objects.for_cooperative(season.cooperative).filter(
        ends_on__lt=season.starts_on
    )
    found: Season | None = earlier.order_by("-ends_on", "-starts_on").first()
    return found


def _records_of(season: Season | None, village: Village) -> dict[int, list[PracticeRecord]]:
    found: dict[int, list[PracticeRecord]] = defaultdict(list)
    if season is not None:
        records = PracticeRecord.objects.confirmed().filter(season=season, field__village=village)
        for record in records.order_by("practice"):
            found[record.field_id].append(record)
    return found


def _describe(records: list[PracticeRecord]) -> str:
    words = [record.practice_label for record in records]
    crops = dict.fromkeys(record.crop for record in records if record.crop)
    return _(", ").join([*words, *crops])


def _file_name(season: Season, village: Village) -> str:
    return get_valid_filename(f"{season.code}_{village.name}_{village.code}.xlsx")
