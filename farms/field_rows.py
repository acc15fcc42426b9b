"""The features of a field layer, each checked by itself; the database is not asked here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator.files import FileRefused
from aggregator.importing import RowError
from aggregator.rows import RowReader, read_code, refuse_twins
from aggregator.tabular import Column, Row, eaten_reason, match_headings, require_headings
from aggregator.units import to_m2
from farms.geometry import GeometryFault, Outline, crs_label, read_outlines
from farms.layers import Layer
from farms.models import Field

# A shapefile cuts column names to ten letters, so those stumps are headings too.
COLUMNS = (
    Column("field_code", ("地块编码", "地块代码", "dkbm"), required=True, code=True),
    Column("field_name", ("地块名称", "dkmc")),
    Column("village_code", ("村编码", "村代码", "village_co"), code=True),
    Column("household_code", ("农户编码", "承包方编码", "cbfbm", "household_"), code=True),
    Column("operator_code", ("经营农户编码", "operator_c"), code=True),
    Column("tenure_starts_on", ("承包开始", "承包开始日期", "tenure_sta")),
    Column("tenure_ends_on", ("承包结束", "承包结束日期", "tenure_end")),
    Column("transfer_starts_on", ("流转开始", "流转开始日期", "transfer_s")),
    Column("transfer_ends_on", ("流转结束", "流转结束日期", "transfer_e")),
    Column("contract_area_mu", ("合同面积", "合同面积(亩)", "合同面积（亩）", "htmjm")),
    Column("contract_area_m2", ("合同面积(平方米)", "合同面积（平方米）", "htmj")),
    Column("land_class", ("地类",)),
    Column("basic_farmland", ("是否基本农田", "sfjbnt")),
)

# Parcel codes have 19 digits, GB/T 35958-2018. Other codes are the cooperative's own.
FIELD_CODE_DIGITS = 19
MAX_CONTRACT_M2 = 10**10

LAND_CLASSES = {
    "永久基本农田": Field.LandClass.PERMANENT_BASIC,
    "高标准农田": Field.LandClass.HIGH_STANDARD,
    "一般农田": Field.LandClass.GENERAL,
    "permanent_basic": Field.LandClass.PERMANENT_BASIC,
    "high_standard": Field.LandClass.HIGH_STANDARD,
    "general": Field.LandClass.GENERAL,
    "基本农田": Field.LandClass.PERMANENT_BASIC,
    "一般耕地": Field.LandClass.GENERAL,
}
# NY/T 2539-2016, 是否基本农田: 1 yes, 2 no.
BASIC_FARMLAND = {
    "1": Field.LandClass.PERMANENT_BASIC,
    "是": Field.LandClass.PERMANENT_BASIC,
    "2": Field.LandClass.GENERAL,
    "否": Field.LandClass.GENERAL,
}

FAULTS = {
    "empty": gettext_lazy("There is no outline. Draw the field, or take the row out."),
    "unreadable": gettext_lazy("The outline cannot be read. Draw the field again."),
    "not_finite": gettext_lazy("A corner of the outline is not a number. Draw the field again."),
    "not_polygon": gettext_lazy("This is not an area but a point or a line."),
    "many_parts": gettext_lazy("The outline has several parts. Give each its own field code."),
    "crosses_itself": gettext_lazy("The outline crosses itself at %(place)s. Move that corner."),
    "broken_rings": gettext_lazy(
        "The outline is broken at %(place)s: a hole lies outside it or touches another."
    ),
    "no_area": gettext_lazy("The outline encloses no area."),
    "off_earth": gettext_lazy(
        "The coordinates lie outside the earth. Check the coordinate system and the order x, y."
    ),
    "outside_crs": gettext_lazy(
        "The coordinates lie far from where this coordinate system is used. "
        "Check the zone and the order x, y."
    ),
    "too_large": gettext_lazy("The field would be larger than 100,000 ha. Check the units."),
}


class ColumnNotThere(FileRefused):
    code = "column_not_there"
    message = gettext_lazy("The layer has no column %(column)s. It has: %(columns)s.")


class ColumnNotKnown(FileRefused):
    code = "column_not_known"
    message = gettext_lazy("Fields have no %(column)s. They have: %(columns)s.")


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a field from when to when, and the columns that said so."""

    household_key: str
    starts_key: str
    ends_key: str
    household_code: str
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field as its feature says; empty text and None mean that it does not say."""

    reader: RowReader
    code: str
    name: str
    village_code: str
    contract: Holding
    transfer: Holding
    contract_area_m2: Decimal | None
    land_class: str | None
    outline: Outline | None

    @property
    def number(self) -> int:
        return self.reader.row.number


@dataclass(frozen=True, slots=True)
class FieldSheet:
    """A layer's features with its headings understood."""

    rows: list[FieldRow]
    errors: list[RowError]
    ignored: list[str]
    source_crs: str


