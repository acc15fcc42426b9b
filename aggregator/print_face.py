"""The face that documents are printed in: a cut of the system's Chinese font, made once.

A PDF keeps a place for every glyph of the font it embeds, so the full font's 65,535 places cost
each file some 110 KB. The cut holds what they are written with; any other character is
still printed, from the full font.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Noto Sans CJK SC"
# A new name whenever the choice of characters below changes, so that an old cut is not used.
FILE_NAME = "print-1.otf"
# Used in names, but not among the 6,763 characters of GB 2312.
NAME_CHARACTERS = "喆堃镕玥珺昇祎翀甯旸赟頔禛淏璟垚犇骉燊韡"
SIGNS = "–—‘’“”•…−×÷₂›→·‧€£₫¥№²㎡"


class FontMissing(RuntimeError):
    """The system has no Chinese font: documents would be printed as empty boxes."""


def find_face() -> Path | None:
    """The prepared cut, if it has been made."""
    path = _path()
    return path if path.exists() else None


def prepare_face() -> Path:
    """Make the cut unless it is there; takes some ten seconds, once a machine.

    Raises:
        FontMissing: the system has no ``Noto Sans CJK SC``.
    """
    path = _path()
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    font = _cut(*_find_source())
    # Renamed into place whole: a process that is killed here leaves no half font to be used.
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".otf")
    os.close(handle)
    font.save(draft)
    Path(draft).replace(path)
    return path


def _path() -> Path:
    return Path(settings.VAR_DIR) / "fonts" / FILE_NAME


def _find_source() -> tuple[str, int]:
    """The file of the system's font, and its place in a collection."""
    pattern = "%{family[0]}\n%{file}\n%{index}"
    answer = subprocess.run(
        ["fc-match", "-f", pattern, FAMILY], capture_output=True, text=True, check=True
    )
    family, file, index = answer.stdout.split("\n")
    if family != FAMILY:
        raise FontMissing(f"{FAMILY} is not installed: apt-get install fonts-noto-cjk")
    return file, int(index)


def _cut(file: str, index: int) -> TTFont:
    options = Options()
    # Nothing is set upright or ligated here; the features would only draw more glyphs in.
    options.layout_features = []
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx"]
    options.hinting = False
    options.desubroutinize = True
    # Without a stamp of today's time: the same cut, and so the same PDFs, on every machine.
    font = TTFont(file, fontNumber=index, lazy=True, recalcTimestamp=False)
    cutter = Subsetter(options)
    cutter.populate(unicodes=[ord(character) for character in _characters()])
    cutter.subset(font)
    return font


def _characters() -> Iterator[str]:
    """Latin letters, GB 2312 (rows A1 to F7), and what the house adds."""
    yield from map(chr, range(0x20, 0x250))
    for row in range(0xA1, 0xF8):
        for place in range(0xA1, 0xFF):
            yield from bytes([row, place]).decode("gb2312", errors="ignore")
    yield from NAME_CHARACTERS + SIGNS
