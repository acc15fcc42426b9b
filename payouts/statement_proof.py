"""What proves a statement genuine: its public address, the QR code of it, and the page behind it.

Says nothing of the household, its plots or its names.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from aggregator.canonical import sha256_of
from aggregator.formats import format_day, named
from aggregator.qr_codes import group_hash, qr_path
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
