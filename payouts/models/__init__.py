"""Money out: receipts, rules, settlements and shares, the ledger, statements, payments."""

from payouts.models.ledger import Account, JournalEntry, Posting
from payouts.models.payment import BankFile, Payment, PaymentBatch
from payouts.models.receipt import Receipt, WaterfallRule
from payouts.models.settlement import Settlement, SettlementLine, Share
from payouts.models.statement import Statement, StatementCounter, StatementPdf, VillageDocument

__all__ = [
    "Account",
    "BankFile",
    "JournalEntry",
    "Payment",
    "PaymentBatch",
    "Posting",
    "Receipt",
    "Settlement",
    "SettlementLine",
    "Share",
    "Statement",
    "StatementCounter",
    "StatementPdf",
    "VillageDocument",
    "WaterfallRule",
]
