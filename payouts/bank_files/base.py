"""What a payment file holds, and what a format must be able to do; knows no models."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

HEADERS = [
    "序号 Line",
    "收款人 Payee",
    "账号 Account number",
    "开户行 Bank",
    "金额 Amount",
    "币种 Currency",
    "附言 Reference",
]
TOTAL = "合计 Total"


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One payment; `amount` is a decimal string in major units, `reference` finds it again."""

    position: int
    payee_name: str
    account_number: str
    bank_name: str
    amount: str
    currency: str
    reference: str


@dataclass(frozen=True, slots=True)
class PaymentList:
    """All that a bank is told, with the control totals that it compares."""

    lines: Sequence[PaymentLine]
    count: int
    total: str
    currency: str


class BankFileFormat(Protocol):
    """One way to write a payment list. Same list, same rows; no cell may be taken as a formula."""

    extension: str
    content_type: str

    def write(self, payments: PaymentList) -> bytes: ...


def table_of(payments: PaymentList) -> list[list[str]]:
    """Header, lines and the row of control totals, all as text."""
    rows = [
        [
            str(line.position),
            clean_text(line.payee_name),
            clean_text(line.account_number),
            clean_text(line.bank_name),
            line.amount,
            line.currency,
            clean_text(line.reference),
        ]
        for line in payments.lines
    ]
    totals = [TOTAL, str(payments.count), "", "", payments.total, payments.currency, ""]
    return [HEADERS, *rows, totals]


def clean_text(text: str) -> str:
    """`text` without control characters and line breaks, which would break a row in two."""
    return "".join(
        character for character in text if unicodedata.category(character) not in ("Cc", "Zl", "Zp")
    ).strip()
