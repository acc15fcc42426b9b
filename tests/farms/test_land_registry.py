"""Land registry exports: parcels in GBK with the ownership table beside them in one zip."""

from __future__ import annotations

import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from django.utils import translation
from pyproj import Transformer

from aggregator.importing import ImportReport
from aggregator.models import Household, Village
from farms.field_import import import_fields
from farms.layers import read_layer
from farms.layers_registry import NoParcelCode, TableRefused
from farms.models import Field, Tenure
from tests.aggregator.sheets import write_csv, write_xlsx
from tests.cast import Cast
from tests.farms.layer_files import square, write_ogr

# Issuing party 35062710220301, its parcels 00001 to 00003, and its household 0001.
PARCELS = [f"350627102203010000{n}" for n in (1, 2, 3)]
HOLDER = "350627102203010001"
TABLE = [["DKBM", "CBFBM", "CBHTBM", "CBJYQQDFS", "HTMJM"]]


@pytest.fixture
def registered(sunrise: Cast) -> Cast:
    """Sunrise's first household under its registry code."""
    Household.objects.filter(pk=sunrise.households[0].pk).update(code=HOLDER)
    return sunrise


def write_dbf(path: Path, rows: list[list[str]], *, encoding: str = "GBK") -> Path:
    columns = [np.array(values, dtype=object) for values in zip(*rows[1:], strict=True)]
    pyogrio.raw.write(
        path, None, columns, rows[0], driver="ESRI Shapefile", encoding=encoding, geometry_type=None
    )
    path.with_suffix(".cpg").unlink(missing_ok=True)
    return path


def write_export(folder: Path, *tables: Path, **attributes: Any) -> Path:
    """A zip as the registry gives it: GBK without .cpg, in a folder, names in capitals."""
    to_zone = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True).transform
    rows = [
        (
            {"DKBM": code, "DKMC": "河边田", "SFJBNT": "1", "TDYT": "1", **attributes},
            shapely.transform(square(n), to_zone, interleaved=False),
        )
        for n, code in enumerate(PARCELS)
    ]
    write_ogr(folder / "DK3506272016.shp", rows, crs="EPSG:4549", encoding="GBK")
    write_ogr(folder / "JZD3506272016.shp", rows[:1], crs="EPSG:4549")
    target = folder / "export.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(folder.glob("*3506272016.*")):
            if part.suffix in (".shp", ".shx", ".dbf", ".prj"):
                archive.write(part, f"矢量数据/{part.stem}{part.suffix.upper()}")
        for table in tables:
            archive.write(table, f"权属数据/{table.name}")
        archive.writestr("__MACOSX/矢量数据/._DK3506272016.SHP", b"\0")
    return target


def bring_in(cast: Cast, path: Path, **constants: str) -> ImportReport:
    with translation.override("en"):
        return import_fields(
            path, cooperative=cast.cooperative, by=cast.operator, constants=constants
        )


def test_contractor_area_and_days_come_from_the_tables(registered: Cast, tmp_path: Path) -> None:
    contract = f"{HOLDER}J"
    owners = [[code, HOLDER, contract, "110", "15.00"] for code in PARCELS]
    path = write_export(
        tmp_path,
        write_dbf(tmp_path / "CBDKXX.dbf", TABLE + owners),
        write_csv(
            tmp_path / "CBHT.csv",
            [["CBHTBM", "CBQXQ", "CBQXZ"], [contract, "2018-01-01", "2047-12-31"]],
        ),
    )
    report = bring_in(registered, path)
    assert report.errors == []
    field = Field.objects.get(code=PARCELS[0])
    # 15 mu are 10,000 m².
    assert (field.name, field.contract_area_m2) == ("河边田", Decimal("10000.00"))
    assert field.land_class == "permanent_basic"
    tenure = Tenure.objects.get(field=field)
    assert (tenure.household.code, tenure.kind) == (HOLDER, "contract")
    assert (tenure.starts_on, tenure.ends_on) == (date(2018, 1, 1), date(2047, 12, 31))


