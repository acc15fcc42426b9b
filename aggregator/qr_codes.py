"""Addresses as QR codes, and hashes as an eye can compare them."""

from __future__ import annotations

from itertools import groupby

import segno


def qr_path(url: str) -> dict[str, str]:
    """The address as a QR code: its size in modules and one SVG path of the dark ones."""
    code = segno.make_qr(url, error="m")
    runs = []
    for y, row in enumerate(code.matrix_iter(border=2)):
        x = 0
        for dark, group in groupby(row):
            width = len(list(group))
            if dark:
                runs.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return {"size": str(code.symbol_size(border=2)[0]), "path": "".join(runs)}


def group_hash(sha256: str) -> str:
    """The hash in groups of eight, so that an eye can compare it."""
    return " ".join(sha256[start : start + 8] for start in range(0, len(sha256), 8))
