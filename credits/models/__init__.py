"""Tonnes: projects and enrolments, monitoring, verification, issuance, lots sold."""

from credits.models.issuance import Buyer, CreditBlock, Issuance, Lot
from credits.models.monitoring import FieldResult, MonitoringPeriod, QuantificationRun
from credits.models.project import Enrolment, EnrolmentSpan, Project
from credits.models.verification import SampledField, Verification

__all__ = [
    "Buyer",
    "CreditBlock",
    "Enrolment",
    "EnrolmentSpan",
    "FieldResult",
    "Issuance",
    "Lot",
    "MonitoringPeriod",
    "Project",
    "QuantificationRun",
    "SampledField",
    "Verification",
]