@pytest.mark.parametrize("kind", ["gbk.dbf", "utf-8.dbf", "gb18030.csv", "xlsx"])
def test_the_table_may_be_of_any_kind(tmp_path: Path, kind: str) -> None:
    owners = [[code, HOLDER, "合同一", "110", "4.62"] for code in PARCELS]
    encoding, _, suffix = kind.rpartition(".")
    table = tmp_path / f"CBDKXX.{suffix}"
    if suffix == "dbf":
        write_dbf(table, TABLE + owners, encoding=encoding.upper())
    elif suffix == "csv":
        write_csv(table, TABLE + owners, encoding=encoding)
    else:
        write_xlsx(table, TABLE + owners)
    layer = read_layer(write_export(tmp_path, table))
    assert [row["CBFBM"] for row in layer.rows] == [HOLDER] * 3
    assert layer.rows[0]["CBDKXX"] == f"合同一 ({HOLDER})"
    assert layer.rows[0]["HTMJM"] == "4.62"


def test_several_contracts_and_none_are_told_each(registered: Cast, tmp_path: Path) -> None:
    other = "350627102203010002"
    owners = [
        [PARCELS[0], HOLDER, f"{HOLDER}J", "110", "15"],
        [PARCELS[1], HOLDER, f"{HOLDER}J", "110", "15"],
        [PARCELS[1], other, f"{other}J", "200", "15"],
        ["3506271022030100009", HOLDER, f"{HOLDER}J", "110", "15"],
    ]
    path = write_export(tmp_path, write_dbf(tmp_path / "CBDKXX.dbf", TABLE + owners))
    report = bring_in(registered, path, village_code="V1", tenure_starts_on="2018-01-01")
    (several,) = [error for error in report.errors if error.code == "several_contracts"]
    assert (several.row, several.column) == (2, "CBDKXX")
    said = "The parcel is in several contracts. Say in CBFBM who holds it."
    assert several.reason == said
    assert several.text == f"{HOLDER}J ({HOLDER}), {other}J ({other})"[:80] + "…"
    said = {note.code: (note.row, note.reason) for note in report.notes}
    assert said["no_contract"] == (3, "The parcel is in no contract of the ownership table.")
    assert said["parcels_not_drawn"] == (
        None,
        "1 parcels of this table are not in the layer, such as 3506271022030100009.",
    )


def test_what_the_layer_says_itself_prevails(registered: Cast, tmp_path: Path) -> None:
    owners = [[code, "350627102203010002", "x", "110", "15"] for code in PARCELS]
    path = write_export(tmp_path, write_dbf(tmp_path / "CBDKXX.dbf", TABLE + owners), CBFBM=HOLDER)
    assert [row["CBFBM"] for row in read_layer(path).rows] == [HOLDER] * 3


@pytest.mark.usefixtures("in_english")
def test_a_table_that_cannot_be_read_or_joined_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "CBDKXX.csv"
    write_csv(broken, [["DKBM", "NAME"], ["1", "2"]])
    with translation.override("en"), pytest.raises(TableRefused) as refusal:
        read_layer(write_export(tmp_path, broken))
    assert str(refusal.value) == (
        "In the table CBDKXX.csv: These columns are missing: CBFBM 承包方编码. "
        "Put their names into the heading row."
    )
    write_csv(broken, [*TABLE, ["1", "2", "3", "110", "5"]])
    write_ogr(tmp_path / "plots.shp", [({"ID": "1"}, square(0))])
    target = tmp_path / "plain.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for part in [*tmp_path.glob("plots.*"), broken]:
            archive.write(part, part.name)
    with pytest.raises(NoParcelCode):
        read_layer(target)


def test_the_village_of_a_new_parcel_is_that_of_its_code(registered: Cast, tmp_path: Path) -> None:
    path = write_export(tmp_path)
    assert "village" in bring_in(registered, path).errors[0].reason
    Village.objects.create(cooperative=registered.cooperative, code="350627102203", name="村")
    group = Village.objects.create(
        cooperative=registered.cooperative, code="35062710220301", name="组"
    )
    assert bring_in(registered, path).counts["created"] == 3
    assert set(Field.objects.filter(code__in=PARCELS).values_list("village", flat=True)) == {
        group.pk
    }


@pytest.mark.parametrize(
    ("attributes", "code", "reason"),
    [
        (
            {"TDYT": "2"},
            "land_use",
            "By the registry the land is used for forestry, not for crops.",
        ),
        (
            {"CBJYQQDFS": "900"},
            "other_way",
            "The right was obtained in another way (900). Check who holds it.",
        ),
    ],
)
def test_land_not_for_crops_and_other_ways_of_holding_are_noted(
    registered: Cast, tmp_path: Path, attributes: dict[str, str], code: str, reason: str
) -> None:
    report = bring_in(registered, write_export(tmp_path, **attributes), village_code="V1")
    assert report.errors == []
    assert {note.reason for note in report.notes if note.code == code} == {reason}
