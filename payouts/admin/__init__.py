"""Admin of the money: receipts, settlements, statements, payments, the books."""

from payouts.admin import (
    clawbacks,
    empty_states,
    ledger,
    payments,
    receipts,
    rule_proposals,
    settlements,
    statements,
)

__all__ = [
    "clawbacks",
    "empty_states",
    "ledger",
    "payments",
    "receipts",
    "rule_proposals",
    "settlements",
    "statements",
]
