"""Who: cooperatives, their people, staff, agreements, messages and the audit log."""

from aggregator.models.agreement import Agreement, AgreementTemplate
from aggregator.models.audit import AuditEvent, ImportRun
from aggregator.models.change import RecordChange
from aggregator.models.cooperative import Cooperative, User, Village
from aggregator.models.household import Household, Membership, PayeeAccount, Person
from aggregator.models.kinship import DuplicatePair, Succession
from aggregator.models.list_file import ListFile
from aggregator.models.messages import OneTimeCode, OutboxMessage
from aggregator.models.upload import ColumnMatch, Upload, UploadRow

__all__ = [
    "Agreement",
    "AgreementTemplate",
    "AuditEvent",
    "ColumnMatch",
    "Cooperative",
    "DuplicatePair",
    "Household",
    "ImportRun",
    "ListFile",
    "Membership",
    "OneTimeCode",
    "OutboxMessage",
    "PayeeAccount",
    "Person",
    "RecordChange",
    "Succession",
    "Upload",
    "UploadRow",
    "User",
    "Village",
]
