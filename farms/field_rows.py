"""The features of a field layer, each checked by itself; the database is not asked here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator.files import FileRefused
from aggregator.importing import RowError
from aggregator.rows import RowReader, read_code, refuse_twins
from aggregator.tabular import Row, eaten_reason
from aggregator.units import to_m2
from farms.field_columns import (
    BASIC_FARMLAND,
    COLUMNS,
    CROPPING,
    FIELD_CODE_DIGITS,
    LAND_CLASSES,
    LAND_USES,
    OBTAINED_BY,
    OTHER_WAY,
    match_columns,
)
from farms.field_faults import say_doubt, say_fault
from farms.geometry import GeometryFault, Outline, crs_label, read_outlines
from farms.layer import Layer
from farms.offsets import MOVES_BACK, SYSTEMS
from farms.outline_doubts import find_doubts

# Called with how many rows are done and how many there are.
Progress = Callable[[int, int], None]

MAX_CONTRACT_M2 = 10**10
# Rows between two calls of a progress hook.
STEP = 500


class SystemNotKnown(FileRefused):
    code = "system_not_known"
    message = gettext_lazy("There is no way back from %(system)s. Known are: %(systems)s.")


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
    measured_area_m2: Decimal | None
    land_class: str | None
    outline: Outline | None
    origin: str = "import"

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
    notes: list[RowError] = field(default_factory=list)


def read_field_rows(
    layer: Layer,
    *,
    columns: Mapping[str, str],
    constants: Mapping[str, str],
    convert_from: str = "",
    on_progress: Progress | None = None,
) -> FieldSheet:
    """Every feature, and everything wrong with any of them.

    Args:
        layer: The features in the file's own words.
        columns: Our key to the layer's column name, where the layer has its own; ``fid`` is the
            feature's number.
        constants: Our key to one value for all features.
        convert_from: ``gcj02`` or ``bd09``, where the file is shifted and is to be moved back.
        on_progress: Told now and then how many features are done.

    Raises:
        FileRefused: the columns do not fit, or `convert_from` is no system we know.
    """
    if convert_from and convert_from not in MOVES_BACK:
        raise SystemNotKnown(system=convert_from, systems=", ".join(MOVES_BACK))
    headings, ignored = match_columns(layer, columns, constants)
    known = {column.key: column for column in COLUMNS}
    sheet = FieldSheet([], [], ignored, _label(layer, convert_from), [*layer.notes])
    outlines = read_outlines(layer.shapes, layer.crs, move_back=MOVES_BACK.get(convert_from))
    for at, (cells, outline) in enumerate(zip(layer.rows, outlines, strict=True)):
        texts = {key: cells.get(name, "") for key, name in headings.items()} | dict(constants)
        eaten = frozenset(key for key, text in texts.items() if eaten_reason(text))
        row = Row(layer.number(at), texts, eaten)
        reader = RowReader(row, known, headings, sheet.errors)
        for key in eaten:
            reader.refuse(key, eaten_reason(texts[key]))
        origin = _origin(layer, at, convert_from)
        sheet.rows.append(_read_row(reader, _judge(layer, at, outline), origin, sheet.notes))
        if on_progress and not (at + 1) % STEP:
            on_progress(at + 1, len(layer.rows))
    refuse_twins([(row.reader, row.code) for row in sheet.rows], "field_code")
    _note_doubts(sheet)
    return sheet


def _label(layer: Layer, convert_from: str) -> str:
    label = crs_label(layer.crs)
    return f"{label} {SYSTEMS[convert_from]}" if convert_from else label


def _origin(layer: Layer, at: int, convert_from: str) -> str:
    if at in layer.repaired:
        return "repair"
    return "back_conversion" if convert_from else "import"


def _judge(layer: Layer, at: int, outline: Outline | GeometryFault) -> Outline | GeometryFault:
    """The outline, unless what was read is not what the file says."""
    if at in layer.unreadable:
        return GeometryFault("unreadable")
    if at in layer.unclosed and isinstance(outline, Outline):
        return GeometryFault("unclosed")
    return outline


def _read_row(
    reader: RowReader, outline: Outline | GeometryFault, origin: str, notes: list[RowError]
) -> FieldRow:
    if isinstance(outline, GeometryFault):
        reader.refuse_whole(_("boundary"), say_fault(outline), code=outline.code)
    code = read_code(reader, "field_code", digits=FIELD_CODE_DIGITS, most=40)
    land_class = reader.choice("land_class", LAND_CLASSES)
    basic = reader.choice("basic_farmland", BASIC_FARMLAND)
    contract = _read_holding(reader, "household_code", "tenure")
    notes += _note_registry(reader, contract)
    return FieldRow(
        reader=reader,
        code=code,
        name=reader.text("field_name"),
        village_code=reader.code("village_code"),
        contract=contract,
        transfer=_read_holding(reader, "operator_code", "transfer"),
        contract_area_m2=_read_area(reader, "contract_area", ("m2", "mu")),
        measured_area_m2=_read_area(reader, "measured_area", ("m2", "mu", "ha")),
        land_class=land_class or basic,
        outline=outline if isinstance(outline, Outline) else None,
        origin=origin,
    )


def _read_area(reader: RowReader, name: str, units: Sequence[str]) -> Decimal | None:
    """The area in the first of these units that the row has."""
    given = {unit: reader.area(f"{name}_{unit}") for unit in units}
    unit = next((unit for unit, value in given.items() if value is not None), units[-1])
    value = given[unit]
    area_m2 = to_m2(value, unit) if value is not None else None
    if area_m2 is not None and not 0 < area_m2 < MAX_CONTRACT_M2:
        reader.refuse(f"{name}_{unit}", _("An area is larger than 0, and smaller than a province."))
        return None
    return area_m2


def _read_holding(reader: RowReader, household_key: str, prefix: str) -> Holding:
    starts_key, ends_key = f"{prefix}_starts_on", f"{prefix}_ends_on"
    starts, ends = reader.day(starts_key), reader.day(ends_key)
    reader.check_order(starts_key, starts, ends_key, ends)
    return Holding(household_key, starts_key, ends_key, reader.code(household_key), starts, ends)


def _note_registry(reader: RowReader, contract: Holding) -> list[RowError]:
    """What the land registry says of the parcel that a person should know."""
    notes = []

    def note(key: str, reason: str, code: str) -> None:
        text = reader.row.cells.get(key, "")
        notes.append(RowError(reader.row.number, reader.heading(key), reason, text, code))

    contracts = reader.text("contracts", most=2000)
    if contracts == "0":
        note("contracts", _("The parcel is in no contract of the ownership table."), "no_contract")
    elif ", " in contracts and not contract.household_code:
        reason = _("The parcel is in several contracts. Say in %(column)s who holds it.")
        said = reason % {"column": reader.heading("household_code")}
        reader.refuse("contracts", said, code="several_contracts")
    if reader.choice("obtained_by", OBTAINED_BY) == OTHER_WAY:
        reason = _("The right was obtained in another way (900). Check who holds it.")
        note("obtained_by", reason, "other_way")
    use = reader.choice("land_use", {code: code for code in LAND_USES})
    if use and use != CROPPING:
        reason = _("By the registry the land is used for %(use)s, not for crops.")
        note("land_use", reason % {"use": LAND_USES[use]}, "land_use")
    return notes


def _note_doubts(sheet: FieldSheet) -> None:
    drawn = [(row, row.outline) for row in sheet.rows if row.outline is not None]
    found = find_doubts([outline.polygon for _row, outline in drawn])
    for (row, outline), doubts in zip(drawn, found, strict=True):
        for doubt in doubts:
            reason = say_doubt(doubt, outline)
            sheet.notes.append(RowError(row.number, _("boundary"), reason, row.code, doubt.code))
