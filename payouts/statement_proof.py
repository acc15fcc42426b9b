"""What proves a statement genuine: its public address, the QR code of it, and the page behind it.

Says nothing of the household, its plots or its names.
"""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

import segno
from django.conf import settings
from django.utils.translation import gettext as _

from aggregator.canonical import sha256_of
from aggregator.formats import format_day, named
from payouts.statement_text import Data, format_amount, full_number


def genuine_context(
    data: Data, *, number: str, sha256: str, replaced_on: date | None
) -> dict[str, Any]:
    """What the public page may say of a statement, in the active language; not whose it is."""
    if sha256_of(data) != sha256:
        # Changed data is neither shown nor relied on: it may lack any part.
        return {
            "state": "unknown",
            "verdict": _("Not to be trusted"),
            "sentence": _("What we keep of this statement has been changed. Ask the cooperative."),
            "number": number,
            "sha256": group_hash(sha256),
        }
    if replaced_on:
        state, verdict = "old", _("Replaced by a newer statement")
        sentence = _("It was genuine when issued. A corrected one took its place on %(day)s.")
        sentence %= {"day": format_day(replaced_on)}
    else:
        state, verdict = "", _("This is genuine")
        sentence = _("The cooperative issued this statement, and it stands.")
    return {
        "state": state,
        "verdict": verdict,
        "sentence": sentence,
        "number": full_number(data),
        "amount": format_amount(data, data["totals"]["net_minor"]),
        "cooperative": named(data["cooperative"], "name"),
        "issued_on": format_day(data["issued_on"]),
        "sha256": group_hash(sha256),
    }


def proof_context(token: str, sha256: str) -> dict[str, Any]:
    url = check_url(token)
    return {"url": url, "qr": qr_path(url), "sha256": group_hash(sha256)}


def check_url(token: str) -> str:
    """The public address that proves the statement with this token genuine."""
    return f"{settings.PUBLIC_URL}/check/{token}/"


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
