"""No bytes fed to an importer do anything but come in cleanly or be refused with a reason.

Two kinds of bytes: any at all, and sound files of every format with bytes changed, cut out, doubled
or swapped between formats. The seed is printed; `HYPOTHESIS_SEED` repeats a run.
"""

from __future__ import annotations

import io
import os
import random
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.db import transaction
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from aggregator.household_import import import_households
from aggregator.importing import ImportReport
from aggregator.models import AuditEvent, ImportRun
from farms.field_import import import_fields
from farms.models import Season
from farms.practice_import import import_practices
from tests.aggregator.sheets import household, write_csv, write_households, write_xlsx
from tests.cast import Cast
from tests.farms.layer_files import (
    field,
    kml_placemark,
    kml_text,
    square,
    write_geojson,
    write_geoparquet,
    write_ogr,
    zip_shapefile,
)

IMPORTERS: dict[str, Callable[..., ImportReport]] = {
    "households": import_households,
    "fields": import_fields,
    "practices": import_practices,
}
# What a refusal may leave behind: that it was tried, when and by whom.
_TRACES = (ImportRun, AuditEvent)
SEED = int(os.environ.get("HYPOTHESIS_SEED") or random.SystemRandom().randrange(2**32))
QUICK, DEEP = 12, 1500


class _Refused(Exception):
    """Rolls an accepted import back, so that every example meets the same record."""


def sound_files(folder: Path) -> dict[str, bytes]:
    rows = [(field(f"P{n}", field_name="河边田"), square(n)) for n in range(3)]
    practice = [["field_code", "season", "practice"], ["F001", "2024", "no_till"]]
    kml = kml_text(*(kml_placemark(row, shape) for row, shape in rows))
    files = [
        write_geojson(folder / "a.geojson", rows),
        write_ogr(folder / "a.gpkg", rows),
        write_geoparquet(folder / "a.parquet", rows, crs="EPSG:4490"),
        zip_shapefile(write_ogr(folder / "b.shp", rows, encoding="GBK")),
        write_households(folder / "h.csv", household(1), household(2)),
        write_xlsx(folder / "h.xlsx", [list(household(1)), list(household(1).values())]),
        write_csv(folder / "p.csv", practice),
        write_xlsx(folder / "p.xlsx", practice),
    ]
    found = {path.name: path.read_bytes() for path in files}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("doc.kml", kml)
        archive.writestr("inner.zip", found["b.zip"])
    return found | {"a.kml": kml.encode(), "a.kmz": packed.getvalue()}


def damage(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """The file with a few accidents; now and then a zip is damaged inside and packed again."""
    if data.startswith(b"PK") and dice.random() < 0.5:
        return _damage_member(data, other, dice)
    damaged = bytearray(data)
    for _accident in range(dice.randint(1, 4)):
        at = dice.randrange(len(damaged) or 1)
        end = at + dice.randint(1, 40)
        match dice.randrange(5):
            case 0:
                damaged[at:end] = dice.randbytes(min(4, end - at))
            case 1:
                del damaged[at:end]
            case 2:
                damaged[at:at] = damaged[at:end]
            case 3:
                damaged[at:end] = other[at:end]
            case _:
                del damaged[at:]
    return bytes(damaged)


def _damage_member(data: bytes, other: bytes, dice: random.Random) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(packed, "w") as target:
        unlucky = dice.choice(source.namelist())
        for name in source.namelist():
            member = source.read(name)
            hit = name == unlucky and not member.startswith(b"PK")
            target.writestr(name, damage(member, other, dice) if hit else member)
    return packed.getvalue()


def count_rows() -> dict[str, int]:
    models = [m for m in apps.get_models() if m._meta.app_label in ("aggregator", "farms")]
    return {m.__name__: m._default_manager.count() for m in models if m not in _TRACES}


@pytest.fixture
def sound(tmp_path: Path, sunrise: Cast) -> dict[str, bytes]:
    print(f"seed {SEED}")
    Season.objects.create(
        cooperative=sunrise.cooperative,
        code="2024",
        starts_on=date(2024, 1, 1),
        ends_on=date(2024, 12, 31),
    )
    return sound_files(tmp_path)


def bring_in(cast: Cast, kind: str, data: bytes) -> None:
    """One import, and what must hold of it whatever the bytes are."""
    before = count_rows()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data)
        try:
            with transaction.atomic():
                report = IMPORTERS[kind](path, cooperative=cast.cooperative, by=cast.operator)
                assert report.refused == bool(report.errors)
                assert all(error.reason.strip() for error in report.errors)
                if report.refused:
                    assert count_rows() == before
                raise _Refused
        except _Refused:
            pass
    assert count_rows() == before


def run_any(cast: Cast, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, database=None, derandomize=False)
    @given(kind=st.sampled_from(sorted(IMPORTERS)), data=st.binary(max_size=600))
    def every_byte_string(kind: str, data: bytes) -> None:
        bring_in(cast, kind, data)

    seed(SEED)(every_byte_string)()


def run_damaged(cast: Cast, files: dict[str, bytes], examples: int) -> None:
    names = sorted(files)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(
        kind=st.sampled_from(sorted(IMPORTERS)),
        name=st.sampled_from(names),
        other=st.sampled_from(names),
        accident=st.integers(0, 2**32),
    )
    def every_damaged_file(kind: str, name: str, other: str, accident: int) -> None:
        data = damage(files[name], files[other], random.Random(accident))
        bring_in(cast, kind, data)

    seed(SEED)(every_damaged_file)()


def test_sound_files_come_in(sunrise: Cast, sound: dict[str, bytes], tmp_path: Path) -> None:
    kinds = {"a": "fields", "b": "fields", "h": "households", "p": "practices"}
    for name, data in sound.items():
        path = tmp_path / f"sound-{name}"
        path.write_bytes(data)
        who = {"cooperative": sunrise.cooperative, "by": sunrise.operator}
        assert IMPORTERS[kinds[name[0]]](path, **who).errors == [], name


def test_any_bytes_are_refused_or_come_in(sunrise: Cast, sound: dict[str, bytes]) -> None:
    run_any(sunrise, QUICK * 2)


def test_damaged_files_are_refused_or_come_in(sunrise: Cast, sound: dict[str, bytes]) -> None:
    run_damaged(sunrise, sound, QUICK * 4)


@pytest.mark.slow
def test_many_bytes_and_many_damaged_files(sunrise: Cast, sound: dict[str, bytes]) -> None:
    run_any(sunrise, DEEP // 5)
    run_damaged(sunrise, sound, DEEP)
