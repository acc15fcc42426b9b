"""The bank file of a batch: made once, kept encrypted, given out again as a copy.

Decides nothing about states; `payments.export_batch` does.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.money import Money
from payouts.bank_files.base import PaymentLine, PaymentList
from payouts.bank_files.registry import FORMATS
from payouts.models import BankFile, Payment, PaymentBatch


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A payment file as it is handed to a person; a copy is the same to the byte."""

    name: str
    content_type: str
    content: bytes
    sha256: str
    is_copy: bool


def make_file(batch: PaymentBatch, payments: Sequence[Payment]) -> str:
    """Write and keep the file of a batch; its SHA-256. The one file, whoever asks again."""
    bank_format = FORMATS[batch.file_format]
    content = bank_format.write(_payment_list(batch, payments))
    BankFile.objects.create(
        cooperative=batch.cooperative,
        batch=batch,
        name=f"{batch.cooperative.code}-{batch.number:04d}.{bank_format.extension}",
        content_type=bank_format.content_type,
        content=base64.b64encode(content).decode(),
    )
    return hashlib.sha256(content).hexdigest()


def read_file(batch: PaymentBatch, *, is_copy: bool) -> ExportedFile:
    """The kept file of an exported batch."""
    kept = BankFile.objects.get(batch=batch)
    return ExportedFile(
        name=kept.name,
        content_type=kept.content_type,
        content=base64.b64decode(kept.content),
        sha256=batch.file_sha256,
        is_copy=is_copy,
    )


def _payment_list(batch: PaymentBatch, payments: Sequence[Payment]) -> PaymentList:
    currency, code = batch.currency, batch.cooperative.code
    lines = [
        PaymentLine(
            position=position,
            payee_name=account.holder_name,
            account_number=account.number,
            bank_name=account.bank_name,
            amount=str(Money(payment.amount_minor, currency)),
            currency=currency,
            # By the batch's own line, so that the bank's answer finds the payment.
            reference=f"{code}-{batch.number}-{payment.position}",
        )
        for position, payment in enumerate(payments, start=1)
        if (account := payment.payee_account) is not None
    ]
    total = sum(payment.amount_minor for payment in payments)
    return PaymentList(lines, len(lines), str(Money(total, currency)), currency)
