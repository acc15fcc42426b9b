"""Admin of the money: receipts, settlements, statements, payments, the books."""

from payouts.admin import empty_states, ledger, payments, receipts, settlements, statements

__all__ = ["empty_states", "ledger", "payments", "receipts", "settlements", "statements"]
