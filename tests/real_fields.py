"""Real plots of three countries, given to households made up for them, as files to import.

Each file keeps the format and the coordinate system it came in; only codes are added. Households
are numbered; the practices follow a rule: plot n was worked without tillage unless 4 divides n.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

PLOTS, HOUSEHOLDS = 100, 20


@dataclass(frozen=True)
class RealPlace:
    """A sample of real plots: where it is stored, the money and unit of land used there."""

    name: str
    currency: str
    area_unit: str
    write_fields: Callable[[Path, Path], Path]


def _code(number: int) -> str:
    return f"P{number:03d}"


def _household(number: int) -> str:
    return f"H{(number - 1) // (PLOTS // HOUSEHOLDS) + 1:02d}"


def _columns() -> dict[str, list[str]]:
    """Codes of the plots and of who holds them, five neighbouring plots a household."""
    numbers = range(1, PLOTS + 1)
    return {
        "DKBM": [_code(n) for n in numbers],
        "CBFBM": [_household(n) for n in numbers],
        "tenure_sta": ["2018-01-01" for _ in numbers],
    }


def write_japan(source: Path, folder: Path) -> Path:
    """GeoParquet in JGD2011, its own geometry column and metadata kept."""
    table = pq.read_table(source / "japan_fude_2024.parquet")
    for name, values in _columns().items():
        table = table.append_column(name, pa.array(values))
    path = folder / "japan.parquet"
    pq.write_table(table, path)
    return path


def write_vietnam(source: Path, folder: Path) -> Path:
    """GeoPackage in UTM zone 48N."""
    return _rewrite(source / "vietnam_ai4smallfarms.gpkg", folder / "vietnam.gpkg", "GPKG")


def write_burkina_faso(source: Path, folder: Path) -> Path:
    """A zipped shapefile in longitude and latitude."""
    shapefile = source / "jecam" / "BD_JECAM_CIRAD_2023_feb.shp"
    written = _rewrite(shapefile, folder / "jecam.shp", "ESRI Shapefile")
    path = folder / "jecam.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in folder.glob("jecam.*"):
            if part.suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
                archive.write(part, part.name)
    written.unlink()
    return path


def write_households(path: Path, *, country_code: str) -> Path:
    rows = [
        {
            "household_code": f"H{number:02d}",
            "village_code": "V1",
            "village_name": "One",
            "head_name": f"Head {number}",
            "language": "en",
            "member_since": "2020-01-01",
            "agreement_code": f"{country_code}-{number:02d}",
            "agreement_signed_on": "2020-01-01",
            "agreement_starts_on": "2020-01-01",
            "agreement_ends_on": "2029-12-31",
        }
        for number in range(1, HOUSEHOLDS + 1)
    ]
    return _write_csv(path, rows)


def write_practices(path: Path, *, season: str) -> Path:
    rows = [
        {"field_code": _code(number), "season": season, "practice": "no_till", "crop": "rice"}
        for number in range(1, PLOTS + 1)
        if number % 4
    ]
    return _write_csv(path, rows)


def _write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _rewrite(source: Path, target: Path, driver: str) -> Path:
    facts: dict[str, Any]
    facts, _fids, geometry, _data = pyogrio.raw.read(source)
    columns = _columns()
    pyogrio.raw.write(
        target,
        geometry=geometry,
        crs=facts["crs"],
        geometry_type="Polygon",
        driver=driver,
        fields=np.array(list(columns), object),
        field_data=[np.array(values, object) for values in columns.values()],
    )
    return target


PLACES = (
    RealPlace("japan", "JPY", "ha", write_japan),
    RealPlace("vietnam", "VND", "ha", write_vietnam),
    RealPlace("burkina-faso", "USD", "acre", write_burkina_faso),
)
