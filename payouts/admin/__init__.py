"""Admin of the money: receipts, settlements, statements, payments, the books."""

from payouts.admin import ledger, payments, receipts, settlements, statements

__all__ = ["ledger", "payments", "receipts", "settlements", "statements"]
