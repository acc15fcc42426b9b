"""What the land registry keeps beside its parcels: the ownership table CBDKXX, by contract CBHT.

Joined to the outlines by parcel code, under the registry's own column names (NY/T 2539-2016); reads
DBF, XLSX and CSV. Decides nothing: a parcel in several contracts keeps them all, and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyogrio
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pyogrio.errors import DataLayerError, DataSourceError, FieldError

from aggregator.files import FileDamaged, FileRefused
from aggregator.importing import RowError
from aggregator.sealed_files import private_folder
from aggregator.tabular import Column, heading_key, read_table
from farms.dbf_cuts import Cut, drop_halves
from farms.layer import Layer, NotText, as_text

OWNERSHIP, CONTRACTS = "CBDKXX", "CBHT"
TABLE_FILES = (".dbf", ".xlsx", ".csv", ".txt")
OWNERSHIP_COLUMNS = (
    Column("DKBM", ("地块编码", "地块代码"), required=True, code=True),
    Column("CBFBM", ("承包方编码", "承包方代码"), required=True, code=True),
    Column("CBHTBM", ("承包合同编码", "承包合同代码"), code=True),
    Column("CBJYQQDFS", ("承包经营权取得方式",), code=True),
    Column("LZHTBM", ("流转合同编码", "流转合同代码"), code=True),
    Column("HTMJ", ("合同面积", "合同面积(平方米)", "合同面积（平方米）")),
    Column("HTMJM", ("合同面积(亩)", "合同面积（亩）")),
    Column("SFQQQG", ("是否确权确股",)),
)
CONTRACT_COLUMNS = (
    Column("CBHTBM", ("承包合同编码", "承包合同代码"), required=True, code=True),
    Column("CBQXQ", ("承包期限起",)),
    Column("CBQXZ", ("承包期限止",)),
)
_PARCEL_HEADINGS = {heading_key(name) for name in ("DKBM", "地块编码", "地块代码")}


class TableRefused(FileRefused):
    code = "ownership_refused"
    message = gettext_lazy("In the table %(table)s: %(reason)s")


class NoParcelCode(FileRefused):
    code = "no_parcel_code"
    message = gettext_lazy(
        "The zip holds the table %(table)s, but the layer has no column DKBM to join it by."
    )


def join_ownership(layer: Layer, parts: Sequence[Path]) -> None:
    """Add contractor, contract area and days to the parcels, where the zip brings the tables.

    A row's own value stays. The column CBDKXX says in which contracts the parcel is: ``0``, or
    their codes with who holds them.

    Raises:
        FileRefused: a table cannot be read, or there is nothing to join it by.
    """
    found = _find_tables(parts, OWNERSHIP)
    if not found:
        return
    heading = next((h for h in layer.headings if heading_key(h) in _PARCEL_HEADINGS), None)
    if heading is None:
        raise NoParcelCode(table=found[0].name)
    terms = {
        row["CBHTBM"]: {"CBQXQ": row["CBQXQ"], "CBQXZ": row["CBQXZ"]}
        for path in _find_tables(parts, CONTRACTS)
        for row in _read_rows(path, CONTRACT_COLUMNS)
    }
    claims: defaultdict[str, list[Mapping[str, str]]] = defaultdict(list)
    for path in found:
        for row in _read_rows(path, OWNERSHIP_COLUMNS):
            if row not in claims[row["DKBM"]]:
                claims[row["DKBM"]].append(row)
    for parcel in layer.rows:
        held = claims.pop(parcel.get(heading, ""), [])
        _add(parcel, {OWNERSHIP: _list_contracts(held)})
        if len(held) == 1:
            _add(parcel, {**held[0], **terms.get(held[0]["CBHTBM"], {})})
    layer.headings[:] = list(dict.fromkeys(name for row in layer.rows for name in row))
    if claims:
        reason = _("%(count)d parcels of this table are not in the layer, such as %(code)s.")
        said = reason % {"count": len(claims), "code": min(claims)}
        layer.notes.append(RowError(None, OWNERSHIP, said, code="parcels_not_drawn"))


def read_dbf(path: Path, cpg: Path | None = None) -> list[dict[str, str]]:
    """The rows of a .dbf as text, in the alphabet that it is really written in."""
    try:
        with private_folder() as folder:
            whole, _cuts = drop_halves(path.read_bytes())
            copy = Path(folder) / "table.dbf"
            copy.write_bytes(whole)
            _meta, table = pyogrio.read_arrow(
                copy, read_geometry=False, encoding=dbf_encoding(copy, cpg)
            )
        columns = {name: table.column(name).to_pylist() for name in table.column_names}
    except (DataSourceError, DataLayerError, FieldError, OverflowError, ValueError) as error:
        raise FileDamaged from error
    except LookupError as error:
        raise NotText from error
    return [
        dict(zip(columns, map(as_text, values), strict=True))
        for values in zip(*columns.values(), strict=True)
    ]


def dbf_encoding(path: Path, cpg: Path | None) -> str:
    """The alphabet of a .dbf: UTF-8 if all of it is, else GB18030, which contains GBK.

    The bytes are asked before the .cpg, which map programs often write wrongly.
    """
    data = path.read_bytes()
    for encoding in ("utf-8", "gb18030"):
        try:
            data[int.from_bytes(data[8:10], "little") :].decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding.upper()
    said = cpg.read_bytes().decode("ascii", "ignore").strip() if cpg else ""
    if not said:
        raise NotText
    return said


def note_cuts(cuts: Sequence[Cut]) -> list[RowError]:
    """That half a character was dropped, by row and column."""
    reason = _("The column is too narrow: half a character at its end is dropped.")
    return [RowError(cut.row, cut.column, reason, cut.text, "cut_value") for cut in cuts]


def _find_tables(parts: Sequence[Path], name: str) -> list[Path]:
    return sorted(
        part
        for part in parts
        if part.stem.upper().startswith(name) and part.suffix.lower() in TABLE_FILES
    )


def _read_rows(path: Path, columns: Sequence[Column]) -> Iterable[dict[str, str]]:
    try:
        rows = _read_dbf_rows(path) if path.suffix.lower() == ".dbf" else _read_sheet(path, columns)
    except FileRefused as refusal:
        raise TableRefused(table=path.name, reason=str(refusal)) from refusal
    missing = [c.key for c in columns if c.required and rows and c.key not in rows[0]]
    if missing:
        reason = _("These columns are missing: %(columns)s.") % {"columns": ", ".join(missing)}
        raise TableRefused(table=path.name, reason=reason)
    return [{c.key: row.get(c.key, "") for c in columns} for row in rows]


def _read_dbf_rows(path: Path) -> list[dict[str, str]]:
    cpg = next((p for p in path.parent.glob("*.[cC][pP][gG]") if p.stem == path.stem), None)
    return [{name.upper(): text for name, text in row.items()} for row in read_dbf(path, cpg)]


def _read_sheet(path: Path, columns: Sequence[Column]) -> list[dict[str, str]]:
    table = read_table(path, columns)
    if table.errors:
        first = table.errors[0]
        reason = _("Row %(row)d: %(reason)s") % {"row": first.row or 0, "reason": first.reason}
        raise TableRefused(table=path.name, reason=reason)
    return [{key: row.cells.get(key, "") for key in table.columns} for row in table.rows]


def _list_contracts(held: Sequence[Mapping[str, str]]) -> str:
    """``0``, or ``350627…0001J (350627…0001), …``: each contract with its contractor."""
    if not held:
        return "0"
    return ", ".join(f"{row['CBHTBM'] or '-'} ({row['CBFBM']})" for row in held)


def _add(parcel: dict[str, str], values: Mapping[str, str]) -> None:
    own = {heading_key(name) for name, text in parcel.items() if text}
    for name, text in values.items():
        if heading_key(name) not in own:
            # The empty column of the layer itself may be written in another case.
            mine = next((h for h in parcel if heading_key(h) == heading_key(name)), name)
            parcel[mine] = text
