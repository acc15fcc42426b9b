"""Households as a kind of uploaded file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from aggregator.household_import import HouseholdPlan
from aggregator.household_rows import COLUMNS, LANGUAGES
from aggregator.identity import read_account, read_identity, read_phone
from aggregator.importing import Plan
from aggregator.tabular import Column
from aggregator.upload_kinds import Draft, Findings, OpenedFile
from aggregator.upload_tables import make_table, open_table


class HouseholdUpload:
    """A spreadsheet with a household in each row."""

    columns: tuple[Column, ...] = COLUMNS

    def open(self, path: Path) -> OpenedFile:
        return open_table(path, COLUMNS)

    def looks(self, key: str, text: str) -> bool:
        look = _LOOKS.get(key)
        return look is not None and look(text)

    def plan(self, draft: Draft) -> Plan:
        return HouseholdPlan(make_table(draft, COLUMNS), draft.cooperative, by=draft.by)

    def look_over(self, _draft: Draft, _plan: Plan) -> Findings:
        return Findings()


def is_identity(text: str) -> bool:
    """Whether a text is a resident's number by its own check digit."""
    return len(text) == 18 and _passes(read_identity, text)


def _passes(read: Callable[[str], str], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _is_account(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9 ]{16,23}", text)) and not is_identity(text)


_LOOKS: dict[str, Callable[[str], bool]] = {
    "household_code": lambda text: bool(re.fullmatch(r"\d{18}", text)) and not is_identity(text),
    "identity_number": is_identity,
    "phone": lambda text: bool(re.fullmatch(r"1\d{10}", text)) and _passes(read_phone, text),
    "account_number": lambda text: _is_account(text) and _passes(read_account, text),
    "language": lambda text: text in LANGUAGES,
    "bank_name": lambda text: text.endswith(("银行", "信用社", "支行")),
}
