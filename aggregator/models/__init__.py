"""Who: cooperatives, their people, staff, agreements, messages and the audit log."""

from aggregator.models.audit import AuditEvent, ImportRun
from aggregator.models.cooperative import Cooperative, User, Village
from aggregator.models.household import Agreement, Household, Membership, PayeeAccount, Person
from aggregator.models.messages import OneTimeCode, OutboxMessage

__all__ = [
    "Agreement",
    "AuditEvent",
    "Cooperative",
    "Household",
    "ImportRun",
    "Membership",
    "OneTimeCode",
    "OutboxMessage",
    "PayeeAccount",
    "Person",
    "User",
    "Village",
]
