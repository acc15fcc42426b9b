"""A name that its column cuts in the middle of a character costs half a character, not the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from farms.dbf_cuts import Cut, drop_halves
from farms.layers import read_layer
from tests.farms.layer_files import square, write_ogr

LONG = "a" + "河" * 60


def table(*names: bytes, width: int = 6, code: bytes = b"1") -> bytes:
    """A .dbf with a name and a code beside it, written byte by byte (dBASE III)."""
    columns = ((b"NAME", width), (b"CODE", 1))
    head = b"".join(
        name.ljust(11, b"\0") + b"C" + bytes(4) + bytes([wide]) + bytes(15)
        for name, wide in columns
    )
    length = 32 + len(head) + 1
    counts = len(names).to_bytes(4, "little") + length.to_bytes(2, "little")
    start = b"\x03\x1a\x01\x01" + counts + (1 + width + 1).to_bytes(2, "little") + bytes(20)
    rows = b"".join(b" " + name.ljust(width) + code for name in names)
    return start + head + b"\r" + rows + b"\x1a"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_the_half_is_dropped_and_its_place_told(encoding: str) -> None:
    cut = "河田河".encode(encoding)[:5]
    kept = "河田" if encoding == "gbk" else "河"
    whole, cuts = drop_halves(table("田".encode(encoding), cut, width=5))
    assert cuts == [Cut(2, "NAME", kept)]
    assert whole == table("田".encode(encoding), kept.encode(encoding), width=5)


def test_a_half_is_found_though_it_makes_a_character_with_the_next_column() -> None:
    # 0xBA 0x41 is a character of GBK: read as one stream, the code would be swallowed.
    data = table("河田".encode("gbk") + b"\xba", width=5, code=b"A")
    whole, cuts = drop_halves(data)
    assert cuts == [Cut(1, "NAME", "河田")]
    assert whole.endswith(b" A\x1a")


@pytest.mark.parametrize(
    "data", [b"", bytes(40), table("河田".encode("gbk")), table(b"\xff\xff12"), table(b"plain")]
)
def test_all_else_stays_as_it_is(data: bytes) -> None:
    assert drop_halves(data) == (data, [])


def test_a_shapefile_with_such_a_name_is_read_and_says_so(tmp_path: Path) -> None:
    rows = [({"DKMC": name}, square(at)) for at, name in enumerate(("短", "b"))]
    path = write_ogr(tmp_path / "a.shp", rows, encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    dbf = path.with_suffix(".dbf")
    data = bytearray(dbf.read_bytes())
    header, width = (int.from_bytes(data[at : at + 2], "little") for at in (8, 10))
    # The second row's name fills its column, and half a character more.
    cut = LONG.encode("gbk")[: width - 1]
    assert len(cut) % 2 == 0
    data[header + width + 1 : header + 2 * width] = cut
    dbf.write_bytes(bytes(data))
    layer = read_layer(path)
    assert layer.rows[0]["DKMC"] == "短"
    assert layer.rows[1]["DKMC"] == "a" + "河" * ((width - 2) // 2)
    assert [(note.row, note.column, note.code) for note in layer.notes] == [
        (2, "DKMC", "cut_value")
    ]