def read_field_rows(
    layer: Layer, *, columns: Mapping[str, str], constants: Mapping[str, str]
) -> FieldSheet:
    """Every feature, and everything wrong with any of them.

    Args:
        layer: The features in the file's own words.
        columns: Our key to the layer's column name, where the layer has its own; ``fid`` is the
            feature's number.
        constants: Our key to one value for all features.
    """
    headings, ignored = _match_columns(layer, columns, constants)
    known = {column.key: column for column in COLUMNS}
    errors: list[RowError] = []
    outlines = read_outlines(layer.shapes, layer.crs)
    rows = []
    for at, (cells, outline) in enumerate(zip(layer.rows, outlines, strict=True)):
        texts = {key: cells.get(name, "") for key, name in headings.items()} | dict(constants)
        eaten = frozenset(key for key, text in texts.items() if eaten_reason(text))
        row = Row(layer.number(at), texts, eaten)
        reader = RowReader(row, known, headings, errors)
        for key in eaten:
            reader.refuse(key, eaten_reason(texts[key]))
        if isinstance(outline, GeometryFault) and at in layer.unreadable:
            rows.append(_read_row(reader, GeometryFault("unreadable")))
        else:
            rows.append(_read_row(reader, outline))
    refuse_twins([(row.reader, row.code) for row in rows], "field_code")
    return FieldSheet(rows, errors, ignored, crs_label(layer.crs))


def _match_columns(
    layer: Layer, columns: Mapping[str, str], constants: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Our keys with the layer's column names, and the columns of the layer nobody asked for."""
    keys = {column.key for column in COLUMNS}
    for key in (*columns, *constants):
        if key not in keys:
            raise ColumnNotKnown(column=key, columns=", ".join(sorted(keys)))
    for name in columns.values():
        if name not in layer.headings:
            raise ColumnNotThere(column=name, columns=", ".join(layer.headings))
    free = [name for name in layer.headings if name not in columns.values() and name != "fid"]
    unsaid = [c for c in COLUMNS if c.key not in columns and c.key not in constants]
    found, ignored = match_headings(free, unsaid)
    require_headings(found.values(), unsaid)
    return {column.key: free[at] for at, column in found.items()} | dict(columns), ignored


def _read_row(reader: RowReader, outline: Outline | GeometryFault) -> FieldRow:
    if isinstance(outline, GeometryFault):
        reason = str(FAULTS[outline.code]) % {"place": outline.place}
        reader.refuse_whole(_("boundary"), reason)
    code = read_code(reader, "field_code", digits=FIELD_CODE_DIGITS, most=40)
    land_class = reader.choice("land_class", LAND_CLASSES)
    basic = reader.choice("basic_farmland", BASIC_FARMLAND)
    return FieldRow(
        reader=reader,
        code=code,
        name=reader.text("field_name"),
        village_code=reader.code("village_code"),
        contract=_read_holding(reader, "household_code", "tenure"),
        transfer=_read_holding(reader, "operator_code", "transfer"),
        contract_area_m2=_read_contract_area(reader),
        land_class=land_class or basic,
        outline=outline if isinstance(outline, Outline) else None,
    )


def _read_contract_area(reader: RowReader) -> Decimal | None:
    key, unit = "contract_area_m2", "m2"
    given, mu = reader.area(key), reader.area("contract_area_mu")
    if given is None:
        key, unit, given = "contract_area_mu", "mu", mu
    area_m2 = to_m2(given, unit) if given is not None else None
    if area_m2 is not None and not 0 < area_m2 < MAX_CONTRACT_M2:
        reader.refuse(key, _("An area is larger than 0, and smaller than a province."))
        return None
    return area_m2


def _read_holding(reader: RowReader, household_key: str, prefix: str) -> Holding:
    starts_key, ends_key = f"{prefix}_starts_on", f"{prefix}_ends_on"
    starts, ends = reader.day(starts_key), reader.day(ends_key)
    reader.check_order(starts_key, starts, ends_key, ends)
    return Holding(household_key, starts_key, ends_key, reader.code(household_key), starts, ends)
